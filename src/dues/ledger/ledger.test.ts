import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openCampaign } from '../../../test/support/campaigns.ts'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, testDeps } from '../../../test/support/deps.ts'
import { idOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import { runsOf } from '../../../test/support/random.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { type Database, inScheme } from '../../platform/db.ts'
import { getMemberDues } from '../actions.ts'
import { withdrawCampaign } from '../reminders/campaign.ts'
import { cancelPayment, recordPayment, waiveDues } from './payments.ts'
import { cancelRefund, recordRefund } from './refunds.ts'

const MEMBERS = 4
const chamber = actorOf('chamber', 'ac63')

/** Any request that concerns the money of a member. */
type Step =
  | {
      readonly do: 'pay'
      readonly member: number
      readonly cents: number
      readonly way: 'transfer' | 'cheque' | 'cash'
    }
  | { readonly do: 'cancel'; readonly member: number; readonly nth: number }
  | { readonly do: 'refund'; readonly member: number; readonly cents: number; readonly nth: number | null }
  | { readonly do: 'cancel_refund'; readonly member: number; readonly nth: number }
  | { readonly do: 'waive'; readonly member: number }
  | { readonly do: 'open'; readonly year: number; readonly feeCents: number }
  | { readonly do: 'withdraw'; readonly year: number }

const member = fc.integer({ min: 1, max: MEMBERS })
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('pay' as const),
      member,
      cents: fc.integer({ min: 1, max: 3000 }),
      way: fc.constantFrom('transfer' as const, 'cheque' as const, 'cash' as const),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('cancel' as const), member, nth: fc.nat({ max: 5 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('refund' as const),
      member,
      cents: fc.integer({ min: 1, max: 2000 }),
      nth: fc.option(fc.nat({ max: 5 })),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('cancel_refund' as const), member, nth: fc.nat({ max: 3 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('waive' as const), member }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('open' as const),
      year: fc.integer({ min: 2025, max: 2027 }),
      feeCents: fc.nat({ max: 2000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('withdraw' as const),
      year: fc.integer({ min: 2025, max: 2027 }),
    }),
  },
)

describe.each(usualKinds)('the ledger on %s', (kind) => {
  let database: Database
  let deps: Deps
  beforeAll(async () => {
    database = await testDatabase(kind, { poolSize: 8 })
    await seedSchemes(database)
    await seedMembers(
      database.db,
      'ac63',
      Array.from({ length: MEMBERS }, (_, i) => ({ id: idOf(i + 1), name: `Boutique ${i + 1}` })),
    )
    await seedMembers(database.db, 'ac39', [{ id: idOf(9), name: 'Ailleurs', communeCode: '39300' }])
    deps = testDeps(database, { now: () => new Date('2026-06-15T10:00:00Z') })
  })
  afterAll(() => database.close())

  async function run(one: Step): Promise<void> {
    switch (one.do) {
      case 'open':
        await openCampaign(deps, chamber, 'ac63', {
          year: one.year,
          feeCents: one.feeCents,
          tradeFees: {},
          proRata: false,
          dueOn: `${one.year}-03-31`,
        })
        return
      case 'pay':
        await recordPayment(deps, chamber, 'ac63', idOf(one.member), {
          way: one.way,
          amountCents: one.cents,
          receivedOn: '2026-06-10',
          reference: 'n° 123',
          inAdvance: true,
          sameCheque: true,
        })
        return
      case 'refund': {
        const account = await getMemberDues(deps, chamber, 'ac63', idOf(one.member))
        const payment = one.nth === null ? undefined : account.payments[one.nth]
        if (one.nth !== null && payment === undefined) return
        const refunded = await recordRefund(deps, chamber, 'ac63', idOf(one.member), {
          paymentId: payment?.id ?? null,
          way: 'transfer',
          amountCents: one.cents,
          paidOn: '2026-06-12',
          reference: '',
          reason: 'trop payé',
        })
        // Never more than there was: a refunded advance creates no debt, and no payment is refunded twice.
        if (payment === undefined) expect(refunded.balanceCents).toBeLessThanOrEqual(0)
        else {
          const back = refunded.refunds
            .filter(({ paymentId, cancelled }) => paymentId === payment.id && cancelled === null)
            .reduce((sum, { amountCents }) => sum + amountCents, 0)
          expect(back).toBeLessThanOrEqual(payment.amountCents)
        }
        const kept = [
          ...refunded.payments,
          ...refunded.refunds.map((one) => ({ ...one, amountCents: -one.amountCents })),
        ]
        expect(
          kept.reduce((sum, one) => sum + (one.cancelled === null ? one.amountCents : 0), 0),
        ).toBeGreaterThanOrEqual(0)
        return
      }
      case 'cancel_refund': {
        const { refunds } = await getMemberDues(deps, chamber, 'ac63', idOf(one.member))
        const refund = refunds[one.nth]
        if (refund === undefined) return
        const id = { member: idOf(one.member), refund: refund.id }
        await cancelRefund(deps, chamber, 'ac63', id, { reason: 'virement revenu' })
        return
      }
      case 'withdraw':
        await withdrawCampaign(deps, chamber, 'ac63', one.year, { reason: 'mauvais montant' })
        return
      case 'waive':
        await waiveDues(deps, chamber, 'ac63', idOf(one.member), { reason: 'fermé six mois' })
        return
      case 'cancel': {
        const { payments } = await getMemberDues(deps, chamber, 'ac63', idOf(one.member))
        const payment = payments[one.nth]
        if (payment === undefined) return
        const id = { member: idOf(one.member), payment: payment.id }
        await cancelPayment(deps, chamber, 'ac63', id, { reason: 'chèque impayé' })
      }
    }
  }

  /** A refused request is a valid outcome: the resulting state is checked. */
  async function tryTo(one: Step): Promise<void> {
    try {
      await run(one)
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'internal') throw error
    }
  }

  async function check(): Promise<void> {
    const { rows } = await sql<{
      unbalanced: number
      entries: number
      highest: number
      receipts: number
      last: number
      total: number
    }>`
      select (select count(*) from (select no from ledger_lines where scheme_id = 'ac63' group by no
          having sum(debit_cents) <> sum(credit_cents)) u)::int as unbalanced,
        (select count(*) from ledger_entries where scheme_id = 'ac63')::int as entries,
        (select coalesce(max(no), 0) from ledger_entries where scheme_id = 'ac63')::int as highest,
        (select count(*) from dues_receipts where scheme_id = 'ac63')::int as receipts,
        (select coalesce(max(no), 0) from dues_receipts where scheme_id = 'ac63')::int as last,
        (select coalesce(sum(debit_cents - credit_cents), 0) from ledger_lines where scheme_id = 'ac63')::int as total`.execute(
      database.db,
    )
    const facts = rows[0]!
    expect(facts.unbalanced).toBe(0)
    expect(facts.total).toBe(0)
    expect(facts.highest).toBe(facts.entries)
    expect(facts.last).toBe(facts.receipts)
    for (let n = 1; n <= MEMBERS; n++) {
      const { balanceCents, years, payments, refunds, waivers } = await getMemberDues(
        deps,
        chamber,
        'ac63',
        idOf(n),
      )
      const called = years.reduce((sum, one) => sum + one.amountCents, 0)
      const paid = payments.reduce((sum, one) => sum + (one.cancelled === null ? one.amountCents : 0), 0)
      const back = refunds.reduce((sum, one) => sum + (one.cancelled === null ? one.amountCents : 0), 0)
      const waived = waivers.reduce((sum, one) => sum + one.amountCents, 0)
      // The account shown equals the ledger.
      if (payments.length < 100) expect(balanceCents).toBe(called - paid + back - waived)
      // A waiver never becomes an advance, whatever is withdrawn later.
      expect(waived).toBeLessThanOrEqual(called)
      const left = years.reduce((sum, one) => sum + one.remainingCents, 0)
      expect(left).toBe(Math.max(0, Math.min(called, balanceCents)))
    }
  }

  test('balances after any sequence of requests, without a gap in its numbers', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        for (const one of steps) await tryTo(one)
        await check()
      }),
      { numRuns: runsOf(40) },
    )
  })

  test('numbers receipts without gaps when many are written concurrently and some fail', async () => {
    await tryTo({ do: 'open', year: 2026, feeCents: 1000 })
    const count = async () =>
      Number(
        (
          await sql<{ n: number }>`select count(*) as n from dues_receipts where scheme_id = 'ac63'`.execute(
            database.db,
          )
        ).rows[0]?.n,
      )
    const before = await count()
    const outcomes = await Promise.allSettled(
      Array.from({ length: 24 }, (_, i) =>
        recordPayment(
          // Every third fails after taking its number.
          i % 3 === 0
            ? {
                ...deps,
                newId: () => {
                  throw new Error('no id')
                },
              }
            : deps,
          chamber,
          'ac63',
          idOf((i % MEMBERS) + 1),
          { way: 'cash', amountCents: 10, receivedOn: '2026-06-15', reference: '', inAdvance: true },
        ),
      ),
    )
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(8)
    expect(await count()).toBe(before + 16)
    await check()
  })

  test('refuses entries that do not balance, gaps, and any change of what is written', async () => {
    const write = (statements: string) =>
      inScheme(database.db, 'ac39', (tx) =>
        sql
          .raw(statements)
          .execute(tx)
          .then(() => undefined),
      )
    const entry = (no: number) =>
      `insert into ledger_entries values ('ac39', ${no}, '2026-01-01', 'call', '${idOf(9)}', 'Ailleurs', '2026', now(), 'test')`
    const line = (no: number, n: number, account: string, debit: number, credit: number) =>
      `insert into ledger_lines values ('ac39', ${no}, ${n}, '${account}', ${account === 'receivable' ? `'${idOf(9)}'` : 'null'}, ${debit}, ${credit})`
    await expect(write(entry(1))).rejects.toThrow(/does not balance/)
    await expect(
      write(`${entry(1)}; ${line(1, 1, 'receivable', 1000, 0)}; ${line(1, 2, 'income', 0, 999)}`),
    ).rejects.toThrow(/does not balance/)
    await expect(
      write(`${entry(2)}; ${line(2, 1, 'receivable', 1000, 0)}; ${line(2, 2, 'income', 0, 1000)}`),
    ).rejects.toThrow(/leaves a hole/)
    await write(`${entry(1)}; ${line(1, 1, 'receivable', 1000, 0)}; ${line(1, 2, 'income', 0, 1000)}`)
    await expect(write(line(1, 3, 'bank', 5, 0))).rejects.toThrow(/does not balance/)
    for (const statement of [
      'update ledger_lines set debit_cents = 5',
      'delete from ledger_entries',
      'delete from ledger_lines',
    ]) {
      await expect(write(statement)).rejects.toThrow(/permission denied/)
      // Not even by the owner.
      await expect(sql.raw(statement).execute(database.db)).rejects.toThrow(/never changed/)
    }
  })
})
