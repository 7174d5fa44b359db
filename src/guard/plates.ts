import { type Finding, indexOfWordAt, inTextOrder, type Reading } from './finding.ts'
import descriptions from './lexicon/descriptions.json' with { type: 'json' }
import { wordSet } from './phrases.ts'
import type { Token } from './tokens.ts'
import { isUpperCase } from './tokens.ts'

/** Matches the separators that people type between the letters and figures of a plate: "AB 1 2 3 CD", "DK*882*ZZ", "FG / 482 / KM", "(AB)123(CD)". */
const BETWEEN_SIGNS = "[-–—.,*/_|:·•#=~+'() \\n\\u00a0]{0,3}"
const PLATE_LETTER = '[A-HJ-NP-TV-Z]'
/** A figure, a sign that could not be read, or a letter that looks like a figure: "AB-I23-CD", "DK 88? ZZ". */
const PLATE_FIGURE = '[0-9?OIl]'
/** Letters of other alphabets that look like those of a plate, and full-width signs. */
const ALIKE: Readonly<Record<string, string>> = Object.fromEntries(
  [...'АВСЕНКМРТХΑΒΕΖΗΚΜΝΡΤΧ'].map((letter, at) => [letter, 'ABCEHKMPTXABEZHKMNPTX'.charAt(at)]),
)

/** Returns a text of the same length in which such letters and signs are replaced. */
function inLatin(text: string): string {
  return text.replace(/[\u0370-\u04ff\uff01-\uff5e]/gu, (sign) =>
    sign >= '\uff01' ? String.fromCharCode(sign.charCodeAt(0) - 0xfee0) : (ALIKE[sign] ?? sign),
  )
}
/** Matches plates since 2009: AA-123-AA, without I, O and U, whatever stands between its signs. */
const SIV = new RegExp(
  `(?<![\\p{L}\\p{N}])(${PLATE_LETTER})(${BETWEEN_SIGNS})(${PLATE_LETTER})(${BETWEEN_SIGNS})` +
    `(${PLATE_FIGURE}${BETWEEN_SIGNS}${PLATE_FIGURE}${BETWEEN_SIGNS}${PLATE_FIGURE})(${BETWEEN_SIGNS})` +
    `(${PLATE_LETTER})(${BETWEEN_SIGNS})(${PLATE_LETTER})(?![\\p{L}\\p{N}])`,
  'giu',
)
/** Matches plates before 2009: 1234 AB 63, with the département at the end. */
const FNI =
  /(?<![\p{L}\p{N}])(\d{2,4})([-–—.*/_ \u00a0]?)([A-HJ-NP-TV-Z]{1,3})([-–—.*/_ \u00a0]?)(0[1-9]|[1-8]\d|9[0-5]|2[AB]|97[1-6])(?![\p{L}\p{N}]|[.,:]\d)/giu
/** Matches plates of mopeds since 2004: AA-123-A. With hyphens only: with spaces it is the name of a motorcycle. */
const MOPED = /(?<![\p{L}\p{N}])[A-HJ-NP-TV-Z]{2}[-*/_]\d{2,3}[-*/_][A-HJ-NP-TV-Z](?![\p{L}\p{N}])/giu
/** Matches the same with every sign apart: "9 5 7 6 Z F 6 8". */
const FNI_APART =
  /(?<![\p{L}\p{N}])\d(?:[-–—.*/_ \u00a0]\d){2,3}[-–—.*/_ \u00a0][A-HJ-NP-TV-Z](?:[-–—.*/_ \u00a0][A-HJ-NP-TV-Z]){1,2}[-–—.*/_ \u00a0]\d[-–—.*/_ \u00a0]\d(?![\p{L}\p{N}])/gu
/** Matches the plates of garages: W-123-AB, WW-123-AB. */
const GARAGE =
  /(?<![\p{L}\p{N}])WW?[-–—.*/_ \u00a0]?\d{3}[-–—.*/_ \u00a0]?[A-HJ-NP-TV-Z]{2}(?![\p{L}\p{N}])/gu
/** Matches a plate whose end could not be read, and a German one: only behind a vehicle, since other things look alike. */
const BEHIND_VEHICLE = [
  /(?<![\p{L}\p{N}])[A-HJ-NP-TV-Z]{2}[-*/_ \u00a0]?\d{3}[-*/_ \u00a0]?\?{1,2}(?![\p{L}\p{N}])/gu,
  /(?<![\p{L}\p{N}])[A-ZÄÖÜ]{1,3}-[A-Z]{1,2}[ \u00a0]?\d{1,4}(?![\p{L}\p{N}])/gu,
]
/** Matches Belgian plates, which are recognisable without “immatriculé”. */
const BELGIAN = /(?<![\p{L}\p{N}])[1-9]-[A-Z]{3}-\d{3}(?![\p{L}\p{N}])/gu

/** Two or three letters that are a word, a unit or a month between two numbers: “20 et 50 euros”, “3 MAI 26”. */
const WORDS_BETWEEN_FIGURES = new Set(
  (
    'a e h m x g l d c f v n j s y de du en et es la le les ma me ne pa par pas sa se ce ta te va as an ans h min ' +
    'km kg cm mm ml cl m eme er ere nd ter bis bp rue av bd pl imp rte sur mai fev mar avr jan jun sep dec nov ' +
    'cl ttc ht chf eur eme est les des mes ses tes ces par pax cv ch cc gb mb tb pcs qty lot sms mn s sec lts'
  ).split(' '),
)

const vehicles = wordSet(descriptions.vehicles, descriptions.makes)
const ANNOUNCING = new Set([
  ...['immatricule', 'immatriculee', 'immatricules', 'immatriculees', 'immatriculation', 'immat', 'immatr'],
  ...['plaque', 'plaques', 'mineralogique', 'nmr'],
])
/** Words between “immatriculée” and the plate. */
const BETWEEN = new Set(
  (
    'dont no n numero num en au aux de du des la le l est sont et une un avec d a fausse fausses faux etrangere etrangeres ' +
    'type relevee relevees signalee partielle partiellement mineralogique doublette belge espagnole italienne ' +
    'allemande suisse portugaise roumaine polonaise bulgare anglaise britannique neerlandaise luxembourgeoise ' +
    'espagne italie belgique allemagne suisse portugal roumanie pologne bulgarie luxembourg angleterre'
  ).split(' '),
)
/** Words that announce only a part of the plate. */
const PARTIAL = new Set(
  'commencant commence debutant debute terminant termine finissant finit contenant contient debut fin partie'.split(
    ' ',
  ),
)
/** Words removed with the plate. */
const INTRODUCING = new Set([
  ...ANNOUNCING,
  ...[
    'no',
    'n',
    'numero',
    'num',
    'avec',
    'dont',
    'la',
    'une',
    'fausse',
    'commencant',
    'par',
    'terminant',
    'se',
    'finissant',
  ],
  ...[
    'en',
    'contenant',
    'belge',
    'espagnole',
    'italienne',
    'allemande',
    'etrangere',
    'partielle',
    'minéralogique',
  ],
])

/**
 * Finds vehicle plates: French ones of both formats by their shape; foreign ones and parts of plates only after
 * “immatriculé”, “plaque” or similar words, or behind a vehicle.
 */
export function findPlates(reading: Reading): Finding[] {
  const { tokens, inCapitals } = reading
  const text = inLatin(reading.text)
  const announced = stretchesAfterAnnouncement(tokens)
  const isAnnounced = (start: number) => announced.some((one) => start >= one.start && start <= one.end)
  const shaped = [
    ...[...text.matchAll(SIV)].filter((match) => isSivPlate(match, reading, isAnnounced(match.index))),
    ...[...text.matchAll(FNI)].filter((match) =>
      isAnnounced(match.index) ? isAnnouncedFniPlate(match) : isFniPlate(match),
    ),
    ...[MOPED, FNI_APART, GARAGE, BELGIAN].flatMap((shape) => [...text.matchAll(shape)]),
    ...BEHIND_VEHICLE.flatMap((shape) => [...text.matchAll(shape)]).filter((match) =>
      isBehindVehicle(tokens, match.index),
    ),
  ]
  const foreign = announced.flatMap(
    ({ from, partial }) => foreignPlate(tokens, from, partial, inCapitals) ?? [],
  )
  return inTextOrder(
    [...shaped.map(rangeOfMatch), ...foreign].map(({ start, end }) => ({
      start,
      end,
      edit: { start: introductionStart(tokens, start), end, text: '' },
    })),
  )
}

function rangeOfMatch(match: RegExpExecArray): { start: number; end: number } {
  return { start: match.index, end: match.index + match[0].length }
}

/** True when what has the shape of "AB-123-CD" is a plate, and not words and figures of a sentence. */
function isSivPlate(match: RegExpExecArray, { tokens, inCapitals }: Reading, isAnnounced: boolean): boolean {
  const [, one = '', inLeft = '', two = '', first = '', digits = '', second = ''] = match
  const [, , , , , , , three = '', inRight = '', four = ''] = match
  const left = one + two
  const right = three + four
  const capital = isCapital(left) && isCapital(right)
  // One of the three figures may be unreadable or mistyped if the letters are capitals: "AB O2I CD" has two, so it is no plate.
  const figures = digits.match(/\d/g)?.length ?? 0
  if (figures < (capital ? 2 : 3)) return false
  const words =
    WORDS_BETWEEN_FIGURES.has(left.toLowerCase()) || WORDS_BETWEEN_FIGURES.has(right.toLowerCase())
  if (isAnnounced || (!words && isBehindVehicle(tokens, match.index))) return true
  // Signs apart from each other by spaces may be words and figures of a sentence.
  const spread = inLeft + inRight + digits.replace(/[0-9?OIl]/g, '')
  const loose = /[\s\u00a0]/u.test(first + second + spread)
  if (loose && (!capital || (inCapitals && words))) return false
  // "12:30-14" and lists of figures have no letters, but "le 1/2/3 du" has.
  return spread === '' || (capital && !words)
}

/** True when what has the shape of "123 AB 63" is a plate, though no word announces it. */
function isFniPlate(match: RegExpExecArray): boolean {
  const [, number = '', first = '', letters = '', second = ''] = match
  if (WORDS_BETWEEN_FIGURES.has(letters.toLowerCase())) return false
  if (letters.length === 1 && (number.length < 3 || first === '' || second === '')) return false
  return (
    isCapital(letters) ||
    (first === '-' && second === '-') ||
    (number.length > 2 && first === '' && second === '')
  )
}

/** True unless the letters between the figures are a unit: "plaque relevée 12 h 30". */
function isAnnouncedFniPlate([, , , letters = '']: RegExpExecArray): boolean {
  return !/^(?:h|ans|km)$/i.test(letters)
}

/** True when a vehicle directly precedes: "C3 rouge aa 229 bb". */
function isBehindVehicle(tokens: readonly Token[], start: number): boolean {
  for (let i = indexOfWordAt(tokens, start), steps = 0; i > 0 && steps < 5; i--, steps++) {
    if (tokens[i]!.breaks) return false
    if (vehicles.has(tokens[i - 1]!.plain)) return true
  }
  return false
}

function isCapital(letters: string): boolean {
  return letters === letters.toUpperCase()
}

interface Announced {
  readonly start: number
  readonly end: number
  /** The first word after the announcement that may belong to the plate. */
  readonly from: number
  readonly partial: boolean
}

/** Maximum number of words between “immatriculée” and the plate that it announces. */
const REACH = 7

function stretchesAfterAnnouncement(tokens: readonly Token[]): Announced[] {
  const found: Announced[] = []
  for (const [i, token] of tokens.entries()) {
    if (!ANNOUNCING.has(token.plain)) continue
    let from = i + 1
    // Handles "début de plaque GC 5".
    let partial = PARTIAL.has(tokens[i - 2]?.plain ?? '') && tokens[i - 1]?.plain === 'de'
    while (from < tokens.length && from - i < REACH && isBetween(tokens[from]!)) {
      const { plain } = tokens[from]!
      if (PARTIAL.has(plain)) partial = true
      from++
    }
    const last = tokens[Math.min(i + REACH, tokens.length - 1)]!
    found.push({ start: token.start, end: last.end, from, partial })
  }
  return found
}

function isBetween({ plain, breaks, text }: Token): boolean {
  if (breaks || isUpperCase({ text } as Token)) return false
  return (
    BETWEEN.has(plain) || PARTIAL.has(plain) || ANNOUNCING.has(plain) || plain === 'se' || plain === 'par'
  )
}

/** True when the gap before a word may be inside a plate. Illegible signs are typed as "?" or "*": "FG 4?? KM". */
function isJoinedToPlate({ gap, breaks }: Token): boolean {
  return /^[-–.*/_? \u00a0]{1,4}$/u.test(gap) && (!breaks || gap.includes('?'))
}

/** True for up to eight capitals and digits that are neither a word between figures nor a word of four letters. */
function mayBeOfPlate({ text, plain }: Token, inCapitals: boolean): boolean {
  if (!/^[A-Z0-9]{1,8}$/.test(text) || /^[A-Z]{4,}$/.test(text)) return false
  return !(inCapitals && /^[A-Z]+$/.test(text) && WORDS_BETWEEN_FIGURES.has(plain))
}

/**
 * Finds letters and digits in a row, 4 to 10 in total (for a part of a plate: at least 2, with a capital letter or three
 * digits).
 */
function foreignPlate(
  tokens: readonly Token[],
  from: number,
  partial: boolean,
  inCapitals: boolean,
): { start: number; end: number } | undefined {
  let last = from - 1
  let letters = 0
  let figures = 0
  for (let i = from; i < tokens.length && i < from + 4; i++) {
    const token = tokens[i]!
    if ((i > from && !isJoinedToPlate(token)) || !mayBeOfPlate(token, inCapitals)) break
    letters += token.text.replace(/\d/g, '').length
    figures += token.text.replace(/\D/g, '').length
    last = i
  }
  if (last < from) return undefined
  const enough = partial
    ? (letters > 0 && letters + figures >= 2) || figures >= 3
    : letters > 0 && figures > 1 && letters + figures >= 4 && letters + figures <= 10
  return enough ? { start: tokens[from]!.start, end: tokens[last]!.end } : undefined
}

/** Returns where the words start that are removed with the plate at `start`: "immatriculée ", "plaque n° ". */
function introductionStart(tokens: readonly Token[], start: number): number {
  let at = indexOfWordAt(tokens, start)
  let from = start
  let seen = false
  for (let i = at - 1, steps = 0; i >= 0 && steps < 7; i--, steps++) {
    const next = tokens[i + 1]!
    if (next.breaks || /[,;!?()]/u.test(next.gap)) break
    const { plain } = tokens[i]!
    if (!INTRODUCING.has(plain) && !BETWEEN.has(plain) && !PARTIAL.has(plain)) break
    if (plain === 'dont' || ANNOUNCING.has(plain) || ['no', 'n', 'numero', 'num'].includes(plain)) {
      at = i
      from = tokens[i]!.start
      seen = true
    }
  }
  return seen ? from : start
}
