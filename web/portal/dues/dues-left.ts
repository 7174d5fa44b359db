import type { OwnDues } from '../../../src/dues/contract.ts'

/** The amount that is left to pay: the amount owed, less what the bank is already collecting. */
export function leftToPay({
  balanceCents,
  collecting,
}: Pick<OwnDues, 'balanceCents' | 'collecting'>): number {
  return balanceCents - (collecting?.amountCents ?? 0)
}
