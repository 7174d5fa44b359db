import { sql, type Updateable } from 'kysely'
import { type AuditEntry, recordAudits } from '../../audit/record.ts'
import { markForSealing } from '../../cipher/marked.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { dayIn } from '../../message/clock.ts'
import { findTimeZone } from '../../platform/database/time-zone.ts'
import type { Tx } from '../../platform/db.ts'
import type { Schema } from '../../schema.ts'
import type { DuesSettings } from '../../schemes/contract.ts'
import { findSchemeWithChamber } from '../../schemes/store.ts'
import { findToday } from '../ledger/ledger.ts'
import { offersDebit } from '../own.ts'
import { type NotifyDeps, notifyMembers } from '../reminders/notify.ts'
import { creditorName, paymentReference } from '../rules.ts'
import { findDuesSettings } from '../store.ts'
import type { YearAmount } from './debit-contract.ts'
import { writeDebitFile } from './pain.ts'

export interface Ready {
  readonly memberId: string
  /** Name of the member, for the text on the debtor's statement. */
  readonly member: string
  readonly mandateId: string
  readonly reference: string
  readonly iban: string
  readonly holder: string
  readonly signedAt: Date
  readonly first: boolean
  readonly amountCents: number
  /** The years that it consists of, oldest first. */
  readonly years: readonly YearAmount[]
  /** Dues that are due after that day. */
  readonly laterCents: number
}

/** Builds the id of a file. At most 24 characters, since the ids of its debits begin with it. */
export function debitMessageId(schemeId: string, no: number): string {
  return `${schemeId.slice(0, 10)}-D${String(no).padStart(5, '0')}`.toUpperCase()
}

/**
 * Builds the XML of a file. A new version keeps the file's id: a bank that has the previous one rejects a second file with
 * the same id and collects nothing twice.
 */
export function buildDebitXml(
  schemeId: string,
  file: { readonly no: number; readonly createdAt: Date; readonly collectOn: string },
  scheme: { readonly name: string; readonly chamber: string; readonly timeZone: string },
  settings: DuesSettings,
  debits: readonly (Omit<Ready, 'laterCents' | 'mandateId'> & {
    readonly endToEnd: string
  })[],
): string {
  const { iban, bic, sepaId } = settings.creditor
  return writeDebitFile({
    id: debitMessageId(schemeId, file.no),
    createdAt: file.createdAt,
    collectOn: file.collectOn,
    creditor: { name: creditorName(settings, scheme), iban, bic, sepaId },
    debits: debits.map((one) => ({
      endToEnd: one.endToEnd,
      amountCents: one.amountCents,
      mandate: one.reference,
      signedOn: dayIn(scheme.timeZone, one.signedAt),
      holder: one.holder,
      iban: one.iban,
      first: one.first,
      label: debitLabel(schemeId, scheme.name, one),
    })),
  })
}

/**
 * Returns the text on the debtor's statement, of which banks show the beginning first: what it is for, the reference and the
 * name of the member, then the scheme.
 */
function debitLabel(
  schemeId: string,
  scheme: string,
  { memberId, member, years }: Pick<Ready, 'memberId' | 'member' | 'years'>,
): string {
  const of = years.map(({ year }) => year).join(' ')
  const parts = ['Cotisation', of, paymentReference(schemeId, memberId), member, scheme]
  return parts.filter((part) => part !== '').join(' ')
}

/** Notifies members that a debit will be collected, or will not be after all. */
export async function notifyOfDebits(
  tx: Tx,
  deps: NotifyDeps,
  schemeId: string,
  by: string,
  {
    kind,
    collectOn,
    debits,
  }: {
    readonly kind: 'debit' | 'debit_dropped'
    readonly collectOn: string
    readonly debits: readonly Pick<Ready, 'memberId' | 'amountCents' | 'years'>[]
  },
): Promise<void> {
  const ids = debits.map(({ memberId }) => memberId)
  const { rows } = await sql<{ memberId: string; name: string; year: number }>`
    select m.id as member_id, m.name, max(d.year)::int as year from members m
    join dues d on d.scheme_id = m.scheme_id and d.member_id = m.id
    where m.scheme_id = ${schemeId} and m.id = any (${ids}::uuid[]) group by m.id, m.name`.execute(tx)
  const known = new Map(debits.map((debit) => [debit.memberId, debit]))
  await notifyMembers(tx, deps, schemeId, {
    by,
    settings: { sms: false },
    notices: rows.map((row) => {
      const { amountCents = 0, years = [] } = known.get(row.memberId) ?? {}
      return { ...row, year: years.at(-1)?.year ?? row.year, kind, amountCents, dueOn: collectOn }
    }),
  })
}

/**
 * Finds a file, with `takenAt`: when the bank may have received it, or an earlier version with a debit removed since; null if
 * it was not downloaded, or the chamber confirmed that the bank has none of it.
 * @throws AppError `not_found`
 */
export async function findDebitFile(tx: Tx, schemeId: string, fileId: string) {
  const file = await tx
    .selectFrom('duesDebitFiles as f')
    .select(['f.no', 'f.xml', 'f.state', 'f.collectOn', 'f.version', 'f.downloadedAt', 'f.handedAt'])
    .select(
      sql<Date | null>`coalesce(f.downloaded_at, (select max(v.taken_at) from dues_debit_file_versions v
        where v.scheme_id = f.scheme_id and v.file_id = f.id))`.as('takenAt'),
    )
    .where('f.schemeId', '=', schemeId)
    .where('f.id', '=', fileId)
    .executeTakeFirst()
  if (file === undefined) throw new AppError('not_found')
  return file
}

export interface PendingDebit extends Omit<Ready, 'laterCents'> {
  readonly id: string
  readonly endToEnd: string
}

/** Lists the pending debits of a file in the order of the file: by name. */
export async function listPendingDebits(tx: Tx, schemeId: string, fileId: string): Promise<PendingDebit[]> {
  const { rows } = await sql<PendingDebit>`
    select d.id, d.member_id, m.name as member, d.mandate_id, d.amount_cents, d.end_to_end, d.years, a.reference, a.iban, a.holder, a.signed_at,
      not exists (
        select from dues_debits o join dues_debit_files g on g.scheme_id = o.scheme_id and g.id = o.file_id
        where o.scheme_id = d.scheme_id and o.mandate_id = d.mandate_id and o.state <> 'dropped' and g.no < f.no) as first
    from dues_debits d
    join dues_debit_files f on f.scheme_id = d.scheme_id and f.id = d.file_id
    join dues_mandates a on a.scheme_id = d.scheme_id and a.id = d.mandate_id
    join members m on m.scheme_id = d.scheme_id and m.id = d.member_id
    where d.scheme_id = ${schemeId} and d.file_id = ${fileId} and d.state = 'pending'
    order by m.search_name, m.id`.execute(tx)
  return rows
}

/** Marks debits as dropped; a mandate without other debits becomes unused again. */
export async function markDebitsDropped(
  tx: Tx,
  schemeId: string,
  debits: readonly PendingDebit[],
): Promise<void> {
  await sql`update dues_debits set state = 'dropped'
    where scheme_id = ${schemeId} and id = any (${debits.map(({ id }) => id)}::uuid[])`.execute(tx)
  // The first debit that a bank receives must be marked as the first of its mandate.
  await sql`update dues_mandates m set used_at = null
    where m.scheme_id = ${schemeId} and m.id = any (${debits.map(({ mandateId }) => mandateId)}::uuid[])
      and not exists (select from dues_debits d
        where d.scheme_id = m.scheme_id and d.mandate_id = m.id and d.state <> 'dropped')`.execute(tx)
}

/**
 * Removes debits from a file: a new version is made without them, and each debit keeps a copy of the previous one. A file
 * with no other debits is dropped. The caller holds `lockDues` and notifies the members.
 * @param of `takenAt`: when the file was downloaded, unless the chamber confirmed that the bank does not have it
 * @returns the audit entries to write; undefined if no new version can be made because the creditor's data is incomplete by
 * now
 */
export async function removeFromFile(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  by: string,
  of: { readonly fileId: string; readonly debits: readonly PendingDebit[]; readonly takenAt: Date | null },
): Promise<AuditEntry[] | undefined> {
  const { fileId, debits, takenAt } = of
  const at = deps.now()
  const file = await findDebitFile(tx, schemeId, fileId)
  const out = new Set(debits.map(({ id }) => id))
  const left = (await listPendingDebits(tx, schemeId, fileId)).filter(({ id }) => !out.has(id))
  if (left.length === 0) await endDebitFile(tx, deps, schemeId, fileId, { state: 'dropped', by })
  else {
    const scheme = await findSchemeWithChamber(tx, schemeId)
    const settings = await findDuesSettings(tx, schemeId)
    if (scheme === undefined || settings === undefined || !offersDebit(settings)) return undefined
    const written = { ...scheme, timeZone: await findTimeZone(tx, schemeId) }
    const xml = buildDebitXml(schemeId, { ...file, createdAt: at }, written, settings, left)
    await updateDebitFile(tx, schemeId, fileId, { xml, version: file.version + 1, downloadedAt: null })
  }
  await markDebitsDropped(tx, schemeId, debits)
  const { version, xml } = file
  await tx
    .insertInto('duesDebitFileVersions')
    .values(
      debits.map(({ id: debitId }) => ({
        schemeId,
        fileId,
        version,
        xml: markForSealing(schemeId, 'iban', xml),
        replacedAt: at,
        replacedBy: by,
        debitId,
        takenAt,
      })),
    )
    .execute()
  return debits.map(({ memberId, amountCents }) => ({
    actor: by,
    action: 'debit.take_out',
    subject: `member:${memberId}`,
    details: { file: fileId, no: file.no, version, amountCents },
  }))
}

/**
 * Removes the debits of revoked mandates from their files, unless the bank has the file according to the chamber. Debits that
 * the bank has stay pending and are shown to the chamber as to be recalled; so do those whose file cannot be made again. The
 * caller holds `lockDues` and calls this near the end of its transaction, since it writes audit entries.
 * @param of debits of some members, or of one file; `notAtBank`: the chamber confirmed that the bank does not have what was
 * downloaded
 * @param notify notifies the members, except those who may still be debited; absent: no member is notified
 */
export async function removeRevokedDebits(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  {
    by,
    of,
    notify,
  }: {
    readonly by: string
    readonly of:
      | { readonly memberIds: readonly string[] }
      | { readonly fileId: string; readonly notAtBank: true }
    readonly notify?: NotifyDeps | undefined
  },
): Promise<void> {
  // A merge moves mandates to the kept member, but not pending debits.
  const which =
    'fileId' in of
      ? sql`d.file_id = ${of.fileId}::uuid`
      : sql`(a.member_id = any (${of.memberIds}::uuid[]) or d.member_id = any (${of.memberIds}::uuid[]))`
  const { rows } = await sql<{ fileId: string; ids: string[] }>`
    select d.file_id, array_agg(d.id) as ids from dues_debits d
    join dues_debit_files f on f.scheme_id = d.scheme_id and f.id = d.file_id
    join dues_mandates a on a.scheme_id = d.scheme_id and a.id = d.mandate_id
    where d.scheme_id = ${schemeId} and d.state = 'pending' and a.revoked_at is not null and ${which}
      and f.state = 'created' and f.handed_at is null and f.collect_on > ${await findToday(tx, deps, schemeId)}::date
    group by f.no, d.file_id order by f.no`.execute(tx)
  const audits: AuditEntry[] = []
  for (const { fileId, ids } of rows) {
    const file = await findDebitFile(tx, schemeId, fileId)
    const debits = (await listPendingDebits(tx, schemeId, fileId)).filter(({ id }) => ids.includes(id))
    const takenAt = 'notAtBank' in of ? null : file.takenAt
    const entries = await removeFromFile(tx, deps, schemeId, by, { fileId, debits, takenAt })
    if (entries === undefined) continue
    audits.push(...entries)
    if (notify !== undefined && takenAt === null)
      await notifyOfDebits(tx, notify, schemeId, by, {
        kind: 'debit_dropped',
        collectOn: file.collectOn,
        debits,
      })
  }
  const at = deps.now()
  await recordAudits(
    tx,
    schemeId,
    audits.map((entry) => ({ ...entry, at })),
  )
}

/**
 * Records that the bank has no version of the file, and notifies the members whose debits were removed that nothing will be
 * collected.
 */
export async function clearTakenVersions(
  tx: Tx,
  deps: NotifyDeps,
  schemeId: string,
  by: string,
  file: { readonly id: string; readonly collectOn: string },
): Promise<void> {
  const { rows } = await sql<Pick<Ready, 'memberId' | 'amountCents' | 'years'>>`
    with forgotten as (
      update dues_debit_file_versions set taken_at = null
      where scheme_id = ${schemeId} and file_id = ${file.id}::uuid and taken_at is not null
      returning debit_id
    )
    select d.member_id, d.amount_cents, d.years from dues_debits d
    join members m on m.scheme_id = d.scheme_id and m.id = d.member_id
    where d.scheme_id = ${schemeId} and d.id in (select debit_id from forgotten) and m.erased_at is null`.execute(
    tx,
  )
  await notifyOfDebits(tx, deps, schemeId, by, {
    kind: 'debit_dropped',
    collectOn: file.collectOn,
    debits: rows,
  })
}

export async function updateDebitFile(
  tx: Tx,
  schemeId: string,
  fileId: string,
  values: Updateable<Schema['duesDebitFiles']>,
): Promise<void> {
  await tx
    .updateTable('duesDebitFiles')
    .set(
      typeof values.xml === 'string'
        ? { ...values, xml: markForSealing(schemeId, 'iban', values.xml) }
        : values,
    )
    .where('schemeId', '=', schemeId)
    .where('id', '=', fileId)
    .execute()
}

export async function endDebitFile(
  tx: Tx,
  { now }: Pick<Deps, 'now'>,
  schemeId: string,
  fileId: string,
  { state, by }: { readonly state: 'collected' | 'dropped'; readonly by: string },
): Promise<void> {
  await updateDebitFile(tx, schemeId, fileId, { state, settledAt: now(), settledBy: by })
}
