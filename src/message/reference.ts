import { MARK_PLACE } from './mark.ts'

/**
 * The text of an alert as it goes out: with its reference at the end, by which anyone can ask whether it is genuine.
 * A text that names it already is left as it is. The server sends exactly this, and the browser shows it.
 *
 * @example
 * withReference('Faux billets à Issoire.', '63-26-0142') // 'Faux billets à Issoire. Réf. 63-26-0142'
 * @param traced whether each recipient gets a mark of their own behind it: `63-26-0142-???` until it leaves
 */
export function withReference(text: string, reference: string, traced = false): string {
  const written = text.trim()
  const whole = traced ? `${reference}-${MARK_PLACE}` : reference
  if (written === '' || written.includes(whole)) return written
  if (written.includes(reference)) return written.replace(reference, whole)
  return `${written} Réf. ${whole}`
}

/**
 * Stands for a reference not given yet: as long as the real one, so that what is counted with it is what will be sent.
 * @param prefix first digits of the references of the scheme: 63
 */
export function unknownReference(prefix: string, year: number): string {
  return `${prefix}-${String(year % 100).padStart(2, '0')}-????`
}
