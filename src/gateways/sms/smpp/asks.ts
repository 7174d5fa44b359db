import { type CancelFields, encodePdu, type Pdu, type QueryFields } from './pdu.ts'
import type { SmppSession } from './session.ts'

/** A request about a message already sent, without its sequence number. */
export type Question =
  | ({ readonly command: 'query_sm'; readonly status: 0 } & QueryFields)
  | ({ readonly command: 'cancel_sm'; readonly status: 0 } & CancelFields)

interface Ask {
  readonly pdu: Buffer
  /** Given the answer, or undefined when there is none. */
  readonly done: (answer: Pdu | undefined) => void
}

/** At once, over all links: questions must not take the window of messages. */
const MAX_ASKED = 10

/** Questions to the provider, each waiting its turn in the window, before the submissions. */
export class Asks {
  readonly #waiting: Ask[] = []
  #asked = 0

  get waiting(): number {
    return this.#waiting.length
  }

  /** Sent and not answered. */
  get asked(): number {
    return this.#asked
  }

  /** Resolves with the answer, whatever its status, or undefined when none will come. Never rejects. */
  ask(question: Question): Promise<Pdu | undefined> {
    return new Promise((done) => {
      try {
        this.#waiting.push({ pdu: encodePdu({ ...question, sequence: 0 }), done })
      } catch {
        // An id or an address that no PDU can hold.
        done(undefined)
      }
    })
  }

  /** Sends what may be, on a link that has room for `room`. */
  fill<Job>(session: SmppSession<Job>, room: number): void {
    let left = Math.min(room, MAX_ASKED - this.#asked)
    while (left-- > 0) {
      const ask = this.#waiting.shift()
      if (ask === undefined) return
      this.#asked++
      session.ask(ask.pdu, (answer) => {
        this.#asked--
        ask.done(answer)
      })
    }
  }

  /** No link will take those that wait. */
  giveUp(): void {
    for (const { done } of this.#waiting.splice(0)) done(undefined)
  }
}

/** Calls `ask` for each message, a few at a time. */
export async function askEach<Message>(
  messages: readonly Message[],
  ask: (message: Message) => Promise<void>,
): Promise<void> {
  const walk = messages.values()
  const lane = async () => {
    for (const message of walk) await ask(message)
  }
  await Promise.all(Array.from({ length: Math.min(MAX_ASKED, messages.length) }, lane))
}
