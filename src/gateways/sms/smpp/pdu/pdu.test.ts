import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  COMMAND,
  type CommandName,
  createSmScan,
  decodePdu,
  encodePdu,
  MAX_PDU_BYTES,
  type Pdu,
  PduFramer,
  scanDataSm,
  scanSm,
} from './pdu.ts'

const octet = fc.nat(255)
const cstring = fc.string({
  unit: fc.integer({ min: 1, max: 255 }).map((c) => String.fromCharCode(c)),
  maxLength: 30,
})
const source = { sourceTon: octet, sourceNpi: octet, source: cstring }
const destination = { destinationTon: octet, destinationNpi: octet, destination: cstring }
const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array))
const bind = {
  systemId: cstring,
  password: cstring,
  systemType: cstring,
  interfaceVersion: octet,
  addrTon: octet,
  addrNpi: octet,
  addressRange: cstring,
}
const sm = {
  serviceType: cstring,
  ...source,
  ...destination,
  esmClass: octet,
  protocolId: octet,
  priority: octet,
  schedule: cstring,
  validity: cstring,
  registeredDelivery: octet,
  replaceIfPresent: octet,
  dataCoding: octet,
  defaultMessageId: octet,
  shortMessage: bytes(254),
}
const bodies: Record<CommandName, Record<string, fc.Arbitrary<unknown>>> = {
  generic_nack: {},
  bind_receiver: bind,
  bind_receiver_resp: { systemId: cstring },
  bind_transmitter: bind,
  bind_transmitter_resp: { systemId: cstring },
  bind_transceiver: bind,
  bind_transceiver_resp: { systemId: cstring },
  query_sm: { messageId: cstring, ...source },
  query_sm_resp: { messageId: cstring, finalDate: cstring, messageState: octet, errorCode: octet },
  submit_sm: sm,
  submit_sm_resp: { messageId: cstring },
  deliver_sm: sm,
  deliver_sm_resp: { messageId: cstring },
  unbind: {},
  unbind_resp: {},
  cancel_sm: { serviceType: cstring, messageId: cstring, ...source, ...destination },
  cancel_sm_resp: {},
  enquire_link: {},
  enquire_link_resp: {},
  data_sm: {
    serviceType: cstring,
    ...source,
    ...destination,
    esmClass: octet,
    registeredDelivery: octet,
    dataCoding: octet,
  },
  data_sm_resp: { messageId: cstring },
}
const anyPdu = fc.constantFrom(...(Object.keys(COMMAND) as CommandName[])).chain((command) =>
  fc
    .record({
      command: fc.constant(command),
      status: fc.constant(0),
      sequence: fc.nat(0x7fffffff),
      ...bodies[command],
      tlvs: fc.array(fc.record({ tag: fc.nat(0xffff), value: bytes(40) }), { maxLength: 4 }),
    })
    .map(({ tlvs, ...pdu }) => (tlvs.length === 0 ? pdu : { ...pdu, tlvs }) as unknown as Pdu),
)

/** Valid PDUs with some octets changed, removed or added. */
const mutated = fc
  .tuple(
    fc.array(anyPdu, { minLength: 1, maxLength: 5 }),
    fc.array(fc.tuple(fc.nat(), octet, fc.nat(2)), { maxLength: 6 }),
  )
  .map(([pdus, changes]) => {
    const stream = [...Buffer.concat(pdus.map(encodePdu))]
    for (const [where, value, kind] of changes) stream.splice(where % stream.length, kind, value)
    return Buffer.from(stream)
  })

function frames(stream: Buffer, cuts: readonly number[]) {
  const framer = new PduFramer()
  const found: Buffer[] = []
  let at = 0
  let error: unknown
  for (const cut of [...cuts.map((c) => c % (stream.length + 1)), stream.length].sort((a, b) => a - b)) {
    error = framer.push(stream.subarray(at, cut), (buffer, start, end) =>
      found.push(Buffer.from(buffer.subarray(start, end))),
    )
    at = cut
  }
  return { found, error }
}

describe('codec', () => {
  test('decodes what it encodes', () => {
    fc.assert(
      fc.property(anyPdu, (pdu) => {
        expect(decodePdu(encodePdu(pdu))).toEqual({ ok: true, pdu })
      }),
    )
  })

  test('encodes a submit_sm as in the standard', () => {
    const pdu = encodePdu({ command: 'enquire_link', status: 0, sequence: 7 })
    expect(pdu.toString('hex')).toBe('00000010000000150000000000000007')
    expect(
      encodePdu({ command: 'submit_sm_resp', status: 0, sequence: 1, messageId: 'A1' }).toString('hex'),
    ).toBe('00000013800000040000000000000001413100')
  })

  test('refuses values that would decode as another message', () => {
    const resp = { command: 'submit_sm_resp', status: 0, sequence: 1 } as const
    expect(() => encodePdu({ ...resp, messageId: 'a\0b' })).toThrow(RangeError)
    expect(() => encodePdu({ ...resp, messageId: '€' })).toThrow(RangeError)
  })

  test('accepts a response without a body, and an id without its NUL', () => {
    expect(decodePdu(Buffer.from('00000010800000040000005800000001', 'hex'))).toMatchObject({
      ok: true,
      pdu: { status: 0x58, messageId: '' },
    })
    expect(
      decodePdu(Buffer.from('0000001280000004000000000000000141 31'.replace(' ', ''), 'hex')),
    ).toMatchObject({
      ok: true,
      pdu: { messageId: 'A1' },
    })
  })

  test('scans a message with the same result as decoding it', () => {
    const isSm = (pdu: Pdu) => pdu.command === 'submit_sm' || pdu.command === 'deliver_sm'
    fc.assert(
      fc.property(fc.oneof(anyPdu.filter(isSm).map(encodePdu), mutated), (buffer) => {
        for (const frame of frames(buffer, []).found) {
          const decoded = decodePdu(frame)
          if (!decoded.ok && decoded.command !== 'submit_sm' && decoded.command !== 'deliver_sm') continue
          if (decoded.ok && decoded.pdu.command !== 'submit_sm' && decoded.pdu.command !== 'deliver_sm')
            continue
          const scan = createSmScan()
          const status = scanSm(frame, 0, frame.length, scan)
          expect(status === 0).toBe(decoded.ok)
          if (!decoded.ok) continue
          const pdu = decoded.pdu as Pdu & { command: 'submit_sm' }
          const text = (start: number, end: number) => frame.toString('latin1', start, end)
          expect(text(scan.sourceAt, scan.sourceEnd)).toBe(pdu.source)
          expect(text(scan.destinationAt, scan.destinationEnd)).toBe(pdu.destination)
          expect(text(scan.validityAt, scan.validityEnd)).toBe(pdu.validity)
          const { sourceTon, destinationTon, esmClass, priority, registeredDelivery, dataCoding } = pdu
          expect(scan).toMatchObject({
            sourceTon,
            destinationTon,
            esmClass,
            priority,
            registeredDelivery,
            dataCoding,
          })
        }
      }),
    )
  })
})

describe('any bytes', () => {
  test('never throw, however they are split, and never retain more than one PDU', () => {
    fc.assert(
      fc.property(fc.oneof(bytes(300), mutated), fc.array(fc.nat(), { maxLength: 8 }), (stream, cuts) => {
        const { found, error } = frames(stream, cuts)
        const scan = createSmScan()
        for (const frame of found) {
          decodePdu(frame)
          scanSm(frame, 0, frame.length, scan)
          scanDataSm(frame, 0, frame.length, scan)
          expect(frame.readUInt32BE(0)).toBe(frame.length)
        }
        const whole = frames(stream, [])
        expect(found).toEqual(whole.found)
        expect(error).toEqual(whole.error)
      }),
    )
  })

  test('of a valid stream give its PDUs, however they are split', () => {
    fc.assert(
      fc.property(fc.array(anyPdu, { maxLength: 6 }), fc.array(fc.nat(), { maxLength: 20 }), (pdus, cuts) => {
        const sent = pdus.map(encodePdu)
        expect(frames(Buffer.concat(sent), cuts)).toEqual({ found: sent, error: undefined })
      }),
    )
  })

  test.each([0, 15, MAX_PDU_BYTES + 1, 0xffffffff])('a length of %i ends the stream', (length) => {
    const stream = Buffer.alloc(40)
    stream.writeUInt32BE(length)
    expect(frames(stream, []).error).toEqual({ commandLength: length })
    expect(frames(stream, [1, 2, 3]).error).toEqual({ commandLength: length })
  })

  test('return an unknown command and a truncated body as values', () => {
    expect(decodePdu(Buffer.from('00000010000007770000000000000009', 'hex'))).toEqual({
      ok: false,
      command: undefined,
      commandId: 0x777,
      sequence: 9,
      status: 0x03,
    })
    expect(decodePdu(Buffer.from('0000001100000005000000000000000900', 'hex'))).toMatchObject({
      ok: false,
      command: 'deliver_sm',
      status: 0x02,
    })
  })
})
