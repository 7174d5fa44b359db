import { plainOf, type Token, tokenize } from './tokens.ts'

/** A list of a lexicon file: why its words are there, and the words. */
export interface WordList {
  readonly reason: string
  readonly words: readonly string[]
}

/** "algérien(ne)(s)" stands for algérien, algérienne, algériens, algériennes. */
export function expand(entry: string): string[] {
  const optional = /\(([^()]*)\)/.exec(entry)
  if (optional === null) return [entry]
  const before = entry.slice(0, optional.index)
  const after = entry.slice(optional.index + optional[0].length)
  return [...expand(before + after), ...expand(before + (optional[1] ?? '') + after)]
}

/** The single words of a list, as tokens have them in `plain`. */
export function wordSet(...lists: readonly WordList[]): ReadonlySet<string> {
  return new Set(lists.flatMap((list) => list.words.flatMap(expand).map(plainOf)))
}

interface Node {
  /** A phrase ends here. */
  end: boolean
  readonly next: Map<string, Node>
}

/** Phrases of a list, to be found in a text whatever their accents, case, hyphens and apostrophes. */
export interface Phrases {
  readonly root: Node
}

const SAINT = new Set(['st', 'ste', 'sainte'])
/** "St-Genès" and "Saint-Genès" are one place. */
export function wordKey(plain: string): string {
  return SAINT.has(plain) ? 'saint' : plain
}

export function phrases(...lists: readonly (WordList | readonly string[])[]): Phrases {
  const root: Node = { end: false, next: new Map() }
  for (const list of lists) {
    for (const entry of 'words' in list ? list.words : list) {
      for (const form of expand(entry)) addPhrase(root, tokenize(form))
    }
  }
  return { root }
}

function addPhrase(root: Node, words: readonly Token[]): void {
  if (words.length === 0) return
  let node = root
  for (const { plain } of words) {
    const key = wordKey(plain)
    let next = node.next.get(key)
    if (next === undefined) {
      next = { end: false, next: new Map() }
      node.next.set(key, next)
    }
    node = next
  }
  node.end = true
}

/** Marks that no phrase runs over. */
const APART = /[,;:!?()«»"“”\n]/u

/** How many words the longest phrase takes that begins with the word at `at`; 0: none does. */
export function matchPhrase({ root }: Phrases, tokens: readonly Token[], at: number): number {
  let longest = 0
  let node: Node | undefined = root
  for (let i = at; i < tokens.length; i++) {
    const token = tokens[i]!
    if (i > at && (token.breaks || APART.test(token.gap))) break
    node = node.next.get(wordKey(token.plain))
    if (node === undefined) break
    if (node.end) longest = i - at + 1
  }
  return longest
}

/** Every phrase of the text, none inside another, from left to right. */
export function findPhrases(
  list: Phrases,
  tokens: readonly Token[],
): { readonly at: number; readonly count: number }[] {
  const found: { at: number; count: number }[] = []
  for (let at = 0; at < tokens.length; ) {
    const count = matchPhrase(list, tokens, at)
    if (count > 0) found.push({ at, count })
    at += Math.max(count, 1)
  }
  return found
}
