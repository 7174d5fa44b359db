import type { DemoDoor, SessionView } from '../../src/identity/contract.ts'

/** Returns the demo account of a session; null: it has none, such as the account of an administrator, who signs in. */
export function demoDoorOf({ schemes }: Pick<SessionView, 'schemes'>): DemoDoor['as'] | null {
  const [first] = schemes
  if (first === undefined || first.role === 'admin' || first.role === 'break_glass') return null
  // The only account of the demo in another scheme.
  return first.id === 'ac63' ? first.role : 'neighbour'
}
