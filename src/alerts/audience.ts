import { type RawBuilder, sql } from 'kysely'
import type { PlannedRecipient } from '../deliveries/plan.ts'
import type { Tx } from '../platform/db.ts'
import type { Area } from '../territory/contract.ts'
import {
  type AreaContext,
  type Circle,
  type CommuneRef,
  checkArea,
  circlesOf,
  communeCodesOf,
  insideCircle,
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
  await checkArea(tx, context, audience.area)
  return resolveCodes(tx, audience, context)
}

/** @param listed the codes of all communes of the area, where they are known already. */
async function resolveCodes(
  tx: Tx,
  { area, trades }: Audience,
  context: AreaContext,
  listed?: readonly string[],
): Promise<ResolvedAudience> {
  const none = { schemeId: context.schemeId, trades, whole: false, namedCodes: [], circledCodes: [] }
  if (isWhole(area)) return { ...none, whole: true, circles: [] }
  const circles = circlesOf(area, context)
  const named = withoutCircles(area, context)
  if (named === null) {
    return { ...none, circles, circledCodes: listed ?? (await listCodes(tx, area, context)) }
  }
  const circled: Area = { kind: 'union', areas: circles.map((circle) => ({ kind: 'radius', ...circle })) }
  return {
    ...none,
    namedCodes: await listCodes(tx, named, context),
    circles,
    circledCodes: circles.length === 0 ? [] : await listCodes(tx, circled, context),
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

/** The active members of the trades, as a SELECT from `members m` that a condition may follow. */
function activeMembers({
  schemeId,
  trades,
}: Pick<ResolvedAudience, 'schemeId' | 'trades'>): RawBuilder<unknown> {
  // The status as a literal: the planner proves by it that the partial indexes hold every row wanted.
  return sql`
    select m.id, m.commune_code, m.trade, m.sms_contacts from members m
    where m.scheme_id = ${schemeId} and m.status = 'active' ${ofTrades(trades, 'm')}`
}

function ofTrades(trades: readonly string[], table: string): RawBuilder<unknown> {
  return trades.length === 0 ? sql`` : sql`and ${sql.ref(`${table}.trade`)} = any (${[...trades]}::text[])`
}

/**
 * The members of an audience: active, in the area, of one of the trades; each once. The one definition that the
 * preview counts and the snapshot sends to.
 *
 * In an area by name, a member is where its commune is. In a circle, it is at its own point when it has one, else at
 * its commune's.
 */
function membersOf(audience: ResolvedAudience): RawBuilder<unknown> {
  const { whole, namedCodes, circles, circledCodes } = audience
  const members = activeMembers(audience)
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

export interface AudienceCounts {
  readonly sms: number
  readonly members: number
  readonly unreachable: number
  readonly byTrade: { trade: string; sms: number; members: number }[]
  readonly byCommune: { code: string; name: string; sms: number; members: number }[]
  /** Communes of the area. */
  readonly communes: number
  /** Communes without a known point that may lie inside a circle of the area. */
  readonly unplaced: readonly CommuneRef[]
}

/**
 * Counts exactly what `recipientsOf` gives.
 *
 * By name (the whole scheme too) the cells that the database keeps are added up, and the members are not read; inside
 * a circle they are. A number that nobody shares is already counted on its member (`sms_contacts`), so of the contacts
 * only the shared ones are read.
 * @throws AppError as `resolveAudience`
 */
export async function countAudience(
  tx: Tx,
  audience: Audience,
  context: AreaContext,
): Promise<AudienceCounts> {
  const { area, trades } = audience
  const { schemeId } = context
  if (circlesOf(area, context).length > 0) {
    const { communes, unplaced } = await resolveArea(tx, context, area)
    const listed = communes.map(({ code }) => code)
    const resolved = await resolveCodes(tx, audience, context, listed)
    const parts = resolved.whole ? wholeParts(schemeId, trades) : circledParts(resolved)
    return { ...sumUp(await count(tx, schemeId, parts)), communes: communes.length, unplaced }
  }
  await checkArea(tx, context, area)
  const inside = inNamedArea(area, context)
  const counted = await count(
    tx,
    schemeId,
    isWhole(area) ? wholeParts(schemeId, trades, inside) : namedParts(schemeId, trades, inside),
  )
  return { ...sumUp(counted), communes: counted.communes ?? 0, unplaced: [] }
}

/**
 * Whether a row of `communes` is in an area without circles. As conditions on its columns: a union of all regions is
 * then one reading of the table, where a list of codes would have to be gathered first.
 */
function inNamedArea(area: Area, context: AreaContext): RawBuilder<boolean> {
  const whole = context.territory.kind === 'union' ? context.territory.areas : [context.territory]
  const parts = (area.kind === 'union' ? area.areas : [area]).flatMap((part) =>
    part.kind === 'scheme' ? whole : [part],
  )
  const columns = { epci: 'epci_code', departement: 'departement_code', region: 'region_code' } as const
  const conditions = Object.entries(columns).flatMap(([kind, column]) => {
    const codes = parts.flatMap((part) => (part.kind === kind && 'code' in part ? [part.code] : []))
    return codes.length === 0 ? [] : [sql<boolean>`${sql.ref(column)} = any (${codes}::text[])`]
  })
  const others = parts.filter(({ kind }) => !Object.hasOwn(columns, kind))
  if (others.length > 0) {
    conditions.push(sql`code in (${communeCodesOf({ kind: 'union', areas: others }, context)})`)
  }
  return conditions.length === 0 ? sql`false` : sql`(${sql.join(conditions, sql` or `)})`
}

/** What a count is made of, as SQL. */
interface CountParts {
  /** Leading CTEs that the other parts read. */
  readonly with: RawBuilder<unknown>
  /** Members of the audience (id, commune_code, trade, sms_contacts), to find the shared contacts of. */
  readonly members: RawBuilder<unknown>
  /** SELECT of code and name of the commune, sms, members. */
  readonly byCommune: RawBuilder<unknown>
  /** SELECT of trade, sms, members, total. */
  readonly byTrade: RawBuilder<unknown>
  /** SELECT of the number of communes of the area. */
  readonly communes: RawBuilder<unknown>
}

/** For areas with circles, whose communes were listed to tell which are unplaced. */
const LISTED = sql`select null`
const CELL = sql`c.sms_contacts as sms, c.reachable as members`
const SUMS = sql`sum(c.sms_contacts)::integer as sms, sum(c.reachable)::integer as members`

/** @param inside whether a row of `communes` is in the area; absent where they were listed. */
function wholeParts(schemeId: string, trades: readonly string[], inside?: RawBuilder<boolean>): CountParts {
  const cells = sql`select * from audience_cells c where c.scheme_id = ${schemeId} and c.members > 0`
  const perCommune =
    trades.length === 0
      ? sql`select c.commune_code, ${CELL} from (${cells} and c.trade = '') c`
      : sql`select c.commune_code, ${SUMS} from (${cells} and c.commune_code <> '' ${ofTrades(trades, 'c')}) c
          group by c.commune_code`
  return {
    with: sql``,
    members: activeMembers({ schemeId, trades }),
    byCommune: sql`
      select k.code, k.name, c.sms, c.members from (${perCommune}) c join communes k on k.code = c.commune_code`,
    byTrade: sql`
      select c.trade, ${CELL}, c.members as total from (${cells} and c.commune_code = '' ${ofTrades(trades, 'c')}) c`,
    communes: inside === undefined ? LISTED : sql`select count(*) from communes where ${inside}`,
  }
}

function namedParts(schemeId: string, trades: readonly string[], inside: RawBuilder<boolean>): CountParts {
  const cells = sql`from audience_cells c join named on named.code = c.commune_code
    where c.scheme_id = ${schemeId} and c.members > 0 ${ofTrades(trades, 'c')}`
  return {
    with: sql`named as materialized (select code, name from communes where ${inside}),`,
    members: sql`${activeMembers({ schemeId, trades })} and m.commune_code in (select code from named)`,
    byCommune:
      trades.length === 0
        ? sql`select named.code, named.name, ${CELL} ${cells} and c.trade = ''`
        : sql`select named.code, named.name, ${SUMS} ${cells} group by named.code, named.name`,
    byTrade: sql`
      select c.trade, ${SUMS}, sum(c.members)::integer as total ${cells} and c.trade <> '' group by c.trade`,
    communes: sql`select count(*) from named`,
  }
}

function circledParts(audience: ResolvedAudience): CountParts {
  return {
    with: sql`
      circled as materialized (${membersOf(audience)}),
      cells as materialized (
        select commune_code, trade, sum(sms_contacts) as sms_contacts, count(*) filter (where sms_contacts > 0) as reachable,
          count(*) as members
        from circled group by commune_code, trade
      ),`,
    members: sql`select * from circled`,
    byCommune: sql`
      select k.code, k.name, ${SUMS} from cells c join communes k on k.code = c.commune_code group by k.code, k.name`,
    byTrade: sql`select c.trade, ${SUMS}, sum(c.members)::integer as total from cells c group by c.trade`,
    communes: LISTED,
  }
}

/** Columns of equal length: a nation has 35,000 communes, and so many rows take longer to hand over than to count. */
interface Counted {
  readonly communes: number | null
  readonly byCommune: { readonly code: string[]; name: string[]; sms: number[]; members: number[] }
  readonly byTrade: { readonly trade: string[]; sms: number[]; members: number[]; total: number[] }
  /** What numbers that members share add to the above. */
  readonly shared: { readonly code: string[]; trade: string[]; sms: number[]; members: number[] }
}

async function count(tx: Tx, schemeId: string, parts: CountParts): Promise<Counted> {
  const columns = (...names: readonly string[]) =>
    sql`json_build_object(${sql.join(
      names.map((name) => sql`${sql.lit(name)}, coalesce(json_agg(${sql.ref(name)}), '[]')`),
    )})`
  const { rows } = await sql<Counted>`
    with ${parts.with} audience as not materialized (${parts.members}), shared as materialized (
      select c.mobile, c.id as contact_id, a.id, a.commune_code, a.trade, a.sms_contacts
      from contacts c join audience a on a.id = c.member_id
      where c.scheme_id = ${schemeId} and c.shared and c.sms
    ), owners as (
      select distinct on (mobile) commune_code, trade from shared order by mobile, id, contact_id
    ), only_shared as (
      select distinct id, commune_code, trade from shared where sms_contacts = 0
    )
    select (${parts.communes})::integer as communes,
      (select ${columns('code', 'name', 'sms', 'members')}
        from (${parts.byCommune}) cells) as by_commune,
      (select ${columns('trade', 'sms', 'members', 'total')} from (${parts.byTrade}) cells) as by_trade,
      (select ${columns('code', 'trade', 'sms', 'members')} from (
        select commune_code as code, trade, sum(sms)::integer as sms, sum(members)::integer as members from (
          select commune_code, trade, 1 as sms, 0 as members from owners
          union all
          select commune_code, trade, 0, 1 from only_shared
        ) added group by commune_code, trade) cells) as shared`.execute(tx)
  const [row] = rows
  if (row === undefined) throw new Error('a count gave no row')
  return row
}

interface Line {
  sms: number
  members: number
}

function sumUp({
  byCommune,
  byTrade,
  shared,
}: Counted): Pick<AudienceCounts, 'sms' | 'members' | 'unreachable' | 'byTrade' | 'byCommune'> {
  const trades = byTrade.trade.map((trade, n) => ({
    trade,
    sms: byTrade.sms[n] ?? 0,
    members: byTrade.members[n] ?? 0,
  }))
  const communes = byCommune.code.map((code, n) => ({
    code,
    name: byCommune.name[n] ?? code,
    sms: byCommune.sms[n] ?? 0,
    members: byCommune.members[n] ?? 0,
  }))
  if (shared.code.length > 0) {
    const tradeLines = new Map<string, Line>(trades.map((line) => [line.trade, line]))
    const communeLines = new Map<string, Line>(communes.map((line) => [line.code, line]))
    for (const [n, code] of shared.code.entries()) {
      for (const line of [communeLines.get(code), tradeLines.get(shared.trade[n] ?? '')]) {
        if (line === undefined) continue
        line.sms += shared.sms[n] ?? 0
        line.members += shared.members[n] ?? 0
      }
    }
  }
  const total = byTrade.total.reduce((sum, n) => sum + n, 0)
  const members = trades.reduce((sum, line) => sum + line.members, 0)
  return {
    sms: trades.reduce((sum, line) => sum + line.sms, 0),
    members,
    unreachable: total - members,
    byTrade: trades.filter((line) => line.members > 0).sort((a, b) => order(a, b, a.trade, b.trade)),
    byCommune: communes.filter((line) => line.members > 0).sort((a, b) => order(a, b, a.code, b.code)),
  }
}

/** Most messages first, then most members, then by code: 35,000 communes come nearly in that order. */
function order(a: Line, b: Line, codeOfA: string, codeOfB: string): number {
  return b.sms - a.sms || b.members - a.members || (codeOfA < codeOfB ? -1 : codeOfA > codeOfB ? 1 : 0)
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
