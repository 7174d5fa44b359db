import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openCampaign } from '../../../test/support/campaigns.ts'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, authors, type NotedJobs, noteJobs, testDeps } from '../../../test/support/deps.ts'
import { emptyTables } from '../../../test/support/empty-tables.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import { type MailServer, startMailServer } from '../../../test/support/mail-server.ts'
import { waitingMails, waitingSms } from '../../../test/support/outbox.ts'
import { listAudit } from '../../audit/actions.ts'
import { AuditQuery } from '../../audit/contract.ts'
import { changeMembers, listMemberChanges } from '../../changes/actions.ts'
import { undoChange } from '../../changes/undo.ts'
import { recordReachedSms, sendDirectMessage } from '../../deliveries/plan/direct.ts'
import type { Deps } from '../../deps.ts'
import { createKeptMailer } from '../../gateways/mail/kept.ts'
import { createSmtpMailer } from '../../gateways/mail/smtp.ts'
import { importMembers } from '../../imports/import/import.ts'
import { sendMail } from '../../outbox/mails.ts'
import { type Database, inScheme } from '../../platform/db.ts'
import { createLog } from '../../platform/telemetry/log.ts'
import { DuesSettings } from '../../schemes/contract.ts'
import { getMemberDues, listDuesPage } from '../actions.ts'
import { recordPayments, undoPayments } from '../bulk/actions.ts'
import { lockDues, writeMovements } from '../ledger/ledger.ts'
import { cancelPayment, recordPayment, recordWarningInPerson, waiveDues } from '../ledger/payments.ts'
import { cancelRefund, recordRefund } from '../ledger/refunds.ts'
import { assessJoined, withdrawCampaign } from './campaign.ts'
import { notifyMembers } from './notify.ts'
import { reactivateSettledMembers } from './suspensions.ts'
import { runDailyDues } from './work.ts'

const chamber = actorOf('chamber', 'ac63')
const TABAC = idOf(1)
const MUTE = idOf(2)
const DEAD = idOf(3)
const pay = { way: 'cash', amountCents: 1000, receivedOn: '', reference: '', inAdvance: false } as const

describe.each(usualKinds)('the dues rule on %s', (kind) => {
  let database: Database
  let deps: Deps
  let mailer: ReturnType<typeof createKeptMailer>
  let now: Date
  let jobs: NotedJobs
  let server: MailServer
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    server = await startMailServer({ user: 'tocsin', password: 'secret' })
  })
  afterAll(async () => {
    await server.stop()
    await database.close()
  })
  beforeEach(async () => {
    now = new Date('2026-02-10T09:00:00Z')
    jobs = noteJobs()
    mailer = createKeptMailer(() => now)
    deps = testDeps(database, { now: () => now, jobs, mailer })
    await emptyTables(database, [
      ...['dues_campaigns', 'dues_payment_batches', 'dues_counters', 'dues_withdrawn', 'ledger_entries'],
      ...['outbox', 'broadcasts', 'member_changes', 'number_health', 'members'],
    ])
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

  /** Runs the work of a weekday morning. */
  async function on(day: string): Promise<void> {
    now = new Date(`${day}T09:00:00Z`)
    await recordReachedSms(deps)
    await runDailyDues(deps)
    await leave('mail.send')
  }
  /** Hands waiting mails to the mail server, or plans waiting SMS for the provider. */
  async function leave(which: 'mail.send' | 'direct.send'): Promise<void> {
    for (const { name, payload } of jobs.noted.splice(0)) {
      if (name !== which) jobs.noted.push({ name, payload })
      else if ('mailId' in payload) await sendMail(deps, payload.schemeId, payload.mailId)
      else if ('messageId' in payload) await sendDirectMessage(deps, payload.schemeId, payload.messageId)
    }
  }
  /** Reports the provider's outcome for all messages planned for a number. */
  const answer = (phone: string, state: 'delivered' | 'failed') =>
    database.db
      .updateTable('deliveries')
      .set({ state, settledAt: now })
      .where('phone', '=', phone)
      .where('state', '=', 'planned')
      .execute()
  const auditOf = async (id: string) =>
    (
      await database.db
        .selectFrom('auditEntries')
        .select('action')
        .where('subject', '=', `member:${id}`)
        .where('actor', '=', 'system:dues')
        .where('at', '>=', new Date('2026-02-10T09:00:00Z'))
        .orderBy('seq')
        .execute()
    ).map(({ action }) => action)
  const statusOf = async (id: string) =>
    (await database.db.selectFrom('members').select('status').where('id', '=', id).executeTakeFirstOrThrow())
      .status
  const told = async (id: string) =>
    (await getMemberDues(deps, chamber, 'ac63', id)).notices.map(({ kind, sms, mails }) => [kind, sms, mails])
  /** Suspends every member as the rule does. */
  async function suspendAll(): Promise<void> {
    for (const memberId of [TABAC, DEAD, MUTE]) {
      await database.db
        .updateTable('members')
        .set({ status: 'suspended' })
        .where('id', '=', memberId)
        .execute()
      const suspension = { schemeId: 'ac63', memberId, suspendedAt: now, restoredAt: null }
      await database.db.insertInto('duesSuspensions').values(suspension).execute()
    }
  }
  const messages = async () =>
    (await waitingSms(database.db)).map(({ phone, text, lane }) => ({ phone, text, lane }))

  test('a suspended member is called for the next year too: 30 days to pay, the whole sum named, alerts back once the old year is paid', async () => {
    await suspendAll()
    now = new Date('2027-01-11T09:00:00Z')
    await openCampaign(deps, chamber, 'ac63', {
      ...{ year: 2027, feeCents: 1500, tradeFees: {}, proRata: false, dueOn: '2027-01-20' },
    })
    const { years } = await getMemberDues(deps, chamber, 'ac63', TABAC)
    expect(years.map(({ year, dueOn }) => [year, dueOn])).toEqual([
      [2027, '2027-02-10'],
      [2026, '2026-03-31'],
    ])
    await on('2027-01-12')
    expect(mailer.list().map(({ to }) => to)).toEqual(['tabac@example.org'])
    expect(mailer.list()[0]?.text).toMatch(/25,00\s€ sont dus en tout, à payer avant le 10 février 2027/)
    expect((await messages()).map(({ text }) => text)).toEqual([expect.stringContaining('plus les alertes')])
    // Once, and no reminder follows.
    await on('2027-02-26')
    expect((await told(TABAC)).map(([kind]) => kind)).toEqual(['call'])
    expect(await statusOf(TABAC)).toBe('suspended')
  })

  test('a scheme words its reminder by SMS', async () => {
    const texts = { duesReminder: '{dispositif} : pensez à la cotisation {annee} de {commerce}.' }
    await sql`update schemes set texts = ${JSON.stringify(texts)} where id = 'ac63'`.execute(database.db)
    await on('2026-03-02')
    await on('2026-04-15')
    expect((await messages()).map(({ text }) => text)).toContainEqual(
      expect.stringMatching(/ : pensez à la cotisation 2026 de /),
    )
    await sql`update schemes set texts = '{}' where id = 'ac63'`.execute(database.db)
  })

  test('no member is notified of a new campaign for half an hour; after a withdrawal notified members are notified again and waiting messages are dropped', async () => {
    const at = async (time: string) => {
      now = new Date(`2026-02-10T${time}:00Z`)
      await runDailyDues(deps)
    }
    const opened = (await listDuesPage(deps, chamber, 'ac63', { limit: 50 })).campaign
    expect(opened).toMatchObject({ callsFrom: '2026-02-10T09:30:00.000Z', withdrawable: true })
    await at('09:20')
    expect(await told(TABAC)).toEqual([])
    await at('09:30')
    // The mail is sent; the SMS waits.
    await leave('mail.send')
    expect(await told(TABAC)).toEqual([['call', 0, 1]])
    await at('09:35')
    expect(await told(DEAD)).toEqual([['call', 1, 0]])
    expect(await messages()).not.toEqual([])
    await expect(withdrawCampaign(deps, chamber, 'ac63', 2026, { reason: '' })).rejects.toMatchObject({
      problems: [{ code: 'input.required', path: 'reason' }],
    })
    const withdrawn = await withdrawCampaign(deps, chamber, 'ac63', 2026, { reason: 'mauvais montant' })
    expect(withdrawn.notified).toBe(1)
    expect(await messages()).toEqual([])
    expect(await told(DEAD)).toEqual([])
    expect(await getMemberDues(deps, chamber, 'ac63', TABAC)).toMatchObject({ balanceCents: 0, years: [] })
    const year = { year: 2026, feeCents: 2500, tradeFees: {}, proRata: false, dueOn: '2026-03-31' }
    await openCampaign(deps, chamber, 'ac63', year)
    await at('09:40')
    expect(await told(TABAC)).toEqual([
      ['withdrawn', 0, 1],
      ['call', 0, 1],
    ])
    await on('2026-02-11')
    expect((await told(TABAC))[0]).toEqual(['call', 0, 1])
    expect(await told(TABAC)).toHaveLength(3)
    expect((await told(DEAD))[0]).toEqual(['call', 1, 0])
    expect((await messages()).at(-1)?.text).toContain('un appel de cotisation 2026')
    const audited = await database.db
      .selectFrom('auditEntries')
      .select('details')
      .where('action', '=', 'dues.withdraw')
      .execute()
    expect(audited).toMatchObject([{ details: { feeCents: 1000, notified: 1 } }])
    // A free text is shown with the audit record, but is not in the part that is never erased.
    expect(audited[0]?.details).not.toHaveProperty('reason')
    const { entries } = await listAudit(
      { ...deps, authors },
      chamber,
      'ac63',
      AuditQuery.parse({ action: 'dues.withdraw' }),
    )
    expect(entries[0]?.details).toMatchObject({ feeCents: 1000, reason: 'mauvais montant' })
  })

  test('a year of a late payer: billed, reminded, warned, suspended, reactivated when it pays', async () => {
    await on('2026-02-11')
    expect(await told(TABAC)).toEqual([['call', 0, 1]])
    // A member without a mail address gets it by SMS; no member gets it twice.
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
    expect(reminder[0]?.text).toContain('vous attend dans votre espace (adresse sur l’autocollant)')

    // At least two weeks before: both numbers, and the mail.
    await on('2026-05-15')
    expect((await told(TABAC))[0]).toEqual(['warning', 2, 1])
    const warning = (await messages()).findLast(({ phone }) => phone === phoneOf(2))
    expect(warning).toMatchObject({ lane: 'service' })
    expect(warning?.text).toMatch(/ne recevra plus AUCUNE alerte à partir du 30\/05\/2026/)
    await on('2026-05-29')
    expect(await statusOf(TABAC)).toBe('active')
    // A Saturday: no notice is sent, so no member is suspended.
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

    // No further notice while it is suspended.
    await on('2026-06-22')
    expect(await told(TABAC)).toHaveLength(4)
    const half = { ...pay, amountCents: 400, receivedOn: '2026-06-22' }
    await recordPayment(deps, chamber, 'ac63', TABAC, half)
    expect(await statusOf(TABAC)).toBe('suspended')
    const account = await recordPayment(deps, chamber, 'ac63', TABAC, { ...half, amountCents: 600 })
    expect(await statusOf(TABAC)).toBe('active')
    expect((await auditOf(TABAC)).slice(-2)).toEqual(['dues.suspend', 'dues.restore'])
    expect(account).toMatchObject({
      suspendedAt: null,
      notices: [{ kind: 'restored', sms: 2, mails: 1 }, {}, {}, {}, {}],
    })

    // The payment was invalid: the member is warned again before it is suspended again.
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

  test('a member suspended after a refund is reactivated when the refund is cancelled', async () => {
    const paid = await recordPayment(deps, chamber, 'ac63', TABAC, { ...pay, receivedOn: '2026-02-10' })
    const { refunds } = await recordRefund(deps, chamber, 'ac63', TABAC, {
      paymentId: paid.payments[0]!.id,
      way: 'transfer',
      amountCents: 1000,
      paidOn: '2026-02-10',
      reference: '',
      reason: 'erreur',
    })
    for (const day of ['2026-02-11', '2026-05-15', '2026-06-01']) await on(day)
    expect(await statusOf(TABAC)).toBe('suspended')
    now = new Date('2026-06-01T10:00:00Z')
    const id = { member: TABAC, refund: refunds[0]!.id }
    const account = await cancelRefund(deps, chamber, 'ac63', id, { reason: 'virement revenu' })
    expect(account).toMatchObject({ balanceCents: 0, suspendedAt: null })
    expect(await statusOf(TABAC)).toBe('active')
    expect((await told(TABAC))[0]).toEqual(['restored', 2, 1])
  })

  /** Suspends every member in June, and lets the clock of each call go on. */
  async function suspendInJune(): Promise<void> {
    now = new Date('2026-06-01T09:00:00Z')
    await suspendAll()
    let calls = 0
    deps = { ...deps, now: () => new Date(now.getTime() + ++calls) }
  }
  const recordBatch = (no: number, members: readonly string[], amountCents = 1000) =>
    recordPayments(deps, chamber, 'ac63', {
      ...{ id: idOf(no), way: 'cash', receivedOn: '2026-06-01' },
      payments: members.map((member) => ({
        ...{ member, amountCents, reference: '', bank: '', drawer: '', confirms: [] },
      })),
    })
  const suspensionsOf = async (memberId: string) =>
    (
      await database.db
        .selectFrom('duesSuspensions')
        .select(['suspendedAt', 'restoredAt'])
        .where('memberId', '=', memberId)
        .execute()
    ).map(({ suspendedAt, restoredAt }) => [suspendedAt.toISOString(), restoredAt])

  test('undoing payments suspends again the members that they reactivated: unsent notices are withdrawn, sent ones followed', async () => {
    await suspendInJune()
    await recordBatch(951, [TABAC, DEAD])
    expect([await statusOf(TABAC), await statusOf(DEAD)]).toEqual(['active', 'active'])
    // The mail leaves; all SMS wait.
    await leave('mail.send')
    now = new Date('2026-06-01T10:00:00Z')
    await undoPayments(deps, chamber, 'ac63', idOf(951))
    expect([await statusOf(TABAC), await statusOf(DEAD)]).toEqual(['suspended', 'suspended'])
    const same = [['2026-06-01T09:00:00.000Z', null]]
    expect([await suspensionsOf(TABAC), await suspensionsOf(DEAD)]).toEqual([same, same])
    expect((await told(TABAC)).map(([what]) => what)).toEqual(['suspended', 'restored'])
    expect(await told(DEAD)).toEqual([])
    expect((await messages()).map(({ phone, text }) => [phone, text])).toEqual([
      [phoneOf(1), expect.stringContaining('n’aura plus aucune alerte')],
      [phoneOf(2), expect.stringContaining('n’aura plus aucune alerte')],
    ])
    expect((await auditOf(DEAD)).slice(-2)).toEqual(['dues.restore', 'dues.suspend'])
    // The payment noted again reactivates them.
    await recordBatch(952, [DEAD])
    expect(await statusOf(DEAD)).toBe('active')
  })

  test('undoing payments suspends no member that another payment or the chamber reactivated since, or that owes nothing', async () => {
    await suspendInJune()
    await recordBatch(953, [DEAD, TABAC], 400)
    const rest = { ...pay, amountCents: 600, receivedOn: '2026-06-01' }
    await recordPayment(deps, chamber, 'ac63', DEAD, rest)
    await recordPayment(deps, chamber, 'ac63', TABAC, { ...rest, amountCents: 200 })
    expect([await statusOf(DEAD), await statusOf(TABAC)]).toEqual(['active', 'suspended'])
    await undoPayments(deps, chamber, 'ac63', idOf(953))
    expect([await statusOf(DEAD), await statusOf(TABAC)]).toEqual(['active', 'suspended'])

    await recordBatch(954, [TABAC], 800)
    await recordBatch(955, [MUTE])
    await waiveDues(deps, chamber, 'ac63', DEAD, { reason: 'geste' })
    for (const kind of ['suspend', 'resume'] as const)
      await changeMembers(deps, chamber, 'ac63', {
        action: kind === 'suspend' ? { kind, reason: 'vol' } : { kind },
        members: { ids: [TABAC] },
      })
    await recordPayment(deps, chamber, 'ac63', MUTE, {
      ...{ ...pay, receivedOn: '2026-06-01', inAdvance: true },
    })
    for (const no of [954, 955]) await undoPayments(deps, chamber, 'ac63', idOf(no))
    expect([await statusOf(TABAC), await statusOf(MUTE)]).toEqual(['active', 'active'])
  })

  test('however many members are suspended or reactivated, their audit entries are one statement', async () => {
    // Numbers the statements of a transaction that wrote the rows.
    const statements = async (action: string) =>
      (
        await sql<{ subject: string; statement: string }>`
          select subject, xmin || '/' || cmin as statement from audit_entries
          where action = ${action} order by seq desc limit 2`.execute(database.db)
      ).rows
    await recordWarningInPerson(deps, chamber, 'ac63', DEAD, { how: 'visit', note: '' })
    for (const day of ['2026-02-11', '2026-02-12', '2026-05-15', '2026-06-01']) await on(day)
    const suspended = await statements('dues.suspend')
    expect(suspended.map(({ subject }) => subject).sort()).toEqual([`member:${TABAC}`, `member:${DEAD}`])
    expect(new Set(suspended.map(({ statement }) => statement)).size).toBe(1)
    await inScheme(database.db, 'ac63', async (tx) => {
      await lockDues(tx, 'ac63')
      await writeMovements(
        tx,
        deps,
        'ac63',
        'x',
        [TABAC, DEAD].map((memberId) => ({
          ...{ kind: 'waiver', enteredOn: '2026-06-01', memberId, member: 'x', piece: 'x' },
          ...{ owesCents: -1000, against: 'income' },
        })),
      )
      await reactivateSettledMembers(tx, deps, 'ac63', [TABAC, DEAD])
    })
    const restored = await statements('dues.restore')
    expect(restored.map(({ subject }) => subject).sort()).toEqual([`member:${TABAC}`, `member:${DEAD}`])
    expect(new Set(restored.map(({ statement }) => statement)).size).toBe(1)
  })

  test('a member that cannot be notified is not suspended until the chamber notifies it', async () => {
    await on('2026-02-11')
    await on('2026-05-15')
    await on('2026-05-18')
    // A later receipt shows that the number does not exist.
    await database.db
      .insertInto('numberHealth')
      .values({ schemeId: 'ac63', phone: phoneOf(3), state: 'dead', since: now, unknownAt: [], absentAt: [] })
      .execute()
    await on('2026-07-01')
    expect(await statusOf(TABAC)).toBe('suspended')
    expect(await statusOf(MUTE)).toBe('active')
    expect(await statusOf(DEAD)).toBe('active')
    const unnotified = await listDuesPage(deps, chamber, 'ac63', { limit: 50, facet: 'unnotified' })
    expect(unnotified.members.map(({ name }) => name)).toEqual(['Numéro mort', 'Sans téléphone'])
    expect(unnotified.figures?.members).toMatchObject({ unnotified: 2, suspended: 1 })

    const warned = { id: deps.newId(), how: 'phone', note: 'la gérante' } as const
    await recordWarningInPerson(deps, chamber, 'ac63', MUTE, warned)
    await expect(
      recordWarningInPerson(deps, chamber, 'ac63', MUTE, { ...warned, how: 'visit' }),
    ).rejects.toMatchObject({ code: 'id_taken' })
    // A request whose answer was lost is sent again: it is one warning.
    const account = await recordWarningInPerson(deps, chamber, 'ac63', MUTE, warned)
    expect(account).toMatchObject({
      unnotified: false,
      notices: [{ inPerson: 'phone', reached: true }, {}, {}],
    })
    await on('2026-07-15')
    expect(await statusOf(MUTE)).toBe('active')
    await on('2026-07-16')
    expect(await statusOf(MUTE)).toBe('suspended')
    expect(await statusOf(DEAD)).toBe('active')
  })

  test('a suspension lifted by the chamber is over: the member is warned again', async () => {
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

  test('a warning that reached no contact does not count; one that did counts from then on', async () => {
    const smtp = createSmtpMailer(
      `smtp://tocsin:secret@127.0.0.1:${server.port}`,
      'Alerte <alerte@cci.example>',
    )
    deps = { ...deps, mailer: smtp }
    await on('2026-02-11')
    // The server refuses the address, and no number is reached.
    server.refuse(550)
    await on('2026-05-15')
    await leave('direct.send')
    expect(await waitingMails(database.db)).toEqual([])
    expect(await getMemberDues(deps, chamber, 'ac63', TABAC)).toMatchObject({
      unnotified: false,
      notices: [{ kind: 'warning', reached: null, mails: 1, sms: 2 }, {}],
    })
    now = new Date('2026-05-18T09:00:00Z')
    await answer(phoneOf(1), 'failed')
    await answer(phoneOf(3), 'delivered')
    await on('2026-06-01')
    expect([await statusOf(TABAC), await statusOf(DEAD)]).toEqual(['active', 'active'])
    expect(await getMemberDues(deps, chamber, 'ac63', TABAC)).toMatchObject({
      unnotified: true,
      notices: [{ kind: 'warning', reached: false }, {}],
    })
    await on('2026-06-02')
    expect([await statusOf(TABAC), await statusOf(DEAD)]).toEqual(['active', 'suspended'])
    await on('2026-09-01')
    expect(await statusOf(TABAC)).toBe('active')
    server.refuse(undefined)
    mailer.close()
  })

  test('a mail that waits, or was dropped, has reached no contact', async () => {
    const smtp = createSmtpMailer(
      `smtp://tocsin:secret@127.0.0.1:${server.port}`,
      'Alerte <alerte@cci.example>',
    )
    await on('2026-02-11')
    deps = { ...deps, mailer: smtp }
    server.refuse(451)
    now = new Date('2026-05-15T09:00:00Z')
    await runDailyDues(deps)
    await expect(leave('mail.send')).rejects.toMatchObject({ code: 'source_unreachable' })
    const [mail] = await waitingMails(database.db)
    now = new Date('2026-05-19T09:00:00Z')
    server.refuse(undefined)
    await sendMail(deps, 'ac63', mail?.id ?? '')
    await on('2026-07-01')
    expect(await statusOf(TABAC)).toBe('active')
    expect(server.mails.filter(({ subject }) => subject?.includes('ne recevrez plus'))).toEqual([])
    mailer.close()
  })

  test('after undoing a bulk reactivation, members are reactivated when they pay, also if they paid meanwhile', async () => {
    await on('2026-02-11')
    await on('2026-05-15')
    await on('2026-06-01')
    now = new Date('2026-06-01T10:00:00Z')
    const resume = async () => {
      const { change } = await changeMembers(deps, chamber, 'ac63', {
        action: { kind: 'resume' },
        members: { ids: [TABAC] },
      })
      // Recorded as ended by the job that runs every five minutes.
      await on('2026-06-02')
      expect((await getMemberDues(deps, chamber, 'ac63', TABAC)).suspendedAt).toBeNull()
      return change?.id ?? ''
    }
    const one = { ...pay, receivedOn: '2026-06-01' }
    await undoChange(deps, chamber, 'ac63', await resume())
    expect(await statusOf(TABAC)).toBe('suspended')
    const account = await recordPayment(deps, chamber, 'ac63', TABAC, one)
    expect(await statusOf(TABAC)).toBe('active')

    const id = { member: TABAC, payment: account.payments[0]!.id }
    await cancelPayment(deps, chamber, 'ac63', id, { reason: 'fausse pièce' })
    await on('2026-06-03')
    await on('2026-06-18')
    expect(await statusOf(TABAC)).toBe('suspended')
    now = new Date('2026-06-18T10:00:00Z')
    const { change } = await changeMembers(deps, chamber, 'ac63', {
      action: { kind: 'resume' },
      members: { ids: [TABAC] },
    })
    await runDailyDues(deps)
    await recordPayment(deps, chamber, 'ac63', TABAC, one)
    await undoChange(deps, chamber, 'ac63', change?.id ?? '')
    await runDailyDues(deps)
    expect(await statusOf(TABAC)).toBe('active')
  })

  test('an import can be undone for a day while a campaign is open', async () => {
    const csv = `Enseigne;Métier;Code INSEE;Mobile\nPresse 63;Tabac;63178;${phoneOf(7)}`
    const report = await importMembers(deps, chamber, 'ac63', new TextEncoder().encode(csv), {})
    expect(report).toMatchObject({ outcome: 'applied', created: 1 })
    now = new Date('2026-02-11T08:59:00Z')
    await runDailyDues(deps)
    const [change] = await listMemberChanges(deps, chamber, 'ac63')
    expect(await undoChange(deps, chamber, 'ac63', change?.id ?? '')).toMatchObject({ kept: [] })
  })

  test('a failing scheme delays no other, and its log entry names no person', async () => {
    const at = now
    await database.db
      .insertInto('duesCampaigns')
      .values({
        schemeId: 'ac39',
        year: 2026,
        feeCents: 1000,
        tradeFees: '{}',
        proRata: false,
        dueOn: '2026-03-31',
        openedAt: at,
        openedBy: 'x',
      })
      .execute()
    const setDues = (dues: object) =>
      database.db
        .updateTable('schemes')
        .set({ dues: JSON.stringify(dues) })
        .where('id', '=', 'ac39')
        .execute()
    await setDues({ rule: 'Tabac du Centre' })
    const logged: unknown[] = []
    const log = Object.assign(createLog('silent'), { error: (...line: unknown[]) => logged.push(line) })
    now = new Date('2026-02-11T09:00:00Z')
    await runDailyDues({ ...deps, log })
    await setDues({})
    expect(await told(TABAC)).toEqual([['call', 0, 1]])
    expect(logged).toMatchObject([
      [{ schemeId: 'ac39' }, 'the dues of a scheme could not be processed, trying again'],
    ])
    expect(JSON.stringify(logged)).not.toContain('Tabac')
  })

  test('only the chamber records a warning in person, and only to a member that owes dues', async () => {
    for (const actor of [
      actorOf('trade_chamber', 'ac63', { trades: ['tobacco-press'] }),
      actorOf('operator', 'ac63'),
    ]) {
      await expect(
        recordWarningInPerson(deps, actor, 'ac63', MUTE, { how: 'visit', note: '' }),
      ).rejects.toMatchObject({
        code: 'forbidden',
      })
    }
    await recordPayment(deps, chamber, 'ac63', MUTE, { ...pay, receivedOn: '2026-02-10' })
    await expect(
      recordWarningInPerson(deps, chamber, 'ac63', MUTE, { how: 'visit', note: '' }),
    ).rejects.toMatchObject({
      code: 'wrong_state',
    })
  })

  test('notifies thousands at once', { tags: 'long' }, async () => {
    const many = Array.from({ length: 6000 }, (_, i) => idOf(1000 + i))
    await seedMembers(
      database.db,
      'ac63',
      many.map((id) => ({ id, name: 'Commerce' })),
    )
    now = new Date('2026-02-12T09:00:00Z')
    await inScheme(database.db, 'ac63', async (tx) => {
      await assessJoined(tx, deps, 'ac63')
      const notices = many.map((memberId) => ({
        memberId,
        name: 'Commerce',
        year: 2026,
        kind: 'debit' as const,
        amountCents: 1000,
        dueOn: '2026-03-31',
      }))
      await notifyMembers(tx, deps, 'ac63', { by: 'test', settings: { sms: false }, notices })
    })
    const { rows } = await database.pool.query('select count(*)::int as n from dues_notices')
    expect(rows).toEqual([{ n: 6000 }])
  })

  test('members suspended by a campaign are reactivated as soon as it is withdrawn, at night too, with the reason', async () => {
    await suspendAll()
    // The night after it was opened, outside working hours.
    now = new Date('2026-02-10T23:00:00Z')
    const withdrawn = await withdrawCampaign(deps, chamber, 'ac63', 2026, { reason: 'mauvais montant' })
    expect(withdrawn.restored).toBe(3)
    expect(await statusOf(TABAC)).toBe('active')
    expect(await statusOf(MUTE)).toBe('active')
    expect(await told(TABAC)).toEqual([['restored', 2, 1]])
    const [sms] = await messages()
    expect(sms).toMatchObject({ lane: 'service' })
    expect(sms?.text).toMatch(
      /les alertes reprennent pour .+\. L’appel de cotisation 2026 comportait une erreur/,
    )
    expect(sms?.text).not.toMatch(/réglé|merci/)
    const mails = await waitingMails(database.db)
    expect(mails.map(({ text }) => text).join()).toContain('il est retiré')
    // Nothing more in the morning.
    await on('2026-02-11')
    expect(await told(TABAC)).toEqual([['restored', 2, 1]])
  })

  test('members that owe an earlier year stay suspended when a campaign is withdrawn', async () => {
    await openCampaign(deps, chamber, 'ac63', {
      year: 2025,
      feeCents: 1000,
      tradeFees: {},
      proRata: false,
      dueOn: '2025-03-31',
    })
    await suspendAll()
    const withdrawn = await withdrawCampaign(deps, chamber, 'ac63', 2026, { reason: 'mauvais montant' })
    expect(withdrawn.restored).toBe(0)
    expect(await statusOf(TABAC)).toBe('suspended')
  })
})
