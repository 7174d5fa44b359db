import { sql } from 'kysely'
import type { Database, Db } from '../../src/platform/db.ts'

/**
 * Some communes of the Puy-de-Dôme and the Jura from public data; Saint-Babel represents a commune without
 * coordinates.
 */
export const communes = [
  {
    code: '63178',
    name: 'Issoire',
    departement: '63',
    epci: '200070407',
    latitude: 45.5443,
    longitude: 3.249,
  },
  {
    code: '63287',
    name: 'Perrier',
    departement: '63',
    epci: '200070407',
    latitude: 45.5469,
    longitude: 3.2117,
  },
  {
    code: '63050',
    name: 'Le Broc',
    departement: '63',
    epci: '200070407',
    latitude: 45.4997,
    longitude: 3.2412,
  },
  {
    code: '63321',
    name: 'Saint-Babel',
    departement: '63',
    epci: '200070407',
    latitude: null,
    longitude: null,
  },
  {
    code: '63113',
    name: 'Clermont-Ferrand',
    departement: '63',
    epci: '246300701',
    latitude: 45.7797,
    longitude: 3.0868,
  },
  {
    code: '63003',
    name: 'Ambert',
    departement: '63',
    epci: '200070761',
    latitude: 45.5494,
    longitude: 3.7418,
  },
  {
    code: '39300',
    name: 'Lons-le-Saunier',
    departement: '39',
    epci: '200071116',
    latitude: 46.6744,
    longitude: 5.5539,
  },
] as const

/** Ids of rows that `seedSchemes` writes in `ac63`. */
export const agencyId = '00000000-0000-4000-8000-00000000a001'
export const sectorId = '00000000-0000-4000-8000-00000000b001'

/** Inserts the schemes `ac63` and `ac39` with their categories, trades and communes, without members. */
export async function seedSchemes({ db }: Database): Promise<void> {
  await sql`insert into regions values ('84', 'Auvergne-Rhône-Alpes'), ('27', 'Bourgogne-Franche-Comté')`.execute(
    db,
  )
  await sql`insert into departements (code, name, liaison, region_code)
    values ('63', 'Puy-de-Dôme', 2, '84'), ('39', 'Jura', 2, '27')`.execute(db)
  await sql`insert into arrondissements (code, name, liaison, departement_code)
    values ('633', 'Issoire', 1, '63'), ('632', 'Clermont-Ferrand', 0, '63')`.execute(db)
  await sql`insert into epcis values ('200070407', 'CA Agglo Pays d''Issoire', 'CA'),
    ('246300701', 'Clermont Auvergne Métropole', 'METRO'), ('200070761', 'CC Ambert Livradois Forez', 'CC'),
    ('200071116', 'CA Espace Communautaire Lons Agglomération', 'CA')`.execute(db)
  await sql`
    insert into communes (code, name, search_name, departement_code, region_code, epci_code, population, postal_codes,
      latitude, longitude, point_source)
    select c.code, c.name, lower(replace(c.name, '-', ' ')), c.departement, d.region_code, c.epci,
      case c.name when 'Issoire' then 15000 else 1000 end, array[c.departement || '500'], c.latitude, c.longitude,
      case when c.latitude is not null then 'points' end
    from jsonb_to_recordset(${JSON.stringify(communes)}::jsonb)
      as c (code text, name text, departement text, epci text, latitude float8, longitude float8)
    join departements d on d.code = c.departement`.execute(db)
  for (const [id, departement] of [
    ['ac63', '63'],
    ['ac39', '39'],
  ] as const) {
    await sql`
      insert into schemes (id, name, territory, reference_prefix, trades, sender, closing_advice, created_at, doctrine)
      values (${id}, ${`Alerte Commerces ${departement}`}, ${JSON.stringify({ kind: 'departement', code: departement })}::jsonb,
        ${departement}, '{bakeries,jewellers,tobacco-press}', ${`ALERTE${departement}`}, 'Ne pas intervenir.', now(),
        -- Tests of one scheme send more alerts than the weekly budget allows.
        '{"care": {"budgetPerWeek": {"alert": null, "notice": null}}}')`.execute(db)
    await sql`
      insert into categories (scheme_id, code, label_fr, label_en, severity, template, position, active)
      values (${id}, 'counterfeit', 'Faux billets', 'Counterfeit notes', 'alert', 'Faux billets {zone}. {conseil}', 1, true),
        (${id}, 'robbery', 'Vol à main armée', 'Armed robbery', 'vital', 'Vol à main armée {lieu}. {conseil}', 2, true),
        (${id}, 'retired', 'Ancienne', 'Retired', 'notice', '', 3, false)`.execute(db)
  }
  await sql`insert into agencies (scheme_id, id, code, name, kind)
    values ('ac63', ${agencyId}, 'cic63', 'CIC Clermont-Ferrand', 'police')`.execute(db)
  await sql`insert into sectors (scheme_id, id, name, commune_codes)
    values ('ac63', ${sectorId}, 'Val d''Allier', '{63178,63050}')`.execute(db)
}

/** Makes the incidents of a test older by hours, so that none is near the next one. */
export async function agePast({ db }: Database): Promise<void> {
  // Concurrent calls lock the alerts in the same order, to avoid a deadlock.
  await sql`with old as materialized (select scheme_id, id from alerts order by scheme_id, id for update)
    update alerts a set ordered_at = ordered_at - interval '3 hours', created_at = created_at - interval '3 hours'
    from old where old.scheme_id = a.scheme_id and old.id = a.id`.execute(db)
  await sql`update reports set occurred_at = occurred_at - interval '3 hours'`.execute(db)
}

export interface SeedMember {
  readonly id: string
  readonly name?: string
  readonly trade?: string
  readonly communeCode?: string
  readonly status?: 'pending' | 'active' | 'suspended' | 'left'
  readonly point?: { readonly latitude: number; readonly longitude: number }
  /** E.164; one contact each. `sms` false: keeps the number and receives nothing. */
  readonly phones?: readonly (string | { readonly mobile: string; readonly sms: boolean })[]
  /** Minutes after midnight; absent: the hours of the scheme. */
  readonly quiet?: { readonly from: number; readonly to: number }
  /** Default: before the tests' clock. */
  readonly createdAt?: Date
}

/** Adds members with their contacts to a scheme. */
export async function seedMembers(db: Db, schemeId: string, members: readonly SeedMember[]): Promise<void> {
  const rows = members.map((member) => ({
    id: member.id,
    name: member.name ?? 'Tabac du Centre',
    trade: member.trade ?? 'tobacco-press',
    commune: member.communeCode ?? '63178',
    status: member.status ?? 'active',
    latitude: member.point?.latitude ?? null,
    longitude: member.point?.longitude ?? null,
    quiet_from: member.quiet?.from ?? null,
    quiet_to: member.quiet?.to ?? null,
    at: (member.createdAt ?? new Date('2020-01-01T00:00:00Z')).toISOString(),
  }))
  await sql`
    insert into members (scheme_id, id, name, search_name, trade, commune_code, postal_code, status, latitude, longitude,
      created_at, updated_at, quiet_from, quiet_to)
    select ${schemeId}, id, name, lower(name), trade, commune, left(commune, 2) || '500', status, latitude, longitude, at, at, quiet_from, quiet_to
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as m (id uuid, name text, trade text, commune text, status text, latitude float8, longitude float8, at timestamptz,
        quiet_from smallint, quiet_to smallint)`.execute(db)
  const contacts = members.flatMap((member) =>
    (member.phones ?? []).map((phone, position) => ({
      member: member.id,
      mobile: typeof phone === 'string' ? phone : phone.mobile,
      sms: typeof phone === 'string' ? true : phone.sms,
      position,
    })),
  )
  await sql`
    insert into contacts (scheme_id, id, member_id, person, mobile, sms, position)
    select ${schemeId}, (lpad(position::text, 8, '0') || substr(member::text, 9))::uuid, member, 'Dominique', mobile, sms, position
    from jsonb_to_recordset(${JSON.stringify(contacts)}::jsonb)
      as c (member uuid, mobile text, sms boolean, position smallint)`.execute(db)
}

/** Returns the n-th id of a test; ids sort by n. */
export function idOf(n: number): string {
  return `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
}

/** Returns the n-th number of the range reserved for fiction, 0 ≤ n ≤ 9999. */
export function phoneOf(n: number): string {
  return `+3363998${String(n).padStart(4, '0')}`
}

/** The operator's answers to the doctrine that allow any alert. */
export const established = { offence: true, arrested: false, level: 'established' } as const

/** The named contact that `seedMagistrate` adds. */
export const MAGISTRATE = {
  id: idOf(9000),
  name: 'Anne Roy',
  service: 'Parquet de Clermont-Ferrand',
  mail: 'anne.roy@parquet.example',
  phone: '+33639980900',
} as const

/** Adds a magistrate without an account to a scheme. */
export async function seedMagistrate(db: Db, schemeId = 'ac63'): Promise<void> {
  await db
    .insertInto('onCallPeople')
    .values({
      schemeId,
      role: 'magistrate',
      userId: null,
      agencyId: null,
      ...MAGISTRATE,
      hours: '[]',
      createdAt: new Date('2026-01-01T00:00:00Z'),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}
