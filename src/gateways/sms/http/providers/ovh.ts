import { createHash } from 'node:crypto'
import type { SmsReceipt } from '../../../../deliveries/gateway.ts'
import type { Lane } from '../../../../deliveries/lanes.ts'
import { REFUSALS } from '../codes.ts'
import { readTime } from '../freshness.ts'
import type {
  BatchAnswer,
  HttpProvider,
  OutgoingRecipient,
  Probe,
  ProviderAnswer,
  ProviderRequest,
  ProviderWebhook,
  Verdict,
} from '../provider.ts'
import type { OvhSettings } from '../settings.ts'
import { hasToken, parseForm, queryString } from '../webhook.ts'
import {
  accountRefused,
  credentialsRefused,
  noCredit,
  readErrorCode,
  readField,
  readHealth,
  readMessageId,
  readStatus,
  readText,
  statusText,
  toE164,
} from './answers.ts'

/** `sms.PriorityEnum` of the API: `high` is sent first. */
const PRIORITY: Readonly<Record<Lane, string>> = {
  reminder: 'veryLow',
  service: 'low',
  follow_up: 'medium',
  alert: 'high',
  code: 'high',
  vital: 'high',
}

/**
 * Computes the signature of a request: "$1$" and the SHA-1 of the six fields joined by "+" ("First steps with the
 * OVHcloud APIs", section "Sign your requests"; the official clients do the same).
 * @param seconds since 1970, by the clock of the API
 */
export function signOvh({
  appSecret,
  consumerKey,
  method,
  url,
  body,
  seconds,
}: {
  readonly appSecret: string
  readonly consumerKey: string
  readonly method: string
  readonly url: string
  readonly body: string
  readonly seconds: number
}): string {
  const fields = [appSecret, consumerKey, method, url, body, String(seconds)].join('+')
  return `$1$${createHash('sha1').update(fields).digest('hex')}`
}

/**
 * Creates the provider OVHcloud SMS over the OVHcloud API 1.0.
 *
 * - Sending: `POST /sms/{serviceName}/jobs`, or `/sms/{serviceName}/users/{login}/jobs` for an API user (API
 *   console, "/sms"; guide "API SMS Cookbook"; batches of up to 500 receivers: "OVHcloud SMS FAQ", "How do I send
 *   bulk SMS efficiently via the API?"). `validityPeriod` is in minutes and rounded down, to no less than one.
 *   `noStopClause`: these are not advertisements, so no "STOP" is added to the text.
 * - The response (`sms.SmsSendingReport`) lists the accepted receivers, the refused ones and the ids. That ids are
 *   in the order of `validReceivers` is how the API behaves, but is not documented: set `batchSize` to 1 to avoid
 *   relying on it. When their numbers differ, messages are accepted without an id. A receiver in neither list is
 *   in doubt.
 * - Receipts: a call to the callback URL of the SMS account or of the API user, with `id`, `ptt`, `date`,
 *   `description` and `descriptionDlr` in the query (guide "Everything you need to know about SMS users", step 5).
 *   OVHcloud signs nothing: the URL contains a secret. They contain no number, so one that arrives before the
 *   response is matched to it later by its id.
 * - Messages from phones arrive by POST with `id`, `senderid`, `message`, `shortcode` once `smsResponse.cgiUrl` is
 *   set on the account (known from OVHcloud's community and issue 1496 of its documentation, not from a guide).
 * - Errors have an HTTP status and a `message`: the words searched here are those seen in public reports.
 */
export function createOvh(settings: OvhSettings): HttpProvider {
  const { appKey, appSecret, consumerKey, serviceName, user, webhookSecret } = settings
  const base = settings.baseUrl.replace(/\/+$/, '')
  const account = `${base}/sms/${encodeURIComponent(serviceName)}`
  const jobs = user === undefined ? `${account}/jobs` : `${account}/users/${encodeURIComponent(user)}/jobs`
  /** The clock of the API minus ours. */
  let offsetMs = 0

  function signed(method: string, url: string, body: string, nowMs: number): ProviderRequest {
    const seconds = Math.round((nowMs + offsetMs) / 1000)
    return {
      method,
      url,
      headers: {
        accept: 'application/json',
        ...(body === '' ? {} : { 'content-type': 'application/json; charset=utf-8' }),
        'x-ovh-application': appKey,
        'x-ovh-consumer': consumerKey,
        'x-ovh-timestamp': String(seconds),
        'x-ovh-signature': signOvh({ appSecret, consumerKey, method, url, body, seconds }),
      },
      ...(body === '' ? {} : { body }),
    }
  }

  const clock: Probe = {
    request: () => ({ method: 'GET', url: `${base}/auth/time`, headers: {} }),
    read(answer, nowMs) {
      const seconds = Number(answer.text.trim())
      if (answer.status !== 200 || !(seconds > 1e9)) {
        return { isUp: false, said: statusText(answer.status), isAccount: false }
      }
      offsetMs = seconds * 1000 - nowMs
      return { isUp: true }
    },
  }

  const accountProbe: Probe = {
    request: (nowMs) => signed('GET', account, '', nowMs),
    read(answer) {
      // A key limited to sending may not read the account, but is valid.
      if (isNotGranted(answer)) return { isUp: true }
      if (answer.status === 404) {
        return { isUp: false, said: { key: 'link.http.no_service' }, isAccount: true }
      }
      if (answer.status === 400 && isClock(answer)) {
        return { isUp: false, said: credentialsRefused, isAccount: true }
      }
      const health = readHealth(answer)
      const credits = readField(answer.json, 'creditsLeft')
      return health.isUp && typeof credits === 'number' && credits <= 0
        ? { isUp: true, said: noCredit }
        : health
    },
  }

  return {
    kind: 'ovh',
    batchSize: settings.batchSize,

    request(message, recipients, nowMs) {
      const body = JSON.stringify({
        charset: 'UTF-8',
        class: 'phoneDisplay',
        coding: message.encoding === 'GSM-7' ? '7bit' : '8bit',
        message: message.text,
        noStopClause: true,
        priority: PRIORITY[message.lane],
        receivers: recipients.map(({ phone }) => phone),
        sender: message.sender,
        senderForResponse: false,
        validityPeriod: Math.max(1, Math.floor(message.validitySeconds / 60)),
      })
      return signed('POST', jobs, body, nowMs)
    },

    read: readReport,

    probes: [clock, accountProbe],

    query: {
      request: ({ messageId }, nowMs) =>
        signed('GET', `${account}/outgoing/${encodeURIComponent(messageId)}`, '', nowMs),
      read(answer, { messageId }) {
        if (answer.status !== 200) return undefined
        const ptt = readErrorCode(readField(answer.json, 'ptt'))
        const state = stateOf(readErrorCode(readField(answer.json, 'deliveryReceipt')), ptt)
        const phone = toE164(readField(answer.json, 'receiver'))
        return { messageId, state, phone, errorCode: ptt, reference: undefined }
      },
    },

    // `DELETE /sms/{serviceName}/jobs/{id}`: "Delete the sms job given (stop sending)".
    cancel: {
      request: ({ messageId }, nowMs) =>
        signed('DELETE', `${jobs}/${encodeURIComponent(messageId)}`, '', nowMs),
      read: (answer) => answer.status >= 200 && answer.status < 300,
    },

    webhook: webhookSecret === undefined ? undefined : createWebhook(webhookSecret),
  }
}

function readReport(
  answer: ProviderAnswer,
  recipients: readonly OutgoingRecipient[],
  nowMs: number,
): BatchAnswer {
  const refusal = readRefusal(answer, nowMs)
  if (refusal !== undefined) return refusal
  if (answer.status >= 400) {
    if (recipients.length > 1) return { kind: 'split' }
    const isNumber = /receiver|number|phone/.test(words(answer))
    return {
      kind: 'refused',
      refusal: isNumber ? REFUSALS.number : REFUSALS.refused,
      ...(isNumber ? {} : { said: statusText(answer.status) }),
    }
  }
  return readVerdicts(answer, recipients)
}

/** Reads a refusal that has its cause in no recipient. */
function readRefusal(answer: ProviderAnswer, nowMs: number): BatchAnswer | undefined {
  const message = words(answer)
  if (answer.status === 400 && isClock(answer)) return { kind: 'resync' }
  if (/credit/.test(message) && answer.status >= 400 && answer.status < 500) {
    return { kind: 'refused', refusal: REFUSALS.account, said: noCredit }
  }
  if (/sender/.test(message) && answer.status >= 400 && answer.status < 500) {
    return { kind: 'refused', refusal: REFUSALS.sender, said: { key: 'link.http.sender' } }
  }
  if (answer.status === 404) return accountRefused({ key: 'link.http.no_service' })
  return readStatus(answer, nowMs)
}

/** Reads what became of each recipient of an accepted request. */
function readVerdicts(answer: ProviderAnswer, recipients: readonly OutgoingRecipient[]): BatchAnswer {
  const valid = listOf(readField(answer.json, 'validReceivers'))
  const invalid = listOf(readField(answer.json, 'invalidReceivers'))
  const ids = listOf(readField(answer.json, 'ids'))
  if (valid === undefined && invalid === undefined) {
    return { kind: 'unknown', said: { key: 'link.http.unreadable' } }
  }
  const refused = new Set((invalid ?? []).map(toE164))
  // Ids are assigned only when there are as many as accepted receivers.
  const isClear = ids?.length === valid?.length
  const taken = new Map(
    (valid ?? []).map((phone, at) => [toE164(phone), isClear ? readMessageId(ids?.[at]) : undefined]),
  )
  return {
    kind: 'each',
    verdicts: recipients.map(({ phone }): Verdict => {
      if (refused.has(phone)) return { refused: REFUSALS.number }
      if (!taken.has(phone)) return { unknown: true }
      const id = taken.get(phone)
      return { accepted: id === undefined ? [] : [id] }
    }),
  }
}

function listOf(value: unknown): unknown[] | undefined {
  return Array.isArray(value) ? value : undefined
}

/** Returns the text of an error to search in; it must not be logged, since it may quote a number. */
function words(answer: ProviderAnswer): string {
  return `${readText(readField(answer.json, 'message')) ?? ''} ${readText(readField(answer.json, 'errorCode')) ?? ''}`.toLowerCase()
}

/** Returns true for a refused signature, most often because the clocks differ. */
function isClock(answer: ProviderAnswer): boolean {
  return /signature|timestamp|query_time_out|out of time/.test(words(answer))
}

function isNotGranted(answer: ProviderAnswer): boolean {
  return answer.status === 403 && /not_granted_call|not been granted/.test(words(answer))
}

/**
 * Reads the state from the status of the receipt (`description`: 0 pending, 1 success, 2 failed, 4 waiting, 8
 * buffered, 16 error) and its more precise ptt code. Both tables are in "Everything you need to know about SMS
 * users".
 */
function stateOf(status: number | undefined, ptt: number | undefined): SmsReceipt['state'] {
  if (status === 1 || (ptt === 4 && status === undefined)) return 'delivered'
  if (status === 16) return 'rejected'
  const isPending = status === 0 || status === 4 || status === 8
  if (isPending || (status === undefined && ptt !== undefined && ptt >= 1 && ptt <= 3)) return 'enroute'
  if ((status === undefined && ptt === undefined) || ptt === 6) return 'unknown'
  // 8: expired at the operator; 21: expired since the subscriber had no credit.
  return ptt === 8 || ptt === 21 ? 'expired' : 'undeliverable'
}

function createWebhook(secret: string): ProviderWebhook {
  return {
    methods: ['GET', 'POST'],
    isAuthentic: (request) => hasToken(request, secret),
    read(request) {
      const fields = { ...parseForm(request.body.toString('utf8')), ...parseForm(queryString(request)) }
      const from = toE164(fields.senderid)
      const sentMs = readTime(fields.date)
      if (from !== undefined && fields.message !== undefined) {
        // Its fields without ours, in one order.
        const { token: _, ...said } = fields
        const content = JSON.stringify(Object.entries(said).toSorted())
        const message = { from, to: fields.shortcode ?? '', text: fields.message, content, sentMs }
        return { receipts: [], inbound: [message] }
      }
      const messageId = readMessageId(fields.id)
      if (messageId === undefined) return undefined
      const ptt = readErrorCode(fields.ptt)
      const state = stateOf(readErrorCode(fields.description), ptt)
      return {
        receipts: [{ messageId, state, phone: undefined, errorCode: ptt, reference: undefined, sentMs }],
        inbound: [],
      }
    },
  }
}
