import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { extentOf, referenceIn, wordsOf } from './verify.ts'

const SENT = "Faux billets agglomération d'Issoire. Ne pas intervenir, ne pas transférer SMS. Réf. 63-26-0142"

test.each([
  ['63-26-0142', '63-26-0142'],
  ['  63a-26-0007 ', '63A-26-0007'],
  ['Réf. 63 – 26 – 0142', '63-26-0142'],
  ['63-26-0142-K7Q', '63-26-0142'],
  ['2A-26-0001', '2A-26-0001'],
  [SENT, '63-26-0142'],
  ['06 39 98 01 42', undefined],
  ['', undefined],
])('the reference in %j is %j', (text, reference) => {
  expect(referenceIn(text)).toBe(reference)
})

describe('what is given of a text', () => {
  test.each<[string, ReturnType<typeof extentOf>]>([
    [SENT, 'whole'],
    ['FAUX BILLETS AGGLOMERATION D’ISSOIRE ne pas intervenir, ne pas transferer sms', 'whole'],
    [SENT.replace('63-26-0142', '63-26-0142-K7Q'), 'whole'],
    ['faux billets agglomération', 'beginning'],
    ["Faux billets agglomération d'Issoire. Ne pas", 'beginning'],
    // Two words could be guessed, half a word could be chance, another end is another message.
    ['faux billets', null],
    ['faux billets agglo', null],
    [`${SENT} Appelez le 08 99`, null],
    ['Faux billets agglomération de Thiers. Ne pas intervenir', null],
    ['63-26-0142', null],
    ['', null],
  ])('%j is %j', (given, extent) => {
    expect(extentOf(given, SENT)).toBe(extent)
  })

  test('a text is the whole of itself and no other text is, whatever its letters', () => {
    const sentence = fc
      .array(fc.stringMatching(/^[a-zéèçA-Z0-9']{1,9}$/), { minLength: 4, maxLength: 12 })
      .map((words) => words.join(' '))
    fc.assert(
      fc.property(sentence, sentence, (one, other) => {
        if (wordsOf(one) !== '') expect(extentOf(one, one)).toBe('whole')
        const isPart = `${wordsOf(other)} `.startsWith(`${wordsOf(one)} `)
        if (!isPart) expect(extentOf(one, other)).toBeNull()
      }),
    )
  })
})
