/** The first word of every message of an exercise, as the phones show it. */
export const EXERCISE = 'EXERCICE'

/** The text with that word in front, once, however it was written before. An empty text stays empty. */
export function markExercise(text: string): string {
  const rest = text.trim().replace(/^exercice(?![\p{L}\p{N}])[\s:,.;!–—-]*/iu, '')
  return rest === '' ? '' : `${EXERCISE} ${rest}`
}
