import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type RequestOptions, request } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { valid } from '../support/certificates.ts'
import { freePort } from '../support/demo.ts'
import { findInstalled } from '../support/installed.ts'

const PAGE = readFileSync(new URL('../../docs/runbook/proxies.md', import.meta.url), 'utf8')
const HOST = 'alerte.example.fr'

/** Stands for the program: answers with what the proxy sent, or streams two events, the second when it is asked to. */
let upstream: Server
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
})
afterAll(() => {
  upstream.closeAllConnections()
  upstream.close()
  rmSync(directory, { recursive: true })
})

interface Proxy {
  /** The language of its block on the page. */
  readonly name: 'nginx' | 'haproxy' | 'caddy'
  /** Makes a whole configuration for a test out of the block of the page. */
  wrap(block: string, port: number): string
  args(file: string): string[]
}

const proxies: readonly Proxy[] = [
  {
    name: 'nginx',
    wrap: (block, port) => `daemon off; user root; pid ${directory}/nginx.pid; error_log stderr;
events {}
http { access_log off; client_body_temp_path ${directory}/nginx-body; ${block.replace('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)} }`,
    args: (file) => ['-p', directory, '-c', file],
  },
  {
    name: 'haproxy',
    wrap: (block, port) => `${block.replace('bind :443', `bind 127.0.0.1:${port}`)}\n`,
    args: (file) => ['-db', '-f', file],
  },
  {
    name: 'caddy',
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

describe.each(proxies.map((proxy) => [proxy.name, proxy] as const))('%s', (name, { wrap, args }) => {
  const program = findInstalled(name)
  let child: ChildProcess | undefined
  let port: number
  let output = ''

  beforeAll(async () => {
    if (program === undefined) {
      console.log(`the Debian package ${name} is not installed: its page is not tested`)
      return
    }
    port = await freePort()
    const block = new RegExp(`\`\`\`${name}\\n([\\s\\S]+?)\`\`\``).exec(PAGE)?.[1] ?? ''
    expect(block).toContain('/etc/ssl/tocsin/')
    const { port: behind } = upstream.address() as AddressInfo
    const settings = wrap(block, port)
      .replaceAll('/etc/ssl/tocsin', directory)
      .replaceAll('127.0.0.1:3000', `127.0.0.1:${behind}`)
    const file = join(directory, `${name}.conf`)
    writeFileSync(file, settings)
    mkdirSync(join(directory, name), { recursive: true })
    child = spawn(program, args(file), { env: { PATH: process.env.PATH, HOME: join(directory, name) } })
    child.stderr?.on('data', (text: Buffer) => {
      output += text
    })
    child.stdout?.on('data', (text: Buffer) => {
      output += text
    })
    await vi.waitFor(async () => expect((await send('/', { method: 'GET' })).statusCode, output).toBe(200), {
      timeout: 10_000,
      interval: 50,
    })
  }, 20_000)
  afterAll(() => {
    child?.kill('SIGKILL')
  })

  function send(path: string, options: RequestOptions, body?: Buffer): Promise<IncomingMessage> {
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
  const textOf = async (response: IncomingMessage) => {
    let text = ''
    for await (const chunk of response) text += chunk
    return text
  }

  test('passes the address of the client, not the one that it claims', async ({ skip }) => {
    skip(program === undefined)
    const answer = await send('/', { method: 'GET', headers: { 'x-forwarded-for': '203.0.113.9' } })
    expect(JSON.parse(await textOf(answer))).toEqual({
      bytes: 0,
      host: HOST,
      client: '127.0.0.1',
      scheme: 'https',
    })
  })

  test('passes an upload of 15 MB', async ({ skip }) => {
    skip(program === undefined)
    const answer = await send('/', { method: 'POST' }, Buffer.alloc(15_000_000, 'x'))
    expect(JSON.parse(await textOf(answer))).toMatchObject({ bytes: 15_000_000 })
  })

  test('passes an event at once, while the stream stays open', async ({ skip }) => {
    skip(program === undefined)
    const answer = await send('/events', { method: 'GET' })
    const chunks = answer[Symbol.asyncIterator]()
    expect(String((await chunks.next()).value)).toBe('data: first\n\n')
    releaseEvent()
    expect(String((await chunks.next()).value)).toBe('data: second\n\n')
  })
})
