import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { testDatabase } from '../../test/support/database.ts'
import { testDeps } from '../../test/support/deps.ts'
import { PRODUCTION, testConfig } from '../../test/support/server.ts'
import { settings } from '../config.ts'
import { findSecretChange, governingFacts, recordConfiguration } from './recorded.ts'

test('a start with another configuration is on the record, once, with the names and no secret', async () => {
  const database = await testDatabase('postgres')
  try {
    const start = (env: Record<string, string>) =>
      recordConfiguration({ ...testDeps(database), config: testConfig({ ...PRODUCTION, ...env }) })
    const read = async () => {
      const { rows } = await sql<{ details: { changed: string[]; first: boolean } }>`
        select details from audit_entries where scheme_id = '' and action = 'config.change' order by seq`.execute(
        database.db,
      )
      return rows.map(({ details }) => details)
    }
    await start({})
    await start({ PORT: '4000', TOCSIN_LOG_LEVEL: 'warn' })
    expect(await read()).toMatchObject([{ first: true }])
    await start({ TOCSIN_COOLING_HOURS: '0', TOCSIN_SMPP_HOST: 'other.invalid' })
    expect((await read()).slice(1)).toMatchObject([{ first: false, changed: ['gateways', 'coolingHours'] }])
    await start({})
    expect(await read()).toHaveLength(3)
    const replaced = {
      TOCSIN_SECRET: 'another secret of more than thirty-two characters',
      TOCSIN_SECRET_PREVIOUS: PRODUCTION.TOCSIN_SECRET,
    }
    await start(replaced)
    expect((await read()).at(-1)).toMatchObject({ changed: ['secret', 'previousSecret'] })
    const { rows } = await sql<{ at: Date }>`select max(at) as at from audit_entries`.execute(database.db)
    expect(await findSecretChange(database)).toEqual(rows[0]?.at)
    // A change of something else does not count.
    await start({ ...replaced, TOCSIN_COOLING_HOURS: '12' })
    expect(await findSecretChange(database)).toEqual(rows[0]?.at)
    // The processes of an installation start together.
    await Promise.all([1, 2, 3, 4].map(() => start({ TOCSIN_COOLING_HOURS: '48' })))
    expect(await read()).toHaveLength(6)
  } finally {
    await database.close()
  }
})

test('no secret is among the facts that are recorded', () => {
  const secrets = {
    TOCSIN_SECRET: 'geheim-1-geheim-1-geheim-1-geheim-1',
    TOCSIN_SECRET_PREVIOUS: 'geheim-9-geheim-9-geheim-9-geheim-9',
    TOCSIN_SMPP_PASSWORD: 'geheim-2',
    DATABASE_URL: 'postgres://u:geheim-3@db.invalid/tocsin?password=geheim-4',
    TOCSIN_SMTP_URL: 'smtp://u:geheim-5@mail.invalid:587',
    TOCSIN_MAIL_FROM: 'Alerte <alerte@exemple.fr>',
    TOCSIN_STRIPE_KEY: 'sk_test_geheim6',
    TOCSIN_STRIPE_WEBHOOK_SECRET: 'whsec_geheim7',
    TOCSIN_METRICS_TOKEN: 'geheim-8-geheim-8-geheim-8',
  }
  expect(Object.keys(settings)).toEqual(expect.arrayContaining(Object.keys(secrets)))
  const text = JSON.stringify(governingFacts(testConfig({ ...PRODUCTION, ...secrets })))
  expect(text).toContain('db.invalid/tocsin')
  expect(text).not.toMatch(/geheim/)
})
