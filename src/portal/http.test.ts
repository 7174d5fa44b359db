import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { bodyWithoutId } from '../../test/support/client.ts'
import { testDatabase } from '../../test/support/database.ts'
import { testDeps } from '../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../test/support/fixtures.ts'
import { cookiesOf, testConfig, testServer } from '../../test/support/server.ts'
import type { Deps } from '../deps.ts'
import { admitCode, CODES_AN_HOUR_FROM_ADDRESS, deriveCodeDigits } from '../identity/codes/codes.ts'
import type { OwnSessions } from '../identity/contract.ts'
import { lockMemberWrites } from '../members/store.ts'
import { type Database, inScheme } from '../platform/db.ts'
import type { App } from '../platform/http/http.ts'
import type { SignInAttempt } from './contract.ts'
import { noteLanguage } from './session/language.ts'
import { noteBrowser, openContactSession } from './session/session.ts'

/** Matches the instant of the next possible code, which differs between requests. */
const NEXT = /(?<="nextAt":")[^"]+/

describe('the portal over HTTP', () => {
  let database: Database
  let app: App
  let deps: Deps
  let address = 1
  beforeAll(async () => {
    database = await testDatabase('postgres')
    await seedSchemes(database)
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), name: 'Tabac', phones: [phoneOf(1)] },
      { id: idOf(2), name: 'Voisin secret', phones: [phoneOf(2)] },
      { id: idOf(4), name: 'Assailli', phones: [phoneOf(4)] },
    ])
    await seedMembers(database.db, 'ac39', [
      { id: idOf(3), name: 'Ailleurs secret', communeCode: '39300', phones: [phoneOf(3)] },
    ])
    deps = testDeps(database)
    app = await testServer(deps)
  })
  afterAll(async () => {
    await app.close()
    await database.close()
  })

  const call = (
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    url: string,
    payload?: object,
    cookie = '',
    ip?: string,
  ) =>
    app.inject({
      method,
      url,
      headers: { cookie },
      remoteAddress: ip ?? `198.51.100.${address++ % 250}`,
      ...(payload && { payload }),
    })
  const sessionOf = async (n: number) =>
    `tocsin.portal=${await openContactSession(deps, { phone: phoneOf(n) })}`

  test('known and unknown numbers get byte-identical responses, and a wrong code the same refusal', async () => {
    const answers = []
    for (const phone of [phoneOf(1), phoneOf(98), phoneOf(3)]) {
      const asked = await call('POST', '/api/portal/code', { phone })
      const { attempt } = asked.json<SignInAttempt>()
      const wrong = await call('POST', '/api/portal/session', { attempt, phone, code: 'abc' })
      const { date: _, 'x-ratelimit-remaining': __, 'x-ratelimit-reset': ___, ...same } = asked.headers
      const body = asked.body.replace(attempt, 'ATTEMPT').replace(phone, 'PHONE').replace(NEXT, 'NEXT')
      answers.push([asked.statusCode, body, same, wrong.statusCode, bodyWithoutId(wrong)])
    }
    expect(answers[0]?.[0]).toBe(200)
    expect(answers[0]?.[3]).toBe(422)
    expect(answers[1]).toEqual(answers[0])
    expect(answers[2]).toEqual(answers[0])
  })

  test('keeps the session in a cookie that scripts cannot read and that is sent to the portal only', async () => {
    const asked = await call('POST', '/api/portal/code', { phone: '06 39 98 00 02' })
    const { attempt, phone } = asked.json<SignInAttempt>()
    const { codeId } = await database.db
      .selectFrom('outbox')
      .select('codeId')
      .where('address', '=', phone)
      .executeTakeFirstOrThrow()
    await inScheme(database.db, 'ac63', (tx) => admitCode(tx, deps, { schemeId: 'ac63', id: codeId ?? '' }))
    const code = deriveCodeDigits(deps, codeId ?? '')
    const signedIn = await call('POST', '/api/portal/session', {
      attempt,
      phone,
      code: `${code.slice(0, 3)} ${code.slice(3)}`,
    })
    expect(signedIn.headers['set-cookie']).toEqual([
      expect.stringMatching(
        /^tocsin\.portal=[\w-]{43}; Path=\/api\/portal; Max-Age=7776000; HttpOnly; SameSite=Strict$/,
      ),
      // This cookie says only that the number was proved in this browser.
      expect.stringMatching(
        /^tocsin\.portal-device=\d{5}\.[\w-]{43}; Path=\/api\/portal; Max-Age=34560000; HttpOnly; SameSite=Strict$/,
      ),
    ])
    expect(signedIn.json()).toMatchObject({ shops: [{ member: { name: 'Voisin secret' } }] })
    const cookie = cookiesOf(signedIn)
    for (const { value } of signedIn.cookies) expect(signedIn.body).not.toContain(value)
    expect((await call('GET', '/api/portal/session', undefined, cookie)).statusCode).toBe(200)
    const ended = await call('POST', '/api/portal/session/end', undefined, cookie)
    expect(String(ended.headers['set-cookie'])).toContain('Max-Age=0')
    expect((await call('GET', '/api/portal/session', undefined, cookie)).statusCode).toBe(401)

    const secure = await testServer({
      ...deps,
      config: testConfig({ TOCSIN_DEMO: 'true', TOCSIN_BASE_URL: 'https://tocsin.example' }),
    })
    const safe = await secure.inject({
      url: '/api/portal/session',
      headers: { cookie: await sessionOf(1) },
    })
    // The request had the name of http, as browsers kept it from before 0.4.0.
    const line = String(safe.headers['set-cookie'])
    expect(line).toMatch(
      /^__Host-tocsin\.portal=[\w-]{43}; Path=\/; Max-Age=7776000; HttpOnly; SameSite=Strict; Secure$/,
    )
    const renamed = { cookie: `tocsin.portal=${'x'.repeat(43)}; ${line.split(';')[0]}` }
    expect((await secure.inject({ url: '/api/portal/session', headers: renamed })).statusCode).toBe(200)
    await secure.close()
  })

  test('a sign-in does not wait for a writer of members to record the language', async () => {
    const token = await openContactSession(deps, { phone: phoneOf(4) })
    const langOf = async () =>
      (await database.db.selectFrom('contacts').select('lang').where('mobile', '=', phoneOf(4)).execute())[0]
        ?.lang
    await inScheme(database.db, 'ac63', async (tx) => {
      await lockMemberWrites(tx, 'ac63')
      await noteLanguage(deps, token, 'en')
    })
    expect(await langOf()).toBeNull()
    await noteLanguage(deps, token, 'en')
    expect(await langOf()).toBe('en')
  })

  test('a member sees where the portal is open with their number, ends one session and then all others', async () => {
    const agent =
      'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36'
    const token = await openContactSession(deps, { phone: phoneOf(2) })
    await noteBrowser(deps, token, { userAgent: agent, address: '192.0.2.77' })
    const [mine, lost, left, theirs] = [
      `tocsin.portal=${token}`,
      await sessionOf(2),
      await sessionOf(2),
      await sessionOf(3),
    ]
    const list = async (as: string): Promise<OwnSessions> =>
      (await call('GET', '/api/portal/sessions', undefined, as)).json()
    const { current, sessions } = await list(mine)
    expect(sessions).toHaveLength(3)
    expect(sessions.find(({ id }) => id === current)).toMatchObject({
      browser: 'chrome',
      system: 'android',
      network: '192.0.2.x',
    })
    // It is answered once the stream ends.
    const subscribed = vi.spyOn(deps.live, 'subscribe')
    const stream = call('GET', `/api/portal/shops/ac63/${idOf(2)}/live`, undefined, lost)
    await expect.poll(() => subscribed.mock.calls.length).toBeGreaterThan(0)
    const end = (body: object) => call('POST', '/api/portal/sessions/end', body, mine)
    // The session of another number cannot be named.
    expect((await end({ id: (await list(theirs)).current })).json().sessions).toHaveLength(3)
    expect((await call('GET', '/api/portal/session', undefined, theirs)).statusCode).toBe(200)
    const ofLost = (await list(lost)).current
    const from = Date.now()
    expect((await end({ id: ofLost })).json().sessions).toHaveLength(2)
    expect((await stream).statusCode).toBe(200)
    // A stream asks by itself whether its session ended, every 15 s: this one was notified.
    expect(Date.now() - from).toBeLessThan(14_000)
    expect((await call('GET', '/api/portal/session', undefined, lost)).statusCode).toBe(401)
    expect((await end({})).json()).toMatchObject({ current, sessions: [{ id: current }] })
    expect((await call('GET', '/api/portal/session', undefined, left)).statusCode).toBe(401)
    const { rows } = await sql<{ actor: string; subject: string }>`
      select actor, subject from audit_entries where action = 'session.end' and subject = ${`contact-session:${ofLost}`}`.execute(
      database.db,
    )
    expect(rows).toEqual([{ actor: `contact-session:${current}`, subject: `contact-session:${ofLost}` }])
  })

  test('an address that requests too many codes must wait, whatever the numbers', async () => {
    const from = '203.0.113.7'
    let last: Awaited<ReturnType<typeof call>> | undefined
    for (let i = 0; i <= CODES_AN_HOUR_FROM_ADDRESS; i++) {
      last = await call('POST', '/api/portal/code', { phone: phoneOf(i === 0 ? 1 : 200 + i) }, '', from)
    }
    expect(last?.statusCode).toBe(429)
    expect(last?.json()).toMatchObject({ code: 'rate_limited' })
  })

  test('strangers who request codes do not keep a member out, on any node', async () => {
    const other = await testServer(deps)
    const phone = phoneOf(4)
    const ask = async (node: App, from: string, cookie = '') => {
      await sql`update one_time_codes set created_at = created_at - interval '61 seconds',
        next_at = next_at - interval '61 seconds'`.execute(database.db)
      const answer = await node.inject({
        method: 'POST',
        url: '/api/portal/code',
        payload: { phone },
        headers: { cookie },
        remoteAddress: from,
      })
      return answer.statusCode === 200 ? answer.json<SignInAttempt>() : undefined
    }
    for (let i = 0; i < 6; i++) await ask(i % 2 === 0 ? app : other, '203.0.113.50')
    expect((await ask(app, '203.0.113.50'))?.turn.accepted).toBe(false)
    const asked = await ask(other, '192.0.2.10')
    expect(asked?.turn.accepted).toBe(true)

    const [sent] = await database.db
      .selectFrom('oneTimeCodes')
      .select(['id', 'schemeId'])
      .where('subject', '=', asked?.attempt ?? '')
      .execute()
    const { id = '', schemeId = '' } = sent ?? {}
    await inScheme(database.db, schemeId, (tx) => admitCode(tx, deps, { schemeId, id }))
    const answer = { attempt: asked?.attempt, phone, code: deriveCodeDigits(deps, id) }
    const cookie = cookiesOf(await call('POST', '/api/portal/session', answer))
    const device = cookie.replace(/.*(tocsin\.portal-device=[^;]*).*/, '$1')
    // Ten requests for this number from many networks.
    for (let i = 0; i < 10; i++) await ask(app, `192.0.2.${20 + i}`)
    expect((await ask(app, '192.0.2.12'))?.turn.accepted).toBe(false)
    expect((await ask(other, '192.0.2.11'))?.turn.accepted).toBe(false)
    expect((await ask(other, '192.0.2.11', device))?.turn.accepted).toBe(true)
    // Requests in a minute are counted by network too, whatever cookie is made up; a browser with a proof has a count of its own.
    const left = async (sent: string) => {
      const answer = await app.inject({
        method: 'POST',
        url: '/api/portal/code',
        payload: { phone },
        headers: { cookie: sent },
        remoteAddress: '192.0.2.200',
      })
      return Number(answer.headers['x-ratelimit-remaining'])
    }
    const start = await left('')
    expect(await left(device.replace(/.{3}$/, 'BBB'))).toBe(start - 1)
    expect(await left(device.replace(/.{3}$/, 'CCC'))).toBe(start - 2)
    expect(await left(device)).toBe(start)
    expect(await left(`${device}~${device.split('=')[1]}`)).toBe(start - 1)
    // The proof is of this number alone, and cannot be made up.
    const forged = device.replace(/.{3}$/, 'AAA')
    expect((await ask(other, '192.0.2.11', forged))?.turn.accepted).toBe(false)
    await other.close()
  })

  test('refuses bad input field by field, and a large body before reading it', async () => {
    for (const phone of ['', 'abc', '04 73 00 00 00']) {
      const bad = await call('POST', '/api/portal/code', { phone })
      expect(bad.statusCode).toBe(422)
      expect(bad.json().problems).toMatchObject([{ path: 'phone' }])
    }
    for (const payload of [{ phone: 1 }, { phone: { $gt: '' } }, { phone: 'x'.repeat(100) }]) {
      expect((await call('POST', '/api/portal/code', payload)).statusCode).toBe(422)
    }
    expect((await call('POST', '/api/portal/code', { phone: 'x'.repeat(2000) })).statusCode).toBe(413)
    const cookie = await sessionOf(1)
    const shop = `/api/portal/shops/ac63/${idOf(1)}`
    const leave = await call('POST', `${shop}/leave`, {}, cookie)
    expect(leave.json()).toMatchObject({ code: 'invalid_input', problems: [{ path: 'confirmed' }] })
    const person = await call('POST', `${shop}/people`, { person: '', phone: '12' }, cookie)
    expect(person.json().problems.map(({ path }: { path: string }) => path)).toEqual(['person', 'phone'])
  })

  test('no endpoint shows a contact data of another shop or of the console', async () => {
    const cookie = await sessionOf(1)
    const { paths } = (await call('GET', '/api/openapi.json')).json() as { paths: Record<string, object> }
    let asked = 0
    for (const [path, methods] of Object.entries(paths)) {
      // Streams of events stay open.
      if (path.endsWith('/live')) continue
      for (const method of Object.keys(methods)) {
        const isOwn = path.startsWith('/api/portal/shops/')
        if (!isOwn && !path.startsWith('/api/schemes/{scheme}')) continue
        for (const [scheme, member] of [
          ['ac63', idOf(2)],
          ['ac39', idOf(3)],
          ['ac39', idOf(1)],
        ]) {
          const url = path
            .replace('{scheme}', scheme ?? '')
            .replace('{member}', member ?? '')
            .replaceAll(/\{\w+\}/g, idOf(2))
          const answer = await call(
            method.toUpperCase() as 'GET',
            url,
            method === 'get' ? undefined : {},
            cookie,
          )
          expect([`${method} ${url}`, answer.statusCode]).toEqual([`${method} ${url}`, isOwn ? 404 : 401])
          expect(answer.body).not.toContain('secret')
          asked++
        }
      }
    }
    expect(asked).toBeGreaterThan(150)
    for (const path of ['/api/portal/session', `/api/portal/shops/ac63/${idOf(1)}`]) {
      expect((await call('GET', path)).statusCode).toBe(401)
      expect((await call('GET', path, undefined, cookie)).statusCode).toBe(200)
    }
  })
})
