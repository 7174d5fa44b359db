import { expect, test } from 'vitest'
import { idleGateway } from '../../../test/support/deps.ts'
import { createScannedLog, createTestLog, secretIn } from '../../../test/support/log-scan.ts'
import { testConfig } from '../../../test/support/server.ts'
import type { WebhookGateway, WebhookRequest } from '../../gateways/sms/http/provider.ts'
import { createApp } from './http.ts'
import { webhookRoutes } from './webhooks.ts'

function setUp(log = createTestLog()) {
  const calls: WebhookRequest[] = []
  const gateway: WebhookGateway = {
    ...idleGateway(false),
    webhook: {
      path: '/api/gateways/provider/webhook',
      async handle(request) {
        calls.push(request)
        return request.url.includes('twiml')
          ? { status: 200, body: '<Response/>', contentType: 'text/xml' }
          : { status: 204 }
      },
    },
  }
  const app = createApp({ log, config: testConfig() })
  webhookRoutes(app, [idleGateway(), gateway])
  return { app, calls }
}

test('passes the exact bytes of a provider to its gateway', async () => {
  const { app, calls } = setUp()
  const payload = '{"b": 1,  "a":"é"}'
  for (const [method, url, headers] of [
    ['POST', '/api/gateways/provider/webhook?x=%2F', { 'content-type': 'application/json' }],
    ['POST', '/api/gateways/provider/webhook', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['PUT', '/api/gateways/provider/webhook/s3cret', {}],
  ] as const) {
    const answer = await app.inject({ method, url, payload, headers })
    expect([answer.statusCode, answer.body]).toEqual([204, ''])
  }
  expect(calls.map(({ url }) => url)).toEqual([
    '/api/gateways/provider/webhook?x=%2F',
    '/api/gateways/provider/webhook',
    '/api/gateways/provider/webhook/s3cret',
  ])
  for (const { body } of calls) expect(body.toString()).toBe(payload)

  const told = await app.inject({ url: '/api/gateways/provider/webhook?twiml=1' })
  expect([told.statusCode, told.body, told.headers['content-type']]).toEqual([200, '<Response/>', 'text/xml'])
  expect(calls.at(-1)).toMatchObject({ method: 'GET', body: Buffer.alloc(0) })
})

test('logs neither the secret at the end of a path nor the one in a query', async () => {
  const { log, lines, leaks } = createScannedLog()
  const { app } = setUp(log)
  for (const url of ['/webhook/s3cret', '/webhook?token=s3cret', '/other/s3cret'])
    await app.inject({
      method: 'POST',
      url: `/api/gateways/provider${url}`,
      payload: '{"to":"+33639980001"}',
    })
  expect(lines.length).toBeGreaterThanOrEqual(3)
  expect(leaks).toEqual([])
  expect(secretIn('{"url":"/webhook/s3cret"}')).toBe('a secret')
  expect(secretIn('{"to":"+33639980001"}')).toBe('a phone number')
})

test('refuses other gateways, large bodies and other methods', async () => {
  const { app, calls } = setUp()
  const path = '/api/gateways/provider/webhook'
  const large = await app.inject({
    method: 'POST',
    url: path,
    payload: 'x'.repeat(64 * 1024 + 1),
    headers: { 'content-type': 'text/plain' },
  })
  expect(large.statusCode).toBe(413)
  for (const name of ['simulator', 'unknown', '..%2Fprovider', 'constructor']) {
    const url = `/api/gateways/${name}/webhook`
    expect((await app.inject({ method: 'POST', url, payload: '' })).statusCode).toBe(404)
  }
  expect((await app.inject({ method: 'DELETE', url: path })).statusCode).toBe(404)
  expect(calls).toEqual([])
})
