/**
 * The `system_id` in the simulator's response to a bind (SMPP 3.4 section 4.1.2). A simulated gateway sends
 * nothing to a centre with another one, which may have real phones behind it.
 */
export const SIMULATOR_SYSTEM_ID = 'TOCSIN-SIM'

/** The centres that a gateway accepts, by the `system_id` of their bind response. */
export interface IdentityRules {
  /** The only `system_id` that it accepts; absent: any. */
  readonly providerSystemId?: string
  /** A `system_id` that it refuses. */
  readonly refusedSystemId?: string
}

/**
 * Returns the rules of a gateway: a simulated one talks to the simulator only, one of an installation in service never does,
 * since a real message would reach nobody.
 */
export function identityRulesOf(gateway: {
  readonly simulated?: boolean
  readonly refusesSimulator?: boolean
}): IdentityRules {
  if (gateway.simulated) return { providerSystemId: SIMULATOR_SYSTEM_ID }
  return gateway.refusesSimulator ? { refusedSystemId: SIMULATOR_SYSTEM_ID } : {}
}

/** Returns why a gateway does not talk to a centre with a `system_id`; undefined when it does. */
export function identityRefusal(
  { providerSystemId, refusedSystemId }: IdentityRules,
  systemId: string,
): 'link.not_simulator' | 'link.is_simulator' | undefined {
  if (providerSystemId !== undefined && systemId !== providerSystemId) return 'link.not_simulator'
  return systemId === refusedSystemId ? 'link.is_simulator' : undefined
}
