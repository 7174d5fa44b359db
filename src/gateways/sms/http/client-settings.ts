import type { GatewayLog } from '../log.ts'

export interface HttpClientSettings {
  readonly name: string
  /** Maximum messages without a response. */
  readonly window: number
  readonly partsPerSecond?: number | undefined
  /** Timeout of a request, after which its messages are in doubt. */
  readonly responseSeconds: number
}

/** Delays in milliseconds, which tests shorten. */
export interface HttpTiming {
  /** Time that messages wait for an unreachable provider before they are `notSent`; default 1,000. */
  readonly noLinkWaitMs: number
  /** Time for which a throttled message is sent again before it is refused; default 60,000. */
  readonly throttleGiveUpMs: number
  /**
   * Interval between probes of a provider that is down; default 2,000. Ten times as long when the account is
   * refused.
   */
  readonly probeMs: number
  /**
   * Time that a late response is still awaited; default 20,000. The request occupies its place in the window
   * meanwhile; after that time most messages in doubt have been sent again.
   */
  readonly lateMs: number
}

export interface HttpGatewayDeps {
  /** Wall clock in milliseconds; default `Date.now`. */
  readonly now?: () => number
  /** Returns a number in [0, 1) for jitter; default `Math.random`. */
  readonly random?: () => number
  /** Never receives a phone number, a text, a secret or a whole URL. */
  readonly log?: GatewayLog
  readonly fetch?: typeof globalThis.fetch
  readonly timing?: Partial<HttpTiming>
}
