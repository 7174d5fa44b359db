import { Skeleton, UnstyledButton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import type { ReportView } from '../../../src/reports/contract.ts'
import type { SchemeView } from '../../../src/schemes/contract.ts'
import { openAlertsQuery, waitingQuery } from '../../api/queries.ts'
import { Clock } from '../../ui/Clock.tsx'
import { DeliveryBar } from '../../ui/DeliveryBar.tsx'
import { ExerciseTag } from '../../ui/Exercise.tsx'
import { Empty, Failure } from '../../ui/Notice.tsx'
import { CategoryName } from '../../ui/severity.tsx'
import { useText } from '../../ui/text.ts'
import { useCurrent } from '../shell/current.tsx'
import { type Draft, isBlank } from './draft.ts'
import classes from './Lists.module.css'
import { ApprovalMark } from './ReturnedNote.tsx'

const AttentionMenu = lazy(() =>
  import('./AttentionMenu.tsx').then((module) => ({ default: module.AttentionMenu })),
)

/** The calls that wait for a decision; the one being taken first. */
export function WaitingReports(props: {
  scheme: SchemeView
  /** The new call, when something of it is entered. */
  fresh: Draft | undefined
  current: string
  onOpen: (report: ReportView | null) => void
}) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const waiting = useQuery(waitingQuery(props.scheme.id))
  const { fresh } = props
  const begun = fresh !== undefined && !isBlank(fresh)
  const category = props.scheme.categories.find((one) => one.code === fresh?.categoryCode)
  const count = waiting.data?.length ?? 0
  return (
    <section className={classes.section} aria-labelledby="signalements">
      <div className={classes.top}>
        <h2 className={classes.head} id="signalements">
          {t('room.reports')} <span>{count}</span>
        </h2>
        <Suspense>
          <AttentionMenu />
        </Suspense>
      </div>
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
                {fresh.calledAt !== null && <Clock since={fresh.calledAt} />}
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
              <small>
                {[
                  report.commune.name,
                  report.place ?? report.caller?.member?.name,
                  report.agency?.name === scheme.agency?.name ? null : report.agency?.name,
                ]
                  .filter(Boolean)
                  .join(' · ')}
              </small>
              <ApprovalMark report={report} />
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </section>
  )
}

/** What is out there now, with how far it has come. */
export function OpenAlerts(props: { schemeId: string }) {
  const { t } = useText()
  const open = useQuery(openAlertsQuery(props.schemeId))
  const alerts = open.data?.alerts ?? []
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
                <Clock since={alert.calledAt} />
              </span>
              <small>
                {alert.areaLabel} · <span className={classes.ref}>{alert.reference}</span>
              </small>
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
}
