import { sql } from 'kysely'
import { recordAudit } from '../../audit/record.ts'
import { markForSealing } from '../../cipher/marked.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { findDay, findTimeZone } from '../../platform/database/time-zone.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import { findSchemeWithChamber } from '../../schemes/store.ts'
import { findToday, lockDues, takeNumbers } from '../ledger/ledger.ts'
import { type MoneyDeps, reversePayment, writePayments } from '../ledger/payments.ts'
import { offersDebit } from '../own.ts'
import { reactivateSettledMembers } from '../reminders/suspensions.ts'
import { addDays, isFileAtBank, isTargetDay, nextTargetDay, noonOf } from '../rules.ts'
import { findDuesSettings, listPayers, remainingDues } from '../store.ts'
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
  buildDebitXml,
  clearTakenVersions,
  debitMessageId,
  endDebitFile,
  findDebitFile,
  listPendingDebits,
  markDebitsDropped,
  notifyOfDebits,
  type Ready,
  removeFromFile,
  removeRevokedDebits,
  updateDebitFile,
} from './debit-files.ts'
import { revokeMandates } from './mandates.ts'

/**
 * Days between the creation of a file and its collection: the mandate promises debtors this notice (the SEPA rulebook sets 14
 * days unless otherwise agreed), and banks require a day or two.
 */
const NOTICE_DAYS = 5
const FARTHEST_DAYS = 60
const FILES = 50

/** Lists members with a mandate who owe dues and have no debit under way, with the part due by a day. */
async function listCollectable(tx: Tx, schemeId: string, collectOn: string): Promise<Ready[]> {
  const { rows } = await sql<
    Omit<Ready, 'amountCents' | 'years' | 'laterCents'> & {
      readonly owed: readonly (YearAmount & { readonly dueOn: string })[]
    }
  >`
    select d.member_id, m.name as member, d.id as mandate_id, d.reference, d.iban, d.holder, d.signed_at, d.used_at is null as first, o.owed
    from dues_mandates d
    join members m on m.scheme_id = d.scheme_id and m.id = d.member_id and m.status in ('active', 'suspended')
    join (
      select r.member_id, jsonb_agg(jsonb_build_object('year', r.year, 'amountCents', r.remaining_cents, 'dueOn', r.due_on)
        order by r.year) as owed
      from (${remainingDues(schemeId)}) r where r.remaining_cents > 0 group by r.member_id) o on o.member_id = d.member_id
    where d.scheme_id = ${schemeId} and d.revoked_at is null
      and not exists (select from dues_debits p
        where p.scheme_id = d.scheme_id and p.member_id = d.member_id and p.state = 'pending')
    order by m.search_name, m.id`.execute(tx)
  return rows.map(({ owed, ...row }) => {
    const due = owed.filter(({ dueOn }) => dueOn <= collectOn)
    const amountCents = sumCents(due)
    return {
      ...row,
      amountCents,
      years: due.map((one) => ({ year: one.year, amountCents: one.amountCents })),
      laterCents: sumCents(owed) - amountCents,
    }
  })
}

function sumCents(amounts: readonly { readonly amountCents: number }[]): number {
  return amounts.reduce((sum, { amountCents }) => sum + amountCents, 0)
}

/** Sums the amounts by year, oldest first. */
function sumByYear(debits: readonly { readonly years: readonly YearAmount[] }[]) {
  return [
    ...Map.groupBy(
      debits.flatMap(({ years }) => years),
      ({ year }) => year,
    ),
  ]
    .map(([year, of]) => ({ year, members: of.length, amountCents: sumCents(of) }))
    .sort((a, b) => a.year - b.year)
}

/** Returns past files, and what a file for a given day would collect; by default the first possible day. */
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
    const firstDay = nextTargetDay(addDays(await findToday(tx, deps, schemeId), NOTICE_DAYS))
    const owing = await listCollectable(tx, schemeId, query.collectOn ?? firstDay)
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
        amountCents: sumCents(ready),
        years: sumByYear(ready),
      },
      later: {
        members: later.length,
        amountCents: later.reduce((sum, { laterCents }) => sum + laterCents, 0),
      },
      firstDay,
      files: await listFiles(tx, schemeId, await findToday(tx, deps, schemeId)),
    }
  })
}

/**
 * Selects when a debit `d` that was removed since was downloaded, unless the chamber confirmed that the bank does not have
 * it.
 */
const takenAt = sql<Date | null>`(select v.taken_at from dues_debit_file_versions v
  where v.scheme_id = d.scheme_id and v.file_id = d.file_id and v.debit_id = d.id)`

/**
 * Condition on a debit `d` of a mandate `a` in a file `f`: it must be recalled, because it must not be collected and the bank
 * has or may have it. For a dropped file, until its collection day.
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
 * Creates a file for the bank with all dues that are due by its day, and notifies the debtors.
 * @throws AppError `wrong_state` if nothing is due or the creditor's data is incomplete; `invalid_input` for a day too near
 * or too far
 */
export async function createDebitFile(
  deps: MoneyDeps,
  actor: Actor,
  schemeId: string,
  { collectOn }: NewDebitFile,
): Promise<DebitFileView> {
  authorize(actor, 'dues.manage', schemeId)
  const fileId = await inScheme(deps.db, schemeId, async (tx) => {
    const day = await findToday(tx, deps, schemeId)
    const [from, to] = [addDays(day, NOTICE_DAYS), addDays(day, FARTHEST_DAYS)]
    if (collectOn < from || collectOn > to) {
      const values = { days: NOTICE_DAYS, most: FARTHEST_DAYS }
      throw new AppError('invalid_input', { problems: [{ code: 'debit.day', path: 'collectOn', values }] })
    }
    if (!isTargetDay(collectOn)) {
      const values = { day: noonOf(nextTargetDay(collectOn)) }
      throw new AppError('invalid_input', {
        problems: [{ code: 'debit.bank_day', path: 'collectOn', values }],
      })
    }
    await lockDues(tx, schemeId)
    const scheme = await findSchemeWithChamber(tx, schemeId)
    const settings = await findDuesSettings(tx, schemeId)
    const ready = (await listCollectable(tx, schemeId, collectOn)).filter(
      ({ amountCents }) => amountCents > 0,
    )
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
      endToEnd: `${debitMessageId(schemeId, no)}-${i + 1}`,
    }))
    const written = { ...scheme, timeZone: await findTimeZone(tx, schemeId) }
    const xml = buildDebitXml(schemeId, { no, createdAt: at, collectOn }, written, settings, debits)
    await tx
      .insertInto('duesDebitFiles')
      .values({
        schemeId,
        id,
        no,
        collectOn,
        xml: markForSealing(schemeId, 'iban', xml),
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
    await notifyOfDebits(tx, deps, schemeId, by, { kind: 'debit', collectOn, debits })
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

/** Returns a file with its debits. @throws AppError `not_found` */
export async function getDebitFile(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  fileId: string,
): Promise<DebitFileView> {
  authorize(actor, 'dues.manage', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const [file] = await listFiles(tx, schemeId, await findToday(tx, deps, schemeId), fileId)
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
        sql<Date | null>`case when ${toRecall(await findToday(tx, deps, schemeId))} then a.revoked_at end`.as(
          'revokedAt',
        ),
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

/** Returns the file for the bank; the download is audited, since it contains accounts. @throws AppError `not_found` */
export async function downloadDebitFile(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  schemeId: string,
  fileId: string,
): Promise<{ readonly no: number; readonly xml: string }> {
  authorize(actor, 'dues.manage', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    // The lock ensures that the downloaded version is the one recorded: no debit is removed in between.
    await lockDues(tx, schemeId)
    const file = await findDebitFile(tx, schemeId, fileId)
    const at = deps.now()
    await updateDebitFile(tx, schemeId, fileId, { downloadedAt: at })
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
 * Records that the bank collected a file: every debit not returned becomes a payment of its day, with a receipt.
 * @throws AppError `not_found`; `wrong_state` before its day, or if this was recorded already
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
    const file = await findDebitFile(tx, schemeId, fileId)
    if (file.state !== 'created' || file.collectOn > (await findToday(tx, deps, schemeId)))
      throw new AppError('wrong_state')
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
    await endDebitFile(tx, deps, schemeId, fileId, { state: 'collected', by })
    await reactivateSettledMembers(tx, deps, schemeId, ids)
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
 * Records that the bank has a file, so that no debit can be removed from it; or corrects that record, in which case debits of
 * mandates revoked meanwhile are removed now.
 * @throws AppError `not_found`; `wrong_state` if it was collected or dropped
 */
export async function setFileHanded(
  deps: MoneyDeps,
  actor: Actor,
  schemeId: string,
  fileId: string,
  { handed }: HandedDebitFile,
): Promise<DebitFileView> {
  authorize(actor, 'dues.manage', schemeId)
  await inScheme(deps.db, schemeId, async (tx) => {
    await lockDues(tx, schemeId)
    const file = await findDebitFile(tx, schemeId, fileId)
    if (file.state !== 'created') throw new AppError('wrong_state')
    const at = deps.now()
    const by = actorName(actor)
    await updateDebitFile(
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
    await clearTakenVersions(tx, deps, schemeId, by, { id: fileId, collectOn: file.collectOn })
    await removeRevokedDebits(tx, deps, schemeId, { by, of: { fileId, notAtBank: true }, notify: deps })
  })
  return getDebitFile(deps, actor, schemeId, fileId)
}

/**
 * Drops a file that was not handed to the bank: nothing of it is collected, and members notified of it are notified again.
 * @throws AppError `not_found`; `debit_file_gone` if the bank has it; `wrong_state` if it was collected or dropped
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
    const file = await findDebitFile(tx, schemeId, fileId)
    if (file.state !== 'created') throw new AppError('wrong_state')
    if (file.handedAt !== null) throw new AppError('debit_file_gone', { values: { no: file.no } })
    const by = actorName(actor)
    const pending = await listPendingDebits(tx, schemeId, fileId)
    await clearTakenVersions(tx, deps, schemeId, by, { id: fileId, collectOn: file.collectOn })
    await markDebitsDropped(tx, schemeId, pending)
    await notifyOfDebits(tx, deps, schemeId, by, {
      kind: 'debit_dropped',
      collectOn: file.collectOn,
      debits: pending,
    })
    await endDebitFile(tx, deps, schemeId, fileId, { state: 'dropped', by })
    await recordAudit(tx, schemeId, deps.now(), {
      actor: by,
      action: 'debit.drop',
      subject: `debit-file:${fileId}`,
    })
  })
  return getDebitFile(deps, actor, schemeId, fileId)
}

/**
 * Removes one debit from a file that was not handed to the bank: a new version is made without it, the previous one is kept,
 * and the member is notified. A file with that debit only is dropped.
 * @throws AppError `not_found`; `wrong_state` if the debit is not pending; `debit_file_gone` if the bank has the file, or its
 * day has come; `debit_file_taken` if it was downloaded, until the chamber confirms that the bank does not have it
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
    const file = await findDebitFile(tx, schemeId, id.file)
    const all = await listPendingDebits(tx, schemeId, id.file)
    const debit = all.find((one) => one.id === id.debit)
    if (debit === undefined) throw await errorOfMissingDebit(tx, schemeId, id)
    await requireNotAtBank(tx, deps, schemeId, file, { notAtBank })
    const by = actorName(actor)
    if (file.takenAt !== null)
      await clearTakenVersions(tx, deps, schemeId, by, { id: id.file, collectOn: file.collectOn })
    await notifyOfDebits(tx, deps, schemeId, by, {
      kind: 'debit_dropped',
      collectOn: file.collectOn,
      debits: [debit],
    })
    const of = { fileId: id.file, debits: [debit], takenAt: null }
    const entries = await removeFromFile(tx, deps, schemeId, by, of)
    if (entries === undefined) throw new AppError('wrong_state')
    for (const entry of entries) await recordAudit(tx, schemeId, deps.now(), entry)
  })
  return getDebitFile(deps, actor, schemeId, id.file)
}

/** Returns `wrong_state` for a debit of a file that is not pending, `not_found` for one that is not in the file. */
async function errorOfMissingDebit(
  tx: Tx,
  schemeId: string,
  id: { readonly file: string; readonly debit: string },
): Promise<AppError> {
  const known = await tx
    .selectFrom('duesDebits')
    .select('id')
    .where('schemeId', '=', schemeId)
    .where('fileId', '=', id.file)
    .where('id', '=', id.debit)
    .executeTakeFirst()
  return new AppError(known === undefined ? 'not_found' : 'wrong_state')
}

/** @throws AppError `wrong_state`, `debit_file_gone`; `debit_file_taken` unless the chamber confirms that the bank does not have it */
async function requireNotAtBank(
  tx: Tx,
  deps: MoneyDeps,
  schemeId: string,
  file: Awaited<ReturnType<typeof findDebitFile>>,
  { notAtBank }: DropDebit,
): Promise<void> {
  if (file.state !== 'created') throw new AppError('wrong_state')
  if (isFileAtBank(file, await findToday(tx, deps, schemeId)))
    throw new AppError('debit_file_gone', { values: { no: file.no } })
  if (file.takenAt === null || notAtBank) return
  const day = noonOf(await findDay(tx, schemeId, file.takenAt))
  throw new AppError('debit_file_taken', { values: { no: file.no, day } })
}

/**
 * Records that the bank returned a debit, before collecting it or weeks later: its payment is reversed with the required
 * paper, and a mandate that can no longer be used is revoked.
 * @throws AppError `not_found`; `wrong_state` if this was recorded already, or its file was dropped
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
    // The chamber may have reversed it already, when it saw its bank account.
    if (debit.paymentId !== null && !(await isPaymentCancelled(tx, schemeId, debit.paymentId))) {
      const payment = { member: debit.memberId, payment: debit.paymentId }
      await reversePayment(tx, deps, schemeId, { by, reason: code }, payment)
    }
    await tx
      .updateTable('duesDebits')
      .set({ state: 'returned', returnCode: code })
      .where('schemeId', '=', schemeId)
      .where('id', '=', id.debit)
      .execute()
    // Revokes the mandate of the debit, not one signed since. A merge may have moved it to the kept member.
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
    await removeRevokedDebits(tx, deps, schemeId, { by, of: { memberIds: revoked }, notify: deps })
  })
  return getDebitFile(deps, actor, schemeId, id.file)
}

async function isPaymentCancelled(tx: Tx, schemeId: string, paymentId: string): Promise<boolean> {
  const { cancelledAt } = await tx
    .selectFrom('duesPayments')
    .select('cancelledAt')
    .where('schemeId', '=', schemeId)
    .where('id', '=', paymentId)
    .executeTakeFirstOrThrow()
  return cancelledAt !== null
}
