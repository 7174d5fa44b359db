import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openCampaign } from '../../../test/support/campaigns.ts'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, contactOf, program, testDeps } from '../../../test/support/deps.ts'
import { emptyTables } from '../../../test/support/empty-tables.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import { runsOf } from '../../../test/support/random.ts'
import { asTableOwner } from '../../../test/support/table-owner.ts'
import type { Deps } from '../../deps.ts'
import { getMemberDues } from '../../dues/actions.ts'
import { createDebitFile, dropDebitFile } from '../../dues/collect/debits.ts'
import { exportAccounting } from '../../dues/ledger/accounting.ts'
import { writeMovements } from '../../dues/ledger/ledger.ts'
import { cancelPayment, recordPayment, waiveDues } from '../../dues/ledger/payments.ts'
import { recordRefund } from '../../dues/ledger/refunds.ts'
import { issueInvoice } from '../../dues/papers/invoices.ts'
import {
  assessJoined,
  getDuesSettings,
  setDuesSettings,
  withdrawCampaign,
} from '../../dues/reminders/campaign.ts'
import { runDailyDues } from '../../dues/reminders/work.ts'
import { listMemberYears } from '../../dues/store.ts'
import { AppError } from '../../errors.ts'
import { importMembers } from '../../imports/import/import.ts'
import { getMember, listMembers } from '../../members/actions.ts'
import { optOutNumber } from '../../members/opt-out/opt-out.ts'
import { HOUR_MS } from '../../message/clock.ts'
import { acrossSchemes, type Database, inScheme } from '../../platform/db.ts'
import { listShops } from '../../portal/store.ts'
import { findDoubles, mergeMembers, setMembersApart, undoMerge } from './actions.ts'
import { centsOf, feesBilledTwice } from './dues.ts'
import { MERGE_CHOICES, type MergeContact, type MergeSide, planMerge } from './rules.ts'
import { deleteExpiredMergeUndo } from './store.ts'

const chamber = actorOf('chamber', 'ac63')
const tobacconists = actorOf('trade_chamber', 'ac63', { trades: ['tobacco-press'] })
const [A, B, C, D, E, F] = [1, 2, 3, 4, 5, 6].map(idOf) as [string, string, string, string, string, string]

describe.each(usualKinds)('duplicate members on %s', (kind) => {
  let database: Database
  let deps: Deps
  let at: number
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    deps = testDeps(database, { now: () => new Date(at) })
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    at = Date.UTC(2026, 4, 4, 9)
    await emptyTables(database, [
      ...['dues', 'dues_campaigns', 'dues_counters', 'ledger_lines', 'ledger_entries', 'dues_payments'],
      ...['dues_receipts', 'dues_invoices', 'dues_notices', 'dues_suspensions'],
    ])
    await sql`delete from members`.execute(database.db)
    await seedMembers(database.db, 'ac63', [
      { id: A, name: 'Alpha', phones: [phoneOf(1), phoneOf(2)] },
      { id: B, name: 'Alpha', phones: [phoneOf(2), phoneOf(3)] },
      { id: C, name: 'Charlie', trade: 'bakeries', phones: [phoneOf(3)] },
      { id: D, name: 'Delta', phones: [phoneOf(4)] },
      { id: E, name: 'Echo', phones: [phoneOf(5)] },
      { id: F, name: 'Foxtrot', status: 'left', phones: [phoneOf(1)] },
    ])
    await seedMembers(database.db, 'ac39', [
      { id: idOf(9), name: 'Alpha', communeCode: '39300', phones: [phoneOf(1)] },
    ])
  })

  const code = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error: unknown) => (error instanceof AppError ? error.code : String(error)),
    )
  const pairs = async (actor = chamber) => {
    const { pairs, total } = await findDoubles(deps, actor, 'ac63', { offset: 0 })
    expect(total).toBe(pairs.length)
    return pairs.map(({ first, second, by }) => `${first.name} ${second.name}: ${by.join(', ')}`)
  }
  const setSiret = (id: string, siret: string) =>
    sql`update members set siret = ${siret} where id = ${id}`.execute(database.db)
  const merge = (kept: string, merged: string, take = {}) =>
    mergeMembers(deps, chamber, 'ac63', { kept, merged, take })
  const load = (csv: string) =>
    importMembers(deps, { kind: 'system', name: 'test' }, 'ac63', new TextEncoder().encode(csv))
  const contactsOf = async (id: string) =>
    (await getMember(deps, chamber, 'ac63', id)).contacts.map(
      ({ phone, sms, mail }) => `${phone ?? '-'}${sms ? ' sms' : ''}${mail === null ? '' : ` ${mail}`}`,
    )
  const memberCount = async () =>
    (await listMembers(deps, chamber, 'ac63', { limit: 200 })).counts?.total ?? 0

  test('are found by what they share, most certain first; not members who left, nor two companies of one owner', async () => {
    expect(await pairs()).toEqual(['Alpha Alpha: phone, place', 'Alpha Charlie: phone'])
    // Both are of its trades.
    expect(await pairs(tobacconists)).toEqual(['Alpha Alpha: phone, place'])
    await setSiret(B, '85520050700017')
    await setSiret(C, '41765432100013')
    expect(await pairs()).toEqual(['Alpha Alpha: phone, place'])
    // The same company in one commune: it moved, or has two shops.
    await setSiret(D, '85520050700025')
    expect(await pairs()).toEqual(['Alpha Alpha: phone, place', 'Alpha Delta: company'])
    // A number that many members share is no sign of a duplicate.
    await seedMembers(
      database.db,
      'ac63',
      [11, 12, 13, 14, 15].map((n) => ({ id: idOf(n), name: `Shop ${n}`, phones: [phoneOf(77)] })),
    )
    expect((await pairs()).length).toBe(2)
  })

  test('a pair marked as different is not shown again, until the mark is removed', async () => {
    await setMembersApart(deps, chamber, 'ac63', { members: [B, A], apart: true })
    await setMembersApart(deps, chamber, 'ac63', { members: [A, B], apart: true })
    expect(await pairs()).toEqual(['Alpha Charlie: phone'])
    await setMembersApart(deps, tobacconists, 'ac63', { members: [A, B], apart: false })
    expect((await pairs()).length).toBe(2)
    expect(await code(setMembersApart(deps, tobacconists, 'ac63', { members: [A, C], apart: true }))).toBe(
      'not_found',
    )
    expect(await code(setMembersApart(deps, chamber, 'ac63', { members: [A, A], apart: true }))).toBe(
      'invalid_input',
    )
    expect(await code(setMembersApart(deps, chamber, 'ac63', { members: [A, idOf(9)], apart: true }))).toBe(
      'not_found',
    )
  })

  test('a merge keeps each number once and the chosen fields, and makes the other a pointer', async () => {
    await sql`update members set address = '1 rue Haute', siret = '85520050700017' where id = ${B}`.execute(
      database.db,
    )
    await sql`update contacts set mail = 'b@example.org' where member_id = ${B} and mobile = ${phoneOf(2)}`.execute(
      database.db,
    )
    const merged = await merge(A, B)
    expect(merged).toMatchObject({
      kept: { id: A },
      merged: { id: B },
      undoUntil: '2026-05-05T09:00:00.000Z',
    })
    expect(await contactsOf(A)).toEqual([
      `${phoneOf(1)} sms`,
      `${phoneOf(2)} sms b@example.org`,
      `${phoneOf(3)} sms`,
    ])
    const kept = await getMember(deps, chamber, 'ac63', A)
    expect(kept).toMatchObject({
      siret: '85520050700017',
      address: '1 rue Haute',
      status: 'active',
      merged: [{ id: B, name: 'Alpha' }],
    })
    expect(await getMember(deps, chamber, 'ac63', B)).toMatchObject({
      status: 'left',
      mergedInto: { id: A, name: 'Alpha' },
    })
    // It is found under the kept member, also when its contacts sign in.
    expect(await memberCount()).toBe(5)
    expect((await listShops(database.db, { phone: phoneOf(3) })).map(({ memberName }) => memberName)).toEqual(
      ['Alpha', 'Charlie'],
    )
    expect(await pairs()).toEqual(['Alpha Charlie: phone'])
    expect(await code(merge(B, C))).toBe('not_found')
    const { rows } = await sql<{ action: string; details: unknown }>`
      select action, details from audit_entries where scheme_id = 'ac63' and action = 'member.merge'
      order by seq desc limit 1`.execute(database.db)
    expect(rows[0]?.details).toMatchObject({ merged: B, contacts: { moved: 1, joined: 1 } })
    expect(JSON.stringify(rows)).not.toContain('+336')
  })

  test('the kept one gets the tags and the paper charter of the other, and gives them back; tags added since stay', async () => {
    const [own, both, others, later] = [21, 22, 23, 24].map(idOf) as [string, string, string, string]
    const set = (id: string, tags: string[], charterOn: string | null) =>
      database.db.updateTable('members').set({ tags, charterOn }).where('id', '=', id).execute()
    const of = async (id: string) => {
      const { tags, charterOn } = await getMember(deps, chamber, 'ac63', id)
      return { tags, charterOn }
    }
    await set(A, [own, both], null)
    await set(B, [both, others], '2019-03-01')
    const { id } = await merge(A, B)
    expect(await of(A)).toEqual({ tags: [own, both, others], charterOn: '2019-03-01' })
    await set(A, [both, others, later], '2019-03-01')
    await undoMerge(deps, chamber, 'ac63', id)
    expect(await of(A)).toEqual({ tags: [both, later], charterOn: null })
    expect(await of(B)).toEqual({ tags: [both, others], charterOn: '2019-03-01' })
    // The earlier day counts, and one entered since stays.
    await set(A, [], '2020-03-01')
    const again = await merge(A, B)
    expect((await of(A)).charterOn).toBe('2019-03-01')
    await set(A, [], '2021-03-01')
    await undoMerge(deps, chamber, 'ac63', again.id)
    expect((await of(A)).charterOn).toBe('2021-03-01')
  })

  test('a trade chamber merges members of its trades only; users without the right merge none', async () => {
    expect(await code(mergeMembers(deps, tobacconists, 'ac63', { kept: A, merged: C, take: {} }))).toBe(
      'not_found',
    )
    expect(
      await code(mergeMembers(deps, actorOf('chief', 'ac63'), 'ac63', { kept: A, merged: B, take: {} })),
    ).toBe('forbidden')
    expect(
      await code(mergeMembers(deps, contactOf('ac63', A), 'ac63', { kept: A, merged: B, take: {} })),
    ).toBe('forbidden')
    expect(
      await code(mergeMembers(deps, actorOf('chamber', 'ac39'), 'ac39', { kept: A, merged: B, take: {} })),
    ).toBe('not_found')
    expect(await code(merge(A, F))).toBe('wrong_state')
    expect(await code(merge(A, A))).toBe('invalid_input')
    const { id } = await mergeMembers(deps, tobacconists, 'ac63', { kept: A, merged: B, take: {} })
    expect(
      await code(undoMerge(deps, actorOf('trade_chamber', 'ac63', { trades: ['bakeries'] }), 'ac63', id)),
    ).toBe('not_found')
    expect(await code(undoMerge(deps, tobacconists, 'ac63', id))).toBe('done')
  })

  test('a merge undone within a day restores both members and keeps later changes', async () => {
    await setSiret(B, '85520050700017')
    const before = [await getMember(deps, chamber, 'ac63', A), await getMember(deps, chamber, 'ac63', B)]
    const { id } = await merge(A, B, { name: 'merged' })
    await undoMerge(deps, chamber, 'ac63', id)
    const after = [await getMember(deps, chamber, 'ac63', A), await getMember(deps, chamber, 'ac63', B)]
    const plain = (views: typeof before) => views.map((view) => ({ ...view, updatedAt: '', version: '' }))
    expect(plain(after)).toEqual(plain(before))
    expect(await code(undoMerge(deps, chamber, 'ac63', id))).toBe('not_found')

    // A STOP in between applies to both.
    const again = await merge(A, B)
    await inScheme(database.db, 'ac63', (tx) =>
      optOutNumber(tx, deps, 'ac63', { phone: phoneOf(2), gateway: 'sim' }),
    )
    await sql`update members set name = 'Alpha neuf', search_name = 'alpha neuf' where id = ${A}`.execute(
      database.db,
    )
    await undoMerge(deps, chamber, 'ac63', again.id)
    expect(await contactsOf(A)).toEqual([`${phoneOf(1)} sms`, phoneOf(2)])
    expect(await contactsOf(B)).toEqual([phoneOf(2), `${phoneOf(3)} sms`])
    expect((await getMember(deps, chamber, 'ac63', A)).name).toBe('Alpha neuf')

    // The latest merge first; and not after a day.
    const first = await merge(A, B)
    at += 60_000
    const second = await merge(C, A)
    expect((await getMember(deps, chamber, 'ac63', B)).mergedInto?.id).toBe(C)
    expect(await code(undoMerge(deps, chamber, 'ac63', first.id))).toBe('merge_followed')
    expect(
      (await findDoubles(deps, chamber, 'ac63', { offset: 0 })).merges.map(
        ({ undoUntil }) => undoUntil === null,
      ),
    ).toEqual([false, true])
    await undoMerge(deps, chamber, 'ac63', second.id)
    expect((await getMember(deps, chamber, 'ac63', B)).mergedInto?.id).toBe(A)
    at += 24 * HOUR_MS
    expect(await code(undoMerge(deps, chamber, 'ac63', first.id))).toBe('merge_too_late')
    await acrossSchemes(database.db, (tx) => deleteExpiredMergeUndo(tx, new Date(at)))
    const { rows } = await sql<{
      n: number
    }>`select count(*)::int as n from member_merges where undo is not null`.execute(database.db)
    // The undo data of the two undone merges was deleted at once.
    expect(rows[0]?.n).toBe(0)
  })

  test('refuses to merge away a member whose account is not settled', async () => {
    const owes = (cents: number) =>
      acrossSchemes(database.db, (tx) =>
        writeMovements(tx, deps, 'ac63', 'test', [
          {
            kind: 'call',
            enteredOn: '2026-01-01',
            memberId: B,
            member: 'Alpha',
            piece: '2026',
            owesCents: cents,
            against: 'income',
          },
        ]),
      )
    await owes(1000)
    expect(await code(merge(A, B))).toBe('merge_owes')
    await owes(-2500)
    expect(await code(merge(A, B))).toBe('merge_owes')
    await owes(1500)
    // Its mandate moves to the kept member, and returns.
    await sql`insert into dues_mandates (scheme_id, id, member_id, reference, iban, iban_end, holder, text, signed_name, signed_by, signed_at)
      values ('ac63', ${idOf(81)}, ${B}, 'RUM', 'FR', '0000', 'Z', 'x', 'Z', 'x', now())`.execute(database.db)
    // The bank is collecting money that is no longer owed: it would be credited to the pointer.
    await sql`insert into dues_debit_files (scheme_id, id, no, collect_on, xml, state, created_at, created_by)
      values ('ac63', ${idOf(82)}, 1, '2026-03-20', '', 'created', now(), 'x')`.execute(database.db)
    await sql`insert into dues_debits (scheme_id, id, file_id, mandate_id, member_id, end_to_end, amount_cents, state)
      values ('ac63', ${idOf(83)}, ${idOf(82)}, ${idOf(81)}, ${B}, 'E', 1000, 'pending')`.execute(database.db)
    expect(await code(merge(A, B))).toBe('merge_owes')
    await sql`delete from dues_debits`.execute(database.db)
    await sql`delete from dues_debit_files`.execute(database.db)
    const holder = async () =>
      (await database.db.selectFrom('duesMandates').select('memberId').executeTakeFirst())?.memberId
    const { id } = await merge(A, B)
    expect(await holder()).toBe(A)
    await undoMerge(deps, chamber, 'ac63', id)
    expect(await holder()).toBe(B)
    await sql`delete from dues_mandates`.execute(database.db)
  })

  test('two members billed for the same year owe it once after a merge, and each again when it is undone', async () => {
    const balances = async () => {
      const { rows } = await sql<{ id: string; cents: number }>`
        select member_id as id, sum(debit_cents - credit_cents)::int as cents from ledger_lines
        where scheme_id = 'ac63' and member_id in (${A}, ${C}, ${D}) group by member_id order by member_id`.execute(
        database.db,
      )
      return rows.map(({ cents }) => cents)
    }
    await openCampaign(deps, chamber, 'ac63', {
      year: 2026,
      feeCents: 1000,
      tradeFees: { bakeries: 0 },
      proRata: false,
      dueOn: '2026-06-30',
    })
    const before = await balances()
    expect(before).toEqual([1000, 1000])
    // The bakery was not billed: the dues that it would take over would be lost.
    expect(await code(merge(C, D))).toBe('merge_owes')
    const { id } = await merge(A, D)
    expect(await balances()).toEqual([1000, 0])
    const { waivers } = await getMemberDues(deps, chamber, 'ac63', D)
    expect(waivers).toMatchObject([
      { amountCents: 1000, reason: 'Appelée deux fois : réunie à la fiche de Alpha' },
    ])
    await undoMerge(deps, chamber, 'ac63', id)
    expect(await balances()).toEqual(before)
    expect(await getMemberDues(deps, chamber, 'ac63', D)).toMatchObject({ balanceCents: 1000, waivers: [] })
    const fec = await exportAccounting(deps, chamber, 'ac63', 2026)
    const cells = fec.split('\r\n').map((line) => line.split(';'))
    const waived = cells.filter(([journal, , , , , , , whose]) => journal === 'OD' && whose === 'Delta')
    expect(waived.map((cell) => [cell[8], cell[10], cell[11], cell[12]].join(' | '))).toEqual([
      'Appelée deux fois : réunie à la fiche de Alpha | Montant dû annulé Delta | 0,00 | 10,00',
      'OD-5 | Montant dû rétabli Delta | 10,00 | 0,00',
    ])
  })

  test('the invoice of a fee that the merge waives is corrected by a credit note, and issued again after an undo', async () => {
    await openYear(2026)
    const creditor = { siret: '00012345500016', address: '1 place, 63000 Clermont', vat: 'outside' }
    await sql`update schemes set dues = dues || jsonb_build_object('creditor', coalesce(dues->'creditor', '{}') || ${JSON.stringify(creditor)}::jsonb)
      where id = 'ac63'`.execute(database.db)
    const invoice = await issueInvoice(deps, chamber, 'ac63', D, { year: 2026 })
    const { id } = await merge(A, D)
    const { creditNotes } = await getMemberDues(deps, chamber, 'ac63', A)
    expect(creditNotes).toMatchObject([{ duesYear: 2026, amountCents: 1000, invoice, paper: { no: 2 } }])
    await undoMerge(deps, chamber, 'ac63', id)
    expect((await getMemberDues(deps, chamber, 'ac63', A)).creditNotes).toEqual([])
    expect((await issueInvoice(deps, chamber, 'ac63', D, { year: 2026 })).no).toBe(3)
  })

  test('an invoice that was credited in part asks for a supplementary one after the undo', async () => {
    await openYear(2026)
    const creditor = { siret: '00012345500016', address: '1 place, 63000 Clermont', vat: 'outside' }
    await sql`update schemes set dues = dues || jsonb_build_object('creditor', coalesce(dues->'creditor', '{}') || ${JSON.stringify(creditor)}::jsonb)
      where id = 'ac63'`.execute(database.db)
    await pay(D, 400)
    const first = await issueInvoice(deps, chamber, 'ac63', D, { year: 2026 })
    const { id } = await merge(A, D)
    await undoMerge(deps, chamber, 'ac63', id)
    const year = async () =>
      (await getMemberDues(deps, chamber, 'ac63', D)).years.find((one) => one.year === 2026)
    expect(await year()).toMatchObject({ invoice: first, earlierInvoices: [], uninvoicedCents: 600 })
    const more = await issueInvoice(deps, chamber, 'ac63', D, { year: 2026 })
    expect(await year()).toMatchObject({ invoice: more, earlierInvoices: [first], uninvoicedCents: 0 })
  })

  const openYear = (year: number, over: { feeCents?: number; tradeFees?: Record<string, number> } = {}) =>
    openCampaign(deps, chamber, 'ac63', {
      year,
      feeCents: 1000,
      tradeFees: {},
      proRata: false,
      dueOn: `${year}-05-20`,
      ...over,
    })
  const pay = (id: string, amountCents = 1000) =>
    recordPayment(deps, chamber, 'ac63', id, {
      way: 'cash',
      amountCents,
      receivedOn: '2026-05-04',
      reference: '',
      inAdvance: false,
    })
  const account = (id: string) => getMemberDues(deps, chamber, 'ac63', id)
  const bounce = async (id: string) => {
    const payment = (await account(id)).payments[0]?.id ?? ''
    await cancelPayment(deps, chamber, 'ac63', { member: id, payment }, { reason: 'impayé' })
  }

  test("if the merged member paid the year, the kept one's fee is waived, and owed again after an undo", async () => {
    await openYear(2026)
    await pay(B)
    const { pairs } = await findDoubles(deps, chamber, 'ac63', { offset: 0 })
    expect(pairs[0]?.dues).toEqual({
      first: {
        balanceCents: 1000,
        collecting: false,
        years: [{ year: 2026, amountCents: 1000, remainingCents: 1000 }],
      },
      second: {
        balanceCents: 0,
        collecting: false,
        years: [{ year: 2026, amountCents: 1000, remainingCents: 0 }],
      },
    })
    const { id } = await merge(A, B)
    expect(await account(A)).toMatchObject({
      balanceCents: 0,
      waivers: [
        { amountCents: 1000, reason: 'Appelée deux fois : réglée sous la fiche de Alpha, réunie à celle-ci' },
      ],
    })
    const { rows } = await sql<{ details: unknown }>`
      select details from audit_entries where scheme_id = 'ac63' and action = 'member.merge' order by seq desc limit 1`.execute(
      database.db,
    )
    expect(rows[0]?.details).toMatchObject({ waivedCents: 1000 })
    await undoMerge(deps, chamber, 'ac63', id)
    expect(await account(A)).toMatchObject({ balanceCents: 1000, waivers: [] })

    // The user may still require the payment; and a partly paid fee is waived in part, on either side.
    const again = await mergeMembers(deps, chamber, 'ac63', { kept: A, merged: B, take: {}, letOff: false })
    expect((await account(A)).balanceCents).toBe(1000)
    await undoMerge(deps, chamber, 'ac63', again.id)
    await pay(D, 400)
    const partly = await merge(A, D)
    expect([(await account(A)).balanceCents, (await account(D)).balanceCents]).toEqual([600, 0])
    await undoMerge(deps, chamber, 'ac63', partly.id)
    expect([(await account(A)).balanceCents, (await account(D)).balanceCents]).toEqual([1000, 600])
  })

  test('a fee that a merge waives stays waived for its year; an older one stays owed', async () => {
    await openYear(2026, { tradeFees: { bakeries: 0 } })
    await openYear(2027)
    const creditor = { siret: '00012345500016', address: '1 place, 63000 Clermont', vat: 'outside' }
    await sql`update schemes set dues = dues || jsonb_build_object('creditor', coalesce(dues->'creditor', '{}') || ${JSON.stringify(creditor)}::jsonb)
      where id = 'ac63'`.execute(database.db)
    const invoice = await issueInvoice(deps, chamber, 'ac63', A, { year: 2027 })
    await pay(C)
    const yearsOf = async (id: string) =>
      (await account(id)).years.map((one) => [one.year, one.remainingCents, one.waivedCents].join(' '))
    const { id } = await merge(A, C)
    expect(await yearsOf(A)).toEqual(['2027 0 1000', '2026 1000 0'])
    expect((await account(A)).creditNotes).toMatchObject([{ duesYear: 2027, amountCents: 1000, invoice }])
    // A merge of an earlier release did not note the year: the migration does.
    const migration = await readFile('migrations/0091_waivers_keep_their_year.sql', 'utf8')
    await asTableOwner(database, async (tx) => {
      await sql`update dues set waived_cents = 0, merged_cents = 0`.execute(tx)
      await sql.raw(migration.slice(migration.indexOf('with waivers'))).execute(tx)
    })
    expect(await yearsOf(A)).toEqual(['2027 0 1000', '2026 1000 0'])
    // The other has not paid the year any more: its own fee is waived, and that of the kept one is not.
    await bounce(C)
    expect(await yearsOf(A)).toEqual(['2027 1000 0', '2026 1000 0'])
    const owed = await listMemberYears(database.db as never, 'ac63', [C])
    expect(owed[0]).toMatchObject({ year: 2027, remainingCents: 0, waivedCents: 1000 })
    await undoMerge(deps, chamber, 'ac63', id)
    expect(await yearsOf(A)).toEqual(['2027 1000 0', '2026 1000 0'])
    expect(await yearsOf(C)).toEqual(['2027 1000 0', '2026 0 0'])
  })

  test('owe nothing of a withdrawn campaign when the merge is undone afterwards', async () => {
    await openYear(2026)
    const { id } = await merge(A, D)
    const paid = await pay(B).then(() => merge(C, B))
    await withdrawCampaign(deps, chamber, 'ac63', 2026, { reason: 'mauvais montant' })
    const all = async () =>
      (await Promise.all([A, B, C, D].map(account))).map(({ balanceCents, waivers }) => [
        balanceCents,
        waivers.length,
      ])
    const none = [0, 0]
    expect(await all()).toEqual([none, [-1000, 0], none, none])
    await undoMerge(deps, chamber, 'ac63', paid.id)
    await undoMerge(deps, chamber, 'ac63', id)
    expect(await all()).toEqual([none, [-1000, 0], none, none])
  })

  test('after a campaign is withdrawn, undoing the merges restores only the waivers that were left', async () => {
    await openYear(2025)
    await openYear(2026)
    for (const id of [B, D]) await pay(id)
    await pay(B)
    await pay(D, 600)
    await pay(A)
    const first = await merge(A, B)
    await bounce(A)
    at += 1000
    const second = await merge(A, D)
    // The year 2026, which the first has paid, and 2025, which its own payment was to settle and the second has paid.
    expect((await account(A)).waivers.map(({ amountCents }) => amountCents)).toEqual([1000, 1000])
    await withdrawCampaign(deps, chamber, 'ac63', 2026, { reason: 'mauvais montant' })
    expect(await account(A)).toMatchObject({
      balanceCents: 0,
      waivers: [{ amountCents: 1000, reason: expect.stringMatching(/^Appelée deux fois/) }],
    })
    await undoMerge(deps, chamber, 'ac63', second.id)
    expect((await account(A)).balanceCents).toBe(1000)
    await undoMerge(deps, chamber, 'ac63', first.id)
    expect(await account(A)).toMatchObject({ balanceCents: 1000, waivers: [] })
  })

  test("withdrawing a campaign keeps the chamber's waiver of another year", async () => {
    await openYear(2025)
    await openYear(2026)
    await pay(D)
    await pay(D)
    await pay(A)
    const merged = await merge(A, D)
    await bounce(A)
    await waiveDues(deps, chamber, 'ac63', A, { reason: 'fermé un an' })
    await withdrawCampaign(deps, chamber, 'ac63', 2026, { reason: 'mauvais montant' })
    expect(await account(A)).toMatchObject({ balanceCents: 0, waivers: [{ reason: 'fermé un an' }] })
    await undoMerge(deps, chamber, 'ac63', merged.id)
    expect((await account(A)).balanceCents).toBe(0)
  })

  const balances = async (...ids: string[]) =>
    (await Promise.all(ids.map(account))).map(({ balanceCents }) => balanceCents)

  test("if the merged member's payment is reversed, the kept one owes the fee once", async () => {
    await openYear(2026)
    await pay(A, 400)
    await pay(B, 500)
    await pay(B, 500)
    const { id } = await merge(A, B)
    expect(await balances(A, B)).toEqual([0, 0])
    await bounce(B)
    expect(await balances(A, B)).toEqual([100, 0])
    const { payments } = await account(B)
    const left = payments.find(({ cancelled }) => cancelled === null)?.id ?? ''
    await cancelPayment(deps, chamber, 'ac63', { member: B, payment: left }, { reason: 'impayé' })
    expect(await balances(A, B)).toEqual([600, 0])
    // After the undo, each owes its own fee.
    await undoMerge(deps, chamber, 'ac63', id)
    expect(await balances(A, B)).toEqual([600, 1000])
    expect([(await account(A)).waivers, (await account(B)).waivers]).toEqual([[], []])
  })

  test('a second payment, or a refund of a double payment, does not create a debt', async () => {
    await openYear(2026)
    for (const id of [B, C, D, E]) await pay(id)
    await merge(A, B)
    at += 1000
    await merge(A, C)
    await bounce(B)
    expect(await balances(A, B, C)).toEqual([0, 0, 0])
    await merge(D, E)
    await recordRefund(deps, chamber, 'ac63', E, {
      paymentId: (await account(E)).payments[0]?.id ?? '',
      way: 'transfer',
      amountCents: 1000,
      paidOn: '2026-05-04',
      reference: '',
      reason: 'payé deux fois',
    })
    expect(await balances(D, E)).toEqual([0, 0])
    await bounce(C)
    expect(await balances(A, B, C)).toEqual([1000, 0, 0])
  })

  test('a new member merged with a billed one is not billed for that year, until the merge is undone', async () => {
    await openYear(2026)
    await pay(A)
    await seedMembers(database.db, 'ac63', [
      { id: idOf(21), name: 'Alpha', createdAt: new Date(at), phones: [phoneOf(21)] },
      { id: idOf(22), name: 'Alpha', createdAt: new Date(at), phones: [phoneOf(22)] },
    ])
    const assess = () => inScheme(database.db, 'ac63', (tx) => assessJoined(tx, deps, 'ac63'))
    at += 20 * HOUR_MS
    const { id } = await merge(idOf(21), A)
    at += 5 * HOUR_MS
    expect(await assess()).toBe(1)
    expect([(await account(idOf(21))).years, (await account(idOf(22))).balanceCents]).toEqual([[], 1000])
    await undoMerge(deps, chamber, 'ac63', id)
    expect(await assess()).toBe(1)
    expect((await account(idOf(21))).balanceCents).toBe(1000)
  })

  test("cannot be undone while a debit uses the other's mandate", async () => {
    await openYear(2026)
    await sql`insert into dues_mandates (scheme_id, id, member_id, reference, iban, iban_end, holder, text, signed_name, signed_by, signed_at)
      values ('ac63', ${idOf(81)}, ${B}, 'RUM', 'FR7630006000011234567890189', '0189', 'Z', 'x', 'Z', 'x', now())`.execute(
      database.db,
    )
    const settings = await getDuesSettings(deps, chamber, 'ac63')
    const creditor = { ...settings.creditor, iban: 'FR1420041010050500013M02606', sepaId: 'FR72ZZZ123456' }
    await setDuesSettings(deps, program, 'ac63', { ...settings, creditor })
    const { id } = await merge(A, B)
    const file = await createDebitFile(deps, chamber, 'ac63', { collectOn: '2026-05-20' })
    expect(file.lines).toMatchObject([{ member: { id: A }, state: 'pending' }])
    expect(await code(undoMerge(deps, chamber, 'ac63', id))).toBe('merge_debited')
    await dropDebitFile(deps, chamber, 'ac63', file.id)
    expect(await code(undoMerge(deps, chamber, 'ac63', id))).toBe('done')
    await asTableOwner(database, (tx) =>
      sql`truncate dues_debits, dues_debit_files, dues_mandates cascade`.execute(tx),
    )
    await setDuesSettings(deps, program, 'ac63', settings)
  })

  test('refuses to waive dues that a debit is collecting', async () => {
    await openYear(2026)
    await pay(B)
    await sql`insert into dues_mandates (scheme_id, id, member_id, reference, iban, iban_end, holder, text, signed_name, signed_by, signed_at)
      values ('ac63', ${idOf(81)}, ${A}, 'RUM', 'FR', '0000', 'Z', 'x', 'Z', 'x', now())`.execute(database.db)
    await sql`insert into dues_debit_files (scheme_id, id, no, collect_on, xml, state, created_at, created_by)
      values ('ac63', ${idOf(82)}, 1, '2026-06-01', 'x', 'created', now(), 'x')`.execute(database.db)
    await sql`insert into dues_debits (scheme_id, id, file_id, member_id, mandate_id, amount_cents, end_to_end, state)
      values ('ac63', ${idOf(83)}, ${idOf(82)}, ${A}, ${idOf(81)}, 1000, 'x', 'pending')`.execute(database.db)
    expect(await code(merge(A, B))).toBe('merge_collecting')
    expect(
      await code(mergeMembers(deps, chamber, 'ac63', { kept: A, merged: B, take: {}, letOff: false })),
    ).toBe('done')
    await sql`delete from dues_debits`.execute(database.db)
    await sql`delete from dues_debit_files`.execute(database.db)
    await sql`delete from dues_mandates`.execute(database.db)
  })

  test('members suspended by the dues rule are reactivated when their fee is waived, and suspended again by the undo', async () => {
    await openYear(2026)
    await pay(B)
    await pay(D)
    at += 30 * 24 * HOUR_MS
    const suspend = async (id: string) => {
      await sql`update members set status = 'suspended' where id = ${id}`.execute(database.db)
      await sql`insert into dues_suspensions (scheme_id, member_id, suspended_at)
        values ('ac63', ${id}, ${new Date(at)})`.execute(database.db)
    }
    await suspend(A)
    // The other is suspended too, but not for dues: only the waived fee reactivates the kept one.
    await sql`update members set status = 'suspended' where id = ${D}`.execute(database.db)
    const { id } = await merge(A, D)
    expect((await getMember(deps, chamber, 'ac63', A)).status).toBe('active')
    await undoMerge(deps, chamber, 'ac63', id)
    await sql`update members set status = 'suspended' where id = ${A}`.execute(database.db)
    await sql`update dues_suspensions set restored_at = null where member_id = ${A}`.execute(database.db)

    // It is active through the other: the daily job ends the suspension by the rule, and the undo restores it.
    const active = await merge(A, B)
    expect((await getMember(deps, chamber, 'ac63', A)).status).toBe('active')
    at += HOUR_MS
    await runDailyDues(deps)
    await undoMerge(deps, chamber, 'ac63', active.id)
    expect(await account(A)).toMatchObject({ balanceCents: 1000, suspendedAt: expect.any(String) })
    await recordPayment(deps, chamber, 'ac63', A, {
      way: 'cash',
      amountCents: 1000,
      receivedOn: '2026-06-03',
      reference: '',
      inAdvance: false,
    })
    expect((await getMember(deps, chamber, 'ac63', A)).status).toBe('active')
  })

  test('records move to the kept member, and return when the merge is undone', async () => {
    const contact = (await getMember(deps, chamber, 'ac63', B)).contacts[1]!.id
    await sql`insert into opt_outs (scheme_id, id, member_id, contact_id, phone, takes, how, by, at)
      values ('ac63', ${idOf(71)}, ${B}, ${contact}, ${phoneOf(3)}, false, 'portal', 'x', now())`.execute(
      database.db,
    )
    await sql`update contacts set sms = false where id = ${contact}`.execute(database.db)
    await sql`insert into reports (scheme_id, id, category_code, commune_code, called_at, occurred_at, caller_member_id, state, created_at, created_by)
      values ('ac63', ${idOf(72)}, 'counterfeit', '63178', now(), now(), ${B}, 'waiting', now(), 'x')`.execute(
      database.db,
    )
    const whose = async () => {
      const { rows } = await sql<{ id: string }>`
        select member_id as id from opt_outs where id = ${idOf(71)}
        union all select caller_member_id from reports where id = ${idOf(72)}`.execute(database.db)
      return rows.map(({ id }) => id)
    }
    const { id } = await merge(A, B)
    expect(await whose()).toEqual([A, A])
    const moved = (await getMember(deps, chamber, 'ac63', A)).contacts.find((one) => one.id === contact)
    expect(moved).toMatchObject({ sms: false, optOut: { how: 'portal' } })
    await undoMerge(deps, chamber, 'ac63', id)
    expect(await whose()).toEqual([B, B])
    await sql`delete from reports where id = ${idOf(72)}`.execute(database.db)
  })

  test('importing a list that still names both does not create the merged one again', async () => {
    await setSiret(A, '85520050700025')
    await setSiret(B, '85520050700017')
    await merge(A, B)
    const header = 'Enseigne;SIRET;Métier;Commune;Mobile;Mobile 2'
    const rows = [
      `Alpha;855 200 507 00025;tobacco-press;Issoire;${phoneOf(1)};${phoneOf(2)}`,
      `Alpha;855 200 507 00017;tobacco-press;Issoire;${phoneOf(2)};${phoneOf(3)}`,
    ]
    for (const list of [rows, rows.toReversed(), rows.slice(1), rows.slice(0, 1)]) {
      const report = await load([header, ...list].join('\n'))
      expect(report.problems).toEqual([])
      expect(report).toMatchObject({ outcome: 'applied', created: 0, updated: 0 })
    }
    expect(await memberCount()).toBe(5)
    expect((await getMember(deps, chamber, 'ac63', A)).siret).toBe('85520050700025')
    expect((await contactsOf(A)).length).toBe(3)

    // A new number in the row of the merged one is added, and replaces no other.
    const report = await load(
      `${header}\n${rows[1]?.replace(phoneOf(3), phoneOf(33))}\n${rows[0]?.replace(phoneOf(2), phoneOf(22))}`,
    )
    expect(report).toMatchObject({ created: 0, updated: 2 })
    expect(report.warnings.map(({ code }) => code)).toContain('import.merged')
    expect((await contactsOf(A)).map((one) => one.split(' ')[0])).toEqual([1, 2, 3, 22, 33].map(phoneOf))

    // Also without SIRET, by name, commune and number.
    await sql`update members set siret = null`.execute(database.db)
    await sql`update member_aliases set siret = null`.execute(database.db)
    const bare = rows.map((row) => row.replace(/;\d{3} [\d ]+;/, ';;'))
    await load([header, ...bare].join('\n'))
    expect(await memberCount()).toBe(5)
  })

  test('for any contacts, a merge loses and doubles no number or mail, and importing the list again doubles nothing', async () => {
    const contact = fc.record({
      phone: fc.option(fc.integer({ min: 100, max: 105 }), { nil: null }),
      mail: fc.option(fc.constantFrom('x@example.org', 'y@example.org', 'X@example.org'), { nil: null }),
      sms: fc.boolean(),
    })
    const side = fc.record({
      contacts: fc.uniqueArray(contact, { maxLength: 4, selector: ({ phone }) => phone ?? Symbol('none') }),
      status: fc.constantFrom('active', 'suspended', 'pending'),
    })
    await fc.assert(
      fc.asyncProperty(side, side, fc.boolean(), async (first, second, takesOther) => {
        await sql`delete from members where scheme_id = 'ac63'`.execute(database.db)
        const sides = [first, second]
        await seedMembers(
          database.db,
          'ac63',
          sides.map(({ status }, n) => ({ id: idOf(n + 1), name: `Nom ${n}`, status: status as 'active' })),
        )
        for (const [n, { contacts }] of sides.entries()) {
          for (const [position, { phone, mail, sms }] of contacts.entries()) {
            await sql`insert into contacts (scheme_id, id, member_id, person, mobile, mail, sms, position, lang)
              values ('ac63', ${idOf(100 + n * 10 + position)}, ${idOf(n + 1)}, '', ${phone === null ? null : phoneOf(phone)},
                ${mail}, ${sms && phone !== null}, ${position}, ${[null, 'en', 'fr'][(n + position) % 3]})`.execute(
              database.db,
            )
          }
        }
        const known = async () => {
          const { rows } = await sql<{
            mobile: string | null
            mail: string | null
            sms: boolean
            active: boolean
            memberId: string
            lang: string | null
          }>`
            select c.lang, c.mobile, lower(c.mail) as mail, c.sms, m.status = 'active' as active, c.member_id from contacts c
            join members m on m.scheme_id = c.scheme_id and m.id = c.member_id where c.scheme_id = 'ac63' and m.merged_into is null`.execute(
            database.db,
          )
          return {
            phones: [...new Set(rows.flatMap(({ mobile }) => mobile ?? []))].sort(),
            mails: [...new Set(rows.flatMap(({ mail }) => mail ?? []))].sort(),
            reached: [
              ...new Set(rows.flatMap((row) => (row.sms && row.active && row.mobile ? [row.mobile] : []))),
            ].sort(),
            langs: rows
              .filter(({ mobile, lang }) => mobile !== null && lang !== null)
              .map(({ mobile }) => mobile),
            rows,
          }
        }
        const whole = async () =>
          (await sql`select * from contacts where scheme_id = 'ac63' order by id`.execute(database.db)).rows
        const beforeWhole = await whole()
        const before = await known()
        const take = Object.fromEntries(MERGE_CHOICES.map((one) => [one, takesOther ? 'merged' : 'kept']))
        const { id } = await merge(A, B, take)
        const after = await known()
        expect(after.phones).toEqual(before.phones)
        expect(after.mails).toEqual(before.mails)
        // Everybody who chose a language is still written to in one.
        expect(after.langs).toEqual(expect.arrayContaining(before.langs))
        // Each exactly once, at one member.
        expect(after.rows.filter(({ mobile }) => mobile !== null).length).toBe(after.phones.length)
        expect(after.rows.every(({ memberId }) => memberId === A)).toBe(true)
        expect(after.reached).toEqual(expect.arrayContaining(before.reached))
        // Contacts that newly receive alerts do so by their own consent, as contacts of a business that is active now.
        const { rows: counted } = await sql<{ smsContacts: number; shared: boolean }>`
          select m.sms_contacts, exists (select from contacts c where c.scheme_id = 'ac63' and c.shared) as shared
          from members m where m.id = ${A}`.execute(database.db)
        expect(counted[0]).toEqual({
          smsContacts: after.rows.filter(({ sms }) => sms).length,
          shared: false,
        })

        const csv = ['Enseigne;Métier;Commune;Mobile;Mobile 2;Mobile 3;Mobile 4']
        for (const [n, { contacts }] of sides.entries()) {
          const phones = contacts.flatMap(({ phone }) => (phone === null ? [] : [phoneOf(phone)]))
          csv.push(`Nom ${n};tobacco-press;Issoire;${phones.join(';')}`)
        }
        const report = await load(csv.join('\n'))
        if (report.outcome === 'applied') {
          expect(report.created).toBe(0)
          expect((await known()).phones).toEqual(before.phones)
        }

        if (report.outcome !== 'applied') {
          await undoMerge(deps, chamber, 'ac63', id)
          expect((await known()).reached).toEqual(before.reached)
          expect(await whole()).toEqual(beforeWhole)
        }
      }),
      { numRuns: runsOf(60) },
    )
  })
})

test('for any fees billed to both, one fee a year remains, at most the kept one’s; nothing is waived twice', () => {
  const asked = fc
    .uniqueArray(
      fc
        .record({
          year: fc.integer({ min: 2024, max: 2027 }),
          amountCents: fc.integer({ min: 0, max: 3000 }),
        })
        .chain((one) =>
          fc.integer({ min: 0, max: one.amountCents }).map((remainingCents) => ({ ...one, remainingCents })),
        ),
      { selector: ({ year }) => year },
    )
    .map((years) => years.sort((a, b) => b.year - a.year))
  fc.assert(
    fc.property(asked, asked, (kept, merged) => {
      const twice = feesBilledTwice(kept, merged)
      for (const { year, amountCents, remainingCents } of kept) {
        const other = merged.find((one) => one.year === year)
        const own = centsOf(twice.kept.filter((one) => one.year === year))
        const theirs = centsOf(twice.merged.filter((one) => one.year === year))
        // A year that the kept one was not billed for stays the other's to pay.
        expect(theirs).toBe(other === undefined || amountCents === 0 ? 0 : other.remainingCents)
        const left = remainingCents - own
        const paid =
          amountCents - remainingCents + (other === undefined ? 0 : other.amountCents - other.remainingCents)
        expect(left).toBe(
          other === undefined ? remainingCents : Math.max(0, Math.min(remainingCents, amountCents - paid)),
        )
      }
      expect(twice.kept.every(({ cents }) => cents > 0)).toBe(true)
      const years = twice.merged.map(({ year }) => year)
      expect(years).toEqual([...years].sort())
    }),
  )
})

test('a number that both have keeps every mail, and receives SMS if it did at an active member', () => {
  const contact = (over: Partial<MergeContact>): MergeContact => ({
    id: 'c',
    memberId: 'm',
    person: '',
    mobile: '+33639980001',
    mail: null,
    sms: true,
    position: 0,
    mergedFrom: null,
    lang: null,
    ...over,
  })
  const member = (id: string, over: Partial<MergeSide>): MergeSide => ({
    id,
    name: id,
    searchName: id,
    siret: null,
    naf: null,
    naf2025: null,
    trade: 't',
    communeCode: '63178',
    address: null,
    postalCode: null,
    charterOn: null,
    tags: [],
    joinedOn: null,
    latitude: null,
    longitude: null,
    status: 'active',
    quietFrom: null,
    quietTo: null,
    contacts: [],
    ...over,
  })
  const take = { name: 'kept', siret: 'kept', activity: 'kept', place: 'kept', quiet: 'kept' } as const
  const kept = member('k', { contacts: [contact({ id: 'a', mail: 'a@x.fr', sms: false })] })
  const plan = planMerge(
    kept,
    member('m', { contacts: [contact({ id: 'b', mail: 'b@x.fr', person: 'Zoé' })] }),
    take,
  )
  expect(plan.joined[0]?.after).toMatchObject({ person: 'Zoé', mail: 'a@x.fr', sms: true })
  expect(plan.moved).toMatchObject([{ id: 'b', mobile: null, mail: 'b@x.fr', sms: false, mergedFrom: 'm' }])
  // It received no SMS at the suspended member: the choice made at the active one counts.
  const suspended = planMerge(
    kept,
    member('m', { status: 'suspended', contacts: [contact({ id: 'b' })] }),
    take,
  )
  expect(suspended.joined[0]?.after.sms).toBe(false)
  expect(suspended.left).toEqual(['b'])
})
