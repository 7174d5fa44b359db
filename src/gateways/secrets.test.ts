import { expect, test } from 'vitest'
import { webhookSecretOf, withoutSecrets } from './secrets.ts'
import { HttpGatewaySettings } from './sms/http/settings.ts'

const SECRET = 'a secret of a provider'
const AUTH = { window: 10, webhookSecret: SECRET }
const PROVIDERS = [
  {
    ...AUTH,
    kind: 'ovh',
    name: 'one',
    serviceName: 'sms-xx12345-1',
    appKey: SECRET,
    appSecret: SECRET,
    consumerKey: SECRET,
  },
  { ...AUTH, kind: 'smsmode', name: 'one', apiKey: SECRET },
  {
    kind: 'twilio',
    name: 'one',
    window: 10,
    accountSid: `AC${'0'.repeat(32)}`,
    authToken: SECRET,
    apiKey: { sid: `SK${'0'.repeat(32)}`, secret: SECRET },
  },
  {
    kind: 'http',
    name: 'one',
    window: 10,
    secrets: { key: SECRET },
    request: { url: 'https://sms.example/send' },
    answer: { id: '/id' },
    receipts: { proof: { type: 'token', secret: SECRET }, id: '/id', state: '/state', states: {} },
  },
] as const

test.for(PROVIDERS)('secrets of $kind are told from its other settings', (given) => {
  const read = (text: string) => HttpGatewaySettings.parse(JSON.parse(text)) as never
  const text = JSON.stringify(given)
  const plain = withoutSecrets(read(text))
  expect(JSON.stringify(plain)).not.toContain(SECRET)
  expect(withoutSecrets(read(text.replaceAll(SECRET, 'another secret of it')))).toEqual(plain)
  expect(withoutSecrets(read(text.replace('"window":10', '"window":11')))).not.toEqual(plain)
  expect(webhookSecretOf(read(text))).toBe(SECRET)
})
