import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { runsOf } from '../../../test/support/random.ts'
import { foldToGsm7 } from '../../message/fold.ts'
import { comparableText, markIn, matchWhole, referenceIn } from './rules.ts'

const REFERENCE = '63-26-0142'
const SENT = `Faux billets agglomération d'Issoire. Ne pas intervenir, ne pas transférer SMS. Réf. ${REFERENCE}`
const PLATE = `Vol à main armée à Thiers vers 17h30. Peugeot 406 grise AB-123-CD vers Lezoux. Réf. ${REFERENCE}-?????`

const isWhole = (given: string, sent: string) => matchWhole(given, [sent], REFERENCE)[0]

test.each([
  ['63-26-0142', '63-26-0142'],
  ['  63a-26-0007 ', '63A-26-0007'],
  ['Réf. 63 – 26 – 0142', '63-26-0142'],
  ['63-26-0142-K7Q4A', '63-26-0142'],
  ['2A-26-0001', '2A-26-0001'],
  ['Réf. AC63-26-0142-K7Q4A', 'AC63-26-0142'],
  ['Réf. ac – 26 – 0142', 'AC-26-0142'],
  ['Préavis-63-26-0142', '63-26-0142'],
  ['63-26-x014', '63-26-X014'],
  ['EXERCICE Faux billets. Réf. 63 - 26 - X014 - K7Q4A', '63-26-X014'],
  ['63-26-X14', undefined],
  [SENT, '63-26-0142'],
  ['Faits du 14-11-2026 à Thiers. Réf. 63-26-0142-K7Q4A', '63-26-0142'],
  ['06 39 98 01 42', undefined],
  ['', undefined],
])('finds in %j the reference %j', (text, reference) => {
  expect(referenceIn(text)).toBe(reference)
})

test.each([
  ['63-26-0142-K7Q4A', 'K7Q4A'],
  ['Faits du 14-11-2026. Réf. 63 - 26 - 0142 – k7q4a.', 'K7Q4A'],
  ['Réf. AC63-26-0142-K7Q4A', 'K7Q4A'],
  ['63-26-0142', undefined],
  ['EXERCICE Faux billets. Réf. 63-26-X014-K7Q4A', 'K7Q4A'],
  ['63-26-X014', undefined],
  ['63-26-0142-K7Q', undefined],
  ['63-26-0142-K7Q4AB', undefined],
  ['K7Q4A', undefined],
])('finds in %j the mark %j', (text, mark) => {
  expect(markIn(text)).toBe(mark)
})

describe('the whole text, as phones and people copy it', () => {
  test.each([
    SENT,
    'FAUX BILLETS AGGLOMERATION D’ISSOIRE ne pas intervenir, ne pas transferer sms',
    SENT.replace(REFERENCE, `${REFERENCE}-K7Q4A`),
    SENT.replace(` Réf. ${REFERENCE}`, ''),
    SENT.replaceAll(' ', '\u00a0'),
    `  ${SENT.replaceAll('. ', '.\n')}\r\n`,
    SENT.normalize('NFD'),
    SENT.replaceAll('-', '‑'),
  ])('confirms %j', (given) => {
    expect(isWhole(given, SENT)).toBe(true)
  })

  test('ignores the mark of a recipient after the reference', () => {
    for (const end of ['-K7Q4A', '-?????', '', ' - K7Q4A', '-K7Q', '-???']) {
      expect(isWhole(PLATE.replace('-?????', end), PLATE), end).toBe(true)
    }
  })

  test('confirms every text as it was written before it was folded to GSM-7', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zA-Zéèàçêïœ«»’…–€$0-9 .,']{1,80}$/u), (text) => {
        expect(isWhole(text, foldToGsm7(text)?.text ?? text)).toBe(true)
      }),
    )
  })
})

describe('answers every other text as a wrong one', () => {
  test.each([
    ['faux billets agglomération', SENT],
    ["Faux billets agglomération d'Issoire. Ne pas", SENT],
    ["Faux billets agglomération d'Issoire. Ne pas intervenir, ne pas transférer", SENT],
    [`${SENT} Appelez le 08 99`, SENT],
    // Looks like a reference, but is a phone number.
    [`${SENT} Rappelez 0899-12-3456`, SENT],
    [`${SENT} 63-26-0143`, SENT],
    [`${SENT} звоните`, SENT],
    [`Amende : 600 €. Réf. ${REFERENCE}`, `Amende : 600. Réf. ${REFERENCE}`],
    [SENT.replace("d'Issoire", 'de Thiers'), SENT],
    [REFERENCE, SENT],
    [`Réf. ${REFERENCE}-?????`, PLATE],
    ['', SENT],
  ])('%j', (given, sent) => {
    expect(isWhole(given, sent)).toBe(false)
  })

  test('refuses thousands of parts and variations of a text with a number plate alike', () => {
    const words = PLATE.split(' ')
    const part = fc
      .tuple(fc.nat(words.length), fc.nat(words.length))
      .map(([a, b]) => words.slice(Math.min(a, b), Math.max(a, b)).join(' '))
    const slice = fc
      .tuple(fc.nat(PLATE.length), fc.nat(PLATE.length))
      .map(([a, b]) => PLATE.slice(Math.min(a, b), Math.max(a, b)))
    const some = fc.subarray(words).map((kept) => kept.join(' '))
    const changed = fc
      .tuple(fc.nat(words.length - 1), fc.stringMatching(/^[a-z0-9]{1,8}$/))
      .map(([at, word]) => words.with(at, word).join(' '))
    const whole = comparableText(PLATE, REFERENCE)
    const RUNS = runsOf(10_000)
    let asked = 0
    fc.assert(
      fc.property(fc.oneof(part, slice, some, changed), (given) => {
        fc.pre(comparableText(given, REFERENCE) !== whole)
        asked++
        expect(matchWhole(given, [SENT, PLATE], REFERENCE)).toEqual([false, false])
      }),
      { numRuns: RUNS },
    )
    expect(asked).toBeGreaterThan(0.9 * RUNS)
  })
})
