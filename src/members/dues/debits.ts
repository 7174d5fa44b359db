import { sql } from 'kysely'
import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { dayInParis } from '../../platform/day.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { findEnrolmentScheme } from '../enrolment/store.ts'
import {
  type DebitFileSummary,
  type DebitFileView,
  type DebitsView,
  type NewDebitFile,
  RETURN_CODES,
  type ReturnDebit,
} from './debit-contract.ts'
import { lockDues, takeNumbers, today } from './ledger.ts'
import { revoke } from './mandates.ts'
import { offersDebit } from './own.ts'
import { writeDebitFile } from './pain.ts'
import { type MoneyDeps, reversePayment, writePayments } from './payments.ts'
import { addDays, creditorName } from './rules.ts'
import { findDuesSettings, listPayers } from './store.ts'
import { tellMembers } from './tell.ts'
import { restoreSettled } from './work.ts'

/**
 * Days between a file and its day: its debtors are told so long before, as their mandate says (the rulebook has 14 where nothing
 * else is agreed), and banks want it a day or two before.
 */
const NOTICE_DAYS = 5
const FARTHEST_DAYS = 60
const FILES = 50

interface Ready {
  readonly memberId: string
  readonly mandateId: string
  readonly reference: string
  readonly iban: string
  readonly holder: string
  readonly signedAt: Date
  readonly usedAt: Date | null
  readonly amountCents: number
}

/** Members with a mandate that owe something, and from whom nothing is being collected. */
async function listReady(tx: Tx, schemeId: string): Promise<Ready[]> {
  const { rows } = await sql<Ready>`
    select d.member_id, d.id as mandate_id, d.reference, d.iban, d.holder, d.signed_at, d.used_at, b.cents as amount_cents
    from dues_mandates d
    join members m on m.scheme_id = d.scheme_id and m.id = d.member_id and m.status in ('active', 'suspended')
    join lateral (select sum(debit_cents - credit_cents)::int as cents from ledger_lines l
      where l.scheme_id = d.scheme_id and l.member_id = d.member_id) b on b.cents > 0
    where d.scheme_id = ${schemeId} and d.revoked_at is null
      and not exists (select from dues_debits p
        where p.scheme_id = d.scheme_id and p.member_id = d.member_id and p.state = 'pending')
    order by m.search_name, m.id`.execute(tx)
  return rows
}

/** What was collected, and what a file would collect. */
export async function getDebits(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
): Promise<DebitsView> {
  authorize(actor, 'dues.manage', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const settings = await findDuesSettings(tx, schemeId)
    if (settings === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
    const ready = await listReady(tx, schemeId)
    const { mandates } = await tx
      .selectFrom('duesMandates')
      .select((eb) => eb.fn.countAll<number>().as('mandates'))
      .where('schemeId', '=', schemeId)
      .where('revokedAt', 'is', null)
      .executeTakeFirstOrThrow()
    return {
      offered: offersDebit(settings),
      mandates,
      ready: {
        members: ready.length,
        amountCents: ready.reduce((sum, { amountCents }) => sum + amountCents, 0),
      },
      firstDay: addDays(today(deps), NOTICE_DAYS),
      files: await listFiles(tx, schemeId),
    }
  })
}

async function listFiles(tx: Tx, schemeId: string, id?: string): Promise<DebitFileSummary[]> {
  const { rows } = await sql<DebitFileSummary>`
    select f.id, f.no, f.collect_on, f.state, count(d.*)::int as debits, coalesce(sum(d.amount_cents), 0)::int as amount_cents,
      (count(*) filter (where d.state = 'returned'))::int as returned
    from dues_debit_files f left join dues_debits d on d.scheme_id = f.scheme_id and d.file_id = f.id
    where f.scheme_id = ${schemeId} ${id === undefined ? sql`` : sql`and f.id = ${id}`}
    group by f.scheme_id, f.id order by f.no desc limit ${FILES}`.execute(tx)
  return rows
}

/**
 * Makes a file for the bank of all that is ready, and tells those it is collected from.
 * @throws AppError `wrong_state` where nothing is ready, or the creditor lacks what it takes; `invalid_input` for a day too near
 * or too far
 */
export async function createDebitFile(
  deps: MoneyDeps,
  actor: Actor,
  schemeId: string,
  { collectOn }: NewDebitFile,
): Promise<DebitFileView> {
  authorize(actor, 'dues.manage', schemeId)
  const day = today(deps)
  const [from, to] = [addDays(day, NOTICE_DAYS), addDays(day, FARTHEST_DAYS)]
  if (collectOn < from || collectOn > to) {
    const values = { days: NOTICE_DAYS, most: FARTHEST_DAYS }
    throw new AppError('invalid_input', { problems: [{ code: 'debit.day', path: 'collectOn', values }] })
  }
  const fileId = await inScheme(deps.db, schemeId, async (tx) => {
    await lockDues(tx, schemeId)
    const scheme = await findEnrolmentScheme(tx, schemeId)
    const settings = await findDuesSettings(tx, schemeId)
    const ready = await listReady(tx, schemeId)
    if (scheme === undefined || settings === undefined || !offersDebit(settings) || ready.length === 0) {
      throw new AppError('wrong_state')
    }
    const at = deps.now()
    const by = actorName(actor)
    const id = deps.newId()
    const no = await takeNumbers(tx, schemeId, 'debit-files', 1)
    const { iban, bic, sepaId } = settings.creditor
    const messageId = `${schemeId.slice(0, 10)}-D${String(no).padStart(5, '0')}`.toUpperCase()
    const debits = ready.map((one, i) => ({ ...one, id: deps.newId(), endToEnd: `${messageId}-${i + 1}` }))
    const xml = writeDebitFile({
      id: messageId,
      createdAt: at,
      collectOn,
      creditor: { name: creditorName(settings, scheme), iban, bic, sepaId },
      debits: debits.map((one) => ({
        endToEnd: one.endToEnd,
        amountCents: one.amountCents,
        mandate: one.reference,
        signedOn: dayInParis(one.signedAt),
        holder: one.holder,
        iban: one.iban,
        first: one.usedAt === null,
        label: `Cotisation ${scheme.name}`,
      })),
    })
    await tx
      .insertInto('duesDebitFiles')
      .values({
        schemeId,
        id,
        no,
        collectOn,
        xml,
        state: 'created',
        createdAt: at,
        createdBy: by,
        settledAt: null,
        settledBy: null,
      })
      .execute()
    await sql`
      insert into dues_debits (scheme_id, id, file_id, member_id, mandate_id, amount_cents, end_to_end, state)
      select ${schemeId}, id, ${id}, "memberId", "mandateId", "amountCents", "endToEnd", 'pending'
      from jsonb_to_recordset(${JSON.stringify(debits.map(({ iban: _, holder: __, ...one }) => one))}::jsonb)
        as d (id uuid, "memberId" uuid, "mandateId" uuid, "amountCents" integer, "endToEnd" text)`.execute(tx)
    await sql`update dues_mandates set used_at = ${at} where scheme_id = ${schemeId} and used_at is null
      and id = any (${debits.map(({ mandateId }) => mandateId)}::uuid[])`.execute(tx)
    await tellOfDebits(tx, deps, schemeId, by, collectOn, debits)
    await recordAudit(tx, schemeId, at, {
      actor: by,
      action: 'debit.create',
      subject: `debit-file:${id}`,
      details: { no, collectOn, debits: debits.length },
    })
    return id
  })
  return getDebitFile(deps, actor, schemeId, fileId)
}

async function tellOfDebits(
  tx: Tx,
  deps: MoneyDeps,
  schemeId: string,
  by: string,
  collectOn: string,
  debits: readonly Ready[],
): Promise<void> {
  const ids = debits.map(({ memberId }) => memberId)
  const { rows } = await sql<{ memberId: string; name: string; year: number }>`
    select m.id as member_id, m.name, max(d.year)::int as year from members m
    join dues d on d.scheme_id = m.scheme_id and d.member_id = m.id
    where m.scheme_id = ${schemeId} and m.id = any (${ids}::uuid[]) group by m.id, m.name`.execute(tx)
  const amounts = new Map(debits.map(({ memberId, amountCents }) => [memberId, amountCents]))
  await tellMembers(
    tx,
    deps,
    schemeId,
    by,
    { sms: false },
    rows.map((row) => ({
      ...row,
      kind: 'debit' as const,
      amountCents: amounts.get(row.memberId) ?? 0,
      dueOn: collectOn,
    })),
  )
}

/** @throws AppError `not_found` */
export async function getDebitFile(
  deps: Pick<Deps, 'db'>,
  actor: Actor,
  schemeId: string,
  fileId: string,
): Promise<DebitFileView> {
  authorize(actor, 'dues.manage', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const [file] = await listFiles(tx, schemeId, fileId)
    if (file === undefined) throw new AppError('not_found')
    const lines = await tx
      .selectFrom('duesDebits as d')
      .innerJoin('duesMandates as a', (join) =>
        join.onRef('a.schemeId', '=', 'd.schemeId').onRef('a.id', '=', 'd.mandateId'),
      )
      .innerJoin('members as m', (join) =>
        join.onRef('m.schemeId', '=', 'd.schemeId').onRef('m.id', '=', 'd.memberId'),
      )
      .select([
        'd.id',
        'd.memberId',
        'm.name',
        'a.reference',
        'a.ibanEnd',
        'd.amountCents',
        'd.state',
        'd.returnCode',
      ])
      .where('d.schemeId', '=', schemeId)
      .where('d.fileId', '=', fileId)
      .orderBy('m.searchName')
      .orderBy('d.id')
      .execute()
    return {
      ...file,
      lines: lines.map(({ memberId, name, reference, ...line }) => ({
        ...line,
        member: { id: memberId, name },
        mandate: reference,
      })),
    }
  })
}

/** The file as it goes to the bank; on the audit record, since it holds accounts. @throws AppError `not_found` */
export async function downloadDebitFile(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  fileId: string,
): Promise<{ readonly no: number; readonly xml: string }> {
  authorize(actor, 'dues.manage', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const file = await findFile(tx, schemeId, fileId)
    await recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action: 'debit.download',
      subject: `debit-file:${fileId}`,
    })
    return file
  })
}

async function findFile(tx: Tx, schemeId: string, fileId: string) {
  const file = await tx
    .selectFrom('duesDebitFiles')
    .select(['no', 'xml', 'state', 'collectOn'])
    .where('schemeId', '=', schemeId)
    .where('id', '=', fileId)
    .executeTakeFirst()
  if (file === undefined) throw new AppError('not_found')
  return file
}

/**
 * The bank collected a file: what was not returned is paid, on its day, with a receipt each.
 * @throws AppError `not_found`; `wrong_state` before its day, or when that was said already
 */
export async function settleDebitFile(
  deps: MoneyDeps,
  actor: Actor,
  schemeId: string,
  fileId: string,
): Promise<DebitFileView> {
  authorize(actor, 'dues.manage', schemeId)
  await inScheme(deps.db, schemeId, async (tx) => {
    await lockDues(tx, schemeId)
    const file = await findFile(tx, schemeId, fileId)
    if (file.state !== 'created' || file.collectOn > today(deps)) throw new AppError('wrong_state')
    const by = actorName(actor)
    const pending = await tx
      .selectFrom('duesDebits')
      .select(['id', 'memberId', 'amountCents', 'endToEnd'])
      .where('schemeId', '=', schemeId)
      .where('fileId', '=', fileId)
      .where('state', '=', 'pending')
      .orderBy('id')
      .execute()
    const ids = pending.map(({ memberId }) => memberId)
    const members = new Map((await listPayers(tx, schemeId, ids)).map((member) => [member.id, member]))
    const paid = await writePayments(
      tx,
      deps,
      schemeId,
      by,
      pending.map(({ id, memberId, amountCents, endToEnd }) => ({
        member: members.get(memberId)!,
        way: 'debit',
        amountCents,
        receivedOn: file.collectOn,
        reference: endToEnd,
        outsideId: id,
      })),
    )
    const settled = pending.map(({ id }, i) => ({ id, paymentId: paid[i]?.id }))
    await sql`update dues_debits d set state = 'collected', payment_id = s."paymentId"
      from jsonb_to_recordset(${JSON.stringify(settled)}::jsonb) as s (id uuid, "paymentId" uuid)
      where d.scheme_id = ${schemeId} and d.id = s.id`.execute(tx)
    await endFile(tx, deps, schemeId, fileId, 'collected', by)
    await restoreSettled(tx, deps, schemeId, ids)
    await recordAudit(tx, schemeId, deps.now(), {
      actor: by,
      action: 'debit.collected',
      subject: `debit-file:${fileId}`,
      details: { payments: paid.length },
    })
  })
  return getDebitFile(deps, actor, schemeId, fileId)
}

/** A file that did not go to the bank: nothing of it is collected. @throws as `settleDebitFile` */
export async function dropDebitFile(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  fileId: string,
): Promise<DebitFileView> {
  authorize(actor, 'dues.manage', schemeId)
  await inScheme(deps.db, schemeId, async (tx) => {
    await lockDues(tx, schemeId)
    const file = await findFile(tx, schemeId, fileId)
    if (file.state !== 'created') throw new AppError('wrong_state')
    const by = actorName(actor)
    await sql`update dues_debits set state = 'dropped'
      where scheme_id = ${schemeId} and file_id = ${fileId} and state = 'pending'`.execute(tx)
    // The first debit that goes to a bank says that it is the first.
    await sql`update dues_mandates m set used_at = null
      where m.scheme_id = ${schemeId} and m.id in (
          select d.mandate_id from dues_debits d where d.scheme_id = ${schemeId} and d.file_id = ${fileId})
        and not exists (select from dues_debits d
          where d.scheme_id = m.scheme_id and d.mandate_id = m.id and d.state <> 'dropped')`.execute(tx)
    await endFile(tx, deps, schemeId, fileId, 'dropped', by)
    await recordAudit(tx, schemeId, deps.now(), {
      actor: by,
      action: 'debit.drop',
      subject: `debit-file:${fileId}`,
    })
  })
  return getDebitFile(deps, actor, schemeId, fileId)
}

async function endFile(
  tx: Tx,
  { now }: Pick<Deps, 'now'>,
  schemeId: string,
  fileId: string,
  state: 'collected' | 'dropped',
  by: string,
): Promise<void> {
  await tx
    .updateTable('duesDebitFiles')
    .set({ state, settledAt: now(), settledBy: by })
    .where('schemeId', '=', schemeId)
    .where('id', '=', fileId)
    .execute()
}

/**
 * The bank returned a debit, before it collected it or weeks later: its payment is taken back, with the paper that goes with it,
 * and a mandate by which nothing can be collected any more is revoked.
 * @throws AppError `not_found`; `wrong_state` when that was said already, or its file was dropped
 */
export async function returnDebit(
  deps: MoneyDeps,
  actor: Actor,
  schemeId: string,
  id: { readonly file: string; readonly debit: string },
  { code }: ReturnDebit,
): Promise<DebitFileView> {
  authorize(actor, 'dues.manage', schemeId)
  await inScheme(deps.db, schemeId, async (tx) => {
    await lockDues(tx, schemeId)
    const debit = await tx
      .selectFrom('duesDebits')
      .select(['memberId', 'mandateId', 'state', 'paymentId'])
      .where('schemeId', '=', schemeId)
      .where('fileId', '=', id.file)
      .where('id', '=', id.debit)
      .executeTakeFirst()
    if (debit === undefined) throw new AppError('not_found')
    if (debit.state !== 'pending' && debit.state !== 'collected') throw new AppError('wrong_state')
    const by = actorName(actor)
    // The chamber may have taken it back already, as soon as it saw its account.
    if (debit.paymentId !== null && !(await isCancelled(tx, schemeId, debit.paymentId))) {
      const payment = { member: debit.memberId, payment: debit.paymentId }
      await reversePayment(tx, deps, schemeId, by, payment, code)
    }
    await tx
      .updateTable('duesDebits')
      .set({ state: 'returned', returnCode: code })
      .where('schemeId', '=', schemeId)
      .where('id', '=', id.debit)
      .execute()
    // Not the one that was signed since.
    const stands = await tx
      .selectFrom('duesMandates')
      .select('id')
      .where('schemeId', '=', schemeId)
      .where('id', '=', debit.mandateId)
      .where('revokedAt', 'is', null)
      .executeTakeFirst()
    const revoked =
      RETURN_CODES[code].revokes &&
      stands !== undefined &&
      (await revoke(tx, deps, schemeId, debit.memberId, by))
    await recordAudit(tx, schemeId, deps.now(), {
      actor: by,
      action: 'debit.return',
      subject: `member:${debit.memberId}`,
      details: { debit: id.debit, code, revoked },
    })
  })
  return getDebitFile(deps, actor, schemeId, id.file)
}

async function isCancelled(tx: Tx, schemeId: string, paymentId: string): Promise<boolean> {
  const { cancelledAt } = await tx
    .selectFrom('duesPayments')
    .select('cancelledAt')
    .where('schemeId', '=', schemeId)
    .where('id', '=', paymentId)
    .executeTakeFirstOrThrow()
  return cancelledAt !== null
}
