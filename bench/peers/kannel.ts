import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, rmSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import { type AddressInfo, createConnection, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Paths in Debian. */
const BEARERBOX = '/usr/sbin/bearerbox'
const SMSBOX = '/usr/sbin/smsbox'

/** The fastest values measured: more concurrent requests or more recipients per request gain nothing. */
const REQUESTS = 10
const RECIPIENTS = 100
const START_MS = 15_000

/** Returns the reason why Kannel cannot be measured here; undefined when it can. */
export function kannelMissing(): string | undefined {
  try {
    for (const program of [BEARERBOX, SMSBOX]) accessSync(program, constants.X_OK)
    return undefined
  } catch {
    return 'Kannel is not installed (Debian packages kannel and kannel-extras)'
  }
}

export interface Kannel {
  /**
   * Sends one text to many numbers in E.164 through its HTTP interface, 100 numbers per request, 10 concurrent
   * requests.
   */
  send(text: string, phones: readonly string[]): Promise<void>
  /** Returns the number of receipts that it has reported to the application. */
  told(): number
  stop(): Promise<void>
}

/**
 * Starts Kannel on free ports of loopback with a configuration in a temporary directory: messages and states of
 * receipts in memory only, logs off, the given window, each of which makes it faster. With receipts, it requests
 * them and reports them to the application in its documented way: one HTTP request per receipt (`dlr-url`),
 * answered at once.
 */
export async function startKannel(options: {
  readonly smscPort: number
  readonly window: number
  readonly receipts: boolean
}): Promise<Kannel> {
  const directory = await mkdtemp(join(tmpdir(), 'tocsin-kannel-'))
  const started: ChildProcess[] = []
  const endWithUs = () => {
    for (const child of started) child.kill('SIGKILL')
    rmSync(directory, { recursive: true, force: true })
  }
  process.once('exit', endWithUs)
  const application = await listenForReceipts()
  const agent = new http.Agent({ keepAlive: true, maxSockets: REQUESTS })

  async function stop(): Promise<void> {
    agent.destroy()
    // smsbox first, since bearerbox waits for its boxes.
    for (const child of started.reverse()) await stopProcess(child)
    await application.close()
    await rm(directory, { recursive: true, force: true })
    process.off('exit', endWithUs)
  }

  try {
    const [admin, boxes, sendsms] = await freePorts(3)
    const file = join(directory, 'kannel.conf')
    await writeFile(file, configuration({ ...options, admin, boxes, sendsms }))
    for (const [program, port] of [
      [BEARERBOX, boxes],
      [SMSBOX, sendsms],
    ] as const) {
      const child = spawn(program, ['-v', '4', file], { cwd: directory, stdio: 'ignore' })
      started.push(child)
      await untilListening(child, port)
    }
    const callback = `&dlr-mask=3&dlr-url=${encodeURIComponent(`http://127.0.0.1:${application.port}/?state=%d&to=%p`)}`
    return {
      async send(text, phones) {
        const common = `/cgi-bin/sendsms?username=bench&password=bench&from=ALERTE63&coding=0&charset=utf-8&text=${encodeURIComponent(text)}`
        let next = 0
        await Promise.all(
          Array.from({ length: REQUESTS }, async () => {
            while (next < phones.length) {
              const from = next
              next += RECIPIENTS
              const to = phones
                .slice(from, from + RECIPIENTS)
                .map(encodeURIComponent)
                .join('+')
              await fetchPath(agent, sendsms, `${common}&to=${to}${options.receipts ? callback : ''}`)
            }
          }),
        )
      },
      told: application.told,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

function configuration(settings: {
  readonly smscPort: number
  readonly window: number
  readonly admin: number
  readonly boxes: number
  readonly sendsms: number
}): string {
  return `group = core
admin-port = ${settings.admin}
admin-password = bench
admin-interface = 127.0.0.1
smsbox-port = ${settings.boxes}
smsbox-interface = 127.0.0.1
smsbox-max-pending = 1000
sms-outgoing-queue-limit = 1000000
dlr-storage = internal
log-level = 4

group = smsc
smsc = smpp
smsc-id = bench
host = 127.0.0.1
port = ${settings.smscPort}
transceiver-mode = true
smsc-username = kannel
smsc-password = bench
system-type = ""
interface-version = 34
source-addr-ton = 5
source-addr-npi = 0
dest-addr-ton = 1
dest-addr-npi = 1
max-pending-submits = ${settings.window}

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = ${settings.sendsms}
sendsms-interface = 127.0.0.1
log-level = 4

group = sendsms-user
username = bench
password = bench
max-messages = 1

group = sms-service
keyword = default
text = ""
max-messages = 0
`
}

function fetchPath(agent: http.Agent, port: number, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port, path, agent }, (response) => {
      response.resume()
      response.once('end', () =>
        response.statusCode === 202 ? resolve() : reject(new Error(`Kannel answered ${response.statusCode}`)),
      )
    })
    request.once('error', reject)
  })
}

/**
 * Starts the application that receives Kannel's reports. It is below the level of HTTP libraries, since its cost
 * reduces Kannel's share.
 */
async function listenForReceipts(): Promise<{ port: number; told(): number; close(): Promise<void> }> {
  let told = 0
  const sockets = new Set<{ destroy(): unknown }>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    let last = ''
    socket.setEncoding('latin1').on('data', (data: string) => {
      const requests = (last + data).split('\r\n\r\n')
      last = requests.at(-1) ?? ''
      if (requests.length === 1) return
      told += requests.length - 1
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'.repeat(requests.length - 1))
    })
  })
  await listen(server)
  return {
    port: (server.address() as AddressInfo).port,
    told: () => told,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function listen(server: Server): Promise<void> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
}

/** Returns distinct ports that nothing listens on. */
async function freePorts(count: 3): Promise<[number, number, number]> {
  const servers = Array.from({ length: count }, () => createServer())
  await Promise.all(servers.map(listen))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports as [number, number, number]
}

async function untilListening(child: ChildProcess, port: number): Promise<void> {
  const end = performance.now() + START_MS
  for (;;) {
    const socket = createConnection({ host: '127.0.0.1', port })
    const isUp = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    })
    socket.destroy()
    if (isUp) return
    if (child.exitCode !== null || child.pid === undefined || performance.now() > end)
      throw new Error(`${child.spawnfile} did not start`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Stops a process started by this file: SIGTERM first, then SIGKILL. */
async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 3000)
  await ended
  clearTimeout(timer)
}
