import { statusCode } from '../smpp/pdu/codes.ts'
import { COMMAND, writeHeader } from '../smpp/pdu/pdu.ts'
import { changeFaults, NO_FAULTS, type SmscFaults } from './faults.ts'
import type { Outgoing } from './outgoing.ts'
import type { SmscSession } from './smsc-session.ts'

type Session = SmscSession<Outgoing>

const INVALID_DESTINATION = statusCode('ESME_RINVDSTADR')
const QUEUE_FULL = statusCode('ESME_RMSGQFUL')
const THROTTLED = statusCode('ESME_RTHROTTLED')
/** Sequence numbers that no client reaches. */
const UNUSED_SEQUENCES = 0x70000000

/** Applies the faults that are switched on to what the simulator answers and sends. */
export class ProviderFaults {
  readonly #random: () => number
  #faults: SmscFaults
  #isAny: boolean
  #sinceCut = 0
  #tokens = 0
  #tokensAt = performance.now()
  /** Timers of responses and receipts sent out of order. */
  readonly #reorderTimers = new Set<NodeJS.Timeout>()
  readonly #delayedResponses: { session: Session; sequence: number; id: string; dueAt: number }[] = []
  #responseTimer: NodeJS.Timeout | undefined

  constructor(faults: Partial<SmscFaults>, random: () => number) {
    this.#random = random
    this.#faults = { ...NO_FAULTS, ...faults }
    this.#isAny = anyFault(this.#faults)
  }

  get current(): SmscFaults {
    return this.#faults
  }

  /** Whether any fault is switched on. */
  get isAny(): boolean {
    return this.#isAny
  }

  /** Applies an untrusted change; returns the new faults or the error. */
  change(change: unknown): SmscFaults | { readonly problem: string } {
    const changed = changeFaults(this.#faults, change)
    if ('problem' in changed) return changed
    this.#faults = changed
    this.#isAny = anyFault(changed)
    this.#tokens = 0
    this.#tokensAt = performance.now()
    return changed
  }

  /** Returns the status to refuse the submission with, or 0. */
  refusalStatus(destination: string): number {
    if (this.#faults.queueFull) return QUEUE_FULL
    if (this.#faults.throttleRandomly > 0 && this.#random() < this.#faults.throttleRandomly) return THROTTLED
    if (this.#faults.throttlePerSecond > 0) {
      const clockMs = performance.now()
      const burst = Math.max(1, this.#faults.throttlePerSecond / 10)
      this.#tokens = Math.min(
        burst,
        this.#tokens + ((clockMs - this.#tokensAt) * this.#faults.throttlePerSecond) / 1000,
      )
      this.#tokensAt = clockMs
      if (this.#tokens < 1) return THROTTLED
      this.#tokens--
    }
    if (this.#faults.failingPrefixes.some((prefix) => destination.startsWith(prefix)))
      return INVALID_DESTINATION
    return 0
  }

  /** Returns whether the response to an accepted submission is lost. */
  dropsResponse(): boolean {
    return this.#faults.dropResponses > 0 && this.#random() < this.#faults.dropResponses
  }

  /** Applies the faults of the link. Returns true when the link is cut and the submission not answered. */
  applyTo(session: Session, beforeWrite: (session: Session) => void): boolean {
    if (this.#faults.cutEvery > 0 && ++this.#sinceCut >= this.#faults.cutEvery) {
      this.#sinceCut = 0
      beforeWrite(session)
      session.reset()
      return true
    }
    if (this.#faults.wrongSequence > 0 && this.#random() < this.#faults.wrongSequence) {
      session.respond(0, UNUSED_SEQUENCES + Math.floor(this.#random() * 0xffffff), 'WRONG')
    }
    if (this.#faults.garbagePdus > 0 && this.#random() < this.#faults.garbagePdus) {
      // Alternates between an unknown command and a truncated deliver_sm.
      const length = 16 + Math.floor(this.#random() * 40)
      const at = session.output.claim(length)
      for (let i = 16; i < length; i++) session.output.buffer[at + i] = 1 + Math.floor(this.#random() * 255)
      const command = this.#random() < 0.5 ? 0x00000777 : COMMAND.deliver_sm
      writeHeader(session.output.buffer, at, {
        length,
        commandId: command,
        status: 0,
        sequence: session.nextSequence(),
      })
    }
    if (this.#faults.garbageBytes > 0 && this.#random() < this.#faults.garbageBytes) {
      const at = session.output.claim(64)
      for (let i = 0; i < 64; i++) session.output.buffer[at + i] = Math.floor(this.#random() * 256)
    }
    return false
  }

  /** Answers a submission, late or out of order when the faults say so. */
  respond(session: Session, status: number, answered: number, id: string): void {
    const isMisnumbered = this.#faults.misnumbered > 0 && this.#random() < this.#faults.misnumbered
    const sequence = isMisnumbered ? UNUSED_SEQUENCES + Math.floor(this.#random() * 0xffffff) : answered
    if (this.#faults.reorderMs > 0) {
      this.sendLater(this.#faults.latencyMs, () => session.respond(status, sequence, id))
      return
    }
    if (this.#faults.latencyMs === 0 || status !== 0) {
      session.respond(status, sequence, id)
      return
    }
    this.#delayedResponses.push({ session, sequence, id, dueAt: performance.now() + this.#faults.latencyMs })
    this.#planResponses()
  }

  #planResponses(): void {
    const [first] = this.#delayedResponses
    if (first === undefined || this.#responseTimer !== undefined) return
    this.#responseTimer = setTimeout(
      () => {
        this.#responseTimer = undefined
        const clockMs = performance.now()
        let count = 0
        for (const { session, sequence, id, dueAt } of this.#delayedResponses) {
          if (dueAt > clockMs) break
          session.respond(0, sequence, id)
          count++
        }
        this.#delayedResponses.splice(0, count)
        this.#planResponses()
      },
      Math.max(1, first.dueAt - performance.now()),
    )
  }

  /** Calls `send` after `delayMs` plus the random delay of the fault `reorderMs`. */
  sendLater(delayMs: number, send: () => void): void {
    const timer = setTimeout(
      () => {
        this.#reorderTimers.delete(timer)
        send()
      },
      delayMs + this.#random() * this.#faults.reorderMs,
    )
    this.#reorderTimers.add(timer)
  }

  /** Stops every timer. */
  stop(): void {
    for (const timer of this.#reorderTimers) clearTimeout(timer)
    clearTimeout(this.#responseTimer)
  }
}

function anyFault(faults: SmscFaults): boolean {
  return Object.values(faults).some((value) => (Array.isArray(value) ? value.length > 0 : Boolean(value)))
}
