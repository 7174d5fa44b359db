import { sql } from 'kysely'
import type { Deps } from '../deps.ts'
import { memberStates, uuids } from '../members/states.ts'
import { splitIntoChunks } from '../members/store.ts'
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

/** Returns the name of an author as it is shown; that of a contact is not, so that it is not kept. */
function authorName(actor: Actor): string {
  if (actor.kind === 'user') return actor.name
  return actor.kind === 'contact' ? 'contact:portal' : actorName(actor)
}

/**
 * Starts a change that can be undone. @param unfinished the change takes several transactions and `finish` ends it
 * @param byJob a stored job continues it after a stop of the program; an unfinished change without one is reverted then
 */
export async function openChange(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId'>,
  schemeId: string,
  what: {
    /** Chosen by the client; absent: a new one. */
    readonly id?: string | undefined
    readonly kind: ChangeKind
    readonly actor: Actor
    readonly note: string | null
    readonly unfinished?: boolean
    readonly byJob?: boolean
  },
): Promise<OpenChange> {
  const { actor, id = deps.newId(), ...fields } = what
  const at = deps.now()
  await tx
    .insertInto('memberChanges')
    .values({
      schemeId,
      id,
      at,
      by: actorName(actor),
      byName: authorName(actor),
      created: 0,
      updated: 0,
      ...fields,
    })
    .execute()
  return continueChange(schemeId, { id, at })
}

/** Continues a change that was started, in this process or in another one. */
export function continueChange(
  schemeId: string,
  { id, at }: { readonly id: string; readonly at: Date },
): OpenChange {
  return {
    id,
    at,
    async before(tx, ids) {
      // Keeps the state before the whole change, even if the change writes a member several times.
      for (const part of splitIntoChunks([...new Set(ids)])) {
        await withHashJoins(tx, () =>
          sql`
          insert into member_change_rows (scheme_id, change_id, member_id, created, before)
          select ${schemeId}, ${id}::uuid, s.id, false, s.state from ${memberStates(schemeId, uuids(part))} s
          where not exists (select from member_change_rows r
            where r.scheme_id = ${schemeId} and r.change_id = ${id}::uuid and r.member_id = s.id)`.execute(
            tx,
          ),
        )
      }
    },
    async after(tx, { touched, created }) {
      for (const part of splitIntoChunks([...new Set(touched)])) {
        await withHashJoins(tx, () =>
          sql`
          update member_change_rows r set print = md5(s.state::text), after = s.state from ${memberStates(schemeId, uuids(part))} s
          where r.scheme_id = ${schemeId} and r.change_id = ${id}::uuid and r.member_id = s.id
            and r.member_id = any (${uuids(part)})`.execute(tx),
        )
      }
      for (const part of splitIntoChunks(created)) {
        await withHashJoins(tx, () =>
          sql`
          insert into member_change_rows (scheme_id, change_id, member_id, created, print)
          select ${schemeId}, ${id}::uuid, s.id, true, md5(s.state::text)
          from ${memberStates(schemeId, uuids(part))} s`.execute(tx),
        )
      }
    },
    async finish(tx) {
      await sql`
        update member_changes c set unfinished = false, created = n.created, updated = n.updated
        from (select (count(*) filter (where r.created))::int as created, (count(*) filter (where not r.created))::int as updated
          from member_change_rows r where r.scheme_id = ${schemeId} and r.change_id = ${id}::uuid) n
        where c.scheme_id = ${schemeId} and c.id = ${id}::uuid`.execute(tx)
    },
  }
}

/** Deletes a started change that wrote nothing. */
export async function deleteEmptyChange(tx: Tx, schemeId: string, id: string): Promise<void> {
  await tx.deleteFrom('memberChanges').where('schemeId', '=', schemeId).where('id', '=', id).execute()
}
