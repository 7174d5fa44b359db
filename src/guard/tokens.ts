/** A word or number of a text. Offsets are UTF-16 code units. */
export interface Token {
  readonly text: string
  /** Lower case, without accents or ligatures: what lists are compared with. */
  readonly plain: string
  readonly start: number
  readonly end: number
  /** What stands between the word before (or the beginning) and this one. */
  readonly gap: string
  /** A sentence ends in that gap. */
  readonly breaks: boolean
}

const WORD = /[\p{L}\p{N}\p{M}]+/gu
const SENTENCE_END = /[!?;\n\r]|\.(?:\s|$)|\s[-–—]\s/u
/** After these a full stop ends nothing: "M. Durand", "av. Foch", "St. Jean". */
const ABBREVIATED = /^(?:m|mm|mr|mme|mlle|me|dr|st|ste|av|bd|bld|tel|n|no|immat|env|pl|[a-z])$/

const LIGATURES: Readonly<Record<string, string>> = { œ: 'oe', æ: 'ae', ß: 'ss' }
/** Letters met so far: few, and each is asked for thousands of times. */
const plainLetters = new Map<string, string>()

function plainLetter(letter: string): string {
  let plain = plainLetters.get(letter)
  if (plain === undefined) {
    plain = LIGATURES[letter] ?? letter.normalize('NFKD').replace(/\p{M}/gu, '')
    plainLetters.set(letter, plain)
  }
  return plain
}

/** As lists and names compare it: lower case, without accents; digits and other letters stay. */
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

/** Begins with a capital letter. */
export function isCapitalised(token: Token): boolean {
  return /^\p{Lu}/u.test(token.text)
}

/** Two capital letters or more, and no small one. */
export function isUpperCase(token: Token): boolean {
  return /^\p{Lu}{2,}$/u.test(token.text)
}

export function isNumber(token: Token): boolean {
  return /^\d+$/.test(token.text)
}

/** Written in capitals as a whole: then a capital says nothing of a word. */
export function isInCapitals(text: string): boolean {
  const capitals = text.match(/\p{Lu}/gu)?.length ?? 0
  // Most texts are told apart without counting their small letters.
  if (capitals * 4 < text.length) return false
  const small = text.match(/\p{Ll}/gu)?.length ?? 0
  return capitals >= 4 && capitals > small * 3
}
