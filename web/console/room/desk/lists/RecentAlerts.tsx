import { Link } from '@tanstack/react-router'
import { momentOf } from '../../../../ui/format/format.ts'
import { useMinute } from '../../../../ui/format/now.ts'
import { labelOf, useText } from '../../../../ui/format/text.ts'
import classes from '../../audience/Consequences.module.css'
import { ages, type RecentPlace } from './recent.ts'

/** The legend of the map's rings, and the same alerts as a list. */
export function RecentAlerts(props: { places: readonly RecentPlace[] }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { places } = props
  const count = places.reduce((sum, place) => sum + place.alerts.length, 0)
  if (count === 0) return null
  return (
    <details className={classes.recent}>
      <summary>
        {t('recent.title', { count })}
        <span className={classes.legend} aria-hidden>
          {ages.map((age) => (
            <span key={age}>
              <i data-age={age} /> {t(`recent.age.${age}`)}
            </span>
          ))}
        </span>
      </summary>
      <ul>
        {places.flatMap((place) =>
          place.alerts.map((alert) => (
            <li key={alert.id}>
              <Link to="/alertes/$alertId" params={{ alertId: alert.id }}>
                {alert.reference}
              </Link>
              <span>
                {labelOf(lang, alert.category)} · {place.name}
              </span>
              <small>{momentOf(lang, alert.orderedAt, now)}</small>
            </li>
          )),
        )}
      </ul>
    </details>
  )
}
