import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { territoryUrl } from '../../../test/support/database.ts'
import { dumpText } from '../../../test/support/dump-text.ts'
import { createTestLog } from '../../../test/support/log-scan.ts'
import { asOwnerUrl } from '../../../test/support/owner-url.ts'
import { PRODUCTION } from '../../../test/support/server.ts'
import { createCipher } from '../../cipher/cipher.ts'
import { READ_KEYS } from '../../cipher/sources.ts'
import { keysAddCommand, keysCreateCommand } from '../../cli/keys.ts'
import { migrateCommand } from '../../cli/migrate.ts'
import { runDataCommand } from '../../cli/run.ts'
import { keysCommand } from '../../commands/keys/keys.ts'
import { readConfig } from '../../config.ts'
import { inScheme, openDatabase } from '../../platform/db.ts'
import { startServer } from '../serve.ts'

const PHONE = '+33639987654'

test('the first migration with keys encrypts the numbers; starts need the keys, and another key is put in their place', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tocsin-encrypted-'))
  const file = join(directory, 'keys.json')
  const url = await territoryUrl('tocsin_engine')
  const output: string[] = []
  const io = {
    lang: 'en' as const,
    stdout: (text: string) => output.push(text),
    stderr() {},
    progress() {},
  }
  await keysCreateCommand(['--file', file], io)
  const { TOCSIN_ENCRYPTION: _, ...service } = PRODUCTION
  const configOf = (env: Record<string, string>) =>
    readConfig(
      { ...service, TOCSIN_LOG_LEVEL: 'silent', PORT: '0', DATABASE_URL: url, ...env },
      undefined,
      READ_KEYS,
    )
  const withKeys = { TOCSIN_KEYS_FILE: file }
  const start = async (env: Record<string, string>) => {
    const running = await startServer(configOf(env), { webDirectory: null, base: { log: createTestLog() } })
    await running.stop()
  }
  try {
    const owner = await openDatabase({ kind: 'postgres', url: asOwnerUrl(url), poolSize: 1 })
    await sql`insert into schemes (id, name, territory, reference_prefix, trades, sender, closing_advice, created_at)
      values ('ac63', 'x', '{"kind":"departement","code":"63"}', '63', '{}', 'X', 'x', now())`.execute(
      owner.db,
    )
    await sql`insert into observers (scheme_id, id, name, phone) values ('ac63', gen_random_uuid(), 'x', ${PHONE})`.execute(
      owner.db,
    )
    await owner.close()

    await expect(start(withKeys)).rejects.toMatchObject({ code: 'schema_older' })
    const migrateWith = (env: Record<string, string>) =>
      migrateCommand([], io, () => configOf({ ...withKeys, ...env }))
    await expect(migrateWith({})).rejects.toMatchObject({ code: 'keys_refused', values: { reason: 'owner' } })
    expect(await migrateWith({ DATABASE_OWNER_URL: asOwnerUrl(url) })).toBe(0)
    await start(withKeys)
    await expect(start({ TOCSIN_ENCRYPTION: 'off' })).rejects.toMatchObject({
      code: 'keys_refused',
      values: { reason: 'missing' },
    })

    await keysAddCommand(['--file', file], io)
    expect(await runDataCommand(configOf(withKeys), 'keys', keysCommand, ['rotate', '--json'], io)).toBe(0)
    expect(JSON.parse(output.at(-1) ?? '')).toMatchObject({
      currentKey: 'k2',
      rotated: 1,
      use: expect.arrayContaining([{ column: 'numbers', counts: { k2: 1 } }]),
    })
    const config = configOf(withKeys)
    const database = await openDatabase(
      { kind: 'postgres', url, poolSize: 1 },
      { cipher: createCipher(config.keys) },
    )
    const { rows } = await inScheme(database.db, 'ac63', (tx) =>
      sql<{ phone: string }>`select phone from observers`.execute(tx),
    )
    expect(rows).toEqual([{ phone: PHONE }])
    const { rows: entries } = await sql`
      select details from audit_entries where action = 'keys.rotate'`.execute(database.db)
    expect(entries).toEqual([{ details: { key: 'k2', values: 1 } }])
    expect(await dumpText(database)).not.toContain(PHONE.slice(3))
    await database.close()
  } finally {
    rmSync(directory, { recursive: true })
  }
})
