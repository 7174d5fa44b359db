import fs from 'node:fs'
import { createRequire } from 'node:module'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { SmscEvent } from './events.ts'
import { NO_FAULTS } from './faults.ts'
import { startSmscHttp } from './http.ts'
import { type SmscSettings, startSmsc } from './smsc.ts'

/** The `smpp` package as a client, an independent implementation of the standard; it has no types. */
interface PeerPdu {
  readonly command_status: number
  readonly message_id: string
  readonly message_state: number
  readonly short_message: { readonly message: string }
  readonly receipted_message_id?: string
  readonly user_message_reference?: number
  readonly source_addr: string
  readonly destination_addr: string
  response(fields?: object): unknown
}
type Call = (fields: object, callback: (pdu: PeerPdu) => void) => void
interface PeerSession {
  on(event: string, listener: (pdu: PeerPdu) => void): void
  send(pdu: unknown): void
  destroy(): void
  readonly bind_transceiver: Call
  readonly submit_sm: Call
  readonly query_sm: Call
  readonly cancel_sm: Call
  readonly enquire_link: Call
}
const smpp = createRequire(import.meta.url)('smpp') as { connect(options: object): PeerSession }

const opened: (() => unknown)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

async function start(settings: SmscSettings = {}) {
  const smsc = await startSmsc(settings)
  opened.push(() => smsc.stop())
  return smsc
}

async function connect(
  port: number,
  fields = { system_id: 'a', password: 'b' },
  statusOf: (deliveries: number) => number | undefined = () => 0,
) {
  const session = smpp.connect({ host: '127.0.0.1', port })
  session.on('error', () => {})
  opened.push(() => session.destroy())
  const deliveries: PeerPdu[] = []
  session.on('deliver_sm', (pdu) => {
    const status = statusOf(deliveries.push(pdu))
    if (status !== undefined) session.send(pdu.response({ command_status: status }))
  })
  const call = (
    name: 'bind_transceiver' | 'submit_sm' | 'query_sm' | 'cancel_sm' | 'enquire_link',
    body = {},
  ) => new Promise<PeerPdu>((resolve) => session[name](body, resolve))
  const bound = await call('bind_transceiver', fields)
  return { session, deliveries, call, bound }
}

const SUBMIT = {
  source_addr: 'ALERTE63',
  destination_addr: '33639980001',
  registered_delivery: 1,
  short_message: 'Faux billets',
  user_message_reference: 7,
}

describe('over SMPP, to the client of the smpp package', () => {
  test('accepts a message, stores it on its phone and in the log, and sends its receipt', async () => {
    const smsc = await start()
    const { call, deliveries } = await connect(smsc.port)
    const answer = await call('submit_sm', SUBMIT)
    expect(answer).toMatchObject({ command_status: 0, message_id: '000F4241' })
    await expect.poll(() => deliveries.length).toBe(1)
    expect(deliveries[0]).toMatchObject({
      receipted_message_id: '000F4241',
      message_state: 2,
      user_message_reference: 7,
      source_addr: '33639980001',
      destination_addr: 'ALERTE63',
    })
    expect(deliveries[0]?.short_message.message).toMatch(
      /^id:000F4241 sub:001 .* stat:DELIVRD err:000 text:$/,
    )
    expect(smsc.handset('+33639980001')?.messages).toMatchObject([
      { id: '000F4241', from: 'ALERTE63', text: 'Faux billets' },
    ])
    expect([...smsc.log()]).toMatchObject([
      { no: 0, messageId: '000F4241', destination: '33639980001', reference: 7, text: 'Faux billets' },
    ])
    expect(await call('enquire_link')).toMatchObject({ command_status: 0 })
    expect(await call('query_sm', { message_id: '000F4241' })).toMatchObject({ message_state: 2 })
    expect(await call('query_sm', { message_id: 'FFFF' })).toMatchObject({ command_status: 0x67 })
  })

  test('refuses invalid addresses and accepts a number with its plus sign', async () => {
    const smsc = await start()
    const { call } = await connect(smsc.port)
    for (const destination_addr of ['', 'ALERTE63', '3'.repeat(21), '33 6']) {
      expect(await call('submit_sm', { ...SUBMIT, destination_addr })).toMatchObject({ command_status: 0x0b })
    }
    expect(await call('submit_sm', { ...SUBMIT, source_addr: 'a'.repeat(21) })).toMatchObject({
      command_status: 0x0a,
    })
    expect(await call('submit_sm', { ...SUBMIT, destination_addr: '+33639980001' })).toMatchObject({
      command_status: 0,
    })
    expect(smsc.handset('33639980001')?.messages).toHaveLength(1)
    expect(smsc.state()).toMatchObject({ accepted: 1, refused: 5 })
  })

  test('requires the right password', async () => {
    const smsc = await start({ account: { systemId: 'a', password: 'right' } })
    expect((await connect(smsc.port)).bound.command_status).toBe(0x0e)
    expect((await connect(smsc.port, { system_id: 'a', password: 'right' })).bound.command_status).toBe(0)
  })

  test('holds a message for a phone that is off until it is on or the message expires', async () => {
    const smsc = await start()
    const { call, deliveries } = await connect(smsc.port)
    smsc.setHandset('33639980001', { state: 'off' })
    smsc.setHandset('33639980002', { state: 'off' })
    await call('submit_sm', SUBMIT)
    await call('submit_sm', {
      ...SUBMIT,
      destination_addr: '33639980002',
      validity_period: '000000000001000R',
    })
    expect(smsc.handset('33639980001')).toMatchObject({ waiting: 1, messages: [] })
    expect(await call('query_sm', { message_id: '000F4241' })).toMatchObject({ message_state: 1 })
    smsc.setHandset('33639980001', { state: 'on' })
    await expect.poll(() => deliveries.length).toBe(1)
    expect(smsc.handset('33639980001')).toMatchObject({ waiting: 0, messages: [{ text: 'Faux billets' }] })
    await expect.poll(() => deliveries.length).toBe(2)
    expect(deliveries[1]).toMatchObject({ source_addr: '33639980002', message_state: 3 })
  })

  test('reports a full phone and cancels a message', async () => {
    const smsc = await start()
    const { call, deliveries } = await connect(smsc.port)
    smsc.setHandset('33639980001', { state: 'memoryFull' })
    await call('submit_sm', SUBMIT)
    await expect.poll(() => deliveries.length).toBe(1)
    expect(deliveries[0]).toMatchObject({ message_state: 5 })
    expect(deliveries[0]?.short_message.message).toContain('stat:UNDELIV err:032')
    smsc.setHandset('33639980001', { state: 'off' })
    const { message_id } = await call('submit_sm', SUBMIT)
    const cancel = { message_id, destination_addr: '33639980001' }
    expect(await call('cancel_sm', cancel)).toMatchObject({ command_status: 0 })
    expect(await call('cancel_sm', cancel)).toMatchObject({ command_status: 0x11 })
    await expect.poll(() => deliveries.length).toBe(2)
    expect(deliveries[1]).toMatchObject({ message_state: 4 })
  })

  test('keeps the receipts of a disconnected account', async () => {
    const smsc = await start({ receiptDelayMs: 30 })
    const first = await connect(smsc.port)
    await first.call('submit_sm', SUBMIT)
    first.session.destroy()
    await expect.poll(() => smsc.state().sessions.length).toBe(0)
    await new Promise((resolve) => setTimeout(resolve, 40))
    expect(smsc.state().receiptsWaiting).toBe(1)
    const second = await connect(smsc.port)
    await expect.poll(() => second.deliveries.length).toBe(1)
  })

  test('keeps a receipt until it is acknowledged; repeats it on a temporary error and drops it on a permanent one', async () => {
    const smsc = await start({ receiptRetryMs: 10 })
    const account = { system_id: 'a', password: 'b' }
    const first = await connect(smsc.port, account, (no) => (no === 1 ? 0x64 : no === 2 ? 0x65 : undefined))
    await first.call('submit_sm', SUBMIT)
    await expect.poll(() => first.deliveries.length).toBe(2)
    await expect.poll(() => smsc.state().receiptsUnacknowledged).toBe(0)
    expect(smsc.state().receiptsWaiting).toBe(0)
    // Two without an acknowledgement: never sent to another account, and sent in order to the next session of
    // theirs.
    await first.call('submit_sm', { ...SUBMIT, user_message_reference: 8 })
    await first.call('submit_sm', { ...SUBMIT, user_message_reference: 9 })
    await expect.poll(() => first.deliveries.length).toBe(4)
    expect(smsc.state().receiptsUnacknowledged).toBe(2)
    first.session.destroy()
    await expect.poll(() => smsc.state().receiptsWaiting).toBe(2)
    const other = await connect(smsc.port, { system_id: 'other', password: 'b' })
    const second = await connect(smsc.port, account)
    await expect.poll(() => second.deliveries.map((one) => one.user_message_reference)).toEqual([8, 9])
    await expect.poll(() => smsc.state().receiptsUnacknowledged).toBe(0)
    expect(other.deliveries).toEqual([])
  })

  test('sends no more unacknowledged receipts than its window', async () => {
    const smsc = await start({ receiptWindow: 3 })
    const slow = await connect(smsc.port, { system_id: 'a', password: 'b' }, () => undefined)
    for (let i = 0; i < 10; i++) await slow.call('submit_sm', SUBMIT)
    await expect.poll(() => slow.deliveries.length).toBe(3)
    // A link test is answered after everything that was sent before.
    await slow.call('enquire_link')
    expect(slow.deliveries).toHaveLength(3)
    expect(smsc.state()).toMatchObject({ receiptsUnacknowledged: 3, receiptsWaiting: 7 })
    slow.session.destroy()
    const quick = await connect(smsc.port)
    await expect.poll(() => quick.deliveries.length).toBe(10)
    expect(new Set(quick.deliveries.map((one) => one.receipted_message_id)).size).toBe(10)
  })

  test('delivers a message accepted while the link was cut, and sends its receipt later', async () => {
    const smsc = await start({ faults: { cutEvery: 1 } })
    const first = await connect(smsc.port)
    first.session.submit_sm(SUBMIT, () => {})
    await expect.poll(() => smsc.state().accepted).toBe(1)
    expect(smsc.handset('33639980001')?.messages).toHaveLength(1)
    const second = await connect(smsc.port)
    await expect.poll(() => second.deliveries.length).toBe(1)
  })

  test('refuses submissions before a bind and survives octets that are not a PDU', async () => {
    const smsc = await start()
    for (const hex of ['00000010000000040000000000000005', '000000ff', 'ffffffffffffffff']) {
      const socket = net.connect(smsc.port, '127.0.0.1')
      opened.push(() => void socket.destroy())
      const answer = new Promise<string>((resolve) => {
        socket.once('data', (chunk) => resolve(chunk.toString('hex')))
        socket.once('close', () => resolve('closed'))
      })
      socket.write(Buffer.from(hex, 'hex'))
      if (hex.startsWith('00000010')) expect(await answer).toBe('00000010800000040000000400000005')
      if (hex.startsWith('ff')) expect(await answer).toBe('00000010800000000000000200000000')
    }
    expect((await connect(smsc.port)).bound.command_status).toBe(0)
  })

  test('documents every fault in the guide', () => {
    const guide = fs.readFileSync(new URL('../../../../docs/guides/simulator.md', import.meta.url), 'utf8')
    for (const name of Object.keys(NO_FAULTS)) expect(guide).toContain(`| \`${name}`)
  })

  test('repeats the same faults for the same seed', async () => {
    const runs: number[][] = []
    for (let i = 0; i < 2; i++) {
      const smsc = await start({ seed: 42, faults: { dropResponses: 0.5 } })
      const { session, call } = await connect(smsc.port)
      const answered: number[] = []
      for (let no = 0; no < 30; no++) session.submit_sm(SUBMIT, () => answered.push(no))
      // A link test is answered after everything that was sent before.
      await call('enquire_link')
      runs.push(answered)
    }
    expect(runs[0]).toEqual(runs[1])
    expect(runs[0]?.length).toBeLessThan(30)
  })

  test('writes each accepted message to the log file before its response', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'smsc-'))
    opened.push(() => fs.rmSync(folder, { recursive: true }))
    const logFile = path.join(folder, 'log.ndjson')
    const smsc = await start({ logFile })
    const { call } = await connect(smsc.port)
    for (let i = 0; i < 3; i++) {
      const { message_id } = await call('submit_sm', SUBMIT)
      const lines = fs.readFileSync(logFile, 'utf8').trimEnd().split('\n')
      expect(JSON.parse(lines.at(-1) as string)).toMatchObject({
        no: i,
        messageId: message_id,
        destination: '33639980001',
        reference: 7,
        text: 'Faux billets',
      })
    }
  })
})

describe('over HTTP', () => {
  async function startBoth() {
    const smsc = await start()
    const control = await startSmscHttp(smsc)
    opened.push(() => control.stop())
    const base = `http://127.0.0.1:${control.port}`
    async function ask(method: string, where: string, body?: unknown) {
      const response = await fetch(base + where, {
        method,
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      })
      const text = await response.text()
      return { status: response.status, text, json: () => JSON.parse(text) as unknown }
    }
    return { smsc, base, ask }
  }

  test('serves phones, log, faults and state', async () => {
    const { smsc, ask } = await startBoth()
    const { call, deliveries } = await connect(smsc.port)
    await call('submit_sm', SUBMIT)
    await call('submit_sm', { ...SUBMIT, destination_addr: '33639980002' })
    expect((await ask('GET', '/handsets')).json()).toMatchObject([
      { number: '33639980001', state: 'on', messages: [{ text: 'Faux billets' }] },
      { number: '33639980002' },
    ])
    expect((await ask('GET', '/handsets/+33639980001')).json()).toMatchObject({ number: '33639980001' })
    expect((await ask('GET', '/handsets/33639989999')).status).toBe(404)
    expect((await ask('POST', '/handsets/33639980001', { state: 'off' })).json()).toMatchObject({
      state: 'off',
    })
    expect(
      (await ask('GET', '/log?since=1')).text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toMatchObject([{ no: 1, destination: '33639980002' }])
    expect((await ask('POST', '/faults', { queueFull: true })).json()).toMatchObject({ queueFull: true })
    expect(await call('submit_sm', SUBMIT)).toMatchObject({ command_status: 0x14 })
    expect((await ask('GET', '/state')).json()).toMatchObject({ accepted: 2, refused: 1 })
    expect((await ask('DELETE', '/log')).status).toBe(200)
    expect((await ask('GET', '/log')).text).toBe('')
    expect((await ask('POST', '/handsets/33639980002/reply', { text: 'Merci' })).status).toBe(200)
    // Receipts may still arrive too.
    const reply = () => deliveries.find(({ short_message }) => short_message.message === 'Merci')
    await expect.poll(reply).toMatchObject({ source_addr: '33639980002', destination_addr: 'ALERTE63' })
  })

  test.each([
    ['GET', '/nowhere', undefined, 404, 'notFound'],
    ['GET', '/handsets/abc', undefined, 400, 'invalidNumber'],
    ['GET', '/handsets/%ff', undefined, 400, 'invalidNumber'],
    ['GET', '/log?since=-1', undefined, 400, 'invalidSince'],
    ['POST', '/handsets/33639980001', { state: 'lost' }, 400, 'invalidState'],
    ['POST', '/handsets/33639980001', '{', 400, 'invalidBody'],
    ['POST', '/handsets/33639980001', 'x'.repeat(70_000), 413, 'bodyTooLarge'],
    ['POST', '/handsets/33639980001/reply', { text: '' }, 400, 'invalidText'],
    ['POST', '/handsets/33639980001/reply', { text: 'a' }, 409, 'noReceiver'],
    ['POST', '/faults', { latencyMs: 'a' }, 400, 'invalidFaults'],
    ['POST', '/faults', { toString: 1 }, 400, 'invalidFaults'],
  ])('%s %s %j is refused', async (method, where, body, status, code) => {
    const { ask } = await startBoth()
    const answer = await ask(method, where, body)
    expect(answer.status).toBe(status)
    expect(answer.json()).toMatchObject({ code, message: expect.any(String) })
  })

  test('streams events as they happen', async () => {
    const { smsc, base } = await startBoth()
    const events: SmscEvent[] = []
    const controller = new AbortController()
    const response = await fetch(`${base}/events`, { signal: controller.signal })
    const reading = (async () => {
      let text = ''
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        text += Buffer.from(chunk).toString('utf8')
        const blocks = text.split('\n\n')
        text = blocks.pop() as string
        for (const block of blocks) {
          const data = /^data: (.*)$/m.exec(block)?.[1]
          if (data !== undefined) events.push(JSON.parse(data) as SmscEvent)
        }
      }
    })().catch(() => {})
    const { call } = await connect(smsc.port)
    await call('submit_sm', SUBMIT)
    smsc.setHandset('33639980001', { state: 'off' })
    await expect.poll(() => events.map((event) => event.type)).toEqual(['session', 'message', 'handset'])
    expect(events[1]).toMatchObject({ number: '33639980001', text: 'Faux billets', from: 'ALERTE63' })
    controller.abort()
    await reading
  })
})
