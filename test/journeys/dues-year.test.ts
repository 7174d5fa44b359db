import { parse } from 'csv-parse/sync'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Deps } from '../../src/deps.ts'
import type { MemberDues } from '../../src/dues/contract.ts'
import { runDailyDues } from '../../src/dues/reminders/work.ts'
import { nextTargetDay } from '../../src/dues/rules.ts'
import { createStripeCards } from '../../src/gateways/card/stripe.ts'
import { DAY_MS } from '../../src/message/clock.ts'
import { openContactSession } from '../../src/portal/session/session.ts'
import { LOOKS, violationsIn, withDemo } from '../support/demo.ts'
import { STRIPE_SECRETS, type StripeStandIn, startStripe } from '../support/stripe.ts'

const demo = withDemo({
  /** A scheme before its first campaign. Emptied before the server starts, since its dues jobs lock these tables. */
  prepare: (database) =>
    database.query(`truncate dues_notices, dues_suspensions, dues_receipts, dues_payments, ledger_lines, ledger_entries,
      dues_counters, dues, dues_campaigns, dues_mandates, dues_debit_files, dues_debits cascade`),
})
let stripe: StripeStandIn
beforeAll(async () => {
  stripe = await startStripe()
})
afterAll(() => stripe.stop())

/** Returns a Tuesday at ten in the morning, at least this many days from now. */
function tuesdayIn(days: number): Date {
  const at = new Date(Date.now() + days * DAY_MS)
  at.setUTCHours(9, 0, 0, 0)
  while (at.getUTCDay() !== 2) at.setTime(at.getTime() + DAY_MS)
  return at
}

/** Reduces the scheme to four members: the member of the demo's portal, and three others. */
async function beginAfresh() {
  const door = await demo.visit('merchant')
  const { shops } = await demo.call<{ shops: { member: { id: string } }[] }>(
    door,
    'GET',
    '/api/portal/session',
  )
  const collected = shops[0]?.member.id ?? ''
  const { rows } = await sql<{ id: string; name: string; mobile: string }>`
    select m.id, m.name, min(c.mobile) as mobile from members m
    join contacts c on c.scheme_id = m.scheme_id and c.member_id = m.id and c.sms and not c.shared
    where m.scheme_id = 'ac63' and m.status = 'active' and m.id <> ${collected}
      and not exists (select from number_health h where h.scheme_id = c.scheme_id and h.phone = c.mobile)
      and not exists (select from members o where o.scheme_id = m.scheme_id and o.name = m.name and o.id <> m.id)
    group by m.id, m.name order by m.id limit 3`.execute(demo.deps.db)
  const [cheque, card, late] = rows
  if (cheque === undefined || card === undefined || late === undefined) throw new Error('too few members')
  await sql`update members set status = 'pending' where scheme_id = 'ac63' and status = 'active'
    and id <> ${collected} and id <> all (${rows.map(({ id }) => id)}::uuid[])`.execute(demo.deps.db)
  // They joined today, so their fee is due in a month.
  await sql`update members set created_at = now() where scheme_id = 'ac63' and status = 'active'`.execute(
    demo.deps.db,
  )
  return { collected, cheque, card, late, door }
}

test('a year of dues: opened, paid by cheque, by debit and by card; a late payer is warned, suspended and reactivated; the books balance', async () => {
  Object.assign(demo.deps satisfies Deps, {
    cards: createStripeCards({ ...STRIPE_SECRETS, api: stripe.api }),
  })
  const { cheque, card, late, door } = await beginAfresh()
  const chamber = await demo.visit('chamber')
  const account = (id: string) =>
    demo.call<MemberDues>(chamber, 'GET', `/api/schemes/ac63/members/${id}/dues`)
  const work = async (at: Date) => {
    await runDailyDues({ ...demo.deps, now: () => at })
  }
  const page = await chamber.newPage()

  // Nothing yet; then the campaign of the year, and the messages about it.
  await page.goto('/cotisations')
  await page.getByText('Aucune campagne n’est encore ouverte').waitFor()
  expect(await violationsIn(page, [LOOKS.phone, LOOKS.desk])).toEqual([])
  await page.getByRole('button', { name: 'Ouvrir une campagne…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Compter' }).click()
  await dialog.getByText('4 adhérents', { exact: false }).waitFor()
  await dialog.getByRole('button', { name: /^Ouvrir la campagne/ }).click()
  await page.getByRole('radio', { name: /^Tous \(4\)/ }).waitFor()
  await work(tuesdayIn(1))
  expect((await account(late.id)).notices).toMatchObject([{ kind: 'call' }])

  // The first pays by cheque.
  const table = page.getByRole('region', { name: 'Cotisations' })
  await table.getByRole('button', { name: cheque.name }).click()
  const drawer = page.getByRole('dialog', { name: cheque.name })
  await drawer.getByRole('button', { name: 'Noter un paiement…' }).click()
  await drawer.getByRole('textbox', { name: 'Numéro du chèque' }).fill('0004217')
  await drawer.getByRole('button', { name: 'Enregistrer le paiement' }).click()
  await drawer.getByRole('link', { name: /^Reçu AC63-\d+-00001$/ }).waitFor()
  await page.keyboard.press('Escape')
  await drawer.waitFor({ state: 'detached' })

  // One pays by direct debit: signed on a phone, collected by a file.
  const phone = await door.newPage()
  await phone.setViewportSize(LOOKS.phone)
  await phone.goto('/portail/cotisation')
  await phone.getByRole('button', { name: 'Signer un mandat…' }).click()
  await phone.getByRole('textbox', { name: 'IBAN' }).fill('FR14 2004 1010 0505 0001 3M02 606')
  await phone.getByRole('textbox', { name: 'Titulaire du compte' }).fill('SARL du Tabac')
  await phone.getByRole('textbox', { name: 'Vos nom et prénom' }).fill('Paul Durand')
  await phone.getByRole('checkbox', { name: 'J’autorise ces prélèvements' }).check()
  await phone.getByRole('button', { name: 'Signer le mandat' }).click()
  await phone.getByText('qui finit par 2606', { exact: false }).waitFor()
  await page.goto('/cotisations/prelevements')
  const panel = page.getByRole('region', { name: 'Prélèvements SEPA' })
  // Members who joined today have 30 days to pay: nothing is collected before.
  await panel.getByText('ne sont pas encore à payer ce jour-là', { exact: false }).waitFor()
  const due = nextTargetDay(new Date(Date.now() + 32 * DAY_MS).toISOString().slice(0, 10))
  await panel.getByLabel('Prélever le').fill(due)
  await panel.getByRole('button', { name: 'Préparer le fichier' }).click()
  await page.getByRole('dialog', { name: 'Fichier n° 1' }).waitFor()
  await phone.reload()
  await phone.getByText('seront prélevés sur votre compte', { exact: false }).waitFor()
  await sql`update dues_debit_files set collect_on = current_date`.execute(demo.deps.db)
  await page.reload()
  await panel.getByRole('button', { name: 'Voir le fichier n° 1' }).click()
  await page.getByRole('button', { name: 'La banque a encaissé' }).click()
  await page.getByRole('dialog', { name: 'Fichier n° 1' }).getByText('Payé').waitFor()
  await page.keyboard.press('Escape')
  await phone.reload()
  await phone.getByRole('link', { name: /^Reçu AC63-\d+-00002$/ }).waitFor()
  expect(await violationsIn(phone, [LOOKS.phone, LOOKS.lightPhone])).toEqual([])

  // One pays by card, on the page of the provider, which reports the payment.
  const payer = await demo.visit(null, { look: LOOKS.phone })
  const value = await openContactSession(demo.deps, { phone: card.mobile })
  const { hostname } = new URL(demo.url)
  await payer.addCookies([{ name: 'tocsin.portal', value, domain: hostname, path: '/api/portal' }])
  const own = await payer.newPage()
  await own.goto('/portail/cotisation')
  const pay = own.getByRole('button', { name: /^Payer .* par carte$/ })
  await pay.waitFor()
  expect(await violationsIn(own, [LOOKS.phone, LOOKS.darkDesk, LOOKS.lightPhone])).toEqual([])
  await pay.click()
  await own.getByRole('heading', { name: 'Page de paiement' }).waitFor()
  await own.goto('/portail/cotisation?carte=merci')
  await own.getByText('en cours d’enregistrement', { exact: false }).waitFor()
  const told = stripe.paid(stripe.sessions[0]!)
  const answer = await fetch(`${demo.url}/api/payments/card`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'stripe-signature': told.signature },
    body: told.body,
  })
  expect(answer.status).toBe(204)
  await own.getByText('votre paiement est enregistré', { exact: false }).waitFor()
  await own.getByRole('link', { name: /^Reçu AC63-\d+-00003$/ }).waitFor()
  expect(await violationsIn(own, [LOOKS.phone])).toEqual([])

  // Late: reminded, warned by all means, suspended fifteen days later, and notified of it.
  await work(tuesdayIn(47))
  await work(tuesdayIn(110))
  expect((await account(late.id)).notices).toMatchObject([
    { kind: 'warning' },
    { kind: 'reminder' },
    { kind: 'call' },
  ])
  expect((await account(late.id)).suspendedAt).toBeNull()
  // Its phone receives the SMS today, not on the simulated day.
  await sql`update dues_notices set reached_at = at where kind = 'warning'`.execute(demo.deps.db)
  await work(tuesdayIn(134))
  expect((await account(late.id)).suspendedAt).not.toBeNull()
  const texts = async () =>
    (
      await sql<{ text: string }>`
        select b.text from broadcasts b join deliveries d on d.scheme_id = b.scheme_id and d.broadcast_id = b.id
        where d.member_id = ${late.id} and b.kind = 'service'`.execute(demo.deps.db)
    ).rows.map(({ text }) => text)
  const said = async (words: RegExp) => (await texts()).some((text) => words.test(text))
  await expect.poll(() => said(/ne recevra plus AUCUNE alerte/)).toBe(true)
  await expect.poll(() => said(/n.aura plus aucune alerte/)).toBe(true)
  await page.goto('/cotisations?etat=suspended')
  await table.getByRole('button', { name: late.name }).click()
  const lateAccount = page.getByRole('dialog', { name: late.name })
  await lateAccount.getByText('Annonce de suspension').waitFor()
  await lateAccount.getByRole('button', { name: 'Noter un paiement…' }).click()
  await lateAccount.getByRole('combobox', { name: 'Moyen' }).selectOption('transfer')
  await lateAccount.getByRole('button', { name: 'Enregistrer le paiement' }).click()
  await lateAccount.getByRole('link', { name: /^Reçu AC63-\d+-00004$/ }).waitFor()
  expect((await account(late.id)).notices.map(({ kind }) => kind)).toContain('restored')
  const { status } = await demo.deps.db
    .selectFrom('members')
    .select('status')
    .where('id', '=', late.id)
    .executeTakeFirstOrThrow()
  expect(status).toBe('active')

  // The books.
  const year = new Date().getFullYear()
  const file = await chamber.request.get(`/api/schemes/ac63/dues/accounting.csv?year=${year}`)
  const rows: Record<string, string>[] = parse(await file.text(), {
    delimiter: ';',
    columns: true,
    bom: true,
  })
  const total = (column: string) =>
    rows.reduce((sum, row) => sum + Math.round(Number((row[column] ?? '').replace(',', '.')) * 100), 0)
  expect(rows).toHaveLength(16)
  expect(total('Debit')).toBe(8000)
  expect(total('Credit')).toBe(8000)
  expect(new Set(rows.map((row) => row.JournalCode))).toEqual(new Set(['CO', 'CH', 'BQ', 'CB']))
})
