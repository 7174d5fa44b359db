import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openCampaign } from '../../../../test/support/campaigns.ts'
import { testDatabase } from '../../../../test/support/database.ts'
import { actorOf, noteJobs, testDeps } from '../../../../test/support/deps.ts'
import { emptyTables } from '../../../../test/support/empty-tables.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../../../test/support/fixtures.ts'
import { listMemberChanges } from '../../../changes/actions.ts'
import { undoChange } from '../../../changes/undo.ts'
import type { Deps } from '../../../deps.ts'
import { getMemberDues } from '../../../dues/actions.ts'
import { listPaymentBatches, undoPayments } from '../../../dues/bulk/actions.ts'
import { cancelPayment, recordPayment } from '../../../dues/ledger/payments.ts'
import { recordRefund } from '../../../dues/ledger/refunds.ts'
import type { Database } from '../../../platform/db.ts'
import { DuesSettings } from '../../../schemes/contract.ts'
import { runImportJob } from '../../jobs/run.ts'
import { getUpload } from '../../uploads/actions.ts'
import { applyUpload, STORED_FROM } from '../../uploads/apply.ts'
import { checkUpload } from '../../uploads/check.ts'
import { openUpload } from '../../uploads/open.ts'
import { type ImportOptions, importMembers } from '../import.ts'

const chamber = actorOf('chamber', 'ac63')
const [CAFE, BAKERY, GARAGE] = [idOf(801), idOf(802), idOf(803)] as const
const payments = { way: 'transfer', receivedOn: '2026-03-19' } as const
const HEADER = 'Enseigne;Métier;Code INSEE;Mobile;Cotisation payée'
const row = (name: string, n: number, paid: string) => `${name};Boulangerie;63178;${phoneOf(n)};${paid}`

describe('dues that an imported list says are paid', () => {
  let database: Database
  let deps: Deps
  let now: Date
  beforeAll(async () => {
    database = await testDatabase('postgres')
    await seedSchemes(database)
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    now = new Date('2026-03-20T09:00:00Z')
    deps = testDeps(database, { now: () => now, jobs: noteJobs() })
    await emptyTables(database, [
      ...['dues_suspensions', 'dues_notices', 'dues_cheques', 'dues_payment_batches', 'dues_receipts'],
      ...['dues_payments', 'ledger_lines', 'ledger_entries', 'dues_counters', 'dues', 'dues_campaigns'],
      ...['member_changes', 'member_imports'],
    ])
    await database.db.deleteFrom('contacts').execute()
    await database.db.deleteFrom('members').execute()
    await database.db
      .updateTable('schemes')
      .set({
        dues: JSON.stringify(DuesSettings.parse({ creditor: { iban: 'FR7630006000011234567890189' } })),
      })
      .where('id', '=', 'ac63')
      .execute()
    await seedMembers(database.db, 'ac63', [
      { id: CAFE, name: 'Café de l’Étoile', phones: [phoneOf(801)] },
      { id: BAKERY, name: 'Boulangerie Martin', phones: [phoneOf(802)] },
      { id: GARAGE, name: 'Garage du Pont', phones: [phoneOf(803)] },
    ])
    await openCampaign(deps, chamber, 'ac63', {
      ...{ year: 2026, feeCents: 12_000, tradeFees: {}, proRata: false, dueOn: '2026-03-31' },
    })
  })
  const load = (lines: readonly string[], options: ImportOptions = {}, actor = chamber) => {
    // Changes are listed by their time.
    now = new Date(now.getTime() + 1000)
    return importMembers(deps, actor, 'ac63', new TextEncoder().encode([HEADER, ...lines].join('\n')), {
      ...{ fileName: 'adherents.csv', samePhone: 'same', duesYear: 2026 },
      ...options,
    })
  }
  const account = (id: string) => getMemberDues(deps, chamber, 'ac63', id)
  const owed = async () => [
    ...(await Promise.all([CAFE, BAKERY, GARAGE].map(async (id) => (await account(id)).balanceCents))),
  ]
  const LIST = [
    row('Café de l’Étoile', 801, 'oui'),
    row('Boulangerie Martin', 802, '50 € le 10/03/2026'),
    row('Garage du Pont', 803, 'non'),
    row('Fournil neuf', 804, '2026'),
  ]

  test('records nothing unless the user says so, and says what it would record', async () => {
    const checked = await load(LIST, { dryRun: true })
    expect(checked.paid).toEqual({
      due: 2,
      dueCents: 17_000,
      known: 0,
      leftOut: 1,
      year: 2026,
      written: null,
    })
    expect(checked.warnings.filter(({ code }) => code.startsWith('paid.'))).toMatchObject([
      { line: 5, column: 'Cotisation payée', code: 'paid.new_member', values: { count: 1 } },
    ])
    expect((await load(LIST)).paid?.written).toBeNull()
    expect(await owed()).toEqual([12_000, 12_000, 12_000])
  })

  test('records them once with receipts, whatever list repeats them, and reverses them with the import', async () => {
    expect((await load(LIST, { payments })).paid).toMatchObject({
      due: 2,
      written: { payments: 2, amountCents: 17_000 },
    })
    expect(await owed()).toEqual([0, 7_000, 12_000])
    expect((await account(BAKERY)).payments).toMatchObject([
      { way: 'transfer', amountCents: 5_000, receivedOn: '2026-03-10', reference: 'adherents.csv, ligne 3' },
    ])
    expect(await listPaymentBatches(deps, chamber, 'ac63')).toMatchObject([
      { list: 'adherents.csv', count: 2, valid: 2, amountCents: 17_000 },
    ])
    expect((await load(LIST, { payments })).paid).toMatchObject({ due: 0, known: 2, written: null })
    const rest = [row('Boulangerie Martin', 802, '120 €')]
    expect((await load(rest, { payments })).paid?.written).toEqual({ payments: 1, amountCents: 7_000 })
    expect(await owed()).toEqual([0, 0, 12_000])

    const [last, first] = await listMemberChanges(deps, chamber, 'ac63')
    expect(last).toMatchObject({ updated: 1 })
    await undoChange(deps, chamber, 'ac63', last!.id)
    expect(await owed()).toEqual([0, 7_000, 12_000])
    await undoChange(deps, chamber, 'ac63', first!.id)
    expect(await owed()).toEqual([12_000, 12_000, 12_000])
    expect(await listPaymentBatches(deps, chamber, 'ac63')).toMatchObject([
      { undone: true },
      { undone: true },
    ])
    // Payments that were undone as a whole may be recorded again.
    expect((await load(LIST, { payments })).paid?.written).toMatchObject({ payments: 2 })
  })

  test('does not record again what was cancelled by itself, as a bounced cheque is', async () => {
    await load(LIST, { payments: { ...payments, way: 'cheque' } })
    const [payment] = (await account(CAFE)).payments
    await cancelPayment(
      deps,
      chamber,
      'ac63',
      { member: CAFE, payment: payment!.id },
      { reason: 'Sans provision' },
    )
    const again = await load(LIST, { payments })
    expect(again.paid).toMatchObject({ due: 0, known: 1, leftOut: 2, written: null })
    expect(again.warnings.map(({ code }) => code)).toContain('paid.cancelled')
    expect(await owed()).toEqual([12_000, 7_000, 12_000])
  })

  test('does not record again what was cancelled or refunded however it was recorded', async () => {
    const paidOf = (member: string, id: string, way: 'cheque' | 'transfer', amountCents: number) =>
      recordPayment(deps, chamber, 'ac63', member, {
        ...{ id, way, amountCents, receivedOn: '2026-03-19', reference: '1234567', inAdvance: false },
      })
    await paidOf(CAFE, idOf(811), 'cheque', 12_000)
    await cancelPayment(
      deps,
      chamber,
      'ac63',
      { member: CAFE, payment: idOf(811) },
      { reason: 'Sans provision' },
    )
    await paidOf(BAKERY, idOf(812), 'transfer', 12_000)
    await recordRefund(deps, chamber, 'ac63', BAKERY, {
      ...{ id: idOf(813), paymentId: idOf(812), way: 'transfer', amountCents: 12_000, paidOn: '2026-03-20' },
      ...{ reference: '', reason: 'Payé par erreur' },
    })
    const list = [row('Café de l’Étoile', 801, 'oui'), row('Boulangerie Martin', 802, '2026')]
    const again = await load(list, { payments })
    expect(again.paid).toMatchObject({ due: 0, leftOut: 2, written: null })
    expect(again.warnings.filter(({ code }) => code === 'paid.cancelled')).toHaveLength(2)
  })

  test('the same list does not pay the next campaign, nor drops dues paid before their year', async () => {
    const list = [row('Café de l’Étoile', 801, 'oui'), row('Boulangerie Martin', 802, '120 € le 10/03/2026')]
    expect((await load(list, { payments })).paid?.written).toMatchObject({ payments: 2 })
    now = new Date('2026-12-20T09:00:00Z')
    await openCampaign(deps, chamber, 'ac63', {
      ...{ year: 2027, feeCents: 12_000, tradeFees: {}, proRata: false, dueOn: '2027-03-31' },
    })
    const unnamed = await load(list, { payments, duesYear: undefined })
    expect(unnamed.paid).toMatchObject({ due: 0, known: 1, leftOut: 1, year: null, written: null })
    expect(unnamed.warnings.map(({ code }) => code)).toContain('paid.no_year')
    expect((await load(list, { payments })).paid).toMatchObject({ known: 2, leftOut: 0, written: null })
    const early = await load([row('Boulangerie Martin', 802, '120 € le 12/12/2026')], { payments })
    expect(early.paid).toMatchObject({ known: 0, leftOut: 1, written: null })
    expect(early.warnings.map(({ code, values }) => ({ code, values }))).toContainEqual({
      ...{ code: 'paid.other_year', values: { year: '2026', years: '2027', count: 1 } },
    })
    expect(await owed()).toEqual([12_000, 12_000, 24_000])
  })

  test('the payments of an import are undone alone only when it is finished, and never stay behind', async () => {
    await load(LIST, { payments })
    const [change] = await listMemberChanges(deps, chamber, 'ac63')
    const batch = change?.id ?? ''
    const setUnfinished = (unfinished: boolean) =>
      database.db.updateTable('memberChanges').set({ unfinished }).where('id', '=', batch).execute()
    await setUnfinished(true)
    await expect(undoPayments(deps, chamber, 'ac63', batch)).rejects.toMatchObject({ code: 'import_running' })
    expect(await owed()).toEqual([0, 7_000, 12_000])
    await setUnfinished(false)
    // As a batch was that was undone between two parts of its import.
    await database.db
      .updateTable('duesPaymentBatches')
      .set({ undoneAt: now, undoneBy: 'account:x' })
      .where('id', '=', batch)
      .execute()
    await undoChange(deps, chamber, 'ac63', batch)
    expect(await owed()).toEqual([12_000, 12_000, 12_000])
  })

  test('reads each column of a year for that year, and says which year has no campaign', async () => {
    await openCampaign(deps, chamber, 'ac63', {
      ...{ year: 2027, feeCents: 10_000, tradeFees: {}, proRata: false, dueOn: '2027-03-31' },
    })
    const header = 'Enseigne;Métier;Code INSEE;Mobile;Cotisation 2027;Cotisation 2025;Cotisation 2026'
    const yearly = (name: string, n: number, ...paid: string[]) =>
      `${name};Boulangerie;63178;${phoneOf(n)};${paid.join(';')}`
    const list = [
      yearly('Café de l’Étoile', 801, 'non', 'oui', 'non'),
      yearly('Boulangerie Martin', 802, 'oui', 'non', 'oui'),
      yearly('Garage du Pont', 803, '', 'oui', 'oui'),
    ]
    const run = (options: ImportOptions) =>
      importMembers(deps, chamber, 'ac63', new TextEncoder().encode([header, ...list].join('\n')), {
        ...{ fileName: 'adherents.csv', samePhone: 'same', duesYear: 2027 },
        ...options,
      })
    const checked = await run({ dryRun: true })
    expect(checked.paid).toMatchObject({ due: 3, dueCents: 34_000, known: 0, leftOut: 2, year: null })
    expect(checked.warnings.filter(({ code }) => /^paid\.|unknown/.test(code))).toMatchObject([
      { column: 'Cotisation 2025', code: 'paid.no_campaign', values: { years: '2025', count: 2 } },
    ])
    expect((await run({ payments })).paid?.written).toEqual({ payments: 3, amountCents: 34_000 })
    expect(await owed()).toEqual([22_000, 0, 10_000])
    expect((await run({ payments })).paid).toMatchObject({ due: 0, known: 2, leftOut: 2, written: null })
    const [change] = (await listMemberChanges(deps, chamber, 'ac63')).filter(({ undone }) => undone === null)
    await undoChange(deps, chamber, 'ac63', change!.id)
    expect(await owed()).toEqual([22_000, 22_000, 22_000])
  })

  test('a member that the rule suspended is active again, and suspended again by the undo', async () => {
    now = new Date('2026-09-20T09:00:00Z')
    await sql`update members set status = 'suspended' where id = ${CAFE}::uuid`.execute(database.db)
    await sql`insert into dues_suspensions (scheme_id, member_id, suspended_at)
      values ('ac63', ${CAFE}::uuid, ${new Date('2026-08-01T09:00:00Z')})`.execute(database.db)
    const status = async () =>
      (await database.db.selectFrom('members').select('status').where('id', '=', CAFE).executeTakeFirst())
        ?.status
    await load(LIST, { payments: { ...payments, receivedOn: '2026-09-19' } })
    expect(await status()).toBe('active')
    const [change] = await listMemberChanges(deps, chamber, 'ac63')
    expect(await undoChange(deps, chamber, 'ac63', change!.id)).toMatchObject({ kept: [] })
    expect(await status()).toBe('suspended')
    const { rows } = await sql<{ open: number }>`select count(*)::int as open from dues_suspensions
      where member_id = ${CAFE}::uuid and restored_at is null`.execute(database.db)
    expect(rows).toEqual([{ open: 1 }])
  })

  test('is refused to an account that may not record payments, and for a day to come', async () => {
    const trade = actorOf('trade_chamber', 'ac63', { trades: ['bakeries'] })
    await expect(load(LIST, { payments }, trade)).rejects.toMatchObject({ code: 'forbidden' })
    expect(
      (await load([row('Boulangerie Martin', 802, 'oui')], { dryRun: true }, trade)).paid,
    ).toBeUndefined()
    await expect(load(LIST, { payments: { ...payments, receivedOn: '2026-03-21' } })).rejects.toMatchObject({
      code: 'invalid_input',
      problems: [{ code: 'dues.day_to_come', path: 'payments.receivedOn' }],
    })
    expect(await owed()).toEqual([12_000, 12_000, 12_000])
  })

  test('an import that a job writes records them too', async () => {
    const many = Array.from({ length: STORED_FROM }, (_, n) => row(`Commerce ${n}`, 1000 + n, ''))
    const whose = { actor: chamber, schemeId: 'ac63', lang: 'fr' } as const
    const bytes = new TextEncoder().encode([HEADER, row('Café de l’Étoile', 801, 'oui'), ...many].join('\n'))
    await sql`update members set trade = 'bakeries', commune_code = '63178' where id = ${CAFE}::uuid`.execute(
      database.db,
    )
    const { id } = await openUpload(deps, whose, bytes, 'longue.csv')
    // The year that the summary shows for “oui”.
    expect((await checkUpload(deps, whose, id)).report?.paid?.year).toBe(2026)
    await applyUpload(deps, whose, id, { payments: { ...payments, year: 2026 }, skipBad: true })
    await runImportJob(deps, { schemeId: 'ac63', importId: id })
    expect((await getUpload(deps, whose, id)).report?.paid?.written).toEqual({
      payments: 1,
      amountCents: 12_000,
    })
    expect((await account(CAFE)).payments).toMatchObject([{ reference: 'longue.csv, ligne 2' }])
    const entries = await database.db
      .selectFrom('auditEntries')
      .select('details')
      .where('action', '=', 'dues.payments')
      .orderBy('seq', 'desc')
      .limit(1)
      .execute()
    expect(entries).toMatchObject([{ details: { payments: 1, amountCents: 12_000, fromList: true } }])
  })
})
