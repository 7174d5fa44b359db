import { expect, test } from 'vitest'
import { createSmsmode } from './providers/smsmode.ts'
import { createRenewable, FORMER_SECRET_MS } from './renewable.ts'

function providerWith(apiKey: string, webhookSecret: string) {
  const settings = {
    kind: 'smsmode',
    name: 'smsmode',
    baseUrl: 'https://rest.smsmode.example',
    apiKey,
    webhookSecret,
  } as unknown as Parameters<typeof createSmsmode>[0]
  return { provider: createSmsmode(settings), webhookSecret }
}

test('uses a new secret from the next request on, and accepts calls with the former one for a day', () => {
  let nowMs = 1_000_000
  const { provider, renew } = createRenewable(providerWith('key-1', 'first-webhook-secret'), () => nowMs)
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
  renew(providerWith('key-2', 'second-webhook-secret'))
  expect([keyOf(), accepts('first-webhook-secret'), accepts('second-webhook-secret')]).toEqual([
    'key-2',
    true,
    true,
  ])
  // Another key, then another secret, within the day.
  nowMs += FORMER_SECRET_MS / 2
  renew(providerWith('key-3', 'second-webhook-secret'))
  expect([keyOf(), accepts('first-webhook-secret')]).toEqual(['key-3', true])
  renew(providerWith('key-3', 'third-webhook-secret'))
  expect(accepts('first-webhook-secret')).toBe(true)
  nowMs += FORMER_SECRET_MS / 2
  expect([accepts('first-webhook-secret'), accepts('second-webhook-secret')]).toEqual([false, true])
  nowMs += FORMER_SECRET_MS / 2
  expect([accepts('second-webhook-secret'), accepts('third-webhook-secret')]).toEqual([false, true])
})
