import { encodeGsm7, encodeUcs2, isGsm7 } from '../../../message/gsm0338.ts'
import type { PduOutput } from '../smpp/pdu/output.ts'
import { COMMAND, encodePdu, TAG, writeHeader } from '../smpp/pdu/pdu.ts'

/** Contents of a receipt. */
export interface ReceiptFacts {
  /** Formatted as in the receipt. */
  readonly messageId: string
  /** Sender of the message, to whom the receipt is addressed. */
  readonly source: string
  readonly destination: string
  /** True when `destination` is a national number. */
  readonly isNational: boolean
  /** `user_message_reference` of the submission, or -1. */
  readonly reference: number
  /** SMPP 3.4 section 5.2.28. */
  readonly messageState: number
  /** 0: no error. */
  readonly errorCode: number
  readonly submittedAtMs: number
}

export const MESSAGE_STATE = {
  enroute: 1,
  delivered: 2,
  expired: 3,
  deleted: 4,
  undeliverable: 5,
  accepted: 6,
} as const

const WORDS = [
  'SCHEDLD',
  'ENROUTE',
  'DELIVRD',
  'EXPIRED',
  'DELETED',
  'UNDELIV',
  'ACCEPTD',
  'UNKNOWN',
  'REJECTD',
] as const

let minute = -1
let minuteText = ''

/** Formats `YYMMDDhhmm` in UTC, cached until the minute changes. */
function formatMinute(ms: number): string {
  const wanted = Math.floor(ms / 60_000)
  if (wanted !== minute) {
    minute = wanted
    minuteText = new Date(ms).toISOString().replace(/\D/g, '').slice(2, 12)
  }
  return minuteText
}

/** SMPP 3.4 section 5.2.12, message types of `esm_class`. */
const DELIVERY_RECEIPT = 0x04
const INTERMEDIATE_NOTIFICATION = 0x20
const TON_INTERNATIONAL = 1
const TON_NATIONAL = 2
const TON_ALPHANUMERIC = 5

function tonOf(address: string): number {
  return /^\d+$/.test(address) ? TON_INTERNATIONAL : TON_ALPHANUMERIC
}

/** Encodes a receipt as a `deliver_sm`: text of appendix B, and the TLVs unless `textOnly`. */
export function writeReceipt(
  output: PduOutput,
  sequence: number,
  facts: ReceiptFacts,
  nowMs: number,
  textOnly: boolean,
): void {
  const { messageId, source, destination, messageState, errorCode, reference } = facts
  const delivered = messageState === MESSAGE_STATE.delivered ? '001' : '000'
  const error = errorCode < 10 ? `00${errorCode}` : errorCode < 100 ? `0${errorCode}` : `${errorCode}`
  const text = `id:${messageId} sub:001 dlvrd:${delivered} submit date:${formatMinute(facts.submittedAtMs)} done date:${formatMinute(nowMs)} stat:${WORDS[messageState] ?? 'UNKNOWN'} err:${error} text:`
  let length = 16 + 1 + 2 + destination.length + 1 + 2 + source.length + 1 + 10 + text.length
  if (!textOnly) length += 4 + messageId.length + 1 + 5
  if (reference >= 0) length += 6
  const start = output.claim(length)
  const out = output.buffer
  writeHeader(out, start, { length, commandId: COMMAND.deliver_sm, status: 0, sequence })
  let at = start + 16
  out[at++] = 0
  out[at++] = facts.isNational ? TON_NATIONAL : TON_INTERNATIONAL
  out[at++] = 1
  for (let i = 0; i < destination.length; i++) out[at++] = destination.charCodeAt(i)
  out[at++] = 0
  out[at++] = tonOf(source)
  out[at++] = 0
  for (let i = 0; i < source.length; i++) out[at++] = source.charCodeAt(i)
  out[at++] = 0
  out[at++] = messageState === MESSAGE_STATE.enroute ? INTERMEDIATE_NOTIFICATION : DELIVERY_RECEIPT
  // Zeros: protocol_id, priority, schedule, validity, registered_delivery, replace, data_coding, default message
  for (let i = 0; i < 8; i++) out[at++] = 0
  out[at++] = text.length
  at += out.write(text, at, 'latin1')
  if (!textOnly) {
    out[at++] = TAG.receipted_message_id >> 8
    out[at++] = TAG.receipted_message_id & 0xff
    out[at++] = 0
    out[at++] = messageId.length + 1
    for (let i = 0; i < messageId.length; i++) out[at++] = messageId.charCodeAt(i)
    out[at++] = 0
    out[at++] = TAG.message_state >> 8
    out[at++] = TAG.message_state & 0xff
    out[at++] = 0
    out[at++] = 1
    out[at++] = messageState
  }
  if (reference >= 0) {
    out[at++] = TAG.user_message_reference >> 8
    out[at++] = TAG.user_message_reference & 0xff
    out[at++] = 0
    out[at++] = 2
    out[at++] = reference >> 8
    out[at++] = reference & 0xff
  }
}

/** Encodes a message from a phone in one `deliver_sm` of any length. */
export function encodeFromPhone(sequence: number, from: string, to: string, text: string): Buffer {
  const isGsm = isGsm7(text)
  const bytes = Buffer.from(isGsm ? encodeGsm7(text) : encodeUcs2(text))
  const isLong = bytes.length > 254
  return encodePdu({
    command: 'deliver_sm',
    status: 0,
    sequence,
    serviceType: '',
    sourceTon: tonOf(from),
    sourceNpi: 1,
    source: from,
    destinationTon: tonOf(to),
    destinationNpi: 0,
    destination: to,
    esmClass: 0,
    protocolId: 0,
    priority: 0,
    schedule: '',
    validity: '',
    registeredDelivery: 0,
    replaceIfPresent: 0,
    dataCoding: isGsm ? 0 : 8,
    defaultMessageId: 0,
    shortMessage: isLong ? Buffer.alloc(0) : bytes,
    ...(isLong ? { tlvs: [{ tag: TAG.message_payload, value: bytes }] } : {}),
  })
}
