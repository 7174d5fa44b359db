import type { SmsReceipt } from '../../../../deliveries/gateway.ts'
import { REFUSALS } from '../codes.ts'
import { readTime } from '../freshness.ts'
import type {
  BatchAnswer,
  HttpProvider,
  OutgoingRecipient,
  ProviderAnswer,
  WebhookContent,
} from '../provider.ts'
import type { SmsmodeSettings } from '../settings.ts'
import { hasToken } from '../webhook.ts'
import {
  noCredit,
  readErrorCode,
  readField,
  readHealth,
  readMessageId,
  readReference,
  readStatus,
  readText,
  statusText,
  toE164,
} from './answers.ts'

/** `status.value` of a message; READ occurs though it is not documented. */
const STATES: ReadonlyMap<string, SmsReceipt['state']> = new Map([
  ['SCHEDULED', 'enroute'],
  ['ENROUTE', 'enroute'],
  ['DELIVERED', 'delivered'],
  ['READ', 'delivered'],
  ['UNDELIVERED', 'undeliverable'],
  ['UNDELIVERABLE', 'undeliverable'],
  ['EXPIRED', 'expired'],
  ['CANCELLED', 'deleted'],
  ['CANCELED', 'deleted'],
  ['REJECTED', 'rejected'],
])

/**
 * Creates the provider smsmode over its REST API (https://dev.smsmode.com/sms/v1, "Message", operation
 * "send-message").
 *
 * - `POST /sms/v1/messages` with `X-Api-Key`, one recipient per request, its number in digits without a plus sign;
 *   answered 201 with `messageId`. Campaigns take many recipients but return no ids, so they are not used.
 * - `refClient` is returned in receipts: with the recipient's number it settles a message whose response was lost.
 * - Receipts and messages from phones: POST of the message's JSON to `callbackUrlStatus` and `callbackUrlMo`
 *   (`status.value`; `direction` is `MO` for the second). smsmode signs nothing: the URL contains a secret.
 * - The API has no known parameter for the validity of a message: a submitted message may reach a phone that is
 *   switched on after the alert. Nothing is submitted after the end of validity.
 * - The times that it gives are read where they are there.
 * - The site could not be read when this was written: the formats come from public clients (Symfony's notifier
 *   bridge, Apereo CAS) and lists of its operations; error texts are guessed and matched with caution.
 */
export function createSmsmode(settings: SmsmodeSettings): HttpProvider {
  const { apiKey, callbackUrl, webhookSecret } = settings
  const messages = `${settings.baseUrl.replace(/\/+$/, '')}/sms/v1/messages`
  const headers = { accept: 'application/json', 'x-api-key': apiKey }
  const callback =
    callbackUrl === undefined || webhookSecret === undefined
      ? undefined
      : `${callbackUrl}${callbackUrl.includes('?') ? '&' : '?'}token=${encodeURIComponent(webhookSecret)}`

  return {
    kind: 'smsmode',
    batchSize: 1,

    request(message, [recipient]) {
      const { phone = '', reference = 0 } = recipient ?? {}
      return {
        method: 'POST',
        url: messages,
        headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify({
          recipient: { to: phone.slice(1) },
          // The defaults are GSM 03.38 and no "STOP" added to the text.
          body: { text: message.text, ...(message.encoding === 'UCS-2' ? { encoding: 'UNICODE' } : {}) },
          from: message.sender,
          refClient: String(reference),
          ...(callback === undefined ? {} : { callbackUrlStatus: callback, callbackUrlMo: callback }),
        }),
      }
    },

    read: readAnswer,

    probes: [
      {
        request: () => ({ method: 'GET', url: `${messages}?pageSize=1`, headers }),
        read: readHealth,
      },
    ],

    query: {
      request: ({ messageId }) => ({
        method: 'GET',
        url: `${messages}/${encodeURIComponent(messageId)}`,
        headers,
      }),
      // Just after sending, the message is not found yet: that is no result.
      read: (answer) => (answer.status === 200 ? readReceipt(answer.json) : undefined),
    },

    webhook:
      webhookSecret === undefined
        ? undefined
        : {
            methods: ['POST'],
            isAuthentic: (request) => hasToken(request, webhookSecret),
            read: (request) => readCall(request.body.toString('utf8')),
          },
  }
}

function readAnswer(
  answer: ProviderAnswer,
  _recipients: readonly OutgoingRecipient[],
  nowMs: number,
): BatchAnswer {
  const { status } = answer
  if (status >= 200 && status < 300) {
    const id = readMessageId(readField(answer.json, 'messageId'))
    if (id === undefined) return { kind: 'unknown', said: { key: 'link.http.unreadable' } }
    return { kind: 'each', verdicts: [{ accepted: [id] }] }
  }
  const isRefused = status >= 400 && status < 500
  const errorText = ['errorCode', 'message', 'detail']
    .map((field) => readText(readField(answer.json, field)) ?? '')
    .join(' ')
    .toLowerCase()
  if (isRefused && /credit|balance|solde/.test(errorText)) {
    return { kind: 'refused', refusal: REFUSALS.account, said: noCredit }
  }
  const usual = readStatus(answer, nowMs)
  if (usual !== undefined) return usual
  if (/\b(from|sender|emitter)\b/.test(errorText)) {
    return { kind: 'refused', refusal: REFUSALS.sender, said: { key: 'link.http.sender' } }
  }
  if (/\b(recipient|to|phone|number|msisdn)\b/.test(errorText)) {
    return { kind: 'refused', refusal: REFUSALS.number }
  }
  return { kind: 'refused', refusal: REFUSALS.refused, said: statusText(status) }
}

function readReceipt(message: unknown): Omit<SmsReceipt, 'gateway'> | undefined {
  const messageId = readMessageId(readField(message, 'messageId'))
  const status = readField(message, 'status')
  const value = readText(readField(status, 'value') ?? status)
  if (messageId === undefined || value === undefined) return undefined
  return {
    messageId,
    state: STATES.get(value.toUpperCase()) ?? 'unknown',
    phone: toE164(readField(readField(message, 'recipient'), 'to')),
    errorCode: readErrorCode(readField(status, 'code')),
    reference: readReference(readField(message, 'refClient')),
  }
}

function readCall(text: string): WebhookContent | undefined {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return undefined
  }
  const receipts: WebhookContent['receipts'][number][] = []
  const inbound: WebhookContent['inbound'][number][] = []
  for (const message of Array.isArray(json) ? json : [json]) {
    if (readField(message, 'direction') === 'MO') {
      const from = toE164(readField(message, 'from'))
      const words = readField(readField(message, 'body'), 'text')
      if (from === undefined || typeof words !== 'string') return undefined
      inbound.push({
        id: readMessageId(readField(message, 'messageId')),
        content: JSON.stringify(message),
        sentMs: readTime(readField(message, 'sentDate') ?? readField(message, 'acceptedAt')),
        from,
        to: readText(readField(readField(message, 'recipient'), 'to')) ?? '',
        text: words,
      })
      continue
    }
    const receipt = readReceipt(message)
    if (receipt === undefined) return undefined
    receipts.push({ ...receipt, sentMs: readTime(readField(readField(message, 'status'), 'deliveryDate')) })
  }
  return { receipts, inbound }
}
