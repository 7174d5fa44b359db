/**
 * The text of an alert as it goes out: with its reference at the end, by which anyone can ask whether it is genuine.
 * A text that names it already is left as it is. The server sends exactly this, and the browser shows it.
 *
 * @example
 * withReference('Faux billets à Issoire.', '63-26-0142') // 'Faux billets à Issoire. Réf. 63-26-0142'
 */
export function withReference(text: string, reference: string): string {
  const written = text.trim()
  if (written === '' || written.includes(reference)) return written
  return `${written} Réf. ${reference}`
}

/**
 * Stands for a reference not given yet: as long as the real one, so that what is counted with it is what will be sent.
 * @param prefix first digits of the references of the scheme: 63
 */
export function unknownReference(prefix: string, year: number): string {
  return `${prefix}-${String(year % 100).padStart(2, '0')}-????`
}
