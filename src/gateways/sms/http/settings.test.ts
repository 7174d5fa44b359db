import { expect, test } from 'vitest'
import { createHttpGateway } from './gateway.ts'
import { HttpGatewaySettings } from './settings.ts'
import { genericRules } from './testing/generic.ts'
import { ovhRules } from './testing/ovh.ts'
import { smsmodeRules } from './testing/smsmode.ts'
import { twilioRules } from './testing/twilio.ts'

const all = [ovhRules, smsmodeRules, twilioRules, genericRules]

test('allows HTTP without TLS on this machine only', () => {
  for (const rules of all) {
    const isValid = (url: string) => HttpGatewaySettings.safeParse(rules.settings(url)).success
    expect(isValid('https://api.example')).toBe(true)
    expect(isValid('http://127.0.0.1:8080')).toBe(true)
    expect(isValid('http://localhost')).toBe(true)
    expect(isValid('http://[::1]:80')).toBe(true)
    for (const url of ['http://api.example', 'http://127.0.0.1.example', 'ftp://127.0.0.1', 'api.example']) {
      expect(isValid(url)).toBe(false)
    }
  }
})

test.each([
  [{ callbackUrl: 'http://alerte.example/x' }, 'callbackUrl'],
  [{ webhookSecret: 'too-short' }, 'webhookSecret'],
  [{ window: 0 }, 'window'],
  [{ partsPerSecond: 0 }, 'partsPerSecond'],
  [{ simulated: true }, 'simulated'],
  [{ serviceName: 'a/b' }, 'serviceName'],
  [{ appSecret: '' }, 'appSecret'],
  [{ batchSize: 501 }, 'batchSize'],
])('%j is refused', (more, field) => {
  const parsed = HttpGatewaySettings.safeParse({ ...ovhRules.settings('https://api.example'), ...more })
  expect(parsed.error?.issues.map(({ path }) => path[0])).toEqual([field])
})

test('refuses a body with GET', () => {
  const settings = genericRules.settings('https://api.example') as { request: object }
  const request = { ...settings.request, method: 'GET' }
  expect(HttpGatewaySettings.safeParse({ ...settings, request }).error?.issues[0]).toMatchObject({
    path: ['request', 'body'],
    params: { problem: 'config.get_body' },
  })
})

test('reports a secret that is invalid in a header without quoting it', async () => {
  const settings = HttpGatewaySettings.parse({
    ...smsmodeRules.settings('http://127.0.0.1:1'),
    apiKey: 'two\nlines',
  })
  const gateway = createHttpGateway(settings, { timing: { probeMs: 10_000 } })
  await gateway.start()
  expect(gateway.state()).toMatchObject({ state: 'down', lastError: { key: 'link.http.invalid_request' } })
  expect(JSON.stringify(gateway.state())).not.toContain('lines')
  await gateway.stop(0)
})
