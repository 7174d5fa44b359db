import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  communeKey,
  indexCommunes,
  isSiret,
  type KnownCommune,
  maskPhone,
  matchCommune,
  parseMail,
  parsePhone,
  parseSiret,
  parseStatus,
} from './rules.ts'

/** Appends the digit that makes the number pass the Luhn check, by trying all ten. */
function complete(digits: string): string {
  const sum = (text: string) =>
    [...text].reverse().reduce((total, digit, i) => {
      const doubled = Number(digit) * (i % 2 === 0 ? 1 : 2)
      return total + (doubled > 9 ? doubled - 9 : doubled)
    }, 0)
  return [...'0123456789'].map((last) => digits + last).find((text) => sum(text) % 10 === 0)!
}

describe('SIRET', () => {
  // Published by INSEE and the companies: La Poste's headquarters and a post office, INSEE, Michelin.
  test.each(['35600000000048', '35600000049837', '12002701600357', '85520050700017'])(
    '%s is one',
    (siret) => {
      expect(parseSiret(siret)).toEqual({ value: siret })
    },
  )
  test.each([
    ['35600000049838', 'siret.check'],
    ['12002701600358', 'siret.check'],
    ['855200507', 'siret.siren'],
    ['8552005070001', 'siret.check'],
    ['855200507000', 'siret.length'],
    ['8,5520E+13', 'siret.scientific'],
    ['855 200 507 A0017', 'siret.characters'],
  ])('%s is not: %s', (text, problem) => {
    expect(parseSiret(text)).toEqual({ problem })
  })
  test('a SIRET may have spaces, and lack the zero that a spreadsheet dropped', () => {
    expect(parseSiret(' 855 200 507\u00a000017 ')).toEqual({ value: '85520050700017' })
    // 005 520 135 00014: a SIREN that begins with zeros, which a spreadsheet drops.
    const siret = complete(`${complete('00552013')}0001`)
    expect(parseSiret(siret.slice(1))).toEqual({ value: siret })
  })
  test('detects any single wrong digit', () => {
    fc.assert(
      fc.property(
        fc.nat(89_999_999),
        fc.nat(9999),
        fc.nat(13),
        fc.integer({ min: 1, max: 9 }),
        (n, nic, at, shift) => {
          const siret = complete(complete(String(10_000_000 + n)) + String(nic).padStart(4, '0'))
          fc.pre(!siret.startsWith('356000000'))
          expect(isSiret(siret)).toBe(true)
          const changed = siret.slice(0, at) + ((Number(siret[at]) + shift) % 10) + siret.slice(at + 1)
          expect(isSiret(changed)).toBe(false)
        },
      ),
    )
  })
})

describe('parses phones as people type them', () => {
  test.each([
    '06.39.98.00.01',
    '0639980001',
    '06 39 98 00 01',
    '06-39-98-00-01',
    '+33 6 39 98 00 01',
    '+33 (0)6 39 98 00 01',
    '+33 06 39 98 00 01',
    '0033 6 39 98 00 01',
    '0033639980001',
    '33639980001',
    '6 39 98 00 01',
    '639980001',
    '639980001.0',
    '06\u00a039\u202f98 00 01',
    "'0639980001",
    '="0639980001"',
    '06/39/98/00/01',
    '０６３９９８０００１',
  ])('%s', (text) => {
    expect(parsePhone(text)).toEqual({ value: { e164: '+33639980001', kind: 'mobile' } })
  })
  test.each([
    ['0612345678', '+33612345678', 'mobile'],
    ['07 56 00 00 00', '+33756000000', 'mobile'],
    ['04 73 89 00 00', '+33473890000', 'landline'],
    ['04 65 71 12 34', '+33465711234', 'landline'],
    ['01 99 00 12 34', '+33199001234', 'landline'],
    ['09 70 12 34 56', '+33970123456', 'landline'],
    ['0692 12 34 56', '+262692123456', 'mobile'],
    ['0690 12 34 56', '+590690123456', 'mobile'],
    ['0696 12 34 56', '+596696123456', 'mobile'],
    ['0694 12 34 56', '+594694123456', 'mobile'],
    ['0262 12 34 56', '+262262123456', 'landline'],
    ['+262 692 12 34 56', '+262692123456', 'mobile'],
    ['+41 79 123 45 67', '+41791234567', 'mobile'],
    ['+32 470 12 34 56', '+32470123456', 'mobile'],
  ])('%s is %s, %s', (text, e164, kind) => {
    expect(parsePhone(text)).toEqual({ value: { e164, kind } })
  })
  test.each([
    ['06 39 98 00', 'phone.length'],
    ['06 39 98 00 01 02', 'phone.length'],
    ['3639', 'phone.short'],
    ['08 00 12 34 56', 'phone.special'],
    ['06 39 98 00 01 / 06 39 98 00 02', 'phone.several'],
    ['06 39 98 00 01 ou 04 65 71 00 01', 'phone.several'],
    ['6,3998E+08', 'phone.scientific'],
    ['voir avec Paul', 'phone.characters'],
    ['07 00 00 00 00', 'phone.unknown'],
    ['+881 612 345 678', 'phone.special'],
    ['+870 773 123 456', 'phone.special'],
    ['+882 16 123 456', 'phone.special'],
    ['+44 7012 345678', 'phone.special'],
  ])('%s is refused: %s', (text, problem) => {
    expect(parsePhone(text)).toEqual({ problem })
  })
  test('accepts every number reserved for fiction; an accepted number is E.164 and parses to itself', () => {
    fc.assert(
      fc.property(fc.nat(9999), (n) => {
        const digits = `063998${String(n).padStart(4, '0')}`
        expect(parsePhone(digits)).toEqual({ value: { e164: `+33${digits.slice(1)}`, kind: 'mobile' } })
      }),
    )
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[+0-9 .()-]{0,16}$/)), (text) => {
        const parsed = parsePhone(text)
        if (!('value' in parsed)) return
        expect(parsed.value.e164).toMatch(/^\+[1-9][0-9]{6,14}$/)
        expect(parsePhone(parsed.value.e164)).toEqual(parsed)
      }),
    )
  })
  test('masks all but the last two digits', () => {
    expect(maskPhone('+33639980001')).toBe('•• •• •• •• 01')
  })
})

test('parses mails and statuses', () => {
  expect(parseMail(' Paul@Exemple.FR ')).toEqual({ value: 'paul@exemple.fr' })
  for (const text of ['paul', 'paul@', 'paul@exemple', 'a b@c.fr', 'a@b..fr', '<a@b.fr>']) {
    expect(parseMail(text)).toEqual({ problem: 'mail.invalid' })
  }
  expect(parseStatus('Radié')).toEqual({ value: 'left' })
  expect(parseStatus('En attente')).toEqual({ value: 'pending' })
  expect(parseStatus('peut-être')).toEqual({ problem: 'status.unknown' })
})

describe('matches communes', () => {
  const commune = (
    code: string,
    name: string,
    postalCodes: string[],
    inside = code.startsWith('63'),
  ): KnownCommune => ({
    code,
    name,
    departementCode: code.slice(0, 2),
    postalCodes,
    inside,
    latitude: null,
    longitude: null,
  })
  const index = indexCommunes([
    commune('63178', 'Issoire', ['63500']),
    commune('63113', 'Clermont-Ferrand', ['63000', '63100']),
    commune('60157', 'Clermont', ['60600']),
    commune('63032', 'Beaumont', ['63110']),
    commune('43022', 'Beaumont', ['43100']),
    commune('63356', 'Saint-Gervais-sous-Meymont', ['63880']),
    commune('63069', 'Le Cendre', ['63670']),
    commune('63001', 'Double', ['63111']),
    commune('63002', 'Double', ['63222']),
  ])
  test.each([
    [{ insee: '63178' }, '63178'],
    [{ name: 'ISSOIRE', postalCode: '63500' }, '63178'],
    [{ name: 'issoire' }, '63178'],
    [{ name: 'Beaumont' }, '63032'],
    [{ name: 'Clermont Ferrand Cedex 1', postalCode: '63058' }, '63113'],
    [{ name: 'ST GERVAIS SOUS MEYMONT', postalCode: '63880' }, '63356'],
    [{ name: 'Cendre (Le)' }, '63069'],
    [{ name: 'Double', postalCode: '63222' }, '63002'],
    [{ postalCode: '63500' }, '63178'],
    [{ insee: '63999', name: 'Issoire' }, '63178'],
  ])('%j is %s', (row, code) => {
    expect(matchCommune(index, row)).toMatchObject({ commune: { code } })
  })
  test.each([
    [{ name: 'Beaumont', postalCode: '43100' }, 'commune.outside', ['43022']],
    [{ name: 'Double' }, 'commune.ambiguous', ['63001', '63002']],
    [{ name: 'Issoir', postalCode: '63500' }, 'commune.unknown', ['63178']],
    [{ name: 'Issoire', postalCode: '75001' }, 'commune.postal_code', ['63178']],
    [{ insee: '60157' }, 'commune.outside', ['60157']],
    [{ insee: '63999' }, 'commune.unknown', []],
  ])('%j is refused: %s', (row, problem, codes) => {
    const match = matchCommune(index, row)
    expect(match).toMatchObject({ problem })
    expect('candidates' in match && match.candidates.map((one) => one.code)).toEqual(codes)
  })
  test('matches arrondissements to their city', () => {
    expect(communeKey('Lyon 3e Arrondissement')).toBe('lyon')
    expect(communeKey('PARIS 12')).toBe('paris')
  })
})
