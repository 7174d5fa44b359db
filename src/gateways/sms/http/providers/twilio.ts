import { createHmac } from 'node:crypto'
import type { LocalisedText, SmsReceipt } from '../../../../deliveries/gateway.ts'
import { QUEUE_FULL, REFUSALS, type RefusalName, THROTTLED } from '../codes.ts'
import type {
  BatchAnswer,
  HttpProvider,
  OutgoingRecipient,
  ProviderAnswer,
  ProviderWebhook,
  WebhookRequest,
} from '../provider.ts'
import type { TwilioSettings } from '../settings.ts'
import { firstHeader, isSameSecret, parseForm, queryString } from '../webhook.ts'
import {
  accountRefused,
  credentialsRefused,
  noCredit,
  readErrorCode,
  readField,
  readHealth,
  readMessageId,
  readReference,
  readStatus,
  readText,
  retryAfterMs,
  statusText,
  toE164,
} from './answers.ts'

/** Errors of sending in Twilio's "Error and Warning Dictionary" that are more precise than "bad request". */
const REFUSED: ReadonlyMap<number, RefusalName> = new Map([
  [21211, 'number'], // invalid To
  [21214, 'number'], // To cannot be reached
  [21217, 'number'], // To does not appear to be valid
  [21612, 'number'], // To cannot be reached from this From
  [21614, 'number'], // To is not a mobile
  [21266, 'number'], // To and From are the same
  [21610, 'receiver'], // the person has replied STOP
  [21212, 'sender'], // invalid From
  [21603, 'sender'], // From is required
  [21606, 'sender'], // From cannot send
  [21659, 'sender'], // From is not a Twilio number of the account
  [21660, 'sender'], // From does not belong to the account
  [21602, 'message'], // Body is required
  [21605, 'message'],
  [21617, 'message'], // Body is longer than 1,600 characters
  [90007, 'validity'],
  [21408, 'account'], // the account may not send to this region
  [21608, 'account'], // a trial account sends to verified numbers only
  [20005, 'account'], // the account is not active
])

/** Texts of the refusals that last until the settings or the account are changed. */
const SAID: { readonly [name in RefusalName]?: LocalisedText } = {
  sender: { key: 'link.http.sender' },
  account: credentialsRefused,
}

/** "Message Status Values" of the Messages resource. */
const STATES: ReadonlyMap<string, SmsReceipt['state']> = new Map([
  ['accepted', 'enroute'],
  ['scheduled', 'enroute'],
  ['queued', 'enroute'],
  ['sending', 'enroute'],
  ['sent', 'enroute'],
  ['delivered', 'delivered'],
  ['read', 'delivered'],
  ['undelivered', 'undeliverable'],
  ['failed', 'undeliverable'],
  ['canceled', 'deleted'],
])

/** Error 30036: the validity period ended in Twilio's queue. */
const EXPIRED = 30036
/** Error 90007: 1 to 36,000 seconds. */
const MAX_VALIDITY_SECONDS = 36_000
const QUEUE_FULL_ERROR = 21611
/**
 * "Webhooks: Connection Overrides": Twilio calls again when we answer 5xx or nothing. It never sends the fragment.
 */
const CALL_AGAIN = '#rc=5&rp=5xx,ct,rt'

/**
 * Computes the signature of a call from Twilio: HMAC-SHA1 in base64, with the account's token, of the URL and of
 * the form fields sorted by name, each name followed by its values without separators ("Security", section
 * "Validating Signatures from Twilio"; repeated fields as the official libraries do: each value once, sorted).
 */
export function signTwilio(authToken: string, url: string, form: URLSearchParams): string {
  const names = [...new Set(form.keys())].sort()
  const fields = names.map((name) => [...new Set(form.getAll(name))].sort().map((value) => name + value))
  return createHmac('sha1', authToken)
    .update(url + fields.flat().join(''))
    .digest('base64')
}

/**
 * Creates the provider Twilio Programmable Messaging ("Messages resource", "Create a Message"): `POST
 * /2010-04-01/Accounts/{AccountSid}/Messages.json`, HTTP Basic by account or API key, one recipient per request.
 *
 * - `ValidityPeriod` in seconds, at most 36,000.
 * - 429 is never processed and safe to send again (error 20429).
 * - Receipts: POST of a form to `StatusCallback` ("Track the Message Status of Outbound Messages"), signed. Our
 *   reference is in its query, so that with the number it settles a message whose response was lost.
 * - Messages from phones arrive the same way at the URL set on the number in Twilio's console.
 */
export function createTwilio(settings: TwilioSettings): HttpProvider {
  const { accountSid, authToken, apiKey, messagingServiceSid, callbackUrl } = settings
  const messages = `${settings.baseUrl.replace(/\/+$/, '')}/2010-04-01/Accounts/${accountSid}/Messages`
  const user = apiKey?.sid ?? accountSid
  const password = apiKey?.secret ?? authToken
  const headers = {
    accept: 'application/json',
    authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
  }

  return {
    kind: 'twilio',
    batchSize: 1,

    request(message, [recipient]) {
      const { phone = '', reference = 0 } = recipient ?? {}
      const form = new URLSearchParams({
        To: phone,
        From: message.sender,
        Body: message.text,
        ValidityPeriod: String(Math.min(MAX_VALIDITY_SECONDS, message.validitySeconds)),
      })
      if (messagingServiceSid !== undefined) form.set('MessagingServiceSid', messagingServiceSid)
      if (callbackUrl !== undefined) {
        const mark = callbackUrl.includes('?') ? '&' : '?'
        form.set('StatusCallback', `${callbackUrl}${mark}reference=${reference}${CALL_AGAIN}`)
      }
      return {
        method: 'POST',
        url: `${messages}.json`,
        headers: { ...headers, 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
        body: form.toString(),
      }
    },

    read: readAnswer,

    probes: [
      // A resource that a standard API key may read too.
      {
        request: () => ({ method: 'GET', url: `${messages}.json?PageSize=1`, headers }),
        read(answer) {
          if (answer.status !== 404) return readHealth(answer)
          return { isUp: false, said: { key: 'link.http.no_service' }, isAccount: true }
        },
      },
    ],

    query: {
      request: ({ messageId }) => ({
        method: 'GET',
        url: `${messages}/${encodeURIComponent(messageId)}.json`,
        headers,
      }),
      read(answer, { messageId }) {
        if (answer.status !== 200) return undefined
        const errorCode = readErrorCode(readField(answer.json, 'error_code'))
        const state = stateOf(readText(readField(answer.json, 'status')), errorCode)
        const phone = toE164(readField(answer.json, 'to'))
        return { messageId, state, phone, errorCode, reference: undefined }
      },
    },

    webhook: callbackUrl === undefined ? undefined : createWebhook(authToken, callbackUrl),
  }
}

function readAnswer(
  answer: ProviderAnswer,
  _recipients: readonly OutgoingRecipient[],
  nowMs: number,
): BatchAnswer {
  const { status } = answer
  if (status >= 200 && status < 300) {
    const sid = readMessageId(readField(answer.json, 'sid'))
    if (sid === undefined) return { kind: 'unknown', said: { key: 'link.http.unreadable' } }
    return { kind: 'each', verdicts: [{ accepted: [sid] }] }
  }
  const code = readErrorCode(readField(answer.json, 'code'))
  if (code === QUEUE_FULL_ERROR || code === 20429) {
    return {
      kind: 'throttled',
      code: code === 20429 ? THROTTLED : QUEUE_FULL,
      retryAfterMs: retryAfterMs(answer, nowMs),
    }
  }
  const refused = REFUSED.get(code ?? 0)
  if (refused !== undefined && status >= 400 && status < 500) {
    const reason = SAID[refused]
    return {
      kind: 'refused',
      refusal: REFUSALS[refused],
      ...(reason && { said: reason }),
    }
  }
  // 20003: also an account without funds or suspended; the number in the URL may belong to another account.
  if (status === 404) return accountRefused({ key: 'link.http.no_service' })
  if (status === 402) return { kind: 'refused', refusal: REFUSALS.account, said: noCredit }
  const usual = readStatus(answer, nowMs)
  if (usual !== undefined) return usual
  return { kind: 'refused', refusal: REFUSALS.refused, said: statusText(status) }
}

function stateOf(status: string | undefined, errorCode: number | undefined): SmsReceipt['state'] {
  const state = STATES.get(status ?? '') ?? 'unknown'
  return state === 'undeliverable' && errorCode === EXPIRED ? 'expired' : state
}

function createWebhook(authToken: string, callbackUrl: string): ProviderWebhook {
  return {
    methods: ['POST'],

    isAuthentic(request) {
      const given = firstHeader(request, 'x-twilio-signature')
      const form = new URLSearchParams(request.body.toString('utf8'))
      let isValid = false
      for (const url of addressesOf(request, callbackUrl)) {
        if (isSameSecret(given, signTwilio(authToken, url, form))) isValid = true
      }
      return isValid
    },

    read(request) {
      const fields = parseForm(request.body.toString('utf8'))
      const messageId = readMessageId(fields.MessageSid ?? fields.SmsSid)
      const status = fields.MessageStatus ?? fields.SmsStatus
      if (messageId === undefined) return undefined
      if (fields.Body !== undefined && (status === undefined || status === 'received')) {
        const from = toE164(fields.From)
        if (from === undefined) return undefined
        return { receipts: [], inbound: [{ id: messageId, from, to: fields.To ?? '', text: fields.Body }] }
      }
      if (status === undefined) return undefined
      const errorCode = readErrorCode(fields.ErrorCode)
      return {
        receipts: [
          {
            messageId,
            state: stateOf(status, errorCode),
            phone: toE164(fields.To),
            errorCode,
            reference: readReference(parseForm(queryString(request)).reference),
          },
        ],
        inbound: [],
      }
    },

    // An empty TwiML: no reply is sent to the phone.
    thanks: { status: 200, body: '<Response/>', contentType: 'text/xml' },
  }
}

/**
 * Lists the URLs that Twilio may have signed: the configured one, whatever proxies are in between, with the query
 * of its call; with and without the port, and with the fragment that it does not send.
 */
function addressesOf(request: WebhookRequest, callbackUrl: string): string[] {
  const query = queryString(request)
  const address = callbackUrl.split('?', 1)[0] as string
  const { protocol, hostname, port, host } = new URL(address)
  const standard = `${hostname}:${protocol === 'https:' ? 443 : 80}`
  const bare = address.replace(host, hostname)
  const bases = port === '' ? [address, address.replace(host, standard)] : [address, bare]
  const urls = bases.map((base) => (query === '' ? base : `${base}?${query}`))
  return [...urls, ...urls.map((url) => url + CALL_AGAIN)]
}
