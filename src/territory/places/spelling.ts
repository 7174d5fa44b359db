import { plainOf } from '../../cipher/plain.ts'

/** The spellings of "Saint"; all of them compare as equal. */
const SAINT = new Set(['saint', 'sainte', 'st', 'ste'])

/** Lowers the case, removes accents and ligatures, and replaces everything but letters and digits by single spaces. */
export function simplifySpelling(text: string): string {
  return plainOf(text)
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
  return simplifySpelling(text)
    .split(' ')
    .map((word) => (SAINT.has(word) ? 'saint' : word))
    .join(' ')
}

/** Returns a key that is the same for French names and words that sound alike. */
export function soundOf(name: string): string {
  return name
    .replace(/[ ']/g, '')
    .replace(/eaux?|aux?/g, 'o')
    .replace(/ph/g, 'f')
    .replace(/[ae]i|ey|ay/g, 'e')
    .replace(/y/g, 'i')
    .replace(/[ae]n(?![aeiou])|[ae]m(?=[bp])/g, 'A')
    .replace(/qu?|k|c(?![eih])/g, 'k')
    .replace(/c(?=[ei])|ç/g, 's')
    .replace(/g(?=[ei])/g, 'j')
    .replace(/(?<!c)h/g, '')
    .replace(/z/g, 's')
    .replace(/(.)\1+/g, '$1')
    .replace(/[stdxpe]+$/, '')
}

/** Tells whether at most `most` letters added, omitted, changed or swapped with the next turn one text into the other. */
export function differsByAtMost(a: string, b: string, most: number): boolean {
  if (Math.abs(a.length - b.length) > most) return false
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, no) => no)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    let least = i
    for (let j = 1; j <= b.length; j++) {
      const changed = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      let cost = Math.min(changed, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, (before[j - 2] ?? 0) + 1)
      row.push(cost)
      least = Math.min(least, cost)
    }
    if (least > most) return false
    before = last
    last = row
  }
  return (last[b.length] ?? 0) <= most
}
