import type { SmsReceipt } from '../../../deliveries/gateway.ts'
import {
  codeOf,
  fieldOf,
  healthOf,
  idOf,
  noCredit,
  phoneOf,
  readStatus,
  referenceOf,
  saidStatus,
  textOf,
} from './answers.ts'
import { REFUSALS } from './codes.ts'
import type {
  BatchAnswer,
  HttpProvider,
  OutgoingRecipient,
  ProviderAnswer,
  WebhookContent,
} from './provider.ts'
import type { SmsmodeSettings } from './settings.ts'
import { hasToken } from './webhook.ts'

/** `status.value` of a message; READ is met beside those that are listed. */
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
 * smsmode over its REST API (https://dev.smsmode.com/sms/v1, "Message", operation "send-message").
 *
 * - `POST /sms/v1/messages` with `X-Api-Key`, a recipient a request, its number in digits without a plus sign;
 *   answered 201 with `messageId`. Campaigns take many recipients and answer no ids, so they are not used.
 * - `refClient` comes back in receipts: with the recipient's number it settles a message whose answer was lost.
 * - Receipts and messages from phones: POST of the message's JSON to `callbackUrlStatus` and `callbackUrlMo`
 *   (`status.value`; `direction` is `MO` for the second). smsmode signs nothing: the address has a secret in it.
 * - No parameter for the validity of a message is known in this API: what has been handed over may reach a phone that
 *   is switched on after the alert. Nothing is handed over past it.
 * - The site itself could not be read when this was written: shapes come from public clients of it (Symfony's
 *   notifier bridge, Apereo CAS) and from lists of its operations; words of errors are guessed, and read with care.
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
        read: healthOf,
      },
    ],

    query: {
      request: ({ messageId }) => ({
        method: 'GET',
        url: `${messages}/${encodeURIComponent(messageId)}`,
        headers,
      }),
      // Just after sending the message is not found yet: it says nothing.
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
    const id = idOf(fieldOf(answer.json, 'messageId'))
    if (id === undefined) return { kind: 'unknown', said: { key: 'link.http.unreadable' } }
    return { kind: 'each', verdicts: [{ accepted: [id] }] }
  }
  const isRefused = status >= 400 && status < 500
  const said = ['errorCode', 'message', 'detail']
    .map((field) => textOf(fieldOf(answer.json, field)) ?? '')
    .join(' ')
    .toLowerCase()
  if (isRefused && /credit|balance|solde/.test(said)) {
    return { kind: 'refused', refusal: REFUSALS.account, said: noCredit }
  }
  const usual = readStatus(answer, nowMs)
  if (usual !== undefined) return usual
  if (/\b(from|sender|emitter)\b/.test(said)) {
    return { kind: 'refused', refusal: REFUSALS.sender, said: { key: 'link.http.sender' } }
  }
  if (/\b(recipient|to|phone|number|msisdn)\b/.test(said)) {
    return { kind: 'refused', refusal: REFUSALS.number }
  }
  return { kind: 'refused', refusal: REFUSALS.refused, said: saidStatus(status) }
}

function readReceipt(message: unknown): Omit<SmsReceipt, 'gateway'> | undefined {
  const messageId = idOf(fieldOf(message, 'messageId'))
  const status = fieldOf(message, 'status')
  const value = textOf(fieldOf(status, 'value') ?? status)
  if (messageId === undefined || value === undefined) return undefined
  return {
    messageId,
    state: STATES.get(value.toUpperCase()) ?? 'unknown',
    phone: phoneOf(fieldOf(fieldOf(message, 'recipient'), 'to')),
    errorCode: codeOf(fieldOf(status, 'code')),
    reference: referenceOf(fieldOf(message, 'refClient')),
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
    if (fieldOf(message, 'direction') === 'MO') {
      const from = phoneOf(fieldOf(message, 'from'))
      const words = fieldOf(fieldOf(message, 'body'), 'text')
      if (from === undefined || typeof words !== 'string') return undefined
      inbound.push({ from, to: textOf(fieldOf(fieldOf(message, 'recipient'), 'to')) ?? '', text: words })
      continue
    }
    const receipt = readReceipt(message)
    if (receipt === undefined) return undefined
    receipts.push(receipt)
  }
  return { receipts, inbound }
}
