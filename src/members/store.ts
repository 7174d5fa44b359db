import { type RawBuilder, sql } from 'kysely'
import { endingOf } from '../cipher/pseudonyms.ts'
import { AppError } from '../errors.ts'
import { timeZoneSql } from '../platform/database/time-zone.ts'
import type { Tx } from '../platform/db.ts'
import type { MemberStatus, OptOutWay } from '../schema.ts'
import { inNamedArea } from '../schemes/store.ts'
import type { Trade } from '../schemes/trades/trades.ts'
import type { Area } from '../territory/contract.ts'
import { searchName } from '../territory/places/spelling.ts'
import type { CharterFacet, MemberCounts, MemberQuery } from './contract.ts'
import { isUnnotified } from './notices.ts'
import { healthOfContact, isInFacet, type KnownHealth } from './numbers/facets.ts'
import { type KnownCommune, parsePhone } from './rules.ts'
import { memberStates, uuids } from './states.ts'

export interface MemberFields {
  readonly id: string
  readonly name: string
  readonly searchName: string
  readonly siret: string | null
  readonly naf: string | null
  readonly naf2025: string | null
  readonly trade: string
  readonly communeCode: string
  readonly address: string | null
  readonly postalCode: string | null
  /** YYYY-MM-DD. */
  readonly joinedOn: string | null
  readonly latitude: number | null
  readonly longitude: number | null
  readonly status: MemberStatus
}

export interface ContactRow {
  readonly id: string
  readonly memberId: string
  readonly person: string
  /** E.164; may be a landline, which receives no SMS. */
  readonly mobile: string | null
  readonly mail: string | null
  readonly sms: boolean
  readonly position: number
}

/** Former identity of a merged member, by which lists may still name it. */
export interface MemberAlias {
  readonly siret: string | null
  readonly searchName: string
  readonly communeCode: string
}

export interface StoredContact extends ContactRow {
  /** Whether the contact came from another member through a merge. */
  readonly isMerged: boolean
}

export interface StoredMember extends MemberFields {
  readonly contacts: readonly StoredContact[]
  /** YYYY-MM-DD. */
  readonly charterOn: string | null
  /** Names of its tags. */
  readonly tagNames: readonly string[]
  /** Texts of the notes on it. */
  readonly notes: readonly string[]
}

/**
 * Returns the postal code of a member: its own, otherwise that of its commune if there is only one. New members are stored with it;
 * for members stored before communes had postal codes it is found when they are read.
 * @param own the column of the member's own code
 * @param of the alias of `communes`
 */
export function postalCodeOf(own: string, of: string): RawBuilder<string | null> {
  const codes = sql.ref(`${of}.postal_codes`)
  return sql`coalesce(${sql.ref(own)}, case when cardinality(${codes}) = 1 then ${codes}[1] end)`
}

/** The town in the address of a letter to `members m` in `communes c`: "63500 Issoire". */
export const townOfLetter = sql<string>`concat_ws(' ', ${postalCodeOf('m.postal_code', 'c')}, c.name)`

/**
 * The day from which a row of `members` is a member of a scheme, as text: the day stated by the chamber, else the day on which
 * it was added.
 * @param of the alias of `members`
 */
export const memberSince = (schemeId: string, of = 'm') =>
  sql<string>`coalesce(${sql.ref(`${of}.joined_on`)}, (${sql.ref(`${of}.created_at`)} at time zone ${timeZoneSql(schemeId)})::date)::text`

/**
 * Condition on `members m`: a letter has no postal code, because the member has none and its commune does not have exactly one.
 * It looks the commune up.
 */
export const lacksPostalCode = sql<boolean>`(m.postal_code is null
  and (select cardinality(c.postal_codes) from communes c where c.code = m.commune_code) <> 1)`

/** Rows written per statement: large enough to be fast, small enough that progress is visible. */
export const CHUNK = 2000

export function* splitIntoChunks<T>(items: readonly T[], size: number = CHUNK): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size)
}

function memberColumns(members: readonly MemberFields[]) {
  return sql`(
    select t.id, t.name, t.search_name, t.siret, t.naf, t.naf2025, t.trade, t.commune_code, t.address,
      ${postalCodeOf('t.postal_code', 'c')} as postal_code, t.joined_on, t.latitude, t.longitude, t.status
    from unnest(
    ${members.map((m) => m.id)}::uuid[], ${members.map((m) => m.name)}::text[],
    ${members.map((m) => m.searchName)}::text[], ${members.map((m) => m.siret)}::text[],
    ${members.map((m) => m.naf)}::text[], ${members.map((m) => m.naf2025)}::text[],
    ${members.map((m) => m.trade)}::text[], ${members.map((m) => m.communeCode)}::text[],
    ${members.map((m) => m.address)}::text[],
    ${members.map((m) => m.postalCode)}::text[], ${members.map((m) => m.joinedOn)}::date[],
    ${members.map((m) => m.latitude)}::float8[], ${members.map((m) => m.longitude)}::float8[],
    ${members.map((m) => m.status)}::text[])
    as t (id, name, search_name, siret, naf, naf2025, trade, commune_code, address, postal_code, joined_on, latitude,
      longitude, status)
    left join communes c on c.code = t.commune_code) as d`
}

function contactColumns(contacts: readonly ContactRow[]) {
  return sql`unnest(
    ${contacts.map((c) => c.id)}::uuid[], ${contacts.map((c) => c.memberId)}::uuid[],
    ${contacts.map((c) => c.person)}::text[], ${contacts.map((c) => c.mobile)}::text[],
    ${contacts.map((c) => c.mail)}::text[], ${contacts.map((c) => c.sms)}::boolean[],
    ${contacts.map((c) => c.position)}::smallint[])
    as d (id, member_id, person, mobile, mail, sms, position)`
}

/**
 * Inserts members in one statement; callers pass a chunk. Members whose id exists are left unchanged. @returns the ids
 * inserted
 */
export async function insertMembers(
  tx: Tx,
  schemeId: string,
  members: readonly MemberFields[],
  at: Date,
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    insert into members (scheme_id, id, name, search_name, siret, naf, naf2025, trade, commune_code, address,
      postal_code, joined_on, latitude, longitude, status, created_at, updated_at)
    select ${schemeId}, d.*, ${at}::timestamptz, ${at}::timestamptz from ${memberColumns(members)}
    on conflict (scheme_id, id) do nothing
    returning id`.execute(tx)
  return rows.map((row) => row.id)
}

export async function updateMembers(
  tx: Tx,
  schemeId: string,
  members: readonly MemberFields[],
  at: Date,
): Promise<void> {
  await sql`
    update members m set
      name = d.name, search_name = d.search_name, siret = d.siret, naf = d.naf,
      naf2025 = d.naf2025, trade = d.trade, commune_code = d.commune_code, address = d.address,
      postal_code = d.postal_code, joined_on = d.joined_on, latitude = d.latitude, longitude = d.longitude,
      status = d.status, updated_at = ${at}
    from ${memberColumns(members)}
    where m.scheme_id = ${schemeId} and m.id = d.id`.execute(tx)
}

/** Sets the day on which a member signed the charter on paper (YYYY-MM-DD); null removes it. */
export async function setPaperCharter(
  tx: Tx,
  schemeId: string,
  id: string,
  charterOn: string | null,
): Promise<void> {
  await tx
    .updateTable('members')
    .set({ charterOn })
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .execute()
}

/** Inserts contacts in one statement; callers pass a chunk. */
export async function insertContacts(
  tx: Tx,
  schemeId: string,
  contacts: readonly ContactRow[],
): Promise<void> {
  await sql`
    insert into contacts (scheme_id, id, member_id, person, mobile, mail, sms, position)
    select ${schemeId}, d.* from ${contactColumns(contacts)}`.execute(tx)
}

export async function updateContacts(
  tx: Tx,
  schemeId: string,
  contacts: readonly ContactRow[],
): Promise<void> {
  await sql`
    update contacts c set person = d.person, mobile = d.mobile, mail = d.mail, sms = d.sms, position = d.position
    from ${contactColumns(contacts)}
    where c.scheme_id = ${schemeId} and c.id = d.id`.execute(tx)
}

// A scheme has three advisory locks, each held until the transaction ends. To avoid deadlocks, take them in this order and
// before any row: the member list (`lockMemberList`), the dues (`lockDues` in dues/ledger/ledger.ts), member writes
// (`lockMemberWrites`, which every statement that writes members or contacts also takes by itself). Readers and alerts wait
// for none of them.

/**
 * Makes changes of many members run one at a time: imports, bulk changes, merges, approvals.
 * @param own the unfinished change, or the one being undone, that the caller continues
 * @throws AppError `import_running` while another change is being written in parts, `undo_running` while one is being undone
 */
export async function lockMemberList(tx: Tx, schemeId: string, own?: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('members:' || ${schemeId}, 0))`.execute(tx)
  const running = await tx
    .selectFrom('memberChanges')
    .select(['id', 'unfinished'])
    .where('schemeId', '=', schemeId)
    .where((where) => where.or([where('unfinished', '=', true), where('undoingAt', 'is not', null)]))
    .executeTakeFirst()
  if (running !== undefined && running.id !== own)
    throw new AppError(running.unfinished ? 'import_running' : 'undo_running')
}

/**
 * Makes writers of members and contacts run one at a time (see members_take_turns in the migrations), so that what the caller
 * reads now stays true until it commits.
 */
export async function lockMemberWrites(tx: Tx, schemeId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`contacts:${schemeId}`}, 0))`.execute(tx)
}

/** The data by which an import recognises a member. */
export interface MemberKeys {
  readonly id: string
  readonly name: string
  readonly trade: string
  readonly siret: string | null
  readonly searchName: string
  readonly communeCode: string
  readonly communeName: string
  readonly address: string | null
  readonly phones: readonly string[]
  readonly aliases: readonly MemberAlias[]
  readonly status: MemberStatus
  /** Whether the dues rule suspended it and it has not been reactivated since. */
  readonly isSuspendedForDues: boolean
  /** Noon, in milliseconds, of the day on which it left; null if it has not left. */
  readonly leftAt: number | null
}

/**
 * Lists the members that rows of a list may refer to, by SIRET, phone, or name and commune. Merged members are returned as
 * the member that they were merged into. One statement; callers pass a chunk.
 */
export async function listMemberKeys(
  tx: Tx,
  schemeId: string,
  rows: readonly Pick<MemberKeys, 'siret' | 'phones' | 'communeCode' | 'searchName'>[],
): Promise<MemberKeys[]> {
  const sirets = rows.flatMap((row) => row.siret ?? [])
  const phones = rows.flatMap((row) => row.phones)
  const places = sql`unnest(${rows.map((row) => row.searchName)}::text[], ${rows.map((row) => row.communeCode)}::text[])
    as place (name, code)`
  const { rows: found } = await sql<MemberKeys>`
    select m.id, m.name, m.trade, m.siret, m.search_name, m.commune_code, k.name as commune_name, m.address, m.status,
      m.status = 'suspended' and exists (select from dues_suspensions s
        where s.scheme_id = m.scheme_id and s.member_id = m.id and s.restored_at is null) as is_suspended_for_dues,
      case when m.status = 'left' then
        extract(epoch from date_trunc('day', m.updated_at at time zone ${timeZoneSql(schemeId)}) + interval '12 hours')::float8 * 1000
      end as left_at,
      array(select c.mobile from contacts c
        where c.scheme_id = m.scheme_id and c.member_id = m.id and c.mobile is not null) as phones,
      coalesce((
        select jsonb_agg(jsonb_build_object('siret', x.siret, 'searchName', x.search_name, 'communeCode', x.commune_code))
        from members p join member_aliases x on x.scheme_id = p.scheme_id and x.member_id = p.id
        where p.scheme_id = m.scheme_id and p.merged_into = m.id), '[]') as aliases
    from members m join communes k on k.code = m.commune_code
    where m.scheme_id = ${schemeId} and m.merged_into is null and m.id in (
      select id from members where scheme_id = ${schemeId} and siret = any (${sirets}::text[])
      union
      select member_id from contacts where scheme_id = ${schemeId} and mobile = any (${phones}::text[])
      union
      select id from members join ${places} on members.search_name = place.name and members.commune_code = place.code
        where scheme_id = ${schemeId}
      union
      select p.merged_into from member_aliases x join members p on p.scheme_id = x.scheme_id and p.id = x.member_id
        where x.scheme_id = ${schemeId} and x.siret = any (${sirets}::text[])
      union
      select p.merged_into from member_aliases x join members p on p.scheme_id = x.scheme_id and p.id = x.member_id
        join ${places} on x.search_name = place.name and x.commune_code = place.code
        where x.scheme_id = ${schemeId})
    order by m.id`.execute(tx)
  return found
}

/**
 * Tells in SQL whether the last choice of a number in the scheme is to receive no SMS, whichever contact had the number then,
 * if any. This is the rule for every statement that puts a number on a contact.
 */
export function isOptedOut(schemeId: string, phone: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`coalesce((
    select not o.takes from opt_outs o where o.scheme_id = ${schemeId} and o.phone = ${phone}
    order by o.at desc, o.id desc limit 1), false)`
}

/** Lists those of the given numbers for which `isOptedOut` holds. One statement; callers pass a chunk. */
export async function listOptedOut(
  tx: Tx,
  schemeId: string,
  phones: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ phone: string }>`
    select p.phone from unnest(${phones}::text[]) as p (phone) where ${isOptedOut(schemeId, sql`p.phone`)}`.execute(
    tx,
  )
  return new Set(rows.map(({ phone }) => phone))
}

/** Lists members with their contacts. One statement; callers pass a chunk. */
export async function listStoredMembers(
  tx: Tx,
  schemeId: string,
  ids: readonly string[],
): Promise<StoredMember[]> {
  const { rows } = await sql<StoredMember>`
    select m.id, m.name, m.search_name, m.siret, m.naf, m.naf2025, m.trade, m.commune_code, m.address,
      m.postal_code, m.joined_on, m.latitude, m.longitude, m.status, m.charter_on,
      array(select t.name from member_tags t where t.scheme_id = m.scheme_id and t.id = any (m.tags) and t.removed_at is null) as tag_names,
      array(select n.text from member_notes n where n.scheme_id = m.scheme_id and n.member_id = m.id and n.removed_at is null) as notes,
      coalesce((
        select jsonb_agg(jsonb_build_object('id', c.id, 'memberId', c.member_id, 'person', c.person, 'mobile', c.mobile,
          'mail', c.mail, 'sms', c.sms, 'position', c.position, 'isMerged', c.merged_from is not null) order by c.position, c.id)
        from contacts c where c.scheme_id = m.scheme_id and c.member_id = m.id), '[]') as contacts
    from members m where m.scheme_id = ${schemeId} and m.id = any (${ids}::uuid[]) order by m.id`.execute(tx)
  return rows
}

/** Finds one member as the import sees it, with its contacts; undefined if it was merged. */
export async function findStoredMember(
  tx: Tx,
  schemeId: string,
  id: string,
): Promise<
  (MemberFields & Pick<StoredMember, 'charterOn'> & { readonly contacts: readonly ContactRow[] }) | undefined
> {
  const member = await tx
    .selectFrom('members')
    .select(['id', 'name', 'searchName', 'siret', 'naf', 'naf2025', 'trade', 'communeCode', 'address'])
    .select(['postalCode', 'joinedOn', 'charterOn', 'latitude', 'longitude', 'status'])
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .where('mergedInto', 'is', null)
    .executeTakeFirst()
  if (member === undefined) return undefined
  const contacts = await tx
    .selectFrom('contacts')
    .select(['id', 'memberId', 'person', 'mobile', 'mail', 'sms', 'position'])
    .where('schemeId', '=', schemeId)
    .where('memberId', '=', id)
    .orderBy('position')
    .orderBy('id')
    .execute()
  return { ...member, contacts }
}

/** Lists the communes, anywhere in France, that the codes, names and postal codes of a list may refer to. */
export async function listKnownCommunes(
  tx: Tx,
  territory: Area,
  wanted: {
    readonly codes: readonly string[]
    readonly names: readonly string[]
    readonly postalCodes: readonly string[]
  },
): Promise<KnownCommune[]> {
  return tx
    .selectFrom('communes')
    .select(['code', 'name', 'departementCode', 'postalCodes', 'latitude', 'longitude'])
    .select(inNamedArea(territory).as('inside'))
    .where(
      sql<boolean>`(code = any (${wanted.codes}::text[]) or search_name = any (${wanted.names}::text[])
        or postal_codes && ${wanted.postalCodes}::text[])`,
    )
    .orderBy('population', 'desc')
    .orderBy('code')
    .execute()
}

/** Lists all communes of a territory, the most populated first. */
export async function listTerritoryCommunes(tx: Tx, territory: Area): Promise<KnownCommune[]> {
  return tx
    .selectFrom('communes')
    .select(['code', 'name', 'departementCode', 'postalCodes', 'latitude', 'longitude'])
    .select(sql<boolean>`true`.as('inside'))
    .where(inNamedArea(territory))
    .orderBy('population', 'desc')
    .orderBy('code')
    .execute()
}

/** Lists the communes that were merged into those of a territory. */
export async function listFormerCommunes(
  tx: Tx,
  territory: Area,
): Promise<{ code: string; communeCode: string; name: string | null }[]> {
  return tx
    .selectFrom('formerCommunes')
    .innerJoin('communes', 'communes.code', 'formerCommunes.communeCode')
    .select(['formerCommunes.code', 'formerCommunes.communeCode', 'formerCommunes.name'])
    .where(inNamedArea(territory))
    .orderBy('formerCommunes.code')
    .execute()
}

/** Reads the scheme's settings that an import needs. */
export async function findSchemeRules(
  tx: Tx,
  schemeId: string,
): Promise<{ territory: Area; trades: string[]; ownTrades: Trade[] } | undefined> {
  return tx
    .selectFrom('schemes')
    .select(['territory', 'trades', 'ownTrades'])
    .where('id', '=', schemeId)
    .executeTakeFirst()
}

/** Number of written rows from which the planner's statistics are refreshed. */
const MANY_ROWS = 500

/**
 * Refreshes the planner's statistics when thousands of rows are written at once, within that transaction: otherwise each
 * contact written reads all members (see analyze_members in the migrations). Does nothing for a few rows.
 */
export async function refreshStatistics(tx: Tx, written: number): Promise<void> {
  if (written >= MANY_ROWS) await sql`select analyze_members()`.execute(tx)
}

/** Restricts a query to the members that a reader may see; empty means all. */
export interface MemberScope {
  readonly trades?: readonly string[]
  /** The trade chamber that has these trades; null if its users have no agency. */
  readonly agencyId?: string | null
  /** Also includes members that were merged into others: they still have an account. */
  readonly merged?: boolean
}

/** Condition on `members m`: it is of the trades that the reader may see. */
export function isWithinTrades({ trades }: Pick<MemberScope, 'trades'>): RawBuilder<boolean> {
  return trades === undefined ? sql<boolean>`true` : sql<boolean>`m.trade = any (${trades}::text[])`
}

/** The tables that `memberFilters` refers to. The communes, which are many, are joined only when their names are searched. */
export function memberFilterTables({ q }: Partial<MemberQuery>) {
  return q === undefined || q === ''
    ? sql`members m`
    : sql`members m join communes k on k.code = m.commune_code`
}

/**
 * Builds the conditions of the member list on `members m` joined with `communes k`. Merged members are found as the member
 * that they were merged into.
 */
export function memberFilters(schemeId: string, query: Partial<MemberQuery>, only: MemberScope) {
  const conditions = [sql`m.scheme_id = ${schemeId}`]
  if (only.merged !== true) conditions.push(sql`m.merged_into is null`)
  if (only.trades !== undefined) conditions.push(isWithinTrades(only))
  if (query.trade !== undefined) conditions.push(sql`m.trade = ${query.trade}`)
  if (query.commune !== undefined) conditions.push(sql`m.commune_code = ${query.commune}`)
  conditions.push(sql`m.erased_at is null`)
  if (query.status !== undefined)
    conditions.push(
      query.status === 'unnotified'
        ? isUnnotified(sql`statement_timestamp()`)
        : sql`m.status = ${query.status}`,
    )
  if (query.numbers !== undefined) conditions.push(sql`m.status <> 'left' and ${isInFacet(query.numbers)}`)
  if (query.charter !== undefined)
    conditions.push(sql`m.status <> 'left' and ${signedCharter(schemeId, query.charter)}`)
  if (query.tag !== undefined) conditions.push(sql`${query.tag}::uuid = any (m.tags)`)
  if (query.list !== undefined) {
    conditions.push(sql`m.id in (
      select coalesce(p.merged_into, p.id) from member_views v join members p on p.scheme_id = v.scheme_id and p.id = any (v.member_ids)
      where v.scheme_id = ${schemeId} and v.id = ${query.list}::uuid)`)
  }
  if (query.postalCode !== undefined) conditions.push(sql`m.status <> 'left' and ${lacksPostalCode}`)
  if (query.dues !== undefined) conditions.push(owesDues(schemeId, query.dues))
  if (query.sector !== undefined)
    conditions.push(sql`m.commune_code = any (array(
      select unnest(s.commune_codes) from sectors s
      where s.scheme_id = ${schemeId} and s.id = ${query.sector}::uuid and s.removed_at is null))`)
  if (query.q !== undefined && query.q !== '') conditions.push(matchesSearch(schemeId, query.q))
  return sql.join(conditions, sql` and `)
}

/**
 * SQL: the dues of `members m`, or of the member in another column, that are not past their due day.
 * @param today the day in the time zone of the scheme; now if absent
 */
export function duesNotDue(
  schemeId: string,
  memberId: RawBuilder<unknown>,
  today?: string,
): RawBuilder<number> {
  const day =
    today === undefined
      ? sql`(statement_timestamp() at time zone ${timeZoneSql(schemeId)})::date`
      : sql`${today}::date`
  return sql<number>`coalesce((select sum(d.amount_cents - d.waived_cents) from dues d
    where d.scheme_id = ${schemeId} and d.member_id = ${memberId} and d.due_on >= ${day}), 0)`
}

/** SQL: the accounts that owe dues past their due day, of any year: `member_id` and `late_cents`. @param today as `duesNotDue` */
export function lateAccounts(schemeId: string, today?: string) {
  const balance = sql`sum(l.debit_cents) - sum(l.credit_cents)`
  const notDue = duesNotDue(schemeId, sql`l.member_id`, today)
  // Payments settle the oldest dues first, so what is owed beyond the dues of later days is late.
  return sql`
    select l.member_id, ${balance} - ${notDue} as late_cents from ledger_lines l
    where l.scheme_id = ${schemeId} and l.member_id is not null
    group by l.member_id having ${balance} > 0 and ${balance} > ${notDue}`
}

/** Condition on `members m`, by its account of dues. */
function owesDues(schemeId: string, dues: NonNullable<MemberQuery['dues']>) {
  const balance = sql`sum(l.debit_cents) - sum(l.credit_cents)`
  const whose = (condition: RawBuilder<unknown>) => sql`m.id in (
    select l.member_id from ledger_lines l where l.scheme_id = ${schemeId} and l.member_id is not null
    group by l.member_id having ${condition})`
  switch (dues) {
    case 'owing':
      return whose(sql`${balance} > 0`)
    case 'late':
      return sql`m.id in (select member_id from (${lateAccounts(schemeId)}) late_account)`
    case 'settled':
      return sql`not ${whose(sql`${balance} > 0`)}`
  }
}

/**
 * SQL: a member signed the charter in force on paper: on the day on which it was published, or later.
 * @param charterOn the column with the day on which the member signed on paper
 */
export function hasSignedCurrentOnPaper(
  schemeId: string | RawBuilder<string>,
  charterOn: RawBuilder<unknown>,
): RawBuilder<boolean> {
  return sql<boolean>`coalesce(${charterOn} >= (
    select (c.published_at at time zone ${timeZoneSql(schemeId)})::date from charters c
    where c.scheme_id = ${schemeId} order by c.version desc limit 1), false)`
}

/** Condition on `members m`, by the last charter version signed for it. */
function signedCharter(schemeId: string, facet: CharterFacet) {
  const last = sql`(select max(s.version) from charter_signatures s where s.scheme_id = m.scheme_id and s.member_id = m.id)`
  const unsigned = sql`not exists (select from charter_signatures s where s.scheme_id = m.scheme_id and s.member_id = m.id)`
  const inForce = sql`(select max(version) from charters c where c.scheme_id = m.scheme_id)`
  const onPaper = hasSignedCurrentOnPaper(schemeId, sql`m.charter_on`)
  switch (facet) {
    case 'none':
      // An anti-join instead of a lookup per member.
      return sql`m.charter_on is null and ${unsigned}`
    case 'paper':
      return sql`m.charter_on is not null and ${unsigned}`
    case 'older':
      return sql`(${last} < ${inForce} and not ${onPaper})`
    case 'current':
      return sql`(${last} = ${inForce} or (${last} < ${inForce} and ${onPaper}))`
  }
}

/**
 * Turns a search text into patterns: beginnings of words of a name or commune and, if it may be a number, beginnings of
 * SIRETs and phone numbers.
 */
function searchPatterns(q: string) {
  const words = searchName(q).split(' ').filter(Boolean).slice(0, 8)
  const start = phoneStart(q)
  return {
    words: words.map((word) => `% ${word}%`),
    siret: start === undefined ? null : `${q.replace(/\D/g, '')}%`,
    phone: start === undefined ? null : `${start}%`,
    ...phoneSearch(q, start),
  }
}

/**
 * Returns the search keys for a phone number. A number stored under a pseudonym cannot be found by its beginning, only in full or,
 * if four digits are typed, by its ending.
 */
function phoneSearch(q: string, start: string | undefined) {
  const digits = q.replace(/[\s.()/-]/g, '')
  return {
    whole: start === undefined ? null : start,
    ending: start !== undefined && /^\d{4}$/.test(digits) ? endingOf(digits) : null,
  }
}

/** SQL: the contact's number begins or ends like the search, or is the number in it. */
function isNumberLike(
  mobile: RawBuilder<unknown>,
  { phone, whole, ending }: Readonly<Record<'phone' | 'whole' | 'ending', RawBuilder<unknown>>>,
) {
  return sql`(${mobile} like ${phone} or ${mobile} = ${whole} or ${mobile} in (select numbers_ending(${ending})))`
}

/** Condition on `members m` joined with `communes k`: the search text finds the member. */
export function matchesSearch(schemeId: string, q: string) {
  const { words, siret, phone, whole, ending } = searchPatterns(q)
  if (words.length === 0) return sql`false`
  const byWords = sql.join(
    words.map((word) => sql`' ' || m.search_name || ' ' || k.search_name like ${word}`),
    sql` and `,
  )
  if (phone === null) return sql`(${byWords})`
  // Reads the contacts once, not once per member.
  return sql`((${byWords}) or m.siret like ${siret} or m.id in (
    select c.member_id from contacts c where c.scheme_id = ${schemeId}
      and ${isNumberLike(sql`c.mobile`, { phone: sql`${phone}`, whole: sql`${whole}::text`, ending: sql`${ending}::text` })}))`
}

/**
 * Returns the searches, matched as in `memberFilters`, that find some of the given members and no other member, merged ones
 * included.
 * @param these pairs of scheme and id, as a subquery
 */
export async function listSearchesFindingOnly<T extends { readonly schemeId: string; readonly q: string }>(
  tx: Tx,
  searches: readonly T[],
  these: RawBuilder<unknown>,
): Promise<T[]> {
  const looked = searches.map(({ schemeId, q }, no) => ({ no, scheme_id: schemeId, ...searchPatterns(q) }))
  const found = sql`k.code = m.commune_code and m.scheme_id = v.scheme_id and m.erased_at is null
    and (' ' || m.search_name || ' ' || k.search_name like all (v.words) or m.siret like v.siret
      or v.phone is not null and m.id in (
        select c.member_id from contacts c where c.scheme_id = v.scheme_id
          and ${isNumberLike(sql`c.mobile`, { phone: sql`v.phone`, whole: sql`v.whole`, ending: sql`v.ending` })}))`
  const { rows } = await sql<{ no: number }>`
    select v.no from jsonb_to_recordset(${JSON.stringify(looked.filter(({ words }) => words.length > 0))}::jsonb)
      as v (no integer, scheme_id text, words text[], siret text, phone text, whole text, ending text)
    where exists (
        select from ${these} t (scheme_id, id) join members m on m.scheme_id = t.scheme_id and m.id = t.id, communes k
        where ${found})
      and not exists (select from members m, communes k where ${found} and (m.scheme_id, m.id) not in ${these})`.execute(
    tx,
  )
  const theirs = new Set(rows.map(({ no }) => no))
  return searches.filter((_, no) => theirs.has(no))
}

/** Returns the beginning of an E.164 number that a user types, from four digits on; undefined for other texts. */
export function phoneStart(text: string): string | undefined {
  const phone = parsePhone(text)
  if ('value' in phone) return phone.value.e164
  if (!/^\+?[\d\s.()/-]+$/.test(text)) return undefined
  const digits = text.replace(/\D/g, '')
  if (digits.length < 4) return undefined
  if (text.trim().startsWith('+')) return `+${digits}`
  if (digits.startsWith('00')) return `+${digits.slice(2)}`
  return `+33${digits.replace(/^0/, '')}`
}

/** Lists the names of all members, former ones included, without repetition. */
export async function listMemberNames(tx: Tx, schemeId: string): Promise<string[]> {
  const rows = await tx
    .selectFrom('members')
    .select('name')
    .distinct()
    .where('schemeId', '=', schemeId)
    .orderBy('name')
    .execute()
  return rows.map(({ name }) => name)
}

export async function countMembers(
  tx: Tx,
  schemeId: string,
  query: Partial<MemberQuery>,
  only: MemberScope,
): Promise<MemberCounts> {
  const { rows } = await sql<{ status: MemberStatus | null; trade: string | null; members: number }>`
    select m.status, m.trade, count(*)::int as members
    from ${memberFilterTables(query)}
    where ${memberFilters(schemeId, query, only)}
    group by grouping sets ((m.status), (m.trade))
    order by members desc, m.trade`.execute(tx)
  const byStatus = { pending: 0, active: 0, suspended: 0, left: 0 }
  for (const row of rows) if (row.status !== null) byStatus[row.status] = row.members
  return {
    total: byStatus.pending + byStatus.active + byStatus.suspended + byStatus.left,
    byStatus,
    byTrade: rows.flatMap((row) => (row.trade === null ? [] : [{ trade: row.trade, members: row.members }])),
  }
}

/** Counts the active members, of these trades or of all, by the cells that the database maintains. */
export async function countActiveMembers(
  tx: Tx,
  schemeId: string,
  { trades }: Pick<MemberScope, 'trades'>,
): Promise<number> {
  const { rows } = await sql<{ members: number }>`
    select coalesce(sum(members), 0)::int as members from audience_cells
    where scheme_id = ${schemeId} and commune_code = ''
      and ${trades === undefined ? sql`true` : sql`trade = any (${trades}::text[])`}`.execute(tx)
  return rows[0]?.members ?? 0
}

export interface FoundContact {
  readonly id: string
  readonly person: string
  readonly mobile: string | null
  readonly mail: string | null
  readonly sms: boolean
  readonly shared: boolean
  /** The last opt-out or opt-in of the number; null if there was none. */
  readonly change: {
    readonly takes: boolean
    readonly how: OptOutWay
    readonly at: string
    /** Whether its number opted out, which may have been before the contact had it. */
    readonly ofNumber: boolean
  } | null
  readonly health: KnownHealth | null
}

export interface FoundMember extends Omit<MemberFields, 'searchName'> {
  readonly communeName: string
  /** YYYY-MM-DD. */
  readonly memberSince: string
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly quietFrom: number | null
  readonly quietTo: number | null
  readonly tags: string[]
  /** YYYY-MM-DD. */
  readonly charterOn: string | null
  /** Differs once anything of the member or its contacts changed. */
  readonly version: string
  readonly contacts: FoundContact[]
  /** The last signature of a charter for it. */
  readonly charter: {
    readonly version: number
    readonly name: string
    readonly at: string
    readonly current: boolean
  } | null
  /** The member that it was merged into. */
  readonly mergedInto: { readonly id: string; readonly name: string } | null
  /** The members merged into it, by name. */
  readonly merged: { readonly id: string; readonly name: string }[]
}

export async function findMember(tx: Tx, schemeId: string, id: string): Promise<FoundMember | undefined> {
  return (await findMembers(tx, schemeId, [id])).get(id)
}

/** Finds members by id, with their contacts. */
export async function findMembers(
  tx: Tx,
  schemeId: string,
  ids: readonly string[],
): Promise<Map<string, FoundMember>> {
  const isWanted = (column: string) => sql<boolean>`${sql.ref(column)} = any (${[...ids]}::uuid[])`
  const members = await tx
    .selectFrom('members')
    .innerJoin('communes', 'communes.code', 'members.communeCode')
    .select([
      'members.id',
      'members.name',
      'members.siret',
      'members.naf',
      'members.naf2025',
      'members.trade',
      'members.communeCode',
    ])
    .select(postalCodeOf('members.postal_code', 'communes').as('postalCode'))
    .select(['members.joinedOn', 'members.charterOn'])
    .select(memberSince(schemeId, 'members').as('memberSince'))
    .select(['members.address', 'members.latitude', 'members.longitude', 'members.status'])
    .select(['members.createdAt', 'members.updatedAt', 'communes.name as communeName'])
    .select(['members.quietFrom', 'members.quietTo', 'members.tags'])
    .select(
      sql<FoundMember['charter']>`(
        select jsonb_build_object('version', s.version, 'name', s.signed_name, 'at', s.signed_at, 'current',
          s.version = (select max(version) from charters c where c.scheme_id = s.scheme_id))
        from charter_signatures s where s.scheme_id = members.scheme_id and s.member_id = members.id
        order by s.version desc, s.signed_at desc limit 1)`.as('charter'),
    )
    .select(
      sql<FoundMember['mergedInto']>`(
        select jsonb_build_object('id', k.id, 'name', k.name) from members k
        where k.scheme_id = members.scheme_id and k.id = members.merged_into)`.as('mergedInto'),
    )
    .select(
      sql<FoundMember['merged']>`coalesce((
        select jsonb_agg(jsonb_build_object('id', p.id, 'name', p.name) order by p.search_name, p.id) from members p
        where p.scheme_id = members.scheme_id and p.merged_into = members.id), '[]')`.as('merged'),
    )
    .where('members.schemeId', '=', schemeId)
    .where(isWanted('members.id'))
    .execute()
  const contacts = await tx
    .selectFrom('contacts')
    .select(['id', 'memberId', 'person', 'mobile', 'mail', 'sms', 'shared'])
    .select(
      sql<FoundContact['change']>`(
        select jsonb_build_object('takes', o.takes, 'how', o.how, 'at', o.at,
          'ofNumber', o.contact_id is null) from opt_outs o
        where o.scheme_id = contacts.scheme_id and (
          o.member_id = contacts.member_id and o.contact_id = contacts.id
          or o.contact_id is null and o.phone = contacts.mobile)
        order by o.at desc, o.id desc limit 1)`.as('change'),
    )
    .select(healthOfContact('contacts').as('health'))
    .where('schemeId', '=', schemeId)
    .where(isWanted('contacts.memberId'))
    .orderBy('position')
    .orderBy('id')
    .execute()
  const contactsOf = Map.groupBy(contacts, ({ memberId }) => memberId)
  const versions = await listVersions(tx, schemeId, ids)
  return new Map(
    members.map((member) => [
      member.id,
      {
        ...member,
        version: versions.get(member.id) ?? '',
        contacts: (contactsOf.get(member.id) ?? []).map(({ memberId: _, ...contact }) => contact),
      },
    ]),
  )
}

async function listVersions(
  tx: Tx,
  schemeId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ id: string; version: string }>`
    select s.id, md5(s.state::text) as version from ${memberStates(schemeId, uuids(ids))} s`.execute(tx)
  return new Map(rows.map(({ id, version }) => [id, version]))
}

export interface CallerRow {
  readonly memberId: string
  readonly name: string
  readonly trade: string
  readonly communeCode: string
  readonly communeName: string
  readonly address: string | null
  readonly status: MemberStatus
  readonly person: string | null
  readonly mobile: string | null
}

/**
 * Finds members with a contact whose number begins like this, or ends with the four digits typed; current members first.
 * @param typed the text from which `phoneStart` made the beginning
 */
export async function findByPhone(
  tx: Tx,
  schemeId: string,
  { start, typed }: { readonly start: string; readonly typed: string },
  limit: number,
): Promise<CallerRow[]> {
  const { ending } = phoneSearch(typed, start)
  const { rows } = await sql<CallerRow>`
    select distinct on (m.status = 'left', m.search_name, m.id)
      m.id as member_id, m.name, m.trade, m.commune_code, k.name as commune_name, m.address, m.status, c.person, c.mobile
    from contacts c join members m on m.scheme_id = c.scheme_id and m.id = c.member_id
      join communes k on k.code = m.commune_code
    where c.scheme_id = ${schemeId} and m.merged_into is null and ${isNumberLike(sql`c.mobile`, {
      phone: sql`${`${start}%`}`,
      whole: sql`${start}::text`,
      ending: sql`${ending}::text`,
    })}
    order by m.status = 'left', m.search_name, m.id, c.position, c.id limit ${limit}`.execute(tx)
  return rows
}

/**
 * Finds members whose name and commune contain words that begin like this; names that begin with the first word come first.
 */
export async function findByName(tx: Tx, schemeId: string, q: string, limit: number): Promise<CallerRow[]> {
  const { rows } = await sql<CallerRow>`
    select f.id as member_id, f.name, f.trade, f.commune_code, f.commune_name, f.address, f.status, c.person, c.mobile
    -- The rows to show are selected first: a short word occurs in thousands of names.
    from (
      select m.*, k.name as commune_name,
        row_number() over (order by m.status = 'left',
          m.search_name not like ${`${searchName(q).split(' ')[0]}%`}, m.search_name, m.id) as place
      from members m join communes k on k.code = m.commune_code
      where m.scheme_id = ${schemeId} and m.merged_into is null and ${matchesSearch(schemeId, q)}
      order by place limit ${limit}) f
    left join lateral (select person, mobile from contacts
      where scheme_id = f.scheme_id and member_id = f.id order by position, id limit 1) c on true
    order by f.place`.execute(tx)
  return rows
}

/** Changes the status of members that do not have it yet, under the lock of `lockMemberWrites`. @returns the ids of those changed */
export async function changeStatus(
  tx: Tx,
  schemeId: string,
  memberIds: readonly string[],
  { from, to, at }: { readonly from: MemberStatus; readonly to: MemberStatus; readonly at: Date },
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    update members set status = ${to}, updated_at = ${at}
    where scheme_id = ${schemeId} and id = any (${memberIds}::uuid[]) and status = ${from} returning id`.execute(
    tx,
  )
  return rows.map(({ id }) => id)
}
