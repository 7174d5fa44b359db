import { sql } from 'kysely'
import type { Database, Tx } from '../db.ts'

/** A change in a scheme, for the screens that show it: they read the data again, or fetch the figures. */
export type LiveEvent =
  | {
      readonly type: 'progress'
      readonly schemeId: string
      readonly alertId: string
      readonly broadcastId: string
    }
  | { readonly type: 'report'; readonly schemeId: string; readonly reportId: string }
  | { readonly type: 'alert'; readonly schemeId: string; readonly alertId: string }
  /** Something was relayed from or to the scheme, or a relay was decided. */
  | { readonly type: 'relay'; readonly schemeId: string }
  /**
   * An account of the console or its sessions changed, so its streams end. It belongs to no scheme: the empty id.
   * `sessionId`: only this session changed, by a new token or a lock; only its streams are opened again.
   */
  | { readonly type: 'account'; readonly schemeId: ''; readonly userId: string; readonly sessionId?: string }
  /** A session of the portal ended, so its streams end. It belongs to no scheme. */
  | { readonly type: 'contact_session'; readonly schemeId: ''; readonly sessionId: string }
  /** The break-glass account was opened or closed, which every screen shows. It belongs to no scheme. */
  | { readonly type: 'break_glass'; readonly schemeId: '' }
  /** The doctrine of the scheme was changed. */
  | { readonly type: 'scheme'; readonly schemeId: string }

export interface Live {
  publish(event: LiveEvent): void
  /** @returns the function that ends the subscription */
  subscribe(schemeId: string, listener: (event: LiveEvent) => void): () => void
  /** Returns the last events of a scheme, one of each kind and record, and the milliseconds within which none is absent. */
  recent(schemeId: string): { readonly events: readonly LiveEvent[]; readonly coversMs: number }
  /** Notes that events of other processes were missed until now, so that `recent` covers only the time since. */
  noteMissed(): void
}

/** Time for which events are kept for screens whose stream is being opened. */
const RECENT_MS = 30_000
/** A scheme with more of them has those of a shorter time. */
const RECENT_MAX = 500

interface RecentEvents {
  /** The oldest first. */
  readonly events: Map<string, { readonly event: LiveEvent; readonly at: number }>
  /** Every event since this instant of `performance.now()` is kept. */
  since: number
}

/** Creates a hub for events within this process. */
export function createLive(): Live {
  const listeners = new Map<string, Set<(event: LiveEvent) => void>>()
  const recents = new Map<string, RecentEvents>()
  let startedAt = performance.now()

  function keep(event: LiveEvent): void {
    const recent = recents.get(event.schemeId) ?? { events: new Map(), since: startedAt }
    recents.set(event.schemeId, recent)
    const { schemeId, ...rest } = event
    // The last one stands for all: they only ask to read a record again.
    const key = JSON.stringify(event.type === 'progress' ? [event.type, event.alertId] : rest)
    recent.events.delete(key)
    recent.events.set(key, { event, at: performance.now() })
    for (const [oldest, { at }] of recent.events) {
      const isExpired = at < performance.now() - RECENT_MS
      if (!isExpired && recent.events.size <= RECENT_MAX) break
      if (!isExpired) recent.since = performance.now()
      recent.events.delete(oldest)
    }
  }

  return {
    publish(event) {
      keep(event)
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
    recent(schemeId) {
      const now = performance.now()
      const recent = recents.get(schemeId)
      const events = [...(recent?.events.values() ?? [])].filter(({ at }) => at >= now - RECENT_MS)
      const since = Math.max(startedAt, recent?.since ?? startedAt)
      return {
        events: events.map(({ event }) => event),
        coversMs: Math.floor(Math.min(RECENT_MS, now - since)),
      }
    },
    noteMissed() {
      startedAt = performance.now()
    },
  }
}

const CHANNEL = 'tocsin_live'
/** Minimum milliseconds between two notifications of other processes about the progress of one broadcast. */
const PROGRESS_MS = 100
/** Milliseconds after a failed notification before the other processes are notified that they missed one. */
const MISSED_RETRY_MS = 1000

/** The payload between processes: an event, or nothing when events were missed. */
interface Notice {
  /** Id of the sending process. */
  readonly from: string
  readonly event?: LiveEvent
}

/**
 * Announces an event to every listening process when the transaction commits. For processes without a hub of their own, such
 * as a command, and for events that must not be lost. The embedded database has one process: publish the event there.
 */
export async function announceEvent(
  tx: Tx,
  deps: { readonly database: Pick<Database, 'embedded'>; readonly newId: () => string },
  event: LiveEvent,
): Promise<void> {
  if (deps.database.embedded) return
  const notice: Notice = { from: deps.newId(), event }
  await sql`select pg_notify(${CHANNEL}, ${JSON.stringify(notice)})`.execute(tx)
}

export interface SharedLive extends Live {
  /** Sends what is pending and stops listening. */
  close(): Promise<void>
}

export interface LiveOwner {
  /** Called when events of other processes may have been missed; subscribers must read the data again. */
  missed(): void
}

/**
 * Shares events among all processes of an installation: on PostgreSQL, an event reaches the subscribers of its own process at
 * once, and those of the others by NOTIFY. Nothing is replayed after the listening connection was lost: `missed` is called
 * instead. Publishing never waits and never fails, because an event only asks to read data that is in the database.
 * @param owner absent when this process only publishes and follows nothing
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
  /** Broadcasts whose progress was published recently, each with the last event since. */
  const resting = new Map<string, { timer: NodeJS.Timeout; last: LiveEvent | undefined }>()
  const sending = new Set<Promise<void>>()
  let missedTimer: NodeJS.Timeout | undefined
  let closed = false

  function notifyOthers(event?: LiveEvent): void {
    const notice: Notice = event === undefined ? { from } : { from, event }
    const sent = database.pool.query('select pg_notify($1, $2)', [CHANNEL, JSON.stringify(notice)]).then(
      () => {},
      (error: unknown) => {
        if (missedTimer !== undefined || closed) return
        deps.log.warn({ err: error }, 'an event did not reach the other processes, will notify them soon')
        missedTimer = setTimeout(() => {
          missedTimer = undefined
          notifyOthers()
        }, MISSED_RETRY_MS)
      },
    )
    sending.add(sent)
    void sent.finally(() => sending.delete(sent))
  }

  function notifyOfProgress(event: Extract<LiveEvent, { type: 'progress' }>): void {
    const rest = resting.get(event.broadcastId)
    if (rest !== undefined) {
      rest.last = event
      return
    }
    notifyOthers(event)
    const timer = setTimeout(() => {
      const last = resting.get(event.broadcastId)?.last
      resting.delete(event.broadcastId)
      if (last?.type === 'progress') notifyOfProgress(last)
    }, PROGRESS_MS)
    resting.set(event.broadcastId, { timer, last: undefined })
  }

  function handleNotification(payload: string): void {
    const notice = parseNotice(payload)
    if (notice === undefined || notice.from === from) return
    if (notice.event !== undefined) local.publish(notice.event)
    else {
      local.noteMissed()
      owner?.missed()
    }
  }

  let isFirst = true
  const listening = await (owner &&
    database.listen(CHANNEL, handleNotification, () => {
      local.noteMissed()
      if (!isFirst) owner.missed()
      isFirst = false
    }))

  return {
    publish(event) {
      local.publish(event)
      if (closed) return
      if (event.type === 'progress') notifyOfProgress(event)
      else notifyOthers(event)
    },
    subscribe: local.subscribe,
    recent: local.recent,
    noteMissed: local.noteMissed,
    async close() {
      closed = true
      clearTimeout(missedTimer)
      for (const { timer, last } of resting.values()) {
        clearTimeout(timer)
        if (last !== undefined) notifyOthers(last)
      }
      resting.clear()
      await Promise.all([...sending, listening?.close()])
    },
  }
}

/** Returns undefined for a payload of another program, or of a version with other events. */
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
