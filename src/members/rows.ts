import { type RawBuilder, sql } from 'kysely'
import type { Lang } from '../i18n/format.ts'
import { encodeCursor, invalidCursor } from '../platform/database/cursor.ts'
import type { Tx } from '../platform/db.ts'
import type { MemberStatus } from '../schema.ts'
import { listOwnTrades } from '../schemes/store.ts'
import { findTrade, type Trade, trades } from '../schemes/trades/trades.ts'
import { searchName } from '../territory/places/spelling.ts'
import type { CharterFacet, MemberQuery, MemberSort } from './contract.ts'
import {
  duesNotDue,
  hasSignedCurrentOnPaper,
  type MemberScope,
  memberFilters,
  memberFilterTables,
} from './filters.ts'
import type { NumberState } from './numbers/rules.ts'

export interface MemberListRow {
  readonly id: string
  readonly name: string
  readonly searchName: string
  readonly trade: string
  readonly communeCode: string
  readonly communeName: string
  readonly status: MemberStatus
  readonly siret: string | null
  readonly joinedOn: string | null
  readonly charter: CharterFacet
  readonly sectors: string[]
  /** Null without entries in the ledger. */
  readonly owedCents: number | null
  readonly late: boolean
  readonly smsContacts: number
  readonly phones: string[]
  readonly numbers: NumberState
  readonly tags: string[]
  /** The value that the list is sorted by, as text; null if it has none. */
  readonly sortKey: string | null
}

export interface MemberOrder {
  readonly sort: MemberSort
  readonly descending: boolean
  /** The language in which trades are named. */
  readonly lang: Lang
}

/** The last row of a page: its value, and its name and id, which order equal values. */
export interface MemberPosition {
  readonly key: string | null
  readonly searchName: string
  readonly id: string
}

/** Statuses as a list shows them: those that wait first. */
const STATUSES: readonly MemberStatus[] = ['pending', 'active', 'suspended', 'left']

/** A table to join with `members m`, and the value of a member to sort by. */
interface SortSource {
  readonly join: RawBuilder<unknown>
  readonly value: RawBuilder<unknown>
  readonly type: 'text' | 'bigint'
}

/** Sectors and trades, whose members are sorted by their names; read only for an order that needs them. */
interface NamesToSort {
  readonly sectors: readonly { readonly id: string; readonly name: string }[]
  readonly ownTrades: readonly Trade[]
}

/**
 * Returns where the values of all members are read. Each table is read once and joined, in place of a look-up for every member: of
 * 20,000 members, a page in any order, also the last one, takes 20 to 110 ms.
 */
function sortSource(
  schemeId: string,
  { sort, lang }: MemberOrder,
  { sectors, ownTrades }: NamesToSort,
): SortSource {
  const none = sql``
  switch (sort) {
    case 'name':
      return { join: none, value: sql`m.search_name`, type: 'text' }
    case 'siret':
      return { join: none, value: sql`m.siret`, type: 'text' }
    case 'joined':
      return { join: none, value: sql`m.joined_on`, type: 'text' }
    case 'status':
      return { join: none, value: sql`array_position(${STATUSES}::text[], m.status)`, type: 'bigint' }
    case 'trade':
      return {
        join: none,
        value: sql`array_position(${tradesByName(lang, ownTrades)}::text[], m.trade)`,
        type: 'bigint',
      }
    case 'commune':
      return {
        join: sql`join communes sk on sk.code = m.commune_code`,
        value: sql`sk.search_name`,
        type: 'text',
      }
    case 'sector':
      return {
        join: sql`left join (
          select code, min(n.name) as name
          from sectors s join unnest(${sectors.map(({ id }) => id)}::uuid[], ${sectors.map(({ name }) => searchName(name))}::text[])
            n (id, name) on n.id = s.id, unnest(s.commune_codes) code
          where s.scheme_id = ${schemeId} group by code) sk on sk.code = m.commune_code`,
        value: sql`sk.name`,
        type: 'text',
      }
    case 'numbers':
      return {
        join: sql`left join (
          select c.member_id, min(case h.state when 'dead' then 1 when 'doubtful' then 2 else 3 end) as rank
          from contacts c left join number_health h on h.scheme_id = c.scheme_id and h.phone = c.mobile
          where c.scheme_id = ${schemeId} and c.sms group by c.member_id) sk on sk.member_id = m.id`,
        value: sql`coalesce(sk.rank, 0)`,
        type: 'bigint',
      }
    case 'dues':
      return {
        join: sql`left join (
          select l.member_id, sum(l.debit_cents) - sum(l.credit_cents) as cents from ledger_lines l
          where l.scheme_id = ${schemeId} and l.member_id is not null group by l.member_id) sk on sk.member_id = m.id`,
        value: sql`sk.cents`,
        type: 'bigint',
      }
    case 'charter':
      return {
        join: sql`left join (
          select s.member_id, max(s.version) as version from charter_signatures s
          where s.scheme_id = ${schemeId} group by s.member_id) sk on sk.member_id = m.id`,
        value: sql`case when sk.version is not null and ${hasSignedCurrentOnPaper(schemeId, sql`m.charter_on`)}
          then (select max(version) from charters where scheme_id = ${schemeId}) else sk.version end`,
        type: 'bigint',
      }
  }
}

function listSectorNames(tx: Tx, schemeId: string) {
  return tx
    .selectFrom('sectors')
    .select(['id', 'name'])
    .where('schemeId', '=', schemeId)
    .where('removedAt', 'is', null)
    .execute()
}

/** Returns the codes of all trades, those of the scheme's own included, in the order of their names. */
function tradesByName(lang: Lang, own: readonly Trade[]): string[] {
  const nameOf = (code: string) => findTrade(code, own)?.[lang === 'fr' ? 'nameFr' : 'nameEn'] ?? code
  const codes = new Set<string>([...trades, ...own].map(({ code }) => code))
  return [...codes].toSorted((a, b) => nameOf(a).localeCompare(nameOf(b), lang))
}

/** Condition on `sorted`: the row comes after the position. */
function isAfter(after: MemberPosition, type: SortSource['type'], descending: boolean) {
  const next = sql`(search_name, id) > (${after.searchName}, ${after.id}::uuid)`
  if (after.key === null) return sql`key is null and ${next}`
  const key = type === 'text' ? sql`${after.key}::text` : sql`${after.key}::bigint`
  return sql`(key ${descending ? sql`<` : sql`>`} ${key} or key is null or key = ${key} and ${next})`
}

/** Lists one page of members in an order, after a position in it or a number of rows. */
export async function listMemberRows(
  tx: Tx,
  schemeId: string,
  query: Partial<MemberQuery>,
  options: {
    readonly order: MemberOrder
    readonly limit: number
    readonly after: MemberPosition | undefined
    readonly skip: number
    readonly only: MemberScope
    /** Whether to read what the members owe. */
    readonly dues: boolean
  },
): Promise<MemberListRow[]> {
  const { order, after } = options
  const source = sortSource(schemeId, order, {
    sectors: order.sort === 'sector' ? await listSectorNames(tx, schemeId) : [],
    ownTrades: order.sort === 'trade' ? await listOwnTrades(tx, schemeId) : [],
  })
  const direction = order.descending ? sql`desc` : sql`asc`
  // The order of the index on names, where it can be used.
  const byName = order.sort === 'name'
  const orderBy = byName
    ? sql`search_name ${direction}, id ${direction}`
    : sql`key ${direction} nulls last, search_name, id`
  const place =
    after === undefined
      ? sql`true`
      : byName
        ? sql`(search_name, id) ${order.descending ? sql`<` : sql`>`} (${after.searchName}, ${after.id}::uuid)`
        : isAfter(after, source.type, order.descending)
  const { rows } = await sql<MemberListRow>`
    with page as (
      select * from (
        select m.id, m.name, m.search_name, m.trade, m.commune_code, m.status, m.siret, m.joined_on, m.charter_on, m.tags,
          (${source.value})::${source.type === 'text' ? sql`text` : sql`bigint`} as key
        from ${memberFilterTables(query)} ${source.join}
        where ${memberFilters(schemeId, query, options.only)}) sorted
      where ${place}
      order by ${orderBy} limit ${options.limit} offset ${options.skip}
    )
    select page.*, page.key::text as sort_key, k.name as commune_name, c.phones, c.sms_contacts, n.state as numbers,
      array(select s.name from sectors s where s.scheme_id = ${schemeId} and s.removed_at is null
        and s.commune_codes @> array[page.commune_code] order by s.name) as sectors,
      ${lastCharter(schemeId)} as charter,
      ${options.dues ? sql`b.cents` : sql`null`} as owed_cents, ${options.dues ? sql`coalesce(b.cents > 0 and b.cents > ${duesNotDue(schemeId, sql`page.id`)}, false)` : sql`false`} as late
    from page join communes k on k.code = page.commune_code,
      lateral (select coalesce(array_agg(mobile order by position, id) filter (where mobile is not null), '{}') as phones,
        count(*) filter (where sms)::int as sms_contacts
        from contacts where scheme_id = ${schemeId} and member_id = page.id) c,
      lateral (select case when bool_or(h.state = 'dead') then 'dead' when bool_or(h.state = 'doubtful') then 'doubtful' else 'ok' end as state
        from contacts o join number_health h on h.scheme_id = o.scheme_id and h.phone = o.mobile
        where o.scheme_id = ${schemeId} and o.member_id = page.id and o.sms) n
      ${options.dues ? balanceOfPage(schemeId) : sql``}
    order by ${orderBy}`.execute(tx)
  return rows
}

/** The balance `b` of each member of `page`, null without entries. */
const balanceOfPage = (schemeId: string) => sql`,
      lateral (select (sum(l.debit_cents) - sum(l.credit_cents))::int as cents
        from ledger_lines l where l.scheme_id = ${schemeId} and l.member_id = page.id) b`

/** SQL: the facet of the last charter that a member of `page` signed. */
const lastCharter = (schemeId: string) => sql<CharterFacet>`(
  select case when max(s.version) is null then case when page.charter_on is null then 'none' else 'paper' end
    when max(s.version) = (select max(version) from charters where scheme_id = ${schemeId})
      or ${hasSignedCurrentOnPaper(schemeId, sql`page.charter_on`)} then 'current' else 'older' end
  from charter_signatures s where s.scheme_id = ${schemeId} and s.member_id = page.id)`

/** Returns the cursor of a page that ends with this row. */
export function encodePosition(
  order: Pick<MemberOrder, 'sort' | 'descending'>,
  row: Pick<MemberListRow, 'id' | 'searchName' | 'sortKey'>,
): string {
  return encodeCursor({ id: row.id, key: JSON.stringify([orderName(order), row.sortKey, row.searchName]) })
}

const orderName = ({ sort, descending }: Pick<MemberOrder, 'sort' | 'descending'>) =>
  `${descending ? '-' : ''}${sort}`

/**
 * Reads the key of a cursor that `encodePosition` returned.
 * @throws AppError `invalid_input` for any other, and for one of another order
 */
export function readPosition(
  order: Pick<MemberOrder, 'sort' | 'descending'>,
  { id, key }: { readonly id: string; readonly key: string },
): MemberPosition {
  const parts = parseJson(key)
  const [name, value, after] = Array.isArray(parts) ? (parts as unknown[]) : []
  const { type } = sortSource('', { ...order, lang: 'fr' }, { sectors: [], ownTrades: [] })
  const isValue =
    value === null || (typeof value === 'string' && (type === 'text' || /^-?\d{1,15}$/.test(value)))
  if (name !== orderName(order) || !isValue || typeof after !== 'string') throw invalidCursor('after')
  // JSON can escape the one character that no text of PostgreSQL has.
  if (`${value}${after}`.includes('\0')) throw invalidCursor('after')
  return { id, key: value, searchName: after }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
