import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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
import { usersCommand } from '../commands/users.ts'
import type { Deps } from '../deps.ts'
import type { Database } from '../platform/db.ts'
import { type App, openEventStream } from '../platform/http.ts'
import { createLive, type SharedLive, shareLive } from '../platform/live.ts'
import { createLog } from '../platform/log.ts'
import { listAccounts } from './accounts.ts'
import { addUser } from './users.ts'

const NEXT = 'gravier lune tambour'

describe.each(usualKinds)('accounts on %s', (kind) => {
  let database: Database
  let lives: SharedLive[]
  let deps: Deps
  let apps: App[]

  beforeAll(async () => {
    database = await testDatabase(kind)
    await fillSchemes(database)
    const config = testConfig(PRODUCTION)
    deps = testDeps(database, { config })
    // PostgreSQL runs two processes on one database; the embedded database allows a single process.
    const count = database.embedded ? 1 : 2
    lives = []
    apps = []
    for (let n = 0; n < count; n++) {
      const live = await shareLive(
        createLive(),
        database,
        { newId: deps.newId, log: createLog('silent') },
        { missed() {} },
      )
      const own = { ...deps, live }
      lives.push(live)
      apps.push(
        await testServer(own, {
          moreRoutes(routes) {
            routes.get('/api/test/stream', { config: { permission: 'signedIn' } }, (request, reply) => {
              openEventStream(request, reply, () => {}).send('open')
            })
          },
        }),
      )
      await apps[n]!.listen({ port: 0, host: '127.0.0.1' })
    }
    // On the embedded database the command runs inside the server; on PostgreSQL it runs by itself.
    if (database.embedded) deps = { ...deps, live: lives[0]! }
  })
  afterAll(async () => {
    for (const app of apps) await app.close()
    for (const live of lives) await live.close()
    await database.close()
  })

  async function runCommand(...args: string[]): Promise<string> {
    let output = ''
    const write = (text: string) => {
      output += text
    }
    const io = { lang: 'en', stdout: write, stderr: write, progress() {} } as const
    expect(await usersCommand.run(deps, args, new Map(), io)).toBe(0)
    return output
  }
  const runJson = async (...args: string[]) => JSON.parse(await runCommand(...args, '--json'))
  const post = (app: App, url: string, payload: object, cookie = '') =>
    app.inject({ method: 'POST', url, payload, headers: { cookie } })
  const signIn = (email: string, password: string) =>
    post(apps[0]!, '/api/auth/sign-in/email', { email, password })
  const session = (app: App, cookie: string) => app.inject({ url: '/api/session', headers: { cookie } })
  const listRecorded = async (schemeId: string, userId: string) => {
    const rows = await database.db
      .selectFrom('auditEntries')
      .select(['action', 'actor'])
      .where('schemeId', '=', schemeId)
      .where('subject', '=', `user:${userId}`)
      .orderBy('seq')
      .execute()
    return rows.map(({ action, actor }) => `${actor} ${action}`)
  }

  /** Opens a stream in every process and returns the time until each one ends. */
  async function openStreams(cookie: string): Promise<{ ended: Promise<number[]> }> {
    const readers = await Promise.all(
      apps.map(async (app) => {
        const { port } = app.server.address() as { port: number }
        const answer = await fetch(`http://127.0.0.1:${port}/api/test/stream`, { headers: { cookie } })
        expect(answer.status).toBe(200)
        const reader = answer.body!.getReader()
        expect(new TextDecoder().decode((await reader.read()).value)).toContain('open')
        return reader
      }),
    )
    const from = Date.now()
    const ended = readers.map(async (reader) => {
      while (!(await reader.read()).done);
      return Date.now() - from
    })
    return { ended: Promise.all(ended) }
  }

  test.each(['disable', 'end-sessions', 'reset'])(
    '%s ends the streams and requests of that account only, within 3 s in every process',
    async (act) => {
      const mail = `${act}@example.fr`
      const { userId, password } = await openAccount(deps, {
        mail,
        name: 'A',
        schemeId: 'ac63',
        role: 'operator',
      })
      const other = await openAccount(deps, {
        mail: `not-${mail}`,
        name: 'B',
        schemeId: 'ac63',
        role: 'operator',
      })
      const cookie = cookiesOf(await signIn(mail, password))
      const otherCookie = cookiesOf(await signIn(`not-${mail}`, other.password))
      for (const app of apps) expect((await session(app, cookie)).statusCode).toBe(200)
      const { ended } = await openStreams(cookie)
      let isOtherOver = false
      const others = await openStreams(otherCookie)
      void others.ended.then(() => {
        isOtherOver = true
      })
      expect(await runJson(act, '--mail', mail.toUpperCase())).toMatchObject({
        id: userId,
        changed: true,
        sessionsEnded: 1,
      })
      for (const ms of await ended) expect(ms).toBeLessThan(3000)
      for (const app of apps) {
        expect((await session(app, cookie)).json()).toMatchObject({ code: 'not_signed_in' })
        expect((await session(app, otherCookie)).statusCode).toBe(200)
      }
      expect(isOtherOver).toBe(false)
      await runCommand('end-sessions', '--mail', `not-${mail}`)
      await others.ended
      expect(await listRecorded('ac63', userId)).toEqual(
        ['system:cli user.add', `system:cli user.${act.replace('-', '_')}`].map((entry, n) =>
          n === 0 ? entry.replace('cli', 'test') : entry,
        ),
      )
    },
  )

  test('a disabled account refuses sign-in and says so only to its right password; enabling restores it', async () => {
    const mail = 'closed@example.fr'
    const { userId, password } = await openAccount(deps, { mail, name: 'C', schemeId: 'ac63', role: 'chief' })
    expect(await runCommand('disable', '--mail', mail)).toBe(`Account ${mail} disabled; sessions ended: 0.\n`)
    expect(await runCommand('disable', '--mail', mail)).toBe(`Nothing to change for ${mail}.\n`)
    const refused = await signIn(mail, password)
    expect(refused.json()).toMatchObject({ code: 'account_disabled' })
    expect(refused.statusCode).toBe(403)
    expect(refused.cookies).toEqual([])
    expect((await signIn(mail, 'wrong')).json()).toMatchObject({ code: 'wrong_credentials' })
    expect(await runJson('enable', '--mail', mail)).toMatchObject({ changed: true })
    expect(await runJson('enable', '--mail', mail)).toMatchObject({ changed: false })
    expect((await signIn(mail, password)).statusCode).toBe(200)
    expect((await listRecorded('ac63', userId)).slice(1)).toEqual([
      'system:cli user.disable',
      'system:cli user.enable',
    ])
  })

  test('a first password allows only its own change, and a reset sets a new first password', async () => {
    const mail = 'first@example.fr'
    const added = await runJson(
      'add',
      '--mail',
      mail,
      '--name',
      'Léa Petit',
      '--scheme',
      'ac63',
      '--role',
      'operator',
    )
    const opened = await signIn(mail, added.password)
    expect(opened.json()).toMatchObject({ passwordDue: true })
    const cookie = cookiesOf(opened)
    for (const app of apps) {
      const refused = await app.inject({ url: '/api/schemes/ac63', headers: { cookie } })
      expect([refused.statusCode, refused.json().code]).toEqual([403, 'password_due'])
      expect((await session(app, cookie)).json()).toMatchObject({ passwordDue: true })
    }
    const change = (currentPassword: string, newPassword: string) =>
      post(apps[0]!, '/api/auth/change-password', { currentPassword, newPassword }, cookie)
    const codesOf = async (next: string) =>
      (await change(added.password, next)).json().problems.map(({ code }: { code: string }) => code)
    expect(await codesOf('motdepasse2026')).toEqual(['password.common'])
    expect(await codesOf('Lea.Petit!ac63-2026')).toEqual(['password.personal'])
    expect(await codesOf(added.password)).toEqual(['password.same'])
    expect((await change('not the one given', NEXT)).json()).toMatchObject({ code: 'wrong_credentials' })
    const changed = await change(added.password, NEXT)
    expect(changed.json()).toMatchObject({ passwordDue: false })
    for (const app of apps) {
      const reached = await app.inject({ url: '/api/schemes/ac63', headers: { cookie: cookiesOf(changed) } })
      expect(reached.json().code).not.toBe('password_due')
      expect(reached.statusCode).toBe(200)
    }
    const reset = await runJson('reset', '--mail', mail)
    expect(reset).toMatchObject({ id: added.id, changed: true, password: expect.stringMatching(/^\S{23}$/) })
    expect((await signIn(mail, NEXT)).statusCode).toBe(401)
    expect((await signIn(mail, reset.password)).json()).toMatchObject({ passwordDue: true })
  })

  test('lists accounts with their state, roles and sessions, never a password', async () => {
    const mail = 'listed@example.fr'
    const { password } = await addUser(
      deps,
      { kind: 'system', name: 'test' },
      {
        mail,
        name: 'Listed',
        schemeId: 'ac39',
        role: 'magistrate',
      },
    )
    await signIn(mail, password ?? '')
    const all = await runJson('list')
    expect(all.length).toBeGreaterThan(3)
    expect(await runJson('list', '--scheme', 'ac39')).toEqual([
      {
        id: expect.any(String),
        mail,
        name: 'Listed',
        disabledAt: null,
        passwordDue: true,
        openSessions: 1,
        lastSignInAt: expect.stringMatching(/Z$/),
        grants: [{ scheme: 'ac39', role: 'magistrate', agency: null }],
      },
    ])
    await runCommand('disable', '--mail', mail)
    const [titles, row] = (await runCommand('list', '--scheme', 'ac39')).split('\n')
    expect(titles).toMatch(/^email +name +state +sessions +last sign-in +roles$/)
    expect(row).toMatch(/^listed@example\.fr +Listed +disabled +0 +\S.* ac39:magistrate$/)
    await expect(runCommand('list', '--scheme', 'zz99')).rejects.toMatchObject({ code: 'unknown_scheme' })
  })

  test('refuses an unknown account, and any caller who is not on the machine', async () => {
    for (const act of ['disable', 'enable', 'reset', 'end-sessions']) {
      await expect(runCommand(act, '--mail', 'nobody@example.fr')).rejects.toMatchObject({
        code: 'invalid_input',
        problems: [{ code: 'user.unknown', path: 'mail' }],
      })
      await expect(runCommand(act)).rejects.toMatchObject({ code: 'usage' })
    }
    const chief = { kind: 'user', userId: 'u', name: 'U', grants: [] } as const
    await expect(listAccounts(deps, chief)).rejects.toMatchObject({ code: 'forbidden' })
  })
})
