import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { RouteView } from '../../../../src/deliveries/contract.ts'
import { healthOfRoutes, isWorking, servingRoutes } from '../../../../src/deliveries/status/route-health.ts'
import { routesQuery } from '../../../api/queries.ts'
import { useText } from '../../../ui/format/text.ts'
import classes from './RouteStatus.module.css'

/** Returns whether an alert, or an exercise, would be sent now: one working route is enough. */
export function isSendable(routes: readonly RouteView[], exercise: boolean): boolean {
  const health = healthOfRoutes(servingRoutes(routes, exercise))
  return health === 'up' || health === 'degraded'
}

/** Shows whether a message would be sent now; leads to the details for users who may see them. */
export function RouteStatus(props: { schemeId: string; linked: boolean }) {
  const { t } = useText()
  const { data, isError, failureCount, isPaused } = useQuery(routesQuery(props.schemeId))
  if (data === undefined) return null
  const serving = servingRoutes(data.routes)
  // The last known state may be wrong once the server no longer responds.
  const health = isError || failureCount > 0 || isPaused ? 'unknown' : healthOfRoutes(serving)
  const counts = { working: serving.filter(isWorking).length, count: serving.length }
  const detail = data.routes
    .map((route) => {
      const error = route.state === 'bound' ? null : route.details?.lastError
      return `${route.name}: ${error ?? t(`route.state.${route.state}`)}`
    })
    .join(' · ')
  const words = (
    <span className={classes.status} data-health={health} title={detail}>
      <span className={classes.long}>{t(`route.${health}`, counts)}</span>
      <span className={classes.short}>{t(`route.${health}.short`, counts)}</span>
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
