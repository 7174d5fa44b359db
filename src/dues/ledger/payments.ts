import { sql } from 'kysely'
import { recordAudit } from '../../audit/record.ts'
import { findRepeated } from '../../audit/repeat.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem } from '../../errors.ts'
import { inEuros } from '../../message/money.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import type { PaymentWay } from '../../schema.ts'
import { getMemberDues } from '../actions.ts'
import type { DuesReason, MemberDues, NewPayment, ReceiptName, Waiver, WarningInPerson } from '../contract.ts'
import { correctInvoices } from '../papers/credit-notes.ts'
import {
  creditorFacts,
  insertCancellationPaper,
  insertPapers,
  payerFacts,
  takePaperNumber,
  takePaperNumbers,
} from '../papers/papers.ts'
import { reactivateSettledMembers } from '../reminders/suspensions.ts'
import { accountForWay, addDays, noonOf, remainingByYear } from '../rules.ts'
import {
  findCheque,
  findCollecting,
  findPayer,
  listMemberYears,
  type PaidMember,
  sumPaidLessRefunds,
  sumRefunded,
} from '../store.ts'
import { findBalance, findBalances, findToday, lockDues, writeMovements } from './ledger.ts'
import { adjustWaiversOfMerged } from './merged.ts'

export type MoneyDeps = Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'mailer' | 'config'>

/** Money received for a member. */
interface Payment {
  /** Undefined: chosen here. */
  readonly id?: string | undefined
  readonly member: PaidMember
  readonly way: PaymentWay
  readonly amountCents: number
  readonly receivedOn: string
  readonly reference: string
  /** The id that the provider or bank gave it; null if none. */
  readonly outsideId: string | null
  /** The payments that were typed together with it. */
  readonly batchId?: string
}

/** Lists the problems of the day of a movement of money. @param day today in the scheme */
export function dayProblems(day: string, path: string, on: string): Problem[] {
  if (on > day) return [{ code: 'dues.day_to_come', path }]
  return on < addDays(day, -366) ? [{ code: 'dues.day_old', path }] : []
}

/**
 * Records a payment that the chamber received on its account, by mail or at its desk, and issues its receipt. The same request
 * with the same id again changes nothing.
 * @throws AppError `not_found`; `id_taken`; `more_than_due` if it exceeds what is owed, `debit_under_way` if a debit is pending,
 * `same_cheque` if a cheque of that number is recorded, unless each is confirmed; `invalid_input`
 */
export async function recordPayment(
  deps: MoneyDeps,
  actor: Actor,
  schemeId: string,
  memberId: string,
  input: NewPayment,
): Promise<MemberDues> {
  authorize(actor, 'dues.manage', schemeId)
  await inScheme(deps.db, schemeId, async (tx) => {
    const by = actorName(actor)
    const repeated = await findRepeated(tx, schemeId, {
      id: input.id,
      creator: by,
      find: (id) => findPayment(tx, schemeId, id),
      isSame: (row) =>
        row.memberId === memberId &&
        row.way === input.way &&
        row.amountCents === input.amountCents &&
        row.receivedOn === input.receivedOn &&
        row.reference === input.reference,
      creatorOf: (row) => row.recordedBy,
    })
    if (repeated !== undefined) return
    const problems: Problem[] = dayProblems(
      await findToday(tx, deps, schemeId),
      'receivedOn',
      input.receivedOn,
    )
    if (input.way === 'cheque' && input.reference === '')
      problems.push({ code: 'dues.cheque_number', path: 'reference' })
    if (problems.length > 0) throw new AppError('invalid_input', { problems })
    await lockDues(tx, schemeId)
    const member = await findPayer(tx, schemeId, memberId)
    if (member === undefined) throw new AppError('not_found')
    const owed = Math.max(0, await findBalance(tx, schemeId, memberId))
    if (input.amountCents > owed && !input.inAdvance) {
      throw new AppError('more_than_due', { values: { owed: inEuros(owed) } })
    }
    if (input.besideDebit !== true) await requireNoDebit(tx, schemeId, memberId)
    const { way, amountCents, receivedOn, reference } = input
    if (way === 'cheque' && input.sameCheque !== true) await requireNewCheque(tx, schemeId, reference)
    const [paid] = await writePayments(tx, deps, schemeId, by, [
      { id: input.id, member, way, amountCents, receivedOn, reference, outsideId: null },
    ])
    await reactivateSettledMembers(tx, deps, schemeId, [memberId])
    await recordAudit(tx, schemeId, deps.now(), {
      actor: by,
      action: 'dues.payment',
      subject: `member:${memberId}`,
      details: { payment: paid?.id, way, amountCents, receivedOn, receipt: paid?.number },
    })
  })
  return getMemberDues(deps, actor, schemeId, memberId)
}

function findPayment(tx: Tx, schemeId: string, id: string) {
  return tx
    .selectFrom('duesPayments')
    .selectAll()
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .executeTakeFirst()
}

/** @throws AppError `debit_under_way` with the amount and day of the member's pending debit */
export async function requireNoDebit(tx: Tx, schemeId: string, memberId: string): Promise<void> {
  const collecting = await findCollecting(tx, schemeId, memberId)
  if (collecting === undefined) return
  throw new AppError('debit_under_way', {
    values: { amount: inEuros(collecting.amountCents), day: noonOf(collecting.on) },
  })
}

/** @throws AppError `same_cheque` with the payment that has this number */
async function requireNewCheque(tx: Tx, schemeId: string, reference: string): Promise<void> {
  const known = await findCheque(tx, schemeId, reference)
  if (known === undefined) return
  const { name, amountCents, receivedOn } = known
  throw new AppError('same_cheque', {
    values: { number: reference, name, amount: inEuros(amountCents), day: noonOf(receivedOn) },
  })
}

/**
 * Writes payments, their entries and receipts in the given order, with one statement per table, in the caller's transaction
 * and under `lockDues`. Anything above what is owed is an advance. The caller writes the audit entry and reactivates members
 * who have settled (`reactivateSettledMembers`).
 * @returns their ids and receipts, in that order
 */
export async function writePayments(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId'>,
  schemeId: string,
  by: string,
  payments: readonly Payment[],
): Promise<(ReceiptName & { readonly id: string })[]> {
  if (payments.length === 0) return []
  const settled = await settledYears(tx, schemeId, payments)
  const creditor = await creditorFacts(tx, schemeId)
  const papers = await takePaperNumbers(tx, deps, schemeId, payments.length)
  const issued = payments.map((payment, i) => ({
    payment,
    id: payment.id ?? deps.newId(),
    paper: papers[i]!,
  }))
  const firstEntry = await writeMovements(
    tx,
    deps,
    schemeId,
    by,
    issued.map(({ payment, paper }) => ({
      kind: 'payment',
      enteredOn: payment.receivedOn,
      memberId: payment.member.id,
      member: payment.member.name,
      piece: paper.number,
      owesCents: -payment.amountCents,
      against: accountForWay(payment.way),
    })),
  )
  const rows = issued.map(({ payment: { member, ...payment }, id }, i) => ({
    ...payment,
    ...{ id, memberId: member.id, entryNo: firstEntry + i },
  }))
  await sql`
    insert into dues_payments (scheme_id, id, member_id, way, amount_cents, received_on, reference, outside_id, entry_no,
      batch_id, recorded_at, recorded_by)
    select ${schemeId}, id, "memberId", way, "amountCents", "receivedOn", reference, "outsideId", "entryNo", "batchId", ${deps.now()}, ${by}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as p (id uuid, "memberId" uuid, way text, "amountCents" integer,
      "receivedOn" date, reference text, "outsideId" text, "entryNo" integer, "batchId" uuid)`.execute(tx)
  await insertPapers(
    tx,
    deps,
    schemeId,
    issued.map(({ payment: { member, way, amountCents, receivedOn, reference }, id, paper }, i) => ({
      paper,
      of: { paymentId: id },
      memberId: member.id,
      cancels: false,
      facts: {
        ...creditor,
        member: payerFacts(member),
        ...{ amountCents, way, receivedOn, reference },
        years: (settled[i] ?? []).map(({ year }) => year),
        amounts: settled[i] ?? [],
        cancels: null,
      },
    })),
  )
  return issued.map(({ id, paper }) => ({ id, ...paper }))
}

/** Computes how much of which years each payment settles, oldest first. */
async function settledYears(
  tx: Tx,
  schemeId: string,
  payments: readonly Payment[],
): Promise<{ readonly year: number; readonly cents: number }[][]> {
  const ids = [...new Set(payments.map(({ member }) => member.id))]
  const balances = await findBalances(tx, schemeId, ids)
  const years = Map.groupBy((await listMemberYears(tx, schemeId, ids)).reverse(), ({ memberId }) => memberId)
  return payments.map(({ member, amountCents }) => {
    const owed = years.get(member.id) ?? []
    const amounts = owed.map((one) => one.amountCents - one.waivedCents)
    const before = balances.get(member.id) ?? 0
    // The next payment of the same member continues from this balance.
    balances.set(member.id, before - amountCents)
    const [left, after] = [remainingByYear(amounts, before), remainingByYear(amounts, before - amountCents)]
    return owed.map(({ year }, i) => ({ year, cents: left[i]! - after[i]! })).filter(({ cents }) => cents > 0)
  })
}

/**
 * Cancels a payment: a bounced cheque, or an entry by mistake. The ledger gets the reverse entry, and a numbered paper
 * cancels its receipt.
 * @throws AppError `not_found`; `wrong_state` if it is already cancelled; `payment_refunded` while a part of it is refunded:
 * the refund must be cancelled first; `invalid_input` without a reason
 */
export async function cancelPayment(
  deps: MoneyDeps,
  actor: Actor,
  schemeId: string,
  id: { readonly member: string; readonly payment: string },
  { reason }: DuesReason,
): Promise<MemberDues> {
  authorize(actor, 'dues.manage', schemeId)
  requireReason(reason)
  await inScheme(deps.db, schemeId, async (tx) => {
    await lockDues(tx, schemeId)
    await requireNotRefunded(tx, schemeId, id)
    await reversePayment(tx, deps, schemeId, { by: actorName(actor), reason }, id)
  })
  return getMemberDues(deps, actor, schemeId, id.member)
}

/** @throws AppError `payment_refunded` with the amount refunded, of the payment or of an advance that it created */
async function requireNotRefunded(
  tx: Tx,
  schemeId: string,
  id: { readonly member: string; readonly payment: string },
): Promise<void> {
  const payment = await tx
    .selectFrom('duesPayments')
    .select('amountCents')
    .where('schemeId', '=', schemeId)
    .where('id', '=', id.payment)
    .where('memberId', '=', id.member)
    .where('cancelledAt', 'is', null)
    .executeTakeFirst()
  if (payment === undefined) return
  const beyond = payment.amountCents - (await sumPaidLessRefunds(tx, schemeId, id.member))
  const cents = Math.max(beyond, await sumRefunded(tx, schemeId, id.payment))
  if (cents > 0) throw new AppError('payment_refunded', { values: { amount: inEuros(cents) } })
}

export function requireReason(reason: string): void {
  if (reason === '')
    throw new AppError('invalid_input', { problems: [{ code: 'input.required', path: 'reason' }] })
}

/**
 * Reverses a payment in the caller's transaction, under `lockDues`, even if parts were refunded: a bank or provider has taken
 * the money back.
 * @throws as `cancelPayment`, except `payment_refunded`
 */
export async function reversePayment(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  { by, reason }: { readonly by: string; readonly reason: string },
  id: { readonly member: string; readonly payment: string },
): Promise<void> {
  const payment = await findPayment(tx, schemeId, id.payment)
  const member = await findPayer(tx, schemeId, id.member)
  if (payment?.memberId !== id.member || member === undefined) throw new AppError('not_found')
  if (payment.cancelledAt !== null) throw new AppError('wrong_state')
  const at = deps.now()
  const paper = await takePaperNumber(tx, deps, schemeId)
  const entryNo = await writeMovements(tx, deps, schemeId, by, [
    {
      kind: 'cancellation',
      enteredOn: await findToday(tx, deps, schemeId),
      memberId: member.id,
      member: member.name,
      piece: paper.number,
      owesCents: payment.amountCents,
      against: accountForWay(payment.way),
    },
  ])
  await tx
    .updateTable('duesPayments')
    .set({ cancelledAt: at, cancelledBy: by, cancelReason: reason, cancelEntryNo: entryNo })
    .where('schemeId', '=', schemeId)
    .where('id', '=', id.payment)
    .execute()
  const of = { paymentId: id.payment }
  await insertCancellationPaper(tx, deps, schemeId, { paper, of, memberId: member.id, reason })
  await adjustWaiversOfMerged(tx, deps, schemeId, by, member.id)
  await recordAudit(tx, schemeId, at, {
    actor: by,
    action: 'dues.cancel',
    subject: `member:${member.id}`,
    details: { payment: id.payment, amountCents: payment.amountCents, receipt: paper.number },
  })
}

/**
 * Waives what a member still owes, of one year or of all; of all, each year is waived by an entry of its own, so that it stays
 * waived whatever is paid or cancelled later. A credit note takes it off an invoice that was given.
 * @throws AppError `not_found`; `wrong_state` if it owes nothing; `debit_under_way` if a debit is pending, which would become
 * an advance, unless confirmed; `invalid_input` without a reason
 */
export async function waiveDues(
  deps: MoneyDeps,
  actor: Actor,
  schemeId: string,
  memberId: string,
  { reason, year, besideDebit }: Waiver,
): Promise<MemberDues> {
  authorize(actor, 'dues.manage', schemeId)
  requireReason(reason)
  await inScheme(deps.db, schemeId, async (tx) => {
    await lockDues(tx, schemeId)
    const member = await findPayer(tx, schemeId, memberId)
    if (member === undefined) throw new AppError('not_found')
    const parts = (await listMemberYears(tx, schemeId, [memberId]))
      .filter((one) => one.remainingCents > 0 && (year === undefined || one.year === year))
      .map((one): { cents: number; year?: number } => ({ cents: one.remainingCents, year: one.year }))
      .reverse()
    const ofYears = parts.reduce((sum, { cents }) => sum + cents, 0)
    const owed = year === undefined ? await findBalance(tx, schemeId, memberId) : ofYears
    if (owed <= 0) throw new AppError('wrong_state')
    if (owed > ofYears) parts.push({ cents: owed - ofYears })
    if (besideDebit !== true) await requireNoDebit(tx, schemeId, memberId)
    const by = actorName(actor)
    const enteredOn = await findToday(tx, deps, schemeId)
    await writeMovements(
      tx,
      deps,
      schemeId,
      by,
      parts.map(({ cents, ...ofYear }) => ({
        kind: 'waiver',
        enteredOn,
        memberId,
        member: member.name,
        piece: reason,
        owesCents: -cents,
        against: 'income',
        ...ofYear,
      })),
    )
    await correctInvoices(tx, deps, schemeId, { memberIds: [memberId], by, why: 'waived' })
    await reactivateSettledMembers(tx, deps, schemeId, [memberId])
    await recordAudit(tx, schemeId, deps.now(), {
      actor: by,
      action: 'dues.waive',
      subject: `member:${memberId}`,
      details: { amountCents: owed, ...(year !== undefined && { year }) },
    })
  })
  return getMemberDues(deps, actor, schemeId, memberId)
}

/**
 * Records that the chamber warned a member in person of its suspension: the warning period starts now. The same request with
 * the same id again changes nothing.
 * @throws AppError `not_found`; `id_taken`; `wrong_state` if it owes nothing
 */
export async function recordWarningInPerson(
  deps: MoneyDeps,
  actor: Actor,
  schemeId: string,
  memberId: string,
  { id, how, note }: WarningInPerson,
): Promise<MemberDues> {
  authorize(actor, 'dues.manage', schemeId)
  await inScheme(deps.db, schemeId, async (tx) => {
    const by = actorName(actor)
    const repeated = await findRepeated(tx, schemeId, {
      id,
      creator: by,
      find: (one) =>
        tx
          .selectFrom('duesNotices')
          .select(['memberId', 'by', 'inPerson', 'note'])
          .where('schemeId', '=', schemeId)
          .where('id', '=', one)
          .executeTakeFirst(),
      isSame: (row) => row.memberId === memberId && row.inPerson === how && row.note === note,
      creatorOf: (row) => row.by,
    })
    if (repeated !== undefined) return
    await lockDues(tx, schemeId)
    if ((await findPayer(tx, schemeId, memberId)) === undefined) throw new AppError('not_found')
    const owed = (await listMemberYears(tx, schemeId, [memberId]))
      .filter((one) => one.remainingCents > 0)
      .at(-1)
    if (owed === undefined) throw new AppError('wrong_state')
    const at = deps.now()
    await tx
      .insertInto('duesNotices')
      .values({
        schemeId,
        id: id ?? deps.newId(),
        year: owed.year,
        memberId,
        kind: 'warning',
        at,
        by,
        inPerson: how,
        note,
      })
      .execute()
    await recordAudit(tx, schemeId, at, {
      actor: by,
      action: 'dues.told',
      subject: `member:${memberId}`,
      details: { year: owed.year, how },
    })
  })
  return getMemberDues(deps, actor, schemeId, memberId)
}
