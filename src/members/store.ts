import { type RawBuilder, sql } from 'kysely'
import { AppError } from '../errors.ts'
import { timeZoneSql } from '../platform/database/time-zone.ts'
import type { Tx } from '../platform/db.ts'
import type { MemberStatus } from '../schema.ts'
import type { Trade } from '../schemes/trades/trades.ts'
import type { Area } from '../territory/contract.ts'

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
