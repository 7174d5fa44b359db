import { createHash } from 'node:crypto'
import { afterEach, expect, test } from 'vitest'
import type { SubmitOutcome } from '../../../../deliveries/gateway.ts'
import { segmentMessage } from '../../../../message/segment.ts'
import { createHttpGateway } from '../gateway.ts'
import type { OutgoingMessage, OutgoingRecipient, ProviderAnswer } from '../provider.ts'
import { HttpGatewaySettings, type OvhSettings } from '../settings.ts'
import { type FakeProvider, startFake } from '../testing/fake.ts'
import { ovhRules } from '../testing/ovh.ts'
import { createOvh, signOvh } from './ovh.ts'

let fake: FakeProvider | undefined
afterEach(() => fake?.stop())

const settingsOf = (more: Record<string, unknown> = {}) =>
  HttpGatewaySettings.parse({ ...ovhRules.settings('http://127.0.0.1:1'), ...more }) as OvhSettings

const outgoing: OutgoingMessage = {
  sender: 'POLICE63',
  text: 'Bonjour',
  encoding: 'GSM-7',
  parts: 1,
  lane: 'vital',
  validitySeconds: 3599,
}
const recipients: OutgoingRecipient[] = ['+33611111111', '+33622222222', '+33633333333'].map((phone, no) => ({
  no,
  phone,
  reference: no + 1,
}))

function answerOf(status: number, value: unknown): ProviderAnswer {
  return { status, header: () => null, text: JSON.stringify(value), json: value }
}

test('signs by the documented formula', () => {
  const url = 'https://eu.api.ovh.com/1.0/sms/sms-xx12345-1/jobs'
  const body = '{"message":"é"}'
  const expected = createHash('sha1').update(`AS+CK+POST+${url}+${body}+1366560945`, 'utf8').digest('hex')
  expect(
    signOvh({ appSecret: 'AS', consumerKey: 'CK', method: 'POST', url, body, seconds: 1366560945 }),
  ).toBe(`$1$${expected}`)
  // The example of OVHcloud's guide "First steps with the OVHcloud APIs" has this shape: 40 digits after "$1$".
  expect(expected).toMatch(/^[0-9a-f]{40}$/)
})

test('builds a documented job, with validity in minutes', () => {
  const { url, body } = createOvh(settingsOf()).request(outgoing, recipients, 0)
  expect(url).toBe('http://127.0.0.1:1/1.0/sms/sms-xx12345-1/jobs')
  expect(JSON.parse(body ?? '')).toEqual({
    charset: 'UTF-8',
    class: 'phoneDisplay',
    coding: '7bit',
    message: 'Bonjour',
    noStopClause: true,
    priority: 'high',
    receivers: ['+33611111111', '+33622222222', '+33633333333'],
    sender: 'POLICE63',
    senderForResponse: false,
    validityPeriod: 59,
  })
  const short = createOvh(settingsOf()).request({ ...outgoing, validitySeconds: 5, encoding: 'UCS-2' }, [], 0)
  expect(JSON.parse(short.body ?? '')).toMatchObject({ validityPeriod: 1, coding: '8bit' })
  const byUser = createOvh(settingsOf({ user: 'alerte' })).request(outgoing, [], 0)
  expect(byUser.url).toBe('http://127.0.0.1:1/1.0/sms/sms-xx12345-1/users/alerte/jobs')
})

test('assigns ids to accepted receivers only when their numbers match', () => {
  const { read } = createOvh(settingsOf())
  const report = {
    validReceivers: ['+33611111111', '0033633333333'],
    invalidReceivers: ['+33622222222'],
    ids: [1, 3],
    totalCreditsRemoved: 2,
  }
  expect(read(answerOf(200, report), recipients, 0)).toEqual({
    kind: 'each',
    verdicts: [{ accepted: ['1'] }, { refused: { code: 0x0b, permanent: true } }, { accepted: ['3'] }],
  })
  expect(read(answerOf(200, { ...report, ids: [1] }), recipients, 0)).toMatchObject({
    verdicts: [{ accepted: [] }, {}, { accepted: [] }],
  })
  expect(read(answerOf(200, {}), recipients, 0).kind).toBe('unknown')
})

test('leaves a receiver missing from the report in doubt', () => {
  const { read } = createOvh(settingsOf())
  const report = { validReceivers: ['+33611111111'], invalidReceivers: ['+33622222222'], ids: [1] }
  expect(read(answerOf(200, report), recipients, 0)).toEqual({
    kind: 'each',
    verdicts: [{ accepted: ['1'] }, { refused: { code: 0x0b, permanent: true } }, { unknown: true }],
  })
  expect(read(answerOf(200, { invalidReceivers: [] }), recipients.slice(0, 1), 0)).toEqual({
    kind: 'each',
    verdicts: [{ unknown: true }],
  })
})

test('sends a batch refused for an unknown reason one by one', () => {
  const { read } = createOvh(settingsOf())
  const answer = answerOf(400, { message: 'Invalid receiver +33622222222' })
  expect(read(answer, recipients, 0)).toEqual({ kind: 'split' })
  expect(read(answer, recipients.slice(1, 2), 0)).toEqual({
    kind: 'refused',
    refusal: { code: 0x0b, permanent: true },
  })
})

test.each([
  [4, 1, 'delivered'],
  [1, 4, 'enroute'],
  [24, 8, 'enroute'],
  [24, 2, 'undeliverable'],
  [8, 2, 'expired'],
  [21, 2, 'expired'],
  [6, 2, 'unknown'],
  [0, 16, 'rejected'],
])('ptt %i with status %i is %s', (ptt, description, state) => {
  const { webhook } = createOvh(settingsOf())
  const content = webhook?.read({
    method: 'GET',
    url: `/x?id=12&ptt=${ptt}&description=${description}`,
    headers: {},
    body: Buffer.alloc(0),
  })
  expect(content?.receipts).toEqual([
    { messageId: '12', state, errorCode: ptt, phone: undefined, reference: undefined },
  ])
})

test('signs by the clock of the API when the machine’s clock is wrong', async () => {
  fake = await startFake(ovhRules)
  let shift = 3_600_000
  fake.now = () => Date.now() - shift
  const gateway = createHttpGateway(HttpGatewaySettings.parse(ovhRules.settings(fake.url)))
  await gateway.start()
  expect(gateway.state().state).toBe('bound')
  const send = async (phone: string) => {
    const outcomes: SubmitOutcome[] = []
    const validUntil = new Date(Date.now() + 60_000)
    const message = { sender: 'A', segmentation: segmentMessage('x'), validUntil, lane: 'alert' } as const
    await gateway.submit(message, [{ no: 1, phone }], (outcome) => void outcomes.push(outcome))
    return outcomes[0]?.kind
  }
  expect(await send('+33611111111')).toBe('accepted')
  // The clock drifts while running: one refusal, the time is read again, the message is sent.
  shift = -3_600_000
  expect(await send('+33622222222')).toBe('accepted')
  expect(fake.submissions()).toHaveLength(3)
  expect(gateway.state()).toMatchObject({ state: 'bound', lastError: undefined })
  expect(gateway.totals().linksLost).toBe(0)
  await gateway.stop(0)
})

test('reports missing credit at start but does not stop; cancels messages', async () => {
  fake = await startFake(ovhRules)
  fake.hasCredit = false
  const gateway = createHttpGateway(HttpGatewaySettings.parse(ovhRules.settings(fake.url)))
  await gateway.start()
  expect(gateway.state()).toMatchObject({ state: 'bound', lastError: { key: 'link.http.no_credit' } })
  const cancelled: number[] = []
  const messages = [1, 2].map((no) => ({ no, messageId: `${no}`, sender: 'A', phone: '+33611111111' }))
  await gateway.cancel?.(messages, (no) => cancelled.push(no))
  expect(cancelled.sort()).toEqual([1, 2])
  expect(fake.seen.filter(({ method }) => method === 'DELETE').map(({ path }) => path)).toEqual([
    '/1.0/sms/sms-xx12345-1/jobs/1',
    '/1.0/sms/sms-xx12345-1/jobs/2',
  ])
  await gateway.stop(0)
})

test('sends the same number twice in two jobs', async () => {
  fake = await startFake(ovhRules)
  const gateway = createHttpGateway(HttpGatewaySettings.parse(ovhRules.settings(fake.url)))
  await gateway.start()
  const ids = new Set<string>()
  const validUntil = new Date(Date.now() + 60_000)
  const message = { sender: 'A', segmentation: segmentMessage('x'), validUntil, lane: 'alert' } as const
  const twice = [1, 2, 3].map((no) => ({ no, phone: '+33611111111' }))
  await gateway.submit(message, twice, (outcome) => {
    if (outcome.kind === 'accepted') for (const id of outcome.messageIds) ids.add(id)
  })
  expect(ids.size).toBe(3)
  await gateway.stop(0)
})
