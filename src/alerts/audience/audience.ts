import { type RawBuilder, sql } from 'kysely'
import type { PlannedRecipient } from '../../deliveries/plan/plan.ts'
import { PREPARED, type Tx } from '../../platform/db.ts'
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
 * Resolves an audience in one statement, which reads what else depends on it too. Its area was checked, or is checked by
 * the caller: what it names that does not exist holds nothing.
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
  // Unions have as many shapes as people draw: too many to keep.
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

/** The hash of an audience whose codes were listed: of exactly those to whom `recipientsOf` sends. */
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

/** The hashes of audiences as their areas resolve now, in one statement, and none where all are whole schemes. */
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
  const asked = parts.flatMap(({ whole, named, circled, context }, no) =>
    whole
      ? []
      : [
          sql`select ${no}::integer as no, ${communesHash(named, context)} as named, ${communesHash(circled, context)} as circled`,
        ],
  )
  const { rows } =
    asked.length === 0
      ? { rows: [] }
      : await sql<{ no: number; named: string; circled: string }>`
          ${sql.join(asked, sql` union all `)}`.execute(tx)
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

/** Up to so many communes are looked up one by one in the index; for more, their list is joined. */
const FEW_COMMUNES = 50

/**
 * In PostgreSQL, `= any` lets the planner see that one commune of the list holds half of the members, but weighs each
 * of its values against its statistics, which takes longer than the count itself when they are hundreds.
 */
function inCommunes(codes: readonly string[], column = 'm.commune_code'): RawBuilder<boolean> {
  const list = sql`${[...codes]}::text[]`
  return codes.length <= FEW_COMMUNES
    ? sql`${sql.ref(column)} = any (${list})`
    : sql`${sql.ref(column)} in (select unnest(${list}))`
}

/** Whether an audience is by name and of few communes: its best plan is the same whichever they are. */
export function isOfFewCommunes({ whole, namedCodes, circles }: ResolvedAudience): boolean {
  return !whole && circles.length === 0 && namedCodes.length <= FEW_COMMUNES
}

/** The active members of the trades, as a SELECT from `members m` that a condition may follow. */
export function activeMembers({
  schemeId,
  trades,
}: Pick<ResolvedAudience, 'schemeId' | 'trades'>): RawBuilder<unknown> {
  // The status as a literal: the planner proves by it that the partial indexes hold every row wanted.
  return sql`
    select m.id, m.commune_code, m.trade, m.sms_contacts, m.quiet_from, m.quiet_to from members m
    where m.scheme_id = ${schemeId} and m.status = 'active' ${ofTrades(trades, 'm')}`
}

export function ofTrades(trades: readonly string[], table: string): RawBuilder<unknown> {
  return trades.length === 0 ? sql`` : sql`and ${sql.ref(`${table}.trade`)} = any (${[...trades]}::text[])`
}

/**
 * The members of an audience: active, in the area, of one of the trades; each once. The one definition that the
 * preview counts and the snapshot sends to.
 *
 * In an area by name, a member is where its commune is. In a circle, it is at its own point when it has one, else at
 * its commune's.
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
  // One circle alone takes nobody twice.
  if (namedCodes.length === 0 && circles.length === 1) return sql`${circled} union all ${inside[0]}`
  return sql`${sql.join([named, circled, ...inside], sql` union `)}`
}

/** Whether a member (of a table or query) is in its quiet hours: its own, else those of the scheme. */
export function quietOf(care: Care, table: string): RawBuilder<boolean> {
  if (care.quiet === null) return sql`false`
  const { minute } = care.quiet
  const column = (name: string) => sql.ref(`${table}.${name}`)
  return sql`case when ${column('quiet_from')} is null then ${sql.lit(isUsuallyQuiet(care))}
    when ${column('quiet_from')} <= ${column('quiet_to')}
      then ${column('quiet_from')} <= ${minute} and ${minute} < ${column('quiet_to')}
    else ${column('quiet_from')} <= ${minute} or ${minute} < ${column('quiet_to')} end`
}

/** Whether the members who chose no hours are in quiet hours. */
export function isUsuallyQuiet({ quiet }: Care): boolean {
  return quiet !== null && quiet.usual !== null && isQuiet(quiet.usual, quiet.minute)
}

/** Whether a number (a row of `solicitations`, perhaps none) had as many alerts of the severity as its budget is. */
export function tiredOf(care: Care, table: string): RawBuilder<boolean> {
  const { severity, budget, since } = care
  if (budget === null) return sql`false`
  return sql`coalesce((${sql.ref(`${table}.${severity}`)})[${sql.lit(budget)}] >= ${since}::timestamptz, false)`
}

/**
 * The numbers of an audience as SELECT, each once, with whether it is held back: `quiet`, else `tired`. A number that several
 * members of the audience share goes on the first of them by id that is not in quiet hours, and is quiet only if all
 * of them are.
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
      order by c.mobile, ${care.quiet === null ? sql`` : sql`${quiet},`} a.id, c.id
    ) p ${care.budget === null ? sql`` : sql`left join solicitations s on s.scheme_id = ${schemeId} and s.phone = p.phone`}`
}

/**
 * The recipients as the broadcast takes them: each phone once, but for those held back. Nearest to the place first, so
 * that they hear first; then in a fixed order.
 */
export function recipientsOf(
  audience: ResolvedAudience,
  placeCommuneCode: string,
  care: Care,
): RawBuilder<PlannedRecipient> {
  const { whole, circles, namedCodes } = audience
  // Inside a circle by its own point, a member may be of a commune that is not. By name, the few communes are worked out
  // before the many members.
  const isListed = !whole && circles.length === 0
  // Only the order matters here, so the distance need not be in kilometres.
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

/** The others: columns as of `recipientsOf`, with `reason`, and `tell_at`, when they are told what they were spared. */
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
        -- Not in the quiet hours of those who are over their budget either.
        when ${from} <= ${to} and ${from} <= ${digestAt} and ${digestAt} < ${to} then ${to}
        when ${from} > ${to} and (${from} <= ${digestAt} or ${digestAt} < ${to}) then ${to}
        else ${digestAt} end) as tell_at
    from (${phonesOf(audience, care)}) p
    where p.quiet or p.tired`
}

/** Broadcasts of a scheme that are looked at, the latest ordered first. */
const LATEST = 200
/** Those of each size that a pace is taken from. */
const ENOUGH = 9

/**
 * Lists the latest broadcasts that the provider accepted whole, on the same kind of route: some within one window, some above it.
 * @param window SMS parts unanswered at once
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
