import type { Socket } from 'node:net'
import { explainStatus, statusCode } from '../smpp/pdu/codes.ts'
import { PduOutput } from '../smpp/pdu/output.ts'
import {
  COMMAND,
  decodePdu,
  encodePdu,
  type Pdu,
  PduFramer,
  readUInt32,
  writeHeader,
} from '../smpp/pdu/pdu.ts'
import { Unacknowledged } from './unacknowledged.ts'

/** Handles the PDUs that sessions receive. `Item`: what the simulator sends and wants acknowledged. */
export interface SmscSessionOwner<Item> {
  /** The `system_id` of the responses to binds. */
  readonly answersAs: string
  /** Returns the status of the bind response. */
  authenticate(systemId: string, password: string): number
  /** Handles a `submit_sm` in `buffer[start, end)` and answers it with `respond`. */
  submitted(session: SmscSession<Item>, buffer: Buffer, start: number, end: number, sequence: number): void
  /** Called when the client acknowledged an item or refused it permanently. */
  acknowledged?(item: Item): void
  /** Called with the items that the client refused temporarily in one read, to be sent again. */
  handedBack(session: SmscSession<Item>, items: Item[]): void
  query(pdu: Pdu & { command: 'query_sm' }): Pdu
  cancel(pdu: Pdu & { command: 'cancel_sm' }): Pdu
  /** Called after everything in one read was handled: the time to send receipts. */
  readEnded(session: SmscSession<Item>): void
  bound(session: SmscSession<Item>): void
  /** `unacknowledged`: items sent without an acknowledgement, in order. */
  closed(session: SmscSession<Item>, unacknowledged: Item[]): void
  /** True: the session reads but never answers. */
  isSilent(): boolean
  /** Called before every write, which may contain responses: stores what they promise, or resets the session. */
  beforeWrite?(session: SmscSession<Item>): void
}

/** Calls `beforeWrite` before every write. */
class GuardedOutput extends PduOutput {
  readonly #beforeWrite: () => void

  constructor(socket: Socket, onFull: () => void, beforeWrite: () => void) {
    super(socket, onFull)
    this.#beforeWrite = beforeWrite
  }

  override flush(): void {
    this.#beforeWrite()
    super.flush()
  }
}

const RESPONSE = 0x80000000
/** Maximum bytes waiting for a client that does not read. */
const MAX_UNSENT_BYTES = 4_194_304
const INVALID_BIND_STATUS = statusCode('ESME_RINVBNDSTS')
const ALREADY_BOUND = statusCode('ESME_RALYBND')
const INVALID_COMMAND = statusCode('ESME_RINVCMDID')
const INVALID_COMMAND_LENGTH = statusCode('ESME_RINVCMDLEN')

/** One connection of an ESME, from accept to close. */
export class SmscSession<Item> {
  readonly #socket: Socket
  readonly #owner: SmscSessionOwner<Item>
  readonly #receiptWindow: number
  readonly #unacknowledged = new Unacknowledged<Item>()
  readonly #framer = new PduFramer()
  /** Items refused temporarily in this read. */
  #handedBack: Item[] = []
  #sequence = 0
  #isOpen = true

  readonly output: PduOutput
  role: 'transceiver' | 'transmitter' | 'receiver' | undefined
  systemId = ''
  linkTests = 0

  /** `receiptWindow`: maximum items waiting for their acknowledgement. */
  constructor(socket: Socket, owner: SmscSessionOwner<Item>, receiptWindow: number) {
    this.#socket = socket
    this.#owner = owner
    this.#receiptWindow = receiptWindow
    // For a slow client, receipts wait in the simulator: see `isFull`. A client that sends requests without
    // reading the responses is not read either.
    const pause = () => {
      if (socket.writableLength > MAX_UNSENT_BYTES) socket.pause()
    }
    this.output =
      owner.beforeWrite === undefined
        ? new PduOutput(socket, pause)
        : new GuardedOutput(socket, pause, () => owner.beforeWrite?.(this))
    socket.on('drain', () => {
      if (socket.isPaused()) socket.resume()
    })
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#isOpen = false
      this.#owner.closed(this, this.#unacknowledged.takeAll())
    })
  }

  get canReceive(): boolean {
    return this.#isOpen && (this.role === 'transceiver' || this.role === 'receiver')
  }

  get unacknowledged(): number {
    return this.#unacknowledged.count
  }

  /** True when too much waits for a client that does not read, or for acknowledgements. */
  get isFull(): boolean {
    return this.#unacknowledged.count >= this.#receiptWindow || this.#socket.writableLength > MAX_UNSENT_BYTES
  }

  nextSequence(): number {
    do {
      this.#sequence = this.#sequence === 0x7fffffff ? 1 : this.#sequence + 1
    } while (!this.#unacknowledged.isFree(this.#sequence))
    return this.#sequence
  }

  /** Returns the sequence number for an item and starts waiting for its acknowledgement. */
  track(item: Item): number {
    const sequence = this.nextSequence()
    this.#unacknowledged.add(sequence, item)
    return sequence
  }

  /** Answers a `submit_sm`; an error has no body (section 4.4.2). */
  respond(status: number, sequence: number, messageId: string): void {
    if (status !== 0) {
      this.output.sendHeader(COMMAND.submit_sm_resp, status, sequence)
      return
    }
    const length = 17 + messageId.length
    let at = this.output.claim(length)
    const out = this.output.buffer
    writeHeader(out, at, { length, commandId: COMMAND.submit_sm_resp, status: 0, sequence })
    at += 16
    for (let i = 0; i < messageId.length; i++) out[at++] = messageId.charCodeAt(i)
    out[at] = 0
  }

  /** Closes with a TCP reset, like a peer that crashes, discarding unsent data. */
  reset(): void {
    this.#isOpen = false
    this.output.discard()
    this.#socket.resetAndDestroy()
  }

  end(): void {
    this.#isOpen = false
    this.#socket.destroySoon()
    setTimeout(() => this.#socket.destroy(), 200).unref()
  }

  #read(chunk: Buffer): void {
    if (!this.#isOpen || this.#owner.isSilent()) return
    this.output.hold()
    const error = this.#framer.push(chunk, this.#onFrame)
    if (this.#handedBack.length > 0) {
      this.#owner.handedBack(this, this.#handedBack)
      this.#handedBack = []
    }
    if (error !== undefined) {
      this.output.sendHeader(COMMAND.generic_nack, INVALID_COMMAND_LENGTH, 0)
      this.output.release()
      this.end()
      return
    }
    this.#owner.readEnded(this)
    this.output.release()
  }

  readonly #onFrame = (buffer: Buffer, start: number, end: number): void => {
    if (!this.#isOpen) return
    const commandId = readUInt32(buffer, start + 4)
    if (commandId === COMMAND.submit_sm) {
      const sequence = readUInt32(buffer, start + 12)
      if (this.role === 'transceiver' || this.role === 'transmitter') {
        this.#owner.submitted(this, buffer, start, end, sequence)
      } else this.output.sendHeader(COMMAND.submit_sm_resp, INVALID_BIND_STATUS, sequence)
    } else if (commandId === COMMAND.deliver_sm_resp) {
      this.#acknowledged(readUInt32(buffer, start + 12), readUInt32(buffer, start + 8))
    } else this.#handle(buffer, start, end)
  }

  /** A permanent error ends an item like a success. */
  #acknowledged(sequence: number, status: number): void {
    const item = this.#unacknowledged.take(sequence)
    if (item === undefined) return
    if (status === 0 || explainStatus(status).permanent) this.#owner.acknowledged?.(item)
    else this.#handedBack.push(item)
  }

  #handle(buffer: Buffer, start: number, end: number): void {
    const decoded = decodePdu(buffer, start, end)
    if (!decoded.ok) {
      if (decoded.commandId >= RESPONSE) return
      const answer = decoded.command === undefined ? COMMAND.generic_nack : decoded.commandId + RESPONSE
      this.output.sendHeader(answer, decoded.status, decoded.sequence)
      return
    }
    const { pdu } = decoded
    switch (pdu.command) {
      case 'bind_transceiver':
      case 'bind_transmitter':
      case 'bind_receiver': {
        const status =
          this.role === undefined ? this.#owner.authenticate(pdu.systemId, pdu.password) : ALREADY_BOUND
        this.output.send(
          encodePdu({
            command: `${pdu.command}_resp`,
            status,
            sequence: pdu.sequence,
            systemId: this.#owner.answersAs,
          }),
        )
        if (status !== 0) return
        this.role = pdu.command.slice('bind_'.length) as 'transceiver' | 'transmitter' | 'receiver'
        this.systemId = pdu.systemId
        this.#owner.bound(this)
        return
      }
      case 'enquire_link':
        this.linkTests++
        this.output.sendHeader(COMMAND.enquire_link_resp, 0, pdu.sequence)
        return
      case 'generic_nack':
        this.#acknowledged(pdu.sequence, pdu.status)
        return
      case 'unbind':
        this.output.sendHeader(COMMAND.unbind_resp, 0, pdu.sequence)
        this.output.flush()
        this.end()
        return
      case 'query_sm':
        this.output.send(encodePdu(this.#owner.query(pdu)))
        return
      case 'cancel_sm':
        this.output.send(encodePdu(this.#owner.cancel(pdu)))
        return
      default:
        if (COMMAND[pdu.command] < RESPONSE) {
          this.output.sendHeader(COMMAND.generic_nack, INVALID_COMMAND, pdu.sequence)
        }
    }
  }
}
