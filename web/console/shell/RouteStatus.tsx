import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { RouteView } from '../../../src/deliveries/contract.ts'
import { healthOfRoutes } from '../../../src/deliveries/route-health.ts'
import { routesQuery } from '../../api/queries.ts'
import { useText } from '../../ui/text.ts'
import classes from './RouteStatus.module.css'

type Health = 'up' | 'opening' | 'down'

/** One route that takes messages is enough to send. */
export function healthOf(routes: readonly RouteView[]): Health {
  const health = healthOfRoutes(routes)
  return health === 'degraded' ? 'up' : health
}

/** Whether a message would leave now; leads to the why, for those who may see it. */
export function RouteStatus(props: { schemeId: string; linked: boolean }) {
  const { t } = useText()
  const { data, isError, failureCount, isPaused } = useQuery(routesQuery(props.schemeId))
  if (data === undefined) return null
  // What was true before the server fell silent may be true no more.
  const health = isError || failureCount > 0 || isPaused ? 'unknown' : healthOf(data.routes)
  const detail = data.routes
    .map((route) => {
      const error = route.state === 'bound' ? null : route.details?.lastError
      return `${route.name}: ${error ?? t(`route.state.${route.state}`)}`
    })
    .join(' · ')
  const words = (
    <span className={classes.status} data-health={health} title={detail}>
      <span className={classes.long}>{t(`route.${health}`)}</span>
      <span className={classes.short}>{t(`route.${health}.short`)}</span>
    </span>
  )
  return (
    <div role="status">
      {props.linked ? (
        <Link to="/routes" className={classes.link}>
          {words}
        </Link>
      ) : (
        words
      )}
    </div>
  )
}
