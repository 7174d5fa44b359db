import { isMessageId, MAX_ERROR_CODE, type SmsReceipt } from '../../../../deliveries/gateway.ts'
import { NATIONAL_DIGITS } from '../../../../deliveries/receipt/message-ids.ts'
import type { SmScan } from './pdu.ts'

/** Fields in the text of a receipt (SMPP 3.4 appendix B); each may be missing. */
export interface ReceiptText {
  readonly id: string | undefined
  readonly submitted: number | undefined
  readonly delivered: number | undefined
  /** Unparsed, usually `YYMMDDhhmm` in the provider's local time. */
  readonly submitDate: string | undefined
  readonly doneDate: string | undefined
  readonly stat: string | undefined
  readonly err: number | undefined
  readonly text: string | undefined
}

// Ids contain no colon: after an empty one, the next field's name must not match.
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

/** Returns a code, or undefined for one too large to be from a network. */
function readCode(code: number | undefined): number | undefined {
  return code !== undefined && code <= MAX_ERROR_CODE ? code : undefined
}

/** Parses the text of a receipt, whatever its case, spacing and missing fields. Never throws. */
export function parseReceiptText(text: string): ReceiptText {
  const message = TEXT.exec(text)
  // The quoted start of the message is the recipient's text, which may look like fields.
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

/** Interprets a `message_state`; undefined for one that the standard does not list. */
export function readState(messageState: number): State | undefined {
  return STATES[messageState]
}

/** Appendix B, table B-2, and other spellings in use. */
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

/** Returns E.164 with its plus sign, or undefined when the digits do not determine the country. */
export function readPhone(address: string, ton: number): string | undefined {
  if (/^\+\d{6,15}$/.test(address)) return address
  if (/^00[1-9]\d{5,14}$/.test(address)) return `+${address.slice(2)}`
  if (ton === TON_INTERNATIONAL && /^[1-9]\d{5,14}$/.test(address)) return `+${address}`
  // Many providers leave TON at 0 for international numbers.
  return ton === 0 && /^[1-9]\d{9,14}$/.test(address) ? `+${address}` : undefined
}

/**
 * Returns the number in a receipt: E.164, or the digits of a national number without leading zeros; undefined for
 * a name or a short code.
 */
export function readReceiptPhone(address: string, ton: number): string | undefined {
  const phone = readPhone(address, ton)
  if (phone !== undefined) return phone
  const digits = /^0*([1-9]\d*)$/.exec(address)?.[1] ?? ''
  return digits.length >= NATIONAL_DIGITS && digits.length <= 15 ? digits : undefined
}

/**
 * Reads the receipt in a scanned `deliver_sm` or `data_sm`; undefined when it has no valid message id. TLVs
 * (sections 5.3.2.12, 5.3.2.35, 5.3.2.31) take precedence over the text.
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

/**
 * Returns true when a scanned message is a receipt: by its `esm_class` (section 5.2.12), or by containing the id
 * of a message.
 */
export function isReceipt(scan: SmScan): boolean {
  const type = scan.esmClass & 0x3c
  return type === 0x04 || type === 0x20 || scan.receiptedIdEnd > scan.receiptedIdAt
}
