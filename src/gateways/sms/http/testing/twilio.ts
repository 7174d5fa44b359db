import { createHmac } from 'node:crypto'
import { CALLBACK_URL, type FakeRules, json } from './fake.ts'

const SID = `AC${'0a'.repeat(16)}`
const AUTH_TOKEN = 'the-auth-token'

function sign(url: string, fields: Readonly<Record<string, string>>): string {
  // The documented formula, computed independently.
  let signed = url
  for (const name of Object.keys(fields).sort()) signed += name + fields[name]
  return createHmac('sha1', AUTH_TOKEN).update(signed, 'utf8').digest('base64')
}

function call(query: string, fields: Readonly<Record<string, string>>) {
  return {
    method: 'POST',
    url: `/api/gateways/fake/webhook${query}`,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-twilio-signature': sign(`${CALLBACK_URL}${query}`, fields),
    },
    body: Buffer.from(new URLSearchParams(fields).toString()),
  }
}

const error = (status: number, code: number) =>
  json(status, { code, message: 'told', more_info: `https://www.twilio.com/docs/errors/${code}`, status })

/** Twilio's Messages resource. */
export const twilioRules: FakeRules = {
  isSubmission: (seen) => seen.method === 'POST',
  throttled: (retryAfter) =>
    json(429, { code: 20429, status: 429 }, retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
  settings: (url) => ({
    kind: 'twilio',
    name: 'fake',
    baseUrl: url,
    accountSid: SID,
    authToken: AUTH_TOKEN,
    callbackUrl: CALLBACK_URL,
  }),
  wrongCredentials: { authToken: 'another-token' },

  answer(seen, fake) {
    const basic = Buffer.from(`${SID}:${AUTH_TOKEN}`).toString('base64')
    if (seen.headers.authorization !== `Basic ${basic}`) return error(401, 20003)
    const path = `/2010-04-01/Accounts/${SID}/Messages`
    if (seen.method === 'GET' && seen.path === `${path}.json`) return json(200, { messages: [] })
    if (seen.method === 'GET' && seen.path.startsWith(`${path}/`)) {
      const message = fake.taken.find(({ id }) => seen.path === `${path}/${id}.json`)
      if (message === undefined) return error(404, 20404)
      return json(200, { sid: message.id, status: 'delivered', to: message.phone, error_code: null })
    }
    if (seen.method !== 'POST' || seen.path !== `${path}.json`) return error(404, 20404)
    const form = new URLSearchParams(seen.body)
    const field = (name: string) => form.get(name) ?? ''
    if (fake.refusedSenders.has(field('From'))) return error(400, 21212)
    if (!fake.hasCredit) return error(402, 20005)
    if (fake.refusedPhones.has(field('To'))) return error(400, 21211)
    const callback = new URL(field('StatusCallback'))
    const id = fake.take({
      phone: field('To'),
      sender: field('From'),
      text: field('Body'),
      validity: Number(field('ValidityPeriod')),
      reference: callback.searchParams.get('reference') ?? undefined,
    })
    return json(201, { sid: id, status: 'queued', num_segments: '1', error_code: null })
  },

  omit: (reply) => json(reply.status, {}),

  receipt: (message, state) =>
    call(`?reference=${message.reference}`, {
      MessageSid: message.id,
      SmsSid: message.id,
      MessageStatus: state === 'delivered' ? 'delivered' : state === 'enroute' ? 'sent' : 'undelivered',
      AccountSid: SID,
      To: message.phone,
      From: message.sender,
      ...(state === 'expired' ? { ErrorCode: '30036' } : {}),
      ...(state === 'undeliverable' ? { ErrorCode: '30005' } : {}),
    }),
  forge: (given) => ({
    ...given,
    body: Buffer.from(given.body.toString('utf8').replace('MessageStatus=', 'MessageStatus=x')),
  }),
  inbound: (from, text) =>
    call('', {
      MessageSid: 'SM1',
      AccountSid: SID,
      From: from,
      To: '+33644444444',
      Body: text,
      NumMedia: '0',
    }),
}
