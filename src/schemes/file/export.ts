import { AppError } from '../../errors.ts'
import { METROPOLITAN_ZONE } from '../../message/clock.ts'
import type { Tx } from '../../platform/db.ts'
import { isSame } from '../../settings/rules.ts'
import type { Area } from '../../territory/contract.ts'
import { timeZoneOf } from '../../territory/store/areas.ts'
import { type DuesFees, LANGUAGES } from '../contract.ts'
import { listNamedCommunes } from '../store.ts'
import { FileTrade, SchemeFile, type WrittenSchemeFile } from './contract.ts'

/** Maximum number of codes in one area of communes (territory/contract.ts). */
const MAX_CODES = 2000

/**
 * Reads a scheme as a file: creating another scheme from it gives the same. Values that are the default are left out.
 * @throws AppError `unknown_scheme`
 */
export async function readAsFile(tx: Tx, schemeId: string): Promise<WrittenSchemeFile> {
  const scheme = await tx.selectFrom('schemes').selectAll().where('id', '=', schemeId).executeTakeFirst()
  if (scheme === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  const categories = await tx
    .selectFrom('categories')
    .select(['code', 'labelFr', 'labelEn', 'severity', 'template', 'level', 'area'])
    .where('schemeId', '=', schemeId)
    .where('active', '=', true)
    .orderBy('position')
    .execute()
  const sectors = await tx
    .selectFrom('sectors')
    .select(['name', 'communeCodes'])
    .where('schemeId', '=', schemeId)
    .where('removedAt', 'is', null)
    .orderBy('name')
    .execute()
  const timeZone = scheme.timeZone ?? METROPOLITAN_ZONE
  const { creditor: _, ...dues } = scheme.dues
  // The French name stands for an English one that a scheme in French only does not have.
  const isSaid = (nameEn: string, nameFr: string | undefined) =>
    scheme.languages.includes('en') || nameEn !== nameFr
  const file: WrittenSchemeFile = {
    id: scheme.id,
    name: scheme.name,
    territory: scheme.territory,
    timeZone: timeZone === (await timeZoneOf(tx, scheme.territory)) ? null : timeZone,
    languages: LANGUAGES.filter((one) => scheme.languages.includes(one)),
    referencePrefix: scheme.referencePrefix,
    sender: scheme.sender,
    closingAdvice: scheme.closingAdvice,
    smsPriceMillicents: scheme.smsPriceMillicents,
    alertLifetimeHours: scheme.alertLifetimeHours,
    trades: scheme.trades.map((code) => {
      const own = scheme.ownTrades.find((trade) => trade.code === code)
      if (own === undefined) return code
      const { nameEn, ...trade } = FileTrade.parse(own)
      return { ...trade, ...(nameEn !== undefined && isSaid(nameEn, trade.nameFr) && { nameEn }) }
    }),
    categories: categories.map(({ level, area, labelEn, ...category }) => ({
      ...category,
      ...(isSaid(labelEn, category.labelFr) && { labelEn }),
      ...(level !== 'established' && { level }),
      ...(area !== null && { area }),
    })),
    agencies: await listAgencies(tx, schemeId, scheme.territory),
    sectors: sectors.map(({ name, communeCodes }) => ({ name, area: areaOfCommunes(communeCodes) })),
    doctrine: scheme.doctrine,
    enrolment: scheme.enrolment,
    numbers: scheme.numbers,
    dues: {
      ...dues,
      fees: feesOfTrades(dues.fees ?? null, scheme.trades),
    },
    messages: scheme.messages,
    texts: scheme.texts,
    access: scheme.access,
    contact: scheme.contact,
  }
  return withoutDefaults(file)
}

/** Leaves out the fees of trades that are no longer in use. */
function feesOfTrades(fees: DuesFees | null, trades: readonly string[]): DuesFees | null {
  if (fees === null) return null
  const used = Object.entries(fees.tradeFees).filter(([trade]) => trades.includes(trade))
  return { ...fees, tradeFees: Object.fromEntries(used) }
}

async function listAgencies(
  tx: Tx,
  schemeId: string,
  territory: Area,
): Promise<NonNullable<WrittenSchemeFile['agencies']>> {
  const agencies = await tx
    .selectFrom('agencies')
    .select(['code', 'name', 'kind', 'zone'])
    .where('schemeId', '=', schemeId)
    .orderBy('kind')
    .orderBy('code')
    .execute()
  const taken = new Set<string>()
  for (const { kind, zone } of agencies)
    if (kind === 'police' && zone !== null)
      for (const code of await listNamedCommunes(tx, territory, zone)) taken.add(code)
  const elsewhere = (await listNamedCommunes(tx, territory, territory)).filter((code) => !taken.has(code))
  return agencies.map(({ zone, ...agency }) => {
    if (zone === null) return agency
    const isElsewhere =
      agency.kind !== 'police' && zone.kind === 'communes' && isSame([...zone.codes].sort(), elsewhere)
    return { ...agency, zone: isElsewhere ? 'elsewhere' : zone }
  })
}

function areaOfCommunes(codes: readonly string[]): Area {
  if (codes.length <= MAX_CODES) return { kind: 'communes', codes: [...codes] }
  const parts = Array.from({ length: Math.ceil(codes.length / MAX_CODES) }, (_, part) => ({
    kind: 'communes' as const,
    codes: codes.slice(part * MAX_CODES, (part + 1) * MAX_CODES),
  }))
  return { kind: 'union', areas: parts }
}

/** Parts of a file that are settings, of which single values may be absent. */
export const SETTINGS_PARTS = [
  'doctrine',
  'enrolment',
  'numbers',
  'dues',
  'messages',
  'texts',
  'access',
  'contact',
] as const satisfies readonly (keyof SchemeFile)[]

/** Leaves out of a file what its absence means. */
function withoutDefaults(file: WrittenSchemeFile): WrittenSchemeFile {
  const { timeZone, languages, smsPriceMillicents, alertLifetimeHours } = SchemeFile.shape
  const plain = { timeZone, languages, smsPriceMillicents, alertLifetimeHours }
  const kept = Object.entries(file).filter(
    ([key, value]) => !(key in plain) || !isSame(value, plain[key as keyof typeof plain].parse(undefined)),
  )
  const short = Object.fromEntries(kept) as WrittenSchemeFile
  for (const part of SETTINGS_PARTS) {
    const changed = changedSettings(part, file[part] ?? {})
    if (Object.keys(changed).length === 0) delete short[part]
    else Object.assign(short, { [part]: changed })
  }
  return short
}

/** Returns the settings of a part that differ from the defaults. */
export function changedSettings(part: (typeof SETTINGS_PARTS)[number], settings: object): object {
  return difference(SchemeFile.shape[part].parse(settings), SchemeFile.shape[part].parse({}))
}

function difference(value: object, defaults: object): object {
  const isObject = (one: unknown): one is object =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, one]) => {
      const other: unknown = (defaults as Readonly<Record<string, unknown>>)[key]
      if (isSame(one, other)) return []
      return [[key, isObject(one) && isObject(other) ? difference(one, other) : one]]
    }),
  )
}
