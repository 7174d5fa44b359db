import type { SmsMessage } from '../../../deliveries/gateway.ts'
import type { Lane } from '../../../deliveries/lanes.ts'
import { encodeGsm7, encodeUcs2 } from '../../../message/gsm0338.ts'
import { COMMAND, HEADER_BYTES, TAG, writeHeader } from './pdu/pdu.ts'
import { formatRelativeTime } from './pdu/time.ts'

/** Type of number and numbering plan of an address (SMPP 3.4 sections 5.2.5 and 5.2.6). */
export interface Addressing {
  readonly alphanumericTon: number
  readonly alphanumericNpi: number
  readonly numericTon: number
  readonly numericNpi: number
  readonly destinationTon: number
  readonly destinationNpi: number
}

export const DEFAULT_ADDRESSING: Addressing = {
  alphanumericTon: 5,
  alphanumericNpi: 0,
  numericTon: 1,
  numericNpi: 1,
  destinationTon: 1,
  destinationNpi: 1,
}

/**
 * One part as a complete `submit_sm` for addresses of one length. For each phone, `bytes` is copied and the
 * sequence number (octets 12 to 15), the address and the two references are set.
 */
export interface PartTemplate {
  readonly bytes: Buffer
  readonly destinationAt: number
  /** Position of `user_message_reference`, two octets. */
  readonly referenceAt: number
  /** Position of the low octet of the reference that links the parts of one message; -1 for a single part. */
  readonly concatenationAt: number
}

function tlv(tag: number, ...value: number[]): number[] {
  return [tag >> 8, tag & 0xff, 0, value.length, ...value]
}

/** SMPP 3.4 section 5.2.14: 0 is the lowest, 3 the highest. */
const PRIORITY_FLAG: Readonly<Record<Lane, number>> = {
  reminder: 0,
  service: 1,
  follow_up: 2,
  alert: 2,
  code: 2,
  vital: 3,
}

const UDHI = 0x40
/** Maximum address in octets without its NUL (sections 5.2.8 and 5.2.9). */
const MAX_ADDRESS = 20
const VALIDITY_BYTES = 16

/** A message encoded once; templates are created at the first address of each length. */
export interface SubmissionEncoder {
  readonly partCount: number
  /** `digits`: length of the address, 1 to 20. `validitySeconds` is written to `validity_period` as a duration. */
  template(part: number, digits: number, validitySeconds: number): PartTemplate
}

/** Encodes a sender as a `source_addr`; undefined when it is invalid. */
export function senderAddress(
  sender: string,
  addressing: Addressing,
): { readonly ton: number; readonly npi: number; readonly address: string } | undefined {
  const isNumeric = /^\+?\d+$/.test(sender)
  const address = isNumeric ? sender.replace('+', '') : sender
  if (address.length > MAX_ADDRESS || !/^[\x20-\x7e]*$/.test(address)) return undefined
  return isNumeric
    ? { ton: addressing.numericTon, npi: addressing.numericNpi, address }
    : { ton: addressing.alphanumericTon, npi: addressing.alphanumericNpi, address }
}

/**
 * Encodes a message, ready to be addressed. Validity is sent as a duration (section 7.1.1.2): it does not depend
 * on the provider's clock or time zone. Returns undefined when the sender is not a valid address.
 * @throws RangeError for a segmentation that is declared GSM-7 but is not, or that has more than 255 parts.
 */
export function encodeSubmission(
  message: SmsMessage,
  concatenation: 'udh' | 'sar',
  addressing: Addressing,
): SubmissionEncoder | undefined {
  const { encoding, parts } = message.segmentation
  if (parts.length > 255) throw new RangeError('a message has at most 255 parts')
  const from = senderAddress(message.sender, addressing)
  if (from === undefined) return undefined
  const { ton, npi, address } = from
  const isMultipart = parts.length > 1
  const withUdh = isMultipart && concatenation === 'udh'
  const texts = parts.map((part) => (encoding === 'GSM-7' ? encodeGsm7(part) : encodeUcs2(part)))
  const templates: (PartTemplate | undefined)[][] = parts.map(() => [])
  let validityWritten = -1

  function build(part: number, digits: number, validity: string): PartTemplate {
    // 3GPP TS 23.040 section 9.2.3.24.1: concatenated short messages, 8-bit reference.
    const udh = withUdh ? [0x05, 0x00, 0x03, 0x00, parts.length, part + 1] : []
    const text = texts[part] as Uint8Array
    const sar =
      isMultipart && !withUdh
        ? [
            ...tlv(TAG.sar_msg_ref_num, 0, 0),
            ...tlv(TAG.sar_total_segments, parts.length),
            ...tlv(TAG.sar_segment_seqnum, part + 1),
          ]
        : []
    const head = Buffer.from([
      ...Buffer.alloc(HEADER_BYTES),
      0, // service_type
      ton,
      npi,
      ...Buffer.from(`${address}\0`, 'latin1'),
      addressing.destinationTon,
      addressing.destinationNpi,
    ])
    const middle = Buffer.from([
      0, // end of the address
      withUdh ? UDHI : 0,
      0, // protocol_id
      PRIORITY_FLAG[message.lane],
      0, // schedule_delivery_time: at once
      ...Buffer.from(`${validity}\0`, 'latin1'),
      1, // registered_delivery: a receipt whatever the end
      0, // replace_if_present_flag
      encoding === 'GSM-7' ? 0x00 : 0x08,
      0, // sm_default_msg_id
      udh.length + text.length,
      ...udh,
    ])
    const bytes = Buffer.concat([
      head,
      Buffer.alloc(digits),
      middle,
      text,
      Buffer.from([...sar, ...tlv(TAG.user_message_reference, 0, 0)]),
    ])
    writeHeader(bytes, 0, { length: bytes.length, commandId: COMMAND.submit_sm, status: 0, sequence: 0 })
    const textAt = head.length + digits + middle.length
    return {
      bytes,
      destinationAt: head.length,
      referenceAt: bytes.length - 2,
      concatenationAt: !isMultipart ? -1 : withUdh ? textAt - 3 : textAt + text.length + 5,
    }
  }

  return {
    partCount: parts.length,
    template(part, digits, validitySeconds) {
      const seconds = Math.floor(validitySeconds)
      if (seconds !== validityWritten) {
        // The operator must not keep a message longer by the seconds that it waited here.
        for (const byLength of templates) byLength.length = 0
        validityWritten = seconds
      }
      const byLength = templates[part] as (PartTemplate | undefined)[]
      const known = byLength[digits]
      if (known !== undefined) return known
      const built = build(part, digits, formatRelativeTime(seconds).padStart(VALIDITY_BYTES, '0'))
      byLength[digits] = built
      return built
    },
  }
}
