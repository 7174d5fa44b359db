import type { GatewayLog } from '../log.ts'
import type { TlsSettings } from './session/session.ts'
import type { Addressing } from './submission.ts'

export interface SmppGatewaySettings {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly systemId: string
  readonly password: string
  readonly systemType?: string
  /**
   * `transceiver`: one connection per link for both directions; `transmitterReceiver`: two, for providers that
   * require it.
   */
  readonly bindMode?: 'transceiver' | 'transmitterReceiver'
  /** Number of parallel links; default 1. Many providers allow one. */
  readonly links?: number
  /** Maximum submissions without a response per link; default 100. */
  readonly window?: number
  /** Maximum parts per second over all links; default: as fast as the provider answers. */
  readonly partsPerSecond?: number | undefined
  readonly tls?: false | TlsSettings
  /** Method of linking the parts of a long message: a header in the text (default) or SAR parameters. */
  readonly concatenation?: 'udh' | 'sar'
  /** Silence after which a link is tested; default 30. */
  readonly enquireLinkSeconds?: number
  /**
   * Timeout of a submission, after which it is in doubt; default 10,000. The test of a silent link has half of it.
   */
  readonly responseTimeoutMs?: number
  /** Bounds of the delay before reconnecting: exponential with full jitter; default 200 ms to 30 s. */
  readonly reconnect?: { readonly minMs: number; readonly maxMs: number }
  /** Time that recipients wait for a link before they are `notSent`; default 1,000. */
  readonly noLinkWaitMs?: number
  /**
   * Time for which a throttled recipient is submitted again before it is refused; default 60,000. A provider that
   * accepted nothing for this time counts as no link for recipients not tried yet.
   */
  readonly throttleGiveUpMs?: number
  readonly addressing?: Partial<Addressing>
  /** True when the provider supports `query_sm`; default false: many do not, or charge for it. */
  readonly query?: boolean
  /** True when the provider supports `cancel_sm`; default false. */
  readonly cancel?: boolean
  /**
   * True when the gateway reaches no real phone: it then connects only to a centre that identifies itself as the
   * simulator.
   */
  readonly simulated?: boolean
  /** True when it refuses a centre that identifies itself as the simulator: a real message would reach nobody. */
  readonly refusesSimulator?: boolean
}

export interface SmppGatewayDeps {
  /** Wall clock in milliseconds, for validity; default `Date.now`. */
  readonly now?: () => number
  /** Returns a number in [0, 1) for jitter; default `Math.random`. */
  readonly random?: () => number
  readonly log?: GatewayLog
}
