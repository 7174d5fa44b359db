import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bodyWithoutId } from '../../test/support/client.ts'
import { testDatabase, usualKinds } from '../../test/support/database.ts'
import { testDeps } from '../../test/support/deps.ts'
import {
  cookiesOf,
  fillSchemes,
  openAccount,
  PRODUCTION,
  testConfig,
  testServer,
} from '../../test/support/server.ts'
import type { Deps } from '../deps.ts'
import type { Role } from '../permissions.ts'
import type { Database } from '../platform/db.ts'
import type { App } from '../platform/http/http.ts'

describe.each(usualKinds)('accounts and sessions on %s', (kind) => {
  let database: Database
  let deps: Deps
  let app: App
  let clockMs = Date.now()

  beforeAll(async () => {
    database = await testDatabase(kind)
    await fillSchemes(database)
    deps = testDeps(database, { config: testConfig(PRODUCTION), now: () => new Date(clockMs) })
    app = await testServer(deps)
  })
  afterAll(async () => {
    await app.close()
    await database.close()
  })

  let visitor = 0
  /** Posts from a new address each time, unless the test is about the limit. */
  const post = (url: string, payload: object, cookie = '', address = `10.0.0.${++visitor}`) =>
    app.inject({ method: 'POST', url, payload, headers: { cookie, 'x-forwarded-for': address } })
  const get = (url: string, cookie: string) => app.inject({ url, headers: { cookie } })
  const signIn = (email: string, password: string, address?: string) =>
    post('/api/auth/sign-in/email', { email, password }, '', address)

  async function addAccount(mail: string, role: Role = 'operator', schemeId = 'ac63'): Promise<string> {
    return (await openAccount(deps, { mail, name: 'Anne Roy', schemeId, role })).password
  }

  test('signs an account in, recognises it and signs it out', async () => {
    const password = await addAccount('Anne@Example.fr')
    const opened = await signIn('anne@example.fr', password)
    expect(opened.statusCode).toBe(200)
    const view = {
      user: { name: 'Anne Roy' },
      schemes: [{ id: 'ac63', name: 'Alerte ac63', role: 'operator', agency: null, trades: null }],
    }
    expect(opened.json()).toMatchObject(view)
    expect(opened.json().schemes[0].permissions).toContain('alert.broadcast')
    expect(opened.json().schemes[0].permissions).not.toContain('member.import')
    expect(opened.cookies).toEqual([
      expect.objectContaining({
        name: '__Host-tocsin.session_token',
        httpOnly: true,
        secure: true,
        sameSite: 'Strict',
        path: '/',
        maxAge: 12 * 3600,
      }),
      // This cookie identifies the browser, only to count failures.
      expect.objectContaining({
        name: '__Host-tocsin.device',
        httpOnly: true,
        secure: true,
        sameSite: 'Strict',
        path: '/',
      }),
    ])
    for (const { domain } of opened.cookies) expect(domain).toBeUndefined()
    const cookie = cookiesOf(opened)
    // As the release before named it.
    const former = cookie.replace('__Host-tocsin.session_token', '__Secure-tocsin.session_token')
    expect((await get('/api/session', former)).statusCode).toBe(200)
    expect((await get('/api/session', cookie.replaceAll('__Host-', ''))).statusCode).toBe(401)
    expect((await get('/api/session', cookie)).json()).toMatchObject(view)

    const ended = await post('/api/session/end', {}, cookie)
    expect(ended.json()).toEqual({ address: null })
    expect((await get('/api/session', cookie)).json()).toMatchObject({ code: 'not_signed_in' })
    const trail = await database.db
      .selectFrom('auditEntries')
      .select(['action', 'details'])
      .where('schemeId', '=', '')
      .orderBy('seq')
      .execute()
    expect(trail).toEqual([
      { action: 'session.open', details: { factor: 'password' } },
      { action: 'session.end', details: {} },
    ])
  })

  test('says to which trades a role is limited', async () => {
    const account = { mail: 'tobacco@example.fr', name: 'Jean Faure', schemeId: 'ac63' }
    const trades = ['tobacco-press', 'pharmacy']
    const { password } = await openAccount(deps, { ...account, role: 'trade_chamber', trades })
    const opened = await signIn('tobacco@example.fr', password)
    expect(opened.json().schemes[0]).toMatchObject({ role: 'trade_chamber', trades })
  })

  test('answers a wrong password and an unknown mail alike', async () => {
    await addAccount('jean@example.fr')
    const wrong = await signIn('jean@example.fr', 'not the password')
    const unknown = await signIn('nobody@example.fr', 'not the password')
    expect(wrong.statusCode).toBe(401)
    expect(bodyWithoutId(wrong)).toBe(bodyWithoutId(unknown))
    expect(wrong.json().code).toBe('wrong_credentials')
    expect(wrong.cookies).toEqual([])
  })

  test("slows down guesses of an account's password, for that network only", async () => {
    const codes = []
    for (let i = 0; i < 11; i++)
      codes.push((await signIn('x@example.fr', 'guess guess', '10.1.1.1')).statusCode)
    expect(codes).toEqual([...Array(10).fill(401), 429])
    const answer = await signIn('x@example.fr', 'guess guess', '10.1.1.1')
    expect(answer.json()).toMatchObject({ code: 'rate_limited' })
    expect((await signIn('x@example.fr', 'guess guess')).statusCode).toBe(401)
  })

  test('treats a forged cookie as no session', async () => {
    const password = await addAccount('forge@example.fr')
    const cookie = cookiesOf(await signIn('forge@example.fr', password))
    expect((await get('/api/session', cookie)).statusCode).toBe(200)
    const [session = ''] = cookie.split('; ')
    const forged = session.replace(/\.[^.]+$/, `.${encodeURIComponent(Buffer.alloc(32).toString('base64'))}`)
    expect((await get('/api/session', forged)).statusCode).toBe(401)
    expect((await get('/api/session', 'tocsin.session_token=x')).statusCode).toBe(401)
  })

  test('ends a revoked session and a removed role within seconds', async () => {
    const password = await addAccount('revoked@example.fr')
    const opened = await signIn('revoked@example.fr', password)
    const cookie = cookiesOf(opened)
    const userId: string = opened.json().user.id
    expect((await get('/api/schemes/ac63', cookie)).statusCode).not.toBe(401)
    await database.db.deleteFrom('grants').where('userId', '=', userId).execute()
    clockMs += 3001
    expect((await get('/api/schemes/ac63', cookie)).json()).toMatchObject({ code: 'unknown_scheme' })
    await database.db.deleteFrom('session').where('userId', '=', userId).execute()
    clockMs += 3001
    expect((await get('/api/schemes/ac63', cookie)).json()).toMatchObject({ code: 'not_signed_in' })
  })

  test('ends a session after a shift, even if it is in use', async () => {
    const password = await addAccount('shift@example.fr')
    const opened = await signIn('shift@example.fr', password)
    const { expiresAt } = await database.db
      .selectFrom('session')
      .select('expiresAt')
      .where('userId', '=', opened.json().user.id)
      .executeTakeFirstOrThrow()
    expect(Math.abs(expiresAt.getTime() - Date.now() - 12 * 3600_000)).toBeLessThan(60_000)
  })

  test('changes the password only with the old one and ends the other sessions', async () => {
    const password = await addAccount('change@example.fr')
    const other = cookiesOf(await signIn('change@example.fr', password))
    const mine = cookiesOf(await signIn('change@example.fr', password))
    const change = (currentPassword: string, newPassword: string) =>
      post('/api/auth/change-password', { currentPassword, newPassword }, mine)
    expect((await change('wrong', 'a new long password')).json().code).toBe('wrong_credentials')
    expect((await change(password, 'short')).json()).toMatchObject({
      code: 'invalid_input',
      problems: [
        { code: 'input.too_short', path: 'newPassword', message: 'Trop court : 12 caractères au moins.' },
      ],
    })
    const changed = await change(password, 'a new long password')
    expect(changed.statusCode).toBe(200)
    expect((await get('/api/session', cookiesOf(changed))).statusCode).toBe(200)
    expect((await get('/api/session', other)).statusCode).toBe(401)
    expect((await signIn('change@example.fr', password)).statusCode).toBe(401)
    expect((await signIn('change@example.fr', 'a new long password')).statusCode).toBe(200)
  })

  test('exposes neither sign-up nor any other endpoint of better-auth', async () => {
    const signUp = { email: 'new@example.fr', password: 'a long password', name: 'New' }
    for (const url of ['/api/auth/sign-up/email', '/api/auth/update-user', '/api/auth/sign-in/social']) {
      expect((await post(url, signUp)).statusCode, url).toBe(404)
    }
    expect(
      await database.db.selectFrom('user').select('id').where('email', '=', 'new@example.fr').execute(),
    ).toEqual([])
  })

  test('has no demo endpoints outside the demo', async () => {
    expect((await post('/api/demo/sessions', { as: 'operator' })).statusCode).toBe(404)
    expect((await app.inject('/api/demo/handsets')).statusCode).toBe(404)
    const { paths } = (await app.inject('/api/openapi.json')).json()
    expect(Object.keys(paths).filter((path) => /\/(?:demo|cli)(?:\/|$)/.test(path))).toEqual([])
  })
})
