import { atName, usualName, zoneWords } from '../../territory/places/naming.ts'
import { isAboutArea } from './compose.ts'

/**
 * Returns a text without its accents, of the same length. Calls are typed in haste: "pres de l hotel" is read as "près de
 * l'hôtel".
 * @param text in Unicode's composed form (NFC)
 */
function bare(text: string): string {
  return text.replace(/[\u00c0-\u024f]/gu, (letter) => letter.normalize('NFD').charAt(0))
}

/**
 * Kinds of shops and of public places that a text may name, keyed by the preposition and article that introduce them. The
 * longer of two that begin alike comes first.
 */
const INSIDE: Readonly<Record<string, string>> = {
  'dans un ':
    'bureau de tabac|tabac-presse|tabac|supermarché|hypermarché|magasin|commerce de bouche|commerce|bar-tabac|bar|café|restaurant|snack|hôtel|camping|garage|salon de coiffure|pressing|drive|distributeur|bureau de poste|centre commercial|institut de beauté|hangar',
  'dans une ':
    'boulangerie-pâtisserie|boulangerie|pâtisserie|boucherie-charcuterie|boucherie|charcuterie|poissonnerie|fromagerie|chocolaterie|épicerie|supérette|pharmacie|parapharmacie|bijouterie|horlogerie|brasserie|pizzeria|crêperie|auberge|banque|agence bancaire|agence immobilière|librairie|maison de la presse|papeterie|maroquinerie|parfumerie|droguerie|quincaillerie|jardinerie|boutique|station-service|laverie|discothèque|ferme|exploitation agricole|galerie marchande|grande surface',
  'chez un ':
    'buraliste|boulanger|boucher|bijoutier|pharmacien|opticien|coiffeur|barbier|fleuriste|caviste|traiteur|primeur|garagiste|particulier|agriculteur',
}
interface Kind {
  readonly name: string
  /** The preposition and article that introduce it. */
  readonly into: string
}
const keyOf = (typed: string) => bare(typed).toLowerCase().replaceAll('-', ' ')
const kinds = new Map<string, Kind>(
  Object.entries(INSIDE).flatMap(([into, names]) =>
    names.split('|').map((name) => [keyOf(name), { name, into }] as const),
  ),
)
const words = (pattern: string) => `(?<![\\p{L}\\p{N}])(?:${pattern})(?![\\p{L}\\p{N}])`
/** A plural is not a single shop and does not match. */
const KIND = new RegExp(words([...kinds.keys()].join('|').replaceAll(' ', '[- ]')), 'iu')
/** Words that make a kind of shop part of another name: "rue de la Boucherie", "place du Café". */
const OF = /(?<![\p{L}\p{N}])(?:de|du|des|de la|d['’ ]|de l['’ ])\s*$/iu
const BESIDE = new RegExp(words('pr[eè]s|face|côté|cote|proximit[eé]|abords|vers'), 'iu')
const OUTSIDE = new RegExp(words('devant|derriere'), 'iu')

const STREET_KINDS =
  "rue|ruelle|venelle|avenue|av\\.?|boulevard|bld?\\.?|bd\\.?|place|placette|allees?|impasse|chemin|route|rte\\.?|quai|cours|square|passage|esplanade|promenade|rond-point|faubourg|fbg\\.?|montee|parvis|quartier|hameau|lieu-dit|zone (?:artisanale|commerciale|industrielle|d['’ ]activites?)|z\\.?[ai]\\.?|zac"
const STREET = new RegExp(
  `^(?:(?:sur|dans|devant|derriere|a|au|en|vers|pres de|face a)\\s+)?(?:(?:la|le|les|l['’]|un|une)\\s*)?(?:\\d+\\s*(?:bis|ter|quater|[a-d](?=\\s))?[\\s,]*)?(?<street>(?:${STREET_KINDS})\\s+\\p{L}.*)$`,
  'iu',
)
const STREET_KIND = new RegExp(`^(?:${STREET_KINDS})\\s+`, 'iu')
/** The start of words after the name of a street: "rue gambetta à côté de la poste". */
const PLACE_WORD = /\s(?:devant|derriere|face|pres|vers|direction|angle|entre|au|a)\s/u
/** The first letter of a word of a street's name that has a capital: no link, and no adjective that describes it. */
const NAME_LETTER =
  /(?<![\p{L}\p{N}])(?!(?:d[eu]s?|l[ae]s?|et|à|aux?|en|sur|sous|pi[ée]tonne|commer[çc]ante)(?![\p{L}\p{N}])|[ld]['’])\p{Ll}/gu
/** An article whose apostrophe was left out. */
const ELISION = /(?<![\p{L}\p{N}'’])([ld]) (?=[aeiouyhéèê])/giu

/** Words left at the end of a street that introduced a shop. */
const TRAILING = /(?:\s+(?:devant|derriere|face|pres|a cote|chez|dans|au|a|le|la|l['’]?|un|une))+$/iu

/** Public places that need no name, with the phrase for a sentence. */
const PUBLIC: ReadonlyMap<string, string> = new Map([
  ['centre ville', 'en centre-ville'],
  ['bourg', 'dans le bourg'],
  ['gare', 'à la gare'],
  ['mairie', 'devant la mairie'],
  ['marche', 'sur le marché'],
  ['parking', 'sur un parking'],
  ...['commerciale', 'artisanale', 'industrielle'].map(
    (kind) => [`zone ${kind}`, `en zone ${kind}`] as const,
  ),
])

/**
 * Returns the part of a typed place that a text may reveal: its street or square, without the number, and the kind of shop or
 * public place. Everything else stays in the report, above all the name of a shop, which no text may contain. Empty when
 * nothing is left: "Tabac de la Halle, 3 place de la Halle" gives "dans un tabac place de la Halle", "Chez Paulette" nothing.
 */
export function placeDetail(typed: string): string {
  let kind: string | undefined
  let street: string | undefined
  for (const part of typed.normalize('NFC').split(/[,;()\n]|\s[-–—]\s/u)) {
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
  for (const from of [0, ...(shop === undefined ? [] : [shop.index + shop.length])]) {
    const plain = STREET.exec(bare(segment.slice(from)).trimStart())?.groups?.street
    if (plain === undefined) continue
    const found = segment.slice(-plain.length)
    const next = kindAt(found)
    const street = withoutTrailing((next === undefined ? found : found.slice(0, next.index)).trim())
    if (!street.includes(' ')) continue
    const rest = next === undefined ? '' : found.slice(street.length)
    return [segment.slice(0, from), streetName(street), rest]
  }
  return ['', undefined, '']
}

function withoutTrailing(street: string): string {
  return street.slice(0, TRAILING.exec(bare(street))?.index)
}

/**
 * Writes the name of a street with the capitals of French: "rue de la gare" and "RUE DE LA GARE" as "rue de la Gare". A name
 * typed in both cases keeps its own, but for the kind of street, which has no capital.
 */
function streetName(typed: string): string {
  const cased = /\p{Ll}/u.test(typed) ? typed.charAt(0).toLowerCase() + typed.slice(1) : typed.toLowerCase()
  const street = cased.replace(/^(all|mont)ee(?=s? )/u, '$1ée')
  if (/\p{Lu}/u.test(street)) return street
  const plain = bare(street)
  const from = STREET_KIND.exec(plain)?.[0].length ?? 0
  const to = PLACE_WORD.exec(plain)?.index ?? street.length
  const name = street
    .slice(from, to)
    .replace(ELISION, "$1'")
    .replace(NAME_LETTER, (letter) => letter.toUpperCase())
  return street.slice(0, from) + name + street.slice(to)
}

interface ShopFound extends Kind {
  readonly index: number
  readonly length: number
}

function shopIn(text: string): ShopFound | undefined {
  const found = KIND.exec(bare(text))
  const kind = found === null ? undefined : kinds.get(keyOf(found[0]))
  return found === null || kind === undefined
    ? undefined
    : { ...kind, index: found.index, length: found[0].length }
}

/** Finds the first kind of shop in a text that is not part of another name. */
function kindAt(text: string): ShopFound | undefined {
  let from = 0
  for (;;) {
    const found = shopIn(text.slice(from))
    if (found === undefined) return undefined
    const index = from + found.index
    if (!OF.test(text.slice(0, index))) return { ...found, index }
    from = index + found.length
  }
}

function kindOf(text: string): string | undefined {
  // In "près de la pharmacie", the preceding "de la" is not part of a name.
  const shop = kindAt(text) ?? (BESIDE.test(text) ? shopIn(text) : undefined)
  if (shop === undefined) return undefined
  const one = shop.into.endsWith('une ') ? 'une' : 'un'
  const before = text.slice(0, shop.index)
  const outside = OUTSIDE.exec(bare(before))?.[0].toLowerCase()
  if (outside !== undefined) return `${outside === 'devant' ? outside : 'derrière'} ${one} ${shop.name}`
  return BESIDE.test(before) ? `près d'${one} ${shop.name}` : `${shop.into}${shop.name}`
}

function publicPlaceOf(segment: string): string | undefined {
  const named = bare(segment).replace(/^(?:a |au |en |dans |sur |devant )?(?:le |la |l['’ ]|un |une )?/iu, '')
  return PUBLIC.get(keyOf(named))
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
