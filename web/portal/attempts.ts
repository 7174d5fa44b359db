import type { CodeTurn } from '../../src/identity/contract.ts'

interface Asked {
  readonly turn: CodeTurn
  readonly phone?: string
  readonly mail?: string
}

/**
 * The attempt to go on with: where no code left for the new one, the one before to the same number or address, whose code
 * came, or comes.
 */
export function keepAttempt<Attempt extends Asked>(last: Attempt | null, next: Attempt): Attempt {
  const isSame = last !== null && last.phone === next.phone && last.mail === next.mail
  return isSame && !next.turn.taken ? { ...last, turn: next.turn } : next
}
