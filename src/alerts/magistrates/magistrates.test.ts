import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { actorOf, noteJobs, program, testDeps } from '../../../test/support/deps.ts'
import {
  agePast,
  idOf,
  MAGISTRATE,
  phoneOf,
  seedMagistrate,
  seedMembers,
  seedSchemes,
} from '../../../test/support/fixtures.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { deriveCodeDigits } from '../../identity/codes/codes.ts'
import { insertUser, upsertGrant } from '../../identity/store.ts'
import { addOnCallPerson, getOnCallRota, removeOnCallPerson } from '../../on-call/actions.ts'
import { advanceCallOuts, listCallOuts } from '../../on-call/call-outs.ts'
import type { NewOnCallPerson } from '../../on-call/contract.ts'
import { acrossSchemes, type Database } from '../../platform/db.ts'
import { createReport } from '../../reports/actions.ts'
import { setDoctrine } from '../../schemes/actions.ts'
import { DoctrineSettings } from '../../schemes/doctrine.ts'
import { authoriseMessage } from '../approval/actions.ts'
import { askAuthorisation } from '../approval/ask.ts'
import { firstMessageOf } from '../approval/messages.ts'
import { createAlert, updateAlert } from '../compose/draft.ts'
import type { AlertView } from '../contract.ts'
import { getAlert } from '../live/read.ts'
import { broadcastAlert } from '../order/broadcast.ts'
import { listMagistrates } from './actions.ts'
import {
  answerConfirmation,
  listOwnUses,
  openConfirmation,
  readConfirmation,
  sendConfirmCode,
} from './confirm.ts'
import { decideAuthorisation } from './decide.ts'

const operator = actorOf('operator', 'ac63')
const chief = actorOf('chief', 'ac63')
const chamber = actorOf('chamber', 'ac63')
const caller = { address: '192.0.2.7' }

let database: Database
let deps: Deps
let clock = new Date('2026-03-12T17:30:00Z')

const mailer = { name: 'test', send: async () => {}, close: () => {} }

beforeAll(async () => {
  database = await testDatabase('postgres')
  await seedSchemes(database)
  await seedMembers(database.db, 'ac63', [{ id: idOf(1), phones: [phoneOf(1)] }])
  const base = testDeps(database, { now: () => clock, jobs: noteJobs() })
  deps = {
    ...base,
    mailer,
    secret: { current: 'secret of the test' },
    config: { ...base.config, baseUrl: 'https://tocsin.example' },
  }
  await setDoctrine(deps, program, 'ac63', DoctrineSettings.parse({ approval: [] }))
  await acrossSchemes(database.db, async (tx) => {
    for (const [id, role] of [
      ['m-1', 'magistrate'],
      ['c-1', 'chief'],
    ] as const) {
      await insertUser(tx, { id, name: `Compte ${role}`, mail: `${id}@example.org`, at: clock })
      await upsertGrant(tx, { userId: id, schemeId: 'ac63', role, agencyId: null })
    }
  })
})
afterAll(() => database.close())
beforeEach(async () => {
  clock = new Date(clock.getTime() + 48 * 3_600_000)
  await agePast(database)
  await acrossSchemes(database.db, async (tx) => {
    await tx.deleteFrom('callOuts').execute()
    await tx.deleteFrom('authorisations').execute()
    await tx.deleteFrom('outbox').execute()
    await tx.deleteFrom('oneTimeCodes').execute()
    await tx.deleteFrom('onCallPeople').execute()
  })
  await seedMagistrate(database.db)
})

const codesOf = async (act: Promise<unknown>): Promise<string[]> => {
  try {
    await act
    return []
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return error.problems.length === 0
      ? [error.code]
      : error.problems.map(({ code, path }) => `${code} ${path}`)
  }
}

const outbox = () =>
  database.db
    .selectFrom('outbox')
    .select(['channel', 'address', 'template', 'link', 'lane', 'codeId', 'simulated'])
    .orderBy('channel')
    .orderBy('address')
    .execute()

async function write(over: { exercise?: boolean } = {}): Promise<AlertView> {
  const report = await createReport(deps, operator, 'ac63', {
    categoryCode: 'counterfeit',
    communeCode: '63178',
    ...over,
  })
  return createAlert(deps, operator, 'ac63', {
    reportId: report.id,
    text: 'Faux billets à Issoire à 17h30, deux hommes en Clio grise. Ne pas intervenir.',
    area: { kind: 'commune', code: '63178' },
    trades: [],
    doctrine: { offence: true, arrested: false, level: 'precise' },
  })
}

const authorise = (alert: AlertView, magistrateId: string = MAGISTRATE.id) =>
  authoriseMessage(deps, operator, 'ac63', firstMessageOf(alert.id), {
    version: alert.version,
    magistrateId,
    scope: 'Véhicule',
  })

async function recorded(): Promise<{ alert: AlertView; id: string }> {
  const alert = await authorise(await write())
  const { id } = await database.db.selectFrom('authorisations').select('id').executeTakeFirstOrThrow()
  return { alert, id }
}

/** Opens the page with the code that was sent. */
async function open(id: string) {
  await sendConfirmCode(deps, caller, 'ac63', id)
  // Codes are sent by a job.
  await database.db.updateTable('oneTimeCodes').set({ sentAt: clock }).execute()
  const code = await database.db
    .selectFrom('oneTimeCodes')
    .select('id')
    .orderBy('createdAt', 'desc')
    .executeTakeFirstOrThrow()
  return openConfirmation(deps, 'ac63', id, { code: deriveCodeDigits(deps, code.id) })
}

describe('the list', () => {
  test('holds accounts and contacts, without where they are notified', async () => {
    const { id, name, service } = MAGISTRATE
    const { magistrates } = await listMagistrates(deps, operator, 'ac63')
    expect(magistrates).toEqual([
      { id, name, service, kind: 'contact', onCall: false },
      {
        id: 'm-1',
        kind: 'account',
        name: 'Compte magistrate',
        service: expect.any(String),
        onCall: false,
      },
    ])
  })

  test('is changed by the chamber only, since users who record an authorisation may not choose who confirms it', async () => {
    const paul: NewOnCallPerson = {
      role: 'magistrate',
      name: 'Paul Vial',
      service: 'Parquet',
      userId: null,
      agencyId: null,
      mail: '',
      phone: '06 39 98 01 02',
      hours: [{ days: [0, 1, 2, 3, 4, 5, 6], from: '00:00', to: '00:00', rank: 1 }],
    }
    for (const by of [operator, chief]) {
      expect(await codesOf(addOnCallPerson(deps, by, 'ac63', paul))).toEqual(['forbidden'])
    }
    const { people } = await addOnCallPerson(deps, program, 'ac63', paul)
    const added = people.find(({ name }) => name === 'Paul Vial')
    expect(added).toMatchObject({ phone: '+33639980102', mail: null, service: 'Parquet' })
    if (added === undefined) return
    // On call, he is offered first.
    const offered = (await listMagistrates(deps, operator, 'ac63')).magistrates
    expect(offered.map(({ name, onCall }) => [name, onCall])).toEqual([
      ['Paul Vial', true],
      [MAGISTRATE.name, false],
      ['Compte magistrate', false],
    ])
    for (const by of [operator, chief]) {
      const seen = (await getOnCallRota(deps, by, 'ac63')).people.find(({ id }) => id === added.id)
      expect(seen).toMatchObject({ name: 'Paul Vial', phone: null, mail: null })
    }
    expect(await codesOf(removeOnCallPerson(deps, chief, 'ac63', added.id))).toEqual(['forbidden'])
    expect(
      await codesOf(
        addOnCallPerson(deps, chamber, 'ac63', { ...paul, phone: '04 73 00 00 00', service: '' }),
      ),
    ).toEqual(['on_call.twice name', 'input.required service', 'on_call.landline phone'])
    await removeOnCallPerson(deps, chamber, 'ac63', added.id)
    expect(await codesOf(authorise(await write(), added.id))).toEqual([
      'doctrine.magistrate_unknown magistrateId',
    ])
  })

  test('has an account in the list once, under its name there, with every use of it', async () => {
    await addOnCallPerson(deps, program, 'ac63', {
      role: 'magistrate',
      name: 'Procureur de permanence',
      service: '',
      userId: 'm-1',
      agencyId: null,
      mail: '',
      phone: '06 39 98 01 03',
      hours: [],
    })
    const { magistrates } = await listMagistrates(deps, operator, 'ac63')
    expect(magistrates.map(({ name, kind }) => [name, kind])).toEqual([
      [MAGISTRATE.name, 'contact'],
      ['Procureur de permanence', 'account'],
    ])
    await authorise(await write(), 'm-1')
    expect((await outbox()).map(({ address }) => address)).toEqual(['m-1@example.org', '+33639980103'])
  })
})

describe('an authorisation recorded by another person', () => {
  test('notifies the magistrate by SMS and mail with a link', async () => {
    const { alert, id } = await recorded()
    expect(alert.authorisation).toMatchObject({ magistrate: MAGISTRATE.name, confirmation: 'pending' })
    const link = `https://tocsin.example/parquet/ac63/${id}`
    expect(await outbox()).toEqual([
      {
        channel: 'mail',
        address: MAGISTRATE.mail,
        template: 'mail.authorisation.used',
        link,
        lane: 'service',
        codeId: null,
        simulated: false,
      },
      {
        channel: 'sms',
        address: MAGISTRATE.phone,
        template: 'authorisation.sms.used',
        link: null,
        lane: 'vital',
        codeId: null,
        simulated: false,
      },
    ])
  })

  test('notifies an account by mail, and nobody in an exercise', async () => {
    await authorise(await write(), 'm-1')
    expect((await outbox()).map(({ address }) => address)).toEqual(['m-1@example.org'])
    await acrossSchemes(database.db, (tx) => tx.deleteFrom('outbox').execute())
    const drill = await authorise(await write({ exercise: true }))
    expect(drill.authorisation?.confirmation).toBe(null)
    expect(await outbox()).toEqual([])
  })

  test('is shown only with the code, and with the key that the code gave', async () => {
    const { id } = await recorded()
    const sent = await sendConfirmCode(deps, caller, 'ac63', id)
    expect(sent).toMatchObject({ channel: 'sms', to: '•• •• •• •• 00' })
    expect(await codesOf(openConfirmation(deps, 'ac63', id, { code: '000000' }))).toEqual(['code_wrong code'])
    clock = new Date(clock.getTime() + 120_000)
    const view = await open(id)
    expect(view).toMatchObject({ magistrate: MAGISTRATE.name, authorisationId: id })
    expect(view.uses).toEqual([
      expect.objectContaining({
        id,
        scope: 'Véhicule',
        confirmation: 'pending',
        sentAt: null,
        commune: 'Issoire',
      }),
    ])
    expect(view.uses[0]?.text).toContain('Clio grise')
    // Counted now, with the map of the area, before the message leaves.
    expect(view.uses[0]?.audience).toEqual({ sms: 1, members: 1 })
    expect(view.communes).toEqual(['63178'])
    expect(view.map.communes.map(({ code }) => code)).toContain('63178')
    expect((await readConfirmation(deps, 'ac63', id, { key: view.key })).uses).toHaveLength(1)
    expect(await codesOf(readConfirmation(deps, 'ac63', id, { key: `${view.key}x` }))).toEqual(['code_wrong'])
    clock = new Date(clock.getTime() + 31 * 60_000)
    expect(await codesOf(readConfirmation(deps, 'ac63', id, { key: view.key }))).toEqual(['code_wrong'])
    // Neither an unknown authorisation nor that of another scheme sends a code.
    expect(await codesOf(sendConfirmCode(deps, caller, 'ac63', idOf(77)))).toEqual(['not_found'])
    expect(await codesOf(sendConfirmCode(deps, caller, 'ac39', id))).toEqual(['not_found'])
  })

  test('can be confirmed, once', async () => {
    const { alert, id } = await recorded()
    const { key } = await open(id)
    const answer = { key, authorisationId: id, answer: 'confirmed', note: '' } as const
    const view = await answerConfirmation(deps, 'ac63', id, answer)
    expect(view.uses[0]).toMatchObject({ confirmation: 'confirmed', answeredAt: clock.toISOString() })
    const after = await getAlert(deps, operator, 'ac63', alert.id)
    expect(after.alert.authorisation).toMatchObject({ confirmation: 'confirmed', valid: true })
    expect(after.events).toContainEqual(
      expect.objectContaining({ kind: 'authorisation_confirmed', by: MAGISTRATE.name }),
    )
    const denial = { ...answer, answer: 'denied' } as const
    expect(await codesOf(answerConfirmation(deps, 'ac63', id, denial))).toEqual(['already_decided'])
    expect((await broadcastAlert(deps, operator, 'ac63', alert.id, { version: 1 })).state).toBe(
      'broadcasting',
    )
  })

  test('denied before the message leaves: it cannot leave, and the chiefs are notified', async () => {
    const { alert, id } = await recorded()
    const { key } = await open(id)
    await answerConfirmation(deps, 'ac63', id, {
      key,
      authorisationId: id,
      answer: 'denied',
      note: 'Pas moi',
    })
    expect(await codesOf(broadcastAlert(deps, operator, 'ac63', alert.id, { version: 1 }))).toEqual([
      'doctrine.authorisation_void authorisation',
    ])
    const page = await getAlert(deps, chief, 'ac63', alert.id)
    expect(page.alert.authorisation).toMatchObject({ confirmation: 'denied', valid: false })
    expect(page.events).toContainEqual(
      expect.objectContaining({ kind: 'authorisation_denied', by: MAGISTRATE.name, reason: 'Pas moi' }),
    )
    expect(await outbox()).toContainEqual(
      expect.objectContaining({
        channel: 'mail',
        address: 'c-1@example.org',
        template: 'mail.authorisation.denied',
        link: `https://tocsin.example/alertes/${alert.id}`,
      }),
    )
    expect((await outbox()).filter(({ template }) => template.endsWith('.denied'))).toHaveLength(1)
    // Another authorisation lets it leave.
    await authorise(alert, 'm-1')
    expect((await broadcastAlert(deps, operator, 'ac63', alert.id, { version: 1 })).state).toBe(
      'broadcasting',
    )
  })

  test('denied: notifies a chief of the rota by the number and the address that it has', async () => {
    await acrossSchemes(database.db, (tx) =>
      tx
        .insertInto('onCallPeople')
        .values(
          [
            {
              schemeId: 'ac63',
              id: idOf(901),
              role: 'approver' as const,
              name: 'Chef',
              userId: 'c-1',
              phone: '+33639980311',
            },
            {
              schemeId: 'ac63',
              id: idOf(902),
              role: 'approver' as const,
              name: 'Adjoint',
              phone: '+33639980312',
              mail: 'Adjoint@example.org',
            },
            {
              schemeId: 'ac63',
              id: idOf(903),
              role: 'agency' as const,
              name: 'Brigade',
              phone: '+33639980313',
            },
          ].map((one) => ({
            hours: '[]',
            agencyId: null,
            userId: null,
            mail: null,
            removedAt: null,
            createdAt: clock,
            ...one,
          })),
        )
        .execute(),
    )
    const { id } = await recorded()
    const { key } = await open(id)
    await answerConfirmation(deps, 'ac63', id, { key, authorisationId: id, answer: 'denied', note: '' })
    const denials = (await outbox()).filter(({ template }) => template.endsWith('.denied'))
    await acrossSchemes(database.db, (tx) =>
      tx
        .deleteFrom('onCallPeople')
        .where('id', 'in', [idOf(901), idOf(902), idOf(903)])
        .execute(),
    )
    // An account that is in the rota is notified as the rota says.
    expect(denials.map(({ address, lane }) => [address, lane])).toEqual([
      ['adjoint@example.org', 'service'],
      ['+33639980311', 'vital'],
      ['+33639980312', 'vital'],
    ])
  })

  test('denied after the message left: nothing stops by itself, and the alert says so', async () => {
    const { alert, id } = await recorded()
    await broadcastAlert(deps, operator, 'ac63', alert.id, { version: 1 })
    const { key, uses } = await open(id)
    expect(uses[0]).toMatchObject({ sentAt: expect.any(String), audience: { sms: 1, members: null } })
    await answerConfirmation(deps, 'ac63', id, { key, authorisationId: id, answer: 'denied', note: '' })
    const after = (await getAlert(deps, chief, 'ac63', alert.id)).alert
    expect(after).toMatchObject({ state: 'broadcasting', authorisation: { confirmation: 'denied' } })
  })

  test('lists every use of the name, of this magistrate only', async () => {
    const { id } = await recorded()
    await authorise(await write(), 'm-1')
    clock = new Date(clock.getTime() + 1000)
    await authorise(await write())
    const { uses } = await open(id)
    expect(uses).toHaveLength(2)
    expect(uses[1]?.id).toBe(id)
  })

  test('is listed for the account of a magistrate, with what they recorded and what was typed under their name', async () => {
    const account = actorOf('magistrate', 'ac63')
    const magistrate = { ...account, userId: 'm-1', name: 'Compte magistrate' } as typeof account
    const named = await authorise(await write(), 'm-1')
    clock = new Date(clock.getTime() + 1000)
    const own = await write()
    await authoriseMessage(deps, magistrate, 'ac63', firstMessageOf(own.id), {
      version: own.version,
      scope: 'Signalement',
    })
    clock = new Date(clock.getTime() + 1000)
    const { alert: typed, id } = await recorded().then(async (one) => {
      const rows = await database.db.selectFrom('authorisations').select(['id', 'alertId']).execute()
      return { ...one, id: rows.find(({ alertId }) => alertId === one.alert.id)!.id }
    })
    await acrossSchemes(database.db, (tx) =>
      tx
        .updateTable('authorisations')
        .set({ magistrateId: null, confirmation: null, magistrate: 'compte MAGISTRATE' })
        .where('id', '=', id)
        .execute(),
    )
    const { uses } = await listOwnUses(deps, magistrate, 'ac63')
    expect(uses.map(({ alertId, confirmation }) => [alertId, confirmation])).toEqual([
      [typed.id, null],
      [own.id, null],
      [named.id, 'pending'],
    ])
    expect(await codesOf(listOwnUses(deps, chief, 'ac63'))).toEqual(['forbidden'])
  })

  test('under a name typed before the list existed stays readable, and opens no page', async () => {
    const { alert, id } = await recorded()
    await acrossSchemes(database.db, (tx) =>
      tx.updateTable('authorisations').set({ magistrateId: null, confirmation: null }).execute(),
    )
    const after = (await getAlert(deps, operator, 'ac63', alert.id)).alert
    expect(after.authorisation).toMatchObject({
      magistrate: MAGISTRATE.name,
      confirmation: null,
      valid: true,
    })
    expect(await codesOf(sendConfirmCode(deps, caller, 'ac63', id))).toEqual(['not_found'])
  })
})

describe('an authorisation that is asked', () => {
  /** Asks for it, and returns the id in the link of the SMS to the magistrate without an account. */
  async function ask(alert: AlertView): Promise<string> {
    const request = { version: alert.version, scope: 'Véhicule' }
    await askAuthorisation(deps, operator, 'ac63', firstMessageOf(alert.id), request)
    await advanceCallOuts(deps)
    const { id } = await database.db
      .selectFrom('callOutCalls as c')
      .innerJoin('callOuts as o', (join) =>
        join.onRef('o.schemeId', '=', 'c.schemeId').onRef('o.id', '=', 'c.callOutId'),
      )
      .select('c.id')
      .where('o.alertId', '=', alert.id)
      .executeTakeFirstOrThrow()
    return id
  }
  const decide = (id: string, key: string, alert: AlertView, answer: 'authorised' | 'declined', words = '') =>
    decideAuthorisation(deps, 'ac63', id, { key, version: alert.version, answer, words })

  test('is given by a magistrate without an account, with a code', async () => {
    const alert = await write()
    const id = await ask(alert)
    const sms = (await outbox()).find(({ channel }) => channel === 'sms')
    expect(sms).toMatchObject({
      address: MAGISTRATE.phone,
      template: 'on_call.sms.authorisation',
      lane: 'vital',
    })
    const view = await open(id)
    expect(view).toMatchObject({
      magistrate: MAGISTRATE.name,
      authorisationId: null,
      asked: { state: 'open', commune: 'Issoire', scope: 'Véhicule', recipients: 1, communes: 1 },
    })
    expect(view.asked?.text).toBe(`${alert.text} Réf. ${alert.reference}`)
    // The operator sees that the page was opened.
    const { callOuts } = await listCallOuts(deps, operator, 'ac63', { alert: alert.id })
    expect(callOuts[0]?.calls[0]?.openedAt).not.toBeNull()
    expect(await codesOf(decide(id, 'x', alert, 'authorised', 'Véhicule'))).toEqual(['code_wrong'])
    expect(await codesOf(decide(id, view.key, alert, 'authorised'))).toEqual(['input.required words'])
    const given = await decide(id, view.key, alert, 'authorised', 'Véhicule seul')
    expect(given.asked).toMatchObject({ state: 'authorised', text: null, recipients: null })
    expect(given.uses).toMatchObject([{ scope: 'Véhicule seul', confirmation: null }])
    expect(await codesOf(decide(id, view.key, alert, 'declined'))).toEqual(['already_decided'])
    const { alert: after, events } = await getAlert(deps, operator, 'ac63', alert.id)
    expect(after.authorisation).toMatchObject({
      magistrate: MAGISTRATE.name,
      service: MAGISTRATE.service,
      recordedBy: `${MAGISTRATE.name} (${MAGISTRATE.service})`,
      valid: true,
      confirmation: null,
    })
    expect(events.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['authorisation_asked', 'authorised']),
    )
  })

  test('sends the code of an exercise to the simulated phone only', async () => {
    const id = await ask(await write({ exercise: true }))
    await sendConfirmCode(deps, caller, 'ac63', id)
    const sent = (await outbox()).filter(({ channel }) => channel === 'sms')
    expect(sent.length).toBeGreaterThan(0)
    expect(sent.map(({ address, simulated }) => [address, simulated])).toEqual(
      sent.map(() => [MAGISTRATE.phone, true]),
    )
  })

  test('is declined in words that its author reads, and no longer waits once the text changed', async () => {
    const alert = await write()
    const id = await ask(alert)
    const { key } = await open(id)
    const declined = await decide(id, key, alert, 'declined', 'Trop tôt')
    expect(declined.asked).toMatchObject({ state: 'declined' })
    const { callOuts } = await listCallOuts(deps, operator, 'ac63', { alert: alert.id })
    expect(callOuts).toMatchObject([
      { endedWhy: 'declined', endedBy: `${MAGISTRATE.name} (${MAGISTRATE.service})`, endedNote: 'Trop tôt' },
    ])

    clock = new Date(clock.getTime() + 3_600_000)
    const other = await write()
    const again = await ask(other)
    const { area, trades, doctrine, version } = other
    const text = `${other.text} Fermez.`
    await updateAlert(deps, operator, 'ac63', other.id, { area, trades, doctrine, version, text })
    const view = await open(again)
    expect(view.asked).toMatchObject({ state: 'over', text: null })
    expect(await codesOf(decide(again, view.key, other, 'authorised', 'x'))).toEqual(['alert_changed'])
  })
})
