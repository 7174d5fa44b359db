import lexicon from './lexicon/shops.json' with { type: 'json' }
import type { Phrases } from './phrases.ts'
import { wordKey, wordSet } from './phrases.ts'
import { placeAt } from './places.ts'
import { plainOf, type Token, tokenize } from './tokens.ts'

const articles = wordSet(lexicon.articles)
const trades = wordSet(lexicon.trades)
const common = wordSet(lexicon.common)
const ordinary = wordSet(lexicon.ordinary)

export function isArticle(plain: string): boolean {
  return articles.has(plain)
}

export function isTrade(plain: string): boolean {
  return trades.has(plain)
}

/**
 * `whole`: the name as registered; `beside`: a trade and a town, which must be adjacent as in the name ("Tabac Issoire", not
 * "tabac d'Issoire"); `short`: the name without its trade or town, matched only where a shop is expected.
 */
type NameKind = 'whole' | 'beside' | 'short'

interface Node {
  readonly next: Map<string, Node>
  /** Set when a name ends at this node. */
  end?: NameKind
}

/** The names of a scheme's members, indexed to be found in any case, with or without accents, and with small typos. */
export interface NameIndex {
  readonly root: Node
  /** Words of the names keyed by their form without one letter; used to find words one letter apart. */
  readonly alike: ReadonlyMap<string, readonly string[]>
  readonly words: ReadonlySet<string>
}

/** Minimum length of a word that may contain a typo: with five letters, most words are one letter from another word. */
const SHORTEST_INEXACT = 6

/** Builds the index of names, in about 20 µs a name. */
export function indexNames(names: readonly string[], places: Phrases | undefined): NameIndex {
  const root: Node = { next: new Map() }
  const words = new Set<string>()
  for (const name of new Set(names)) {
    for (const [sequence, end] of sequencesOf(name, places)) {
      for (const word of sequence) words.add(word)
      const last = addPath(root, sequence)
      if (last.end !== 'whole') last.end = end
    }
  }
  return { root, alike: indexAlike(words), words }
}

/** Adds the nodes of a word sequence below a node. @returns the last of them */
function addPath(root: Node, sequence: readonly string[]): Node {
  let node = root
  for (const word of sequence) {
    let next = node.next.get(word)
    if (next === undefined) {
      next = { next: new Map() }
      node.next.set(word, next)
    }
    node = next
  }
  return node
}

/** Indexes the words that may contain a typo by their form without one letter. */
function indexAlike(words: Iterable<string>): Map<string, string[]> {
  const alike = new Map<string, string[]>()
  for (const word of words) {
    if (word.length < SHORTEST_INEXACT || isOrdinary(word)) continue
    for (const form of [word, ...shortened(word)]) {
      const there = alike.get(form)
      if (there === undefined) alike.set(form, [word])
      else there.push(word)
    }
  }
  return alike
}

/** Tells whether words name no shop by themselves: "café de la gare", of a trade, articles and ordinary words. */
export function isOrdinaryName(tokens: readonly Token[], isPlace: (index: number) => boolean): boolean {
  return tokens.every(({ plain }, at) => {
    const word = wordKey(plain)
    return articles.has(plain) || isOrdinary(word) || ordinary.has(word) || isPlace(at)
  })
}

function isOrdinary(word: string): boolean {
  return common.has(word) || trades.has(word)
}

function* shortened(word: string): Generator<string> {
  for (let i = 0; i < word.length; i++) yield word.slice(0, i) + word.slice(i + 1)
}

/**
 * Returns the word sequences by which a name is matched: its words without articles, and shorter forms that are still
 * distinctive.
 */
function* sequencesOf(name: string, places: Phrases | undefined): Generator<[readonly string[], NameKind]> {
  const tokens = tokenize(name)
  const inPlace = indexesInPlaces(tokens, places)
  const kept = tokens
    .map((token, i) => ({ word: wordKey(token.plain), isPlace: inPlace.has(i) }))
    .filter(({ word }) => !articles.has(word) && word.length > 1)
  const words = kept.map(({ word }) => word)
  const own = kept.filter(({ word }) => !trades.has(word))
  const distinct = own.filter(({ word, isPlace }) => !common.has(word) && !isPlace).map(({ word }) => word)
  // A trade alone identifies no shop; a trade with a town does if written as in the name.
  if (own.every(({ isPlace }) => isPlace)) {
    if (own.length > 0 && words.length > own.length && words.length === tokens.length) yield [words, 'beside']
    return
  }
  // A single ordinary word would match in every text.
  if (words.length === 1 && distinct.length === 0) return
  if (words.length > 1) {
    yield [words, 'whole']
    const rest = own.map(({ word }) => word)
    for (const { word } of kept) {
      if (trades.has(word) && rest.length > 0 && rest.length + 1 < words.length)
        yield [[word, ...rest], 'whole']
    }
  }
  if (distinct.length > 1) {
    yield [distinct, 'whole']
    yield [[distinct.join('')], 'whole']
  } else if (distinct.length === 1) yield [distinct, 'short']
}

/** Returns the indexes of the words that belong to names of places. */
function indexesInPlaces(tokens: readonly Token[], places: Phrases | undefined): ReadonlySet<number> {
  const inPlace = new Set<number>()
  for (let i = 0; i < tokens.length; ) {
    const count = placeAt(places, tokens, i)
    for (let k = 0; k < count; k++) inPlace.add(i + k)
    i += Math.max(count, 1)
  }
  return inPlace
}

export interface NameMatch {
  readonly at: number
  readonly count: number
  readonly end: NameKind
  readonly exact: boolean
}

/** Maximum number of articles between the words of a name: "tabac de la Halle" for "Tabac La Halle". */
const MAX_ARTICLES = 3

/** Finds the longest name from each word on. */
export function matchNames(index: NameIndex, tokens: readonly Token[]): NameMatch[] {
  const forms = tokens.map((token) => similarWords(index, wordKey(token.plain)))
  const found: NameMatch[] = []
  for (let at = 0; at < tokens.length; at++) {
    const best = longestFrom(index, { tokens, forms }, at)
    if (best !== undefined) found.push(best)
  }
  return found
}

interface Similar {
  readonly word: string
  readonly exact: boolean
}

function similarWords({ words, alike }: NameIndex, word: string): readonly Similar[] {
  if (words.has(word)) return [{ word, exact: true }]
  if (word.length < SHORTEST_INEXACT || isOrdinary(word) || /\d/.test(word)) return []
  const found = new Set<string>()
  for (const form of [word, ...shortened(word)]) {
    for (const candidate of alike.get(form) ?? []) {
      if (isOneApart(word, candidate)) found.add(candidate)
    }
  }
  return [...found].map((candidate) => ({ word: candidate, exact: false }))
}

/** True for one letter added, omitted, changed or swapped with the next, except a plural, which is another word. */
function isOneApart(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1 || a[0] !== b[0]) return false
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let end = 0
  while (end < a.length - start && end < b.length - start && a.at(-1 - end) === b.at(-1 - end)) end++
  const left = a.slice(start, a.length - end)
  const right = b.slice(start, b.length - end)
  if (left.length <= 1 && right.length <= 1) return true
  return left.length === 2 && right.length === 2 && left[0] === right[1] && left[1] === right[0]
}

/** The words of a text, each with the words of names that it may represent. */
interface TextWords {
  readonly tokens: readonly Token[]
  readonly forms: readonly (readonly Similar[])[]
}

function longestFrom({ root }: NameIndex, text: TextWords, at: number): NameMatch | undefined {
  let best: NameMatch | undefined
  for (const { end, last, exact } of namesFrom(root, text, at, true)) {
    const count = last - at + 1
    if (best === undefined || count > best.count || (count === best.count && exact && !best.exact))
      best = { at, count, end, exact }
  }
  return best
}

interface NameEnd {
  readonly end: NameKind
  /** The last word. */
  readonly last: number
  readonly exact: boolean
}

/** Finds the names that go on from a node with the word at an index, depth first over what each word may represent. */
function* namesFrom(node: Node, text: TextWords, at: number, exact: boolean): Generator<NameEnd> {
  const { tokens, forms } = text
  for (const form of forms[at] ?? []) {
    const next = node.next.get(form.word)
    // Allows one typo in a name.
    if (next === undefined || (!form.exact && !exact)) continue
    const stillExact = exact && form.exact
    if (next.end !== undefined) yield { end: next.end, last: at, exact: stillExact }
    const after = nextWord(tokens, at)
    if (after !== undefined && next.next.size > 0) yield* namesFrom(next, text, after, stillExact)
  }
  const joined = joinedWord(tokens, at)
  const end = joined === undefined ? undefined : node.next.get(joined)?.end
  if (end !== undefined) yield { end, last: at + 1, exact }
}

/** Joins a word with the next one: "Inter marché" for "Intermarché". */
function joinedWord(tokens: readonly Token[], at: number): string | undefined {
  const second = tokens[at + 1]
  if (second === undefined || second.breaks || !/^[ '’-]?$/u.test(second.gap)) return undefined
  return wordKey(tokens[at]!.plain) + second.plain
}

/** Returns the next word of the sentence that is not an article. */
function nextWord(tokens: readonly Token[], at: number): number | undefined {
  for (let i = at + 1; i < tokens.length && i <= at + 1 + MAX_ARTICLES; i++) {
    const token = tokens[i]!
    if (token.breaks || /[,;:()!?\n]/u.test(token.gap)) return undefined
    if (!articles.has(token.plain) && plainOf(token.text).length > 1) return i
  }
  return undefined
}
