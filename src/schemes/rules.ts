import type { Problem } from '../errors.ts'
import type { AgencyKind, Severity } from '../schema.ts'
import type { Area, SimpleArea } from '../territory/contract.ts'
import { templateVariables, variablesOf } from './compose.ts'
import type { CategoryArea, CategoryLevel, DoctrineChoices, DoctrineSettings } from './doctrine.ts'
import { listNaf } from './naf/naf.ts'
import { findTrade, plainWords, type Trade, trades } from './trades.ts'

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

/** Returns the reasons for which a template cannot be used, such as no text or an unknown variable. */
export function templateRefusals(template: string, path: string): Problem[] {
  const problems: Problem[] = variablesOf(template)
    .filter((name) => !Object.hasOwn(templateVariables, name))
    .map((name) => ({ code: 'template.unknown_variable', path, values: { name } }))
  if (template.replace(/\{[^{}]*\}/g, '').trim() === '') problems.push({ code: 'template.empty', path })
  if (/[{}]/.test(template.replace(/\{[^{}]*\}/g, ''))) problems.push({ code: 'template.braces', path })
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

function findRepeated(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, i) => values.indexOf(value) !== i))]
}

const BUILT_IN = trades.map(({ code }) => code).join(', ')

const levelsOf = (codes: readonly string[]) =>
  new Set(codes.flatMap((code) => [2, 4, 5, 6].map((length) => code.slice(0, length))))
const NAF_LEVELS = { naf: levelsOf(listNaf('rev2')), naf2025: levelsOf(listNaf('2025')) }

/** Returns the problems of the trades that a scheme defines itself: no name, an unknown activity, one or a word given twice. */
export function tradeRefusals(ownTrades: readonly Trade[]): Problem[] {
  const problems: Problem[] = []
  const takers = new Map<string, string>()
  const takeOnce = (key: string, path: string, { code }: Trade, said: string) => {
    const other = takers.get(key)
    if (other !== undefined && other !== code)
      problems.push({ code: 'own_trade.twice', path, values: { said, trade: other } })
    takers.set(key, other ?? code)
  }
  for (const trade of ownTrades) {
    const at = `trades.${trade.code}`
    for (const name of ['nameFr', 'nameEn'] as const)
      if (trade[name] === '')
        problems.push({ code: 'own_trade.name', path: `${at}.${name}`, values: { trade: trade.code } })
    for (const list of ['naf', 'naf2025'] as const)
      for (const naf of trade[list]) {
        if (!NAF_LEVELS[list].has(naf))
          problems.push({ code: 'own_trade.activity', path: `${at}.${list}`, values: { naf } })
        takeOnce(`${list} ${naf}`, `${at}.${list}`, trade, naf)
      }
    for (const word of trade.words) takeOnce(`word ${plainWords(word)}`, `${at}.words`, trade, word)
  }
  return problems
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
    ...scheme.trades
      .filter((code) => findTrade(code, scheme.ownTrades) === undefined)
      .map(
        (code): Problem => ({ code: 'own_trade.unknown', path: 'trades', values: { code, codes: BUILT_IN } }),
      ),
    ...tradeRefusals(scheme.ownTrades),
    ...scheme.categories.flatMap((category) =>
      templateRefusals(category.template, `categories.${category.code}.template`),
    ),
    ...findRepeated([
      ...scheme.trades.map((code) => `trades.${code}`),
      ...scheme.categories.map((category) => `categories.${category.code}`),
      ...scheme.agencies.map((agency) => `agencies.${agency.code}`),
      ...scheme.sectors.map((sector) => `sectors.${sector.name}`),
    ]).map((path): Problem => ({ code: 'scheme.repeated', path, values: { name: path } })),
    ...areas
      .filter(([, area]) => area !== null && area !== 'elsewhere' && !isNamedArea(area))
      .map(([path]): Problem => ({ code: 'scheme.area_not_named', path })),
  ]
}
