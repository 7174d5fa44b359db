import type { RouteOptions } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { testDatabase } from '../../../test/support/database.ts'
import { testDeps } from '../../../test/support/deps.ts'
import { cookiesOf, fillSchemes, openAccount, testServer } from '../../../test/support/server.ts'
import type { Role } from '../../permissions.ts'
import type { Database } from '../../platform/db.ts'
import type { App } from '../../platform/http/http.ts'

let database: Database
let app: App
const routes: RouteOptions[] = []
const cookies = new Map<Role, string>()

beforeAll(async () => {
  database = await testDatabase('postgres')
  await fillSchemes(database)
  const deps = testDeps(database)
  app = await testServer(deps, { onRoute: (route) => void routes.push(route) })
  for (const role of ['operator', 'chief', 'magistrate', 'chamber'] as const) {
    const mail = `${role}@demo.invalid`
    const { password } = await openAccount(deps, { mail, name: 'Anne Roy', schemeId: 'ac63', role })
    const signedIn = await app.inject({
      method: 'POST',
      url: '/api/auth/sign-in/email',
      payload: { email: mail, password },
    })
    cookies.set(role, cookiesOf(signedIn))
  }
})
afterAll(async () => {
  await app.close()
  await database.close()
})

type Definition = z.core.$ZodTypes['_zod']['def']

/** Calls back with every nested schema and its path. */
function walkSchema(
  schema: z.core.$ZodType,
  visit: (definition: Definition, path: string) => void,
  { path = '', seen = new Set<z.core.$ZodType>(), inLists = true } = {},
): void {
  if (seen.has(schema)) return
  seen.add(schema)
  const { def } = schema._zod as z.core.$ZodTypes['_zod']
  visit(def, path)
  const into = (inner: z.core.$ZodType, at = path) => walkSchema(inner, visit, { path: at, seen, inLists })
  if (def.type === 'object')
    for (const [key, value] of Object.entries(def.shape)) into(value, path === '' ? key : `${path}.${key}`)
  if (def.type === 'array' && inLists) into(def.element, `${path}[]`)
  if (def.type === 'union') for (const option of def.options) into(option)
  if (def.type === 'record') into(def.valueType, `${path}{}`)
  if (def.type === 'pipe') for (const side of [def.in, def.out]) into(side)
  if (def.type === 'lazy') into(def.getter())
  if ('innerType' in def) into(def.innerType as z.core.$ZodType)
}

const bodies = () =>
  routes.flatMap(({ method, url, schema }) =>
    schema?.body instanceof z.ZodType ? [{ name: `${method} ${url}`, body: schema.body }] : [],
  )

/** Responses of browsers, which add keys of their own; a library validates them. */
const LOOSE = [
  'POST /api/account/factor',
  'POST /api/account/passkeys',
  'POST /api/auth/passkey-session',
  'POST /api/portal/passkey-session',
  'POST /api/portal/passkeys',
  'POST /api/session/unlock',
]

describe('every declared request body', () => {
  test('refuses unknown keys at every depth', () => {
    expect(bodies().length).toBeGreaterThan(80)
    const loose = bodies().filter(({ body }) => {
      let isLoose = false
      walkSchema(body, (def) => {
        if (def.type === 'object' && def.catchall?._zod.def.type !== 'never') isLoose = true
      })
      return isLoose
    })
    expect(loose.map(({ name }) => name).sort()).toEqual(LOOSE)
  })

  test('has no defaults in updates, which would overwrite stored values', () => {
    /** Options of the change itself, which are not stored. */
    const ofTheChange = [
      'PUT /api/portal/shops/:scheme/:member/people/:contact/sms evenLast',
      'PUT /api/schemes/:scheme/member-imports/:id/rows/:line cells',
      'PUT /api/schemes/:scheme/members/:id/contacts/:contact/phone confirm',
      'PUT /api/schemes/:scheme/members/:id/contacts/:contact/sms reason',
    ]
    const updates = bodies().filter(({ name }) => /^(PUT|PATCH)/.test(name))
    expect(updates.length).toBeGreaterThan(20)
    const defaults = updates.flatMap(({ name, body }) => {
      const found: string[] = []
      walkSchema(body, (def, path) => {
        if (['default', 'prefault', 'catch'].includes(def.type)) found.push(`${name} ${path}`)
      })
      return found
    })
    // A step of enrolment is a form submitted as a whole: empty fields are refused one by one.
    const changed = defaults.filter((one) => !one.startsWith('PUT /api/public/schemes/:scheme/enrolment/'))
    expect(changed.sort()).toEqual(ofTheChange)
  })
})

const putSettings = (path: string, payload: object) =>
  app.inject({
    method: 'PUT',
    url: `/api/schemes/ac63${path}`,
    headers: { cookie: cookies.get('chamber') ?? '' },
    payload,
  })
const getSettings = (path: string) =>
  app.inject({ url: `/api/schemes/ac63${path}`, headers: { cookie: cookies.get('chamber') ?? '' } })

test('reports an unknown key with all other problems and changes nothing', async () => {
  const before = (await getSettings('/doctrine')).json()
  const wrong = await putSettings('/doctrine', {
    approvals: [],
    lateAfterMinutes: 0,
    care: { budget: 1, quiet: { from: 0, to: 1, too: 2 } },
  })
  expect(wrong.statusCode).toBe(422)
  const { code, problems } = wrong.json<{
    code: string
    problems: { code: string; message: string; path?: string }[]
  }>()
  expect(code).toBe('invalid_input')
  expect(problems.map((one) => [one.code, one.path ?? '']).sort()).toEqual([
    ['input.too_small', 'lateAfterMinutes'],
    ['input.unknown_field', ''],
    ['input.unknown_field', 'care'],
    ['input.unknown_field', 'care.quiet'],
  ])
  const said = problems.map(({ message }) => message).join(' ')
  for (const key of ['approvals', 'budget', 'too']) expect(said).toContain(key)
  expect((await getSettings('/doctrine')).json()).toEqual(before)
})

test('reports only some of thousands of unknown keys', async () => {
  const keys = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}${'x'.repeat(90)}`, i]))
  const answer = await putSettings('/doctrine', keys)
  expect(answer.statusCode).toBe(422)
  expect(answer.body.length).toBeLessThan(3000)
})

test('reports a key that fits only another variant of a union', async () => {
  const answer = await putSettings('/doctrine', {
    approval: [{ categories: 'all', severities: 'all', levels: 'precise' }],
  })
  expect(answer.json().problems).toMatchObject([
    { code: 'input.unknown_field', path: 'approval.0', message: expect.stringContaining('levels') },
  ])
})

// Changes that another account puts in force are proposed, which test/contracts/two-persons.test.ts shows.
describe('absent settings keep their value', () => {
  test.each([
    ['/doctrine', { closingMessage: false, cancelWindowSeconds: 7 }],
    ['/dues-settings', { sms: false, creditor: { address: '2 rue X' }, accounts: { bank: '512100' } }],
    ['/number-settings', { reconfirm: true, perDay: 7 }],
    ['/contact', { chamber: { phone: '3949', hours: 'du lundi au vendredi, 9 h à 12 h' } }],
    ['/enrolment-settings', { codeBudgets: { joinCents: 5000 } }],
  ])('of %s', async (path, changes) => {
    const settings = async () => {
      const answer = (await getSettings(path)).json()
      return answer.doctrine ?? answer
    }
    const before = await settings()
    expect((await putSettings(path, changes)).statusCode).toBe(200)
    const set = await settings()
    expect(set).toMatchObject(changes)
    expect(set).not.toEqual(before)
    expect((await putSettings(path, {})).statusCode).toBe(200)
    expect(await settings()).toEqual(set)
    const [[key, value]] = Object.entries(changes) as [[string, unknown]]
    expect((await putSettings(path, { [key]: value })).statusCode).toBe(200)
    expect(await settings()).toEqual(set)
  })
})

describe('caches', () => {
  /** Public data. */
  const CACHEABLE = [
    '/api/contours/:departement',
    '/api/public/schemes/:scheme/map',
    '/api/public/schemes/:scheme/status',
    '/api/schemes/:scheme/map',
  ]

  test('store no response of the API that depends on the user', async () => {
    const streams = /\/(?:live|stream)$/
    const reads = routes.filter(
      ({ method, url }) => method === 'GET' && url.startsWith('/api/') && !streams.test(url),
    )
    expect(reads.length).toBeGreaterThan(60)
    const answered = new Map<string, string | undefined>()
    for (const { url } of reads) {
      const asked = url
        .replaceAll(':scheme', 'ac63')
        .replaceAll(':departement', '63')
        .replaceAll(/:\w+/g, '00000000-0000-7000-8000-000000000001')
      for (const cookie of cookies.values()) {
        const answer = await app.inject({ url: asked, headers: { cookie } })
        answered.set(url, answer.headers['cache-control'] as string | undefined)
        if (answer.statusCode < 400) break
      }
    }
    const others = [...answered].filter(([, cache]) => cache !== 'no-store').map(([url]) => url)
    expect(others.sort()).toEqual(CACHEABLE)
  })
})
