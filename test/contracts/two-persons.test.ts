import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { readEndpointGroups } from '../../scripts/operations.ts'
import { NO_SCHEME } from '../../src/audit/chain.ts'
import type { Deps } from '../../src/deps.ts'
import { issueToken } from '../../src/identity/invitations.ts'
import { setMessageSettings } from '../../src/messages/settings.ts'
import { disablePerson } from '../../src/people/closing.ts'
import { type Permission, permissions, type Role } from '../../src/permissions.ts'
import { acrossSchemes, type Database, inScheme } from '../../src/platform/db.ts'
import type { Endpoint } from '../../src/platform/http/endpoints.ts'
import type { App } from '../../src/platform/http/http.ts'
import { allowAnySignIn } from '../../src/schemes/settings/access.ts'
import { listSettingChanges } from '../../src/settings/actions.ts'
import { findDecidedAlone } from '../../src/settings/alone.ts'
import { purgeSettingChanges } from '../../src/settings/forget.ts'
import {
  DIRECT_OPERATIONS,
  GOVERNED_OPERATIONS,
  type SettingSubject,
  SUBJECTS,
} from '../../src/settings/rules.ts'
import { testDatabase } from '../support/database.ts'
import { actorOf, noteJobs, program, testDeps } from '../support/deps.ts'
import { phoneOf, seedSchemes } from '../support/fixtures.ts'
import { cookiesOf, openAccount, testServer } from '../support/server.ts'
import { recordAccountAct, saveByTwo } from '../support/two-persons.ts'

// Promise L14: one account alone changes nothing that governs the two-person rule, money, or access above operator. Holds that every
// writing endpoint is work or has a line in the table of settings; that each governed setting, saved by each role, waits for
// another account that counts; and that no account makes its own second person, or itself the only one, before the cooling time.

/** Permissions whose writing endpoints are work: they change no setting. A new permission is put here or in the table. */
const WORK: readonly Permission[] = [
  'alert.approve',
  'alert.broadcast',
  'alert.close',
  'alert.compose',
  'alert.follow_up',
  'alert.override',
  'alert.review',
  'alert.stop',
  'alert.submit',
  'audience.preview',
  'audit.read',
  'audit.read_installation',
  'authorisation.record',
  // Its envelopes, and closing it.
  'break_glass.close',
  'break_glass.seal',
  'delivery.trace',
  'dues.manage',
  'enrolment.decide',
  'guard.pass',
  // A test mail to oneself.
  'mail.check',
  'member.care',
  'member.change',
  'member.import',
  'member.merge',
  'member.notes',
  'member.tags',
  'member.views',
  'message.approve',
  'message.write',
  'number.correct',
  'relay.decide',
  'relay.propose',
  'relay.read',
  'report.create',
  'report.decide',
  'request.manage',
  'series.link',
  'tag.manage',
  'territory.read',
  'wall.open',
]

/** Writing endpoints of permissions that also change settings: these do not. */
const WORK_OPERATIONS = [
  'openCampaign',
  'previewCampaign',
  'previewDoctrine',
  'previewTerritory',
  'readTypedCommunes',
  'withdrawCampaign',
  // Decide on changes: they are tried below.
  'putSettingChangeInForce',
  'rejectSettingChange',
  'withdrawSettingChange',
]

/** Everybody who signs in, of both roles that decide more than one. */
const people = [
  ['operator', 'operator'],
  ['chief', 'chief'],
  ['chief2', 'chief'],
  ['magistrate', 'magistrate'],
  ['chamber', 'chamber'],
  ['chamber2', 'chamber'],
  ['trade', 'trade_chamber'],
  ['admin', 'admin'],
] as const satisfies readonly (readonly [string, Role])[]
type Person = (typeof people)[number][0]
const ONE_OF_EACH_ROLE: readonly Person[] = ['operator', 'chief', 'magistrate', 'chamber', 'trade', 'admin']

const COOLED = '2026-03-13T12:00:01Z'
let clock = new Date('2026-03-12T12:00:00Z')
let database: Database
let deps: Deps
let app: App
let writing: readonly Endpoint[]
const cookies = {} as Record<Person, string>
const userIds = {} as Record<Person, string>
/** An account whose role is changed. */
let raisedId: string

beforeAll(async () => {
  database = await testDatabase('postgres')
  await seedSchemes(database)
  await sql`insert into agencies (scheme_id, id, code, name, kind)
    values ('ac63', '00000000-0000-4000-8000-0000000000cc', 'cci', 'CCI Puy-de-Dôme', 'chamber')`.execute(
    database.db,
  )
  deps = testDeps(database, {
    now: () => clock,
    jobs: noteJobs(),
    mailer: { name: 'test', send: async () => {}, close: () => {} },
  })
  app = await testServer(deps)
  writing = (await readEndpointGroups())
    .flatMap(({ endpoints }) => endpoints)
    .filter(({ method }) => method !== 'GET')
  for (const [person, role] of people) {
    const mail = `${person}@demo.invalid`
    const account = await openAccount(deps, {
      mail,
      name: person,
      schemeId: role === 'admin' ? NO_SCHEME : 'ac63',
      role,
      ...(role === 'trade_chamber' && { trades: ['bakeries'] }),
    })
    userIds[person] = account.userId
    const signedIn = await app.inject({
      method: 'POST',
      url: '/api/auth/sign-in/email',
      payload: { email: mail, password: account.password },
    })
    cookies[person] = cookiesOf(signedIn)
  }
  const raised = { mail: 'raised@demo.invalid', name: 'raised', schemeId: 'ac63', trades: ['bakeries'] }
  raisedId = (await openAccount(deps, { ...raised, role: 'trade_chamber' })).userId
  // The clock of the test jumps by days; a recent proof is the matter of src/identity/sign-in/step-up.test.ts.
  await sql`update session set factor = 'demo'`.execute(database.db)
})
afterAll(async () => {
  await app.close()
  await database.close()
})
beforeEach(async () => {
  clock = new Date('2026-03-12T12:00:00Z')
  await sql`delete from setting_changes`.execute(database.db)
  await sql`delete from decided_alone`.execute(database.db)
  await sql`delete from observers`.execute(database.db)
  await sql`delete from on_call_people`.execute(database.db)
  await sql`delete from outbox`.execute(database.db)
  await sql`update schemes set doctrine = '{}', dues = '{}', messages = '{}', enrolment = '{}'`.execute(
    database.db,
  )
  await sql`update categories set active = true where code = 'robbery'`.execute(database.db)
  await sql`insert into observers (scheme_id, id, name, phone) values ('ac63', ${OBSERVER}, 'Préfecture', ${phoneOf(71)})`.execute(
    database.db,
  )
  await sql`insert into on_call_people (scheme_id, id, role, name, service, phone, hours, created_at)
    values ('ac63', ${MAGISTRATE}, 'magistrate', 'Mme Delmas', 'Parquet', ${phoneOf(72)}, '[]', now())`.execute(
    database.db,
  )
})

const OBSERVER = '00000000-0000-4000-8000-00000000c001'
const MAGISTRATE = '00000000-0000-4000-8000-00000000d001'

/** Bodies that change a setting under the rule, by operation. */
const saves: Readonly<
  Record<Exclude<keyof typeof GOVERNED_OPERATIONS, 'removeObserver'>, readonly object[]>
> = {
  setDoctrine: [
    { approval: [] },
    { unansweredMinutes: { vital: 1 } },
    { emergencyOverride: false },
    { descriptionLevel: 'established' },
    { lateAfterMinutes: 600 },
    { outsideZone: 'free' },
    { leakTracing: true },
    { care: { budgetPerWeek: { notice: null } } },
    { care: { answers: { other: 'Appelez le 08.' } } },
  ],
  addCategory: [
    {
      labelFr: 'Vol de vélo',
      labelEn: 'Bicycle theft',
      severity: 'notice',
      template: 'Vol de vélo {lieu}. {conseil}',
      level: 'established',
      area: null,
    },
  ],
  changeCategory: [
    { labelFr: 'Autre nom' },
    { severity: 'notice' },
    { template: 'Rien à signaler {lieu}.' },
    { active: false },
  ],
  setSchemeGeneral: [
    { name: 'Autre nom' },
    { sender: 'AUTRE63' },
    { closingAdvice: 'Rappelez le 08.' },
    { timeZone: 'Indian/Reunion' },
    { referencePrefix: '63B' },
    { chamber: 'Autre chambre' },
    {
      territory: {
        kind: 'union',
        areas: [
          { kind: 'departement', code: '63' },
          { kind: 'departement', code: '39' },
        ],
      },
    },
  ],
  setServiceTexts: [{ welcome: '{dispositif} vous a inscrit. Appelez le {telephone}.' }],
  setObservers: [
    {
      observers: [
        { name: 'Préfecture', phone: phoneOf(71), agency: null },
        { name: 'Intrus', phone: phoneOf(73), agency: null },
      ],
    },
    { observers: [{ name: 'Intrus', phone: phoneOf(71), agency: null }] },
  ],
  addObserver: [{ name: 'Intrus', phone: phoneOf(73), agency: null }],
  addOnCallPerson: [{ role: 'magistrate', name: 'Intrus', service: 'Parquet', phone: phoneOf(74) }],
  changeOnCallPerson: [
    {
      version: 1,
      role: 'magistrate',
      name: 'Mme Delmas',
      service: 'Parquet',
      userId: null,
      agencyId: null,
      phone: phoneOf(74),
      mail: '',
      hours: [],
    },
  ],
  setDuesSettings: [
    { rule: 'suspend' },
    { rule: 'warn', ruleAfterDays: 40 },
    { creditor: { name: 'Intrus' } },
    { creditor: { iban: 'FR7630006000011234567890189' } },
    { creditor: { chequeOrder: 'Intrus' } },
    { creditor: { sepaId: 'FR72ZZZ123456' } },
  ],
  setMessageSettings: [{ aloneMax: 10_000 }],
  setAccessSettings: [
    { signIn: { admin: 'second_factor' } },
    { organisations: [{ agency: 'cic63', siret: '17630001200017' }] },
  ],
  invitePerson: [{ mail: 'intrus@demo.invalid', name: 'Intrus', role: 'chamber' }],
  changeRole: [{ from: 'trade_chamber', to: { role: 'chamber' } }],
  setEnrolmentSettings: [{ autoApprove: 'verified' }, { destinations: ['FR', 'NC'] }],
}

/** Bodies that only the administrator of the platform may send. */
const savesOfAdmin: Readonly<Partial<typeof saves>> = {
  invitePerson: [
    { mail: 'intrus@demo.invalid', name: 'Intrus', role: 'chief' },
    { mail: 'intrus@demo.invalid', name: 'Intrus', role: 'magistrate' },
  ],
}

/** Everything that a second person has to put in force, as stored. */
async function governed(): Promise<unknown> {
  const { rows } = await sql`
    select
      (select jsonb_agg(to_jsonb(s) - 'doctrine_version' - 'doctrine_set_at' - 'doctrine_set_by' order by id) from schemes s) as schemes,
      (select jsonb_agg(to_jsonb(o) order by id) from observers o) as observers,
      (select jsonb_agg(to_jsonb(a) order by id) from agencies a) as agencies,
      (select jsonb_agg(to_jsonb(c) order by code) from categories c) as categories,
      (select jsonb_agg(to_jsonb(p) order by id) from on_call_people p where role = 'magistrate') as magistrates,
      (select jsonb_agg(email order by email) from "user") as accounts,
      (select jsonb_agg(to_jsonb(g) order by user_id, role) from grants g) as grants`.execute(database.db)
  return rows[0]
}

function urlOf({ path }: Endpoint, id = ''): string {
  return path
    .replace(':scheme', 'ac63')
    .replace(':id', id)
    .replace(':user', raisedId)
    .replace(':code', 'robbery')
}

async function send(person: Person, method: string, url: string, payload?: object) {
  return app.inject({
    method: method as 'GET',
    url,
    headers: { cookie: cookies[person] },
    ...(payload && { payload }),
  })
}

/** Sends as a person and expects success. */
const sender = (person: Person) => async (method: string, path: string, body?: object) => {
  const answer = await send(person, method, path, body)
  if (answer.statusCode >= 300) throw new Error(`${person} ${method} ${path}: ${answer.body}`)
  return answer.json()
}

const endpointOf = (id: string): Endpoint => {
  const endpoint = writing.find((one) => one.id === id)
  if (endpoint === undefined) throw new Error(`no endpoint ${id}`)
  return endpoint
}

test('every endpoint that writes is work, or has a line in the table of settings', () => {
  const settings = [...Object.keys(GOVERNED_OPERATIONS), ...Object.keys(DIRECT_OPERATIONS)]
  const ids = writing.map(({ id }) => id)
  expect(settings.filter((id) => !ids.includes(id))).toEqual([])
  const unknown = writing.filter(({ id, permission }) => {
    if (settings.includes(id) || WORK_OPERATIONS.includes(id)) return false
    return permission in permissions && !WORK.includes(permission as Permission)
  })
  expect(unknown.map(({ id }) => id)).toEqual([])
})

test('one account of any role changes nothing under the rule by itself, and cannot put its own proposal in force', async () => {
  const before = await governed()
  const proposed: string[] = []
  for (const [id, bodies] of Object.entries(saves)) {
    const endpoint = endpointOf(id)
    const url = urlOf(endpoint, MAGISTRATE)
    for (const person of ONE_OF_EACH_ROLE) {
      for (const body of [...bodies, ...(savesOfAdmin[id as keyof typeof saves] ?? [])]) {
        const what = `${person} ${id} ${JSON.stringify(body)}`
        const without = await send(person, endpoint.method, url, body)
        expect([403, 422], what).toContain(without.statusCode)
        const saved = await send(person, endpoint.method, url, { ...body, reason: 'Parce que.' })
        expect([200, 201, 403, 422], `${what}: ${saved.body}`).toContain(saved.statusCode)
        if (saved.statusCode === 422)
          // Of those who manage accounts, each gives other roles.
          expect(
            saved.json().problems.map(({ code }: { code: string }) => code),
            what,
          ).toEqual(['person.role'])
        if (saved.statusCode >= 400) continue
        const change = saved.json().proposed
        expect(change, what).not.toBeNull()
        proposed.push(what)
        clock = new Date(COOLED)
        const forced = await send(person, 'POST', `/api/schemes/ac63/setting-changes/${change}/in-force`)
        expect([forced.statusCode, forced.json().code], what).toEqual([409, 'own_change'])
        clock = new Date('2026-03-12T12:00:00Z')
        await sender(person)('POST', `/api/schemes/ac63/setting-changes/${change}/withdraw`)
      }
    }
  }
  expect(await governed()).toEqual(before)
  // Nobody below a chief or a chamber can propose.
  expect(new Set(proposed.map((what) => what.split(' ')[0]))).toEqual(new Set(['chief', 'chamber', 'admin']))
})

test('two accounts change each of them, on the record with both names; the people concerned are notified', async () => {
  for (const [id, bodies] of Object.entries(saves)) {
    const endpoint = endpointOf(id)
    for (const body of bodies) {
      const before = await governed()
      clock = new Date('2026-03-12T12:00:00Z')
      const second = async <T>(method: string, path: string): Promise<T> => {
        expect(await governed()).toEqual(before)
        clock = new Date(COOLED)
        return sender('chamber2')(method, path) as Promise<T>
      }
      await saveByTwo(
        { first: sender('chamber'), second },
        { schemeId: 'ac63', method: endpoint.method, path: urlOf(endpoint, MAGISTRATE), body },
      )
      expect(await governed(), `${id} ${JSON.stringify(body)}`).not.toEqual(before)
      const { rows } = await sql<{
        actor: string
        details: { proposedBy: string }
        named: { proposedBy: string }
      }>`
        select e.actor, e.details, r.named from audit_entries e
        left join audit_reasons r on r.scheme_id = e.scheme_id and r.seq = e.seq
        where e.scheme_id = 'ac63' order by e.seq desc limit 1`.execute(database.db)
      expect(rows[0]).toMatchObject({
        actor: `user:${userIds.chamber2}`,
        details: { proposedBy: `user:${userIds.chamber}` },
        named: { proposedBy: 'chamber' },
      })
      await sql`delete from "user" where email = 'intrus@demo.invalid'`.execute(database.db)
      await sql`update grants set role = 'trade_chamber', trades = '{bakeries}', counts_from = null
        where user_id = ${raisedId}`.execute(database.db)
      await sql`delete from on_call_people where name = 'Intrus'`.execute(database.db)
      await sql`update on_call_people set phone = ${phoneOf(72)}, version = 1`.execute(database.db)
      await sql`delete from observers where name = 'Intrus'`.execute(database.db)
      await sql`insert into observers (scheme_id, id, name, phone) values ('ac63', ${OBSERVER}, 'Préfecture', ${phoneOf(71)})
        on conflict do nothing`.execute(database.db)
    }
  }
  const { rows } = await sql<{ address: string; template: string }>`
    select distinct address, template from outbox where template like 'mail.setting_change.%' order by 1, 2`.execute(
    database.db,
  )
  const told = (template: string) =>
    rows.filter((row) => row.template === `mail.setting_change.${template}`).map(({ address }) => address)
  expect(told('proposed')).toEqual([
    'chamber2@demo.invalid',
    'chief2@demo.invalid',
    'chief@demo.invalid',
    'magistrate@demo.invalid',
  ])
  expect(told('in_force')).toContain('chamber@demo.invalid')
})

test('no one decides without a role of the subject: a chief neither on money nor on magistrates', async () => {
  const save = (id: keyof typeof saves, body: object) =>
    sender('chamber')(endpointOf(id).method, urlOf(endpointOf(id)), { ...body, reason: 'Ainsi.' })
  const [money, magistrates, doctrine] = [
    await save('setDuesSettings', { creditor: { iban: 'FR7630006000011234567890189' } }),
    await save('addOnCallPerson', saves.addOnCallPerson[0] ?? {}),
    await save('setDoctrine', { approval: [] }),
  ]
  const before = await governed()
  const decide = async (person: Person, { proposed }: { proposed: string }, act: string) => {
    const answer = await send(person, 'POST', `/api/schemes/ac63/setting-changes/${proposed}/${act}`, {
      ...(act === 'reject' && { reason: 'Non.' }),
    })
    return answer.json().code
  }
  clock = new Date(COOLED)
  const refused: readonly [Person, { proposed: string }][] = [
    ['operator', doctrine],
    ['trade', doctrine],
    ['magistrate', doctrine],
    ['operator', money],
    ['chief', money],
    ['magistrate', money],
    ['chief', magistrates],
  ]
  for (const [person, change] of refused) {
    for (const act of ['in-force', 'reject'])
      expect(['forbidden', 'not_found'], `${person} ${act}`).toContain(await decide(person, change, act))
  }
  const listed = await sender('chief')('GET', '/api/schemes/ac63/setting-changes')
  expect(listed.waiting.map(({ subject }: { subject: string }) => subject)).toEqual(['doctrine'])
  expect(await governed()).toEqual(before)
  await sender('magistrate')('POST', `/api/schemes/ac63/setting-changes/${magistrates.proposed}/in-force`)
  expect(await governed()).not.toEqual(before)
})

test('a new account for dues cools for a day; a change expires, is refused with a reason, or is overtaken', async () => {
  const path = '/api/schemes/ac63/dues-settings'
  const iban = { creditor: { iban: 'FR7630006000011234567890189' } }
  const { proposed } = await sender('chamber')('PUT', path, {
    ...iban,
    sms: false,
    reason: 'Nouvelle banque.',
  })
  // Values that need no second person are in force at once.
  expect(await sender('chamber')('GET', path)).toMatchObject({ sms: false, creditor: { iban: '' } })
  const inForce = `/api/schemes/ac63/setting-changes/${proposed}/in-force`
  const early = await send('chamber2', 'POST', inForce)
  expect([early.statusCode, early.json().code]).toEqual([409, 'change_cooling'])
  const { waiting } = await sender('chamber2')('GET', '/api/schemes/ac63/setting-changes')
  expect(waiting).toMatchObject([
    {
      subject: 'dues',
      parts: [{ setting: 'dues.creditor.iban', before: '', after: 'FR7630006000011234567890189' }],
      reason: 'Nouvelle banque.',
      readyAt: '2026-03-13T12:00:00.000Z',
      waitsFor: ['chamber2'],
      may: { putInForce: false, cooling: true, reject: true, withdraw: false },
    },
  ])
  clock = new Date(COOLED)
  await sender('chamber2')('POST', inForce)
  expect(await sender('chamber')('GET', path)).toMatchObject(iban)
  expect((await send('chamber2', 'POST', inForce)).json().code).toBe('already_decided')

  const doctrine = '/api/schemes/ac63/doctrine'
  const propose = async (body: object) =>
    (await sender('chamber')('PUT', doctrine, { ...body, reason: 'Essai.' })).proposed
  const [late, other, refused] = [
    await propose({ lateAfterMinutes: 90 }),
    await propose({ lateAfterMinutes: 120 }),
    await propose({ approval: [] }),
  ]
  const act = (id: string, verb: string, body?: object) =>
    send('chief', 'POST', `/api/schemes/ac63/setting-changes/${id}/${verb}`, body)
  expect((await act(late, 'in-force')).statusCode).toBe(200)
  expect((await act(other, 'in-force')).json().code).toBe('change_overtaken')
  expect((await act(refused, 'reject', { reason: ' ' })).json().code).toBe('invalid_input')
  expect((await act(refused, 'reject', { reason: 'Jamais sans deux.' })).statusCode).toBe(200)
  const old = await propose({ outsideZone: 'free' })
  clock = new Date('2026-03-28T12:00:00Z')
  expect((await act(old, 'in-force')).json().code).toBe('already_decided')
  const { past } = await sender('chief')('GET', '/api/schemes/ac63/setting-changes')
  expect(
    past.map(({ state, decidedBy }: { state: string; decidedBy: string }) => [state, decidedBy]),
  ).toEqual(
    expect.arrayContaining([
      ['expired', null],
      ['rejected', 'chief'],
      ['overtaken', 'chief'],
      ['in_force', 'chief'],
    ]),
  )
  expect(await sender('chamber')('GET', doctrine)).toMatchObject({
    setBy: 'chamber, chief',
    doctrine: { lateAfterMinutes: 90, outsideZone: 'reason' },
  })
})

/** Closes accounts that could decide with the chamber, or opens them again. */
async function closeOthers(at: Date | null, others: readonly Person[] = ['chamber2', 'chief', 'chief2']) {
  const ids = others.map((one) => userIds[one])
  await deps.db.updateTable('user').set({ disabledAt: at }).where('id', 'in', ids).execute()
}

test('one person alone declares it: at once but for the account of dues, on the record as made alone, and everyone is notified', async () => {
  await closeOthers(clock)
  try {
    const doctrine = '/api/schemes/ac63/doctrine'
    expect((await send('chamber', 'PUT', doctrine, { approval: [] })).statusCode).toBe(422)
    const saved = await sender('chamber')('PUT', doctrine, { approval: [], reason: 'Je suis seule.' })
    expect(saved).toMatchObject({ proposed: null, doctrine: { approval: [] } })
    const dues = '/api/schemes/ac63/dues-settings'
    const { proposed } = await sender('chamber')('PUT', dues, {
      creditor: { iban: 'FR7630006000011234567890189', name: 'CCI' },
      reason: 'Je suis seule.',
    })
    expect(await sender('chamber')('GET', dues)).toMatchObject({ creditor: { iban: '', name: 'CCI' } })
    const inForce = `/api/schemes/ac63/setting-changes/${proposed}/in-force`
    expect((await send('chamber', 'POST', inForce)).json().code).toBe('change_cooling')
    clock = new Date(COOLED)
    await closeOthers(null)
    // Somebody else can decide by now.
    expect((await send('chamber', 'POST', inForce)).json().code).toBe('own_change')
    await closeOthers(clock)
    await sender('chamber')('POST', inForce)
    expect(await sender('chamber')('GET', dues)).toMatchObject({
      creditor: { iban: 'FR7630006000011234567890189' },
    })
    const { entries } = await sender('chamber')('GET', '/api/schemes/ac63/audit?limit=4')
    expect(entries).toMatchObject([
      { action: 'dues.settings', details: { alone: true, reason: 'Je suis seule.' } },
      { action: 'dues.settings', details: { alone: true } },
      { action: 'setting.propose', details: { alone: true } },
      { action: 'doctrine.set', details: { alone: true } },
    ])
    const { rows } = await sql<{ address: string }>`
      select distinct address from outbox where template = 'mail.setting_change.alone'`.execute(database.db)
    expect(rows).toEqual([{ address: 'magistrate@demo.invalid' }])
  } finally {
    await closeOthers(null)
  }
})

const SCHEME = '/api/schemes/ac63'
const alone = () => inScheme(deps.db, 'ac63', (tx) => findDecidedAlone(tx, 'ac63'))

/** Saves as the only account that could decide. */
async function saveAlone(path: string, body: object, method = 'PUT'): Promise<void> {
  const others = ['chamber2', 'chief', 'chief2', 'magistrate'] as const
  await closeOthers(clock, others)
  try {
    const saved = await sender('chamber')(method, `${SCHEME}/${path}`, { ...body, reason: 'Je suis seule.' })
    expect(saved).toMatchObject({ proposed: null })
  } finally {
    await closeOthers(null, others)
  }
}

const saveBoth = (path: string, body: object, method = 'PUT') =>
  saveByTwo(
    { first: sender('chamber'), second: sender('chamber2') },
    { schemeId: 'ac63', method, path: `${SCHEME}/${path}`, body },
  )

test('a setting that one person decided is marked until two persons decide on the same one, even once its change is purged', async () => {
  await saveAlone('doctrine', { approval: [] })
  expect(await alone()).toEqual({ subjects: ['doctrine'], day: '2026-03-12' })
  clock = new Date(COOLED)
  await saveBoth('doctrine', { lateAfterMinutes: 90 })
  await sender('chamber')('PUT', `${SCHEME}/doctrine`, { cancelWindowSeconds: 5 })
  await saveAlone('message-settings', { aloneMax: 9000 })
  expect(await alone()).toEqual({ subjects: ['messages', 'doctrine'], day: '2026-03-13' })
  const year = new Date('2027-03-12T12:00:00Z')
  const purged = await acrossSchemes(deps.db, (tx) => purgeSettingChanges(tx, year, 100))
  expect(purged).toHaveLength(3)
  expect(await alone()).toEqual({ subjects: ['messages', 'doctrine'], day: '2026-03-13' })
  await saveBoth('doctrine', {
    approval: [{ categories: ['robbery'], severities: ['vital'], level: 'established' }],
  })
  expect(await alone()).toEqual({ subjects: ['messages'], day: '2026-03-13' })
  await saveBoth('message-settings', { aloneMax: 400 })
  expect(await alone()).toBeUndefined()
})

test('an observer that one person added, and removed before the same request came again, is not added again', async () => {
  const request = { id: randomUUID(), name: 'Préfecture', phone: phoneOf(77), agency: null }
  const listed = async () => (await sender('chamber')('GET', `${SCHEME}/observers`)).observers
  await saveAlone('observers', request, 'POST')
  const [added] = (await listed()).filter(({ phone }: typeof request) => phone === request.phone)
  await sender('chamber')('DELETE', `${SCHEME}/observers/${added.id}`)
  await saveAlone('observers', request, 'POST')
  expect((await listed()).map(({ phone }: typeof request) => phone)).not.toContain(request.phone)
})

test('an observer or a magistrate that one person added is marked until two persons change or one removes them', async () => {
  const intruder = { name: 'Intrus', phone: phoneOf(73), agency: null }
  const other = { name: 'Parquet', phone: phoneOf(75), agency: null }
  await saveAlone('observers', intruder, 'POST')
  await saveBoth('observers', other, 'POST')
  expect((await alone())?.subjects).toEqual(['observers'])
  const { observers } = await sender('chamber')('GET', `${SCHEME}/observers`)
  await saveBoth('observers', {
    observers: observers.map(({ name, phone }: typeof other) => ({
      name: phone === intruder.phone ? 'Police municipale' : name,
      phone,
      agency: null,
    })),
  })
  expect(await alone()).toBeUndefined()
  const magistrate = { role: 'magistrate', name: 'Intrus', service: 'Parquet', phone: phoneOf(74) }
  await saveAlone('on-call/people', magistrate, 'POST')
  await saveBoth('on-call/people', { ...magistrate, name: 'M. Roux', phone: phoneOf(76) }, 'POST')
  expect((await alone())?.subjects).toEqual(['magistrates'])
  const { people: rota } = await sender('chamber')('GET', `${SCHEME}/on-call`)
  const added = rota.find(({ name }: { name: string }) => name === 'Intrus')
  await sender('chamber')('DELETE', `${SCHEME}/on-call/people/${added.id}`)
  expect(await alone()).toBeUndefined()
})

test('an observer or a magistrate who is proposed again with the same id waits once, whatever was decided since', async () => {
  const cases = [
    { path: 'observers', body: { id: deps.newId(), name: 'Mairie', phone: phoneOf(77), agency: null } },
    {
      path: 'on-call/people',
      body: {
        id: deps.newId(),
        role: 'magistrate',
        name: 'Mme Blanc',
        service: 'Parquet',
        phone: phoneOf(78),
      },
    },
  ]
  for (const { path, body } of cases) {
    const propose = (of: object = {}, person: Person = 'chamber') =>
      send(person, 'POST', `${SCHEME}/${path}`, { ...body, reason: 'Nouveau.', ...of })
    const changes = async () =>
      (await sender('chamber')('GET', `${SCHEME}/setting-changes`)).waiting.filter(
        (change: { id: string }) => change.id === body.id,
      )
    expect((await propose()).json()).toMatchObject({ proposed: body.id })
    expect((await propose()).json()).toMatchObject({ proposed: body.id })
    const { rows } =
      await sql`select from setting_changes where parts::text like ${`%${body.name}%`}`.execute(database.db)
    expect(rows).toHaveLength(1)
    expect(await changes()).toHaveLength(1)
    for (const answer of [await propose({ name: 'Intrus' }), await propose({}, 'chamber2')])
      expect([answer.statusCode, answer.json().code]).toEqual([409, 'id_taken'])
    await sender('chamber2')('POST', `${SCHEME}/setting-changes/${body.id}/in-force`)
    expect((await propose()).json()).toMatchObject({ proposed: body.id })
    expect(await changes()).toEqual([])
  }
})

test('a required sign-in that the machine lifts is marked until two persons decide on it', async () => {
  await allowAnySignIn(deps, program, 'ac63')
  expect((await alone())?.subjects).toEqual(['access'])
  await saveBoth('access', { signIn: { operator: 'second_factor' } })
  expect(await alone()).toBeUndefined()
  await sql`update schemes set access = '{}'`.execute(database.db)
})

/** Returns the dependencies with a database that passes each statement to `see`. */
function watching(see: (statement: string) => void): Deps {
  const db = database.db.withPlugin({
    transformQuery: ({ node }) => {
      see(JSON.stringify(node))
      return node
    },
    transformResult: async ({ result }) => result,
  })
  return { ...deps, db }
}

test('lists any number of changes of any number of accounts by the same few statements', async () => {
  let statements = 0
  const watched = watching(() => {
    statements += 1
  })
  const reader = { ...actorOf('chief', 'ac63'), userId: userIds.chief }
  const count = async () => {
    statements = 0
    const { waiting } = await listSettingChanges(watched, reader, 'ac63')
    return { waiting: waiting.length, statements }
  }
  const save = (person: Person, aloneMax: number) =>
    sender(person)('PUT', '/api/schemes/ac63/message-settings', { aloneMax, reason: 'Essai.' })
  await save('chamber', 9000)
  const one = await count()
  for (const aloneMax of [9001, 9002, 9003])
    for (const person of ['chamber', 'chamber2'] as const) await save(person, aloneMax)
  expect(await count()).toEqual({ waiting: 7, statements: one.statements })
})

test('a proposal is recorded last, since its entry locks the chain of the scheme', async () => {
  const statements: string[] = []
  const watched = watching((one) => statements.push(one))
  const chamber = { ...actorOf('chamber', 'ac63'), userId: userIds.chamber }
  await setMessageSettings(watched, chamber, 'ac63', { aloneMax: 9000 }, 'Essai.')
  const lastMail = statements.findLastIndex((one) => /outbox/.test(one))
  expect(lastMail).toBeGreaterThan(-1)
  expect(statements.findIndex((one) => /audit_?heads/i.test(one))).toBeGreaterThan(lastMail)
})

test('one account makes neither its own second person, nor itself the only one, before the cooling time', async () => {
  clock = new Date('2026-03-12T12:00:00Z')
  const scheme = '/api/schemes/ac63'
  const accomplice = { mail: 'complice@demo.invalid', name: 'Complice', role: 'chamber' }
  const invited = await saveByTwo<{ outcome: string }>(
    { first: sender('chamber'), second: sender('chief') },
    { schemeId: 'ac63', method: 'POST', path: `${scheme}/people`, body: accomplice },
  )
  expect(invited.outcome).toBe('proposed')
  const { id: userId } = await database.db
    .selectFrom('user')
    .select('id')
    .where('email', '=', accomplice.mail)
    .executeTakeFirstOrThrow()
  const invitation = await database.db
    .selectFrom('invitations')
    .select('id')
    .where('userId', '=', userId)
    .executeTakeFirstOrThrow()
  const token = await issueToken(database.db, deps, invitation.id)
  const opened = await app.inject({
    method: 'POST',
    url: '/api/auth/invitation',
    payload: { token, password: 'trombone vert sous la pluie' },
  })
  expect(opened.statusCode, opened.body).toBeLessThan(300)
  await sql`update session set factor = 'demo'`.execute(database.db)
  const asAccomplice = (url: string, payload: object = {}, method: 'POST' | 'PUT' = 'POST') =>
    app.inject({ method, url, payload, headers: { cookie: cookiesOf(opened) } })
  const saved = { aloneMax: 9000, reason: 'Pour aller vite.' }
  const urlOfChange = ({ proposed }: { proposed: string }) => `${scheme}/setting-changes/${proposed}`
  const change = urlOfChange(await sender('chamber')('PUT', `${scheme}/message-settings`, saved))
  const ofAnother = urlOfChange(await sender('chamber2')('PUT', `${scheme}/message-settings`, saved))
  const ofTheirs = urlOfChange((await asAccomplice(`${scheme}/message-settings`, saved, 'PUT')).json())
  for (const act of ['in-force', 'reject']) {
    const why = { reason: 'x' }
    expect((await asAccomplice(`${change}/${act}`, why)).json().code, act).toBe('access_given')
    expect((await asAccomplice(`${ofAnother}/${act}`, why)).json().code, act).toBe('role_too_new')
    // Nor do those who let somebody in decide on what that one proposes; anybody else does.
    for (const one of ['chamber', 'chief'] as const) {
      const reverse = await send(one, 'POST', `${ofTheirs}/${act}`, why)
      expect(reverse.json().code, act).toBe('access_given')
    }
  }
  const { waiting } = await sender('chief')('GET', `${scheme}/setting-changes`)
  const decidersOf = (name: string) =>
    waiting.find(({ proposedBy }: { proposedBy: string }) => proposedBy === name).waitsFor
  expect(['chamber', 'chamber2', 'Complice'].map(decidersOf)).toEqual([
    ['chamber2', 'chief', 'chief2'],
    ['chamber', 'chief', 'chief2'],
    ['chamber2', 'chief2'],
  ])
  await sender('chamber2')('POST', `${ofTheirs}/reject`, { reason: 'Non.' })
  clock = new Date(COOLED)
  expect((await asAccomplice(`${change}/in-force`)).statusCode).toBe(200)
  await sql`delete from "user" where id = ${userId}`.execute(database.db)

  clock = new Date('2026-03-14T12:00:00Z')
  const closed = await send('chamber', 'POST', `${scheme}/people/${userIds.chamber2}/disable`, {})
  expect(closed.statusCode).toBe(204)
  const dues = await sender('chamber')('PUT', `${scheme}/dues-settings`, {
    creditor: { name: 'Une autre chambre' },
    reason: 'Personne d’autre n’a ce rôle.',
  })
  expect(dues.proposed).not.toBeNull()
  const forced = await send('chamber', 'POST', `${scheme}/setting-changes/${dues.proposed}/in-force`)
  expect(forced.json().code).toBe('change_cooling')
  await sql`update "user" set disabled_at = null`.execute(database.db)
})

test('the table and the permissions agree on who proposes', () => {
  for (const [id, subjects] of Object.entries(GOVERNED_OPERATIONS)) {
    const { permission } = endpointOf(id)
    const [subject] = [subjects].flat() as SettingSubject[]
    if (subject === undefined) throw new Error(`${id} has no subject`)
    // Magistrates are in the rota, whose own permission comes first.
    const allowed = subject === 'magistrates' ? ['on_call.set'] : [SUBJECTS[subject].propose]
    expect(allowed, id).toContain(permission)
  }
})

test('one is not alone while others have the role and do not count yet, nor after one who had it closed another', async () => {
  const scheme = '/api/schemes/ac63'
  const set = (
    people: readonly Person[],
    { disabled, counts }: { disabled: Date | null; counts?: Date | null },
  ) =>
    Promise.all(
      people.map(async (one) => {
        await sql`update "user" set disabled_at = ${disabled} where id = ${userIds[one]}`.execute(database.db)
        await sql`update grants set counts_from = ${counts ?? null} where user_id = ${userIds[one]}`.execute(
          database.db,
        )
      }),
    )
  const save = async (aloneMax: number) =>
    (await sender('chamber')('PUT', `${scheme}/message-settings`, { aloneMax, reason: 'Je suis seule.' }))
      .proposed
  const force = async (id: string) =>
    (await send('chamber', 'POST', `${scheme}/setting-changes/${id}/in-force`)).json().code
  const cools = async () => {
    const { rules } = await sender('chamber')('GET', `${scheme}/setting-changes`)
    return rules.find(({ subject }: { subject: string }) => subject === 'messages')
  }
  clock = new Date('2026-03-20T12:00:00Z')
  const others = ['chamber2', 'chief', 'chief2'] as const
  try {
    // Alone: at once.
    await set(others, { disabled: clock })
    expect(await cools()).toMatchObject({ others: [], cools: false })
    expect(await save(9001)).toBeNull()
    // Another chamber counts in two days: the change waits, and then that account decides.
    await set(['chamber2'], { disabled: null, counts: new Date('2026-03-22T12:00:00Z') })
    expect(await cools()).toMatchObject({ others: [], cools: true })
    const waits = await save(9002)
    expect(await force(waits)).toBe('own_change')
    clock = new Date('2026-03-21T12:00:00Z')
    expect(await force(waits)).toBe('own_change')
    await set(['chamber2'], { disabled: clock })
    expect(await force(waits)).toBeUndefined()
    // One who had the role closed another, and was closed by the program since.
    clock = new Date('2026-03-24T12:00:00Z')
    await set(['chamber2', 'chief2'], { disabled: null })
    const act = { by: userIds.chamber2, to: userIds.trade, action: 'user.disable' } as const
    await recordAccountAct(database, clock, act)
    await disablePerson(deps, program, { schemeId: 'ac63', userId: userIds.chamber2 })
    await set(['chief2'], { disabled: clock })
    expect(await cools()).toMatchObject({ others: [], cools: true })
    const unsure = await save(9003)
    expect(await force(unsure)).toBe('change_cooling')
    clock = new Date('2026-03-25T12:00:01Z')
    expect(await force(unsure)).toBeUndefined()
    expect(await cools()).toMatchObject({ others: [], cools: false })
  } finally {
    await set(others, { disabled: null })
  }
})
