import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { testDatabaseUrl } from '../../test/support/database.ts'
import { asOwnerUrl } from '../../test/support/owner-url.ts'
import { createCipher } from '../cipher/cipher.ts'
import { openDatabase } from '../platform/db.ts'
import { prepareSchema, requireSchema } from './schema.ts'

test('refuses a database that cannot store every letter, with the statement that makes another one', async () => {
  const url = new URL(asOwnerUrl(await testDatabaseUrl({ migrated: false })))
  const name = `ascii_${randomUUID().slice(0, 8)}`
  const owner = new pg.Client(url.href)
  await owner.connect()
  await owner.query(`create database ${name} encoding 'SQL_ASCII' template template0`)
  onTestFinished(async () => {
    await owner.query(`drop database ${name} with (force)`)
    await owner.end()
  })
  url.pathname = name
  const database = await openDatabase({ kind: 'postgres', url: url.href, poolSize: 2 })
  const deps = { now: () => new Date(), cipher: createCipher(undefined) }
  const refusal = {
    code: 'database_encoding',
    values: { database: name, encoding: 'SQL_ASCII', owner: 'tocsin' },
  }
  try {
    await expect(prepareSchema({ databaseOwnerUrl: undefined }, database, deps)).rejects.toMatchObject(
      refusal,
    )
    await expect(requireSchema(database, deps)).rejects.toMatchObject(refusal)
  } finally {
    await database.close()
  }
})
