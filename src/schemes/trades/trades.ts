import {
  listNaf,
  type NafCodes,
  type Nomenclature,
  nomenclatureOf,
  normalizeNaf,
  titleOfNaf,
} from '../naf/naf.ts'
import { plainWords } from './plain-words.ts'

/** The codes and words from which a trade is recognised. */
export interface TradeLists {
  /** Codes of the French activity classification NAF rev. 2 in this group, or prefixes of them. */
  readonly naf: readonly string[]
  /** Codes and prefixes of NAF 2025, in which a class may mean something else: 47.81 was markets, and is cars. */
  readonly naf2025: readonly string[]
  /** Other words for it in lists, in French, compared without accents or case, singular or plural. */
  readonly words: readonly string[]
}

/** A trade group, at which alerts can be targeted. */
export interface Trade extends TradeLists {
  readonly code: string
  readonly nameFr: string
  readonly nameEn: string
  /** Own trades with the code of a built-in one: what no longer leads to the built-in one. */
  readonly without?: TradeLists
  /** A trade of the scheme that it no longer uses: former members keep its name, and nothing leads to it. */
  readonly retired?: boolean
}

const divisions = (codes: string) => codes.split(' ')
/** Divisions 5 to 43, except those in other groups; the same in both classifications. */
const INDUSTRY = divisions(
  '05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 35 36 37 39 41 42 43',
)
/** Wholesale, and divisions 58 to 99, except those in other groups; the same in both classifications. */
const SERVICES = divisions(
  '46 58 59 60 61 62 63 64 65 66 68 69 70 71 72 73 74 75 77 78 79 80 81 82 84 85 86 87 88 90 91 92 93 94 95 96 97 98 99',
)

/**
 * Every trade group. The longest matching prefix of a classification decides, so that the general group of retail (47) contains
 * the rest. The groups are those found in the conventions of French départements.
 */
export const trades = [
  {
    code: 'general-shops',
    nameFr: 'Commerces divers',
    nameEn: 'General shops',
    naf: ['47', '74.20', '95.1', '95.2', '96.01'],
    naf2025: ['47', '74.20', '95.1', '95.2', '96.1'],
    words: [
      'commerce',
      'commerce divers',
      'commerçant',
      'magasin',
      'librairie',
      'fleuriste',
      'jardinerie',
      'pressing',
      'bazar',
    ],
  },
  {
    code: 'food-shops',
    nameFr: 'Alimentation et supermarchés',
    nameEn: 'Food shops and supermarkets',
    naf: ['47.11', '47.2', '47.81'],
    naf2025: ['47.11', '47.2'],
    words: [
      'alimentation',
      'supermarché',
      'supérette',
      'hypermarché',
      'épicerie',
      'primeur',
      'caviste',
      'fromagerie',
      'poissonnerie',
      'grande surface',
    ],
  },
  {
    code: 'bakeries',
    nameFr: 'Boulangeries et pâtisseries',
    nameEn: 'Bakeries',
    naf: ['10.71B', '10.71C', '10.71D', '10.82', '47.24'],
    naf2025: ['10.71H', '10.71J', '10.82', '47.24'],
    words: ['boulangerie', 'boulanger', 'pâtisserie', 'pâtissier', 'boulangerie pâtisserie', 'chocolaterie'],
  },
  {
    code: 'butchers',
    nameFr: 'Boucheries et charcuteries',
    nameEn: 'Butchers',
    naf: ['10.13B', '47.22'],
    naf2025: ['10.13H', '47.22'],
    words: ['boucherie', 'boucher', 'charcuterie', 'charcutier', 'boucherie charcuterie'],
  },
  {
    code: 'pharmacies',
    nameFr: 'Pharmacies',
    nameEn: 'Pharmacies',
    naf: ['47.73'],
    naf2025: ['47.73'],
    words: ['pharmacie', 'pharmacien', 'officine'],
  },
  {
    code: 'jewellers',
    nameFr: 'Bijouteries et horlogeries',
    nameEn: 'Jewellers',
    naf: ['32.12', '47.77', '95.25'],
    naf2025: ['32.12', '47.77', '95.25'],
    words: ['bijouterie', 'bijoutier', 'horlogerie', 'horloger', 'joaillerie', 'bijouterie horlogerie'],
  },
  {
    code: 'opticians',
    nameFr: 'Opticiens',
    nameEn: 'Opticians',
    naf: ['47.78A'],
    naf2025: ['47.74G'],
    words: ['optique', 'opticien', 'lunetterie'],
  },
  {
    code: 'clothing',
    nameFr: 'Habillement et chaussures',
    nameEn: 'Clothing and shoes',
    naf: ['47.51', '47.71', '47.72', '47.82'],
    naf2025: ['47.51', '47.71', '47.72'],
    words: [
      'habillement',
      'prêt à porter',
      'vêtements',
      'chaussures',
      'maroquinerie',
      'mode',
      'textile',
      'lingerie',
    ],
  },
  {
    code: 'tobacco-press',
    nameFr: 'Buralistes et presse',
    nameEn: 'Tobacconists and newsagents',
    naf: ['47.26', '47.62'],
    naf2025: ['47.26', '47.62', '47.92H'],
    words: [
      'buraliste',
      'tabac',
      'tabac presse',
      'bureau de tabac',
      'bar tabac',
      'presse',
      'maison de la presse',
    ],
  },
  {
    code: 'petrol-stations',
    nameFr: 'Stations-service',
    nameEn: 'Petrol stations',
    naf: ['47.3'],
    naf2025: ['47.3'],
    words: ['station service', 'station essence', 'carburant'],
  },
  {
    code: 'banks-post',
    nameFr: 'Banques et bureaux de poste',
    nameEn: 'Banks and post offices',
    naf: ['53.1', '64.1', '64.92'],
    naf2025: ['53.1', '64.1', '64.92'],
    words: ['banque', 'poste', 'bureau de poste', 'agence bancaire'],
  },
  {
    code: 'restaurants-bars',
    nameFr: 'Restaurants et bars',
    nameEn: 'Restaurants and bars',
    naf: ['56'],
    naf2025: ['56'],
    words: [
      'restaurant',
      'bar',
      'café',
      'brasserie',
      'restauration',
      'restauration rapide',
      'débit de boissons',
      'traiteur',
      'CHR',
    ],
  },
  {
    code: 'hotels',
    nameFr: 'Hôtels et hébergement',
    nameEn: 'Hotels and lodging',
    naf: ['55'],
    naf2025: ['55'],
    words: ['hôtel', 'hôtellerie', 'camping', 'gîte', 'hébergement', 'hôtel restaurant'],
  },
  {
    code: 'hairdressers-beauty',
    nameFr: 'Coiffure et beauté',
    nameEn: 'Hairdressers and beauty',
    naf: ['47.75', '96.02', '96.04'],
    naf2025: ['47.75', '96.2'],
    words: [
      'coiffure',
      'coiffeur',
      'salon de coiffure',
      'esthétique',
      'institut de beauté',
      'parfumerie',
      'barbier',
    ],
  },
  {
    code: 'garages',
    nameFr: 'Garages et concessions automobiles',
    nameEn: 'Garages and car dealers',
    naf: ['45', '71.20A'],
    naf2025: ['46.7', '47.8', '47.92G', '71.20G', '95.3'],
    words: ['garage', 'garagiste', 'automobile', 'concession', 'concessionnaire', 'carrosserie', 'moto'],
  },
  {
    code: 'tools-garden',
    nameFr: 'Bricolage, outillage et motoculture',
    nameEn: 'Tools, DIY and garden machinery',
    naf: ['46.74A', '47.52', '77.32'],
    naf2025: ['46.84G', '47.52', '77.32'],
    words: ['bricolage', 'outillage', 'quincaillerie', 'motoculture', 'location de matériel'],
  },
  {
    code: 'farm-machinery',
    nameFr: 'Matériel agricole',
    nameEn: 'Farm machinery',
    naf: ['28.3', '46.61', '77.31'],
    naf2025: ['28.3', '46.61', '77.31'],
    words: ['machinisme agricole', 'matériel agricole', 'tracteurs', 'concession agricole'],
  },
  {
    code: 'scrap-dealers',
    nameFr: 'Ferrailleurs et récupération',
    nameEn: 'Scrap dealers',
    naf: ['38', '46.77'],
    naf2025: ['38', '46.87'],
    words: ['ferrailleur', 'récupération', 'casse automobile', 'recyclage', 'métaux'],
  },
  {
    code: 'delivery-transport',
    nameFr: 'Livraison et transport',
    nameEn: 'Delivery and transport',
    naf: ['49', '50', '51', '52', '53.2', '86.90A'],
    naf2025: ['49', '50', '51', '52', '53.2', '53.3', '86.92'],
    words: ['transport', 'transporteur', 'livraison', 'logistique', 'taxi', 'messagerie', 'ambulance'],
  },
  {
    code: 'industry-construction',
    nameFr: 'Industrie et bâtiment',
    nameEn: 'Industry and construction',
    naf: INDUSTRY,
    naf2025: INDUSTRY,
    words: [
      'industrie',
      'bâtiment',
      'BTP',
      'construction',
      'artisan du bâtiment',
      'travaux publics',
      'usine',
    ],
  },
  {
    code: 'services-wholesale',
    nameFr: 'Services et commerce de gros',
    nameEn: 'Services and wholesale',
    naf: SERVICES,
    naf2025: SERVICES,
    words: [
      'service',
      'services',
      'grossiste',
      'négoce',
      'commerce de gros',
      'assurance',
      'agence immobilière',
    ],
  },
  {
    code: 'farmers',
    nameFr: 'Agriculteurs',
    nameEn: 'Farmers',
    naf: ['01', '02', '03'],
    naf2025: ['01', '02', '03'],
    words: [
      'agriculteur',
      'agricultrice',
      'exploitation agricole',
      'agriculture',
      'éleveur',
      'élevage',
      'GAEC',
      'EARL',
    ],
  },
] as const satisfies readonly Trade[]

export type TradeCode = (typeof trades)[number]['code']

const byCode = new Map<string, Trade>(trades.map((trade) => [trade.code, trade]))

/** The lookup tables from codes and words to trades, those of one scheme included. */
interface TradeTable {
  readonly byPrefix: Readonly<Record<'rev2' | '2025', ReadonlyMap<string, string>>>
  readonly byWords: ReadonlyMap<string, string>
}

/** A scheme without trades of its own. */
const NO_OWN: readonly Trade[] = []
const tables = new WeakMap<readonly Trade[], TradeTable>()

function tableOf(given: readonly Trade[]): TradeTable {
  const own = given.length === 0 ? NO_OWN : given
  const known = tables.get(own)
  if (known !== undefined) return known
  const all = tradesWith(own)
  const prefixes = (of: 'naf' | 'naf2025') =>
    new Map(all.flatMap((trade) => trade[of].map((prefix): [string, string] => [prefix, trade.code])))
  const table = {
    byPrefix: { rev2: prefixes('naf'), '2025': prefixes('naf2025') },
    byWords: new Map(
      all.flatMap(({ code, nameFr, nameEn, words }) =>
        [code, nameFr, nameEn, ...words].map((name): [string, string] => [plainWords(name), code]),
      ),
    ),
  }
  tables.set(own, table)
  return table
}

/**
 * Lists the trades that texts and codes may lead to: the built-in ones without what the scheme removed from them, then those of the
 * scheme, one of which may have the code of a built-in one.
 */
export function tradesWith(own: readonly Trade[]): readonly Trade[] {
  const used = own.filter(({ retired }) => retired !== true)
  return [...trades.map((trade) => reduceTrade(trade, used)), ...used]
}

function reduceTrade(trade: Trade, own: readonly Trade[]): Trade {
  const without = own.find(({ code }) => code === trade.code)?.without
  if (without === undefined) return trade
  return {
    ...trade,
    naf: trade.naf.filter((code) => !without.naf.includes(code)),
    naf2025: trade.naf2025.filter((code) => !without.naf2025.includes(code)),
    words: withoutWords(trade.words, without.words),
  }
}

/** Returns the words that are none of the others, whatever their accents, case and number. */
export function withoutWords(words: readonly string[], others: readonly string[]): string[] {
  const gone = new Set(others.map(plainWords))
  return words.filter((word) => !gone.has(plainWords(word)))
}

/**
 * Returns the trade group with this code.
 * @param own trades of the scheme, which come before the groups above; one with the code of a group renames it, and adds its codes and
 * words
 */
export function findTrade(code: string, own: readonly Trade[] = NO_OWN): Trade | undefined {
  return own.findLast((trade) => trade.code === code) ?? byCode.get(code)
}

/**
 * Returns the trade group of a code of NAF rev. 2 or NAF 2025, in any spelling.
 * @returns undefined if it is no code, or none that its classification lists: nobody can say then what it means
 */
export function tradeOfNaf(text: string, own: readonly Trade[] = NO_OWN): string | undefined {
  const code = normalizeNaf(text)
  if (code === undefined || titleOfNaf(code) === undefined) return undefined
  return tradeOfLevel(nomenclatureOf(code), code, own)
}

/** Returns the trade group of a code of a classification, or of the beginning of one, in its official form. */
export function tradeOfLevel(
  nomenclature: Nomenclature,
  code: string,
  own: readonly Trade[] = NO_OWN,
): string | undefined {
  const prefixes = tableOf(own).byPrefix[nomenclature]
  for (let length = code.length; length >= 2; length--) {
    const trade = prefixes.get(code.slice(0, length))
    if (trade !== undefined) return trade
  }
  return undefined
}

/** Levels of a classification that hold the neighbours of a class: its group ("47.2"), then its division ("47"). */
const NEIGHBOURHOODS = [4, 2]

/**
 * Lists the trades of the classes next to a code, of which no trade that may be meant has it: those of its group first, then those
 * of its division, each by the classes that it has there.
 * @param code in its official form
 * @param among the trades that may be meant
 */
export function listTradesNearNaf(
  code: string,
  among: readonly string[],
  own: readonly Trade[] = NO_OWN,
): readonly string[] {
  const nomenclature = nomenclatureOf(code)
  const near = NEIGHBOURHOODS.flatMap((length) => {
    const classes = listNaf(nomenclature).filter((one) => one.startsWith(code.slice(0, length)))
    const claims = Map.groupBy(classes, (one) => tradeOfLevel(nomenclature, one, own))
    return [...claims]
      .sort(([, one], [, other]) => other.length - one.length)
      .flatMap(([trade]) => (trade !== undefined && among.includes(trade) ? [trade] : []))
  })
  return [...new Set(near)].slice(0, MAX_NEAR)
}

/** Maximum number of trades proposed for a text or a code that is none of them. */
export const MAX_NEAR = 4

/** Returns the trade group of a business by its codes, that of NAF 2025 first: its classes are finer. */
export function tradeOfCodes({ naf, naf2025 }: NafCodes, own: readonly Trade[] = NO_OWN): string | undefined {
  return (
    (naf2025 === null ? undefined : tradeOfNaf(naf2025, own)) ??
    (naf === null ? undefined : tradeOfNaf(naf, own))
  )
}

/** Returns the trade group named by a person: by its code, its French or English name, or a usual word for it. */
export function tradeOfWords(text: string, own: readonly Trade[] = NO_OWN): string | undefined {
  return tableOf(own).byWords.get(plainWords(text))
}
