import { expect, test } from 'vitest'
import { AppError } from '../errors.ts'
import { createCipher } from './cipher.ts'
import { addKey, createKeyring } from './keyring.ts'
import { createMarkedValues, keysIn, markForSealing, markForSearch } from './marked.ts'

const keyring = createKeyring()
const values = createMarkedValues(createCipher(keyring))
const codeOf = (act: () => unknown) => {
  try {
    act()
    return undefined
  } catch (error) {
    return error instanceof AppError ? error.code : error
  }
}
const stored = (text: string) => String(values.seal(markForSealing('ac63', 'text', text)))
const opened = (text: unknown) => {
  const rows = [{ text }]
  values.open(rows)
  return rows[0]?.text
}

test('a marked value is sealed on its way in and opened on its way out, at any depth', () => {
  for (const text of ['Clio grise', '« 17h30 » "x" \\ 😀\n', '{"a":1}', '']) {
    expect(stored(text)).toMatch(/^s1\.ac63\.text\.[a-z2-7]{26}\.e1\.k1\.[\w-]+$/)
    expect(opened(stored(text))).toBe(text)
    const json = String(values.seal(JSON.stringify({ n: 1, list: [markForSealing('ac63', 'text', text)] })))
    expect(keysIn(json)).toEqual(['k1'])
    expect(opened(JSON.parse(json))).toEqual({ n: 1, list: [text] })
    // A JSON text, of which a digest is made, is opened as JSON.
    expect(opened(json)).toBe(JSON.stringify({ n: 1, list: [text] }))
  }
  expect(values.seal(['a', markForSealing('ac63', 'text', 'b'), null])).toEqual([
    'a',
    expect.stringMatching(/^s1\./),
    null,
  ])
  expect(values.seal(7)).toBe(7)
  expect(markForSealing('ac63', 'text', null)).toBeNull()
})

test('equal values have one beginning, by which they are found, whatever key seals them', () => {
  const sought = String(values.seal(markForSearch('ac63', 'caller', 'Zoé')))
  const caller = String(values.seal(markForSealing('ac63', 'caller', 'Zoé')))
  const later = createMarkedValues(createCipher(addKey(keyring)))
  const anew = later.sealAnew(caller)
  expect(keysIn(anew)).toEqual(['k2'])
  for (const one of [caller, anew]) expect(one.startsWith(sought)).toBe(true)
  expect(values.seal(markForSearch('ac39', 'caller', 'Zoé'))).not.toBe(sought)
})

test('a value exchanged for another, or changed, does not open', () => {
  const [one, other] = [stored('one'), stored('other')]
  const exchanged = one.slice(0, one.indexOf('.e1.')) + other.slice(other.indexOf('.e1.'))
  expect(codeOf(() => opened(exchanged))).toBe('sealed_unreadable')
  expect(codeOf(() => opened(one.replace('.ac63.', '.ac39.')))).toBe('sealed_unreadable')
  // In a JSON text it stays as it is, and gives another digest.
  expect(opened(`["${exchanged}"]`)).toBe(`["${exchanged}"]`)
})

test('nobody can have a stored value written, and a text with the characters of marks stays what it is', () => {
  expect(codeOf(() => values.seal(`see ${stored('x')}`))).toBe('invalid_input')
  for (const text of ['\ufdd3', 'a\ufdd0ac63\ufdd2text\ufdd2"\ufdd3', 'a\ufdd0b', 's1.ac63.text.x', 's1.'])
    expect(values.seal(text)).toBe(text)
})

test('without keys values stay in clear', () => {
  const off = createMarkedValues(createCipher(undefined))
  expect(off.seal(markForSealing('ac63', 'text', 'Clio'))).toBe('Clio')
  expect(off.seal(markForSearch('ac63', 'text', 'Clio'))).toBe('Clio')
  expect(off.seal(JSON.stringify({ a: markForSealing('ac63', 'text', 'a "b"') }))).toBe(
    JSON.stringify({ a: 'a "b"' }),
  )
})
