import { workAlerts } from '../alerts/handlers.ts'
import type { Deps } from '../deps.ts'
import { asOwner } from '../platform/db.ts'

const EXPIRE_EVERY_MS = 30_000
const TELL_EVERY_MS = 60_000

/** Starts the background work of every domain. @returns what stops its timers; the jobs are stopped by `deps.jobs`. */
export async function startWork(deps: Deps): Promise<() => void> {
  await workAlerts(deps)
  // At once too: alerts may have run out while the program was down.
  await expire()
  await tell()
  const timer = setInterval(() => {
    expire().catch((error: unknown) => deps.log.warn({ err: error }, 'expiry not asked for, trying again'))
  }, EXPIRE_EVERY_MS)
  const telling = setInterval(() => {
    tell().catch((error: unknown) => deps.log.warn({ err: error }, 'digests not asked for, trying again'))
  }, TELL_EVERY_MS)
  return () => {
    clearInterval(timer)
    clearInterval(telling)
  }

  function tell(): Promise<void> {
    return asOwner(deps.db, (tx) => deps.jobs.enqueue(tx, 'care.tell', {}))
  }
  function expire(): Promise<void> {
    return asOwner(deps.db, (tx) => deps.jobs.enqueue(tx, 'alert.expire', {}))
  }
}
