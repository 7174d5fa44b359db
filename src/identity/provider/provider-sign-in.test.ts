import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { testDeps } from '../../../test/support/deps.ts'
import {
  claimsOf,
  type ProviderPerson,
  startIdentityProvider,
  type TestIdentityProvider,
  visitProvider,
} from '../../../test/support/identity-provider.ts'
import {
  cookiesOf,
  fillSchemes,
  openAccount,
  PRODUCTION,
  testConfig,
  testServer,
} from '../../../test/support/server.ts'
import { totpOf } from '../../../test/support/totp.ts'
import type { Deps } from '../../deps.ts'
import { createIdentityProvider } from '../../gateways/openid/provider.ts'
import { invitePerson } from '../../people/invitations/invite.ts'
import { recoverPerson } from '../../people/recovery.ts'
import type { Database } from '../../platform/db.ts'
import type { App } from '../../platform/http/http.ts'

const SIRET = '17630001200017'
const OTHER_SIRET = '13002526500013'
const MFA = ['pwd', 'mfa']

let database: Database
let provider: TestIdentityProvider
let plain: TestIdentityProvider
let deps: Deps
let app: App
let plainApp: App
let clockMs = Date.now()
let no = 0

beforeAll(async () => {
  database = await testDatabase('postgres')
  await fillSchemes(database)
  await sql`update schemes set access = ${JSON.stringify({ organisations: [{ agency: 'corg-63', siret: SIRET }] })}::jsonb
    where id = 'ac63'`.execute(database.db)
  const origins = [PRODUCTION.TOCSIN_BASE_URL]
  provider = await startIdentityProvider({ origins, signed: true })
  plain = await startIdentityProvider({ origins, signed: false })
  deps = depsWith(provider, 'proconnect')
  app = await testServer(deps)
  plainApp = await testServer(depsWith(plain, 'oidc', { TOCSIN_OIDC_SCOPES: 'openid email siret' }))
})
afterAll(async () => {
  await app?.close()
  await plainApp?.close()
  await database?.close()
  await provider?.close()
  await plain?.close()
})
beforeEach(() => {
  clockMs = Date.now()
})
afterEach(() => {
  provider.tampering = {}
  plain.tampering = {}
})

function depsWith(
  of: TestIdentityProvider,
  kind: 'proconnect' | 'oidc',
  env: Record<string, string> = {},
): Deps {
  const config = testConfig({
    ...PRODUCTION,
    TOCSIN_OIDC_ISSUER: of.issuer,
    TOCSIN_OIDC_KIND: kind,
    TOCSIN_OIDC_CLIENT_ID: of.settings.clientId,
    TOCSIN_OIDC_CLIENT_SECRET: of.settings.clientSecret,
    ...env,
  })
  if (config.identityProvider === undefined) throw new Error('no provider in the settings')
  return testDeps(database, {
    config,
    now: () => new Date(clockMs),
    identityProvider: createIdentityProvider(config.identityProvider),
  })
}

interface Agent {
  readonly userId: string
  readonly password: string
  readonly mail: string
  readonly id: string
}

/** An account of an operator of the gendarmerie, which nobody entered yet, and the same person at the provider. */
async function addAgent(
  over: Partial<ProviderPerson> = {},
  at: TestIdentityProvider = provider,
): Promise<Agent> {
  const agent = await addOpenAgent(over, at)
  await sql`delete from account where user_id = ${agent.userId}`.execute(database.db)
  return agent
}

/** Adds an account of the service that has a password. */
async function addOpenAgent(
  over: Partial<ProviderPerson> = {},
  at: TestIdentityProvider = provider,
): Promise<Agent> {
  const id = `person-${++no}`
  const mail = `agent-${no}@interieur.example`
  const opened = await openAccount(deps, {
    mail,
    name: 'Anne Roy',
    schemeId: 'ac63',
    role: 'operator',
    agencyCode: 'corg-63',
  })
  at.people.push({ id, mail, siret: SIRET, amr: MFA, ...over })
  return { ...opened, mail, id }
}

const post = (url: string, payload: object = {}, cookie = '', server = app) =>
  server.inject({ method: 'POST', url, payload, headers: { cookie } })

/** Begins a visit. @returns where the browser goes, and its cookie */
async function begin(
  body: object = {},
  { cookie = '', url = '/api/auth/provider/visits', server = app } = {},
) {
  const answer = await post(url, body, cookie, server)
  expect(answer.statusCode, answer.body).toBe(200)
  return { address: answer.json().address as string, cookie: cookiesOf(answer) }
}

const end = (answer: string, cookie: string, server = app) =>
  post('/api/auth/provider/return', { answer }, cookie, server)

/** Signs in as a person of the provider. */
async function signInByProvider(id: string, server = app) {
  const { address, cookie } = await begin({}, { server })
  return end(await visitProvider(address, id), cookie, server)
}

const signIn = async ({ mail, password }: Agent) =>
  cookiesOf(await post('/api/auth/sign-in/email', { email: mail, password }))

/** Proves at the provider, in a session, who its user is. */
async function prove(id: string, session: string, server = app) {
  const url = '/api/account/factor/provider'
  const { address, cookie } = await begin({}, { cookie: session, url, server })
  const answer = await visitProvider(address, id)
  return end(answer, `${cookie}; ${session}`, server)
}

const codeOf = (answer: { json(): { code?: string } }) => answer.json().code
const sessionOf = async (cookie: string) =>
  (await app.inject({ url: '/api/session', headers: { cookie } })).json()
const sessionCookie = (answer: { cookies: readonly { name: string; value: string }[] }) =>
  cookiesOf({ cookies: answer.cookies.filter(({ name }) => name.includes('session_token')) })

/** The latest session of an agent as stored. */
const stateOf = ({ userId }: Agent) =>
  database.db
    .selectFrom('session')
    .selectAll()
    .where('userId', '=', userId)
    .orderBy('createdAt', 'desc')
    .executeTakeFirstOrThrow()

/** The sequence number of the last audit entry that `recorded` has returned. */
let recordedTo = 0
async function recorded(): Promise<{ action: string; subject: string; details: Record<string, unknown> }[]> {
  const rows = await database.db
    .selectFrom('auditEntries')
    .select(['seq', 'action', 'subject', 'details'])
    .where('schemeId', '=', '')
    .where('seq', '>', recordedTo)
    .orderBy('seq')
    .execute()
  recordedTo = Number(rows.at(-1)?.seq ?? recordedTo)
  return rows.map(({ action, subject, details }) => ({
    action,
    subject,
    details: details as Record<string, unknown>,
  }))
}

test('asks of ProConnect what it documents, and nothing else', async () => {
  await begin()
  const { address } = await begin()
  const { searchParams } = new URL(address)
  expect(Object.fromEntries(searchParams)).toEqual({
    client_id: 'tocsin',
    response_type: 'code',
    redirect_uri: 'https://tocsin.example/connexion/retour',
    scope: 'openid given_name usual_name email uid siret idp_id',
    state: expect.stringMatching(/^[\w-]{32,}$/),
    nonce: expect.stringMatching(/^[\w-]{32,}$/),
    code_challenge: expect.stringMatching(/^[\w-]{43}$/),
    code_challenge_method: 'S256',
    prompt: 'login',
    claims: '{"id_token":{"amr":{"essential":true},"auth_time":{"essential":true}}}',
  })
  const again = new URL((await begin()).address).searchParams
  for (const name of ['state', 'nonce', 'code_challenge'])
    expect(again.get(name)).not.toBe(searchParams.get(name))
})

test('signs an agent in by proven mail and SIRET, links the account, and recognises it by its subject afterwards', async () => {
  const agent = await addAgent()
  await recorded()
  const answer = await signInByProvider(agent.id)
  expect(answer.statusCode, answer.body).toBe(200)
  expect(answer.json()).toMatchObject({
    purpose: 'sign-in',
    session: { user: { id: agent.userId }, schemes: [{ id: 'ac63', role: 'operator', needs: null }] },
  })
  const cookie = answer.cookies.find(({ name }) => name === '__Host-tocsin.session_token')
  expect(cookie).toMatchObject({ secure: true, httpOnly: true, sameSite: 'Strict', path: '/' })
  expect((await recorded()).map(({ action, details }) => [action, details])).toEqual([
    ['provider.link', {}],
    ['session.open', { factor: 'provider_mfa' }],
  ])
  expect(await stateOf(agent)).toMatchObject({ factor: 'provider_mfa', provider: true })

  // A new mail address at the provider does not matter any more.
  provider.people.push({ id: `${agent.id}-x`, mail: agent.mail, siret: SIRET, amr: MFA })
  const at = provider.people.findIndex(({ id }) => id === agent.id)
  provider.people[at] = { id: agent.id, mail: 'changed@interieur.example', siret: SIRET, amr: MFA }
  expect((await signInByProvider(agent.id)).json()).toMatchObject({ session: { user: { id: agent.userId } } })
  // Another identity with the same address is not the linked one.
  expect(codeOf(await signInByProvider(`${agent.id}-x`))).toBe('provider_other_identity')
})

describe('refuses an answer that was made for something else', () => {
  test('a state or a code used before, and a state of another browser', async () => {
    const agent = await addAgent()
    const { address, cookie } = await begin()
    const other = await begin()
    const answer = await visitProvider(address, agent.id)
    // The state is used up by the attempt, whoever made it.
    expect(codeOf(await end(answer, other.cookie))).toBe('provider_visit_lost')
    expect(codeOf(await end(answer, cookie))).toBe('provider_visit_lost')
    const first = await begin()
    const once = await visitProvider(first.address, agent.id)
    expect((await end(once, first.cookie)).statusCode).toBe(200)
    expect(codeOf(await end(once, first.cookie))).toBe('provider_visit_lost')
    // The code with the state of another visit of the same browser: PKCE refuses it, and so does the provider.
    const second = await begin({}, { cookie: first.cookie })
    const swapped = new URLSearchParams(once)
    swapped.set('state', new URL(second.address).searchParams.get('state') ?? '')
    expect(codeOf(await end(swapped.toString(), first.cookie))).toBe('provider_answer')
    expect(codeOf(await end('?code=x&state=x', first.cookie))).toBe('provider_visit_lost')
  })

  test('a visit of more than ten minutes', async () => {
    const agent = await addAgent()
    const { address, cookie } = await begin()
    const answer = await visitProvider(address, agent.id)
    clockMs += 10 * 60_000 + 1
    expect(codeOf(await end(answer, cookie))).toBe('provider_visit_lost')
  })

  test.each<[string, (answer: URLSearchParams) => void]>([
    ['of another issuer (mix-up)', (answer) => answer.set('iss', 'https://evil.example')],
    ['without an issuer', (answer) => answer.delete('iss')],
  ])('an answer %s', async (_, change) => {
    const agent = await addAgent()
    const { address, cookie } = await begin()
    const answer = new URLSearchParams(await visitProvider(address, agent.id))
    change(answer)
    await recorded()
    expect(codeOf(await end(answer.toString(), cookie))).toBe('provider_answer')
  })

  test('a visit that the person cancelled', async () => {
    const { address, cookie } = await begin()
    await recorded()
    expect(codeOf(await end(await visitProvider(address, ''), cookie))).toBe('provider_cancelled')
    expect(await recorded()).toEqual([])
  })
})

describe('refuses tokens that the provider did not sign for this visit', () => {
  const resigned = (change: object, as?: Parameters<TestIdentityProvider['sign']>[1]) => ({
    token: (answer: Record<string, unknown>) => ({
      ...answer,
      id_token: provider.sign({ ...claimsOf(answer.id_token as string), ...change }, as),
    }),
  })
  const userinfo = (as: Parameters<TestIdentityProvider['sign']>[1], change: object = {}) => ({
    userinfo: ({ body, type }: { body: string; type: string }) => ({
      type,
      body: provider.sign({ ...claimsOf(body), ...change }, as),
    }),
  })

  test('as a check of these tests, the same tokens signed again by its key are accepted', async () => {
    const agent = await addAgent()
    provider.tampering = { ...resigned({}), ...userinfo({ alg: 'RS256' }) }
    expect((await signInByProvider(agent.id)).statusCode).toBe(200)
  })

  test.each<[string, () => TestIdentityProvider['tampering']]>([
    ['an ID token with another nonce', () => resigned({ nonce: 'x'.repeat(43) })],
    ['an ID token for another client', () => resigned({ aud: 'another' })],
    ['an ID token of another issuer', () => resigned({ iss: 'https://evil.example' })],
    ['an expired ID token', () => resigned({ exp: Math.floor(Date.now() / 1000) - 120 })],
    ['an unsigned ID token', () => resigned({}, { alg: 'none' })],
    [
      'an ID token signed by the client secret',
      () => resigned({}, { alg: 'HS256', key: provider.settings.clientSecret }),
    ],
    ['an unsigned userinfo JWT', () => userinfo({ alg: 'none' })],
    [
      'a userinfo signed by the client secret',
      () => userinfo({ alg: 'HS256', key: provider.settings.clientSecret }),
    ],
    ['a userinfo of another person', () => userinfo({ alg: 'RS256' }, { sub: 'somebody' })],
    [
      'a userinfo with another signature',
      () => ({ userinfo: ({ body, type }) => ({ type, body: `${body.slice(0, -8)}AAAAAAAA` }) }),
    ],
    [
      'a userinfo in plain JSON',
      () => ({
        userinfo: ({ body }) => ({ type: 'application/json', body: JSON.stringify(claimsOf(body)) }),
      }),
    ],
  ])('%s', async (_, tampering) => {
    const agent = await addAgent()
    provider.tampering = tampering()
    const answer = await signInByProvider(agent.id)
    expect(codeOf(answer)).toBe('provider_answer')
    expect(sessionCookie(answer)).toBe('')
  })
})

describe('admits only people with an account', () => {
  test.each<[string, Partial<ProviderPerson>, string, Record<string, unknown>]>([
    ['an unknown SIRET', { siret: OTHER_SIRET }, 'provider_unknown_siret', { siret: OTHER_SIRET }],
    ['a SIRET that is missing', { siret: undefined } as object, 'provider_unknown_siret', { siret: 'none' }],
    ['a mail address that is not proven', { isMailVerified: false }, 'provider_mail_unproven', {}],
    ['a mail address without an account', { mail: 'nobody@example.fr' }, 'provider_unknown_account', {}],
  ])('refuses %s, says what to do, and records it', async (_, over, code, details) => {
    const agent = await addAgent(over)
    await recorded()
    const answer = await signInByProvider(agent.id)
    expect([answer.statusCode, codeOf(answer)]).toEqual([403, code])
    expect(answer.json().message).toMatch(/[Dd]emandez/)
    expect((await recorded()).map(({ action, details }) => ({ action, details }))).toEqual([
      { action: 'provider.refuse', details: { reason: code, ...details } },
    ])
  })

  test('refuses a disabled account', async () => {
    const agent = await addAgent()
    await signInByProvider(agent.id)
    await database.db
      .updateTable('user')
      .set({ disabledAt: new Date() })
      .where('id', '=', agent.userId)
      .execute()
    await recorded()
    expect(codeOf(await signInByProvider(agent.id))).toBe('account_disabled')
    expect(await recorded()).toEqual([
      { action: 'provider.refuse', subject: `user:${agent.userId}`, details: { reason: 'account_disabled' } },
    ])
  })

  test('links an account that has a password or a passkey only in a session that they opened, and not while it is locked', async () => {
    const agent = await addOpenAgent()
    expect(codeOf(await signInByProvider(agent.id))).toBe('provider_not_linked')
    const passkeyOnly = await addAgent()
    await sql`insert into account_passkeys (id, user_id, name, public_key, sign_count, transports, created_at)
      values (${passkeyOnly.id}, ${passkeyOnly.userId}, 'A', ''::bytea, 0, '{}', now())`.execute(database.db)
    expect(codeOf(await signInByProvider(passkeyOnly.id))).toBe('provider_not_linked')

    const session = await signIn(agent)
    expect((await post('/api/session/lock', {}, session)).statusCode).toBe(204)
    clockMs += 3001
    expect(codeOf(await prove(agent.id, session))).toBe('provider_not_linked')
    const unlocked = await post('/api/session/unlock', { password: agent.password }, session)
    expect(unlocked.statusCode, unlocked.body).toBe(200)
    await recorded()
    expect((await prove(agent.id, cookiesOf(unlocked))).statusCode).toBe(200)
    expect((await recorded()).map(({ action }) => action)).toEqual(['provider.link'])
    expect((await signInByProvider(agent.id)).statusCode).toBe(200)
  })

  test('an account recovered while its user was at the provider is not entered by the link that was removed', async () => {
    const agent = await addAgent()
    await signInByProvider(agent.id)
    const at = provider.people.findIndex(({ id }) => id === agent.id)
    provider.people[at] = { id: agent.id, mail: 'changed@interieur.example', siret: SIRET, amr: MFA }
    const { address, cookie } = await begin()
    const answer = await visitProvider(address, agent.id)
    const of = { schemeId: 'ac63', userId: agent.userId }
    await recoverPerson(deps, { kind: 'system', name: 'test' }, of)
    expect(codeOf(await end(answer, cookie))).toBe('provider_unknown_account')
  })

  test('a link that recovers the account is used up when its holder enters by the provider instead', async () => {
    const agent = await addAgent()
    const of = { schemeId: 'ac63', userId: agent.userId }
    const { link } = await recoverPerson(deps, { kind: 'system', name: 'test' }, of)
    expect((await signInByProvider(agent.id)).statusCode).toBe(200)
    const invitation = new URL(link ?? '').hash.slice(1)
    expect(codeOf(await post('/api/auth/provider/visits', { invitation }))).toBe('invitation_used')
  })

  test('refuses a linked person who moved to another organisation', async () => {
    const agent = await addAgent()
    expect((await signInByProvider(agent.id)).statusCode).toBe(200)
    const at = provider.people.findIndex(({ id }) => id === agent.id)
    provider.people[at] = { id: agent.id, mail: agent.mail, siret: OTHER_SIRET, amr: MFA }
    expect(codeOf(await signInByProvider(agent.id))).toBe('provider_unknown_siret')
  })

  test('accepts an invitation, whatever the mail address at the provider; its link is then used up', async () => {
    const mail = `invited-${++no}@example.fr`
    const { link, userId } = await invitePerson(deps, { kind: 'system', name: 'test' }, 'ac63', {
      mail,
      name: 'Léa Morel',
      role: 'operator',
      agency: 'corg-63',
    })
    const token = new URL(link ?? '').hash.slice(1)
    const id = `person-${++no}`
    provider.people.push({ id, mail: 'lea.morel@interieur.example', siret: SIRET, amr: MFA })
    const { address, cookie } = await begin({ invitation: token })
    const answer = await end(await visitProvider(address, id), cookie)
    expect(answer.json()).toMatchObject({ session: { user: { id: userId } } })
    const again = await post('/api/auth/provider/visits', { invitation: token })
    expect(codeOf(again)).toBe('invitation_used')
    expect((await signInByProvider(id)).statusCode).toBe(200)
  })

  test('a provider without SIRET links an account by invitation or in an open session only', async () => {
    const agent = await addAgent({ isMailVerified: true, siret: undefined } as object, plain)
    expect(codeOf(await signInByProvider(agent.id, plainApp))).toBe('provider_unknown_siret')
    const open = await addOpenAgent({ isMailVerified: true, siret: undefined } as object, plain)
    expect((await prove(open.id, await signIn(open), plainApp)).statusCode).toBe(200)
    expect((await signInByProvider(open.id, plainApp)).statusCode).toBe(200)
    const unsaid = await addAgent({}, plain)
    expect(codeOf(await signInByProvider(unsaid.id, plainApp))).toBe('provider_mail_unproven')
    const proven = await addAgent({ isMailVerified: true }, plain)
    expect((await signInByProvider(proven.id, plainApp)).statusCode).toBe(200)
  })
})

describe('takes a second factor from the provider only if it says so', () => {
  test('asks for the code of an account that has codes when amr is missing', async () => {
    const agent = await addOpenAgent({ amr: undefined } as object)
    const byPassword = await signIn(agent)
    const setup = await post('/api/account/codes', { password: agent.password }, byPassword)
    const { secret } = setup.json()
    const confirmed = await post('/api/account/codes/confirm', { code: totpOf(secret) }, byPassword)
    expect(confirmed.statusCode).toBe(200)
    // In a session the proof links the identity, and is no factor: the account has codes.
    const given = sessionCookie(confirmed)
    await database.db
      .updateTable('session')
      .set({ factorAt: new Date(0) })
      .where('userId', '=', agent.userId)
      .execute()
    const linked = await prove(agent.id, given)
    expect(linked.json(), linked.body).toMatchObject({ purpose: 'factor' })
    expect(await stateOf(agent)).toMatchObject({ factor: 'code', provider: true, factorAt: new Date(0) })
    const more = await prove(agent.id, sessionCookie(linked))
    expect([more.statusCode, codeOf(more)]).toEqual([403, 'provider_no_second_factor'])
    await database.db
      .updateTable('session')
      .set({ provider: false, lockedAt: new Date(clockMs) })
      .where('userId', '=', agent.userId)
      .execute()
    clockMs += 3001
    const locked = await prove(agent.id, sessionCookie(linked))
    expect(codeOf(locked)).toBe('provider_no_second_factor')
    expect(await stateOf(agent)).toMatchObject({ provider: false, lockedAt: expect.any(Date) })

    const { address, cookie } = await begin()
    const waiting = await end(await visitProvider(address, agent.id), cookie)
    expect([waiting.statusCode, codeOf(waiting), sessionCookie(waiting)]).toEqual([
      401,
      'second_factor_due',
      '',
    ])
    const both = `${cookie}; ${cookiesOf(waiting)}`
    expect(codeOf(await post('/api/auth/second-factor', { code: '000000' }, both))).toBe('code_wrong')
    const code = totpOf(secret, 1)
    const done = await post('/api/auth/second-factor', { code }, both)
    expect(done.statusCode, done.body).toBe(200)
    expect(await stateOf(agent)).toMatchObject({ factor: 'code', provider: true })

    // With mfa in amr, the code is not asked for.
    const at = provider.people.findIndex(({ id }) => id === agent.id)
    provider.people[at] = { id: agent.id, mail: agent.mail, siret: SIRET, amr: MFA }
    expect((await signInByProvider(agent.id)).statusCode).toBe(200)
  })

  test('counts as a recent factor from auth_time on; a new proof must be made during the visit', async () => {
    const agent = await addAgent()
    const answer = await signInByProvider(agent.id)
    const cookie = cookiesOf(answer)
    const check = async (as: string) =>
      (await app.inject({ url: '/api/account/factor', headers: { cookie: as } })).statusCode
    expect(await check(cookie)).toBe(204)
    clockMs += 6 * 60_000
    expect(await check(cookie)).toBe(403)
    const { address, cookie: browser } = await begin({}, { cookie, url: '/api/account/factor/provider' })
    const both = `${browser}; ${sessionCookie(answer)}`
    // The clock of the provider is six minutes behind: it seems not to have asked again.
    expect(codeOf(await end(await visitProvider(address, agent.id), both))).toBe('provider_not_fresh')

    clockMs = Date.now()
    await database.db
      .updateTable('session')
      .set({ factorAt: new Date(0) })
      .where('userId', '=', agent.userId)
      .execute()
    const again = await begin({}, { cookie: both, url: '/api/account/factor/provider' })
    const given = await end(
      await visitProvider(again.address, agent.id),
      `${again.cookie}; ${sessionCookie(answer)}`,
    )
    expect(given.json(), given.body).toMatchObject({ purpose: 'factor' })
    expect(await check(cookiesOf(given))).toBe(204)
    expect((await sessionOf(sessionCookie(answer))).code).toBe('not_signed_in')
  })

  test('a time that has not come yet is no recent factor', async () => {
    const agent = await addAgent()
    const future = { auth_time: Math.floor(Date.now() / 1000) + 3600 }
    provider.tampering = {
      token: (answer) => ({
        ...answer,
        id_token: provider.sign({ ...claimsOf(answer.id_token as string), ...future }),
      }),
    }
    const answer = await signInByProvider(agent.id)
    expect(answer.statusCode, answer.body).toBe(200)
    const check = await app.inject({ url: '/api/account/factor', headers: { cookie: cookiesOf(answer) } })
    expect(check.statusCode).toBe(403)
    expect(codeOf(await prove(agent.id, sessionCookie(answer)))).toBe('provider_not_fresh')
  })

  test('another person at the provider gives no factor in the session', async () => {
    const [agent, other] = [await addAgent(), await addAgent()]
    const cookie = cookiesOf(await signInByProvider(agent.id))
    const { address, cookie: browser } = await begin({}, { cookie, url: '/api/account/factor/provider' })
    const answer = await end(await visitProvider(address, other.id), `${browser}; ${cookie}`)
    expect(codeOf(answer)).toBe('provider_other_account')
  })

  test('refuses a sign-in below the level that the settings ask for', async () => {
    const server = await testServer(depsWith(provider, 'proconnect', { TOCSIN_OIDC_ACR: 'eidas2' }))
    try {
      const agent = await addAgent({ acr: 'eidas2' })
      expect((await signInByProvider(agent.id, server)).statusCode).toBe(200)
      for (const acr of ['eidas1', undefined]) {
        provider.tampering = {
          token: (answer) => ({
            ...answer,
            id_token: provider.sign({ ...claimsOf(answer.id_token as string), acr }),
          }),
        }
        expect(codeOf(await signInByProvider(agent.id, server))).toBe('provider_level')
      }
      const claims = JSON.parse(provider.asked.at(-1)?.get('claims') ?? '{}')
      expect(claims.id_token.acr).toEqual({ essential: true, values: ['eidas2'] })
    } finally {
      await server.close()
    }
  })
})

test('signs out at the provider too', async () => {
  const agent = await addOpenAgent()
  const cookie = sessionCookie(await prove(agent.id, await signIn(agent)))
  const answer = await post('/api/session/end', {}, cookie)
  const address = new URL(answer.json().address)
  expect(Object.fromEntries(address.searchParams)).toEqual({
    id_token_hint: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
    state: expect.stringMatching(/^[\w-]{32,}$/),
    post_logout_redirect_uri: 'https://tocsin.example/',
  })
  expect((await sessionOf(cookie)).code).toBe('not_signed_in')
  const page = await fetch(address)
  expect(page.status, await page.clone().text()).toBe(200)
  // A session by password has nothing to end there.
  expect((await post('/api/session/end', {}, await signIn(agent))).json()).toEqual({ address: null })
})

test('a provider that does not answer is said to be away, and other sign-ins go on', async () => {
  const away = await startIdentityProvider({ origins: [PRODUCTION.TOCSIN_BASE_URL], signed: true })
  await away.close()
  const server = await testServer(depsWith(away, 'proconnect'))
  try {
    const answer = await post('/api/auth/provider/visits', {}, '', server)
    expect([answer.statusCode, codeOf(answer)]).toEqual([502, 'provider_unreachable'])
  } finally {
    await server.close()
  }
})

test('an installation without a provider has no such sign-in', async () => {
  const server = await testServer(testDeps(database, { config: testConfig(PRODUCTION) }))
  try {
    expect((await post('/api/auth/provider/visits', {}, '', server)).statusCode).toBe(404)
    expect((await end('?code=x&state=y', '', server)).statusCode).toBe(404)
  } finally {
    await server.close()
  }
})
