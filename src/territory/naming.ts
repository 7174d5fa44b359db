/** Communes whose usual name has an article that the official one lacks: people say "au Mont-Dore". */
const USUAL_NAMES: Readonly<Record<string, string>> = { 'Mont-Dore': 'Le Mont-Dore' }

/**
 * The name of a commune as a sentence has it: with the article that people say, and without what only tells it from
 * another one on a list ("Bors (Canton de Charente-Sud)").
 */
export function usualName(name: string): string {
  const alone = name.replace(/\s*\([^()]*\)\s*$/u, '').trim()
  return USUAL_NAMES[alone] ?? alone
}

/**
 * A commune with the preposition that says where: "à Billom", "au Mont-Dore", "à La Bourboule", "aux Ancizes-Comps",
 * "à L'Isle-Adam". With the straight apostrophe that an SMS has.
 */
export function atName(name: string): string {
  const usual = usualName(name).replaceAll('’', "'")
  const [, article, rest = ''] = /^(le|les|aux)\s+(.+)$/iu.exec(usual) ?? []
  if (article === undefined) return `à ${usual}`
  return `${article.toLowerCase() === 'le' ? 'au' : 'aux'} ${rest}`
}

/** A commune as `areaWords` names it: "commune d'Issoire", "commune du Cendre". */
const ONE_COMMUNE = /^commune (de l'|de |d'|du |des )(.+)$/u
const ARTICLES: Readonly<Record<string, string>> = { 'du ': 'Le ', 'des ': 'Les ', "de l'": "L'" }
/** An area around a commune, which begins with its name: "Thiers et communes voisines", "Issoire et 10 km autour". */
const AROUND = /^(.+?)( et (?:communes voisines|[\d,\s]+ km autour))$/u

/**
 * The area that is warned, inside a sentence, from how `areaWords` names it: "à Thiers" for one commune, "à Thiers et
 * communes voisines", any other as it is ("agglomération d'Issoire").
 */
export function zoneWords(label: string): string {
  const [, link = '', name] = ONE_COMMUNE.exec(label) ?? []
  if (name !== undefined) return atName(`${ARTICLES[link] ?? ''}${name}`)
  const [, centre, around] = AROUND.exec(label) ?? []
  return centre === undefined ? label : `${atName(centre)}${around}`
}
