import { expect, test } from 'vitest'
import type { SessionView } from '../../src/identity/contract.ts'
import { demoDoorOf } from './demoDoor.ts'

type Scheme = SessionView['schemes'][number]

const doorIn = (id: string, role: Scheme['role']) =>
  demoDoorOf({
    schemes: [
      {
        id,
        role,
        name: 'Alerte Commerces',
        timeZone: 'Europe/Paris',
        agency: null,
        trades: null,
        permissions: [],
        needs: null,
      },
    ],
  })

test('a demo session is opened again by the account that it had', () => {
  expect(doorIn('ac63', 'chief')).toBe('chief')
  expect(doorIn('ac63', 'trade_chamber')).toBe('trade_chamber')
  expect(doorIn('ab03', 'operator')).toBe('neighbour')
})

test('an account without a door of the demo signs in', () => {
  expect(doorIn('ac63', 'admin')).toBeNull()
  expect(doorIn('ac63', 'break_glass')).toBeNull()
  expect(demoDoorOf({ schemes: [] })).toBeNull()
})
