import { type InfiniteData, type QueryClient, type QueryKey, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { AlertPage, AlertView, LiveMessage } from '../../src/alerts/contract.ts'
import { type Address, type Answer, type Arguments, type OperationId, urlOf } from './client.ts'
import { serverNow } from './clock.ts'
import { checkSession } from './ended.ts'
import { useOnline } from './online.ts'
import { breakGlassQuery, currentAlertsQuery } from './queries.ts'

export type LinkState = 'opening' | 'open' | 'lost'

const REOPEN_AFTER_MS = 3000
const REFRESH_AT_MOST_EVERY_MS = 700
/** Reads requested before the screen waited for its stream are answered within this time. */
const SLOWEST_READ_MS = 1000
/** An action causes several events at once, about the same data. */
const EVENTS_TOGETHER_MS = 30
/** The first elements of the query keys that events of the stream refer to. */
const MISSED = new Set([
  'relays',
  'reports',
  'alerts',
  'alert',
  'deliveries',
  'routes',
  'scheme',
  'doctrine',
  'categories',
  'service-texts',
  'sectors',
  'on-call',
  'setting-changes',
  'people',
])

/** Queries to read again after a change of the scheme: an alert that waits for a second person shows whether its area has changed. */
const OF_SCHEME = [
  'scheme',
  'doctrine',
  'categories',
  'service-texts',
  'audience',
  'sectors',
  'areas',
  'area-communes',
  'map',
  'places',
  'place-names',
  'territory',
  'guard-facts',
  'alerts',
  'alert',
  'setting-changes',
  'observers',
  'on-call',
  'people',
  'dues-settings',
  'message-settings',
  'enrolment-settings',
]

type StreamEvent<Id extends OperationId> = Extract<Answer<Id>, { readonly type: string }>

/**
 * Listens to a stream of server-sent events while the effect is mounted. The browser reopens a cut stream by itself,
 * but not a refused one (server restarting, session ended), so that is reopened here.
 */
export function listenToStream<Id extends OperationId>(
  id: Id,
  address: Address<Id>,
  events: readonly StreamEvent<Id>['type'][],
  on: { message: (event: StreamEvent<Id>) => void; state: (state: LinkState) => void },
): () => void {
  const url = urlOf(id, ...([address] as Arguments<Address<Id>>))
  let source: EventSource
  let timer: ReturnType<typeof setTimeout> | undefined
  const open = () => {
    source = new EventSource(url)
    source.onopen = () => on.state('open')
    source.onerror = () => {
      on.state('lost')
      if (source.readyState === EventSource.CLOSED) timer = setTimeout(open, REOPEN_AFTER_MS)
    }
    const receive = (event: MessageEvent<string>) => on.message(JSON.parse(event.data))
    for (const event of events) source.addEventListener(event, receive)
  }
  open()
  return () => {
    clearTimeout(timer)
    source.close()
  }
}

type Figures = Extract<LiveMessage, { type: 'progress' }>

function withFigures(alert: AlertView, { alertId, progress, broadcasts }: Figures): AlertView {
  if (alert.id !== alertId) return alert
  const figures = new Map(broadcasts.map((one) => [one.id, one.progress]))
  return {
    ...alert,
    progress,
    broadcasts: alert.broadcasts.map((one) => ({ ...one, progress: figures.get(one.id) ?? one.progress })),
  }
}

type AlertList = { alerts: AlertView[] }

/**
 * Writes new figures into every cached list and page that shows them: the room, the lists, the handover and the page of an alert
 * read these caches, so that none shows other figures than the others.
 */
export function applyFigures(client: QueryClient, schemeId: string, figures: Figures): void {
  const { alertId, progress } = figures
  const change = (list: AlertList): AlertList => ({
    alerts: list.alerts.map((alert) => withFigures(alert, figures)),
  })
  client.setQueryData(currentAlertsQuery(schemeId).queryKey, (list) => list && { ...list, ...change(list) })
  client.setQueriesData<InfiniteData<AlertList>>(
    { queryKey: ['alerts', schemeId, 'list'] },
    (data) => data && { ...data, pages: data.pages.map(change) },
  )
  client.setQueryData<AlertPage>(['alert', schemeId, alertId], (page) => {
    if (page === undefined) return page
    const ms = Math.max(page.curve.at(-1)?.ms ?? 0, serverNow() - Date.parse(progress.orderedAt))
    const accepted = progress.planned - progress.waiting - progress.withdrawn
    const point = { ms, accepted, delivered: progress.delivered, failed: progress.failed }
    // The curve shows the first message only, so figures of follow-ups add no point.
    const isNew = JSON.stringify(progress) !== JSON.stringify(page.alert.progress)
    const curve = isNew ? [...page.curve, point] : page.curve
    return { ...page, alert: withFigures(page.alert, figures), curve }
  })
}

/**
 * Reads what is shown under a key again, after an event. A read that is under way may have been answered before the event: it is
 * neither cancelled, since events that follow closely would then leave the screen as it was until the last of them, nor trusted,
 * so that another follows it.
 */
export async function refreshShown(client: QueryClient, queryKey: QueryKey): Promise<void> {
  const underWay = client.getQueryCache().findAll({ queryKey, fetchStatus: 'fetching' })
  void client.invalidateQueries({ queryKey }, { cancelRefetch: false })
  if (underWay.length === 0) return
  await Promise.allSettled(underWay.map(({ promise }) => promise))
  // Several events during one read share the next.
  for (const query of underWay)
    void client.invalidateQueries({ queryKey: query.queryKey, exact: true }, { cancelRefetch: false })
}

/** Returns the keys of the queries that a message of the stream makes out of date. */
function queriesChangedBy(
  message: Exclude<LiveMessage, { type: 'opened' | 'progress' }>,
  schemeId: string,
): readonly QueryKey[] {
  switch (message.type) {
    case 'report':
      return [['reports', schemeId]]
    case 'relay':
      return [['relays', schemeId]]
    case 'scheme':
      return OF_SCHEME.map((about) => [about, schemeId])
    case 'alert':
      return [
        ['alerts', schemeId],
        ['alert', schemeId, message.alertId],
        ['reports', schemeId],
      ]
  }
}

/**
 * Keeps the screen up to date with the scheme. Returns whether the connection is up.
 * @param schemeId null if the user has no stream: then no connection can be lost, and none is reported
 */
export function useLive(schemeId: string | null): LinkState {
  const client = useQueryClient()
  const [state, setState] = useState<LinkState>('opening')
  const online = useOnline()

  useEffect(() => {
    if (schemeId === null) return setState('opening')
    // The server sends what changed shortly before the stream opened: nothing read since then is read again.
    const askedAt = Date.now()
    let wasLost = false
    const readAgain = (before: number) => {
      void client.invalidateQueries({
        predicate: ({ queryKey: [about, of], state: { status, dataUpdatedAt } }) => {
          // The opening of the break-glass account belongs to no scheme; the server ends the streams when it changes.
          const isOfStream = about === 'break-glass' || (of === schemeId && MISSED.has(String(about)))
          const isOld = dataUpdatedAt < before && (dataUpdatedAt > 0 || before === Number.POSITIVE_INFINITY)
          return (isOfStream && isOld) || (of === schemeId && status === 'error')
        },
      })
    }
    const pending = new Map<string, ReturnType<typeof setTimeout>>()
    const changed = new Map<string, QueryKey>()
    let flushing: ReturnType<typeof setTimeout> | undefined
    const refresh = (...keys: readonly QueryKey[]) => {
      for (const key of keys) changed.set(JSON.stringify(key), key)
      flushing ??= setTimeout(() => {
        flushing = undefined
        for (const queryKey of changed.values()) void refreshShown(client, queryKey)
        changed.clear()
      }, EVENTS_TOGETHER_MS)
    }
    // Figures arrive many times a second; the page's map, timeline and recipients are refetched less often.
    const refreshSoon = (alertId: string) => {
      if (pending.has(alertId)) return
      const timer = setTimeout(() => {
        pending.delete(alertId)
        void refreshShown(client, ['alert', schemeId, alertId])
        void refreshShown(client, ['deliveries', schemeId, alertId])
      }, REFRESH_AT_MOST_EVERY_MS)
      pending.set(alertId, timer)
    }
    const stop = listenToStream(
      'watchAlerts',
      { params: { scheme: schemeId } },
      ['opened', 'progress', 'report', 'alert', 'relay', 'scheme'],
      {
        message: (message) => {
          if (message.type === 'opened') {
            const isCovered = !wasLost && Date.now() - askedAt + SLOWEST_READ_MS <= message.coversMs
            wasLost = false
            readAgain(isCovered ? askedAt : Number.POSITIVE_INFINITY)
          } else if (message.type === 'progress') {
            applyFigures(client, schemeId, message)
            refreshSoon(message.alertId)
          } else refresh(...queriesChangedBy(message, schemeId))
        },
        state: (next) => {
          setState(next)
          if (next !== 'lost') return
          // Events were missed while the connection was down, and requests that failed then may succeed now.
          wasLost = true
          // The server closes the stream of a session that ended.
          checkSession(client)
        },
      },
    )
    return () => {
      stop()
      for (const timer of pending.values()) clearTimeout(timer)
      clearTimeout(flushing)
    }
  }, [client, schemeId])

  return online || schemeId === null ? state : 'lost'
}

/** Ends the screens with the session, for users whose screens have no other stream. */
export function useSessionStream(isOn: boolean): void {
  const client = useQueryClient()
  useEffect(() => {
    if (!isOn) return
    return listenToStream('watchSession', {}, [], {
      message: () => {},
      state: (state) => {
        if (state === 'lost') checkSession(client)
        if (state === 'open') void client.invalidateQueries({ queryKey: breakGlassQuery.queryKey })
      },
    })
  }, [client, isOn])
}
