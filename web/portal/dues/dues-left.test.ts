import { expect, test } from 'vitest'
import { leftToPay } from './dues-left.ts'

test('what a debit is collecting is not left to pay, so that a card payment of the rest ends the wait', () => {
  const collecting = { amountCents: 1000, on: '2026-04-10' }
  expect(leftToPay({ balanceCents: 2500, collecting })).toBe(1500)
  expect(leftToPay({ balanceCents: 1000, collecting })).toBe(0)
  expect(leftToPay({ balanceCents: 1000, collecting: null })).toBe(1000)
  expect(leftToPay({ balanceCents: -500, collecting: null })).toBe(-500)
})
