import { Skeleton, UnstyledButton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, memo, Suspense } from 'react'
import type { AlertView } from '../../../../../src/alerts/contract.ts'
import type { CallNote, ReportView } from '../../../../../src/reports/contract.ts'
import type { SchemeView } from '../../../../../src/schemes/contract.ts'
import { callNotesQuery, openAlertsQuery, waitingQuery } from '../../../../api/queries.ts'
import { Clock } from '../../../../ui/alert/Clock.tsx'
import { DeliveryBar } from '../../../../ui/alert/DeliveryBar.tsx'
import { ExerciseTag } from '../../../../ui/alert/Exercise.tsx'
import { whereOf } from '../../../../ui/format/event.ts'
import { communeNameOf } from '../../../../ui/format/format.ts'
import { useAtTime } from '../../../../ui/format/now.ts'
import { CategoryName } from '../../../../ui/format/severity.tsx'
import { useText } from '../../../../ui/format/text.ts'
import { Empty, Failure } from '../../../../ui/Notice.tsx'
import { StateTag } from '../../../../ui/StateTag.tsx'
import { holdsExpiry } from '../../../approval/mine/mine.ts'
import { useCurrent } from '../../../shell/current.tsx'
import { type Draft, isBlank } from '../../text/draft.ts'
import { ApprovalMark } from './ApprovalMark.tsx'
import classes from './Lists.module.css'

// Used so rarely that it is loaded on demand.
const CallDrafts = lazy(() => import('./CallDrafts.tsx').then((module) => ({ default: module.CallDrafts })))

/** Lists the calls that wait for a decision; the current one first. */
export function WaitingReports(props: {
  scheme: SchemeView
  /** The new call, if anything has been entered. */
  fresh: Draft | undefined
  current: string
  onOpen: (report: ReportView | null) => void
  /** Continues a call that was being entered in another tab or on another machine. */
  onResume: (note: CallNote) => void
}) {
  const { t } = useText()
  const { scheme, user } = useCurrent()
  const waiting = useQuery(waitingQuery(props.scheme.id))
  const { fresh } = props
  const notes = (useQuery(callNotesQuery(props.scheme.id)).data ?? []).filter(
    (note) => note.id !== fresh?.note?.id,
  )
  const begun = fresh !== undefined && !isBlank(fresh)
  const category = props.scheme.categories.find((one) => one.code === fresh?.categoryCode)
  const count = waiting.data?.length ?? 0
  return (
    <section className={classes.section} aria-labelledby="signalements">
      <h2 className={classes.head} id="signalements">
        {t('room.reports')} <span>{count}</span>
      </h2>
      {waiting.isError && <Failure error={waiting.error} retry={() => void waiting.refetch()} />}
      {waiting.isPending && <Skeleton height={56} mx={14} mb={14} w="auto" />}
      {count === 0 && !begun && waiting.isSuccess && (
        <div className={classes.empty}>
          <Empty small title={t('room.reports.none')}>
            {t('room.reports.none.hint')}
          </Empty>
        </div>
      )}
      <ul>
        {begun && (
          <li>
            <UnstyledButton
              className={classes.row}
              aria-current={props.current === 'new'}
              onClick={() => props.onOpen(null)}
            >
              <span className={classes.title}>
                {category === undefined ? t('room.newCall.untitled') : <CategoryName category={category} />}
                {fresh.calledAt !== null && <Clock since={fresh.calledAt} calm />}
              </span>
              <small>{[fresh.commune?.name, t('room.newCall.inProgress')].filter(Boolean).join(' · ')}</small>
            </UnstyledButton>
          </li>
        )}
        {waiting.data?.map((report) => (
          <li key={report.id}>
            <UnstyledButton
              className={classes.row}
              aria-current={props.current === report.id}
              onClick={() => props.onOpen(report)}
            >
              <span className={classes.title}>
                <CategoryName category={report.category} />
                {report.exercise && <ExerciseTag />}
                <Clock since={report.calledAt} />
              </span>
              {report.called17 !== null && (
                <span className={classes.origin}>
                  <StateTag tone="open">{t(report.called17 ? 'room.portal.called' : 'room.portal')}</StateTag>
                </span>
              )}
              <small>
                {[
                  communeNameOf(report.commune),
                  report.place ?? report.caller?.member?.name,
                  report.agency?.name === scheme.agency?.name ? null : report.agency?.name,
                ]
                  .filter(Boolean)
                  .join(' · ')}
              </small>
              <ApprovalMark report={report} />
              <ClaimLine report={report} userId={user.id} />
            </UnstyledButton>
          </li>
        ))}
      </ul>
      <Suspense>
        {notes.length > 0 && <CallDrafts scheme={props.scheme} notes={notes} onResume={props.onResume} />}
      </Suspense>
    </section>
  )
}

/** Shows who has claimed a report. */
function ClaimLine(props: { report: ReportView; userId: string }) {
  const { t } = useText()
  const { claim } = props.report
  const isHeld = useAtTime((now) => claim !== null && Date.parse(claim.until) > now)
  if (claim === null || !isHeld) return null
  const isMine = claim.userId === props.userId
  return (
    <small className={classes.claim} data-mine={isMine || undefined}>
      {isMine ? t('claim.mine') : t('claim.by', { by: shortly(claim.by) })}
    </small>
  )
}

/** Returns the user's name without the agency after it. */
function shortly(by: string): string {
  return by.replace(/ \(.*\)$/, '')
}

/** Lists the alerts being sent or active, with their progress. */
export const OpenAlerts = memo(function OpenAlerts(props: { schemeId: string }) {
  const { t } = useText()
  const open = useQuery(openAlertsQuery(props.schemeId))
  const alerts = open.data ?? []
  return (
    <section className={classes.section} aria-labelledby="en-cours">
      <h2 className={classes.head} id="en-cours">
        {t('room.alerts')} <span>{alerts.length}</span>
      </h2>
      {open.isError && <Failure error={open.error} retry={() => void open.refetch()} />}
      {open.isPending && <Skeleton height={72} mx={14} mb={14} w="auto" />}
      {open.isSuccess && alerts.length === 0 && (
        <div className={classes.empty}>
          <Empty small title={t('room.alerts.none')}>
            {t('room.alerts.none.hint')}
          </Empty>
        </div>
      )}
      <ul>
        {alerts.map((alert) => (
          <li key={alert.id}>
            <Link className={classes.row} to="/alertes/$alertId" params={{ alertId: alert.id }}>
              <span className={classes.title}>
                <CategoryName category={alert.category} />
                {alert.exercise && <ExerciseTag />}
                <Clock since={alert.calledAt} calm />
              </span>
              <small>
                {whereOf(alert)} · <span className={classes.ref}>{alert.reference}</span>
              </small>
              <HeldMark alert={alert} />
              {alert.progress !== null && (
                <>
                  <DeliveryBar
                    progress={alert.progress}
                    label={t('progress.label', { reference: alert.reference })}
                  />
                  <small className={classes.figures}>
                    {t('progress.short', {
                      delivered: alert.progress.delivered,
                      accepted: alert.progress.accepted,
                      waiting: alert.progress.waiting,
                      inDoubt: alert.progress.inDoubt,
                      failed: alert.progress.failed,
                    })}
                  </small>
                </>
              )}
            </Link>
          </li>
        ))}
      </ul>
    </section>
  )
})

/** Says that the expiry of an alert waits for a follow-up to be decided on. */
function HeldMark(props: { alert: AlertView }) {
  const { t } = useText()
  const { alert } = props
  const isHeld = useAtTime((now) => alert.followUps.some((one) => holdsExpiry(alert, one, now)))
  return isHeld && <StateTag tone="warn">{t('room.alerts.held')}</StateTag>
}
