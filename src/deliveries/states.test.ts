import { describe, expect, test } from 'vitest'
import type { DeliveryState } from '../schema.ts'
import { FINAL_STATES, mayBecome } from './states.ts'

const states = Object.keys(mayBecome) as DeliveryState[]

describe('states of a delivery', () => {
  // The allowed changes, from each key to the states listed.
  const allowed: Record<DeliveryState, DeliveryState[]> = {
    planned: ['accepted', 'delivered', 'in_doubt', 'failed', 'expired', 'withdrawn'],
    accepted: ['delivered', 'failed', 'expired', 'withdrawn'],
    in_doubt: ['planned', 'accepted', 'delivered', 'failed', 'expired', 'withdrawn'],
    delivered: [],
    failed: ['planned'],
    expired: ['delivered'],
    withdrawn: [],
  }
  test.each(states.flatMap((from) => states.map((to) => [from, to] as const)))('%s → %s', (from, to) => {
    expect(mayBecome[to].includes(from)).toBe(allowed[from].includes(to))
  })

  test('a final state never changes, but a receipt corrects an expiry, and a full phone is tried again', () => {
    expect(states.filter((from) => states.every((to) => !mayBecome[to].includes(from))).sort()).toEqual(
      FINAL_STATES.filter((state) => state !== 'expired' && state !== 'failed').sort(),
    )
  })
})
