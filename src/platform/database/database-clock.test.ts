import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { createTestLog } from '../../../test/support/log-scan.ts'
import { HOUR_MS } from '../../message/clock.ts'
import type { Database } from '../db.ts'
import { followDatabaseClock } from './database-clock.ts'

let database: Database
beforeAll(async () => {
  database = await testDatabase('postgres')
})
afterAll(() => database.close())

test.each([
  ['an hour fast', HOUR_MS],
  ['an hour slow', -HOUR_MS],
])('a machine whose clock is %s keeps the time of the database', async (_, wrongMs) => {
  const clock = await followDatabaseClock(
    { db: database.db, embedded: false },
    () => new Date(Date.now() + wrongMs),
    createTestLog(),
  )
  expect(Math.abs(clock.now().getTime() - Date.now())).toBeLessThan(2000)
  clock.stop()
})

test('a machine whose clock is right keeps its own', async () => {
  const now = new Date()
  const clock = await followDatabaseClock({ db: database.db, embedded: false }, () => now, createTestLog())
  expect(clock.now()).toBe(now)
  clock.stop()
})
