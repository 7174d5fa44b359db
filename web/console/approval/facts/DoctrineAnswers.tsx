import IconAlertTriangle from '@tabler/icons-react/icons/IconAlertTriangle'
import IconCheck from '@tabler/icons-react/icons/IconCheck'
import IconPhone from '@tabler/icons-react/icons/IconPhone'
import { useQuery } from '@tanstack/react-query'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import { whenOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import { isPreventionAlert } from '../../room/doctrine/doctrine.ts'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Approvals.module.css'
import { reportQuery } from '../queries.ts'

/**
 * Shows the author's answers to the doctrine's questions.
 * @param props.compact for a phone: answers that are as they should be share a line and come first
 */
export function DoctrineAnswers(props: { alert: AlertView; compact?: boolean }) {
  const { t } = useText()
  const { authorisation, doctrine, zone } = props.alert
  const allowed = doctrine.level !== 'precise' || authorisation?.valid === true
  const facts = isPreventionAlert(props.alert)
    ? []
    : [
        {
          good: doctrine.offence === true,
          text: t('answer.offence', { answer: String(doctrine.offence) }),
        },
        {
          good: doctrine.arrested === false,
          text: t('answer.arrested', { answer: String(doctrine.arrested) }),
        },
      ]
  const compact = props.compact === true
  const isShort = compact && facts.length > 0 && facts.every(({ good }) => good)
  const answers = isShort ? [{ good: true, text: t('answer.both') }] : facts
  return (
    <ul className={classes.answers} aria-label={t('answer.title')}>
      {!compact && <Call alert={props.alert} />}
      {answers.map(({ good, text }) => (
        <li key={text} data-good={good}>
          {good ? <IconCheck size={16} aria-hidden /> : <IconAlertTriangle size={16} aria-hidden />}
          {text}
        </li>
      ))}
      <li data-good={allowed}>
        {allowed ? <IconCheck size={16} aria-hidden /> : <IconAlertTriangle size={16} aria-hidden />}
        <span>
          {t('answer.level', { level: t(`doctrine.level.${doctrine.level}`) })}
          {!compact && <small>{t(`doctrine.level.${doctrine.level}.what`)}</small>}
        </span>
      </li>
      {compact && <Call alert={props.alert} />}
      <Before alert={props.alert} />
      {!zone.inside && (
        <li data-good={false}>
          <IconAlertTriangle size={16} aria-hidden />
          <span>
            {zone.agency === null ? t('answer.outside') : t('answer.outside.of', { agency: zone.agency })}
            {zone.reason !== null && <small>{t('answer.reason', { reason: zone.reason })}</small>}
          </span>
        </li>
      )}
    </ul>
  )
}

/** Shows an earlier alert of the same report that was rejected, and whether this one has the same text. */
function Before(props: { alert: AlertView }) {
  const { t } = useText()
  const { scheme, may } = useCurrent()
  const { alert } = props
  const rejection = useQuery({
    ...reportQuery(scheme.id, alert.reportId),
    enabled: may('report.read'),
  }).data?.rejection
  if (rejection == null || rejection.alertId === alert.id) return null
  return (
    <li data-good={false}>
      <IconAlertTriangle size={16} aria-hidden />
      <span>
        {t('answer.rejected', { reference: rejection.reference, who: rejection.by })}
        <small>{t('text.quote', { text: rejection.reason })}</small>
        {rejection.text === alert.text && <b>{t('answer.rejected.same')}</b>}
      </span>
    </li>
  )
}

/** Shows the call behind the alert: when, which place, and why it came late. */
function Call(props: { alert: AlertView }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { scheme, may } = useCurrent()
  const { alert } = props
  const report = useQuery({
    ...reportQuery(scheme.id, alert.reportId),
    enabled: may('report.read'),
  }).data
  if (report === undefined) return null
  const late = report.lateReason !== null
  return (
    <li data-good={!late}>
      <IconPhone size={16} aria-hidden />
      <span>
        {t('answer.call', {
          occurred: whenOf(lang, report.occurredAt, now),
          called: whenOf(lang, report.calledAt, now),
        })}
        <small>
          {[
            [report.commune.name, report.place].filter(Boolean).join(', '),
            report.facts,
            late ? t('answer.late', { reason: report.lateReason ?? '' }) : null,
          ]
            .filter(Boolean)
            .join(' · ')}
        </small>
      </span>
    </li>
  )
}
