import type {
  Said,
  SmsGateway,
  SmsInbound,
  SmsReceipt,
  SmsRecipient,
  SubmittedMessage,
} from '../../../deliveries/gateway.ts'
import type { Lane } from '../../../deliveries/lanes.ts'
import type { Refusal } from './codes.ts'

/** A message as HTTP providers take it: they cut it into parts themselves. */
export interface OutgoingMessage {
  readonly sender: string
  readonly text: string
  readonly encoding: 'GSM-7' | 'UCS-2'
  /** Parts that it will be cut into. */
  readonly parts: number
  readonly lane: Lane
  /** Seconds left until it must not be delivered any more, when the request is made; at least 1. */
  readonly validitySeconds: number
}

export interface OutgoingRecipient extends SmsRecipient {
  /** What `user_message_reference` is in SMPP: `referenceOf` the delivery. */
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
  /** By its name in lower case. */
  readonly header: (name: string) => string | null
  readonly text: string
  /** The text as JSON; undefined when it is not. */
  readonly json: unknown
}

/** What became of one recipient of a request. No id: accepted, and no receipt can be told apart. */
export type Verdict =
  | { readonly accepted: readonly string[] }
  | { readonly refused: Refusal }
  | { readonly unknown: true }

/** What an answer says of all the recipients of its request. */
export type BatchAnswer =
  /** In the order of the recipients. */
  | { readonly kind: 'each'; readonly verdicts: readonly Verdict[] }
  /** None was taken. `isAccount`: nothing will be until someone sets the account right. */
  | {
      readonly kind: 'refused'
      readonly refusal: Refusal
      readonly said?: Said
      readonly isAccount?: boolean
    }
  /** None was taken, and it may be for one of several recipients: each is sent alone. */
  | { readonly kind: 'split' }
  /** None was taken: slow down and send again. */
  | { readonly kind: 'throttled'; readonly code: number; readonly retryAfterMs: number | undefined }
  /** None was taken, since we and the provider do not agree on the time: probe, then send again. */
  | { readonly kind: 'resync' }
  /** It may have been taken. `retryAfterMs`: what follows waits for so long. */
  | { readonly kind: 'unknown'; readonly said: Said; readonly retryAfterMs?: number }

export type Health =
  | { readonly isUp: true; readonly said?: Said }
  | { readonly isUp: false; readonly said: Said /** Someone must act. */; readonly isAccount: boolean }

/** A cheap request that shows whether the provider and the account are in order. */
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
  /** As received, not parsed. */
  readonly body: Buffer
}

export interface WebhookAnswer {
  readonly status: number
  readonly body?: string
  readonly contentType?: string
}

export interface WebhookContent {
  readonly receipts: readonly Omit<SmsReceipt, 'gateway'>[]
  readonly inbound: readonly Omit<SmsInbound, 'gateway'>[]
}

/** How a provider calls us. */
export interface ProviderWebhook {
  readonly methods: readonly string[]
  /** Whether the request comes from the provider. In constant time for what depends on a secret. */
  isAuthentic(request: WebhookRequest): boolean
  /** Undefined: it cannot be read. */
  read(request: WebhookRequest): WebhookContent | undefined
  /** What it wants to hear when all is well; default: 204. */
  readonly thanks?: WebhookAnswer
}

/** What one provider's API is like: requests out, answers in, nothing that lives. */
export interface HttpProvider {
  readonly kind: Exclude<SmsGateway['kind'], 'smpp'>
  /** Recipients of one request at most. */
  readonly batchSize: number
  request(message: OutgoingMessage, recipients: readonly OutgoingRecipient[], nowMs: number): ProviderRequest
  read(answer: ProviderAnswer, recipients: readonly OutgoingRecipient[], nowMs: number): BatchAnswer
  /** One after the other; all must be well. */
  readonly probes: readonly Probe[]
  readonly query?: {
    request(message: SubmittedMessage, nowMs: number): ProviderRequest
    read(answer: ProviderAnswer, message: SubmittedMessage): Omit<SmsReceipt, 'gateway'> | undefined
  }
  readonly cancel?: {
    request(message: SubmittedMessage, nowMs: number): ProviderRequest
    /** True when it was cancelled. */
    read(answer: ProviderAnswer): boolean
  }
  /** Undefined: no receipts. */
  readonly webhook: ProviderWebhook | undefined
}

/** A gateway whose provider calls us over HTTP, with receipts and with messages from phones. */
export interface WebhookGateway extends SmsGateway {
  readonly webhook: {
    /** Where its address begins on our server: `/api/gateways/<name>/webhook`. */
    readonly path: string
    /**
     * Answers the provider's call: 2xx once every listener has done with what it says; 403 when it does not prove
     * where it comes from; 503 when a listener failed, so that the provider calls again. Never rejects.
     */
    handle(request: WebhookRequest): Promise<WebhookAnswer>
  }
}
