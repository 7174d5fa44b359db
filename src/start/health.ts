import { sql } from 'kysely'
import { z } from 'zod'
import type { Deps } from '../deps.ts'
import type { App } from '../platform/http.ts'

const READY_CHECK_MS = 2000

/** Whether the process answers, and whether it can serve: for whoever watches over it. */
export function healthRoutes(app: App, deps: Pick<Deps, 'db'>, isReady: () => boolean): void {
  const Ready = z.object({ ready: z.boolean() })
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
      const ready = isReady() && (await answers(deps))
      return reply
        .status(ready ? 200 : 503)
        .header('cache-control', 'no-store')
        .send({ ready })
    },
  )
}

/** Whether the database answers in time. */
async function answers(deps: Pick<Deps, 'db'>): Promise<boolean> {
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
