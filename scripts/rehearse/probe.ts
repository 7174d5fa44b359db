import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

const EVERY_MS = 200
/** An act without an answer for this long has failed. */
const TIMEOUT_MS = 5000

/** One act of the probe: when it began, and whether it was answered in time. */
export interface Act {
  readonly atMs: number
  readonly ms: number
  readonly isDone: boolean
}

/** A time without service. */
export interface Outage {
  readonly atMs: number
  readonly ms: number
  readonly failed: number
}

/** The headers of a request with a session, and its body. */
export type Send = (id: string, signal: AbortSignal) => Promise<Response>

/** Acts as an operator does: records a call through a web node each 200 ms, whether the earlier ones were answered or not. */
export class Probe {
  readonly #send: Send
  readonly #acts: Act[] = []
  readonly #confirmed: string[] = []
  readonly #stop = new AbortController()
  readonly #waiting = new Set<Promise<void>>()
  #loop: Promise<void> | undefined

  constructor(send: Send) {
    this.#send = send
  }

  start(): void {
    this.#loop = this.#run()
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#loop
    await Promise.all(this.#waiting)
  }

  /** The ids of the calls that were answered as recorded: each of them must be in the database. */
  get confirmed(): readonly string[] {
    return this.#confirmed
  }

  get acts(): readonly Act[] {
    return this.#acts
  }

  async #run(): Promise<void> {
    for (let nextMs = performance.now(); !this.#stop.signal.aborted; nextMs += EVERY_MS) {
      const act = this.#act().finally(() => this.#waiting.delete(act))
      this.#waiting.add(act)
      await sleep(Math.max(0, nextMs + EVERY_MS - performance.now()))
    }
  }

  async #act(): Promise<void> {
    const id = randomUUID()
    const atMs = performance.now()
    let isDone = false
    try {
      const response = await this.#send(id, AbortSignal.timeout(TIMEOUT_MS))
      const body = await response.text()
      isDone = response.status === 201
      if (isDone) this.#confirmed.push((JSON.parse(body) as { id: string }).id)
    } catch {
      // Reset, refused or late.
    }
    this.#acts.push({ atMs, ms: performance.now() - atMs, isDone })
  }
}

/** Returns the times without service: from the begin of the first act that failed to that of the next one that was done. */
export function findOutages(acts: readonly Act[]): Outage[] {
  const found: Outage[] = []
  let from: number | undefined
  let failed = 0
  for (const { atMs, isDone } of acts.toSorted((a, b) => a.atMs - b.atMs)) {
    if (!isDone) {
      from ??= atMs
      failed += 1
    } else if (from !== undefined) {
      found.push({ atMs: from, ms: atMs - from, failed })
      from = undefined
      failed = 0
    }
  }
  if (from !== undefined) found.push({ atMs: from, ms: Number.POSITIVE_INFINITY, failed })
  return found
}
