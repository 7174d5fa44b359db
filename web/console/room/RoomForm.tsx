import { lazy, Suspense } from 'react'
import type { ReportView } from '../../../src/reports/contract.ts'
import type { SchemeView } from '../../../src/schemes/contract.ts'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import { CallStrips } from '../on-call/CallStrips.tsx'
import classes from './AlertRoom.module.css'
import { AudienceField } from './audience/AudienceField.tsx'
import { LineField } from './call/LineField.tsx'
import { RecordedFacts } from './call/RecordedFacts.tsx'
import { Facts } from './call/What.tsx'
import { DialogFailure } from './DialogFailure.tsx'
import { DeskNotices } from './desk/notices/DeskNotices.tsx'
import { DoctrineField } from './doctrine/DoctrineField.tsx'
import { FieldProblems } from './doctrine/FieldProblems.tsx'
import { LostOrders } from './order/LostOrders.tsx'
import { RoomBar } from './RoomBar.tsx'
import { MessageField } from './text/MessageField.tsx'
import type { Decision } from './useDecision.ts'
import type { EnteredCall } from './useEnteredCall.ts'
import type { useRoomDialog } from './useRoomDialog.ts'

// Needed once an area is chosen.
const CrossedNotice = lazy(() =>
  import('./audience/CrossedNotice.tsx').then((module) => ({ default: module.CrossedNotice })),
)

// Shown for a call whose alert was returned or rejected.
const ReturnedNote = lazy(() =>
  import('./desk/notices/ReturnedNote.tsx').then((module) => ({ default: module.ReturnedNote })),
)
const RejectedNote = lazy(() =>
  import('./desk/notices/ReturnedNote.tsx').then((module) => ({ default: module.RejectedNote })),
)

/** Lays out the form of the entered call: notices, facts, doctrine, message, audience, and the bar that decides. */
export function RoomForm(props: {
  scheme: SchemeView
  call: EnteredCall
  decision: Decision
  /** Records the prosecutor's authorisation for the draft as it is. */
  authorise: () => Promise<void>
  ask: () => Promise<void>
  onNewCall: () => void
  /** Opens a call that waits. */
  onOpen: (report: ReportView) => void
  dialogs: Pick<ReturnType<typeof useRoomDialog>, 'dialog' | 'failure' | 'sendButton' | 'refuseButton'>
}) {
  const { t } = useText()
  const { scheme, call, decision, dialogs } = props
  const { draft, current, change, message, doctrine, desk, place } = call
  const { failure } = dialogs
  return (
    <section className={`${classes.card} ${classes.form}`} aria-label={t('room.form')}>
      {draft.report === null && (
        <div className={classes.line}>
          <LineField
            scheme={scheme}
            draft={draft}
            understood={call.line.understood}
            onChange={call.line.setLine}
            onKey={(categoryCode) => place.pickCategory(categoryCode, { line: '' })}
            onDone={() => decision.goOn()}
          />
        </div>
      )}
      <div className={classes.fields}>
        <LostOrders
          schemeId={scheme.id}
          drafts={call.drafts}
          busy={dialogs.dialog === null ? null : current}
          settle={call.settle}
          drop={call.drop}
        />
        <Suspense>
          {draft.returned !== null && <ReturnedNote returned={draft.returned} />}
          {desk.rejection !== null && (
            <RejectedNote
              schemeId={scheme.id}
              rejection={desk.rejection}
              same={desk.repeatsRejected}
              change={change}
            />
          )}
        </Suspense>
        <DeskNotices
          desk={desk}
          reportId={draft.report?.id ?? null}
          mine={message.text}
          onTheirs={(alert) => draft.report !== null && call.open(draft.report, alert)}
          onLeave={call.clear}
          onOpen={props.onOpen}
          onDuplicate={() => decision.refuse('duplicate')}
        />
        {draft.report === null ? (
          <Facts
            scheme={scheme}
            draft={draft}
            change={call.line.changeByHand}
            pickCategory={place.pickCategory}
            pickCommune={place.pickCommune}
            erase={() => {
              call.clear()
              decision.forgetMissing()
            }}
          />
        ) : (
          <RecordedFacts report={draft.report} onLeave={props.onNewCall} />
        )}
        <DoctrineField
          scheme={scheme}
          draft={draft}
          doctrine={doctrine}
          described={call.described}
          change={change}
          authorise={props.authorise}
          ask={props.ask}
        />
        <MessageField
          message={message}
          sender={scheme.sender}
          guard={call.guard}
          saved={desk.saved}
          undoFix={call.fixes.undoFix}
          passing={call.passing}
          onFix={call.fixes.applyFix}
          onChange={(text) => change({ text })}
        />
        <FieldProblems problems={doctrine.problemsOf('text')} />
      </div>
      <div className={classes.audience}>
        <AudienceField
          scheme={scheme}
          draft={draft}
          query={call.query}
          onArea={place.chooseArea}
          onUndraw={place.showArea}
          onTrades={(trades) => change({ trades })}
        />
        <Suspense>
          {draft.area !== null && (
            <CrossedNotice
              schemeId={scheme.id}
              area={draft.area.area}
              relayTo={draft.relayTo}
              needsApproval={doctrine.needsApproval}
              onChange={(relayTo) => change({ relayTo })}
            />
          )}
        </Suspense>
        <FieldProblems problems={doctrine.problemsOf('other')} />
        {decision.saveFailure !== null && (
          <Failure error={decision.saveFailure.error} retry={() => void decision.save()} />
        )}
        {failure !== null && (
          <DialogFailure error={failure.error} retry={() => decision.reopen(failure.wanted)} />
        )}
      </div>
      <CallStrips />
      <RoomBar
        missing={decision.shownMissing}
        ready={call.missing.length === 0 ? call.reached : null}
        needsApproval={doctrine.needsApproval}
        exercise={draft.exercise}
        refuseButton={dialogs.refuseButton}
        sendButton={dialogs.sendButton}
        onRefuse={() => decision.refuse(null)}
        onSave={draft.report === null ? () => void decision.save() : null}
        saving={decision.isSaving}
        onSend={decision.send}
      />
    </section>
  )
}
