import { type RawBuilder, sql } from 'kysely'
import type { Tx } from '../platform/db.ts'
import type { Area } from '../territory/contract.ts'
import {
  type AreaContext,
  type CommuneRef,
  checkArea,
  circlesOf,
  communeCodesOf,
  resolveArea,
} from '../territory/store/areas.ts'
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
  /** Messages to send, as are those below; the members they reach. */
  readonly sms: number
  readonly members: number
  readonly unreachable: number
  /** Numbers left in peace, each for the first reason that holds. */
  readonly leftOut: { readonly quiet: number; readonly fatigue: number }
  /** Of the messages to send, those to numbers that had 2, 3, 4 or more alerts in the last seven days. */
  readonly solicitation: { readonly two: number; readonly three: number; readonly fourOrMore: number }
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
 * only those are read that members share or that had alerts of late; and of the members, those with quiet hours of
 * their own.
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
    const counted = await count(tx, schemeId, parts, care)
    return { ...sumUp(counted, isUsuallyQuiet(care)), communes: communes.length, unplaced }
  }
  await checkArea(tx, context, area)
  const inside = inNamedArea(area, context)
  const counted = await count(
    tx,
    schemeId,
    isWhole(area) ? wholeParts(schemeId, trades, inside) : namedParts(schemeId, trades, inside),
    care,
  )
  return { ...sumUp(counted, isUsuallyQuiet(care)), communes: counted.communes ?? 0, unplaced: [] }
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
  /** Members of the audience, with the columns of `activeMembers`: those whose contacts are read. */
  readonly members: RawBuilder<unknown>
  /** Active members of the trades that a condition may follow, and whether such a member (`a`) is of the audience. */
  readonly active: RawBuilder<unknown>
  readonly holds: RawBuilder<boolean>
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

/** Columns of equal length: a nation has 35,000 communes, and so many rows take longer to hand over than to count. */
interface Counted {
  readonly communes: number | null
  readonly byCommune: { readonly code: string[]; name: string[]; sms: number[]; members: number[] }
  readonly byTrade: { readonly trade: string[]; sms: number[]; members: number[]; total: number[] }
  /** What the numbers and members read one by one add to the above, or take from it. */
  readonly addedByCommune: { readonly code: string[]; sms: number[]; members: number[] }
  readonly addedByTrade: { readonly trade: string[]; sms: number[]; members: number[] }
  readonly facts: {
    /** Distinct numbers that members share. */
    readonly shared: number
    /** Members all of whose numbers are shared. */
    readonly onlyShared: number
    readonly fatigue: number
    readonly two: number
    readonly three: number
    readonly four: number
  }
}

/**
 * The contacts to read: those whose number several members share, and those that had two alerts of late (or one, where
 * the budget is one).
 */
function seenContacts(schemeId: string, { active, holds }: CountParts, care: Care): RawBuilder<unknown> {
  const columns = sql`c.mobile, c.id as contact_id, c.shared, a.id, a.commune_code, a.trade, a.sms_contacts,
    ${quietOf(care, 'a')} as quiet`
  return sql`
    select ${columns} from contacts c join audience a on a.id = c.member_id
    where c.scheme_id = ${schemeId} and c.shared and c.sms
    union all
    select ${columns} from solicitations s
    -- By the index, a number at a time: the planner would rather read all contacts. Whether its member is of the
    -- audience is asked of a hash ("is true" keeps it from becoming a join, which would read the audience once a number).
    cross join lateral (
      select * from contacts k where k.scheme_id = s.scheme_id and k.mobile = s.phone and k.sms and not k.shared offset 0
    ) c
    cross join lateral (${active} and m.id = c.member_id offset 0) a
    where (${holds}) is true
      and s.scheme_id = ${schemeId} and s.latest[${sql.lit(care.budget === 1 ? 1 : 2)}] >= ${care.since}::timestamptz`
}

/** Members whose own hours make them quiet while the others are not, or the reverse: what the count took for the rest. */
function exceptions(care: Care): RawBuilder<unknown> {
  if (care.quiet === null) return sql``
  const usually = isUsuallyQuiet(care)
  const sign = sql.lit(usually ? 1 : -1)
  return sql`
    union all
    select a.commune_code, a.trade, ${sign} * a.sms_contacts, ${sign} * (a.sms_contacts > 0)::integer
    from audience a where a.quiet_from is not null and (${quietOf(care, 'a')}) <> ${sql.lit(usually)}`
}

async function count(tx: Tx, schemeId: string, parts: CountParts, care: Care): Promise<Counted> {
  const columns = (...names: readonly string[]) =>
    sql`json_build_object(${sql.join(
      names.map((name) => sql`${sql.lit(name)}, coalesce(json_agg(${sql.ref(name)}), '[]')`),
    )})`
  const times = (n: number) => sql`coalesce(s.latest[${sql.lit(n)}] >= ${care.since}::timestamptz, false)`
  const { rows } = await sql<Counted>`
    with ${parts.with} audience as not materialized (${parts.members}), seen as materialized (
      ${seenContacts(schemeId, parts, care)}
    ), owners as materialized (
      select o.mobile, o.commune_code, o.trade, o.shared, not o.quiet and not ${tiredOf(care, 's')} as sent,
        not o.quiet and ${tiredOf(care, 's')} as tired, ${times(2)} as two, ${times(3)} as three, ${times(4)} as four
      from (select distinct on (mobile) * from seen order by mobile, quiet, id, contact_id) o
      left join solicitations s on s.scheme_id = ${schemeId} and s.phone = o.mobile
    ), touched as materialized (
      select c.id, c.commune_code, c.trade, c.sms_contacts = 0 as only_shared,
        (bool_or(o.sent) or (not c.quiet and c.sms_contacts > count(*) filter (where not c.shared)))::integer
          - (c.sms_contacts > 0 and not c.quiet)::integer as members
      from seen c join owners o on o.mobile = c.mobile
      group by c.id, c.commune_code, c.trade, c.sms_contacts, c.quiet
    ), added as materialized (
      select commune_code, trade, sum(sms)::integer as sms, sum(members)::integer as members from (
        select commune_code, trade, 1 as sms, 0 as members from owners where sent
        union all
        select commune_code, trade, -1, 0 from seen where not shared and not quiet
        union all
        select commune_code, trade, 0, members from touched
        ${exceptions(care)}
      ) each group by commune_code, trade
    )
    select (${parts.communes})::integer as communes,
      (select ${columns('code', 'name', 'sms', 'members')}
        from (${parts.byCommune}) cells) as by_commune,
      (select ${columns('trade', 'sms', 'members', 'total')} from (${parts.byTrade}) cells) as by_trade,
      (select ${columns('code', 'sms', 'members')} from (
        select commune_code as code, sum(sms)::integer as sms, sum(members)::integer as members from added
        group by commune_code having sum(sms) <> 0 or sum(members) <> 0) cells) as added_by_commune,
      (select ${columns('trade', 'sms', 'members')} from (
        select trade, sum(sms)::integer as sms, sum(members)::integer as members from added
        group by trade) cells) as added_by_trade,
      (select json_build_object('shared', count(*) filter (where shared), 'fatigue', count(*) filter (where tired),
          'two', count(*) filter (where sent and two and not three),
          'three', count(*) filter (where sent and three and not four), 'four', count(*) filter (where sent and four),
          'onlyShared', (select count(*) from touched where only_shared))
        from owners) as facts`.execute(tx)
  const [row] = rows
  if (row === undefined) throw new Error('a count gave no row')
  return row
}

interface Line {
  sms: number
  members: number
}

/** @param usuallyQuiet the members of the cells are left in peace, all but those read one by one. */
function sumUp(
  { byCommune, byTrade, addedByCommune, addedByTrade, facts }: Counted,
  usuallyQuiet: boolean,
): Omit<AudienceCounts, 'communes' | 'unplaced'> {
  const counted = (n: number | undefined) => (usuallyQuiet ? 0 : (n ?? 0))
  const trades = byTrade.trade.map((trade, n) => ({
    trade,
    sms: counted(byTrade.sms[n]),
    members: counted(byTrade.members[n]),
  }))
  const communes = byCommune.code.map((code, n) => ({
    code,
    name: byCommune.name[n] ?? code,
    sms: counted(byCommune.sms[n]),
    members: counted(byCommune.members[n]),
  }))
  add(trades, (line) => line.trade, addedByTrade.trade, addedByTrade)
  add(communes, (line) => line.code, addedByCommune.code, addedByCommune)
  const sms = sum(trades.map((line) => line.sms))
  const { fatigue, two, three, four } = facts
  return {
    sms,
    members: sum(trades.map((line) => line.members)),
    unreachable: sum(byTrade.total) - sum(byTrade.members) - facts.onlyShared,
    leftOut: { quiet: sum(byTrade.sms) + facts.shared - sms - fatigue, fatigue },
    solicitation: { two, three, fourOrMore: four },
    byTrade: trades.filter((line) => line.members > 0).sort((a, b) => order(a, b, a.trade, b.trade)),
    byCommune: communes.filter((line) => line.members > 0).sort((a, b) => order(a, b, a.code, b.code)),
  }
}

function add<T extends Line>(
  lines: readonly T[],
  keyOf: (line: T) => string,
  keys: readonly string[],
  { sms, members }: { readonly sms: readonly number[]; readonly members: readonly number[] },
): void {
  if (keys.length === 0) return
  const byKey = new Map(lines.map((line) => [keyOf(line), line]))
  for (const [n, key] of keys.entries()) {
    const line = byKey.get(key)
    if (line === undefined) continue
    line.sms += sms[n] ?? 0
    line.members += members[n] ?? 0
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0)
}

/** Most messages first, then most members, then by code: 35,000 communes come nearly in that order. */
function order(a: Line, b: Line, codeOfA: string, codeOfB: string): number {
  return b.sms - a.sms || b.members - a.members || (codeOfA < codeOfB ? -1 : codeOfA > codeOfB ? 1 : 0)
}
