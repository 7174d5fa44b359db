import { countSeptets } from './gsm0338.ts'

/** One kind of replacement in a text; `to` is empty for a removed character. */
export interface Replacement {
  readonly from: string
  readonly to: string
  readonly count: number
}

const SPACE_INSIDE_QUOTES = '[ \\u00a0\\u2007\\u2009\\u202f]?'

/**
 * A guillemet includes the space that French typography puts inside it: `« Leclerc »` becomes `"Leclerc"`, since a straight
 * quote has none. All other characters are folded one code point at a time.
 */
const TOKENS = new RegExp(`«${SPACE_INSIDE_QUOTES}|${SPACE_INSIDE_QUOTES}»|.`, 'gsu')

/** Characters that Unicode decomposition does not handle, or handles badly for a reader. */
const CLOSEST: ReadonlyMap<string, string> = new Map(
  Object.entries({
    // Quotes and primes.
    '’': "'",
    '‘': "'",
    '‚': "'",
    '‛': "'",
    '′': "'",
    '‹': "'",
    '›': "'",
    ʼ: "'",
    '`': "'",
    '´': "'",
    '“': '"',
    '”': '"',
    '„': '"',
    '‟': '"',
    '″': '"',
    '¨': '"',
    // Dashes, dots, bullets.
    '–': '-',
    '—': '-',
    '‐': '-',
    '‑': '-',
    '‒': '-',
    '―': '-',
    '−': '-',
    '…': '...',
    '•': '-',
    '‣': '-',
    '▪': '-',
    '◦': '-',
    '·': '.',
    // Signs.
    '°': 'o',
    º: 'o',
    '×': 'x',
    '÷': '/',
    '±': '+/-',
    '≤': '<=',
    '≥': '>=',
    '→': '->',
    '←': '<-',
    '⁄': '/',
    '‰': 'o/oo',
    '¦': '|',
    '©': '(c)',
    '®': '(r)',
    µ: 'u',
    '∆': 'Δ',
    // Letters that Unicode does not decompose.
    œ: 'oe',
    Œ: 'OE',
    ł: 'l',
    Ł: 'L',
    đ: 'd',
    Đ: 'D',
    ð: 'd',
    Ð: 'D',
    þ: 'th',
    Þ: 'Th',
    ħ: 'h',
    Ħ: 'H',
    ı: 'i',
    ŧ: 't',
    Ŧ: 'T',
    ŋ: 'n',
    Ŋ: 'N',
    ẞ: 'ß',
    // Line and paragraph separators; tabulation.
    '\u2028': '\n',
    '\u2029': '\n',
    '\u0085': '\n',
    '\t': ' ',
  }),
)

const SPACE = /^\p{Zs}$/u
/** Separate accents, soft hyphen, zero-width characters, variation selectors, control characters: nothing visible. */
const INVISIBLE = /^[\p{M}\p{Cf}\p{Cc}]$/u

/** Returns the closest GSM-7 form of one code point, or undefined when there is none. */
function foldCharacter(character: string, depth = 0): string | undefined {
  if (countSeptets(character) > 0) return character
  const closest = CLOSEST.get(character)
  if (closest !== undefined) return closest
  if (SPACE.test(character)) return ' '
  if (INVISIBLE.test(character)) return ''
  const decomposed = character.normalize('NFKD')
  // Some decompositions need a second step (℃ is °C), never a third.
  if (decomposed === character || depth > 1) return undefined
  let folded = ''
  for (const piece of decomposed) {
    const form = foldCharacter(piece, depth + 1)
    if (form === undefined) return undefined
    folded += form
  }
  return folded === '' ? undefined : folded
}

/**
 * Replaces each character missing from GSM-7 by its closest form there and keeps those that it has (é, è, à, Ç, €…). `text`
 * is well-formed and in NFC. Returns undefined when a character has no such form (emoji, Cyrillic…): the message is UCS-2 in
 * any case, and folding the rest would only spoil it. `replaced` is in the order of first occurrence.
 */
export function foldToGsm7(text: string): { text: string; replaced: Replacement[] } | undefined {
  let folded = ''
  const replaced = new Map<string, Replacement>()
  for (const [token] of text.matchAll(TOKENS)) {
    const to = token.includes('«') || token.includes('»') ? '"' : foldCharacter(token)
    if (to === undefined) return undefined
    folded += to
    if (to !== token) replaced.set(token, { from: token, to, count: (replaced.get(token)?.count ?? 0) + 1 })
  }
  return { text: folded, replaced: [...replaced.values()] }
}

/** Lists the characters of a text that no letter of GSM-7 stands for, so that they require the costlier encoding. */
export function listRareCharacters(text: string): string[] {
  const characters = new Intl.Segmenter('fr').segment(text.toWellFormed().normalize('NFC'))
  const different = new Set(Array.from(characters, ({ segment }) => segment))
  return [...different].filter((one) => foldToGsm7(one) === undefined)
}
