import { Button, SegmentedControl } from '@mantine/core'
import IconPrinter from '@tabler/icons-react/icons/IconPrinter'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useEffect, useState } from 'react'
import type { AlertView } from '../../../src/alerts/contract.ts'
import { isInProgress } from '../../../src/alerts/states.ts'
import { HOUR_MS } from '../../../src/message/clock.ts'
import type { CallOutView } from '../../../src/on-call/contract.ts'
import type { ReportView } from '../../../src/reports/contract.ts'
import { serverNow } from '../../api/clock.ts'
import { alertQuery, currentAlertsQuery, waitingQuery } from '../../api/queries.ts'
import { communeNameOf, longDayOf, momentOf, timeOf } from '../../ui/format/format.ts'
import { useMinute } from '../../ui/format/now.ts'
import { labelOf, useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import { Page } from '../../ui/Page.tsx'
import { reportsQuery } from '../journal/queries.ts'
import { openCallOutsQuery } from '../on-call/queries.ts'
import { useCurrent } from '../shell/current.tsx'
import classes from './HandoverPage.module.css'
import { type Wait, waitsOf } from './waits.ts'

const SHIFTS = [8, 12, 24] as const

/**
 * Shows on one page everything that a shift hands over: open alerts, pending decisions and the people they wait for, and
 * refusals.
 */
export function HandoverPage() {
  const { t, lang } = useText()
  const { scheme, user, may } = useCurrent()
  const now = useMinute()
  const [hours, setHours] = useState<number>(12)
  const since = now - hours * HOUR_MS
  // The day of the call is shown in the time zone of the scheme: a call of the day before may have been refused during the shift.
  const from = new Date(since - 24 * HOUR_MS).toISOString().slice(0, 10)
  const current = useQuery(currentAlertsQuery(scheme.id))
  const reports = useQuery(waitingQuery(scheme.id))
  const callOuts = useQuery({ ...openCallOutsQuery(scheme.id), enabled: may('call_out.read') }).data ?? []
  const refusedPages = useInfiniteQuery(reportsQuery(scheme.id, { state: 'refused', from }))
  // The page is printed, so it has all of them.
  const { hasNextPage, isFetching, fetchNextPage } = refusedPages
  useEffect(() => {
    if (hasNextPage && !isFetching) void fetchNextPage()
  }, [hasNextPage, isFetching, fetchNextPage])
  const failed = [current, reports, refusedPages].find(({ isError }) => isError)
  const alerts = current.data?.alerts ?? []
  const refused = (refusedPages.data?.pages ?? [])
    .flatMap((page) => page.reports)
    .filter(({ decidedAt }) => decidedAt !== null && Date.parse(decidedAt) >= since)
  const when = (at: string | null) => (at === null ? '' : momentOf(lang, at, now))
  const calledFor = ({ id }: AlertView) =>
    callOuts
      .filter(({ alertId, subject }) => alertId === id && subject !== 'review')
      .flatMap(({ calls }) => calls.map(({ name, at }) => `${name} ${when(at)}`))
  const wordsOf = (alert: AlertView, wait: Wait): string => {
    const { approval } = alert
    const values = { who: approval.decidedBy ?? '', reason: approval.reason ?? '' }
    if (wait !== 'submitted') return t(`handover.${wait}`, values)
    const called = calledFor(alert)
    return called.length === 0
      ? t('handover.approval', { when: when(approval.submittedAt) })
      : t('handover.called', { when: when(approval.submittedAt), calls: called.join(', ') })
  }
  const waiting = alerts.filter((alert) => waitsOf(alert).length > 0)
  // Authorisations that are requested before a submission.
  const requested = callOuts.filter(
    ({ subject, alertId }) => subject === 'authorisation' && !waiting.some(({ id }) => id === alertId),
  )
  // On paper the day is part of it.
  const at = serverNow()
  const paperDate = `${longDayOf(lang, at)}, ${timeOf(lang, at)}`
  return (
    <Page
      title={t('handover.title')}
      lead={t('handover.lead', { scheme: scheme.name, who: user.name, when: paperDate })}
      aside={
        <div className={classes.tools}>
          <SegmentedControl
            aria-label={t('handover.since')}
            data={SHIFTS.map((one) => ({ value: String(one), label: t('handover.hours', { hours: one }) }))}
            value={String(hours)}
            onChange={(value) => setHours(Number(value))}
          />
          <Button leftSection={<IconPrinter size={16} aria-hidden />} onClick={() => print()}>
            {t('sheet.print')}
          </Button>
        </div>
      }
    >
      {failed !== undefined && <Failure error={failed.error} retry={() => void failed.refetch()} />}
      <Part title={t('handover.open')} none={t('handover.open.none')}>
        {alerts
          .filter(({ state }) => isInProgress(state))
          .map((alert) => (
            <AlertLine key={alert.id} alert={alert}>
              {t('handover.sent', {
                when: when(alert.orderedAt),
                expires: when(alert.expiresAt),
                delivered: alert.progress?.delivered ?? 0,
                planned: alert.progress?.planned ?? 0,
              })}
            </AlertLine>
          ))}
      </Part>
      <Part title={t('handover.waiting')} none={t('handover.waiting.none')}>
        {waiting.map((alert) => (
          <AlertLine key={alert.id} alert={alert}>
            {waitsOf(alert)
              .map((wait) => wordsOf(alert, wait))
              .join(' · ')}
          </AlertLine>
        ))}
        {requested.map((callOut) => (
          <AskedLine key={callOut.id} callOut={callOut} />
        ))}
        {(reports.data ?? [])
          .filter(
            (report) =>
              !waiting.some((alert) => alert.reportId === report.id) &&
              !requested.some(({ alertId }) => alertId === report.alert?.id),
          )
          .map((report) => (
            <ReportLine key={report.id} report={report}>
              {report.claim === null
                ? t('handover.report', { when: when(report.calledAt) })
                : t('handover.report.held', { when: when(report.calledAt), who: report.claim.by })}
            </ReportLine>
          ))}
      </Part>
      <Part title={t('handover.refused', { hours })} none={t('handover.refused.none')}>
        {refused.map((report) => (
          <ReportLine key={report.id} report={report}>
            {[
              report.refusal === null ? null : t(`refusal.${report.refusal.code}`),
              report.refusal?.note,
              t('handover.by', { who: report.decidedBy ?? '', when: when(report.decidedAt) }),
              report.answer === null ? null : t('handover.answered'),
            ]
              .filter(Boolean)
              .join(' · ')}
          </ReportLine>
        ))}
      </Part>
    </Page>
  )
}

function Part(props: { title: string; none: string; children: ReactNode }) {
  const isEmpty = [props.children].flat(2).filter(Boolean).length === 0
  return (
    <section className={classes.part}>
      <h2>{props.title}</h2>
      {isEmpty ? <p className={classes.none}>{props.none}</p> : <ul>{props.children}</ul>}
    </section>
  )
}

function AskedLine(props: { callOut: CallOutView }) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const now = useMinute()
  const { callOut } = props
  const alert = useQuery(alertQuery(scheme.id, callOut.alertId)).data?.alert
  if (alert === undefined) return null
  return (
    <AlertLine alert={alert}>
      {t('handover.asked', {
        when: momentOf(lang, callOut.startedAt, now),
        calls: callOut.calls.map(({ name, at }) => `${name} ${momentOf(lang, at, now)}`).join(', '),
      })}
    </AlertLine>
  )
}

function AlertLine(props: { alert: AlertView; children: ReactNode }) {
  const { t, lang } = useText()
  const { alert } = props
  return (
    <li>
      <b>
        {labelOf(lang, alert.category)}, {alert.commune.name}
      </b>{' '}
      <Link to="/alertes/$alertId" params={{ alertId: alert.id }}>
        {alert.reference}
      </Link>
      {alert.exercise && ` (${t('handover.exercise')})`}
      <p>{props.children}</p>
    </li>
  )
}

function ReportLine(props: { report: ReportView; children: ReactNode }) {
  const { t, lang } = useText()
  const { report } = props
  return (
    <li>
      <b>
        {labelOf(lang, report.category)}, {communeNameOf(report.commune)}
      </b>
      {report.exercise && ` (${t('handover.exercise')})`}
      <p>{props.children}</p>
    </li>
  )
}
