import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { inScheme } from '../../platform/db.ts'
import { cacheFor } from '../../platform/remember.ts'
import type { RouteView, ServiceStatus } from '../contract.ts'
import { UNCOUNTED_KINDS } from '../kinds.ts'
import { rulesFor } from '../send/routing.ts'
import { isSimulated } from '../simulation.ts'
import { mergeReports, readWorkers } from './report.ts'
import { healthOfRoutes } from './route-health.ts'

/** Seconds for which an answer is cached for all clients. */
export const STATUS_SECONDS = 5
/** Maximum broadcasts read, the latest ordered first. */
const LATEST = 50

type StatusDeps = Pick<Deps, 'db' | 'now' | 'config'>

/**
 * Returns the public status of a scheme: whether messages leave, and when the last SMS of an alert did. No provider
 * name, no count. Codes and confirmations do not change that instant: it would reveal whether a number that was just
 * tried is known.
 * @throws AppError `unknown_scheme`
 */
export async function readServiceStatus(deps: StatusDeps, schemeId: string): Promise<ServiceStatus> {
  const { demo, gateways } = deps.config
  const simulated = isSimulated(demo, gateways)
  const lastSentAt = await inScheme(deps.db, schemeId, async (tx) => {
    const scheme = await tx.selectFrom('schemes').select('id').where('id', '=', schemeId).executeTakeFirst()
    if (scheme === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
    const { rows } = await sql<{ at: Date | null }>`
      select max(coalesce(all_accepted_at, first_submit_at)) as at from (
        select all_accepted_at, first_submit_at from broadcasts
        where scheme_id = ${schemeId} and kind not in ${UNCOUNTED_KINDS} and simulated = ${simulated}
          and first_submit_at is not null
        order by ordered_at desc limit ${LATEST}) b`.execute(tx)
    return rows[0]?.at ?? null
  })
  const alive = (await readWorkers(deps.db)).filter((worker) => worker.isAlive)
  const routes = routesOf(deps.config, schemeId, mergeReports(alive, 'fr'), simulated)
  return {
    at: deps.now().toISOString(),
    messages: healthOfRoutes(routes),
    lastSentAt: lastSentAt?.toISOString() ?? null,
  }
}

/**
 * Returns the routes that carry the alerts of a scheme; all of that kind when the settings name none of those reported.
 */
function routesOf(
  { routes: rules }: Pick<Deps['config'], 'routes'>,
  schemeId: string,
  routes: readonly RouteView[],
  simulated: boolean,
): readonly RouteView[] {
  const names = new Set(
    rulesFor(rules, routes, { schemeId, simulated }).flatMap((rule) => rule.gateways.map(({ name }) => name)),
  )
  const used = routes.filter(({ name }) => names.has(name))
  return used.length > 0 ? used : routes.filter((route) => route.simulated === simulated)
}

/**
 * Caches the status for a few seconds per scheme, however many clients request it.
 * @returns a function with a cache; failures are not cached.
 */
export function rememberStatus(deps: StatusDeps): (schemeId: string) => Promise<ServiceStatus> {
  return cacheFor(
    STATUS_SECONDS * 1000,
    () => deps.now().getTime(),
    (schemeId) => readServiceStatus(deps, schemeId),
  )
}
