import fs from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { encodeUcs2 } from '../../../message/gsm0338.ts'
import { MESSAGE_STATE } from './delivery-pdu.ts'
import { type Handset, type HandsetState, type Handsets, receivePart } from './handsets.ts'
import { type AppendedPart, ReceivedText } from './message-log.ts'
import type { Delivery, Outgoing, PhoneMessage } from './outgoing.ts'

/** Another process holds the file. */
export class StateFileInUse extends Error {
  constructor(path: string) {
    super(`${path} is used by another simulator`)
  }
}

/** The first line of a file: the next numbers, and the distinct texts on the phones. */
interface Header {
  readonly type: 'smsc'
  readonly version: typeof VERSION
  readonly nextId: number
  readonly nextNo: number
  readonly texts: readonly string[]
}

/** A phone's state and delay; with `messages`, everything on it. Texts by their index in the header. */
interface HandsetRecord {
  readonly type: 'handset'
  readonly number: string
  readonly state: HandsetState
  readonly delayMs: number
  readonly messages?: readonly (readonly [id: number, from: string, atMs: number, texts: number[]])[]
  readonly fragments?: readonly (readonly [key: string, texts: (number | null)[]])[]
}

interface AcceptedRecord {
  readonly type: 'accepted'
  readonly id: number
  readonly at: number
  readonly account: string
  readonly from: string
  readonly to: string
  readonly reference: number
  readonly part?: AppendedPart
  readonly text: string
  readonly receipt: boolean
  readonly until: number
}

/** The end of an accepted part; `receipt`: a receipt must still be acknowledged. */
interface EndedRecord {
  readonly type: 'ended'
  readonly id: number
  readonly at: number
  readonly state: number
  readonly error: number
  readonly receipt: boolean
}

/** A receipt to be acknowledged, of a part already on its phone. */
interface ReceiptRecord {
  readonly type: 'receipt'
  readonly id: number
  readonly at: number
  readonly account: string
  readonly from: string
  readonly to: string
  readonly reference: number
  readonly state: number
  readonly error: number
}

interface ReplyRecord {
  readonly type: 'reply'
  readonly no: number
  readonly account: string
  readonly from: string
  readonly to: string
  readonly text: string
}

/** An acknowledgement of a receipt by `id`, or of a message from a phone by `no`. */
interface AcknowledgedRecord {
  readonly type: 'acknowledged'
  readonly id?: number
  readonly no?: number
}

type StateRecord =
  | Header
  | HandsetRecord
  | AcceptedRecord
  | EndedRecord
  | ReceiptRecord
  | ReplyRecord
  | AcknowledgedRecord

const VERSION = 1
const NEWLINE = 0x0a
/** The file is compacted when it is longer, and twice as long as its content. */
const COMPACT_BYTES = 64 * 1024 * 1024
const NO_TEXT = new ReceivedText(Buffer.alloc(0), 0, 0)
const UCS2 = 8

/**
 * Stores the pending items of an SMS centre: each accepted part until its receipt is acknowledged, and the phones.
 * It is an NDJSON file of events, replayed and compacted when opened. A line is in the file once `flush` has
 * returned, as seen by the operating system: a crash of the process loses nothing, one of the machine may.
 * `handsets`, if given, is filled on opening and read on compaction.
 */
export class StateFile {
  readonly #path: string
  readonly #handsets: Handsets | undefined
  readonly #compactBytes: number
  readonly #lock: DatabaseSync
  /** Parts not final or not acknowledged, in the order of acceptance. */
  readonly #deliveries = new Map<number, Delivery>()
  readonly #replies = new Map<number, PhoneMessage>()
  #nextId = 0
  #nextNo = 1
  #file = -1
  #lines = ''
  /** Bytes left by a failed write. */
  #unwritten: Buffer | undefined
  #size = 0
  #compactAt = 0
  #isFlushPlanned = false
  #isOpen = true

  /**
   * Opens and locks the file. `compactBytes`: see COMPACT_BYTES.
   * @throws StateFileInUse; Error for another kind of file; errors of the file system
   */
  constructor(path: string, handsets: Handsets | undefined, compactBytes = COMPACT_BYTES) {
    this.#path = path
    this.#handsets = handsets
    this.#compactBytes = compactBytes
    this.#lock = lockFile(path)
    try {
      this.#read()
      this.#compact()
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** Greater than every id used so far; 0 for a new file. */
  get nextId(): number {
    return this.#nextId
  }

  /** Next number of a message from a phone, from 1. */
  get nextNo(): number {
    return this.#nextNo
  }

  /** Returns items that are not final or not acknowledged, oldest first. */
  pending(): { readonly deliveries: Delivery[]; readonly replies: PhoneMessage[] } {
    return { deliveries: [...this.#deliveries.values()], replies: [...this.#replies.values()] }
  }

  accepted(delivery: Delivery): void {
    this.#deliveries.set(delivery.id, delivery)
    this.#nextId = Math.max(this.#nextId, delivery.id + 1)
    this.#append(acceptedRecord(delivery))
  }

  /** `isOwed`: a receipt will be sent and must be acknowledged. */
  ended({ id, messageState, errorCode }: Delivery, atMs: number, isOwed: boolean): void {
    if (!isOwed) this.#deliveries.delete(id)
    this.#append({ type: 'ended', id, at: atMs, state: messageState, error: errorCode, receipt: isOwed })
  }

  replied(message: PhoneMessage): void {
    this.#replies.set(message.no, message)
    this.#nextNo = Math.max(this.#nextNo, message.no + 1)
    this.#append(replyRecord(message))
    this.#tryFlush()
  }

  acknowledged(item: Outgoing): void {
    if ('body' in item) {
      this.#replies.delete(item.no)
      this.#append({ type: 'acknowledged', no: item.no })
    } else {
      this.#deliveries.delete(item.id)
      this.#append({ type: 'acknowledged', id: item.id })
    }
  }

  handsetChanged({ number, state, delayMs }: Handset): void {
    this.#append({ type: 'handset', number, state, delayMs })
    this.#tryFlush()
  }

  /**
   * Writes the recorded events.
   * @throws errors of the file system; nothing is lost then, and the next call continues where this one stopped
   */
  flush(): void {
    if (!this.#isOpen || (this.#lines === '' && this.#unwritten === undefined)) return
    const lines = Buffer.from(this.#lines)
    this.#lines = ''
    this.#unwritten = this.#unwritten === undefined ? lines : Buffer.concat([this.#unwritten, lines])
    while (this.#unwritten.length > 0) {
      const count = fs.writeSync(this.#file, this.#unwritten)
      this.#size += count
      this.#unwritten = this.#unwritten.subarray(count)
    }
    this.#unwritten = undefined
    if (this.#size < this.#compactAt) return
    try {
      this.#compact()
    } catch {
      // Compaction failed, but the long file still works: tried again when it has doubled.
      this.#compactAt = this.#size * 2
    }
  }

  /** Writes recorded events as far as possible and releases the file. Later events are dropped. */
  close(): void {
    if (!this.#isOpen) return
    this.#tryFlush()
    this.#isOpen = false
    if (this.#file !== -1) fs.closeSync(this.#file)
    this.#lock.close()
  }

  #append(record: StateRecord): void {
    if (!this.#isOpen) return
    this.#lines += `${JSON.stringify(record)}\n`
    if (this.#isFlushPlanned) return
    // Events that no response waits for are written at the end of the tick.
    this.#isFlushPlanned = true
    setImmediate(() => {
      this.#isFlushPlanned = false
      this.#tryFlush()
    })
  }

  #tryFlush(): void {
    try {
      this.flush()
    } catch {
      // Kept for the next flush; the flush before a response reports the error.
    }
  }

  // ---- Reading ----

  #read(): void {
    let bytes: Buffer
    try {
      bytes = fs.readFileSync(this.#path)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
      throw error
    }
    if (bytes.length === 0) return
    const texts = new Texts()
    let start = 0
    // A process killed while writing leaves an incomplete last line, whose event was never confirmed.
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      const record = parseRecord(bytes.toString('utf8', start, end))
      if (start === 0) this.#readHeader(record, texts)
      else if (record !== undefined) this.#replay(record, texts)
      start = end + 1
    }
    // The header is written first: a file without one is not a state file and must not be replaced.
    if (start === 0) this.#readHeader(undefined, texts)
  }

  #readHeader(record: StateRecord | undefined, texts: Texts): void {
    if (record?.type !== 'smsc' || record.version !== VERSION) {
      throw new Error(`${this.#path} is not a state file of this version of the simulator`)
    }
    this.#nextId = record.nextId
    this.#nextNo = record.nextNo
    texts.listed = record.texts.map((text) => texts.get(text))
  }

  #replay(record: StateRecord, texts: Texts): void {
    switch (record.type) {
      case 'handset':
        this.#replayHandset(record, texts)
        break
      case 'accepted':
        this.#deliveries.set(record.id, {
          ...deliveryOf(record),
          part: record.part,
          text: texts.get(record.text),
          wantsReceipt: record.receipt,
          validUntilMs: record.until,
        })
        this.#nextId = Math.max(this.#nextId, record.id + 1)
        break
      case 'ended': {
        const delivery = this.#deliveries.get(record.id)
        if (delivery === undefined) break
        delivery.messageState = record.state
        delivery.errorCode = record.error
        if (record.state === MESSAGE_STATE.delivered && this.#handsets !== undefined) {
          const { id, source, destination, part, text } = delivery
          receivePart(this.#handsets.get(destination), {
            id,
            from: source,
            part,
            text,
            receivedAtMs: record.at,
          })
        }
        if (!record.receipt) this.#deliveries.delete(record.id)
        break
      }
      case 'receipt':
        this.#deliveries.set(record.id, {
          ...deliveryOf(record),
          part: undefined,
          text: NO_TEXT,
          wantsReceipt: true,
          validUntilMs: record.at,
          messageState: record.state,
          errorCode: record.error,
        })
        break
      case 'reply': {
        const { no, account, from, to, text } = record
        this.#replies.set(no, { no, systemId: account, from, to, body: text })
        this.#nextNo = Math.max(this.#nextNo, no + 1)
        break
      }
      case 'acknowledged':
        if (record.id !== undefined) this.#deliveries.delete(record.id)
        if (record.no !== undefined) this.#replies.delete(record.no)
    }
  }

  #replayHandset(record: HandsetRecord, texts: Texts): void {
    const handset = this.#handsets?.get(record.number)
    if (handset === undefined) return
    handset.state = record.state
    handset.delayMs = record.delayMs
    for (const [id, from, receivedAtMs, places] of record.messages ?? []) {
      handset.messages.push({ id, from, receivedAtMs, texts: places.map((place) => texts.at(place)) })
    }
    for (const [key, places] of record.fragments ?? []) {
      handset.fragments ??= new Map()
      handset.fragments.set(
        key,
        places.map((place) => (place === null ? undefined : texts.at(place))),
      )
    }
  }

  // ---- Writing anew ----

  /** Replaces the file by one with the current state instead of the events. Everything must be flushed before. */
  #compact(): void {
    const next = `${this.#path}.next`
    fs.rmSync(next, { force: true })
    const file = fs.openSync(next, 'a', 0o600)
    let size: number
    try {
      size = this.#writeSnapshot(file)
      // Synced before it replaces a complete file.
      fs.fsyncSync(file)
      fs.renameSync(next, this.#path)
    } catch (error) {
      fs.closeSync(file)
      fs.rmSync(next, { force: true })
      throw error
    }
    if (this.#file !== -1) fs.closeSync(this.#file)
    this.#file = file
    this.#size = size
    this.#compactAt = Math.max(this.#compactBytes, size * 2)
  }

  #writeSnapshot(file: number): number {
    const places = new Map<string, number>()
    const placeOf = (text: ReceivedText): number => {
      const place = places.get(text.value) ?? places.size
      places.set(text.value, place)
      return place
    }
    const handsets: HandsetRecord[] = []
    for (const { number, state, delayMs, messages, fragments } of this.#handsets?.list() ?? []) {
      handsets.push({
        type: 'handset',
        number,
        state,
        delayMs,
        messages: messages.map(({ id, from, receivedAtMs, texts }) => [
          id,
          from,
          receivedAtMs,
          texts.map(placeOf),
        ]),
        ...(fragments === undefined || fragments.size === 0
          ? {}
          : {
              fragments: [...fragments].map(
                ([key, texts]) => [key, texts.map((text) => (text ? placeOf(text) : null))] as const,
              ),
            }),
      })
    }
    const { nextId, nextNo } = this
    const header: Header = { type: 'smsc', version: VERSION, nextId, nextNo, texts: [...places.keys()] }
    let size = 0
    let lines = ''
    const write = () => {
      const bytes = Buffer.from(lines)
      lines = ''
      for (let at = 0; at < bytes.length; ) at += fs.writeSync(file, bytes, at)
      size += bytes.length
    }
    const add = (record: StateRecord) => {
      lines += `${JSON.stringify(record)}\n`
      if (lines.length > 1_000_000) write()
    }
    add(header)
    for (const handset of handsets) add(handset)
    for (const delivery of this.#deliveries.values()) {
      add(delivery.messageState === 0 ? acceptedRecord(delivery) : receiptRecord(delivery))
    }
    for (const message of this.#replies.values()) add(replyRecord(message))
    write()
    return size
  }
}

/** Texts read from a file, each kept once. */
class Texts {
  readonly #texts = new Map<string, ReceivedText>()
  /** Texts of the header. */
  listed: readonly ReceivedText[] = []

  get(value: string): ReceivedText {
    const known = this.#texts.get(value)
    if (known !== undefined) return known
    const text = new ReceivedText(Buffer.from(encodeUcs2(value)), UCS2, 0)
    this.#texts.set(value, text)
    return text
  }

  at(place: number): ReceivedText {
    return this.listed[place] ?? NO_TEXT
  }
}

function acceptedRecord(delivery: Delivery): AcceptedRecord {
  const { id, systemId, source, destination, reference, part, text } = delivery
  return {
    type: 'accepted',
    id,
    at: delivery.submittedAtMs,
    account: systemId,
    from: source,
    to: destination,
    reference,
    ...(part === undefined ? {} : { part }),
    text: text.value,
    receipt: delivery.wantsReceipt,
    until: delivery.validUntilMs,
  }
}

function receiptRecord(delivery: Delivery): ReceiptRecord {
  const { id, systemId, source, destination, reference } = delivery
  return {
    type: 'receipt',
    id,
    at: delivery.submittedAtMs,
    account: systemId,
    from: source,
    to: destination,
    reference,
    state: delivery.messageState,
    error: delivery.errorCode,
  }
}

function replyRecord({ no, systemId, from, to, body }: PhoneMessage): ReplyRecord {
  return { type: 'reply', no, account: systemId, from, to, text: body }
}

function deliveryOf({ id, at, account, from, to, reference }: AcceptedRecord | ReceiptRecord) {
  return {
    id,
    systemId: account,
    source: from,
    destination: to,
    reference,
    submittedAtMs: at,
    messageState: 0,
    errorCode: 0,
    dueAt: 0,
    timer: undefined,
  }
}

/** Parses a line; undefined when it is incomplete. */
function parseRecord(line: string): StateRecord | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as StateRecord) : undefined
  } catch {
    return undefined
  }
}

/**
 * Takes a lock of the operating system through SQLite, which is released however the process ends. @throws
 * StateFileInUse
 */
function lockFile(path: string): DatabaseSync {
  // Errors of the file system are thrown unchanged.
  fs.closeSync(fs.openSync(`${path}.lock`, 'a', 0o600))
  const database = new DatabaseSync(`${path}.lock`, { timeout: 0 })
  try {
    database.exec('pragma locking_mode = exclusive; begin exclusive')
  } catch {
    database.close()
    throw new StateFileInUse(path)
  }
  return database
}
