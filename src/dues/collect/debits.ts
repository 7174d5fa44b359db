import { sql } from 'kysely'
import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { dayInParis } from '../../platform/day.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { findSchemeWithChamber } from '../../schemes/store.ts'
import { lockDues, takeNumbers, today } from '../ledger/ledger.ts'
import { type MoneyDeps, reversePayment, writePayments } from '../ledger/payments.ts'
import { offersDebit } from '../own.ts'
import { restoreSettled } from '../reminders/suspensions.ts'
import { addDays, isGone, noonOf } from '../rules.ts'
import { findDuesSettings, listPayers, remaining } from '../store.ts'
import {
  type DebitFileSummary,
  type DebitFileView,
  type DebitsQuery,
  type DebitsView,
  type DropDebit,
  type HandedDebitFile,
  type NewDebitFile,
  RETURN_CODES,
  type ReturnDebit,
  type YearAmount,
} from './debit-contract.ts'
import {
  endFile,
  findFile,
  forgetTaken,
  listPending,
  markDropped,
  messageIdOf,
  type Ready,
  setFile,
  takeOutOfFile,
  takeOutRevoked,
  tellOfDebits,
  xmlOf,
} from './debit-files.ts'
import { revokeMandates } from './mandates.ts'

/**
 * Days between a file and its day: its debtors are told so long before, as their mandate says (the rulebook has 14 where nothing
 * else is agreed), and banks want it a day or two before.
 */
const NOTICE_DAYS = 5
const FARTHEST_DAYS = 60
const FILES = 50

/** Members with a mandate that owe something, and from whom nothing is being collected: what of it is due by a day. */
async function listOwing(tx: Tx, schemeId: string, collectOn: string): Promise<Ready[]> {
  const { rows } = await sql<
    Omit<Ready, 'amountCents' | 'years' | 'laterCents'> & {
      readonly owed: readonly (YearAmount & { readonly dueOn: string })[]
    }
  >`
    select d.member_id, d.id as mandate_id, d.reference, d.iban, d.holder, d.signed_at, d.used_at is null as first, o.owed
    from dues_mandates d
    join members m on m.scheme_id = d.scheme_id and m.id = d.member_id and m.status in ('active', 'suspended')
    join (
      select r.member_id, jsonb_agg(jsonb_build_object('year', r.year, 'amountCents', r.remaining_cents, 'dueOn', r.due_on)
        order by r.year) as owed
      from (${remaining(schemeId)}) r where r.remaining_cents > 0 group by r.member_id) o on o.member_id = d.member_id
    where d.scheme_id = ${schemeId} and d.revoked_at is null
      and not exists (select from dues_debits p
        where p.scheme_id = d.scheme_id and p.member_id = d.member_id and p.state = 'pending')
    order by m.search_name, m.id`.execute(tx)
  return rows.map(({ owed, ...row }) => {
    const due = owed.filter(({ dueOn }) => dueOn <= collectOn)
    const amountCents = centsOf(due)
    return {
      ...row,
      amountCents,
      years: due.map((one) => ({ year: one.year, amountCents: one.amountCents })),
      laterCents: centsOf(owed) - amountCents,
    }
  })
}

function centsOf(amounts: readonly { readonly amountCents: number }[]): number {
  return amounts.reduce((sum, { amountCents }) => sum + amountCents, 0)
}

/** By year, oldest first. */
function sumByYear(debits: readonly { readonly years: readonly YearAmount[] }[]) {
  return [
    ...Map.groupBy(
      debits.flatMap(({ years }) => years),
      ({ year }) => year,
    ),
  ]
    .map(([year, of]) => ({ year, members: of.length, amountCents: centsOf(of) }))
    .sort((a, b) => a.year - b.year)
}

/** What was collected, and what a file of a day would collect; by default, of the first day that one may be of. */
export async function getDebits(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  query: DebitsQuery = {},
): Promise<DebitsView> {
  authorize(actor, 'dues.manage', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const settings = await findDuesSettings(tx, schemeId)
    if (settings === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
    const firstDay = addDays(today(deps), NOTICE_DAYS)
    const owing = await listOwing(tx, schemeId, query.collectOn ?? firstDay)
    const ready = owing.filter(({ amountCents }) => amountCents > 0)
    const later = owing.filter(({ laterCents }) => laterCents > 0)
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
        amountCents: centsOf(ready),
        years: sumByYear(ready),
      },
      later: {
        members: later.length,
        amountCents: later.reduce((sum, { laterCents }) => sum + laterCents, 0),
      },
      firstDay,
      files: await listFiles(tx, schemeId, today(deps)),
    }
  })
}

/** When a debit `d` was downloaded that was taken out since, where nobody said that the bank does not have it. */
const takenAt = sql<Date | null>`(select v.taken_at from dues_debit_file_versions v
  where v.scheme_id = d.scheme_id and v.file_id = d.file_id and v.debit_id = d.id)`

/**
 * Of a debit `d` by a mandate `a`, in a file `f`: the bank has it, or may, and it is not to be collected any more. Of a file that was
 * dropped, until its day.
 */
const toRecall = (day: string) => sql<boolean>`(a.revoked_at is not null and (
  f.state = 'created' and d.state = 'pending'
  or d.state = 'dropped' and ${takenAt} is not null and (f.state = 'created' or f.state = 'dropped' and f.collect_on >= ${day}::date)))`

async function listFiles(tx: Tx, schemeId: string, day: string, id?: string): Promise<DebitFileSummary[]> {
  const { rows } = await sql<
    Omit<DebitFileSummary, 'downloadedAt' | 'handedAt'> & { downloadedAt: Date | null; handedAt: Date | null }
  >`
    select f.id, f.no, f.collect_on, f.state, f.version, f.downloaded_at, f.handed_at,
      (count(*) filter (where f.state = 'dropped' or d.state <> 'dropped'))::int as debits,
      coalesce(sum(d.amount_cents) filter (where f.state = 'dropped' or d.state <> 'dropped'), 0)::int as amount_cents,
      (count(*) filter (where d.state = 'returned'))::int as returned,
      (count(*) filter (where ${toRecall(day)}))::int as recalls
    from dues_debit_files f left join dues_debits d on d.scheme_id = f.scheme_id and d.file_id = f.id
    left join dues_mandates a on a.scheme_id = d.scheme_id and a.id = d.mandate_id
    where f.scheme_id = ${schemeId} ${id === undefined ? sql`` : sql`and f.id = ${id}`}
    group by f.scheme_id, f.id order by f.no desc limit ${FILES}`.execute(tx)
  return rows.map(({ downloadedAt, handedAt, ...file }) => ({
    ...file,
    downloadedAt: downloadedAt?.toISOString() ?? null,
    handedAt: handedAt?.toISOString() ?? null,
  }))
}

/**
 * Makes a file for the bank of all that is due by its day, and tells those it is collected from.
 * @throws AppError `wrong_state` where nothing is due, or the creditor lacks what it takes; `invalid_input` for a day too near
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
    const scheme = await findSchemeWithChamber(tx, schemeId)
    const settings = await findDuesSettings(tx, schemeId)
    const ready = (await listOwing(tx, schemeId, collectOn)).filter(({ amountCents }) => amountCents > 0)
    if (scheme === undefined || settings === undefined || !offersDebit(settings) || ready.length === 0) {
      throw new AppError('wrong_state')
    }
    const at = deps.now()
    const by = actorName(actor)
    const id = deps.newId()
    const no = await takeNumbers(tx, schemeId, 'debit-files', 1)
    const debits = ready.map((one, i) => ({
      ...one,
      id: deps.newId(),
      endToEnd: `${messageIdOf(schemeId, no)}-${i + 1}`,
    }))
    const xml = xmlOf(schemeId, { no, createdAt: at, collectOn }, scheme, settings, debits)
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
      insert into dues_debits (scheme_id, id, file_id, member_id, mandate_id, amount_cents, end_to_end, state, years)
      select ${schemeId}, id, ${id}, "memberId", "mandateId", "amountCents", "endToEnd", 'pending', years
      from jsonb_to_recordset(${JSON.stringify(debits.map(({ iban: _, holder: __, ...one }) => one))}::jsonb)
        as d (id uuid, "memberId" uuid, "mandateId" uuid, "amountCents" integer, "endToEnd" text, years jsonb)`.execute(
      tx,
    )
    await sql`update dues_mandates set used_at = ${at} where scheme_id = ${schemeId} and used_at is null
      and id = any (${debits.map(({ mandateId }) => mandateId)}::uuid[])`.execute(tx)
    await tellOfDebits(tx, deps, schemeId, by, 'debit', collectOn, debits)
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

/** @throws AppError `not_found` */
export async function getDebitFile(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  fileId: string,
): Promise<DebitFileView> {
  authorize(actor, 'dues.manage', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const [file] = await listFiles(tx, schemeId, today(deps), fileId)
    if (file === undefined) throw new AppError('not_found')
    const lines = await tx
      .selectFrom('duesDebits as d')
      .innerJoin('duesMandates as a', (join) =>
        join.onRef('a.schemeId', '=', 'd.schemeId').onRef('a.id', '=', 'd.mandateId'),
      )
      .innerJoin('members as m', (join) =>
        join.onRef('m.schemeId', '=', 'd.schemeId').onRef('m.id', '=', 'd.memberId'),
      )
      .innerJoin('duesDebitFiles as f', (join) =>
        join.onRef('f.schemeId', '=', 'd.schemeId').onRef('f.id', '=', 'd.fileId'),
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
        'd.years',
      ])
      .select([
        sql<Date | null>`case when ${toRecall(today(deps))} then a.revoked_at end`.as('revokedAt'),
        takenAt.as('takenAt'),
      ])
      .where('d.schemeId', '=', schemeId)
      .where('d.fileId', '=', fileId)
      .orderBy('m.searchName')
      .orderBy('d.id')
      .execute()
    return {
      ...file,
      lines: lines.map(({ memberId, name, reference, revokedAt, takenAt, ...line }) => ({
        ...line,
        recall:
          revokedAt === null
            ? null
            : { revokedAt: revokedAt.toISOString(), takenAt: takenAt?.toISOString() ?? null },
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
    // What is downloaded is what is known to be: nothing is taken out of it in between.
    await lockDues(tx, schemeId)
    const file = await findFile(tx, schemeId, fileId)
    const at = deps.now()
    await setFile(tx, schemeId, fileId, { downloadedAt: at })
    await recordAudit(tx, schemeId, at, {
      actor: actorName(actor),
      action: 'debit.download',
      subject: `debit-file:${fileId}`,
      details: { version: file.version },
    })
    return file
  })
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

/**
 * Says that the bank has a file: nothing is taken out of it from then on; or that it does not, where that was said by mistake:
 * what mandates that were revoked meanwhile would collect is taken out then.
 * @throws AppError `not_found`; `wrong_state` when it was collected or dropped
 */
export async function noteHanded(
  deps: MoneyDeps,
  actor: Actor,
  schemeId: string,
  fileId: string,
  { handed }: HandedDebitFile,
): Promise<DebitFileView> {
  authorize(actor, 'dues.manage', schemeId)
  await inScheme(deps.db, schemeId, async (tx) => {
    await lockDues(tx, schemeId)
    const file = await findFile(tx, schemeId, fileId)
    if (file.state !== 'created') throw new AppError('wrong_state')
    const at = deps.now()
    const by = actorName(actor)
    await setFile(
      tx,
      schemeId,
      fileId,
      handed ? { handedAt: at, handedBy: by } : { handedAt: null, handedBy: null },
    )
    await recordAudit(tx, schemeId, at, {
      actor: by,
      action: 'debit.handed',
      subject: `debit-file:${fileId}`,
      details: { handed, version: file.version },
    })
    if (handed) return
    await forgetTaken(tx, deps, schemeId, by, { id: fileId, collectOn: file.collectOn })
    await takeOutRevoked(tx, deps, schemeId, by, { fileId, notAtBank: true }, deps)
  })
  return getDebitFile(deps, actor, schemeId, fileId)
}

/**
 * A file that did not go to the bank: nothing of it is collected, and those who were told of it are told so.
 * @throws AppError `not_found`; `debit_file_gone` when the bank has it; `wrong_state` when it was collected or dropped
 */
export async function dropDebitFile(
  deps: MoneyDeps,
  actor: Actor,
  schemeId: string,
  fileId: string,
): Promise<DebitFileView> {
  authorize(actor, 'dues.manage', schemeId)
  await inScheme(deps.db, schemeId, async (tx) => {
    await lockDues(tx, schemeId)
    const file = await findFile(tx, schemeId, fileId)
    if (file.state !== 'created') throw new AppError('wrong_state')
    if (file.handedAt !== null) throw new AppError('debit_file_gone', { values: { no: file.no } })
    const by = actorName(actor)
    const pending = await listPending(tx, schemeId, fileId)
    await forgetTaken(tx, deps, schemeId, by, { id: fileId, collectOn: file.collectOn })
    await markDropped(tx, schemeId, pending)
    await tellOfDebits(tx, deps, schemeId, by, 'debit_dropped', file.collectOn, pending)
    await endFile(tx, deps, schemeId, fileId, 'dropped', by)
    await recordAudit(tx, schemeId, deps.now(), {
      actor: by,
      action: 'debit.drop',
      subject: `debit-file:${fileId}`,
    })
  })
  return getDebitFile(deps, actor, schemeId, fileId)
}

/**
 * Takes one debit out of a file that did not go to the bank: the file is made again without it, what it was is kept, and the member
 * is told. A file of that debit alone is dropped.
 * @throws AppError `not_found`; `wrong_state` when it is not under way; `debit_file_gone` when the bank has the file, or its day has
 * come; `debit_file_taken` when it was downloaded, until it is said that the bank does not have it
 */
export async function dropDebit(
  deps: MoneyDeps,
  actor: Actor,
  schemeId: string,
  id: { readonly file: string; readonly debit: string },
  { notAtBank }: DropDebit,
): Promise<DebitFileView> {
  authorize(actor, 'dues.manage', schemeId)
  await inScheme(deps.db, schemeId, async (tx) => {
    await lockDues(tx, schemeId)
    const file = await findFile(tx, schemeId, id.file)
    const all = await listPending(tx, schemeId, id.file)
    const debit = all.find((one) => one.id === id.debit)
    if (debit === undefined) {
      const known = await tx
        .selectFrom('duesDebits')
        .select('id')
        .where('schemeId', '=', schemeId)
        .where('fileId', '=', id.file)
        .where('id', '=', id.debit)
        .executeTakeFirst()
      throw new AppError(known === undefined ? 'not_found' : 'wrong_state')
    }
    if (file.state !== 'created') throw new AppError('wrong_state')
    if (isGone(file, today(deps))) throw new AppError('debit_file_gone', { values: { no: file.no } })
    if (file.takenAt !== null && !notAtBank) {
      const day = noonOf(dayInParis(file.takenAt))
      throw new AppError('debit_file_taken', { values: { no: file.no, day } })
    }
    const by = actorName(actor)
    if (file.takenAt !== null)
      await forgetTaken(tx, deps, schemeId, by, { id: id.file, collectOn: file.collectOn })
    await tellOfDebits(tx, deps, schemeId, by, 'debit_dropped', file.collectOn, [debit])
    const of = { fileId: id.file, debits: [debit], takenAt: null }
    const taken = await takeOutOfFile(tx, deps, schemeId, by, of)
    if (taken === undefined) throw new AppError('wrong_state')
    for (const entry of taken) await recordAudit(tx, schemeId, deps.now(), entry)
  })
  return getDebitFile(deps, actor, schemeId, id.file)
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
    // Not the one that was signed since. It went along where its member was merged into another.
    const stands = await tx
      .selectFrom('duesMandates')
      .select('memberId')
      .where('schemeId', '=', schemeId)
      .where('id', '=', debit.mandateId)
      .where('revokedAt', 'is', null)
      .executeTakeFirst()
    const revoked =
      RETURN_CODES[code].revokes && stands !== undefined
        ? await revokeMandates(tx, schemeId, [stands.memberId], { by, at: deps.now() })
        : []
    await recordAudit(tx, schemeId, deps.now(), {
      actor: by,
      action: 'debit.return',
      subject: `member:${debit.memberId}`,
      details: { debit: id.debit, code, revoked: revoked.length > 0 },
    })
    await takeOutRevoked(tx, deps, schemeId, by, { memberIds: revoked }, deps)
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
