import type { Problem } from '../errors.ts'
import type { AlertState, RelayState } from '../schema.ts'

/** Facts required to check a relay. */
export interface RelayFacts {
  /** State of the alert to relay. */
  readonly alertState: AlertState
  readonly orderedAt: Date | null
  /** Ids of the target schemes. */
  readonly schemeIds: readonly string[]
  readonly ownId: string
  /** Target schemes that exist. */
  readonly known: readonly string[]
  /** Schemes with an undecided or accepted relay of this alert. */
  readonly open: readonly string[]
  /** The scheme that relayed the alert to this one; null: none. */
  readonly cameFrom: string | null
}

/**
 * Lists every reason to refuse a relay. An alert that was not sent may not be relayed, since nobody approved its
 * text.
 */
export function relayRefusals(facts: RelayFacts): Problem[] {
  const problems: Problem[] = []
  if (facts.orderedAt === null || facts.alertState === 'discarded') {
    problems.push({ code: 'relay.not_sent' })
  }
  for (const [index, id] of facts.schemeIds.entries()) {
    const path = `schemeIds.${index}`
    if (id === facts.ownId) problems.push({ code: 'relay.own_scheme', path })
    else if (!facts.known.includes(id))
      problems.push({ code: 'relay.unknown_scheme', path, values: { scheme: id } })
    else if (id === facts.cameFrom) problems.push({ code: 'relay.came_from', path })
    else if (facts.open.includes(id))
      problems.push({ code: 'relay.open_already', path, values: { scheme: id } })
  }
  return problems
}

/** Allowed transitions of a relay; a decision is final. */
export const relayTransitions: Readonly<
  Record<RelayState, Readonly<Partial<Record<'accept' | 'decline' | 'withdraw', RelayState>>>>
> = {
  proposed: { accept: 'accepted', decline: 'declined', withdraw: 'withdrawn' },
  accepted: {},
  declined: {},
  withdrawn: {},
}
