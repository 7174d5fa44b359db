import { eventWords } from '../../src/schemes/whereabouts.ts'
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
  const name = alert.placeWords.replace(/^à /u, '').replace(/^au /u, 'Le ').replace(/^aux /u, 'Les ')
  return `${alert.category.labelEn}, ${name}`
}

/** Returns who did something, as people read it: what the program did by itself is "automatic". */
export function authorOf(t: FormatMessage, by: string): string {
  return by.startsWith('system:') ? t('by.automatic') : by
}
