import type { Word } from './words.ts'

/** Tells whether the word at an index is used already. */
export type IsTaken = (index: number) => boolean

/** Tells whether words from an index on contain another index. */
export function covers({ from, count }: { from: number; count: number }, at: number): boolean {
  return at >= from && at < from + count
}

/** Tells whether the words from an index on are free and follow each other without a break. */
export function isSpanFree(words: readonly Word[], start: number, count: number, isFree: IsTaken): boolean {
  for (let at = start; at < start + count; at++) {
    const word = words[at]
    if (word === undefined || !isFree(at) || (at > start && word.isBreak)) return false
  }
  return true
}

/** Joins the free words right before an index, up to a break. */
export function textBefore(words: readonly Word[], index: number, isFree: IsTaken): string {
  const keys: string[] = []
  for (let at = index - 1; at >= 0 && keys.length < 5 && isFree(at); at--) {
    if (words[at + 1]?.isBreak) break
    keys.unshift(words[at]?.key ?? '')
  }
  return keys.join(' ')
}
