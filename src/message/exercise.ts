/** The first word of every message of an exercise, as shown on phones. */
export const EXERCISE = 'EXERCICE'

/**
 * Puts that word in front of the text, once, even if the text already starts with it in some spelling. An empty text stays
 * empty.
 */
export function markExercise(text: string): string {
  const rest = text.trim().replace(/^exercice(?![\p{L}\p{N}])[\s:,.;!–—-]*/iu, '')
  return rest === '' ? '' : `${EXERCISE} ${rest}`
}
