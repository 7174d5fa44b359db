import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { authenticator } from '../../../test/support/authenticator.ts'
import { testDatabase } from '../../../test/support/database.ts'
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
import type { Actor, Factor } from '../../permissions.ts'
import type { Database } from '../../platform/db.ts'
import { cookieFor, type Endpoint } from '../../platform/http/endpoints.ts'
import type { App } from '../../platform/http/http.ts'
import { FRESH_MINUTES, hasFreshFactor } from './step-up.ts'

const SITE = { origin: PRODUCTION.TOCSIN_BASE_URL, id: 'tocsin.example' }
const EXPORT = '/api/schemes/ac63/audit.csv'

let database: Database
let deps: Deps
let app: App
let clockMs = Date.now()
let user: { mail: string; password: string }
let cookie = ''
let no = 0
const endpoints = new Map<string, Endpoint>()

beforeAll(async () => {
  database = await testDatabase('postgres')
  await fillSchemes(database)
  deps = testDeps(database, { config: testConfig(PRODUCTION), now: () => new Date(clockMs) })
  app = await testServer(deps, {
    onRoute: ({ config }) => {
      if (config?.endpoint !== undefined) endpoints.set(config.endpoint.id, config.endpoint)
    },
  })
})
afterAll(async () => {
  await app.close()
  await database.close()
})
beforeEach(async () => {
  clockMs = Date.now()
  const mail = `chef-${++no}@example.fr`
  const { password } = await openAccount(deps, { mail, name: 'Anne Roy', schemeId: 'ac63', role: 'chief' })
  user = { mail, password }
  cookie = cookiesOf(await post('/api/auth/sign-in/email', { email: mail, password }, ''))
})

const post = (url: string, payload: object = {}, as = cookie) =>
  app.inject({ method: 'POST', url, payload, headers: { cookie: as } })
const get = async (url = EXPORT) => {
  const { statusCode, json } = await app.inject({ url, headers: { cookie } })
  return statusCode === 200 || statusCode === 204 ? 'done' : (json().code as string)
}
const wait = (minutes: number) => {
  clockMs += minutes * 60_000 + 1
}

/** The operations that need a recent factor: one that is added or left out is decided here too. */
const NEED_FACTOR = `
  addAccountPasskey addCategory addObserver addOnCallPerson answerDataRequest approveAlert
  approveFollowUp authoriseFollowUp cancelRefund changeCategory changeOnCallPerson changePassword
  changeRole checkFactor closeBreakGlass createAgency createDebitFile createScheme decideServiceMessage
  downloadDebitFile dropDebitFile enablePerson endOwnSessions exportAccounting exportAudit
  exportDeliveries exportInstallationAudit exportJournal exportMembersCsv exportMembersXlsx inviteAgain
  invitePerson publishCharter putSettingChangeInForce recordAuthorisation recordRefund recoverPerson
  removeAccountPasskey removeCodes removeObserver removeOnCallPerson renameAgency renewRecoveryCodes
  sealBreakGlass setAccessSettings setDoctrine setDuesSettings setEnrolmentSettings setMessageSettings
  setNumberSettings setObservers setPublication setSchemeContact setSchemeGeneral setServiceTexts
  setTrades setZone settleDebitFile traceMark
`
  .trim()
  .split(/\s+/)

test('asks for a recent factor before these operations, and before no order of an operator', () => {
  const declared = [...endpoints.values()].filter(({ needsFactor }) => needsFactor === true)
  expect(declared.map(({ id }) => id).sort()).toEqual(NEED_FACTOR)
  // The guard asks sessions of the console only.
  expect(declared.filter(({ permission }) => cookieFor(permission) !== 'console')).toEqual([])
  const never = ['broadcastAlert', 'submitAlert', 'orderFollowUp', 'stopAlert', 'endAlert', 'sendUnanswered']
  for (const id of [...never, 'overrideAlert', 'createReport']) expect(NEED_FACTOR, id).not.toContain(id)
})

test.each([
  ...['changePassword', 'removeCodes', 'renewRecoveryCodes', 'removeOnCallPerson'],
  ...['cancelRefund', 'dropDebitFile', 'settleDebitFile', 'traceMark'],
])('asks for a recent factor before %s', (operation) => {
  const factorAt = new Date(clockMs - (FRESH_MINUTES + 1) * 60_000)
  const session = { id: 'x', factor: 'passkey', factorAt } as const
  const actor = { kind: 'user', userId: 'a', name: 'A', grants: [], session } as const
  const endpoint = endpoints.get(operation) ?? { id: '' }
  expect(hasFreshFactor(actor, endpoint, new Date(clockMs))).toBe(false)
  const isDue = hasFreshFactor({ ...actor, passwordDue: true }, endpoint, new Date(clockMs))
  expect(isDue).toBe(operation === 'changePassword')
})

test.each<[Factor | null, number, string, boolean]>([
  ['password', 0, 'approveAlert', true],
  ['password', FRESH_MINUTES, 'approveAlert', true],
  ['password', FRESH_MINUTES + 1, 'approveAlert', false],
  ['passkey', FRESH_MINUTES + 1, 'setDoctrine', false],
  ['password', 700, 'broadcastAlert', true],
  ['demo', 700, 'approveAlert', true],
  [null, 700, 'approveAlert', true],
])('factor %s, %i minutes ago, %s: %s', (factor, minutes, operation, isFresh) => {
  const now = new Date(clockMs)
  const factorAt = new Date(clockMs - minutes * 60_000)
  const actor: Actor = {
    kind: 'user',
    userId: 'a',
    name: 'A',
    grants: [],
    ...(factor !== null && { session: { id: 'x', factor, factorAt } }),
  }
  expect(hasFreshFactor(actor, endpoints.get(operation) ?? { id: '' }, now)).toBe(isFresh)
})

test('a sign-in counts for five minutes, then the password given again', async () => {
  expect(await get()).toBe('done')
  wait(FRESH_MINUTES)
  expect(await get()).toBe('factor_due')
  expect(await get('/api/account/factor')).toBe('factor_due')
  // Endpoints that need no second factor still work.
  expect(await get('/api/schemes/ac63/alerts')).toBe('done')
  const wrong = await post('/api/account/factor', { password: 'not the password' })
  expect(wrong.json().code).toBe('wrong_credentials')
  expect(await get()).toBe('factor_due')
  const given = await post('/api/account/factor', { password: user.password })
  expect(given.statusCode).toBe(204)
  // The session has another token from now on, and ends when it would have ended.
  expect(await get()).toBe('not_signed_in')
  expect(given.cookies[0]?.maxAge).toBeLessThan(12 * 3600)
  const [before, after] = [cookie, cookiesOf(given)]
  cookie = after
  expect(await get()).toBe('done')
  expect((await post('/api/account/factor', { password: user.password }, before)).statusCode).toBe(401)
  wait(FRESH_MINUTES)
  expect(await get()).toBe('factor_due')
})

test('changes a password after a recent factor only, except one that has to be changed', async () => {
  const change = (currentPassword: string, newPassword: string) =>
    post('/api/auth/change-password', { currentPassword, newPassword })
  wait(FRESH_MINUTES)
  expect((await change(user.password, 'gravier lune tambour')).json().code).toBe('factor_due')
  await database.db.updateTable('user').set({ passwordDue: true }).where('email', '=', user.mail).execute()
  wait(1)
  expect((await change(user.password, 'gravier lune tambour')).statusCode).toBe(200)
})

test('an account with codes gives a code, not its password, and no code twice', async () => {
  const { secret } = (await post('/api/account/codes', { password: user.password })).json()
  const confirmed = await post('/api/account/codes/confirm', { code: await formerTotpOf(secret) })
  cookie = cookiesOf(confirmed)
  wait(FRESH_MINUTES)
  const password = await post('/api/account/factor', { password: user.password })
  expect(password.json().code).toBe('second_factor_due')
  expect((await post('/api/account/factor', { code: '000000' })).json().code).toBe('code_wrong')
  expect(await get()).toBe('factor_due')
  const code = totpOf(secret)
  const given = await post('/api/account/factor', { code })
  expect(given.statusCode).toBe(204)
  cookie = cookiesOf(given)
  expect(await get()).toBe('done')
  expect((await post('/api/account/factor', { code })).json().code).toBe('code_wrong')
})

test('a passkey counts for the session that asked for it, and of its own account only', async () => {
  const device = authenticator()
  const made = (await post('/api/account/passkeys/options')).json()
  await post('/api/account/passkeys', { name: 'Clé', response: device.make(made.challenge, SITE) })
  wait(FRESH_MINUTES)
  // A found session adds no passkey of its own.
  const own = (await post('/api/account/passkeys/options')).json()
  const response = authenticator().make(own.challenge, SITE)
  expect((await post('/api/account/passkeys', { name: 'Autre', response })).json().code).toBe('factor_due')
  // A challenge of the sign-in page is not one of this session.
  const open = (await post('/api/auth/passkey-session/options', {}, '')).json()
  const foreign = await post('/api/account/factor', { passkey: device.answer(open.challenge, SITE) })
  expect(foreign.json().code).toBe('passkey_refused')
  const asked = (await post('/api/account/factor/options')).json()
  expect(asked.allowCredentials).toMatchObject([{ id: device.id }])
  const stranger = await post('/api/account/factor', {
    passkey: authenticator().answer(asked.challenge, SITE),
  })
  expect(stranger.json().code).toBe('passkey_refused')
  expect(await get()).toBe('factor_due')
  const given = await post('/api/account/factor', { passkey: device.answer(asked.challenge, SITE) })
  expect(given.statusCode).toBe(204)
  cookie = cookiesOf(given)
  expect(await get()).toBe('done')
})
