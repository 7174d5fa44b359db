import { Skeleton } from '@mantine/core'
import { lazy, Suspense, useEffect } from 'react'
import type { SchemeView } from '../../../src/schemes/contract.ts'
import { ExerciseBanner } from '../../ui/alert/Exercise.tsx'
import { useMinute } from '../../ui/format/now.ts'
import { useText } from '../../ui/format/text.ts'
import { afterShown } from '../../ui/loading/afterShown.ts'
import { IncomingNotice } from '../relays/IncomingNotice.tsx'
import classes from './AlertRoom.module.css'
import { OpenAlerts, WaitingReports } from './desk/lists/Lists.tsx'
import { useTakeUp } from './desk/useTakeUp.ts'
import { dialogsPart } from './dialogsPart.ts'
import { useActs } from './order/acts.ts'
import { RoomDialogs } from './RoomDialogs.tsx'
import { RoomForm } from './RoomForm.tsx'
import { NEW } from './text/draft.ts'
import { useDecision } from './useDecision.ts'
import { useEnteredCall } from './useEnteredCall.ts'
import { useRoomDialog } from './useRoomDialog.ts'
import { useShortcuts } from './useShortcuts.ts'

// Below the lists, and nothing is entered with it.
const OnCallNow = lazy(() =>
  afterShown(() => import('../on-call/OnCallNow.tsx')).then((module) => ({ default: module.OnCallNow })),
)

// The form is there to type in before the map is.
const Consequences = lazy(() =>
  afterShown(() => import('./audience/Consequences.tsx')).then((module) => ({
    default: module.Consequences,
  })),
)

/** The alert room of a scheme that has loaded: what waits, the form of the entered call, and its consequences. */
export function Room(props: { scheme: SchemeView }) {
  const { t } = useText()
  const { scheme } = props
  // Until something is entered, the call is now: its hour is in the text and in the fields.
  useMinute()
  const dialogs = useRoomDialog()
  const { dialog, openDialog } = dialogs
  const call = useEnteredCall(scheme, dialog !== null)
  const { draft, desk } = call
  const acts = useActs({ scheme, call })
  const decision = useDecision({
    scheme,
    call,
    saveReport: acts.save,
    openDialog,
    focusSend: () => dialogs.sendButton.current?.focus(),
  })
  const takeUp = useTakeUp({
    scheme,
    desk,
    open: call.open,
    levelOf: (code) => call.place.categoryOf(code)?.level,
    onHeld: (held, by) => openDialog({ held, by }),
    onOpened: decision.forgetMissing,
  })
  useShortcuts({ scheme, call, send: decision.send, silent: dialog !== null })

  // Loaded while the call is being entered, so that they open at once.
  const begun = draft.calledAt !== null
  useEffect(() => {
    // If it fails, opening a dialog loads them again.
    if (begun) dialogsPart.load().catch(() => {})
  }, [begun])

  // The top bar is striped too.
  useEffect(() => {
    document.documentElement.toggleAttribute('data-exercise', draft.exercise)
    return () => document.documentElement.removeAttribute('data-exercise')
  }, [draft.exercise])

  return (
    <div className={classes.room} data-exercise={draft.exercise || undefined}>
      {draft.exercise && (
        <div className={classes.exercise}>
          <ExerciseBanner />
        </div>
      )}
      <aside className={`${classes.card} ${classes.lists}`} aria-label={t('room.lists')}>
        <IncomingNotice />
        <WaitingReports
          scheme={scheme}
          fresh={call.drafts[NEW]}
          current={call.current}
          onOpen={(report) => void takeUp(report)}
          onResume={call.resume}
        />
        <OpenAlerts schemeId={scheme.id} />
        <Suspense>
          <OnCallNow />
        </Suspense>
      </aside>
      <RoomForm
        scheme={scheme}
        call={call}
        decision={decision}
        authorise={acts.authorise}
        ask={acts.ask}
        onNewCall={() => void takeUp(null)}
        onOpen={(report) => void takeUp(report)}
        dialogs={dialogs}
      />
      <div className={`${classes.card} ${classes.side}`}>
        <Suspense fallback={<Skeleton height="100%" radius="lg" />}>
          <Consequences
            schemeId={scheme.id}
            call={call}
            audience={call.audience}
            parts={call.message.segments.parts.length}
            query={call.query}
          />
        </Suspense>
      </div>
      <RoomDialogs
        scheme={scheme}
        call={call}
        dialog={dialog}
        components={dialogs.components}
        acts={acts}
        onTaken={(report) => void takeUp(report, false, true)}
        onClose={dialogs.closeDialog}
      />
    </div>
  )
}
