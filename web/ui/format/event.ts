import { eventWords } from '../../../src/schemes/texts/whereabouts.ts'
import type { FormatMessage, Lang } from './text.ts'

/**
 * Returns an alert's category with its place, as its texts name it: "Vol par ruse à Billom", "Faux billets, agglomération
 * d'Issoire". In English the place is a name only, without the French preposition.
 */
export function eventOf(
  lang: Lang,
  alert: { readonly category: { labelFr: string; labelEn: string }; readonly placeWords: string },
): string {
  if (lang === 'fr') return eventWords(alert.category.labelFr, alert.placeWords)
  return `${alert.category.labelEn}, ${placeNameOf(alert.placeWords)}`
}

/** Returns a place without its French preposition: "Billom", "Le Mont-Dore". */
function placeNameOf(words: string): string {
  return words.replace(/^à /u, '').replace(/^au /u, 'Le ').replace(/^aux /u, 'Les ')
}

/** Returns where an alert happened if the area that it warns does not say it: "Billom"; null otherwise. */
export function placeBesides(alert: {
  readonly placeWords: string
  readonly areaLabel: string
}): string | null {
  const { placeWords, areaLabel } = alert
  const isSame = placeWords === areaLabel || areaLabel.startsWith('commune ')
  return isSame ? null : placeNameOf(placeWords)
}

/** Returns where an alert happened and whom it warns, each once: "Billom · département du Puy-de-Dôme". */
export function whereOf(alert: { readonly placeWords: string; readonly areaLabel: string }): string {
  const place = placeBesides(alert)
  return place === null ? placeNameOf(alert.placeWords) : `${place} · ${alert.areaLabel}`
}

/** Returns who did something, as people read it: what the program did by itself is "automatic". */
export function authorOf(t: FormatMessage, by: string): string {
  if (by.startsWith('contact:')) return t('by.member')
  return by.startsWith('system:') ? t('by.automatic') : by
}
