import { sql } from 'kysely'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import type { Tx } from '../../platform/db.ts'
import { findSchemeWithChamber } from '../../schemes/store.ts'
import type { ReceiptFacts } from '../contract.ts'
import { findToday, takeNumbers } from '../ledger/ledger.ts'
import { creditorName, receiptNumber } from '../rules.ts'
import { findDuesSettings, type PaidMember } from '../store.ts'

/** A number of the series that receipts, credit notes and cancellations share. */
export interface PaperNumber {
  readonly year: number
  readonly no: number
  /** As printed. */
  readonly number: string
}

/** The payment or refund for which a paper is issued. */
export type PaperSubject = { readonly paymentId: string } | { readonly refundId: string }

/** Takes this year's next numbers without gaps (`takeNumbers`), under `lockDues`. */
export async function takePaperNumbers(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  count: number,
): Promise<PaperNumber[]> {
  const year = Number((await findToday(tx, deps, schemeId)).slice(0, 4))
  const first = await takeNumbers(tx, schemeId, `receipts-${year}`, count)
  return Array.from({ length: count }, (_, i) => {
    const no = first + i
    return { year, no, number: receiptNumber(schemeId, year, no) }
  })
}

/** Takes a single number. */
export async function takePaperNumber(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
): Promise<PaperNumber> {
  const [paper] = await takePaperNumbers(tx, deps, schemeId, 1)
  return paper!
}

/** Writes papers under numbers already taken, with one statement. */
export async function insertPapers(
  tx: Tx,
  { now }: Pick<Deps, 'now'>,
  schemeId: string,
  papers: readonly {
    readonly paper: PaperNumber
    readonly of: PaperSubject
    readonly memberId: string
    /** Whether it cancels the other paper of the same payment or refund. */
    readonly cancels: boolean
    readonly facts: ReceiptFacts
  }[],
): Promise<void> {
  const rows = papers.map(({ paper, of, ...rest }) => ({ ...paper, ...of, ...rest }))
  await sql`
    insert into dues_receipts (scheme_id, year, no, payment_id, refund_id, member_id, cancels, facts, issued_at)
    select ${schemeId}, year, no, "paymentId", "refundId", "memberId", cancels, facts, ${now()}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (year smallint, no integer, "paymentId" uuid, "refundId" uuid,
      "memberId" uuid, cancels boolean, facts jsonb)`.execute(tx)
}

/** Returns the paper issued for a payment or refund. */
export async function getPaper(
  tx: Tx,
  schemeId: string,
  of: PaperSubject,
): Promise<{ readonly number: string; readonly facts: ReceiptFacts }> {
  const [column, id] =
    'paymentId' in of ? (['paymentId', of.paymentId] as const) : (['refundId', of.refundId] as const)
  const { year, no, facts } = await tx
    .selectFrom('duesReceipts')
    .select(['year', 'no', 'facts'])
    .where('schemeId', '=', schemeId)
    .where(column, '=', id)
    .where('cancels', '=', false)
    .executeTakeFirstOrThrow()
  return { number: receiptNumber(schemeId, year, no), facts }
}

/** Writes the paper that cancels the one of a payment or refund, under a number already taken. */
export async function insertCancellationPaper(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  cancelling: {
    readonly paper: PaperNumber
    readonly of: PaperSubject
    readonly memberId: string
    readonly reason: string
  },
): Promise<void> {
  const { reason, ...rest } = cancelling
  const { number, facts } = await getPaper(tx, schemeId, cancelling.of)
  await insertPapers(tx, deps, schemeId, [
    { ...rest, cancels: true, facts: { ...facts, cancels: { number, reason } } },
  ])
}

/** Returns the recipient as printed on a paper. */
export function payerFacts({ name, siret, address, communeName }: PaidMember): ReceiptFacts['member'] {
  return { name, siret, address, commune: communeName }
}

/** Returns the issuer as printed on a paper. @throws AppError `unknown_scheme` */
export async function creditorFacts(
  tx: Tx,
  schemeId: string,
): Promise<Pick<ReceiptFacts, 'scheme' | 'creditor'>> {
  const scheme = await findSchemeWithChamber(tx, schemeId)
  const settings = await findDuesSettings(tx, schemeId)
  if (scheme === undefined || settings === undefined) {
    throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  }
  const { address, siret, receiptNote } = settings.creditor
  return {
    scheme: scheme.name,
    creditor: { name: creditorName(settings, scheme), address, siret, note: receiptNote },
  }
}
