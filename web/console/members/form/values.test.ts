import { expect, test } from 'vitest'
import { emptyValues, toEdit } from './values.ts'

test('a move sends the street that the form shows, and the rest of an edit no address', () => {
  const before = {
    ...emptyValues('bars-restaurants'),
    name: 'Tabac',
    address: '1 rue A',
    commune: { code: '63345', name: 'Saint-Genès-Champanelle' },
  }
  expect(toEdit('v', before, { ...before, commune: { code: '63300', name: 'Riom' } })).toMatchObject({
    commune: '63300',
    address: '1 rue A',
    point: null,
  })
  expect(toEdit('v', before, { ...before, name: 'Presse' })).toEqual({ version: 'v', name: 'Presse' })
})
