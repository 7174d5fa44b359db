import { createHash } from 'node:crypto'
import { CALLBACK_URL, type FakeProvider, type FakeRules, json, type Reply, type Seen } from './fake.ts'

const KEYS = { appKey: 'app-key', appSecret: 'app-secret', consumerKey: 'consumer-key' }
const TOKEN = 'a-token-that-nobody-guesses'

/** OVHcloud's API 1.0 as documented by its console and guides. */
export const ovhRules: FakeRules = {
  isSubmission: (seen) => seen.method === 'POST' && seen.path.endsWith('/jobs'),
  throttled: (retryAfter) =>
    json(
      429,
      { class: 'Client::TooManyRequests', message: 'Too many requests' },
      retryAfter === undefined ? {} : { 'retry-after': retryAfter },
    ),
  settings: (url) => ({
    kind: 'ovh',
    name: 'fake',
    baseUrl: `${url}/1.0`,
    serviceName: 'sms-xx12345-1',
    ...KEYS,
    callbackUrl: CALLBACK_URL,
    webhookSecret: TOKEN,
    batchSize: 3,
  }),
  wrongCredentials: { appKey: 'another-key' },

  answer(seen, fake) {
    if (seen.path === '/1.0/auth/time') return { status: 200, body: `${Math.floor(fake.now() / 1000)}` }
    const refused = checkSignature(seen, fake)
    if (refused !== undefined) return refused
    if (seen.method === 'GET' && seen.path === '/1.0/sms/sms-xx12345-1') {
      return json(200, { name: 'sms-xx12345-1', creditsLeft: fake.hasCredit ? 1000 : 0 })
    }
    const outgoing = /^\/1\.0\/sms\/sms-xx12345-1\/outgoing\/(\d+)$/.exec(seen.path)?.[1]
    if (outgoing !== undefined) {
      const message = fake.taken.find(({ id }) => id === outgoing)
      if (message === undefined) return json(404, { message: 'The requested object does not exist' })
      return json(200, { id: Number(outgoing), receiver: message.phone, ptt: 4, deliveryReceipt: 1 })
    }
    const job = /^\/1\.0\/sms\/sms-xx12345-1\/jobs\/(\d+)$/.exec(seen.path)?.[1]
    if (job !== undefined && seen.method === 'DELETE') return { status: 200, body: 'null' }
    if (seen.method === 'POST' && seen.path === '/1.0/sms/sms-xx12345-1/jobs') {
      return send(JSON.parse(seen.body), fake)
    }
    return json(404, { message: 'Got an invalid (or empty) URL' })
  },

  omit(reply) {
    const report = JSON.parse(reply.body ?? '')
    const [validReceivers, ids] = [report.validReceivers.slice(0, -1), report.ids.slice(0, -1)]
    return json(reply.status, { ...report, validReceivers, ids })
  },

  receipt(message, state) {
    const [ptt, description] =
      state === 'delivered' ? [4, 1] : state === 'expired' ? [8, 2] : state === 'enroute' ? [1, 4] : [23, 2]
    return {
      method: 'GET',
      url: `/api/gateways/fake/webhook/${TOKEN}?id=${message.id}&ptt=${ptt}&date=2026-01-01&description=${description}&descriptionDlr=x`,
      headers: {},
      body: Buffer.alloc(0),
    }
  },
  forge: (call) => ({ ...call, url: call.url.replace(TOKEN, 'a-token-that-was-guessed') }),
  inbound: (from, text) => ({
    method: 'POST',
    url: `/api/gateways/fake/webhook?token=${TOKEN}`,
    headers: {},
    body: Buffer.from(
      new URLSearchParams({ id: '1', senderid: from, message: text, shortcode: '36063' }).toString(),
    ),
  }),
}

function checkSignature(seen: Seen, fake: FakeProvider): Reply | undefined {
  if (seen.headers['x-ovh-application'] !== KEYS.appKey) {
    return json(403, { errorCode: 'INVALID_KEY', message: 'This application key is invalid' })
  }
  if (seen.headers['x-ovh-consumer'] !== KEYS.consumerKey) {
    return json(403, { errorCode: 'INVALID_CREDENTIAL', message: 'This credential is not valid' })
  }
  const timestamp = String(seen.headers['x-ovh-timestamp'])
  if (Math.abs(Number(timestamp) - fake.now() / 1000) > 30) {
    return json(400, { errorCode: 'QUERY_TIME_OUT', message: 'Query out of time' })
  }
  // The documented formula, computed independently.
  const signed = `${KEYS.appSecret}+${KEYS.consumerKey}+${seen.method}+${seen.url}+${seen.body}+${timestamp}`
  if (seen.headers['x-ovh-signature'] !== `$1$${createHash('sha1').update(signed).digest('hex')}`) {
    return json(400, { errorCode: 'INVALID_SIGNATURE', message: 'Invalid signature' })
  }
  return undefined
}

interface Job {
  readonly message: string
  readonly sender: string
  readonly receivers: string[]
  readonly validityPeriod: number
}

function send(job: Job, fake: FakeProvider): Reply {
  if (fake.refusedSenders.has(job.sender)) {
    return json(403, { message: `Sender ${job.sender} is not available` })
  }
  if (!fake.hasCredit) return json(403, { message: 'Not enough credits' })
  const validReceivers = job.receivers.filter((phone) => !fake.refusedPhones.has(phone))
  const ids = validReceivers.map((phone) =>
    fake.take({
      phone,
      sender: job.sender,
      text: job.message,
      validity: job.validityPeriod * 60,
      reference: undefined,
    }),
  )
  return json(200, {
    totalCreditsRemoved: ids.length,
    validReceivers,
    invalidReceivers: job.receivers.filter((phone) => fake.refusedPhones.has(phone)),
    ids: ids.map(Number),
  })
}
