import { Link } from '@tanstack/react-router'
import type { ReportView } from '../../../src/reports/contract.ts'
import type { ReportState } from '../../api/queries.ts'
import { ExerciseTag } from '../../ui/alert/Exercise.tsx'
import { communeNameOf, momentOf, spanOf } from '../../ui/format/format.ts'
import { useMinute } from '../../ui/format/now.ts'
import { CategoryName } from '../../ui/format/severity.tsx'
import { useText } from '../../ui/format/text.ts'
import { StateTag, type Tone } from '../../ui/StateTag.tsx'
import { AlertStateTag } from '../alerts/state.tsx'
import classes from './Journal.module.css'

const tones: Record<ReportState, Tone> = { waiting: 'warn', broadcast: 'done', refused: 'neutral' }

/** Shows one call: the facts, who took it, and the decision. */
export function Entry(props: { report: ReportView }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { report } = props
  const origin = useOrigin(report)
  return (
    <article
      className={classes.entry}
      {...((report.alert === null || report.state === 'refused') && { 'data-row': report.id, tabIndex: -1 })}
    >
      <time dateTime={report.calledAt} className={classes.time}>
        {momentOf(lang, report.calledAt, now)}
      </time>
      <div className={classes.what}>
        <h2>
          <CategoryName category={report.category} />
          <span className={classes.where}>
            {[communeNameOf(report.commune), report.place].filter(Boolean).join(', ')}
          </span>
          {report.exercise && <ExerciseTag />}
          {report.called17 !== null && (
            <StateTag tone="open">{t(report.called17 ? 'room.portal.called' : 'room.portal')}</StateTag>
          )}
        </h2>
        {report.facts !== null && <p>{report.facts}</p>}
        <p className={classes.mute}>{origin}</p>
      </div>
      <div className={classes.decision}>
        <Outcome report={report} />
        <WhyNotSent report={report} />
        {report.answer !== null && <SentAnswer answer={report.answer} />}
        {report.decidedBy !== null && report.decidedAt !== null && (
          <small>
            {t('journal.decided', { who: report.decidedBy, time: momentOf(lang, report.decidedAt, now) })}
          </small>
        )}
      </div>
    </article>
  )
}

/** Lists who called and who took the call, and why it is not as the others: another scheme sent it, or it was entered late. */
function useOrigin(report: ReportView): string {
  const { t } = useText()
  const { relay, lateReason } = report
  const agency = report.agency?.name
  const caller = [report.caller?.member?.name, report.caller?.name, report.caller?.phone]
    .filter(Boolean)
    .join(' · ')
  const exception =
    relay !== null
      ? t('relay.origin', { scheme: relay.scheme, reference: relay.reference })
      : lateReason === null
        ? null
        : t('journal.late', { reason: lateReason })
  return [
    caller === '' ? null : t('journal.caller', { who: caller }),
    t('journal.by', { who: report.createdBy }),
    agency === undefined || report.createdBy.includes(agency) ? null : agency,
    exception,
  ]
    .filter(Boolean)
    .join(' · ')
}

/** Says why an alert about the call was rejected, or the call refused. */
function WhyNotSent(props: { report: ReportView }) {
  const { t } = useText()
  const { rejection, refusal, alert } = props.report
  return (
    <>
      {rejection !== null && rejection.alertId !== alert?.id && (
        <span className={classes.reason}>
          <Link to="/alertes/$alertId" params={{ alertId: rejection.alertId }}>
            {t('journal.rejected', { reference: rejection.reference })}
          </Link>
          <small>{t('journal.rejected.why', { who: rejection.by, reason: rejection.reason })}</small>
        </span>
      )}
      {refusal !== null && (
        <span className={classes.reason}>
          {t(`refusal.${refusal.code}`)}
          {refusal.note !== null && <small>{refusal.note}</small>}
        </span>
      )}
    </>
  )
}

/** Shows the answer that was sent to the caller, and whether it arrived. */
function SentAnswer({ answer }: { answer: NonNullable<ReportView['answer']> }) {
  const { t, lang } = useText()
  const now = useMinute()
  return (
    <details className={classes.answer} data-failed={answer.state === 'failed' || undefined}>
      <summary>
        {t(`journal.answer.${answer.state}`)}
        {answer.at !== null && `, ${momentOf(lang, answer.at, now)}`}
      </summary>
      <p>{answer.text}</p>
    </details>
  )
}

/** Shows the result of a call: pending, a refusal, or an alert with its state and who decided on it. */
function Outcome(props: { report: ReportView }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { id, state, alert, calledAt } = props.report
  if (alert === null || state === 'refused')
    return <StateTag tone={tones[state]}>{t(`journal.tag.${state}`)}</StateTag>
  return (
    <>
      <span className={classes.alert}>
        {state === 'broadcast' && <StateTag tone={tones.broadcast}>{t('journal.tag.broadcast')}</StateTag>}
        <AlertStateTag state={alert.state} />
        <Link data-row={id} to="/alertes/$alertId" params={{ alertId: alert.id }}>
          {alert.reference}
        </Link>
      </span>
      {alert.orderedAt !== null && (
        <small>
          {t('journal.delay', {
            span: spanOf(lang, Math.max(0, Date.parse(alert.orderedAt) - Date.parse(calledAt))),
          })}
        </small>
      )}
      {alert.answer !== null && (
        <>
          {alert.answer.reason !== null && <span className={classes.reason}>{alert.answer.reason}</span>}
          <small>
            {t('journal.decided', { who: alert.answer.by, time: momentOf(lang, alert.answer.at, now) })}
          </small>
        </>
      )}
    </>
  )
}
