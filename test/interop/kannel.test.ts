import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startSmsc } from '../../src/gateways/sms/simulator/smsc.ts'
import { findInstalled } from '../support/installed.ts'
import { closeAfterTest, waitUntil } from '../support/smpp.ts'

const bearerbox = findInstalled('bearerbox')
const smsbox = findInstalled('smsbox')
const isInstalled = bearerbox !== undefined && smsbox !== undefined
const skipped = isInstalled ? '' : ' (skipped: Kannel is not installed; Debian: kannel)'

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = net.createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  return Promise.all(
    servers.map(async (server) => {
      const { port } = server.address() as net.AddressInfo
      server.close()
      await once(server, 'close')
      return port
    }),
  )
}

/** Calls of Kannel to us, receipts and messages from phones, by path. */
async function startCallbacks() {
  const called: URL[] = []
  const server = http.createServer((request, response) => {
    called.push(new URL(request.url ?? '/', 'http://localhost'))
    response.end('ok')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closeAfterTest(() => {
    server.closeAllConnections()
    server.close()
  })
  return { called, port: (server.address() as net.AddressInfo).port }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 3000)
  await exited
  clearTimeout(timer)
}

/** Starts Kannel's two boxes on ports of their own, bound to `smscPort`; returns the URL where it accepts messages. */
async function startKannel(smscPort: number, callbackPort: number): Promise<URL> {
  const folder = mkdtempSync(join(tmpdir(), 'kannel-'))
  closeAfterTest(() => rmSync(folder, { recursive: true, force: true }))
  const [admin, box, sendsms] = (await freePorts(3)) as [number, number, number]
  const file = join(folder, 'kannel.conf')
  writeFileSync(
    file,
    `group = core
admin-port = ${admin}
admin-password = ${'x'.repeat(8)}
admin-interface = 127.0.0.1
smsbox-port = ${box}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
log-level = 1

group = smsc
smsc = smpp
smsc-id = simulator
host = 127.0.0.1
port = ${smscPort}
transceiver-mode = true
smsc-username = kannel
smsc-password = secret
system-type = ""
enquire-link-interval = 1
reconnect-delay = 1
max-pending-submits = 10

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = ${sendsms}
sendsms-interface = 127.0.0.1
log-level = 1

group = sendsms-user
username = user
password = word
max-messages = 10
concatenation = true

group = sms-service
keyword = default
catch-all = true
max-messages = 0
get-url = "http://127.0.0.1:${callbackPort}/message?from=%p&to=%P&text=%b"
`,
  )
  const start = (program: string) => {
    const child = spawn(program, ['-v', '4', file], { cwd: folder, stdio: 'ignore' })
    closeAfterTest(() => stop(child))
    return child
  }
  const canConnect = async (port: number) => {
    const socket = net.connect(port, '127.0.0.1')
    const isOpen = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false)
    socket.destroy()
    return isOpen
  }
  start(bearerbox as string)
  await expect.poll(() => canConnect(box)).toBe(true)
  start(smsbox as string)
  await expect.poll(() => canConnect(sendsms)).toBe(true)
  return new URL(`http://127.0.0.1:${sendsms}/cgi-bin/sendsms?username=user&password=word`)
}

test.skipIf(!isInstalled)(
  `Kannel as a client of our simulator: messages, receipts, replies${skipped}`,
  async () => {
    const smsc = await startSmsc({ account: { systemId: 'kannel', password: 'secret' } })
    closeAfterTest(() => smsc.stop())
    const { called, port } = await startCallbacks()
    const sendsms = await startKannel(smsc.port, port)
    await waitUntil(() => smsc.state().sessions.length === 1, 5000)

    async function send(to: string, text: string, coding: 0 | 2): Promise<void> {
      const url = new URL(sendsms)
      const dlr = `http://127.0.0.1:${port}/receipt?to=${to}&type=%d`
      const wanted = { from: 'ALERTE63', to, text, coding, charset: 'UTF-8', 'dlr-mask': 31, 'dlr-url': dlr }
      for (const [name, value] of Object.entries(wanted)) url.searchParams.set(name, String(value))
      expect((await fetch(url)).status).toBe(202)
    }
    const receipts = (to: string) =>
      called
        .filter(({ pathname, searchParams }) => pathname === '/receipt' && searchParams.get('to') === to)
        .map(({ searchParams }) => Number(searchParams.get('type')))

    // Short, long in both alphabets, and one to a phone with full memory. Kannel reports 8 for accepted, 1 delivered, 2
    // failed.
    const long = `Vol par ruse à la boulangerie. ${'Ne pas intervenir. '.repeat(10)}`
    const wide = `Alerte 🚨 ${'Prudence. '.repeat(15)}`
    smsc.setHandset('33639980004', { state: 'memoryFull' })
    await send('33639980001', 'Faux billets : 600 €', 0)
    await send('33639980002', long, 0)
    await send('33639980003', wide, 2)
    await send('33639980004', 'Faux billets', 0)
    await waitUntil(() => receipts('33639980004').includes(2), 5000)
    await waitUntil(() => [1, 2, 3].every((no) => receipts(`3363998000${no}`).includes(1)), 5000)
    expect(receipts('33639980001')).toEqual([8, 1])
    for (const [number, text] of [
      ['33639980001', 'Faux billets : 600 €'],
      ['33639980002', long],
      ['33639980003', wide],
    ] as const) {
      expect(smsc.handset(number)?.messages.map((one) => [one.from, one.text])).toEqual([['ALERTE63', text]])
    }
    await waitUntil(() => smsc.state().receiptsUnacknowledged === 0)
    expect(smsc.state().refused).toBe(0)

    // Many messages at once.
    await Promise.all(Array.from({ length: 50 }, (_, i) => send(`336399801${10 + i}`, 'Alerte', 0)))
    await waitUntil(
      () => Array.from({ length: 50 }).every((_, i) => receipts(`336399801${10 + i}`).includes(1)),
      5000,
    )

    // A reply from a phone.
    smsc.reply('33639980001', 'Merci à vous')
    await waitUntil(() => called.some(({ pathname }) => pathname === '/message'), 5000)
    const reply = called.find(({ pathname }) => pathname === '/message')
    expect(Object.fromEntries(reply?.searchParams ?? [])).toMatchObject({
      from: expect.stringContaining('33639980001'),
      to: 'ALERTE63',
      text: 'Merci à vous',
    })

    // The link is cut: Kannel binds again and continues.
    smsc.cut()
    await waitUntil(() => smsc.state().sessions.length === 0)
    await waitUntil(() => smsc.state().sessions.length === 1, 5000)
    await send('33639980005', 'Fin d’alerte', 2)
    await waitUntil(() => receipts('33639980005').includes(1), 5000)
  },
)
