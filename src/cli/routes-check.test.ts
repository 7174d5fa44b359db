import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { startProvider } from '../../test/support/smpp.ts'
import { readConfig } from '../config.ts'
import { type Smsc, startSmsc } from '../gateways/sms/simulator/smsc.ts'
import { createSmppGateway } from '../gateways/sms/smpp/client.ts'
import { encodePdu } from '../gateways/sms/smpp/pdu/pdu.ts'
import { segmentMessage } from '../message/segment.ts'
import { routesCheckCommand } from './routes-check.ts'

const opened: Smsc[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((smsc) => smsc.stop()))
})

async function smscWith(settings: Parameters<typeof startSmsc>[0] = {}): Promise<Smsc> {
  const smsc = await startSmsc({
    account: { systemId: 'tocsin', password: 'right' },
    answersAs: 'PROVIDER',
    ...settings,
  })
  opened.push(smsc)
  return smsc
}

const toPort = (port: number, more: object = {}) => ({
  kind: 'smpp',
  name: 'a',
  host: '127.0.0.1',
  port,
  tls: false,
  systemId: 'tocsin',
  password: { env: 'PASSWORD' },
  windowPerLink: 10,
  responseSeconds: 2,
  ...more,
})

async function run(gateways: readonly object[], args: string[] = []) {
  let stdout = ''
  const env = {
    TOCSIN_SECRET: 's'.repeat(32),
    TOCSIN_ENCRYPTION: 'off',
    TOCSIN_BASE_URL: 'https://alerte.example.fr',
    TOCSIN_GATEWAYS: 'gateways.json',
    TOCSIN_LANG: 'en',
    PASSWORD: 'right',
    WRONG: 'wrong',
  }
  const io = {
    lang: 'en' as const,
    stdout(text: string) {
      stdout += text
    },
    stderr() {},
    progress() {},
  }
  const code = await routesCheckCommand(args, io, () => readConfig(env, () => JSON.stringify({ gateways })))
  return { code, stdout }
}

test('explains a wrong password and exits with 1 though another gateway works', async () => {
  const smsc = await smscWith()
  const fine = await run([toPort(smsc.port)])
  expect(fine.stdout).toMatch(
    /^a \(smpp, 127\.0\.0\.1:\d+\)\n {2}✓ account accepted in \d+ ms\nOne gateway works, none fails\.\n$/,
  )
  expect(fine.code).toBe(0)

  const { code, stdout } = await run([
    toPort(smsc.port),
    toPort(smsc.port, { name: 'b', password: { env: 'WRONG' } }),
    toPort(1, { name: 'c' }),
  ])
  expect(code).toBe(1)
  expect(stdout).toContain('✗ password refused (ESME_RINVPASWD)\n  → Check the password')
  expect(stdout).toContain('c (smpp, 127.0.0.1:1)\n  ✗ ')
  expect(stdout).toContain('nothing listens on this port')
  expect(stdout).toContain('One gateway works, 2 fail.')
})

test('refuses the simulator in place of a provider', async () => {
  const simulator = await startSmsc({ account: { systemId: 'tocsin', password: 'right' } })
  opened.push(simulator)
  const { code, stdout } = await run([toPort(simulator.port)])
  expect(code).toBe(1)
  expect(stdout).toContain(
    'is the simulator, which reaches no phone: no alert is sent there\n  → The program has its own',
  )
})

test('sends a test message through each gateway and waits for its receipt', async () => {
  const [one, two] = [await smscWith(), await smscWith()]
  const { code, stdout } = await run(
    [toPort(one.port), toPort(two.port, { name: 'b' })],
    ['--send', '+33639980001', '--sender', 'ALERTE63'],
  )
  expect(stdout.match(/✓ test message accepted/g)).toHaveLength(2)
  expect(stdout.match(/✓ test message delivered/g)).toHaveLength(2)
  expect(code).toBe(0)
})

test('accepts a receipt that has the id in another base', async () => {
  const smsc = await smscWith({ receiptIdFormat: 'decimal' })
  const { stdout } = await run([toPort(smsc.port)], ['--send', '+33639980001', '--sender', 'ALERTE63'])
  expect(stdout).toContain('✓ test message delivered')
})

test.each([
  [0x0a, 'sender'],
  [0x0b, 'number'],
])('explains the refusal of a test message (%i)', async (status, word) => {
  const port = await startProvider((socket, pdu) => {
    if (pdu.command === 'submit_sm')
      socket.write(encodePdu({ command: 'submit_sm_resp', sequence: pdu.sequence, status, messageId: '' }))
  }, 'provider')
  const { code, stdout } = await run([toPort(port)], ['--send', '+33639980001', '--sender', 'ALERTE63'])
  expect(stdout).toMatch(new RegExp(`✗ .*${word}.*\n {2}→ \\w.+\n`))
  expect(code).toBe(1)
})

test('explains an unknown host name', async () => {
  const { code, stdout } = await run([toPort(2775, { host: 'smpp.invalid' })])
  expect(stdout).toMatch(/^a \(smpp, smpp\.invalid:2775\)\n {2}✗ .*name.*\n {2}→ \w.+\n/)
  expect(code).toBe(1)
})

test('leaves receipts of real messages to the running program', async () => {
  const smsc = await smscWith({ receiptRetryMs: 50 })
  const settings = { name: 'x', host: '127.0.0.1', port: smsc.port, systemId: 'tocsin', password: 'right' }
  const sends = createSmppGateway(settings)
  await sends.start()
  const ids: string[] = []
  // It stops before the receipt arrives: the simulator keeps the receipt for the account.
  sends.onReceipts(() => {
    throw new Error('not now')
  })
  await sends.submit(
    {
      sender: 'ALERTE63',
      segmentation: segmentMessage('x'),
      validUntil: new Date(Date.now() + 60_000),
      lane: 'alert',
    },
    [{ no: 1, phone: '+33639980001' }],
    (outcome) => {
      if (outcome.kind === 'accepted') ids.push(...outcome.messageIds)
    },
  )
  await sends.stop(100)

  const { stdout } = await run([toPort(smsc.port)], ['--send', '+33639980002', '--sender', 'ALERTE63'])
  expect(stdout).toContain('✓ test message delivered')

  const later = createSmppGateway(settings)
  const received: string[] = []
  later.onReceipts((batch) => void received.push(...batch.map(({ messageId }) => messageId)))
  await later.start()
  await expect.poll(() => received).toEqual(ids)
  await later.stop(100)
})

test('checks the account at an HTTP provider', async () => {
  let status = 401
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(status, { 'content-type': 'application/json' }).end('{"id":"m1"}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const gateway = {
    kind: 'http',
    name: 'own',
    request: { url: `${url}/send`, body: { type: 'form', fields: { to: '{to}', text: '{text}' } } },
    probe: { url: `${url}/account` },
    answer: { id: '/id' },
  }
  const refused = await run([gateway, toPort((await smscWith()).port)])
  expect(refused.code).toBe(1)
  expect(refused.stdout).toMatch(/own \(http, 127\.0\.0\.1:\d+\)\n {2}✗ .+\n {2}→ Check the keys/)
  status = 200
  const fine = await run(
    [gateway, toPort((await smscWith()).port)],
    ['--send', '+33639980001', '--sender', 'A'],
  )
  expect(fine.stdout).toContain('✓ test message accepted (m1)')
  expect(fine.code).toBe(0)
  server.close()
})

test('refuses a demo and a malformed call', async () => {
  let stdout = ''
  const io = {
    lang: 'fr' as const,
    stdout(text: string) {
      stdout += text
    },
    stderr() {},
    progress() {},
  }
  expect(await routesCheckCommand([], io, () => readConfig({}))).toBe(0)
  expect(stdout).toContain('rien à vérifier')
  for (const args of [
    ['--send', '+33639980001'],
    ['--send', '0639980001', '--sender', 'A'],
    ['--sender', 'A'],
    ['more'],
    ['--send', '+33639980001', '--sender', 'too long a name'],
  ]) {
    await expect(routesCheckCommand(args, io, () => readConfig({}))).rejects.toMatchObject({ code: 'usage' })
  }
})
