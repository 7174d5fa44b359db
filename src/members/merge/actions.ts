import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { say } from '../../messages/say.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { onlyOf, viewMember } from '../actions.ts'
import { UNDO_HOURS } from '../changes/contract.ts'
import { retell, withdrawUntrue } from '../changes/tell.ts'
import { balanceOf, lockDues, today, writeMovements } from '../dues/ledger.ts'
import { listMemberYears, waiverPiece } from '../dues/store.ts'
import { noteLooks } from '../looks.ts'
import { takeTurn } from '../portal/shop.ts'
import { findMembers, lockMemberList } from '../store.ts'
import type { ApartChoice, DoublePage, DoubleQuery, MergeMembers, MergeView } from './contract.ts'
import { firstTake, type MergeSide, planMerge } from './rules.ts'
import {
  deleteApart,
  findSide,
  findUndo,
  insertApart,
  isBeingCollected,
  isSiretTaken,
  listDoubles,
  listMerges,
  type MergeRow,
  type WaivedTwice,
  writeMerge,
  writeUndo,
} from './store.ts'

const UNDO_MS = UNDO_HOURS * 3_600_000
/** Pairs on a page: each is read side by side. */
const PAIRS = 20

type Reach = ReturnType<typeof authorize>

/**
 * Members that are probably one business, side by side, a page at a time, with the merges of the last day. A trade chamber
 * sees those of which both are of its trades.
 */
export async function findDoubles(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  { offset }: DoubleQuery,
): Promise<DoublePage> {
  const only = onlyOf(authorize(actor, 'member.merge', schemeId))
  const now = deps.now()
  return inScheme(deps.db, schemeId, async (tx) => {
    const rows = await listDoubles(tx, schemeId, { limit: PAIRS, offset, only })
    const ids = [...new Set(rows.flatMap(({ firstId, secondId }) => [firstId, secondId]))]
    const found = await findMembers(tx, schemeId, ids)
    await noteLooks(tx, actor, schemeId, 'doubles', ids, now)
    const view = (id: string) => {
      const member = found.get(id)
      if (member === undefined) throw new AppError('internal')
      return viewMember(member, true)
    }
    const merges = await listMerges(tx, schemeId, { since: new Date(now.getTime() - UNDO_MS), only })
    return {
      pairs: rows.map(({ firstId, secondId, by }) => ({ first: view(firstId), second: view(secondId), by })),
      total: rows[0]?.total ?? 0,
      merges: merges.map((merge) => viewMerge(merge, now)),
    }
  })
}

function viewMerge(row: MergeRow, now: Date): MergeView {
  const until = new Date(row.mergedAt.getTime() + UNDO_MS)
  return {
    id: row.id,
    kept: { id: row.keptId, name: row.keptName },
    merged: { id: row.mergedId, name: row.mergedName },
    at: row.mergedAt.toISOString(),
    undoUntil: row.isLast && until > now ? until.toISOString() : null,
  }
}

/**
 * Says of two members that they are not the same, so that they are not shown together again; or takes that back.
 * @throws AppError `not_found`, also to a chamber of another trade
 */
export async function setApart(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  { members: [first, second], apart }: ApartChoice,
): Promise<void> {
  const reach = authorize(actor, 'member.merge', schemeId)
  const at = deps.now()
  const by = actorName(actor)
  if (first === second) throw sameTwice('members')
  await inScheme(deps.db, schemeId, async (tx) => {
    const ids = [
      (await getSide(tx, schemeId, first, reach)).id,
      (await getSide(tx, schemeId, second, reach)).id,
    ]
    const pair = ids as [string, string]
    const isNew = apart
      ? await insertApart(tx, schemeId, pair, { at, by })
      : await deleteApart(tx, schemeId, pair)
    if (!isNew) return
    await recordAudit(tx, schemeId, at, {
      actor: by,
      action: apart ? 'member.apart' : 'member.apart_undone',
      subject: `member:${first}`,
      details: { other: second },
    })
  })
}

function sameTwice(path: string): AppError {
  return new AppError('invalid_input', { problems: [{ code: 'merge.same', path }] })
}

/** @throws AppError `not_found` for none, for a pointer, and for one of a trade that is not the actor's */
async function getSide(tx: Tx, schemeId: string, id: string, reach: Reach): Promise<MergeSide> {
  const side = await findSide(tx, schemeId, id)
  if (side === undefined || (reach.scope === 'trades' && !reach.trades.includes(side.trade))) {
    throw new AppError('not_found')
  }
  return side
}

/**
 * Makes one member of two. The kept one takes over the contacts, each number and mail once, and all that was the other's:
 * alerts received and read, reports, signatures, opt-outs with their proofs. The other stays as a pointer, so that a list
 * that names it is about the kept one. The kept one is active when one of the two is: a suspension of the other is lifted,
 * and what waits to tell of it is withdrawn.
 * @throws AppError `not_found`, also to a chamber of another trade; `wrong_state` when one of them left; `merge_owes`
 * when the other paid dues in advance, or owes what the kept one does not; `invalid_input`
 */
export async function mergeMembers(
  deps: Pick<Deps, 'db' | 'now' | 'newId'>,
  actor: Actor,
  schemeId: string,
  input: MergeMembers,
): Promise<MergeView> {
  const reach = authorize(actor, 'member.merge', schemeId)
  if (input.kept === input.merged) throw sameTwice('merged')
  const at = deps.now()
  const id = deps.newId()
  const by = actorName(actor)
  return inScheme(deps.db, schemeId, async (tx) => {
    await lockMemberList(tx, schemeId)
    // Before the turn, as whoever moves money does: the other way round, each would wait for the other.
    await lockDues(tx, schemeId)
    await takeTurn(tx, schemeId)
    const kept = await getSide(tx, schemeId, input.kept, reach)
    const merged = await getSide(tx, schemeId, input.merged, reach)
    if (kept.status === 'left' || merged.status === 'left') throw new AppError('wrong_state')
    const waived = await closeAccount(tx, deps, schemeId, kept, merged, by)
    const take = { ...firstTake(choosable(kept), choosable(merged)), ...input.take }
    const plan = planMerge(kept, merged, take)
    await writeMerge(tx, schemeId, kept, merged, plan, { id, at, by, waived })
    await withdrawUntrue(tx, deps, schemeId, [kept.id, merged.id])
    await recordAudit(tx, schemeId, at, {
      actor: by,
      action: 'member.merge',
      subject: `member:${kept.id}`,
      details: {
        merge: id,
        merged: merged.id,
        take,
        contacts: { moved: plan.moved.length, joined: plan.joined.length },
        ...(waived !== null && { waivedCents: waived.cents }),
      },
    })
    return viewOf(tx, schemeId, id, at)
  })
}

/**
 * Closes the account of the member that is merged away: of two that are one business, each was asked for the fee of a year,
 * and one of the two fees is let off.
 * @returns what was let off, and by which entry; null when it owed nothing
 * @throws AppError `merge_owes` when it paid in advance, owes a year that the kept one was asked nothing for, or has a debit
 * on its way: somebody must say what becomes of that money
 */
async function closeAccount(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  kept: MergeSide,
  merged: MergeSide,
  by: string,
): Promise<WaivedTwice | null> {
  const refused = new AppError('merge_owes', { values: { name: merged.name } })
  // Also of one that owes nothing any more: the bank credits it later.
  if (await isBeingCollected(tx, schemeId, merged.id)) throw refused
  const owed = await balanceOf(tx, schemeId, merged.id)
  if (owed === 0) return null
  const years = await listMemberYears(tx, schemeId, [kept.id, merged.id])
  const asked = new Set(
    years.flatMap(({ memberId, year, amountCents }) => (memberId === kept.id && amountCents > 0 ? year : [])),
  )
  const twice = years.filter(
    ({ memberId, year, remainingCents }) => memberId === merged.id && remainingCents > 0 && asked.has(year),
  )
  const cents = twice.reduce((sum, { remainingCents }) => sum + remainingCents, 0)
  if (owed !== cents) throw refused
  const entryNo = await writeMovements(tx, deps, schemeId, by, [
    {
      kind: 'waiver',
      enteredOn: today(deps),
      memberId: merged.id,
      member: merged.name,
      piece: say('fr', 'dues.merged', { name: kept.name }),
      owesCents: -cents,
      against: 'income',
    },
  ])
  return { cents, entryNo }
}

function choosable(side: MergeSide) {
  return { ...side, hasQuiet: side.quietFrom !== null }
}

async function viewOf(tx: Tx, schemeId: string, id: string, now: Date): Promise<MergeView> {
  const [merge] = await listMerges(tx, schemeId, { id })
  if (merge === undefined) throw new AppError('not_found')
  return viewMerge(merge, now)
}

/**
 * Takes a merge back within a day: there are two members again, each with what is its own. What was changed since stays.
 * @throws AppError `not_found`, also when it is undone already or is another trade's; `merge_too_late`; `merge_followed` when a later merge
 * has to be taken back first, or another member has the SIRET by now
 */
export async function undoMerge(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<void> {
  const reach = authorize(actor, 'member.merge', schemeId)
  const at = deps.now()
  await inScheme(deps.db, schemeId, async (tx) => {
    await lockMemberList(tx, schemeId)
    // Mandates go back to whose they were.
    await lockDues(tx, schemeId)
    await takeTurn(tx, schemeId)
    const [merge] = await listMerges(tx, schemeId, { id })
    const isOwn = (trade: string) => reach.scope === 'scheme' || reach.trades.includes(trade)
    if (merge === undefined || !isOwn(merge.keptTrade) || !isOwn(merge.mergedTrade)) {
      throw new AppError('not_found')
    }
    const undo = await findUndo(tx, schemeId, id)
    if (undo === null || at.getTime() >= merge.mergedAt.getTime() + UNDO_MS) {
      throw new AppError('merge_too_late', { values: { hours: UNDO_HOURS } })
    }
    const kept = await findSide(tx, schemeId, merge.keptId)
    if (!merge.isLast || kept === undefined) throw new AppError('merge_followed')
    await requireSirets(tx, schemeId, merge, kept, undo)
    await writeUndo(tx, schemeId, merge, undo, kept, at)
    await retell(tx, deps, schemeId, [merge.keptId, merge.mergedId], merge.mergedAt)
    if (undo.waived) {
      await writeMovements(tx, deps, schemeId, actorName(actor), [
        {
          kind: 'cancellation',
          enteredOn: today(deps),
          memberId: merge.mergedId,
          member: merge.mergedName,
          piece: waiverPiece(undo.waived.entryNo),
          owesCents: undo.waived.cents,
          against: 'income',
        },
      ])
    }
    await recordAudit(tx, schemeId, at, {
      actor: actorName(actor),
      action: 'member.merge_undone',
      subject: `member:${merge.keptId}`,
      details: { merge: id, merged: merge.mergedId },
    })
  })
}

/** Each of the two has its SIRET again, or undoing would give one to two. @throws AppError `merge_followed` */
async function requireSirets(
  tx: Tx,
  schemeId: string,
  merge: MergeRow,
  kept: MergeSide,
  undo: NonNullable<Awaited<ReturnType<typeof findUndo>>>,
): Promise<void> {
  const merged = (await findMembers(tx, schemeId, [merge.mergedId])).get(merge.mergedId)
  const keptSiret = kept.siret === undo.after.siret ? undo.before.siret : kept.siret
  const sirets = [keptSiret, merged?.siret ?? null].filter((siret) => siret !== null)
  if (new Set(sirets).size < sirets.length) throw new AppError('merge_followed')
  for (const siret of sirets) {
    if (await isSiretTaken(tx, schemeId, siret, [merge.keptId, merge.mergedId])) {
      throw new AppError('merge_followed')
    }
  }
}
