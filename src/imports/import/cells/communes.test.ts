import { expect, test } from 'vitest'
import { indexCommunes, type KnownCommune } from '../../../members/rules.ts'
import { indexTerritory, readCommune } from './communes.ts'

const communeOf = (code: string, name: string, postalCode: string): KnownCommune => ({
  code,
  name,
  departementCode: '63',
  postalCodes: [postalCode],
  inside: true,
  latitude: null,
  longitude: null,
})
const communes = [
  communeOf('63350', 'Saint-Georges-sur-Allier', '63800'),
  communeOf('63178', 'Issoire', '63500'),
  communeOf('63113', 'Clermont-Ferrand', '63000'),
  communeOf('63039', 'Beurières', '63220'),
]
const facts = { ...indexCommunes(communes), territory: indexTerritory(communes, []) }
const read = (commune: string) => readCommune(facts, { insee: '', postalCode: '', commune })

test.each([
  ['ST-GEORGES/ALLIER', '63350'],
  ['St Georges s/ Allier', '63350'],
  ['CLERMONT/FERRAND', '63113'],
])('reads “%s”, with a stroke for “sur” or for a space', (cell, code) => {
  expect(read(cell)).toMatchObject({ commune: { code } })
})

test('proposes the commune whose INSEE code stands before words that do not name it', () => {
  expect(read('63178 Quartier X')).toMatchObject({ proposals: [{ code: '63178' }] })
  expect(read('63999 Quartier X')).toMatchObject({ proposals: [] })
  // The CEDEX of Clermont-Ferrand.
  expect(read('63039 Zone des Dômes')).toMatchObject({ proposals: [] })
})
