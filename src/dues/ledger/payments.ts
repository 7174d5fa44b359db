import { sql } from 'kysely'
import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem } from '../../errors.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import type { PaymentWay } from '../../schema.ts'
import { getMemberDues } from '../actions.ts'
import type { DuesReason, MemberDues, NewPayment, ReceiptName, ToldInPerson, Waiver } from '../contract.ts'
import {
  creditorFacts,
  insertCancelling,
  insertPapers,
  payerFacts,
  takePaperNumber,
  takePaperNumbers,
} from '../papers/papers.ts'
import { restoreSettled } from '../reminders/suspensions.ts'
import { accountOf, addDays, noonOf, remainders } from '../rules.ts'
import {
  findCheque,
  findCollecting,
  findPayer,
  listMemberYears,
  type PaidMember,
  sumKept,
  sumRefunded,
} from '../store.ts'
import { balanceOf, balancesOf, lockDues, today, writeMovements } from './ledger.ts'
import { askKept } from './merged.ts'

export type MoneyDeps = Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'mailer' | 'config'>

/** Money that came for a member. */
interface Payment {
  readonly member: PaidMember
  readonly way: PaymentWay
  readonly amountCents: number
  readonly receivedOn: string
  readonly reference: string
  /** By which a provider or a bank knows it; null: none does. */
  readonly outsideId: string | null
}

/** What is wrong with the day of a movement of money. */
export function dayProblems(deps: Pick<Deps, 'now'>, path: string, on: string): Problem[] {
  const day = today(deps)
  if (on > day) return [{ code: 'dues.day_to_come', path }]
  return on < addDays(day, -366) ? [{ code: 'dues.day_old', path }] : []
}

/**
 * Records a payment that the chamber found on its account, in its mail or on its desk, and issues its receipt.
 * @throws AppError `not_found`; `more_than_due` when it is more than what is owed, `debit_under_way` when its bank is being
 * asked for some of it, `same_cheque`
 * when one of that number is recorded, and none of that was read; `invalid_input`
 */
export async function recordPayment(
  deps: MoneyDeps,
  actor: Actor,
  schemeId: string,
  memberId: string,
  input: NewPayment,
): Promise<MemberDues> {
  authorize(actor, 'dues.manage', schemeId)
  const problems: Problem[] = dayProblems(deps, 'receivedOn', input.receivedOn)
  if (input.way === 'cheque' && input.reference === '')
    problems.push({ code: 'dues.cheque_number', path: 'reference' })
  if (problems.length > 0) throw new AppError('invalid_input', { problems })
  await inScheme(deps.db, schemeId, async (tx) => {
    await lockDues(tx, schemeId)
    const member = await findPayer(tx, schemeId, memberId)
    if (member === undefined) throw new AppError('not_found')
    const owed = Math.max(0, await balanceOf(tx, schemeId, memberId))
    if (input.amountCents > owed && !input.inAdvance) {
      throw new AppError('more_than_due', { values: { owed: owed / 100 } })
    }
    if (input.besideDebit !== true) await requireNoDebit(tx, schemeId, memberId)
    const { way, amountCents, receivedOn, reference } = input
    if (way === 'cheque' && input.sameCheque !== true) await requireNewCheque(tx, schemeId, reference)
    const by = actorName(actor)
    const [paid] = await writePayments(tx, deps, schemeId, by, [
      { member, way, amountCents, receivedOn, reference, outsideId: null },
    ])
    await restoreSettled(tx, deps, schemeId, [memberId])
    await recordAudit(tx, schemeId, deps.now(), {
      actor: by,
      action: 'dues.payment',
      subject: `member:${memberId}`,
      details: { payment: paid?.id, way, amountCents, receivedOn, receipt: paid?.number },
    })
  })
  return getMemberDues(deps, actor, schemeId, memberId)
}

/** @throws AppError `debit_under_way` with what the bank of a member is being asked for, and when */
async function requireNoDebit(tx: Tx, schemeId: string, memberId: string): Promise<void> {
  const collecting = await findCollecting(tx, schemeId, memberId)
  if (collecting === undefined) return
  throw new AppError('debit_under_way', {
    values: { amount: collecting.amountCents / 100, day: noonOf(collecting.on) },
  })
}

/** @throws AppError `same_cheque` with the payment that has this number */
async function requireNewCheque(tx: Tx, schemeId: string, reference: string): Promise<void> {
  const known = await findCheque(tx, schemeId, reference)
  if (known === undefined) return
  const { name, amountCents, receivedOn } = known
  throw new AppError('same_cheque', {
    values: { number: reference, name, amount: amountCents / 100, day: noonOf(receivedOn) },
  })
}

/**
 * Writes payments, their entries and their receipts in the order given, in the caller's transaction and under the lock of
 * `lockDues`, by one statement a table. What is more than owed is an advance. The audit entry is the caller's, and to let in
 * again whoever is settled (`restoreSettled`).
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
  const issued = payments.map((payment, i) => ({ payment, id: deps.newId(), paper: papers[i]! }))
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
      against: accountOf(payment.way),
    })),
  )
  const rows = issued.map(({ payment: { member, ...payment }, id }, i) => ({
    ...payment,
    ...{ id, memberId: member.id, entryNo: firstEntry + i },
  }))
  await sql`
    insert into dues_payments (scheme_id, id, member_id, way, amount_cents, received_on, reference, outside_id, entry_no,
      recorded_at, recorded_by)
    select ${schemeId}, id, "memberId", way, "amountCents", "receivedOn", reference, "outsideId", "entryNo", ${deps.now()}, ${by}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as p (id uuid, "memberId" uuid, way text, "amountCents" integer,
      "receivedOn" date, reference text, "outsideId" text, "entryNo" integer)`.execute(tx)
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
        years: settled[i] ?? [],
        cancels: null,
      },
    })),
  )
  return issued.map(({ id, paper }) => ({ id, ...paper }))
}

/** Which years each of some payments settles, wholly or in part, oldest first. */
async function settledYears(tx: Tx, schemeId: string, payments: readonly Payment[]): Promise<number[][]> {
  const ids = [...new Set(payments.map(({ member }) => member.id))]
  const balances = await balancesOf(tx, schemeId, ids)
  const years = Map.groupBy((await listMemberYears(tx, schemeId, ids)).reverse(), ({ memberId }) => memberId)
  return payments.map(({ member, amountCents }) => {
    const owed = years.get(member.id) ?? []
    const amounts = owed.map((one) => one.amountCents)
    const before = balances.get(member.id) ?? 0
    // Another payment of the same member goes on from here.
    balances.set(member.id, before - amountCents)
    const [left, after] = [remainders(amounts, before), remainders(amounts, before - amountCents)]
    return owed.filter((_, i) => after[i]! < left[i]!).map(({ year }) => year)
  })
}

/**
 * Takes a payment back: a cheque that bounced, an entry by mistake. The ledger gets the reverse of its entry, and a numbered
 * paper takes its receipt back.
 * @throws AppError `not_found`; `wrong_state` when it was taken back already; `payment_refunded` while some of it went back to the
 * member: that is taken back first; `invalid_input` without a reason
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
    await reversePayment(tx, deps, schemeId, actorName(actor), id, reason)
  })
  return getMemberDues(deps, actor, schemeId, id.member)
}

/** @throws AppError `payment_refunded` with how much went back, of the payment or of an advance that it was */
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
  const beyond = payment.amountCents - (await sumKept(tx, schemeId, id.member))
  const cents = Math.max(beyond, await sumRefunded(tx, schemeId, id.payment))
  if (cents > 0) throw new AppError('payment_refunded', { values: { amount: cents / 100 } })
}

export function requireReason(reason: string): void {
  if (reason === '')
    throw new AppError('invalid_input', { problems: [{ code: 'input.required', path: 'reason' }] })
}

/**
 * The same in the caller's transaction, under the lock of `lockDues`, whatever was refunded: a bank or a provider took the money.
 * @throws as `cancelPayment`, but for `payment_refunded`
 */
export async function reversePayment(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  by: string,
  id: { readonly member: string; readonly payment: string },
  reason: string,
): Promise<void> {
  const payment = await tx
    .selectFrom('duesPayments')
    .selectAll()
    .where('schemeId', '=', schemeId)
    .where('id', '=', id.payment)
    .where('memberId', '=', id.member)
    .executeTakeFirst()
  const member = await findPayer(tx, schemeId, id.member)
  if (payment === undefined || member === undefined) throw new AppError('not_found')
  if (payment.cancelledAt !== null) throw new AppError('wrong_state')
  const at = deps.now()
  const paper = await takePaperNumber(tx, deps, schemeId)
  const entryNo = await writeMovements(tx, deps, schemeId, by, [
    {
      kind: 'cancellation',
      enteredOn: today(deps),
      memberId: member.id,
      member: member.name,
      piece: paper.number,
      owesCents: payment.amountCents,
      against: accountOf(payment.way),
    },
  ])
  await tx
    .updateTable('duesPayments')
    .set({ cancelledAt: at, cancelledBy: by, cancelReason: reason, cancelEntryNo: entryNo })
    .where('schemeId', '=', schemeId)
    .where('id', '=', id.payment)
    .execute()
  const of = { paymentId: id.payment }
  await insertCancelling(tx, deps, schemeId, { paper, of, memberId: member.id, reason })
  await askKept(tx, deps, schemeId, by, member.id)
  await recordAudit(tx, schemeId, at, {
    actor: by,
    action: 'dues.cancel',
    subject: `member:${member.id}`,
    details: { payment: id.payment, amountCents: payment.amountCents, receipt: paper.number },
  })
}

/**
 * Lets a member off what it still owes.
 * @throws AppError `not_found`; `wrong_state` when it owes nothing; `debit_under_way` when its bank is being asked for some of it,
 * which would become an advance, and that was not read; `invalid_input` without a reason
 */
export async function waiveDues(
  deps: MoneyDeps,
  actor: Actor,
  schemeId: string,
  memberId: string,
  { reason, besideDebit }: Waiver,
): Promise<MemberDues> {
  authorize(actor, 'dues.manage', schemeId)
  requireReason(reason)
  await inScheme(deps.db, schemeId, async (tx) => {
    await lockDues(tx, schemeId)
    const member = await findPayer(tx, schemeId, memberId)
    if (member === undefined) throw new AppError('not_found')
    const owed = await balanceOf(tx, schemeId, memberId)
    if (owed <= 0) throw new AppError('wrong_state')
    if (besideDebit !== true) await requireNoDebit(tx, schemeId, memberId)
    const by = actorName(actor)
    await writeMovements(tx, deps, schemeId, by, [
      {
        kind: 'waiver',
        enteredOn: today(deps),
        memberId,
        member: member.name,
        piece: reason,
        owesCents: -owed,
        against: 'income',
      },
    ])
    await restoreSettled(tx, deps, schemeId, [memberId])
    await recordAudit(tx, schemeId, deps.now(), {
      actor: by,
      action: 'dues.waive',
      subject: `member:${memberId}`,
      details: { amountCents: owed },
    })
  })
  return getMemberDues(deps, actor, schemeId, memberId)
}

/**
 * Notes that the chamber told a member in person that it may be suspended: the days of a warning run from here on.
 * @throws AppError `not_found`; `wrong_state` when it owes nothing
 */
export async function noteToldInPerson(
  deps: MoneyDeps,
  actor: Actor,
  schemeId: string,
  memberId: string,
  { how, note }: ToldInPerson,
): Promise<MemberDues> {
  authorize(actor, 'dues.manage', schemeId)
  await inScheme(deps.db, schemeId, async (tx) => {
    await lockDues(tx, schemeId)
    if ((await findPayer(tx, schemeId, memberId)) === undefined) throw new AppError('not_found')
    const owed = (await listMemberYears(tx, schemeId, [memberId]))
      .filter((one) => one.remainingCents > 0)
      .at(-1)
    if (owed === undefined) throw new AppError('wrong_state')
    const by = actorName(actor)
    const at = deps.now()
    await tx
      .insertInto('duesNotices')
      .values({
        schemeId,
        id: deps.newId(),
        year: owed.year,
        memberId,
        kind: 'warning',
        at,
        by,
        told: how,
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
