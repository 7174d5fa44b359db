import { useQuery } from '@tanstack/react-query'
import { type RouteView, routesQuery } from '../../api/queries.ts'
import { useText } from '../../ui/text.ts'
import classes from './RouteStatus.module.css'

type Health = 'up' | 'opening' | 'down'

/** One open route is enough to send. */
export function healthOf(routes: readonly RouteView[]): Health {
  if (routes.some((route) => route.state === 'bound')) return 'up'
  return routes.some((route) => route.state === 'connecting') ? 'opening' : 'down'
}

/** Whether a message would leave now. */
export function RouteStatus(props: { schemeId: string }) {
  const { t } = useText()
  const { data: routes, isError, failureCount } = useQuery(routesQuery(props.schemeId))
  if (routes === undefined) return null
  // What was true before the server fell silent may be true no more.
  const health = isError || failureCount > 0 ? 'unknown' : healthOf(routes)
  const detail = routes
    .map((route) => `${route.name}: ${route.lastError ?? t(`route.state.${route.state}`)}`)
    .join(' · ')
  return (
    <span className={classes.status} data-health={health} role="status" title={detail}>
      <span className={classes.long}>{t(`route.${health}`)}</span>
      <span className={classes.short}>{t(`route.${health}.short`)}</span>
    </span>
  )
}
