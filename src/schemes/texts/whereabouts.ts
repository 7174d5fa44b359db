import { atName, usualName, zoneWords } from '../../territory/places/naming.ts'
import { isAboutArea } from './compose.ts'

/** Kinds of shops and of public places that a text may name, keyed by the preposition and article that introduce them. */
const INSIDE: Readonly<Record<string, string>> = {
  'dans un ':
    'bureau de tabac|tabac-presse|tabac|supermarché|hypermarché|magasin|commerce|bar-tabac|bar|café|restaurant|hôtel|camping|garage|salon de coiffure|pressing|drive|distributeur|centre commercial|commerce de bouche|institut de beauté',
  'dans une ':
    'boulangerie-pâtisserie|boulangerie|pâtisserie|boucherie-charcuterie|boucherie|charcuterie|poissonnerie|fromagerie|chocolaterie|épicerie|supérette|pharmacie|parapharmacie|bijouterie|horlogerie|brasserie|pizzeria|crêperie|auberge|banque|agence bancaire|librairie|maison de la presse|papeterie|maroquinerie|parfumerie|droguerie|quincaillerie|jardinerie|boutique|station-service|station service|laverie|discothèque|ferme|exploitation agricole|galerie marchande|grande surface',
  'chez un ':
    'buraliste|boulanger|boucher|bijoutier|pharmacien|opticien|coiffeur|fleuriste|caviste|traiteur|primeur|garagiste|particulier|agriculteur',
}
const intoKind = new Map(
  Object.entries(INSIDE).flatMap(([into, kinds]) => kinds.split('|').map((kind) => [kind, into] as const)),
)
/** Longest first, so that "bureau de tabac" does not match as "tabac". A plural is not a single shop and does not match. */
const KIND = new RegExp(
  `(?<![\\p{L}\\p{N}])(${[...intoKind.keys()].sort((a, b) => b.length - a.length).join('|')})(?![\\p{L}\\p{N}])`,
  'iu',
)
/** Words that make a kind of shop part of another name: "rue de la Boucherie", "place du Café". */
const OF = /(?<![\p{L}\p{N}])(?:de|du|des|de la|d['’]|de l['’])\s*$/iu
const BESIDE = /(?<![\p{L}\p{N}])(?:près|face|côté|proximité|abords|vers)(?![\p{L}\p{N}])/iu
const OUTSIDE = /(?<![\p{L}\p{N}])(devant|derrière)(?![\p{L}\p{N}])/iu

const STREET_KINDS =
  "rue|ruelle|venelle|avenue|av\\.?|boulevard|bld?\\.?|bd\\.?|place|placette|allées?|impasse|chemin|route|rte\\.?|quai|cours|square|passage|esplanade|promenade|rond-point|faubourg|fbg\\.?|montée|parvis|quartier|hameau|lieu-dit|zone (?:artisanale|commerciale|industrielle|d['’]activités?)|z\\.?[ai]\\.?|zac"
const STREET = new RegExp(
  `^(?:(?:sur|dans|devant|derrière|à|au|en|vers|près de|face à)\\s+)?(?:(?:la|le|les|l['’]|un|une)\\s*)?(?:\\d+\\s*(?:bis|ter|quater|[a-d](?=\\s))?[\\s,]*)?(?<street>(?:${STREET_KINDS})\\s+\\p{L}.*)$`,
  'iu',
)
const STREET_KIND = new RegExp(`^(?:${STREET_KINDS})\\s+`, 'iu')
/** The start of words after the name of a street: "rue gambetta à côté de la poste". */
const PLACE_WORD = /\s(?:devant|derrière|face|près|vers|direction|angle|entre|au|à)\s/u
/** The first letter of a word of a street's name that has a capital: no link, and no adjective that describes it. */
const NAME_LETTER =
  /(?<![\p{L}\p{N}])(?!(?:d[eu]s?|l[ae]s?|et|à|aux?|en|sur|sous|piétonne|commerçante)(?![\p{L}\p{N}])|[ld]['’])\p{Ll}/gu

/** Words left at the end of a street that introduced a shop. */
const TRAILING = /(?:\s+(?:devant|derrière|face|près|à côté|chez|dans|au|à|le|la|un|une))+$/iu

/** Public places that need no name, with the phrase for a sentence. */
const PUBLIC: Readonly<Record<string, string>> = {
  'centre-ville': 'en centre-ville',
  'centre ville': 'en centre-ville',
  bourg: 'dans le bourg',
  gare: 'à la gare',
  mairie: 'devant la mairie',
  marché: 'sur le marché',
  parking: 'sur un parking',
  'zone commerciale': 'en zone commerciale',
  'zone artisanale': 'en zone artisanale',
  'zone industrielle': 'en zone industrielle',
}

/**
 * Returns the part of a typed place that a text may reveal: its street or square, without the number, and the kind of shop or
 * public place. Everything else stays in the report, above all the name of a shop, which no text may contain. Empty when
 * nothing is left: "Tabac de la Halle, 3 place de la Halle" gives "dans un tabac place de la Halle", "Chez Paulette" nothing.
 */
export function placeDetail(typed: string): string {
  let kind: string | undefined
  let street: string | undefined
  for (const part of typed.split(/[,;()\n]|\s[-–—]\s/u)) {
    const segment = part.replace(/\s+/gu, ' ').trim()
    const [before, named, after] = streetIn(segment)
    street ??= named ?? publicPlaceOf(segment)
    kind ??= kindOf(named === undefined ? segment : `${before} ${after}`)
  }
  return [kind, street].filter((one) => one !== undefined).join(' ')
}

/**
 * Finds the street of a segment, at its start or after a kind of shop, up to the next kind of shop, and the text before and
 * after it: "3 place de la Halle tabac Durand" contains "place de la Halle".
 */
function streetIn(segment: string): [before: string, street: string | undefined, after: string] {
  const shop = kindAt(segment)
  for (const from of [0, ...(shop === undefined ? [] : [shop.index + shop.kind.length])]) {
    const found = STREET.exec(segment.slice(from).trimStart())?.groups?.street
    if (found === undefined) continue
    const next = kindAt(found)
    const street = (next === undefined ? found : found.slice(0, next.index)).trim().replace(TRAILING, '')
    if (!street.includes(' ')) continue
    const rest = next === undefined ? '' : found.slice(street.length)
    return [segment.slice(0, from), streetName(street), rest]
  }
  return ['', undefined, '']
}

/**
 * Writes the name of a street with the capitals of French: "rue de la gare" and "RUE DE LA GARE" as "rue de la Gare". A name
 * typed in both cases keeps its own, but for the kind of street, which has no capital.
 */
function streetName(typed: string): string {
  const street = /\p{Ll}/u.test(typed) ? typed.charAt(0).toLowerCase() + typed.slice(1) : typed.toLowerCase()
  if (/\p{Lu}/u.test(street)) return street
  const from = STREET_KIND.exec(street)?.[0].length ?? 0
  const to = PLACE_WORD.exec(street)?.index ?? street.length
  const name = street.slice(from, to).replace(NAME_LETTER, (letter) => letter.toUpperCase())
  return street.slice(0, from) + name + street.slice(to)
}

/** Finds the first kind of shop in a text that is not part of another name. */
function kindAt(text: string): { readonly index: number; readonly kind: string } | undefined {
  let from = 0
  for (;;) {
    const found = KIND.exec(text.slice(from))
    if (found === null) return undefined
    const index = from + found.index
    if (!OF.test(text.slice(0, index))) return { index, kind: found[0].toLowerCase() }
    from = index + found[0].length
  }
}

function kindOf(text: string): string | undefined {
  const shop = kindAt(text) ?? besideShop(text)
  if (shop === undefined) return undefined
  const into = intoKind.get(shop.kind) ?? 'dans un '
  const one = into.endsWith('une ') ? 'une' : 'un'
  const before = text.slice(0, shop.index)
  const outside = OUTSIDE.exec(before)?.[1]
  if (outside !== undefined) return `${outside.toLowerCase()} ${one} ${shop.kind}`
  return BESIDE.test(before) ? `près d'${one} ${shop.kind}` : `${into}${shop.kind}`
}

/** Finds the shop in "près de la pharmacie", where the preceding "de la" is not part of a name. */
function besideShop(text: string): { readonly index: number; readonly kind: string } | undefined {
  if (!BESIDE.test(text)) return undefined
  const found = KIND.exec(text)
  return found === null ? undefined : { index: found.index, kind: found[0].toLowerCase() }
}

function publicPlaceOf(segment: string): string | undefined {
  const bare = segment
    .replace(/^(?:à |au |en |dans |sur |devant )?(?:le |la |l['’]|un |une )?/iu, '')
    .toLowerCase()
  return PUBLIC[bare]
}

/** The place of the facts of a report. */
export interface Whereabouts {
  readonly commune: {
    readonly name: string
    /** The name of a former commune, if the caller used it. */
    readonly formerName?: string | null
  }
  /** The place within the commune, as typed. */
  readonly place?: string | null
}

/** Returns the commune of the facts with its preposition, under the name used by the caller: "à Billom", "à Dallet". */
export function communeWords({ commune }: Pick<Whereabouts, 'commune'>): string {
  return atName(commune.formerName ?? commune.name)
}

/**
 * Returns the place of the facts for the text of a message, with its prepositions: "à Billom", "à Billom, place de la
 * Halle,". The last comma is dropped when the sentence ends or another mark follows.
 */
export function factsPlaceWords(where: Whereabouts): string {
  const detail = placeDetail(where.place ?? '')
  return detail === '' ? communeWords(where) : `${communeWords(where)}, ${detail},`
}

/** Lists the names by which a text may call the commune of the facts. */
export function communeNames({ commune }: Pick<Whereabouts, 'commune'>): string[] {
  const { name, formerName } = commune
  return [...new Set([...(formerName ? [formerName] : []), name, usualName(name)])]
}

/** Returns an event with its place: "Vol par ruse à Billom", but "Faux billets, agglomération d'Issoire". */
export function eventWords(label: string, placeWords: string): string {
  return `${label}${/^(?:à|au|aux|dans) /u.test(placeWords) ? ' ' : ', '}${placeWords}`
}

/**
 * Returns the place as the texts of an alert give it: the place of the facts, or the alerted area when their template is
 * about it.
 * @param areaLabel the area as named by `areaWords`
 */
export function alertPlaceWords(
  template: string,
  { commune, areaLabel }: Pick<Whereabouts, 'commune'> & { readonly areaLabel: string },
): string {
  return isAboutArea(template) ? zoneWords(areaLabel) : communeWords({ commune })
}
