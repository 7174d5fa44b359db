import type { Socket } from 'node:net'
import { statusCode } from '../smpp/codes.ts'
import { PduOutput } from '../smpp/output.ts'
import { COMMAND, decodePdu, encodePdu, type Pdu, PduFramer, readUInt32, writeHeader } from '../smpp/pdu.ts'

/** What the simulator does with what its sessions receive. */
export interface SmscSessionOwner {
  /** Status to answer a bind with. */
  authenticate(systemId: string, password: string): number
  /** A `submit_sm` lies in `buffer[start, end)`; the owner answers it, by `respond`. */
  submitted(session: SmscSession, buffer: Buffer, start: number, end: number, sequence: number): void
  query(pdu: Pdu & { command: 'query_sm' }): Pdu
  cancel(pdu: Pdu & { command: 'cancel_sm' }): Pdu
  /** All that one read brought has been handled: the time to send receipts. */
  readEnded(session: SmscSession): void
  bound(session: SmscSession): void
  closed(session: SmscSession): void
  /** Reads and says nothing. */
  isSilent(): boolean
}

const RESPONSE = 0x80000000
const INVALID_BIND_STATUS = statusCode('ESME_RINVBNDSTS')
const ALREADY_BOUND = statusCode('ESME_RALYBND')
const INVALID_COMMAND = statusCode('ESME_RINVCMDID')
const INVALID_COMMAND_LENGTH = statusCode('ESME_RINVCMDLEN')

/** One connection of an ESME, from accept to close. */
export class SmscSession {
  readonly #socket: Socket
  readonly #owner: SmscSessionOwner
  readonly #framer = new PduFramer()
  #sequence = 0
  #isOpen = true

  readonly output: PduOutput
  role: 'transceiver' | 'transmitter' | 'receiver' | undefined
  systemId = ''

  constructor(socket: Socket, owner: SmscSessionOwner) {
    this.#socket = socket
    this.#owner = owner
    // A slow reader is waited for by its receipts, which stay in the simulator: see `isFull`.
    this.output = new PduOutput(socket, () => {})
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('error', () => {})
    socket.on('close', () => {
      this.#isOpen = false
      this.#owner.closed(this)
    })
  }

  get canReceive(): boolean {
    return this.#isOpen && (this.role === 'transceiver' || this.role === 'receiver')
  }

  /** Some megabytes wait for a reader that does not come. */
  get isFull(): boolean {
    return this.#socket.writableLength > 4_194_304
  }

  nextSequence(): number {
    this.#sequence = this.#sequence === 0x7fffffff ? 1 : this.#sequence + 1
    return this.#sequence
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
    writeHeader(out, at, length, COMMAND.submit_sm_resp, 0, sequence)
    at += 16
    for (let i = 0; i < messageId.length; i++) out[at++] = messageId.charCodeAt(i)
    out[at] = 0
  }

  /** As a peer that dies: with a reset, and nothing of what was about to be said. */
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
    } else if (commandId !== COMMAND.deliver_sm_resp) this.#handle(buffer, start, end)
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
          encodePdu({ command: `${pdu.command}_resp`, status, sequence: pdu.sequence, systemId: 'tocsin' }),
        )
        if (status !== 0) return
        this.role = pdu.command.slice('bind_'.length) as 'transceiver' | 'transmitter' | 'receiver'
        this.systemId = pdu.systemId
        this.#owner.bound(this)
        return
      }
      case 'enquire_link':
        this.output.sendHeader(COMMAND.enquire_link_resp, 0, pdu.sequence)
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
