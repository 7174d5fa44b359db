import { Button, Checkbox } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { NearAlert } from '../../../../../src/alerts/contract.ts'
import { isInProgress } from '../../../../../src/alerts/states.ts'
import { labelOf, useText } from '../../../../ui/format/text.ts'
import { useCurrent } from '../../../shell/current.tsx'
import classes from '../Desk.module.css'

/** Lists the alerts that may be about the same incident; each is ticked as read before the order. */
export function NearNotice(props: {
  alerts: readonly NearAlert[]
  /** Absent if the alerts are shown only, without confirmation. */
  tick?: { readonly done: boolean; readonly onChange: (done: boolean) => void }
  /** Closes the call, since another alert covers its incident; absent if that is not possible. */
  onDuplicate?: () => void
}) {
  const { may } = useCurrent()
  const { t, lang } = useText()
  const { alerts, tick } = props
  if (alerts.length === 0) return null
  const left = alerts.some((one) => one.mustConfirm)
  return (
    <section
      className={classes.near}
      aria-label={t(tick === undefined ? 'near.label' : 'near.label.confirm')}
      data-left={left || undefined}
    >
      <div className={classes.onward}>
        <b>{left ? t('near.left', { count: alerts.length }) : t('near.written', { count: alerts.length })}</b>
        {props.onDuplicate !== undefined && left && (
          <Button variant="default" size="compact-xs" mih={{ base: 44, sm: 26 }} onClick={props.onDuplicate}>
            {t('near.duplicate')}
          </Button>
        )}
      </div>
      <ul>
        {alerts.map((alert) => (
          <li key={alert.id}>
            <Link to="/alertes/$alertId" params={{ alertId: alert.id }}>
              {alert.reference}
            </Link>{' '}
            {props.onDuplicate !== undefined &&
              alert.mustConfirm &&
              may('alert.follow_up') &&
              isInProgress(alert.state) && (
                <>
                  ·{' '}
                  <Link to="/alertes/$alertId" params={{ alertId: alert.id }} search={{ suite: 'update' }}>
                    {t('near.update', { reference: alert.reference })}
                  </Link>{' '}
                  ·{' '}
                </>
              )}
            {labelOf(lang, alert.category)} ·{' '}
            {alert.kilometres === null || alert.kilometres === 0
              ? alert.commune.name
              : t('near.where', { commune: alert.commune.name, km: alert.kilometres })}{' '}
            · {t('near.when', { minutes: alert.minutes })} ·{' '}
            {t(alert.mustConfirm ? 'near.by' : 'near.writing', { by: alert.by })}
          </li>
        ))}
      </ul>
      {tick !== undefined && left && (
        <Checkbox
          mt={8}
          label={t('near.tick')}
          checked={tick.done}
          data-autofocus={!tick.done || undefined}
          onChange={(event) => tick.onChange(event.currentTarget.checked)}
        />
      )}
    </section>
  )
}
