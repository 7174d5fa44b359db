import { UnstyledButton } from '@mantine/core'
import type { AlertView } from '../../../../../src/alerts/contract.ts'
import { DeliveryBar } from '../../../../ui/alert/DeliveryBar.tsx'
import { authorOf } from '../../../../ui/format/event.ts'
import { countOf, momentOf } from '../../../../ui/format/format.ts'
import { useMinute } from '../../../../ui/format/now.ts'
import { useText } from '../../../../ui/format/text.ts'
import classes from './Messages.module.css'

/** Lists the messages of an alert in the order of sending, each with live figures. */
export function Messages(props: {
  alert: AlertView
  /** The message whose recipients are shown. */
  chosen: string | null
  /** Null if this user may not list the recipients. */
  onChoose: ((id: string) => void) | null
}) {
  const { t, lang } = useText()
  const now = useMinute()
  const { alert, onChoose } = props
  const choose = (id: string) => {
    onChoose?.(id)
    document.getElementById('destinataires')?.scrollIntoView({ block: 'nearest' })
  }
  return (
    <section className={classes.card} aria-labelledby="messages">
      <h2 id="messages">{t('alert.messages', { count: alert.broadcasts.length })}</h2>
      <ol className={classes.list}>
        {alert.broadcasts.map((one) => (
          <li key={one.id} data-kind={one.kind}>
            <p className={classes.head}>
              <b>{t(`message.${one.kind}`)}</b>
              <span>
                {momentOf(lang, one.orderedAt, now)} · {authorOf(t, one.orderedBy)}
              </span>
            </p>
            <p className={classes.text}>{one.text === '' ? t('message.hidden') : one.text}</p>
            {one.progress !== null && (
              <div className={classes.figures}>
                <DeliveryBar
                  progress={one.progress}
                  label={t('message.progress', {
                    kind: t(`message.${one.kind}`),
                    reference: alert.reference,
                  })}
                />
                <span>
                  {t('alerts.delivered', {
                    delivered: countOf(lang, one.progress.delivered),
                    planned: countOf(lang, one.progress.planned),
                  })}
                  {one.progress.withdrawn > 0 &&
                    ` · ${t('message.withdrawn', { count: one.progress.withdrawn })}`}
                </span>
                {onChoose !== null && (
                  <UnstyledButton
                    className={classes.choose}
                    aria-pressed={props.chosen === one.id}
                    onClick={() => choose(one.id)}
                  >
                    {t('message.recipients')}
                  </UnstyledButton>
                )}
              </div>
            )}
          </li>
        ))}
      </ol>
    </section>
  )
}
