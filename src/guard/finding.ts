import type { NameIndex } from './members.ts'
import type { Phrases } from './phrases.ts'
import type { Token } from './tokens.ts'

/** The contents that the doctrine allows, from the freest wording to what needs the prosecutor. */
export const guardLevels = ['prevention', 'established', 'precise'] as const
export type GuardLevel = (typeof guardLevels)[number]
/** From which of them on a scheme may allow descriptions of persons and vehicles. */
export const descriptionLevels = ['established', 'precise'] as const satisfies readonly GuardLevel[]
export type DescriptionLevel = (typeof descriptionLevels)[number]

/** What is judged: the text, taken apart once for all who look at it. */
export interface Reading {
  readonly text: string
  readonly tokens: readonly Token[]
  /** Written in capitals as a whole: then a capital says nothing of a word. */
  readonly inCapitals: boolean
  readonly members: NameIndex | undefined
  readonly places: Phrases | undefined
}

/** A change of the text: what stands from `start` to `end` becomes `text`; empty takes it away. */
export interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** Something that one of the finders saw, from `start` to `end`. */
export interface Finding {
  readonly start: number
  readonly end: number
  /** That of the code when absent. */
  readonly severity?: 'block' | 'warn'
  /** What would set it right; absent: nothing that a program may do. */
  readonly edit?: Edit
}

/** The stretch of the text that `count` words take from the word at `at` on. */
export function stretch(tokens: readonly Token[], at: number, count: number): { start: number; end: number } {
  return { start: tokens[at]!.start, end: tokens[at + count - 1]!.end }
}

/** The first word that begins at `start` or behind it; the number of words when none does. */
export function indexAt(tokens: readonly Token[], start: number): number {
  let low = 0
  let high = tokens.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (tokens[middle]!.start < start) low = middle + 1
    else high = middle
  }
  return low
}

/** Only spaces between a word and the one before. */
export function follows(token: Token | undefined): boolean {
  return token !== undefined && !token.breaks && /^[ \u00a0\u202f]+$/.test(token.gap)
}

/** Nothing but spaces, a hyphen or an apostrophe between a word and the one before. */
export function joins(token: Token | undefined): boolean {
  return token !== undefined && !token.breaks && /^[ \u00a0\u202f\-'’]*$/.test(token.gap)
}

/** Those of the later list that overlap none of the earlier ones. */
export function apartFrom(findings: readonly Finding[], others: readonly Finding[]): Finding[] {
  return findings.filter((one) => !others.some((other) => one.start < other.end && other.start < one.end))
}

/** From left to right, none over another: of two that overlap the one that begins first, then the longer. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  const sorted = [...findings].sort((a, b) => a.start - b.start || b.end - a.end)
  const kept: Finding[] = []
  for (const one of sorted) {
    const last = kept.at(-1)
    if (last === undefined || one.start >= last.end) kept.push(one)
  }
  return kept
}
