import { afterAll, beforeAll, expect, test } from 'vitest'
import { readEndpointGroups } from '../../scripts/operations.ts'
import { sealBreakGlass } from '../../src/break-glass/seal.ts'
import { doorRoutes } from '../../src/demo/doors.ts'
import type { Deps } from '../../src/deps.ts'
import { ownPermissions, permissions, type Role } from '../../src/permissions.ts'
import type { Database } from '../../src/platform/db.ts'
import type { Endpoint } from '../../src/platform/http/endpoints.ts'
import type { App } from '../../src/platform/http/http.ts'
import { testDatabase } from '../support/database.ts'
import { program, testDeps } from '../support/deps.ts'
import { cookiesOf, fillSchemes, openAccount, testServer } from '../support/server.ts'

// Every endpoint of the program, called by nobody, by a merchant and by an account of each role, in their own scheme and in another.
// An endpoint is known by its permission: one without an expectation fails.

const ROLES = [
  'operator',
  'chief',
  'magistrate',
  'chamber',
  'trade_chamber',
  'admin',
  'break_glass',
] as const satisfies readonly Role[]
type Caller = Role | 'merchant' | 'nobody'
const CALLERS: readonly Caller[] = [...ROLES, 'merchant', 'nobody']

const MEMBER = '00000000-0000-7000-8000-000000000001'
const NOTHING = '00000000-0000-7000-8000-000000000009'

/** Endpoints of the demo alone, which the server here does not all have. */
const OF_DEMO = /^\/api\/demo\//
/** Calls that end the session of the caller, or its place in the scheme: only those who are refused try them. */
const ENDING = [
  'signOut',
  'endSession',
  'lockSession',
  'endContactSession',
  'leaveScheme',
  'changePassword',
  'closeBreakGlass',
  'endOwnBreakGlass',
]

let database: Database
let app: App
let endpoints: readonly Endpoint[]
const cookies: Partial<Record<Caller, string>> = {}

beforeAll(async () => {
  endpoints = (await readEndpointGroups())
    .flatMap((group) => group.endpoints)
    .filter(({ path }) => !OF_DEMO.test(path))
  database = await testDatabase('postgres')
  await fillSchemes(database)
  const deps = testDeps(database)
  app = await testServer(deps, { moreRoutes: (scope, identity) => doorRoutes(scope, deps, identity) })
  for (const role of ROLES) {
    if (role === 'break_glass') {
      cookies[role] = await openBreakGlass(deps)
      continue
    }
    if (role !== 'trade_chamber' && role !== 'admin') {
      cookies[role] = cookiesOf(
        await app.inject({ method: 'POST', url: '/api/demo/sessions', payload: { as: role } }),
      )
      continue
    }
    const mail = `${role}@demo.invalid`
    const { password } = await openAccount(deps, {
      mail,
      name: 'Sans porte',
      // The administrator of the platform has its role outside the schemes.
      ...(role === 'admin' ? { role, schemeId: '' } : { role, schemeId: 'ac63', trades: ['tobacco-press'] }),
    })
    cookies[role] = cookiesOf(
      await app.inject({
        method: 'POST',
        url: '/api/auth/sign-in/email',
        payload: { email: mail, password },
      }),
    )
  }
  cookies.merchant = cookiesOf(await app.inject({ method: 'POST', url: '/api/demo/portal' }))
})
afterAll(async () => {
  await app.close()
  await database.close()
})

/** Opens the break-glass account with two new codes. @returns the cookies of its session */
async function openBreakGlass(deps: Deps): Promise<string> {
  const { envelopes } = await sealBreakGlass(deps, program)
  const [a, b] = envelopes.map(({ code }) => code)
  const payload = {
    first: { code: a, name: 'Anne Durand' },
    second: { code: b, name: 'Paul Petit' },
    reason: 'essai',
    drill: false,
  }
  return cookiesOf(await app.inject({ method: 'POST', url: '/api/auth/break-glass', payload }))
}

/** The result that a caller may get: `in`: not refused for who they are; otherwise the refusals, of which one is expected. */
type Expected = 'in' | readonly string[]

/** @returns undefined for a permission without a rule, which fails */
function expectedFor(
  { permission, inBreakGlass }: Endpoint,
  caller: Caller,
  isOwn: boolean,
): Expected | undefined {
  // The wall signs in by a cookie of its own, which none of these callers has.
  if (permission === 'wall') return ['not_signed_in']
  if (permission === 'public') return 'in'
  const isAccount = caller !== 'merchant' && caller !== 'nobody'
  // It belongs to nobody, so it gets nothing that outlives it.
  if (permission === 'signedIn' && caller === 'break_glass') return inBreakGlass ? 'in' : ['forbidden']
  if (permission === 'signedIn') return isAccount ? 'in' : ['not_signed_in']
  if (permission === 'portal') return caller === 'merchant' ? 'in' : ['not_signed_in']
  if (permission in ownPermissions) {
    if (caller !== 'merchant') return ['not_signed_in']
    // A shop of somebody else, or of another scheme, is as unknown as one that does not exist.
    return isOwn ? 'in' : ['not_found']
  }
  if (!(permission in permissions)) return undefined
  if (!isAccount) return ['not_signed_in']
  if (!isOwn && caller !== 'admin' && caller !== 'break_glass') return ['unknown_scheme']
  return caller in permissions[permission as keyof typeof permissions] ? 'in' : ['forbidden']
}

/** Codes that refuse a caller for who they are, not for what they send. */
const REFUSED = ['not_signed_in', 'forbidden', 'unknown_scheme']

function urlOf({ path }: Endpoint, scheme: string, member: string): string {
  return path
    .replaceAll(':scheme', scheme)
    .replaceAll(':member', member)
    .replaceAll(':departement', '63')
    .replaceAll(/:(?:year|version|no|line)\b/g, '1')
    .replaceAll(/:\w+/g, NOTHING)
}

test('every endpoint lets in the roles of its permission, in their own scheme, and nobody else', async () => {
  const wrong: string[] = []
  let calls = 0
  const made = new Set<string>()
  for (const endpoint of endpoints) {
    const { id, method, path, produces } = endpoint
    const hasScheme = path.includes(':scheme')
    for (const caller of CALLERS) {
      for (const isOwn of hasScheme ? [true, false] : [true]) {
        const expected = expectedFor(endpoint, caller, isOwn)
        const what = `${caller} ${isOwn ? 'own' : 'other'} ${id}`
        if (expected === undefined) {
          wrong.push(`${what}: no rule for ${endpoint.permission}`)
          continue
        }
        // A stream never ends; a file takes long to make; a public endpoint lets everybody in.
        if (expected === 'in') {
          if (ENDING.includes(id) || produces === 'text/event-stream') continue
          if (produces !== undefined && made.has(id)) continue
          made.add(id)
        }
        if (endpoint.permission === 'public' && caller !== 'nobody') continue
        const answer = await app.inject({
          method,
          url: urlOf(endpoint, isOwn ? 'ac63' : 'ac39', MEMBER),
          headers: cookies[caller] === undefined ? {} : { cookie: cookies[caller] },
          ...(method !== 'GET' && method !== 'DELETE' && { payload: {} }),
        })
        calls += 1
        const isJson = answer.headers['content-type']?.startsWith('application/json') === true
        const code = answer.statusCode < 400 ? 'ok' : isJson ? String(answer.json().code) : 'no code'
        const isRight =
          expected === 'in'
            ? (answer.statusCode < 400 || !REFUSED.includes(code)) && answer.statusCode < 500
            : expected.includes(code)
        if (!isRight) wrong.push(`${what}: ${answer.statusCode} ${code}, not ${expected}`)
      }
    }
  }
  expect(wrong).toEqual([])
  expect(calls).toBeGreaterThan(endpoints.length * 6)
})

test('a merchant reaches no shop of another member', async () => {
  const wrong: string[] = []
  for (const endpoint of endpoints.filter(({ permission }) => permission in ownPermissions)) {
    const { method, id } = endpoint
    const answer = await app.inject({
      method,
      url: urlOf(endpoint, 'ac63', NOTHING),
      headers: { cookie: cookies.merchant ?? '' },
      ...(method !== 'GET' && method !== 'DELETE' && { payload: {} }),
    })
    if (answer.statusCode !== 404) wrong.push(`${id}: ${answer.statusCode}`)
  }
  expect(wrong).toEqual([])
})
