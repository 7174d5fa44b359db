import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { AlertPage, AlertView } from '../../src/alerts/contract.ts'
import { applyFigures, refreshShown } from './live.ts'
import { alertQuery, currentAlertsQuery } from './queries.ts'

const progressOf = (delivered: number) => ({
  planned: 10,
  waiting: 0,
  accepted: 10 - delivered,
  delivered,
  inDoubt: 0,
  failed: 0,
  expired: 0,
  withdrawn: 0,
  possibleDuplicates: 0,
  resent: 0,
  state: 'settling' as const,
  orderedAt: '2026-11-28T02:10:00.000Z',
  firstSubmitMs: 20,
  allAcceptedMs: 100,
  doneMs: null,
})
const alertOf = (id: string) =>
  ({
    id,
    progress: progressOf(0),
    broadcasts: [{ id: `${id}-first`, progress: progressOf(0) }],
  }) as unknown as AlertView

test('the room, the lists, the handover and the page of an alert have their figures from one event', () => {
  const client = new QueryClient()
  const [one, other] = [alertOf('one'), alertOf('other')]
  const list = ['alerts', 'ac63', 'list', 'open']
  const page = alertQuery('ac63', 'one').queryKey
  client.setQueryData(currentAlertsQuery('ac63').queryKey, { alerts: [one, other], inZone: [] })
  client.setQueryData(list, { pages: [{ alerts: [other] }, { alerts: [one] }], pageParams: [] })
  client.setQueryData(page, { alert: one, curve: [] } as unknown as AlertPage)
  const progress = progressOf(7)
  applyFigures(client, 'ac63', {
    type: 'progress',
    alertId: 'one',
    progress,
    broadcasts: [{ id: 'one-first', progress }],
  } as Parameters<typeof applyFigures>[2])

  const current = client.getQueryData<{ alerts: AlertView[] }>(currentAlertsQuery('ac63').queryKey)
  const lists = client.getQueryData<{ pages: { alerts: AlertView[] }[] }>(list)
  const shown = [current?.alerts[0], lists?.pages[1]?.alerts[0], client.getQueryData<AlertPage>(page)?.alert]
  for (const alert of shown) {
    expect(alert?.progress).toEqual(progress)
    expect(alert?.broadcasts[0]?.progress).toEqual(progress)
  }
  // Another alert is left alone.
  expect([current?.alerts[1], lists?.pages[0]?.alerts[0]]).toEqual([other, other])
})

/** A screen whose reads take a second each and answer with the state at their start. */
function openScreen(client: QueryClient) {
  let state = 'draft'
  let reads = 0
  const observer = new QueryObserver(client, {
    queryKey: ['alert', 'ac63', 'one'],
    queryFn: async ({ signal }) => {
      const read = state
      reads += 1
      await new Promise((resolve, reject) => {
        setTimeout(resolve, 1000)
        signal.addEventListener('abort', reject)
      })
      return read
    },
  })
  onTestFinished(observer.subscribe(() => {}))
  return {
    shown: () => observer.getCurrentResult().data,
    reads: () => reads,
    become: (next: string) => {
      state = next
    },
  }
}

test('an alert shows its state while events arrive faster than it can be read', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const client = new QueryClient()
  onTestFinished(() => client.clear())
  const screen = openScreen(client)
  await vi.advanceTimersByTimeAsync(1000)
  expect(screen.shown()).toBe('draft')
  screen.become('sent')
  // Figures arrive during the whole broadcast.
  for (let event = 0; event < 4; event++) {
    void refreshShown(client, ['alert', 'ac63', 'one'])
    await vi.advanceTimersByTimeAsync(700)
  }
  expect(screen.shown()).toBe('sent')
  await vi.advanceTimersByTimeAsync(5000)
  // The first, one that began with the events, and one after it for those that came meanwhile, twice.
  expect(screen.reads()).toBeLessThanOrEqual(5)
})

test('a read that began before an event is followed by another', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const client = new QueryClient()
  onTestFinished(() => client.clear())
  const screen = openScreen(client)
  await vi.advanceTimersByTimeAsync(500)
  screen.become('delivered')
  void refreshShown(client, ['alert', 'ac63', 'one'])
  await vi.advanceTimersByTimeAsync(500)
  expect(screen.shown()).toBe('draft')
  await vi.advanceTimersByTimeAsync(1000)
  expect(screen.shown()).toBe('delivered')
  expect(screen.reads()).toBe(2)
})
