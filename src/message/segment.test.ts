import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countSeptets, isGsm7 } from './gsm0338.ts'
import { segmentMessage } from './segment.ts'

const ISSOIRE = "Faux billets agglomération d'Issoire. Ne pas intervenir, ne pas transférer SMS."

describe('cutting', () => {
  test.each([
    [ISSOIRE, 79],
    ['Attention fausse monnaie 20 et 50 euros détectée centre ville Dieppe', 68],
    ['Attention ! cambriolages en série dans les magasins de motoculture et de jardinage.', 83],
  ])('fits a real alert into one part: %s', (text, units) => {
    expect(segmentMessage(text)).toEqual({
      encoding: 'GSM-7',
      parts: [text],
      units,
      unitsLeft: 160 - units,
      replaced: [],
    })
  })

  test('makes one empty part of the empty text', () => {
    expect(segmentMessage('')).toEqual({
      encoding: 'GSM-7',
      parts: [''],
      units: 0,
      unitsLeft: 160,
      replaced: [],
    })
  })

  test.each([
    [160, [160], 0],
    [161, [153, 8], 145],
    [306, [153, 153], 0],
    [307, [153, 153, 1], 152],
  ])('%i septets', (length, lengths, unitsLeft) => {
    const { parts, ...rest } = segmentMessage('a'.repeat(length))
    expect(parts.map((part) => part.length)).toEqual(lengths)
    expect(rest).toMatchObject({ encoding: 'GSM-7', units: length, unitsLeft })
  })

  test.each([
    [70, [70], 0],
    [71, [67, 4], 63],
    [134, [67, 67], 0],
  ])('%i UTF-16 units', (length, lengths, unitsLeft) => {
    const { parts, ...rest } = segmentMessage('ж'.repeat(length))
    expect(parts.map((part) => part.length)).toEqual(lengths)
    expect(rest).toMatchObject({ encoding: 'UCS-2', units: length, unitsLeft })
  })

  test('counts an extension character as two and never splits it', () => {
    expect(segmentMessage('600 €')).toMatchObject({ units: 6, unitsLeft: 154 })
    const { parts, units, unitsLeft } = segmentMessage(`${'a'.repeat(152)}€${'b'.repeat(10)}`)
    expect(parts).toEqual(['a'.repeat(152), `€${'b'.repeat(10)}`])
    expect({ units, unitsLeft }).toEqual({ units: 164, unitsLeft: 141 })
  })

  test('never splits a surrogate pair', () => {
    const { parts } = segmentMessage(`${'a'.repeat(66)}🚨${'b'.repeat(10)}`)
    expect(parts).toEqual(['a'.repeat(66), `🚨${'b'.repeat(10)}`])
  })

  test('recognises a decomposed letter and replaces a lone surrogate', () => {
    expect(segmentMessage('e\u0301')).toMatchObject({ encoding: 'GSM-7', parts: ['é'] })
    expect(segmentMessage('a\ud83d')).toMatchObject({ encoding: 'UCS-2', parts: ['a\ufffd'] })
  })

  test('without folding, one ê makes the text UCS-2', () => {
    expect(segmentMessage('forêt')).toMatchObject({
      encoding: 'UCS-2',
      parts: ['forêt'],
      units: 5,
      unitsLeft: 65,
    })
  })
})

describe('folding', () => {
  test.each([
    ['âçêëîïôœûÿ', 'aceeiiooeuy'],
    ['ÀÂÈÊËÎÏÔŒÙÛŸ', 'AAEEEIIOOEUUY'],
    ['éèàùòìÉÇÄÖÜñäöüæß€', 'éèàùòìÉÇÄÖÜñäöüæß€'],
    ['l’école ‘a’ “b”', "l'école 'a' \"b\""],
    ['«\u00a0Leclerc\u202f», « Lidl »', '"Leclerc", "Lidl"'],
    ['«a»', '"a"'],
    ['à 17 h… – fin — n° 12', 'à 17 h... - fin - no 12'],
    ['10\u00a0000\u202f€\u2009!', '10 000 € !'],
    ['vi\u00adtrine\u200b\ufeff', 'vitrine'],
    ['• 2 × 3\tm²', '- 2 x 3 m2'],
    ['Łódź, Şişli, Nguyễn', 'Lodz, Sisli, Nguyen'],
    ['½ № ™ ﬁn 20 ℃', '1/2 No TM fin 20 oC'],
    ['a\r\nb', 'a\r\nb'],
    ['q\u0303', 'q'],
  ])('%j', (text, expected) => {
    expect(segmentMessage(text, { fold: true })).toMatchObject({ encoding: 'GSM-7', parts: [expected] })
  })

  test('lists replacements in the order of first occurrence', () => {
    expect(segmentMessage('forêt, bête, l’âne, fête\u200b', { fold: true }).replaced).toEqual([
      { from: 'ê', to: 'e', count: 3 },
      { from: '’', to: "'", count: 1 },
      { from: 'â', to: 'a', count: 1 },
      { from: '\u200b', to: '', count: 1 },
    ])
  })

  test.each(['forêt 🚨', 'forêt Привет', 'ê漢'])('leaves a text unchanged that stays UCS-2: %s', (text) => {
    expect(segmentMessage(text, { fold: true })).toMatchObject({
      encoding: 'UCS-2',
      parts: [text],
      replaced: [],
    })
  })
})

describe('properties', () => {
  const gsm = fc.constantFrom(...'abcdefgéèà @\n\r[]{}^~|\\€')
  const french = fc.constantFrom(...'âçêëîïôœûÿÀÂÈÊ’“”«»…–—°\u00a0\u202f\u00ad\u200b\t')
  const other = fc.constantFrom(...['🚨', 'ж', '漢', '\ud83d', '\udea8', 'e\u0301', '\u0301'])
  const text = fc
    .tuple(fc.constantFrom([gsm], [gsm, french], [gsm, french, other]), fc.integer({ min: 0, max: 500 }))
    .chain(([units, maxLength]) => fc.array(fc.oneof(...units), { maxLength }))
    .map((characters) => characters.join(''))
  const options = fc.record({ fold: fc.boolean() })

  test('parts concatenate to the text sent, fit their limits, split no pair, and are as few as possible', () => {
    fc.assert(
      fc.property(fc.oneof(text, fc.string({ unit: 'binary' })), options, (t, o) => {
        const { encoding, parts, units, unitsLeft, replaced } = segmentMessage(t, o)
        const sent = parts.join('')
        if (replaced.length === 0) expect(sent).toBe(t.toWellFormed().normalize('NFC'))
        expect(isGsm7(sent)).toBe(encoding === 'GSM-7')
        const cost = (part: string) =>
          encoding === 'GSM-7' ? [...part].reduce((sum, c) => sum + countSeptets(c), 0) : part.length
        const [single, multi] = encoding === 'GSM-7' ? [160, 153] : [70, 67]
        const limit = parts.length === 1 ? single : multi
        expect(units).toBe(cost(sent))
        expect(unitsLeft).toBe(limit - cost(parts.at(-1) ?? ''))
        for (const [i, part] of parts.entries()) {
          expect(cost(part)).toBeLessThanOrEqual(limit)
          expect(part.isWellFormed()).toBe(true)
          // The next character would not have fitted: no cut is early, so there cannot be fewer parts.
          const next = parts[i + 1]
          if (next !== undefined) {
            expect(cost(part) + cost([...next][0] as string)).toBeGreaterThan(multi)
          }
        }
        if (parts.length > 1) expect(units).toBeGreaterThan(single)
      }),
    )
  })

  test('folding is idempotent and never changes a character of GSM-7', () => {
    fc.assert(
      fc.property(fc.oneof(text, fc.string({ unit: 'binary' })), (t) => {
        const once = segmentMessage(t, { fold: true })
        const twice = segmentMessage(once.parts.join(''), { fold: true })
        expect(twice).toEqual({ ...once, replaced: [] })
        for (const { from } of once.replaced) expect(isGsm7(from)).toBe(false)
      }),
    )
  })
})
