import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import type { RouteOptions } from 'fastify'
import { sql } from 'kysely'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { testDatabase } from '../../../test/support/database.ts'
import { testDeps } from '../../../test/support/deps.ts'
import { createScannedLog } from '../../../test/support/log-scan.ts'
import { cookiesOf, fillSchemes, testConfig, testServer } from '../../../test/support/server.ts'
import { doorRoutes } from '../../demo/doors.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import type { SessionView } from '../../identity/contract.ts'
import { ownPermissions, permissions } from '../../permissions.ts'
import type { Database } from '../../platform/db.ts'
import { CALLER_PERMISSIONS } from '../../platform/http/endpoints.ts'
import type { App } from '../../platform/http/http.ts'
import { version } from '../../platform/process/version.ts'
import { makeChambersReader } from '../../schemes/actions.ts'
import { cliEndpoint } from './cli-door.ts'

let database: Database
let deps: Deps
let app: App
let web: string
const routes: RouteOptions[] = []
const log: string[] = []

beforeAll(async () => {
  database = await testDatabase('postgres')
  await fillSchemes(database)
  web = mkdtempSync(join(tmpdir(), 'tocsin-web-'))
  mkdirSync(join(web, 'assets'))
  writeFileSync(
    join(web, 'index.html'),
    '<!doctype html><meta property="csp-nonce" nonce="TOCSIN_NONCE"><title>Tocsin</title>',
  )
  writeFileSync(join(web, 'assets/app-1a2b3c.js'), 'export {}')
  writeFileSync(join(web, 'assets/app-1a2b3c.js.br'), 'compressed')
  deps = testDeps(database, {
    config: testConfig({ TOCSIN_MAP_TILES: 'https://tiles.example/{z}/{x}/{y}.png' }),
  })
  deps.log.error = ((facts: unknown) => void log.push(JSON.stringify(facts))) as typeof deps.log.error
  app = await testServer(deps, {
    webDirectory: web,
    moreRoutes(scope, identity) {
      scope.addHook('onRoute', (route) => void routes.push(route))
      doorRoutes(scope, deps, identity)
      cliEndpoint(scope, deps, { token: 't'.repeat(43), commands: {} })
      scope.post(
        '/api/schemes/:scheme/test',
        {
          config: { permission: 'report.create' },
          schema: {
            params: z.object({ scheme: z.string() }),
            body: z
              .object({
                text: z.string().min(2).max(5),
                tags: z.array(z.string()).max(1),
                n: z.number().positive().optional(),
              })
              .strict(),
          },
        },
        async () => ({ ok: true }),
      )
      scope.get('/api/test/fail', { config: { permission: 'public' } }, async () => {
        throw Object.assign(new Error('value 0612345678'), { code: '23505', detail: 'Key (mail)=(a@b.fr)' })
      })
      scope.get('/api/test/unstorable', { config: { permission: 'public' } }, async () => {
        await sql`select ${'a\u0000b'}::text`.execute(database.db)
      })
      scope.get('/api/test/unstorable-half', { config: { permission: 'public' } }, async () => {
        await sql`select ${JSON.stringify({ a: '\ud800' })}::jsonb`.execute(database.db)
      })
      scope.get('/api/test/down', { config: { permission: 'public' } }, async () => {
        throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
      })
      scope.get('/api/test/wrapped', { config: { permission: 'public' } }, async () => {
        throw new Error('no session', { cause: new Error('Connection terminated unexpectedly') })
      })
      scope.get('/api/test/refusal', { config: { permission: 'public' } }, async () => {
        throw new AppError('text_too_long', { values: { parts: 4, limit: 3 } })
      })
    },
  })
})
afterAll(async () => {
  await app.close()
  await database.close()
  rmSync(web, { recursive: true })
})

const signInAs = async (as: string) =>
  cookiesOf(await app.inject({ method: 'POST', url: '/api/demo/sessions', payload: { as } }))

describe('deny by default', () => {
  test('refuses to start with a route that declares no permission', async () => {
    const add = (url: string, permission?: 'alert.read') =>
      testServer(deps, {
        moreRoutes: (scope) =>
          void scope.get(url, permission ? { config: { permission } } : {}, async () => ({})),
      })
    await expect(add('/api/open')).rejects.toThrow(/GET \/api\/open does not declare its permission/)
    await expect(add('/api/alerts', 'alert.read')).rejects.toThrow(/has no :scheme/)
  })

  test('every endpoint but the public ones answers 401 without a session', async () => {
    const { paths } = (await app.inject('/api/openapi.json')).json() as { paths: Record<string, object> }
    const open: string[] = []
    for (const [path, methods] of Object.entries(paths)) {
      const url = path
        .replaceAll(/\{scheme\}/g, 'ac63')
        .replaceAll(/\{\w+\}/g, '00000000-0000-7000-8000-000000000001')
      for (const method of Object.keys(methods)) {
        const answer = await app.inject({
          method: method.toUpperCase() as 'GET',
          url,
          ...(method === 'get' ? {} : { payload: {} }),
        })
        if (answer.statusCode !== 401) open.push(`${method} ${path}`)
        else expect(answer.json().code, path).toBe('not_signed_in')
      }
    }
    expect(open.sort()).toEqual(
      [
        'get /api/about',
        'delete /api/public/schemes/{scheme}/enrolment',
        'get /api/public/schemes/{scheme}',
        'get /api/public/schemes/{scheme}/businesses',
        'get /api/public/schemes/{scheme}/businesses/{siret}',
        'get /api/public/schemes/{scheme}/enrolment',
        'get /api/public/schemes/{scheme}/figures',
        'get /api/public/schemes/{scheme}/map',
        'get /api/public/schemes/{scheme}/status',
        'get /api/public/schemes/{scheme}/places',
        'get /api/public/schemes/{scheme}/trades',
        'get /api/public/schemes/{scheme}/privacy',
        'post /api/public/schemes/{scheme}/enrolment/code',
        'post /api/public/schemes/{scheme}/enrolment/confirm',
        'post /api/public/schemes/{scheme}/enrolment/sign',
        'put /api/public/schemes/{scheme}/enrolment/business',
        'put /api/public/schemes/{scheme}/enrolment/contact',
        // The shapes of communes, as the State publishes them.
        'get /api/contours/{departement}',
        // Authorised by the link in an SMS and a one-time code.
        'post /api/public/authorisations/{scheme}/{id}/answer',
        'post /api/public/authorisations/{scheme}/{id}/code',
        'post /api/public/authorisations/{scheme}/{id}/decide',
        'post /api/public/authorisations/{scheme}/{id}/open',
        'post /api/public/authorisations/{scheme}/{id}/read',
        // Authorised by the link in an SMS only.
        'get /api/public/numbers/{token}',
        'post /api/public/numbers/{token}',
        'post /api/public/verify',
        // Authorised by the link of an invitation.
        'post /api/auth/invitation',
        'post /api/auth/invitation/read',
        // Authorised by the codes of two sealed envelopes.
        'post /api/auth/break-glass',
        'get /healthz',
        'get /readyz',
        'post /api/auth/sign-in/email',
        'post /api/auth/passkey-session',
        'post /api/auth/provider/return',
        'post /api/auth/provider/visits',
        'post /api/auth/passkey-session/options',
        'post /api/auth/second-factor',
        'post /api/demo/portal',
        'post /api/demo/sessions',
        'post /api/portal/code',
        'post /api/portal/mail-code',
        'post /api/portal/mail-session',
        'post /api/portal/passkey-session',
        'post /api/portal/passkey-session/options',
        'post /api/portal/session',
      ].sort(),
    )
    expect(Object.keys(paths).length).toBeGreaterThan(15)
  })

  test('limits a session to its own schemes and roles', async () => {
    const call = (scheme: string, cookie: string) =>
      app.inject({
        method: 'POST',
        url: `/api/schemes/${scheme}/test`,
        headers: { cookie },
        payload: { text: 'abc', tags: [] },
      })
    const operator = await signInAs('operator')
    expect((await call('ac63', operator)).statusCode).toBe(200)
    expect((await call('ac39', operator)).json()).toMatchObject({ code: 'unknown_scheme' })
    expect((await call('ac63', await signInAs('chamber'))).json()).toMatchObject({ code: 'forbidden' })
  })

  test('logs which account was refused, once it signed in, and nothing of what it asked for', async () => {
    const { log, lines, leaks } = createScannedLog()
    const server = await testServer(
      { ...deps, log },
      { moreRoutes: (scope, of) => doorRoutes(scope, deps, of) },
    )
    const opened = await server.inject({
      method: 'POST',
      url: '/api/demo/sessions',
      payload: { as: 'chamber' },
    })
    const { user } = opened.json<SessionView>()
    const url = '/api/schemes/ac63/reports?search=Paul+Durand'
    expect((await server.inject({ url, headers: { cookie: cookiesOf(opened) } })).statusCode).toBe(403)
    expect((await server.inject({ url })).statusCode).toBe(401)
    const facts = lines.map((line) => JSON.parse(line) as object)
    expect(facts).toContainEqual(
      expect.objectContaining({ route: '/api/schemes/:scheme/reports', refused: user.id }),
    )
    expect(facts.filter((line) => 'refused' in line)).toHaveLength(1)
    expect(leaks).toEqual([])
    await server.close()
  })

  test('every permission of a route exists', () => {
    const own = Object.keys(ownPermissions)
    const names = new Set([...Object.keys(permissions), ...own, ...CALLER_PERMISSIONS])
    for (const route of routes) expect(names, route.url).toContain(route.config?.permission)
  })
})

test('shows the SMS routes of the workers of the installation', async () => {
  const answer = await app.inject({
    url: '/api/schemes/ac63/routes',
    headers: { cookie: await signInAs('magistrate') },
  })
  expect(answer.json()).toEqual({ at: expect.any(String), routes: [], workers: null })
})

describe('the demo accounts', () => {
  test.each([
    ['operator', 'Claire Fabre', 'cic-63'],
    ['chief', 'Marc Vidal', 'corg-63'],
    ['magistrate', 'Hélène Roche', 'parquet-clermont'],
    ['chamber', 'Sophie Lambert', 'cci-63'],
  ])('%s', async (as, name, agency) => {
    const answers = await Promise.all(
      [1, 2].map(() => app.inject({ method: 'POST', url: '/api/demo/sessions', payload: { as } })),
    )
    for (const answer of answers) {
      expect(answer.json()).toMatchObject({
        user: { name },
        schemes: [{ id: 'ac63', role: as, agency: { name: agency } }],
      })
      const session = await app.inject({ url: '/api/session', headers: { cookie: cookiesOf(answer) } })
      expect(session.json()).toEqual(answer.json())
    }
    // Two concurrent sign-ins create one account.
    expect(answers[0]?.json().user.id).toBe(answers[1]?.json().user.id)
  })
})

test('the merchant account opens the portal of the tobacconist of Issoire, and not the console', async () => {
  const answer = await app.inject({ method: 'POST', url: '/api/demo/portal' })
  expect(answer.json()).toMatchObject({
    phone: '+33639980001',
    shops: [
      { scheme: { id: 'ac63' }, member: { name: 'Tabac de la Halle' }, contact: { person: 'Paul Durand' } },
    ],
  })
  const cookie = cookiesOf(answer)
  const session = await app.inject({ url: '/api/portal/session', headers: { cookie } })
  expect(session.json()).toEqual(answer.json())
  expect((await app.inject({ url: '/api/session', headers: { cookie } })).statusCode).toBe(401)
  expect((await app.inject({ url: '/api/schemes/ac63/alerts', headers: { cookie } })).statusCode).toBe(401)
  // A console session does not open the portal either.
  const operator = await signInAs('operator')
  expect((await app.inject({ url: '/api/portal/session', headers: { cookie: operator } })).statusCode).toBe(
    401,
  )
})

test('the neighbour account opens another scheme', async () => {
  const answer = await app.inject({ method: 'POST', url: '/api/demo/sessions', payload: { as: 'neighbour' } })
  // The scheme is not loaded in this test.
  expect(answer.json()).toMatchObject({ code: 'unknown_scheme' })
})

describe('responses', () => {
  test('reports an error with its code in the requested language', async () => {
    const get = (url: string, lang?: string) =>
      app.inject({ url, headers: lang ? { 'accept-language': lang } : {} })
    expect((await get('/api/test/refusal')).json()).toEqual({
      code: 'text_too_long',
      message: 'Le message fait 4 SMS ; 3 au plus. Raccourcissez-le.',
      problems: [],
      requestId: expect.any(String),
    })
    const english = await get('/api/test/refusal', 'en-GB,en;q=0.9,fr;q=0.5')
    expect(english.statusCode).toBe(422)
    expect(english.json().message).toBe('The message takes 4 SMS; 3 at most. Shorten it.')
    expect(english.headers['content-language']).toBe('en')
    expect((await get('/api/nothing/here')).json()).toMatchObject({ code: 'not_found' })
    expect((await app.inject({ method: 'DELETE', url: '/nothing' })).json()).toMatchObject({
      code: 'not_found',
    })
    expect((await get('/api/test/down')).json()).toMatchObject({ code: 'database_down' })
    expect((await get('/api/test/wrapped')).json()).toMatchObject({ code: 'database_down' })
  })

  test('reports a character that the database cannot store as a problem of the input', async () => {
    for (const path of ['/api/test/unstorable', '/api/test/unstorable-half']) {
      const answer = await app.inject(path)
      expect(answer.statusCode, path).toBe(422)
      expect(answer.json()).toMatchObject({ code: 'invalid_input', problems: [{ code: 'input.characters' }] })
    }
  })

  test('reports all problems of an input at once, each with its field', async () => {
    const answer = await app.inject({
      method: 'POST',
      url: '/api/schemes/ac63/test',
      headers: { cookie: await signInAs('operator'), 'accept-language': 'en' },
      payload: { text: 'too long', tags: ['a', 'b'], n: 'x', more: 1 },
    })
    expect(answer.statusCode).toBe(422)
    expect(answer.json()).toEqual({
      code: 'invalid_input',
      message: 'The request is incomplete or incorrect.',
      problems: [
        { code: 'input.too_long', path: 'text', message: 'Too long: 5 characters at most.' },
        { code: 'input.too_many', path: 'tags', message: 'Too many items: 1 at most.' },
        { code: 'input.type', path: 'n', message: 'Unexpected type of value (expected: number).' },
        { code: 'input.unknown_field', message: 'Unknown field: more.' },
      ],
      requestId: expect.any(String),
    })
    const zero = await app.inject({
      method: 'POST',
      url: '/api/schemes/ac63/test',
      headers: { cookie: await signInAs('operator') },
      payload: { text: 'abc', tags: [], n: 0 },
    })
    expect(zero.json().problems).toEqual([
      { code: 'input.not_above', path: 'n', message: 'Doit être plus grand que 0.' },
    ])
    const pattern = await app.inject({
      url: '/api/schemes/ac63/areas?commune=Issoire',
      headers: { cookie: await signInAs('operator') },
    })
    expect(pattern.json().problems).toEqual([
      { code: 'input.invalid', path: 'commune', message: 'Cette valeur n’est pas acceptée.' },
    ])
    const noFile = await app.inject({
      method: 'POST',
      url: '/api/schemes/ac63/members/import',
      headers: { cookie: await signInAs('chamber') },
      payload: {},
    })
    expect(noFile.json().problems).toEqual([
      { code: 'input.file', message: 'Un fichier est attendu, comme text/csv.' },
    ])
    const list = await app.inject({
      method: 'POST',
      url: '/api/schemes/ac63/members/import?dryRun=true',
      headers: { cookie: await signInAs('chamber'), 'content-type': 'text/csv' },
      payload: 'Enseigne;Métier;Commune;Mobile\nFournil;Boulangerie;Isoire;0639985601\n',
    })
    expect(list.json()).toMatchObject({
      ...{ rows: 1, ready: 0 },
      problems: expect.arrayContaining([
        { row: 2, code: 'commune.unknown', value: 'Isoire', proposals: ['Issoire'] },
      ]),
    })
    const empty = await app.inject({
      method: 'POST',
      url: '/api/demo/sessions',
      headers: { 'content-type': 'application/json' },
      payload: '{}',
    })
    expect(empty.json().problems).toEqual([expect.objectContaining({ code: 'input.choice', path: 'as' })])
  })

  test('reports an unexpected error as internal and logs it without the quoted values', async () => {
    const answer = await app.inject('/api/test/fail')
    expect(answer.statusCode).toBe(500)
    const requestId = answer.headers['x-request-id']
    expect(requestId).toMatch(/^[abef][0-9a-f]{9}-\w+$/)
    expect(answer.json()).toEqual({
      code: 'internal',
      message: expect.stringContaining(`${requestId}.`),
      problems: [],
      requestId,
    })
    expect(log.join()).toContain('23505')
    expect(log.join()).not.toMatch(/0612345678|a@b\.fr/)
  })

  test('refuses bodies that are not JSON or are too large', async () => {
    const post = (payload: string, type = 'application/json') =>
      app.inject({ method: 'POST', url: '/api/demo/sessions', headers: { 'content-type': type }, payload })
    expect((await post('{"as":')).json()).toMatchObject({
      code: 'invalid_input',
      problems: [{ code: 'input.json' }],
    })
    expect((await post('as=operator', 'application/x-www-form-urlencoded')).statusCode).toBe(415)
    const large = await post(JSON.stringify({ as: 'x'.repeat(1024 * 1024) }))
    expect(large.statusCode).toBe(413)
    expect(large.json()).toMatchObject({ code: 'file_too_large', message: expect.stringContaining('1 Mo') })
  })

  test('refuses changes from pages of another site', async () => {
    const post = (headers: Record<string, string>) =>
      app.inject({ method: 'POST', url: '/api/demo/sessions', payload: { as: 'operator' }, headers })
    expect((await post({ origin: 'https://evil.example' })).json()).toMatchObject({ code: 'cross_site' })
    expect((await post({ origin: 'null' })).statusCode).toBe(403)
    expect((await post({ 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403)
    expect((await post({ 'sec-fetch-site': 'same-site' })).statusCode).toBe(403)
    expect(
      (await post({ host: 'here:3000', origin: 'http://here:3000', 'sec-fetch-site': 'same-origin' }))
        .statusCode,
    ).toBe(200)
  })

  test('is ready when the database answers', async () => {
    expect((await app.inject('/readyz')).json()).toEqual({ ready: true })
    const starting = await testServer(deps, { isReady: () => false })
    expect((await starting.inject('/readyz')).json()).toEqual({ ready: false, reason: 'starting' })
    expect((await starting.inject('/healthz')).statusCode).toBe(200)
  })

  test('reports a full disk, logs its cause and is not ready', async () => {
    const lines: string[] = []
    const log = pino({ level: 'error' }, { write: (line: string) => void lines.push(line) })
    let sinceDiskFullMs = Number.POSITIVE_INFINITY
    const full = await testServer(
      {
        ...deps,
        log,
        database: { ...deps.database, disk: { note() {}, sinceFullMs: () => sinceDiskFullMs } },
      },
      {
        moreRoutes(app) {
          app.get('/api/full', { config: { permission: 'public' } }, async () => {
            sinceDiskFullMs = 0
            await sql`do $$ begin raise exception 'could not extend file' using errcode = 'disk_full'; end $$`.execute(
              deps.db,
            )
          })
        },
      },
    )
    const answer = await full.inject('/api/full')
    expect(answer.statusCode).toBe(503)
    expect(answer.json()).toMatchObject({ code: 'disk_full', message: expect.stringContaining('disque') })
    expect(lines.join()).toContain('53100')
    expect((await full.inject('/readyz')).json()).toEqual({ ready: false, reason: 'disk_full' })
    sinceDiskFullMs = 31_000
    expect((await full.inject('/readyz')).json()).toEqual({ ready: true })
    await full.close()
  })

  test('describes the installation', async () => {
    expect((await app.inject('/api/about')).json()).toEqual({
      version,
      demo: true,
      mapTiles: 'https://tiles.example/{z}/{x}/{y}.png',
      mails: false,
      provider: null,
      chambers: [],
    })
    const at = (id: string, phone: string) =>
      database.db
        .updateTable('schemes')
        .set({ contact: sql`${JSON.stringify({ chamber: { phone, hours: '9 h à 12 h' } })}::jsonb` })
        .where('id', '=', id)
        .execute()
    let clock = Date.parse('2026-03-12T17:30:00Z')
    const later = { db: deps.db, log: deps.log, now: () => new Date(clock) }
    const readChambers = makeChambersReader(later)
    await at('ac63', '+33465716300')
    const chambers = [{ phone: '+33465716300', mail: '', hours: '9 h à 12 h' }]
    expect(await readChambers()).toMatchObject(chambers)
    // Without the database: what was read last. A server that never read it responds as well.
    const broken = new Proxy(deps.db, {
      get() {
        throw new Error('no database')
      },
    })
    expect(await makeChambersReader({ ...later, db: broken })()).toEqual([])
    later.db = broken
    clock += 5000
    expect(await readChambers()).toMatchObject(chambers)
    later.db = deps.db
    await at('ac63', '')
    expect(await readChambers()).toMatchObject(chambers)
    clock += 5000
    expect(await readChambers()).toEqual([])
  })

  test('allows browsers to load only this program’s files and the map tiles', async () => {
    const policy = String((await app.inject('/')).headers['content-security-policy'])
    expect(policy).toContain("script-src 'self';")
    expect(policy).not.toMatch(/unsafe|\*/)
    expect(policy).toContain("worker-src 'self' blob:")
    expect(policy).toContain("img-src 'self' data: blob: https://tiles.example")
    expect(policy).toContain("frame-ancestors 'none'")
    // Styles by a nonce that only this page has; none anywhere else.
    const pages = await Promise.all(['/', '/', '/index.html'].map((url) => app.inject(url)))
    const nonces = pages.map(({ headers, body }) => {
      const nonce = /style-src 'self' 'nonce-([\w-]{22})';/.exec(
        String(headers['content-security-policy']),
      )?.[1]
      expect(body).toContain(`nonce="${nonce}"`)
      return nonce
    })
    expect(new Set(nonces).size).toBe(3)
    const { headers } = await app.inject('/api/about')
    // A response that is no page loads nothing when a browser shows it as one.
    expect(headers['content-security-policy']).toBe("default-src 'none';frame-ancestors 'none'")
    expect(pages[0]?.headers).toMatchObject({
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': expect.stringContaining('camera=(), '),
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    })
    expect(headers).toMatchObject({
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    })
    expect(headers).not.toHaveProperty('permissions-policy')
    expect(policy).toContain("object-src 'none';base-uri 'none';form-action 'self'")
    // Headers that browsers read only with a page are not sent with its files.
    const file = (await app.inject('/assets/app-1a2b3c.js')).headers
    expect(file).not.toHaveProperty('permissions-policy')
    expect(file).toMatchObject({
      'content-security-policy': headers['content-security-policy'],
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    })
    for (const name of ['access-control-allow-origin', 'strict-transport-security', 'server', 'x-powered-by'])
      expect(headers).not.toHaveProperty(name)
  })

  test('has browsers stay on https for a year, on subdomains too, where they reach it so', async () => {
    const config = testConfig({ TOCSIN_DEMO: 'true', TOCSIN_BASE_URL: 'https://tocsin.example' })
    const server = await testServer({ ...deps, config })
    for (const url of ['/', '/api/about', '/api/nothing'])
      expect((await server.inject(url)).headers, url).toMatchObject({
        'strict-transport-security': 'max-age=31536000; includeSubDomains',
        'x-content-type-options': 'nosniff',
      })
    expect((await server.inject('/')).headers['content-security-policy']).toContain(
      'upgrade-insecure-requests',
    )
    await server.close()
  })

  test('refuses a parameter that is given twice', async () => {
    const cookie = await signInAs('operator')
    const ask = (query: string) =>
      app.inject({ url: `/api/schemes/ac63/alerts?${query}`, headers: { cookie } })
    expect((await ask('limit=5')).statusCode).toBe(200)
    const twice = await ask('limit=5&limit=6')
    expect([twice.statusCode, twice.json().code]).toEqual([422, 'invalid_input'])
  })

  test('answers neither TRACE nor CORS preflights', async () => {
    expect((await app.inject({ method: 'TRACE' as 'GET', url: '/api/about' })).statusCode).toBe(404)
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' }
    const preflight = await app.inject({ method: 'OPTIONS', url: '/api/demo/sessions', headers })
    expect(preflight.statusCode).toBe(404)
    expect(preflight.headers).not.toHaveProperty('access-control-allow-origin')
  })
})

describe('compressed responses', () => {
  const page = (cookie: string, headers: Record<string, string>) =>
    app.inject({ url: '/api/schemes/ac63/guard-facts', headers: { cookie, ...headers } })

  test('use an accepted encoding and have the same content', async () => {
    await sql`update schemes set closing_advice = ${'Restez à distance. '.repeat(100)} where id = 'ac63'`.execute(
      database.db,
    )
    const cookie = await signInAs('operator')
    const plain = await page(cookie, {})
    expect(plain.headers).not.toHaveProperty('content-encoding')
    expect(plain.headers.vary).toContain('accept-encoding')
    for (const [accepted, encoding, unpack] of [
      ['gzip, deflate, br', 'br', brotliDecompressSync],
      ['gzip;q=0.8, br;q=0', 'gzip', gunzipSync],
    ] as const) {
      const packed = await page(cookie, { 'accept-encoding': accepted })
      expect(packed.headers).toMatchObject({
        'content-encoding': encoding,
        'content-length': String(packed.rawPayload.length),
      })
      expect(unpack(packed.rawPayload).toString()).toBe(plain.body)
      expect(packed.rawPayload.length).toBeLessThan(plain.rawPayload.length / 5)
      expect(packed.headers.etag).toBe(plain.headers.etag)
    }
    const again = await page(cookie, {
      'accept-encoding': 'br',
      'if-none-match': String(plain.headers.etag),
    })
    expect(again.statusCode).toBe(304)
  })

  test('are not used for other sites, sign-in or small responses', async () => {
    const cookie = await signInAs('operator')
    const accepted = { 'accept-encoding': 'br' }
    expect((await page(cookie, { ...accepted, 'sec-fetch-site': 'cross-site' })).headers).not.toHaveProperty(
      'content-encoding',
    )
    expect((await page(cookie, { ...accepted, 'sec-fetch-site': 'same-origin' })).headers).toHaveProperty(
      'content-encoding',
      'br',
    )
    for (const url of ['/api/session', '/api/auth/get-session', '/api/schemes/ac63/call-notes']) {
      const answer = await app.inject({ url, headers: { cookie, ...accepted } })
      expect(answer.headers, url).not.toHaveProperty('content-encoding')
    }
  })

  test('are used for streamed files too', async () => {
    const cookie = await signInAs('operator')
    const answer = await app.inject({
      url: '/api/schemes/ac63/reports.csv',
      headers: { cookie, 'accept-encoding': 'br, gzip' },
    })
    expect(answer.headers['content-encoding']).toBe('gzip')
    expect(gunzipSync(answer.rawPayload).toString()).toMatch(/;/)
  })

  test('do not delay events', async () => {
    const cookie = await signInAs('operator')
    const address = await app.listen({ port: 0, host: '127.0.0.1' })
    const leave = new AbortController()
    const answer = await fetch(`${address}/api/schemes/ac63/live`, {
      headers: { cookie, 'accept-encoding': 'br, gzip' },
      signal: leave.signal,
    })
    expect(answer.headers.get('content-type')).toContain('text/event-stream')
    expect(answer.headers.has('content-encoding')).toBe(false)
    leave.abort()
  })
})

describe('the web app', () => {
  test('serves the app for any page; caches hashed files for ever; serves precompressed files', async () => {
    const page = await app.inject('/ac63/alertes/12')
    expect(page.body).toContain('<title>Tocsin')
    expect(page.headers['cache-control']).toBe('no-cache')
    const asset = await app.inject({ url: '/assets/app-1a2b3c.js', headers: { 'accept-encoding': 'br' } })
    expect(asset.headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-encoding': 'br',
      'content-type': expect.stringContaining('javascript'),
    })
    expect((await app.inject('/assets/app-1a2b3c.js')).body).toBe('export {}')
  })

  test('answers 404 for an outdated file and for files outside of it', async () => {
    expect((await app.inject('/assets/app-old.js')).statusCode).toBe(404)
    for (const url of ['/../package.json', '/..%2f..%2fetc/passwd', '/assets/..%2f..%2fsecret']) {
      expect((await app.inject(url)).body).not.toMatch(/root:|"name"/)
    }
  })
})

test('the command-line endpoint requires its token', async () => {
  const post = (headers: Record<string, string>) =>
    app.inject({
      method: 'POST',
      url: '/api/cli',
      headers,
      payload: { args: ['x'], files: {}, lang: 'fr' },
      remoteAddress: '127.0.0.1',
    })
  expect((await post({})).statusCode).toBe(404)
  expect((await post({ authorization: `Bearer ${'u'.repeat(43)}` })).statusCode).toBe(404)
  const { paths } = (await app.inject('/api/openapi.json')).json()
  expect(paths).not.toHaveProperty('/api/cli')
})
