/**
 * The SMPP 3.4 wire format: framing, and a codec for the PDUs that an SMS gateway needs. Reading never throws and
 * never retains more than one PDU, whatever the bytes: a fault is a value that the session answers.
 */

/** SMPP 3.4 section 5.1.2.1. A response is its request with bit 31 set. */
export const COMMAND = {
  generic_nack: 0x80000000,
  bind_receiver: 0x00000001,
  bind_receiver_resp: 0x80000001,
  bind_transmitter: 0x00000002,
  bind_transmitter_resp: 0x80000002,
  query_sm: 0x00000003,
  query_sm_resp: 0x80000003,
  submit_sm: 0x00000004,
  submit_sm_resp: 0x80000004,
  deliver_sm: 0x00000005,
  deliver_sm_resp: 0x80000005,
  unbind: 0x00000006,
  unbind_resp: 0x80000006,
  cancel_sm: 0x00000008,
  cancel_sm_resp: 0x80000008,
  bind_transceiver: 0x00000009,
  bind_transceiver_resp: 0x80000009,
  enquire_link: 0x00000015,
  enquire_link_resp: 0x80000015,
  data_sm: 0x00000103,
  data_sm_resp: 0x80000103,
} as const

export type CommandName = keyof typeof COMMAND

const NAME_BY_ID: ReadonlyMap<number, CommandName> = new Map(
  Object.entries(COMMAND).map(([name, id]) => [id, name as CommandName]),
)

/** Optional parameter tags, SMPP 3.4 section 5.3.2. */
export const TAG = {
  receipted_message_id: 0x001e,
  user_message_reference: 0x0204,
  sar_msg_ref_num: 0x020c,
  sar_total_segments: 0x020e,
  sar_segment_seqnum: 0x020f,
  sc_interface_version: 0x0210,
  network_error_code: 0x0423,
  message_payload: 0x0424,
  message_state: 0x0427,
} as const

export const HEADER_BYTES = 16
/** Maximum length of a PDU in bytes: a `message_payload` may hold 64 KiB less one; real ones are much shorter. */
export const MAX_PDU_BYTES = 65_536

interface Header {
  /** `command_status`: 0 in a request. */
  readonly status: number
  readonly sequence: number
}

export interface Tlv {
  readonly tag: number
  readonly value: Buffer
}

export interface BindFields {
  readonly systemId: string
  readonly password: string
  readonly systemType: string
  readonly interfaceVersion: number
  readonly addrTon: number
  readonly addrNpi: number
  readonly addressRange: string
}

/** `submit_sm` and `deliver_sm` share one layout (sections 4.4.1 and 4.6.1). */
export interface SmFields {
  readonly serviceType: string
  readonly sourceTon: number
  readonly sourceNpi: number
  readonly source: string
  readonly destinationTon: number
  readonly destinationNpi: number
  readonly destination: string
  readonly esmClass: number
  readonly protocolId: number
  readonly priority: number
  readonly schedule: string
  readonly validity: string
  readonly registeredDelivery: number
  readonly replaceIfPresent: number
  readonly dataCoding: number
  readonly defaultMessageId: number
  readonly shortMessage: Buffer
}

export interface DataFields {
  readonly serviceType: string
  readonly sourceTon: number
  readonly sourceNpi: number
  readonly source: string
  readonly destinationTon: number
  readonly destinationNpi: number
  readonly destination: string
  readonly esmClass: number
  readonly registeredDelivery: number
  readonly dataCoding: number
}

export interface QueryFields {
  readonly messageId: string
  readonly sourceTon: number
  readonly sourceNpi: number
  readonly source: string
}

export interface QueryRespFields {
  readonly messageId: string
  readonly finalDate: string
  readonly messageState: number
  readonly errorCode: number
}

export interface CancelFields {
  readonly serviceType: string
  readonly messageId: string
  readonly sourceTon: number
  readonly sourceNpi: number
  readonly source: string
  readonly destinationTon: number
  readonly destinationNpi: number
  readonly destination: string
}

interface Bodies {
  generic_nack: object
  bind_receiver: BindFields
  bind_receiver_resp: { readonly systemId: string }
  bind_transmitter: BindFields
  bind_transmitter_resp: { readonly systemId: string }
  bind_transceiver: BindFields
  bind_transceiver_resp: { readonly systemId: string }
  submit_sm: SmFields
  submit_sm_resp: { readonly messageId: string }
  deliver_sm: SmFields
  deliver_sm_resp: { readonly messageId: string }
  data_sm: DataFields
  data_sm_resp: { readonly messageId: string }
  query_sm: QueryFields
  query_sm_resp: QueryRespFields
  cancel_sm: CancelFields
  cancel_sm_resp: object
  enquire_link: object
  enquire_link_resp: object
  unbind: object
  unbind_resp: object
}

/** Any PDU as a value. Strings are Latin-1 octets. */
export type Pdu = {
  [Name in CommandName]: { readonly command: Name } & Header &
    Bodies[Name] & { readonly tlvs?: readonly Tlv[] }
}[CommandName]

type Kind = 'octet' | 'string' | 'message'
type Layout = readonly (readonly [field: string, kind: Kind])[]

const BIND: Layout = [
  ['systemId', 'string'],
  ['password', 'string'],
  ['systemType', 'string'],
  ['interfaceVersion', 'octet'],
  ['addrTon', 'octet'],
  ['addrNpi', 'octet'],
  ['addressRange', 'string'],
]
const SOURCE: Layout = [
  ['sourceTon', 'octet'],
  ['sourceNpi', 'octet'],
  ['source', 'string'],
]
const DESTINATION: Layout = [
  ['destinationTon', 'octet'],
  ['destinationNpi', 'octet'],
  ['destination', 'string'],
]
const SM: Layout = [
  ['serviceType', 'string'],
  ...SOURCE,
  ...DESTINATION,
  ['esmClass', 'octet'],
  ['protocolId', 'octet'],
  ['priority', 'octet'],
  ['schedule', 'string'],
  ['validity', 'string'],
  ['registeredDelivery', 'octet'],
  ['replaceIfPresent', 'octet'],
  ['dataCoding', 'octet'],
  ['defaultMessageId', 'octet'],
  ['shortMessage', 'message'],
]

const LAYOUTS: Record<CommandName, Layout> = {
  generic_nack: [],
  bind_receiver: BIND,
  bind_receiver_resp: [['systemId', 'string']],
  bind_transmitter: BIND,
  bind_transmitter_resp: [['systemId', 'string']],
  bind_transceiver: BIND,
  bind_transceiver_resp: [['systemId', 'string']],
  submit_sm: SM,
  submit_sm_resp: [['messageId', 'string']],
  deliver_sm: SM,
  deliver_sm_resp: [['messageId', 'string']],
  data_sm: [
    ['serviceType', 'string'],
    ...SOURCE,
    ...DESTINATION,
    ['esmClass', 'octet'],
    ['registeredDelivery', 'octet'],
    ['dataCoding', 'octet'],
  ],
  data_sm_resp: [['messageId', 'string']],
  query_sm: [['messageId', 'string'], ...SOURCE],
  query_sm_resp: [
    ['messageId', 'string'],
    ['finalDate', 'string'],
    ['messageState', 'octet'],
    ['errorCode', 'octet'],
  ],
  cancel_sm: [['serviceType', 'string'], ['messageId', 'string'], ...SOURCE, ...DESTINATION],
  cancel_sm_resp: [],
  enquire_link: [],
  enquire_link_resp: [],
  unbind: [],
  unbind_resp: [],
}

/**
 * Encodes one PDU.
 * @throws RangeError for a string with a NUL or a character above U+00FF, a short message above 254 octets, or a
 * PDU above `MAX_PDU_BYTES`: mistakes of the caller, which the peer would decode as another message.
 */
export function encodePdu(pdu: Pdu): Buffer {
  const fields = pdu as unknown as Record<string, unknown>
  const pieces: Buffer[] = [Buffer.alloc(HEADER_BYTES)]
  // An error response has no body (sections 4.1.2 and 4.4.2).
  const layout = pdu.status === 0 ? LAYOUTS[pdu.command] : []
  for (const [field, kind] of layout) {
    const value = fields[field]
    if (kind === 'octet') pieces.push(Buffer.of(value as number))
    else if (kind === 'string') {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the NUL is what must not get in
      if (/[\u0000\u0100-\uffff]/.test(value as string))
        throw new RangeError(`${field}: not a Latin-1 string`)
      pieces.push(Buffer.from(`${value}\0`, 'latin1'))
    } else {
      const message = value as Buffer
      if (message.length > 254) throw new RangeError('shortMessage: above 254 octets')
      pieces.push(Buffer.of(message.length), message)
    }
  }
  for (const { tag, value } of pdu.tlvs ?? []) {
    const head = Buffer.alloc(4)
    head.writeUInt16BE(tag, 0)
    head.writeUInt16BE(value.length, 2)
    pieces.push(head, value)
  }
  const bytes = Buffer.concat(pieces)
  if (bytes.length > MAX_PDU_BYTES) throw new RangeError('PDU too long')
  writeHeader(bytes, 0, {
    length: bytes.length,
    commandId: COMMAND[pdu.command],
    status: pdu.status,
    sequence: pdu.sequence,
  })
  return bytes
}

/** Writes the 16 octets that begin every PDU (section 3.2). */
export function writeHeader(
  buffer: Buffer,
  at: number,
  {
    length,
    commandId,
    status,
    sequence,
  }: {
    readonly length: number
    readonly commandId: number
    readonly status: number
    readonly sequence: number
  },
): void {
  writeUInt32(buffer, at, length)
  writeUInt32(buffer, at + 4, commandId)
  writeUInt32(buffer, at + 8, status)
  writeUInt32(buffer, at + 12, sequence)
}

/** Writes big endian. The caller checks bounds: these functions run for every message. */
export function writeUInt32(buffer: Buffer, at: number, value: number): void {
  buffer[at] = value >>> 24
  buffer[at + 1] = value >>> 16
  buffer[at + 2] = value >>> 8
  buffer[at + 3] = value
}

export function readUInt32(buffer: Buffer, at: number): number {
  return (
    (((buffer[at] as number) << 24) |
      ((buffer[at + 1] as number) << 16) |
      ((buffer[at + 2] as number) << 8) |
      (buffer[at + 3] as number)) >>>
    0
  )
}

/** Reads an unsigned 16-bit integer, like `Buffer.readUInt16BE` without its checks. */
function readUInt16(buffer: Buffer, at: number): number {
  return ((buffer[at] as number) << 8) | (buffer[at + 1] as number)
}

/**
 * A decoded PDU or its fault: `status` is the one to answer with, in the response to `command` when it is a known
 * request, else in a generic_nack (section 4.3).
 */
export type DecodedPdu =
  | { readonly ok: true; readonly pdu: Pdu }
  | {
      readonly ok: false
      readonly command: CommandName | undefined
      readonly commandId: number
      readonly sequence: number
      readonly status: number
    }

const INVALID_LENGTH = 0x02
const INVALID_COMMAND = 0x03
const INVALID_MESSAGE_LENGTH = 0x01
const INVALID_OPTIONAL_PART = 0xc0

/** Decodes the PDU in `buffer[start, end)`, as framed by `PduFramer`. Never throws. */
export function decodePdu(buffer: Buffer, start = 0, end = buffer.length): DecodedPdu {
  const commandId = readUInt32(buffer, start + 4)
  const status = readUInt32(buffer, start + 8)
  const sequence = readUInt32(buffer, start + 12)
  const command = NAME_BY_ID.get(commandId)
  const fault = (code: number): DecodedPdu => ({ ok: false, command, commandId, sequence, status: code })
  if (command === undefined) return fault(INVALID_COMMAND)

  const fields: Record<string, unknown> = { command, status, sequence }
  const isResponse = commandId >= 0x80000000
  const reader = new PduReader(buffer, start + HEADER_BYTES, end)
  // A response may lack its body: the standard requires it for errors, and some providers omit it always.
  const isBare = isResponse && reader.isAtEnd
  for (const [field, kind] of LAYOUTS[command]) {
    if (isBare) fields[field] = kind === 'octet' ? 0 : ''
    else {
      // Some providers omit the NUL of a response's only string.
      const value = reader.readField(kind, isResponse)
      if (value === undefined) return fault(kind === 'message' ? INVALID_MESSAGE_LENGTH : INVALID_LENGTH)
      fields[field] = value
    }
  }
  const tlvs = reader.readTlvs()
  if (tlvs === undefined) return fault(INVALID_OPTIONAL_PART)
  if (tlvs.length > 0) fields.tlvs = tlvs
  return { ok: true, pdu: fields as unknown as Pdu }
}

/** Reads the body of a PDU from its start. Each method returns undefined where the body is too short for the field. */
class PduReader {
  readonly #buffer: Buffer
  readonly #end: number
  #at: number

  constructor(buffer: Buffer, start: number, end: number) {
    this.#buffer = buffer
    this.#at = start
    this.#end = end
  }

  get isAtEnd(): boolean {
    return this.#at === this.#end
  }

  /** @param mayLackNul accepts a string that goes to the end of the body without a NUL */
  readField(kind: Kind, mayLackNul: boolean): number | string | Buffer | undefined {
    if (kind === 'octet') return this.#readOctet()
    return kind === 'string' ? this.#readString(mayLackNul) : this.#readMessage()
  }

  readTlvs(): Tlv[] | undefined {
    const tlvs: Tlv[] = []
    while (this.#at < this.#end) {
      if (this.#at + 4 > this.#end) return undefined
      const tag = this.#buffer.readUInt16BE(this.#at)
      const length = this.#buffer.readUInt16BE(this.#at + 2)
      this.#at += 4
      const value = this.#readBytes(length)
      if (value === undefined) return undefined
      tlvs.push({ tag, value })
    }
    return tlvs
  }

  #readOctet(): number | undefined {
    return this.#at < this.#end ? this.#buffer[this.#at++] : undefined
  }

  #readString(mayLackNul: boolean): string | undefined {
    let stop = this.#at
    while (stop < this.#end && this.#buffer[stop] !== 0) stop++
    if (stop === this.#end && !mayLackNul) return undefined
    const value = this.#buffer.toString('latin1', this.#at, stop)
    this.#at = Math.min(stop + 1, this.#end)
    return value
  }

  /** Reads bytes with their number before them. */
  #readMessage(): Buffer | undefined {
    const length = this.#readOctet()
    return length === undefined ? undefined : this.#readBytes(length)
  }

  #readBytes(length: number): Buffer | undefined {
    if (this.#at + length > this.#end) return undefined
    const value = Buffer.from(this.#buffer.subarray(this.#at, this.#at + length))
    this.#at += length
    return value
  }
}

/**
 * Positions of fields in a `submit_sm` or `deliver_sm`: the result of `decodePdu` without building it. One object
 * is reused for every message, for speed. Positions are in the scanned buffer; -1, or a start equal to its end,
 * means absent.
 */
export interface SmScan {
  sourceTon: number
  sourceAt: number
  sourceEnd: number
  destinationTon: number
  destinationAt: number
  destinationEnd: number
  esmClass: number
  priority: number
  validityAt: number
  validityEnd: number
  registeredDelivery: number
  dataCoding: number
  /** Position of the `short_message`, or of the `message_payload` in its place. */
  messageAt: number
  messageEnd: number
  receiptedIdAt: number
  receiptedIdEnd: number
  messageState: number
  networkError: number
  reference: number
  sarReference: number
  sarTotal: number
  sarNumber: number
}

export function createSmScan(): SmScan {
  return {
    sourceTon: 0,
    sourceAt: 0,
    sourceEnd: 0,
    destinationTon: 0,
    destinationAt: 0,
    destinationEnd: 0,
    esmClass: 0,
    priority: 0,
    validityAt: 0,
    validityEnd: 0,
    registeredDelivery: 0,
    dataCoding: 0,
    messageAt: 0,
    messageEnd: 0,
    receiptedIdAt: 0,
    receiptedIdEnd: 0,
    messageState: -1,
    networkError: -1,
    reference: -1,
    sarReference: -1,
    sarTotal: -1,
    sarNumber: -1,
  }
}

/** Returns the index of the NUL at or after `at`, or -1 when the PDU ends first. */
function findNul(buffer: Buffer, at: number, end: number): number {
  for (let i = at; i < end; i++) if (buffer[i] === 0) return i
  return -1
}

/** Fills `scan` from the PDU in `buffer[start, end)`. Returns 0, or the `command_status` to answer. Never throws. */
export function scanSm(buffer: Buffer, start: number, end: number, scan: SmScan): number {
  let nul = findNul(buffer, start + HEADER_BYTES, end)
  if (nul < 0 || nul + 3 > end) return INVALID_LENGTH
  scan.sourceTon = buffer[nul + 1] as number
  scan.sourceAt = nul + 3
  nul = findNul(buffer, nul + 3, end)
  if (nul < 0 || nul + 3 > end) return INVALID_LENGTH
  scan.sourceEnd = nul
  scan.destinationTon = buffer[nul + 1] as number
  scan.destinationAt = nul + 3
  nul = findNul(buffer, nul + 3, end)
  if (nul < 0 || nul + 4 > end) return INVALID_LENGTH
  scan.destinationEnd = nul
  scan.esmClass = buffer[nul + 1] as number
  scan.priority = buffer[nul + 3] as number
  nul = findNul(buffer, nul + 4, end)
  if (nul < 0) return INVALID_LENGTH
  scan.validityAt = nul + 1
  nul = findNul(buffer, nul + 1, end)
  if (nul < 0 || nul + 6 > end) return INVALID_LENGTH
  scan.validityEnd = nul
  scan.registeredDelivery = buffer[nul + 1] as number
  scan.dataCoding = buffer[nul + 3] as number
  scan.messageAt = nul + 6
  scan.messageEnd = nul + 6 + (buffer[nul + 5] as number)
  if (scan.messageEnd > end) return INVALID_MESSAGE_LENGTH
  return scanTlvs(buffer, scan.messageEnd, end, scan)
}

/** Fills the fields of `scan` that `data_sm` has (section 4.7.1); its text can only be a `message_payload`. */
export function scanDataSm(buffer: Buffer, start: number, end: number, scan: SmScan): number {
  let nul = findNul(buffer, start + HEADER_BYTES, end)
  if (nul < 0 || nul + 3 > end) return INVALID_LENGTH
  scan.sourceTon = buffer[nul + 1] as number
  scan.sourceAt = nul + 3
  nul = findNul(buffer, nul + 3, end)
  if (nul < 0 || nul + 3 > end) return INVALID_LENGTH
  scan.sourceEnd = nul
  scan.destinationTon = buffer[nul + 1] as number
  scan.destinationAt = nul + 3
  nul = findNul(buffer, nul + 3, end)
  if (nul < 0 || nul + 4 > end) return INVALID_LENGTH
  scan.destinationEnd = nul
  scan.esmClass = buffer[nul + 1] as number
  scan.registeredDelivery = buffer[nul + 2] as number
  scan.dataCoding = buffer[nul + 3] as number
  scan.messageAt = nul + 4
  scan.messageEnd = nul + 4
  scan.validityAt = nul + 4
  scan.validityEnd = nul + 4
  return scanTlvs(buffer, nul + 4, end, scan)
}

function scanTlvs(buffer: Buffer, from: number, end: number, scan: SmScan): number {
  scan.receiptedIdAt = 0
  scan.receiptedIdEnd = 0
  scan.messageState = -1
  scan.networkError = -1
  scan.reference = -1
  scan.sarReference = -1
  scan.sarTotal = -1
  scan.sarNumber = -1
  let at = from
  while (at < end) {
    if (at + 4 > end) return INVALID_OPTIONAL_PART
    const tag = readUInt16(buffer, at)
    const length = readUInt16(buffer, at + 2)
    at += 4
    const stop = at + length
    if (stop > end) return INVALID_OPTIONAL_PART
    readTlv(buffer, tag, at, stop, scan)
    at = stop
  }
  return 0
}

/**
 * Fills the field of `scan` that an optional parameter has; its value is `buffer[at, stop)`. A known parameter of the wrong length is
 * ignored, as the standard requires for an unknown one.
 */
function readTlv(buffer: Buffer, tag: number, at: number, stop: number, scan: SmScan): void {
  switch (tag) {
    case TAG.user_message_reference:
      scan.reference = readIntegerOf(2, buffer, at, stop, scan.reference)
      break
    case TAG.receipted_message_id: {
      const nul = findNul(buffer, at, stop)
      scan.receiptedIdAt = at
      scan.receiptedIdEnd = nul < 0 ? stop : nul
      break
    }
    case TAG.message_state:
      scan.messageState = readIntegerOf(1, buffer, at, stop, scan.messageState)
      break
    case TAG.network_error_code:
      // The first of its three octets is the type of the network.
      if (stop - at === 3) scan.networkError = readUInt16(buffer, at + 1)
      break
    case TAG.message_payload:
      scan.messageAt = at
      scan.messageEnd = stop
      break
    case TAG.sar_msg_ref_num:
      scan.sarReference = readIntegerOf(2, buffer, at, stop, scan.sarReference)
      break
    case TAG.sar_total_segments:
      scan.sarTotal = readIntegerOf(1, buffer, at, stop, scan.sarTotal)
      break
    case TAG.sar_segment_seqnum:
      scan.sarNumber = readIntegerOf(1, buffer, at, stop, scan.sarNumber)
      break
  }
}

/** Reads an integer of one or two octets in `buffer[at, stop)`; one of another length leaves the value as it was. */
function readIntegerOf(octets: 1 | 2, buffer: Buffer, at: number, stop: number, otherwise: number): number {
  if (stop - at !== octets) return otherwise
  return octets === 1 ? (buffer[at] as number) : readUInt16(buffer, at)
}

/** An impossible `command_length`: the stream cannot be framed any further. */
export interface FramingError {
  readonly commandLength: number
}

type OnFrame = (buffer: Buffer, start: number, end: number) => void

/**
 * Splits a byte stream into PDUs, whatever its chunks. Retains at most one incomplete PDU, so at most
 * `MAX_PDU_BYTES`.
 */
export class PduFramer {
  /** The first octets of an incomplete PDU. */
  #head = Buffer.alloc(4)
  #unfinished: Buffer = this.#head
  #filled = 0
  #error: FramingError | undefined

  /**
   * Calls `onFrame` for each complete PDU in `buffer[start, end)`; the buffer is the chunk itself when possible.
   * Returns an error when framing is lost: nothing more is read afterwards.
   */
  push(chunk: Buffer, onFrame: OnFrame): FramingError | undefined {
    if (this.#error === undefined) {
      const from = this.#finish(chunk, onFrame)
      if (from !== undefined) this.#split(chunk, from, onFrame)
    }
    return this.#error
  }

  /**
   * Adds to an incomplete PDU what it lacks.
   * @returns where the next PDU begins in the chunk; undefined when the chunk ends before it, or framing is lost
   */
  #finish(chunk: Buffer, onFrame: OnFrame): number | undefined {
    let at = 0
    while (this.#filled > 0 && at < chunk.length) {
      const wanted = this.#filled < 4 ? 4 : this.#unfinished.length
      const taken = Math.min(wanted - this.#filled, chunk.length - at)
      chunk.copy(this.#unfinished, this.#filled, at, at + taken)
      this.#filled += taken
      at += taken
      if (this.#filled < wanted) return undefined
      if (wanted === 4) {
        const length = readUInt32(this.#head, 0)
        if (!this.#isLength(length)) return undefined
        this.#unfinished = Buffer.allocUnsafe(length)
        this.#head.copy(this.#unfinished)
      } else {
        const frame = this.#unfinished
        this.#unfinished = this.#head
        this.#filled = 0
        onFrame(frame, 0, frame.length)
      }
    }
    return at
  }

  /** Reads the PDUs of a chunk from an offset on, and retains the last one if it is incomplete. */
  #split(chunk: Buffer, from: number, onFrame: OnFrame): void {
    let at = from
    const end = chunk.length
    while (at + 4 <= end) {
      const length = readUInt32(chunk, at)
      if (!this.#isLength(length)) return
      if (at + length > end) {
        this.#unfinished = Buffer.allocUnsafe(length)
        this.#filled = chunk.copy(this.#unfinished, 0, at, end)
        return
      }
      const next = at + length
      onFrame(chunk, at, next)
      at = next
    }
    if (at < end) this.#filled = chunk.copy(this.#head, 0, at, end)
  }

  /** Returns whether a PDU can have a length; framing is lost otherwise. */
  #isLength(commandLength: number): boolean {
    if (commandLength >= HEADER_BYTES && commandLength <= MAX_PDU_BYTES) return true
    this.#error = { commandLength }
    this.#unfinished = this.#head
    return false
  }
}
