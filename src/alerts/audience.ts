import { type RawBuilder, sql } from 'kysely'
import type { PlannedRecipient } from '../deliveries/plan.ts'
import type { Tx } from '../platform/db.ts'
import type { Area } from '../territory/contract.ts'
import {
  type AreaContext,
  type Circle,
  circlesOf,
  communeCodesOf,
  insideCircle,
  type ResolvedArea,
  resolveArea,
  withoutCircles,
} from '../territory/store/areas.ts'

/** To whom: an area and trades (none: all). */
export interface Audience {
  readonly area: Area
  readonly trades: readonly string[]
}

/** An audience whose area is resolved to communes. */
export interface ResolvedAudience {
  readonly schemeId: string
  readonly trades: readonly string[]
  readonly area: ResolvedArea
  /** All members of the scheme, wherever they are: nobody is left out because its commune merged or moved. */
  readonly whole: boolean
  /** Communes of the areas by name: all their members. */
  readonly namedCodes: readonly string[]
  readonly circles: readonly Circle[]
  /** Communes whose point is in one of the circles: their members without a point of their own. */
  readonly circledCodes: readonly string[]
}

/**
 * Finds the communes of an audience: as values, so that the planner knows how many they are.
 * @throws AppError as `checkArea` for an area that names what does not exist
 */
export async function resolveAudience(
  tx: Tx,
  audience: Audience,
  context: AreaContext,
): Promise<ResolvedAudience> {
  const area = await resolveArea(tx, context, audience.area)
  const all = area.communes.map(({ code }) => code)
  const { schemeId } = context
  const common = { schemeId, trades: audience.trades, area, whole: false, circledCodes: [] }
  if (isWhole(audience.area)) return { ...common, whole: true, namedCodes: [], circles: [] }
  const circles = circlesOf(audience.area, context)
  const named = withoutCircles(audience.area, context)
  if (circles.length === 0) return { ...common, namedCodes: all, circles }
  if (named === null) return { ...common, namedCodes: [], circles, circledCodes: all }
  const circled: Area = { kind: 'union', areas: circles.map((circle) => ({ kind: 'radius', ...circle })) }
  return {
    ...common,
    namedCodes: await listCodes(tx, named, context),
    circles,
    circledCodes: await listCodes(tx, circled, context),
  }
}

function isWhole(area: Area): boolean {
  return area.kind === 'scheme' || (area.kind === 'union' && area.areas.some(({ kind }) => kind === 'scheme'))
}

async function listCodes(tx: Tx, area: Area, context: AreaContext): Promise<string[]> {
  const { rows } = await sql<{ code: string }>`
    select code from communes where code in (${communeCodesOf(area, context)})`.execute(tx)
  return rows.map((row) => row.code)
}

/** Up to so many communes are looked up one by one in the index; for more, their list is joined. */
const FEW_COMMUNES = 50

/**
 * In PostgreSQL, `= any` lets the planner see that one commune of the list holds half of the members, but weighs each
 * of its values against its statistics, which takes longer than the count itself when they are hundreds.
 */
function inCommunes(codes: readonly string[]): RawBuilder<boolean> {
  const list = sql`${[...codes]}::text[]`
  return codes.length <= FEW_COMMUNES
    ? sql`m.commune_code = any (${list})`
    : sql`m.commune_code in (select unnest(${list}))`
}

/**
 * The members of an audience: active, in the area, of one of the trades; each once. The one definition that the
 * preview counts and the snapshot sends to.
 *
 * In an area by name, a member is where its commune is. In a circle, it is at its own point when it has one, else at
 * its commune's.
 */
function membersOf(audience: ResolvedAudience): RawBuilder<unknown> {
  const { schemeId, trades, whole, namedCodes, circles, circledCodes } = audience
  const ofTrades = trades.length === 0 ? sql`` : sql`and m.trade = any (${[...trades]}::text[])`
  // The status as a literal: the planner proves by it that the partial indexes hold every row wanted.
  const members = sql`
    select m.id, m.commune_code, m.trade, m.sms_contacts from members m
    where m.scheme_id = ${schemeId} and m.status = 'active' ${ofTrades}`
  if (whole) return members
  const inside = circles.map(
    (circle) => sql`${members} and m.latitude is not null and ${insideCircle(circle, 'm')}`,
  )
  const named = sql`${members} and ${inCommunes(namedCodes)}`
  if (circles.length === 0) return named
  const circled = sql`${members} and m.latitude is null and ${inCommunes(circledCodes)}`
  // One circle alone takes nobody twice.
  if (namedCodes.length === 0 && circles.length === 1) return sql`${circled} union all ${inside[0]}`
  return sql`${sql.join([named, circled, ...inside], sql` union `)}`
}

/**
 * The recipients as the broadcast takes them: each phone once. A phone that several members of the audience share
 * counts for the first of them by id. Nearest to the place first, so that they hear first; then in a fixed order.
 */
export function recipientsOf(
  audience: ResolvedAudience,
  placeCommuneCode: string,
): RawBuilder<PlannedRecipient> {
  // Only the order matters here, so the distance need not be in kilometres.
  return sql`
    with audience as (${membersOf(audience)}), phones as (
      select distinct on (c.mobile) c.id as contact_id, a.id as member_id, c.mobile as phone, a.commune_code, a.trade
      from audience a join contacts c on c.scheme_id = ${audience.schemeId} and c.member_id = a.id and c.sms
      order by c.mobile, a.id, c.id
    )
    select p.contact_id, p.member_id, p.phone, p.commune_code, p.trade
    from phones p
    join communes home on home.code = p.commune_code
    left join communes place on place.code = ${placeCommuneCode}
    order by (home.latitude - place.latitude) ^ 2
      + ((home.longitude - place.longitude) * cos(radians(place.latitude))) ^ 2, p.member_id, p.contact_id`
}

/** A line of the count: of one commune (code and name) or of one trade. */
interface Cell {
  readonly code: string | null
  readonly name: string | null
  readonly trade: string | null
  /** Messages; members that one reaches; members in all. */
  readonly sms: number
  readonly members: number
  readonly total: number
}

export interface AudienceCounts {
  readonly sms: number
  readonly members: number
  readonly unreachable: number
  readonly byTrade: { trade: string; sms: number; members: number }[]
  readonly byCommune: { code: string; name: string; sms: number; members: number }[]
}

/**
 * Counts exactly what `recipientsOf` gives. Contacts whose number nobody shares are already counted on their member
 * (`sms_contacts`), so only the shared ones are read.
 */
export async function countAudience(tx: Tx, audience: ResolvedAudience): Promise<AudienceCounts> {
  // By name the members are read twice from one index, which is quicker than to keep them; inside a circle
  // the search is the costly part.
  const keep = audience.circles.length > 0 ? sql`materialized` : sql`not materialized`
  const { rows } = await sql<Cell>`
    with audience as ${keep} (${membersOf(audience)}), shared as materialized (
      select c.mobile, c.id as contact_id, a.id, a.commune_code, a.trade, a.sms_contacts
      from audience a join contacts c on c.scheme_id = ${audience.schemeId} and c.member_id = a.id and c.shared and c.sms
    ), owners as (
      select distinct on (mobile) commune_code, trade from shared order by mobile, id, contact_id
    ), only_shared as (
      select distinct id, commune_code, trade from shared where sms_contacts = 0
    ), cells as (
      select commune_code, trade, sum(sms_contacts) as sms, count(*) filter (where sms_contacts > 0) as members,
        count(*) as total
      from audience group by grouping sets ((commune_code), (trade))
      union all
      select commune_code, trade, count(*), 0, 0 from owners group by grouping sets ((commune_code), (trade))
      union all
      select commune_code, trade, 0, count(*), 0 from only_shared group by grouping sets ((commune_code), (trade))
    )
    select t.commune_code as code, t.trade, t.sms, t.members, t.total,
      (select c.name from communes c where c.code = t.commune_code) as name
    from (
      select commune_code, trade, sum(sms)::integer as sms, sum(members)::integer as members, sum(total)::integer as total
      from cells group by commune_code, trade
    ) t
    order by t.sms desc, t.members desc, name, t.trade`.execute(tx)
  const counts = { sms: 0, members: 0, unreachable: 0 }
  const byTrade: AudienceCounts['byTrade'] = []
  const byCommune: AudienceCounts['byCommune'] = []
  for (const { code, name, trade, sms, members, total } of rows) {
    if (trade !== null) {
      counts.sms += sms
      counts.members += members
      counts.unreachable += total - members
      if (members > 0) byTrade.push({ trade, sms, members })
    } else if (code !== null && members > 0) byCommune.push({ code, name: name ?? code, sms, members })
  }
  return { ...counts, byTrade, byCommune }
}

/** SMS parts that the provider takes in a second, over the last broadcasts of the scheme on the same kind of route. */
export async function findSendingRate(
  tx: Tx,
  schemeId: string,
  simulated: boolean,
): Promise<number | undefined> {
  const { rows } = await sql<{ messages: number; seconds: number | null }>`
    select sum(planned * parts)::integer as messages,
      sum(extract(epoch from all_accepted_at - first_submit_at))::float8 as seconds
    from (
      select planned, parts, all_accepted_at, first_submit_at from broadcasts
      where scheme_id = ${schemeId} and simulated = ${simulated} and all_accepted_at is not null
        and first_submit_at is not null
      order by id desc limit 5
    ) latest`.execute(tx)
  const [row] = rows
  return row?.seconds ? row.messages / row.seconds : undefined
}
