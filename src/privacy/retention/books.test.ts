import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openCampaign } from '../../../test/support/campaigns.ts'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, testDeps } from '../../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import type { Deps } from '../../deps.ts'
import { exportAccounting } from '../../dues/ledger/accounting.ts'
import { findBalances } from '../../dues/ledger/ledger.ts'
import { cancelPayment, recordPayment, waiveDues } from '../../dues/ledger/payments.ts'
import { cancelRefund, recordRefund } from '../../dues/ledger/refunds.ts'
import { getReceipt } from '../../dues/papers/receipts.ts'
import { acrossSchemes, type Database } from '../../platform/db.ts'
import { getRetention } from './actions.ts'
import { purgeOld } from './purge.ts'

const chamber = actorOf('chamber', 'ac63')
const [paid, waived] = [idOf(1), idOf(2)]
const NAMED = /Tabac Durand|Fleurs Martin|chèque de|impayé de|fermeture de|rendu à/

describe.each(usualKinds)('retention of books on %s', (kind) => {
  let database: Database
  let deps: Deps
  let clock = new Date('2026-06-01T12:00:00Z')
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    await seedMembers(database.db, 'ac63', [
      { id: paid, name: 'Tabac Durand', phones: [phoneOf(1)] },
      { id: waived, name: 'Fleurs Martin', phones: [phoneOf(2)] },
    ])
    deps = testDeps(database, { now: () => clock })
    for (const year of [2026, 2027]) {
      clock = new Date(`${year}-06-01T12:00:00Z`)
      await openCampaign(deps, chamber, 'ac63', {
        year,
        feeCents: 1000,
        tradeFees: {},
        proRata: false,
        dueOn: `${year}-03-31`,
      })
      const pay = async () => {
        const { payments } = await recordPayment(deps, chamber, 'ac63', paid, {
          way: 'cheque',
          amountCents: 1000,
          receivedOn: `${year}-05-01`,
          reference: 'chèque de Paul Durand',
          inAdvance: false,
          sameCheque: true,
        })
        return payments.find(({ cancelled }) => cancelled === null)?.id ?? ''
      }
      await cancelPayment(
        deps,
        chamber,
        'ac63',
        { member: paid, payment: await pay() },
        { reason: 'impayé de Paul Durand' },
      )
      const kept = await pay()
      // One valid refund and one that was undone.
      const refund = {
        paymentId: kept,
        way: 'transfer',
        amountCents: 100,
        paidOn: `${year}-05-20`,
        reference: 'rendu à Paul Durand',
        reason: 'rendu à Mme Durand, trop payé',
      } as const
      await recordRefund(deps, chamber, 'ac63', paid, refund)
      const { refunds } = await recordRefund(deps, chamber, 'ac63', paid, { ...refund, amountCents: 200 })
      await cancelRefund(
        deps,
        chamber,
        'ac63',
        { member: paid, refund: refunds.find(({ amountCents }) => amountCents === 200)?.id ?? '' },
        { reason: 'jamais rendu à Paul Durand' },
      )
      await waiveDues(deps, chamber, 'ac63', waived, { reason: 'fermeture de Mme Martin' })
    }
  })
  afterAll(() => database.close())

  const books = async () => {
    const { rows } = await sql<{ year: number; text: string }>`
      select extract(year from entered_on)::int as year, member || ' ' || piece as text from ledger_entries
      union all select year, facts::text from dues_receipts
      union all select extract(year from received_on)::int, reference || ' ' || coalesce(cancel_reason, '') from dues_payments
      union all select extract(year from paid_on)::int, reference || ' ' || reason || ' ' || coalesce(cancel_reason, '') from dues_refunds`.execute(
      database.db,
    )
    return (year: number) => rows.filter((row) => row.year === year).map(({ text }) => NAMED.test(text))
  }
  const figures = async () => ({
    balances: [
      ...(await acrossSchemes(database.db, (tx) => findBalances(tx, 'ac63', [paid, waived]))),
    ].sort(),
    accounts: (await exportAccounting(deps, chamber, 'ac63', 2026)).replace(/;[^;]*;(\d+,\d\d;)/g, ';$1'),
  })

  test('removes names from books after ten years and keeps balances and numbers', async () => {
    clock = new Date('2037-01-01T11:59:59Z')
    const before = await figures()
    expect(await purgeOld(deps)).toMatchObject({ dues: 0 })
    expect((await books())(2026)).not.toContain(false)

    // The year has ended in every time zone.
    clock = new Date('2037-01-01T12:00:00Z')
    const removed = (await purgeOld(deps)).dues
    const left = await books()
    expect(removed).toBe(left(2026).length)
    expect(left(2026)).not.toContain(true)
    expect(left(2027)).not.toContain(false)
    expect(await purgeOld(deps)).toMatchObject({ dues: 0 })
    expect((await figures()).balances).toEqual(before.balances)
    const cents = (text: string) => text.match(/\d+,\d\d/g)
    expect(cents((await figures()).accounts)).toEqual(cents(before.accounts))
    const { rows } = await sql<{ off: number }>`
      select count(*)::int as off from (
        select no from ledger_lines where scheme_id = 'ac63' group by no having sum(debit_cents) <> sum(credit_cents)) e`.execute(
      database.db,
    )
    expect(rows[0]?.off).toBe(0)
    const { purges, kinds } = await getRetention(deps, chamber, 'ac63')
    expect(purges.find((one) => one.kind === 'dues')).toMatchObject({
      removed,
      before: '2027-01-01T00:00:00.000Z',
    })
    expect(kinds).toContainEqual({ kind: 'dues', days: 3653 })
    await expect(getReceipt(deps, chamber, 'ac63', { year: 2026, no: 1 })).rejects.toMatchObject({
      code: 'not_found',
    })
    expect((await getReceipt(deps, chamber, 'ac63', { year: 2027, no: 1 })).length).toBeGreaterThan(500)
  })

  test('refuses any other change of the books in the database', async () => {
    const statements = [
      sql`update ledger_entries set member = '' where entered_on > '2027-01-01'`,
      sql`update ledger_entries set member = 'Autre' where no = 1`,
      sql`update ledger_entries set member = '', entered_on = '2020-01-01' where no = 1`,
      sql`update ledger_entries set member = '', piece = 'x' where no = 1`,
      sql`delete from ledger_entries where no = 1`,
      sql`update ledger_lines set debit_cents = debit_cents + 1 where debit_cents > 0`,
      sql`update dues_receipts set facts = facts || '{"member": null}' where year = 2027`,
      sql`update dues_receipts set facts = facts || '{"member": null, "amountCents": 1}' where year = 2026`,
      sql`delete from dues_receipts`,
    ]
    for (const before of ['', '2027-01-01']) {
      for (const statement of statements) {
        await expect(
          acrossSchemes(database.db, async (tx) => {
            await sql`select set_config('tocsin.books_before', ${before}, true)`.execute(tx)
            await statement.execute(tx)
          }),
        ).rejects.toThrow('never changed')
      }
    }
  })

  test('deletes notices of dues after three years, and those of an unpaid year once it is settled', async () => {
    clock = new Date('2030-06-01T12:00:00Z')
    const [owing, left] = [idOf(3), idOf(4)]
    await seedMembers(database.db, 'ac63', [
      { id: owing, name: 'En retard' },
      { id: left, name: 'Partie' },
    ])
    const fees = { feeCents: 1000, tradeFees: {}, proRata: false }
    await openCampaign(deps, chamber, 'ac63', { ...fees, year: 2030, dueOn: '2030-06-30' })
    clock = new Date('2031-01-02T12:00:00Z')
    await openCampaign(deps, chamber, 'ac63', { ...fees, year: 2031, dueOn: '2031-03-31' })
    await sql`update members set status = 'left' where id = ${left}`.execute(database.db)
    const money = { way: 'cash', receivedOn: '2031-01-02', reference: '', inAdvance: false } as const
    // The amount includes refunds of the years before.
    await recordPayment(deps, chamber, 'ac63', paid, { ...money, amountCents: 1200 })
    clock = new Date('2034-01-10T12:00:00Z')
    await sql`delete from dues_notices`.execute(database.db)
    await sql`insert into dues_notices (scheme_id, id, year, member_id, kind, at, by)
      select 'ac63', ('00000000-0000-4000-8000-0000000001' || n)::uuid, y, m::uuid, 'call', ${clock}::timestamptz - make_interval(days => d), 'x'
      from (values ('01', 2030, ${paid}, 1096), ('02', 2030, ${paid}, 1094), ('03', 2031, ${paid}, 1096), ('04', 2030, ${owing}, 1096),
        ('05', 2030, ${left}, 1096)) as v (n, y, m, d)`.execute(database.db)
    const kept = async () =>
      (
        await sql<{ n: string }>`select right(id::text, 2) as n from dues_notices order by id`.execute(
          database.db,
        )
      ).rows.map(({ n }) => n)
    expect(await purgeOld(deps)).toMatchObject({ notice: 2 })
    expect(await kept()).toEqual(['02', '03', '04'])
    await recordPayment(deps, chamber, 'ac63', owing, {
      ...money,
      amountCents: 1000,
      receivedOn: '2034-01-10',
    })
    expect(await purgeOld(deps)).toMatchObject({ notice: 1 })
    expect(await kept()).toEqual(['02', '03'])
  })
})
