import { sql } from 'kysely'
import type { Database, Tx } from './db.ts'

/** Something changed in a scheme, for the screens that look at it: they read the facts again, or take the figures. */
export type LiveEvent =
  | {
      readonly type: 'progress'
      readonly schemeId: string
      readonly alertId: string
      readonly broadcastId: string
    }
  | { readonly type: 'report'; readonly schemeId: string; readonly reportId: string }
  | { readonly type: 'alert'; readonly schemeId: string; readonly alertId: string }
  /** Something was relayed from or to the scheme, or was decided on it. */
  | { readonly type: 'relay'; readonly schemeId: string }
  /** An account of the console, or its sessions, changed: its streams end. Belongs to no scheme: the empty one. */
  | { readonly type: 'account'; readonly schemeId: ''; readonly userId: string }
  /** What the scheme asks before an alert may leave was set anew. */
  | { readonly type: 'scheme'; readonly schemeId: string }

export interface Live {
  publish(event: LiveEvent): void
  /** @returns the function that ends the subscription. */
  subscribe(schemeId: string, listener: (event: LiveEvent) => void): () => void
}

/** Events within this process. */
export function createLive(): Live {
  const listeners = new Map<string, Set<(event: LiveEvent) => void>>()
  return {
    publish(event) {
      for (const listener of listeners.get(event.schemeId) ?? []) listener(event)
    },
    subscribe(schemeId, listener) {
      const set = listeners.get(schemeId) ?? new Set()
      listeners.set(schemeId, set.add(listener))
      return () => {
        set.delete(listener)
        if (set.size === 0) listeners.delete(schemeId)
      }
    },
  }
}

const CHANNEL = 'tocsin_live'
/** The other processes are told of the progress of one broadcast at most this often. */
const PROGRESS_MS = 100
/** After a notification that the database did not take, before the others are told that they missed one. */
const MISSED_RETRY_MS = 1000

/** What crosses: an event, or that some could not be told. */
interface Notice {
  /** The process that it comes from. */
  readonly from: string
  readonly event?: LiveEvent
}

/**
 * Announces an event to every process that listens, at the commit of the transaction: by a process that has no live of
 * its own, as a command, or where it must not be lost. The embedded database has one process: publish it there.
 */
export async function announce(
  tx: Tx,
  deps: { readonly database: Pick<Database, 'embedded'>; readonly newId: () => string },
  event: LiveEvent,
): Promise<void> {
  if (deps.database.embedded) return
  const notice: Notice = { from: deps.newId(), event }
  await sql`select pg_notify(${CHANNEL}, ${JSON.stringify(notice)})`.execute(tx)
}

export interface SharedLive extends Live {
  /** Tells what waits, and listens no more. */
  close(): Promise<void>
}

export interface LiveOwner {
  /** Events of other processes may have been missed: whoever follows them reads the facts again. */
  missed(): void
}

/**
 * Events of all the processes of an installation: on PostgreSQL, what one publishes reaches its own subscribers at
 * once, and those of the others by NOTIFY. Nothing is replayed after the connection that listens was lost: `missed`
 * is called instead. Publishing never waits nor fails: an event only says to read facts that are in the database.
 * @param owner absent: this process follows nothing, it only tells.
 */
export async function shareLive(
  local: Live,
  database: Pick<Database, 'embedded' | 'pool' | 'listen'>,
  deps: {
    readonly newId: () => string
    readonly log: { warn(fields: object, message: string): void }
  },
  owner?: LiveOwner,
): Promise<SharedLive> {
  if (database.embedded) return { ...local, close: async () => {} }
  const from = deps.newId()
  /** Broadcasts whose progress was told a moment ago, with what came since. */
  const resting = new Map<string, { timer: NodeJS.Timeout; last: LiveEvent | undefined }>()
  const sending = new Set<Promise<void>>()
  let missedTimer: NodeJS.Timeout | undefined
  let closed = false

  function tell(event?: LiveEvent): void {
    const notice: Notice = event === undefined ? { from } : { from, event }
    const sent = database.pool.query('select pg_notify($1, $2)', [CHANNEL, JSON.stringify(notice)]).then(
      () => {},
      (error: unknown) => {
        if (missedTimer !== undefined || closed) return
        deps.log.warn({ err: error }, 'an event did not reach the other processes, telling them soon')
        missedTimer = setTimeout(() => {
          missedTimer = undefined
          tell()
        }, MISSED_RETRY_MS)
      },
    )
    sending.add(sent)
    void sent.finally(() => sending.delete(sent))
  }

  function tellProgress(event: Extract<LiveEvent, { type: 'progress' }>): void {
    const rest = resting.get(event.broadcastId)
    if (rest !== undefined) {
      rest.last = event
      return
    }
    tell(event)
    const timer = setTimeout(() => {
      const last = resting.get(event.broadcastId)?.last
      resting.delete(event.broadcastId)
      if (last?.type === 'progress') tellProgress(last)
    }, PROGRESS_MS)
    resting.set(event.broadcastId, { timer, last: undefined })
  }

  function take(payload: string): void {
    const notice = parseNotice(payload)
    if (notice === undefined || notice.from === from) return
    if (notice.event === undefined) owner?.missed()
    else local.publish(notice.event)
  }

  let isFirst = true
  const listening = await (owner &&
    database.listen(CHANNEL, take, () => {
      if (!isFirst) owner.missed()
      isFirst = false
    }))

  return {
    publish(event) {
      local.publish(event)
      if (closed) return
      if (event.type === 'progress') tellProgress(event)
      else tell(event)
    },
    subscribe: local.subscribe,
    async close() {
      closed = true
      clearTimeout(missedTimer)
      for (const { timer, last } of resting.values()) {
        clearTimeout(timer)
        if (last !== undefined) tell(last)
      }
      resting.clear()
      await Promise.all([...sending, listening?.close()])
    },
  }
}

/** Undefined: not written by this program, or by a version with other events. */
function parseNotice(payload: string): Notice | undefined {
  try {
    const notice = JSON.parse(payload) as Notice | null
    if (typeof notice?.from !== 'string') return undefined
    if (notice.event === undefined) return notice
    return typeof notice.event.type === 'string' && typeof notice.event.schemeId === 'string'
      ? notice
      : undefined
  } catch {
    return undefined
  }
}
