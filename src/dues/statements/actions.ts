import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem } from '../../errors.ts'
import { formatMessage } from '../../i18n/format.ts'
import { UNDO_HOURS } from '../../members/contract.ts'
import { HOUR_MS } from '../../message/clock.ts'
import { inEuros } from '../../message/money.ts'
import { readableIban } from '../../message/written.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { findToday, lockDues } from '../ledger/ledger.ts'
import { type MoneyDeps, requireNoDebit, reversePayment, writePayments } from '../ledger/payments.ts'
import { reactivateSettledMembers, suspendUnpaidMembers } from '../reminders/suspensions.ts'
import { addDays, paymentReference, receiptNumber } from '../rules.ts'
import { findDuesSettings, findPayer, listPayers, sumRefunded } from '../store.ts'
import {
  type ApplyLines,
  type DecideLine,
  type DecideLines,
  LineVerdict,
  type StatementLineView,
  type StatementQuery,
  type StatementSummary,
  type StatementView,
} from './contract.ts'
import { isAccountOf } from './entry.ts'
import { type Judged, matchCredits, namedPerson } from './match.ts'
import { digestsOf, readStatement } from './read.ts'
import {
  findLatestStatement,
  insertEntries,
  joinShares,
  listEntries,
  listKnown,
  loadPayers,
  markUnrelated,
  type StoredEntry,
  splitEntry,
  updateEntries,
} from './store.ts'

/** A payment is recorded within a year (`dayProblems` of payments.ts). */
const OLDEST_DAYS = 366
const LISTED = 20

/**
 * Reads a statement and keeps its credits, each once: what an earlier file had, and what is too old or of days to come, is counted
 * and not kept.
 * @returns the statement with its lines; the latest one with a line of this file if it has nothing new: the same file, if it was added
 * @throws AppError `file_too_large`; `invalid_file` with every problem of the file; `other_account` if it is of an account that
 * is not the creditor's, unless confirmed
 */
export async function addStatement(
  deps: MoneyDeps,
  actor: Actor,
  schemeId: string,
  { name: file, otherAccount }: StatementQuery,
  bytes: Uint8Array,
): Promise<StatementView> {
  authorize(actor, 'dues.manage', schemeId)
  const { format, lines, debits, accounts } = readStatement(bytes, file)
  const digests = digestsOf(lines)
  return inScheme(deps.db, schemeId, async (tx) => {
    // Two uploads of one file at the same time.
    await lockDues(tx, schemeId)
    const day = await findToday(tx, deps, schemeId)
    if (!otherAccount) await requireOwnAccount(tx, schemeId, accounts)
    const stored = await listKnown(tx, schemeId, digests)
    const dated = lines
      .map((line, i) => ({ ...line, digest: digests[i]!, id: deps.newId() }))
      .filter(({ digest }) => !stored.has(digest))
    const oldest = addDays(day, -OLDEST_DAYS)
    const added = dated.filter(({ bookedOn }) => bookedOn >= oldest && bookedOn <= day)
    const old = dated.filter(({ bookedOn }) => bookedOn < oldest).length
    const counts = {
      ...{ known: lines.length - dated.length, debits, old },
      toCome: dated.length - added.length - old,
    }
    if (added.length === 0) {
      const latest = await findLatestStatement(tx, schemeId, digests)
      if (latest === undefined)
        throw new AppError('invalid_file', {
          values: { file, problems: 1 },
          problems: [{ code: counts.toCome > 0 ? 'statement.to_come' : 'statement.old' }],
        })
      return { ...(await storeView(tx, deps, schemeId, latest)), ...counts }
    }
    const id = deps.newId()
    const at = deps.now()
    const by = actorName(actor)
    await tx
      .insertInto('duesStatements')
      .values({ schemeId, id, file, format, uploadedAt: at, uploadedBy: by, ...counts })
      .execute()
    await insertEntries(tx, schemeId, id, added)
    await recordAudit(tx, schemeId, at, {
      actor: by,
      action: 'dues.statement',
      subject: `statement:${id}`,
      details: { format, lines: added.length, known: counts.known },
    })
    return storeView(tx, deps, schemeId, id)
  })
}

/** @throws AppError `other_account` with the account of the statement and that of the creditor */
async function requireOwnAccount(tx: Tx, schemeId: string, accounts: readonly string[]): Promise<void> {
  const iban = (await findDuesSettings(tx, schemeId))?.creditor.iban ?? ''
  const other = accounts.find((account) => !isAccountOf(account, iban))
  if (iban === '' || other === undefined) return
  throw new AppError('other_account', {
    values: { account: other, iban: readableIban(iban) },
  })
}

/** Lists the latest statements. */
export async function listStatements(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
): Promise<StatementSummary[]> {
  authorize(actor, 'dues.manage', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const rows = await tx
      .selectFrom('duesStatements as s')
      .leftJoin('duesStatementEntries as e', (join) =>
        join.onRef('e.schemeId', '=', 's.schemeId').onRef('e.statementId', '=', 's.id'),
      )
      .select(['s.id', 's.file', 's.format', 's.uploadedAt'])
      .select((eb) => [
        eb.fn
          .count<string>('e.id')
          .filterWhere('e.state', 'in', ['open', 'returned'])
          .filterWhere('e.unrelated', '=', false)
          .as('open'),
        eb.fn
          .count<string>('e.id')
          .filterWhere('e.state', '=', 'open')
          .filterWhere('e.unrelated', '=', true)
          .as('unrelated'),
        eb.fn.count<string>('e.id').filterWhere('e.state', '=', 'applied').as('applied'),
      ])
      .where('s.schemeId', '=', schemeId)
      .groupBy(['s.id', 's.file', 's.format', 's.uploadedAt'])
      .orderBy('s.uploadedAt', 'desc')
      .limit(LISTED)
      .execute()
    return rows.map(({ uploadedAt, open, unrelated, applied, ...row }) => ({
      ...row,
      uploadedAt: uploadedAt.toISOString(),
      open: Number(open),
      unrelated: Number(unrelated),
      applied: Number(applied),
    }))
  })
}

/** Returns a statement with its lines. @throws AppError `not_found` */
export async function getStatement(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<StatementView> {
  authorize(actor, 'dues.manage', schemeId)
  return inScheme(deps.db, schemeId, (tx) => buildView(tx, deps, schemeId, id))
}

/**
 * Records the given lines as payments, in one transaction; those that are not sure any more are left for a decision.
 * @throws AppError `not_found`; `statement_changed` if none of them is sure
 */
export async function applyStatement(
  deps: MoneyDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  { lines }: ApplyLines,
): Promise<StatementView> {
  authorize(actor, 'dues.manage', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    await lockDues(tx, schemeId)
    const entries = await requireEntries(tx, schemeId, id)
    const judged = await judgeEntries(tx, schemeId, entries)
    const chosen = new Set(lines)
    const sure = entries.flatMap((entry) => {
      const { verdict, proposals } = judged.get(entry.id) ?? {}
      const memberId = proposals?.[0]?.id
      return chosen.has(entry.id) && verdict === 'sure' && memberId !== undefined ? [{ entry, memberId }] : []
    })
    if (sure.length === 0) throw new AppError('statement_changed')
    const by = actorName(actor)
    await writeEntries(tx, deps, schemeId, by, sure)
    await recordAudit(tx, schemeId, deps.now(), {
      actor: by,
      action: 'dues.statement_apply',
      subject: `statement:${id}`,
      details: {
        payments: sure.length,
        amountCents: sure.reduce((sum, { entry }) => sum + entry.amountCents, 0),
      },
    })
    return storeView(tx, deps, schemeId, id)
  })
}

/**
 * Returns the printed reference if the line has it, otherwise nothing: what the bank wrote names people, and stays sealed in the
 * line for its own, shorter time.
 */
function writtenReference(schemeId: string, memberId: string, { name, text }: StoredEntry): string {
  const reference = paymentReference(schemeId, memberId)
  const compact = (one: string) => one.toUpperCase().replace(/[^A-Z0-9]/g, '')
  return compact(`${text} ${name}`).includes(compact(reference)) ? reference : ''
}

/** Records lines as payments of members, under `lockDues`. */
async function writeEntries(
  tx: Tx,
  deps: MoneyDeps,
  schemeId: string,
  by: string,
  decided: readonly { readonly entry: StoredEntry; readonly memberId: string }[],
): Promise<string[]> {
  const ids = decided.map(({ memberId }) => memberId)
  const members = new Map((await listPayers(tx, schemeId, ids)).map((member) => [member.id, member]))
  const at = deps.now()
  // Payments and the suspensions that they end have one instant, by which an undo finds these.
  const atOnce = { ...deps, now: () => at }
  const paid = await writePayments(
    tx,
    atOnce,
    schemeId,
    by,
    decided.map(({ entry, memberId }) => ({
      member: members.get(memberId)!,
      way: 'transfer',
      amountCents: entry.amountCents,
      receivedOn: entry.bookedOn,
      reference: writtenReference(schemeId, memberId, entry),
      outsideId: null,
    })),
  )
  await updateEntries(
    tx,
    schemeId,
    decided.map(({ entry }, i) => ({ id: entry.id, paymentId: paid[i]!.id })),
    { state: 'applied', decidedAt: at, decidedBy: by },
  )
  await reactivateSettledMembers(tx, atOnce, schemeId, ids)
  return paid.map(({ id }) => id)
}

/**
 * Decides what one line is: a payment of a member, payments of several, or not about dues.
 * @throws AppError `not_found`; `wrong_state` for a line that was decided, or a payment of money that went out; `invalid_input` for
 * shares that are not the whole amount, or two of one member; `debit_under_way` if a debit of a member is pending, unless confirmed
 */
export async function decideStatementLine(
  deps: MoneyDeps,
  actor: Actor,
  schemeId: string,
  id: { readonly statement: string; readonly line: string },
  decision: DecideLine,
): Promise<StatementView> {
  authorize(actor, 'dues.manage', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    await lockDues(tx, schemeId)
    const entry = (await requireEntries(tx, schemeId, id.statement)).find((one) => one.id === id.line)
    if (entry === undefined) throw new AppError('not_found')
    requireDecidable(entry, decision)
    const by = actorName(actor)
    if (decision.is === 'payment' || decision.is === 'split')
      await payShares(tx, deps, schemeId, { entry, decision, by })
    else {
      await updateEntries(
        tx,
        schemeId,
        [{ id: entry.id, paymentId: null }],
        decision.is === 'open'
          ? { state: 'open', decidedAt: null, decidedBy: null }
          : { state: 'set_aside', decidedAt: deps.now(), decidedBy: by },
      )
    }
    return storeView(tx, deps, schemeId, id.statement)
  })
}

type PaidLine = Extract<DecideLine, { readonly is: 'payment' | 'split' }>

/** @throws AppError `wrong_state` for a line that was decided, or a payment of money that went out */
function requireDecidable({ state, returned }: StoredEntry, { is }: DecideLine): void {
  const isUndecided = state === 'open' || state === 'returned'
  const isWrong = is === 'open' ? state !== 'set_aside' : !isUndecided
  const isMoney = is === 'payment' || is === 'split'
  if (isWrong || (isMoney && returned === 'debit')) throw new AppError('wrong_state')
}

/** Records a line as the payment of one member, or its shares as those of several. */
async function payShares(
  tx: Tx,
  deps: MoneyDeps,
  schemeId: string,
  { entry, decision, by }: { readonly entry: StoredEntry; readonly decision: PaidLine; readonly by: string },
): Promise<void> {
  const shares =
    decision.is === 'split' ? decision.shares : [{ member: decision.member, amountCents: entry.amountCents }]
  requireWhole(entry, shares)
  for (const { member } of shares) {
    if ((await findPayer(tx, schemeId, member)) === undefined) throw new AppError('not_found')
    if (decision.besideDebit !== true) await requireNoDebit(tx, schemeId, member)
  }
  const ids =
    shares.length === 1
      ? [entry.id]
      : await splitEntry(
          tx,
          schemeId,
          entry.id,
          shares.map(({ amountCents }) => amountCents),
          deps.newId,
        )
  const payments = await writeEntries(
    tx,
    deps,
    schemeId,
    by,
    shares.map(({ member, amountCents }, i) => ({
      entry: { ...entry, id: ids[i]!, amountCents },
      memberId: member,
    })),
  )
  for (const [i, { member, amountCents }] of shares.entries()) {
    await recordAudit(tx, schemeId, deps.now(), {
      actor: by,
      action: 'dues.payment',
      subject: `member:${member}`,
      details: { payment: payments[i], way: 'transfer', amountCents, receivedOn: entry.bookedOn },
    })
  }
}

/**
 * Sets lines that are unrelated to dues aside in one act, or reopens lines that were set aside; other lines are left.
 * @throws AppError `not_found`
 */
export async function decideStatementLines(
  deps: MoneyDeps,
  actor: Actor,
  schemeId: string,
  id: string,
  { is, lines }: DecideLines,
): Promise<StatementView> {
  authorize(actor, 'dues.manage', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    await lockDues(tx, schemeId)
    const chosen = new Set(lines)
    const entries = (await requireEntries(tx, schemeId, id)).filter((entry) => chosen.has(entry.id))
    const judged = is === 'open' ? undefined : await judgeEntries(tx, schemeId, entries)
    const decided = entries
      .filter((entry) =>
        judged === undefined
          ? entry.state === 'set_aside'
          : entry.state === 'open' && judged.get(entry.id)?.verdict === 'unrelated',
      )
      .map((entry) => ({ id: entry.id, paymentId: null }))
    await updateEntries(
      tx,
      schemeId,
      decided,
      is === 'open'
        ? { state: 'open', decidedAt: null, decidedBy: null }
        : { state: 'set_aside', decidedAt: deps.now(), decidedBy: actorName(actor) },
    )
    return storeView(tx, deps, schemeId, id)
  })
}

/** @throws AppError `invalid_input` if the shares are not the whole amount, or two are of one member */
function requireWhole(
  { amountCents }: StoredEntry,
  shares: readonly { readonly member: string; readonly amountCents: number }[],
): void {
  const problems: Problem[] = []
  const leftCents = amountCents - shares.reduce((sum, share) => sum + share.amountCents, 0)
  if (leftCents !== 0)
    problems.push({ code: 'statement.shares', path: 'shares', values: { left: inEuros(leftCents) } })
  const members = shares.map(({ member }) => member)
  const again = members.findIndex((member, i) => members.indexOf(member) !== i)
  if (again >= 0) problems.push({ code: 'statement.share_twice', path: `shares.${again}.member` })
  if (problems.length > 0) throw new AppError('invalid_input', { problems })
}

/**
 * Cancels the payments that a statement became, within 24 hours of the last of them. Its lines are open again, the shares of
 * one as one. Payments of which a part was refunded stay, with the other shares of their transfer. Members that the payments reactivated are suspended again if they owe an overdue amount.
 * @throws AppError `not_found`; `wrong_state` if there is none, or it is too late
 */
export async function undoStatement(
  deps: MoneyDeps,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<StatementView> {
  authorize(actor, 'dues.manage', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    await lockDues(tx, schemeId)
    const entries = await requireEntries(tx, schemeId, id)
    const until = undoableUntil(entries)
    if (until === null || until <= deps.now()) throw new AppError('wrong_state')
    const by = actorName(actor)
    const reason = formatMessage('fr', 'statement.undone')
    const undone: { id: string; paymentId: null }[] = []
    const reversed: string[] = []
    for (const [entryId, shares] of Map.groupBy(entries, (one) => one.splitOf ?? one.id)) {
      const valid = shares.flatMap(({ payment }) => (payment === null || payment.cancelled ? [] : [payment]))
      const refunds: number[] = []
      for (const payment of valid) refunds.push(await sumRefunded(tx, schemeId, payment.id))
      if (valid.length === 0 || refunds.some((cents) => cents > 0)) continue
      for (const payment of valid) {
        await reversePayment(...([tx, deps, schemeId, { by, reason }] as const), {
          member: payment.member.id,
          payment: payment.id,
        })
        reversed.push(payment.id)
      }
      undone.push({ id: entryId, paymentId: null })
    }
    await suspendUnpaidMembers(tx, deps, schemeId, reversed)
    await updateEntries(tx, schemeId, undone, { state: 'open', decidedAt: null, decidedBy: null })
    const opened = undone.map((one) => one.id)
    await joinShares(tx, schemeId, opened)
    await recordAudit(tx, schemeId, deps.now(), {
      actor: by,
      action: 'dues.statement_undo',
      subject: `statement:${id}`,
      details: { payments: reversed.length },
    })
    return storeView(tx, deps, schemeId, id)
  })
}

/** @throws AppError `not_found` */
async function requireEntries(tx: Tx, schemeId: string, id: string): Promise<StoredEntry[]> {
  const entries = await listEntries(tx, schemeId, id)
  if (entries.length === 0) throw new AppError('not_found')
  return entries
}

/** Returns until when the payments of a statement can be cancelled together; null if it has none. */
function undoableUntil(entries: readonly StoredEntry[]): Date | null {
  const valid = entries.filter(({ payment }) => payment !== null && !payment.cancelled)
  const last = Math.max(0, ...valid.map(({ decidedAt }) => decidedAt?.getTime() ?? 0))
  return last === 0 ? null : new Date(last + UNDO_HOURS * HOUR_MS)
}

async function judgeEntries(
  tx: Tx,
  schemeId: string,
  entries: readonly StoredEntry[],
): Promise<Map<string, Judged>> {
  const open = entries.filter(({ state }) => state === 'open')
  if (open.length === 0) return new Map()
  const since = open.map(({ bookedOn }) => bookedOn).sort()[0]!
  return matchCredits(schemeId, await loadPayers(tx, schemeId, since), open)
}

/** Returns the view of a statement, and stores which of its lines are unrelated for the list of statements. */
async function storeView(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  id: string,
): Promise<StatementView> {
  const view = await buildView(tx, deps, schemeId, id)
  const unrelated = view.lines.filter(({ verdict }) => verdict === 'unrelated').map((line) => line.id)
  await markUnrelated(tx, schemeId, id, unrelated)
  return view
}

async function buildView(
  tx: Tx,
  { now }: Pick<Deps, 'now'>,
  schemeId: string,
  id: string,
): Promise<StatementView> {
  const statement = await tx
    .selectFrom('duesStatements')
    .select(['id', 'file', 'format', 'uploadedAt', 'known', 'debits', 'old', 'toCome'])
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .executeTakeFirst()
  if (statement === undefined) throw new AppError('not_found')
  const entries = await listEntries(tx, schemeId, id)
  const judged = await judgeEntries(tx, schemeId, entries)
  const wholes = Map.groupBy(entries, (one) => one.splitOf ?? one.id)
  const lines = entries.map((entry) => ({
    ...toLineView(schemeId, entry, judged.get(entry.id)),
    shareOf: shareOf(wholes.get(entry.splitOf ?? entry.id) ?? []),
  }))
  const until = undoableUntil(entries)
  const sums = Object.fromEntries(
    LineVerdict.options.map((verdict) => {
      const those = lines.filter((line) => line.verdict === verdict)
      const amountCents = those.reduce((sum, line) => sum + line.amountCents, 0)
      return [verdict, { count: those.length, amountCents }]
    }),
  ) as StatementView['sums']
  return {
    ...statement,
    uploadedAt: statement.uploadedAt.toISOString(),
    open: sums.sure.count + sums.doubtful.count + sums.returned.count,
    unrelated: sums.unrelated.count,
    applied: entries.filter(({ state }) => state === 'applied').length,
    sums,
    undoableUntil: until !== null && until > now() ? until.toISOString() : null,
    lines,
  }
}

/** Returns the whole of which movements are the shares; null for a single one. */
function shareOf(shares: readonly StoredEntry[]): StatementLineView['shareOf'] {
  if (shares.length <= 1) return null
  return {
    amountCents: shares.reduce((sum, { amountCents }) => sum + amountCents, 0),
    shares: shares.length,
  }
}

function toLineView(
  schemeId: string,
  entry: StoredEntry,
  judged: Judged | undefined,
): Omit<StatementLineView, 'shareOf'> {
  const { state, decidedAt: _, isBatch: __, splitOf: ___, payment, ...line } = entry
  return {
    ...line,
    verdict: state === 'open' ? (judged?.verdict ?? 'unrelated') : state,
    reason: judged?.reason ?? null,
    proposals: (judged?.proposals ?? []).map((payer) => ({
      member: { id: payer.id, name: payer.name, commune: payer.commune },
      person: namedPerson(payer, line),
      owedCents: payer.owedCents,
    })),
    payment:
      payment === null
        ? null
        : {
            member: payment.member,
            receipt: {
              year: payment.year,
              no: payment.no,
              number: receiptNumber(schemeId, payment.year, payment.no),
            },
            cancelled: payment.cancelled,
          },
  }
}
