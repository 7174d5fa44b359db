import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createTestLog } from '../../../test/support/log-scan.ts'
import { testConfig } from '../../../test/support/server.ts'
import { type App, openEventStream } from '../../platform/http/http.ts'
import { InFlight } from '../../platform/http/in-flight.ts'
import { limitConnections } from './connections.ts'
import { createApp } from './http.ts'
import { listenOnPort } from './listen.ts'

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'
const open: Socket[] = []
const stops: (() => unknown)[] = []
afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy()
  for (const stop of stops.splice(0)) await stop()
})

/** Opens a connection and returns it with all that it receives, once something came or it was closed. */
async function dial(url: string, localAddress: string): Promise<{ socket: Socket; text: string }> {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', localAddress })
  open.push(socket)
  let text = ''
  socket.on('error', () => {})
  socket.write(GET)
  await new Promise((resolve) => {
    socket.on('data', (data) => {
      text += data
      resolve(undefined)
    })
    socket.once('close', resolve)
  })
  return { socket, text }
}

async function listen(trustedProxies: readonly string[], all = 100) {
  const door = await listenOnPort('127.0.0.1', 0, { trustedProxies, connections: { network: 2, all } })
  stops.push(() => door.stop(0))
  let handled = 0
  door.serve((_, response) => {
    handled++
    response.end('ok')
  })
  return { url: door.url, handled: () => handled }
}

test('refuses the connections of one network beyond its limit, and of no other', async () => {
  const { url, handled } = await listen([])
  const first = await dial(url, '127.0.0.1')
  await dial(url, '127.0.0.1')
  const third = await dial(url, '127.0.0.1')
  expect(third.text).toMatch(/^HTTP\/1\.1 429 Too Many Requests\r\nRetry-After: 5\r\n/)
  expect(third.text).toContain('\r\nX-Content-Type-Options: nosniff\r\n')
  expect(JSON.parse(third.text.split('\r\n\r\n')[1] ?? '')).toMatchObject({
    code: 'rate_limited',
    problems: [],
  })
  expect((await dial(url, '127.0.0.2')).text).toMatch(/^HTTP\/1\.1 200 /)
  expect(handled()).toBe(3)
  const closed = new Promise((resolve) => first.socket.once('close', resolve))
  first.socket.end()
  await closed
  await expect.poll(async () => (await dial(url, '127.0.0.1')).text).toMatch(/^HTTP\/1\.1 200 /)
})

test('does not count the connections of a trusted proxy by network, but among all', async () => {
  const { url } = await listen(['loopback'], 4)
  for (let n = 0; n < 4; n++) expect((await dial(url, '127.0.0.1')).text).toMatch(/^HTTP\/1\.1 200 /)
  expect((await dial(url, '127.0.0.1')).text).toBe('')
})

test('knows trusted proxies by address and by network, in IPv6 too', async () => {
  const server = createServer((_, response) => response.end())
  const isRefused = limitConnections(server, ['127.0.0.8', '127.0.1.0/24', 'fd00::/8'], {
    network: 0,
    all: 9,
  })
  server.listen(0, '127.0.0.1')
  stops.push(() => new Promise((resolve) => server.close(resolve)))
  await new Promise((resolve) => server.once('listening', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const seen = new Set<boolean>()
  server.on('connection', (socket) => seen.add(isRefused(socket)))
  for (const trusted of ['127.0.0.8', '127.0.1.77'])
    expect((await dial(url, trusted)).text).toMatch(/ 200 OK/)
  expect([...seen]).toEqual([false])
  expect((await dial(url, '127.0.2.1')).text).toMatch(/ 429 /)
})

/** A server on which requests of `x-account` wait until they are let go. */
async function waitingApp() {
  const app: App = createApp({ log: createTestLog(), config: testConfig() })
  const inFlight = new InFlight({ account: 2, network: 3 })
  const waiting: (() => void)[] = []
  app.addHook('onRequest', async (request, reply) => {
    inFlight.beginOfNetwork(request, reply)
    const account = request.headers['x-account']
    if (account !== undefined) inFlight.beginOfAccount(request, reply, String(account))
  })
  app.get('/wait', async () => {
    await new Promise<void>((resolve) => waiting.push(resolve))
    return { ok: true }
  })
  app.get('/events', { config: { permission: 'public' } }, async (request, reply) => {
    request.stillAllowed = async () => true
    openEventStream(request, reply, () => {})
  })
  await app.ready()
  stops.push(async () => {
    const closed = app.close()
    // Kept-alive connections of the client would be waited for.
    app.server.closeAllConnections()
    await closed
  })
  return { app, waiting }
}

test('refuses requests in progress beyond the limits of an account and of a network, until some end', async () => {
  const { app, waiting } = await waitingApp()
  const ask = (ip: string, account?: string) =>
    app.inject({
      url: '/wait',
      remoteAddress: ip,
      headers: account === undefined ? {} : { 'x-account': account },
    })
  const [home, office] = ['192.0.2.1', '198.51.100.1']
  const first = [ask(home, 'anne'), ask(office, 'anne')]
  await expect.poll(() => waiting.length).toBe(2)
  const tooMany = await ask('203.0.113.1', 'anne')
  expect([tooMany.statusCode, tooMany.json().code, tooMany.headers['retry-after']]).toEqual([
    429,
    'rate_limited',
    '2',
  ])
  first.push(ask(home), ask(home))
  await expect.poll(() => waiting.length).toBe(4)
  expect((await ask(home)).statusCode).toBe(429)
  for (const go of waiting.splice(0)) go()
  for (const answer of await Promise.all(first)) expect(answer.statusCode).toBe(200)
  const again = ask(home, 'anne')
  await expect.poll(() => waiting.length).toBe(1)
  waiting[0]?.()
  expect((await again).statusCode).toBe(200)
})

test('counts neither event streams, which have limits of their own, nor requests whose client left', async () => {
  const { app, waiting } = await waitingApp()
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const leaving = new AbortController()
  for (let n = 0; n < 5; n++)
    expect((await fetch(`${url}/events`, { signal: leaving.signal })).status).toBe(200)
  const left = Array.from({ length: 3 }, () =>
    fetch(`${url}/wait`, { signal: leaving.signal }).catch(() => 'left'),
  )
  await expect.poll(() => waiting.length).toBe(3)
  expect((await fetch(`${url}/wait`)).status).toBe(429)
  leaving.abort()
  expect(await Promise.all(left)).toEqual(['left', 'left', 'left'])
  const next = fetch(`${url}/wait`)
  await expect.poll(() => waiting.length).toBe(4)
  for (const go of waiting) go()
  expect((await next).status).toBe(200)
})
