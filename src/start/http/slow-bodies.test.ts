import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestLog } from '../../../test/support/log-scan.ts'
import { testConfig } from '../../../test/support/server.ts'
import type { App } from '../../platform/http/http.ts'
import { createApp } from './http.ts'
import { type Listening, listenOnPort } from './listen.ts'

const MANY_MS = 600_000
let app: App
let door: Listening
let uploads: Listening
let largeBodies: App

async function listenWith(bodyTimes: { usualMs: number; uploadMs: number }, headersMs: number) {
  const server = createApp({ log: createTestLog(), config: testConfig() }, bodyTimes)
  server.post('/usual', { config: { permission: 'public' } }, async () => ({ ok: true }))
  server.post('/upload', { config: { permission: 'public' }, bodyLimit: 8_000_000 }, async () => ({
    ok: true,
  }))
  await server.ready()
  const listening = await listenOnPort('127.0.0.1', 0, {
    times: { headersMs, requestMs: MANY_MS, checkMs: 20 },
  })
  listening.serve((request, response) => server.routing(request, response))
  return [server, listening] as const
}

beforeAll(async () => {
  ;[app, door] = await listenWith({ usualMs: 50, uploadMs: MANY_MS }, 100)
  ;[largeBodies, uploads] = await listenWith({ usualMs: MANY_MS, uploadMs: 50 }, MANY_MS)
})
afterAll(async () => {
  await Promise.all([door.stop(0), uploads.stop(0), app.close(), largeBodies.close()])
})

/** Writes the start of a request and returns all that comes until the server ends the connection. */
async function sendSlowly(to: Listening, start: string): Promise<string> {
  const socket = connect(Number(new URL(to.url).port), '127.0.0.1')
  let received = ''
  socket.on('data', (data) => {
    received += data
  })
  socket.on('error', () => {})
  // A byte now and then does not extend the time.
  const drip = setInterval(() => socket.write('1'), 15)
  socket.write(start)
  await new Promise((closed) => socket.once('close', closed))
  clearInterval(drip)
  return received
}

const head = (path: string) =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n`

test('shows nothing of the start elsewhere, and loads nothing', async () => {
  const door = await listenOnPort('127.0.0.1', 0, { baseUrl: 'https://tocsin.example' })
  for (const accept of ['text/html', 'application/json']) {
    const { status, headers } = await fetch(door.url, { headers: { accept } })
    expect([status, headers.get('x-content-type-options'), headers.get('cache-control')]).toEqual([
      503,
      'nosniff',
      'no-store',
    ])
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains')
  }
  await door.stop(0)
})

test('refuses a request whose length is given twice', async () => {
  const both =
    'POST /usual HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'
  expect(await sendSlowly(uploads, both)).toMatch(/^HTTP\/1\.1 400 /)
})

test('ends the connection of a client that sends its headers or its body too slowly', async () => {
  // The last response of the server may be lost, since the client still sends when the connection closes.
  for (const answer of [
    await sendSlowly(door, 'POST /usual HTTP/1.1\r\nHost: x\r\nX-Slow: '),
    await sendSlowly(door, head('/usual')),
    await sendSlowly(uploads, head('/upload')),
  ])
    expect(answer).toMatch(/^(?:HTTP\/1\.1 408 |$)/)
})

test('answers a body that is complete in time, also on a route with more time', async () => {
  for (const path of ['/usual', '/upload']) {
    const answer = await fetch(new URL(path, uploads.url), {
      method: 'POST',
      body: '{"a": 1}',
      headers: { 'content-type': 'application/json' },
    })
    expect(await answer.json()).toEqual({ ok: true })
  }
})
