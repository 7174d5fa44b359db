import { createServer } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Smsc, startSmsc } from '../../src/gateways/sms/simulator/smsc.ts'
import { startTracing } from '../../src/platform/telemetry/tracing.ts'
import { testDatabaseSettings } from '../support/database.ts'
import { BENCH_SCHEME, fillScheme, orderBroadcast, startWorld, untilBroadcastDone } from '../support/world.ts'

interface Sent {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: { readonly key: string; readonly value: Record<string, unknown> }[]
}

const MEMBERS = 120
const TEXT = 'Faux billets, ne pas transférer.'

let smsc: Smsc
let world: Awaited<ReturnType<typeof startWorld>>
const bodies: string[] = []
const keys = new Set<unknown>()
const collector = createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request) body += chunk
  bodies.push(`${request.url} ${body}`)
  keys.add(request.headers['x-key'])
  response.setHeader('content-type', 'application/json').end('{}')
})

beforeAll(async () => {
  await new Promise<void>((listening) => collector.listen(0, '127.0.0.1', listening))
  smsc = await startSmsc()
  world = await startWorld({ database: await testDatabaseSettings('postgres'), smscPort: smsc.port })
  await fillScheme(world.deps, MEMBERS)
})
afterAll(async () => {
  await world?.stop()
  await smsc?.stop()
  collector.close()
})

test('sends each broadcast as one trace from its order to the SMSC, without personal data', async () => {
  const address = collector.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const stop = await startTracing(
    {
      endpoint: `http://127.0.0.1:${port}/`,
      headers: 'x-key=a%20b=',
      service: 'alerts',
      role: 'all',
      version: '1.2.3',
    },
    world.deps.log,
  )
  const id = await orderBroadcast(world.deps, { limit: MEMBERS, text: TEXT })
  expect(await untilBroadcastDone(world.deps, id)).toMatchObject({ delivered: MEMBERS })
  await stop()

  const sent = bodies.join('\n')
  expect([...keys]).toEqual(['a b='])
  expect(sent).toContain('"service.name","value":{"stringValue":"alerts"}')
  expect(sent).toMatch(/^\/v1\/traces /)
  const spans = bodies.flatMap((body) => {
    const { resourceSpans } = JSON.parse(body.slice(body.indexOf(' '))) as {
      resourceSpans: { scopeSpans: { spans: Sent[] }[] }[]
    }
    return resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans))
  })
  const traceId = id.replaceAll('-', '')
  const own = spans.filter((span) => span.traceId === traceId)
  const [root] = own.filter(({ name }) => name === 'broadcast.order')
  expect(root?.parentSpanId ?? '').toBe('')
  expect(new Set(own.map(({ name }) => name))).toEqual(
    new Set(['broadcast.order', 'broadcast.send', 'chunks.claim', 'sms.submit']),
  )
  for (const span of own.filter((one) => one !== root)) expect(span.parentSpanId).toBe(root?.spanId)
  for (const span of own)
    expect(BigInt(span.endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(span.startTimeUnixNano))
  const submitted = own
    .filter(({ name }) => name === 'sms.submit')
    .map(({ attributes }) => attributes.find(({ key }) => key === 'recipients')?.value.intValue)
  expect(submitted.reduce<number>((sum, one) => sum + Number(one), 0)).toBe(MEMBERS)
  expect(sent).toContain(BENCH_SCHEME)
  for (const word of ['+336', 'Faux billets', 'Contact', 'Shop']) expect(sent).not.toContain(word)
})

test('sends nothing without a collector', async () => {
  const before = bodies.length
  const stop = await startTracing({ endpoint: undefined, role: 'all', version: '1.2.3' }, world.deps.log)
  const id = await orderBroadcast(world.deps, { limit: 5, text: TEXT })
  await untilBroadcastDone(world.deps, id)
  await stop()
  expect(bodies.length).toBe(before)
})
