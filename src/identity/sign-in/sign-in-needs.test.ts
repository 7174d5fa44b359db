import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { program, testDeps } from '../../../test/support/deps.ts'
import {
  cookiesOf,
  fillSchemes,
  openAccount,
  PRODUCTION,
  testConfig,
  testServer,
} from '../../../test/support/server.ts'
import { totpOf } from '../../../test/support/totp.ts'
import { schemesCommand } from '../../commands/schemes/schemes.ts'
import type { Deps } from '../../deps.ts'
import { type Actor, authorize, type Factor, type SignInNeed } from '../../permissions.ts'
import type { Database } from '../../platform/db.ts'
import type { App } from '../../platform/http/http.ts'
import { setAccessSettings } from '../../schemes/settings/access.ts'
import { meetsNeed } from './sign-in-needs.ts'

test.each<[Factor, boolean, string]>([
  ['password', false, 'any'],
  ['code', false, 'any second_factor'],
  ['passkey', false, 'any second_factor'],
  ['provider', true, 'any provider'],
  ['provider_mfa', true, 'any second_factor provider'],
  // A passkey given in a session that the provider opened.
  ['passkey', true, 'any second_factor provider'],
  ['demo', false, 'any second_factor provider'],
])('a session by %s (provider: %s) meets: %s', (factor, provider, met) => {
  const needs: SignInNeed[] = ['any', 'second_factor', 'provider']
  expect(needs.filter((need) => meetsNeed(need, { factor, provider })).join(' ')).toBe(met)
})

test('a role that needs another sign-in says so, and one that lacks the permission anyway does not', () => {
  const actor = {
    kind: 'user' as const,
    userId: 'a',
    name: 'A',
    grants: [{ schemeId: 'ac63', role: 'operator' as const, agencyId: null }],
    withheld: [{ schemeId: 'ac63', role: 'chief' as const, need: 'second_factor' as const }],
  }
  const outcome = (permission: Parameters<typeof authorize>[1], schemeId: string) => {
    try {
      return authorize(actor, permission, schemeId).scope
    } catch (error) {
      return (error as { code: string }).code
    }
  }
  expect(outcome('report.create', 'ac63')).toBe('scheme')
  expect(outcome('alert.approve', 'ac63')).toBe('second_factor_required')
  expect(outcome('dues.manage', 'ac63')).toBe('forbidden')
  expect(outcome('alert.approve', 'ac39')).toBe('unknown_scheme')
})

describe('a scheme that requires a sign-in', () => {
  let database: Database
  let deps: Deps
  let app: App
  let no = 0
  let clockMs = Date.now()

  beforeAll(async () => {
    database = await testDatabase('postgres')
    await fillSchemes(database)
    deps = testDeps(database, { config: testConfig(PRODUCTION), now: () => new Date(clockMs) })
    app = await testServer(deps)
  })
  afterAll(async () => {
    await app?.close()
    await database?.close()
  })
  beforeEach(() => require({}))

  async function require(signIn: object, schemeId = 'ac63'): Promise<void> {
    await sql`update schemes set access = ${JSON.stringify({ signIn })}::jsonb where id = ${schemeId}`.execute(
      database.db,
    )
    // The roles of a session are known for three seconds.
    clockMs += 3001
  }

  const get = (url: string, cookie: string) => app.inject({ url, headers: { cookie } })
  const post = (url: string, payload: object, cookie = '') =>
    app.inject({ method: 'POST', url, payload, headers: { cookie } })
  const codeOf = async (url: string, cookie: string) => {
    const answer = await get(url, cookie)
    return answer.statusCode === 200 ? 'ok' : answer.json().code
  }

  async function signInWithRole(role: 'operator' | 'chief', schemeIds = ['ac63']) {
    const mail = `needy-${++no}@example.fr`
    const schemes = schemeIds.map((schemeId) => ({ mail, name: 'Anne Roy', schemeId, role }))
    let password = ''
    for (const account of schemes) password = (await openAccount(deps, account)).password
    return { password, cookie: cookiesOf(await post('/api/auth/sign-in/email', { email: mail, password })) }
  }

  test('refuses each request of an open session without it, and only in that scheme and role', async () => {
    const { cookie } = await signInWithRole('chief', ['ac39', 'ac63'])
    const operator = (await signInWithRole('operator')).cookie
    expect(await codeOf('/api/schemes/ac63/people', cookie)).toBe('ok')
    await require({ chief: 'second_factor' })
    expect(await codeOf('/api/schemes/ac63/people', cookie)).toBe('second_factor_required')
    expect(await codeOf('/api/schemes/ac63', cookie)).toBe('second_factor_required')
    expect(await codeOf('/api/schemes/ac39', cookie)).toBe('ok')
    expect(await codeOf('/api/schemes/ac63', operator)).toBe('ok')
    const { schemes } = (await get('/api/session', cookie)).json()
    expect(schemes).toMatchObject([
      { id: 'ac39', needs: null },
      { id: 'ac63', needs: 'second_factor', permissions: [] },
    ])
    expect(schemes[0].permissions).toContain('alert.approve')
    await require({ chief: 'provider' })
    expect(await codeOf('/api/schemes/ac63/people', cookie)).toBe('provider_required')
  })

  test('lets its user add a second factor meanwhile, which opens the role', async () => {
    await require({ operator: 'second_factor' })
    const { cookie, password } = await signInWithRole('operator')
    expect(await codeOf('/api/schemes/ac63', cookie)).toBe('second_factor_required')
    expect(await codeOf('/api/account/security', cookie)).toBe('ok')
    const { secret } = (await post('/api/account/codes', { password }, cookie)).json()
    const confirmed = await post('/api/account/codes/confirm', { code: totpOf(secret) }, cookie)
    expect(confirmed.statusCode).toBe(200)
    expect(await codeOf('/api/schemes/ac63', cookiesOf(confirmed))).toBe('ok')
  })

  test('keeps the password alone from adding or removing a second factor of an account that has one', async () => {
    const { cookie, password } = await signInWithRole('operator')
    const { user } = (await get('/api/session', cookie)).json()
    const id = 'a-passkey'
    await sql`insert into account_passkeys (id, user_id, name, public_key, sign_count, transports, created_at)
      values (${id}, ${user.id}, 'Poste 1', ''::bytea, 0, '{}', now())`.execute(database.db)
    await require({ operator: 'second_factor' })
    const made = { clientDataJSON: 'e30', attestationObject: 'e30' }
    const response = { id: 'b', rawId: 'b', type: 'public-key', clientExtensionResults: {}, response: made }
    const refused = async (url: string, payload: object) => (await post(url, payload, cookie)).json().code
    expect(await refused('/api/account/codes', { password })).toBe('second_factor_required')
    expect(await refused('/api/account/codes/confirm', { code: '000000' })).toBe('second_factor_required')
    expect(await refused('/api/account/passkeys', { name: 'B', response })).toBe('second_factor_required')
    const removed = await app.inject({
      method: 'DELETE',
      url: `/api/account/passkeys/${id}`,
      headers: { cookie },
    })
    expect(removed.json().code).toBe('second_factor_required')
    // If no role needs it, the password is enough again.
    await require({})
    expect((await post('/api/account/codes', { password }, cookie)).statusCode).toBe(200)
  })

  test('is not locked out by a chief who cannot do what they require, and has a way back on the machine', async () => {
    const config = { ...deps.config, identityProvider: {} as NonNullable<Deps['config']['identityProvider']> }
    const actorOf = (factor: Factor): Actor => ({
      kind: 'user',
      userId: 'a',
      name: 'A',
      grants: [{ schemeId: 'ac63', role: 'chief', agencyId: null }],
      session: { id: 's', factorAt: new Date(clockMs), factor },
    })
    const set = (factor: Factor, chief: SignInNeed) =>
      setAccessSettings({ ...deps, config }, actorOf(factor), 'ac63', { signIn: { chief } }, 'why').catch(
        (error) => error.problems,
      )
    expect(await set('password', 'second_factor')).toMatchObject([
      { code: 'access.own_second_factor', path: 'signIn.chief' },
    ])
    expect(await set('passkey', 'provider')).toMatchObject([
      { code: 'access.own_provider', path: 'signIn.chief' },
    ])

    await require({ chief: 'second_factor', chamber: 'second_factor' })
    const { cookie } = await signInWithRole('chief')
    expect(await codeOf('/api/schemes/ac63', cookie)).toBe('second_factor_required')
    const io = { lang: 'en', stdout() {}, stderr() {}, progress() {} } as const
    const run = (...args: string[]) => schemesCommand.run(deps, ['any-sign-in', ...args], new Map(), io)
    await expect(run('ac63')).rejects.toMatchObject({ problems: [{ code: 'user.as' }] })
    await expect(run('nowhere', '--as', 'Anne')).rejects.toMatchObject({ code: 'unknown_scheme' })
    expect(await run('ac63', '--as', 'Anne Admin')).toBe(0)
    clockMs += 3001
    expect(await codeOf('/api/schemes/ac63', cookie)).toBe('ok')
    const { rows } = await sql<object>`
      select e.actor, r.named ->> 'claimed' as claimed from audit_entries e
      join audit_reasons r using (scheme_id, seq) where e.scheme_id = 'ac63' and e.action = 'access.set'
      order by seq desc limit 1`.execute(database.db)
    expect(rows).toEqual([{ actor: 'system:cli', claimed: 'Anne Admin' }])
  })

  test('does not require a provider that the installation does not have, nor name an agency that it does not have', async () => {
    const refused = await setAccessSettings(deps, program, 'ac63', {
      signIn: { chief: 'provider' },
      organisations: [{ agency: 'nowhere', siret: '17630001200017' }],
    }).catch((error) => error)
    expect(refused.problems).toMatchObject([
      { code: 'access.no_provider', path: 'signIn.chief' },
      { code: 'access.agency', path: 'organisations.0.agency' },
    ])
  })
})
