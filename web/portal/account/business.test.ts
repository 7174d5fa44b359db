import { describe, expect, test } from 'vitest'
import type { OwnShopView } from '../../../src/portal/shop/contract.ts'
import { changedValues, startOf, valuesOfCommune } from './business.ts'

type Business = OwnShopView['business']

const BILLOM = { code: '63040', name: 'Billom' }
const ISSOIRE = { code: '63178', name: 'Issoire' }
const business: Business = {
  name: 'Tabac',
  correction: null,
  siret: null,
  trade: { code: 'tobacco-press', nameFr: 'Tabac', nameEn: 'Tobacconist' },
  commune: { ...BILLOM, postalCodes: ['63160'] },
  address: '1 rue A',
  postalCode: null,
  status: 'active',
  memberSince: '2026-01-01',
}
/** The place in force, which an address replaces. */
const was = { commune: BILLOM.code, address: '1 rue A', postalCode: null }
const asked = {
  name: null,
  siret: null,
  trade: null,
  commune: null,
  address: null,
  postalCode: null,
  reason: null,
}
const moving: Business = {
  ...business,
  correction: { ...asked, state: 'waiting', commune: ISSOIRE, address: '9 rue Z', postalCode: '63500' },
}

describe('the form of a business', () => {
  test('withdrawing a move brings the present address back with the commune', () => {
    const start = startOf(moving)
    expect(start).toMatchObject({ commune: ISSOIRE, address: '9 rue Z', postalCode: '63500' })
    const back = { ...start, ...valuesOfCommune(moving, start, BILLOM) }
    expect(back).toMatchObject({ address: '1 rue A', postalCode: '' })
    expect(changedValues(moving, start, back)).toEqual({
      address: '1 rue A',
      postalCode: '',
      commune: BILLOM.code,
      was,
    })
  })

  test('an address is not sent while no commune is picked', () => {
    const start = startOf(moving)
    expect(changedValues(moving, start, { ...start, ...valuesOfCommune(moving, start, null) })).toEqual({})
  })

  test('picking the present commune again keeps the address that was typed', () => {
    const typed = { ...startOf(business), address: '2 rue B' }
    expect(valuesOfCommune(business, typed, BILLOM).address).toBe('2 rue B')
    expect(valuesOfCommune(business, typed, ISSOIRE)).toEqual({
      commune: ISSOIRE,
      address: '2 rue B',
      postalCode: '',
    })
  })

  test('sends only what the user changed, an asked address with its commune', () => {
    const declined: Business = {
      ...business,
      correction: { ...asked, state: 'declined', name: 'Bar', siret: '00012345500016', reason: 'Non' },
    }
    const start = startOf(declined)
    expect(changedValues(declined, start, start)).toEqual({})
    expect(changedValues(declined, start, { ...start, address: '3 rue C' })).toEqual({
      address: '3 rue C',
      postalCode: '',
      was,
    })
    // The chamber moved the business meanwhile: nothing asks to move it back.
    const moved = { ...business, commune: { ...ISSOIRE, postalCodes: ['63500'] } }
    expect(changedValues(moved, startOf(business), { ...startOf(business), trade: 'bakeries' })).toEqual({
      trade: 'bakeries',
    })
    const street = { ...startOf(moving), address: '10 rue Z' }
    expect(changedValues(moving, startOf(moving), street)).toEqual({
      address: '10 rue Z',
      postalCode: '63500',
      commune: ISSOIRE.code,
      was,
    })
  })
})
