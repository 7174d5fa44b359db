import { Link } from '@tanstack/react-router'
import type { AffectedAlert } from '../../../src/alerts/contract.ts'
import { useText } from '../../ui/format/text.ts'
import classes from './Affected.module.css'

/** Lists alerts by reference, with what a change of the scheme does to each; renders nothing without one. */
export function Affected(props: { title: string; alerts: readonly AffectedAlert[] | undefined }) {
  const { t } = useText()
  const { title, alerts = [] } = props
  if (alerts.length === 0) return null
  return (
    <div className={classes.affected} role="status">
      <p>{title}</p>
      <ul>
        {alerts.map(({ id, reference, commune, state, effects }) => (
          <li key={id}>
            <Link to="/alertes/$alertId" params={{ alertId: id }}>
              {reference}
            </Link>{' '}
            {[
              commune,
              t(`affected.state.${state}`),
              ...effects.map((effect) => t(`affected.${effect}`)),
            ].join(' · ')}
          </li>
        ))}
      </ul>
    </div>
  )
}
