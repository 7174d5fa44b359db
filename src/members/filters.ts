import { type RawBuilder, sql } from 'kysely'
import { endingOf } from '../cipher/pseudonyms.ts'
import { timeZoneSql } from '../platform/database/time-zone.ts'
import type { Tx } from '../platform/db.ts'
import { searchName } from '../territory/places/spelling.ts'
import type { CharterFacet, MemberQuery } from './contract.ts'
import { isUnnotified } from './notices.ts'
import { isInFacet } from './numbers/facets.ts'
import { parsePhone } from './rules.ts'
import { lacksPostalCode } from './store.ts'

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
export function phoneSearch(q: string, start: string | undefined) {
  const digits = q.replace(/[\s.()/-]/g, '')
  return {
    whole: start === undefined ? null : start,
    ending: start !== undefined && /^\d{4}$/.test(digits) ? endingOf(digits) : null,
  }
}

/** SQL: the contact's number begins or ends like the search, or is the number in it. */
export function isNumberLike(
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
