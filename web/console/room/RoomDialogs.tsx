import { useQuery } from '@tanstack/react-query'
import type { ComponentProps } from 'react'
import type { ReportView } from '../../../src/reports/contract.ts'
import type { SchemeView } from '../../../src/schemes/contract.ts'
import { routesQuery } from '../../api/queries.ts'
import { useAtTime } from '../../ui/format/now.ts'
import { useText } from '../../ui/format/text.ts'
import { tradeNameOf } from '../../ui/format/trade.ts'
import { useCurrent } from '../shell/current.tsx'
import { isSendable } from '../shell/header/RouteStatus.tsx'
import type { Dialogs } from './dialogsPart.ts'
import { withOffence } from './doctrine/doctrine.ts'
import type { useActs } from './order/acts.ts'
import { isAnswerable } from './order/answerable.ts'
import { useWhileHere } from './order/useWhileHere.ts'
import { isOld } from './text/message.ts'
import type { EnteredCall } from './useEnteredCall.ts'
import type { RoomDialog } from './useRoomDialog.ts'

/** The parts of the entered call that the dialogs read or change. */
type Call = Pick<EnteredCall, 'draft' | 'change' | 'message' | 'audience' | 'doctrine' | 'desk'>

/** The properties of the alert that both sheets show. */
type Reading = Omit<ComponentProps<Dialogs['ConfirmSheet']>, 'lateAfter' | 'isOld' | 'send' | 'onClose'>

/** The dialogs that open over the room. */
export function RoomDialogs(props: {
  scheme: SchemeView
  call: Call
  dialog: RoomDialog | null
  components: Dialogs | null
  acts: ReturnType<typeof useActs>
  onTaken: (report: ReportView) => void
  /** @param opener the button that gets the focus */
  onClose: (opener: 'send' | 'refuse' | null) => void
}) {
  const { may } = useCurrent()
  const { scheme, call, dialog, components, acts, onClose } = props
  const { draft } = call
  const reading = useReading(scheme, call)
  const whileHere = useWhileHere()
  const old = useAtTime((now) => isOld(draft, scheme, now))
  if (dialog === null || components === null) return null
  const { ConfirmSheet, SubmitSheet, TakeOverModal, RefuseModal } = components
  return (
    <>
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
          unauthorised={draft.doctrine.level === 'precise' && !call.doctrine.authorised}
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
      {typeof dialog === 'object' && 'held' in dialog && (
        <TakeOverModal
          report={dialog.held}
          claim={dialog.by}
          take={async () => {
            const { held } = dialog
            const report = await call.desk.claim(held.id, true)
            onClose(null)
            props.onTaken(report)
          }}
          onClose={() => onClose(null)}
        />
      )}
      {typeof dialog === 'object' && 'refuse' in dialog && (
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
    </>
  )
}

/** Returns what the sheets show of the entered call; null without an area, since nothing can be sent yet. */
function useReading(scheme: SchemeView, call: Call): Reading | null {
  const { t, lang } = useText()
  const { draft, change, message, audience, doctrine, desk } = call
  const routes = useQuery(routesQuery(scheme.id)).data?.routes
  if (draft.area === null) return null
  return {
    area: draft.area,
    trades: draft.trades.map((code) => tradeNameOf(lang, scheme.trades, code)),
    audience,
    message,
    exercise: draft.exercise,
    sender: scheme.sender,
    routeDown: routes !== undefined && !isSendable(routes, draft.exercise),
    caution: desk.rejection !== null && desk.repeatsRejected ? t('rejected.again', desk.rejection) : null,
    unanswered: doctrine.unanswered,
    onOffence: () => change({ doctrine: withOffence(draft.doctrine, 'yes') }),
    near: desk.near,
    nearTicked: desk.nearTicked,
    onNearTick: (done) => change({ confirmedNear: done ? desk.near.map((one) => one.id) : [] }),
    cancelSeconds: scheme.doctrine.cancelWindowSeconds,
  }
}
