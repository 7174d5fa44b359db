import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { type App, addEndpoint } from '../../platform/http/http.ts'
import { healthEndpoints } from '../endpoints.ts'

const READY_CHECK_MS = 2000

/** Registers the endpoints for monitoring: whether the process is alive and whether it is ready. */
export function healthRoutes(
  app: App,
  deps: Pick<Deps, 'db' | 'database'>,
  process: { readonly isReady: () => boolean; readonly isLeaving?: () => boolean },
): void {
  addEndpoint(app, healthEndpoints.getHealth, async () => ({ ok: true }))
  addEndpoint(app, healthEndpoints.getReadiness, async (_request, reply) => {
    const reason = process.isReady()
      ? await reasonNotReady(deps)
      : process.isLeaving?.() === true
        ? 'stopping'
        : 'starting'
    return reply
      .status(reason === undefined ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(reason === undefined ? { ready: true } : { ready: false, reason })
  })
}

/** The process is not ready for this long after a statement failed on a full disk: the next one may fail too. */
const DISK_FULL_MS = 30_000

async function reasonNotReady(
  deps: Pick<Deps, 'db' | 'database'>,
): Promise<'database_down' | 'disk_full' | undefined> {
  if (deps.database.disk.sinceFullMs() < DISK_FULL_MS) return 'disk_full'
  return (await databaseAnswers(deps)) ? undefined : 'database_down'
}

/** Returns true when the database answers in time. */
async function databaseAnswers(deps: Pick<Deps, 'db'>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, READY_CHECK_MS, false)
  })
  const query = sql`select 1`.execute(deps.db).then(
    () => true,
    () => false,
  )
  return Promise.race([query, late]).finally(() => clearTimeout(timer))
}
