import { MARK_PLACE } from './mark.ts'

/**
 * Returns the text of an alert as sent: with its reference at the end, by which anyone can check that it is genuine. A text
 * that already contains the reference is unchanged. The server sends exactly this text, and the browser shows it.
 *
 * @example
 * withReference('Faux billets à Issoire.', '63-26-0142') // 'Faux billets à Issoire. Réf. 63-26-0142'
 * @param traced whether each recipient gets a mark of their own after it: `63-26-0142-?????` until it is sent
 */
export function withReference(text: string, reference: string, traced = false): string {
  const written = text.trim()
  const whole = traced ? `${reference}-${MARK_PLACE}` : reference
  if (written === '' || written.includes(whole)) return written
  if (written.includes(reference)) return written.replace(reference, whole)
  return `${written} Réf. ${whole}`
}

/**
 * Returns a placeholder for a reference not assigned yet, with the length of a real one, so that the parts are counted right.
 * @param prefix first digits of the references of the scheme: 63
 */
export function unknownReference(prefix: string, year: number, isExercise = false): string {
  return `${prefix}-${String(year % 100).padStart(2, '0')}-${isExercise ? 'X' : '?'}???`
}
