import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readEndpointGroups } from '../../scripts/operations.ts'
import { testDatabase } from '../../test/support/database.ts'
import { actorOf, testDeps } from '../../test/support/deps.ts'
import { idOf, phoneOf, sectorId, seedMembers, seedSchemes } from '../../test/support/fixtures.ts'
import { testServer } from '../../test/support/server.ts'
import type { AlertView } from '../alerts/contract.ts'
import { approveFollowUp } from '../alerts/follow-up/actions.ts'
import type { FollowUpView } from '../alerts/follow-up/contract.ts'
import { approveAlert } from '../alerts/order/broadcast.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import type { Auth } from '../identity/auth.ts'
import { type Permission, permissions } from '../permissions.ts'
import type { Database } from '../platform/db.ts'
import type { App } from '../platform/http/http.ts'

/**
 * Proves that nothing is sent that differs from the approved content, whatever endpoint is called before or after
 * the approval, by each role that may call it. test/contracts/access.test.ts proves that the others are refused.
 */

const SECTOR = { kind: 'sector', id: sectorId } as const
const TEXT = 'Vol à main armée à Issoire à 17h30. Ne pas intervenir.'
const draft = {
  text: TEXT,
  area: SECTOR,
  trades: ['tobacco-press'],
  doctrine: { offence: true, arrested: false, level: 'established' },
}
/** Content that differs from the approved one in every field; each call takes its own fields from it. */
const other = {
  ...draft,
  text: 'Vol à Clermont-Ferrand à 18h. Ne pas intervenir.',
  area: { kind: 'commune', code: '63113' },
  trades: [],
  doctrine: { offence: true, arrested: false, level: 'prevention' },
  lifetimeHours: 3,
  sender: 'AUTRE',
  simulated: false,
  severity: 'notice',
  categoryCode: 'counterfeit',
  communeCode: '63113',
  reason: 'doubt',
  note: 'Autre chose',
  verdict: 'justified',
  magistrateId: 'm-1',
  scope: 'Tout',
  kind: 'correction',
  outcome: 'nothing',
  thank: false,
  take: true,
  version: 1,
}

const DOCTRINE = '{"approval": [{"categories": "all", "severities": ["vital"]}]}'

let database: Database
let deps: Deps
let app: App
let clock = new Date('2026-03-12T17:30:00Z')
const ROLES = ['operator', 'chief', 'magistrate', 'chamber'] as const
type Role = (typeof ROLES)[number]
type Endpoint = readonly [method: string, path: string, callers: readonly Role[]]
let endpoints: readonly Endpoint[]

beforeAll(async () => {
  database = await testDatabase('postgres')
  await seedSchemes(database)
  await seedMembers(database.db, 'ac63', [
    { id: idOf(1), name: 'Tabac Chez Momo', phones: [phoneOf(1)] },
    { id: idOf(2), name: 'Bijoux Vernet', trade: 'jewellers', communeCode: '63113', phones: [phoneOf(2)] },
  ])
  for (const role of ROLES) {
    await sql`insert into "user" (id, name, email) values (${role}, ${role}, ${`${role}@example.org`})`.execute(
      database.db,
    )
    await sql`insert into grants (user_id, scheme_id, role) values (${role}, 'ac63', ${role})`.execute(
      database.db,
    )
  }
  await sql`update schemes set doctrine = ${DOCTRINE}::jsonb where id = 'ac63'`.execute(database.db)
  const auth: Auth = {
    signIn: () => Promise.reject(new AppError('wrong_credentials')),
    openSession: async () => [],
    awaitCode: async () => [],
    secondFactor: undefined as never,
    signOut: async () => [],
    changePassword: () => Promise.reject(new AppError('wrong_credentials')),
    renewSession: async () => [],
    async currentSession(headers) {
      const userId = /session_token=(\w+)/.exec(headers.get('cookie') ?? '')?.[1]
      return userId === undefined
        ? undefined
        : {
            userId,
            name: userId,
            sessionId: deps.newId(),
            factorAt: deps.now(),
            factor: 'demo',
            activeAt: new Date(),
            lockedAt: null,
            seenAt: deps.now(),
            provider: false,
          }
    },
  }
  deps = testDeps(database, { now: () => clock })
  app = await testServer(deps, { auth })
  const api = (await app.inject('/api/openapi.json')).json<{
    paths: Record<string, Record<string, Operation>>
    components: { schemas: Record<string, { readonly properties?: object }> }
  }>()
  for (const [path, methods] of Object.entries(api.paths))
    for (const [method, { requestBody }] of Object.entries(methods)) {
      const { $ref = '' } = requestBody?.content['application/json']?.schema ?? {}
      const { properties = {} } = api.components.schemas[$ref.slice('#/components/schemas/'.length)] ?? {}
      fields.set(`${method} ${path}`, Object.keys(properties))
    }
  endpoints = (await readEndpointGroups())
    .flatMap((group) => group.endpoints)
    .filter(({ method, path }) => method !== 'GET' && path.startsWith('/api/schemes/:scheme/'))
    .map(({ method, path, permission }) => [
      method.toLowerCase(),
      path.replaceAll(/:(\w+)/g, '{$1}'),
      ROLES.filter((role) => role in permissions[permission as Permission]),
    ])
})
afterAll(async () => {
  await app.close()
  await database.close()
})

interface Operation {
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema?: { readonly $ref?: string } }>>
  }
}

/** Body fields of each endpoint; others are refused. */
const fields = new Map<string, readonly string[]>()

function ownFields(method: string, path: string, body: object): object {
  const own = fields.get(`${method} ${path}`) ?? []
  return Object.fromEntries(Object.entries(body).filter(([key]) => own.includes(key)))
}

/** Before the approval, the magistrate only approves. */
const isMeddler = (role: Role) => role !== 'magistrate'

async function callApi(as: string, method: string, path: string, payload?: object) {
  const answer = await app.inject({
    method: method.toUpperCase() as 'POST',
    url: path.startsWith('/api') ? path : `/api/schemes/ac63${path}`,
    headers: { cookie: `tocsin.session_token=${as}` },
    ...(payload === undefined ? {} : { payload }),
  })
  return {
    status: answer.statusCode,
    body: (answer.body === '' ? {} : answer.json()) as Record<string, unknown>,
  }
}

/** Makes an alert that waits for its approval. Alerts are days apart, so that none is near another. */
async function submitAlert(): Promise<AlertView> {
  clock = new Date(clock.getTime() + 48 * 3_600_000)
  const report = await callApi('operator', 'post', '/reports', {
    categoryCode: 'robbery',
    communeCode: '63178',
  })
  const written = await callApi('operator', 'post', '/alerts', { ...draft, reportId: report.body.id })
  const answer = await callApi('operator', 'post', `/alerts/${written.body.id}/submit`, { version: 1 })
  expect(answer.body).toMatchObject({ state: 'submitted', contentHash: written.body.contentHash })
  return answer.body as AlertView
}

const approveByMagistrate = (alert: AlertView) =>
  callApi('magistrate', 'post', `/alerts/${alert.id}/approve`, { version: alert.version })

/** Reads the message of an alert as the engine will send it. */
async function readMessage(alertId: string, kind = 'first') {
  const { rows } = await sql<Record<string, unknown>>`
    select b.text, b.sender, b.simulated, b.content_hash, array_agg(d.phone order by d.phone) as phones
    from broadcasts b join deliveries d on d.scheme_id = b.scheme_id and d.broadcast_id = b.id
    where b.alert_id = ${alertId} and b.kind = ${kind} group by b.scheme_id, b.id`.execute(database.db)
  return rows
}

const approvedOf = (alert: AlertView) => ({
  text: `${TEXT} Réf. ${alert.reference}`,
  sender: 'ALERTE63',
  simulated: true,
  contentHash: alert.contentHash,
  phones: [phoneOf(1)],
})

const CORRECTION = 'Rectificatif : vol à Issoire à 17h10. Ne pas intervenir.'

/** Makes a correction of a sent alert that waits for its approval. */
async function submitCorrection(): Promise<{ alert: AlertView; followUp: FollowUpView; first: string }> {
  await sql`update schemes set doctrine = ${DOCTRINE}::jsonb where id = 'ac63'`.execute(database.db)
  const alert = (await approveByMagistrate(await submitAlert())).body as AlertView
  const first = alert.broadcasts[0]?.id ?? ''
  const answer = await callApi('operator', 'post', `/alerts/${alert.id}/follow-ups/submit`, {
    kind: 'correction',
    text: CORRECTION,
    after: first,
    key: deps.newId(),
  })
  expect(answer.status, JSON.stringify(answer.body)).toBe(201)
  const [followUp] = (answer.body as AlertView).followUps
  if (followUp === undefined) throw new Error('no follow-up')
  return { alert, followUp, first }
}

const approveCorrection = (alert: AlertView, followUp: FollowUpView) =>
  callApi('magistrate', 'post', `/alerts/${alert.id}/follow-ups/${followUp.id}/approve`, { version: 1 })

const correctionOf = (alert: AlertView, followUp: FollowUpView) => ({
  ...approvedOf(alert),
  text: `${CORRECTION} Réf. ${alert.reference}`,
  contentHash: followUp.contentHash,
})

function urlOf(path: string, alert: AlertView, followUpId = idOf(77)): string {
  return path
    .replace('{scheme}', 'ac63')
    .replace(/\/reports\/\{\w+\}/, `/reports/${alert.reportId}`)
    .replace(/\/alerts\/\{\w+\}/, `/alerts/${alert.id}`)
    .replace('{followUp}', followUpId)
    .replace(/\{no\}/g, '1')
    .replace(/\{\w+\}/g, idOf(77))
}

const endpointName = ([method, path]: Endpoint) => `${method} ${path.replace('/api/schemes/{scheme}', '')}`

/** Number of endpoints that are called on one submission at first. */
const TOGETHER = 32
/** Acts that decide on an alert, a report or a follow-up, or change it: most of them prevent the approval. */
const DECIDING =
  /(^put .*\/alerts\/\{id\}|\/alerts|\/(approve|discard|override|refuse|reject|return|stop|submit))$/

/**
 * Tries every endpoint. Acts that decide are called on a submission of their own; the others in groups on one submission. When
 * a group prevents the approval, halves of it are tried on other submissions, until each endpoint that prevents it was tried alone.
 * @param attempt calls some endpoints, and returns whether the approval succeeded after that; it checks what was sent, unless
 *   several endpoints prevented it
 */
async function tryEndpoints(attempt: (some: readonly Endpoint[]) => Promise<boolean>): Promise<void> {
  const tryTogether = async (some: readonly Endpoint[]): Promise<void> => {
    if ((await attempt(some)) || some.length === 1) return
    const half = some.length >> 1
    await tryTogether(some.slice(0, half))
    await tryTogether(some.slice(half))
  }
  const isDeciding = (one: Endpoint) => DECIDING.test(endpointName(one))
  const others = endpoints.filter((one) => !isDeciding(one))
  for (let n = 0; n < others.length; n += TOGETHER) await tryTogether(others.slice(n, n + TOGETHER))
  for (const one of endpoints.filter(isDeciding)) await attempt([one])
}

describe('between the submission and the approval', () => {
  test('no endpoint of the API makes anything but the submitted content be sent', async () => {
    const outcomes: Record<string, string> = {}
    const changeAlert = async (alert: AlertView, [method, path, callers]: Endpoint) => {
      for (const as of callers.filter(isMeddler)) {
        const meddled = await callApi(
          as,
          method,
          urlOf(path, alert),
          ownFields(method, path, { ...other, reportId: alert.reportId }),
        )
        expect(meddled.status, `${as} ${method} ${path}`).not.toBe(429)
        expect(meddled.status, `${as} ${method} ${path}`).toBeLessThan(500)
      }
    }
    await tryEndpoints(async (some) => {
      const alert = await submitAlert()
      for (const path of some) await changeAlert(alert, path)
      const answer = await approveByMagistrate(alert)
      if (some.length > 1 && answer.status !== 200) return false
      const what = some.map(endpointName).join(', ')
      const sent = await readMessage(alert.id)
      // A chief may have approved it or sent it without approval: then it was sent before, unchanged.
      if (answer.status === 200 || some.some(([, path]) => /\/(approve|override)$/.test(path))) {
        expect(sent, what).toEqual([approvedOf(alert)])
      } else {
        expect(answer.body.code, what).toMatch(
          /^(alert_changed|wrong_state|already_decided|doctrine_refused)$/,
        )
        expect(sent, what).toEqual([])
      }
      const outcome = String(answer.body.code ?? 'left')
      for (const path of some) outcomes[endpointName(path)] = outcome
      return outcome === 'left'
    })
    // The endpoints that change an alert did change it, and the approval noticed.
    expect(outcomes).toMatchObject({
      'post /alerts': 'wrong_state',
      'put /alerts/{id}': 'wrong_state',
      'post /alerts/{id}/discard': 'wrong_state',
      'post /reports/{id}/refuse': 'already_decided',
      'post /audience/preview': 'left',
    })
  })

  test('refuses the approval of a version that was changed and submitted again', async () => {
    const alert = await submitAlert()
    const { area, trades } = other
    const text = 'Vol à main armée à Issoire à 17h45. Ne pas intervenir.'
    await callApi('operator', 'put', `/alerts/${alert.id}`, { text, area, trades, version: 1 })
    await callApi('operator', 'post', `/alerts/${alert.id}/submit`, { version: 2 })
    expect((await approveByMagistrate(alert)).body.code).toBe('alert_changed')
    expect(await readMessage(alert.id)).toEqual([])
  })

  const anotherContent = {
    code: 'doctrine_refused',
    problems: [{ code: 'doctrine.changed_since_approval' }],
  }
  /** Changes that no endpoint makes, but the program or its administrator may. */
  test.each<[string, ReturnType<typeof sql>, ReturnType<typeof sql>, object?]>([
    [
      'another sender',
      sql`update schemes set sender = 'AUTRE63' where id = 'ac63'`,
      sql`update schemes set sender = 'ALERTE63' where id = 'ac63'`,
    ],
    [
      'a changed sector',
      sql`update sectors set commune_codes = '{63178,63113}' where id = ${sectorId}`,
      sql`update sectors set commune_codes = '{63178,63050}' where id = ${sectorId}`,
      { code: 'audience_changed' },
    ],
    [
      'another territory',
      sql`update schemes set territory = '{"kind":"region","code":"84"}' where id = 'ac63'`,
      sql`update schemes set territory = '{"kind":"departement","code":"63"}' where id = 'ac63'`,
    ],
    [
      'a text changed in the database without its version',
      sql`update alerts set text = 'Autre texte à Issoire à 17h. Ne pas intervenir.' where state = 'submitted'`,
      sql`select 1`,
    ],
    [
      'a level lowered in the database',
      sql`update alerts set doctrine = '{"offence":true,"arrested":false,"level":"prevention"}' where state = 'submitted'`,
      sql`select 1`,
    ],
    ['another severity', sql`update alerts set severity = 'notice' where state = 'submitted'`, sql`select 1`],
  ])('refuses the approval after a change: %s', async (_, meddle, undo, refusal = anotherContent) => {
    const alert = await submitAlert()
    await meddle.execute(database.db)
    try {
      const answer = await approveByMagistrate(alert)
      expect(answer.body).toMatchObject(refusal)
      expect(await readMessage(alert.id)).toEqual([])
    } finally {
      await undo.execute(database.db)
    }
    await sql`update alerts set state = 'discarded' where id = ${alert.id}`.execute(database.db)
  })

  test('does not send a simulated alert by a route to real phones', async () => {
    const alert = await submitAlert()
    const gateways = deps.config.gateways.map(
      (gateway) => ({ ...gateway, simulated: false }) as (typeof deps.config.gateways)[number],
    )
    const real = { ...deps, config: { ...deps.config, gateways } }
    const actor = actorOf('magistrate', 'ac63')
    await expect(approveAlert(real, actor, 'ac63', alert.id, { version: 1 })).rejects.toMatchObject({
      code: 'no_route',
    })
    expect(await readMessage(alert.id)).toEqual([])
  })
})

describe('after the approval', () => {
  test('no endpoint of the API changes what is sent', async () => {
    const alert = await submitAlert()
    expect((await approveByMagistrate(alert)).status).toBe(200)
    for (const [method, path, callers] of endpoints) {
      for (const as of callers) {
        const answer = await callApi(
          as,
          method,
          urlOf(path, alert),
          ownFields(method, path, { ...other, reportId: alert.reportId }),
        )
        expect(answer.status, `${as} ${method} ${path}`).not.toBe(429)
        expect(answer.status, `${as} ${method} ${path}`).toBeLessThan(500)
        expect(await readMessage(alert.id), `${as} ${method} ${path}`).toEqual([approvedOf(alert)])
      }
    }
  })

  test('the database refuses to change its content', async () => {
    const alert = await submitAlert()
    await approveByMagistrate(alert)
    for (const change of [
      sql`text = 'Autre'`,
      sql`sender = 'AUTRE'`,
      sql`content_hash = 'x'`,
      sql`simulated = false`,
    ]) {
      await expect(
        sql`update broadcasts set ${change} where alert_id = ${alert.id}`.execute(database.db),
      ).rejects.toThrow(/content of a broadcast is fixed|violates/)
    }
  })
})

describe('a follow-up submitted for approval', () => {
  /** Fields for every call, including those that replace the waiting follow-up. */
  const otherOf = ({ alert, followUp, first }: Awaited<ReturnType<typeof submitCorrection>>) => ({
    ...other,
    reportId: alert.reportId,
    after: first,
    key: deps.newId(),
    replaces: { id: followUp.id, version: 1 },
  })

  test('no endpoint of the API makes anything but the submitted content be sent before the approval', async () => {
    const outcomes: Record<string, string> = {}
    await tryEndpoints(async (some) => {
      const what = some.map(endpointName).join(', ')
      const submission = await submitCorrection()
      const { alert, followUp } = submission
      for (const [method, path, callers] of some) {
        for (const as of callers.filter(isMeddler)) {
          const address = urlOf(path, alert, followUp.id)
          const meddled = await callApi(as, method, address, ownFields(method, path, otherOf(submission)))
          expect(meddled.status, `${as} ${method} ${path}`).not.toBe(429)
          expect(meddled.status, `${as} ${method} ${path}: ${JSON.stringify(meddled.body)}`).toBeLessThan(500)
        }
      }
      const ends = (tail: string) => some.some(([, path]) => path.endsWith(tail))
      const answer = await approveCorrection(alert, followUp)
      if (some.length > 1 && answer.status !== 200) return false
      const sent = await readMessage(alert.id, 'correction')
      if (ends('/follow-ups/override')) {
        // A chief sent their own follow-up instead: it is recorded under their name and must be reviewed.
        expect(answer.body.code).toBe('wrong_state')
        expect(sent.map(({ contentHash }) => contentHash)).not.toContain(followUp.contentHash)
        const view = (await callApi('magistrate', 'get', `/alerts/${alert.id}`)).body.alert as AlertView
        expect(view.followUps[0]?.approval).toMatchObject({ decision: 'overridden', review: 'open' })
      } else if (answer.status === 200 || ends('/follow-ups/{followUp}/approve')) {
        expect(sent, what).toEqual([correctionOf(alert, followUp)])
      } else {
        expect(answer.body.code, what).toMatch(
          /^(alert_changed|wrong_state|not_found|empty_audience|doctrine_refused)$/,
        )
        expect(sent, what).toEqual([])
      }
      const outcome = String(answer.body.code ?? 'left')
      for (const path of some) outcomes[endpointName(path).replace('/alerts/{id}', '')] = outcome
      return outcome === 'left'
    })
    // The endpoints that write a follow-up did write, and the approval noticed; only the override was refused.
    expect(outcomes).toMatchObject({
      'post /follow-ups': 'left',
      'post /follow-ups/submit': 'alert_changed',
      'post /follow-ups/override': 'wrong_state',
      'post /follow-ups/{followUp}/approve': 'wrong_state',
      'post /follow-ups/{followUp}/return': 'wrong_state',
      'post /follow-ups/{followUp}/discard': 'not_found',
    })
  })

  test('no endpoint of the API changes what is sent after the approval', async () => {
    const submission = await submitCorrection()
    const { alert, followUp } = submission
    expect((await approveCorrection(alert, followUp)).status).toBe(200)
    for (const [method, path, callers] of endpoints) {
      for (const as of callers) {
        const address = urlOf(path, alert, followUp.id)
        const answer = await callApi(as, method, address, ownFields(method, path, otherOf(submission)))
        expect(answer.status, `${as} ${method} ${path}`).not.toBe(429)
        expect(answer.status, `${as} ${method} ${path}`).toBeLessThan(500)
        expect(await readMessage(alert.id, 'correction'), `${as} ${method} ${path}`).toEqual([
          correctionOf(alert, followUp),
        ])
      }
    }
  })

  test.each<[string, (of: { alert: AlertView; followUp: FollowUpView }) => ReturnType<typeof sql>]>([
    [
      'a text changed in the database',
      ({ followUp }) =>
        sql`update follow_ups set text = 'Autre. Ne pas intervenir.' where id = ${followUp.id}`,
    ],
    [
      'a level lowered in the database',
      ({ followUp }) => sql`update follow_ups set level = 'prevention' where id = ${followUp.id}`,
    ],
    [
      'another kind of follow-up',
      ({ followUp }) => sql`update follow_ups set kind = 'update' where id = ${followUp.id}`,
    ],
    [
      'a mark of each recipient switched on',
      ({ alert }) => sql`update alerts set traced = true where id = ${alert.id}`,
    ],
  ])('refuses the approval after a change: %s', async (_, change) => {
    const { alert, followUp } = await submitCorrection()
    await change({ alert, followUp }).execute(database.db)
    const answer = await approveCorrection(alert, followUp)
    expect(answer.body).toMatchObject({ code: 'doctrine_refused' })
    expect((answer.body.problems as { code: string }[]).map(({ code }) => code)).toContain(
      'doctrine.changed_since_approval',
    )
    expect(await readMessage(alert.id, 'correction')).toEqual([])
  })

  test('does not send a simulated follow-up by a route to real phones', async () => {
    const { alert, followUp } = await submitCorrection()
    const gateways = deps.config.gateways.map(
      (gateway) => ({ ...gateway, simulated: false }) as (typeof deps.config.gateways)[number],
    )
    const real = { ...deps, config: { ...deps.config, gateways } }
    const of = { alertId: alert.id, followUpId: followUp.id }
    await expect(
      approveFollowUp(real, actorOf('magistrate', 'ac63'), 'ac63', of, { version: 1 }),
    ).rejects.toMatchObject({ code: 'no_route' })
    expect(await readMessage(alert.id, 'correction')).toEqual([])
  })
})
