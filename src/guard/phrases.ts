import { plainOf, type Token, tokenize } from './tokens.ts'

/** A list in a lexicon file: the reason for its words, and the words. */
export interface WordList {
  readonly reason: string
  readonly words: readonly string[]
}

/** Expands an entry: "algérien(ne)(s)" yields algérien, algérienne, algériens, algériennes. */
export function expandEntry(entry: string): string[] {
  const optional = /\(([^()]*)\)/.exec(entry)
  if (optional === null) return [entry]
  const before = entry.slice(0, optional.index)
  const after = entry.slice(optional.index + optional[0].length)
  return [...expandEntry(before + after), ...expandEntry(before + (optional[1] ?? '') + after)]
}

/** Returns the single words of lists, in the form of `Token.plain`. */
export function wordSet(...lists: readonly WordList[]): ReadonlySet<string> {
  return new Set(lists.flatMap((list) => list.words.flatMap(expandEntry).map(plainOf)))
}

interface Node {
  /** True when a phrase ends at this node. */
  end: boolean
  readonly next: Map<string, Node>
}

/** Indexed phrases of a list, found in a text regardless of accents, case, hyphens and apostrophes. */
export interface Phrases {
  readonly root: Node
}

const SAINT = new Set(['st', 'ste', 'sainte'])
/** Makes spellings of Saint equal: "St-Genès" and "Saint-Genès" are the same place. */
export function wordKey(plain: string): string {
  return SAINT.has(plain) ? 'saint' : plain
}

export function indexPhrases(...lists: readonly (WordList | readonly string[])[]): Phrases {
  const root: Node = { end: false, next: new Map() }
  for (const list of lists) {
    for (const entry of 'words' in list ? list.words : list) {
      for (const form of expandEntry(entry)) addPhrase(root, tokenize(form))
    }
  }
  return { root }
}

/** Adds one phrase to an index. */
export function addPhrase(root: Node, words: readonly Token[]): void {
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

/** Marks that separate phrases. */
const APART = /[,;:!?()«»"“”\n]/u

/** Returns the number of words of the longest phrase that starts at the word at `at`; 0 when there is none. */
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

/** Returns every phrase of the text from left to right, without phrases inside others. */
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
