import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bodyWithoutId } from '../../test/support/client.ts'
import { testDatabase } from '../../test/support/database.ts'
import { testDeps } from '../../test/support/deps.ts'
import { phoneOf, seedMembers, seedSchemes } from '../../test/support/fixtures.ts'
import { cookiesOf, openAccount, testServer } from '../../test/support/server.ts'
import type { Deps } from '../deps.ts'
import { CODES_AN_HOUR_FROM_ADDRESS } from '../identity/codes/codes.ts'
import type { Database } from '../platform/db.ts'
import { cookieLine } from '../platform/http/cookies.ts'
import type { App } from '../platform/http/http.ts'
import { cookieOf } from './public-routes.ts'

/** Matches the instant of the next possible code, which differs between requests. */
const NEXT = /(?<="nextAt":")[^"]+/

describe('enrolment over HTTP', () => {
  let database: Database
  let app: App
  let deps: Deps
  let address = 1
  beforeAll(async () => {
    database = await testDatabase('postgres')
    await seedSchemes(database)
    await seedMembers(database.db, 'ac63', [
      { id: '00000000-0000-7000-8000-000000000001', phones: [phoneOf(1)] },
    ])
    deps = testDeps(database)
    app = await testServer(deps)
  })
  afterAll(async () => {
    await app.close()
    await database.close()
  })

  const base = '/api/public/schemes/ac63'
  const business = { name: 'Tabac', trade: 'tobacco-press', commune: '63178' }
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

  test('keeps the key of an enrolment in a cookie that scripts cannot read, for its scheme only', async () => {
    const begun = await call('PUT', `${base}/enrolment/business`, business)
    expect(begun.statusCode).toBe(200)
    expect(begun.headers['cache-control']).toBe('no-store')
    const line = String(begun.headers['set-cookie'])
    expect(line).toMatch(
      /^tocsin\.enrolment=[0-9a-f-]{36}\.[\w-]{32}; Path=\/api\/public\/schemes\/ac63\/enrolment; Max-Age=2592000; HttpOnly; SameSite=Strict$/,
    )
    const cookie = cookiesOf(begun)
    // Over https the path does not tell schemes apart.
    expect(cookieLine({ baseUrl: 'https://tocsin.example' }, cookieOf('ac63'), 'x.y', 9)).toBe(
      '__Host-tocsin.enrolment-ac63=x.y; Path=/; Max-Age=9; HttpOnly; SameSite=Strict; Secure',
    )
    expect(begun.body).not.toContain(cookie.split('.')[2])
    // After a reload.
    expect((await call('GET', `${base}/enrolment`, undefined, cookie)).json()).toMatchObject({
      enrolment: { step: 'contact', business: { name: 'Tabac' } },
    })
    expect((await call('GET', `${base}/enrolment`)).json()).toEqual({ enrolment: null })
    const corrected = await call('PUT', `${base}/enrolment/business`, { ...business, name: 'Presse' }, cookie)
    expect(corrected.headers['set-cookie']).toBeUndefined()
    const gone = await call('DELETE', `${base}/enrolment`, undefined, cookie)
    expect(String(gone.headers['set-cookie'])).toContain('Max-Age=0')
    expect((await call('GET', `${base}/enrolment`, undefined, cookie)).json()).toEqual({ enrolment: null })
  })

  test('known and unknown numbers get byte-identical responses, also when a code is requested again too soon', async () => {
    const cookie = cookiesOf(await call('PUT', `${base}/enrolment/business`, business))
    const answers = []
    for (const phone of [phoneOf(1), phoneOf(2), phoneOf(1), phoneOf(2)]) {
      const asked = await call('PUT', `${base}/enrolment/contact`, { person: 'P', phone }, cookie)
      const wrong = await call('POST', `${base}/enrolment/confirm`, { code: '000000' }, cookie)
      const { date: _, 'x-ratelimit-remaining': __, ...headers } = asked.headers
      const { 'x-ratelimit-reset': ___, ...same } = headers
      answers.push([
        asked.statusCode,
        asked.body.replace(phone, 'PHONE').replace(NEXT, 'NEXT'),
        same,
        wrong.statusCode,
        bodyWithoutId(wrong),
      ])
    }
    expect(answers[1]).toEqual(answers[0])
    expect(answers[3]).toEqual(answers[2])
    expect(answers[0]?.[1]).toContain('"accepted":true')
    expect(answers[2]?.[1]).toContain('"accepted":false')
    expect(answers[0]?.[3]).toBe(422)
  })

  test('an address that requests too many codes must wait', async () => {
    const cookie = cookiesOf(await call('PUT', `${base}/enrolment/business`, business))
    let last: Awaited<ReturnType<typeof call>> | undefined
    for (let i = 0; i <= CODES_AN_HOUR_FROM_ADDRESS; i++) {
      last = await call(
        'PUT',
        `${base}/enrolment/contact`,
        { person: 'P', phone: phoneOf(100 + i) },
        cookie,
        '203.0.113.7',
      )
    }
    expect(last?.statusCode).toBe(429)
    expect(last?.json()).toMatchObject({ code: 'rate_limited' })
  })

  test('refuses bad input field by field, and a large body before reading it', async () => {
    const bad = await call('PUT', `${base}/enrolment/business`, { siret: 'abc', name: '' })
    expect(bad.statusCode).toBe(422)
    expect(bad.json().problems.map(({ path }: { path: string }) => path)).toEqual([
      'siret',
      'name',
      'trade',
      'commune',
    ])
    for (const payload of [{ name: 1 }, { name: 'x'.repeat(300) }, { commune: { $gt: '' } }]) {
      expect((await call('PUT', `${base}/enrolment/business`, payload)).statusCode).toBe(422)
    }
    expect((await call('PUT', `${base}/enrolment/business`, { name: 'x'.repeat(9000) })).statusCode).toBe(413)
    expect(
      (await call('POST', `${base}/enrolment/confirm`, { code: '1' }, 'tocsin.enrolment=x.y')).statusCode,
    ).toBe(404)
  })

  test('a signed-in trade chamber reaches its members and requests, and no other part of the API', async () => {
    const mail = `tabac-${address}@demo.invalid`
    const { password } = await openAccount(deps, {
      mail,
      name: 'Anne Roy',
      schemeId: 'ac63',
      role: 'trade_chamber',
      trades: ['tobacco-press'],
    })
    const signedIn = await call('POST', '/api/auth/sign-in/email', { email: mail, password })
    expect(signedIn.json()).toMatchObject({ schemes: [{ role: 'trade_chamber' }] })
    const cookie = cookiesOf(signedIn)
    const { paths } = (await call('GET', '/api/openapi.json')).json() as { paths: Record<string, object> }
    const open: string[] = []
    for (const [path, methods] of Object.entries(paths)) {
      if (!path.startsWith('/api/schemes/{scheme}')) continue
      const url = path
        .replaceAll(/\{scheme\}/g, 'ac63')
        .replaceAll(/\{\w+\}/g, '00000000-0000-7000-8000-000000000009')
      for (const method of Object.keys(methods)) {
        // Streams of events stay open.
        if (path.endsWith('/live')) continue
        const answer = await call(
          method.toUpperCase() as 'GET',
          url,
          method === 'get' ? undefined : {},
          cookie,
        )
        if (answer.statusCode !== 403) open.push(`${method} ${path.slice('/api/schemes/{scheme}'.length)}`)
        else expect(answer.json().code).toBe('forbidden')
      }
    }
    expect(open.sort()).toEqual(
      [
        // The scheme, its territory, and whether SMS can be sent: no personal data, no alert.
        'get /routes',
        'get /sticker.pdf',
        'get ',
        'get /areas',
        'get /contact',
        'get /today',
        'get /map',
        'get /places',
        'get /places/names',
        'post /areas/resolve',
        // Restricted to its trades.
        'get /members',
        'get /members/{id}',
        'get /members/{id}/certificate.pdf',
        'get /members/{id}/dues',
        'get /dues',
        'get /dues/payers',
        'get /invoices/{year}/{no}',
        'get /receipts/{year}/{no}',
        'post /members',
        'post /members/check',
        'patch /members/{id}',
        'post /members/{id}/contacts',
        // The State's register, which is public.
        'get /register',
        'post /members/import',
        'get /member-imports',
        'post /member-imports',
        'get /member-imports/{id}',
        'delete /member-imports/{id}',
        'put /member-imports/{id}/columns',
        'put /member-imports/{id}/header',
        'get /member-imports/{id}/cells',
        'put /member-imports/{id}/cells',
        'get /member-imports/{id}/rows',
        'put /member-imports/{id}/rows/{line}',
        'post /member-imports/{id}/check',
        'put /member-imports/{id}/answers',
        'post /member-imports/{id}/apply',
        'get /member-changes',
        'post /member-changes',
        'post /member-changes/preview',
        'get /member-changes/{id}/members',
        'post /member-changes/{id}/undo',
        'get /member-changes/{id}/welcome',
        'post /member-changes/{id}/welcome',
        'get /member-tags',
        'put /member-tags/{id}',
        'get /member-views',
        'put /member-views/{id}',
        'delete /member-views/{id}',
        'get /member-views/{id}/members',
        'post /member-views/{id}/members',
        'get /doubles',
        'put /doubles',
        'post /merges',
        'post /merges/{id}/undo',
        'get /members.csv',
        'get /members.xlsx',
        'get /members/{id}/history',
        'get /members/{id}/accesses',
        'get /members/{id}/notes',
        'put /members/{id}/notes/{note}',
        'delete /members/{id}/notes/{note}',
        'post /members/{id}/notes/{note}/restore',
        'get /messages',
        'get /statistics',
        'get /statistics.csv',
        'get /statistics.pdf',
        'get /statistics/committee',
        'post /messages',
        'post /messages/preview',
        'post /messages/{id}/stop',
        'get /numbers',
        'put /members/{id}/contacts/{contact}/phone',
        'get /member-corrections',
        'get /member-view-counts',
        'get /members/{id}/file.json',
        'get /members/{id}/file.pdf',
        'post /member-corrections/{id}',
        'get /enrolments',
        'get /enrolments/{id}',
        'post /enrolments/{id}/approve',
        'post /enrolments/{id}/refuse',
      ].sort(),
    )
  })

  test('an approval must name a new member, or an existing one and the fields to replace', async () => {
    const { password } = await openAccount(deps, {
      mail: 'cci@demo.invalid',
      name: 'Luc Vial',
      schemeId: 'ac63',
      role: 'chamber',
    })
    const cookie = cookiesOf(
      await call('POST', '/api/auth/sign-in/email', { email: 'cci@demo.invalid', password }),
    )
    const memberId = '00000000-0000-7000-8000-000000000001'
    const approve = (body: object) =>
      call('POST', `/api/schemes/ac63/enrolments/${memberId}/approve`, body, cookie)
    for (const body of [
      {},
      { memberId },
      { memberId: null },
      { as: 'member', memberId },
      { as: 'member', replace: [] },
      { as: 'member', memberId, replace: ['dues'] },
      { as: 'new', memberId },
    ]) {
      const refused = await approve(body)
      expect([refused.statusCode, refused.json().code]).toEqual([422, 'invalid_input'])
    }
    expect((await approve({ as: 'member', memberId, replace: [] })).statusCode).toBe(404)
  })

  test('an unknown scheme has no page; only users who may decide see requests', async () => {
    expect((await call('GET', '/api/public/schemes/zz99')).statusCode).toBe(404)
    expect((await call('PUT', '/api/public/schemes/zz99/enrolment/business', business)).statusCode).toBe(404)
    expect((await call('GET', base)).json()).toMatchObject({ name: 'Alerte Commerces 63', members: 1 })
    expect((await call('GET', `${base}/places?q=iss`)).json()).toEqual({
      places: [{ code: '63178', name: 'Issoire' }],
    })
    for (const url of [
      '/enrolments',
      '/enrolments/00000000-0000-7000-8000-000000000001',
      '/enrolment-settings',
    ]) {
      expect((await call('GET', `/api/schemes/ac63${url}`)).statusCode).toBe(401)
    }
  })
})
