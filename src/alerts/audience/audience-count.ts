import { type RawBuilder, sql } from 'kysely'
import type { Tx } from '../../platform/db.ts'
import type { Area } from '../../territory/contract.ts'
import {
  type AreaContext,
  type CommuneRef,
  checkArea,
  circlesOf,
  communeCodesOf,
  resolveArea,
} from '../../territory/store/areas.ts'
import {
  type Audience,
  activeMembers,
  isUsuallyQuiet,
  isWhole,
  membersOf,
  ofTrades,
  quietOf,
  type ResolvedAudience,
  resolveCodes,
  tiredOf,
} from './audience.ts'
import type { Care } from './care.ts'

export interface AudienceCounts {
  /** Number of messages to send; `members` counts the members that they reach. */
  readonly sms: number
  readonly members: number
  readonly unreachable: number
  /** Numbers held back, each counted under the first reason that applies. */
  readonly leftOut: { readonly quiet: number; readonly fatigue: number }
  /** Numbers of recipients that had already received 2, 3, 4 or more alerts in the last seven days. */
  readonly solicitation: { readonly two: number; readonly three: number; readonly fourOrMore: number }
  readonly byTrade: { trade: string; sms: number; members: number }[]
  readonly byCommune: { code: string; name: string; sms: number; members: number }[]
  /** Number of communes in the area. */
  readonly communes: number
  /** Communes without a known point that may lie inside a circle of the area. */
  readonly unplaced: readonly CommuneRef[]
}

/**
 * Counts exactly the recipients that `recipientsOf` selects.
 * For areas by name (including the whole scheme) it adds up the `audience_cells` that the database maintains, without
 * reading the members. For circles it reads the members. A number that belongs to one member only is already counted on
 * that member (`sms_contacts`), so the only contacts read are those shared by several members or alerted recently; the
 * only members read are those with quiet hours of their own.
 * @throws AppError as `resolveAudience`
 */
export async function countAudience(
  tx: Tx,
  audience: Audience,
  context: AreaContext,
  care: Care,
): Promise<AudienceCounts> {
  const { area, trades } = audience
  const { schemeId } = context
  if (circlesOf(area, context).length > 0) {
    const { communes, unplaced } = await resolveArea(tx, context, area)
    const listed = communes.map(({ code }) => code)
    const resolved = await resolveCodes(tx, audience, context, listed)
    const parts = resolved.whole ? wholeParts(schemeId, trades) : circledParts(resolved)
    const counted = await queryCounts(tx, schemeId, parts, care)
    return { ...sumUp(counted, isUsuallyQuiet(care)), communes: communes.length, unplaced }
  }
  await checkArea(tx, context, area)
  const inside = inNamedArea(area, context)
  const counted = await queryCounts(
    tx,
    schemeId,
    isWhole(area) ? wholeParts(schemeId, trades, inside) : namedParts(schemeId, trades, inside),
    care,
  )
  return { ...sumUp(counted, isUsuallyQuiet(care)), communes: counted.facts.communes ?? 0, unplaced: [] }
}

/**
 * Returns the condition that a row of `communes` is in an area without circles. It is written as conditions on columns,
 * so that a union of all regions is one scan of the table; a list of codes would have to be collected first.
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

/** The SQL parts from which a count is assembled. */
interface CountParts {
  /** Leading CTEs used by the other parts. */
  readonly with: RawBuilder<unknown>
  /** SELECT of the members of the audience whose contacts must be read, with the columns of `activeMembers`. */
  readonly members: RawBuilder<unknown>
  /**
   * `active` selects the active members of the trades and accepts further conditions; `holds` is the condition that
   * such a member (`a`) belongs to the audience.
   */
  readonly active: RawBuilder<unknown>
  readonly holds: RawBuilder<boolean>
  /** SELECT of commune code and name, sms, members. */
  readonly byCommune: RawBuilder<unknown>
  /** SELECT of trade, sms, members, total. */
  readonly byTrade: RawBuilder<unknown>
  /** SELECT of the number of communes in the area. */
  readonly communes: RawBuilder<unknown>
}

/** No count: for areas with circles, `unplacedIn` has listed the communes already. */
const LISTED = sql`select null`
const CELL = sql`c.sms_contacts as sms, c.reachable as members`
const SUMS = sql`sum(c.sms_contacts)::integer as sms, sum(c.reachable)::integer as members`

/** @param inside condition that a row of `communes` is in the area; absent if the communes were listed already */
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
    active: activeMembers({ schemeId, trades }),
    holds: sql`true`,
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
    active: activeMembers({ schemeId, trades }),
    holds: sql`a.commune_code in (select code from named)`,
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
    active: activeMembers(audience),
    holds: sql`a.id in (select id from circled)`,
    byCommune: sql`
      select k.code, k.name, ${SUMS} from cells c join communes k on k.code = c.commune_code group by k.code, k.name`,
    byTrade: sql`select c.trade, ${SUMS}, sum(c.members)::integer as total from cells c group by c.trade`,
    communes: LISTED,
  }
}

/** Rows as columns of equal length: for 35,000 communes, transferring rows would take longer than counting. */
interface Lines {
  /** Commune codes or trades. */
  readonly keys: readonly string[]
  readonly names: readonly string[]
  readonly sms: readonly number[]
  readonly members: readonly number[]
  readonly totals: readonly number[]
}

interface Facts {
  readonly communes: number | null
  /** Distinct numbers shared by several members. */
  readonly shared: number
  /** Members whose numbers are all shared. */
  readonly onlyShared: number
  readonly fatigue: number
  readonly two: number
  readonly three: number
  readonly four: number
}

interface Counted {
  readonly byCommune: Lines
  readonly byTrade: Lines
  /** Corrections to the counts above from the numbers and members that were read one by one. */
  readonly addedByCommune: Lines
  readonly addedByTrade: Lines
  readonly facts: Facts
}

/**
 * Selects recently alerted numbers: two alerts in seven days, or one if the budget is one. Numbers with fewer alerts
 * change no count.
 */
function lately(schemeId: string, care: Care): RawBuilder<boolean> {
  return sql`s.scheme_id = ${schemeId}
    and s.latest[${sql.lit(care.budget === 1 ? 1 : 2)}] >= ${care.since}::timestamptz`
}

/** Reading this many members with their contacts takes as long as looking up one recently alerted number. */
const MEMBERS_A_LOOKUP = 10

/**
 * Returns whether so many numbers were alerted recently that reading the whole audience is faster than looking each up.
 */
async function isCrowd(tx: Tx, schemeId: string, care: Care): Promise<boolean> {
  const { rows } = await sql<{ crowd: boolean }>`
    select (select count(*) from (select from solicitations s where ${lately(schemeId, care)} limit least) s) >= least as crowd
    from (
      select 1 + coalesce(sum(members), 0) / ${sql.lit(MEMBERS_A_LOOKUP)} as least from audience_cells
      where scheme_id = ${schemeId} and commune_code = ''
    ) sizes`.execute(tx)
  return rows[0]?.crowd === true
}

/** Selects the recently alerted numbers that belong to one member only, who is not in quiet hours. */
function solicited(
  schemeId: string,
  { active, holds }: CountParts,
  care: Care,
  crowd: boolean,
): RawBuilder<unknown> {
  const columns = sql`a.id, a.commune_code, a.trade, a.sms_contacts, ${tiredOf(care, 's')} as tired, ${timesOf(care)}`
  const solo = sql`c.sms and not c.shared`
  const wanted = sql`${lately(schemeId, care)} and not ${quietOf(care, 'a')}`
  if (crowd) {
    return sql`
      select ${columns} from audience a
      join contacts c on c.scheme_id = ${schemeId} and c.member_id = a.id and ${solo}
      join solicitations s on s.phone = c.mobile
      where ${wanted}`
  }
  // Looks each number up by its index, since the planner would otherwise read all contacts. `is true` makes the
  // membership test a hashed lookup instead of a join, which would scan the audience once for each number.
  return sql`
    select ${columns} from solicitations s
    cross join lateral (
      select * from contacts c where c.scheme_id = s.scheme_id and c.mobile = s.phone and ${solo} offset 0
    ) c
    cross join lateral (${active} and m.id = c.member_id offset 0) a
    where ${wanted} and (${holds}) is true`
}

/** Returns three columns: whether a number (row `s` of `solicitations`, or null) had at least 2, 3 or 4 alerts. */
function timesOf({ since }: Care): RawBuilder<unknown> {
  const had = (times: number) =>
    sql`coalesce(s.latest[${sql.lit(times)}] >= ${since}::timestamptz, false) as ${sql.ref(['one', 'two', 'three', 'four'][times - 1] ?? '')}`
  return sql.join([had(2), had(3), had(4)])
}

/** Selects the members whose own quiet hours differ from the scheme's right now, to correct the count of the cells. */
function exceptions(care: Care): RawBuilder<unknown> {
  if (care.quiet === null) return sql``
  const usually = isUsuallyQuiet(care)
  const sign = sql.lit(usually ? 1 : -1)
  return sql`
    union all
    select a.commune_code, a.trade, ${sign} * a.sms_contacts, ${sign} * (a.sms_contacts > 0)::integer
    from audience a where a.quiet_from is not null and (${quietOf(care, 'a')}) <> ${sql.lit(usually)}`
}

async function queryCounts(tx: Tx, schemeId: string, parts: CountParts, care: Care): Promise<Counted> {
  // Returned as text, which takes a third of the time of JSON. One row for each part, since joining the parts takes
  // long to plan.
  const column = (name: string | undefined) =>
    name === undefined ? sql`null::text` : sql`string_agg(${sql.ref(name)}::text, chr(31))`
  const part = (
    part: keyof Counted,
    { key, name, total }: { key: string; name?: string; total?: string },
    lines: RawBuilder<unknown>,
  ) => sql`
    select ${sql.lit(part)} as part, ${column(key)} as keys, ${column(name)} as names, ${column('sms')} as sms,
      ${column('members')} as members, ${column(total)} as totals
    from (${lines}) lines`
  const added = (key: string) =>
    sql`select ${sql.ref(key)}, sms, members from added where ${sql.ref(key)} is not null`
  const { rows } = await sql<{ part: keyof Counted } & Record<keyof Lines, string | null>>`
    with ${parts.with} audience as not materialized (${parts.members}), shared as materialized (
      select c.mobile, c.id as contact_id, a.id, a.commune_code, a.trade, a.sms_contacts, ${quietOf(care, 'a')} as quiet
      from contacts c join audience a on a.id = c.member_id
      where c.scheme_id = ${schemeId} and c.shared and c.sms
    ), owners as materialized (
      select o.mobile, o.commune_code, o.trade, not o.quiet and not ${tiredOf(care, 's')} as sent,
        not o.quiet and ${tiredOf(care, 's')} as tired, ${timesOf(care)}
      from (select distinct on (mobile) * from shared order by mobile, quiet, id, contact_id) o
      left join solicitations s on s.scheme_id = ${schemeId} and s.phone = o.mobile
    ), solicited as materialized (
      ${solicited(schemeId, parts, care, await isCrowd(tx, schemeId, care))}
    ), touched as materialized (
      select id, commune_code, trade, sms_contacts = 0 as only_shared,
        (bool_or(sent) or (not quiet and sms_contacts > sum(tired)))::integer
          - (sms_contacts > 0 and not quiet)::integer as members
      from (
        select c.id, c.commune_code, c.trade, c.sms_contacts, c.quiet, o.sent, 0 as tired
        from shared c join owners o on o.mobile = c.mobile
        union all
        select id, commune_code, trade, sms_contacts, false, false, 1 from solicited where tired
      ) each group by id, commune_code, trade, sms_contacts, quiet
    ), added as materialized (
      select commune_code, trade, sum(sms) as sms, sum(members) as members from (
        select commune_code, trade, 1 as sms, 0 as members from owners where sent
        union all
        select commune_code, trade, -1, 0 from solicited where tired
        union all
        select commune_code, trade, 0, members from touched where members <> 0
        ${exceptions(care)}
      ) each group by grouping sets ((commune_code), (trade))
    )
    ${part('byCommune', { key: 'code', name: 'name' }, parts.byCommune)}
    union all ${part('byTrade', { key: 'trade', total: 'total' }, parts.byTrade)}
    union all ${part('addedByCommune', { key: 'commune_code' }, added('commune_code'))}
    union all ${part('addedByTrade', { key: 'trade' }, added('trade'))}
    union all
    select 'facts', json_build_object('communes', (${parts.communes}), 'shared', count(*) filter (where shared),
        'onlyShared', (select count(*) from touched where only_shared), 'fatigue', count(*) filter (where tired),
        'two', count(*) filter (where sent and two and not three),
        'three', count(*) filter (where sent and three and not four), 'four', count(*) filter (where sent and four))::text,
      null, null, null, null
    from (
      select true as shared, sent, tired, two, three, four from owners
      union all
      select false, not tired, tired, two, three, four from solicited
    ) numbers`.execute(tx)
  const rowOf = (part: keyof Counted) => {
    const row = rows.find((one) => one.part === part)
    if (row === undefined) throw new Error(`a count lacks ${part}`)
    return row
  }
  const linesOf = (part: keyof Counted): Lines => {
    const row = rowOf(part)
    return {
      keys: texts(row.keys),
      names: texts(row.names),
      sms: texts(row.sms).map(Number),
      members: texts(row.members).map(Number),
      totals: texts(row.totals).map(Number),
    }
  }
  return {
    byCommune: linesOf('byCommune'),
    byTrade: linesOf('byTrade'),
    addedByCommune: linesOf('addedByCommune'),
    addedByTrade: linesOf('addedByTrade'),
    facts: JSON.parse(rowOf('facts').keys ?? '') as Facts,
  }
}

/** @param column as returned by the database; null if there were no rows */
function texts(column: string | null): string[] {
  return column === null ? [] : column.split('\u001f')
}

interface Line {
  sms: number
  members: number
}

/**
 * @param usuallyQuiet whether members without hours of their own are in quiet hours now, so that the cells count as
 * held back
 */
function sumUp(
  { byCommune, byTrade, addedByCommune, addedByTrade, facts }: Counted,
  usuallyQuiet: boolean,
): Omit<AudienceCounts, 'communes' | 'unplaced'> {
  const counted = (n: number | undefined) => (usuallyQuiet ? 0 : (n ?? 0))
  const trades = byTrade.keys.map((trade, n) => ({
    trade,
    sms: counted(byTrade.sms[n]),
    members: counted(byTrade.members[n]),
  }))
  const communes = byCommune.keys.map((code, n) => ({
    code,
    name: byCommune.names[n] ?? code,
    sms: counted(byCommune.sms[n]),
    members: counted(byCommune.members[n]),
  }))
  addToLines(trades, (line) => line.trade, addedByTrade)
  addToLines(communes, (line) => line.code, addedByCommune)
  const sms = sum(trades.map((line) => line.sms))
  const { fatigue, two, three, four } = facts
  return {
    sms,
    members: sum(trades.map((line) => line.members)),
    unreachable: sum(byTrade.totals) - sum(byTrade.members) - facts.onlyShared,
    leftOut: { quiet: sum(byTrade.sms) + facts.shared - sms - fatigue, fatigue },
    solicitation: { two, three, fourOrMore: four },
    byTrade: trades.filter((line) => line.members > 0).sort((a, b) => compareLines(a, b, a.trade, b.trade)),
    byCommune: communes.filter((line) => line.members > 0).sort((a, b) => compareLines(a, b, a.code, b.code)),
  }
}

function addToLines<T extends Line>(
  lines: readonly T[],
  keyOf: (line: T) => string,
  { keys, sms, members }: Lines,
): void {
  if (keys.length === 0) return
  const places = new Map(keys.map((key, n) => [key, n]))
  for (const line of lines) {
    const n = places.get(keyOf(line))
    if (n === undefined) continue
    line.sms += sms[n] ?? 0
    line.members += members[n] ?? 0
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0)
}

/** Orders by most messages, then most members, then code; 35,000 communes arrive nearly in this order. */
function compareLines(a: Line, b: Line, codeOfA: string, codeOfB: string): number {
  return b.sms - a.sms || b.members - a.members || (codeOfA < codeOfB ? -1 : codeOfA > codeOfB ? 1 : 0)
}
