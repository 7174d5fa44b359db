import type { Deps } from '../../deps.ts'
import { sleep } from '../../platform/sleep.ts'
import { type Release, releaseChunks } from '../claim/claims.ts'

/** Wait before a failed statement is retried. */
const RETRY_MS = 500

/**
 * Releases claimed chunks, those of many broadcasts together: while a statement is running, others are collected for
 * the next.
 */
export class ChunkReleaser {
  readonly #deps: Pick<Deps, 'db' | 'log'>
  /** Aborts when the process ends: nothing is awaited any more. */
  readonly #givenUp: AbortSignal
  /** The running statement, or the last one. */
  #running: Promise<void> = Promise.resolve()
  #gathered: Release[] = []
  /** The next statement, which releases the collected chunks. */
  #next: Promise<void> | undefined

  constructor(deps: Pick<Deps, 'db' | 'log'>, givenUp: AbortSignal) {
    this.#deps = deps
    this.#givenUp = givenUp
  }

  /** Resolves when the chunks are released, or the process ends. */
  release(chunks: readonly Release[]): Promise<void> {
    this.#gathered.push(...chunks)
    this.#next ??= this.#releaseGathered()
    return this.#next
  }

  async #releaseGathered(): Promise<void> {
    await this.#running
    const chunks = this.#gathered
    this.#gathered = []
    this.#running = this.#next ?? this.#running
    this.#next = undefined
    while (!this.#givenUp.aborted) {
      try {
        return await releaseChunks(this.#deps.db, chunks)
      } catch (error) {
        this.#deps.log.error({ err: error }, 'database did not take a write, trying again')
        await sleep(RETRY_MS)
      }
    }
  }
}
