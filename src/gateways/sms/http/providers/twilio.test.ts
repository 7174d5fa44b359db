import { expect, test } from 'vitest'
import type { OutgoingMessage, ProviderAnswer } from '../provider.ts'
import { HttpGatewaySettings, type TwilioSettings } from '../settings.ts'
import { CALLBACK_URL } from '../testing/fake.ts'
import { twilioRules } from '../testing/twilio.ts'
import { createTwilio, signTwilio } from './twilio.ts'

const settingsOf = (more: Record<string, unknown> = {}) =>
  HttpGatewaySettings.parse({ ...twilioRules.settings('http://127.0.0.1:1'), ...more }) as TwilioSettings

const outgoing: OutgoingMessage = {
  sender: 'POLICE63',
  text: 'Bonjour',
  encoding: 'GSM-7',
  parts: 1,
  lane: 'vital',
  validitySeconds: 90_000,
}

test('signs like Twilio’s own examples', () => {
  const form = new URLSearchParams({
    CallSid: 'CA1234567890ABCDE',
    Caller: '+14158675309',
    Digits: '1234',
    From: '+14158675309',
    To: '+18005551212',
  })
  const url = 'https://mycompany.com/myapp.php?foo=1&bar=2'
  expect(signTwilio('12345', url, form)).toBe('RSOYDt4T1cUTdK1PDd93/VVr8B8=')
  // A repeated field (tests of the official libraries).
  const repeated = new URLSearchParams([
    ['Sid', 'CA123'],
    ['SidAccount', 'AC123'],
    ['Digits', '5678'],
    ['Digits', '1234'],
    ['Digits', '1234'],
  ])
  expect(signTwilio('12345', url, repeated)).toBe('IK+Dwps556ElfBT0I3Rgjkr1wJU=')
})

test('authenticates a call by the configured address, with or without its port', () => {
  const { webhook } = createTwilio(settingsOf({ callbackUrl: 'https://alerte.example/api/w' }))
  const form = new URLSearchParams({ MessageSid: 'SM1', MessageStatus: 'sent', To: '+33611111111' })
  const callOf = (url: string) => ({
    method: 'POST',
    url: '/behind/a/proxy?reference=4',
    headers: { 'x-twilio-signature': signTwilio('the-auth-token', url, form) },
    body: Buffer.from(form.toString()),
  })
  const isAuthentic = (url: string) => webhook?.isAuthentic(callOf(url))
  expect(isAuthentic('https://alerte.example/api/w?reference=4')).toBe(true)
  expect(isAuthentic('https://alerte.example:443/api/w?reference=4')).toBe(true)
  expect(isAuthentic('https://alerte.example/api/w?reference=4#rc=5&rp=5xx,ct,rt')).toBe(true)
  expect(isAuthentic('https://alerte.example/api/w?reference=5')).toBe(false)
  expect(isAuthentic('https://autre.example/api/w?reference=4')).toBe(false)
  expect(webhook?.read(callOf('x'))?.receipts[0]).toMatchObject({ reference: 4, phone: '+33611111111' })
})

test('builds the documented request', () => {
  const apiKey = { sid: `SK${'1b'.repeat(16)}`, secret: 'the-secret' }
  const messagingServiceSid = `MG${'2c'.repeat(16)}`
  const provider = createTwilio(settingsOf({ apiKey, messagingServiceSid }))
  const { body, headers, method } = provider.request(
    outgoing,
    [{ no: 6, phone: '+33611111111', reference: 7 }],
    0,
  )
  expect(method).toBe('POST')
  expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
    To: '+33611111111',
    From: 'POLICE63',
    Body: 'Bonjour',
    ValidityPeriod: '36000',
    MessagingServiceSid: messagingServiceSid,
    StatusCallback: `${CALLBACK_URL}?reference=7#rc=5&rp=5xx,ct,rt`,
  })
  expect(headers.authorization).toBe(
    `Basic ${Buffer.from(`${apiKey.sid}:${apiKey.secret}`).toString('base64')}`,
  )
})

test.each([
  [400, 21211, 0x0b, true],
  [400, 21614, 0x0b, true],
  [400, 21610, 0x66, true],
  [400, 21606, 0x0a, true],
  [400, 21617, 0x01, true],
  [403, 21408, 0x0d, false],
  [400, 12345, 0x45, false],
])('HTTP %i with error %i is code %i', (status, code, expected, permanent) => {
  const json = { code, status }
  const answer: ProviderAnswer = { status, header: () => null, text: '', json }
  const read = createTwilio(settingsOf()).read(answer, [], 0)
  expect(read).toMatchObject({ kind: 'refused', refusal: { code: expected, permanent } })
  expect(read).not.toHaveProperty('isAccount')
})

test('slows down when Twilio’s queue is full', () => {
  const answer: ProviderAnswer = { status: 400, header: () => '7', text: '', json: { code: 21611 } }
  expect(createTwilio(settingsOf()).read(answer, [], 0)).toEqual({
    kind: 'throttled',
    code: 0x14,
    retryAfterMs: 7000,
  })
})

test('leaves a message without an id in doubt', () => {
  const answer: ProviderAnswer = { status: 201, header: () => null, text: '', json: {} }
  expect(createTwilio(settingsOf()).read(answer, [], 0).kind).toBe('unknown')
})
