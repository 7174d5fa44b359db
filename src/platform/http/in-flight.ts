import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../errors.ts'
import { networkOf } from './network.ts'

/** Maximum number of requests in progress at once in a process. */
export interface InFlightLimits {
  readonly account: number
  readonly network: number
}

/**
 * A screen starts some ten requests, and a person has several open. A control room, or many members of a mobile operator, are
 * behind one address.
 */
export const IN_FLIGHT_LIMITS: InFlightLimits = { account: 100, network: 500 }
const RETRY_SECONDS = 2

/** Ends the counts of a request; absent once they ended. */
const ends = new WeakMap<FastifyRequest, Array<() => void>>()

/** Counts the requests in progress of each account and of each network, and refuses those beyond the limits. */
export class InFlight {
  readonly #limits: InFlightLimits
  readonly #counts = new Map<string, number>()

  constructor(limits: InFlightLimits = IN_FLIGHT_LIMITS) {
    this.#limits = limits
  }

  /** @throws AppError `rate_limited` */
  beginOfNetwork(request: FastifyRequest, reply: FastifyReply): void {
    this.#begin(request, reply, 'network', networkOf(request.ip))
  }

  /** @param account the account, or the session of a contact @throws AppError `rate_limited` */
  beginOfAccount(request: FastifyRequest, reply: FastifyReply, account: string): void {
    this.#begin(request, reply, 'account', account)
  }

  #begin(request: FastifyRequest, reply: FastifyReply, kind: keyof InFlightLimits, of: string): void {
    const key = `${kind} ${of}`
    const count = this.#counts.get(key) ?? 0
    if (count >= this.#limits[kind])
      throw new AppError('rate_limited', { values: { seconds: RETRY_SECONDS } })
    this.#counts.set(key, count + 1)
    const known = ends.get(request)
    const end = () => {
      const left = (this.#counts.get(key) ?? 1) - 1
      if (left === 0) this.#counts.delete(key)
      else this.#counts.set(key, left)
    }
    if (known !== undefined) {
      known.push(end)
      return
    }
    ends.set(request, [end])
    // Also when the client leaves before the response.
    reply.raw.once('close', () => endInFlight(request))
  }
}

/** Stops counting a request that stays open on purpose, as an event stream does, which has limits of its own. */
export function endInFlight(request: FastifyRequest): void {
  for (const end of ends.get(request) ?? []) end()
  ends.delete(request)
}
