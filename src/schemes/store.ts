import { sql } from 'kysely'
import { METROPOLITAN_ZONE } from '../message/clock.ts'
import type { Tx } from '../platform/db.ts'
import type { AgencyKind } from '../schema.ts'
import { isSame } from '../settings/rules.ts'
import type { Area, SimpleArea } from '../territory/contract.ts'
import { timeZoneOf } from '../territory/store/areas.ts'
import {
  type AccessSettings,
  type DoctrineView,
  type DuesSettings,
  type EnrolmentSettings,
  LANGUAGES,
  type MessageSettings,
  type NumberSettings,
  SchemeContact,
  type SchemeSummary,
  type SchemeView,
  type ServiceTexts,
} from './contract.ts'
import { DoctrineSettings } from './doctrine.ts'
import type { SchemeDefinition } from './rules.ts'
import { findTrade, type Trade } from './trades/trades.ts'

/**
 * Returns the codes in a named area, by kind.
 * @throws TypeError for a kind of area that is not named
 */
export function namedCodes(
  area: Area,
): Record<'communes' | 'epcis' | 'arrondissements' | 'departements' | 'regions', string[]> {
  const codes = {
    communes: [] as string[],
    epcis: [] as string[],
    arrondissements: [] as string[],
    departements: [] as string[],
    regions: [] as string[],
  }
  const parts: readonly SimpleArea[] = area.kind === 'union' ? area.areas : [area]
  for (const part of parts) {
    if (part.kind === 'commune') codes.communes.push(part.code)
    else if (part.kind === 'communes') codes.communes.push(...part.codes)
    else if (part.kind === 'epci') codes.epcis.push(part.code)
    else if (part.kind === 'arrondissement') codes.arrondissements.push(part.code)
    else if (part.kind === 'departement') codes.departements.push(part.code)
    else if (part.kind === 'region') codes.regions.push(part.code)
    else throw new TypeError(`not a named area: ${part.kind}`)
  }
  return codes
}

/** Builds a condition on the columns of `communes` that is true in a named area (see isNamedArea). */
export function inNamedArea(area: Area) {
  const codes = namedCodes(area)
  return sql<boolean>`(
    communes.code = any (${codes.communes}::text[])
    or communes.epci_code = any (${codes.epcis}::text[])
    or communes.arrondissement_code = any (${codes.arrondissements}::text[])
    or communes.departement_code = any (${codes.departements}::text[])
    or communes.region_code = any (${codes.regions}::text[]))`
}

/** Lists the codes of the départements of a named area. */
export async function listDepartements(tx: Tx, area: Area): Promise<string[]> {
  const rows = await tx
    .selectFrom('communes')
    .select('departementCode')
    .distinct()
    .where(inNamedArea(area))
    .orderBy('departementCode')
    .execute()
  return rows.map((row) => row.departementCode)
}

/** Lists the codes of the communes of a named area that lie in the territory, in order. */
export async function listNamedCommunes(tx: Tx, territory: Area, area: Area): Promise<string[]> {
  const rows = await tx
    .selectFrom('communes')
    .select('code')
    .where(inNamedArea(territory))
    .where(inNamedArea(area))
    .orderBy('code')
    .execute()
  return rows.map((row) => row.code)
}

/** Lists the given codes that belong to no commune. */
export async function listUnknownCommunes(tx: Tx, codes: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ code: string }>`
    select wanted.code from unnest(${codes}::text[]) as wanted (code)
    where not exists (select from communes where communes.code = wanted.code)`.execute(tx)
  return rows.map((row) => row.code)
}

/** The result of writing a definition. */
export interface WrittenScheme {
  /** True when the scheme is new. */
  readonly created: boolean
  /**
   * Names of columns and codes of categories in which the definition differs and which were kept, since they were edited in the
   * console.
   */
  readonly kept: readonly string[]
}

/**
 * Inserts a scheme or updates it. An existing scheme keeps its doctrine, so that loading a definition never weakens what its
 * convention requires, its trades once they were changed in the console, and what else was edited there.
 */
export async function writeScheme(tx: Tx, scheme: SchemeDefinition, at: Date): Promise<WrittenScheme> {
  const timeZone = scheme.timeZone ?? (await timeZoneOf(tx, scheme.territory))
  const fields = {
    name: scheme.name,
    territory: JSON.stringify(scheme.territory),
    referencePrefix: scheme.referencePrefix,
    sender: scheme.sender,
    closingAdvice: scheme.closingAdvice,
    smsPriceMillicents: scheme.smsPriceMillicents,
    alertLifetimeHours: scheme.alertLifetimeHours,
    timeZone: timeZone === METROPOLITAN_ZONE ? null : timeZone,
    languages: [...scheme.languages],
  }
  const known = await tx
    .selectFrom('schemes')
    .select([...(Object.keys(fields) as (keyof typeof fields)[]), 'trades', 'tradesVersion', 'edited'])
    .where('id', '=', scheme.id)
    .forNoKeyUpdate()
    .executeTakeFirst()
  if (known !== undefined) {
    const isEdited = (name: string) => known.edited.includes(name)
    const written = Object.entries(fields).filter(([name]) => !isEdited(name))
    const keepsTrades = known.tradesVersion > 1
    await tx
      .updateTable('schemes')
      .set({ ...Object.fromEntries(written), ...(!keepsTrades && { trades: [...scheme.trades] }) })
      .where('id', '=', scheme.id)
      .execute()
    const kept = Object.entries(fields)
      .filter(([name, value]) => isEdited(name) && !isSame(value, known[name as keyof typeof fields]))
      .map(([name]) => name)
    const isOther = keepsTrades && !isSame(known.trades, scheme.trades)
    return { created: false, kept: [...kept, ...(isOther ? ['trades'] : [])] }
  }
  await tx
    .insertInto('schemes')
    .values({
      id: scheme.id,
      ...fields,
      trades: [...scheme.trades],
      ownTrades: JSON.stringify(scheme.ownTrades),
      doctrine: JSON.stringify(scheme.doctrine),
      createdAt: at,
    })
    .execute()
  return { created: true, kept: [] }
}

/**
 * Inserts or updates the categories by code, with positions from 1; other categories of the scheme follow them. Those that were
 * edited in the console, and their order if it was, stay as they are.
 * @returns the codes of those that the definition has otherwise
 */
export async function writeCategories(tx: Tx, scheme: SchemeDefinition): Promise<string[]> {
  const { categories } = scheme
  const before = await tx
    .selectFrom('categories')
    .select(['code', 'labelFr', 'labelEn', 'severity', 'template', 'level', 'area', 'active', 'version'])
    .where('schemeId', '=', scheme.id)
    .execute()
  const { edited } = await tx
    .selectFrom('schemes')
    .select('edited')
    .where('id', '=', scheme.id)
    .executeTakeFirstOrThrow()
  await sql`
    insert into categories (scheme_id, code, label_fr, label_en, severity, template, level, area, position)
    select ${scheme.id}, c.code, c.label_fr, c.label_en, c.severity, c.template, c.level, c.area, c.position
    from unnest(
      ${categories.map((c) => c.code)}::text[], ${categories.map((c) => c.labelFr)}::text[],
      ${categories.map((c) => c.labelEn)}::text[], ${categories.map((c) => c.severity)}::text[],
      ${categories.map((c) => c.template)}::text[], ${categories.map((c) => c.level ?? 'established')}::text[],
      ${categories.map((c) => c.area ?? null)}::text[])
      with ordinality as c (code, label_fr, label_en, severity, template, level, area, position)
    on conflict (scheme_id, code) do update set
      label_fr = excluded.label_fr, label_en = excluded.label_en, severity = excluded.severity,
      template = excluded.template, level = excluded.level, area = excluded.area
    where categories.version = 1`.execute(tx)
  // Trades taken out of use follow the others, whose positions are keys.
  const order = edited.includes('category_order')
    ? sql`(c.code = any (${before.map(({ code }) => code)}::text[])) desc, c.position`
    : sql`array_position(${categories.map((c) => c.code)}::text[], c.code), c.position`
  await sql`
    update categories set position = ordered.position
    from (select c.code, row_number() over (order by c.active desc, ${order}, c.code) as position
      from categories c where c.scheme_id = ${scheme.id}) as ordered
    where scheme_id = ${scheme.id} and categories.code = ordered.code`.execute(tx)
  return categories.flatMap(({ code, level = 'established', area = null, ...fields }) => {
    const known = before.find((one) => one.code === code)
    if (known === undefined || known.version === 1) return []
    const { version: _, ...stored } = known
    return isSame(stored, { code, level, area, ...fields, active: true }) ? [] : [code]
  })
}

/** Records which parts of the definition were edited in the console, so that loading a ready-made scheme keeps them. */
export async function markEdited(tx: Tx, schemeId: string, names: readonly string[]): Promise<void> {
  await sql`
    update schemes set edited = array(select distinct e from unnest(edited || ${names}::text[]) as e order by e)
    where id = ${schemeId}`.execute(tx)
}

export interface AgencyRow {
  readonly id: string
  readonly code: string
  readonly name: string
  readonly kind: AgencyKind
  readonly zone: Area | null
}

/** Inserts or updates the agencies by code; existing ones keep their id, and any name and zone that the chamber gave. */
export async function writeAgencies(tx: Tx, schemeId: string, agencies: readonly AgencyRow[]): Promise<void> {
  await sql`
    insert into agencies (scheme_id, id, code, name, kind, zone)
    select ${schemeId}, a.id, a.code, a.name, a.kind, a.zone::jsonb
    from unnest(
      ${agencies.map((a) => a.id)}::uuid[], ${agencies.map((a) => a.code)}::text[],
      ${agencies.map((a) => a.name)}::text[], ${agencies.map((a) => a.kind)}::text[],
      ${agencies.map((a) => (a.zone === null ? null : JSON.stringify(a.zone)))}::text[]) as a (id, code, name, kind, zone)
    on conflict (scheme_id, code) do update set
      name = case when agencies.renamed then agencies.name else excluded.name end, kind = excluded.kind,
      zone = case when agencies.zone_version = 1 then excluded.zone else agencies.zone end`.execute(tx)
}

export interface SectorRow {
  readonly id: string
  readonly name: string
  readonly communeCodes: readonly string[]
}

/**
 * Inserts or updates the sectors by name; existing ones keep their id, and those that the chamber drew or removed are left
 * unchanged.
 */
export async function writeSectors(tx: Tx, schemeId: string, sectors: readonly SectorRow[]): Promise<void> {
  await sql`
    insert into sectors (scheme_id, id, name, commune_codes)
    select ${schemeId}, s.id, s.name, string_to_array(s.commune_codes, ' ')
    from unnest(
      ${sectors.map((s) => s.id)}::uuid[], ${sectors.map((s) => s.name)}::text[],
      ${sectors.map((s) => s.communeCodes.join(' '))}::text[]) as s (id, name, commune_codes)
    where not exists (select from sectors where scheme_id = ${schemeId} and name = s.name and removed_at is not null)
    on conflict (scheme_id, name) where removed_at is null do update set commune_codes = excluded.commune_codes
      where sectors.version = 1`.execute(tx)
}

export async function findScheme(tx: Tx, schemeId: string): Promise<SchemeView | undefined> {
  const scheme = await tx.selectFrom('schemes').selectAll().where('id', '=', schemeId).executeTakeFirst()
  if (scheme === undefined) return undefined
  const categories = await tx
    .selectFrom('categories')
    .select(['code', 'labelFr', 'labelEn', 'severity', 'template', 'level', 'area', 'position'])
    .where('schemeId', '=', schemeId)
    .where('active', '=', true)
    .orderBy('position')
    .orderBy('code')
    .execute()
  const agencies = await tx
    .selectFrom('agencies')
    .select(['id', 'code', 'name', 'kind', 'zone'])
    .where('schemeId', '=', schemeId)
    .orderBy('kind')
    .orderBy('name')
    .execute()
  const sectors = await tx
    .selectFrom('sectors')
    .select(['id', 'name', 'communeCodes'])
    .where('schemeId', '=', schemeId)
    .where('removedAt', 'is', null)
    .orderBy('name')
    .execute()
  return {
    id: scheme.id,
    name: scheme.name,
    territory: scheme.territory,
    timeZone: scheme.timeZone ?? METROPOLITAN_ZONE,
    languages: LANGUAGES.filter((one) => scheme.languages.includes(one)),
    trades: scheme.trades.map((code) => {
      const trade = findTrade(code, scheme.ownTrades)
      return { code, nameFr: trade?.nameFr ?? code, nameEn: trade?.nameEn ?? code }
    }),
    categories,
    closingAdvice: scheme.closingAdvice,
    sender: scheme.sender,
    agencies,
    sectors,
    referencePrefix: scheme.referencePrefix,
    smsPriceMillicents: scheme.smsPriceMillicents,
    alertLifetimeHours: scheme.alertLifetimeHours,
    doctrine: DoctrineSettings.parse(scheme.doctrine),
  }
}

/** Returns the doctrine of a scheme, or the default one when the scheme is not loaded. */
export async function getDoctrine(tx: Tx, schemeId: string): Promise<DoctrineSettings> {
  const row = await tx.selectFrom('schemes').select('doctrine').where('id', '=', schemeId).executeTakeFirst()
  return DoctrineSettings.parse(row?.doctrine ?? {})
}

/** @param options `lock` blocks other changes of the doctrine until the transaction ends */
export async function findDoctrine(
  tx: Tx,
  schemeId: string,
  options: { readonly lock?: boolean } = {},
): Promise<DoctrineView | undefined> {
  const row = await tx
    .selectFrom('schemes')
    .select(['doctrine', 'doctrineVersion', 'doctrineSetAt', 'doctrineSetBy'])
    .where('id', '=', schemeId)
    .$if(options.lock === true, (query) => query.forNoKeyUpdate())
    .executeTakeFirst()
  return (
    row && {
      doctrine: DoctrineSettings.parse(row.doctrine),
      version: row.doctrineVersion,
      setAt: row.doctrineSetAt?.toISOString() ?? null,
      setBy: row.doctrineSetBy,
    }
  )
}

export async function updateDoctrine(tx: Tx, schemeId: string, view: DoctrineView): Promise<void> {
  await tx
    .updateTable('schemes')
    .set({
      doctrine: JSON.stringify(view.doctrine),
      doctrineVersion: view.version,
      doctrineSetAt: view.setAt === null ? null : new Date(view.setAt),
      doctrineSetBy: view.setBy,
    })
    .where('id', '=', schemeId)
    .execute()
}

/** Writes settings of a room, which checked them. */
export async function updateSettings(
  tx: Tx,
  schemeId: string,
  settings: {
    readonly enrolment?: EnrolmentSettings
    readonly numbers?: NumberSettings
    readonly dues?: DuesSettings
    readonly messages?: MessageSettings
    readonly access?: AccessSettings
    readonly texts?: ServiceTexts
    readonly contact?: SchemeContact
  },
): Promise<void> {
  const columns = Object.entries(settings).map(([name, value]) => [name, JSON.stringify(value)])
  await tx.updateTable('schemes').set(Object.fromEntries(columns)).where('id', '=', schemeId).execute()
}

/** Publishes the figures of a scheme, or no longer. @returns false when that was so */
export async function publishFigures(tx: Tx, schemeId: string, published: boolean): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('schemes')
    .set({ figuresPublished: published })
    .where('id', '=', schemeId)
    .where('figuresPublished', '<>', published)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Lists all schemes, or those with the given ids, by id, with their number of active members. */
export async function listSchemeSummaries(tx: Tx, ids: readonly string[] | 'all'): Promise<SchemeSummary[]> {
  const { rows } = await sql<SchemeSummary>`
    select schemes.id, schemes.name, count(members.id)::int as members
    from schemes left join members on members.scheme_id = schemes.id and members.status = 'active'
    ${ids === 'all' ? sql`` : sql`where schemes.id = any (${ids}::text[])`}
    group by schemes.id, schemes.name order by schemes.id`.execute(tx)
  return rows
}

/** Lists the chambers of all schemes that have a number or an address, by name; one that has several schemes is listed once. */
export async function listChamberContacts(tx: Tx): Promise<NamedChamberContact[]> {
  const { rows } = await sql<{ name: string; contact: unknown }>`
    select coalesce(a.name, s.name) as name, s.contact
    from schemes s left join lateral (
      select name from agencies where scheme_id = s.id and kind = 'chamber' order by code limit 1) a on true
    order by 1, s.id`.execute(tx)
  const chambers = rows.flatMap(({ name, contact }) => {
    const { phone, mail, hours } = SchemeContact.parse(contact).chamber
    return phone === '' && mail === '' ? [] : [{ name, phone, mail, hours }]
  })
  return [...new Map(chambers.map((one) => [`${one.name} ${one.phone} ${one.mail}`, one])).values()]
}

/** A chamber, and how to reach it; empty values are unknown. */
export interface NamedChamberContact {
  readonly name: string
  readonly phone: string
  readonly mail: string
  readonly hours: string
}

/** Returns the scheme's own trades; none when it is not loaded. */
export async function listOwnTrades(tx: Tx, schemeId: string): Promise<readonly Trade[]> {
  const row = await tx.selectFrom('schemes').select('ownTrades').where('id', '=', schemeId).executeTakeFirst()
  return row?.ownTrades ?? []
}

/** Returns the facts about a scheme that enrolment needs. */
export async function findSchemeWithChamber(tx: Tx, schemeId: string) {
  const scheme = await tx
    .selectFrom('schemes')
    .select(['id', 'name', 'territory', 'trades', 'ownTrades', 'sender', 'enrolment', 'contact', 'texts'])
    .where('id', '=', schemeId)
    .executeTakeFirst()
  if (scheme === undefined) return undefined
  const chamber = await tx
    .selectFrom('agencies')
    .select('name')
    .where('schemeId', '=', schemeId)
    .where('kind', '=', 'chamber')
    .orderBy('code')
    .limit(1)
    .executeTakeFirst()
  return { ...scheme, chamber: chamber?.name ?? scheme.name }
}
export type SchemeWithChamber = NonNullable<Awaited<ReturnType<typeof findSchemeWithChamber>>>
