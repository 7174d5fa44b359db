import { sql } from 'kysely'
import type { Database } from '../db.ts'
import type { Log } from '../telemetry/log.ts'

/** Interval of comparing the clocks. */
const COMPARE_MS = 30_000
/** Smallest difference that counts: a smaller one may be the time that the question took. */
const DIFFERENCE_MS = 1000

export interface DatabaseClock {
  now(): Date
  stop(): void
}

/**
 * Keeps the clock of this process at that of the database: all processes then agree on what has expired, also on a machine
 * whose clock is wrong. Corrects only a difference of a second or more.
 * @param machineNow the clock of this machine
 */
export async function followDatabaseClock(
  database: Pick<Database, 'db' | 'embedded'>,
  machineNow: () => Date,
  log: Log,
): Promise<DatabaseClock> {
  let differenceMs = 0

  async function compare(): Promise<void> {
    const askedMs = machineNow().getTime()
    const { rows } = await sql<{ at: Date }>`select clock_timestamp() as at`.execute(database.db)
    const answeredMs = machineNow().getTime()
    const at = rows[0]?.at.getTime()
    // The clock was set meanwhile, or the answer took too long to say anything.
    if (at === undefined || answeredMs < askedMs || answeredMs - askedMs > DIFFERENCE_MS) return
    const measuredMs = at - (askedMs + answeredMs) / 2
    if (Math.abs(measuredMs - differenceMs) < DIFFERENCE_MS) return
    differenceMs = Math.abs(measuredMs) < DIFFERENCE_MS ? 0 : Math.round(measuredMs)
    log.warn({ differenceMs }, 'the clock of this machine differs from that of the database, which counts')
  }

  // The embedded database uses the clock of this process.
  if (database.embedded) return { now: machineNow, stop() {} }
  await compare()
  const timer = setInterval(
    () => void compare().catch((error) => log.warn({ err: error }, 'clocks not compared')),
    COMPARE_MS,
  )
  timer.unref()
  return {
    now: () => (differenceMs === 0 ? machineNow() : new Date(machineNow().getTime() + differenceMs)),
    stop: () => clearInterval(timer),
  }
}
