import type { NameIndex } from './members.ts'
import type { Phrases } from './phrases.ts'
import type { Token } from './tokens.ts'

/** The levels of content in the doctrine, from the most general wording to what requires the prosecutor's agreement. */
export const guardLevels = ['prevention', 'established', 'precise'] as const
export type GuardLevel = (typeof guardLevels)[number]
/** The levels from which a scheme may allow descriptions of persons and vehicles. */
export const descriptionLevels = ['established', 'precise'] as const satisfies readonly GuardLevel[]
export type DescriptionLevel = (typeof descriptionLevels)[number]

/** The text to be judged, tokenized once for all finders. */
export interface Reading {
  readonly text: string
  readonly tokens: readonly Token[]
  /** True when the whole text is in capitals, so that a capital says nothing about a word. */
  readonly inCapitals: boolean
  readonly members: NameIndex | undefined
  readonly places: Phrases | undefined
}

/** A change of the text: the range from `start` to `end` is replaced by `text`, or removed when that is empty. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** A finding of one of the finders, from `start` to `end`. */
export interface Finding {
  readonly start: number
  readonly end: number
  /** The severity of its code when absent. */
  readonly severity?: 'block' | 'warn'
  /** Whether a chief may let it stand: the name of a member that is made of ordinary words. */
  readonly isPassable?: boolean
  /** The change that would fix it; absent when a program cannot fix it. */
  readonly edit?: Edit
}

/** Returns the range of the text that `count` words cover from the word at `at` on. */
export function rangeOfWords(
  tokens: readonly Token[],
  at: number,
  count: number,
): { start: number; end: number } {
  return { start: tokens[at]!.start, end: tokens[at + count - 1]!.end }
}

/** Returns the index of the first word that starts at or after `start`; the number of words when there is none. */
export function indexOfWordAt(tokens: readonly Token[], start: number): number {
  let low = 0
  let high = tokens.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (tokens[middle]!.start < start) low = middle + 1
    else high = middle
  }
  return low
}

/** True when only spaces separate a word from the previous one. */
export function followsBySpace(token: Token | undefined): boolean {
  return token !== undefined && !token.breaks && /^[ \u00a0\u202f]+$/.test(token.gap)
}

/** True when only spaces, a hyphen or an apostrophe separate a word from the previous one. */
export function followsClosely(token: Token | undefined): boolean {
  return token !== undefined && !token.breaks && /^[ \u00a0\u202f\-'’]*$/.test(token.gap)
}

/** True when the word at `at` goes on the sentence of the previous one and is one of `words`. */
export function continuesWith(
  tokens: readonly Token[],
  at: number,
  words: { has(plain: string): boolean },
): boolean {
  const token = tokens[at]
  return token !== undefined && !token.breaks && words.has(token.plain)
}

/** Returns the findings of the first list that overlap none of the second. */
export function withoutOverlaps(findings: readonly Finding[], others: readonly Finding[]): Finding[] {
  return findings.filter((one) => !others.some((other) => one.start < other.end && other.start < one.end))
}

/** Sorts findings from left to right and drops overlaps: the one that starts first wins, then the longer one. */
export function inTextOrder(findings: readonly Finding[]): Finding[] {
  const sorted = [...findings].sort((a, b) => a.start - b.start || b.end - a.end)
  const kept: Finding[] = []
  for (const one of sorted) {
    const last = kept.at(-1)
    if (last === undefined || one.start >= last.end) kept.push(one)
  }
  return kept
}
