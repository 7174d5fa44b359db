import { parse } from 'csv-parse/sync'
import Fastify from 'fastify'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openCampaign } from '../../test/support/campaigns.ts'
import { testDatabase } from '../../test/support/database.ts'
import { actorOf, contactOf, program, testDeps } from '../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../test/support/fixtures.ts'
import type { Deps } from '../deps.ts'
import { getPublicScheme } from '../enrolment/apply.ts'
import type { Database } from '../platform/db.ts'
import type { App } from '../platform/http/http.ts'
import { exportAccounting } from './ledger/accounting.ts'
import { getAccounting } from './ledger/books.ts'
import { cancelPayment, recordPayment, waiveDues } from './ledger/payments.ts'
import { getOwnDues, getOwnReceipt } from './own.ts'
import { getDuesSettings, setDuesSettings } from './reminders/campaign.ts'
import { duesRoutes } from './routes.ts'

const chamber = actorOf('chamber', 'ac63')
const own = contactOf('ac63', idOf(1))
const mine = { schemeId: 'ac63', memberId: idOf(1) }
const cash = { way: 'cash', receivedOn: '2026-02-10', reference: '', inAdvance: false } as const

describe("a shop's own dues, and the accounting export", () => {
  let database: Database
  let deps: Deps
  beforeAll(async () => {
    database = await testDatabase('postgres')
    await seedSchemes(database)
    await seedMembers(database.db, 'ac63', [
      { id: idOf(1), name: 'Tabac "du Centre"; Issoire', phones: [phoneOf(1)] },
      { id: idOf(2), name: 'Voisin', phones: [phoneOf(2)] },
    ])
    deps = testDeps(database, { now: () => new Date('2026-02-10T09:00:00Z') })
  })
  afterAll(() => database.close())

  test('nothing before a campaign; then its own years, payments and receipts, and how to pay', async () => {
    expect(await getOwnDues(deps, own, mine)).toMatchObject({
      balanceCents: 0,
      years: [],
      payments: [],
      announced: null,
      suspended: false,
      ways: { transfer: null, cheque: null },
    })
    await openCampaign(deps, chamber, 'ac63', {
      year: 2026,
      feeCents: 1000,
      tradeFees: {},
      proRata: false,
      dueOn: '2026-03-31',
    })
    await recordPayment(deps, chamber, 'ac63', idOf(1), { ...cash, amountCents: 400 })
    await recordPayment(deps, chamber, 'ac63', idOf(2), { ...cash, amountCents: 1000 })
    const settings = await getDuesSettings(deps, chamber, 'ac63')
    await setDuesSettings(deps, program, 'ac63', {
      ...settings,
      accounts: { ...settings.accounts, receivable: '411100' },
      creditor: { ...settings.creditor, iban: 'FR7630006000011234567890189', chequeOrder: 'CCI' },
    })
    const dues = await getOwnDues(deps, own, mine)
    expect(dues).toMatchObject({
      balanceCents: 600,
      years: [{ year: 2026, remainingCents: 600, state: 'due' }],
      payments: [{ amountCents: 400, receipt: { number: 'AC63-2026-00001' } }],
      ways: {
        transfer: { iban: 'FR7630006000011234567890189', reference: 'AC63 00000001' },
        cheque: { order: 'CCI' },
      },
    })
    expect(JSON.stringify(dues)).not.toContain('Voisin')
    expect((await getOwnReceipt(deps, own, mine, { year: 2026, no: 1 })).subarray(0, 5).toString()).toBe(
      '%PDF-',
    )
  })

  test('a fee that was announced and not called yet is shown, with the part of the year that is left', async () => {
    await seedMembers(database.db, 'ac63', [
      { id: idOf(3), name: 'Nouveau', trade: 'bakeries', phones: [phoneOf(3)] },
    ])
    const late = { schemeId: 'ac63', memberId: idOf(3) }
    const announced = async () => (await getOwnDues(deps, contactOf('ac63', idOf(3)), late)).announced
    await sql`update members set created_at = '2026-10-05' where id = ${idOf(3)}`.execute(database.db)
    expect(await announced()).toEqual({ year: 2026, amountCents: 1000, planned: false })
    await sql`update dues_campaigns set pro_rata = true, trade_fees = '{"bakeries": 2400}'`.execute(
      database.db,
    )
    expect(await announced()).toEqual({ year: 2026, amountCents: 600, planned: false })
    await sql`update members set joined_on = '2019-05-01' where id = ${idOf(3)}`.execute(database.db)
    expect(await announced()).toEqual({ year: 2026, amountCents: 2400, planned: false })
    await sql`update dues_campaigns set trade_fees = '{"bakeries": 0}'`.execute(database.db)
    expect(await announced()).toBeNull()
    await sql`update dues_campaigns set pro_rata = false, trade_fees = '{}'`.execute(database.db)
    // It is among the years of those to whom it was called.
    expect((await getOwnDues(deps, own, mine)).announced).toBeNull()
    await sql`delete from members where id = ${idOf(3)}`.execute(database.db)
  })

  test('the fee of the settings is planned for a year without a campaign, on the portal as on the public page', async () => {
    const january = { ...deps, now: () => new Date('2027-01-05T09:00:00Z') }
    const fees = { feeCents: 1500, tradeFees: { bakeries: 3000 }, proRata: true }
    const set = async (to: typeof fees | null) =>
      setDuesSettings(deps, program, 'ac63', { ...(await getDuesSettings(deps, chamber, 'ac63')), fees: to })
    await set(fees)
    const announced = async () => (await getOwnDues(january, own, mine)).announced
    const published = async () => (await getPublicScheme(january, 'ac63')).fee
    expect(await announced()).toEqual({ year: 2027, amountCents: 1500, planned: true })
    expect(await published()).toEqual({ year: 2027, ...fees, planned: true })
    // A campaign of the year comes before the settings.
    expect((await getPublicScheme(deps, 'ac63')).fee).toMatchObject({
      year: 2026,
      feeCents: 1000,
      planned: false,
    })
    await set(null)
    expect([await announced(), await published()]).toEqual([null, null])
  })

  test('nothing of another shop, whatever it requests', async () => {
    for (const no of [2, 3]) {
      await expect(getOwnReceipt(deps, own, mine, { year: 2026, no })).rejects.toMatchObject({
        code: 'not_found',
      })
    }
    const other = { schemeId: 'ac63', memberId: idOf(2) }
    await expect(getOwnDues(deps, own, other)).rejects.toMatchObject({ code: 'not_found' })
    await expect(getOwnReceipt(deps, own, other, { year: 2026, no: 2 })).rejects.toMatchObject({
      code: 'not_found',
    })
    await expect(getOwnDues(deps, chamber, mine)).rejects.toMatchObject({ code: 'forbidden' })
  })

  test('the export has every entry of the year, balanced, in the columns of the FEC', async () => {
    const { payments } = await getOwnDues(deps, own, mine)
    await cancelPayment(
      deps,
      chamber,
      'ac63',
      { member: idOf(1), payment: payments[0]!.id },
      { reason: 'faux billet' },
    )
    await waiveDues(deps, chamber, 'ac63', idOf(1), { reason: 'fermé' })
    const csv = await exportAccounting(deps, chamber, 'ac63', 2026)
    const rows: Record<string, string>[] = parse(csv, { delimiter: ';', columns: true, bom: true })
    expect(Object.keys(rows[0] ?? {})).toHaveLength(18)
    expect(rows).toHaveLength(12)
    const cents = (text = '') => Math.round(Number(text.replace(',', '.')) * 100)
    const total = (column: string) => rows.reduce((sum, row) => sum + cents(row[column]), 0)
    expect(total('Debit')).toBe(total('Credit'))
    expect(total('Debit')).toBe(1000 + 1000 + 400 + 1000 + 400 + 1000)
    expect([...new Set(rows.map((row) => row.EcritureNum))]).toEqual(['1', '2', '3', '4', '5', '6'])
    expect(rows.find((row) => row.EcritureNum === '3' && row.Credit === '4,00')).toMatchObject({
      JournalCode: 'CA',
      CompteNum: '411100',
      CompAuxLib: 'Tabac "du Centre"; Issoire',
      PieceRef: 'AC63-2026-00001',
      EcritureDate: '20260210',
      ValidDate: '20260210',
    })
    expect(rows.filter((row) => row.JournalCode === 'OD')).toMatchObject([
      { Credit: '10,00', PieceRef: 'fermé' },
      { CompteNum: '756000', Debit: '10,00', CompAuxNum: '' },
    ])
    expect(await exportAccounting(deps, chamber, 'ac63', 2025)).toBe(csv.slice(0, csv.indexOf('\r\n') + 2))
    // It names members, so the export is audited.
    const taken = await database.db
      .selectFrom('auditEntries')
      .select(['actor', 'subject', 'details'])
      .where('action', '=', 'dues.export')
      .orderBy('seq')
      .execute()
    expect(taken).toMatchObject([
      { actor: 'user:chamber-1', subject: 'dues:2026', details: { lines: 12 } },
      { subject: 'dues:2025', details: { lines: 0 } },
    ])
    // The page of the export: the same sums, by account, and who took it.
    const view = await getAccounting(deps, chamber, 'ac63')
    const centsOf = (column: 'Debit' | 'Credit', number: string) =>
      rows
        .filter((row) => row.CompteNum === number)
        .reduce((sum, row) => sum + Math.round(Number((row[column] ?? '').replace(',', '.')) * 100), 0)
    expect(view).toMatchObject({
      year: 2026,
      years: [2026],
      entries: new Set(rows.map((row) => row.EcritureNum)).size,
    })
    expect(view.accounts.map(({ number }) => number)).toEqual(
      [...new Set(rows.map((row) => row.CompteNum))].toSorted(),
    )
    for (const { number, debitCents, creditCents } of view.accounts)
      expect([debitCents, creditCents], number).toEqual([centsOf('Debit', number), centsOf('Credit', number)])
    expect(view.exports).toMatchObject([{ year: 2026, lines: 12 }])
    expect(await getAccounting(deps, chamber, 'ac63', 2025)).toMatchObject({
      year: 2025,
      entries: 0,
      firstOn: null,
      accounts: [],
      exports: [{ year: 2025 }, { year: 2026 }],
    })
    for (const actor of [
      actorOf('trade_chamber', 'ac63', { trades: ['tobacco-press'] }),
      actorOf('chief', 'ac63'),
      own,
    ]) {
      await expect(getAccounting(deps, actor, 'ac63')).rejects.toMatchObject({ code: 'forbidden' })
      await expect(exportAccounting(deps, actor, 'ac63', 2026)).rejects.toMatchObject({
        code: 'forbidden',
      })
    }
    // Its texts are French, whatever the language of the reader.
    const app = Fastify().withTypeProvider<ZodTypeProvider>() as unknown as App
    app.setValidatorCompiler(validatorCompiler)
    app.setSerializerCompiler(serializerCompiler)
    app.decorateRequest('actor', { getter: () => chamber })
    duesRoutes(app, deps)
    const sent = await app.inject({
      url: '/api/schemes/ac63/dues/accounting.csv?year=2026',
      headers: { 'accept-language': 'en' },
    })
    expect(sent.body).toBe(csv)
    expect(csv).toContain('Appel de cotisation')
    await app.close()
  })
})
