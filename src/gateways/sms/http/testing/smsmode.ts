import { CALLBACK_URL, type FakeRules, json } from './fake.ts'

const TOKEN = 'a-token-that-nobody-guesses'
const VALUES: Readonly<Record<string, string>> = {
  delivered: 'DELIVERED',
  enroute: 'ENROUTE',
  expired: 'EXPIRED',
  undeliverable: 'UNDELIVERABLE',
}

/** smsmode's REST API as known from its public clients. */
export const smsmodeRules: FakeRules = {
  isSubmission: (seen) => seen.method === 'POST',
  throttled: (retryAfter) =>
    json(
      429,
      { errorCode: 'TOO_MANY_REQUESTS' },
      retryAfter === undefined ? {} : { 'retry-after': retryAfter },
    ),
  settings: (url) => ({
    kind: 'smsmode',
    name: 'fake',
    baseUrl: url,
    apiKey: 'the-api-key',
    callbackUrl: CALLBACK_URL,
    webhookSecret: TOKEN,
  }),
  wrongCredentials: { apiKey: 'another-key' },

  answer(seen, fake) {
    if (seen.headers['x-api-key'] !== 'the-api-key') {
      return json(401, { errorCode: 'UNAUTHORIZED', message: 'Invalid API key' })
    }
    if (seen.method === 'GET' && seen.path === '/sms/v1/messages') return json(200, { items: [] })
    const asked = /^\/sms\/v1\/messages\/(\d+)$/.exec(seen.path)?.[1]
    if (seen.method === 'GET' && asked !== undefined) {
      const message = fake.taken.find(({ id }) => id === asked)
      if (message === undefined) return json(404, { errorCode: 'NOT_FOUND' })
      const { phone, reference } = message
      return json(200, {
        messageId: asked,
        status: { value: 'DELIVERED' },
        recipient: { to: phone.slice(1) },
        refClient: reference,
      })
    }
    if (seen.method !== 'POST' || seen.path !== '/sms/v1/messages') return json(404, {})
    const { recipient, body, from, refClient, callbackUrlStatus } = JSON.parse(seen.body)
    if (fake.refusedSenders.has(from)) {
      return json(400, { errorCode: 'BAD_REQUEST', message: 'from: this sender is not allowed' })
    }
    if (!fake.hasCredit) return json(402, { errorCode: 'PAYMENT_REQUIRED', message: 'Insufficient balance' })
    if (fake.refusedPhones.has(`+${recipient.to}`)) {
      return json(400, { errorCode: 'BAD_REQUEST', message: 'recipient.to: not a mobile' })
    }
    if (callbackUrlStatus !== `${CALLBACK_URL}?token=${TOKEN}`) return json(400, { message: 'callback?' })
    const id = fake.take({
      phone: `+${recipient.to}`,
      sender: from,
      text: body.text,
      validity: undefined,
      reference: refClient,
    })
    return json(201, { messageId: id, recipient, body, from, refClient, status: { value: 'ENROUTE' } })
  },

  omit: (reply) => json(reply.status, {}),

  receipt: (message, state) => ({
    method: 'POST',
    url: `/api/gateways/fake/webhook?token=${TOKEN}`,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(
      JSON.stringify({
        messageId: message.id,
        direction: 'MT',
        status: { value: VALUES[state] },
        recipient: { to: message.phone.slice(1) },
        refClient: message.reference,
      }),
    ),
  }),
  forge: (call) => ({ ...call, url: '/api/gateways/fake/webhook' }),
  inbound: (from, text) => ({
    method: 'POST',
    url: `/api/gateways/fake/webhook?token=${TOKEN}`,
    headers: {},
    body: Buffer.from(
      JSON.stringify({
        messageId: '9',
        direction: 'MO',
        from: from.slice(1),
        recipient: { to: '36034' },
        body: { text },
      }),
    ),
  }),
}
