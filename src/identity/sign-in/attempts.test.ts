import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
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
import type { Deps } from '../../deps.ts'
import type { JobPayloads } from '../../jobs.ts'
import { recordAccountFailure } from '../../outbox/account-failures.ts'
import { acrossSchemes, type Database } from '../../platform/db.ts'
import type { App } from '../../platform/http/http.ts'
import {
  MAX_FAILURES_FROM_ELSEWHERE,
  MAX_FAILURES_OF_ACCOUNT,
  MAX_FAILURES_OF_BLOCK,
  MAX_FAILURES_OF_NETWORK,
  purgePlaces,
} from './attempts.ts'
import { purgeFailures } from './failures.ts'

const STRANGER = '203.0.113.7'

describe.each(usualKinds)('failures to sign in, with two servers on one database, on %s', (kind) => {
  let database: Database
  let deps: Deps
  let apps: App[]
  let clockMs = Date.now()
  const passwords: Record<string, string> = {}
  const reports: JobPayloads['account.failure'][] = []
  const mails: { address: string; template: string }[] = []
  /** Runs the background work of the failures so far, and collects the mails that it writes. */
  const runReports = async () => {
    for (const report of reports.splice(0)) await recordAccountFailure(deps, report)
    mails.push(...(await database.db.deleteFrom('outbox').returning(['address', 'template']).execute()))
  }

  beforeAll(async () => {
    database = await testDatabase(kind)
    await fillSchemes(database)
    const config = testConfig({ ...PRODUCTION, TOCSIN_TRUSTED_PROXIES: 'loopback' })
    deps = testDeps(database, {
      config,
      now: () => new Date(clockMs),
      mailer: { name: 'none', send: async () => {}, close() {} },
      jobs: {
        ...testDeps(database).jobs,
        async enqueue(_tx, name, payload) {
          if (name === 'account.failure') reports.push(payload as JobPayloads['account.failure'])
        },
        async enqueueAll() {},
      },
    })
    apps = [await testServer(deps), await testServer(deps)]
    for (const mail of ['anne@example.fr', 'jean@example.fr', 'lea@example.fr']) {
      const { password } = await openAccount(deps, {
        mail,
        name: 'A',
        schemeId: 'ac63',
        role: 'operator',
      })
      passwords[mail] = password
    }
  })
  afterAll(async () => {
    for (const app of apps) await app.close()
    await database.close()
  })
  /** Each test starts without counted failures. */
  beforeEach(() => {
    clockMs += 16 * 60_000
  })

  let turn = 0
  /** Requests alternate between the two servers. */
  const post = (url: string, payload: object, from: string, cookie = '') =>
    apps[turn++ % apps.length]!.inject({
      method: 'POST',
      url,
      payload,
      headers: { cookie, 'x-forwarded-for': from },
    })
  const signIn = (email: string, from: string, password = passwords[email] ?? '', cookie = '') =>
    post('/api/auth/sign-in/email', { email, password }, from, cookie)
  const failToSignIn = async (email: string, from: string, times: number) => {
    const statuses = new Set<number>()
    for (let n = 0; n < times; n++) statuses.add((await signIn(email, from, 'wrong')).statusCode)
    return [...statuses]
  }
  /** Spends a budget without computing as many hashes. */
  const spendBudget = async (failures: number, subjectLike: string) => {
    await database.db
      .updateTable('failureCounts')
      .set({ failures })
      .where('subject', 'like', subjectLike)
      .where('since', '>', new Date(clockMs - 900_000))
      .execute()
  }

  test('ten wrong passwords lock the account for that network only, on every node', async () => {
    expect(await failToSignIn('anne@example.fr', STRANGER, MAX_FAILURES_OF_ACCOUNT)).toEqual([401])
    for (const _ of apps) {
      const refused = await signIn('anne@example.fr', STRANGER)
      expect(refused.statusCode).toBe(429)
      expect(refused.json()).toMatchObject({ code: 'rate_limited' })
    }
    // Refused attempts spend no other budget.
    expect(await failToSignIn('anne@example.fr', STRANGER, MAX_FAILURES_OF_NETWORK)).toEqual([429])
    expect((await signIn('jean@example.fr', STRANGER)).statusCode).toBe(200)
    expect((await signIn('anne@example.fr', '198.51.100.1')).statusCode).toBe(200)
    clockMs += 15 * 60_000
    expect((await signIn('anne@example.fr', STRANGER)).statusCode).toBe(200)
  })

  test('counts the addresses of one IPv6 network as one', async () => {
    await failToSignIn('lea@example.fr', '2001:db8:1:2::1', 1)
    await spendBudget(MAX_FAILURES_OF_ACCOUNT, 'sign-in:%')
    expect((await signIn('lea@example.fr', '2001:db8:1:2:ffff::9')).statusCode).toBe(429)
    expect((await signIn('lea@example.fr', '2001:db8:1:3::1')).statusCode).toBe(200)
  })

  test('does not let concurrent attempts exceed the budget', async () => {
    const answers = await Promise.all(
      Array.from({ length: MAX_FAILURES_OF_ACCOUNT * 2 }, () =>
        signIn('nobody@example.fr', STRANGER, 'wrong'),
      ),
    )
    expect(answers.filter(({ statusCode }) => statusCode === 401)).toHaveLength(MAX_FAILURES_OF_ACCOUNT)
  })

  test('never locks out a browser that signed in before, whatever strangers do, even in its own network', async () => {
    const office = '198.51.100.7'
    const opened = await signIn('anne@example.fr', office)
    const device = opened.cookies.find(({ name }) => name === '__Host-tocsin.device')
    const cookie = `__Host-tocsin.device=${device?.value}`
    expect(await failToSignIn('anne@example.fr', office, 1)).toEqual([401])
    await spendBudget(MAX_FAILURES_OF_ACCOUNT, 'sign-in:%')
    expect((await signIn('anne@example.fr', office)).statusCode).toBe(429)
    expect((await signIn('anne@example.fr', office, undefined, cookie)).statusCode).toBe(200)
    await spendBudget(MAX_FAILURES_OF_NETWORK, 'sign-in-network:%')
    await spendBudget(MAX_FAILURES_FROM_ELSEWHERE, 'sign-in-account:%')
    expect((await signIn('anne@example.fr', office, undefined, cookie)).statusCode).toBe(200)
    // The device is known for this account only, and may not guess more often than others.
    expect((await signIn('anne@example.fr', office, 'wrong', cookie)).statusCode).toBe(401)
    await spendBudget(MAX_FAILURES_OF_ACCOUNT, 'sign-in-device:%')
    expect((await signIn('anne@example.fr', office, 'wrong', cookie)).statusCode).toBe(429)
    // For another account the device is a stranger in a network whose budget is spent.
    expect((await signIn('lea@example.fr', office, 'wrong', cookie)).statusCode).toBe(429)
  })

  test('limits guessing over many accounts or many networks, except where the account is known', async () => {
    const office = '198.51.100.8'
    expect((await signIn('anne@example.fr', office)).statusCode).toBe(200)
    await failToSignIn('jean@example.fr', office, 1)
    await spendBudget(MAX_FAILURES_OF_NETWORK, 'sign-in-network:%')
    expect((await signIn('jean@example.fr', office)).statusCode).toBe(429)
    expect((await signIn('anne@example.fr', office)).statusCode).toBe(200)

    await failToSignIn('lea@example.fr', '192.0.2.1', 1)
    await failToSignIn('anne@example.fr', '192.0.2.2', 1)
    await spendBudget(MAX_FAILURES_FROM_ELSEWHERE, 'sign-in-account:%')
    expect((await signIn('lea@example.fr', '192.0.2.3')).statusCode).toBe(429)
    expect((await signIn('anne@example.fr', office)).statusCode).toBe(200)
  })

  test.each([
    ['198.18.7.', ['198.18.7.10', '198.18.7.20', '198.18.7.30', '198.18.7.40', '198.18.8.10']],
    [
      '2001:db8:7:',
      ['2001:db8:7:1::1', '2001:db8:7:2::1', '2001:db8:7:3::1', '2001:db8:7:4::1', '2001:db8:8:1::1'],
    ],
  ])(
    'slows an attacker who changes addresses within %s for hours, and nobody who is known',
    async (_, from) => {
      const [office, first, second, other, neighbour] = from as [string, string, string, string, string]
      const opened = await signIn('anne@example.fr', office)
      const device = opened.cookies.find(({ name }) => name === '__Host-tocsin.device')
      const cookie = `__Host-tocsin.device=${device?.value}`
      const block = () =>
        database.db
          .selectFrom('failureCounts')
          .select(['subject', 'failures'])
          .where('subject', 'like', 'sign-in-block:%')
          .where('since', '=', new Date(clockMs))
          .executeTakeFirstOrThrow()
      await failToSignIn('jean@example.fr', first, 1)
      await failToSignIn('lea@example.fr', second, 1)
      const { subject, failures } = await block()
      expect(failures).toBe(2)
      // A sign-in that succeeds is no failure.
      expect((await signIn('jean@example.fr', second)).statusCode).toBe(200)
      expect((await block()).failures).toBe(2)
      await database.db
        .updateTable('failureCounts')
        .set({ failures: MAX_FAILURES_OF_BLOCK })
        .where('subject', '=', subject)
        .execute()
      const known = async () => {
        expect((await signIn('anne@example.fr', office)).statusCode).toBe(200)
        expect((await signIn('anne@example.fr', other, undefined, cookie)).statusCode).toBe(200)
        expect((await signIn('lea@example.fr', neighbour)).statusCode).toBe(200)
      }
      expect((await signIn('lea@example.fr', first)).statusCode).toBe(429)
      await known()
      clockMs += 5 * 3_600_000
      expect((await signIn('lea@example.fr', other)).statusCode).toBe(429)
      await known()
      clockMs += 3_600_000
      expect((await signIn('lea@example.fr', other)).statusCode).toBe(200)
    },
  )

  test("limits a session's guesses of the current password without locking its owner out of signing in", async () => {
    const opened = await signIn('jean@example.fr', '198.51.100.9')
    const cookie = opened.cookies.map(({ name, value }) => `${name}=${encodeURIComponent(value)}`).join('; ')
    const change = () =>
      post(
        '/api/auth/change-password',
        { currentPassword: 'wrong', newPassword: 'a long one, never used' },
        '',
        cookie,
      )
    expect((await change()).statusCode).toBe(401)
    await spendBudget(MAX_FAILURES_OF_ACCOUNT, 'change-password:%')
    expect((await change()).statusCode).toBe(429)
    expect((await signIn('jean@example.fr', '198.51.100.9')).statusCode).toBe(200)
  })

  test("takes a caller's address from trusted proxies only", async () => {
    const config = testConfig({ ...PRODUCTION, TOCSIN_TRUSTED_PROXIES: '10.1.0.0/16,fd00::/8' })
    const app = await testServer({ ...deps, config })
    const addressOf = async (remoteAddress: string, forwarded: string) => {
      const payload = { email: 'lea@example.fr', password: passwords['lea@example.fr'] ?? '' }
      const headers = { 'x-forwarded-for': forwarded }
      const opened = await app.inject({
        method: 'POST',
        url: '/api/auth/sign-in/email',
        payload,
        headers,
        remoteAddress,
      })
      expect(opened.statusCode).toBe(200)
      const last = await database.db
        .selectFrom('session')
        .select('ipAddress')
        .where('userId', '=', opened.json().user.id)
        .orderBy('createdAt', 'desc')
        .limit(1)
        .executeTakeFirstOrThrow()
      return last.ipAddress
    }
    expect(await addressOf('10.1.2.3', STRANGER)).toBe(STRANGER)
    // A forged header does not hide the caller behind it.
    expect(await addressOf('10.1.2.3', `192.0.2.1, ${STRANGER}`)).toBe(STRANGER)
    expect(await addressOf('10.2.0.1', STRANGER)).toBe('10.2.0.1')
    expect(await addressOf('127.0.0.1', STRANGER)).toBe('127.0.0.1')
    await app.close()
  })

  test('records failures once for many, with a truncated network, and notifies the holder of those from unknown places', async () => {
    const office = '198.51.100.40'
    const home = '192.0.2.77'
    expect((await signIn('anne@example.fr', office)).statusCode).toBe(200)
    const recorded = async () => {
      const { rows } = await sql<{ subject: string; details: object; network: string }>`
        select e.subject, e.details, n.network from audit_entries e join audit_networks n using (scheme_id, seq)
        where e.action = 'session.fail' order by e.seq`.execute(database.db)
      return rows
    }
    // Removes the attempts of the tests before this one.
    await runReports()
    mails.length = 0
    const start = (await recorded()).length
    clockMs += 86_400_000
    await failToSignIn('anne@example.fr', office, 3)
    await runReports()
    expect(mails.splice(0)).toEqual([])
    await failToSignIn('anne@example.fr', home, MAX_FAILURES_OF_ACCOUNT)
    await failToSignIn('anne@example.fr', '2001:db8:1:2::1', 2)
    for (let i = 0; i < 3; i++) await failToSignIn(`nobody${i}@example.fr`, home, 1)
    await runReports()
    const entries = (await recorded()).slice(start)
    expect(entries.map(({ details, network }) => ({ ...details, network }))).toEqual([
      { failures: 1, network: '198.51.100.0/24', known: true, factor: 'password' },
      { failures: 10, network: '192.0.2.0/24', known: false, factor: 'password' },
      // Three mails without an account.
      { failures: 1, network: '192.0.2.0/24', known: false, factor: 'password' },
    ])
    expect(entries.map(({ subject }) => subject)).toEqual([
      entries[0]?.subject,
      entries[0]?.subject,
      'user:none',
    ])
    expect(mails.splice(0)).toEqual([{ address: 'anne@example.fr', template: 'mail.account.strangers' }])
    // The holder is notified once a day, and signs in all the same.
    clockMs += 16 * 60_000
    await failToSignIn('anne@example.fr', home, 6)
    await runReports()
    expect(mails).toEqual([])
    expect((await signIn('anne@example.fr', office)).statusCode).toBe(200)
  })

  test('reports wrong codes as wrong passwords, and knows a place by a complete sign-in only', async () => {
    const mail = 'codes@example.fr'
    const { password, userId } = await openAccount(deps, {
      mail,
      name: 'C',
      schemeId: 'ac63',
      role: 'operator',
    })
    passwords[mail] = password
    const office = '198.51.100.60'
    const cookie = cookiesOf(await signIn(mail, office))
    const setup = await post('/api/account/codes', { password }, office, cookie)
    const { secret } = setup.json<{ secret: string }>()
    const confirmed = await post(
      '/api/account/codes/confirm',
      { code: await formerTotpOf(secret) },
      office,
      cookie,
    )
    expect(confirmed.statusCode).toBe(200)
    await database.db.deleteFrom('signInPlaces').where('userId', '=', userId).execute()
    await runReports()
    mails.length = 0
    const placesOf = async () =>
      (await database.db.selectFrom('signInPlaces').select('place').where('userId', '=', userId).execute())
        .length
    const thief = '192.0.2.99'
    let pending = ''
    for (let tried = 0; tried < 5; tried++) {
      if (tried % 5 === 0) pending = cookiesOf(await signIn(mail, thief))
      const wrong = await post('/api/auth/second-factor', { code: '000000' }, thief, pending)
      expect(wrong.json().code).toBe('code_wrong')
    }
    expect(await placesOf()).toBe(0)
    await runReports()
    expect(mails.splice(0)).toEqual([{ address: mail, template: 'mail.account.strangers' }])
    const { rows } =
      await sql`select details, network from audit_entries join audit_networks using (scheme_id, seq)
      where action = 'session.fail' and subject = ${`user:${userId}`}`.execute(database.db)
    expect(rows).toEqual([
      { details: { failures: 1, known: false, factor: 'code' }, network: '192.0.2.0/24' },
    ])
    const step = cookiesOf(await signIn(mail, office))
    const opened = await post('/api/auth/second-factor', { code: totpOf(secret) }, office, step)
    expect(opened.statusCode).toBe(200)
    expect(await placesOf()).toBe(2)
    const again = await post('/api/account/factor', { code: '000000' }, office, cookiesOf(opened))
    expect(again.json().code).toBe('code_wrong')
    expect(reports).toMatchObject([{ userId, isKnownPlace: true, factor: 'code' }])
    reports.length = 0
  })

  test('stores nothing readable and deletes it in time', async () => {
    await failToSignIn('lea@example.fr', STRANGER, 1)
    const kept = JSON.stringify([
      await database.db.selectFrom('failureCounts').selectAll().execute(),
      await database.db.selectFrom('signInPlaces').selectAll().execute(),
    ])
    expect(kept).not.toMatch(/example\.fr|203\.0|198\.51/)
    clockMs += 91 * 86_400_000
    await acrossSchemes(database.db, async (tx) => {
      await purgeFailures(tx, new Date(clockMs))
      await purgePlaces(tx, new Date(clockMs))
    })
    expect(await database.db.selectFrom('failureCounts').select('subject').execute()).toEqual([])
    expect(await database.db.selectFrom('signInPlaces').select('place').execute()).toEqual([])
  })
})
