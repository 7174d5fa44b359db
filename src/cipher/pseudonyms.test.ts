import { describe, expect, test } from 'vitest'
import { createCipher } from './cipher.ts'
import { createKeyring } from './keyring.ts'
import { createPseudonyms, endingOf } from './pseudonyms.ts'

const cipher = createCipher(createKeyring())
const pseudonyms = createPseudonyms(cipher)
const PHONE = '+33612345678'
const NAME = pseudonyms.pseudonymOf(PHONE)

function sealedOf(...numbers: string[]): Map<string, string> {
  const { names, sealed } = pseudonyms.sealNumbers(numbers)
  return new Map(names.map((name, no) => [name, sealed[no]!]))
}

describe('in parameters', () => {
  test('a number is replaced wherever it is a whole string, and nothing else is', () => {
    const { values, numbers } = pseudonyms.replace([
      PHONE,
      [PHONE, null, '+33612345678 '],
      JSON.stringify([{ to: PHONE, text: `appelez le ${PHONE}` }]),
      { mobile: PHONE },
      `${PHONE}%`,
      '0612345678',
      null,
      12,
    ])!
    expect(values).toEqual([
      NAME,
      [NAME, null, '+33612345678 '],
      JSON.stringify([{ to: NAME, text: `appelez le ${PHONE}` }]),
      JSON.stringify({ mobile: NAME }),
      `${PHONE}%`,
      '0612345678',
      null,
      12,
    ])
    expect(numbers.names).toEqual([NAME])
    expect(pseudonyms.replace(['a', 1, [], '{}'])).toBeUndefined()
  })

  test('a number that is a key of a JSON text too, and comes back; one after a quotation mark in a sentence stays', () => {
    const text = JSON.stringify({ of: { [PHONE]: 1 }, said: `il dit "${PHONE}` })
    const { values } = pseudonyms.replace([text])!
    expect(values).toEqual([text.replace(PHONE, NAME)])
    const rows = [{ facts: JSON.parse(String(values[0])) }]
    expect(pseudonyms.restore(rows)).toEqual(new Set())
    expect(rows).toEqual([{ facts: JSON.parse(text) }])
  })

  test('rows may have the numbers of their own statement, which need not be stored', () => {
    const { values, own } = pseudonyms.replace([PHONE])!
    const rows = [{ phone: values[0] }]
    expect(createPseudonyms(cipher).restore(rows, own)).toEqual(new Set())
    expect(rows).toEqual([{ phone: PHONE }])
  })

  test('so is a mail address, in any capitals, and an account number with right check digits', () => {
    const [mail, iban] = ['Zoe.Roy@tabac.example.fr', 'FR7630006000011234567890189']
    const { values, numbers } = pseudonyms.replace([
      mail,
      mail.toLowerCase(),
      iban,
      JSON.stringify({ creditor: { iban }, to: [mail] }),
    ])!
    const [m1 = '', i1 = ''] = [pseudonyms.pseudonymOf(mail), pseudonyms.pseudonymOf(iban)]
    expect([m1, i1]).toEqual([
      expect.stringMatching(/^m1\.[a-z2-7]{26}$/),
      expect.stringMatching(/^i1\.[a-z2-7]{26}$/),
    ])
    expect(values).toEqual([m1, m1, i1, JSON.stringify({ creditor: { iban: i1 }, to: [m1] })])
    expect(numbers.names).toEqual([m1, i1])
    const others = [
      `Alerte <${mail}>`,
      `mailto:${mail}`,
      `${mail}%`,
      'a@b',
      'FR7630006000011234567890188',
      'FR72ZZZ123456',
      // A reference of ISO 11649, with right check digits.
      'RF18539007547034',
      `écrivez à ${mail}`,
    ]
    expect(pseudonyms.replace([...others, JSON.stringify(others)])).toBeUndefined()
    const rows = [{ mail: m1, settings: { iban: i1 }, list: `${m1}, ${m1}` }]
    const reader = createPseudonyms(cipher)
    expect(reader.restore(rows)).toEqual(new Set([m1, i1]))
    reader.learnNumbers([m1, i1], sealedOf(mail, iban))
    expect(reader.restore(rows)).toEqual(new Set())
    const kept = mail.toLowerCase()
    expect(rows).toEqual([{ mail: kept, settings: { iban }, list: `${kept}, ${kept}` }])
    expect(() => pseudonyms.replace([`see ${i1}`])).toThrow('invalid_input')
    // The process that replaced it remembers it as it is kept.
    const own = [{ mail: m1 }]
    pseudonyms.restore(own)
    expect(own).toEqual([{ mail: kept }])
  })

  test('an ending becomes that under which the number is kept', () => {
    const { ends4, ends7 } = pseudonyms.sealNumbers([PHONE])
    expect(pseudonyms.replace([endingOf('5678')])?.values).toEqual(ends4)
    expect(pseudonyms.replace([[endingOf('2345678')]])?.values).toEqual([ends7])
    expect(ends4[0]).not.toContain('5678')
    const search = JSON.stringify([{ ending: endingOf('5678') }])
    expect(pseudonyms.replace([search])?.values).toEqual([JSON.stringify([{ ending: ends4[0] }])])
    // A typed text, such as a door code, is stored unchanged.
    expect(pseudonyms.replace(['*5678', JSON.stringify({ note: '*2345678' })])).toBeUndefined()
  })

  test('a pseudonym is refused: the reader of a dump could have its number shown', () => {
    expect(() => pseudonyms.replace([`Bonjour ${NAME}`])).toThrow('invalid_input')
    expect(() => pseudonyms.replace([JSON.stringify({ name: NAME })])).toThrow('invalid_input')
  })
})

describe('in rows', () => {
  test('pseudonyms become numbers at any depth, also several in a text', () => {
    const other = '+33473123456'
    const rows = [
      { phone: NAME, at: new Date(0), list: [NAME, null], facts: { of: { to: NAME } }, no: 1 },
      { phones: `${NAME} ${pseudonyms.pseudonymOf(other)}` },
    ]
    const reader = createPseudonyms(cipher)
    expect(reader.restore(rows)).toEqual(new Set([NAME, pseudonyms.pseudonymOf(other)]))
    reader.learnNumbers([NAME, pseudonyms.pseudonymOf(other)], sealedOf(PHONE, other))
    expect(reader.restore(rows)).toEqual(new Set())
    expect(rows).toEqual([
      { phone: PHONE, at: new Date(0), list: [PHONE, null], facts: { of: { to: PHONE } }, no: 1 },
      { phones: `${PHONE} ${other}` },
    ])
  })

  test('a number that is missing, or that belongs to another pseudonym, is an error', () => {
    const wrong = new Map([[NAME, [...sealedOf('+33698765432').values()][0]!]])
    const reader = createPseudonyms(cipher)
    expect(() => reader.learnNumbers([NAME], new Map())).toThrow('sealed_unreadable')
    expect(() => reader.learnNumbers([NAME], wrong)).toThrow('sealed_unreadable')
  })
})

test('a pseudonym says whether its number is a French landline, and nothing else', () => {
  expect(NAME).toMatch(/^n1\.[a-z2-7]{26}m$/)
  expect(pseudonyms.pseudonymOf('+33473123456')).toMatch(/f$/)
  expect(pseudonyms.pseudonymOf('+262262123456')).toMatch(/f$/)
  expect(pseudonyms.pseudonymOf('+41791234567')).toMatch(/m$/)
})
