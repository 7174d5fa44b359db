import { expect, onTestFinished, test } from 'vitest'
import { testDatabase } from '../../test/support/database.ts'
import { TEST_KEYRING } from '../../test/support/encryption.ts'
import { createCipher } from '../cipher/cipher.ts'
import { DEMO_MAIL_DOMAIN } from '../identity/store.ts'
import { refuseRealInstallation } from './seed.ts'

test.each([
  ['in clear', undefined],
  ['encrypted', TEST_KEYRING],
])('accepts a database with demo accounts only, and refuses one with a real account: %s', async (_, keys) => {
  const database = await testDatabase('postgres', { cipher: createCipher(keys) })
  onTestFinished(() => database.close())
  const { db } = database
  await expect(refuseRealInstallation({ db })).resolves.toBeUndefined()
  const account = (id: string, email: string) =>
    db.insertInto('user').values({ id, name: 'x', email }).execute()
  await account('1', `operator@${DEMO_MAIL_DOMAIN}`)
  await expect(refuseRealInstallation({ db })).resolves.toBeUndefined()
  await account('2', 'chef@police.example')
  await expect(refuseRealInstallation({ db })).rejects.toMatchObject({ code: 'demo_refused' })
})
