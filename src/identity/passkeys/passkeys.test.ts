import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { authenticator } from '../../../test/support/authenticator.ts'
import { testDatabase } from '../../../test/support/database.ts'
import { testDeps } from '../../../test/support/deps.ts'
import {
  cookiesOf,
  fillSchemes,
  openAccount,
  PRODUCTION,
  testConfig,
  testServer,
} from '../../../test/support/server.ts'
import type { Deps } from '../../deps.ts'
import { findAccount } from '../../people/accounts.ts'
import { disablePerson } from '../../people/closing.ts'
import { recoverPerson } from '../../people/recovery.ts'
import type { Database } from '../../platform/db.ts'
import type { App } from '../../platform/http/http.ts'

const SITE = { origin: PRODUCTION.TOCSIN_BASE_URL, id: 'tocsin.example' }
const system = { kind: 'system', name: 'test' } as const

let database: Database
let deps: Deps
let app: App
let clockMs = Date.now()
let mail = ''
let cookie = ''
let no = 0

beforeAll(async () => {
  database = await testDatabase('postgres')
  await fillSchemes(database)
  deps = testDeps(database, { config: testConfig(PRODUCTION), now: () => new Date(clockMs) })
  app = await testServer(deps)
})
afterAll(async () => {
  await app.close()
  await database.close()
})
beforeEach(async () => {
  mail = `anne-${++no}@example.fr`
  const { password } = await openAccount(deps, { mail, name: 'Anne Roy', schemeId: 'ac63', role: 'chief' })
  cookie = cookiesOf(await post('/api/auth/sign-in/email', { email: mail, password }))
})

const post = (url: string, payload: object = {}, as = '') =>
  app.inject({ method: 'POST', url, payload, headers: { cookie: as } })

async function register(device = authenticator(), name = 'Téléphone') {
  const { challenge } = (await post('/api/account/passkeys/options', {}, cookie)).json()
  return post('/api/account/passkeys', { name, response: device.make(challenge, SITE) }, cookie)
}
async function signIn(device: ReturnType<typeof authenticator>, site = SITE) {
  const { challenge } = (await post('/api/auth/passkey-session/options')).json()
  return post('/api/auth/passkey-session', device.answer(challenge, site))
}

test('an account signs in with any of its passkeys until that one is removed', async () => {
  const [phone, key] = [authenticator(), authenticator()]
  expect((await register(phone)).json()).toMatchObject({
    mail,
    passkeys: [{ name: 'Téléphone', usedAt: null }],
  })
  clockMs += 1000
  expect((await register(key, ' Clé USB ')).json().passkeys).toHaveLength(2)
  const opened = await signIn(phone)
  expect(opened.statusCode).toBe(200)
  expect(opened.json()).toMatchObject({ user: { name: 'Anne Roy' }, schemes: [{ role: 'chief' }] })
  const as = cookiesOf(opened)
  expect((await app.inject({ url: '/api/session', headers: { cookie: as } })).json()).toEqual(opened.json())
  const security = await app.inject({ url: '/api/account/security', headers: { cookie: as } })
  expect(security.json().passkeys).toMatchObject([
    { name: 'Clé USB', usedAt: null },
    { name: 'Téléphone', usedAt: new Date(clockMs).toISOString() },
  ])
  const remove = (id: string, by: string) =>
    app.inject({ method: 'DELETE', url: `/api/account/passkeys/${id}`, headers: { cookie: by } })
  expect((await remove(phone.id, as)).json().passkeys).toHaveLength(1)
  expect((await remove(phone.id, as)).statusCode).toBe(404)
  expect((await signIn(phone)).json().code).toBe('passkey_refused')
  expect((await signIn(key)).statusCode).toBe(200)
  const trail = await database.db
    .selectFrom('auditEntries')
    .select('action')
    .where('subject', '=', `user:${opened.json().user.id}`)
    .where('schemeId', '=', '')
    .orderBy('seq')
    .execute()
  expect(trail.map(({ action }) => action)).toEqual([
    'session.open',
    'passkey.add',
    'passkey.add',
    'session.open',
    'passkey.remove',
    'session.open',
  ])
})

test('a passkey of another account cannot be removed, and an unnamed or unrequested one cannot be added', async () => {
  const device = authenticator()
  await register(device)
  const first = cookie
  const other = `other-${no}@example.fr`
  const { password } = await openAccount(deps, { mail: other, name: 'B', schemeId: 'ac63', role: 'operator' })
  cookie = cookiesOf(await post('/api/auth/sign-in/email', { email: other, password }))
  const removed = await app.inject({
    method: 'DELETE',
    url: `/api/account/passkeys/${device.id}`,
    headers: { cookie },
  })
  expect(removed.statusCode).toBe(404)
  expect((await register(authenticator(), ' ')).json()).toMatchObject({
    code: 'invalid_input',
    problems: [{ path: 'name' }],
  })
  // Requested by one session, answered by another.
  const { challenge } = (await post('/api/account/passkeys/options', {}, first)).json()
  const response = authenticator().make(challenge, SITE)
  expect((await post('/api/account/passkeys', { name: 'x', response }, cookie)).json().code).toBe(
    'passkey_refused',
  )
})

test('refuses a passkey used on another site, twice with one challenge, too late, or of a disabled account', async () => {
  const device = authenticator()
  await register(device)
  expect((await signIn(device, { origin: 'https://evil.example', id: 'evil.example' })).json().code).toBe(
    'passkey_refused',
  )
  const { challenge } = (await post('/api/auth/passkey-session/options')).json()
  expect((await post('/api/auth/passkey-session', device.answer(challenge, SITE))).statusCode).toBe(200)
  expect((await post('/api/auth/passkey-session', device.answer(challenge, SITE))).json().code).toBe(
    'passkey_refused',
  )
  const late = (await post('/api/auth/passkey-session/options')).json().challenge
  clockMs += 5 * 60_000 + 1
  expect((await post('/api/auth/passkey-session', device.answer(late, SITE))).json().code).toBe(
    'passkey_refused',
  )
  await disablePerson(deps, system, await findAccount(deps, mail))
  const closed = await signIn(device)
  expect([closed.statusCode, closed.json().code, closed.cookies]).toEqual([403, 'account_disabled', []])
})

test('a reset of the account removes its passkeys', async () => {
  const device = authenticator()
  await register(device)
  await recoverPerson(deps, system, await findAccount(deps, mail))
  expect((await signIn(device)).json().code).toBe('passkey_refused')
})
