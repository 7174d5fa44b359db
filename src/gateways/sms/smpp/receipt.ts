import { isMessageId, MAX_ERROR_CODE, type SmsReceipt } from '../../../deliveries/gateway.ts'
import { NATIONAL_DIGITS } from '../../../deliveries/message-ids.ts'
import type { SmScan } from './pdu.ts'

/** What the text of a receipt says (SMPP 3.4 appendix B); each field may be missing. */
export interface ReceiptText {
  readonly id: string | undefined
  readonly submitted: number | undefined
  readonly delivered: number | undefined
  /** As written, usually `YYMMDDhhmm` in the provider's local time. */
  readonly submitDate: string | undefined
  readonly doneDate: string | undefined
  readonly stat: string | undefined
  readonly err: number | undefined
  readonly text: string | undefined
}

// An id holds no colon: with an empty one, the next field's name must not be taken for it.
const ID = /(?:^|\s)id\s*:\s*([^\s:]+?)(?=\s|\0*$)/i
const SUB = /(?:^|\s)sub\s*:\s*(\d+)/i
const DLVRD = /(?:^|\s)dlvrd\s*:\s*(\d+)/i
const SUBMIT_DATE = /submit\s*date\s*:\s*(\d+)/i
const DONE_DATE = /done\s*date\s*:\s*(\d+)/i
const STAT = /(?:^|\s)stat\s*:\s*([a-z]+)/i
const ERR = /(?:^|\s)err\s*:\s*(\d+)/i
const TEXT = /(?:^|\s)text\s*:\s?(.*)$/is

function findNumber(pattern: RegExp, text: string): number | undefined {
  const digits = pattern.exec(text)?.[1]
  return digits === undefined ? undefined : Number.parseInt(digits, 10)
}

/** A code, or undefined for one that says nothing: no network has such a large one. */
function readCode(code: number | undefined): number | undefined {
  return code !== undefined && code <= MAX_ERROR_CODE ? code : undefined
}

/** Reads the text of a receipt, whatever its case, spacing and missing fields. Never throws. */
export function parseReceiptText(text: string): ReceiptText {
  const message = TEXT.exec(text)
  // The quoted start of the message is the recipient's text: nothing in it is a field.
  const fields = message === null ? text : text.slice(0, message.index)
  return {
    id: ID.exec(fields)?.[1],
    submitted: findNumber(SUB, fields),
    delivered: findNumber(DLVRD, fields),
    submitDate: SUBMIT_DATE.exec(fields)?.[1],
    doneDate: DONE_DATE.exec(fields)?.[1],
    stat: STAT.exec(fields)?.[1]?.toUpperCase(),
    err: findNumber(ERR, fields),
    text: message?.[1],
  }
}

type State = SmsReceipt['state']

/** SMPP 3.4 section 5.2.28, `message_state`. */
const STATES: readonly (State | undefined)[] = [
  undefined,
  'enroute',
  'delivered',
  'expired',
  'deleted',
  'undeliverable',
  'accepted',
  'unknown',
  'rejected',
]

/** A `message_state`, or undefined for one that the standard does not list. */
export function readState(messageState: number): State | undefined {
  return STATES[messageState]
}

/** Appendix B, table B-2, and the spellings met in the wild. */
const STATE_BY_WORD: ReadonlyMap<string, State> = new Map([
  ['ENROUTE', 'enroute'],
  ['BUFFRED', 'enroute'],
  ['BUFFERED', 'enroute'],
  ['DELIVRD', 'delivered'],
  ['DELIVERED', 'delivered'],
  ['EXPIRED', 'expired'],
  ['DELETED', 'deleted'],
  ['UNDELIV', 'undeliverable'],
  ['UNDELIVERABLE', 'undeliverable'],
  ['FAILED', 'undeliverable'],
  ['ACCEPTD', 'accepted'],
  ['ACCEPTED', 'accepted'],
  ['UNKNOWN', 'unknown'],
  ['REJECTD', 'rejected'],
  ['REJECTED', 'rejected'],
])

const TON_INTERNATIONAL = 1

/** E.164 with its plus sign, or undefined when the digits alone do not tell the country. */
export function readPhone(address: string, ton: number): string | undefined {
  if (/^\+\d{6,15}$/.test(address)) return address
  if (/^00[1-9]\d{5,14}$/.test(address)) return `+${address.slice(2)}`
  if (ton === TON_INTERNATIONAL && /^[1-9]\d{5,14}$/.test(address)) return `+${address}`
  // Many providers leave TON at 0 on numbers that are international all the same.
  return ton === 0 && /^[1-9]\d{9,14}$/.test(address) ? `+${address}` : undefined
}

/**
 * The number that a receipt names: E.164, or the digits of a national number without its leading zeros; undefined for a name or a
 * short code.
 */
export function readReceiptPhone(address: string, ton: number): string | undefined {
  const phone = readPhone(address, ton)
  if (phone !== undefined) return phone
  const digits = /^0*([1-9]\d*)$/.exec(address)?.[1] ?? ''
  return digits.length >= NATIONAL_DIGITS && digits.length <= 15 ? digits : undefined
}

/**
 * The receipt in a scanned `deliver_sm` or `data_sm`, or undefined when it names no message, or by what is no id. TLVs (sections
 * 5.3.2.12, 5.3.2.35, 5.3.2.31) win over the text.
 */
export function readReceipt(gateway: string, buffer: Buffer, scan: SmScan): SmsReceipt | undefined {
  const text = buffer.toString('latin1', scan.messageAt, scan.messageEnd)
  const messageId =
    scan.receiptedIdEnd > scan.receiptedIdAt
      ? buffer.toString('latin1', scan.receiptedIdAt, scan.receiptedIdEnd)
      : ID.exec(text)?.[1]
  if (messageId === undefined || !isMessageId(messageId)) return undefined
  const state =
    readState(scan.messageState) ?? STATE_BY_WORD.get(STAT.exec(text)?.[1]?.toUpperCase() ?? '') ?? 'unknown'
  return {
    gateway,
    messageId,
    state,
    phone: readReceiptPhone(buffer.toString('latin1', scan.sourceAt, scan.sourceEnd), scan.sourceTon),
    errorCode: scan.networkError >= 0 ? scan.networkError : readCode(findNumber(ERR, text)),
    reference: scan.reference >= 0 ? scan.reference : undefined,
  }
}

/** True when a scanned message is a receipt: by its `esm_class` (section 5.2.12), or by naming a message it answers. */
export function isReceipt(scan: SmScan): boolean {
  const type = scan.esmClass & 0x3c
  return type === 0x04 || type === 0x20 || scan.receiptedIdEnd > scan.receiptedIdAt
}
