import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSmScan, encodePdu, type Pdu, scanSm, type Tlv } from './pdu.ts'
import { isReceipt, parseReceiptText, readPhone, readReceipt } from './receipt.ts'

function read(
  text: string,
  tlvs: readonly Tlv[] = [],
  changes: Partial<Pdu & { command: 'deliver_sm' }> = {},
) {
  const pdu = encodePdu({
    command: 'deliver_sm',
    status: 0,
    sequence: 1,
    serviceType: '',
    sourceTon: 1,
    sourceNpi: 1,
    source: '33639980001',
    destinationTon: 5,
    destinationNpi: 0,
    destination: 'ALERTE63',
    esmClass: 4,
    protocolId: 0,
    priority: 0,
    schedule: '',
    validity: '',
    registeredDelivery: 0,
    replaceIfPresent: 0,
    dataCoding: 0,
    defaultMessageId: 0,
    shortMessage: Buffer.from(text, 'latin1'),
    tlvs,
    ...changes,
  })
  const scan = createSmScan()
  expect(scanSm(pdu, 0, pdu.length, scan)).toBe(0)
  return isReceipt(scan) ? readReceipt('g', pdu, scan) : 'notReceipt'
}

const FULL =
  'id:0123456789 sub:001 dlvrd:001 submit date:2611241015 done date:2611241016 stat:DELIVRD err:000 text:stat:REJECTD id:9'

describe('text', () => {
  test('follows appendix B', () => {
    expect(parseReceiptText(FULL)).toEqual({
      id: '0123456789',
      submitted: 1,
      delivered: 1,
      submitDate: '2611241015',
      doneDate: '2611241016',
      stat: 'DELIVRD',
      err: 0,
      text: 'stat:REJECTD id:9',
    })
  })

  test('may have another case, spaces and missing fields', () => {
    expect(parseReceiptText('ID: ab-12  Stat: undeliv ERR: 032')).toMatchObject({
      id: 'ab-12',
      stat: 'UNDELIV',
      err: 32,
      text: undefined,
    })
    expect(parseReceiptText('id: sub:001 stat:EXPIRED').id).toBeUndefined()
    expect(parseReceiptText('id:7 Submit Date:26 DoneDate:27 Text:').doneDate).toBe('27')
    expect(parseReceiptText('')).toMatchObject({ id: undefined, stat: undefined })
  })

  test('is parsed without throwing whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        parseReceiptText(text)
      }),
    )
  })
})

describe('receipt', () => {
  test('is read from its text', () => {
    expect(read(FULL)).toEqual({
      gateway: 'g',
      messageId: '0123456789',
      state: 'delivered',
      phone: '+33639980001',
      errorCode: 0,
      reference: undefined,
    })
  })

  test('is read from its TLVs, which take precedence', () => {
    const tlvs = [
      { tag: 0x001e, value: Buffer.from('ABC\0') },
      { tag: 0x0427, value: Buffer.of(3) },
      { tag: 0x0423, value: Buffer.of(3, 1, 2) },
      { tag: 0x0204, value: Buffer.of(0x12, 0x34) },
    ]
    expect(read(FULL, tlvs)).toMatchObject({
      messageId: 'ABC',
      state: 'expired',
      errorCode: 0x102,
      reference: 0x1234,
    })
    expect(read('', tlvs, { esmClass: 0 })).toMatchObject({ messageId: 'ABC' })
  })

  test('needs a message id; a message that looks like a receipt is not one', () => {
    expect(read('hello')).toBeUndefined()
    expect(read(FULL, [], { esmClass: 0 })).toBe('notReceipt')
  })

  test('drops a code that the ledger cannot store', () => {
    expect(read('id:1 stat:UNDELIV err:4294967296')).toMatchObject({ messageId: '1', errorCode: undefined })
    expect(read('id:1 stat:UNDELIV err:2147483647')).toMatchObject({ errorCode: 2_147_483_647 })
  })

  test('is ignored with an invalid id', () => {
    expect(read('id:a\0b stat:DELIVRD')).toBeUndefined()
    expect(read('id:a\x1bb stat:DELIVRD')).toBeUndefined()
    const payload = Buffer.from(`id:${'1'.repeat(300)} stat:DELIVRD`)
    expect(read('', [{ tag: 0x0424, value: payload }])).toBeUndefined()
    expect(read('', [{ tag: 0x001e, value: Buffer.from('a\tb') }])).toBeUndefined()
    expect(read('', [{ tag: 0x001e, value: Buffer.from('9'.repeat(20_000)) }])).toBeUndefined()
  })

  test('is read from a text that ends in NUL, as some providers send it', () => {
    expect(read('stat:DELIVRD id:7A\0')).toMatchObject({ messageId: '7A', state: 'delivered' })
  })

  test('may have an unknown state', () => {
    expect(read('id:1 stat:WHATEVER')).toMatchObject({ state: 'unknown' })
  })
})

test('reads a phone only when its country is known', () => {
  expect(readPhone('33639980001', 1)).toBe('+33639980001')
  expect(readPhone('33639980001', 0)).toBe('+33639980001')
  expect(readPhone('+33639980001', 0)).toBe('+33639980001')
  expect(readPhone('0033639980001', 0)).toBe('+33639980001')
  expect(readPhone('0639980001', 0)).toBeUndefined()
  expect(readPhone('36111', 3)).toBeUndefined()
  expect(readPhone('ALERTE', 5)).toBeUndefined()
})
