import { type Kysely, sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { HOUR_MS } from '../../message/clock.ts'
import type { Db, Tx } from '../../platform/db.ts'
import { acceptedHmacsOf } from '../../platform/process/secrets.ts'
import type { Schema } from '../../schema.ts'

/** Hours for which a count is kept: the longest period counted, plus one. */
const KEPT_HOURS = 25

/** A subject whose failures are counted over periods that start with the first failure. */
export interface Counted {
  /** Name of the budget, such as `verify`. */
  readonly kind: string
  /** The subject; it is stored as an HMAC, so it may contain an address or a mail. */
  readonly of: string
  readonly seconds: number
}

/** Failures in the current period, including this one, and the seconds until the next period. */
export interface FailureCount {
  readonly failures: number
  readonly secondsLeft: number
}

type Needs = Pick<Deps, 'now' | 'secret'>

/**
 * Counts a failure before the outcome of the attempt is known, so that concurrent attempts cannot all pass the same budget;
 * `uncountFailure` removes the count of an attempt that succeeded.
 */
export async function countFailure(tx: Db | Tx, deps: Needs, counted: Counted): Promise<FailureCount> {
  const now = deps.now()
  const [subject, former = null] = subjectsOf(deps, counted)
  // A count that began under the previous secret continues under the current one.
  const { rows } = await sql<{ failures: number; since: Date }>`
    insert into failure_counts as c (subject, since, failures)
    select ${subject}, coalesce(o.since, ${now}::timestamptz), coalesce(o.failures, 0) + 1
    from (values (1)) one left join failure_counts o on o.subject = ${former} and o.since > ${periodStart(now, counted)}
    on conflict (subject) do update set
      failures = case when c.since <= ${periodStart(now, counted)} then 1 else c.failures + 1 end,
      since = case when c.since <= ${periodStart(now, counted)} then ${now}::timestamptz else c.since end
    returning failures, since`.execute(tx)
  const [row] = rows
  if (row === undefined) throw new AppError('internal')
  const endsAt = row.since.getTime() + counted.seconds * 1000
  return { failures: row.failures, secondsLeft: Math.max(1, Math.ceil((endsAt - now.getTime()) / 1000)) }
}

/** Removes `count` counted failures. With 0 it writes the row too, so that both outcomes take the same work. */
export async function uncountFailure(
  tx: Db | Tx,
  deps: Needs,
  counted: Counted,
  count: number,
): Promise<void> {
  await sql`update failure_counts set failures = greatest(0, failures - ${count}::int)
    where subject = ${subjectsOf(deps, counted)[0]}`.execute(tx)
}

/** Deletes counts whose period ended long ago. */
export async function purgeFailures(db: Db | Tx, now: Date): Promise<void> {
  const owner = db as Kysely<Schema>
  await owner
    .deleteFrom('failureCounts')
    .where('since', '<', new Date(now.getTime() - KEPT_HOURS * HOUR_MS))
    .execute()
}

function periodStart(now: Date, { seconds }: Counted): Date {
  return new Date(now.getTime() - seconds * 1000)
}

function subjectsOf(deps: Needs, { kind, of }: Counted): string[] {
  return hashesOfSubject(deps, kind, of).map((hash) => `${kind}:${hash}`)
}

/**
 * Returns the HMACs of a subject, by which it can be found but not read: under the current secret, by which it is written, and
 * under the previous one.
 */
export function hashesOfSubject({ secret }: Pick<Deps, 'secret'>, kind: string, of: string): string[] {
  return acceptedHmacsOf(secret, `tocsin:failures:${kind}:${of}`).map((hash) => hash.toString('base64url'))
}
