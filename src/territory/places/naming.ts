/** Communes whose common name has an article that the official one lacks: people say "au Mont-Dore". */
const USUAL_NAMES: Readonly<Record<string, string>> = { 'Mont-Dore': 'Le Mont-Dore' }

/**
 * Returns the name of a commune as used in a sentence: with the article that people say, and without the suffix that
 * distinguishes it from a namesake on a list ("Bors (Canton de Charente-Sud)").
 */
export function usualName(name: string): string {
  const alone = name.replace(/\s*\([^()]*\)\s*$/u, '').trim()
  return USUAL_NAMES[alone] ?? alone
}

/**
 * Returns a commune with its preposition of place: "à Billom", "au Mont-Dore", "à La Bourboule", "aux Ancizes-Comps", "à
 * L'Isle-Adam". Apostrophes are straight, as in an SMS.
 */
export function atName(name: string): string {
  const usual = usualName(name).replaceAll('’', "'")
  const [, article, rest = ''] = /^(le|les|aux)\s+(.+)$/iu.exec(usual) ?? []
  // People say "à l'Île-Tudy", though the official name has no article.
  if (article === undefined) return usual.startsWith('Île-') ? `à l'${usual}` : `à ${usual}`
  return `${article.toLowerCase() === 'le' ? 'au' : 'aux'} ${rest}`
}

/** Maximum number of names listed; beyond, the first ones and the count of the others. */
const LISTED = 3

/** Joins names as "A, B et C"; if there are too many, as "A, B et 12 autres". */
export function joinNames(
  names: readonly string[],
  more: (count: number) => string,
  lang: 'fr' | 'en' = 'fr',
): string {
  const shown =
    names.length > LISTED ? [...names.slice(0, LISTED - 1), more(names.length - LISTED + 1)] : names
  const and = lang === 'fr' ? ' et ' : ' and '
  return shown.length < 2 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')}${and}${shown.at(-1)}`
}

/** Names a list of communes inside the text of a message; the largest are given first. */
export function communesWords(names: readonly string[]): string {
  return joinNames(names.map(usualName), (more) => `${more} autres communes`)
}

/** Names several areas inside the text of a message, from the words of each. */
export function unionWords(parts: readonly string[]): string {
  return joinNames(parts, (more) => `${more} autres zones`)
}

/** Matches a commune as named by `areaWords`: "commune d'Issoire", "commune du Cendre". */
const ONE_COMMUNE = /^commune (de l'|de |d'|du |des )(.+)$/u
const ARTICLES: Readonly<Record<string, string>> = { 'du ': 'Le ', 'des ': 'Les ', "de l'": "L'" }
/** Matches an area around a commune, which starts with its name: "Thiers et communes voisines", "Issoire et 10 km autour". */
const AROUND = /^(.+?)( et (?:communes voisines|[\d,\s]+ km autour))$/u
/** Matches names with a contracted article, before which the preposition cannot be left out: "à Issoire et au Mont-Dore". */
const CONTRACTED = /^(?:au |aux |à l'Î)/u

/**
 * Turns an area named by `areaWords` into the phrase for a sentence: "à Thiers" for a single commune, "à Thiers et communes
 * voisines", "à Issoire, Thiers et Riom"; other areas stay as they are ("agglomération d'Issoire").
 */
export function zoneWords(label: string): string {
  const [, link = '', name] = ONE_COMMUNE.exec(label) ?? []
  if (name !== undefined) return atName(`${ARTICLES[link] ?? ''}${name}`)
  const [, centre, around] = AROUND.exec(label) ?? []
  if (centre !== undefined) return `${atName(centre)}${around}`
  if (label.startsWith('rayon de ')) return `dans un ${label}`
  // Only a list of communes starts with a name: all other areas start with their kind.
  return /^\p{Lu}/u.test(label) && !/^secteur\b/iu.test(label) ? listWords(label) : label
}

/** Communes whose names have an "et" of their own. */
const NAMES_WITH_AND = [
  'Bairon et ses environs',
  'Bassillac et Auberoche',
  'Cans et Cévennes',
  'Castels et Bézenac',
  'Castets et Castillon',
  'Chemaudin et Vaux',
  'Coux et Bigaroque-Mouzens',
  'Dhuys et Morin-en-Brie',
  'Mont Lozère et Goulet',
  'Nivigne et Suran',
  'Parves et Nattages',
  "Saint Geniez d'Olt et d'Aubrac",
  'Sorges et Ligueux en Périgord',
  'Thue et Mue',
  'Val de Louyre et Caudeau',
  "Verneuil d'Avre et d'Iton",
]
const WITH_AND = new RegExp(NAMES_WITH_AND.join('|'), 'gu')

/**
 * Returns a list of communes with its prepositions: one for all, or one each when one of them has an article or an "et" of its
 * own.
 */
function listWords(label: string): string {
  const parts = label
    .replaceAll('’', "'")
    .replace(WITH_AND, (name) => name.replaceAll(' ', '_'))
    .split(/(, | et )/u)
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll('_', ' ')))
  const words = parts.map((part, index) => (index % 2 === 1 || /^\d/.test(part) ? part : atName(part)))
  const hasOwnAnd = parts.some((part, index) => index % 2 === 0 && part.includes(' et '))
  if (hasOwnAnd || words.slice(1).some((part) => CONTRACTED.test(part))) return words.join('')
  return [words[0], ...parts.slice(1)].join('')
}
