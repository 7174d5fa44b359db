import { sql } from 'kysely'
import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { type Actor, actorName, authorize } from '../permissions.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import { searchName } from '../territory/spelling.ts'
import { memberScopeOf } from './actions.ts'
import type { MemberRenames, RenameDecision } from './contract.ts'
import { nameInSms } from './rules.ts'
import type { MemberScope } from './store.ts'

// The name of a business appears in SMS of the scheme: one that the business gives itself waits for the chamber.

/** The name that a business asked for. */
export interface AskedName {
  readonly name: string
  readonly state: 'waiting' | 'declined'
}

/** Returns the name that a business asked for and that is not in force; undefined if there is none. */
export async function findAskedName(
  tx: Tx,
  schemeId: string,
  memberId: string,
): Promise<AskedName | undefined> {
  const row = await tx
    .selectFrom('memberRenames')
    .select(['name', 'declinedAt'])
    .where('schemeId', '=', schemeId)
    .where('memberId', '=', memberId)
    .executeTakeFirst()
  return row && { name: row.name, state: row.declinedAt === null ? 'waiting' : 'declined' }
}

/**
 * Asks the chamber for another name of a business. It replaces a name asked for before; asking for the name in force withdraws the
 * request. The audit log does not contain the name.
 */
export async function askForName(
  tx: Tx,
  schemeId: string,
  memberId: string,
  asked: { readonly name: string; readonly at: Date; readonly by: string },
): Promise<void> {
  const { name, at, by } = asked
  const inForce = await tx
    .selectFrom('members')
    .select('name')
    .where('schemeId', '=', schemeId)
    .where('id', '=', memberId)
    .executeTakeFirst()
  if (inForce === undefined) throw new AppError('not_found')
  const before = await findAskedName(tx, schemeId, memberId)
  const record = (action: 'member.rename_ask' | 'member.rename_withdraw') =>
    recordAudit(tx, schemeId, at, { actor: by, action, subject: `member:${memberId}` })
  if (inForce.name === name) {
    if (before === undefined) return
    await deleteAskedName(tx, schemeId, memberId)
    return record('member.rename_withdraw')
  }
  if (before?.name === name && before.state === 'waiting') return
  const row = { name, askedAt: at, askedBy: by, declinedAt: null }
  await tx
    .insertInto('memberRenames')
    .values({ schemeId, memberId, ...row })
    .onConflict((conflict) => conflict.columns(['schemeId', 'memberId']).doUpdateSet(row))
    .execute()
  await record('member.rename_ask')
}

/** Lists the names that businesses asked for and that wait, oldest first; a trade chamber sees those of its trades. */
export async function listRenames(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
): Promise<MemberRenames> {
  const only = memberScopeOf(authorize(actor, 'member.rename', schemeId))
  return inScheme(deps.db, schemeId, async (tx) => ({ renames: await findWaiting(tx, schemeId, only) }))
}

/**
 * Puts the name that a business asked for in force, or declines it. A declined name stays on the portal until the business asks
 * for another.
 * @throws AppError `not_found` when none waits, or another one than the user read
 */
export async function decideRename(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  memberId: string,
  { accept, wanted }: RenameDecision,
): Promise<MemberRenames> {
  const only = memberScopeOf(authorize(actor, 'member.rename', schemeId))
  const at = deps.now()
  return inScheme(deps.db, schemeId, async (tx) => {
    const waiting = await findWaiting(tx, schemeId, only)
    const rename = waiting.find((one) => one.memberId === memberId && one.wanted === wanted)
    if (rename === undefined) throw new AppError('not_found')
    if (accept) {
      await tx
        .updateTable('members')
        .set({ name: wanted, searchName: searchName(wanted), updatedAt: at })
        .where('schemeId', '=', schemeId)
        .where('id', '=', memberId)
        .execute()
      await deleteAskedName(tx, schemeId, memberId)
    } else {
      await tx
        .updateTable('memberRenames')
        .set({ declinedAt: at })
        .where('schemeId', '=', schemeId)
        .where('memberId', '=', memberId)
        .execute()
    }
    await recordAudit(tx, schemeId, at, {
      actor: actorName(actor),
      action: accept ? 'member.rename' : 'member.rename_decline',
      subject: `member:${memberId}`,
    })
    return { renames: waiting.filter((one) => one !== rename) }
  })
}

/** Settles the name that a business asked for, once the chamber has given it that name. */
export async function settleAskedName(
  tx: Tx,
  schemeId: string,
  memberId: string,
  given: { readonly name: string; readonly at: Date; readonly by: string },
): Promise<void> {
  const asked = await findAskedName(tx, schemeId, memberId)
  if (asked?.name !== given.name) return
  await deleteAskedName(tx, schemeId, memberId)
  const action = 'member.rename'
  await recordAudit(tx, schemeId, given.at, { actor: given.by, action, subject: `member:${memberId}` })
}

async function deleteAskedName(tx: Tx, schemeId: string, memberId: string): Promise<void> {
  await tx
    .deleteFrom('memberRenames')
    .where('schemeId', '=', schemeId)
    .where('memberId', '=', memberId)
    .execute()
}

/** Counts the names that wait; a trade chamber those of its trades. */
export async function countRenames(tx: Tx, schemeId: string, only: MemberScope): Promise<number> {
  const { rows } = await sql<{ waiting: number }>`
    select count(*)::int as waiting from member_renames r
    join members m on m.scheme_id = r.scheme_id and m.id = r.member_id and m.status <> 'left'
    where r.scheme_id = ${schemeId} and r.declined_at is null
      and ${only.trades === undefined ? sql`true` : sql`m.trade = any (${[...only.trades]}::text[])`}`.execute(
    tx,
  )
  return rows[0]?.waiting ?? 0
}

/** Finds the names that wait, and locks them until the end of the transaction. */
async function findWaiting(tx: Tx, schemeId: string, only: MemberScope): Promise<MemberRenames['renames']> {
  const { rows } = await sql<{
    memberId: string
    name: string
    wanted: string
    communeCode: string
    communeName: string
    trade: string
    askedAt: Date
  }>`
    select r.member_id, m.name, r.name as wanted, m.commune_code, k.name as commune_name, m.trade, r.asked_at
    from member_renames r
    join members m on m.scheme_id = r.scheme_id and m.id = r.member_id and m.status <> 'left'
    join communes k on k.code = m.commune_code
    where r.scheme_id = ${schemeId} and r.declined_at is null
      and ${only.trades === undefined ? sql`true` : sql`m.trade = any (${[...only.trades]}::text[])`}
    order by r.asked_at, r.member_id for update of r`.execute(tx)
  return rows.map(({ communeCode, communeName, askedAt, ...row }) => ({
    ...row,
    inSms: nameInSms(row.wanted),
    commune: { code: communeCode, name: communeName },
    askedAt: askedAt.toISOString(),
  }))
}
