/** Assigns gateways to messages: the first rule that matches the scheme and the phone applies. */
export interface RouteRule {
  /** Schemes that it applies to; absent: all. */
  readonly schemes?: readonly string[]
  /** Prefixes of the phones that it applies to, in E.164 with the plus sign ('+262'); absent: all. */
  readonly prefixes?: readonly string[]
  /** `first`: the first gateway of the list that works. `weighted`: shared by weight between those that work. */
  readonly order: 'first' | 'weighted'
  readonly gateways: readonly { readonly name: string; readonly weight: number }[]
}

/** The fields of a gateway that decide which rules may use it. */
export interface RoutableGateway {
  readonly name: string
  readonly simulated: boolean
}

/**
 * Returns the rules for the broadcasts of a scheme; the first that matches a phone applies. A simulated broadcast has
 * one rule of its own, over the simulated gateways, and the others never use one: an exercise cannot reach real phones,
 * and a real message cannot end in a simulator.
 */
export function rulesFor(
  rules: readonly RouteRule[],
  gateways: readonly RoutableGateway[],
  broadcast: { readonly schemeId: string; readonly simulated: boolean },
): RouteRule[] {
  const fit = gateways.filter(({ simulated }) => simulated === broadcast.simulated)
  if (broadcast.simulated) {
    return fit.length === 0
      ? []
      : [{ order: 'first', gateways: fit.map(({ name }) => ({ name, weight: 1 })) }]
  }
  const names = new Set(fit.map(({ name }) => name))
  return rules.flatMap((rule) => {
    if (rule.schemes !== undefined && !rule.schemes.includes(broadcast.schemeId)) return []
    const allowed = rule.gateways.filter(({ name }) => names.has(name))
    return allowed.length === 0 ? [] : [{ ...rule, gateways: allowed }]
  })
}

/** Returns the first rule that matches the phone (E.164). */
export function ruleOf(rules: readonly RouteRule[], phone: string): RouteRule | undefined {
  return rules.find(
    ({ prefixes }) => prefixes === undefined || prefixes.some((prefix) => phone.startsWith(prefix)),
  )
}

/**
 * Picks the gateway of a rule for the next lot, among the usable ones.
 * @param random 0 ≤ x < 1
 */
export function pickGateway(
  rule: RouteRule,
  isUsable: (name: string) => boolean,
  random: number,
): string | undefined {
  const usable = rule.gateways.filter(({ name }) => isUsable(name))
  if (rule.order === 'first') return usable[0]?.name
  let left = random * usable.reduce((sum, { weight }) => sum + weight, 0)
  for (const { name, weight } of usable) {
    left -= weight
    if (left < 0) return name
  }
  return usable.at(-1)?.name
}
