import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { HttpProvider, OutgoingRecipient } from './provider.ts'
import { createGeneric } from './providers/generic.ts'
import { createOvh } from './providers/ovh.ts'
import { createSmsmode } from './providers/smsmode.ts'
import { createTwilio } from './providers/twilio.ts'
import { HttpGatewaySettings } from './settings.ts'
import { genericRules } from './testing/generic.ts'
import { ovhRules } from './testing/ovh.ts'
import { smsmodeRules } from './testing/smsmode.ts'
import { twilioRules } from './testing/twilio.ts'

const HOST = 'http://127.0.0.1:1'
const settingsOf = (rules: typeof ovhRules) => HttpGatewaySettings.parse(rules.settings(HOST))
const providers: readonly (readonly [string, HttpProvider])[] = [
  ['ovh', createOvh(settingsOf(ovhRules) as never)],
  ['smsmode', createSmsmode(settingsOf(smsmodeRules) as never)],
  ['twilio', createTwilio(settingsOf(twilioRules) as never)],
  ['http', createGeneric(settingsOf(genericRules) as never)],
]
const recipients: OutgoingRecipient[] = [{ no: 0, phone: '+33611111111', reference: 1 }]

/** Names used by responses and calls, with values of any type. */
const name = fc.constantFrom(
  ...['ids', 'validReceivers', 'invalidReceivers', 'messageId', 'sid', 'code', 'status', 'value', 'data'],
  ...['results', 'events', 'id', 'msisdn', 'text', 'ref', 'direction', 'from', 'recipient', 'to', 'body'],
  ...['__proto__', 'constructor', 'message', 'errorCode', 'creditsLeft'],
)
const { value: anyJson } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, 0, 7, 1e300, -1, '', 'MO', 'constructor', '+33611111111', '33611111111'),
    fc.string(),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(name, tie('value'), { maxKeys: 6 }),
  ),
}))

const STATES = [
  'enroute',
  'delivered',
  'expired',
  'deleted',
  'undeliverable',
  'accepted',
  'unknown',
  'rejected',
]

test.each(providers)('%s reads any response without throwing', (_, provider) => {
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 599 }), anyJson, fc.string(), (status, json, retryAfter) => {
      const answer = { status, header: () => retryAfter, text: JSON.stringify(json) ?? '', json }
      const read = provider.read(answer, recipients, 0)
      if (read.kind === 'each') {
        for (const verdict of read.verdicts) {
          if ('accepted' in verdict) {
            expect(verdict.accepted.every((id) => typeof id === 'string' && id !== '')).toBe(true)
          }
        }
      }
      for (const probe of provider.probes) expect(typeof probe.read(answer, 0).isUp).toBe('boolean')
      provider.query?.read(answer, { no: 0, messageId: '1', sender: 'A', phone: '+33611111111' })
    }),
    { numRuns: 500 },
  )
})

test.each(providers)('%s reads any call without throwing', (_, provider) => {
  const form = fc
    .array(fc.tuple(fc.oneof(name, fc.constantFrom('MessageSid', 'Body', 'MessageStatus')), fc.string()))
    .map((fields) => new URLSearchParams(fields).toString())
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    anyJson.map((json) => Buffer.from(JSON.stringify(json) ?? '')),
    form.map((text) => Buffer.from(text)),
    fc.constant(Buffer.from('['.repeat(60_000))),
  )
  fc.assert(
    fc.property(fc.oneof(fc.string(), form), body, fc.string(), (query, bytes, header) => {
      const headers = { 'x-signature': header, 'x-twilio-signature': [header] }
      const request = { method: 'POST', url: `/api/gateways/a/webhook?${query}`, headers, body: bytes }
      expect(provider.webhook?.isAuthentic(request)).toBe(false)
      const content = provider.webhook?.read(request)
      for (const receipt of content?.receipts ?? []) {
        expect(STATES).toContain(receipt.state)
        expect(receipt.messageId).not.toBe('')
      }
    }),
    { numRuns: 500 },
  )
})
