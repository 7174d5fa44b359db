import { DAY_MS } from '../message/clock.ts'
import type { Segmentation } from '../message/segment.ts'
import type { Lane } from './lanes.ts'

/** The content of a broadcast, shared by all its recipients: it is encoded once and only the address changes. */
export interface SmsMessage {
  /** Alphanumeric sender (French rules: 1 to 11 letters or digits) or a number. */
  readonly sender: string
  /** The text cut into parts exactly as it will be sent. */
  readonly segmentation: Segmentation
  /** Instant after which the mobile network must no longer deliver it; sent as `validity_period`. */
  readonly validUntil: Date
  /** Priority in the queue of the gateway; SMPP's `priority_flag` is derived from it. */
  readonly lane: Lane
  /** Added to each `no` to make its reference, different for each broadcast; default 0. */
  readonly referenceOffset?: number
}

/**
 * The reference of a delivery, from 1 to 65,535 (SMPP 3.4 section 5.3.2.17), which the provider returns in its receipt.
 * Together with the phone it identifies a delivery whose answer was lost: the offset distinguishes broadcasts to the
 * same phones.
 */
export function referenceOf(
  { referenceOffset = 0 }: Pick<SmsMessage, 'referenceOffset'>,
  no: number,
): number {
  return ((no + referenceOffset) % 65_535) + 1
}

/** Derived from the random bits at the end of the broadcast's id (UUID version 7). */
export function referenceOffsetOf(broadcastId: string): number {
  return Number.parseInt(broadcastId.slice(-8), 16) % 65_535
}

/** Longest accepted message id; SMPP 3.4 allows 64 characters (section 5.2.23). */
export const MAX_ID_LENGTH = 255

/** True for an id that can be stored: the ledger separates the ids of the parts of a message by spaces. */
export function isMessageId(id: string): boolean {
  return id.length > 0 && id.length <= MAX_ID_LENGTH && !/[\0- \x7f]/.test(id)
}

/** Largest code of a refusal or network error that the ledger can store. */
export const MAX_ERROR_CODE = 0x7fffffff

/** True when the provider gives an id and a receipt for each part of a long message; else one for the whole. */
export function hasIdPerPart({ kind }: Pick<SmsGateway, 'kind'>): boolean {
  return kind === 'smpp'
}

export interface SmsRecipient {
  /** The number of the delivery in its broadcast, returned with its outcome. */
  readonly no: number
  /** E.164, with the plus sign. */
  readonly phone: string
}

/**
 * The outcome of one submission.
 * - `accepted`: the provider answered OK for every part; one id per part, each `isMessageId`, or empty.
 * - `refused`: the provider refused it. `permanent`: a retry cannot help.
 * - `unknown`: written to the link without an answer (link lost, or time-out): in doubt.
 * - `notSent`: never written (stopped, or no link): safe to send again.
 *
 * `late`: the provider answered after all; this replaces the earlier `unknown`.
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
      /**
       * Ids of the accepted parts, by part, when some were or may have been accepted: resending may duplicate them.
       * Only for a message of several parts.
       */
      readonly messageIds?: readonly (string | undefined)[]
      readonly late?: true
    }
  | {
      readonly kind: 'unknown'
      readonly no: number
      readonly reason: 'timeout' | 'linkLost'
      /** Ids of the answered parts, by part; only for a message of several parts. */
      readonly messageIds?: readonly (string | undefined)[]
    }
  | { readonly kind: 'notSent'; readonly no: number; readonly reason: 'stopped' | 'noLink' }

/** A delivery receipt (SMPP 3.4 section 5.2.12 `esm_class` 0x04, appendix B; TLV 5.3.2.12 and 5.3.2.35). */
export interface SmsReceipt {
  readonly gateway: string
  /**
   * Valid for `isMessageId`, as received. It may be written otherwise than in the submit answer: in decimal, in
   * capitals or without leading zeros.
   */
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
  /**
   * The recipient's number, when the receipt carries it: E.164, or the digits of a national number without its leading zeros.
   */
  readonly phone: string | undefined
  /** Provider's network error code, when given; at most `MAX_ERROR_CODE`. */
  readonly errorCode: number | undefined
  /** `user_message_reference`, when the provider returns it. */
  readonly reference: number | undefined
}

/** A message from a phone (mobile originated). */
export interface SmsInbound {
  readonly gateway: string
  /** The provider's id of the message, the same when it is passed on again; absent: the provider gives none. */
  readonly id?: string | undefined
  /** The message with all that its provider says of it, by which it is known when it is passed on again without an id. */
  readonly content?: string | undefined
  /** When the phone sent it, by its provider, in milliseconds since 1970; absent: the provider gives no time. */
  readonly sentMs?: number | undefined
  readonly from: string
  readonly to: string
  readonly text: string
}

/**
 * Maximum age of a message from a phone, by the time that its provider gives: a week. Providers call again for a day at most, and no
 * STOP may be lost because the server was down over a long weekend.
 */
export const INBOUND_WINDOW_MS = 7 * DAY_MS

/** A text for users: a `key` of the message files. */
export interface LocalisedText {
  readonly key: string
  readonly values?: Readonly<Record<string, string | number>>
}

export interface GatewayState {
  readonly name: string
  readonly state: 'connecting' | 'bound' | 'down' | 'stopped'
  /** Submissions written and not yet answered, over all links. */
  readonly inFlight: number
  /** Maximum unanswered submissions, over all links. */
  readonly window: number
  /** Maximum parts per second; undefined: as fast as the provider answers. */
  readonly partsPerSecond: number | undefined
  /**
   * Milliseconds for which submissions have waited with no answer from the provider, or with throttling answers only: the link is
   * up and accepts nothing. 0 when nothing waits.
   */
  readonly silentMs: number
  /** Reason for the last lost link or failed request. */
  readonly lastError: LocalisedText | undefined
}

/** Counts of this process since the gateway was created, in parts. They only grow. */
export interface GatewayTotals {
  /** Written to the link. */
  readonly submitted: number
  readonly accepted: number
  /** Refused permanently or temporarily, throttling excluded. */
  readonly refused: number
  /** Throttled (ESME_RTHROTTLED, ESME_RMSGQFUL, HTTP 429). */
  readonly throttled: number
  /** No answer in time, or the link was lost. */
  readonly unanswered: number
  readonly receipts: number
  readonly linksLost: number
  /** Milliseconds between submissions and their answers, summed over those answered. */
  readonly answerMs: number
  /** Refusals by code (SMPP command_status; HTTP providers: the equivalent status), throttling excluded. */
  readonly refusals: Readonly<Record<number, number>>
}

/** This process's share of the contract with the provider. */
export interface GatewayLimits {
  /** Parts per second; undefined: no limit. Below 1 is a part every few seconds. */
  readonly partsPerSecond: number | undefined
  /** Maximum unanswered submissions, over all links; at least 1. */
  readonly window: number
}

/** The contract with a provider, for a whole installation, shared by its workers. */
export interface GatewayContract extends GatewayLimits {
  readonly name: string
  readonly simulated: boolean
}

/** An accepted message, to be queried or cancelled. */
export interface SubmittedMessage {
  readonly no: number
  readonly messageId: string
  readonly sender: string
  /** E.164 */
  readonly phone: string
}

/**
 * Reasons for ending a submission early. `over`: its message is no longer wanted. `leaving`: the process ends, the message is
 * still wanted. `lost`: this process no longer holds it.
 */
export type SubmitEnding = 'over' | 'leaving' | 'lost'

/** Controls that may end a submission early. */
export interface SubmitControl {
  /**
   * When it aborts, unwritten submissions become `notSent` `stopped` at once, and written ones keep their answer. A
   * recipient with some parts sent still gets the others during less than a second, so that nothing is sent a second
   * after the stop; when the reason is the `SubmitEnding` `leaving`, there is no such limit.
   */
  readonly signal?: AbortSignal
  /**
   * Checked before each burst of writes. False: this process may have lost its claims to another (it was frozen, or cut
   * off from the database), so nothing more is written, as when `signal` aborts.
   */
  readonly isHeld?: () => boolean
}

/** The gateway interface of the deliveries domain; gateways/sms implements it and start/ chooses. */
export interface SmsGateway {
  readonly name: string
  readonly kind: 'smpp' | 'ovh' | 'smsmode' | 'twilio' | 'http'
  /** True for a gateway that cannot reach a real phone (the simulator). An exercise may only use these. */
  readonly simulated: boolean
  state(): GatewayState
  totals(): GatewayTotals
  /** Applies at once, also to waiting submissions. Never exceeds the limits that the gateway was created with. */
  limit(limits: GatewayLimits): void
  /**
   * Submits one message to many recipients. Calls `onOutcome` once per recipient, in any order, synchronously with the
   * provider's answer; the promise resolves when each has had its call. Never rejects for a provider's fault.
   *
   * A recipient with `unknown` for `timeout` may get one second call, `accepted` or `refused` with `late: true`, when
   * the answer comes later on the same link: often after the promise has resolved. No late answers come from a lost
   * link.
   *
   * Respects the window and the rate: recipients wait their turn, the most urgent lane first. Each part carries
   * `user_message_reference` = `referenceOf(message, no)`, where the protocol has it.
   */
  submit(
    message: SmsMessage,
    recipients: readonly SmsRecipient[],
    onOutcome: (outcome: SubmitOutcome) => void,
    control?: SubmitControl,
  ): Promise<void>
  /**
   * Queries the provider for the state of messages (SMPP 3.4 `query_sm`, section 4.8): each answer is passed as a
   * receipt to the listeners of `onReceipts`. Absent: not supported. Resolves when all were queried or could not be.
   */
  query?(messages: readonly SubmittedMessage[]): Promise<void>
  /**
   * Cancels messages before they reach the phone (SMPP 3.4 `cancel_sm`, section 4.9). `onCancelled` is called for each
   * that the provider cancelled. Absent: not supported. Resolves when all were tried or could not be.
   */
  cancel?(messages: readonly SubmittedMessage[], onCancelled: (no: number) => void): Promise<void>
  /**
   * Passes on receipts in the order received, several at once when several came in one read. They are acknowledged to
   * the provider once every listener has returned and its promise, if any, has resolved: resolve when they are durable.
   * When a listener throws or rejects, the provider is asked to send them again, as it does when the process dies
   * before the acknowledgement: the same receipt may come more than once.
   */
  onReceipts(listener: (receipts: readonly SmsReceipt[]) => void | Promise<void>): void
  /** Passes on messages from phones, each acknowledged on its own like receipts. */
  onInbound(listener: (message: SmsInbound) => void | Promise<void>): void
  /**
   * When true, closes its links as soon as nothing in flight waits for an answer, so that the provider sends receipts,
   * including unacknowledged ones, to other processes; when false, opens them again. Absent: receipts do not come over
   * links opened by this process.
   */
  setAway?(isAway: boolean): void
  start(): Promise<void>
  /** Finishes submissions in flight and receipts still with listeners (bounded by `graceMs`), unbinds, closes. */
  stop(graceMs: number): Promise<void>
}
