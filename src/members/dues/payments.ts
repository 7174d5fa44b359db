import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem } from '../../errors.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import type { PaymentWay } from '../../schema.ts'
import { findEnrolmentScheme } from '../enrolment/store.ts'
import { getMemberDues } from './actions.ts'
import type { DuesReason, MemberDues, NewPayment, ReceiptFacts, ReceiptName } from './contract.ts'
import { balanceOf, lockDues, takeNumbers, today, writeMovements } from './ledger.ts'
import { accountOf, addDays, receiptNumber, remainders } from './rules.ts'
import { findDuesSettings, findPayer, listMemberYears, type PaidMember } from './store.ts'

type MoneyDeps = Pick<Deps, 'db' | 'now' | 'newId'>

/** Money that came for a member. */
interface Payment {
  readonly way: PaymentWay
  readonly amountCents: number
  readonly receivedOn: string
  readonly reference: string
  /** By which a provider or a bank knows it; null: none does. */
  readonly outsideId: string | null
}

/**
 * Records a payment that the chamber found on its account, in its mail or on its desk, and issues its receipt.
 * @throws AppError `not_found`; `more_than_due` when it is more than what is owed and that was not read; `invalid_input`
 */
export async function recordPayment(
  deps: MoneyDeps,
  actor: Actor,
  schemeId: string,
  memberId: string,
  input: NewPayment,
): Promise<MemberDues> {
  authorize(actor, 'dues.manage', schemeId)
  const day = today(deps)
  const problems: Problem[] = []
  if (input.receivedOn > day) problems.push({ code: 'dues.day_to_come', path: 'receivedOn' })
  if (input.receivedOn < addDays(day, -366)) problems.push({ code: 'dues.day_old', path: 'receivedOn' })
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
    const { way, amountCents, receivedOn, reference } = input
    await writePayment(tx, deps, schemeId, actorName(actor), member, {
      way,
      amountCents,
      receivedOn,
      reference,
      outsideId: null,
    })
  })
  return getMemberDues(deps, actor, schemeId, memberId)
}

/**
 * Writes a payment, its entry and its receipt in the caller's transaction, under the lock of `lockDues`, on the audit
 * record. What is more than owed is an advance.
 * @returns its receipt
 */
export async function writePayment(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId'>,
  schemeId: string,
  by: string,
  member: PaidMember,
  payment: Payment,
): Promise<ReceiptName & { readonly paymentId: string }> {
  const { way, amountCents, receivedOn, reference, outsideId } = payment
  const at = deps.now()
  const year = Number(today(deps).slice(0, 4))
  const years = await settledYears(tx, schemeId, member.id, amountCents)
  const no = await takeNumbers(tx, schemeId, `receipts-${year}`, 1)
  const number = receiptNumber(schemeId, year, no)
  const entryNo = await writeMovements(tx, deps, schemeId, by, [
    {
      kind: 'payment',
      enteredOn: receivedOn,
      memberId: member.id,
      member: member.name,
      piece: number,
      owesCents: -amountCents,
      against: accountOf(way),
    },
  ])
  const paymentId = deps.newId()
  await tx
    .insertInto('duesPayments')
    .values({
      schemeId,
      id: paymentId,
      memberId: member.id,
      way,
      amountCents,
      receivedOn,
      reference,
      outsideId,
      entryNo,
      recordedAt: at,
      recordedBy: by,
    })
    .execute()
  const facts: ReceiptFacts = {
    ...(await creditorFacts(tx, schemeId)),
    member: {
      name: member.name,
      siret: member.siret,
      address: member.address,
      commune: member.communeName,
    },
    amountCents,
    way,
    receivedOn,
    reference,
    years,
    cancels: null,
  }
  await tx
    .insertInto('duesReceipts')
    .values({
      schemeId,
      year,
      no,
      paymentId,
      memberId: member.id,
      cancels: false,
      facts: JSON.stringify(facts),
      issuedAt: at,
    })
    .execute()
  await recordAudit(tx, schemeId, at, {
    actor: by,
    action: 'dues.payment',
    subject: `member:${member.id}`,
    details: { payment: paymentId, way, amountCents, receivedOn, receipt: number },
  })
  return { year, no, number, paymentId }
}

/** Which years a payment settles, wholly or in part, oldest first. */
async function settledYears(
  tx: Tx,
  schemeId: string,
  memberId: string,
  amountCents: number,
): Promise<number[]> {
  const years = (await listMemberYears(tx, schemeId, memberId)).reverse()
  const balance = await balanceOf(tx, schemeId, memberId)
  const after = remainders(
    years.map((one) => one.amountCents),
    balance - amountCents,
  )
  return years.filter(({ remainingCents }, i) => after[i]! < remainingCents).map(({ year }) => year)
}

async function creditorFacts(tx: Tx, schemeId: string): Promise<Pick<ReceiptFacts, 'scheme' | 'creditor'>> {
  const scheme = await findEnrolmentScheme(tx, schemeId)
  const settings = await findDuesSettings(tx, schemeId)
  if (scheme === undefined || settings === undefined) {
    throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  }
  const { name, address, siret, receiptNote } = settings.creditor
  return {
    scheme: scheme.name,
    creditor: { name: name === '' ? scheme.chamber : name, address, siret, note: receiptNote },
  }
}

/**
 * Takes a payment back: a cheque that bounced, an entry by mistake. The ledger gets the reverse of its entry, and a numbered
 * paper takes its receipt back.
 * @throws AppError `not_found`; `wrong_state` when it was taken back already; `invalid_input` without a reason
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
    await reversePayment(tx, deps, schemeId, actorName(actor), id, reason)
  })
  return getMemberDues(deps, actor, schemeId, id.member)
}

function requireReason(reason: string): void {
  if (reason === '')
    throw new AppError('invalid_input', { problems: [{ code: 'input.required', path: 'reason' }] })
}

/** The same in the caller's transaction, under the lock of `lockDues`. @throws as `cancelPayment` */
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
  const issued = await tx
    .selectFrom('duesReceipts')
    .select(['year', 'no', 'facts'])
    .where('schemeId', '=', schemeId)
    .where('paymentId', '=', id.payment)
    .where('cancels', '=', false)
    .executeTakeFirstOrThrow()
  const at = deps.now()
  const day = today(deps)
  const year = Number(day.slice(0, 4))
  const no = await takeNumbers(tx, schemeId, `receipts-${year}`, 1)
  const number = receiptNumber(schemeId, year, no)
  const entryNo = await writeMovements(tx, deps, schemeId, by, [
    {
      kind: 'cancellation',
      enteredOn: day,
      memberId: member.id,
      member: member.name,
      piece: number,
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
  const facts: ReceiptFacts = {
    ...issued.facts,
    cancels: { number: receiptNumber(schemeId, issued.year, issued.no), reason },
  }
  await tx
    .insertInto('duesReceipts')
    .values({
      schemeId,
      year,
      no,
      paymentId: id.payment,
      memberId: member.id,
      cancels: true,
      facts: JSON.stringify(facts),
      issuedAt: at,
    })
    .execute()
  await recordAudit(tx, schemeId, at, {
    actor: by,
    action: 'dues.cancel',
    subject: `member:${member.id}`,
    details: { payment: id.payment, amountCents: payment.amountCents, receipt: number },
  })
}

/**
 * Lets a member off what it still owes.
 * @throws AppError `not_found`; `wrong_state` when it owes nothing; `invalid_input` without a reason
 */
export async function waiveDues(
  deps: MoneyDeps,
  actor: Actor,
  schemeId: string,
  memberId: string,
  { reason }: DuesReason,
): Promise<MemberDues> {
  authorize(actor, 'dues.manage', schemeId)
  requireReason(reason)
  await inScheme(deps.db, schemeId, async (tx) => {
    await lockDues(tx, schemeId)
    const member = await findPayer(tx, schemeId, memberId)
    if (member === undefined) throw new AppError('not_found')
    const owed = await balanceOf(tx, schemeId, memberId)
    if (owed <= 0) throw new AppError('wrong_state')
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
    await recordAudit(tx, schemeId, deps.now(), {
      actor: by,
      action: 'dues.waive',
      subject: `member:${memberId}`,
      details: { amountCents: owed },
    })
  })
  return getMemberDues(deps, actor, schemeId, memberId)
}
