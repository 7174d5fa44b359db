/** Which gateways carry what: the first rule that fits the scheme and the phone decides. */
export interface RouteRule {
  /** Schemes that it is for; absent: all. */
  readonly schemes?: readonly string[]
  /** Beginnings of the phones that it is for, in E.164 with the plus sign ('+262'); absent: all. */
  readonly prefixes?: readonly string[]
  /** `first`: the first gateway of the list that works. `weighted`: shared by weight between those that work. */
  readonly order: 'first' | 'weighted'
  readonly gateways: readonly { readonly name: string; readonly weight: number }[]
}

/** What must be known of a gateway to say which rules may use it. */
export interface RoutableGateway {
  readonly name: string
  readonly simulated: boolean
}

/**
 * The rules for the broadcasts of a scheme, the first that fits a phone deciding. A simulated broadcast has one rule of
 * its own, over the simulated gateways; the others never see one: what is an exercise cannot leave, what is not cannot
 * end in a simulator.
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

/** The first rule that fits the phone (E.164). */
export function ruleOf(rules: readonly RouteRule[], phone: string): RouteRule | undefined {
  return rules.find(
    ({ prefixes }) => prefixes === undefined || prefixes.some((prefix) => phone.startsWith(prefix)),
  )
}

/**
 * Which gateway of a rule carries the next lot, of those that are usable.
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
