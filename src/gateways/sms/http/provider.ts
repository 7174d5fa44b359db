import type {
  LocalisedText,
  SmsGateway,
  SmsInbound,
  SmsReceipt,
  SmsRecipient,
  SubmittedMessage,
} from '../../../deliveries/gateway.ts'
import type { Lane } from '../../../deliveries/lanes.ts'
import type { Refusal } from './codes.ts'
import type { Dated } from './freshness.ts'

/** A message for HTTP providers, which split it into parts themselves. */
export interface OutgoingMessage {
  readonly sender: string
  readonly text: string
  readonly encoding: 'GSM-7' | 'UCS-2'
  /** Number of parts it will be split into. */
  readonly parts: number
  readonly lane: Lane
  /** Seconds from the request to the end of validity; at least 1. */
  readonly validitySeconds: number
}

export interface OutgoingRecipient extends SmsRecipient {
  /** `referenceOf` the delivery, as `user_message_reference` in SMPP. */
  readonly reference: number
}

export interface ProviderRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface ProviderAnswer {
  readonly status: number
  /** Returns a header by its lower-case name. */
  readonly header: (name: string) => string | null
  readonly text: string
  /** The text parsed as JSON; undefined when invalid. */
  readonly json: unknown
}

/** Result for one recipient of a request. Without an id it is accepted, but its receipts cannot be identified. */
export type Verdict =
  | { readonly accepted: readonly string[] }
  | { readonly refused: Refusal }
  | { readonly unknown: true }

/** Result for all the recipients of a request. */
export type BatchAnswer =
  /** One verdict per recipient, in the same order. */
  | { readonly kind: 'each'; readonly verdicts: readonly Verdict[] }
  /** All refused. `isAccount`: everything will be until the account is fixed. */
  | {
      readonly kind: 'refused'
      readonly refusal: Refusal
      readonly said?: LocalisedText
      readonly isAccount?: boolean
    }
  /** All refused, possibly because of one of several recipients: each is sent alone. */
  | { readonly kind: 'split' }
  /** None accepted: slow down and send again. */
  | { readonly kind: 'throttled'; readonly code: number; readonly retryAfterMs: number | undefined }
  /** None accepted, since our clock and the provider's differ: probe, then send again. */
  | { readonly kind: 'resync' }
  /** It may have been accepted. `retryAfterMs`: delay of later requests. */
  | { readonly kind: 'unknown'; readonly said: LocalisedText; readonly retryAfterMs?: number }

export type Health =
  | { readonly isUp: true; readonly said?: LocalisedText }
  | {
      readonly isUp: false
      readonly said: LocalisedText /** Someone must act. */
      readonly isAccount: boolean
    }

/** A cheap request that shows whether the provider and the account work. */
export interface Probe {
  request(nowMs: number): ProviderRequest
  read(answer: ProviderAnswer, nowMs: number): Health
}

export interface WebhookRequest {
  readonly method: string
  /** Path and query, as received. */
  readonly url: string
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** Raw bytes, not parsed. */
  readonly body: Buffer
}

export interface WebhookAnswer {
  readonly status: number
  readonly body?: string
  readonly contentType?: string
}

export interface WebhookContent {
  readonly receipts: readonly (Omit<SmsReceipt, 'gateway'> & Dated)[]
  readonly inbound: readonly Omit<SmsInbound, 'gateway'>[]
}

/** Interprets the provider's calls to us. */
export interface ProviderWebhook {
  readonly methods: readonly string[]
  /** Returns true when the request comes from the provider. Constant time where it depends on a secret. */
  isAuthentic(request: WebhookRequest): boolean
  /**
   * Returns true when the call itself is not too old, by the time that its signature covers. Absent: calls have no signed time;
   * their items may have one.
   */
  isTimely?(request: WebhookRequest, nowMs: number): boolean
  /** Undefined: unreadable. */
  read(request: WebhookRequest): WebhookContent | undefined
  /** Response when all is well; default: 204. */
  readonly thanks?: WebhookAnswer
}

/** One provider's API, stateless: builds requests and reads responses. */
export interface HttpProvider {
  readonly kind: Exclude<SmsGateway['kind'], 'smpp'>
  /** Maximum recipients of one request. */
  readonly batchSize: number
  request(message: OutgoingMessage, recipients: readonly OutgoingRecipient[], nowMs: number): ProviderRequest
  read(answer: ProviderAnswer, recipients: readonly OutgoingRecipient[], nowMs: number): BatchAnswer
  /** Run one after the other; all must succeed. */
  readonly probes: readonly Probe[]
  readonly query?: {
    request(message: SubmittedMessage, nowMs: number): ProviderRequest
    read(answer: ProviderAnswer, message: SubmittedMessage): Omit<SmsReceipt, 'gateway'> | undefined
  }
  readonly cancel?: {
    request(message: SubmittedMessage, nowMs: number): ProviderRequest
    /** Returns true when it was cancelled. */
    read(answer: ProviderAnswer): boolean
  }
  /** Undefined: no receipts. */
  readonly webhook: ProviderWebhook | undefined
}

/** A gateway whose provider calls us over HTTP, with receipts and with messages from phones. */
export interface WebhookGateway extends SmsGateway {
  readonly webhook: {
    /** Start of its path on our server: `/api/gateways/<name>/webhook`. */
    readonly path: string
    /**
     * Answers the provider's call: 2xx once every listener has finished; 403 when it is not authentic; 400 when it is
     * unreadable or too old; 503 when a listener failed, so that the provider calls again. Never rejects.
     */
    handle(request: WebhookRequest): Promise<WebhookAnswer>
  }
}
