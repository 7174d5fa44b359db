import { recordAudit } from '../../audit/record.ts'
import { findRepeated } from '../../audit/repeat.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem } from '../../errors.ts'
import { inEuros } from '../../message/money.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { getMemberDues } from '../actions.ts'
import type { DuesReason, MemberDues, NewRefund } from '../contract.ts'
import {
  creditorFacts,
  getPaper,
  insertCancellationPaper,
  insertPapers,
  payerFacts,
  takePaperNumber,
} from '../papers/papers.ts'
import { reactivateSettledMembers } from '../reminders/suspensions.ts'
import { accountForWay, noonOf } from '../rules.ts'
import { findPayer, type PaidMember, sumPaidLessRefunds, sumRefunded } from '../store.ts'
import { findBalance, findToday, lockDues, writeMovements } from './ledger.ts'
import { adjustWaiversOfMerged } from './merged.ts'
import { dayProblems, type MoneyDeps, requireReason } from './payments.ts'

/**
 * Records a refund to a member and issues its credit note: of an advance, or of one payment, whose amount is then owed again.
 * The same request with the same id again changes nothing.
 * @throws AppError `not_found`; `id_taken`; `wrong_state` if the payment was cancelled; `more_than_paid`; `invalid_input`, also for a day
 * before the payment
 */
export async function recordRefund(
  deps: MoneyDeps,
  actor: Actor,
  schemeId: string,
  memberId: string,
  input: NewRefund,
): Promise<MemberDues> {
  authorize(actor, 'dues.manage', schemeId)
  await inScheme(deps.db, schemeId, async (tx) => {
    const by = actorName(actor)
    const repeated = await findRepeated(tx, schemeId, {
      id: input.id,
      creator: by,
      find: (id) => findRefund(tx, schemeId, id),
      isSame: (row) => row.memberId === memberId && SAME_REFUND.every((key) => row[key] === input[key]),
      creatorOf: (row) => row.recordedBy,
    })
    if (repeated !== undefined) return
    await lockDues(tx, schemeId)
    const member = await findPayer(tx, schemeId, memberId)
    if (member === undefined) throw new AppError('not_found')
    const { paymentId } = input
    const problems = [
      ...refundProblems(input, await findToday(tx, deps, schemeId)),
      ...earlyRefundProblems(input, await findPaidSince(tx, schemeId, memberId, paymentId)),
    ]
    if (problems.length > 0) throw new AppError('invalid_input', { problems })
    const most = await findMostRefundableCents(tx, schemeId, memberId, paymentId)
    if (input.amountCents > most) throw new AppError('more_than_paid', { values: { most: inEuros(most) } })
    const refund = await writeRefund(tx, deps, schemeId, { by, member, refund: input })
    await recordAudit(tx, schemeId, deps.now(), {
      actor: by,
      action: 'dues.refund',
      subject: `member:${memberId}`,
      details: {
        refund: refund.id,
        payment: paymentId,
        way: input.way,
        amountCents: input.amountCents,
        paidOn: input.paidOn,
        receipt: refund.number,
      },
    })
  })
  return getMemberDues(deps, actor, schemeId, memberId)
}

/** The fields of a request that its repetition has too. */
const SAME_REFUND = ['paymentId', 'way', 'amountCents', 'paidOn', 'reference', 'reason'] as const

function refundProblems({ way, paidOn, reference, reason }: NewRefund, today: string): Problem[] {
  const problems = dayProblems(today, 'paidOn', paidOn)
  if (way === 'cheque' && reference === '') problems.push({ code: 'dues.cheque_number', path: 'reference' })
  if (reason === '') problems.push({ code: 'input.required', path: 'reason' })
  return problems
}

/** @param paidSince the day of what is refunded; null: nothing was paid yet */
function earlyRefundProblems({ paidOn }: NewRefund, paidSince: string | null): Problem[] {
  return paidSince !== null && paidOn < paidSince
    ? [{ code: 'dues.refund_before', path: 'paidOn', values: { day: noonOf(paidSince) } }]
    : []
}

/**
 * Returns how much can be refunded of a payment, or of an advance (null), in cents. A refund of an advance reduces what can be
 * refunded of any payment. @throws AppError `not_found`, `wrong_state`, of the payment
 */
async function findMostRefundableCents(
  tx: Tx,
  schemeId: string,
  memberId: string,
  paymentId: string | null,
): Promise<number> {
  const left =
    paymentId === null
      ? -(await findBalance(tx, schemeId, memberId))
      : await findUnrefundedCents(tx, schemeId, memberId, paymentId)
  return Math.max(0, Math.min(left, await sumPaidLessRefunds(tx, schemeId, memberId)))
}

function findRefund(tx: Tx, schemeId: string, id: string) {
  return tx
    .selectFrom('duesRefunds')
    .selectAll()
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .executeTakeFirst()
}

/** Returns how much of a payment is not refunded yet, in cents. @throws AppError `not_found`, `wrong_state` */
async function findUnrefundedCents(
  tx: Tx,
  schemeId: string,
  memberId: string,
  paymentId: string,
): Promise<number> {
  const payment = await tx
    .selectFrom('duesPayments')
    .select(['amountCents', 'cancelledAt'])
    .where('schemeId', '=', schemeId)
    .where('id', '=', paymentId)
    .where('memberId', '=', memberId)
    .executeTakeFirst()
  if (payment === undefined) throw new AppError('not_found')
  if (payment.cancelledAt !== null) throw new AppError('wrong_state')
  return payment.amountCents - (await sumRefunded(tx, schemeId, paymentId))
}

/** Returns the day of a payment; for null, that of the member's first valid payment. Null if there is none. */
async function findPaidSince(
  tx: Tx,
  schemeId: string,
  memberId: string,
  paymentId: string | null,
): Promise<string | null> {
  let query = tx
    .selectFrom('duesPayments')
    .select(({ fn }) => fn.min('receivedOn').as('day'))
    .where('schemeId', '=', schemeId)
    .where('memberId', '=', memberId)
    .where('cancelledAt', 'is', null)
  if (paymentId !== null) query = query.where('id', '=', paymentId)
  return (await query.executeTakeFirst())?.day ?? null
}

/** Writes a refund, its entry and its credit note, in the caller's transaction and under `lockDues`. */
export async function writeRefund(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId'>,
  schemeId: string,
  { by, member, refund }: { readonly by: string; readonly member: PaidMember; readonly refund: NewRefund },
): Promise<{ readonly id: string; readonly number: string }> {
  const { paymentId, way, amountCents, paidOn, reference, reason } = refund
  const id = refund.id ?? deps.newId()
  const paper = await takePaperNumber(tx, deps, schemeId)
  const entryNo = await writeMovements(tx, deps, schemeId, by, [
    {
      kind: 'refund',
      enteredOn: paidOn,
      memberId: member.id,
      member: member.name,
      piece: paper.number,
      owesCents: amountCents,
      against: accountForWay(way),
    },
  ])
  await tx
    .insertInto('duesRefunds')
    .values({
      schemeId,
      id,
      memberId: member.id,
      paymentId,
      way,
      amountCents,
      paidOn,
      reference,
      reason,
      entryNo,
      recordedAt: deps.now(),
      recordedBy: by,
      cancelledAt: null,
      cancelledBy: null,
      cancelReason: null,
      cancelEntryNo: null,
    })
    .execute()
  const receipt = paymentId === null ? null : (await getPaper(tx, schemeId, { paymentId })).number
  await insertPapers(tx, deps, schemeId, [
    {
      paper,
      of: { refundId: id },
      memberId: member.id,
      cancels: false,
      facts: {
        ...(await creditorFacts(tx, schemeId)),
        member: payerFacts(member),
        ...{ amountCents, way, receivedOn: paidOn, reference },
        years: [],
        cancels: null,
        refund: { reason, receipt },
      },
    },
  ])
  await adjustWaiversOfMerged(tx, deps, schemeId, by, member.id)
  return { id, number: paper.number }
}

/**
 * Cancels a refund that was not paid out, or was entered by mistake. The ledger gets the reverse entry, and a numbered paper
 * cancels the credit note. A member that the rule suspended for the refunded amount is reactivated.
 * @throws AppError `not_found`; `wrong_state` if it is already cancelled; `invalid_input` without a reason
 */
export async function cancelRefund(
  deps: MoneyDeps,
  actor: Actor,
  schemeId: string,
  id: { readonly member: string; readonly refund: string },
  { reason }: DuesReason,
): Promise<MemberDues> {
  authorize(actor, 'dues.manage', schemeId)
  requireReason(reason)
  await inScheme(deps.db, schemeId, async (tx) => {
    await lockDues(tx, schemeId)
    const refund = await findRefund(tx, schemeId, id.refund)
    const member = await findPayer(tx, schemeId, id.member)
    if (refund?.memberId !== id.member || member === undefined) throw new AppError('not_found')
    if (refund.cancelledAt !== null) throw new AppError('wrong_state')
    const by = actorName(actor)
    const at = deps.now()
    const paper = await takePaperNumber(tx, deps, schemeId)
    const entryNo = await writeMovements(tx, deps, schemeId, by, [
      {
        kind: 'cancellation',
        enteredOn: await findToday(tx, deps, schemeId),
        memberId: member.id,
        member: member.name,
        piece: paper.number,
        owesCents: -refund.amountCents,
        against: accountForWay(refund.way),
      },
    ])
    await tx
      .updateTable('duesRefunds')
      .set({ cancelledAt: at, cancelledBy: by, cancelReason: reason, cancelEntryNo: entryNo })
      .where('schemeId', '=', schemeId)
      .where('id', '=', id.refund)
      .execute()
    const of = { refundId: id.refund }
    await insertCancellationPaper(tx, deps, schemeId, { paper, of, memberId: member.id, reason })
    await reactivateSettledMembers(tx, deps, schemeId, [member.id])
    await recordAudit(tx, schemeId, at, {
      actor: by,
      action: 'dues.refund_cancel',
      subject: `member:${member.id}`,
      details: { refund: id.refund, amountCents: refund.amountCents, receipt: paper.number },
    })
  })
  return getMemberDues(deps, actor, schemeId, id.member)
}
