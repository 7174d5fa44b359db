import fs from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { runInProcess, startProgram } from '../../../../test/support/program.ts'
import { Handsets } from './handsets.ts'
import { ReceivedText } from './message-log.ts'
import { type Smsc, type SmscSettings, startSmsc } from './smsc.ts'
import { StateFile, StateFileInUse } from './state-file.ts'

/** The `smpp` package as a client; it has no types. */
interface PeerPdu {
  readonly command_status: number
  readonly message_id: string
  readonly message_state: number
  readonly receipted_message_id?: string
  readonly user_message_reference?: number
  readonly source_addr: string
  readonly short_message: { readonly message: string }
  response(fields?: object): unknown
}
interface PeerSession {
  on(event: string, listener: (pdu: PeerPdu) => void): void
  send(pdu: unknown): void
  destroy(): void
  bind_transceiver(fields: object, callback: (pdu: PeerPdu) => void): void
  submit_sm(fields: object, callback: (pdu: PeerPdu) => void): void
}
const smpp = createRequire(import.meta.url)('smpp') as { connect(options: object): PeerSession }

let folder: string
let stateFile: string
const opened: (() => unknown)[] = []
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'smsc-state-'))
  stateFile = path.join(folder, 'smsc.ndjson')
})
afterEach(async () => {
  vi.restoreAllMocks()
  for (const close of opened.splice(0).reverse()) await close()
  fs.rmSync(folder, { recursive: true })
})

async function start(settings: SmscSettings = {}): Promise<Smsc> {
  const smsc = await startSmsc({ stateFile, ...settings })
  opened.push(() => smsc.stop())
  return smsc
}

/** Starts from a copy of the file, which is what a process killed now leaves, without its lock. */
async function restart(settings: SmscSettings = {}): Promise<Smsc> {
  const copy = path.join(folder, `${opened.length}.ndjson`)
  fs.copyFileSync(stateFile, copy)
  stateFile = copy
  return start(settings)
}

async function connect(port: number, doesAcknowledge = true, systemId = 'a') {
  const session = smpp.connect({ host: '127.0.0.1', port })
  session.on('error', () => {})
  opened.push(() => session.destroy())
  const received: PeerPdu[] = []
  session.on('deliver_sm', (pdu) => {
    received.push(pdu)
    if (doesAcknowledge) session.send(pdu.response({ command_status: 0 }))
  })
  await new Promise((resolve) => session.bind_transceiver({ system_id: systemId, password: 'b' }, resolve))
  const submit = (fields: object = {}) =>
    new Promise<PeerPdu>((resolve) => session.submit_sm({ ...SUBMIT, ...fields }, resolve))
  return { session, received, submit }
}

const NUMBER = '33639980001'
const SUBMIT = {
  source_addr: 'ALERTE63',
  destination_addr: NUMBER,
  registered_delivery: 1,
  short_message: 'Faux billets',
  user_message_reference: 7,
}

const lines = (file = stateFile) => fs.readFileSync(file, 'utf8').split('\n').filter(Boolean)
const textsOn = (smsc: Smsc, number = NUMBER) => smsc.handset(number)?.messages.map(({ text }) => text)

describe('the state after the end of the process', () => {
  test('writes an accepted message to the file before its response, readable by its owner only', async () => {
    const { submit } = await connect((await start()).port)
    for (let i = 0; i < 3; i++) {
      const { message_id } = await submit({ user_message_reference: i })
      const accepted = lines()
        .map((line) => JSON.parse(line))
        .filter(({ type }) => type === 'accepted')
      expect(accepted).toHaveLength(i + 1)
      expect(accepted.at(-1)).toMatchObject({
        id: Number.parseInt(message_id, 16),
        account: 'a',
        from: 'ALERTE63',
        to: NUMBER,
        reference: i,
        text: 'Faux billets',
        receipt: true,
      })
    }
    expect(fs.statSync(stateFile).mode & 0o777).toBe(0o600)
  })

  test('sends a receipt not yet due to the next receiver of the same account', async () => {
    const first = await start({ receiptDelayMs: 60_000 })
    const { message_id } = await (await connect(first.port)).submit()
    const second = await restart()
    const other = await connect(second.port, true, 'other')
    const { received } = await connect(second.port)
    await expect.poll(() => received.length).toBe(1)
    expect(received[0]).toMatchObject({
      receipted_message_id: message_id,
      message_state: 2,
      user_message_reference: 7,
      source_addr: NUMBER,
    })
    expect(other.received).toEqual([])
  })

  test('repeats an unacknowledged receipt after each restart, and an acknowledged one never', async () => {
    const { port } = await start()
    const deaf = await connect(port, false)
    await deaf.submit()
    await expect.poll(() => deaf.received.length).toBe(1)
    const deafAgain = await connect((await restart()).port, false)
    await expect.poll(() => deafAgain.received.length).toBe(1)
    const second = await restart()
    const { received } = await connect(second.port)
    await expect.poll(() => received.length).toBe(1)
    await expect.poll(() => lines().at(-1)).toContain('acknowledged')
    const third = await restart()
    const late = await connect(third.port)
    await late.submit({ user_message_reference: 8 })
    await expect.poll(() => late.received.map((pdu) => pdu.user_message_reference)).toEqual([8])
    expect(third.state()).toMatchObject({ receiptsWaiting: 0 })
  })

  test('restores messages and switches of the phones, and continues the ids whatever the seed', async () => {
    const first = await start({ seed: 3 })
    const client = await connect(first.port)
    const { message_id } = await client.submit()
    first.setHandset('33639980002', { state: 'memoryFull', delayMs: 30 })
    const second = await restart({ seed: 2 })
    expect(second.handsets()).toEqual(first.handsets())
    expect(textsOn(second)).toEqual(['Faux billets'])
    expect(second.handset('33639980002')).toMatchObject({ state: 'memoryFull', delayMs: 30 })
    const next = await (await connect(second.port)).submit()
    expect(Number.parseInt(next.message_id, 16)).toBe(Number.parseInt(message_id, 16) + 1)
    // Also from a compacted file.
    const third = await restart()
    expect(third.handsets()).toEqual(second.handsets())
  })

  test('keeps a message for a phone that is off, or expires it meanwhile', async () => {
    const first = await start()
    const client = await connect(first.port)
    for (const number of [NUMBER, '33639980002']) first.setHandset(number, { state: 'off' })
    await client.submit()
    await client.submit({ destination_addr: '33639980002', validity_period: '000000000001000R' })
    await client.submit({ destination_addr: '33639980003', registered_delivery: 0 })
    const later = { now: () => Date.now() + 2000 }
    const copy = path.join(folder, 'later.ndjson')
    fs.copyFileSync(stateFile, copy)
    const second = await startSmsc({ stateFile: copy }, later)
    opened.push(() => second.stop())
    expect(second.handset(NUMBER)).toMatchObject({ state: 'off', waiting: 1, messages: [] })
    expect(second.handset('33639980002')).toMatchObject({ waiting: 0, messages: [] })
    const { received } = await connect(second.port)
    await expect.poll(() => received.length).toBe(1)
    expect(received[0]).toMatchObject({ source_addr: '33639980002', message_state: 3 })
    second.setHandset(NUMBER, { state: 'on' })
    expect(textsOn(second)).toEqual(['Faux billets'])
    await expect.poll(() => received.length).toBe(2)
    expect(received[1]).toMatchObject({ source_addr: NUMBER, message_state: 2 })
  })

  test('keeps the first part of a message until the second', async () => {
    const part = (number: number, text: string) => ({
      esm_class: 0x40,
      short_message: { udh: Buffer.from([5, 0, 3, 9, 2, number]), message: text },
    })
    await (await connect((await start()).port)).submit(part(2, 'cinquante euros'))
    // Twice: from the events, then from the compacted state.
    await restart()
    const third = await restart()
    expect(textsOn(third)).toEqual([])
    await (await connect(third.port)).submit(part(1, 'Faux billets de '))
    expect(textsOn(third)).toEqual(['Faux billets de cinquante euros'])
    expect(textsOn(await restart())).toEqual(['Faux billets de cinquante euros'])
  })

  test('repeats an unacknowledged message from a phone', async () => {
    const first = await start()
    const deaf = await connect(first.port, false)
    await deaf.submit({ registered_delivery: 0 })
    expect(first.reply(NUMBER, 'Merci, reçu')).toBe(true)
    await expect.poll(() => lines().at(-1)).toContain('reply')
    const { received } = await connect((await restart()).port)
    await expect.poll(() => received.length).toBe(1)
    expect(received[0]).toMatchObject({ source_addr: NUMBER, short_message: { message: 'Merci, reçu' } })
    await expect.poll(() => lines().at(-1)).toContain('acknowledged')
    expect((await restart()).state().receiptsWaiting).toBe(0)
  })

  test('keeps everything after a clean stop', async () => {
    const first = await startSmsc({ stateFile, receiptDelayMs: 60_000 })
    await (await connect(first.port)).submit()
    await first.stop()
    const second = await start()
    const { received } = await connect(second.port)
    await expect.poll(() => received.length).toBe(1)
    expect(textsOn(second)).toEqual(['Faux billets'])
  })

  test('releases the file when the process is killed', async () => {
    const args = [
      'smsc',
      '--port',
      '0',
      '--http-port',
      '0',
      '--receipt-delay',
      '60000',
      '--state-file',
      stateFile,
    ]
    const program = startProgram(args)
    opened.push(() => program.process.kill('SIGKILL'))
    const [, port] = await program.says(/"smpp":(\d+)/)
    await (await connect(Number(port))).submit()
    const refused = await runInProcess(args)
    expect(refused).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`${stateFile} is used by another simulator`),
    })
    program.process.kill('SIGKILL')
    await program.ended
    const second = await start()
    expect(textsOn(second)).toEqual(['Faux billets'])
    const { received } = await connect(second.port)
    await expect.poll(() => received.length).toBe(1)
  })
})

describe('the file', () => {
  test('may end with an incomplete line', async () => {
    const { submit } = await connect((await start()).port)
    await submit()
    await submit({ short_message: 'Clos : merci à tous' })
    const whole = fs.readFileSync(stateFile)
    const header = whole.indexOf('\n') + 1
    const copy = path.join(folder, 'torn.ndjson')
    for (let end = header; end <= whole.length; end += 13) {
      fs.writeFileSync(copy, whole.subarray(0, end))
      const handsets = new Handsets()
      const store = new StateFile(copy, handsets)
      const before = whole.toString('utf8', 0, end).split('\n').slice(0, -1)
      const ids = before.filter((line) => line.includes('"accepted"')).map((line) => JSON.parse(line).id)
      if (ids.length > 0) expect(store.nextId).toBe(ids.at(-1) + 1)
      const ended = before.filter((line) => line.includes('"ended"')).length
      expect(handsets.find(NUMBER)?.messages.length ?? 0).toBe(ended)
      store.close()
      // Lines written after the incomplete one are valid too.
      expect(lines(copy).every((line) => JSON.parse(line))).toBe(true)
    }
  })

  test('is compacted at start to 200 messages per phone, each text once, and pending items', async () => {
    const first = await start({ logCapacity: 0 })
    const client = await connect(first.port)
    await Promise.all(Array.from({ length: 450 }, (_, i) => client.submit({ user_message_reference: i })))
    await expect.poll(() => client.received.length).toBe(450)
    await expect.poll(() => first.state().receiptsUnacknowledged).toBe(0)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(lines().length).toBeGreaterThan(1300)
    const second = await restart()
    expect(second.handset(NUMBER)?.messages).toHaveLength(200)
    expect(second.handsets()).toEqual(first.handsets())
    expect(lines()).toHaveLength(2)
    expect(fs.readFileSync(stateFile, 'utf8').split('Faux billets')).toHaveLength(2)
    expect(fs.statSync(stateFile).mode & 0o777).toBe(0o600)
    expect(fs.readdirSync(folder).filter((name) => name.endsWith('.next'))).toEqual([])
  })

  test('is compacted as it grows, without loss', async () => {
    const handsets = new Handsets()
    const store = new StateFile(stateFile, handsets, 10_000)
    const delivery = (id: number) => ({
      id,
      systemId: 'a',
      source: 'ALERTE63',
      destination: NUMBER,
      reference: -1,
      part: undefined,
      text: new ReceivedText(Buffer.from('abc'), 0, 0),
      wantsReceipt: true,
      submittedAtMs: 0,
      validUntilMs: 1,
      messageState: 0,
      errorCode: 0,
      dueAt: 0,
      timer: undefined,
    })
    let longest = 0
    for (let id = 1; id <= 1000; id++) {
      const one = delivery(id)
      store.accepted(one)
      if (id % 100 !== 0) store.acknowledged(one)
      store.flush()
      longest = Math.max(longest, fs.statSync(stateFile).size)
    }
    expect(longest).toBeLessThan(11_000)
    store.close()
    const again = new StateFile(stateFile, new Handsets())
    expect(again.pending().deliveries.map(({ id }) => id)).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => n * 100),
    )
    expect(again.nextId).toBe(1001)
    again.close()
  })

  test('is not replaced when it is another file or version', async () => {
    for (const text of ['{"type":"smsc","version":2}\n', 'des notes\n', 'sans fin de ligne', '[1]\n']) {
      fs.writeFileSync(stateFile, text)
      await expect(startSmsc({ stateFile })).rejects.toThrow('not a state file')
      expect(fs.readFileSync(stateFile, 'utf8')).toBe(text)
    }
  })

  test('is locked by one process, and released when the port is in use', async () => {
    const first = await start()
    await expect(startSmsc({ stateFile })).rejects.toThrow(StateFileInUse)
    await expect(
      startSmsc({ stateFile: path.join(folder, 'other.ndjson'), port: first.port }),
    ).rejects.toThrow('EADDRINUSE')
    await start({ stateFile: path.join(folder, 'other.ndjson') })
  })

  test('answers nothing that cannot be written, and keeps what was accepted before', async () => {
    const smsc = await start()
    const { session, submit } = await connect(smsc.port)
    await submit()
    // Ensures that the submission is the next thing that it reads.
    await expect.poll(() => lines().at(-1)).toContain('acknowledged')
    const closed = new Promise<void>((resolve) => session.on('close', () => resolve()))
    const write = vi.spyOn(fs, 'writeSync').mockImplementation(() => {
      throw Object.assign(new Error('no space'), { code: 'ENOSPC' })
    })
    let isAnswered = false
    void submit({ user_message_reference: 8 }).then(() => {
      isAnswered = true
    })
    await closed
    expect(isAnswered).toBe(false)
    write.mockRestore()
    const { received } = await connect(smsc.port)
    await expect.poll(() => received.some((pdu) => pdu.user_message_reference === 8)).toBe(true)
    expect(textsOn(await restart())).toEqual(['Faux billets', 'Faux billets'])
  })

  test('is not created without the setting', async () => {
    const smsc = await startSmsc()
    opened.push(() => smsc.stop())
    await (await connect(smsc.port)).submit()
    expect(fs.readdirSync(folder)).toEqual([])
  })
})
