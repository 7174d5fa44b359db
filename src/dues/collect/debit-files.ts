import { sql, type Updateable } from 'kysely'
import { type AuditEntry, recordAudits } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { dayInParis } from '../../platform/day.ts'
import type { Tx } from '../../platform/db.ts'
import type { Schema } from '../../schema.ts'
import type { DuesSettings } from '../../schemes/contract.ts'
import { findSchemeWithChamber } from '../../schemes/store.ts'
import { today } from '../ledger/ledger.ts'
import { offersDebit } from '../own.ts'
import { type TellDeps, tellMembers } from '../reminders/tell.ts'
import { creditorName } from '../rules.ts'
import { findDuesSettings } from '../store.ts'
import type { YearAmount } from './debit-contract.ts'
import { writeDebitFile } from './pain.ts'

export interface Ready {
  readonly memberId: string
  readonly mandateId: string
  readonly reference: string
  readonly iban: string
  readonly holder: string
  readonly signedAt: Date
  readonly first: boolean
  readonly amountCents: number
  /** What it is made of, oldest first. */
  readonly years: readonly YearAmount[]
  /** What it owes, but not by that day. */
  readonly laterCents: number
}

/** At most 24 characters: the ids of what is in a file begin with it. */
export function messageIdOf(schemeId: string, no: number): string {
  return `${schemeId.slice(0, 10)}-D${String(no).padStart(5, '0')}`.toUpperCase()
}

/**
 * Made again, a file keeps its id: a bank that got the one before takes no second one of that id, and collects nothing twice.
 */
export function xmlOf(
  schemeId: string,
  file: { readonly no: number; readonly createdAt: Date; readonly collectOn: string },
  scheme: { readonly name: string; readonly chamber: string },
  settings: DuesSettings,
  debits: readonly (Pick<Ready, 'amountCents' | 'reference' | 'signedAt' | 'holder' | 'iban' | 'first'> & {
    readonly endToEnd: string
  })[],
): string {
  const { iban, bic, sepaId } = settings.creditor
  return writeDebitFile({
    id: messageIdOf(schemeId, file.no),
    createdAt: file.createdAt,
    collectOn: file.collectOn,
    creditor: { name: creditorName(settings, scheme), iban, bic, sepaId },
    debits: debits.map((one) => ({
      endToEnd: one.endToEnd,
      amountCents: one.amountCents,
      mandate: one.reference,
      signedOn: dayInParis(one.signedAt),
      holder: one.holder,
      iban: one.iban,
      first: one.first,
      label: `Cotisation ${scheme.name}`,
    })),
  })
}

/** Tells members that their bank will be asked, or will not after all. */
export async function tellOfDebits(
  tx: Tx,
  deps: TellDeps,
  schemeId: string,
  by: string,
  kind: 'debit' | 'debit_dropped',
  collectOn: string,
  debits: readonly Pick<Ready, 'memberId' | 'amountCents' | 'years'>[],
): Promise<void> {
  const ids = debits.map(({ memberId }) => memberId)
  const { rows } = await sql<{ memberId: string; name: string; year: number }>`
    select m.id as member_id, m.name, max(d.year)::int as year from members m
    join dues d on d.scheme_id = m.scheme_id and d.member_id = m.id
    where m.scheme_id = ${schemeId} and m.id = any (${ids}::uuid[]) group by m.id, m.name`.execute(tx)
  const known = new Map(debits.map((debit) => [debit.memberId, debit]))
  await tellMembers(
    tx,
    deps,
    schemeId,
    by,
    { sms: false },
    rows.map((row) => {
      const { amountCents = 0, years = [] } = known.get(row.memberId) ?? {}
      return { ...row, year: years.at(-1)?.year ?? row.year, kind, amountCents, dueOn: collectOn }
    }),
  )
}

/**
 * A file, with `takenAt`: since when the bank may have it, or what it was before something was taken out; null where it was not
 * downloaded, or somebody said that the bank has none of it.
 * @throws AppError `not_found`
 */
export async function findFile(tx: Tx, schemeId: string, fileId: string) {
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

/** What is under way of a file, as it is written in it: by name. */
export async function listPending(tx: Tx, schemeId: string, fileId: string): Promise<PendingDebit[]> {
  const { rows } = await sql<PendingDebit>`
    select d.id, d.member_id, d.mandate_id, d.amount_cents, d.end_to_end, d.years, a.reference, a.iban, a.holder, a.signed_at,
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

/** Debits are not collected after all: their mandates may not have been used. */
export async function markDropped(tx: Tx, schemeId: string, debits: readonly PendingDebit[]): Promise<void> {
  await sql`update dues_debits set state = 'dropped'
    where scheme_id = ${schemeId} and id = any (${debits.map(({ id }) => id)}::uuid[])`.execute(tx)
  // The first debit that goes to a bank says that it is the first.
  await sql`update dues_mandates m set used_at = null
    where m.scheme_id = ${schemeId} and m.id = any (${debits.map(({ mandateId }) => mandateId)}::uuid[])
      and not exists (select from dues_debits d
        where d.scheme_id = m.scheme_id and d.mandate_id = m.id and d.state <> 'dropped')`.execute(tx)
}

/**
 * Takes debits out of a file: it is made again without them, what it was is kept with each. A file of those debits alone is dropped.
 * Under the lock of `lockDues`; to tell their members is the caller's.
 * @param of `takenAt`: when the file was downloaded, where nobody said that the bank does not have it
 * @returns what the audit record is to say of each; undefined: it cannot be made again, since the creditor lacks what it takes by now
 */
export async function takeOutOfFile(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  by: string,
  of: { readonly fileId: string; readonly debits: readonly PendingDebit[]; readonly takenAt: Date | null },
): Promise<AuditEntry[] | undefined> {
  const { fileId, debits, takenAt } = of
  const at = deps.now()
  const file = await findFile(tx, schemeId, fileId)
  const out = new Set(debits.map(({ id }) => id))
  const left = (await listPending(tx, schemeId, fileId)).filter(({ id }) => !out.has(id))
  if (left.length === 0) await endFile(tx, deps, schemeId, fileId, 'dropped', by)
  else {
    const scheme = await findSchemeWithChamber(tx, schemeId)
    const settings = await findDuesSettings(tx, schemeId)
    if (scheme === undefined || settings === undefined || !offersDebit(settings)) return undefined
    const xml = xmlOf(schemeId, { ...file, createdAt: at }, scheme, settings, left)
    await setFile(tx, schemeId, fileId, { xml, version: file.version + 1, downloadedAt: null })
  }
  await markDropped(tx, schemeId, debits)
  const { version, xml } = file
  await tx
    .insertInto('duesDebitFileVersions')
    .values(
      debits.map(({ id: debitId }) => ({
        schemeId,
        fileId,
        version,
        xml,
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
 * Takes out of their files what mandates that were revoked would collect, as long as the bank does not have the file, as far as the
 * chamber says. What it has stays under way, and is shown to the chamber as to be called back; so does what no file can be made
 * without. Under the lock of `lockDues`, near the end of the transaction: it writes to the audit record.
 * @param of those of some members, or of one file; `notAtBank`: somebody said that the bank does not have what was downloaded
 * @param tell by which their members are told, but for those whose bank may be asked all the same; absent: nobody is
 */
export async function takeOutRevoked(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  by: string,
  of: { readonly memberIds: readonly string[] } | { readonly fileId: string; readonly notAtBank: true },
  tell?: TellDeps,
): Promise<void> {
  // A mandate goes to whom its member was merged into; what it was collecting does not.
  const which =
    'fileId' in of
      ? sql`d.file_id = ${of.fileId}::uuid`
      : sql`(a.member_id = any (${of.memberIds}::uuid[]) or d.member_id = any (${of.memberIds}::uuid[]))`
  const { rows } = await sql<{ fileId: string; ids: string[] }>`
    select d.file_id, array_agg(d.id) as ids from dues_debits d
    join dues_debit_files f on f.scheme_id = d.scheme_id and f.id = d.file_id
    join dues_mandates a on a.scheme_id = d.scheme_id and a.id = d.mandate_id
    where d.scheme_id = ${schemeId} and d.state = 'pending' and a.revoked_at is not null and ${which}
      and f.state = 'created' and f.handed_at is null and f.collect_on > ${today(deps)}::date
    group by f.no, d.file_id order by f.no`.execute(tx)
  const audits: AuditEntry[] = []
  for (const { fileId, ids } of rows) {
    const file = await findFile(tx, schemeId, fileId)
    const debits = (await listPending(tx, schemeId, fileId)).filter(({ id }) => ids.includes(id))
    const takenAt = 'notAtBank' in of ? null : file.takenAt
    const taken = await takeOutOfFile(tx, deps, schemeId, by, { fileId, debits, takenAt })
    if (taken === undefined) continue
    audits.push(...taken)
    if (tell !== undefined && takenAt === null)
      await tellOfDebits(tx, tell, schemeId, by, 'debit_dropped', file.collectOn, debits)
  }
  const at = deps.now()
  await recordAudits(
    tx,
    schemeId,
    audits.map((entry) => ({ ...entry, at })),
  )
}

/** The bank does not have the file, nor what it was before: whose debit was taken out of that is told now that there is none. */
export async function forgetTaken(
  tx: Tx,
  deps: TellDeps,
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
  await tellOfDebits(tx, deps, schemeId, by, 'debit_dropped', file.collectOn, rows)
}

export async function setFile(
  tx: Tx,
  schemeId: string,
  fileId: string,
  values: Updateable<Schema['duesDebitFiles']>,
): Promise<void> {
  await tx
    .updateTable('duesDebitFiles')
    .set(values)
    .where('schemeId', '=', schemeId)
    .where('id', '=', fileId)
    .execute()
}

export async function endFile(
  tx: Tx,
  { now }: Pick<Deps, 'now'>,
  schemeId: string,
  fileId: string,
  state: 'collected' | 'dropped',
  by: string,
): Promise<void> {
  await setFile(tx, schemeId, fileId, { state, settledAt: now(), settledBy: by })
}
