import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDatabase } from '../../test/support/database.ts'
import { testDeps } from '../../test/support/deps.ts'
import { cookiesOf, PRODUCTION, testConfig, testServer } from '../../test/support/server.ts'
import { NO_SCHEME } from '../audit/chain.ts'
import { acrossSchemes, type Database } from '../platform/db.ts'
import type { App } from '../platform/http/http.ts'
import { hashPassword } from './passwords/password-hash.ts'
import { insertUser, upsertGrant } from './store.ts'

const MAIL = 'admin@example.fr'
const PASSWORD = 'gravier lune tambour'

let database: Database
let app: App

beforeAll(async () => {
  database = await testDatabase('postgres')
  const deps = testDeps(database, { config: testConfig(PRODUCTION) })
  const hash = await hashPassword(PASSWORD)
  await acrossSchemes(database.db, async (tx) => {
    const password = { accountId: 'a', hash, isDue: false }
    await insertUser(tx, { id: 'ada', name: 'Ada', mail: MAIL, at: new Date(), password })
    await upsertGrant(tx, { userId: 'ada', schemeId: NO_SCHEME, role: 'admin', agencyId: null })
  })
  app = await testServer(deps)
})
afterAll(async () => {
  await app?.close()
  await database?.close()
})

test('the administrator of an installation without schemes opens its log, and nothing of a scheme', async () => {
  const signedIn = await app.inject({
    method: 'POST',
    url: '/api/auth/sign-in/email',
    payload: { email: MAIL, password: PASSWORD },
  })
  expect(signedIn.statusCode, signedIn.body).toBe(200)
  expect(signedIn.json().schemes).toMatchObject([
    {
      id: NO_SCHEME,
      role: 'admin',
      permissions: [
        'audit.read_installation',
        'operation.read',
        'break_glass.seal',
        'break_glass.close',
        'scheme.create',
      ],
      needs: null,
    },
  ])
  const get = (url: string) => app.inject({ url, headers: { cookie: cookiesOf(signedIn) } })
  const log = await get('/api/installation/audit')
  expect(log.statusCode, log.body).toBe(200)
  expect(log.json().entries[0]).toMatchObject({ action: 'session.open', details: { factor: 'password' } })
  for (const path of ['/people', '', '/audit'])
    expect((await get(`/api/schemes/${path}`)).statusCode, path).toBeGreaterThanOrEqual(400)
  const invited = await app.inject({
    method: 'POST',
    url: '/api/schemes//people',
    headers: { cookie: cookiesOf(signedIn) },
    payload: { mail: 'x@example.fr', name: 'X', role: 'chief' },
  })
  expect(invited.statusCode).toBe(403)
})
