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
  return { ...sumUp(counted, isUsuallyQuiet(care)), communes: counted.facts.communes ?? 0, unplaced: [] }
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
interface Lines {
  /** Codes of communes, or trades. */
  readonly keys: readonly string[]
  readonly names: readonly string[]
  readonly sms: readonly number[]
  readonly members: readonly number[]
  readonly totals: readonly number[]
}

interface Facts {
  readonly communes: number | null
  /** Distinct numbers that members share. */
  readonly shared: number
  /** Members all of whose numbers are shared. */
  readonly onlyShared: number
  readonly fatigue: number
  readonly two: number
  readonly three: number
  readonly four: number
}

interface Counted {
  readonly byCommune: Lines
  readonly byTrade: Lines
  /** What the numbers and members read one by one add to the above, or take from it. */
  readonly addedByCommune: Lines
  readonly addedByTrade: Lines
  readonly facts: Facts
}

/** Solicited of late: two alerts, or one where the budget is one. Others are counted by the cells, and change nothing. */
function lately(schemeId: string, care: Care): RawBuilder<boolean> {
  return sql`s.scheme_id = ${schemeId}
    and s.latest[${sql.lit(care.budget === 1 ? 1 : 2)}] >= ${care.since}::timestamptz`
}

/** Reading so many members and their contacts takes as long as looking up one solicited number. */
const MEMBERS_A_LOOKUP = 10

/** Whether so many numbers were solicited of late that reading the audience is quicker than looking each of them up. */
async function isCrowd(tx: Tx, schemeId: string, care: Care): Promise<boolean> {
  const { rows } = await sql<{ crowd: boolean }>`
    select (select count(*) from (select from solicitations s where ${lately(schemeId, care)} limit least) s) >= least as crowd
    from (
      select 1 + coalesce(sum(members), 0) / ${sql.lit(MEMBERS_A_LOOKUP)} as least from audience_cells
      where scheme_id = ${schemeId} and commune_code = ''
    ) sizes`.execute(tx)
  return rows[0]?.crowd === true
}

/** The numbers solicited of late that nobody shares, of members who are not quiet. */
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
  // By the index, a number at a time: the planner would rather read all contacts. Whether its member is of the audience
  // is asked of a hash ("is true" keeps it from becoming a join, which would read the audience once a number).
  return sql`
    select ${columns} from solicitations s
    cross join lateral (
      select * from contacts c where c.scheme_id = s.scheme_id and c.mobile = s.phone and ${solo} offset 0
    ) c
    cross join lateral (${active} and m.id = c.member_id offset 0) a
    where ${wanted} and (${holds}) is true`
}

/** Columns of a number (a row `s` of `solicitations`, perhaps none): had it as many alerts of late. */
function timesOf({ since }: Care): RawBuilder<unknown> {
  const had = (times: number) =>
    sql`coalesce(s.latest[${sql.lit(times)}] >= ${since}::timestamptz, false) as ${sql.ref(['one', 'two', 'three', 'four'][times - 1] ?? '')}`
  return sql.join([had(2), had(3), had(4)])
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
  // As text, which takes a third of the time that JSON takes; a row a part, since to join them takes long to plan.
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

/** @param column as the database hands it over; null: no rows. */
function texts(column: string | null): string[] {
  return column === null ? [] : column.split('\u001f')
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
  add(trades, (line) => line.trade, addedByTrade)
  add(communes, (line) => line.code, addedByCommune)
  const sms = sum(trades.map((line) => line.sms))
  const { fatigue, two, three, four } = facts
  return {
    sms,
    members: sum(trades.map((line) => line.members)),
    unreachable: sum(byTrade.totals) - sum(byTrade.members) - facts.onlyShared,
    leftOut: { quiet: sum(byTrade.sms) + facts.shared - sms - fatigue, fatigue },
    solicitation: { two, three, fourOrMore: four },
    byTrade: trades.filter((line) => line.members > 0).sort((a, b) => order(a, b, a.trade, b.trade)),
    byCommune: communes.filter((line) => line.members > 0).sort((a, b) => order(a, b, a.code, b.code)),
  }
}

function add<T extends Line>(
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

/** Most messages first, then most members, then by code: 35,000 communes come nearly in that order. */
function order(a: Line, b: Line, codeOfA: string, codeOfB: string): number {
  return b.sms - a.sms || b.members - a.members || (codeOfA < codeOfB ? -1 : codeOfA > codeOfB ? 1 : 0)
}
