import type { AppendedPart, ReceivedText } from './message-log.ts'

export type HandsetState = 'on' | 'off' | 'memoryFull'

/** A complete message on a phone. */
export interface HandsetMessage {
  readonly id: number
  readonly from: string
  readonly receivedAtMs: number
  /** One text per part. */
  readonly texts: readonly ReceivedText[]
}

export interface Handset {
  readonly number: string
  state: HandsetState
  /** Added to the delay of a message. */
  delayMs: number
  /** The latest messages, oldest first. */
  readonly messages: HandsetMessage[]
  /** Parts of incomplete messages, by sender and reference. */
  fragments: Map<string, (ReceivedText | undefined)[]> | undefined
  /** Messages waiting for the phone to be switched on. */
  waiting: Set<unknown> | undefined
}

const MAX_MESSAGES = 200
/** Maximum incomplete messages kept by a phone. */
const MAX_FRAGMENTS = 20

/** The phones of the simulated network; each is created by its first message. */
export class Handsets {
  readonly #handsets = new Map<string, Handset>()

  get(number: string): Handset {
    const known = this.#handsets.get(number)
    if (known !== undefined) return known
    const created: Handset = {
      number,
      state: 'on',
      delayMs: 0,
      messages: [],
      fragments: undefined,
      waiting: undefined,
    }
    this.#handsets.set(number, created)
    return created
  }

  find(number: string): Handset | undefined {
    return this.#handsets.get(number)
  }

  list(): IterableIterator<Handset> {
    return this.#handsets.values()
  }

  clear(): void {
    this.#handsets.clear()
  }
}

/** Adds a part to a phone; returns the message when it is complete. */
export function receivePart(
  handset: Handset,
  {
    id,
    from,
    part,
    text,
    receivedAtMs,
  }: {
    readonly id: number
    readonly from: string
    readonly part: AppendedPart | undefined
    readonly text: ReceivedText
    readonly receivedAtMs: number
  },
): HandsetMessage | undefined {
  let texts: readonly ReceivedText[] = [text]
  if (part !== undefined && part.total > 1) {
    handset.fragments ??= new Map()
    const key = `${from} ${part.reference} ${part.total}`
    const parts = handset.fragments.get(key) ?? new Array(part.total).fill(undefined)
    parts[part.number - 1] = text
    handset.fragments.set(key, parts)
    if (parts.includes(undefined)) {
      if (handset.fragments.size > MAX_FRAGMENTS) {
        handset.fragments.delete(handset.fragments.keys().next().value as string)
      }
      return undefined
    }
    handset.fragments.delete(key)
    texts = parts as ReceivedText[]
  }
  const message = { id, from, receivedAtMs, texts }
  handset.messages.push(message)
  if (handset.messages.length > MAX_MESSAGES) handset.messages.shift()
  return message
}
