import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import type { Tx } from '../../platform/db.ts'
import { mailDead } from './mails.ts'
import { addOutcomes, healthOf, type NumberOutcome, type NumberState } from './rules.ts'

/** What came of messages to numbers: what reached them, and what failed by the number's own fault. */
export interface LearntOutcomes {
  readonly delivered: readonly { readonly phone: string; readonly at: Date }[]
  readonly failed: readonly {
    readonly phone: string
    readonly kind: 'unknown' | 'absent'
    readonly at: Date
  }[]
}

interface KnownRow {
  readonly phone: string
  readonly state: NumberState
  readonly deliveredAt: Date | null
  readonly unknownAt: Date[]
  readonly absentAt: Date[]
  readonly toldAt: Date | null
}

/** Whoever learns of the numbers of a scheme goes alone until the transaction ends: the same rows, in another order. */
export async function lockNumbers(tx: Tx, schemeId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('numbers:' || ${schemeId}, 0))`.execute(tx)
}

/**
 * Brings the numbers of the scheme's contacts up to date, in the caller's transaction; numbers of others are passed over.
 * The same outcomes again change nothing. Members of a number that is dead from now on are told by mail, once.
 */
export async function learnOutcomes(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId' | 'jobs' | 'mailer' | 'config'>,
  schemeId: string,
  { delivered, failed }: LearntOutcomes,
): Promise<void> {
  await lockNumbers(tx, schemeId)
  const phones = [...new Set(delivered.map(({ phone }) => phone))]
  if (delivered.length > 0) {
    // Nearly all of them, with nothing to judge: one statement, which leaves alone what is newer.
    await sql`
      insert into number_health as known (scheme_id, phone, since, delivered_at)
      select ${schemeId}, d.phone, max(d.at), max(d.at)
      from unnest(${delivered.map(({ phone }) => phone)}::text[], ${delivered.map(({ at }) => at)}::timestamptz[]) as d (phone, at)
      where exists (select from contacts c where c.scheme_id = ${schemeId} and c.mobile = d.phone)
      group by d.phone order by d.phone
      on conflict (scheme_id, phone) do update set delivered_at = excluded.delivered_at
      where known.delivered_at is null or known.delivered_at < excluded.delivered_at`.execute(tx)
  }
  const byPhone = Map.groupBy(failed, ({ phone }) => phone)
  const { rows } = await sql<KnownRow>`
    select phone, state, delivered_at, unknown_at, absent_at, told_at from number_health
    where scheme_id = ${schemeId} and (phone = any (${[...byPhone.keys()]}::text[])
      or phone = any (${phones}::text[]) and (state <> 'ok' or unknown_at <> '{}' or absent_at <> '{}'))`.execute(
    tx,
  )
  const known = new Map(rows.map((row) => [row.phone, row]))
  const judged = [...new Set([...byPhone.keys(), ...known.keys()])].map((phone) => {
    const before = known.get(phone)
    const outcomes = (byPhone.get(phone) ?? []).map(
      ({ kind, at }): NumberOutcome => ({ kind, atMs: at.getTime() }),
    )
    const history = addOutcomes(
      {
        // With what the statement above wrote: failures known before it count no more.
        deliveredAtMs: before?.deliveredAt?.getTime() ?? null,
        unknownAtMs: (before?.unknownAt ?? []).map(Number),
        absentAtMs: (before?.absentAt ?? []).map(Number),
      },
      outcomes,
    )
    const state = healthOf(before?.state ?? 'ok', history)
    const { deliveredAtMs, unknownAtMs, absentAtMs } = history
    // As of the last message that it was judged by.
    const atMs = Math.max(deliveredAtMs ?? 0, unknownAtMs.at(-1) ?? 0, absentAtMs.at(-1) ?? 0)
    return { phone, was: before?.state ?? 'ok', state, isTold: before?.toldAt != null, history, atMs }
  })
  if (judged.length === 0) return
  const iso = (ms: number) => new Date(ms).toISOString()
  await sql`
    insert into number_health as known (scheme_id, phone, state, since, unknown_at, absent_at)
    select ${schemeId}, j.phone, j.state, j.at, j.unknown::timestamptz[], j.absent::timestamptz[]
    from unnest(
      ${judged.map(({ phone }) => phone)}::text[], ${judged.map(({ state }) => state)}::text[],
      ${judged.map(({ atMs }) => iso(atMs))}::timestamptz[],
      ${judged.map(({ history }) => `{${history.unknownAtMs.map(iso).join(',')}}`)}::text[],
      ${judged.map(({ history }) => `{${history.absentAtMs.map(iso).join(',')}}`)}::text[]
    ) as j (phone, state, at, unknown, absent)
    where exists (select from contacts c where c.scheme_id = ${schemeId} and c.mobile = j.phone)
    order by j.phone
    on conflict (scheme_id, phone) do update set
      state = excluded.state, unknown_at = excluded.unknown_at, absent_at = excluded.absent_at,
      since = case when known.state = excluded.state then known.since else excluded.since end,
      -- Dead once more is another thing to tell.
      told_at = case when excluded.state = 'ok' then null else known.told_at end`.execute(tx)
  const dead = judged.filter(({ was, state, isTold }) => state === 'dead' && was !== 'dead' && !isTold)
  if (dead.length > 0)
    await mailDead(
      tx,
      deps,
      schemeId,
      dead.map(({ phone }) => phone),
    )
}

/** Forgets what is known of numbers that no contact has any more. @returns how many. */
export async function forgetNumbers(tx: Tx): Promise<number> {
  const { rows } = await sql<{ forgotten: number }>`
    with forgotten as (
      delete from number_health h
      where not exists (select from contacts c where c.scheme_id = h.scheme_id and c.mobile = h.phone)
      returning 1
    )
    select count(*)::int as forgotten from forgotten`.execute(tx)
  return rows[0]?.forgotten ?? 0
}
