import { createHmac } from 'node:crypto'
import { type FakeRules, json } from './fake.ts'

const SECRET = 'a-secret-that-signs'

function signedCall(value: unknown) {
  const body = Buffer.from(JSON.stringify(value))
  const signature = createHmac('sha256', SECRET).update(body).digest('hex')
  return {
    method: 'POST',
    url: '/api/gateways/fake/webhook',
    headers: { 'x-signature': `sha256=${signature}` },
    body,
  }
}

/** A fictional provider with common features: a key, a list of recipients, a list of results, signed calls. */
export const genericRules: FakeRules = {
  isSubmission: (seen) => seen.method === 'POST',
  throttled: (retryAfter) =>
    json(429, { error: 'slow' }, retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
  settings: (url) => ({
    kind: 'http',
    name: 'fake',
    secrets: { key: 'the-api-key' },
    batchSize: 3,
    request: {
      url: `${url}/v2/send`,
      headers: { Authorization: 'Bearer {secret:key}' },
      body: {
        type: 'json',
        value: {
          originator: '{from}',
          content: { text: '{text}', ttl: '{validitySeconds}' },
          recipients: [{ msisdn: '{digits}', ref: 'r{reference}' }],
        },
      },
    },
    probe: { url: `${url}/v2/account`, headers: { Authorization: 'Bearer {secret:key}' } },
    answer: {
      items: '/data/results',
      to: '/msisdn',
      id: '/id',
      status: '/code',
      accepted: [0],
      refusals: { 7: 'number', 9: 'later' },
      http: { 402: 'account', 422: 'sender' },
    },
    receipts: {
      proof: { type: 'hmac', header: 'X-Signature', secret: SECRET, prefix: 'sha256=' },
      items: '/events',
      id: '/id',
      state: '/status',
      states: { OK: 'delivered', LATE: 'expired', LOST: 'undeliverable', WAY: 'enroute' },
      to: '/msisdn',
      reference: '/ref',
      error: '/err',
      inbound: { id: '/id', from: '/msisdn', to: '/number', text: '/text' },
    },
  }),
  wrongCredentials: { secrets: { key: 'another-key' } },

  answer(seen, fake) {
    if (seen.headers.authorization !== 'Bearer the-api-key') return json(401, {})
    if (seen.path === '/v2/account') return json(200, {})
    const { originator, content, recipients } = JSON.parse(seen.body)
    if (fake.refusedSenders.has(originator)) return json(422, {})
    if (!fake.hasCredit) return json(402, {})
    const results = recipients.map(({ msisdn, ref }: { msisdn: string; ref: string }) => {
      const phone = `+${msisdn}`
      if (fake.refusedPhones.has(phone)) return { msisdn, code: 7 }
      const { text, ttl } = content
      const id = fake.take({ phone, sender: originator, text, validity: ttl, reference: ref.slice(1) })
      return { msisdn, code: 0, id }
    })
    // Results in another order than the recipients.
    return json(200, { data: { results: results.reverse() } })
  },

  omit(reply) {
    const { data } = JSON.parse(reply.body ?? '')
    return json(reply.status, { data: { results: data.results.slice(0, -1) } })
  },

  receipt: (message, state) => {
    const words: Partial<Record<typeof state, string>> = { delivered: 'OK', expired: 'LATE', enroute: 'WAY' }
    const { id, phone, reference } = message
    return signedCall({
      events: [
        {
          id,
          status: words[state] ?? 'LOST',
          msisdn: phone.slice(1),
          ref: Number(reference),
          ...(state === 'undeliverable' ? { err: 5 } : {}),
        },
      ],
    })
  },
  forge: (call) => ({ ...call, body: Buffer.concat([call.body, Buffer.from(' ')]) }),
  inbound: (from, text) =>
    signedCall({ events: [{ id: 'mo-1', msisdn: from.slice(1), number: '36000', text }] }),
}
