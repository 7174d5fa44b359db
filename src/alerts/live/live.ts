import { NO_SCHEME } from '../../audit/chain.ts'
import { listBroadcasts } from '../../deliveries/store.ts'
import type { Deps } from '../../deps.ts'
import { inScheme } from '../../platform/db.ts'
import type { LiveEvent } from '../../platform/http/live.ts'
import { findReportingMember } from '../../reports/own/store.ts'
import type { LiveMessage } from '../contract.ts'
import { listReceivers } from '../store.ts'
import { firstOf } from './views.ts'

/** Minimum time between two updates of an alert's figures: 8 updates a second. */
const PROGRESS_MS = 125

/** Seconds after which a client that was turned away may try again. */
export const RETRY_SECONDS = 30

/** A connected client that receives the events of a scheme. */
export interface Watcher {
  /**
   * Null for users who run the scheme, who receive everything. A member receives the alerts sent to it and its own
   * reports.
   */
  readonly memberId: string | null
  /** Whether the client receives the events of all reports, and of alerts proposed by other schemes. */
  readonly reports: boolean
  send(message: LiveMessage): void
}

export interface LiveFeed {
  /**
   * Adds a watcher.
   * @returns the function that removes it; undefined if the scheme already has too many
   */
  watch(schemeId: string, watcher: Watcher): (() => void) | undefined
  /**
   * Sends a watcher who runs the scheme what changed shortly before, so that its screens need not read again what they read
   * while the stream was being opened.
   */
  replay(schemeId: string, watcher: Watcher): void
}

interface Room {
  readonly watchers: Set<Watcher>
  /** Alerts whose figures were sent less than `PROGRESS_MS` ago; `again`: they have changed since. */
  readonly throttled: Map<string, { again: boolean }>
  readonly leave: () => void
}

/** Whether a client is of those who run the scheme, no member. */
const isRunning = ({ memberId }: Watcher) => memberId === null

function sendTo(room: Room, receives: (watcher: Watcher) => boolean, message: LiveMessage): void {
  for (const watcher of room.watchers) if (receives(watcher)) watcher.send(message)
}

/**
 * Sends screens the events of their scheme. The figures of an alert are read once for all clients, at most 8 times a
 * second, and the last ones are always sent.
 * @param maxWatchers maximum for one scheme in this process
 */
export function createLiveFeed(deps: Pick<Deps, 'db' | 'live' | 'log'>, maxWatchers = 2000): LiveFeed {
  const rooms = new Map<string, Room>()

  function openRoom(schemeId: string): Room {
    const leave = deps.live.subscribe(schemeId, (event) => handleEvent(room, event))
    const room: Room = { watchers: new Set(), throttled: new Map(), leave }
    rooms.set(schemeId, room)
    return room
  }

  function handleEvent(room: Room, event: LiveEvent): void {
    switch (event.type) {
      case 'progress':
        scheduleProgress(room, event)
        break
      case 'report':
        void sendReport(room, event)
        break
      case 'relay':
        sendTo(room, ({ reports }) => reports, { type: 'relay' })
        break
      case 'scheme':
        sendTo(room, isRunning, { type: 'scheme' })
        break
      case 'alert':
        void sendAlert(room, event)
    }
  }

  function scheduleProgress(room: Room, event: Extract<LiveEvent, { type: 'progress' }>): void {
    // Members receive no figures.
    if (![...room.watchers].some(isRunning)) return
    const state = room.throttled.get(event.alertId)
    if (state === undefined) void sendProgress(room, event)
    else state.again = true
  }

  async function sendProgress(room: Room, event: Extract<LiveEvent, { type: 'progress' }>): Promise<void> {
    const { schemeId, alertId } = event
    const state = { again: false }
    room.throttled.set(alertId, state)
    try {
      const found = await inScheme(deps.db, schemeId, (tx) => listBroadcasts(tx, schemeId, [alertId]))
      const all = found.get(alertId) ?? []
      const progress = firstOf(all)?.progress
      if (progress !== undefined) {
        const broadcasts = all.map((one) => ({ id: one.broadcastId, progress: one.progress }))
        sendTo(room, isRunning, { type: 'progress', alertId, progress, broadcasts })
      }
    } catch (error) {
      deps.log.error({ err: error, alertId }, 'could not read the figures of an alert')
    }
    setTimeout(() => {
      room.throttled.delete(alertId)
      if (state.again && room.watchers.size > 0) void sendProgress(room, event)
    }, PROGRESS_MS)
  }

  async function sendReport(
    room: Room,
    { schemeId, reportId }: Extract<LiveEvent, { type: 'report' }>,
  ): Promise<void> {
    const message: LiveMessage = { type: 'report', reportId }
    sendTo(room, ({ reports }) => reports, message)
    if ([...room.watchers].every(isRunning)) return
    try {
      const memberId = await inScheme(deps.db, schemeId, (tx) => findReportingMember(tx, schemeId, reportId))
      if (memberId !== undefined) sendTo(room, (watcher) => watcher.memberId === memberId, message)
    } catch (error) {
      deps.log.error({ err: error, reportId }, 'could not read whose report it is')
    }
  }

  async function sendAlert(room: Room, { schemeId, alertId }: Extract<LiveEvent, { type: 'alert' }>) {
    const message: LiveMessage = { type: 'alert', alertId }
    const members = new Set<string>()
    for (const watcher of room.watchers) {
      if (watcher.memberId === null) watcher.send(message)
      else members.add(watcher.memberId)
    }
    if (members.size === 0) return
    try {
      const receivers = new Set(
        await inScheme(deps.db, schemeId, (tx) => listReceivers(tx, schemeId, alertId, [...members])),
      )
      sendTo(room, ({ memberId }) => memberId !== null && receivers.has(memberId), message)
    } catch (error) {
      deps.log.error({ err: error, alertId }, 'could not read the receivers of an alert')
    }
  }

  return {
    watch(schemeId, watcher) {
      const room = rooms.get(schemeId) ?? openRoom(schemeId)
      if (room.watchers.size >= maxWatchers) return undefined
      room.watchers.add(watcher)
      return () => {
        room.watchers.delete(watcher)
        if (room.watchers.size > 0 || rooms.get(schemeId) !== room) return
        rooms.delete(schemeId)
        room.leave()
      }
    },
    replay(schemeId, watcher) {
      const { events, coversMs } = deps.live.recent(schemeId)
      // The stream has no event for a change of the break-glass account: its screens read again when it is reopened.
      const isBreakGlassNew = deps.live.recent(NO_SCHEME).events.some(({ type }) => type === 'break_glass')
      watcher.send({ type: 'opened', coversMs: isBreakGlassNew ? 0 : coversMs })
      for (const event of events) {
        const message = replayedMessage(event, watcher)
        if (message !== undefined) watcher.send(message)
      }
    },
  }
}

/** Returns what a watcher that comes late gets of a recent event: the figures of an alert only as a change of it. */
function replayedMessage(event: LiveEvent, { reports }: Pick<Watcher, 'reports'>): LiveMessage | undefined {
  switch (event.type) {
    case 'report':
      return reports ? { type: 'report', reportId: event.reportId } : undefined
    case 'relay':
      return reports ? { type: 'relay' } : undefined
    case 'scheme':
      return { type: 'scheme' }
    case 'alert':
    case 'progress':
      return { type: 'alert', alertId: event.alertId }
    default:
      return undefined
  }
}
