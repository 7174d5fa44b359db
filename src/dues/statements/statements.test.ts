import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openCampaign } from '../../../test/support/campaigns.ts'
import { testDatabase } from '../../../test/support/database.ts'
import { actorOf, testDeps } from '../../../test/support/deps.ts'
import { emptyTables } from '../../../test/support/empty-tables.ts'
import { seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import { bankCsvOf, camtOf, cfonbOf, type Movement } from '../../../test/support/statements.ts'
import type { Deps } from '../../deps.ts'
import type { AppError } from '../../errors.ts'
import { readableIban } from '../../message/written.ts'
import { acrossSchemes, type Database } from '../../platform/db.ts'
import { getMemberDues } from '../actions.ts'
import { purgeStatements } from '../forget.ts'
import { cancelPayment, recordPayment } from '../ledger/payments.ts'
import { recordRefund } from '../ledger/refunds.ts'
import {
  addStatement,
  applyStatement,
  decideStatementLine,
  decideStatementLines,
  getStatement,
  listStatements,
  undoStatement,
} from './actions.ts'
import type { StatementView } from './contract.ts'

const chamber = actorOf('chamber', 'ac63')
/** The end of an id is in the reference: AC63 0000AB01. */
const idWith = (end: string) => `0190a000-0000-7000-8000-0000${end.toLowerCase()}`
const [CAFE, BAKERY, GARAGE, FLORIST] = ['0000AB01', '0000AB02', '0000AB03', '0000AB04'].map(idWith) as [
  string,
  string,
  string,
  string,
]
const ref = (no: number) => `AC63 0000AB0${no}`

describe('payments from bank statements', () => {
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
      'dues_statement_entries',
      'dues_statements',
      'ledger_entries',
      'dues_counters',
      'dues_campaigns',
      'members',
    ])
    await database.db.updateTable('schemes').set({ dues: '{}' }).execute()
    await seedMembers(database.db, 'ac63', [
      { id: CAFE, name: 'Café de l’Étoile' },
      { id: BAKERY, name: 'Boulangerie Martin' },
      { id: GARAGE, name: 'Garage du Pont' },
      { id: FLORIST, name: 'Fleurs de Margaux' },
    ])
    await openCampaign(deps, chamber, 'ac63', {
      ...{ year: 2026, feeCents: 1000, tradeFees: {}, proRata: false, dueOn: '2026-03-31' },
    })
  })

  const add = (bytes: Buffer) =>
    addStatement(deps, chamber, 'ac63', { name: 'relevé', otherAccount: false }, bytes)
  const said = (view: StatementView) =>
    view.lines.map(({ verdict, reason, proposals }) => [
      verdict,
      reason,
      proposals.map(({ member }) => member.name),
    ])
  const balance = async (id: string) => (await getMemberDues(deps, chamber, 'ac63', id)).balanceCents
  const one = (text: string, more: Partial<Movement> = {}): Movement => ({
    ...{ on: '2026-03-12', cents: 1000, text },
    ...more,
  })

  test('is sure of a line with the printed reference and the amount owed, however the bank broke it', async () => {
    const view = await add(
      bankCsvOf('cm', [
        one(`cotisation ${ref(1)}`),
        one('COTIS.AC63-0000 AB02'),
        // The letter O for zero.
        one('ac63 OOOOAB03 MERCI'),
        // Without the code of the scheme.
        one('0000AB04'),
      ]),
    )
    expect(said(view)).toEqual([
      ['sure', null, ['Café de l’Étoile']],
      ['sure', null, ['Boulangerie Martin']],
      ['sure', null, ['Garage du Pont']],
      ['sure', null, ['Fleurs de Margaux']],
    ])
    expect(view.sums.sure).toEqual({ count: 4, amountCents: 4000 })
  })

  test('asks about a statement of another account than the one dues are paid to, in each format', async () => {
    const payTo = (iban: string) =>
      database.db
        .updateTable('schemes')
        .set({ dues: JSON.stringify({ creditor: { iban } }) })
        .where('id', '=', 'ac63')
        .execute()
    const files = [cfonbOf([one(ref(1))]), bankCsvOf('ca', [one(ref(2))])]
    await payTo('FR1420041010050500013M02606')
    for (const file of files)
      await expect(add(file)).rejects.toMatchObject({
        code: 'other_account',
        values: { iban: readableIban('FR1420041010050500013M02606') },
      })
    const confirmed = { name: 'relevé', otherAccount: true }
    expect((await addStatement(deps, chamber, 'ac63', confirmed, files[0]!)).sums.sure.count).toBe(1)
    // Bank 30006, branch 00001, number 12345678901.
    await payTo('FR7630006000011234567890189')
    expect((await add(files[1]!)).sums.sure.count).toBe(1)
    // A bank that names no account.
    expect((await add(bankCsvOf('bnp', [one(ref(3))]))).sums.sure.count).toBe(1)
  })

  test('asks about another amount, a name alone, two references, and a second transfer for the same dues', async () => {
    const view = await add(
      camtOf([
        one(ref(1), { cents: 1500 }),
        one('facture 12', { name: 'BOULANGERIE MARTIN SARL' }),
        one(`${ref(2)} et ${ref(3)}`, { cents: 2000 }),
        one(ref(3)),
        one(ref(3), { on: '2026-03-13' }),
        one('cotisation 2026', { name: 'Inconnu' }),
        one('loyer mars', { name: 'Boulangerie Martin', cents: 55_000 }),
        one('remise de cartes', { cents: 30_000 }),
        // The reference is of the garage, the payer is the florist.
        one(ref(4), { name: 'GARAGE DU PONT' }),
      ]),
    )
    expect(said(view)).toEqual([
      ['doubtful', 'amount', ['Café de l’Étoile']],
      ['doubtful', 'name_only', ['Boulangerie Martin']],
      ['doubtful', 'several', ['Boulangerie Martin', 'Garage du Pont']],
      ['sure', null, ['Garage du Pont']],
      ['doubtful', 'twice', ['Garage du Pont']],
      ['doubtful', 'unknown', []],
      ['unrelated', null, []],
      ['unrelated', null, []],
      ['doubtful', 'name', ['Fleurs de Margaux', 'Garage du Pont']],
    ])
  })

  test('asks about dues that are paid, and a payment that was recorded by hand', async () => {
    const payment = { way: 'transfer', receivedOn: '2026-03-11', reference: '', inAdvance: false } as const
    await recordPayment(deps, chamber, 'ac63', CAFE, { ...payment, amountCents: 1000 })
    await recordPayment(deps, chamber, 'ac63', BAKERY, {
      ...payment,
      amountCents: 1000,
      receivedOn: '2026-01-11',
    })
    const view = await add(cfonbOf([one(ref(1)), one(ref(2))]))
    expect(view.lines.map(({ reason }) => reason)).toEqual(['recorded', 'paid'])
  })

  test('records the sure lines in one act, and nothing twice: neither the file again nor another that overlaps', async () => {
    const file = cfonbOf([
      one(ref(1), { id: '1' }),
      one(ref(2), { id: '2' }),
      one('achats', { id: '3', cents: -4000 }),
    ])
    const view = await add(file)
    const done = await applyStatement(deps, chamber, 'ac63', view.id, {
      lines: view.lines.map(({ id }) => id),
    })
    expect(done).toMatchObject({ open: 0, applied: 2, sums: { applied: { count: 2, amountCents: 2000 } } })
    expect(done.lines.map(({ payment }) => payment?.receipt.number)).toEqual([
      'AC63-2026-00001',
      'AC63-2026-00002',
    ])
    expect([await balance(CAFE), await balance(BAKERY)]).toEqual([0, 0])
    expect((await getMemberDues(deps, chamber, 'ac63', CAFE)).payments).toMatchObject([
      {
        way: 'transfer',
        receivedOn: '2026-03-12',
        amountCents: 1000,
        reference: ref(1),
      },
    ])

    expect(await add(file)).toMatchObject({ id: view.id, known: 2, applied: 2, open: 0 })
    expect(await listStatements(deps, chamber, 'ac63')).toHaveLength(1)
    now = new Date('2026-03-20T10:00:00Z')
    const second = cfonbOf([one(ref(2), { id: '2' }), one(ref(3), { id: '4' })])
    const overlap = await add(second)
    expect(overlap).toMatchObject({ known: 1, open: 1 })
    expect(await add(second)).toMatchObject({ id: overlap.id, known: 2, open: 1 })
    expect(said(overlap)).toEqual([['sure', null, ['Garage du Pont']]])
    await expect(
      applyStatement(deps, chamber, 'ac63', view.id, { lines: view.lines.map(({ id }) => id) }),
    ).rejects.toMatchObject({ code: 'statement_changed' })
    const { rows } = await sql<{ count: number }>`select count(*)::int as count from dues_payments`.execute(
      database.db,
    )
    expect(rows).toEqual([{ count: 2 }])
  })

  test('two uploads of one file at the same time keep each line once', async () => {
    const file = camtOf([one(ref(1)), one(ref(2))])
    const [a, b] = await Promise.all([add(file), add(file)])
    expect(a.id).toBe(b.id)
    expect(a.lines).toHaveLength(2)
  })

  test('records what the chamber decides about a line, also beyond what is owed, and sets others aside', async () => {
    const view = await add(camtOf([one(ref(1), { cents: 1500 }), one('remise de cartes')]))
    const [first, second] = view.lines
    const decide = (line: string, decision: Parameters<typeof decideStatementLine>[4]) =>
      decideStatementLine(deps, chamber, 'ac63', { statement: view.id, line }, decision)
    await decide(first!.id, { is: 'payment', member: CAFE })
    expect(await balance(CAFE)).toBe(-500)
    await expect(decide(first!.id, { is: 'payment', member: CAFE })).rejects.toMatchObject({
      code: 'wrong_state',
    })
    expect((await decide(second!.id, { is: 'unrelated' })).lines[1]?.verdict).toBe('set_aside')
    expect((await decide(second!.id, { is: 'open' })).lines[1]?.verdict).toBe('unrelated')
  })

  test('a statement of which only unrelated lines are left has none open; they are set aside in one act, and reopened', async () => {
    const view = await add(camtOf([one(ref(1)), one('remise de cartes'), one('loyer'), one('cotisation')]))
    const listed = async () => (await listStatements(deps, chamber, 'ac63'))[0]
    expect(view).toMatchObject({ open: 2, unrelated: 2 })
    expect(await listed()).toMatchObject({ open: 2, unrelated: 2 })
    const [sure, cards, rent, doubtful] = view.lines.map(({ id }) => id)
    await applyStatement(deps, chamber, 'ac63', view.id, { lines: [sure!] })
    const decided = { statement: view.id, line: doubtful! }
    await decideStatementLine(deps, chamber, 'ac63', decided, { is: 'payment', member: BAKERY })
    expect(await listed()).toMatchObject({ open: 0, unrelated: 2, applied: 2 })
    const all = (is: 'unrelated' | 'open', lines: readonly (string | undefined)[]) =>
      decideStatementLines(deps, chamber, 'ac63', view.id, { is, lines: lines.map((line) => line!) })
    // Lines that are about dues, or decided, are left as they are.
    const aside = await all('unrelated', [sure, cards, rent, doubtful])
    expect(aside.lines.map(({ verdict }) => verdict)).toEqual([
      ...['applied', 'set_aside', 'set_aside', 'applied'],
    ])
    expect(await listed()).toMatchObject({ open: 0, unrelated: 0, applied: 2 })
    const reopened = await all('open', [sure, cards])
    expect(reopened.lines.map(({ verdict }) => verdict)).toEqual([
      ...['applied', 'unrelated', 'set_aside', 'applied'],
    ])
    expect(await listed()).toMatchObject({ open: 0, unrelated: 1 })
    // Undone payments make their lines open again.
    await undoStatement(deps, chamber, 'ac63', view.id)
    expect(await listed()).toMatchObject({ open: 2, unrelated: 1, applied: 0 })
    await all('unrelated', [sure, doubtful])
    expect(await listed()).toMatchObject({ open: 2, unrelated: 1 })
    await expect(
      decideStatementLines(deps, actorOf('operator', 'ac63'), 'ac63', view.id, {
        is: 'open',
        lines: [cards!],
      }),
    ).rejects.toMatchObject({ code: 'forbidden' })
  })

  test('asks about a credit with a word of returns, which its payer may have written, in CSV and CFONB', async () => {
    const text = `REGLEMENT IMPAYE ${ref(1)}`
    for (const [file, day] of [
      [bankCsvOf('ca', [one(text)]), '2026-03-12'],
      [cfonbOf([one(text, { on: '2026-03-13' })]), '2026-03-13'],
    ] as const) {
      const view = await add(file)
      expect(said(view)).toEqual([['doubtful', 'returned', ['Café de l’Étoile']]])
      expect(view.lines[0]?.bookedOn).toBe(day)
    }
    // A place is no rejection.
    expect(said(await add(bankCsvOf('ca', [one(`CAFE DU REJETON ${ref(2)}`)])))).toEqual([
      ['sure', null, ['Boulangerie Martin']],
    ])
  })

  test('is never sure of a batch of which only the sum is known', async () => {
    const part = (text: string) => `<n:TxDtls><n:RmtInf><n:Ustrd>${text}</n:Ustrd></n:RmtInf></n:TxDtls>`
    const batch = (...texts: readonly string[]) =>
      Buffer.from(
        camtOf([one('x', { id: texts.join('') })])
          .toString()
          .replace(/<n:TxDtls>.*<\/n:TxDtls>/s, texts.map(part).join('')),
      )
    expect(said(await add(batch(ref(1), ref(2))))).toEqual([
      ['doubtful', 'several', ['Café de l’Étoile', 'Boulangerie Martin']],
    ])
    expect(said(await add(batch(ref(3), 'sans référence')))).toEqual([
      ['doubtful', 'several', ['Garage du Pont']],
    ])
  })

  test('a returned transfer whose money came in can be decided, and its undo makes it a returned one again', async () => {
    const view = await add(
      cfonbOf([one(ref(1), { returned: true }), one('REJET', { cents: -1000, returned: true })]),
    )
    const [came, went] = view.lines
    const listed = async () => (await listStatements(deps, chamber, 'ac63'))[0]?.open
    expect([view.open, await listed()]).toEqual([2, 2])
    expect([came?.returned, went?.returned]).toEqual(['credit', 'debit'])
    const decide = (line: string, decision: Parameters<typeof decideStatementLine>[4]) =>
      decideStatementLine(deps, chamber, 'ac63', { statement: view.id, line }, decision)
    await expect(decide(went!.id, { is: 'payment', member: CAFE })).rejects.toMatchObject({
      code: 'wrong_state',
    })
    expect((await decide(went!.id, { is: 'unrelated' })).lines[1]?.verdict).toBe('set_aside')
    expect((await decide(went!.id, { is: 'open' })).lines[1]?.verdict).toBe('returned')
    await decide(came!.id, { is: 'payment', member: CAFE })
    expect(await balance(CAFE)).toBe(0)
    expect(await listed()).toBe(1)
    expect((await decide(went!.id, { is: 'unrelated' })).open).toBe(0)
    expect(await listed()).toBe(0)
    expect((await undoStatement(deps, chamber, 'ac63', view.id)).lines[0]?.verdict).toBe('returned')
    expect(await balance(CAFE)).toBe(1000)
  })

  test('one transfer pays for several members, and is one line again when it is undone', async () => {
    const file = camtOf([one(`${ref(1)} ${ref(2)}`, { cents: 2500 })])
    const view = await add(file)
    const [line] = view.lines
    const split = (...shares: [string, number][]) =>
      decideStatementLine(...([deps, chamber, 'ac63', { statement: view.id, line: line!.id }] as const), {
        is: 'split',
        shares: shares.map(([member, amountCents]) => ({ member, amountCents })),
      })
    const problemsOf = (work: Promise<unknown>) =>
      work.then(
        () => [],
        (error: AppError) => error.problems.map(({ code, values }) => [code, values?.left]),
      )
    expect(await problemsOf(split([CAFE, 1000], [BAKERY, 1000]))).toEqual([['statement.shares', 5]])
    expect(await problemsOf(split([CAFE, 1500], [CAFE, 1000]))).toEqual([
      ['statement.share_twice', undefined],
    ])
    const done = await split([CAFE, 1000], [BAKERY, 1000], [GARAGE, 500])
    const shareOf = { amountCents: 2500, shares: 3 }
    expect(
      done.lines.map(({ amountCents, payment, ...of }) => [amountCents, payment?.member.id, of]),
    ).toEqual(
      [
        [1000, CAFE],
        [1000, BAKERY],
        [500, GARAGE],
      ].map(([cents, member]) => [cents, member, expect.objectContaining({ verdict: 'applied', shareOf })]),
    )
    expect(await Promise.all([CAFE, BAKERY, GARAGE].map(balance))).toEqual([0, 0, 500])
    // The file again has nothing new.
    expect((await add(file)).lines).toHaveLength(3)
    const undone = await undoStatement(deps, chamber, 'ac63', view.id)
    expect(undone.lines).toMatchObject([
      { id: line!.id, amountCents: 2500, shareOf: null, verdict: 'doubtful' },
    ])
    expect(await Promise.all([CAFE, BAKERY, GARAGE].map(balance))).toEqual([1000, 1000, 1000])
    await split([CAFE, 1250], [BAKERY, 1250])
    expect(await balance(BAKERY)).toBe(-250)
  })

  test('a share of a member whose debit is under way has to be confirmed', async () => {
    const ids = ['000000F1', '000000F2', '000000F3'].map(idWith) as [string, string, string]
    await sql`insert into dues_mandates (scheme_id, id, member_id, reference, iban, iban_end, holder, text, signed_name, signed_by, signed_at)
      values ('ac63', ${ids[0]}, ${BAKERY}, 'RUM', 'FR', '0000', 'Z', 'x', 'Z', 'x', now())`.execute(
      database.db,
    )
    await sql`insert into dues_debit_files (scheme_id, id, no, collect_on, xml, state, created_at, created_by)
      values ('ac63', ${ids[1]}, 1, '2026-03-25', '', 'created', now(), 'x')`.execute(database.db)
    await sql`insert into dues_debits (scheme_id, id, file_id, mandate_id, member_id, end_to_end, amount_cents, state)
      values ('ac63', ${ids[2]}, ${ids[1]}, ${ids[0]}, ${BAKERY}, 'E', 1000, 'pending')`.execute(database.db)
    const view = await add(camtOf([one(`${ref(1)} ${ref(2)}`, { cents: 2000 })]))
    const id = { statement: view.id, line: view.lines[0]!.id }
    const shares = [CAFE, BAKERY].map((member) => ({ member, amountCents: 1000 }))
    const split = (besideDebit: boolean) =>
      decideStatementLine(deps, chamber, 'ac63', id, { is: 'split', shares, besideDebit })
    await expect(split(false)).rejects.toMatchObject({ code: 'debit_under_way' })
    expect((await getStatement(deps, chamber, 'ac63', view.id)).lines).toHaveLength(1)
    expect((await split(true)).lines.map(({ verdict }) => verdict)).toEqual(['applied', 'applied'])
    await emptyTables(database, ['dues_debit_files', 'dues_mandates'])
  })

  test('a refund of one share keeps the other shares of its transfer', async () => {
    const view = await add(camtOf([one(`${ref(1)} ${ref(2)}`, { cents: 3000 })]))
    const id = { statement: view.id, line: view.lines[0]!.id }
    const shares = [CAFE, BAKERY].map((member) => ({ member, amountCents: 1500 }))
    await decideStatementLine(deps, chamber, 'ac63', id, { is: 'split', shares })
    const { payments } = await getMemberDues(deps, chamber, 'ac63', CAFE)
    await recordRefund(deps, chamber, 'ac63', CAFE, {
      ...{ paymentId: payments[0]!.id, way: 'transfer', amountCents: 500, paidOn: '2026-03-20' },
      ...{ reference: '', reason: 'trop payé' },
    })
    const after = await undoStatement(deps, chamber, 'ac63', view.id)
    expect(after.lines.map(({ verdict }) => verdict)).toEqual(['applied', 'applied'])
    expect(await balance(BAKERY)).toBe(-500)
  })

  test('shows a transfer that bounced, and records nothing for it by itself', async () => {
    const view = await add(
      cfonbOf([one(ref(1), { returned: true }), one(ref(2), { cents: -1000, returned: true })]),
    )
    expect(view.lines.map(({ verdict }) => verdict)).toEqual(['returned', 'returned'])
    await expect(
      applyStatement(deps, chamber, 'ac63', view.id, { lines: view.lines.map(({ id }) => id) }),
    ).rejects.toMatchObject({ code: 'statement_changed' })
  })

  test('its payments are cancelled together within 24 hours, each with its paper, and its lines are open again', async () => {
    const view = await add(camtOf([one(ref(1)), one(ref(2))]))
    const done = await applyStatement(deps, chamber, 'ac63', view.id, {
      lines: view.lines.map(({ id }) => id),
    })
    // One was cancelled before: it bounced, and stays as it is.
    const payment = done.lines[1]?.payment
    const { payments } = await getMemberDues(deps, chamber, 'ac63', BAKERY)
    await cancelPayment(
      deps,
      chamber,
      'ac63',
      { member: BAKERY, payment: payments[0]!.id },
      { reason: 'rejet' },
    )
    expect(payment?.cancelled).toBe(false)
    now = new Date('2026-03-21T08:59:00Z')
    const undone = await undoStatement(deps, chamber, 'ac63', view.id)
    expect(undone.lines.map(({ verdict, payment: its }) => [verdict, its?.cancelled])).toEqual([
      ['sure', undefined],
      ['applied', true],
    ])
    expect(await balance(CAFE)).toBe(1000)
    await expect(undoStatement(deps, chamber, 'ac63', view.id)).rejects.toMatchObject({ code: 'wrong_state' })
    await applyStatement(deps, chamber, 'ac63', view.id, { lines: view.lines.map(({ id }) => id) })
    now = new Date('2026-03-22T10:00:00Z')
    expect((await getStatement(deps, chamber, 'ac63', view.id)).undoableUntil).toBeNull()
    await expect(undoStatement(deps, chamber, 'ac63', view.id)).rejects.toMatchObject({ code: 'wrong_state' })
  })

  test('undoing a statement suspends again the members that it reactivated, if an overdue amount is left', async () => {
    now = new Date('2026-04-10T09:00:00Z')
    for (const memberId of [CAFE, BAKERY]) {
      await database.db
        .updateTable('members')
        .set({ status: 'suspended' })
        .where('id', '=', memberId)
        .execute()
      const suspension = { schemeId: 'ac63', memberId, suspendedAt: now, restoredAt: null }
      await database.db.insertInto('duesSuspensions').values(suspension).execute()
    }
    const states = async () =>
      (
        await database.db
          .selectFrom('members')
          .select('status')
          .where('id', 'in', [CAFE, BAKERY])
          .orderBy('id')
          .execute()
      ).map(({ status }) => status)
    let calls = 0
    deps = { ...deps, now: () => new Date(now.getTime() + ++calls) }
    const view = await add(camtOf([one(ref(1)), one(ref(2))]))
    await applyStatement(deps, chamber, 'ac63', view.id, { lines: view.lines.map(({ id }) => id) })
    expect(await states()).toEqual(['active', 'active'])
    await recordPayment(deps, chamber, 'ac63', BAKERY, {
      ...{ way: 'cash', amountCents: 1000, receivedOn: '2026-04-10', reference: '', inAdvance: true },
    })
    await undoStatement(deps, chamber, 'ac63', view.id)
    expect(await states()).toEqual(['suspended', 'active'])
    expect((await getMemberDues(deps, chamber, 'ac63', CAFE)).suspendedAt).toBe('2026-04-10T09:00:00.000Z')
  })

  test('leaves out and counts days to come and what is more than a year old, and refuses a file of such alone', async () => {
    await expect(add(camtOf([one(ref(1), { on: '2026-03-21' })]))).rejects.toMatchObject({
      code: 'invalid_file',
      problems: [{ code: 'statement.to_come' }],
    })
    const both = camtOf([one(ref(2)), one(ref(3), { on: '2026-03-21' })])
    const view = await add(both)
    expect(view).toMatchObject({ toCome: 1, open: 1, known: 0 })
    now = new Date('2026-03-21T09:00:00Z')
    expect(await add(both)).toMatchObject({ toCome: 0, open: 1, known: 1 })
    expect(await getStatement(deps, chamber, 'ac63', view.id)).toMatchObject({ toCome: 1, open: 1 })
    await expect(add(camtOf([one(ref(1), { on: '2024-03-21' })]))).rejects.toMatchObject({
      problems: [{ code: 'statement.old' }],
    })
    expect(await add(camtOf([one(ref(1)), one(ref(1), { on: '2024-03-21' })]))).toMatchObject({
      old: 1,
      open: 1,
    })
  })

  test('what the bank wrote is emptied after its retention, and the line is still known', async () => {
    const file = camtOf([one('remise de cartes', { name: 'Aglaé' })])
    const view = await add(file)
    const purge = (before: string) =>
      acrossSchemes(database.db, (tx) => purgeStatements(tx, new Date(before), 10))
    expect(await purge('2026-03-20T00:00:00Z')).toHaveLength(0)
    expect(await purge('2026-03-21T00:00:00Z')).toHaveLength(1)
    now = new Date('2026-07-01T09:00:00Z')
    expect((await add(file)).lines).toMatchObject([{ name: '', text: '', verdict: 'set_aside' }])
    expect((await add(file)).id).toBe(view.id)
    expect(await purge('2027-05-01T00:00:00Z')).toHaveLength(1)
    expect(await listStatements(deps, chamber, 'ac63')).toHaveLength(0)
  })

  test('only those who manage dues read statements', async () => {
    const police = actorOf('operator', 'ac63')
    await expect(listStatements(deps, police, 'ac63')).rejects.toMatchObject({ code: 'forbidden' })
  })
})
