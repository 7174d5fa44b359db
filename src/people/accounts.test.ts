import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase, usualKinds } from '../../test/support/database.ts'
import { noteJobs, testDeps } from '../../test/support/deps.ts'
import { createTestLog } from '../../test/support/log-scan.ts'
import {
  cookiesOf,
  fillSchemes,
  openAccount,
  PRODUCTION,
  testConfig,
  testServer,
} from '../../test/support/server.ts'
import { usersCommand } from '../commands/schemes/users.ts'
import type { Deps } from '../deps.ts'
import type { AppError } from '../errors.ts'
import type { OwnSessions } from '../identity/contract.ts'
import { findInvitation } from '../identity/invitations.ts'
import { truncateAddress } from '../identity/sessions/devices.ts'
import { insertUser, listGrants, upsertGrant } from '../identity/store.ts'
import { sendMail } from '../outbox/mails.ts'
import { acrossSchemes, type Database } from '../platform/db.ts'
import { type App, openEventStream } from '../platform/http/http.ts'
import { createLive, type SharedLive, shareLive } from '../platform/http/live.ts'
import { findAccount, listAccounts } from './accounts.ts'
import { disablePerson, enablePerson } from './closing.ts'
import { inviteAgain, invitePerson, withdrawInvitation } from './invitations/invite.ts'
import { recoverPerson } from './recovery.ts'
import { removeRole } from './roles/roles.ts'

/** A stream asks by itself whether its session ended, every 15 s: one that ends sooner was notified. */
const BEFORE_PING_MS = 14_000

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
        { newId: deps.newId, log: createTestLog() },
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
    const as = ['list', 'sessions'].includes(args[0] ?? '') ? [] : ['--as', 'Anne Admin']
    expect(await usersCommand.run(deps, [...args, ...as], new Map(), io)).toBe(0)
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
    '%s ends the streams and requests of that account only, at once in every process',
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
        sessionsEnded: 1,
      })
      for (const ms of await ended) expect(ms).toBeLessThan(BEFORE_PING_MS)
      for (const app of apps) {
        expect((await session(app, cookie)).json()).toMatchObject({ code: 'not_signed_in' })
        expect((await session(app, otherCookie)).statusCode).toBe(200)
      }
      expect(isOtherOver).toBe(false)
      await runCommand('end-sessions', '--mail', `not-${mail}`)
      await others.ended
      expect(await listRecorded('ac63', userId)).toEqual([`system:cli user.${act.replace('-', '_')}`])
    },
  )

  test('a person lists their own sessions, ends one and then all others, at once in every process', async () => {
    const mail = 'own@example.fr'
    const { userId, password } = await openAccount(deps, {
      mail,
      name: 'A',
      schemeId: 'ac63',
      role: 'operator',
    })
    const stranger = await openAccount(deps, {
      mail: 'no@example.fr',
      name: 'B',
      schemeId: 'ac63',
      role: 'chief',
    })
    const [mine, lost, left, theirs] = [
      cookiesOf(await signIn(mail, password)),
      cookiesOf(await signIn(mail, password)),
      cookiesOf(await signIn(mail, password)),
      cookiesOf(await signIn('no@example.fr', stranger.password)),
    ]
    const list = async (cookie: string): Promise<OwnSessions> =>
      (await apps[0]!.inject({ url: '/api/account/sessions', headers: { cookie } })).json()
    const { current, sessions } = await list(mine)
    expect(sessions).toHaveLength(3)
    expect(sessions[0]).toMatchObject({ browser: 'other', system: 'other', network: '127.0.0.x' })
    const ofLost = (await list(lost)).current
    expect(new Set([current, ofLost, (await list(left)).current])).toEqual(
      new Set(sessions.map(({ id }) => id)),
    )

    const ended = (await openStreams(lost)).ended
    // The session of another account cannot be named.
    await post(apps[0]!, '/api/account/sessions/end', { id: (await list(theirs)).current }, mine)
    expect((await session(apps[0]!, theirs)).statusCode).toBe(200)
    const one = await post(apps[0]!, '/api/account/sessions/end', { id: ofLost }, mine)
    expect(one.json().sessions.map(({ id }: { id: string }) => id)).not.toContain(ofLost)
    for (const ms of await ended) expect(ms).toBeLessThan(BEFORE_PING_MS)
    for (const app of apps) {
      expect((await session(app, lost)).statusCode).toBe(401)
      expect((await session(app, left)).statusCode).toBe(200)
    }
    const others = await post(apps[0]!, '/api/account/sessions/end', {}, mine)
    expect(others.json()).toMatchObject({ current, sessions: [{ id: current }] })
    await expect.poll(async () => (await session(apps.at(-1)!, left)).statusCode).toBe(401)
    expect((await session(apps[0]!, mine)).statusCode).toBe(200)
    expect(await listRecorded('ac63', userId)).toEqual(Array(2).fill(`user:${userId} user.end_sessions`))
  })

  test('a factor given again renews the token in every process; the streams of that session alone are opened again', async () => {
    const mail = 'renewed@example.fr'
    const { password } = await openAccount(deps, { mail, name: 'A', schemeId: 'ac63', role: 'operator' })
    const [mine, other] = [cookiesOf(await signIn(mail, password)), cookiesOf(await signIn(mail, password))]
    for (const app of apps) expect((await session(app, mine)).statusCode).toBe(200)
    const { ended } = await openStreams(mine)
    let isOtherOver = false
    void (await openStreams(other)).ended.then(() => {
      isOtherOver = true
    })
    const { current } = (
      await apps[0]!.inject({ url: '/api/account/sessions', headers: { cookie: mine } })
    ).json<OwnSessions>()
    const renewed = cookiesOf(await post(apps[0]!, '/api/account/factor', { password }, mine))
    expect((await session(apps[0]!, mine)).statusCode).toBe(401)
    for (const app of apps) {
      await expect.poll(async () => (await session(app, mine)).statusCode).toBe(401)
      expect((await session(app, renewed)).statusCode).toBe(200)
      const list = await app.inject({ url: '/api/account/sessions', headers: { cookie: renewed } })
      expect(list.json()).toMatchObject({ current, sessions: [{}, {}] })
    }
    for (const ms of await ended) expect(ms).toBeLessThan(BEFORE_PING_MS)
    expect(isOtherOver).toBe(false)

    // The session that the browser had ends with the next sign-in in it.
    const again = await post(apps[0]!, '/api/auth/sign-in/email', { email: mail, password }, renewed)
    expect((await session(apps[0]!, renewed)).statusCode).toBe(401)
    expect((await session(apps[0]!, cookiesOf(again))).statusCode).toBe(200)
    await runCommand('end-sessions', '--mail', mail)
  })

  test('a disabled account refuses sign-in and says so only to its right password; enabling restores it', async () => {
    const mail = 'closed@example.fr'
    const { userId, password } = await openAccount(deps, {
      mail,
      name: 'C',
      schemeId: 'ac63',
      role: 'operator',
    })
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
    expect(await listRecorded('ac63', userId)).toEqual(['system:cli user.disable', 'system:cli user.enable'])
  })

  const invite = (mail: string, ...more: string[]) =>
    runJson('invite', '--mail', mail, '--name', 'Léa Petit', '--scheme', 'ac63', ...more)
  const tokenOf = (link: string) => new URL(link).hash.slice(1)
  const read = async (token: string) => (await post(apps[0]!, '/api/auth/invitation/read', { token })).json()
  const accept = (token: string, password: string) =>
    post(apps[0]!, '/api/auth/invitation', { token, password })
  const codesOf = ({ problems }: { problems: { code: string }[] }) => problems.map(({ code }) => code)

  test('an invitation opens an account with a password that only its holder knows, once', async () => {
    const mail = 'first@example.fr'
    const invited = await invite(mail, '--role', 'operator', '--agency', 'corg-63')
    expect(invited).toMatchObject({
      outcome: 'invited',
      link: expect.stringMatching(/^https:\/\/tocsin\.example\/invitation#[\w-]{43}$/),
    })
    const token = tokenOf(invited.link)
    const stored = JSON.stringify(await database.db.selectFrom('invitations').selectAll().execute())
    expect(stored).not.toContain(token)
    expect((await signIn(mail, '')).statusCode).not.toBe(200)
    expect(await runJson('list', '--scheme', 'ac63')).toContainEqual(
      expect.objectContaining({ mail, state: 'invited', lastSignInAt: null }),
    )
    expect(await read(token)).toMatchObject({
      purpose: 'invite',
      state: 'open',
      by: null,
      account: {
        name: 'Léa Petit',
        mail,
        roles: [{ scheme: 'Alerte ac63', role: 'operator', agency: 'corg-63' }],
      },
    })
    // Every problem of the password at once; the link stays open.
    expect(codesOf((await accept(token, 'Lea.Petit')).json())).toEqual([
      'user.password_length',
      'password.personal',
    ])
    expect(codesOf((await accept(token, 'motdepasse2026')).json())).toEqual(['password.common'])
    const opened = await accept(token, NEXT)
    expect(opened.json()).toMatchObject({ passwordDue: false, schemes: [{ id: 'ac63', role: 'operator' }] })
    for (const app of apps)
      expect(
        (await app.inject({ url: '/api/schemes/ac63', headers: { cookie: cookiesOf(opened) } })).statusCode,
      ).toBe(200)
    expect((await signIn(mail, NEXT)).statusCode).toBe(200)
    const again = await accept(token, 'autre gravier tambour')
    expect([again.statusCode, again.json().code]).toEqual([409, 'invitation_used'])
    expect(await read(token)).toMatchObject({ state: 'used', account: null })
    expect((await read('not a token')).code).toBe('invitation_unknown')
    expect(await listRecorded('ac63', invited.id)).toEqual([
      'system:cli user.invite',
      `user:${invited.id} user.accept`,
    ])
    const { rows } = await sql<{ claimed: string }>`select named ->> 'claimed' as claimed from audit_reasons r
      join audit_entries e using (scheme_id, seq) where e.subject = ${`user:${invited.id}`}`.execute(
      database.db,
    )
    expect(rows).toEqual([{ claimed: 'Anne Admin' }])
  })

  test('a reset removes the password and gives a link; the latest link alone can be used, for 72 hours', async () => {
    const mail = 'lost@example.fr'
    const { password } = await openAccount(deps, { mail, name: 'L', schemeId: 'ac63', role: 'operator' })
    const first = await runJson('reset', '--mail', mail)
    expect((await signIn(mail, password)).statusCode).toBe(401)
    const second = await runJson('reset', '--mail', mail)
    expect((await read(tokenOf(first.link))).state).toBe('withdrawn')
    expect((await accept(tokenOf(first.link), NEXT)).json().code).toBe('invitation_withdrawn')
    expect(await read(tokenOf(second.link))).toMatchObject({ state: 'open', purpose: 'recover' })
    const later = { ...deps, now: () => new Date(Date.now() + 72 * 3_600_000) }
    expect(await findInvitation(database.db, later, tokenOf(second.link))).toMatchObject({ state: 'expired' })
    await runCommand('disable', '--mail', mail)
    expect((await accept(tokenOf(second.link), NEXT)).json().code).toBe('invitation_withdrawn')
    await runCommand('enable', '--mail', mail)
    expect((await accept(tokenOf(second.link), NEXT)).statusCode).toBe(200)
  })

  test('with a mail server the link is in the mail alone, and its token in no table', async () => {
    const mail = 'mailed@example.fr'
    const sent: { to: string; text: string }[] = []
    const mailer = {
      name: 'test',
      send: async (one: (typeof sent)[number]) => void sent.push(one),
      close() {},
    }
    const withMail = { ...deps, mailer: mailer as unknown as Deps['mailer'] }
    const system = { kind: 'system', name: 'cli' } as const
    const input = { mail, name: 'M', role: 'operator' }
    expect(await invitePerson(withMail, system, 'ac63', input)).toMatchObject({
      outcome: 'invited',
      link: null,
    })
    const waiting = await database.db.selectFrom('outbox').selectAll().where('address', '=', mail).execute()
    expect(waiting).toMatchObject([{ link: 'https://tocsin.example/invitation#{token}' }])
    await sendMail(withMail, 'ac63', waiting[0]!.id)
    const [, token = ''] = /invitation#([\w-]{43})/.exec(sent[0]!.text) ?? []
    expect((await read(token)).state).toBe('open')
    // A withdrawn invitation is not mailed.
    await inviteAgain(withMail, system, await findAccount(deps, mail))
    const [next] = await database.db.selectFrom('outbox').selectAll().where('address', '=', mail).execute()
    await withdrawInvitation(withMail, system, await findAccount(deps, mail))
    await sendMail(withMail, 'ac63', next!.id)
    expect(sent).toHaveLength(1)
    expect(await read(token)).toMatchObject({ code: 'invitation_unknown' })
  })

  test('an existing account gets a further role and no link; a role is replaced or removed', async () => {
    const mail = 'both@example.fr'
    const account = { mail, name: 'Both', schemeId: 'ac63', role: 'operator' } as const
    const { userId, password } = await openAccount(deps, account)
    /** Returns whether an act ends a session that was opened before it. */
    const endsSessions = async (act: () => Promise<string>) => {
      const cookie = cookiesOf(await signIn(mail, password))
      for (const app of apps) expect((await session(app, cookie)).statusCode).toBe(200)
      const said = await act()
      for (const app of apps) await expect.poll(async () => (await session(app, cookie)).statusCode).toBe(401)
      return said
    }
    const who = ['--mail', mail, '--name', 'Both', '--scheme', 'ac39', '--role']
    expect(await endsSessions(() => runCommand('invite', ...who, 'magistrate'))).toBe(
      `The account ${mail} already existed: it is now also magistrate in ac39. Nothing else to do.\n`,
    )
    await expect(runCommand('invite', ...who, 'magistrate')).rejects.toMatchObject({
      problems: [{ code: 'person.has_role', path: 'mail' }],
    })
    const role = (...more: string[]) => runCommand('role', '--mail', mail, '--scheme', 'ac63', ...more)
    expect(await endsSessions(() => role('--role', 'trade_chamber', '--trades', 'tobacco-press'))).toBe(
      `${mail} is now trade_chamber in ac63.\n`,
    )
    expect(await endsSessions(() => role('--remove'))).toBe(`${mail} no longer has this role in ac63.\n`)
    await expect(role('--remove')).rejects.toMatchObject({ problems: [{ code: 'user.no_role' }] })
    expect(await listGrants(database.db, userId)).toMatchObject([{ schemeId: 'ac39', role: 'magistrate' }])
    expect(await listRecorded('ac63', userId)).toEqual([
      'system:cli user.role',
      'system:cli user.role_remove',
    ])
  })

  test('the administrator of the platform has a role in every scheme, and reads nothing of their work', async () => {
    const mail = 'admin@example.fr'
    const invited = await runJson('invite', '--mail', mail, '--name', 'Ada', '--role', 'admin')
    const opened = await accept(tokenOf(invited.link), NEXT)
    expect(opened.json().schemes).toMatchObject([
      {
        id: 'ac39',
        role: 'admin',
        permissions: [
          'scheme.read',
          'audit.read_installation',
          'operation.read',
          'people.read',
          'people.manage',
          'break_glass.seal',
          'break_glass.close',
          'setting_change.read',
          'setting_change.decide',
          'scheme.create',
          'scheme.export',
        ],
      },
      { id: 'ac63', role: 'admin' },
    ])
    const get = (path: string) =>
      apps[0]!.inject({ url: `/api/schemes/ac63${path}`, headers: { cookie: cookiesOf(opened) } })
    expect((await get('/people')).json().given.map(({ role }: { role: string }) => role)).toEqual([
      'chief',
      'chamber',
      'magistrate',
    ])
    for (const path of ['/members', '/reports', '/alerts', '/audit'])
      expect((await get(path)).statusCode, path).toBe(403)
    // The session that the browser had is over.
    const other = await runJson('invite', '--mail', 'second@example.fr', '--name', 'Eve', '--role', 'admin')
    const token = tokenOf(other.link)
    const second = await post(apps[0]!, '/api/auth/invitation', { token, password: NEXT }, cookiesOf(opened))
    expect(second.statusCode).toBe(200)
    expect((await session(apps[0]!, cookiesOf(opened))).statusCode).toBe(401)
    await expect(invite('x@example.fr', '--role', 'admin')).rejects.toMatchObject({
      problems: [{ code: 'user.admin_scheme', path: 'role' }],
    })
  })

  const actorOf = async (userId: string) => {
    const grants = await listGrants(database.db, userId)
    return { kind: 'user', userId, name: userId, grants } as const
  }
  const chamberOf = async (mail: string, schemeId = 'ac39') => {
    const account = { mail, name: mail, schemeId, role: 'chamber' } as const
    return actorOf((await openAccount(deps, account)).userId)
  }

  test('a link sent again counts as access given: the account decides as second person later', async () => {
    const mail = 'again@example.fr'
    const chamber = await chamberOf('gives@example.fr', 'ac63')
    const invited = await invite(mail, '--role', 'chamber')
    const counts = async () => {
      const rows = await database.db
        .selectFrom('grants')
        .select(['role', 'countsFrom'])
        .where('userId', '=', invited.id)
        .orderBy('role')
        .execute()
      return rows.map(({ role, countsFrom }) => [role, countsFrom !== null])
    }
    expect(await counts()).toEqual([['chamber', false]])
    const input = { mail, name: 'Again', role: 'trade_chamber', trades: ['tobacco-press'] }
    expect(await invitePerson(deps, chamber, 'ac63', input)).toMatchObject({ outcome: 'invited', link: null })
    expect(await counts()).toEqual([
      ['chamber', true],
      ['trade_chamber', true],
    ])
    await database.db
      .updateTable('grants')
      .set({ countsFrom: null })
      .where('userId', '=', invited.id)
      .execute()
    // Without a mail server its link would be shown to the chamber.
    const withMail: Deps = {
      ...deps,
      mailer: { name: 'none', send: async () => {}, close() {} },
      jobs: noteJobs(),
    }
    await inviteAgain(withMail, chamber, { schemeId: 'ac63', userId: invited.id })
    expect((await counts())[0]).toEqual(['chamber', true])
  })

  test('notifies the other holders of a role of every act on one of them, in one batch', async () => {
    const chamber = await chamberOf('first-chamber@example.fr', 'ac63')
    const other = await chamberOf('other-chamber@example.fr', 'ac63')
    const told = ['first-chamber@example.fr', 'other-chamber@example.fr']
    const batches: number[] = []
    const withMail: Deps = {
      ...deps,
      mailer: { name: 'none', send: async () => {}, close() {} },
      jobs: {
        ...deps.jobs,
        async enqueue() {},
        async enqueueAll(_tx, name, payloads) {
          if (name === 'mail.send') batches.push(payloads.length)
        },
      },
    }
    const notices = async () => {
      const rows = await database.db
        .deleteFrom('outbox')
        .returning(['address', 'template', 'values'])
        .execute()
      const found = rows.filter(({ template }) => template === 'mail.people.notice')
      const acts = new Set(found.map(({ values }) => (values as { act: string }).act))
      const addresses = found.map(({ address }) => address)
      expect(addresses).toEqual(expect.arrayContaining(told))
      expect(new Set(addresses).size).toBe(addresses.length)
      expect(batches.filter((size) => size >= told.length)).toEqual([addresses.length])
      batches.length = 0
      return [...acts]
    }
    await database.db.deleteFrom('outbox').execute()
    const input = { mail: 'third-chamber@example.fr', name: 'Third', role: 'chamber' }
    const system = { kind: 'system', name: 'cli' } as const
    const { userId } = await invitePerson(withMail, system, 'ac63', input)
    expect(await notices()).toEqual(['invite'])
    const of = { schemeId: 'ac63', userId: userId ?? '' }
    await inviteAgain(withMail, chamber, of)
    expect(await notices()).toEqual(['invite_again'])
    await disablePerson(withMail, chamber, of)
    expect(await notices()).toEqual(['disable'])
    await enablePerson(withMail, chamber, of)
    expect(await notices()).toEqual(['enable'])
    await recoverPerson(withMail, chamber, of)
    expect(await notices()).toEqual(['recover'])
    await removeRole(withMail, chamber, of, { role: 'chamber' })
    expect(await notices()).toEqual(['remove'])
    expect(other.grants).toMatchObject([{ role: 'chamber' }])
  })

  test('of two that use one link at once, one gets in; every scheme of the account records it', async () => {
    const mail = 'twice@example.fr'
    const { link, id } = await invite(mail, '--role', 'operator')
    // A second role is being given when the password is hashed.
    const asked = await acrossSchemes(database.db, async (tx) => {
      await sql`select from "user" where id = ${id} for update`.execute(tx)
      await upsertGrant(tx, { userId: id, schemeId: 'ac39', role: 'magistrate', agencyId: null })
      const both = [accept(tokenOf(link), NEXT), accept(tokenOf(link), NEXT)]
      await new Promise((resolve) => setTimeout(resolve, 500))
      return { both }
    })
    const answers = await Promise.all(asked.both)
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 409])
    expect(answers.find(({ statusCode }) => statusCode === 409)?.json().code).toBe('invitation_used')
    for (const schemeId of ['ac39', 'ac63'])
      expect((await listRecorded(schemeId, id)).filter((entry) => entry.endsWith('accept'))).toEqual([
        `user:${id} user.accept`,
      ])
  })

  test.runIf(kind === 'postgres')(
    'an account closed while its holder chooses a password stays closed, with its link unused',
    async () => {
      const mail = 'late@example.fr'
      const { link, id } = await invite(mail, '--role', 'operator')
      // The account is being closed by a transaction that is not over when the password is hashed.
      const accepted = await acrossSchemes(database.db, async (tx) => {
        await tx.updateTable('user').set({ disabledAt: new Date() }).where('id', '=', id).execute()
        const answer = accept(tokenOf(link), NEXT)
        await new Promise((resolve) => setTimeout(resolve, 500))
        return { answer }
      })
      expect((await accepted.answer).json().code).toBe('invitation_withdrawn')
      await runCommand('enable', '--mail', mail)
      expect((await accept(tokenOf(link), NEXT)).statusCode).toBe(200)
    },
  )

  test('of two chambers that close each other at once, one stays', async () => {
    const left = await chamberOf('left@example.fr')
    const right = await chamberOf('right@example.fr')
    const others = await database.db
      .selectFrom('grants')
      .select('userId')
      .where('schemeId', '=', 'ac39')
      .where('role', '=', 'chamber')
      .where('userId', 'not in', [left.userId, right.userId])
      .execute()
    expect(others).toEqual([])
    for (let round = 0; round < 5; round++) {
      const both = [left.userId, right.userId]
      await database.db.updateTable('user').set({ disabledAt: null }).where('id', 'in', both).execute()
      const reason = round % 2 === 0 ? {} : { reason: 'left the chamber' }
      const done = await Promise.allSettled([
        disablePerson(deps, left, { schemeId: 'ac39', userId: right.userId }, reason),
        disablePerson(deps, right, { schemeId: 'ac39', userId: left.userId }, reason),
      ])
      expect(done.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      // The machine closes both at once: the second one asks for a reason.
      await database.db.updateTable('user').set({ disabledAt: null }).where('id', 'in', both).execute()
      const system = { kind: 'system', name: 'cli' } as const
      const closed = await Promise.allSettled(
        both.map((userId) => disablePerson(deps, system, { schemeId: undefined, userId })),
      )
      expect(closed.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    }
    await database.db.deleteFrom('grants').where('userId', 'in', [left.userId, right.userId]).execute()
  })

  test('a role that an invited person has already is changed in the list, or by the chief of its agency', async () => {
    await sql`insert into agencies (scheme_id, id, code, name, kind)
      values ('ac63', ${deps.newId()}, 'bta-thiers', 'BTA Thiers', 'gendarmerie')`.execute(database.db)
    const open = (mail: string, role: 'chief' | 'operator', agencyCode: string) =>
      openAccount(deps, { mail, name: mail, schemeId: 'ac63', role, agencyCode })
    const { userId } = await open('chief-63@example.fr', 'chief', 'corg-63')
    await open('near@example.fr', 'operator', 'corg-63')
    await open('far@example.fr', 'operator', 'bta-thiers')
    const chief = {
      kind: 'user',
      userId,
      name: 'Chief',
      grants: await listGrants(database.db, userId),
    } as const
    const invite = (mail: string) =>
      invitePerson(deps, chief, 'ac63', { mail, name: 'Again', role: 'operator', agency: 'corg-63' })
    await expect(invite('near@example.fr')).rejects.toMatchObject({
      problems: [{ code: 'person.has_role', path: 'mail' }],
    })
    await expect(invite('far@example.fr')).rejects.toMatchObject({
      problems: [{ code: 'person.has_role_elsewhere', path: 'mail' }],
    })
  })

  test('two invitations of one address at once give one account, and the second one is checked too', async () => {
    const system = { kind: 'system', name: 'cli' } as const
    for (let round = 0; round < 3; round++) {
      const mail = `same-${round}@example.fr`
      const input = { mail, name: 'Same', role: 'operator' }
      const done = await Promise.allSettled([
        invitePerson(deps, system, 'ac63', input),
        invitePerson(deps, system, 'ac63', input),
      ])
      expect(done.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      expect(done.find((one) => one.status === 'rejected')?.reason).toMatchObject({
        problems: [{ code: 'person.has_role', path: 'mail' }],
      })
      const accounts = await database.db.selectFrom('user').select('id').where('email', '=', mail).execute()
      expect(accounts).toHaveLength(1)
    }
    const user = { name: 'Same', mail: 'same-0@example.fr', at: new Date() }
    const password = { accountId: deps.newId(), hash: 'x', isDue: false }
    const isMade = await acrossSchemes(database.db, (tx) =>
      insertUser(tx, { id: deps.newId(), ...user, password }),
    )
    expect(isMade).toBe(false)
  })

  test('reports every problem of an invitation at once', async () => {
    const system = { kind: 'system', name: 'test' } as const
    const problemsOf = async (input: object, on: Deps = deps) => {
      const full = { mail: 'x@example.fr', name: 'X', role: 'operator', ...input }
      const error = await invitePerson(on, system, 'ac63', full).catch((e: unknown) => e)
      return (error as AppError).problems.map(({ code, path }) => [code, path])
    }
    expect(await problemsOf({ mail: 'x', name: ' ', role: 'king', agency: 'corg-39' })).toEqual([
      ['user.mail', 'mail'],
      ['input.required', 'name'],
      ['user.role', 'role'],
      ['user.agency', 'agency'],
    ])
    for (const trades of [undefined, [], ['bakeries']])
      expect(await problemsOf({ role: 'trade_chamber', ...(trades && { trades }) })).toEqual([
        ['user.trades', 'trades'],
      ])
    expect(await problemsOf({ role: 'chamber', trades: ['tobacco-press'] })).toEqual([
      ['user.trades_unused', 'trades'],
    ])
    expect(await problemsOf({}, { ...deps, config: testConfig() })).toEqual([['user.demo_mail', 'mail']])
    await expect(
      invitePerson(deps, system, 'zz99', { mail: 'a@b.fr', name: 'A', role: 'chief' }),
    ).rejects.toMatchObject({ code: 'unknown_scheme' })
  })

  test('lists accounts with their state, roles and sessions, and the sessions with their device', async () => {
    const mail = 'listed@example.fr'
    const { password } = await openAccount(deps, { mail, name: 'Listed', schemeId: 'ac39', role: 'chamber' })
    await apps[0]!.inject({
      method: 'POST',
      url: '/api/auth/sign-in/email',
      payload: { email: mail, password },
      headers: {
        'user-agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0',
      },
    })
    const all = await runJson('list')
    expect(all.length).toBeGreaterThan(3)
    expect(await runJson('list', '--scheme', 'ac39')).toContainEqual({
      id: expect.any(String),
      mail,
      name: 'Listed',
      state: 'active',
      disabledAt: null,
      openSessions: 1,
      lastSignInAt: expect.stringMatching(/Z$/),
      grants: [{ scheme: 'ac39', role: 'chamber', agency: null }],
    })
    const [own] = await runJson('sessions', '--mail', mail)
    expect(own).toMatchObject({ browser: 'firefox', system: 'windows', network: '127.0.0.x' })
    expect(await runCommand('sessions', '--mail', mail)).toContain('firefox / windows')
    expect(await runJson('end-sessions', '--mail', mail, '--session', own.id)).toMatchObject({
      sessionsEnded: 1,
    })
    expect(truncateAddress('2001:db8:1:2::7')).toBe('2001:db8:1::/48')
    // The last active chamber of a scheme: only with a reason, which stands in the record.
    await expect(runCommand('disable', '--mail', mail)).rejects.toMatchObject({ code: 'last_holder' })
    await runCommand('disable', '--mail', mail, '--reason', 'left the chamber')
    const [titles, row] = (await runCommand('list', '--scheme', 'ac39'))
      .split('\n')
      .filter((line) => /^(email|listed)/.test(line))
    expect(titles).toMatch(/^email +name +state +sessions +last sign-in +roles$/)
    expect(row).toMatch(/^listed@example\.fr +Listed +disabled +0 +\S.* ac39:chamber$/)
    await expect(runCommand('list', '--scheme', 'zz99')).rejects.toMatchObject({ code: 'unknown_scheme' })
  })

  test('refuses an unknown account, a change without the name of who makes it, and any caller who is not on the machine', async () => {
    for (const act of ['disable', 'enable', 'reset', 'end-sessions']) {
      await expect(runCommand(act, '--mail', 'nobody@example.fr')).rejects.toMatchObject({
        code: 'invalid_input',
        problems: [{ code: 'user.unknown', path: 'mail' }],
      })
      await expect(runCommand(act)).rejects.toMatchObject({ code: 'usage' })
    }
    for (const wrong of [
      ['add', '--mail', 'x'],
      ['enable', '--mail', 'x', '--role', 'chief'],
      ['role', '--mail', 'x', '--scheme', 'y'],
    ])
      await expect(runCommand(...wrong)).rejects.toMatchObject({ code: 'usage' })
    const io = { lang: 'en', stdout() {}, stderr() {}, progress() {} } as const
    await expect(
      usersCommand.run(deps, ['disable', '--mail', 'nobody@example.fr'], new Map(), io),
    ).rejects.toMatchObject({ problems: [{ code: 'user.as', path: '--as' }] })
    const chief = { kind: 'user', userId: 'u', name: 'U', grants: [] } as const
    await expect(listAccounts(deps, chief)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(disablePerson(deps, chief, { schemeId: undefined, userId: 'u' })).rejects.toMatchObject({
      code: 'forbidden',
    })
  })
})
