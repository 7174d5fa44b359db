import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { type PostgresServer, startPostgres } from '../../../test/support/postgres.ts'
import { type Database, openDatabase } from '../db.ts'
import { createLive, type LiveEvent, type SharedLive, shareLive } from './live.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())

const opened: { database: Database; live: SharedLive }[] = []
afterEach(async () => {
  for (const { live, database } of opened.splice(0)) {
    await live.close()
    await database.close()
  }
})

/** Starts one process of an installation, with its connections and the events seen by a screen of ac63. */
async function startProcess(follows = true) {
  const database = await openDatabase({ kind: 'postgres', url: server.url, poolSize: 2 })
  const told: LiveEvent[] = []
  const log = { warn: vi.fn() }
  const missed = vi.fn()
  let id = 0
  const newId = () => `${opened.length}-${id++}`
  const live = await shareLive(createLive(), database, { newId, log }, follows ? { missed } : undefined)
  live.subscribe('ac63', (event) => told.push(event))
  opened.push({ database, live })
  return { database, live, told, log, missed }
}

const alert = (alertId: string, schemeId = 'ac63'): LiveEvent => ({ type: 'alert', schemeId, alertId })
const progress = (broadcastId: string): LiveEvent => ({
  type: 'progress',
  schemeId: 'ac63',
  alertId: 'a',
  broadcastId,
})

test('delivers an event at once here, and once in every other process', async () => {
  const one = await startProcess()
  const two = await startProcess()
  const three = await startProcess(false)
  one.live.publish(alert('x'))
  expect(one.told).toEqual([alert('x')])
  one.live.publish(alert('elsewhere', 'ac39'))
  three.live.publish(alert('y'))
  await expect.poll(() => two.told).toHaveLength(2)
  await expect.poll(() => one.told).toHaveLength(2)
  await sleep(50)
  expect(two.told).toEqual(expect.arrayContaining([alert('x'), alert('y')]))
  expect(one.told).toEqual([alert('x'), alert('y')])
  // This process only publishes.
  expect(three.told).toEqual([alert('y')])
})

test("notifies other processes of a broadcast's progress at most ten times a second, always with the last state", async () => {
  const one = await startProcess()
  const two = await startProcess()
  const startMs = performance.now()
  let published = 0
  while (performance.now() < startMs + 350) {
    one.live.publish(progress('b'))
    if (published === 0) one.live.publish(progress('c'))
    published++
    await sleep(2)
  }
  // The last one is published just before the wait for it, however long the last pause took.
  one.live.publish(progress('b'))
  const publishedMs = performance.now() - startMs
  const count = (id: string) =>
    two.told.filter((event) => event.type === 'progress' && event.broadcastId === id)
  const before = count('b').length
  await expect.poll(() => count('b').length).toBeGreaterThan(before)
  await sleep(250)
  expect(one.told.length).toBe(published + 2)
  // One at the start, one at the end, and ten a second between them.
  expect(count('b').length).toBeLessThanOrEqual(2 + publishedMs / 100)
  expect(count('c').length).toBe(1)
})

test('sends pending progress when a process ends', async () => {
  const one = await startProcess()
  const two = await startProcess()
  one.live.publish(progress('b'))
  one.live.publish(progress('b'))
  await one.live.close()
  await expect.poll(() => two.told).toHaveLength(2)
})

test('resumes after a lost connection and reports that events may be missing', async () => {
  const one = await startProcess()
  const two = await startProcess()
  expect(one.missed).not.toHaveBeenCalled()
  await one.database.pool.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen%tocsin_live%' and pid <> pg_backend_pid()",
  )
  await expect.poll(() => two.missed).toHaveBeenCalledOnce()
  one.live.publish(alert('after'))
  await expect.poll(() => two.told).toEqual([alert('after')])
})

test('survives a failed notification and tells the others later that they missed one', async () => {
  const one = await startProcess()
  const two = await startProcess()
  const query = vi.spyOn(one.database.pool, 'query').mockRejectedValue(new Error('down') as never)
  one.live.publish(alert('lost'))
  one.live.publish(alert('lost too'))
  await expect.poll(() => one.log.warn).toHaveBeenCalledOnce()
  query.mockRestore()
  await expect.poll(() => two.missed).toHaveBeenCalledOnce()
  expect(one.told).toHaveLength(2)
  expect(two.told).toEqual([])
})

test('ignores anything else on the channel', async () => {
  const one = await startProcess()
  for (const payload of [
    '',
    'null',
    '{}',
    '[1]',
    '{"from":"x","event":{}}',
    '{"from":3}',
    'x'.repeat(7000),
  ]) {
    await one.database.pool.query("select pg_notify('tocsin_live', $1)", [payload])
  }
  await one.database.pool.query("select pg_notify('tocsin_live', $1)", [
    JSON.stringify({ from: 'x', event: alert('z') }),
  ])
  await expect.poll(() => one.told).toEqual([alert('z')])
  expect(one.missed).not.toHaveBeenCalled()
})

test('keeps the last events of a scheme for half a minute, and the time that they cover', () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  try {
    const live = createLive()
    vi.advanceTimersByTime(10_000)
    live.publish(alert('a'))
    vi.advanceTimersByTime(10_000)
    live.publish(alert('b'))
    expect(live.recent('ac63')).toEqual({ events: [alert('a'), alert('b')], coversMs: 20_000 })
    expect(live.recent('ac69')).toEqual({ events: [], coversMs: 20_000 })
    vi.advanceTimersByTime(25_000)
    expect(live.recent('ac63')).toEqual({ events: [alert('b')], coversMs: 30_000 })
    live.noteMissed()
    vi.advanceTimersByTime(1000)
    expect(live.recent('ac63').coversMs).toBe(1000)
    // More events than are kept: they cover less time.
    for (let i = 0; i <= 500; i++) live.publish(alert(String(i)))
    vi.advanceTimersByTime(10)
    expect(live.recent('ac63').events).toHaveLength(500)
    expect(live.recent('ac63').coversMs).toBe(10)
  } finally {
    vi.useRealTimers()
  }
})
