import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openCampaign } from '../../../test/support/campaigns.ts'
import { testDatabase } from '../../../test/support/database.ts'
import { actorOf, testDeps } from '../../../test/support/deps.ts'
import { emptyTables } from '../../../test/support/empty-tables.ts'
import { idOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import type { Database } from '../../platform/db.ts'
import { DuesSettings } from '../../schemes/contract.ts'
import { getMemberDues } from '../actions.ts'
import { cancelPayment, recordPayment } from '../ledger/payments.ts'
import { paymentReference } from '../rules.ts'
import { findPayers, listPaymentBatches, recordPayments, undoPayments } from './actions.ts'
import type { BulkPayments } from './contract.ts'
import { cancelDeposit, createDeposit, getDepositSlip, listDeposits } from './deposits.ts'

const chamber = actorOf('chamber', 'ac63')
const IBAN = 'FR7630006000011234567890189'
const CAFE = '0190a000-0000-7000-8000-00000000ab01'
const BAKERY = '0190a000-0000-7000-8000-00000000ab02'
const GARAGE = '0190a000-0000-7000-8000-00000000ab03'

type Row = BulkPayments['payments'][number]

describe('payments typed together', () => {
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
    deps = testDeps(database, { now: () => now })
    await emptyTables(database, [
      'dues_deposits',
      'dues_payment_batches',
      'ledger_entries',
      'dues_counters',
      'dues_campaigns',
      'members',
    ])
    await database.db
      .updateTable('schemes')
      .set({ dues: JSON.stringify(DuesSettings.parse({ creditor: { iban: IBAN, chequeOrder: 'CCI' } })) })
      .where('id', '=', 'ac63')
      .execute()
    await seedMembers(database.db, 'ac63', [
      { id: CAFE, name: 'Café de l’Étoile' },
      { id: BAKERY, name: 'Boulangerie Martin' },
      { id: GARAGE, name: 'Garage du Pont' },
    ])
    await openCampaign(deps, chamber, 'ac63', {
      ...{ year: 2026, feeCents: 1000, tradeFees: {}, proRata: false, dueOn: '2026-03-31' },
    })
  })

  const cheque = (
    member: string,
    reference: string,
    more: Partial<BulkPayments['payments'][number]> = {},
  ) => ({
    ...{ member, amountCents: 1000, reference, bank: 'Crédit agricole', drawer: '', confirms: [] },
    ...more,
  })
  const batch = (payments: BulkPayments['payments'], more: Partial<BulkPayments> = {}): BulkPayments => ({
    ...{ id: idOf(900), way: 'cheque', receivedOn: '2026-03-19', payments },
    ...more,
  })
  const record = (input: BulkPayments) => recordPayments(deps, chamber, 'ac63', input)
  const balance = async (id: string) => (await getMemberDues(deps, chamber, 'ac63', id)).balanceCents

  test('finds the payer by the printed reference, however it is typed, or by name, with what it owes', async () => {
    const reference = paymentReference('ac63', CAFE)
    for (const q of [reference, 'ac63-0000ab01', '0000AB01', 'AC63OOOOABO1'])
      expect(await findPayers(deps, chamber, 'ac63', { q }), q).toEqual([
        {
          id: CAFE,
          name: 'Café de l’Étoile',
          commune: expect.stringContaining('Issoire'),
          reference,
          owedCents: 1000,
        },
      ])
    const named = await findPayers(deps, chamber, 'ac63', { q: 'boulang' })
    expect(named.map(({ id }) => id)).toEqual([BAKERY])
    expect(await findPayers(deps, chamber, 'ac63', { q: 'AC63 99999999' })).toEqual([])
    expect(await findPayers(deps, chamber, 'ac63', { ids: '-'.repeat(36) })).toEqual([])
    const ids = [GARAGE, CAFE].join(',')
    expect((await findPayers(deps, chamber, 'ac63', { ids })).map(({ id }) => id)).toEqual([GARAGE, CAFE])
    const bakers = actorOf('trade_chamber', 'ac63', { trades: ['bakeries'] })
    for (const asked of [{ q: reference }, { q: 'café' }, { ids }])
      expect(await findPayers(deps, bakers, 'ac63', asked)).toEqual([])
  })

  test('records all of them with receipts in one act, once, and undoes them as one within 24 hours', async () => {
    const input = batch([
      cheque(CAFE, '0001'),
      cheque(BAKERY, '0002'),
      cheque(GARAGE, '0003', { amountCents: 400 }),
    ])
    const saved = await record(input)
    expect(saved).toMatchObject({
      count: 3,
      valid: 3,
      amountCents: 2400,
      undoableUntil: '2026-03-21T09:00:00.000Z',
    })
    expect(await record(input)).toEqual(saved)
    expect([await balance(CAFE), await balance(BAKERY), await balance(GARAGE)]).toEqual([0, 0, 600])
    expect((await getMemberDues(deps, chamber, 'ac63', GARAGE)).payments[0]?.receipt.number).toBe(
      'AC63-2026-00003',
    )
    const [first, second, third] = input.payments as [Row, Row, Row]
    const others: Partial<BulkPayments>[] = [
      { payments: [second, third] },
      // The same count, sum and way.
      { payments: [{ ...first, member: GARAGE }, second, { ...third, member: CAFE }] },
      { payments: [{ ...first, amountCents: 900 }, { ...second, amountCents: 1100 }, third] },
      { payments: [{ ...first, reference: '0009' }, second, third] },
      { payments: [{ ...first, drawer: 'SCI' }, second, third] },
      { receivedOn: '2026-03-18' },
    ]
    for (const other of others)
      await expect(record({ ...input, ...other })).rejects.toMatchObject({ code: 'id_taken' })

    expect(await undoPayments(deps, chamber, 'ac63', input.id)).toMatchObject({
      valid: 0,
      undone: true,
      undoableUntil: null,
    })
    expect([await balance(CAFE), await balance(GARAGE)]).toEqual([1000, 1000])
    await expect(undoPayments(deps, chamber, 'ac63', input.id)).rejects.toMatchObject({ code: 'wrong_state' })
    now = new Date('2026-03-20T09:01:00Z')
    await record({ ...input, id: idOf(901) })
    now = new Date('2026-03-21T09:01:01Z')
    await expect(undoPayments(deps, chamber, 'ac63', idOf(901))).rejects.toMatchObject({
      code: 'wrong_state',
    })
    expect((await listPaymentBatches(deps, chamber, 'ac63')).map(({ undone }) => undone)).toEqual([
      false,
      true,
    ])
  })

  test('refuses all of it with every problem of every row, unless each is confirmed', async () => {
    await recordPayment(deps, chamber, 'ac63', GARAGE, {
      ...{ way: 'cheque', amountCents: 100, receivedOn: '2026-03-18', reference: 'n° 77', inAdvance: false },
    })
    const rows = [
      cheque(CAFE, '1', { amountCents: 1500 }),
      cheque(BAKERY, ''),
      cheque(BAKERY, '01', { amountCents: 10 }),
      cheque(idOf(99), '5'),
      cheque(GARAGE, '0077', { amountCents: 900 }),
    ]
    const refused = await record(batch(rows)).catch((error: AppError) => error)
    expect(refused).toBeInstanceOf(AppError)
    expect((refused as AppError).problems.map(({ code, path }) => [code, path])).toEqual([
      ['dues.more_than_due', 'payments.0.amountCents'],
      ['dues.cheque_number', 'payments.1.reference'],
      ['dues.more_than_due', 'payments.2.amountCents'],
      ['dues.cheque_twice', 'payments.2.reference'],
      ['dues.unknown_member', 'payments.3.member'],
      ['dues.same_cheque', 'payments.4.reference'],
    ])
    expect(await listPaymentBatches(deps, chamber, 'ac63')).toEqual([])
    // A row that confirms a number does not do so for the next one that has it.
    const twice = [cheque(CAFE, '5', { confirms: ['same_cheque'] }), cheque(BAKERY, '05')]
    await expect(record(batch(twice))).rejects.toMatchObject({
      problems: [{ code: 'dues.cheque_twice', path: 'payments.1.reference' }],
    })
    const confirmed = [
      cheque(CAFE, '1', { amountCents: 1500, confirms: ['advance'] }),
      cheque(BAKERY, '01', { confirms: ['same_cheque'] }),
      cheque(GARAGE, '0077', { amountCents: 900, confirms: ['same_cheque'] }),
    ]
    await record(batch(confirmed))
    expect([await balance(CAFE), await balance(BAKERY), await balance(GARAGE)]).toEqual([-500, 0, 0])
    const future = batch([cheque(CAFE, '8', { confirms: ['advance'] })], {
      id: idOf(902),
      receivedOn: '2026-04-01',
    })
    await expect(record(future)).rejects.toMatchObject({ problems: [{ code: 'dues.day_to_come' }] })
  })

  test('puts a cheque on one slip only, prints it with number, count, sum and account, and frees it when the slip is cancelled', async () => {
    await record(batch([cheque(CAFE, '0001', { drawer: 'SCI Étoile' }), cheque(BAKERY, '0002')]))
    const { waiting } = await listDeposits(deps, chamber, 'ac63')
    expect(waiting.map(({ number, bank, drawer }) => [number, bank, drawer])).toEqual([
      ['0001', 'Crédit agricole', 'SCI Étoile'],
      ['0002', 'Crédit agricole', ''],
    ])
    const deposit = { id: idOf(910), depositedOn: '2026-03-20', cheques: waiting.map(({ id }) => id) }
    const after = await createDeposit(deps, chamber, 'ac63', deposit)
    expect(after.waiting).toEqual([])
    expect(after.slips).toMatchObject([
      { number: '2026-001', cheques: 2, amountCents: 2000, valid: 2, validCents: 2000, cancelled: false },
    ])
    expect(await createDeposit(deps, chamber, 'ac63', deposit)).toEqual(after)
    // As many others, under the same id.
    const swapped = { ...deposit, cheques: [deposit.cheques[0]!, idOf(99)] }
    await expect(createDeposit(deps, chamber, 'ac63', swapped)).rejects.toMatchObject({ code: 'id_taken' })
    const again = { ...deposit, id: idOf(911), cheques: deposit.cheques.slice(0, 1) }
    await expect(createDeposit(deps, chamber, 'ac63', again)).rejects.toMatchObject({
      code: 'cheque_on_slip',
    })
    await expect(undoPayments(deps, chamber, 'ac63', idOf(900))).rejects.toMatchObject({
      ...{ code: 'cheques_deposited', values: { number: '2026-001' } },
    })

    const { pdf } = await getDepositSlip(deps, chamber, 'ac63', deposit.id)
    const text = await textOf(pdf)
    for (const part of [
      '2026-001',
      'FR76 3000 6000 0112 3456 7890 189',
      '0001',
      'SCI Étoile (Café de l’Étoile)',
      '20,00',
    ])
      expect(text).toContain(part)

    // A cheque that is cancelled stays on its slip as such, and is not counted.
    await cancelPayment(
      deps,
      chamber,
      'ac63',
      { member: CAFE, payment: deposit.cheques[0]! },
      { reason: 'impayé' },
    )
    const left = await textOf((await getDepositSlip(deps, chamber, 'ac63', deposit.id)).pdf)
    expect(left).toMatch(
      /0001.*annulé.*1\s+0002.*1 chèque : 10,00.*1 chèque annulé depuis : .* 2, pour 20,00/,
    )
    expect((await listDeposits(deps, chamber, 'ac63')).slips).toMatchObject([
      { cheques: 2, amountCents: 2000, valid: 1, validCents: 1000, cancelled: false },
    ])

    const freed = await cancelDeposit(deps, chamber, 'ac63', deposit.id)
    expect(freed.waiting.map(({ number }) => number)).toEqual(['0002'])
    expect(freed.slips).toMatchObject([{ number: '2026-001', cancelled: true }])
    await expect(getDepositSlip(deps, chamber, 'ac63', deposit.id)).rejects.toMatchObject({
      code: 'wrong_state',
    })
    const next = { ...deposit, id: idOf(912), cheques: deposit.cheques.slice(1) }
    expect((await createDeposit(deps, chamber, 'ac63', next)).slips[0]?.number).toBe('2026-002')
  })

  test('makes no slip without an account, which is said with what to do', async () => {
    await database.db.updateTable('schemes').set({ dues: '{}' }).where('id', '=', 'ac63').execute()
    await record(batch([cheque(CAFE, '0001')]))
    const { waiting, hasAccount } = await listDeposits(deps, chamber, 'ac63')
    expect(hasAccount).toBe(false)
    const deposit = { id: idOf(910), depositedOn: '2026-03-21', cheques: [waiting[0]!.id] }
    await expect(createDeposit(deps, chamber, 'ac63', deposit)).rejects.toMatchObject({
      problems: [{ code: 'dues.day_to_come' }, { code: 'dues.deposit_account' }],
    })
  })
})

async function textOf(pdf: Buffer): Promise<string> {
  const document = await getDocument({ data: new Uint8Array(pdf), verbosity: 0 }).promise
  const pages = await Promise.all(
    Array.from({ length: document.numPages }, async (_, i) =>
      (await document.getPage(i + 1)).getTextContent(),
    ),
  )
  return pages
    .flatMap(({ items }) => items.map((item) => ('str' in item ? item.str : '')))
    .join(' ')
    .replaceAll(/[\u00a0\u202f]/g, ' ')
}
