import type { CodeTurn } from '../../../src/identity/contract.ts'

interface Asked {
  readonly turn: CodeTurn
  readonly phone?: string
  readonly mail?: string
}

/**
 * Returns the attempt to continue with: if no code was sent for the new one, the earlier one to the same number or
 * address, whose code was sent.
 */
export function keepAttempt<Attempt extends Asked>(last: Attempt | null, next: Attempt): Attempt {
  const isSame = last !== null && last.phone === next.phone && last.mail === next.mail
  return isSame && !next.turn.accepted ? { ...last, turn: next.turn } : next
}
