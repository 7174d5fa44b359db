import { sql } from 'kysely'
import { markJsonForSealing, readSealedJson } from '../cipher/marked.ts'
import type { ErasedPeople } from '../identity/erased.ts'
import { rowKeysSql } from '../platform/database/pairs.ts'
import type { Tx } from '../platform/db.ts'
import { simplifySpelling } from '../territory/places/spelling.ts'
import { paymentReference } from './rules.ts'
import { saysReturned } from './statements/entry.ts'
import { referencesIn } from './statements/match.ts'
import { noticeYearIsUnpaid } from './store.ts'

/**
 * Deletes the notes on notices to erased members, the bank's texts of their transfers and who signed their cheques, and revokes their mandates, across
 * schemes. A mandate is kept as proof after its last
 * debit; no debit uses it any more.
 */
export async function forgetDues(tx: Tx, { members }: ErasedPeople): Promise<void> {
  const these = rowKeysSql(members)
  await sql`update dues_notices set note = '' where note <> '' and (scheme_id, member_id) in ${these}`.execute(
    tx,
  )
  await sql`update dues_statement_entries e set details = null from dues_payments p
    where e.details is not null and p.scheme_id = e.scheme_id and p.id = e.payment_id
      and (p.scheme_id, p.member_id) in ${these}`.execute(tx)
  await sql`update dues_cheques c set drawer = '', bank = '' from dues_payments p
    where c.drawer || c.bank <> '' and p.scheme_id = c.scheme_id and p.id = c.payment_id
      and (p.scheme_id, p.member_id) in ${these}`.execute(tx)
  await sql`update dues_mandates set revoked_at = statement_timestamp(), revoked_by = 'system:erasure'
    where (scheme_id, member_id) in ${these} and revoked_at is null`.execute(tx)
}

interface LineNaming {
  readonly id: string
  readonly paymentId: string | null
  readonly state: string
  readonly details: { readonly name: string; readonly text: string; readonly isBatch?: boolean }
}

/**
 * Lists the movements of a scheme's bank statements of which who paid or what was written names a person.
 * @param isNamed returns whether a text names the person
 */
export async function listLinesNaming(
  tx: Tx,
  schemeId: string,
  isNamed: (text: string) => boolean,
): Promise<LineNaming[]> {
  const rows = await tx
    .selectFrom('duesStatementEntries')
    .select(['id', 'paymentId', 'state', 'details'])
    .where('schemeId', '=', schemeId)
    .where('details', 'is not', null)
    .execute()
  return rows.flatMap(({ details: stored, ...row }) => {
    if (stored === null) return []
    const details = readSealedJson(stored)
    return isNamed(details.name) || isNamed(details.text) ? [{ ...row, details }] : []
  })
}

/**
 * Empties the movements of bank statements that name an erased person. Those to be decided stay so, with the references of
 * members that are not erased: the money may be theirs.
 */
export async function forgetLinesNaming(
  tx: Tx,
  schemeId: string,
  isNamed: (text: string) => boolean,
): Promise<void> {
  const lines = await listLinesNaming(tx, schemeId, isNamed)
  if (lines.length === 0) return
  const { rows: members } = await sql<{ id: string }>`
    select id from members where scheme_id = ${schemeId} and erased_at is null`.execute(tx)
  const references = new Map(
    members.map(({ id }) => paymentReference(schemeId, id)).map((one) => [one.slice(-8), one]),
  )
  const kept = lines.map(({ state, details: { name, text, ...details } }) => {
    const found = referencesIn(schemeId, { name, text }).flatMap((digits) => references.get(digits) ?? [])
    if (state !== 'open' || found.length === 0) return null
    // Without this word a returned transfer would look like a payment.
    const words = saysReturned(simplifySpelling(text)) ? ['impayé'] : []
    return markJsonForSealing(schemeId, 'statement', {
      ...details,
      ...{ name: '', text: [...new Set(found), ...words].join(' ') },
    })
  })
  await sql`
    update dues_statement_entries e set details = k.details
    from unnest(${lines.map(({ id }) => id)}::uuid[], ${kept}::jsonb[]) as k (id, details)
    where e.scheme_id = ${schemeId} and e.id = k.id`.execute(tx)
}

/**
 * Clears the accounts of mandates that ended before an instant, and the files sent to the bank, which hold them too, as the
 * owner. At most one batch of each.
 * @returns the scheme of each row
 */
export async function purgeMandates(tx: Tx, before: Date, limit: number): Promise<{ schemeId: string }[]> {
  const { rows } = await sql<{ schemeId: string }>`
    with old as (
      select scheme_id, id from dues_mandates
      where iban <> '' and revoked_at < ${before} and coalesce(used_at, revoked_at) < ${before} limit ${limit} for update
    ), emptied as (
      update dues_mandates m set iban = '', iban_end = '', holder = '', signed_name = '', text = ''
      from old o where m.scheme_id = o.scheme_id and m.id = o.id returning m.scheme_id
    ), sent as (
      select scheme_id, id from dues_debit_files
      where xml <> '' and coalesce(settled_at, created_at) < ${before} and collect_on < ${before}::date limit ${limit} for update
    ), files as (
      update dues_debit_files f set xml = '' from sent s where f.scheme_id = s.scheme_id and f.id = s.id returning f.scheme_id
    ), versions as (
      update dues_debit_file_versions v set xml = '' from sent s where v.scheme_id = s.scheme_id and v.file_id = s.id
    )
    select scheme_id from emptied union all select scheme_id from files`.execute(tx)
  return rows
}

/** Days after which a movement is too old to be recorded: by then its digest is needed no more. */
const DIGEST_DAYS = 400

/**
 * Empties who paid and what was written of movements of bank statements read before an instant, and deletes movements that are
 * too old to be recorded again, with statements that have none left, across schemes.
 * @returns the scheme of each movement
 */
export async function purgeStatements(tx: Tx, before: Date, limit: number): Promise<{ schemeId: string }[]> {
  const { rows } = await sql<{ schemeId: string }>`
    with read as (
      select e.scheme_id, e.id from dues_statement_entries e
      join dues_statements s on s.scheme_id = e.scheme_id and s.id = e.statement_id
      where (e.details is not null or e.state = 'open') and s.uploaded_at < ${before} limit ${limit} for update of e
    ), emptied as (
      update dues_statement_entries e set details = null, state = case when e.state = 'open' then 'set_aside' else e.state end
      from read r where e.scheme_id = r.scheme_id and e.id = r.id returning e.scheme_id
    ), deleted as (
      delete from dues_statement_entries where (scheme_id, id) in (
        select e.scheme_id, e.id from dues_statement_entries e
        where e.details is null and e.booked_on < ${before}::date - ${DIGEST_DAYS}::int limit ${limit})
      returning scheme_id
    )
    select scheme_id from emptied union all select scheme_id from deleted`.execute(tx)
  await sql`delete from dues_statements s where s.uploaded_at < ${before} and not exists (
    select from dues_statement_entries e where e.scheme_id = s.scheme_id and e.statement_id = s.id)`.execute(
    tx,
  )
  return rows
}

/**
 * Deletes notices older than `before`, across schemes. Notices of a year that is still owed are kept: the reminder rule continues
 * from them and would otherwise send all of them again.
 * @returns the scheme of each row
 */
export async function purgeNotices(tx: Tx, before: Date, limit: number): Promise<{ schemeId: string }[]> {
  const { rows } = await sql<{ schemeId: string }>`
    delete from dues_notices where (scheme_id, id) in (
      select n.scheme_id, n.id from dues_notices n where n.at < ${before} and not ${noticeYearIsUnpaid} limit ${limit})
    returning scheme_id`.execute(tx)
  return rows
}

/**
 * Clears from the books of past years what names people, across schemes: member names and waiver reasons in ledger entries, the
 * member on receipts, references and reasons of payments and refunds. Amounts, numbers and dates are kept: balances and the
 * numbering depend on them. At most one batch of each.
 * @param before the first day of a year
 * @returns the scheme of each row
 */
export async function purgeBooks(tx: Tx, before: string, limit: number): Promise<{ schemeId: string }[]> {
  await sql`select set_config('tocsin.books_before', ${before}, true)`.execute(tx)
  const { rows: entries } = await sql<{ schemeId: string }>`
    update ledger_entries e set member = '', piece = case when e.kind = 'waiver' then '' else e.piece end
    where (scheme_id, no) in (
      select scheme_id, no from ledger_entries where member <> '' and entered_on < ${before}::date limit ${limit})
    returning scheme_id`.execute(tx)
  const { rows: receipts } = await sql<{ schemeId: string }>`
    update dues_receipts r set facts = jsonb_set(
      r.facts || '{"member": null, "reference": ""}', '{cancels}',
      case when r.facts->'cancels' = 'null' then 'null' else r.facts->'cancels' || '{"reason": ""}' end)
      || case when r.facts->'refund' is null then '{}'::jsonb
        else jsonb_build_object('refund', r.facts->'refund' || '{"reason": ""}') end
    where (scheme_id, year, no) in (
      select scheme_id, year, no from dues_receipts
      where facts->'member' <> 'null'::jsonb and year < extract(year from ${before}::date) limit ${limit})
    returning scheme_id`.execute(tx)
  const { rows: invoices } = await sql<{ schemeId: string }>`
    update dues_invoices i set facts = i.facts || '{"member": null}'
    where (scheme_id, year, no) in (
      select scheme_id, year, no from dues_invoices
      where facts->'member' <> 'null'::jsonb and year < extract(year from ${before}::date) limit ${limit})
    returning scheme_id`.execute(tx)
  const { rows: payments } = await sql<{ schemeId: string }>`
    update dues_payments p set reference = '', outside_id = null, cancel_reason = case when p.cancel_reason is null then null else '' end
    where (scheme_id, id) in (
      select scheme_id, id from dues_payments
      where received_on < ${before}::date and coalesce(cancelled_at, received_on) < ${before}::date
        and (reference <> '' or cancel_reason <> '' or outside_id is not null) limit ${limit})
    returning scheme_id`.execute(tx)
  const { rows: cheques } = await sql<{ schemeId: string }>`
    update dues_cheques c set bank = '', drawer = ''
    where (scheme_id, payment_id) in (
      select d.scheme_id, d.payment_id from dues_cheques d
      join dues_payments p on p.scheme_id = d.scheme_id and p.id = d.payment_id
      where d.bank || d.drawer <> '' and p.received_on < ${before}::date limit ${limit})
    returning scheme_id`.execute(tx)
  const { rows: refunds } = await sql<{ schemeId: string }>`
    update dues_refunds p set reference = '', reason = '', cancel_reason = case when p.cancel_reason is null then null else '' end
    where (scheme_id, id) in (
      select scheme_id, id from dues_refunds
      where paid_on < ${before}::date and coalesce(cancelled_at, paid_on) < ${before}::date
        and (reference <> '' or reason <> '' or cancel_reason <> '') limit ${limit})
    returning scheme_id`.execute(tx)
  return [...entries, ...receipts, ...invoices, ...payments, ...cheques, ...refunds]
}
