import { sql } from 'kysely'
import type { Tx } from '../../platform/db.ts'
import type { MemberStatus } from '../../schema.ts'
import { NumberFacet } from '../contract.ts'
import { type MemberScope, matchesSearch, memberFilters, memberFilterTables } from '../filters.ts'
import type { NumberQuery } from './contract.ts'
import { facetOfJoinedRows, healthOfContact, type KnownHealth } from './facets.ts'

export interface NumberRow {
  readonly contactId: string
  readonly person: string
  readonly phone: string | null
  readonly sms: boolean
  readonly health: KnownHealth | null
  readonly said: { readonly what: 'gone' | 'silent'; readonly at: string } | null
  readonly sharedWith: { readonly id: string; readonly name: string }[]
}

export interface NumberMemberRow {
  readonly id: string
  readonly name: string
  readonly searchName: string
  readonly trade: string
  readonly communeCode: string
  readonly communeName: string
  readonly status: MemberStatus
  readonly numbers: NumberRow[]
}

/** Maximum number of other members named beside a number. */
const SHARED_SHOWN = 10

/** Lists members of a facet by name, with all their numbers, after a position in that order. */
export async function listNumberMembers(
  tx: Tx,
  schemeId: string,
  query: NumberQuery,
  options: {
    readonly limit: number
    readonly after: { readonly searchName: string; readonly id: string } | undefined
    readonly only: MemberScope
  },
): Promise<NumberMemberRow[]> {
  const { after, only } = options
  const seen = only.trades === undefined ? sql`true` : sql`o.trade = any (${only.trades}::text[])`
  const { rows } = await sql<NumberMemberRow>`
    with page as (
      select m.id, m.name, m.search_name, m.trade, m.commune_code, k.name as commune_name, m.status
      from members m join communes k on k.code = m.commune_code
      where ${memberFilters(schemeId, { ...query, numbers: query.facet }, only)}
        ${after === undefined ? sql`` : sql`and (m.search_name, m.id) > (${after.searchName}, ${after.id}::uuid)`}
      order by m.search_name, m.id limit ${options.limit}
    )
    select page.*, coalesce(n.numbers, '[]') as numbers from page,
      lateral (
        select jsonb_agg(jsonb_build_object('contactId', c.id, 'person', c.person, 'phone', c.mobile, 'sms', c.sms,
          'health', ${healthOfContact('c')}, 'said', (
            select jsonb_build_object('what', r.state, 'at', coalesce(r.answered_at, r.asked_at)) from reconfirmations r
            where r.scheme_id = ${schemeId} and r.contact_id = c.id and r.phone = c.mobile
              and (r.state = 'silent' and c.sms or r.state = 'gone' and not c.sms)), 'sharedWith', case when not (c.sms and c.shared) then '[]' else (
            select coalesce(jsonb_agg(jsonb_build_object('id', s.id, 'name', s.name) order by s.search_name, s.id), '[]') from (
              select distinct o.id, o.name, o.search_name from contacts p
              join members o on o.scheme_id = p.scheme_id and o.id = p.member_id
              where p.scheme_id = ${schemeId} and p.mobile = c.mobile and p.sms and p.member_id <> page.id and ${seen}
              order by o.search_name, o.id limit ${SHARED_SHOWN}
            ) s) end) order by c.position, c.id) as numbers
        from contacts c where c.scheme_id = ${schemeId} and c.member_id = page.id) n
    order by page.search_name, page.id`.execute(tx)
  return rows
}

/**
 * Counts members in each facet, over those that match the other filters. The search result is computed as a column before it
 * is used as a condition: the planner expects a LIKE over two columns to match few rows, and would look up the numbers of
 * 20,000 members one by one.
 */
export async function countFacets(
  tx: Tx,
  schemeId: string,
  { q, trade }: Pick<NumberQuery, 'q' | 'trade'>,
  only: MemberScope,
): Promise<Record<NumberFacet, number>> {
  const facets = NumberFacet.options.map((facet) => sql`${facetOfJoinedRows[facet]} as ${sql.ref(facet)}`)
  const counts = NumberFacet.options.map(
    (facet) => sql`(count(*) filter (where ${sql.ref(facet)}))::int as ${sql.ref(facet)}`,
  )
  const isFound = q === undefined || q === '' ? sql`true` : matchesSearch(schemeId, q)
  const { rows } = await sql<Record<NumberFacet, number>>`
    with kept as materialized (
      select m.id, ${isFound} as found from ${memberFilterTables({ q })}
      where m.status <> 'left' and ${memberFilters(schemeId, { trade }, only)})
    select ${sql.join(counts)} from (
      select ${sql.join(facets)} from kept m
      left join contacts c on c.scheme_id = ${schemeId} and c.member_id = m.id
      left join number_health h on h.scheme_id = c.scheme_id and h.phone = c.mobile and h.state <> 'ok'
      left join reconfirmations r on r.scheme_id = c.scheme_id and r.contact_id = c.id and r.phone = c.mobile
        and r.state in ('silent', 'gone')
      where m.found
      group by m.id) of_member`.execute(tx)
  return rows[0] as Record<NumberFacet, number>
}
