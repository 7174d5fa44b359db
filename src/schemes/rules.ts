import type { Problem } from '../errors.ts'
import type { AgencyKind, Severity } from '../schema.ts'
import type { Area, SimpleArea } from '../territory/contract.ts'
import type { CategoryArea, CategoryLevel, DoctrineChoices, DoctrineSettings } from './doctrine.ts'
import { findNafLevel, nafKey } from './naf/levels.ts'
import { templateRefusals } from './texts/templates.ts'
import { plainWords } from './trades/plain-words.ts'
import { wholeTrade } from './trades/trade-words.ts'
import { findTrade, type Trade, trades } from './trades/trades.ts'

/** Sender names that French providers have refused since March 2025 when they are the whole name. */
const GENERIC_SENDERS = new Set(
  [
    'alert alerte alertes alerts info infos infosms information informations rdv rendezvous sms smsinfo test tests promo',
    'promos promotion pub offre offres service services contact message messages msg notif notification client clients',
    'compte livraison colis urgent urgence securite rappel code codes bonjour bienvenue boutique magasin commerce',
    'commerces entreprise societe banque police gendarmerie mairie medecin docteur sante impots amende nepasrepondre',
    'noreply sender expediteur inconnu',
  ]
    .join(' ')
    .split(' '),
)

/**
 * Returns the reasons for which French operators would refuse a sender name: it must have 1 to 11 ASCII letters or digits,
 * not only digits, and not be a generic word. Empty: it may be used (once cleared with the provider).
 */
export function senderRefusals(sender: string): Problem[] {
  const problems: Problem[] = []
  const values = { sender }
  if (sender.length < 1 || sender.length > 11)
    problems.push({ code: 'sender.length', path: 'sender', values })
  if (/[^A-Za-z0-9]/.test(sender)) problems.push({ code: 'sender.characters', path: 'sender', values })
  if (/^\d+$/.test(sender)) problems.push({ code: 'sender.digits', path: 'sender', values })
  if (GENERIC_SENDERS.has(sender.toLowerCase()))
    problems.push({ code: 'sender.generic', path: 'sender', values })
  return problems
}

/** Kinds of area that list their communes by administrative names; territories, zones and sectors are made of these. */
const NAMED = new Set<SimpleArea['kind']>([
  'commune',
  'communes',
  'epci',
  'arrondissement',
  'departement',
  'region',
])

export function isNamedArea(area: Area): boolean {
  return area.kind === 'union' ? area.areas.every((one) => NAMED.has(one.kind)) : NAMED.has(area.kind)
}

export interface CategoryDefinition {
  readonly code: string
  readonly labelFr: string
  readonly labelEn: string
  readonly severity: Severity
  readonly template: string
  /** Initial level of its alerts; established facts when absent. */
  readonly level?: CategoryLevel
  /** Initial kind of area of its alerts; the commune when absent. */
  readonly area?: CategoryArea
}

export interface AgencyDefinition {
  readonly code: string
  readonly name: string
  readonly kind: AgencyKind
  /** `elsewhere`: the communes of the territory outside the zone of every police agency. Null: the whole territory. */
  readonly zone: Area | 'elsewhere' | null
}

export interface SchemeDefinition {
  readonly id: string
  readonly name: string
  readonly territory: Area
  readonly referencePrefix: string
  /** Absent: that of the territory. */
  readonly timeZone?: string
  /** Languages of its names. */
  readonly languages: readonly string[]
  /** Codes of trades. */
  readonly trades: readonly string[]
  readonly ownTrades: readonly Trade[]
  readonly sender: string
  readonly closingAdvice: string
  readonly smsPriceMillicents: number
  readonly alertLifetimeHours: number
  /** Settings that differ from the defaults. */
  readonly doctrine: DoctrineChoices
  /** Sorted by key. */
  readonly categories: readonly CategoryDefinition[]
  readonly agencies: readonly AgencyDefinition[]
  readonly sectors: readonly { readonly name: string; readonly area: Area }[]
}

/**
 * Returns a problem for each category that a rule of the doctrine names and the scheme does not have, and for each rule that
 * never applies.
 */
export function doctrineProblems(
  doctrine: Pick<DoctrineSettings, 'approval'>,
  categoryCodes: readonly string[],
): Problem[] {
  return doctrine.approval.flatMap(({ categories, severities }, rule): Problem[] => [
    ...(categories === 'all' ? [] : categories).flatMap((code, at): Problem[] =>
      categoryCodes.includes(code)
        ? []
        : [{ code: 'unknown_category', path: `approval.${rule}.categories.${at}`, values: { code } }],
    ),
    ...Object.entries({ categories, severities })
      .filter(([, chosen]) => chosen.length === 0)
      .map(([name]): Problem => ({ code: 'doctrine.rule_empty', path: `approval.${rule}.${name}` })),
  ])
}

const repeatedProblem = (path: string): Problem => ({ code: 'scheme.repeated', path, values: { name: path } })

/** Returns a problem for each trade that is listed twice. */
export function repeatedTradeProblems(codes: readonly string[]): Problem[] {
  return findRepeated(codes.map((code) => `trades.${code}`)).map(repeatedProblem)
}

/** Names only: an offset such as +04:00 is valid for Intl, but PostgreSQL reads it as west of Greenwich. */
const TIME_ZONES = new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])

/** Returns the reason for which a name is no time zone; null: that of the territory. */
export function timeZoneRefusals(timeZone: string | null): Problem[] {
  if (timeZone === null || TIME_ZONES.has(timeZone)) return []
  return [{ code: 'scheme_file.time_zone', path: 'timeZone', values: { zone: timeZone } }]
}

/** Returns the reason for which a scheme cannot have these languages: messages are in French. */
export function languageRefusals(languages: readonly string[]): Problem[] {
  return languages.includes('fr') ? [] : [{ code: 'scheme_file.languages', path: 'languages' }]
}

/** Returns the categories without an English name, in a scheme that writes its names in English too. */
export function listUnnamed<T extends { readonly labelEn?: string | undefined }>(
  languages: readonly string[],
  categories: readonly T[],
): T[] {
  return languages.includes('en') ? categories.filter(({ labelEn }) => labelEn === undefined) : []
}

function findRepeated(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, i) => values.indexOf(value) !== i))]
}

const BUILT_IN = trades.map(({ code }) => code).join(', ')

const NOMENCLATURES = { naf: 'rev2', naf2025: '2025' } as const

/**
 * Returns the problems of the trades of a scheme: a code that is none, no name, an unknown activity, an activity or a word that two
 * of them claim. Built-in trades come first, so that what is to be corrected is the trade of the scheme.
 */
export function tradesProblems({
  trades: codes,
  ownTrades,
}: Pick<SchemeDefinition, 'trades' | 'ownTrades'>): Problem[] {
  const problems: Problem[] = codes
    .filter((code) => findTrade(code, ownTrades) === undefined)
    .map((code) => ({ code: 'own_trade.unknown', path: 'trades', values: { code, codes: BUILT_IN } }))
  const own = new Set(ownTrades.map(({ code }) => code))
  const claims = new Map<string, Claim>()
  const used = [...new Set(codes)].flatMap((code) => wholeTrade(code, ownTrades) ?? [])
  for (const trade of used.toSorted(
    (one, other) => Number(own.has(one.code)) - Number(own.has(other.code)),
  )) {
    const at = `trades.${trade.code}`
    for (const name of ['nameFr', 'nameEn'] as const) {
      const label = trade[name]
      if (label === '')
        problems.push({ code: 'own_trade.name', path: `${at}.${name}`, values: { trade: trade.code } })
      else claimWord(problems, claims, { trade, path: `${at}.${name}`, said: label })
    }
    for (const list of ['naf', 'naf2025'] as const)
      for (const naf of trade[list]) {
        const path = `${at}.${list}`
        if (findNafLevel(NOMENCLATURES[list], naf) === undefined)
          problems.push({ code: 'own_trade.activity', path, values: { naf } })
        claimOnce(problems, claims, `${list} ${nafKey(NOMENCLATURES[list], naf)}`, { trade, path, said: naf })
      }
    for (const word of trade.words) claimWord(problems, claims, { trade, path: `${at}.words`, said: word })
  }
  return problems
}

interface Claim {
  readonly trade: Trade
  readonly path: string
  /** The activity or word as it is written. */
  readonly said: string
}

function claimWord(problems: Problem[], claims: Map<string, Claim>, claim: Claim): void {
  const plain = plainWords(claim.said)
  if (plain === '') problems.push({ code: 'own_trade.word', path: claim.path, values: { said: claim.said } })
  else claimOnce(problems, claims, `word ${plain}`, claim)
}

function claimOnce(problems: Problem[], claims: Map<string, Claim>, key: string, claim: Claim): void {
  const first = claims.get(key) ?? claim
  claims.set(key, first)
  if (first.trade.code === claim.trade.code) return
  const values = { said: claim.said, trade: claim.trade.nameFr, other: first.trade.nameFr }
  problems.push({ code: 'own_trade.twice', path: claim.path, values })
}

/** Returns every problem of the definition of a scheme; empty when it can be loaded. */
export function schemeRefusals(scheme: SchemeDefinition): Problem[] {
  const areas: [string, Area | 'elsewhere' | null][] = [
    ['territory', scheme.territory],
    ...scheme.agencies.map((agency): [string, Area | 'elsewhere' | null] => [
      `agencies.${agency.code}`,
      agency.zone,
    ]),
    ...scheme.sectors.map((sector): [string, Area] => [`sectors.${sector.name}`, sector.area]),
  ]
  return [
    ...senderRefusals(scheme.sender),
    ...(scheme.trades.length === 0 ? [{ code: 'input.required' as const, path: 'trades' }] : []),
    ...tradesProblems(scheme),
    ...scheme.categories.flatMap((category) =>
      templateRefusals(category.template, `categories.${category.code}.template`),
    ),
    ...repeatedTradeProblems(scheme.trades),
    ...findRepeated([
      ...scheme.categories.map((category) => `categories.${category.code}`),
      ...scheme.agencies.map((agency) => `agencies.${agency.code}`),
      ...scheme.sectors.map((sector) => `sectors.${sector.name}`),
    ]).map(repeatedProblem),
    ...areas
      .filter(([, area]) => area !== null && area !== 'elsewhere' && !isNamedArea(area))
      .map(([path]): Problem => ({ code: 'scheme.area_not_named', path })),
  ]
}
