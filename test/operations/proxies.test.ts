import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type RequestOptions, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type Database, openDatabase } from '../../src/platform/db.ts'
import { valid } from '../support/certificates.ts'
import { testDatabaseUrl } from '../support/database.ts'
import { testDeps } from '../support/deps.ts'
import { testCipher } from '../support/encryption.ts'
import { findInstalled } from '../support/installed.ts'
import { codeBlocks } from '../support/pages.ts'
import { freePort } from '../support/postgres.ts'
import { type Program, startProgram } from '../support/program.ts'
import { fillSchemes, openAccount, PRODUCTION } from '../support/server.ts'

const PAGE = readFileSync(new URL('../../docs/runbook/proxies.md', import.meta.url), 'utf8')
const HOST = 'alerte.example.fr'

/** Stands for the program: answers with what the proxy sent, or streams two events, the second when it is asked to. */
let upstream: Server
/** Stands for the process that sends, where it is another than that of the screens. */
let sending: Server
let releaseEvent = () => {}
let directory: string
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tocsin-proxy-'))
  writeFileSync(join(directory, 'cert.pem'), valid.cert)
  writeFileSync(join(directory, 'key.pem'), valid.key)
  writeFileSync(join(directory, 'both.pem'), `${valid.cert}\n${valid.key}\n`)
  upstream = createServer((incoming, response) => {
    if (incoming.url === '/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: first\n\n')
      releaseEvent = () => response.end('data: second\n\n')
      return
    }
    let bytes = 0
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    incoming.on('end', () => {
      const { host, 'x-forwarded-for': client, 'x-forwarded-proto': scheme } = incoming.headers
      response.end(JSON.stringify({ bytes, host: host?.replace(/:\d+$/, ''), client, scheme }))
    })
  })
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve))
  sending = createServer((incoming, response) =>
    response.end(`receipt ${incoming.url} ${incoming.headers['x-forwarded-for']}`),
  )
  await new Promise<void>((resolve) => sending.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  upstream.closeAllConnections()
  upstream.close()
  sending.closeAllConnections()
  sending.close()
  rmSync(directory, { recursive: true })
})

interface Proxy {
  /** The language of its block on the page. */
  readonly name: 'nginx' | 'haproxy' | 'caddy'
  /** Adds the block about receipts to the other one, as the page says. */
  add(block: string, receipts: string): string
  /** Makes a whole configuration for a test out of the block of the page. */
  wrap(block: string, port: number): string
  args(file: string): string[]
}

const proxies: readonly Proxy[] = [
  {
    name: 'nginx',
    add: (block, receipts) => block.replace('  location / {', `${receipts}  location / {`),
    wrap: (block, port) => `daemon off; user root; pid ${directory}/nginx.pid; error_log stderr;
events {}
http { access_log off; client_body_temp_path ${directory}/nginx-body; ${block.replace(/server \{\n {2}listen 80;[\s\S]+?\n\}\n/, '').replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)} }`,
    args: (file) => ['-p', directory, '-c', file],
  },
  {
    name: 'haproxy',
    add: (block, receipts) => {
      const [rule = '', backend = ''] = receipts.split('\n\n')
      return `${block.replace('  default_backend', `${rule}\n  default_backend`)}\n${backend}`
    },
    wrap: (block, port) => `${block.replace('bind :443', `bind 127.0.0.1:${port}`)}\n`,
    args: (file) => ['-db', '-f', file],
  },
  {
    name: 'caddy',
    add: (block, receipts) => block.replace('  reverse_proxy', `${receipts}  reverse_proxy`),
    wrap: (block, port) => `{
  admin off
  auto_https disable_redirects
  https_port ${port}
  default_bind 127.0.0.1
}
${block}`,
    args: (file) => ['run', '--adapter', 'caddyfile', '--config', file],
  },
]

interface StartedProxy {
  readonly port: number
  stop(): Promise<void>
}

/** Starts a proxy with the configuration of its page, before the server on the port `behind`, which answers `/healthz`. */
async function startProxy(
  { name, add, wrap, args }: Proxy,
  program: string,
  behind: number,
): Promise<StartedProxy> {
  const port = await freePort()
  const [block = '', receipts = ''] = codeBlocks(PAGE, name)
  expect(block).toMatch(/\/etc\/(ssl|letsencrypt)\//)
  const settings = wrap(add(block, receipts), port)
    .replace(/\S*\/fullchain\.pem/, join(directory, 'cert.pem'))
    .replace(/\S*\/privkey\.pem/, join(directory, 'key.pem'))
    .replaceAll('/etc/ssl/tocsin', directory)
    .replaceAll('127.0.0.1:3000', `127.0.0.1:${behind}`)
    .replaceAll('127.0.0.1:3001', `127.0.0.1:${(sending.address() as AddressInfo).port}`)
  const file = join(directory, `${name}.conf`)
  writeFileSync(file, settings)
  mkdirSync(join(directory, name), { recursive: true })
  const child = spawn(program, args(file), { env: { PATH: process.env.PATH, HOME: join(directory, name) } })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => {
      output += text
    })
  const ended = once(child, 'close')
  const proxy = {
    port,
    async stop() {
      // Not SIGKILL: the workers of nginx would outlive it.
      child.kill('SIGTERM')
      await ended
    },
  }
  await vi.waitFor(
    async () => expect((await send(port, '/healthz', { method: 'GET' })).statusCode, output).toBe(200),
    { timeout: 60_000, interval: 50 },
  )
  return proxy
}

function send(port: number, path: string, options: RequestOptions, body?: Buffer): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        path,
        servername: HOST,
        rejectUnauthorized: false,
        agent: false,
        ...options,
        headers: { host: HOST, ...options.headers },
      },
      resolve,
    )
    sent.once('error', reject)
    sent.end(body)
  })
}

describe.each(proxies.map((proxy) => [proxy.name, proxy] as const))('%s', (name, proxy) => {
  const program = findInstalled(name)
  let started: StartedProxy | undefined
  const port = () => started?.port ?? 0

  beforeAll(async () => {
    if (program === undefined) {
      console.log(`the Debian package ${name} is not installed: its page is not tested`)
      return
    }
    started = await startProxy(proxy, program, (upstream.address() as AddressInfo).port)
  })
  afterAll(() => started?.stop())

  const textOf = async (response: IncomingMessage) => {
    let text = ''
    for await (const chunk of response) text += chunk
    return text
  }

  test('passes the address of the client, not the one that it claims', async ({ skip }) => {
    skip(program === undefined)
    const answer = await send(port(), '/', { method: 'GET', headers: { 'x-forwarded-for': '203.0.113.9' } })
    expect(JSON.parse(await textOf(answer))).toEqual({
      bytes: 0,
      host: HOST,
      client: '127.0.0.1',
      scheme: 'https',
    })
  })

  test('leads receipts of providers to the process that sends', async ({ skip }) => {
    skip(program === undefined)
    const path = '/api/gateways/one/webhook/secret'
    const answer = await send(port(), path, { method: 'POST' }, Buffer.from('id=1'))
    expect(await textOf(answer)).toBe(`receipt ${path} 127.0.0.1`)
  })

  test('passes an upload of 15 MB', async ({ skip }) => {
    skip(program === undefined)
    const answer = await send(port(), '/', { method: 'POST' }, Buffer.alloc(15_000_000, 'x'))
    expect(JSON.parse(await textOf(answer))).toMatchObject({ bytes: 15_000_000 })
  })

  test('passes an event at once, while the stream stays open', async ({ skip }) => {
    skip(program === undefined)
    const answer = await send(port(), '/events', { method: 'GET' })
    const chunks = answer[Symbol.asyncIterator]()
    expect(String((await chunks.next()).value)).toBe('data: first\n\n')
    releaseEvent()
    expect(String((await chunks.next()).value)).toBe('data: second\n\n')
  })
})

/** Addresses of this machine that stand for two clients elsewhere. */
const CLIENT = '127.9.8.7'
const OTHER_CLIENT = '127.9.9.7'
/** More wrong passwords than an address may try in a short time. */
const ATTEMPTS = 30

const nginx = findInstalled('nginx')
describe.skipIf(nginx === undefined)('nginx before the program', () => {
  let program: Program
  let proxy: StartedProxy
  let database: Database
  const account = { mail: 'anne@example.fr', password: '' }

  beforeAll(async () => {
    const url = await testDatabaseUrl({ login: 'tocsin_web' })
    database = await openDatabase({ kind: 'postgres', url, poolSize: 2 }, { cipher: testCipher() })
    await fillSchemes(database)
    const who = { mail: account.mail, name: 'Anne Roy', schemeId: 'ac63', role: 'chief' } as const
    account.password = (await openAccount(testDeps(database), who)).password ?? ''
    const port = await freePort()
    program = startProgram(['serve', '--no-web'], {
      ...PRODUCTION,
      TOCSIN_BASE_URL: `https://${HOST}`,
      TOCSIN_ROLE: 'web',
      TOCSIN_LANG: 'en',
      DATABASE_URL: url,
      PORT: String(port),
    })
    await program.says(/ready in/)
    proxy = await startProxy(proxies[0] as Proxy, nginx as string, port)
  })
  afterAll(async () => {
    await proxy?.stop()
    program?.process.kill('SIGTERM')
    await program?.ended
    await database?.close()
  })

  function signIn(localAddress: string, password: string): Promise<IncomingMessage> {
    const headers = {
      'content-type': 'application/json',
      origin: `https://${HOST}`,
      // A client cannot choose the address that is recorded and limited.
      'x-forwarded-for': '203.0.113.9',
    }
    const body = Buffer.from(JSON.stringify({ email: account.mail, password }))
    return send(proxy.port, '/api/auth/sign-in/email', { method: 'POST', localAddress, headers }, body)
  }

  test('the audit log has the network of the client, not of the proxy', async () => {
    expect((await signIn(CLIENT, account.password)).statusCode).toBe(200)
    const { rows } = await sql<{ network: string | null }>`
      select n.network from audit_entries e join audit_networks n using (scheme_id, seq)
      where e.action = 'session.open'`.execute(database.db)
    expect(rows).toEqual([{ network: '127.9.8.0/24' }])
  })

  test('wrong passwords count against the client that tries them, and nobody else behind the proxy', async () => {
    const codes: (number | undefined)[] = []
    for (let i = 0; i < ATTEMPTS && codes.at(-1) !== 429; i++)
      codes.push((await signIn(CLIENT, 'not the password')).statusCode)
    expect(codes[0]).toBe(401)
    expect(codes.at(-1)).toBe(429)
    expect((await signIn(OTHER_CLIENT, 'not the password')).statusCode).toBe(401)
  })
})
