import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { actorOf, type NotedJobs, noteJobs, testDeps } from '../../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import type { Deps } from '../../deps.ts'
import { keptMailer } from '../../gateways/mail/kept.ts'
import type { Database } from '../../platform/db.ts'
import { DuesSettings } from '../../schemes/contract.ts'
import { getMemberDues, listDuesPage } from './actions.ts'
import { openCampaign } from './campaign.ts'
import { cancelPayment, noteToldInPerson, recordPayment, waiveDues } from './payments.ts'
import { workDues } from './work.ts'

const chamber = actorOf('chamber', 'ac63')
const TABAC = idOf(1)
const MUTE = idOf(2)
const DEAD = idOf(3)
const pay = { way: 'cash', amountCents: 1000, receivedOn: '', reference: '', inAdvance: false } as const

describe('the rule for those who do not pay', () => {
  let database: Database
  let deps: Deps
  let now: Date
  let jobs: NotedJobs
  beforeAll(async () => {
    database = await testDatabase('embedded')
    await seedSchemes(database)
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    now = new Date('2026-02-10T09:00:00Z')
    jobs = noteJobs()
    deps = testDeps(database, { now: () => now, jobs, mailer: keptMailer(() => now) })
    await database.pool.query(`
      truncate dues_notices, dues_suspensions, dues_receipts, dues_payments, ledger_lines, ledger_entries, dues_counters, dues,
        dues_campaigns, direct_messages, mails cascade;
      delete from number_health; delete from contacts; delete from members`)
    await seedMembers(database.db, 'ac63', [
      { id: TABAC, name: 'Tabac du Centre', phones: [phoneOf(1), phoneOf(2)] },
      { id: MUTE, name: 'Sans téléphone' },
      { id: DEAD, name: 'Numéro mort', phones: [phoneOf(3)] },
    ])
    await database.db
      .updateTable('contacts')
      .set({ mail: 'tabac@example.org' })
      .where('id', '=', TABAC)
      .execute()
    const settings = DuesSettings.parse({ rule: 'suspend', ruleAfterDays: 60, remindAfterDays: [15] })
    await database.db
      .updateTable('schemes')
      .set({ dues: JSON.stringify(settings) })
      .where('id', '=', 'ac63')
      .execute()
    await openCampaign(deps, chamber, 'ac63', {
      year: 2026,
      feeCents: 1000,
      tradeFees: {},
      proRata: false,
      dueOn: '2026-03-31',
    })
  })

  /** The work of a working morning. */
  async function on(day: string): Promise<void> {
    now = new Date(`${day}T09:00:00Z`)
    await workDues(deps)
  }
  const statusOf = async (id: string) =>
    (await database.db.selectFrom('members').select('status').where('id', '=', id).executeTakeFirstOrThrow())
      .status
  const told = async (id: string) =>
    (await getMemberDues(deps, chamber, 'ac63', id)).notices.map(({ kind, sms, mails }) => [kind, sms, mails])
  const messages = () =>
    database.db.selectFrom('directMessages').select(['phone', 'text', 'lane']).orderBy('createdAt').execute()

  test('a year of a late payer: told, reminded, warned, suspended, let in again when it pays', async () => {
    await on('2026-02-11')
    expect(await told(TABAC)).toEqual([['call', 0, 1]])
    // Without a mail, by SMS; nobody twice.
    await on('2026-02-12')
    expect(await told(DEAD)).toEqual([['call', 1, 0]])
    expect(await told(MUTE)).toEqual([['call', 0, 0]])
    await on('2026-04-15')
    await on('2026-04-16')
    expect(await told(TABAC)).toEqual([
      ['reminder', 1, 1],
      ['call', 0, 1],
    ])
    const reminder = (await messages()).filter(({ phone }) => phone === phoneOf(1))
    expect(reminder).toMatchObject([{ lane: 'reminder' }])
    expect(reminder[0]?.text).toContain('/portail/cotisation')

    // Two weeks and more before: both numbers, and the mail.
    await on('2026-05-15')
    expect((await told(TABAC))[0]).toEqual(['warning', 2, 1])
    const warning = (await messages()).findLast(({ phone }) => phone === phoneOf(2))
    expect(warning).toMatchObject({ lane: 'service' })
    expect(warning?.text).toMatch(/ne recevra plus AUCUNE alerte à partir du 30\/05\/2026/)
    await on('2026-05-29')
    expect(await statusOf(TABAC)).toBe('active')
    // A Saturday: nobody is told, so nobody is suspended.
    await on('2026-05-30')
    expect(await statusOf(TABAC)).toBe('active')
    await on('2026-06-01')
    expect(await statusOf(TABAC)).toBe('suspended')
    expect((await told(TABAC))[0]).toEqual(['suspended', 2, 1])
    const page = await listDuesPage(deps, chamber, 'ac63', { limit: 50, facet: 'suspended' })
    expect(page.members.map(({ name, suspended }) => [name, suspended])).toContainEqual([
      'Tabac du Centre',
      true,
    ])

    // Nothing more is said while it lasts.
    await on('2026-06-22')
    expect(await told(TABAC)).toHaveLength(4)
    const half = { ...pay, amountCents: 400, receivedOn: '2026-06-22' }
    await recordPayment(deps, chamber, 'ac63', TABAC, half)
    expect(await statusOf(TABAC)).toBe('suspended')
    const account = await recordPayment(deps, chamber, 'ac63', TABAC, { ...half, amountCents: 600 })
    expect(await statusOf(TABAC)).toBe('active')
    expect(account).toMatchObject({
      suspendedAt: null,
      notices: [{ kind: 'restored', sms: 2, mails: 1 }, {}, {}, {}, {}],
    })

    // The payment was none: it is warned anew before it is suspended anew.
    const id = { member: TABAC, payment: account.payments[0]!.id }
    await cancelPayment(deps, chamber, 'ac63', id, { reason: 'fausse pièce' })
    await on('2026-06-23')
    expect((await told(TABAC))[0]).toEqual(['warning', 2, 1])
    await on('2026-07-07')
    expect(await statusOf(TABAC)).toBe('active')
    await on('2026-07-08')
    expect(await statusOf(TABAC)).toBe('suspended')
    await waiveDues(deps, chamber, 'ac63', TABAC, { reason: 'remise' })
    expect(await statusOf(TABAC)).toBe('active')
  })

  test('whoever cannot be told is not suspended until the chamber tells them', async () => {
    await on('2026-02-11')
    await on('2026-05-15')
    // What came back since says that the number is none.
    await database.db
      .insertInto('numberHealth')
      .values({ schemeId: 'ac63', phone: phoneOf(3), state: 'dead', since: now, unknownAt: [], absentAt: [] })
      .execute()
    await on('2026-07-01')
    expect(await statusOf(TABAC)).toBe('suspended')
    expect(await statusOf(MUTE)).toBe('active')
    expect(await statusOf(DEAD)).toBe('active')
    const untold = await listDuesPage(deps, chamber, 'ac63', { limit: 50, facet: 'untold' })
    expect(untold.members.map(({ name }) => name)).toEqual(['Numéro mort', 'Sans téléphone'])
    expect(untold.figures?.members).toMatchObject({ untold: 2, suspended: 1 })

    const account = await noteToldInPerson(deps, chamber, 'ac63', MUTE, { how: 'phone', note: 'la gérante' })
    expect(account).toMatchObject({ untold: false, notices: [{ told: 'phone', reached: true }, {}, {}] })
    await on('2026-07-15')
    expect(await statusOf(MUTE)).toBe('active')
    await on('2026-07-16')
    expect(await statusOf(MUTE)).toBe('suspended')
    expect(await statusOf(DEAD)).toBe('active')
  })

  test('a suspension that the chamber lifts is over: it is warned anew', async () => {
    await on('2026-02-11')
    await on('2026-05-15')
    await on('2026-06-01')
    await database.db.updateTable('members').set({ status: 'active' }).where('id', '=', TABAC).execute()
    await on('2026-06-02')
    expect(await getMemberDues(deps, chamber, 'ac63', TABAC)).toMatchObject({
      suspendedAt: null,
      notices: [{ kind: 'warning' }, { kind: 'suspended' }, {}, {}],
    })
    expect(await statusOf(TABAC)).toBe('active')
  })

  test('the chamber alone says that it told somebody, and only of what is owed', async () => {
    for (const actor of [
      actorOf('trade_chamber', 'ac63', { trades: ['tobacco-press'] }),
      actorOf('operator', 'ac63'),
    ]) {
      await expect(
        noteToldInPerson(deps, actor, 'ac63', MUTE, { how: 'visit', note: '' }),
      ).rejects.toMatchObject({
        code: 'forbidden',
      })
    }
    await recordPayment(deps, chamber, 'ac63', MUTE, { ...pay, receivedOn: '2026-02-10' })
    await expect(
      noteToldInPerson(deps, chamber, 'ac63', MUTE, { how: 'visit', note: '' }),
    ).rejects.toMatchObject({
      code: 'wrong_state',
    })
  })
})
