import { plainOf } from '../../cipher/plain.ts'

/** Lowers the case, removes accents and plural marks, and replaces hyphens by spaces. */
export function plainWords(text: string): string {
  return plainOf(text)
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => (word.length > 3 ? word.replace(/[sx]$/, '') : word))
    .join(' ')
}
