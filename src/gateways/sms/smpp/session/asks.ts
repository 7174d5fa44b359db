import { type CancelFields, encodePdu, type Pdu, type QueryFields } from '../pdu/pdu.ts'
import type { SmppSession } from './session.ts'

/** A request about a submitted message, without its sequence number. */
export type Question =
  | ({ readonly command: 'query_sm'; readonly status: 0 } & QueryFields)
  | ({ readonly command: 'cancel_sm'; readonly status: 0 } & CancelFields)

interface Ask {
  readonly pdu: Buffer
  /** Called with the response, or undefined when there is none. */
  readonly done: (answer: Pdu | undefined) => void
}

/** Maximum concurrent queries over all links, so that they do not fill the window of messages. */
const MAX_ASKED = 10

/** Queries to the provider, each waiting for a place in the window, ahead of submissions. */
export class Asks {
  readonly #waiting: Ask[] = []
  #asked = 0

  get waiting(): number {
    return this.#waiting.length
  }

  /** Number of queries without a response. */
  get asked(): number {
    return this.#asked
  }

  /** Resolves with the response, whatever its status, or undefined when none will come. Never rejects. */
  ask(question: Question): Promise<Pdu | undefined> {
    return new Promise((done) => {
      try {
        this.#waiting.push({ pdu: encodePdu({ ...question, sequence: 0 }), done })
      } catch {
        // No PDU can contain this id or address.
        done(undefined)
      }
    })
  }

  /** Sends waiting queries on a link that has room for `room`. */
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

  /** Ends waiting queries when no link will take them. */
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
