import IconAlertTriangle from '@tabler/icons-react/icons/IconAlertTriangle'
import IconCheck from '@tabler/icons-react/icons/IconCheck'
import type { AlertView } from '../../../src/alerts/contract.ts'
import { useText } from '../../ui/text.ts'
import classes from './Approvals.module.css'

/** What the author answered to the doctrine's questions. */
export function DoctrineAnswers(props: { alert: AlertView }) {
  const { t } = useText()
  const { authorisation, doctrine, zone } = props.alert
  const allowed = doctrine.level !== 'precise' || authorisation?.valid === true
  const facts =
    doctrine.level === 'prevention'
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
  return (
    <ul className={classes.answers} aria-label={t('answer.title')}>
      {facts.map(({ good, text }) => (
        <li key={text} data-good={good}>
          {good ? <IconCheck size={16} aria-hidden /> : <IconAlertTriangle size={16} aria-hidden />}
          {text}
        </li>
      ))}
      <li data-good={allowed}>
        {allowed ? <IconCheck size={16} aria-hidden /> : <IconAlertTriangle size={16} aria-hidden />}
        <span>
          {t('answer.level', { level: t(`doctrine.level.${doctrine.level}`) })}
          <small>{t(`doctrine.level.${doctrine.level}.what`)}</small>
        </span>
      </li>
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
