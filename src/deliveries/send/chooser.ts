import type { SmsRecipient } from '../gateway.ts'
import type { Broadcast } from './broadcast.ts'
import type { Route } from './route.ts'
import { pickGateway, type RouteRule, ruleOf } from './routing.ts'

/** Chooses the routes of a broadcast among those of this process. */
export class RouteChooser {
  readonly #routes: ReadonlyMap<string, Route>
  readonly #random: () => number

  constructor(routes: ReadonlyMap<string, Route>, random: () => number) {
    this.#routes = routes
    this.#random = random
  }

  /** Returns the route of most recipients: that of the rule for all numbers, otherwise the first that is usable. */
  findMainRoute(broadcast: Broadcast): Route | undefined {
    const general = broadcast.rules.find(({ prefixes }) => prefixes === undefined)
    for (const rule of general === undefined ? broadcast.rules : [general, ...broadcast.rules]) {
      const route = this.#pick(broadcast, rule)
      if (route !== undefined) return route
    }
    return undefined
  }

  /** Groups recipients by their route; undefined: no route for now. */
  groupByRoute(
    broadcast: Broadcast,
    main: Route,
    recipients: SmsRecipient[],
  ): Map<Route | undefined, SmsRecipient[]> {
    const { rules } = broadcast
    if (rules.every(({ prefixes }) => prefixes === undefined)) return new Map([[main, recipients]])
    const chosen = new Map<RouteRule | undefined, Route | undefined>()
    return Map.groupBy(recipients, ({ phone }) => {
      const rule = ruleOf(rules, phone)
      if (!chosen.has(rule)) {
        const isMain =
          rule?.prefixes === undefined && rule?.gateways.some(({ name }) => name === main.gateway.name)
        chosen.set(rule, rule === undefined ? undefined : isMain ? main : this.#pick(broadcast, rule))
      }
      return chosen.get(rule)
    })
  }

  /** Returns whether the recipient's rule names a gateway that has not refused the message. */
  hasOtherGateway({ rules, refusedBy }: Broadcast, { phone }: SmsRecipient): boolean {
    const rule = ruleOf(rules, phone)
    return rule?.gateways.some(({ name }) => this.#routes.has(name) && !refusedBy.has(name)) === true
  }

  #pick({ refusedBy }: Broadcast, rule: RouteRule): Route | undefined {
    const isUsable = (name: string) => this.#routes.get(name)?.isUsable === true && !refusedBy.has(name)
    const name = pickGateway(rule, isUsable, this.#random())
    return name === undefined ? undefined : this.#routes.get(name)
  }
}
