import { type Insertable, type Selectable, sql } from 'kysely'
import type { Db, Tx } from '../platform/db.ts'
import type { Schema } from '../schema.ts'
import type { Duplicate, EnrolmentQuery, EnrolmentSummary } from './contract.ts'
import { isSimilarName, partsToSearch } from './similar.ts'

export type EnrolmentRow = Selectable<Schema['enrolments']> & { readonly communeName: string }
export type SignatureRow = Selectable<Schema['charterSignatures']>

function selectEnrolments(tx: Tx, schemeId: string) {
  return tx
    .selectFrom('enrolments')
    .innerJoin('communes', 'communes.code', 'enrolments.communeCode')
    .selectAll('enrolments')
    .select('communes.name as communeName')
    .where('enrolments.schemeId', '=', schemeId)
}

/** Finds a request. @param options `lock`: concurrent changes wait until the transaction ends */
export function findEnrolment(
  tx: Tx,
  schemeId: string,
  id: string,
  options: { readonly lock?: boolean } = {},
): Promise<EnrolmentRow | undefined> {
  const query = selectEnrolments(tx, schemeId).where('enrolments.id', '=', id)
  return (options.lock === true ? query.forUpdate('enrolments') : query).executeTakeFirst()
}

/** Stores a signature of the charter, in addition to earlier ones. */
export async function insertSignature(
  tx: Tx,
  signature: Insertable<Schema['charterSignatures']>,
): Promise<void> {
  await tx.insertInto('charterSignatures').values(signature).execute()
}

/** Finds the latest signature of a member. */
export async function findSignatureOfMember(
  tx: Tx,
  schemeId: string,
  memberId: string,
): Promise<Pick<SignatureRow, 'version' | 'signedName' | 'signedAt'> | undefined> {
  return tx
    .selectFrom('charterSignatures')
    .select(['version', 'signedName', 'signedAt'])
    .where('schemeId', '=', schemeId)
    .where('memberId', '=', memberId)
    .orderBy('version', 'desc')
    .orderBy('signedAt', 'desc')
    .limit(1)
    .executeTakeFirst()
}

export function findSignature(
  tx: Tx,
  schemeId: string,
  enrolmentId: string,
): Promise<SignatureRow | undefined> {
  return tx
    .selectFrom('charterSignatures')
    .selectAll()
    .where('schemeId', '=', schemeId)
    .where('enrolmentId', '=', enrolmentId)
    .executeTakeFirst()
}

/** Lists one page of submitted requests; limited to `trades` if given. */
export async function listEnrolmentRows(
  tx: Tx,
  schemeId: string,
  query: EnrolmentQuery,
  trades: readonly string[] | undefined,
): Promise<EnrolmentRow[]> {
  return selectEnrolments(tx, schemeId)
    .where('state', '=', query.state)
    .$if(trades !== undefined, (q) => q.where('trade', '=', sql<string>`any (${trades}::text[])`))
    .$if(query.state === 'submitted', (q) => q.orderBy('submittedAt'))
    .$if(query.state !== 'submitted', (q) => q.orderBy('decidedAt', 'desc'))
    .orderBy('enrolments.id')
    .limit(query.limit)
    .execute()
}

export async function countEnrolments(
  tx: Tx,
  schemeId: string,
  trades: readonly string[] | undefined,
): Promise<Record<'submitted' | 'approved' | 'refused', number>> {
  const { rows } = await sql<Record<'submitted' | 'approved' | 'refused', number>>`
    select count(*) filter (where state = 'submitted')::int as submitted,
      count(*) filter (where state = 'approved')::int as approved,
      count(*) filter (where state = 'refused')::int as refused
    from enrolments where scheme_id = ${schemeId} and state <> 'draft'
      ${trades === undefined ? sql`` : sql`and trade = any (${trades}::text[])`}`.execute(tx)
  return rows[0] ?? { submitted: 0, approved: 0, refused: 0 }
}

export function toEnrolmentSummary(row: EnrolmentRow): EnrolmentSummary {
  return {
    id: row.id,
    state: row.state,
    name: row.name,
    trade: row.trade,
    commune: { code: row.communeCode, name: row.communeName },
    person: row.person ?? '',
    verified: row.verified,
    submittedAt: (row.submittedAt ?? row.createdAt).toISOString(),
    decidedAt: row.decidedAt?.toISOString() ?? null,
    decidedBy: row.decidedBy,
  }
}

/** The data of a business by which it is recognised. A null or absent value matches nothing. */
export interface DuplicateKeys {
  readonly siret: string | null
  readonly mobiles: readonly string[]
  readonly searchName: string | null
  readonly communeCode: string | null
  /** The member and the request that it is itself. */
  readonly memberId: string | null
  readonly enrolmentId: string | null
}

export function duplicateKeysOf(row: EnrolmentRow): DuplicateKeys {
  const { id, siret, mobile, searchName, communeCode, memberId } = row
  return {
    siret,
    mobiles: mobile === null ? [] : [mobile],
    searchName,
    communeCode,
    memberId,
    enrolmentId: id,
  }
}

/** Lists members and other requests that look like the same business or person, most certain first. */
export async function listDuplicates(
  tx: Tx,
  schemeId: string,
  row: DuplicateKeys,
): Promise<Omit<Duplicate, 'known'>[]> {
  const { rows } = await sql<Omit<Duplicate, 'known'> & { code: string; communeName: string }>`
    with same as (
      select 'member' as kind, m.id, m.name, m.commune_code, m.status,
        m.siret is not null and m.siret = ${row.siret}::text or exists (
          select from member_aliases x join members p on p.scheme_id = x.scheme_id and p.id = x.member_id
          where x.scheme_id = m.scheme_id and x.siret = ${row.siret}::text and p.merged_into = m.id) as by_siret,
        exists (select from contacts c where c.scheme_id = m.scheme_id and c.member_id = m.id and c.mobile = any (${row.mobiles}::text[])) as by_phone,
        m.search_name = ${row.searchName}::text and m.commune_code = ${row.communeCode}::text or exists (
          select from member_aliases x join members p on p.scheme_id = x.scheme_id and p.id = x.member_id
          where x.scheme_id = m.scheme_id and x.search_name = ${row.searchName}::text and x.commune_code = ${row.communeCode}::text
            and p.merged_into = m.id) as by_place
      from members m
      where m.scheme_id = ${schemeId} and m.merged_into is null and m.id is distinct from ${row.memberId}::uuid and m.id in (
        select id from members where scheme_id = ${schemeId} and siret = ${row.siret}::text
        union select p.merged_into from member_aliases x join members p on p.scheme_id = x.scheme_id and p.id = x.member_id
          where x.scheme_id = ${schemeId} and (x.siret = ${row.siret}::text
            or x.search_name = ${row.searchName}::text and x.commune_code = ${row.communeCode}::text)
        union select member_id from contacts where scheme_id = ${schemeId} and mobile = any (${row.mobiles}::text[])
        union select id from members where scheme_id = ${schemeId} and search_name = ${row.searchName}::text
          and commune_code = ${row.communeCode}::text)
      union all
      select 'enrolment', e.id, e.name, e.commune_code, null,
        e.siret is not null and e.siret = ${row.siret}::text, coalesce(e.mobile = any (${row.mobiles}::text[]), false),
        e.search_name = ${row.searchName}::text and e.commune_code = ${row.communeCode}::text
      from enrolments e
      where e.scheme_id = ${schemeId} and e.id is distinct from ${row.enrolmentId}::uuid and e.state = 'submitted'
        and (e.siret = ${row.siret}::text or e.mobile = any (${row.mobiles}::text[])
          or (e.search_name = ${row.searchName}::text and e.commune_code = ${row.communeCode}::text))
    )
    select kind, id, same.name, status, commune_code as code, k.name as commune_name,
      array_remove(array[case when by_siret then 'siret' end, case when by_phone then 'phone' end,
        case when by_place then 'place' end], null) as by
    from same join communes k on k.code = same.commune_code
    order by by_siret desc nulls last, kind desc, by_phone desc, same.name limit 20`.execute(tx)
  return rows.map(({ code, communeName, ...one }) => ({ ...one, commune: { code, name: communeName } }))
}

/** Maximum number of names that are compared with the one being typed. */
const MAX_COMPARED = 2000
const MAX_SIMILAR = 5

/**
 * Lists members and submitted requests whose name is the given one but for its legal form, link words and one typing mistake: in
 * its commune, or anywhere while the commune is unknown.
 */
export async function listSimilarNames(
  tx: Tx,
  schemeId: string,
  { searchName, communeCode, memberId, enrolmentId }: DuplicateKeys,
): Promise<Omit<Duplicate, 'known' | 'by'>[]> {
  const parts = searchName === null ? undefined : partsToSearch(searchName)
  if (searchName === null || parts === undefined) return []
  const likely = parts.map((part) => `%${part}%`)
  const { rows } = await sql<
    Omit<Duplicate, 'known' | 'by' | 'commune'> & { searchName: string; code: string; communeName: string }
  >`
    select one.*, k.name as commune_name from (
      select 'member' as kind, id, name, search_name, status, commune_code as code from members
      where scheme_id = ${schemeId} and merged_into is null and erased_at is null and id is distinct from ${memberId}::uuid
        and search_name like any (${likely}::text[])
      union all
      select 'enrolment', id, name, search_name, null, commune_code from enrolments
      where scheme_id = ${schemeId} and state = 'submitted' and id is distinct from ${enrolmentId}::uuid
        and search_name like any (${likely}::text[])
    ) one join communes k on k.code = one.code
    where ${communeCode}::text is null or one.code = ${communeCode}::text
    order by one.search_name, one.id limit ${MAX_COMPARED}`.execute(tx)
  return rows
    .filter((row) => isSimilarName(row.searchName, searchName))
    .slice(0, MAX_SIMILAR)
    .map(({ kind, id, name, status, code, communeName }) => ({
      ...{ kind, id, name, status },
      commune: { code, name: communeName },
    }))
}

/** Deletes abandoned drafts and old refused requests. Runs across schemes, for all schemes. */
export async function purgeEnrolments(
  db: Db | Tx,
  before: { readonly drafts: Date; readonly refused: Date },
): Promise<void> {
  await sql`delete from enrolments where state = 'draft' and touched_at < ${before.drafts}`.execute(db)
  await sql`delete from enrolments where state = 'refused' and decided_at < ${before.refused}`.execute(db)
}
