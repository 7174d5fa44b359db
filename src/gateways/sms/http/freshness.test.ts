import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { createScannedLog } from '../../../../test/support/log-scan.ts'
import type { SmsInbound, SmsReceipt } from '../../../deliveries/gateway.ts'
import { DAY_MS, MINUTE_MS } from '../../../message/clock.ts'
import { readTime } from './freshness.ts'
import { createHttpGateway } from './gateway.ts'
import type { WebhookRequest } from './provider.ts'
import { HttpGatewaySettings } from './settings.ts'
import { genericRules } from './testing/generic.ts'
import { ovhRules } from './testing/ovh.ts'
import { smsmodeRules } from './testing/smsmode.ts'

const NOW = Date.parse('2026-06-10T12:00:00Z')
const SECRET = 'sixteen-letters-!'

test.each([
  [1_780_000_000, 1_780_000_000_000],
  ['1780000000', 1_780_000_000_000],
  ['1780000000123', 1_780_000_000_123],
  ['2026-06-10T12:00:00Z', NOW],
  ['2026-06-10T14:00:00.000+0200', NOW],
  ['2026-06-10 14:00:00', NOW],
  ['2026-06-10 14:00', NOW],
  ['2026-06-10', undefined],
  // YYMMDDhhmm, and the same with a century.
  ['2606101400', undefined],
  ['202606101400', undefined],
  ['20260610140000', undefined],
  ['2026-13-10T12:00:00Z', undefined],
  ['yesterday', undefined],
  [undefined, undefined],
])('reads the time %s', (value, ms) => {
  expect(readTime(value)).toBe(ms)
})

/** Opens a gateway whose listeners note what they get, at a fixed time. */
function open(settings: object) {
  const { log, lines, leaks } = createScannedLog()
  const parsed = HttpGatewaySettings.parse(settings)
  const gateway = createHttpGateway(parsed, { now: () => NOW, log })
  const [receipts, inbound] = [[] as SmsReceipt[], [] as SmsInbound[]]
  gateway.onReceipts((batch) => void receipts.push(...batch))
  gateway.onInbound((message) => void inbound.push(message))
  const handle = async (request: WebhookRequest) => (await gateway.webhook.handle(request)).status
  return { handle, receipts, inbound, lines, leaks }
}

const generic = (receipts: object) => ({
  ...genericRules.settings('http://127.0.0.1:9'),
  receipts: {
    format: 'json',
    items: '/events',
    id: '/id',
    state: '/status',
    states: { OK: 'delivered' },
    time: '/at',
    inbound: { from: '/msisdn', to: '/number', text: '/text', time: '/at' },
    ...receipts,
  },
})
const token = { type: 'token', secret: SECRET }
const callOf = (events: object[], headers: Record<string, string> = {}): WebhookRequest => ({
  method: 'POST',
  url: `/api/gateways/fake/webhook?token=${encodeURIComponent(SECRET)}`,
  headers,
  body: Buffer.from(JSON.stringify({ events })),
})
const at = (ms: number) => new Date(ms).toISOString()
const stop = (time?: string) => ({ msisdn: '33639980001', number: '36000', text: 'STOP', at: time })
const receipt = (time?: string) => ({ id: '4', status: 'OK', at: time })

test.each([
  ['a week old', stop(at(NOW - 7 * DAY_MS)), 204],
  ['older than a week', stop(at(NOW - 7 * DAY_MS - 1)), 400],
  ['of a clock that is five minutes ahead', stop(at(NOW + 5 * MINUTE_MS)), 204],
  ['of the future', stop(at(NOW + 5 * MINUTE_MS + 1)), 400],
  ['without the time that it should have', stop(), 400],
  ['with a time that cannot be read', stop('yesterday'), 400],
])('answers a message from a phone that is %s', async (_, item, status) => {
  const { handle, inbound, lines, leaks } = open(generic({ proof: token }))
  expect(await handle(callOf([item]))).toBe(status)
  expect(inbound).toHaveLength(status === 204 ? 1 : 0)
  expect(lines.length).toBe(status === 204 ? 0 : 1)
  expect(leaks).toEqual([])
  expect(lines.join('')).not.toMatch(/3998|STOP/)
})

test('takes a receipt for a month, and what is timely beside what is not', async () => {
  const { handle, receipts, inbound, lines } = open(generic({ proof: token }))
  expect(await handle(callOf([receipt(at(NOW - 30 * DAY_MS))]))).toBe(204)
  expect(await handle(callOf([receipt(at(NOW - 30 * DAY_MS - 1))]))).toBe(400)
  expect(await handle(callOf([stop(at(NOW - 8 * DAY_MS)), receipt(at(NOW - 8 * DAY_MS))]))).toBe(204)
  expect(receipts).toHaveLength(2)
  expect(receipts[0]).not.toHaveProperty('sentMs')
  expect(inbound).toEqual([])
  expect(lines).toHaveLength(2)
})

test('refuses a signed call whose signed time is not of now', async () => {
  const proof = {
    type: 'hmac',
    header: 'X-Sign',
    secret: SECRET,
    time: { header: 'X-Time', windowSeconds: 600 },
  }
  const { handle, inbound, lines } = open(
    generic({ proof, time: undefined, inbound: { from: '/msisdn', to: '/number', text: '/text' } }),
  )
  const signed = (ms: number, claimed = ms) => {
    const call = callOf([stop()])
    const seconds = String(ms / 1000)
    const signature = createHmac('sha256', SECRET).update(`${seconds}.`).update(call.body).digest('hex')
    return { ...call, headers: { 'x-sign': signature, 'x-time': String(claimed / 1000) } }
  }
  expect(await handle(signed(NOW - 10 * MINUTE_MS))).toBe(204)
  expect(await handle(signed(NOW - 11 * MINUTE_MS))).toBe(400)
  expect(await handle(signed(NOW + 6 * MINUTE_MS))).toBe(400)
  expect(lines).toHaveLength(2)
  // The time is under the signature.
  expect(await handle(signed(NOW - 11 * MINUTE_MS, NOW))).toBe(403)
  expect(inbound).toHaveLength(1)
})

test.each([
  ['neither', {}, {}, false],
  ['an id', {}, { id: '/id' }, true],
  ['a time', {}, { time: '/at' }, true],
  ['a signed time of the call', { time: { header: 'X-Time' } }, {}, true],
])('takes signed messages from phones with %s: %s %s %s', (_, proof, inbound, isTaken) => {
  const { success, error } = HttpGatewaySettings.safeParse(
    generic({
      proof: { type: 'hmac', header: 'X-Sign', secret: SECRET, ...proof },
      inbound: { from: '/msisdn', to: '/number', text: '/text', ...inbound },
    }),
  )
  expect(success).toBe(isTaken)
  if (!isTaken)
    expect(error?.issues).toMatchObject([
      { path: ['receipts', 'inbound'], params: { problem: 'config.inbound_repeated' } },
    ])
})

test('reads the times of OVHcloud and smsmode, which do without one', async () => {
  const ovh = open(ovhRules.settings('http://127.0.0.1:9'))
  const [, ovhToken] =
    /webhook\/([^?]+)/.exec(ovhRules.receipt({ id: '4' } as never, 'delivered', {} as never).url) ?? []
  const ovhCall = (query: string) => ({
    method: 'GET',
    url: `/api/gateways/fake/webhook/${ovhToken}?${query}`,
    headers: {},
    body: Buffer.alloc(0),
  })
  const said = 'senderid=%2B33639980001&shortcode=36063&message=STOP'
  expect(await ovh.handle(ovhCall(said))).toBe(204)
  expect(await ovh.handle(ovhCall(`${said}&date=2026-06-10+13:59:00`))).toBe(204)
  expect(await ovh.handle(ovhCall(`${said}&date=2026-06-01+12:00:00`))).toBe(400)
  expect(await ovh.handle(ovhCall('id=4&ptt=4&description=1&date=2026-05-01+12:00:00'))).toBe(400)
  expect(ovh.inbound.map(({ content }) => content)).toEqual([
    expect.not.stringContaining('date'),
    expect.stringContaining('2026-06-10'),
  ])
  expect(JSON.stringify(ovh.inbound)).not.toContain(ovhToken)

  const smsmode = open(smsmodeRules.settings('http://127.0.0.1:9'))
  const call = smsmodeRules.inbound?.('+33639980001', 'STOP', {} as never) as WebhookRequest
  const dated = (sentDate: string) => {
    const body = Buffer.from(JSON.stringify({ ...JSON.parse(call.body.toString()), sentDate }))
    return { ...call, body }
  }
  expect(await smsmode.handle(call)).toBe(204)
  expect(await smsmode.handle(dated('2026-06-10T13:59:00.000+02:00'))).toBe(204)
  expect(await smsmode.handle(dated('2026-06-01T13:59:00.000+02:00'))).toBe(400)
  expect(smsmode.inbound).toMatchObject([{ id: '9' }, { id: '9' }])
})
