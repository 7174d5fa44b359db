import net from 'node:net'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { startSmsc } from '../../src/gateways/sms/simulator/smsc.ts'
import { readInbound } from '../../src/gateways/sms/smpp/inbound.ts'
import {
  COMMAND,
  type CommandName,
  createSmScan,
  decodePdu,
  encodePdu,
  MAX_PDU_BYTES,
  type Pdu,
  PduFramer,
  type SmScan,
  scanDataSm,
  scanSm,
  TAG,
  writeHeader,
} from '../../src/gateways/sms/smpp/pdu/pdu.ts'
import { isReceipt, parseReceiptText, readReceipt } from '../../src/gateways/sms/smpp/pdu/receipt.ts'
import { parseTimeSeconds } from '../../src/gateways/sms/smpp/pdu/time.ts'
import { runsOf } from '../support/random.ts'
import { closeAfterTest, createGateway, makeMessage, makeRecipients, submitAndWait } from '../support/smpp.ts'

/** Number of inputs of each property. `npm run soak` uses a million. */
const RUNS = Number(process.env.TOCSIN_FUZZ_RUNS ?? runsOf(3000))
/** Over a socket an input costs a hundred times as much, so a hundred octet strings share one case. */
const WRITES_A_CASE = 100
const SOCKET_RUNS = Math.max(5, Math.ceil(RUNS / WRITES_A_CASE))
/** Time for a million inputs on a slow machine. */
const TIMEOUT_MS = 30_000 + RUNS * 4

const latin1 = (maxLength: number) =>
  fc
    .array(fc.integer({ min: 1, max: 255 }), { maxLength })
    .map((octets) => Buffer.from(octets).toString('latin1'))
const octet = fc.nat(255)
const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array))

/** Every field of every PDU; the encoder uses those of its command. */
const fields = fc.record({
  systemId: latin1(15),
  password: latin1(8),
  systemType: latin1(12),
  interfaceVersion: octet,
  addrTon: octet,
  addrNpi: octet,
  addressRange: latin1(40),
  serviceType: latin1(5),
  sourceTon: octet,
  sourceNpi: octet,
  source: latin1(20),
  destinationTon: octet,
  destinationNpi: octet,
  destination: fc.oneof(latin1(20), fc.nat().map(String)),
  esmClass: octet,
  protocolId: octet,
  priority: octet,
  schedule: latin1(16),
  validity: latin1(16),
  registeredDelivery: octet,
  replaceIfPresent: octet,
  dataCoding: octet,
  defaultMessageId: octet,
  shortMessage: bytes(254),
  messageId: latin1(64),
  finalDate: latin1(16),
  messageState: octet,
  errorCode: octet,
  tlvs: fc.array(
    fc.record({ tag: fc.oneof(fc.constantFrom(...Object.values(TAG)), fc.nat(0xffff)), value: bytes(60) }),
    { maxLength: 5 },
  ),
})
const commands = fc.constantFrom(...(Object.keys(COMMAND) as CommandName[]))
const validPdu = fc
  .record({ command: commands, sequence: fc.integer({ min: 1, max: 0x7fffffff }), fields })
  .map(
    (one) => ({ status: 0, command: one.command, sequence: one.sequence, ...one.fields }) as unknown as Pdu,
  )

const mutation = fc.record({
  kind: fc.constantFrom('set', 'insert', 'remove', 'cut', 'length'),
  at: fc.nat(),
  value: fc.nat(0xffffffff),
})
type Mutation = { readonly kind: string; readonly at: number; readonly value: number }

function mutate(original: Buffer, mutations: readonly Mutation[]): Buffer {
  let mutated = Buffer.from(original)
  for (const { kind, at, value } of mutations) {
    const place = mutated.length === 0 ? 0 : at % mutated.length
    if (kind === 'set' && mutated.length > 0) mutated[place] = value & 0xff
    else if (kind === 'insert') {
      mutated = Buffer.concat([mutated.subarray(0, place), Buffer.of(value & 0xff), mutated.subarray(place)])
    } else if (kind === 'remove') {
      mutated = Buffer.concat([mutated.subarray(0, place), mutated.subarray(place + 1)])
    } else if (kind === 'cut') mutated = mutated.subarray(0, place)
    else if (kind === 'length' && mutated.length >= 4) mutated.writeUInt32BE(value % 300, 0)
  }
  return mutated
}

/** Octets of a hostile peer: noise, PDUs with errors, headers followed by noise, valid PDUs. */
const hostile = fc.oneof(
  bytes(80),
  fc.tuple(validPdu, fc.array(mutation, { maxLength: 4 })).map(([pdu, how]) => mutate(encodePdu(pdu), how)),
  fc
    .tuple(
      fc.oneof(fc.constantFrom(...Object.values(COMMAND)), fc.nat(0xffffffff)),
      octet,
      fc.nat(40),
      bytes(80),
    )
    .map(([command, status, sequence, body]) => {
      const pdu = Buffer.concat([Buffer.alloc(16), body])
      writeHeader(pdu, 0, { length: pdu.length, commandId: command, status, sequence })
      return pdu
    }),
)

/** Cuts at any positions, possibly several at one. */
function cutInChunks(whole: Buffer, cuts: readonly number[]): Buffer[] {
  const places = cuts.map((cut) => cut % (whole.length + 1)).sort((a, b) => a - b)
  return [0, ...places].map((from, i) => whole.subarray(from, places[i] ?? whole.length))
}

function framesOf(chunks: readonly Buffer[]): { frames: string[]; error: number | undefined } {
  const framer = new PduFramer()
  const frames: string[] = []
  let error: number | undefined
  for (const chunk of chunks) {
    const fault = framer.push(chunk, (buffer, start, end) => {
      expect(end - start).toBe(buffer.readUInt32BE(start))
      frames.push(buffer.toString('hex', start, end))
    })
    error ??= fault?.commandLength
  }
  return { frames, error }
}

/** Decodes one frame in every way that either end does. */
function readAll(frame: Buffer): void {
  const decoded = decodePdu(frame)
  if (decoded.ok && decoded.pdu.status === 0) expect(encodePdu(decoded.pdu).length).toBeGreaterThan(15)
  const scan = createSmScan()
  for (const read of [scanSm, scanDataSm]) {
    if (read(frame, 0, frame.length, scan) !== 0) continue
    expectInside(scan, frame.length)
    if (isReceipt(scan)) readReceipt('fuzz', frame, scan)
    readInbound('fuzz', frame, scan)
  }
}

function expectInside(scan: SmScan, length: number): void {
  for (const [from, to] of [
    [scan.sourceAt, scan.sourceEnd],
    [scan.destinationAt, scan.destinationEnd],
    [scan.validityAt, scan.validityEnd],
    [scan.messageAt, scan.messageEnd],
    [scan.receiptedIdAt, scan.receiptedIdEnd],
  ] as const) {
    expect(from >= 0 && from <= to && to <= length).toBe(true)
  }
}

describe('the decoder', () => {
  test('reads what the encoder writes, and encodes it to the same octets', { timeout: TIMEOUT_MS }, () => {
    fc.assert(
      fc.property(validPdu, (pdu) => {
        const written = encodePdu(pdu)
        const decoded = decodePdu(written)
        expect(decoded.ok && encodePdu(decoded.pdu).equals(written)).toBe(true)
      }),
      { numRuns: RUNS },
    )
  })

  test('accepts any octets as a frame without throwing', { timeout: TIMEOUT_MS }, () => {
    fc.assert(
      fc.property(hostile, (octets) => {
        const frame = Buffer.concat([octets, Buffer.alloc(Math.max(0, 16 - octets.length))])
        frame.writeUInt32BE(frame.length, 0)
        readAll(frame)
      }),
      { numRuns: RUNS },
    )
  })

  test('splits a stream into the same frames wherever it is cut', { timeout: TIMEOUT_MS }, () => {
    fc.assert(
      fc.property(
        fc.array(hostile, { minLength: 1, maxLength: 6 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        (pieces, cuts) => {
          const whole = Buffer.concat(pieces)
          const inOne = framesOf([whole])
          expect(framesOf(cutInChunks(whole, cuts))).toEqual(inOne)
          for (const frame of inOne.frames) {
            expect(frame.length / 2).toBeLessThanOrEqual(MAX_PDU_BYTES)
            readAll(Buffer.from(frame, 'hex'))
          }
        },
      ),
      { numRuns: RUNS },
    )
  })
})

describe('texts', () => {
  const word = fc.oneof(
    fc.constantFrom(
      ...[
        'id:',
        'sub:',
        'dlvrd:',
        'submit date:',
        'done date:',
        'stat:',
        'err:',
        'Text:',
        'DELIVRD',
        ' ',
        ':',
      ],
    ),
    latin1(12),
    fc.integer({ min: 0 }).map(String),
  )

  test('of receipts: any content', { timeout: TIMEOUT_MS }, () => {
    fc.assert(
      fc.property(fc.array(word, { maxLength: 20 }), (words) => {
        const { id, err, submitted } = parseReceiptText(words.join(''))
        expect(id === undefined || !/[\s:]/.test(id)).toBe(true)
        for (const number of [err, submitted]) expect(number === undefined || number >= 0).toBe(true)
      }),
      { numRuns: RUNS },
    )
  })

  test('of receipts as long as a PDU: parsed at once', () => {
    for (const part of [
      'id:',
      'id: ',
      ' ',
      'text',
      ' text ',
      'submit ',
      'submit',
      ' stat:',
      'a',
      ' id:a:',
      '\n',
    ])
      for (const end of ['', ':', 'x']) {
        const text = part.repeat(Math.floor(60_000 / part.length)) + end
        const usage = process.cpuUsage()
        parseReceiptText(text)
        // Processor time: other processes run meanwhile.
        expect(process.cpuUsage(usage).user / 1000, JSON.stringify(part)).toBeLessThan(500)
      }
  })

  test('of times', { timeout: TIMEOUT_MS }, () => {
    fc.assert(
      fc.property(fc.oneof(latin1(17), fc.stringMatching(/^\d{12}\d\d\d[-+R]$/)), (text) => {
        const seconds = parseTimeSeconds(text, 0)
        expect(seconds === undefined || Number.isFinite(seconds)).toBe(true)
      }),
      { numRuns: RUNS },
    )
  })
})

/** Writes all and reads all, then closes or lets the peer close. Resolves with the received octets. */
function talk(port: number, writes: readonly Buffer[]): Promise<Buffer> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1')
    const chunks: Buffer[] = []
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.on('error', () => {})
    socket.on('close', () => resolve(Buffer.concat(chunks)))
    for (const octets of writes) socket.write(octets)
    socket.end()
  })
}

const BIND = encodePdu({
  command: 'bind_transceiver',
  status: 0,
  sequence: 1,
  systemId: 'fuzz',
  password: 'fuzz',
  systemType: '',
  interfaceVersion: 0x34,
  addrTon: 0,
  addrNpi: 0,
  addressRange: '',
})

describe('the simulator', () => {
  test('responds to any octets or closes the connection, and keeps serving other clients', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const smsc = await startSmsc({ logCapacity: 1000, receiptRetryMs: 1 })
    closeAfterTest(() => smsc.stop())
    const gateway = createGateway(smsc.port)
    await gateway.start()
    let no = 0
    const before = process.memoryUsage().rss
    await fc.assert(
      fc.asyncProperty(
        fc.array(hostile, { minLength: 1, maxLength: WRITES_A_CASE, size: 'max' }),
        fc.boolean(),
        async (writes, isBound) => {
          const answered = await talk(smsc.port, isBound ? [BIND, ...writes] : writes)
          // Everything that it sends is valid SMPP: whole PDUs, known commands.
          const { frames, error } = framesOf([answered])
          expect(error).toBeUndefined()
          expect(frames.join('').length / 2).toBe(answered.length)
          for (const frame of frames) expect(decodePdu(Buffer.from(frame, 'hex')).ok).toBe(true)
          const [outcome] = await submitAndWait(gateway, makeRecipients(1, no++))
          expect(outcome?.kind).toBe('accepted')
        },
      ),
      { numRuns: SOCKET_RUNS },
    )
    expect(gateway.counters().linksLost).toBe(0)
    expect(smsc.state().sessions).toHaveLength(1)
    expect(process.memoryUsage().rss - before).toBeLessThan(400 * 1_048_576)
  })

  test('stops reading from a client that never reads', async () => {
    const smsc = await startSmsc()
    closeAfterTest(() => smsc.stop())
    const socket = net.connect(smsc.port, '127.0.0.1')
    closeAfterTest(() => socket.destroy())
    socket.pause()
    socket.on('error', () => {})
    const enquire = Buffer.alloc(16)
    writeHeader(enquire, 0, { length: 16, commandId: COMMAND.enquire_link, status: 0, sequence: 1 })
    const block = Buffer.concat(new Array(4096).fill(enquire))
    let written = 0
    let isStopped = false
    while (written < 128 * 1_048_576 && !isStopped) {
      written += block.length
      if (socket.write(block)) continue
      isStopped = await Promise.race([
        new Promise<boolean>((resolve) => socket.once('drain', () => resolve(false))),
        new Promise<boolean>((resolve) => setTimeout(() => resolve(true), 500)),
      ])
    }
    // Its own buffer, and those of the system.
    expect(isStopped).toBe(true)
    expect(written).toBeLessThan(64 * 1_048_576)
    // Once the client has read, it continues.
    let received = 0
    socket.on('data', (chunk: Buffer) => {
      received += chunk.length
    })
    socket.resume()
    await expect.poll(() => received).toBe(written)
  })
})

test('gives each recipient one outcome whatever a bound provider sends, and keeps working', {
  timeout: TIMEOUT_MS,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(hostile, { maxLength: 30 }), async (writes) => {
      const server = net.createServer((socket) => {
        socket.on('error', () => {})
        socket.once('data', () => {
          socket.write(encodePdu({ command: 'bind_transceiver_resp', status: 0, sequence: 1, systemId: '' }))
          for (const octets of writes) socket.write(octets)
          socket.resume()
          setTimeout(() => socket.destroy(), 5)
        })
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const { port } = server.address() as net.AddressInfo
      const gateway = createGateway(port, { noLinkWaitMs: 10, throttleGiveUpMs: 20, responseTimeoutMs: 20 })
      await gateway.start()
      await submitAndWait(gateway, makeRecipients(5), makeMessage('a'.repeat(200)))
      await gateway.stop(0)
      server.close()
    }),
    { numRuns: SOCKET_RUNS },
  )
})
