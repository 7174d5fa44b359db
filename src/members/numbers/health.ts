import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import type { Tx } from '../../platform/db.ts'
import { mailMembersOfDeadNumbers } from './mails.ts'
import { addOutcomes, type NumberOutcome, type NumberState, numberStateAfter } from './rules.ts'

/** Outcomes of messages to phone numbers: deliveries, and failures caused by the number itself. */
export interface NumberOutcomes {
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
  readonly notifiedAt: Date | null
}

/**
 * Makes updates of a scheme's number health run one at a time until the transaction ends: they lock the same rows in
 * different orders.
 */
export async function lockNumberHealth(tx: Tx, schemeId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('numbers:' || ${schemeId}, 0))`.execute(tx)
}

/**
 * Updates the health of the scheme's contact numbers from message outcomes, in the caller's transaction. Numbers of no
 * contact are ignored, and repeated outcomes change nothing. Members whose number becomes dead are notified by mail, once.
 */
export async function recordNumberOutcomes(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId' | 'jobs' | 'mailer' | 'config'>,
  schemeId: string,
  { delivered, failed }: NumberOutcomes,
): Promise<void> {
  await lockNumberHealth(tx, schemeId)
  const phones = [...new Set(delivered.map(({ phone }) => phone))]
  if (delivered.length > 0) {
    // Most outcomes are deliveries that need no further judgement: one statement stores them and keeps newer values.
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
    select phone, state, delivered_at, unknown_at, absent_at, notified_at from number_health
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
        // Includes what the statement above wrote: failures before that delivery no longer count.
        deliveredAtMs: before?.deliveredAt?.getTime() ?? null,
        unknownAtMs: (before?.unknownAt ?? []).map(Number),
        absentAtMs: (before?.absentAt ?? []).map(Number),
      },
      outcomes,
    )
    const state = numberStateAfter(before?.state ?? 'ok', history)
    const { deliveredAtMs, unknownAtMs, absentAtMs } = history
    // The state dates from the last message that it was derived from.
    const atMs = Math.max(deliveredAtMs ?? 0, unknownAtMs.at(-1) ?? 0, absentAtMs.at(-1) ?? 0)
    return { phone, was: before?.state ?? 'ok', state, isNotified: before?.notifiedAt != null, history, atMs }
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
      -- A number that was ok since is notified again when it becomes dead.
      notified_at = case when excluded.state = 'ok' then null else known.notified_at end`.execute(tx)
  const dead = judged.filter(
    ({ was, state, isNotified }) => state === 'dead' && was !== 'dead' && !isNotified,
  )
  if (dead.length > 0)
    await mailMembersOfDeadNumbers(
      tx,
      deps,
      schemeId,
      dead.map(({ phone }) => phone),
    )
}

/** Deletes the health of numbers that no contact has any more. @returns how many rows were deleted */
export async function deleteUnusedNumberHealth(tx: Tx): Promise<number> {
  const { rows } = await sql<{ forgotten: number }>`
    with forgotten as (
      delete from number_health h
      where not exists (select from contacts c where c.scheme_id = h.scheme_id and c.mobile = h.phone)
      returning 1
    )
    select count(*)::int as forgotten from forgotten`.execute(tx)
  return rows[0]?.forgotten ?? 0
}
