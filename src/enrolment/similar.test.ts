import { expect, test } from 'vitest'
import { searchName } from '../territory/places/spelling.ts'
import { isSimilarName, partsToSearch } from './similar.ts'

const isSimilar = (a: string, b: string) => isSimilarName(searchName(a), searchName(b))

test.each([
  ['SARL Agence bancaire du Faubourg', true],
  ['Agence bancaire Faubourg', true],
  ['Agence bancaire du Faubourgh', true],
  ['Agence bancaire du Fuabourg', true],
  ['Agence bancaire du Bourg', false],
  ['Agence du Faubourg', false],
])('a business named “Agence bancaire du Faubourg” may be “%s”: %s', (typed, expected) => {
  expect(isSimilar('Agence bancaire du Faubourg', typed)).toBe(expected)
})

test('numbers and short names have no typing mistake, and a name of link words is compared as it is', () => {
  expect(isSimilar('Tabac 1', 'Tabac 2')).toBe(false)
  expect(isSimilar('Roux', 'Rous')).toBe(false)
  expect(isSimilar('Chez Le', 'La Maison')).toBe(false)
  expect(partsToSearch('agence bancaire du faubourg')).toEqual(['banc', 'aire'])
  expect(partsToSearch('roux')).toEqual(['roux', 'roux'])
  expect(partsToSearch('le')).toBeUndefined()
})
