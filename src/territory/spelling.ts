/** The spellings of "Saint"; all of them compare as equal. */
const SAINT = new Set(['saint', 'sainte', 'st', 'ste'])

/** Lowers the case, removes accents and ligatures, and replaces everything but letters and digits by single spaces. */
export function simplify(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/œ/g, 'oe')
    .replace(/æ/g, 'ae')
    .replace(/ß/g, 'ss')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

/**
 * Returns a name in the form that the search compares: "Saint-Étienne-sur-Usson", "ST ETIENNE SUR USSON" and "Ste Étienne …"
 * give the same text. Used for places and for businesses. The result contains letters, digits and single spaces only, so it
 * needs no escaping in a LIKE pattern.
 */
export function searchName(text: string): string {
  return simplify(text)
    .split(' ')
    .map((word) => (SAINT.has(word) ? 'saint' : word))
    .join(' ')
}
