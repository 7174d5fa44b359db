import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { timeOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import classes from '../desk/Desk.module.css'
import { type Fate, ORDERS_ID } from './orders.ts'

/** Shows the result of orders whose response was lost: unknown yet, sent, or not sent. */
export function OrderNotices(props: { fates: readonly Fate[]; onDismiss: (alertId: string) => void }) {
  const { t, lang } = useText()
  return (
    <section id={ORDERS_ID} tabIndex={-1} role="status" className={classes.orders}>
      {props.fates.map(({ order, reference, at }) => {
        const kind = order.verb === 'submit' ? 'submission' : 'alert'
        const dismiss = () => props.onDismiss(order.alertId)
        return (
          <div key={`${order.alertId}${order.at}`} className={classes.taken}>
            <p>
              <b>{reference}</b>{' '}
              {at === undefined
                ? t('doubt.asking', { kind })
                : at === null
                  ? t('doubt.nothing', { kind })
                  : t('doubt.left', { kind, time: timeOf(lang, at) })}
            </p>
            {at === null && (
              <Button variant="default" onClick={dismiss}>
                {t('action.close')}
              </Button>
            )}
            {typeof at === 'string' && (
              <Button
                onClick={dismiss}
                renderRoot={(root) => (
                  <Link {...root} to="/alertes/$alertId" params={{ alertId: order.alertId }} />
                )}
              >
                {t('clash.see')}
              </Button>
            )}
          </div>
        )
      })}
    </section>
  )
}
