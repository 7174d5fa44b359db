import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { searchName } from './spelling.ts'

describe('searchName', () => {
  test.each([
    ['Saint-Étienne-sur-Usson', 'saint etienne sur usson'],
    ['STE FLORINE', 'saint florine'],
    ["L'Haÿ-les-Roses", 'l hay les roses'],
    ['Œuf-en-Ternois', 'oeuf en ternois'],
    ['  Le   Puy – en—Velay ', 'le puy en velay'],
    ['Saintes', 'saintes'],
    ['100 % L_K', '100 l k'],
    ['', ''],
  ])('%s', (name, expected) => expect(searchName(name)).toBe(expected))

  test('is idempotent and returns nothing that LIKE would read as a pattern', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const once = searchName(text)
        expect(searchName(once)).toBe(once)
        expect(once).toMatch(/^([\p{L}\p{N}]+( [\p{L}\p{N}]+)*)?$/u)
      }),
    )
  })
})
