import { afterAll, beforeAll, expect, test } from 'vitest'
import { readEndpointGroups } from '../../../scripts/operations.ts'
import { testDatabase } from '../../../test/support/database.ts'
import { actorOf, noteJobs, testDeps } from '../../../test/support/deps.ts'
import {
  agencyId,
  established,
  idOf,
  phoneOf,
  seedMembers,
  seedSchemes,
} from '../../../test/support/fixtures.ts'
import { cookiesOf, openAccount, testServer } from '../../../test/support/server.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { HOUR_MS } from '../../message/clock.ts'
import { disablePerson } from '../../people/closing.ts'
import { removeRole } from '../../people/roles/roles.ts'
import { endPersonSessions } from '../../people/sessions.ts'
import { type Database, inScheme } from '../../platform/db.ts'
import type { App } from '../../platform/http/http.ts'
import { createReport } from '../../reports/actions.ts'
import { createAlert } from '../compose/draft.ts'
import { broadcastAlert } from '../order/broadcast.ts'
import { closeWall, findDisplayActor, listWalls, openWall, readWall } from './actions.ts'

const operator = actorOf('operator', 'ac63', { agencyId })
let clock = new Date('2026-03-12T17:30:00Z')
let database: Database
let deps: Deps
let app: App

beforeAll(async () => {
  database = await testDatabase('postgres')
  await seedSchemes(database)
  await seedMembers(database.db, 'ac63', [{ id: idOf(1), name: 'Tabac du Centre', phones: [phoneOf(1)] }])
  deps = testDeps(database, { now: () => clock, jobs: noteJobs() })
  app = await testServer(deps)
})
afterAll(async () => {
  await app.close()
  await database.close()
})

const call = (over: object = {}) =>
  createReport(deps, operator, 'ac63', { categoryCode: 'counterfeit', communeCode: '63178', ...over })

/** Reads the view as the browser with this token, or none, does. @throws AppError `not_signed_in` without an open display */
async function readBy(token: string | undefined) {
  const display = await findDisplayActor(deps, token)
  if (display === undefined) throw new AppError('not_signed_in')
  return readWall(deps, display)
}

/** Actions on wall displays in the audit log, in order. */
const recorded = () =>
  inScheme(database.db, 'ac63', (tx) =>
    tx
      .selectFrom('auditEntries')
      .select(['action', 'actor', 'subject'])
      .where('action', 'like', 'wall.%')
      .orderBy('seq')
      .execute(),
  )

test('shows categories, communes, states and counts, and nothing that may identify a person', async () => {
  const sent = await call()
  const draft = await createAlert(deps, operator, 'ac63', {
    reportId: sent.id,
    text: 'Faux billets à Issoire. Soyez vigilants.',
    area: { kind: 'commune', code: '63178' },
    trades: [],
    doctrine: established,
  })
  await broadcastAlert(deps, operator, 'ac63', draft.id, { version: 1, confirmNear: [] })
  const said = {
    callerName: 'Mme Petit',
    callerPhone: phoneOf(7),
    place: 'chez M. Durand, 3 rue du Pont',
    facts: 'un homme nommé Paul',
  }
  await call(said)
  const { token } = await openWall(deps, operator, 'ac63')
  const view = await readBy(token)
  expect(view).toMatchObject({
    waiting: 1,
    inProgress: 1,
    submitted: 0,
    lastDay: 1,
    alerts: [{ commune: 'Issoire', exercise: false, progress: { planned: 1, delivered: 0 } }],
    reports: [{ commune: 'Issoire', claimed: false, calledAt: '2026-03-12T17:30:00.000Z' }],
    expiresAt: new Date(clock.getTime() + 12 * HOUR_MS).toISOString(),
  })
  const shown = JSON.stringify(view)
  for (const text of [...Object.values(said), 'Durand', 'Soyez', operator.name, draft.reference, 'Tabac'])
    expect(shown).not.toContain(text)
})

test('its cookie reads the wall and nothing else, and cannot change anything', async () => {
  const mail = 'wall@demo.invalid'
  const account = await openAccount(deps, { mail, name: 'Claire', schemeId: 'ac63', role: 'operator' })
  const session = cookiesOf(
    await app.inject({
      method: 'POST',
      url: '/api/auth/sign-in/email',
      payload: { email: mail, password: account.password },
    }),
  )
  const opened = await app.inject({
    method: 'POST',
    url: '/api/schemes/ac63/walls',
    headers: { cookie: session },
    payload: {},
  })
  expect(opened.statusCode).toBe(201)
  expect(String(opened.headers['set-cookie'])).toMatch(
    /Path=\/api\/wall; Max-Age=43200; HttpOnly; SameSite=Strict/,
  )
  expect(opened.body).not.toContain(opened.cookies[0]?.value)
  const cookie = cookiesOf(opened)
  expect((await app.inject({ url: '/api/wall', headers: { cookie } })).statusCode).toBe(200)
  expect((await app.inject({ url: '/api/wall', headers: { cookie: session } })).json()).toMatchObject({
    code: 'not_signed_in',
  })
  const endpoints = (await readEndpointGroups()).flatMap((group) => group.endpoints)
  const closed = endpoints.filter(({ permission }) => permission !== 'public' && permission !== 'wall')
  expect(closed.length).toBeGreaterThan(200)
  for (const { method, path } of closed) {
    const url = path.replaceAll(':scheme', 'ac63').replaceAll(/:\w+/g, idOf(1))
    const answer = await app.inject({
      method,
      url,
      headers: { cookie },
      ...(method === 'GET' ? {} : { payload: {} }),
    })
    expect(answer.statusCode, `${method} ${path}`).toBe(401)
  }
})

test('is opened once by a request that is sent again, whose answer has another token', async () => {
  const first = await openWall(deps, operator, 'ac63', { id: idOf(77) })
  const again = await openWall(deps, operator, 'ac63', { id: idOf(77) })
  expect(again.display).toEqual(first.display)
  await readBy(again.token)
  await expect(readBy(first.token)).rejects.toMatchObject({ code: 'not_signed_in' })
  const open = (await listWalls(deps, operator, 'ac63')).displays.filter(({ id }) => id === idOf(77))
  expect(open).toHaveLength(1)
  await closeWall(deps, operator, 'ac63', idOf(77))
  await expect(openWall(deps, operator, 'ac63', { id: idOf(77) })).rejects.toMatchObject({ code: 'id_taken' })
})

test('ends when it is closed, after 12 hours, and for any other scheme or token', async () => {
  const chamber = actorOf('chamber', 'ac63')
  await expect(openWall(deps, chamber, 'ac63')).rejects.toMatchObject({ code: 'forbidden' })
  await expect(openWall(deps, operator, 'ac39')).rejects.toMatchObject({ code: 'unknown_scheme' })
  const before = (await recorded()).length
  const first = await openWall(deps, operator, 'ac63')
  const second = await openWall(deps, operator, 'ac63')
  expect((await listWalls(deps, operator, 'ac63')).displays.map(({ id }) => id)).toEqual(
    expect.arrayContaining([first.display.id, second.display.id]),
  )
  const refused = { code: 'not_signed_in' }
  for (const token of [undefined, first.token.replace('ac63', 'ac39'), `ac63.${'x'.repeat(43)}`])
    await expect(readBy(token)).rejects.toMatchObject(refused)

  await closeWall(deps, operator, 'ac63', first.display.id)
  await closeWall(deps, operator, 'ac63', first.display.id)
  await expect(readBy(first.token)).rejects.toMatchObject(refused)
  await expect(closeWall(deps, operator, 'ac63', idOf(99))).rejects.toMatchObject({ code: 'not_found' })
  await readBy(second.token)
  expect((await recorded()).slice(before)).toEqual([
    { action: 'wall.open', actor: `user:${operator.userId}`, subject: `wall:${first.display.id}` },
    { action: 'wall.open', actor: `user:${operator.userId}`, subject: `wall:${second.display.id}` },
    { action: 'wall.close', actor: `user:${operator.userId}`, subject: `wall:${first.display.id}` },
  ])

  clock = new Date(clock.getTime() + 12 * HOUR_MS)
  await expect(readBy(second.token)).rejects.toMatchObject(refused)
  expect((await listWalls(deps, operator, 'ac63')).displays).toEqual([])
})

test('ends with the sessions, the role and the account of the person that opened it', async () => {
  const system = { kind: 'system', name: 'cli' } as const
  const open = async (name: string) => {
    const account = await openAccount(deps, {
      mail: `${name}@demo.invalid`,
      name,
      schemeId: 'ac63',
      role: 'operator',
    })
    const actor = { ...operator, userId: account.userId }
    return { userId: account.userId, actor, token: (await openWall(deps, actor, 'ac63')).token }
  }
  const [ended, removed, disabled, other] = [
    await open('ended'),
    await open('removed'),
    await open('disabled'),
    await open('other'),
  ]
  const of = ({ userId }: { userId: string }) => ({ schemeId: 'ac63', userId })
  await endPersonSessions(deps, system, of(ended))
  await removeRole(deps, system, of(removed), { role: 'operator' })
  await disablePerson(deps, system, of(disabled))
  for (const { token } of [ended, removed, disabled])
    await expect(readBy(token)).rejects.toMatchObject({ code: 'not_signed_in' })
  // One session of several is not all of them.
  await endPersonSessions(deps, system, of(other), { id: 'of-another-device' })
  expect(await readBy(other.token)).toMatchObject({ inProgress: expect.any(Number) })
})
