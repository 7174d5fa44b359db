import type { Selectable } from 'kysely'
import type { Schema } from '../../schema.ts'

/** The columns of a broadcast that are read to send it. */
export type RunningBroadcast = Pick<
  Selectable<Schema['broadcasts']>,
  | 'id'
  | 'schemeId'
  | 'alertId'
  | 'simulated'
  | 'validUntil'
  | 'afterBroadcastId'
  | 'sender'
  | 'text'
  | 'lane'
  | 'markAt'
  | 'codeId'
  | 'codeKey'
> & { readonly markKey: string | null }

/** Broadcasts kept at most: those whose transaction failed, and all of a process that does not send, are never removed. */
const MOST = 100

/**
 * The latest broadcasts that this process planned, so that its dispatcher need not read them from the database before it sends. A
 * broadcast is sent only once the database has announced it, and its chunks are claimed there, so that one whose transaction failed,
 * or that was stopped since, is not sent.
 */
export class PlannedBroadcasts {
  readonly #broadcasts = new Map<string, RunningBroadcast>()

  addBroadcast(broadcast: RunningBroadcast): void {
    this.#broadcasts.set(broadcast.id, broadcast)
    const [oldest] = this.#broadcasts.keys()
    if (this.#broadcasts.size > MOST && oldest !== undefined) this.#broadcasts.delete(oldest)
  }

  /** Removes and returns a broadcast; undefined: this process did not plan it, or has begun to send it before. */
  removeBroadcast(schemeId: string, id: string): RunningBroadcast | undefined {
    const broadcast = this.#broadcasts.get(id)
    if (broadcast?.schemeId !== schemeId) return undefined
    this.#broadcasts.delete(id)
    return broadcast
  }
}
