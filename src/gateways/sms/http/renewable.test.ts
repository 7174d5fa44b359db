import { expect, test } from 'vitest'
import { createRenewable, FORMER_SECRET_MS } from './renewable.ts'
import { createSmsmode } from './smsmode.ts'

const settingsWith = (apiKey: string, webhookSecret: string) =>
  ({
    kind: 'smsmode',
    name: 'smsmode',
    baseUrl: 'https://rest.smsmode.example',
    apiKey,
    webhookSecret,
  }) as unknown as Parameters<typeof createSmsmode>[0]

test('uses a new secret from the next request on, and accepts calls with the former one for a day', () => {
  let nowMs = 1_000_000
  const { provider, renew } = createRenewable(
    createSmsmode(settingsWith('key-1', 'first-webhook-secret')),
    () => nowMs,
  )
  const keyOf = () => provider.probes[0]?.request(nowMs).headers['x-api-key']
  const accepts = (secret: string) =>
    provider.webhook?.isAuthentic({
      method: 'POST',
      url: `/api/gateways/smsmode/webhook/${secret}`,
      headers: {},
      body: Buffer.from('{}'),
    })
  expect([keyOf(), accepts('first-webhook-secret'), accepts('second-webhook-secret')]).toEqual([
    'key-1',
    true,
    false,
  ])
  renew(createSmsmode(settingsWith('key-2', 'second-webhook-secret')))
  expect([keyOf(), accepts('first-webhook-secret'), accepts('second-webhook-secret')]).toEqual([
    'key-2',
    true,
    true,
  ])
  nowMs += FORMER_SECRET_MS
  expect([accepts('first-webhook-secret'), accepts('second-webhook-secret')]).toEqual([false, true])
})
