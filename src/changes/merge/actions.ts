import { recordAudit } from '../../audit/record.ts'
import { findAuditEntry, findRepeated } from '../../audit/repeat.ts'
import type { Deps } from '../../deps.ts'
import {
  findBalance,
  findBalances,
  findToday,
  lockDues,
  type Movement,
  writeMovements,
} from '../../dues/ledger/ledger.ts'
import { correctInvoices } from '../../dues/papers/credit-notes.ts'
import type { NotifyDeps } from '../../dues/reminders/notify.ts'
import { reactivateSettledMembers } from '../../dues/reminders/suspensions.ts'
import {
  findRemainingWaivers,
  listCollecting,
  listMemberYears,
  reopenSuspensions,
  waiverPiece,
} from '../../dues/store.ts'
import { AppError } from '../../errors.ts'
import { formatMessage } from '../../i18n/format.ts'
import { recordMemberAccess } from '../../members/accesses.ts'
import { memberScopeOf, toMemberView } from '../../members/actions.ts'
import { UNDO_HOURS } from '../../members/contract.ts'
import { findMembers } from '../../members/found.ts'
import { deleteMembersApart, insertMembersApart } from '../../members/move.ts'
import { lockMemberList, lockMemberWrites } from '../../members/store.ts'
import { HOUR_MS } from '../../message/clock.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { isSame } from '../../settings/rules.ts'
import { planContraryNotices, planNotices, restoreNotices, withdrawOutdatedNotices } from '../notices.ts'
import type { ApartChoice, DoubleDues, DoublePage, DoubleQuery, MergeMembers, MergeView } from './contract.ts'
import { centsOf, feesBilledTwice } from './dues.ts'
import { defaultMergeTake, type MergeSide, planMerge } from './rules.ts'
import {
  findMerge,
  findMergeSide,
  findMergeUndo,
  isCollectedBy,
  isSiretTaken,
  listDoubles,
  listMerges,
  type MergeRow,
  undoStoredMerge,
  type WaivedTwice,
  writeMerge,
} from './store.ts'

const UNDO_MS = UNDO_HOURS * HOUR_MS
/** Pairs per page; a user compares each side by side. */
const PAIRS = 20

type Reach = ReturnType<typeof authorize>

/**
 * Lists members that are probably duplicates, side by side, one page at a time, with the merges of the last day. A trade
 * chamber sees only pairs of which both members are of its trades.
 */
export async function findDoubles(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  { offset }: DoubleQuery,
): Promise<DoublePage> {
  const only = memberScopeOf(authorize(actor, 'member.merge', schemeId))
  const now = deps.now()
  return inScheme(deps.db, schemeId, async (tx) => {
    const rows = await listDoubles(tx, schemeId, { limit: PAIRS, offset, only })
    const ids = [...new Set(rows.flatMap(({ firstId, secondId }) => [firstId, secondId]))]
    const found = await findMembers(tx, schemeId, ids)
    await recordMemberAccess(tx, actor, schemeId, { what: 'doubles', memberIds: ids, now })
    const view = (id: string) => {
      const member = found.get(id)
      if (member === undefined) throw new AppError('internal')
      return toMemberView(member, { plain: true, isLimited: only.trades !== undefined, now })
    }
    const dues = await loadDuesOfPairs(tx, schemeId, ids)
    const merges = await listMerges(tx, schemeId, { since: new Date(now.getTime() - UNDO_MS), only })
    return {
      pairs: rows.map(({ firstId, secondId, by }) => ({
        first: view(firstId),
        second: view(secondId),
        by,
        dues: dues(firstId, secondId),
      })),
      total: rows[0]?.total ?? 0,
      merges: merges.map((merge) => toMergeView(merge, now)),
    }
  })
}

/** Loads the dues of the given members, and returns a function that gives those of a pair. */
async function loadDuesOfPairs(tx: Tx, schemeId: string, ids: readonly string[]) {
  const years = Map.groupBy(await listMemberYears(tx, schemeId, ids), ({ memberId }) => memberId)
  const balances = await findBalances(tx, schemeId, ids)
  const collecting = await listCollecting(tx, schemeId, ids)
  const one = (id: string): DoubleDues => ({
    balanceCents: balances.get(id) ?? 0,
    collecting: collecting.has(id),
    years: (years.get(id) ?? []).map(({ year, amountCents, remainingCents }) => ({
      year,
      amountCents,
      remainingCents,
    })),
  })
  const isKnown = (id: string) => years.has(id) || balances.has(id)
  return (first: string, second: string): DoublePage['pairs'][number]['dues'] =>
    isKnown(first) || isKnown(second) ? { first: one(first), second: one(second) } : null
}

function toMergeView(row: MergeRow, now: Date): MergeView {
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
 * Marks two members as not the same, so that they are not shown together again; or removes that mark.
 * @throws AppError `not_found`, also for a chamber of another trade
 */
export async function setMembersApart(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  { members: [first, second], apart }: ApartChoice,
): Promise<void> {
  const reach = authorize(actor, 'member.merge', schemeId)
  const at = deps.now()
  const by = actorName(actor)
  if (first === second) throw sameMemberTwice('members')
  await inScheme(deps.db, schemeId, async (tx) => {
    const ids = [
      (await getMergeSide(tx, schemeId, first, reach)).id,
      (await getMergeSide(tx, schemeId, second, reach)).id,
    ]
    const pair = ids as [string, string]
    const isNew = apart
      ? await insertMembersApart(tx, schemeId, pair, { at, by })
      : await deleteMembersApart(tx, schemeId, pair)
    if (!isNew) return
    await recordAudit(tx, schemeId, at, {
      actor: by,
      action: apart ? 'member.apart' : 'member.apart_undone',
      subject: `member:${first}`,
      details: { other: second },
    })
  })
}

function sameMemberTwice(path: string): AppError {
  return new AppError('invalid_input', { problems: [{ code: 'merge.same', path }] })
}

/** @throws AppError `not_found` for an unknown member, a merged one, or one of a trade outside the actor's reach */
async function getMergeSide(tx: Tx, schemeId: string, id: string, reach: Reach): Promise<MergeSide> {
  const side = await findMergeSide(tx, schemeId, id)
  if (side === undefined || (reach.scope === 'trades' && !reach.trades.includes(side.trade))) {
    throw new AppError('not_found')
  }
  return side
}

/**
 * Merges two members into one. The kept one takes over the other's contacts, each number and mail once, and all its records:
 * alerts received and read, reports, signatures, on paper too, tags, opt-outs with their proofs. The other stays as a pointer, so that a list
 * that names it refers to the kept one. The kept member is active if one of the two was: a suspension of the other is lifted,
 * waiting notices of it are withdrawn, and the contacts of the suspended one are notified that alerts resume. The same request with
 * the same id again changes nothing, and is answered with the merge that the first one made.
 * @throws AppError `not_found`, also for a chamber of another trade; `wrong_state` if one of them left; `merge_owes` if the
 * other paid dues in advance, or owes dues of a year that the kept one was not billed for; `merge_collecting` if a debit is
 * under way for dues of the kept one that would be waived; `invalid_input`; `id_taken`, also if the merge of the first request is
 * undone
 */
export async function mergeMembers(
  deps: NotifyDeps & Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  input: MergeMembers,
): Promise<MergeView> {
  const reach = authorize(actor, 'member.merge', schemeId)
  if (input.kept === input.merged) throw sameMemberTwice('merged')
  const at = deps.now()
  const { id = deps.newId() } = input
  const by = actorName(actor)
  return inScheme(deps.db, schemeId, async (tx) => {
    if (await isRepeatedMerge(tx, by, schemeId, input)) return getMergeView(tx, schemeId, id, at)
    await lockMemberList(tx, schemeId)
    await lockDues(tx, schemeId)
    await lockMemberWrites(tx, schemeId)
    const kept = await getMergeSide(tx, schemeId, input.kept, reach)
    const merged = await getMergeSide(tx, schemeId, input.merged, reach)
    if (kept.status === 'left' || merged.status === 'left') throw new AppError('wrong_state')
    const waived = await waiveDuplicateFees(tx, deps, schemeId, {
      kept,
      merged,
      letOff: input.letOff !== false,
      by,
    })
    const take = { ...defaultMergeTake(toChoosable(kept), toChoosable(merged)), ...input.take }
    const plan = planMerge(kept, merged, take)
    await writeMerge(tx, schemeId, { kept, merged, plan, id, at, by, waived })
    if (waived.some(({ memberId }) => memberId === kept.id))
      await reactivateSettledMembers(tx, deps, schemeId, [kept.id])
    if (plan.fields.status === 'active') {
      const memberIds = [kept, merged].flatMap((one) => (one.status === 'suspended' ? [one.id] : []))
      await planNotices(tx, deps, schemeId, { changeId: id, kind: 'resume', memberIds })
    }
    await withdrawOutdatedNotices(tx, deps, schemeId, { memberIds: [kept.id, merged.id] })
    await recordAudit(tx, schemeId, at, {
      actor: by,
      action: 'member.merge',
      subject: `member:${kept.id}`,
      details: {
        merge: id,
        merged: merged.id,
        take,
        ...(input.letOff === false && { letOff: false }),
        contacts: { moved: plan.moved.length, joined: plan.joined.length },
        ...(waived.length > 0 && { waivedCents: centsOf(waived) }),
      },
    })
    return getMergeView(tx, schemeId, id, at)
  })
}

/** Tells whether an earlier request with the same id made this merge. @throws AppError `id_taken` */
async function isRepeatedMerge(
  tx: Tx,
  by: string,
  schemeId: string,
  { id, kept, merged, take, letOff }: MergeMembers,
): Promise<boolean> {
  const repeated = await findRepeated(tx, schemeId, {
    id,
    creator: by,
    find: async (id) => {
      const merge = await findMerge(tx, schemeId, id)
      if (merge === undefined) return undefined
      const about = {
        action: 'member.merge',
        subject: `member:${merge.keptMemberId}`,
        details: { merge: id },
      }
      return { merge, ...(await findAuditEntry(tx, schemeId, about)) }
    },
    isSame: ({ merge, details = {} }) =>
      merge.keptMemberId === kept &&
      merge.mergedMemberId === merged &&
      merge.undoneAt === null &&
      // The audit entry also has the defaults of the fields that the request does not name.
      isSame(details.take, { ...Object(details.take), ...take }) &&
      (details.letOff === false) === (letOff === false),
    creatorOf: ({ merge }) => merge.mergedBy,
  })
  return repeated !== undefined
}

/**
 * Waives fees that both members were billed for and closes the account of the merged one.
 * @returns the waived amounts and their ledger entries
 * @throws AppError `merge_owes` if the merged one paid in advance, owes a year that the kept one was not billed for, or has a
 * debit under way: a user must decide about that money first; `merge_collecting`
 */
async function waiveDuplicateFees(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  merge: {
    readonly kept: MergeSide
    readonly merged: MergeSide
    readonly letOff: boolean
    readonly by: string
  },
): Promise<WaivedTwice[]> {
  const { kept, merged, by } = merge
  const refused = new AppError('merge_owes', { values: { name: merged.name } })
  const collecting = await listCollecting(tx, schemeId, [kept.id, merged.id])
  // Also refused if it owes nothing any more: the bank will credit the debit later.
  if (collecting.has(merged.id)) throw refused
  const years = await listMemberYears(tx, schemeId, [kept.id, merged.id])
  const of = (id: string) => years.filter(({ memberId }) => memberId === id)
  const twice = feesBilledTwice(of(kept.id), of(merged.id))
  if ((await findBalance(tx, schemeId, merged.id)) !== centsOf(twice.merged)) throw refused
  const own = merge.letOff ? twice.kept : []
  if (own.length > 0 && collecting.has(kept.id)) {
    throw new AppError('merge_collecting', { values: { name: kept.name } })
  }
  const waivers = [
    ...twice.merged.map((one) => ({
      ...one,
      member: merged,
      why: formatMessage('fr', 'dues.merged', { name: kept.name }),
    })),
    ...own.map((one) => ({
      ...one,
      member: kept,
      why: formatMessage('fr', 'dues.merged_paid', { name: merged.name }),
    })),
  ]
  const enteredOn = await findToday(tx, deps, schemeId)
  const first = await writeMovements(
    tx,
    deps,
    schemeId,
    by,
    waivers.map(({ year, cents, member, why }) => ({
      kind: 'waiver',
      enteredOn,
      memberId: member.id,
      member: member.name,
      piece: why,
      owesCents: -cents,
      against: 'income',
      year,
      ofMerge: true,
    })),
  )
  await correctInvoices(tx, deps, schemeId, { memberIds: [kept.id, merged.id], by, why: 'merged' })
  return waivers.map(({ cents, member }, i) => ({ memberId: member.id, cents, entryNo: first + i }))
}

function toChoosable(side: MergeSide) {
  return { ...side, hasQuiet: side.quietFrom !== null }
}

async function getMergeView(tx: Tx, schemeId: string, id: string, now: Date): Promise<MergeView> {
  const [merge] = await listMerges(tx, schemeId, { id })
  if (merge === undefined) throw new AppError('not_found')
  return toMergeView(merge, now)
}

/**
 * Undoes a merge within a day: two members again, each with its own records. Later changes are kept.
 * @throws AppError `not_found`, also if it is already undone or of another trade; `merge_too_late`; `merge_followed` if a
 * later merge must be undone first, or another member has the SIRET by now; `merge_debited` if a debit of the kept one uses a
 * mandate that would return to the other
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
    // Mandates return to their former member.
    await lockDues(tx, schemeId)
    await lockMemberWrites(tx, schemeId)
    const [merge] = await listMerges(tx, schemeId, { id })
    const isOwn = (trade: string) => reach.scope === 'scheme' || reach.trades.includes(trade)
    if (merge === undefined || !isOwn(merge.keptTrade) || !isOwn(merge.mergedTrade)) {
      throw new AppError('not_found')
    }
    const undo = await findMergeUndo(tx, schemeId, id)
    if (undo === null || at.getTime() >= merge.mergedAt.getTime() + UNDO_MS) {
      throw new AppError('merge_too_late', { values: { hours: UNDO_HOURS } })
    }
    const kept = await findMergeSide(tx, schemeId, merge.keptId)
    if (!merge.isLast || kept === undefined) throw new AppError('merge_followed')
    await requireDistinctSirets(tx, schemeId, merge, kept, undo)
    if (await isCollectedBy(tx, schemeId, undo.mandates)) {
      throw new AppError('merge_debited', { values: { name: kept.name } })
    }
    await undoStoredMerge(tx, schemeId, merge, { undo, kept, at })
    const both = [merge.keptId, merge.mergedId]
    await restoreNotices(tx, deps, schemeId, both, merge.mergedAt)
    await planContraryNotices(tx, deps, schemeId, id, both)
    await reopenSuspensions(tx, schemeId, both, merge.mergedAt)
    await billWaivedFeesAgain(tx, deps, schemeId, { by: actorName(actor), merge, waived: undo.waived })
    await recordAudit(tx, schemeId, at, {
      actor: actorName(actor),
      action: 'member.merge_undone',
      subject: `member:${merge.keptId}`,
      details: { merge: id, merged: merge.mergedId },
    })
  })
}

/** Bills again the fees that the merge waived, except waivers that were cancelled since with their year's campaign. */
async function billWaivedFeesAgain(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  {
    by,
    merge,
    waived,
  }: { readonly by: string; readonly merge: MergeRow; readonly waived: readonly WaivedTwice[] },
): Promise<void> {
  const left = await findRemainingWaivers(
    tx,
    schemeId,
    waived.map(({ entryNo }) => entryNo),
  )
  const enteredOn = await findToday(tx, deps, schemeId)
  await writeMovements(
    tx,
    deps,
    schemeId,
    by,
    waived.flatMap(({ memberId = merge.mergedId, entryNo }): Movement[] => {
      const one = left.get(entryNo)
      if (one === undefined) return []
      return [
        {
          kind: 'cancellation',
          enteredOn,
          memberId,
          member: memberId === merge.keptId ? merge.keptName : merge.mergedName,
          piece: waiverPiece(entryNo),
          owesCents: one.cents,
          against: 'income',
          ...(one.year !== null && { year: one.year, ofMerge: true }),
        },
      ]
    }),
  )
}

/** Checks that each member can have its own SIRET back without two members sharing one. @throws AppError `merge_followed` */
async function requireDistinctSirets(
  tx: Tx,
  schemeId: string,
  merge: MergeRow,
  kept: MergeSide,
  undo: NonNullable<Awaited<ReturnType<typeof findMergeUndo>>>,
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
