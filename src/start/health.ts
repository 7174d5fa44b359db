import { sql } from 'kysely'
import { z } from 'zod'
import type { Deps } from '../deps.ts'
import type { App } from '../platform/http.ts'

const READY_CHECK_MS = 2000

/** Registers the endpoints for monitoring: whether the process is alive and whether it is ready. */
export function healthRoutes(app: App, deps: Pick<Deps, 'db' | 'database'>, isReady: () => boolean): void {
  const Ready = z.object({
    ready: z.boolean(),
    /** The reason when not ready. */
    reason: z.enum(['starting', 'database_down', 'disk_full']).optional(),
  })
  const health = { config: { permission: 'public' }, schema: { tags: ['health'] } } as const

  app.get(
    '/healthz',
    {
      ...health,
      schema: {
        ...health.schema,
        summary: 'The process answers',
        response: { 200: z.object({ ok: z.boolean() }) },
      },
    },
    async () => ({ ok: true }),
  )
  app.get(
    '/readyz',
    {
      ...health,
      schema: { ...health.schema, summary: 'It can serve', response: { 200: Ready, 503: Ready } },
    },
    async (_request, reply) => {
      const reason = isReady() ? await reasonNotReady(deps) : 'starting'
      return reply
        .status(reason === undefined ? 200 : 503)
        .header('cache-control', 'no-store')
        .send(reason === undefined ? { ready: true } : { ready: false, reason })
    },
  )
}

/** The process is not ready for this long after a statement failed on a full disk: the next one may fail too. */
const DISK_FULL_MS = 30_000

async function reasonNotReady(
  deps: Pick<Deps, 'db' | 'database'>,
): Promise<'database_down' | 'disk_full' | undefined> {
  if (deps.database.sinceDiskFullMs() < DISK_FULL_MS) return 'disk_full'
  return (await databaseAnswers(deps)) ? undefined : 'database_down'
}

/** Returns true when the database answers in time. */
async function databaseAnswers(deps: Pick<Deps, 'db'>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, READY_CHECK_MS, false)
  })
  const asked = sql`select 1`.execute(deps.db).then(
    () => true,
    () => false,
  )
  return Promise.race([asked, late]).finally(() => clearTimeout(timer))
}
