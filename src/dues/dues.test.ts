import { sql } from 'kysely'
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openCampaign as openAnyCampaign } from '../../test/support/campaigns.ts'
import { testDatabase } from '../../test/support/database.ts'
import { actorOf, contactOf, program, testDeps } from '../../test/support/deps.ts'
import { emptyTables } from '../../test/support/empty-tables.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../test/support/fixtures.ts'
import type { Deps } from '../deps.ts'
import { getPublicScheme } from '../enrolment/apply.ts'
import { changeStatus } from '../members/store.ts'
import { encodeCursor } from '../platform/database/cursor.ts'
import type { Database } from '../platform/db.ts'
import { inScheme } from '../platform/db.ts'
import { DuesSettings } from '../schemes/contract.ts'
import { getMemberDues, listDuesPage } from './actions.ts'
import type { NewCampaign } from './contract.ts'
import { exportAccounting } from './ledger/accounting.ts'
import { lockDues } from './ledger/ledger.ts'
import { cancelPayment, recordPayment, waiveDues } from './ledger/payments.ts'
import { cancelRefund, recordRefund } from './ledger/refunds.ts'
import { getReceipt } from './papers/receipts.ts'
import {
  assessJoined,
  getDuesSettings,
  openCampaign,
  previewCampaign,
  setDuesSettings,
  withdrawCampaign,
} from './reminders/campaign.ts'

const chamber = actorOf('chamber', 'ac63')
const tobacconists = actorOf('trade_chamber', 'ac63', { trades: ['tobacco-press'] })
const campaign: NewCampaign = {
  year: 2026,
  feeCents: 1000,
  tradeFees: { bakeries: 1500, jewellers: 0 },
  proRata: true,
  dueOn: '2026-03-31',
}
const cheque = {
  way: 'cheque',
  amountCents: 1000,
  receivedOn: '2026-02-10',
  reference: '0001234',
  inAdvance: false,
} as const

describe('dues', () => {
  let database: Database
  let deps: Deps
  let now = new Date('2026-02-10T09:00:00Z')
  beforeAll(async () => {
    database = await testDatabase('postgres')
    await seedSchemes(database)
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    now = new Date('2026-02-10T09:00:00Z')
    deps = testDeps(database, { now: () => now })
    // Only tests empty a ledger.
    await emptyTables(database, ['ledger_entries', 'dues_counters', 'dues_campaigns', 'members'])
    await setPayee({ iban: 'FR7630006000011234567890189', chequeOrder: 'CCI' })
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), name: 'Tabac du Centre', phones: [phoneOf(1)] },
      { id: idOf(2), name: 'Boulangerie', trade: 'bakeries' },
      { id: idOf(3), name: 'Bijoux', trade: 'jewellers' },
      { id: idOf(4), name: 'Suspendu', status: 'suspended' },
      { id: idOf(5), name: 'Parti', status: 'left' },
      { id: idOf(6), name: 'En attente', status: 'pending' },
    ])
  })

  const setPayee = (creditor: object) =>
    database.db
      .updateTable('schemes')
      .set({ dues: JSON.stringify({ creditor }) })
      .execute()

  test('a campaign due in the past, or with no account or payee to pay to, is refused with all of it at once', async () => {
    await setPayee({})
    const past = { ...campaign, dueOn: '2026-02-09' }
    for (const attempt of [previewCampaign, openCampaign])
      await expect(attempt(deps, chamber, 'ac63', past)).rejects.toMatchObject({
        code: 'invalid_input',
        problems: [
          { code: 'dues.due_past', path: 'dueOn' },
          { code: 'dues.no_iban' },
          { code: 'dues.no_payee' },
        ],
      })
    // Nobody has to pay: nothing is missing.
    const free = { ...campaign, feeCents: 0, tradeFees: {}, dueOn: '2026-02-10' }
    expect(await openCampaign(deps, chamber, 'ac63', free)).toMatchObject({ year: 2026 })
  })

  test('a campaign is previewed, opened once, and bills by trade; former and pending members owe nothing', async () => {
    const preview = { members: 4, exempt: 1, proRata: 0, calledCents: 3500 }
    expect(await previewCampaign(deps, chamber, 'ac63', campaign)).toEqual(preview)
    expect((await listDuesPage(deps, chamber, 'ac63', { limit: 50 })).campaign).toBeNull()
    await openCampaign(deps, chamber, 'ac63', campaign)
    const page = await listDuesPage(deps, chamber, 'ac63', { limit: 50 })
    expect(page).toMatchObject({
      years: [2026],
      campaign: { year: 2026, feeCents: 1000, tradeFees: { bakeries: 1500, jewellers: 0 } },
      figures: {
        calledCents: 3500,
        settledCents: 0,
        remainingCents: 3500,
        members: { exempt: 1, paid: 0, due: 3, late: 0, suspended: 0, unnotified: 0 },
      },
    })
    expect(page.members.map(({ name, amountCents, state }) => [name, amountCents, state])).toEqual([
      ['Bijoux', 0, 'exempt'],
      ['Boulangerie', 1500, 'due'],
      ['Suspendu', 1000, 'due'],
      ['Tabac du Centre', 1000, 'due'],
    ])
    await expect(openCampaign(deps, chamber, 'ac63', campaign)).rejects.toMatchObject({
      code: 'campaign_exists',
    })
    now = new Date('2026-04-01T09:00:00Z')
    expect((await listDuesPage(deps, chamber, 'ac63', { limit: 50, facet: 'late' })).members).toHaveLength(3)
  })

  test('lists those who have been late for longest first, then by name, page by page', async () => {
    // A late campaign of the year before, of which Suspendu owes; Tabac du Centre joined for 2026 only.
    await openCampaign(deps, chamber, 'ac63', campaign)
    await sql`insert into dues_campaigns (scheme_id, year, fee_cents, pro_rata, due_on, opened_at, opened_by)
      values ('ac63', 2025, 1000, false, '2025-03-31', now(), 'x')`.execute(database.db)
    await sql`insert into dues (scheme_id, year, member_id, amount_cents, due_on, assessed_at)
      values ('ac63', 2025, ${idOf(4)}, 1000, '2025-03-31', now())`.execute(database.db)
    await inScheme(database.db, 'ac63', (tx) =>
      sql`insert into ledger_entries (scheme_id, no, entered_on, kind, member_id, member, piece, written_at, written_by)
        select 'ac63', max(no) + 1, '2025-01-01', 'call', ${idOf(4)}, 'x', 'x', now(), 'x' from ledger_entries`
        .execute(tx)
        .then(() =>
          sql`insert into ledger_lines (scheme_id, no, line, account, member_id, debit_cents, credit_cents)
            select 'ac63', max(no), 1, 'receivable', ${idOf(4)}::uuid, 1000, 0 from ledger_entries
            union all select 'ac63', max(no), 2, 'income', null, 0, 1000 from ledger_entries`.execute(tx),
        ),
    )
    now = new Date('2026-04-01T09:00:00Z')
    const walked: [string, string | null][] = []
    let after: string | null = null
    do {
      const page: Awaited<ReturnType<typeof listDuesPage>> = await listDuesPage(deps, chamber, 'ac63', {
        limit: 1,
        year: 2026,
        sort: 'age',
        ...(after !== null && { after }),
      })
      walked.push(...page.members.map(({ name, lateSince }): [string, string | null] => [name, lateSince]))
      after = page.next
    } while (after !== null)
    expect(walked).toEqual([
      ['Suspendu', '2025-03-31'],
      ['Boulangerie', '2026-03-31'],
      ['Tabac du Centre', '2026-03-31'],
      ['Bijoux', null],
    ])
    const forged = encodeCursor({ id: '00000000-0000-4000-8000-000000000001', key: '2026-99-99;x' })
    await expect(
      listDuesPage(deps, chamber, 'ac63', { limit: 1, sort: 'age', after: forged }),
    ).rejects.toMatchObject({ code: 'invalid_input', problems: [{ path: 'after' }] })
  })

  test('reports every problem of a campaign at once', async () => {
    const wrong = { ...campaign, year: 2024, dueOn: '2026-03-31', tradeFees: { pirates: 1 } }
    await expect(openCampaign(deps, chamber, 'ac63', wrong)).rejects.toMatchObject({
      code: 'invalid_input',
      problems: [
        { code: 'dues.year', path: 'year' },
        { code: 'dues.due_on', path: 'dueOn' },
        { code: 'dues.trade', path: 'tradeFees.pirates' },
      ],
    })
  })

  test('a member who joins during the year pays for the rest of it, one added that had joined before for all of it, once', async () => {
    await openCampaign(deps, chamber, 'ac63', campaign)
    now = new Date('2026-07-03T09:00:00Z')
    await seedMembers(database.db, 'ac63', [
      { id: idOf(7), name: 'Nouveau', createdAt: now },
      { id: idOf(8), name: 'Ancien', createdAt: now },
    ])
    // As the chamber's list says.
    await database.db
      .updateTable('members')
      .set({ joinedOn: '2019-05-01' })
      .where('id', '=', idOf(8))
      .execute()
    const assessAll = () => inScheme(database.db, 'ac63', (tx) => assessJoined(tx, deps, 'ac63'))
    // Not before the import that may have created it can no longer be undone.
    expect(await assessAll()).toBe(0)
    now = new Date('2026-07-04T09:00:00Z')
    expect(await assessAll()).toBe(2)
    expect(await assessAll()).toBe(0)
    expect((await getMemberDues(deps, chamber, 'ac63', idOf(8))).years).toMatchObject([
      { amountCents: 1000, dueOn: '2026-08-02' },
    ])
    expect(await getMemberDues(deps, chamber, 'ac63', idOf(7))).toMatchObject({
      balanceCents: 500,
      years: [{ year: 2026, amountCents: 500, remainingCents: 500, dueOn: '2026-08-02', state: 'due' }],
    })
  })

  test('who joins in a later year owes nothing before, and owes once the day is corrected', async () => {
    const joins = (joinedOn: string) =>
      database.db.updateTable('members').set({ joinedOn }).where('id', '=', idOf(1)).execute()
    const assessAll = () => inScheme(database.db, 'ac63', (tx) => assessJoined(tx, deps, 'ac63'))
    await joins('2027-01-05')
    await openCampaign(deps, chamber, 'ac63', campaign)
    now = new Date('2026-07-04T09:00:00Z')
    expect(await assessAll()).toBe(0)
    expect((await getMemberDues(deps, chamber, 'ac63', idOf(1))).years).toEqual([])
    await joins('2026-01-05')
    expect(await assessAll()).toBe(1)
    expect((await getMemberDues(deps, chamber, 'ac63', idOf(1))).years).toMatchObject([
      { year: 2026, amountCents: 1000 },
    ])
  })

  test('a member that comes back, or is accepted, during the year has 30 days to pay, from a day after', async () => {
    const old = new Date('2019-05-01T09:00:00Z')
    await seedMembers(database.db, 'ac63', [
      { id: idOf(7), name: 'De retour', status: 'left', createdAt: old },
      { id: idOf(8), name: 'Accepté', status: 'pending', createdAt: old },
    ])
    await openCampaign(deps, chamber, 'ac63', campaign)
    now = new Date('2026-07-03T09:00:00Z')
    await inScheme(database.db, 'ac63', async (tx) => {
      await changeStatus(tx, 'ac63', [idOf(7)], { from: 'left', to: 'active', at: now })
      await changeStatus(tx, 'ac63', [idOf(8)], { from: 'pending', to: 'active', at: now })
    })
    const assessAll = () => inScheme(database.db, 'ac63', (tx) => assessJoined(tx, deps, 'ac63'))
    expect(await assessAll()).toBe(0)
    now = new Date('2026-07-04T09:00:00Z')
    expect(await assessAll()).toBe(2)
    for (const id of [idOf(7), idOf(8)])
      expect((await getMemberDues(deps, chamber, 'ac63', id)).years).toMatchObject([
        { amountCents: 1000, dueOn: '2026-08-02', state: 'due' },
      ])
  })

  test('a payment by hand has its receipt, its remainder, and an advance if it exceeds what is owed', async () => {
    await openCampaign(deps, chamber, 'ac63', campaign)
    const half = await recordPayment(deps, chamber, 'ac63', idOf(1), { ...cheque, amountCents: 400 })
    expect(half).toMatchObject({ balanceCents: 600, years: [{ remainingCents: 600, state: 'due' }] })
    await expect(recordPayment(deps, chamber, 'ac63', idOf(1), cheque)).rejects.toMatchObject({
      code: 'more_than_due',
      values: { owed: 6 },
    })
    const next = { ...cheque, reference: '0001235', inAdvance: true }
    const whole = await recordPayment(deps, chamber, 'ac63', idOf(1), next)
    expect(whole).toMatchObject({ balanceCents: -400, years: [{ remainingCents: 0, state: 'paid' }] })
    expect(whole.payments.map(({ receipt }) => receipt.number)).toEqual([
      'AC63-2026-00002',
      'AC63-2026-00001',
    ])
    // The advance settles a part of the next year.
    now = new Date('2026-12-20T09:00:00Z')
    await openCampaign(deps, chamber, 'ac63', { ...campaign, year: 2027, dueOn: '2027-03-31' })
    expect((await getMemberDues(deps, chamber, 'ac63', idOf(1))).years).toMatchObject([
      { year: 2027, amountCents: 1000, remainingCents: 600 },
      { year: 2026, remainingCents: 0 },
    ])
  })

  test('the same request with the id of the client records one payment and one refund, also of two at once', async () => {
    await openCampaign(deps, chamber, 'ac63', campaign)
    const entriesOf = async (action: string) =>
      (
        await database.db
          .selectFrom('auditEntries')
          .select('details')
          .where('subject', '=', `member:${idOf(1)}`)
          .where('action', '=', action)
          .execute()
      ).map(({ details }) => JSON.stringify(details))
    const colleague = { ...chamber, userId: 'chamber-2' }
    const payment = { ...cheque, id: deps.newId(), amountCents: 1500, inAdvance: true }
    const pay = (over: object = {}, member = idOf(1), actor = chamber) =>
      recordPayment(deps, actor, 'ac63', member, { ...payment, ...over })
    for (const account of await Promise.all([pay(), pay(), pay()])) {
      expect(account.balanceCents).toBe(-500)
      expect(account.payments.map(({ id }) => id)).toEqual([payment.id])
    }
    // Confirmations are not compared, and the day is not checked again.
    now = new Date('2027-03-10T09:00:00Z')
    expect((await pay({ inAdvance: false })).balanceCents).toBe(-500)
    now = new Date('2026-02-10T09:00:00Z')
    expect((await entriesOf('dues.payment')).filter((one) => one.includes(payment.id))).toHaveLength(1)
    for (const refused of [
      () => pay({ amountCents: 1400 }),
      () => pay({ way: 'transfer' }),
      () => pay({ receivedOn: '2026-02-09' }),
      () => pay({ reference: '9' }),
      () => pay({}, idOf(2)),
      () => pay({}, idOf(1), colleague),
    ])
      await expect(refused()).rejects.toMatchObject({ code: 'id_taken' })

    const refund = {
      id: deps.newId(),
      paymentId: null,
      way: 'transfer',
      amountCents: 500,
      paidOn: '2026-02-10',
      reference: '',
      reason: 'trop',
    } as const
    const payBack = (over: object = {}, member = idOf(1), actor = chamber) =>
      recordRefund(deps, actor, 'ac63', member, { ...refund, ...over })
    for (const account of await Promise.all([payBack(), payBack(), payBack()])) {
      expect(account.balanceCents).toBe(0)
      expect(account.refunds.map(({ id }) => id)).toEqual([refund.id])
    }
    expect(await entriesOf('dues.refund')).toEqual([expect.stringContaining(refund.id)])
    for (const refused of [
      () => payBack({ amountCents: 400 }),
      () => payBack({ way: 'cheque', reference: '9' }),
      () => payBack({ paidOn: '2026-02-09' }),
      () => payBack({ reason: 'autre' }),
      () => payBack({ paymentId: payment.id }),
      () => payBack({}, idOf(2)),
      () => payBack({}, idOf(1), colleague),
    ])
      await expect(refused()).rejects.toMatchObject({ code: 'id_taken' })
  })

  test('reports every problem of a payment at once; refuses one for an unknown member', async () => {
    const wrong = { ...cheque, reference: '', receivedOn: '2026-02-11' }
    await expect(recordPayment(deps, chamber, 'ac63', idOf(1), wrong)).rejects.toMatchObject({
      problems: [{ code: 'dues.day_to_come' }, { code: 'dues.cheque_number' }],
    })
    await expect(
      recordPayment(deps, chamber, 'ac63', idOf(1), { ...cheque, receivedOn: '2024-02-11' }),
    ).rejects.toMatchObject({ problems: [{ code: 'dues.day_old' }] })
    await expect(recordPayment(deps, chamber, 'ac63', idOf(99), cheque)).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  test('a bounced cheque is cancelled once, with a paper', async () => {
    await openCampaign(deps, chamber, 'ac63', campaign)
    const paid = await recordPayment(deps, chamber, 'ac63', idOf(1), cheque)
    const id = { member: idOf(1), payment: paid.payments[0]!.id }
    await expect(cancelPayment(deps, chamber, 'ac63', id, { reason: '' })).rejects.toMatchObject({
      problems: [{ code: 'input.required', path: 'reason' }],
    })
    const back = await cancelPayment(deps, chamber, 'ac63', id, { reason: 'chèque impayé' })
    expect(back).toMatchObject({
      balanceCents: 1000,
      payments: [{ cancelled: { reason: 'chèque impayé', receipt: { number: 'AC63-2026-00002' } } }],
    })
    await expect(cancelPayment(deps, chamber, 'ac63', id, { reason: 'encore' })).rejects.toMatchObject({
      code: 'wrong_state',
    })
    const first = await read(await getReceipt(deps, chamber, 'ac63', { year: 2026, no: 1 }))
    for (const words of [
      'Reçu n° AC63-2026-00001',
      'Tabac du Centre',
      'Chèque',
      '0001234',
      '10,00 €',
      '2026',
    ])
      expect(first).toContain(words)
    const second = await read(await getReceipt(deps, chamber, 'ac63', { year: 2026, no: 2 }))
    for (const words of [
      'Annulation n° AC63-2026-00002',
      'annule le reçu n° AC63-2026-00001',
      '-10,00 €',
      'chèque impayé',
    ])
      expect(second).toContain(words)
    await expect(getReceipt(deps, chamber, 'ac63', { year: 2026, no: 3 })).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  test("the public page shows this year's campaign, else the next one, else the fees of the settings as planned", async () => {
    const quoted = async () => (await getPublicScheme(deps, 'ac63')).fee
    expect(await quoted()).toBeNull()
    await openAnyCampaign(deps, chamber, 'ac63', { ...campaign, year: 2025, dueOn: '2025-03-31' })
    // A campaign leaves its fees in the settings.
    expect(await quoted()).toMatchObject({ year: 2026, feeCents: 1000, planned: true })
    // After a whole year without a campaign, what the last one left is no plan.
    const later = { ...deps, now: () => new Date('2027-01-05T09:00:00Z') }
    expect((await getPublicScheme(later, 'ac63')).fee).toBeNull()
    await openCampaign(deps, chamber, 'ac63', {
      ...campaign,
      year: 2027,
      feeCents: 2500,
      dueOn: '2027-03-31',
    })
    expect(await quoted()).toMatchObject({ year: 2027, feeCents: 2500, planned: false })
    await openCampaign(deps, chamber, 'ac63', campaign)
    expect(await quoted()).toEqual({
      year: 2026,
      feeCents: 1000,
      tradeFees: { bakeries: 1500, jewellers: 0 },
      proRata: true,
      planned: false,
    })
  })

  test('a campaign can be withdrawn within a day, or until a payment or the due day; payments become advances', async () => {
    const withdraw = (year = 2026) =>
      withdrawCampaign(deps, chamber, 'ac63', year, { reason: 'mauvais montant' })
    await openCampaign(deps, chamber, 'ac63', campaign)
    await recordPayment(deps, chamber, 'ac63', idOf(1), cheque)
    expect(await withdraw()).toEqual({ members: 4, notified: 0, restored: 0, credited: 0 })
    expect(await getMemberDues(deps, chamber, 'ac63', idOf(1))).toMatchObject({
      balanceCents: -1000,
      years: [],
    })
    await expect(withdraw()).rejects.toMatchObject({ code: 'not_found' })
    const books = await exportAccounting(deps, chamber, 'ac63', 2026)
    expect(books).toMatch(/CO;Cotisations;5;20260210;756000;Cotisations;;;2026;20260210;Retrait d’appel/)

    // The right fee, two days later: there has been no payment since.
    now = new Date('2026-02-10T09:10:00Z')
    await openCampaign(deps, chamber, 'ac63', { ...campaign, feeCents: 2500 })
    expect((await getMemberDues(deps, chamber, 'ac63', idOf(1))).balanceCents).toBe(1500)
    now = new Date('2026-02-12T09:00:00Z')
    expect((await listDuesPage(deps, chamber, 'ac63', { limit: 50 })).campaign?.withdrawable).toBe(true)
    const other = { ...cheque, amountCents: 1500, reference: '0001235' }
    await recordPayment(deps, chamber, 'ac63', idOf(2), other)
    expect((await listDuesPage(deps, chamber, 'ac63', { limit: 50 })).campaign?.withdrawable).toBe(false)
    now = new Date('2026-04-02T09:00:00Z')
    await waiveDues(deps, chamber, 'ac63', idOf(1), { reason: 'fermé' })
    await expect(withdraw()).rejects.toMatchObject({
      code: 'campaign_in_use',
      problems: [{ code: 'campaign.paid' }, { code: 'campaign.due' }],
    })
    await expect(withdrawCampaign(deps, tobacconists, 'ac63', 2026, { reason: 'x' })).rejects.toMatchObject({
      code: 'forbidden',
    })
  })

  test('withdrawing a campaign cancels waivers of its fees and keeps those of other years', async () => {
    const withdraw = (year: number) =>
      withdrawCampaign(deps, chamber, 'ac63', year, { reason: 'mauvais montant' })
    const account = async (n: number) => {
      const { balanceCents, waivers } = await getMemberDues(deps, chamber, 'ac63', idOf(n))
      return [balanceCents, ...waivers.map(({ amountCents, reason }) => `${amountCents} ${reason}`)]
    }
    await openAnyCampaign(deps, chamber, 'ac63', {
      ...campaign,
      year: 2025,
      feeCents: 700,
      proRata: false,
      dueOn: '2025-12-31',
    })
    await openCampaign(deps, chamber, 'ac63', { ...campaign, proRata: false })
    expect(await account(1)).toEqual([1700])
    // Both years of the first were waived; for the second, what it had not paid.
    await waiveDues(deps, chamber, 'ac63', idOf(1), { reason: 'fermé' })
    const [owed] = await account(2)
    await recordPayment(deps, chamber, 'ac63', idOf(2), { ...cheque, amountCents: 1000 })
    await waiveDues(deps, chamber, 'ac63', idOf(2), { reason: 'geste' })
    expect(await account(2)).toEqual([0, `${Number(owed) - 1500} geste`, '500 geste'])
    expect((await listDuesPage(deps, chamber, 'ac63', { limit: 50 })).campaign?.withdrawable).toBe(true)
    await withdraw(2026)
    expect(await account(1)).toEqual([0, '700 fermé'])
    // Its payment settled the year before, which was waived in part.
    expect(await account(2)).toEqual([0, '500 geste'])
    // Once the year before is withdrawn too, no waiver is left, and none has become an advance.
    await withdraw(2025)
    expect(await account(1)).toEqual([0])
    expect(await account(2)).toEqual([-1000])
  })

  test('an excess payment is refunded with its own paper, and the refund is cancelled like a payment', async () => {
    await openCampaign(deps, chamber, 'ac63', campaign)
    await recordPayment(deps, chamber, 'ac63', idOf(1), { ...cheque, amountCents: 1500, inAdvance: true })
    const refund = {
      paymentId: null,
      way: 'transfer',
      amountCents: 500,
      paidOn: '2026-02-10',
      reference: 'VIR 12',
      reason: 'chèque trop élevé',
    } as const
    await expect(
      recordRefund(deps, chamber, 'ac63', idOf(1), { ...refund, amountCents: 501 }),
    ).rejects.toMatchObject({ code: 'more_than_paid', values: { most: 5 } })
    const wrong = { ...refund, way: 'cheque', reference: '', reason: '', paidOn: '2026-02-11' } as const
    await expect(recordRefund(deps, chamber, 'ac63', idOf(1), wrong)).rejects.toMatchObject({
      problems: [{ path: 'paidOn' }, { path: 'reference' }, { path: 'reason' }],
    })
    await expect(recordRefund(deps, tobacconists, 'ac63', idOf(1), refund)).rejects.toMatchObject({
      code: 'forbidden',
    })
    const back = await recordRefund(deps, chamber, 'ac63', idOf(1), refund)
    expect(back).toMatchObject({
      balanceCents: 0,
      refunds: [{ amountCents: 500, receipt: { number: 'AC63-2026-00002' }, cancelled: null }],
    })
    const paper = await read(await getReceipt(deps, chamber, 'ac63', { year: 2026, no: 2 }))
    for (const words of [
      'Avoir n° AC63-2026-00002',
      'payé d’avance',
      '5,00 €',
      'chèque trop élevé',
      'VIR 12',
    ])
      expect(paper).toContain(words)
    // A part of one payment: it is owed again.
    const payment = back.payments[0]!
    const part = { ...refund, paymentId: payment.id, amountCents: 300 }
    for (const early of [part, { ...refund, amountCents: 1 }])
      await expect(
        recordRefund(deps, chamber, 'ac63', idOf(1), { ...early, paidOn: '2026-02-09' }),
      ).rejects.toMatchObject({ problems: [{ code: 'dues.refund_before', path: 'paidOn' }] })
    expect((await recordRefund(deps, chamber, 'ac63', idOf(1), part)).balanceCents).toBe(300)
    await expect(
      recordRefund(deps, chamber, 'ac63', idOf(1), { ...part, amountCents: 701 }),
    ).rejects.toMatchObject({ code: 'more_than_paid', values: { most: 7 } })
    // The payment is invalid: refunds of it, or of the advance that it made, must be cancelled first.
    const cancel = () =>
      cancelPayment(deps, chamber, 'ac63', { member: idOf(1), payment: payment.id }, { reason: 'impayé' })
    await expect(cancel()).rejects.toMatchObject({ code: 'payment_refunded', values: { amount: 8 } })
    const id = { member: idOf(1), refund: back.refunds[0]!.id }
    const undone = await cancelRefund(deps, chamber, 'ac63', id, { reason: 'virement revenu' })
    expect(undone).toMatchObject({ balanceCents: -200 })
    await expect(cancelRefund(deps, chamber, 'ac63', id, { reason: 'x' })).rejects.toMatchObject({
      code: 'wrong_state',
    })
    const taken = await read(await getReceipt(deps, chamber, 'ac63', { year: 2026, no: 4 }))
    expect(taken).toContain('annule l’avoir n° AC63-2026-00002')
    const books = await exportAccounting(deps, chamber, 'ac63', 2026)
    expect(books).toMatch(/BQ;Banque;\d+;20260210;512000;Banque;;;AC63-2026-00002;20260210;Remboursement /)
    expect(books).toContain('Annulation de remboursement')
    await expect(cancel()).rejects.toMatchObject({ code: 'payment_refunded', values: { amount: 3 } })
    const other = {
      member: idOf(1),
      refund: undone.refunds.find(({ amountCents }) => amountCents === 300)!.id,
    }
    await cancelRefund(deps, chamber, 'ac63', other, { reason: 'virement revenu' })
    expect((await cancel()).balanceCents).toBe(1000)
  })

  test('the books have short codes of members, the reference of each payment, and letter what is settled', async () => {
    await openCampaign(deps, chamber, 'ac63', { ...campaign, proRata: false })
    await recordPayment(deps, chamber, 'ac63', idOf(1), { ...cheque, amountCents: 400 })
    const linesOf = async (n: number) =>
      (await exportAccounting(deps, chamber, 'ac63', 2026))
        .split('\r\n')
        .map((line) => line.split(';'))
        .filter((cells) => cells[6] === idOf(n).slice(-12).toUpperCase())
        .map((cells) => [cells[10], cells[11], cells[12], cells[13], cells[14]])
    // A part is paid: nothing is lettered yet.
    expect((await linesOf(1)).map((cells) => cells[3])).toEqual(['', ''])
    now = new Date('2026-02-12T09:00:00Z')
    await recordPayment(deps, chamber, 'ac63', idOf(1), {
      ...cheque,
      amountCents: 600,
      reference: '0001240',
      receivedOn: '2026-02-12',
    })
    expect(await linesOf(1)).toEqual([
      ['Appel de cotisation Tabac du Centre', '10,00', '0,00', 'AAA', '20260212'],
      ['Paiement Tabac du Centre 0001234', '0,00', '4,00', 'AAA', '20260212'],
      ['Paiement Tabac du Centre 0001240', '0,00', '6,00', 'AAA', '20260212'],
    ])
    // Another year is another group.
    await openCampaign(deps, chamber, 'ac63', {
      ...campaign,
      year: 2027,
      dueOn: '2027-03-31',
      proRata: false,
    })
    await recordPayment(deps, chamber, 'ac63', idOf(1), { ...cheque, reference: '0001241' })
    // The payment counts for the 10th, before the fee that it settles.
    expect((await linesOf(1)).map((cells) => cells.slice(3))).toEqual([
      ...Array.from({ length: 3 }, () => ['AAA', '20260212']),
      ...Array.from({ length: 2 }, () => ['AAB', '20260212']),
    ])
    expect((await linesOf(2)).map((cells) => cells[3])).toEqual(['', ''])
  })

  test('a document in the books has the day of its number, not of the money', async () => {
    await openCampaign(deps, chamber, 'ac63', campaign)
    await recordPayment(deps, chamber, 'ac63', idOf(1), { ...cheque, receivedOn: '2026-02-03' })
    expect(await exportAccounting(deps, chamber, 'ac63', 2026)).toContain(';AC63-2026-00001;20260210;')
  })

  test('a receipt says how much of each year it settles, and what is paid in advance', async () => {
    for (const year of [2025, 2026])
      await openAnyCampaign(deps, chamber, 'ac63', {
        ...campaign,
        year,
        dueOn: `${year}-12-31`,
        proRata: false,
      })
    await recordPayment(deps, chamber, 'ac63', idOf(1), { ...cheque, amountCents: 2300, inAdvance: true })
    const text = await read(await getReceipt(deps, chamber, 'ac63', { year: 2026, no: 1 }))
    expect(text).toContain('Cotisations 2025, 2026')
    expect(text).toMatch(/dont 2025 10,00 €.*dont 2026 10,00 €.*dont payé d’avance 3,00 €/)
  })

  test('the same cheque is recorded twice only after confirmation', async () => {
    await openCampaign(deps, chamber, 'ac63', campaign)
    const half = { ...cheque, amountCents: 500, reference: '0000077' }
    const first = await recordPayment(deps, chamber, 'ac63', idOf(1), half)
    for (const member of [idOf(1), idOf(2)]) {
      await expect(
        recordPayment(deps, chamber, 'ac63', member, { ...half, reference: '77' }),
      ).rejects.toMatchObject({
        code: 'same_cheque',
        values: { name: 'Tabac du Centre', amount: 5, day: Date.parse('2026-02-10T12:00:00Z') },
      })
    }
    // However the number is written, or in words if it has none; an empty reference matches no cheque.
    const again = (reference: string) =>
      recordPayment(deps, chamber, 'ac63', idOf(2), { ...half, amountCents: 100, reference }).then(
        () => 'recorded',
        (error: { code?: string }) => error.code,
      )
    for (const [reference, outcome] of [
      ['chèque n° 77', 'same_cheque'],
      ['00 000 77', 'same_cheque'],
      ['770', 'recorded'],
      ['Chèque Crédit Agricole', 'recorded'],
      ['cheque credit-agricole', 'same_cheque'],
      ['000', 'recorded'],
      ['n° 0', 'same_cheque'],
      ['—', 'recorded'],
      ['??', 'recorded'],
    ] as const) {
      expect([reference, await again(reference)]).toEqual([reference, outcome])
    }
    // Not a cheque; a cheque of another bank; the first one bounced.
    await recordPayment(deps, chamber, 'ac63', idOf(1), { ...half, way: 'transfer', amountCents: 100 })
    await recordPayment(deps, chamber, 'ac63', idOf(2), { ...half, sameCheque: true })
    const id = { member: idOf(1), payment: first.payments[0]!.id }
    await cancelPayment(deps, chamber, 'ac63', id, { reason: 'impayé' })
    const second = (await getMemberDues(deps, chamber, 'ac63', idOf(2))).payments[0]!
    const other = { member: idOf(2), payment: second.id }
    await cancelPayment(deps, chamber, 'ac63', other, { reason: 'impayé' })
    await recordPayment(deps, chamber, 'ac63', idOf(1), half)
  })

  test('a waiver requires a reason', async () => {
    await openCampaign(deps, chamber, 'ac63', campaign)
    const waived = await waiveDues(deps, chamber, 'ac63', idOf(1), { reason: 'fermé six mois' })
    expect(waived).toMatchObject({
      balanceCents: 0,
      years: [{ state: 'paid' }],
      waivers: [{ on: '2026-02-10', amountCents: 1000, reason: 'fermé six mois' }],
    })
    await expect(waiveDues(deps, chamber, 'ac63', idOf(1), { reason: 'encore' })).rejects.toMatchObject({
      code: 'wrong_state',
    })
  })

  test('a waiver of one year leaves an older one owed, whatever is paid or cancelled, and goes with its campaign', async () => {
    const opened = { ...campaign, feeCents: 1000, tradeFees: {}, proRata: false }
    await openAnyCampaign(deps, chamber, 'ac63', { ...opened, year: 2025, dueOn: '2025-12-31' })
    await openCampaign(deps, chamber, 'ac63', opened)
    const yearsOf = async () => {
      const { balanceCents, years } = await getMemberDues(deps, chamber, 'ac63', idOf(1))
      return [
        balanceCents,
        ...years.map((one) => [one.year, one.state, one.remainingCents, one.waivedCents].join(' ')),
      ]
    }
    const waived = waiveDues(deps, chamber, 'ac63', idOf(1), { reason: 'incendie', year: 2026 })
    expect((await waived).waivers).toMatchObject([{ amountCents: 1000, reason: 'incendie' }])
    expect(await yearsOf()).toEqual([1000, '2026 paid 0 1000', '2025 late 1000 0'])
    const late = await listDuesPage(deps, chamber, 'ac63', { limit: 50, year: 2025, facet: 'late' })
    expect(late.members.map(({ id }) => id)).toContain(idOf(1))
    await expect(
      waiveDues(deps, chamber, 'ac63', idOf(1), { reason: 'encore', year: 2026 }),
    ).rejects.toMatchObject({ code: 'wrong_state' })
    const paid = await recordPayment(deps, chamber, 'ac63', idOf(1), { ...cheque, amountCents: 400 })
    expect(await yearsOf()).toEqual([600, '2026 paid 0 1000', '2025 late 600 0'])
    await waiveDues(deps, chamber, 'ac63', idOf(1), { reason: 'aussi', year: 2025 })
    expect(await yearsOf()).toEqual([0, '2026 paid 0 1000', '2025 paid 0 600'])
    const payment = { member: idOf(1), payment: paid.payments[0]!.id }
    await cancelPayment(deps, chamber, 'ac63', payment, { reason: 'impayé' })
    expect(await yearsOf()).toEqual([400, '2026 paid 0 1000', '2025 late 400 600'])
    await withdrawCampaign(deps, chamber, 'ac63', 2026, { reason: 'mauvais montant' })
    expect(await yearsOf()).toEqual([400, '2025 late 400 600'])
  })

  test('a waiver of all years stays with each of them when a payment is cancelled later', async () => {
    const opened = { ...campaign, feeCents: 1000, tradeFees: {}, proRata: false }
    await openAnyCampaign(deps, chamber, 'ac63', { ...opened, year: 2025, dueOn: '2025-12-31' })
    await openCampaign(deps, chamber, 'ac63', opened)
    const paid = await recordPayment(deps, chamber, 'ac63', idOf(1), { ...cheque, amountCents: 1400 })
    await waiveDues(deps, chamber, 'ac63', idOf(1), { reason: 'incendie' })
    const both = await waiveDues(deps, chamber, 'ac63', idOf(2), { reason: 'incendie' })
    expect([both.balanceCents, both.waivers.map(({ amountCents }) => amountCents)]).toEqual([0, [1000, 1000]])
    const payment = { member: idOf(1), payment: paid.payments[0]!.id }
    await cancelPayment(deps, chamber, 'ac63', payment, { reason: 'impayé' })
    const { balanceCents, years } = await getMemberDues(deps, chamber, 'ac63', idOf(1))
    expect(balanceCents).toBe(1400)
    expect(years.map((one) => [one.year, one.state, one.remainingCents, one.waivedCents].join(' '))).toEqual([
      '2026 due 400 600',
      '2025 late 1000 0',
    ])
  })

  test('a receipt keeps its content whatever changes later', async () => {
    await openCampaign(deps, chamber, 'ac63', campaign)
    await recordPayment(deps, chamber, 'ac63', idOf(1), cheque)
    await database.db.updateTable('members').set({ name: 'Autre nom' }).where('id', '=', idOf(1)).execute()
    const text = await read(await getReceipt(deps, chamber, 'ac63', { year: 2026, no: 1 }))
    expect(text).toContain('Tabac du Centre')
    expect(text).not.toContain('Autre nom')
  })

  test('settings: an IBAN is checked and formatted as banks do', async () => {
    await setPayee({})
    const settings = await getDuesSettings(deps, chamber, 'ac63')
    expect(settings).toEqual(DuesSettings.parse({}))
    await expect(
      setDuesSettings(deps, program, 'ac63', {
        ...settings,
        creditor: {
          ...settings.creditor,
          iban: 'FR76 3000 6000 0112 3456 7890 188',
          bic: 'X',
          siret: '12345678901234',
        },
      }),
    ).rejects.toMatchObject({
      problems: [
        { code: 'dues.iban', path: 'creditor.iban' },
        { code: 'dues.bic', path: 'creditor.bic' },
        { code: 'siret.check', path: 'creditor.siret' },
      ],
    })
    const { proposed, ...saved } = await setDuesSettings(deps, program, 'ac63', {
      ...settings,
      remindAfterDays: [45, 15, 45],
      creditor: {
        ...settings.creditor,
        iban: 'FR76 3000 6000 0112 3456 7890 189',
        bic: 'agrifrpp',
        address: 'chez Mme Roux',
        chequeOrder: 'Aline Roux',
      },
    })
    expect(saved).toMatchObject({
      remindAfterDays: [15, 45],
      creditor: { iban: 'FR7630006000011234567890189', bic: 'AGRIFRPP' },
    })
    expect(proposed).toBeNull()
    expect(await getDuesSettings(deps, chamber, 'ac63')).toEqual(saved)
    // The account is in the audit record; free texts, which may name a person, are kept beside its chain.
    const entry = await database.db
      .selectFrom('auditEntries as e')
      .innerJoin('auditReasons as r', (join) =>
        join.onRef('r.schemeId', '=', 'e.schemeId').onRef('r.seq', '=', 'e.seq'),
      )
      .select(['e.details', 'r.named'])
      .where('e.action', '=', 'dues.settings')
      .executeTakeFirstOrThrow()
    expect(entry).toMatchObject({
      details: { after: { creditor: { iban: 'FR7630006000011234567890189', bic: 'AGRIFRPP' } } },
      named: { creditor: { before: { chequeOrder: '' }, after: { chequeOrder: 'Aline Roux' } } },
    })
    expect(JSON.stringify(entry.details)).not.toContain('Roux')
  })

  test('the fees of the next campaign are a setting, replaced as a whole and by the fees of each campaign', async () => {
    const fees = { feeCents: 1200, tradeFees: { bakeries: 2000 }, proRata: true }
    expect(await setDuesSettings(deps, chamber, 'ac63', { fees })).toMatchObject({ fees, proposed: null })
    // The fee of a trade is removed by leaving it out.
    const fewer = { ...fees, tradeFees: {} }
    await setDuesSettings(deps, chamber, 'ac63', { fees: fewer })
    expect((await getDuesSettings(deps, chamber, 'ac63')).fees).toEqual(fewer)
    await expect(
      setDuesSettings(deps, chamber, 'ac63', { fees: { ...fees, tradeFees: { pirates: 1 } } }),
    ).rejects.toMatchObject({ problems: [{ code: 'dues.trade', path: 'fees.tradeFees.pirates' }] })
    const last = await database.db
      .selectFrom('auditEntries')
      .select('details')
      .where('action', '=', 'dues.settings')
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirstOrThrow()
    expect(last.details).toMatchObject({ before: { fees }, after: { fees: fewer } })
    const { feeCents, tradeFees, proRata } = await openCampaign(deps, chamber, 'ac63', campaign)
    expect((await getDuesSettings(deps, chamber, 'ac63')).fees).toEqual({ feeCents, tradeFees, proRata })
  })

  test('a trade chamber sees its members and moves no money; other users see nothing', async () => {
    await openCampaign(deps, chamber, 'ac63', campaign)
    await recordPayment(deps, chamber, 'ac63', idOf(2), { ...cheque, amountCents: 1500 })
    const page = await listDuesPage(deps, tobacconists, 'ac63', { limit: 50 })
    expect(page.members.map(({ name }) => name)).toEqual(['Suspendu', 'Tabac du Centre'])
    expect(page.figures).toMatchObject({ calledCents: 2000, members: { due: 2 } })
    await expect(getMemberDues(deps, tobacconists, 'ac63', idOf(2))).rejects.toMatchObject({
      code: 'not_found',
    })
    await expect(getReceipt(deps, tobacconists, 'ac63', { year: 2026, no: 1 })).rejects.toMatchObject({
      code: 'not_found',
    })
    for (const actor of [
      tobacconists,
      actorOf('operator', 'ac63'),
      actorOf('chief', 'ac63'),
      contactOf('ac63', idOf(1)),
    ]) {
      for (const refused of [
        () => recordPayment(deps, actor, 'ac63', idOf(1), cheque),
        () => waiveDues(deps, actor, 'ac63', idOf(1), { reason: 'x' }),
        () => openCampaign(deps, actor, 'ac63', { ...campaign, year: 2027, dueOn: '2027-03-31' }),
        () => getDuesSettings(deps, actor, 'ac63'),
      ]) {
        await expect(refused()).rejects.toMatchObject({ code: 'forbidden' })
      }
    }
    await expect(listDuesPage(deps, actorOf('chamber', 'ac39'), 'ac63', { limit: 50 })).rejects.toMatchObject(
      {
        code: 'unknown_scheme',
      },
    )
    await inScheme(database.db, 'ac39', async (tx) => {
      await lockDues(tx, 'ac39')
      for (const table of ['dues', 'duesPayments', 'duesReceipts', 'ledgerEntries', 'ledgerLines'] as const) {
        expect(await tx.selectFrom(table).selectAll().execute()).toEqual([])
      }
    })
  })
})

/** Reads the text of a one-page PDF. */
async function read(pdf: Buffer): Promise<string> {
  const loading = getDocument({ data: new Uint8Array(pdf), verbosity: 0 })
  const document = await loading.promise
  expect(document.numPages).toBe(1)
  const { items } = await (await document.getPage(1)).getTextContent()
  await loading.destroy()
  return items
    .map((item) => ('str' in item ? item.str : ''))
    .join(' ')
    .replace(/[\s\u00a0]+/g, ' ')
}
