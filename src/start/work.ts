import { workAlerts } from '../alerts/handlers.ts'
import { workAudit } from '../audit/handlers.ts'
import { workChanges } from '../changes/handlers.ts'
import { takeBackCutOff } from '../changes/undo.ts'
import { workDeliveries } from '../deliveries/handlers.ts'
import type { Deps } from '../deps.ts'
import { handleDues } from '../dues/handlers.ts'
import { workEnrolments } from '../enrolment/handlers.ts'
import { workMails } from '../identity/handlers.ts'
import { workImports } from '../imports/handlers.ts'
import { workMembers } from '../members/handlers.ts'
import { workMessages } from '../messages/handlers.ts'
import { asOwner } from '../platform/db.ts'
import { workPortal } from '../portal/handlers.ts'
import { workPrivacy } from '../privacy/handlers.ts'

const EXPIRE_EVERY_MS = 30_000
const TELL_EVERY_MS = 60_000
const HEALTH_EVERY_MS = 300_000
const PURGE_EVERY_MS = 3_600_000

/** Starts the background work of every domain. @returns what stops its timers; the jobs are stopped by `deps.jobs`. */
export async function startWork(deps: Deps): Promise<() => void> {
  await takeBackCutOff(deps)
  for (const work of [
    workAudit,
    workMails,
    workMembers,
    workChanges,
    workImports,
    workEnrolments,
    handleDues,
    workDeliveries,
    workMessages,
    workAlerts,
    workPrivacy,
    workPortal,
  ])
    await work(deps)
  // At once too: alerts may have run out while the program was down.
  await expire()
  await tell()
  await readHealth()
  await purge()
  const timer = setInterval(() => {
    expire().catch((error: unknown) => deps.log.warn({ err: error }, 'expiry not asked for, trying again'))
  }, EXPIRE_EVERY_MS)
  const telling = setInterval(() => {
    tell().catch((error: unknown) =>
      deps.log.warn({ err: error }, 'digests and notices not asked for, trying again'),
    )
  }, TELL_EVERY_MS)
  const reading = setInterval(() => {
    readHealth().catch((error: unknown) =>
      deps.log.warn({ err: error }, 'health not asked for, trying again'),
    )
  }, HEALTH_EVERY_MS)
  const purging = setInterval(() => {
    purge().catch((error: unknown) => deps.log.warn({ err: error }, 'purge not asked for, trying again'))
  }, PURGE_EVERY_MS)
  return () => {
    clearInterval(purging)
    clearInterval(reading)
    clearInterval(timer)
    clearInterval(telling)
  }

  function purge(): Promise<void> {
    return asOwner(deps.db, async (tx) => {
      await deps.jobs.enqueue(tx, 'code.purge', {})
      await deps.jobs.enqueue(tx, 'enrolment.purge', {})
      await deps.jobs.enqueue(tx, 'portal.purge', {})
      await deps.jobs.enqueue(tx, 'mail.resume', {})
      await deps.jobs.enqueue(tx, 'number.purge', {})
      await deps.jobs.enqueue(tx, 'member.purge', {})
      await deps.jobs.enqueue(tx, 'upload.purge', {})
      await deps.jobs.enqueue(tx, 'member.count', {})
      await deps.jobs.enqueue(tx, 'data.purge', {})
      await deps.jobs.enqueue(tx, 'merge.purge', {})
      await deps.jobs.enqueue(tx, 'audit.check', {})
      // A server has autovacuum.
      if (deps.database.embedded) await deps.jobs.enqueue(tx, 'database.upkeep', {})
    })
  }
  function readHealth(): Promise<void> {
    return asOwner(deps.db, async (tx) => {
      await deps.jobs.enqueue(tx, 'number.health', {})
      await deps.jobs.enqueue(tx, 'number.ask', {})
      await deps.jobs.enqueue(tx, 'dues.work', {})
    })
  }
  function tell(): Promise<void> {
    return asOwner(deps.db, async (tx) => {
      await deps.jobs.enqueue(tx, 'care.tell', {})
      await deps.jobs.enqueue(tx, 'member.tell', {})
    })
  }
  function expire(): Promise<void> {
    return asOwner(deps.db, (tx) => deps.jobs.enqueue(tx, 'alert.expire', {}))
  }
}
