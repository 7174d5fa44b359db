import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeCursor, decodeInstantCursor, encodeCursor, encodeInstantCursor } from './cursor.ts'

const shape = { id: /^\S+$/, key: /^/ }

test('a cursor comes back as it was, whatever its key contains', () => {
  const id = fc.string({ minLength: 1 }).filter((text) => /^[^\s\0]+$/.test(text))
  const key = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'))
  fc.assert(
    fc.property(id, key, (a, b) => {
      expect(decodeCursor(encodeCursor({ id: a, key: b }), 'after', shape)).toEqual({ id: a, key: b })
    }),
  )
})

test('refuses what no page returned, naming the parameter', () => {
  const wrong = { code: 'invalid_input', problems: [{ code: 'input.invalid', path: 'before' }] }
  for (const text of ['', 'abc', encodeCursor({ id: 'x', key: 'y' }), encodeCursor({ id: '1', key: 'n' })]) {
    expect(() => decodeCursor(text, 'before', { id: /^\d$/, key: /^y$/ })).toThrow(
      expect.objectContaining(wrong),
    )
  }
})

test('a cursor of an instant names one that the database can compare', () => {
  const last = { id: 'one', at: new Date('2026-03-12T22:14:00.123Z') }
  expect(decodeInstantCursor(encodeInstantCursor(last), 'before', /^one$/)).toEqual(last)
  for (const key of ['2026-99-99T00:00:00Z', '0000-01-01T00:00:00Z', '2026-03-12', 'now'])
    expect(() => decodeInstantCursor(encodeCursor({ id: 'one', key }), 'before', /^one$/), key).toThrow(
      expect.objectContaining({ code: 'invalid_input' }),
    )
})
