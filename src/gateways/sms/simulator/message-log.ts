import { decodeText } from '../smpp/inbound.ts'

/** An accepted `submit_sm`. */
export interface LogEntry {
  /** Position in the log, from 0, never reused. */
  readonly no: number
  readonly at: string
  readonly messageId: string
  readonly source: string
  readonly destination: string
  /** `user_message_reference`, when the submission had one. */
  readonly reference: number | undefined
  readonly part: { readonly reference: number; readonly number: number; readonly total: number } | undefined
  readonly text: string
}

/** A received text, shared by all its recipients and decoded on first use. */
export class ReceivedText {
  readonly #bytes: Buffer
  readonly #dataCoding: number
  readonly #esmClass: number
  #decoded: string | undefined

  constructor(bytes: Buffer, dataCoding: number, esmClass: number) {
    this.#bytes = bytes
    this.#dataCoding = dataCoding
    this.#esmClass = esmClass
  }

  /** Compares octets, coding and header type; the reference in a header is ignored. */
  equals(buffer: Buffer, start: number, end: number, dataCoding: number, esmClass: number): boolean {
    return (
      this.#dataCoding === dataCoding &&
      this.#esmClass === esmClass &&
      this.#bytes.compare(buffer, start, end) === 0
    )
  }

  get value(): string {
    this.#decoded ??= decodeText(this.#bytes, this.#dataCoding, this.#esmClass)
    return this.#decoded
  }
}

const CHUNK = 65_536

/** A section of the log in columns: about 70 octets per entry, whatever the text. */
interface Chunk {
  readonly firstNo: number
  length: number
  readonly at: Float64Array
  readonly id: Float64Array
  readonly destination: string[]
  readonly source: string[]
  readonly text: ReceivedText[]
  readonly reference: Int32Array
  readonly part: Int32Array
}

export interface AppendedPart {
  readonly reference: number
  readonly number: number
  readonly total: number
}

/**
 * All accepted submissions in order; beyond `capacity` entries the oldest are dropped. Stored in columns with
 * shared strings, since a bench writes hundreds of thousands per second.
 */
export class MessageLog {
  readonly #capacity: number
  readonly #formatId: (id: number) => string
  #chunks: Chunk[] = []
  #nextNo = 0

  constructor(capacity: number, formatId: (id: number) => string) {
    this.#capacity = capacity
    this.#formatId = formatId
  }

  /** Number of entries ever written. */
  get count(): number {
    return this.#nextNo
  }

  append({
    atMs,
    id,
    source,
    destination,
    reference,
    part,
    text,
  }: {
    readonly atMs: number
    readonly id: number
    readonly source: string
    readonly destination: string
    readonly reference: number
    readonly part: AppendedPart | undefined
    readonly text: ReceivedText
  }): void {
    const no = this.#nextNo++
    if (this.#capacity === 0) return
    let chunk = this.#chunks.at(-1)
    if (chunk === undefined || chunk.length === CHUNK) {
      chunk = {
        firstNo: no,
        length: 0,
        at: new Float64Array(CHUNK),
        id: new Float64Array(CHUNK),
        destination: [],
        source: [],
        text: [],
        reference: new Int32Array(CHUNK),
        part: new Int32Array(CHUNK),
      }
      this.#chunks.push(chunk)
      if ((this.#chunks.length - 1) * CHUNK >= this.#capacity) this.#chunks.shift()
    }
    const i = chunk.length++
    chunk.at[i] = atMs
    chunk.id[i] = id
    chunk.destination.push(destination)
    chunk.source.push(source)
    chunk.text.push(text)
    chunk.reference[i] = reference
    chunk.part[i] = part === undefined ? -1 : (part.reference << 16) | (part.number << 8) | part.total
  }

  /** Yields entries from number `since`, oldest first. */
  *entries(since = 0): Generator<LogEntry> {
    for (const chunk of this.#chunks) {
      for (let i = Math.max(0, since - chunk.firstNo); i < chunk.length; i++) {
        const reference = chunk.reference[i] as number
        const part = chunk.part[i] as number
        yield {
          no: chunk.firstNo + i,
          at: new Date(chunk.at[i] as number).toISOString(),
          messageId: this.#formatId(chunk.id[i] as number),
          source: chunk.source[i] as string,
          destination: chunk.destination[i] as string,
          reference: reference < 0 ? undefined : reference,
          part:
            part === -1
              ? undefined
              : { reference: part >>> 16, number: (part >>> 8) & 0xff, total: part & 0xff },
          text: (chunk.text[i] as ReceivedText).value,
        }
      }
    }
  }

  clear(): void {
    this.#chunks = []
  }
}
