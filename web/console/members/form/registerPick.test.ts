import { expect, test } from 'vitest'
import type { RegisterAnswer } from '../../../../src/imports/by-hand/contract.ts'
import { readableSiret } from '../../../../src/message/written.ts'
import { pickBusiness } from './registerPick.ts'
import { emptyValues } from './values.ts'

type Business = RegisterAnswer['businesses'][number]

const ISSOIRE = { code: '63178', name: 'Issoire' }
const RIOM = { code: '63300', name: 'Riom' }
const bakery: Business = {
  siret: '11111111100011',
  name: 'Boulangerie du Pont',
  naf: '10.71C',
  naf2025: '10.71Y',
  trade: 'bakeries',
  commune: ISSOIRE,
  outside: false,
  address: '12 rue du Pont',
  postalCode: '63500',
  point: { latitude: 45.5, longitude: 3.2 },
}
/** An establishment outside the territory, whose activity is no trade of the scheme. */
const office: Business = {
  siret: '22222222200022',
  name: 'Conseil du Pont',
  naf: null,
  naf2025: null,
  trade: null,
  commune: null,
  outside: true,
  address: null,
  postalCode: null,
  point: null,
}
const empty = emptyValues('')

test('a second pick from the register replaces the first business whole', () => {
  const first = pickBusiness(empty, null, bakery)
  expect(first.after).toMatchObject({
    name: 'Boulangerie du Pont',
    trade: 'bakeries',
    commune: ISSOIRE,
    postalCode: '63500',
  })
  const second = pickBusiness(first.after, first, office)
  expect(second.after).toEqual({ ...empty, siret: readableSiret('22222222200022'), name: 'Conseil du Pont' })
  const third = pickBusiness(second.after, second, bakery)
  expect(third.after).toEqual(first.after)
})

test('a second pick keeps what the user typed before or after the first one', () => {
  const typed = { ...empty, name: 'Chez Léa', trade: 'florists' }
  const first = pickBusiness(typed, null, bakery)
  expect(first.after).toMatchObject({ name: 'Chez Léa', trade: 'bakeries' })
  expect(pickBusiness(first.after, first, office).after).toMatchObject({
    name: 'Chez Léa',
    trade: 'florists',
    commune: null,
  })

  const edited = { ...first.after, trade: 'jewellers', address: '14 rue du Pont', point: null }
  const second = pickBusiness(edited, first, { ...bakery, siret: '33333333300033', commune: RIOM })
  // The point of the register is not that of the address typed.
  const kept = { trade: 'jewellers', address: '14 rue du Pont', commune: RIOM, point: null }
  expect(second.after).toMatchObject({ siret: readableSiret('33333333300033'), ...kept })
  expect(pickBusiness(second.after, second, bakery).after).toMatchObject({ ...kept, commune: ISSOIRE })
})

test('a second pick keeps a commune chosen by the user with its postal code, and not one of another commune', () => {
  const first = pickBusiness(empty, null, bakery)
  const moved = { ...first.after, commune: RIOM, postalCode: '63200', point: null }
  expect(pickBusiness(moved, first, bakery).after).toMatchObject({ commune: RIOM, postalCode: '63200' })

  const cedex = { ...first.after, postalCode: '63501' }
  expect(pickBusiness(cedex, first, { ...bakery, address: null }).after.postalCode).toBe('63501')
  const inRiom = { ...bakery, commune: RIOM, postalCode: '63200' }
  expect(pickBusiness(cedex, first, inRiom).after.postalCode).toBe('63200')
  expect(pickBusiness(cedex, first, office).after.postalCode).toBe('')
})

test('an edited member gets its stored values back where the register does not know them', () => {
  const stored = { ...empty, name: 'Tabac', trade: 'tobacco-press', commune: RIOM, postalCode: '63200' }
  const first = pickBusiness(stored, null, bakery)
  expect(pickBusiness(first.after, first, office).after).toMatchObject({
    ...stored,
    siret: readableSiret('22222222200022'),
  })
})
