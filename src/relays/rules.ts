import type { Problem } from '../errors.ts'
import type { AlertState, RelayState } from '../schema.ts'

/** What must be known to judge a relay. */
export interface RelayFacts {
  /** Of the alert to relay. */
  readonly alertState: AlertState
  readonly orderedAt: Date | null
  /** The schemes asked for. */
  readonly schemeIds: readonly string[]
  readonly ownId: string
  /** Those of them that exist. */
  readonly known: readonly string[]
  /** Those to whom it is relayed already: proposed, or accepted. */
  readonly open: readonly string[]
  /** The scheme from which it came; null: from none. */
  readonly cameFrom: string | null
}

/** Everything that forbids a relay, all at once. What did not leave was approved for nobody. */
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

/** What can become of a relay: a decision is taken once. */
export const relayTransitions: Readonly<
  Record<RelayState, Readonly<Partial<Record<'accept' | 'decline' | 'withdraw', RelayState>>>>
> = {
  proposed: { accept: 'accepted', decline: 'declined', withdraw: 'withdrawn' },
  accepted: {},
  declined: {},
  withdrawn: {},
}
