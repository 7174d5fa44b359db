/** A word or number of a text. Offsets are UTF-16 code units. */
export interface Token {
  readonly text: string
  /** The word in lower case, without accents or ligatures; lists are compared with this form. */
  readonly plain: string
  readonly start: number
  readonly end: number
  /** The text between the previous word (or the start) and this one. */
  readonly gap: string
  /** True when a sentence ends in the gap. */
  readonly breaks: boolean
}

const WORD = /[\p{L}\p{N}\p{M}]+/gu
const SENTENCE_END = /[!?;\n\r]|\.(?:\s|$)|\s[-–—]\s/u
/** Abbreviations after which a full stop does not end a sentence: "M. Durand", "av. Foch", "St. Jean". */
const ABBREVIATED = /^(?:m|mm|mr|mme|mlle|me|dr|st|ste|av|bd|bld|tel|n|no|immat|env|pl|[a-z])$/

const LIGATURES: Readonly<Record<string, string>> = { œ: 'oe', æ: 'ae', ß: 'ss' }
/** Cache of letters: there are few, and each is looked up thousands of times. */
const plainLetters = new Map<string, string>()

function plainLetter(letter: string): string {
  let plain = plainLetters.get(letter)
  if (plain === undefined) {
    plain = LIGATURES[letter] ?? letter.normalize('NFKD').replace(/\p{M}/gu, '')
    plainLetters.set(letter, plain)
  }
  return plain
}

/**
 * Returns a text in the form in which lists and names are compared: lower case, without accents; digits and other letters
 * stay.
 */
export function plainOf(text: string): string {
  return text.toLowerCase().replace(/[\u0080-\u{10ffff}]/gu, plainLetter)
}

export function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let end = 0
  for (const match of text.matchAll(WORD)) {
    const gap = text.slice(end, match.index)
    const before = tokens.at(-1)
    const breaks =
      before === undefined ||
      (SENTENCE_END.test(gap) &&
        !(gap.startsWith('.') && !/[\n\r]/.test(gap) && ABBREVIATED.test(before.plain)))
    const [word] = match
    end = match.index + word.length
    tokens.push({ text: word, plain: plainOf(word), start: match.index, end, gap, breaks })
  }
  return tokens
}

/** Returns whether the word starts with a capital letter. */
export function isCapitalised(token: Token): boolean {
  return /^\p{Lu}/u.test(token.text)
}

/** Returns whether the word has two capital letters or more, and no small one. */
export function isUpperCase(token: Token): boolean {
  return /^\p{Lu}{2,}$/u.test(token.text)
}

export function isNumber(token: Token): boolean {
  return /^\d+$/.test(token.text)
}

/** Returns whether the whole text is in capitals, so that a capital says nothing about a word. */
export function isInCapitals(text: string): boolean {
  const capitals = text.match(/\p{Lu}/gu)?.length ?? 0
  // Most texts are decided without counting their small letters.
  if (capitals * 4 < text.length) return false
  const small = text.match(/\p{Ll}/gu)?.length ?? 0
  return capitals >= 4 && capitals > small * 3
}
