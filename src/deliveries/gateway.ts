import type { Segmentation } from '../message/segment.ts'

/** What a broadcast says, once for all its recipients: it is encoded once and only the address changes. */
export interface SmsMessage {
  /** Alphanumeric sender (French rules: 1 to 11 letters or digits) or a number. */
  readonly sender: string
  /** The text cut into parts exactly as it will be sent. */
  readonly segmentation: Segmentation
  /** Instant after which an operator must not deliver it any more; sent as `validity_period`. */
  readonly validUntil: Date
  /** SMPP `priority_flag`: 0 (lowest) to 3 (highest). */
  readonly priority: 0 | 1 | 2 | 3
}

export interface SmsRecipient {
  /** The caller's own number for this delivery, given back with its outcome. */
  readonly no: number
  /** E.164, with the plus sign. */
  readonly phone: string
}

/**
 * What became of one submission.
 * - `accepted`: the provider answered OK for every part; one id a part.
 * - `refused`: the provider answered no. `permanent` tells whether trying again can help.
 * - `unknown`: it was written to the link and no answer came (link cut, or no answer in time): in doubt.
 * - `notSent`: it never left (stopped, or no link): safe to send again.
 *
 * `late`: the provider answered after all; it replaces the `unknown` told before.
 */
export type SubmitOutcome =
  | {
      readonly kind: 'accepted'
      readonly no: number
      readonly messageIds: readonly string[]
      readonly late?: true
    }
  | {
      readonly kind: 'refused'
      readonly no: number
      readonly code: number
      readonly permanent: boolean
      readonly late?: true
    }
  | { readonly kind: 'unknown'; readonly no: number; readonly reason: 'timeout' | 'linkLost' }
  | { readonly kind: 'notSent'; readonly no: number; readonly reason: 'stopped' | 'noLink' }

/** A delivery receipt (SMPP 3.4 section 5.2.12 `esm_class` 0x04, appendix B; TLV 5.3.2.12 and 5.3.2.35). */
export interface SmsReceipt {
  readonly gateway: string
  /** As received; a provider may write here in decimal what its submit answer wrote in hexadecimal. */
  readonly messageId: string
  readonly state:
    | 'enroute'
    | 'delivered'
    | 'expired'
    | 'deleted'
    | 'undeliverable'
    | 'accepted'
    | 'unknown'
    | 'rejected'
  /** The recipient's number in E.164, when the receipt carries it. */
  readonly phone: string | undefined
  /** Provider's network error code, when given. */
  readonly errorCode: number | undefined
  /** `user_message_reference` given back by the provider, when it does. */
  readonly reference: number | undefined
}

/** A message from a phone (mobile originated). */
export interface SmsInbound {
  readonly gateway: string
  readonly from: string
  readonly to: string
  readonly text: string
}

export interface GatewayState {
  readonly name: string
  readonly state: 'connecting' | 'bound' | 'down' | 'stopped'
  /** Submissions written and not yet answered, over all links. */
  readonly inFlight: number
  /** Most submissions that may be unanswered at once, over all links. */
  readonly window: number
  /** Why the last link was lost, in words for an operator. */
  readonly lastError: string | undefined
}

/** What the deliveries domain needs of a way to send SMS; gateways/sms satisfies it and start/ chooses. */
export interface SmsGateway {
  readonly name: string
  /** True for a gateway that cannot reach a real phone (the simulator). An exercise may only use these. */
  readonly simulated: boolean
  state(): GatewayState
  /**
   * Submits one message to many. `onOutcome` is called once a recipient, in any order, synchronously with the
   * provider's answer; the promise resolves when each has had its call. Never rejects for a provider's fault.
   *
   * A recipient told `unknown` for `timeout` may get one second call, `accepted` or `refused` with `late: true`,
   * when the answer comes at last on the same link: often after the promise has resolved. The link that is lost
   * takes late answers with it.
   *
   * Respects the window: recipients wait their turn. When `signal` aborts, those not yet written to the link
   * become `notSent` at once; those already written keep their answer.
   * Each part carries `user_message_reference` = (no mod 65535) + 1.
   */
  submit(
    message: SmsMessage,
    recipients: readonly SmsRecipient[],
    onOutcome: (outcome: SubmitOutcome) => void,
    signal?: AbortSignal,
  ): Promise<void>
  /**
   * Receipts as they come, in the order received, several at once when several came in one read. They are
   * acknowledged to the provider once every listener has returned and its promise, if any, has resolved: resolve
   * when they are durable. When a listener throws or rejects, the provider is asked to send them again, and so it
   * does when the process dies before the acknowledgement: the same receipt may come more than once.
   */
  onReceipts(listener: (receipts: readonly SmsReceipt[]) => void | Promise<void>): void
  /** Acknowledged as receipts are, each message on its own. */
  onInbound(listener: (message: SmsInbound) => void | Promise<void>): void
  start(): Promise<void>
  /** Finishes what is in flight and what listeners still hold (bounded by `graceMs`), unbinds, closes. */
  stop(graceMs: number): Promise<void>
}
