import type { SmsInbound } from '../../../deliveries/gateway.ts'
import { decodeGsm7, decodeUcs2 } from '../../../message/gsm0338.ts'
import type { SmScan } from './pdu/pdu.ts'
import { readPhone } from './pdu/receipt.ts'

const UDHI = 0x40

/** Decodes a text by its `data_coding` (section 5.2.19), skipping a user data header. Never throws. */
export function decodeText(bytes: Uint8Array, dataCoding: number, esmClass: number): string {
  const text = (esmClass & UDHI) !== 0 && bytes.length > 0 ? bytes.subarray((bytes[0] as number) + 1) : bytes
  if (dataCoding === 0x08) return decodeUcs2(text)
  if (dataCoding === 0x01 || dataCoding === 0x03) return Buffer.from(text).toString('latin1')
  return decodeGsm7(text)
}

/** Reads the message from a phone in a scanned `deliver_sm` or `data_sm`. */
export function readInbound(gateway: string, buffer: Buffer, scan: SmScan): SmsInbound {
  const from = buffer.toString('latin1', scan.sourceAt, scan.sourceEnd)
  const to = buffer.toString('latin1', scan.destinationAt, scan.destinationEnd)
  return {
    gateway,
    from: readPhone(from, scan.sourceTon) ?? from,
    to: readPhone(to, scan.destinationTon) ?? to,
    text: decodeText(buffer.subarray(scan.messageAt, scan.messageEnd), scan.dataCoding, scan.esmClass),
  }
}
