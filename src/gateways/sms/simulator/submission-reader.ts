import { statusCode } from '../smpp/pdu/codes.ts'
import { createSmScan, scanSm } from '../smpp/pdu/pdu.ts'
import { parseTimeSeconds } from '../smpp/pdu/time.ts'
import { type AppendedPart, ReceivedText } from './message-log.ts'

const INVALID_DESTINATION = statusCode('ESME_RINVDSTADR')
const INVALID_SOURCE = statusCode('ESME_RINVSRCADR')
const PLUS = 0x2b
/** Sections 5.2.8 and 5.2.9, without the NUL. */
const MAX_ADDRESS_BYTES = 20
const UDHI = 0x40
/** Number of recent texts compared to share an equal one. */
const RECENT_TEXTS = 4
/** Validity of a message that specifies none. */
export const DEFAULT_VALIDITY_SECONDS = 48 * 3600

/** A submission as it was read. */
export interface ReadSubmission {
  readonly source: string
  /** `user_message_reference`, or -1. */
  readonly reference: number
  readonly part: AppendedPart | undefined
  readonly text: ReceivedText
  readonly wantsReceipt: boolean
}

/** Reads `submit_sm` PDUs one after the other; texts equal to a recent one are shared. */
export class SubmissionReader {
  readonly #scan = createSmScan()
  readonly #recentTexts: ReceivedText[] = []

  /** Scans the PDU in `buffer[start, end)`. Returns the status to refuse it with, or 0. */
  scan(buffer: Buffer, start: number, end: number): number {
    const fault = scanSm(buffer, start, end, this.#scan)
    return fault !== 0 ? fault : this.#checkAddresses(buffer)
  }

  /** Reads the destination of the scanned PDU. */
  readDestination(buffer: Buffer): string {
    return buffer.toString('latin1', this.#scan.destinationAt, this.#scan.destinationEnd)
  }

  /** Reads the rest of the scanned PDU. */
  read(buffer: Buffer): ReadSubmission {
    const scan = this.#scan
    const header = this.#headerLength(buffer)
    return {
      source: buffer.toString('latin1', scan.sourceAt, scan.sourceEnd),
      reference: scan.reference,
      part: header > 0 || scan.sarTotal > 0 ? this.#readPart(buffer, header) : undefined,
      text: this.#readText(buffer, scan.messageAt + header, scan.messageEnd),
      wantsReceipt: (scan.registeredDelivery & 0x03) === 1,
    }
  }

  /** Reads the validity of the scanned PDU. */
  readValiditySeconds(buffer: Buffer, nowMs: number): number {
    const { validityAt, validityEnd } = this.#scan
    if (validityAt === validityEnd) return DEFAULT_VALIDITY_SECONDS
    const text = buffer.toString('latin1', validityAt, validityEnd)
    return parseTimeSeconds(text, nowMs) ?? DEFAULT_VALIDITY_SECONDS
  }

  /** Returns the text in the scanned PDU, shared with an equal recent one. */
  #readText(buffer: Buffer, start: number, end: number): ReceivedText {
    // The header is read separately: here only the text matters.
    const esmClass = 0
    for (let i = 0; i < this.#recentTexts.length; i++) {
      const recent = this.#recentTexts[i] as ReceivedText
      if (recent.equals(buffer, start, end, this.#scan.dataCoding, esmClass)) return recent
    }
    const text = new ReceivedText(Buffer.from(buffer.subarray(start, end)), this.#scan.dataCoding, esmClass)
    if (this.#recentTexts.length === RECENT_TEXTS) this.#recentTexts.shift()
    this.#recentTexts.push(text)
    return text
  }

  /** Returns the length of the user data header in the scanned PDU, 0 without one. */
  #headerLength(buffer: Buffer): number {
    if ((this.#scan.esmClass & UDHI) === 0 || this.#scan.messageAt >= this.#scan.messageEnd) return 0
    return Math.min(
      (buffer[this.#scan.messageAt] as number) + 1,
      this.#scan.messageEnd - this.#scan.messageAt,
    )
  }

  /** Reads 8-bit or 16-bit concatenation in the header (3GPP TS 23.040 9.2.3.24.1 and .8), or the SAR parameters. */
  #readPart(buffer: Buffer, header: number): AppendedPart | undefined {
    if (header >= 6 && buffer[this.#scan.messageAt + 1] === 0x00) {
      const at = this.#scan.messageAt + 3
      return checkPart(buffer[at] as number, buffer[at + 1] as number, buffer[at + 2] as number)
    }
    if (header >= 7 && buffer[this.#scan.messageAt + 1] === 0x08) {
      const at = this.#scan.messageAt + 3
      const reference = ((buffer[at] as number) << 8) | (buffer[at + 1] as number)
      return checkPart(reference, buffer[at + 2] as number, buffer[at + 3] as number)
    }
    if (this.#scan.sarTotal > 0)
      return checkPart(this.#scan.sarReference, this.#scan.sarTotal, this.#scan.sarNumber)
    return undefined
  }

  /** Returns the status to refuse invalid addresses of the scanned submission with, or 0. */
  #checkAddresses(buffer: Buffer): number {
    if (this.#scan.sourceEnd - this.#scan.sourceAt > MAX_ADDRESS_BYTES) return INVALID_SOURCE
    if (buffer[this.#scan.destinationAt] === PLUS) this.#scan.destinationAt++
    const length = this.#scan.destinationEnd - this.#scan.destinationAt
    if (length === 0 || length > MAX_ADDRESS_BYTES) return INVALID_DESTINATION
    for (let at = this.#scan.destinationAt; at < this.#scan.destinationEnd; at++) {
      const octet = buffer[at] as number
      if (octet < 0x30 || octet > 0x39) return INVALID_DESTINATION
    }
    return 0
  }
}

function checkPart(reference: number, total: number, number: number): AppendedPart | undefined {
  return total > 0 && number > 0 && number <= total ? { reference, number, total } : undefined
}
