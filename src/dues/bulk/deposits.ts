import { type RawBuilder, sql } from 'kysely'
import { recordAudit } from '../../audit/record.ts'
import { findRepeated } from '../../audit/repeat.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { recordMemberAccess } from '../../members/accesses.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { findSchemeWithChamber } from '../../schemes/store.ts'
import { readAloneLine } from '../../settings/alone.ts'
import { findToday, lockDues, takeNumbers } from '../ledger/ledger.ts'
import { dayProblems } from '../ledger/payments.ts'
import { creditorName } from '../rules.ts'
import { findDuesSettings } from '../store.ts'
import { type ChequeToDeposit, type Deposits, MAX_CHEQUES, type NewDeposit } from './contract.ts'
import { drawDepositSlip } from './deposit-pdf.ts'

type DepositDeps = Pick<Deps, 'db' | 'now'>

const LISTED = 20

/** Formats the number of a slip: 2026-007. */
const slipNumber = ({ year, no }: { readonly year: number; readonly no: number }) =>
  `${year}-${String(no).padStart(3, '0')}`

/** Condition on a payment `p` and what is known of its cheque, `c`: it is valid and on no slip. */
const isWaiting = sql`p.way = 'cheque' and p.cancelled_at is null and c.deposit_id is null and not coalesce(c.elsewhere, false)`

/** A cheque on a slip. */
interface DepositedCheque extends ChequeToDeposit {
  readonly cancelled: boolean
}

/** Reads cheques that satisfy a condition on `p` and `c`, in the order in which they were recorded. */
async function listCheques(
  tx: Tx,
  schemeId: string,
  condition: RawBuilder<unknown>,
): Promise<DepositedCheque[]> {
  const { rows } = await sql<Omit<DepositedCheque, 'member'> & { memberId: string; memberName: string }>`
    select p.id, p.amount_cents, p.received_on, p.reference as number, coalesce(c.bank, '') as bank,
      coalesce(c.drawer, '') as drawer, m.id as member_id, m.name as member_name, p.cancelled_at is not null as cancelled
    from dues_payments p
    join members m on m.scheme_id = p.scheme_id and m.id = p.member_id
    left join dues_cheques c on c.scheme_id = p.scheme_id and c.payment_id = p.id
    where p.scheme_id = ${schemeId} and ${condition} order by p.entry_no limit ${MAX_CHEQUES}`.execute(tx)
  return rows.map(({ memberId: id, memberName: name, ...row }) => ({ ...row, member: { id, name } }))
}

/** Lists cheques that are on no slip, and the latest slips. */
export async function listDeposits(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
): Promise<Deposits> {
  authorize(actor, 'dues.manage', schemeId)
  return inScheme(deps.db, schemeId, (tx) => readDeposits(tx, schemeId))
}

async function readDeposits(tx: Tx, schemeId: string): Promise<Deposits> {
  const slips = await tx
    .selectFrom('duesDeposits')
    .select(['id', 'year', 'no', 'depositedOn', 'cheques', 'amountCents', 'cancelledAt'])
    .where('schemeId', '=', schemeId)
    .orderBy('createdAt', 'desc')
    .orderBy('no', 'desc')
    .limit(LISTED)
    .execute()
  const { rows } = await sql<{ id: string; valid: number; validCents: number }>`
    select c.deposit_id as id, count(*)::int as valid, sum(p.amount_cents)::int as valid_cents
    from dues_cheques c join dues_payments p on p.scheme_id = c.scheme_id and p.id = c.payment_id
    where c.scheme_id = ${schemeId} and c.deposit_id = any (${slips.map(({ id }) => id)}::uuid[]) and p.cancelled_at is null
    group by c.deposit_id`.execute(tx)
  const valid = new Map(rows.map((row) => [row.id, row]))
  return {
    waiting: (await listCheques(tx, schemeId, isWaiting)).map(({ cancelled: _, ...cheque }) => cheque),
    slips: slips.map(({ year, no, cancelledAt, ...slip }) => ({
      ...slip,
      number: slipNumber({ year, no }),
      valid: valid.get(slip.id)?.valid ?? 0,
      validCents: valid.get(slip.id)?.validCents ?? 0,
      cancelled: cancelledAt !== null,
    })),
    hasAccount: (await findDuesSettings(tx, schemeId))?.creditor.iban !== '',
  }
}

/**
 * Puts cheques on a numbered slip. The same request with the same id again changes nothing.
 * @throws AppError `id_taken`; `cheque_on_slip` if one of them is on a slip, cancelled or unknown; `invalid_input` without an
 * account, or for a day that is to come or more than a year ago
 */
export async function createDeposit(
  deps: DepositDeps,
  actor: Actor,
  schemeId: string,
  { id, depositedOn, cheques }: NewDeposit,
): Promise<Deposits> {
  authorize(actor, 'dues.manage', schemeId)
  const by = actorName(actor)
  return inScheme(deps.db, schemeId, async (tx) => {
    const ids = [...new Set(cheques.map((one) => one.toLowerCase()))]
    const repeated = await findRepeated(tx, schemeId, {
      id,
      creator: by,
      find: async (of) => {
        const slip = await findDeposit(tx, schemeId, of)
        return slip && { ...slip, on: new Set(await listPaymentIds(tx, schemeId, of)) }
      },
      // A cancelled slip has no cheques, so it is never the same.
      isSame: ({ on, ...slip }) =>
        slip.depositedOn === depositedOn && on.size === ids.length && ids.every((one) => on.has(one)),
      creatorOf: (slip) => slip.createdBy,
    })
    if (repeated !== undefined) return readDeposits(tx, schemeId)
    await lockDues(tx, schemeId)
    const day = await findToday(tx, deps, schemeId)
    const settings = await findDuesSettings(tx, schemeId)
    const scheme = await findSchemeWithChamber(tx, schemeId)
    if (settings === undefined || scheme === undefined) throw new AppError('not_found')
    const problems = dayProblems(day, 'depositedOn', depositedOn)
    if (settings.creditor.iban === '') problems.push({ code: 'dues.deposit_account' })
    if (problems.length > 0) throw new AppError('invalid_input', { problems })
    const found = await listCheques(tx, schemeId, sql`${isWaiting} and p.id = any (${ids}::uuid[])`)
    if (found.length < ids.length) throw new AppError('cheque_on_slip')
    const year = Number(day.slice(0, 4))
    const no = await takeNumbers(tx, schemeId, `deposits-${year}`, 1)
    const amountCents = found.reduce((sum, cheque) => sum + cheque.amountCents, 0)
    const at = deps.now()
    await tx
      .insertInto('duesDeposits')
      .values({
        ...{
          schemeId,
          id,
          year,
          no,
          depositedOn,
          amountCents,
          cheques: found.length,
          createdAt: at,
          createdBy: by,
        },
        iban: settings.creditor.iban,
        holder: creditorName(settings, scheme),
      })
      .execute()
    await sql`
      insert into dues_cheques (scheme_id, payment_id, deposit_id) select ${schemeId}, id, ${id}::uuid
      from unnest(${ids}::uuid[]) id on conflict (scheme_id, payment_id) do update set deposit_id = excluded.deposit_id`.execute(
      tx,
    )
    await recordAudit(tx, schemeId, at, {
      actor: by,
      action: 'dues.deposit',
      subject: `deposit:${id}`,
      details: { number: slipNumber({ year, no }), cheques: found.length, amountCents },
    })
    return readDeposits(tx, schemeId)
  })
}

function findDeposit(tx: Tx, schemeId: string, id: string) {
  return tx
    .selectFrom('duesDeposits')
    .selectAll()
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .executeTakeFirst()
}

async function listPaymentIds(tx: Tx, schemeId: string, depositId: string): Promise<string[]> {
  const rows = await tx
    .selectFrom('duesCheques')
    .select('paymentId')
    .where('schemeId', '=', schemeId)
    .where('depositId', '=', depositId)
    .execute()
  return rows.map(({ paymentId }) => paymentId)
}

/** Cancels a slip, whose number stays taken: its cheques wait again. @throws AppError `not_found`; `wrong_state` */
export async function cancelDeposit(
  deps: DepositDeps,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<Deposits> {
  authorize(actor, 'dues.manage', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    await lockDues(tx, schemeId)
    const slip = await findDeposit(tx, schemeId, id)
    if (slip === undefined) throw new AppError('not_found')
    if (slip.cancelledAt !== null) throw new AppError('wrong_state')
    const by = actorName(actor)
    const at = deps.now()
    await tx
      .updateTable('duesDeposits')
      .set({ cancelledAt: at, cancelledBy: by })
      .where('schemeId', '=', schemeId)
      .where('id', '=', id)
      .execute()
    await tx
      .updateTable('duesCheques')
      .set({ depositId: null })
      .where('schemeId', '=', schemeId)
      .where('depositId', '=', id)
      .execute()
    await recordAudit(tx, schemeId, at, {
      actor: by,
      action: 'dues.deposit_cancel',
      subject: `deposit:${id}`,
      details: { number: slipNumber(slip), cheques: slip.cheques, amountCents: slip.amountCents },
    })
    return readDeposits(tx, schemeId)
  })
}

/** Returns a slip as a PDF, with its cheques as they are now. @throws AppError `not_found`; `wrong_state` if it is cancelled */
export async function getDepositSlip(
  deps: DepositDeps,
  actor: Actor,
  schemeId: string,
  id: string,
): Promise<{ readonly number: string; readonly pdf: Buffer }> {
  authorize(actor, 'dues.manage', schemeId)
  const { slip, cheques, alone } = await inScheme(deps.db, schemeId, async (tx) => {
    const found = await findDeposit(tx, schemeId, id)
    if (found === undefined) throw new AppError('not_found')
    if (found.cancelledAt !== null) throw new AppError('wrong_state')
    const on = await listCheques(tx, schemeId, sql`c.deposit_id = ${id}::uuid`)
    await recordMemberAccess(tx, actor, schemeId, {
      what: 'receipt',
      memberIds: [...new Set(on.map(({ member }) => member.id))],
      now: deps.now(),
    })
    return { slip: found, cheques: on, alone: await readAloneLine(tx, schemeId, 'fr') }
  })
  const number = slipNumber(slip)
  return { number, pdf: await drawDepositSlip({ ...slip, number, alone }, cheques) }
}
