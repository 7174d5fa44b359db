import { type ComponentProps, lazy, Suspense } from 'react'
import type { ClaimView, RefusalCode, ReportView } from '../../../src/reports/contract.ts'
import type { SchemeView } from '../../../src/schemes/contract.ts'
import { useAtTime } from '../../ui/now.ts'
import { useCurrent } from '../shell/current.tsx'
import type { useActs } from './order/acts.ts'
import { isAnswerable } from './order/answerable.ts'
import { useWhileHere } from './order/useWhileHere.ts'
import type { Draft } from './text/draft.ts'
import { isOld } from './text/message.ts'

/** Loads what opens over the room, which is used so rarely that it is loaded on demand. */
export const loadDialogs = () => import('./dialogs.ts')
const ConfirmSheet = lazy(() => loadDialogs().then((module) => ({ default: module.ConfirmSheet })))
const TakeOverModal = lazy(() => loadDialogs().then((module) => ({ default: module.TakeOverModal })))
const SubmitSheet = lazy(() => loadDialogs().then((module) => ({ default: module.SubmitSheet })))
const RefuseModal = lazy(() => loadDialogs().then((module) => ({ default: module.RefuseModal })))

export type RoomDialog =
  | 'confirm'
  | 'submit'
  | { readonly refuse: RefusalCode | null }
  | { readonly held: ReportView; readonly by: ClaimView }
  | null

/** What both sheets show of the alert. */
type Reading = Omit<ComponentProps<typeof ConfirmSheet>, 'lateAfter' | 'isOld' | 'send' | 'onClose'>

/** The dialogs that open over the room. */
export function RoomDialogs(props: {
  scheme: SchemeView
  draft: Draft
  dialog: RoomDialog
  /** False: there is no area yet, so nothing can be sent. */
  reading: Reading | false
  isAuthorised: boolean
  acts: ReturnType<typeof useActs>
  claim: (reportId: string) => Promise<ReportView>
  onTaken: (report: ReportView) => void
  /** @param opener the button that gets the focus */
  onClose: (opener: 'send' | 'refuse' | null) => void
}) {
  const { may } = useCurrent()
  const { scheme, draft, dialog, reading, acts, onClose } = props
  const whileHere = useWhileHere()
  const old = useAtTime((now) => isOld(draft, scheme, now))
  return (
    <Suspense>
      {dialog === 'confirm' && reading && (
        <ConfirmSheet
          {...reading}
          lateAfter={scheme.doctrine.lateAfterMinutes}
          isOld={old}
          send={(seen, reason, doubt) => acts.send({ seen, reason }, whileHere(doubt))}
          onClose={() => onClose('send')}
        />
      )}
      {dialog === 'submit' && reading && (
        <SubmitSheet
          {...reading}
          unauthorised={draft.doctrine.level === 'precise' && !props.isAuthorised}
          submit={async (seen, doubt) => {
            await acts.submit(seen, whileHere(doubt))
            onClose('send')
          }}
          override={
            may('alert.override') && scheme.doctrine.emergencyOverride
              ? (alone, seen, doubt) => acts.send({ alone, seen }, whileHere(doubt))
              : null
          }
          onClose={() => onClose('send')}
        />
      )}
      {dialog !== null && typeof dialog === 'object' && 'held' in dialog && (
        <TakeOverModal
          report={dialog.held}
          claim={dialog.by}
          take={async () => {
            const { held } = dialog
            const report = await props.claim(held.id)
            onClose(null)
            props.onTaken(report)
          }}
          onClose={() => onClose(null)}
        />
      )}
      {dialog !== null && typeof dialog === 'object' && 'refuse' in dialog && (
        <RefuseModal
          scheme={scheme}
          answerable={isAnswerable(draft)}
          reason={dialog.refuse}
          refuse={async (decision) => {
            await acts.decline(decision)
            onClose('refuse')
          }}
          onClose={() => onClose('refuse')}
        />
      )}
    </Suspense>
  )
}
