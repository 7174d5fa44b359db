import { simplifySpelling } from '../../territory/places/spelling.ts'

/** A word of a typed line. */
export interface Word {
  readonly text: string
  /** The word in lower case, without accents. */
  readonly key: string
  readonly start: number
  readonly end: number
  /** The characters between the word before and this one. */
  readonly gap: string
  /** Whether a sentence or a list goes on to its next part before this word. */
  readonly isBreak: boolean
}

/** Splits a line into its words; signs of money and percent belong to words, other signs to the gaps. */
export function wordsOf(line: string): Word[] {
  const words: Word[] = []
  let before = 0
  for (const match of line.matchAll(/[\p{L}\p{N}\p{M}€%°]+/gu)) {
    const [text] = match
    const end = match.index + text.length
    words.push({
      text,
      key: simplifySpelling(text) || text,
      start: match.index,
      end,
      ...gapOf(line.slice(before, match.index), words.at(-1)),
    })
    before = end
  }
  return words
}

const BREAK = /[,;.!?()\n]|\s[-–—/:]\s|>|→/u

function gapOf(gap: string, before: Word | undefined): Pick<Word, 'gap' | 'isBreak'> {
  // The full stop of an abbreviation: "pl. Antonin-Chastel".
  const isAbbreviated = /^\.\s*$/u.test(gap) && before !== undefined && before.text.length <= 3
  return { gap, isBreak: !isAbbreviated && BREAK.test(gap) }
}

/** Writes words from an index on as one text in which hours and dates keep their signs: "17:05", "27/11". */
export function spellingOf(words: readonly Word[], from: number, count: number): string {
  return words
    .slice(from, from + count)
    .map(({ key, gap }, no, all) => {
      if (no === 0) return key
      if (/^[:/]$/.test(gap)) return `${gap}${key}`
      // "17.30"
      return gap === '.' && /^\d\d$/.test(`${all[no - 1]?.key}`) && /^\d\d$/.test(key) ? `:${key}` : ` ${key}`
    })
    .join('')
}

/** Returns how many words a text made by `spellingOf` has. */
export function countWords(text: string): number {
  return text.split(/[ :/]/).length
}
