import type { Segmentation } from '../message/segment.ts'
import type { Lane } from './lanes.ts'

/** What a broadcast says, once for all its recipients: it is encoded once and only the address changes. */
export interface SmsMessage {
  /** Alphanumeric sender (French rules: 1 to 11 letters or digits) or a number. */
  readonly sender: string
  /** The text cut into parts exactly as it will be sent. */
  readonly segmentation: Segmentation
  /** Instant after which an operator must not deliver it any more; sent as `validity_period`. */
  readonly validUntil: Date
  /** What waits in the gateway goes in the order of lanes; SMPP's `priority_flag` comes from it. */
  readonly lane: Lane
  /** Added to each `no` before its reference is made of it: that of the broadcast; default 0. */
  readonly referenceOffset?: number
}

/**
 * What the provider gives back with a receipt whose answer was lost, from 1 to 65,535 (SMPP 3.4 section 5.3.2.17).
 * Together with the phone it tells the delivery: the offset keeps broadcasts to the same phones apart.
 */
export function referenceOf(
  { referenceOffset = 0 }: Pick<SmsMessage, 'referenceOffset'>,
  no: number,
): number {
  return ((no + referenceOffset) % 65_535) + 1
}

/** By the random bits at the end of the broadcast's id (UUID version 7). */
export function referenceOffsetOf(broadcastId: string): number {
  return Number.parseInt(broadcastId.slice(-8), 16) % 65_535
}

/** Longest id of a message that is taken; SMPP 3.4 allows 64 characters (section 5.2.23). */
export const MAX_ID_LENGTH = 255

/** Whether a provider's id can be kept: in the ledger, those of the parts of a message stand apart by spaces. */
export function isMessageId(id: string): boolean {
  return id.length > 0 && id.length <= MAX_ID_LENGTH && !/[\0- \x7f]/.test(id)
}

/** Largest code of a refusal or of a network that the ledger holds. */
export const MAX_ERROR_CODE = 0x7fffffff

/** Whether the provider gives an id, and a receipt, for each part of a long message; else one for the whole. */
export function hasIdPerPart({ kind }: Pick<SmsGateway, 'kind'>): boolean {
  return kind === 'smpp'
}

export interface SmsRecipient {
  /** The caller's own number for this delivery, given back with its outcome. */
  readonly no: number
  /** E.164, with the plus sign. */
  readonly phone: string
}

/**
 * What became of one submission.
 * - `accepted`: the provider answered OK for every part; one id a part, each `isMessageId`, or empty: it gave none.
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
      /**
       * Ids of the parts that were taken, by part, when some were or may have been: to send again may double them.
       * Only of a message of several parts.
       */
      readonly messageIds?: readonly (string | undefined)[]
      readonly late?: true
    }
  | {
      readonly kind: 'unknown'
      readonly no: number
      readonly reason: 'timeout' | 'linkLost'
      /** Ids of the parts that were answered, by part; only of a message of several parts. */
      readonly messageIds?: readonly (string | undefined)[]
    }
  | { readonly kind: 'notSent'; readonly no: number; readonly reason: 'stopped' | 'noLink' }

/** A delivery receipt (SMPP 3.4 section 5.2.12 `esm_class` 0x04, appendix B; TLV 5.3.2.12 and 5.3.2.35). */
export interface SmsReceipt {
  readonly gateway: string
  /**
   * `isMessageId`, as received; a provider may write here in decimal, in capitals or without leading zeros what its submit answer
   * wrote otherwise.
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

/** Words for people, in the message files under `key`. */
export interface Said {
  readonly key: string
  readonly values?: Readonly<Record<string, string | number>>
}

export interface GatewayState {
  readonly name: string
  readonly state: 'connecting' | 'bound' | 'down' | 'stopped'
  /** Submissions written and not yet answered, over all links. */
  readonly inFlight: number
  /** Most submissions that may be unanswered at once, over all links. */
  readonly window: number
  /** Parts a second at most; undefined: as fast as the provider answers. */
  readonly partsPerSecond: number | undefined
  /**
   * For how long, in milliseconds, submissions have been waiting without any answer from the provider, or with no other
   * answer than to wait: a link that is up and takes nothing. 0 when nothing waits.
   */
  readonly silentMs: number
  /** Why the last link was lost, or the last request failed. */
  readonly lastError: Said | undefined
}

/** Counts of this process since the gateway was made, in parts. They only grow. */
export interface GatewayTotals {
  /** Written to the link. */
  readonly submitted: number
  readonly accepted: number
  /** Refused for good or for now, throttling aside. */
  readonly refused: number
  /** Told to wait (ESME_RTHROTTLED, ESME_RMSGQFUL, HTTP 429). */
  readonly throttled: number
  /** No answer in time, or the link was lost. */
  readonly unanswered: number
  readonly receipts: number
  readonly linksLost: number
  /** Milliseconds between submissions and their answers, summed over those answered. */
  readonly answerMs: number
  /** Refusals by code (SMPP command_status; HTTP providers: the status that means the same), throttling aside. */
  readonly refusals: Readonly<Record<number, number>>
}

/** What this process may use of the contract with the provider. */
export interface GatewayLimits {
  /** Parts a second; undefined: no limit. Below 1 is a part every few seconds. */
  readonly partsPerSecond: number | undefined
  /** Submissions unanswered at once, over all links; at least 1. */
  readonly window: number
}

/** The contract with a provider, for a whole installation: its workers share it. */
export interface GatewayContract extends GatewayLimits {
  readonly name: string
  readonly simulated: boolean
}

/** A message that the provider took, to ask about or to call back. */
export interface SubmittedMessage {
  readonly no: number
  readonly messageId: string
  readonly sender: string
  /** E.164 */
  readonly phone: string
}

/**
 * Why a submission ends before its time. `over`: its message is not wanted any more. `leaving`: the process ends, the
 * message is still wanted. `lost`: this process does not hold it any more.
 */
export type SubmitEnding = 'over' | 'leaving' | 'lost'

/** What may end a submission before its time. */
export interface SubmitControl {
  /**
   * Aborts: those not yet written become `notSent` `stopped` at once; those written keep their answer. A recipient of
   * whom some parts have left gets the others for a moment yet, so that nothing leaves a second after the stop; as long
   * as it takes when the reason is the `SubmitEnding` `leaving`.
   */
  readonly signal?: AbortSignal
  /**
   * Asked before each burst of writes. False: this process may have lost what it holds to another (it was frozen, or
   * cut from the database), so nothing more is written: as when `signal` aborts.
   */
  readonly isHeld?: () => boolean
}

/** What the deliveries domain needs of a way to send SMS; gateways/sms satisfies it and start/ chooses. */
export interface SmsGateway {
  readonly name: string
  readonly kind: 'smpp' | 'ovh' | 'smsmode' | 'twilio' | 'http'
  /** True for a gateway that cannot reach a real phone (the simulator). An exercise may only use these. */
  readonly simulated: boolean
  state(): GatewayState
  totals(): GatewayTotals
  /** Takes effect at once, on what waits too. Never above what the gateway was made with. */
  limit(limits: GatewayLimits): void
  /**
   * Submits one message to many. `onOutcome` is called once a recipient, in any order, synchronously with the
   * provider's answer; the promise resolves when each has had its call. Never rejects for a provider's fault.
   *
   * A recipient told `unknown` for `timeout` may get one second call, `accepted` or `refused` with `late: true`,
   * when the answer comes at last on the same link: often after the promise has resolved. The link that is lost
   * takes late answers with it.
   *
   * Respects the window and the rate: recipients wait their turn, those of the most urgent lane first.
   * Each part carries `user_message_reference` = `referenceOf(message, no)`, where the protocol has it.
   */
  submit(
    message: SmsMessage,
    recipients: readonly SmsRecipient[],
    onOutcome: (outcome: SubmitOutcome) => void,
    control?: SubmitControl,
  ): Promise<void>
  /**
   * Asks the provider what became of messages (SMPP 3.4 `query_sm`, section 4.8): each answer comes as a receipt to
   * the listeners of `onReceipts`. Absent: the provider cannot be asked. Resolves when all were asked or could not be.
   */
  query?(messages: readonly SubmittedMessage[]): Promise<void>
  /**
   * Calls messages back before they reach the phone (SMPP 3.4 `cancel_sm`, section 4.9). `onCancelled` is called for
   * each that the provider cancelled. Absent: the provider cannot. Resolves when all were asked or could not be.
   */
  cancel?(messages: readonly SubmittedMessage[], onCancelled: (no: number) => void): Promise<void>
  /**
   * Receipts as they come, in the order received, several at once when several came in one read. They are
   * acknowledged to the provider once every listener has returned and its promise, if any, has resolved: resolve
   * when they are durable. When a listener throws or rejects, the provider is asked to send them again, and so it
   * does when the process dies before the acknowledgement: the same receipt may come more than once.
   */
  onReceipts(listener: (receipts: readonly SmsReceipt[]) => void | Promise<void>): void
  /** Acknowledged as receipts are, each message on its own. */
  onInbound(listener: (message: SmsInbound) => void | Promise<void>): void
  /**
   * Away: lets its links go as soon as nothing in flight waits for an answer, so that the provider brings receipts, those
   * not acknowledged too, to other processes; takes them again when called with false. Absent: receipts come by no link
   * of this process's making.
   */
  setAway?(isAway: boolean): void
  start(): Promise<void>
  /** Finishes what is in flight and what listeners still hold (bounded by `graceMs`), unbinds, closes. */
  stop(graceMs: number): Promise<void>
}
