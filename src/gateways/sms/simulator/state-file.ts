import fs from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { encodeUcs2 } from '../../../message/gsm0338.ts'
import { MESSAGE_STATE } from './delivery-pdu.ts'
import { type Handset, type HandsetState, type Handsets, receivePart } from './handsets.ts'
import { type AppendedPart, ReceivedText } from './message-log.ts'
import type { Delivery, Outgoing, PhoneMessage } from './outgoing.ts'

/** Another process has the file. */
export class StateFileInUse extends Error {
  constructor(path: string) {
    super(`${path} is used by another simulator`)
  }
}

/** The first line of a file: where numbers go on, and the texts on the phones, each of them once. */
interface Header {
  readonly type: 'smsc'
  readonly version: typeof VERSION
  readonly nextId: number
  readonly nextNo: number
  readonly texts: readonly string[]
}

/** A phone's switch and delay; with `messages`, all that is on it. Texts by their place in the header. */
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

/** What became of an accepted part; `receipt`: its receipt is still to be acknowledged. */
interface EndedRecord {
  readonly type: 'ended'
  readonly id: number
  readonly at: number
  readonly state: number
  readonly error: number
  readonly receipt: boolean
}

/** A receipt to be acknowledged, of a part that the phones have already. */
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

/** Of a receipt by `id`, of a message from a phone by `no`. */
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
/** Written anew when it is longer, and twice as long as what has to be in it. */
const COMPACT_BYTES = 64 * 1024 * 1024
const NO_TEXT = new ReceivedText(Buffer.alloc(0), 0, 0)
const UCS2 = 8

/**
 * What an SMS centre owes: each part that it accepted until its receipt is acknowledged, and what is on the phones.
 * An NDJSON file of what happened, read back and written anew, shorter, when it is opened. A line is in the file (as
 * the operating system sees it: the end of the process loses nothing, that of the machine may) once `flush` has
 * returned. The phones are those given, if any: filled when it is opened, read when it writes itself anew.
 */
export class StateFile {
  readonly #path: string
  readonly #handsets: Handsets | undefined
  readonly #compactBytes: number
  readonly #lock: DatabaseSync
  /** Accepted and not yet acknowledged, or not decided, in the order accepted. */
  readonly #deliveries = new Map<number, Delivery>()
  readonly #replies = new Map<number, PhoneMessage>()
  #nextId = 0
  #nextNo = 1
  #file = -1
  #lines = ''
  /** What a write that failed has left. */
  #unwritten: Buffer | undefined
  #size = 0
  #compactAt = 0
  #isFlushPlanned = false
  #isOpen = true

  /**
   * `compactBytes`: see COMPACT_BYTES.
   * @throws StateFileInUse; Error for a file that is not one of these; what the file system throws
   */
  constructor(path: string, handsets: Handsets | undefined, compactBytes = COMPACT_BYTES) {
    this.#path = path
    this.#handsets = handsets
    this.#compactBytes = compactBytes
    this.#lock = lock(path)
    try {
      this.#read()
      this.#compact()
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** Above every id ever given; 0 for a new file. */
  get nextId(): number {
    return this.#nextId
  }

  /** The same for messages from phones; from 1. */
  get nextNo(): number {
    return this.#nextNo
  }

  /** What is not decided, and what is not acknowledged, the oldest first. */
  pending(): { readonly deliveries: Delivery[]; readonly replies: PhoneMessage[] } {
    return { deliveries: [...this.#deliveries.values()], replies: [...this.#replies.values()] }
  }

  accepted(delivery: Delivery): void {
    this.#deliveries.set(delivery.id, delivery)
    this.#nextId = Math.max(this.#nextId, delivery.id + 1)
    this.#append(acceptedRecord(delivery))
  }

  /** `isOwed`: a receipt of it will go out, to be acknowledged. */
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
   * Writes what was noted.
   * @throws what the file system throws; then nothing is lost, and the next call goes on where this one stopped
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
      // The long file serves as well as a short one: this is tried again when it has doubled.
      this.#compactAt = this.#size * 2
    }
  }

  /** Writes what was noted, as far as it can, and lets the file go. Later notes are forgotten. */
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
    // What no answer waits for goes at the end of the tick.
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
      // Kept for the next time; the flush before an answer tells.
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
    // A process killed as it wrote leaves a last line without its end: nobody was told what it says.
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      const record = parse(bytes.toString('utf8', start, end))
      if (start === 0) this.#readHeader(record, texts)
      else if (record !== undefined) this.#replay(record, texts)
      start = end + 1
    }
    // The header is in the file before anything else: what has none was never ours to replace.
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
          receivePart(this.#handsets.get(destination), id, source, part, text, record.at)
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

  /** Puts in place of the file one that says what is, and no more how it came. Nothing may be left unwritten. */
  #compact(): void {
    const next = `${this.#path}.next`
    fs.rmSync(next, { force: true })
    const file = fs.openSync(next, 'a', 0o600)
    let size: number
    try {
      size = this.#writeSnapshot(file)
      // Before it takes the place of a file that is whole.
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

/** Texts read from a file, each of them once. */
class Texts {
  readonly #texts = new Map<string, ReceivedText>()
  /** Those of the header. */
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

/** Undefined for a line that is not whole. */
function parse(line: string): StateRecord | undefined {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? (value as StateRecord) : undefined
  } catch {
    return undefined
  }
}

/** The operating system's lock, through SQLite: it ends with the process, however it ends. @throws StateFileInUse */
function lock(path: string): DatabaseSync {
  // What the file system refuses is told in its own words.
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
