import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { authenticator } from '../../../test/support/authenticator.ts'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
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
import { readConfig } from '../../config.ts'
import type { Deps } from '../../deps.ts'
import type { Role } from '../../permissions.ts'
import type { Database } from '../../platform/db.ts'
import { type App, openEventStream } from '../../platform/http/http.ts'

const SITE = { origin: PRODUCTION.TOCSIN_BASE_URL, id: 'tocsin.example' }

describe.each(usualKinds)('idle sessions on %s', (kind) => {
  let database: Database
  let deps: Deps
  let app: App
  let clockMs = Date.now()
  let user: { mail: string; password: string; id: string }
  let cookie = ''
  let no = 0

  beforeAll(async () => {
    database = await testDatabase(kind)
    await fillSchemes(database)
    deps = testDeps(database, { config: testConfig(PRODUCTION), now: () => new Date(clockMs) })
    app = await testServer(deps, {
      moreRoutes(routes) {
        routes.get('/api/test/stream', { config: { permission: 'signedIn' } }, (request, reply) => {
          openEventStream(request, reply, () => {}).send('open')
        })
      },
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
  })
  afterAll(async () => {
    await app.close()
    await database.close()
  })
  beforeEach(() => open('operator'))

  async function open(role: Role): Promise<void> {
    const mail = `anne-${++no}@example.fr`
    const { password, userId } = await openAccount(deps, { mail, name: 'Anne Roy', schemeId: 'ac63', role })
    user = { mail, password, id: userId }
    cookie = cookiesOf(await post('/api/auth/sign-in/email', { email: mail, password }, ''))
  }
  const post = (url: string, payload: object = {}, as = cookie) =>
    app.inject({ method: 'POST', url, payload, headers: { cookie: as } })
  const get = async (url = '/api/schemes/ac63', as = cookie) => {
    const answer = await app.inject({ url, headers: { cookie: as } })
    return answer.statusCode === 200 ? 'done' : `${answer.statusCode} ${answer.json().code}`
  }
  const wait = (minutes: number) => {
    clockMs += minutes * 60_000
  }
  const LOCKED = '423 session_locked'

  test.each<[Role, number]>([
    ['operator', 30],
    ['chief', 30],
    ['magistrate', 15],
    ['chamber', 15],
  ])(
    'locks the session of a %s after %i minutes without activity, requests of its screens or not',
    async (role, minutes) => {
      await open(role)
      wait(minutes)
      expect(await get('/api/session')).toBe('done')
      // Screens ask for data by themselves.
      wait(0.1)
      expect(await get('/api/session')).toBe(LOCKED)
      expect(await get('/api/schemes/ac63')).toBe(LOCKED)
      expect((await post('/api/session/activity')).statusCode).toBe(423)
      expect((await post('/api/account/sessions/end')).statusCode).toBe(423)
      expect(await get('/api/session/lock')).toBe('done')
      const seen = await database.db
        .selectFrom('session')
        .select('id')
        .where('userId', '=', user.id)
        .execute()
      expect(seen).toHaveLength(1)
    },
  )

  test('goes on while its user is active, and the fewest minutes of several roles count', async () => {
    for (let n = 0; n < 4; n++) {
      wait(29)
      expect((await post('/api/session/activity')).statusCode).toBe(204)
    }
    expect(await get('/api/session')).toBe('done')
    await openAccount(deps, { mail: user.mail, name: 'Anne Roy', schemeId: 'ac39', role: 'chamber' })
    wait(16)
    expect(await get('/api/session')).toBe(LOCKED)
  })

  test('is unlocked by the password, with another token and as long as it would have lasted', async () => {
    const [before] = await database.db
      .selectFrom('session')
      .selectAll()
      .where('userId', '=', user.id)
      .execute()
    wait(31)
    expect((await post('/api/session/unlock', { password: 'not the password' })).json().code).toBe(
      'wrong_credentials',
    )
    expect((await post('/api/session/unlock', { demo: true })).json().code).toBe('wrong_credentials')
    expect(await get()).toBe(LOCKED)
    const opened = await post('/api/session/unlock', { password: user.password })
    expect(opened.json()).toMatchObject({ user: { name: 'Anne Roy' }, idleMinutes: 30 })
    expect(await get()).toBe('401 not_signed_in')
    cookie = cookiesOf(opened)
    expect(await get()).toBe('done')
    const [after] = await database.db
      .selectFrom('session')
      .selectAll()
      .where('userId', '=', user.id)
      .execute()
    expect([after?.id, after?.expiresAt]).toEqual([before?.id, before?.expiresAt])
    const entries = await database.db
      .selectFrom('auditEntries')
      .select('action')
      .where('subject', '=', `user:${user.id}`)
      .where('action', 'like', 'session.%')
      .orderBy('seq')
      .execute()
    expect(entries.map(({ action }) => action)).toContain('session.unlock')
  })

  test('an account with codes gives the password and a code; a passkey takes the place of both', async () => {
    const { secret } = (await post('/api/account/codes', { password: user.password })).json()
    cookie = cookiesOf(await post('/api/account/codes/confirm', { code: await formerTotpOf(secret) }))
    const device = authenticator()
    const made = (await post('/api/account/passkeys/options')).json()
    await post('/api/account/passkeys', { name: 'Clé', response: device.make(made.challenge, SITE) })
    await post('/api/session/lock')
    expect(await get()).toBe(LOCKED)
    const lock = await app.inject({ url: '/api/session/lock', headers: { cookie } })
    expect(lock.json()).toMatchObject({
      locked: true,
      passkey: true,
      password: true,
      code: true,
      demo: false,
    })
    const refused = async (proof: object) => (await post('/api/session/unlock', proof)).json().code
    expect(await refused({ password: user.password })).toBe('second_factor_due')
    expect(await refused({ password: user.password, code: '000000' })).toBe('code_wrong')
    expect(await refused({ password: 'not the password', code: totpOf(secret) })).toBe('wrong_credentials')
    cookie = cookiesOf(await post('/api/session/unlock', { password: user.password, code: totpOf(secret) }))
    expect(await get()).toBe('done')

    await post('/api/session/lock')
    const asked = (await post('/api/account/factor/options')).json()
    const opened = await post('/api/session/unlock', { passkey: device.answer(asked.challenge, SITE) })
    cookie = cookiesOf(opened)
    expect(await get()).toBe('done')
  })

  test('a lock ends the streams of that session alone, before their next ping, and its user may sign out', async () => {
    const other = cookiesOf(
      await post('/api/auth/sign-in/email', { email: user.mail, password: user.password }, ''),
    )
    const { port } = app.server.address() as { port: number }
    const url = `http://127.0.0.1:${port}/api/test/stream`
    const streams = await Promise.all(
      [cookie, other].map(async (as) => {
        const answer = await fetch(url, { headers: { cookie: as } })
        const reader = answer.body!.getReader()
        await reader.read()
        return reader
      }),
    )
    let isOtherOver = false
    const pings = [0, 0]
    const [mine, others] = streams.map(async (reader, n) => {
      for (let read = await reader.read(); !read.done; read = await reader.read())
        if (new TextDecoder().decode(read.value).startsWith(':')) pings[n] = (pings[n] ?? 0) + 1
    })
    void others?.then(() => {
      isOtherOver = true
    })
    expect((await post('/api/session/lock')).statusCode).toBe(204)
    await mine
    // A ping would end it too, up to 15 s later.
    expect(pings[0]).toBe(0)
    expect(isOtherOver).toBe(false)
    expect(await get('/api/session', other)).toBe('done')
    expect((await fetch(url, { headers: { cookie } })).status).toBe(423)
    expect((await post('/api/session/end')).statusCode).toBe(200)
    expect(await get()).toBe('401 not_signed_in')
    await deps.db.deleteFrom('session').where('userId', '=', user.id).execute()
    deps.live.publish({ type: 'account', schemeId: '', userId: user.id })
    await others
  })
})

test('limits are read by role; the demo locks nothing unless they are set', () => {
  const env = { TOCSIN_LOG_LEVEL: 'silent', ...PRODUCTION }
  expect(readConfig(env).idleMinutes).toMatchObject({ operator: 30, magistrate: 15, admin: 15 })
  expect(readConfig({ ...env, TOCSIN_IDLE_MINUTES: 'operator=60, chamber=5' }).idleMinutes).toMatchObject({
    operator: 60,
    chief: 30,
    chamber: 5,
  })
  for (const wrong of ['operator', 'operator=0', 'operator=721', 'merchant=5', 'operator=1.5', '30'])
    expect(() => readConfig({ ...env, TOCSIN_IDLE_MINUTES: wrong }), wrong).toThrow('config')
  expect(readConfig({ TOCSIN_DEMO: 'true' }).idleMinutes).toBeUndefined()
  expect(readConfig({ TOCSIN_DEMO: 'true', TOCSIN_IDLE_MINUTES: 'chief=1' }).idleMinutes).toMatchObject({
    chief: 1,
  })
})
