import { sql } from 'kysely'
import type { Deps } from '../deps.ts'
import { memberStates, uuids } from '../members/states.ts'
import { chunks } from '../members/store.ts'
import { type Actor, actorName } from '../permissions.ts'
import type { Tx } from '../platform/db.ts'
import type { ChangeKind } from './contract.ts'

/**
 * Runs statements that join thousands of rows without planner statistics, with nested loops disabled for this transaction:
 * the planner would expect few rows and scan one side once per row of the other.
 */
export async function withHashJoins<T>(tx: Tx, work: () => Promise<T>): Promise<T> {
  const set = (to: 'on' | 'off') =>
    sql`select set_config('enable_nestloop', ${to}, true), set_config('enable_mergejoin', ${to}, true)`.execute(
      tx,
    )
  await set('off')
  const result = await work()
  await set('on')
  return result
}

/** A change in progress, made in one transaction or in several; until finished it is marked as such. */
export interface OpenChange {
  readonly id: string
  readonly at: Date
  /** Records the state of members; call it before they are written. */
  before(tx: Tx, ids: readonly string[]): Promise<void>
  /** Records the new state of members, and the created ones; call it after they are written, in the same transaction. */
  after(
    tx: Tx,
    members: { readonly touched: readonly string[]; readonly created: readonly string[] },
  ): Promise<void>
  /** Finishes the change; call it after everything is recorded. */
  finish(tx: Tx): Promise<void>
}

/** Starts a change that can be undone. @param unfinished the change takes several transactions and `finish` ends it */
export async function openChange(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId'>,
  schemeId: string,
  what: {
    readonly kind: ChangeKind
    readonly actor: Actor
    readonly note: string | null
    readonly unfinished?: boolean
  },
): Promise<OpenChange> {
  const { actor, ...fields } = what
  const id = deps.newId()
  const at = deps.now()
  await tx
    .insertInto('memberChanges')
    .values({
      schemeId,
      id,
      at,
      by: actorName(actor),
      byName: actor.kind === 'user' ? actor.name : actorName(actor),
      created: 0,
      updated: 0,
      ...fields,
    })
    .execute()
  const known = new Set<string>()
  let made = 0
  return {
    id,
    at,
    async before(tx, ids) {
      // Keeps the state before the whole change, even if the change writes a member several times.
      const first = [...new Set(ids)].filter((one) => !known.has(one))
      for (const one of first) known.add(one)
      for (const part of chunks(first)) {
        await withHashJoins(tx, () =>
          sql`
          insert into member_change_rows (scheme_id, change_id, member_id, created, before)
          select ${schemeId}, ${id}::uuid, s.id, false, s.state from ${memberStates(schemeId, uuids(part))} s`.execute(
            tx,
          ),
        )
      }
    },
    async after(tx, { touched, created }) {
      made += created.length
      for (const part of chunks([...new Set(touched)])) {
        await withHashJoins(tx, () =>
          sql`
          update member_change_rows r set print = md5(s.state::text), after = s.state from ${memberStates(schemeId, uuids(part))} s
          where r.scheme_id = ${schemeId} and r.change_id = ${id}::uuid and r.member_id = s.id
            and r.member_id = any (${uuids(part)})`.execute(tx),
        )
      }
      for (const part of chunks(created)) {
        await withHashJoins(tx, () =>
          sql`
          insert into member_change_rows (scheme_id, change_id, member_id, created, print)
          select ${schemeId}, ${id}::uuid, s.id, true, md5(s.state::text)
          from ${memberStates(schemeId, uuids(part))} s`.execute(tx),
        )
      }
    },
    async finish(tx) {
      await tx
        .updateTable('memberChanges')
        .set({ created: made, updated: known.size, unfinished: false })
        .where('schemeId', '=', schemeId)
        .where('id', '=', id)
        .execute()
    },
  }
}
