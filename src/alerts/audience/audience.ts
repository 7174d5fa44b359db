import { type RawBuilder, sql } from 'kysely'
import type { PlannedRecipient } from '../../deliveries/plan/plan.ts'
import { PREPARED } from '../../platform/database/client.ts'
import type { Tx } from '../../platform/db.ts'
import type { Area } from '../../territory/contract.ts'
import {
  type AreaContext,
  type Circle,
  checkArea,
  circlesOf,
  communeCodesOf,
  insideCircle,
  withoutCircles,
} from '../../territory/store/areas.ts'
import { audienceHash, codesHash } from '../compose/content.ts'
import type { PastSending } from '../order/pace.ts'
import { type Care, isQuiet } from './care.ts'

/** The recipients of an alert: an area and trades (an empty list means all trades). */
export interface Audience {
  readonly area: Area
  readonly trades: readonly string[]
}

/** An audience whose area is resolved to communes. */
export interface ResolvedAudience {
  readonly schemeId: string
  readonly trades: readonly string[]
  /**
   * Whether it is the whole scheme: all members, whatever their commune, so that none is left out when communes merge.
   */
  readonly whole: boolean
  /** Communes of the areas given by name: all members in them. */
  readonly namedCodes: readonly string[]
  readonly circles: readonly Circle[]
  /** Communes whose point is inside a circle: they include the members without a point of their own. */
  readonly circledCodes: readonly string[]
}

/**
 * Finds the communes of an audience. They are passed to later queries as values, so that the planner knows how many
 * there are.
 * @throws AppError as `checkArea` for an area that refers to something that does not exist
 */
export async function resolveAudience(
  tx: Tx,
  audience: Audience,
  context: AreaContext,
): Promise<ResolvedAudience> {
  await checkArea(tx, context, audience.area)
  return resolveCodes(tx, audience, context)
}

/** @param listed codes of all communes of the area, if already known */
export async function resolveCodes(
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

/**
 * Resolves an audience and runs `more` in the same statement. The caller checks the area before or after; references to
 * something that does not exist resolve to no commune.
 */
export async function resolveWith<More>(
  tx: Tx,
  { area, trades }: Audience,
  context: AreaContext,
  more: RawBuilder<unknown>,
): Promise<More & { readonly audience: ResolvedAudience }> {
  const whole = isWhole(area)
  const circles = whole ? [] : circlesOf(area, context)
  const named = whole ? null : withoutCircles(area, context)
  const circled: Area | null =
    circles.length === 0
      ? null
      : { kind: 'union', areas: circles.map((circle) => ({ kind: 'radius', ...circle })) }
  const list = (part: Area | null) =>
    part === null
      ? sql`''`
      : sql`(select coalesce(string_agg(code, ' '), '') from communes where code in (${communeCodesOf(part, context)}))`
  // Not prepared: unions have too many different shapes to keep a plan for each.
  const prepared = area.kind === 'union' ? sql`` : PREPARED
  const { rows } = await sql<{ named: string; circled: string } & More>`${prepared}
    select ${list(named)} as named, ${list(circled)} as circled, ${more}`.execute(tx)
  const [found] = rows
  if (found === undefined) throw new Error('an audience without an answer')
  const split = (codes: string) => (codes === '' ? [] : codes.split(' '))
  return {
    ...found,
    audience: {
      schemeId: context.schemeId,
      trades,
      whole,
      namedCodes: split(found.named),
      circles,
      circledCodes: split(found.circled),
    },
  }
}

/** Returns the hash of a resolved audience, which identifies exactly the recipients that `recipientsOf` selects. */
export function hashOfResolved({
  whole,
  namedCodes,
  circledCodes,
  circles,
  trades,
}: ResolvedAudience): string {
  return audienceHash({
    whole,
    named: codesHash(namedCodes),
    circled: codesHash(circledCodes),
    circles,
    trades,
  })
}

const NO_COMMUNES = codesHash([])

/** Returns the hashes of audiences as their areas resolve now, in one statement; runs none if all are whole schemes. */
export async function findAudienceHashes(
  tx: Tx,
  audiences: readonly { readonly audience: Audience; readonly context: AreaContext }[],
): Promise<string[]> {
  const parts = audiences.map(({ audience: { area, trades }, context }) => {
    const circles = circlesOf(area, context)
    const circled: Area = { kind: 'union', areas: circles.map((circle) => ({ kind: 'radius', ...circle })) }
    return {
      trades,
      circles,
      whole: isWhole(area),
      named: withoutCircles(area, context),
      circled: circles.length === 0 ? null : circled,
      context,
    }
  })
  const queries = parts.flatMap(({ whole, named, circled, context }, no) =>
    whole
      ? []
      : [
          sql`select ${no}::integer as no, ${communesHash(named, context)} as named, ${communesHash(circled, context)} as circled`,
        ],
  )
  const { rows } =
    queries.length === 0
      ? { rows: [] }
      : await sql<{ no: number; named: string; circled: string }>`
          ${sql.join(queries, sql` union all `)}`.execute(tx)
  const found = new Map(rows.map((row) => [row.no, row]))
  return parts.map(({ whole, circles, trades }, no) => {
    const { named = NO_COMMUNES, circled = NO_COMMUNES } = found.get(no) ?? {}
    return audienceHash({ whole, named, circled, circles, trades })
  })
}

function communesHash(area: Area | null, context: AreaContext): RawBuilder<string> {
  if (area === null) return sql`${NO_COMMUNES}::text`
  return sql`(select encode(sha256(convert_to(coalesce(string_agg(code, ',' order by code collate "C"), ''), 'UTF8')), 'hex')
    from communes where code in (${communeCodesOf(area, context)}))`
}

export function isWhole(area: Area): boolean {
  return area.kind === 'scheme' || (area.kind === 'union' && area.areas.some(({ kind }) => kind === 'scheme'))
}

async function listCodes(tx: Tx, area: Area, context: AreaContext): Promise<string[]> {
  const { rows } = await sql<{ code: string }>`
    select code from communes where code in (${communeCodesOf(area, context)})`.execute(tx)
  return rows.map((row) => row.code)
}

/** Up to this number, communes are looked up one by one in the index; a longer list is joined. */
const FEW_COMMUNES = 50

/**
 * `= any` lets PostgreSQL's planner see that one commune of the list has half of the members. But it compares each
 * value with its statistics, which takes longer than the count itself when there are hundreds.
 */
function inCommunes(codes: readonly string[], column = 'm.commune_code'): RawBuilder<boolean> {
  const list = sql`${[...codes]}::text[]`
  return codes.length <= FEW_COMMUNES
    ? sql`${sql.ref(column)} = any (${list})`
    : sql`${sql.ref(column)} in (select unnest(${list}))`
}

/** Returns whether an audience consists of few communes by name: the best plan is then the same for any of them. */
export function isOfFewCommunes({ whole, namedCodes, circles }: ResolvedAudience): boolean {
  return !whole && circles.length === 0 && namedCodes.length <= FEW_COMMUNES
}

/** Returns a SELECT of the active members of the trades, from `members m`; further conditions may follow. */
export function activeMembers({
  schemeId,
  trades,
}: Pick<ResolvedAudience, 'schemeId' | 'trades'>): RawBuilder<unknown> {
  // The status is a literal, which lets the planner use the partial indexes.
  return sql`
    select m.id, m.commune_code, m.trade, m.sms_contacts, m.quiet_from, m.quiet_to from members m
    where m.scheme_id = ${schemeId} and m.status = 'active' ${ofTrades(trades, 'm')}`
}

export function ofTrades(trades: readonly string[], table: string): RawBuilder<unknown> {
  return trades.length === 0 ? sql`` : sql`and ${sql.ref(`${table}.trade`)} = any (${[...trades]}::text[])`
}

/**
 * Returns a SELECT of the members of an audience: active, in the area, in one of the trades, each once. The preview
 * counts and the snapshot sends by this one definition.
 * For an area by name, a member's commune decides. For a circle, the member's own point decides, or else the point of
 * its commune.
 */
export function membersOf(audience: ResolvedAudience): RawBuilder<unknown> {
  const { whole, namedCodes, circles, circledCodes } = audience
  const members = activeMembers(audience)
  if (whole) return members
  const inside = circles.map(
    (circle) => sql`${members} and m.latitude is not null and ${insideCircle(circle, 'm')}`,
  )
  const named = sql`${members} and ${inCommunes(namedCodes)}`
  if (circles.length === 0) return named
  const circled = sql`${members} and m.latitude is null and ${inCommunes(circledCodes)}`
  // A single circle cannot select a member twice.
  if (namedCodes.length === 0 && circles.length === 1) return sql`${circled} union all ${inside[0]}`
  return sql`${sql.join([named, circled, ...inside], sql` union `)}`
}

/** Returns the condition that a member (of this table or query) is in quiet hours: its own, or else the scheme's. */
export function quietOf(care: Care, table: string): RawBuilder<boolean> {
  if (care.quiet === null) return sql`false`
  const { minute } = care.quiet
  const column = (name: string) => sql.ref(`${table}.${name}`)
  return sql`case when ${column('quiet_from')} is null then ${sql.lit(isUsuallyQuiet(care))}
    when ${column('quiet_from')} <= ${column('quiet_to')}
      then ${column('quiet_from')} <= ${minute} and ${minute} < ${column('quiet_to')}
    else ${column('quiet_from')} <= ${minute} or ${minute} < ${column('quiet_to')} end`
}

/** Returns whether members without quiet hours of their own are in quiet hours. */
export function isUsuallyQuiet({ quiet }: Care): boolean {
  return quiet !== null && quiet.usual !== null && isQuiet(quiet.usual, quiet.minute)
}

/**
 * Returns the condition that a number (row of `solicitations`, or null) has used up its weekly budget of this severity.
 */
export function tiredOf(care: Care, table: string): RawBuilder<boolean> {
  const { severity, budget, since } = care
  if (budget === null) return sql`false`
  return sql`coalesce((${sql.ref(`${table}.${severity}`)})[${sql.lit(budget)}] >= ${since}::timestamptz, false)`
}

/**
 * Returns a SELECT of the numbers of an audience, each once, with the columns `quiet` and `tired`, the reasons to hold
 * it back. A number shared by several members is attributed to the first by id that is not in quiet hours; it is quiet
 * only if all of them are. A contact has the commune of its member, which finds those of few communes without reading the others.
 */
function phonesOf(audience: ResolvedAudience, care: Care): RawBuilder<unknown> {
  const { schemeId } = audience
  const quiet = quietOf(care, 'a')
  return sql`
    select p.*, ${tiredOf(care, 's')} as tired
    from (
      select distinct on (c.mobile) c.id as contact_id, a.id as member_id, c.mobile as phone, a.commune_code, a.trade,
        ${quiet} as quiet, a.quiet_from, a.quiet_to
      from (${membersOf(audience)}) a
      join contacts c on c.scheme_id = ${schemeId} and c.member_id = a.id and c.sms
        ${isOfFewCommunes(audience) ? sql`and ${inCommunes(audience.namedCodes, 'c.commune_code')}` : sql``}
      order by c.mobile, ${care.quiet === null ? sql`` : sql`${quiet},`} a.id, c.id
    ) p ${care.budget === null ? sql`` : sql`left join solicitations s on s.scheme_id = ${schemeId} and s.phone = p.phone`}`
}

/**
 * Returns a SELECT of the recipients of a broadcast: each phone once, without those held back; nearest to the place
 * first, so that they are notified first, then in a fixed order.
 */
export function recipientsOf(
  audience: ResolvedAudience,
  placeCommuneCode: string,
  care: Care,
): RawBuilder<PlannedRecipient> {
  const { whole, circles, namedCodes } = audience
  // For circles the member's own point decides, which may lie in a commune outside. By name, the few communes are
  // resolved first, then the many members.
  const isListed = !whole && circles.length === 0
  // Only the order matters, so the distance need not be in kilometres.
  return sql`
    select p.contact_id, p.member_id, p.phone, p.commune_code, p.trade
    from (${phonesOf(audience, care)}) p
    join (
      select home.code, (home.latitude - place.latitude) ^ 2
        + ((home.longitude - place.longitude) * cos(radians(place.latitude))) ^ 2 as distance
      from communes home left join communes place on place.code = ${placeCommuneCode}
      ${isListed ? sql`where ${inCommunes(namedCodes, 'home.code')} offset 0` : sql``}
    ) home on home.code = p.commune_code
    where p.quiet is not true and p.tired is not true
    order by home.distance, p.member_id, p.contact_id`
}

/**
 * Returns a SELECT of the numbers held back: the columns of `recipientsOf`, the `reason`, and `due_at`, when the
 * digest notifies them of the alerts they missed.
 */
export function heldBackOf(audience: ResolvedAudience, care: Care, now: Date): RawBuilder<unknown> {
  const usual = care.quiet?.usual ?? null
  const from = sql`coalesce(p.quiet_from, ${usual?.from ?? null}::integer)`
  const to = sql`coalesce(p.quiet_to, ${usual?.to ?? null}::integer)`
  const digestAt = sql.lit(care.digestAt)
  return sql`
    select p.contact_id, p.member_id, p.phone, p.commune_code, p.trade,
      case when p.quiet then 'quiet' else 'fatigue' end as reason,
      next_local_time(${now}::timestamptz, case
        when p.quiet then ${to}
        -- Recipients over their weekly budget are not notified during their quiet hours either.
        when ${from} <= ${to} and ${from} <= ${digestAt} and ${digestAt} < ${to} then ${to}
        when ${from} > ${to} and (${from} <= ${digestAt} or ${digestAt} < ${to}) then ${to}
        else ${digestAt} end, ${care.timeZone}) as due_at
    from (${phonesOf(audience, care)}) p
    where p.quiet or p.tired`
}

/** Number of latest broadcasts of a scheme that are examined. */
const LATEST = 200
/** Number of broadcasts of each size from which a pace is estimated. */
const ENOUGH = 9

/**
 * Lists the latest broadcasts that a provider accepted completely, on the same kind of route: some up to one window in
 * size, some larger.
 * @param window SMS parts that may be unanswered at once
 */
export async function listPastSendings(
  tx: Tx,
  schemeId: string,
  simulated: boolean,
  window: number,
): Promise<PastSending[]> {
  const { rows } = await sql<PastSending>`
    select parts, seconds from (
      select parts, seconds, row_number() over (partition by parts > ${window} order by ordered_at desc) as place
      from (
        select planned * parts as parts, extract(epoch from all_accepted_at - first_submit_at)::float8 as seconds,
          simulated, ordered_at
        from broadcasts where scheme_id = ${schemeId} order by ordered_at desc limit ${LATEST}
      ) latest
      where simulated = ${simulated} and seconds is not null and parts > 0
    ) placed
    where place <= ${ENOUGH}`.execute(tx)
  return rows
}
