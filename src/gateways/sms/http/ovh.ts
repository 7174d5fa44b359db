import { createHash } from 'node:crypto'
import type { SmsReceipt } from '../../../deliveries/gateway.ts'
import type { Lane } from '../../../deliveries/lanes.ts'
import {
  accountRefused,
  codeOf,
  credentialsRefused,
  fieldOf,
  healthOf,
  idOf,
  noCredit,
  phoneOf,
  readStatus,
  saidStatus,
  textOf,
} from './answers.ts'
import { REFUSALS } from './codes.ts'
import type {
  BatchAnswer,
  HttpProvider,
  OutgoingRecipient,
  Probe,
  ProviderAnswer,
  ProviderRequest,
  ProviderWebhook,
  Verdict,
} from './provider.ts'
import type { OvhSettings } from './settings.ts'
import { fieldsOf, hasToken, queryOf } from './webhook.ts'

/** `sms.PriorityEnum` of the API: `high` goes first. */
const PRIORITY: Readonly<Record<Lane, string>> = {
  reminder: 'veryLow',
  service: 'low',
  follow_up: 'medium',
  alert: 'high',
  code: 'high',
  vital: 'high',
}

/**
 * Signature of a request: "$1$" and the SHA-1 of the six fields tied by "+" ("First steps with the OVHcloud APIs",
 * section "Sign your requests"; the official clients do the same).
 * @param seconds since 1970, by the clock of the API
 */
export function signOvh(
  appSecret: string,
  consumerKey: string,
  method: string,
  url: string,
  body: string,
  seconds: number,
): string {
  const fields = [appSecret, consumerKey, method, url, body, String(seconds)].join('+')
  return `$1$${createHash('sha1').update(fields).digest('hex')}`
}

/**
 * OVHcloud SMS over the OVHcloud API 1.0.
 *
 * - Sending: `POST /sms/{serviceName}/jobs`, or `/sms/{serviceName}/users/{login}/jobs` for an API user (API console,
 *   "/sms"; guide "API SMS Cookbook"; batches of up to 500 receivers: "OVHcloud SMS FAQ", "How do I send bulk SMS
 *   efficiently via the API?"). `validityPeriod` is in minutes and rounded down, to no less than one.
 *   `noStopClause`: these are no advertisements, so that no "STOP" is added to the text.
 * - The answer (`sms.SmsSendingReport`) lists the receivers taken, those refused and the ids. That ids come in the
 *   order of `validReceivers` is how the API behaves, not something its documentation says: who wants to rely on
 *   nothing sets `batchSize` to 1. When their numbers differ, messages are accepted without an id. A receiver in neither list is
 *   in doubt.
 * - Receipts: a call to the callback address of the SMS account or of the API user, with `id`, `ptt`, `date`,
 *   `description` and `descriptionDlr` in the query (guide "Everything you need to know about SMS users", step 5).
 *   OVHcloud signs nothing: the address has a secret in it. They hold no number, so one that comes before the answer
 *   waits for it by its id.
 * - Messages from phones come by POST with `id`, `senderid`, `message`, `shortcode` once `smsResponse.cgiUrl` is set
 *   on the account (known from OVHcloud's community and issue 1496 of its documentation, not from a guide).
 * - Errors are told by HTTP status and a `message`: the words looked for here are those met in public reports.
 */
export function createOvh(settings: OvhSettings): HttpProvider {
  const { appKey, appSecret, consumerKey, serviceName, user, webhookSecret } = settings
  const base = settings.baseUrl.replace(/\/+$/, '')
  const account = `${base}/sms/${encodeURIComponent(serviceName)}`
  const jobs = user === undefined ? `${account}/jobs` : `${account}/users/${encodeURIComponent(user)}/jobs`
  /** Their clock less ours. */
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
        'x-ovh-signature': signOvh(appSecret, consumerKey, method, url, body, seconds),
      },
      ...(body === '' ? {} : { body }),
    }
  }

  const clock: Probe = {
    request: () => ({ method: 'GET', url: `${base}/auth/time`, headers: {} }),
    read(answer, nowMs) {
      const seconds = Number(answer.text.trim())
      if (answer.status !== 200 || !(seconds > 1e9)) {
        return { isUp: false, said: saidStatus(answer.status), isAccount: false }
      }
      offsetMs = seconds * 1000 - nowMs
      return { isUp: true }
    },
  }

  const accountProbe: Probe = {
    request: (nowMs) => signed('GET', account, '', nowMs),
    read(answer) {
      // A key made for sending only may not look at the account; it is good all the same.
      if (isNotGranted(answer)) return { isUp: true }
      if (answer.status === 404) {
        return { isUp: false, said: { key: 'link.http.no_service' }, isAccount: true }
      }
      if (answer.status === 400 && isClock(answer)) {
        return { isUp: false, said: credentialsRefused, isAccount: true }
      }
      const health = healthOf(answer)
      const credits = fieldOf(answer.json, 'creditsLeft')
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
        const ptt = codeOf(fieldOf(answer.json, 'ptt'))
        const state = stateOf(codeOf(fieldOf(answer.json, 'deliveryReceipt')), ptt)
        const phone = phoneOf(fieldOf(answer.json, 'receiver'))
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
  const said = words(answer)
  if (answer.status === 400 && isClock(answer)) return { kind: 'resync' }
  if (/credit/.test(said) && answer.status >= 400 && answer.status < 500) {
    return { kind: 'refused', refusal: REFUSALS.account, said: noCredit }
  }
  if (/sender/.test(said) && answer.status >= 400 && answer.status < 500) {
    return { kind: 'refused', refusal: REFUSALS.sender, said: { key: 'link.http.sender' } }
  }
  if (answer.status === 404) return accountRefused({ key: 'link.http.no_service' })
  const usual = readStatus(answer, nowMs)
  if (usual !== undefined) return usual
  if (answer.status >= 400) {
    if (recipients.length > 1) return { kind: 'split' }
    const isNumber = /receiver|number|phone/.test(said)
    return {
      kind: 'refused',
      refusal: isNumber ? REFUSALS.number : REFUSALS.refused,
      ...(isNumber ? {} : { said: saidStatus(answer.status) }),
    }
  }
  const valid = listOf(fieldOf(answer.json, 'validReceivers'))
  const invalid = listOf(fieldOf(answer.json, 'invalidReceivers'))
  const ids = listOf(fieldOf(answer.json, 'ids'))
  if (valid === undefined && invalid === undefined) {
    return { kind: 'unknown', said: { key: 'link.http.unreadable' } }
  }
  const refused = new Set((invalid ?? []).map(phoneOf))
  // As many ids as receivers taken, or none can be told apart.
  const isClear = ids?.length === valid?.length
  const taken = new Map(
    (valid ?? []).map((phone, at) => [phoneOf(phone), isClear ? idOf(ids?.[at]) : undefined]),
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

/** What an error says, to look for words in; it never leaves this file, since it may quote a number. */
function words(answer: ProviderAnswer): string {
  return `${textOf(fieldOf(answer.json, 'message')) ?? ''} ${textOf(fieldOf(answer.json, 'errorCode')) ?? ''}`.toLowerCase()
}

/** A signature that does not hold: most often for a clock that differs. */
function isClock(answer: ProviderAnswer): boolean {
  return /signature|timestamp|query_time_out|out of time/.test(words(answer))
}

function isNotGranted(answer: ProviderAnswer): boolean {
  return answer.status === 403 && /not_granted_call|not been granted/.test(words(answer))
}

/**
 * The state by the status of the receipt (`description`: 0 pending, 1 success, 2 failed, 4 waiting, 8 buffered,
 * 16 error) and by its ptt code, which tells more. Both tables stand in "Everything you need to know about SMS users".
 */
function stateOf(status: number | undefined, ptt: number | undefined): SmsReceipt['state'] {
  if (status === 1 || (ptt === 4 && status === undefined)) return 'delivered'
  if (status === 16) return 'rejected'
  const isPending = status === 0 || status === 4 || status === 8
  if (isPending || (status === undefined && ptt !== undefined && ptt >= 1 && ptt <= 3)) return 'enroute'
  if ((status === undefined && ptt === undefined) || ptt === 6) return 'unknown'
  // 8: expired at the operator; 21: expired for want of the subscriber's credit.
  return ptt === 8 || ptt === 21 ? 'expired' : 'undeliverable'
}

function createWebhook(secret: string): ProviderWebhook {
  return {
    methods: ['GET', 'POST'],
    isAuthentic: (request) => hasToken(request, secret),
    read(request) {
      const fields = { ...fieldsOf(request.body.toString('utf8')), ...fieldsOf(queryOf(request)) }
      const from = phoneOf(fields.senderid)
      if (from !== undefined && fields.message !== undefined) {
        return { receipts: [], inbound: [{ from, to: fields.shortcode ?? '', text: fields.message }] }
      }
      const messageId = idOf(fields.id)
      if (messageId === undefined) return undefined
      const ptt = codeOf(fields.ptt)
      const state = stateOf(codeOf(fields.description), ptt)
      return {
        receipts: [{ messageId, state, phone: undefined, errorCode: ptt, reference: undefined }],
        inbound: [],
      }
    },
  }
}
