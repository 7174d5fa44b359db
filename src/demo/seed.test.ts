import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDatabase } from '../../test/support/database.ts'
import { DEMO_MAIL_DOMAIN } from '../identity/store.ts'
import type { Database } from '../platform/db.ts'
import { refuseRealInstallation } from './seed.ts'

let database: Database
beforeAll(async () => {
  database = await testDatabase('embedded')
})
afterAll(() => database.close())

test('accepts a database with demo accounts only, and refuses one with a real account', async () => {
  const { db } = database
  await expect(refuseRealInstallation({ db })).resolves.toBeUndefined()
  const account = (id: string, email: string) =>
    db.insertInto('user').values({ id, name: 'x', email }).execute()
  await account('1', `operator@${DEMO_MAIL_DOMAIN}`)
  await expect(refuseRealInstallation({ db })).resolves.toBeUndefined()
  await account('2', 'chef@police.example')
  await expect(refuseRealInstallation({ db })).rejects.toMatchObject({ code: 'demo_refused' })
})
