import { argon2Sync } from 'node:crypto'
import { hashPassword as olderHash, symmetricEncrypt } from 'better-auth/crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
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
import { formerTotpOf, totpOf } from '../../../test/support/totp.ts'
import type { Deps } from '../../deps.ts'
import { acrossSchemes, type Database } from '../../platform/db.ts'
import type { App } from '../../platform/http/http.ts'
import { verifyPassword } from '../passwords/password-hash.ts'
import { findPasswordHash, replacePasswordHash } from '../store.ts'
import { MAX_FAILURES_OF_ACCOUNT } from './attempts.ts'
import { removeFactors } from './factors.ts'

let database: Database
let deps: Deps
let app: App
let user: { mail: string; password: string; id: string }
let cookie = ''
let no = 0

beforeAll(async () => {
  database = await testDatabase('postgres')
  await fillSchemes(database)
  deps = testDeps(database, { config: testConfig(PRODUCTION), now: () => new Date() })
  app = await testServer(deps)
})
afterAll(async () => {
  await app.close()
  await database.close()
})
beforeEach(async () => {
  const mail = `anne-${++no}@example.fr`
  const { password, userId } = await openAccount(deps, {
    mail,
    name: 'Anne Roy',
    schemeId: 'ac63',
    role: 'chief',
  })
  user = { mail, password, id: userId }
  cookie = cookiesOf(await signIn())
})

const post = (url: string, payload: object = {}, as = cookie) =>
  app.inject({ method: 'POST', url, payload, headers: { cookie: as } })
const signIn = (password = user.password) =>
  post('/api/auth/sign-in/email', { email: user.mail, password }, '')
const whoIs = async (as: string) =>
  (await app.inject({ url: '/api/session', headers: { cookie: as } })).statusCode

async function setUp() {
  const made = (await post('/api/account/codes', { password: user.password })).json<{
    secret: string
    qr: string
    recoveryCodes: string[]
  }>()
  const confirmed = await post('/api/account/codes/confirm', { code: await formerTotpOf(made.secret) })
  return { ...made, confirmed }
}

test('asks for a code after the password once the application has proved that it has the secret', async () => {
  const made = (await post('/api/account/codes', { password: user.password })).json()
  expect(made.qr).toMatch(/^<svg/)
  expect(made.secret).toMatch(/^[A-Z2-7]{52}$/)
  expect(new Set(made.recoveryCodes).size).toBe(10)
  expect(made.recoveryCodes[0]).toMatch(/^([a-z2-9]{4}-){2}[a-z2-9]{4}$/)
  // Not asked for before it is confirmed.
  expect((await signIn()).statusCode).toBe(200)
  const wrong = await post('/api/account/codes/confirm', { code: '000000' })
  expect([wrong.statusCode, wrong.json().code]).toEqual([422, 'code_wrong'])
  const confirmed = await post('/api/account/codes/confirm', { code: await formerTotpOf(made.secret) })
  expect(confirmed.json()).toMatchObject({ codes: { recoveryCodesLeft: 10 } })
  // The session has another id now.
  expect(await whoIs(cookie)).toBe(401)
  expect(await whoIs(cookiesOf(confirmed))).toBe(200)

  const step = await signIn()
  expect([step.statusCode, step.json().code]).toEqual([401, 'second_factor_due'])
  const pending = cookiesOf(step)
  expect(await whoIs(pending)).toBe(401)
  const opened = await post('/api/auth/second-factor', { code: totpOf(made.secret) }, pending)
  expect(opened.json()).toMatchObject({ user: { name: 'Anne Roy' } })
  expect(await whoIs(cookiesOf(opened))).toBe(200)
  const sessions = await database.db
    .selectFrom('session')
    .select('factor')
    .where('userId', '=', user.id)
    .orderBy('createdAt', 'desc')
    .execute()
  expect(sessions[0]?.factor).toBe('code')
})

test('accepts a code once, and no code without a right password before it', async () => {
  const { secret } = await setUp()
  const code = totpOf(secret)
  const first = cookiesOf(await signIn())
  const second = cookiesOf(await signIn())
  expect((await post('/api/auth/second-factor', { code }, first)).statusCode).toBe(200)
  const again = await post('/api/auth/second-factor', { code }, second)
  expect([again.statusCode, again.json().code]).toEqual([422, 'code_wrong'])
  expect(await whoIs(cookiesOf(again))).toBe(401)
  for (const as of ['', '__Host-tocsin.two_factor=2fa-forged.signature', first]) {
    const answer = await post('/api/auth/second-factor', { code: totpOf(secret, 1) }, as)
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'second_factor_lost'])
  }
})

test('checks the code of the account whose sign-in waits, whatever other cookies are sent', async () => {
  const victim = { ...user }
  const { secret } = await setUp()
  const pending = cookiesOf(await signIn())
  const mail = `other-${user.mail}`
  const { password } = await openAccount(deps, { mail, name: 'Jean', schemeId: 'ac63', role: 'chief' })
  user = { ...user, mail, password }
  cookie = cookiesOf(await signIn())
  const own = await setUp()
  const session = cookiesOf(own.confirmed)
  const ownPending = cookiesOf(await signIn())
  const opened = async () => {
    const { rows } = await sql`select from audit_entries
      where action = 'session.open' and subject = ${`user:${victim.id}`}`.execute(database.db)
    return rows.length
  }
  const before = await opened()
  // A session beside it would have its own code checked, as a sign-in of the other account.
  const mixed = await post('/api/auth/second-factor', { code: totpOf(own.secret) }, `${session}; ${pending}`)
  expect([mixed.statusCode, mixed.json().code]).toEqual([422, 'code_wrong'])
  expect(await opened()).toBe(before)
  // A cookie of nearly the same name would have the guesses counted for another account.
  const alike = ownPending.replaceAll('__Host-', '')
  for (let tried = 0; tried < 4; tried++)
    await post('/api/auth/second-factor', { code: '000000' }, `${alike}; ${pending}`)
  const { rows } = await sql<{ failures: number }>`
    select failures from failure_counts where subject like 'second-factor:%' and failures > 0`.execute(
    database.db,
  )
  expect(rows).toContainEqual({ failures: 5 })
  const right = await post('/api/auth/second-factor', { code: totpOf(own.secret, 1) }, ownPending)
  expect(right.statusCode).toBe(200)
  expect(secret).not.toBe(own.secret)
})

test('says what to do when codes were stored under another secret, and records it', async () => {
  const { recoveryCodes, confirmed } = await setUp()
  const [path, by] = ['/api/auth/second-factor', { 'accept-language': 'en' }]
  await database.db
    .updateTable('twoFactor')
    .set({
      secret: await symmetricEncrypt({ key: 'another secret of more than thirty-two characters', data: 'x' }),
    })
    .where('userId', '=', user.id)
    .execute()
  for (const payload of [{ code: '000000' }, { recoveryCode: recoveryCodes[0] }]) {
    const headers = { ...by, cookie: cookiesOf(await signIn()) }
    const refused = await app.inject({ method: 'POST', url: path, payload, headers })
    expect([refused.statusCode, refused.json().code]).toEqual([409, 'second_factor_unreadable'])
    expect(refused.json().message).toContain('Ask the person who manages your account')
  }
  const { rows } = await sql`select from audit_entries
    where action = 'second_factor.unreadable' and subject = ${`user:${user.id}`}`.execute(database.db)
  expect(rows).toHaveLength(2)
  // Its holder, signed in with a passkey, sees it and starts anew.
  cookie = cookiesOf(confirmed)
  const seen = await app.inject({ url: '/api/account/security', headers: { cookie } })
  expect(seen.json().codes).toEqual({ recoveryCodesLeft: 0, isReadable: false })
  const removed = await post('/api/account/codes/remove', { password: user.password })
  expect(removed.json().codes).toBeNull()
})

test('a recovery code replaces the application once, however it is typed', async () => {
  const { recoveryCodes, confirmed } = await setUp()
  const typed = ` ${(recoveryCodes[3] ?? '').toUpperCase().replaceAll('-', ' ')} `
  const opened = await post('/api/auth/second-factor', { recoveryCode: typed }, cookiesOf(await signIn()))
  expect(opened.statusCode).toBe(200)
  const again = await post('/api/auth/second-factor', { recoveryCode: typed }, cookiesOf(await signIn()))
  expect(again.json().code).toBe('code_wrong')
  cookie = cookiesOf(opened)
  const left = await app.inject({ url: '/api/account/security', headers: { cookie } })
  expect(left.json().codes).toEqual({ recoveryCodesLeft: 9, isReadable: true })
  const renewed = await post('/api/account/recovery-codes', { password: user.password })
  expect(renewed.json().recoveryCodes).toHaveLength(10)
  const old = await post(
    '/api/auth/second-factor',
    { recoveryCode: recoveryCodes[4] },
    cookiesOf(await signIn()),
  )
  expect(old.json().code).toBe('code_wrong')
  expect(confirmed.statusCode).toBe(200)
})

test('counts wrong codes of an account over all its attempts, in the database', async () => {
  const { secret } = await setUp()
  const codes: string[] = []
  let pending = ''
  for (let tried = 0; tried <= MAX_FAILURES_OF_ACCOUNT; tried++) {
    // An attempt of better-auth allows five codes.
    if (tried % 5 === 0) pending = cookiesOf(await signIn())
    codes.push((await post('/api/auth/second-factor', { code: '000000' }, pending)).json().code)
  }
  expect(codes).toEqual([...Array(MAX_FAILURES_OF_ACCOUNT).fill('code_wrong'), 'rate_limited'])
  const right = await post('/api/auth/second-factor', { code: totpOf(secret) }, cookiesOf(await signIn()))
  expect(right.json().code).toBe('rate_limited')
})

test('needs the password to set codes up and to remove them; a recovery removes them', async () => {
  const refused = await post('/api/account/codes', { password: 'not the password' })
  expect([refused.statusCode, refused.json().code]).toEqual([401, 'wrong_credentials'])
  const { confirmed } = await setUp()
  cookie = cookiesOf(confirmed)
  expect((await post('/api/account/codes/remove', { password: 'not it' })).json().code).toBe(
    'wrong_credentials',
  )
  const removed = await post('/api/account/codes/remove', { password: user.password })
  expect(removed.json().codes).toBeNull()
  expect((await signIn()).statusCode).toBe(200)

  cookie = cookiesOf(removed)
  await setUp()
  expect((await signIn()).json().code).toBe('second_factor_due')
  await acrossSchemes(database.db, (tx) => removeFactors(tx, user.id))
  expect((await signIn()).statusCode).toBe(200)
})

const storedHash = async () => (await findPasswordHash(database.db, user.id)) ?? ''

test('stores a password as argon2id with 19 MiB and two passes, what OWASP asks at least', async () => {
  const [name, salt = '', key = ''] = (await storedHash()).split('$')
  expect(name).toBe('argon2id')
  const parameters = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 }
  const nonce = Buffer.from(salt, 'base64url')
  expect(nonce).toHaveLength(16)
  const made = argon2Sync('argon2id', { ...parameters, message: user.password, nonce })
  expect(made.toString('base64url')).toBe(key)
  expect(await verifyPassword({ hash: await storedHash(), password: 'another one' })).toBe(false)
})

test('takes the hash of an earlier release, and replaces it at the next sign-in', async () => {
  const older = await olderHash(user.password)
  await replacePasswordHash(database.db, user.id, { from: await storedHash(), to: older })
  expect((await signIn('not the password')).statusCode).toBe(401)
  expect(await storedHash()).toBe(older)
  expect((await signIn()).statusCode).toBe(200)
  expect(await storedHash()).toMatch(/^argon2id\$/)
  expect((await signIn()).statusCode).toBe(200)
})
