import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../test/support/database.ts'
import { actorOf, program, testDeps } from '../../test/support/deps.ts'
import { seedSchemes } from '../../test/support/fixtures.ts'
import { cookiesOf, openAccount, testServer } from '../../test/support/server.ts'
import type { Deps } from '../deps.ts'
import type { Database } from '../platform/db.ts'
import type { LiveEvent } from '../platform/http/live.ts'
import { getDoctrineSettings, setDoctrine } from './actions.ts'
import { DoctrineSettings } from './doctrine.ts'

const chamber = actorOf('chamber', 'ac63')

describe.each(usualKinds)('the doctrine of a scheme on %s', (kind) => {
  let database: Database
  let deps: Deps
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    deps = testDeps(database)
  })
  afterAll(() => database.close())

  const read = () => getDoctrineSettings(deps, chamber, 'ac63')

  test('is read by those it binds and set by the chamber; who set it and when is shown, also on screens', async () => {
    const before = await read()
    expect(before).toMatchObject({ version: 1, setAt: null, setBy: null, doctrine: { lateAfterMinutes: 60 } })
    for (const role of ['operator', 'chief', 'magistrate'] as const) {
      expect(await getDoctrineSettings(deps, actorOf(role, 'ac63'), 'ac63')).toEqual(before)
      await expect(setDoctrine(deps, actorOf(role, 'ac63'), 'ac63', before.doctrine)).rejects.toMatchObject({
        code: 'forbidden',
      })
    }
    await expect(getDoctrineSettings(deps, actorOf('trade_chamber', 'ac63'), 'ac63')).rejects.toMatchObject({
      code: 'forbidden',
    })
    const events: LiveEvent[] = []
    const leave = deps.live.subscribe('ac63', (event) => events.push(event))
    const set = await setDoctrine(deps, program, 'ac63', { ...before.doctrine, leakTracing: true })
    leave()
    expect(set).toMatchObject({ version: 2, doctrine: { leakTracing: true } })
    expect(set.setBy).not.toBeNull()
    expect(set.setAt).not.toBeNull()
    const { proposed, ...view } = set
    expect(proposed).toBeNull()
    expect(await read()).toEqual(view)
    expect(events).toEqual([{ type: 'scheme', schemeId: 'ac63' }])
    // Another scheme is unchanged.
    expect(await getDoctrineSettings(deps, actorOf('chamber', 'ac39'), 'ac39')).toMatchObject({
      version: 1,
      doctrine: { leakTracing: false },
    })
  })

  test('refuses the second of two concurrent changes until it has read again', async () => {
    const { version, doctrine } = await read()
    const both = await Promise.allSettled(
      [30, 45].map((lateAfterMinutes) =>
        setDoctrine(deps, program, 'ac63', { ...doctrine, lateAfterMinutes }, { version }),
      ),
    )
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(both.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'settings_changed' },
    })
    expect((await read()).version).toBe(version + 1)
    // A change without a version overwrites any version.
    expect((await setDoctrine(deps, program, 'ac63', doctrine)).version).toBe(version + 2)
  })

  test('reports rules that never apply and unknown categories at once', async () => {
    const before = await read()
    const approval = [
      { categories: [], severities: 'all' as const },
      { categories: ['nothing', 'robbery'], severities: [] },
    ]
    await expect(
      setDoctrine(deps, chamber, 'ac63', DoctrineSettings.parse({ approval })),
    ).rejects.toMatchObject({
      problems: [
        { code: 'doctrine.rule_empty', path: 'approval.0.categories' },
        { code: 'unknown_category', path: 'approval.1.categories.0', values: { code: 'nothing' } },
        { code: 'doctrine.rule_empty', path: 'approval.1.severities' },
      ],
    })
    expect(await read()).toEqual(before)
    const { rows } = await sql<{ entries: number }>`
      select count(*)::int as entries from audit_entries where action = 'doctrine.set'`.execute(database.db)
    expect(rows[0]?.entries).toBe(before.version - 1)
  })
})

test('over HTTP, reports every value out of bounds at its path', async () => {
  const database = await testDatabase('postgres')
  await seedSchemes(database)
  const deps = testDeps(database)
  const app = await testServer(deps)
  try {
    const { password } = await openAccount(deps, {
      mail: 'cci@demo.invalid',
      name: 'Anne Roy',
      schemeId: 'ac63',
      role: 'chamber',
    })
    const signedIn = await app.inject({
      method: 'POST',
      url: '/api/auth/sign-in/email',
      payload: { email: 'cci@demo.invalid', password },
    })
    const headers = { cookie: cookiesOf(signedIn) }
    const url = '/api/schemes/ac63/doctrine'
    const bad = await app.inject({
      method: 'PUT',
      url,
      headers,
      payload: {
        lateAfterMinutes: 0,
        cancelWindowSeconds: 11,
        outsideZone: 'never',
        care: { budgetPerWeek: { alert: 0 }, digestAt: 2000 },
      },
    })
    expect(bad.statusCode).toBe(422)
    expect(
      bad
        .json()
        .problems.map(({ path }: { path: string }) => path)
        .sort(),
    ).toEqual([
      'cancelWindowSeconds',
      'care.budgetPerWeek.alert',
      'care.digestAt',
      'lateAfterMinutes',
      'outsideZone',
    ])
    const { version, doctrine } = (await app.inject({ method: 'GET', url, headers })).json()
    const put = (payload: object) => app.inject({ method: 'PUT', url, headers, payload })
    const set = await put({ ...doctrine, closingMessage: true, version })
    expect(set.json()).toMatchObject({
      version: version + 1,
      setBy: 'Anne Roy',
      doctrine: { closingMessage: true },
    })
    const late = await put({ ...doctrine, version })
    expect([late.statusCode, late.json().code]).toEqual([409, 'settings_changed'])
  } finally {
    await app.close()
    await database.close()
  }
})
