/**
 * Bank statements and cheques on their screens, beside the day of the chamber; src/dues proves the rules.
 * @module-tag long
 */
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { paymentReference } from '../../src/dues/rules.ts'
import { openCampaign } from '../support/campaigns.ts'
import { LOOKS, violationsIn, withDemo } from '../support/demo.ts'
import { actorOf } from '../support/deps.ts'
import { bankCsvOf, cfonbOf, type Movement } from '../support/statements.ts'

const demo = withDemo()
const everyLook = [LOOKS.phone, LOOKS.lightPhone, LOOKS.darkDesk, LOOKS.desk]
const spaced = (text: string) => new RegExp(text.replaceAll(' ', '[\\s\\u00a0\\u202f]'))

/** Inserts a debit of a member that the bank has and has not collected yet. */
async function insertDebit(memberId: string): Promise<void> {
  const [mandate, file, debit] = [randomUUID(), randomUUID(), randomUUID()]
  await sql`insert into dues_mandates (scheme_id, id, member_id, reference, iban, iban_end, holder, text, signed_name, signed_by, signed_at)
    values ('ac63', ${mandate}, ${memberId}, 'RUM', 'FR', '0000', 'Z', 'x', 'Z', 'x', now())`.execute(
    demo.deps.db,
  )
  await sql`insert into dues_debit_files (scheme_id, id, no, collect_on, xml, state, created_at, created_by)
    values ('ac63', ${file}, 1, current_date + 7, '', 'created', now(), 'x')`.execute(demo.deps.db)
  await sql`insert into dues_debits (scheme_id, id, file_id, mandate_id, member_id, end_to_end, amount_cents, state)
    values ('ac63', ${debit}, ${file}, ${mandate}, ${memberId}, 'E', 1000, 'pending')`.execute(demo.deps.db)
}

test('the chamber drops a statement, records the sure payments in one act, and decides the others by one key each', async () => {
  // Members who owe one year each, and names that no other member has.
  const { rows } = await sql<{ id: string; name: string; cents: number }>`
    select m.id, m.name, sum(l.debit_cents - l.credit_cents)::int as cents from members m
    join ledger_lines l on l.scheme_id = m.scheme_id and l.member_id = m.id
    where m.scheme_id = 'ac63' and m.status = 'active' and m.merged_into is null
      and (select count(*) from dues d where d.scheme_id = m.scheme_id and d.member_id = m.id and d.amount_cents > 0) = 1
      and not exists (select from dues_debits d where d.scheme_id = m.scheme_id and d.member_id = m.id and d.state = 'pending')
      and not exists (select from members o where o.scheme_id = 'ac63' and o.id <> m.id and o.search_name = m.search_name)
    group by m.id, m.name having sum(l.debit_cents - l.credit_cents) > 0 order by m.id limit 9`.execute(
    demo.deps.db,
  )
  const [a, b, c, d, e, f, g, h, inDebit] = rows.map((row) => ({
    ...row,
    ref: paymentReference('ac63', row.id),
  }))
  if (!a || !b || !c || !d || !e || !f || !g || !h || !inDebit)
    throw new Error('too few members of the demo owe dues')
  await insertDebit(inDebit.id)
  const on = new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10)
  const movements: Movement[] = [
    ...[a, b, c].map(({ ref, cents }) => ({ on, cents, text: `COTISATION ${ref}` })),
    { on, cents: d.cents + 500, name: d.name, text: d.ref },
    { on, cents: e.cents, text: 'cotisation annuelle' },
    // One transfer for two shops.
    { on, cents: g.cents + h.cents, text: `${g.ref} ${h.ref}` },
    { on, cents: 4_321, text: 'cotisation' },
    { on, cents: 123_400, name: 'MAIRIE', text: 'subvention' },
    { on, cents: f.cents, text: f.ref, returned: true },
    { on, cents: -5_000, name: 'EDF', text: 'electricite' },
  ]
  const total = ((a.cents + b.cents + c.cents) / 100).toFixed(2).replace('.', ',')

  const page = await demo.enter('chamber', '/cotisations/paiements')
  const panel = page.getByRole('region', { name: 'Relevés de banque' })
  const give = (name: string, buffer: Buffer) =>
    panel.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/plain', buffer })
  await give('releve.txt', Buffer.from('Date;Libellé;Montant\n31/02/2026;a;10,00\n01/03/2026;b;dix'))
  const alert = panel.getByRole('alert')
  await alert.getByText('n’est pas une date', { exact: false }).waitFor()
  await alert.getByText('n’est pas un montant', { exact: false }).waitFor()
  expect(await violationsIn(page, everyLook)).toEqual([])

  await give('releve.120', cfonbOf(movements))
  const dialog = page.getByRole('dialog', { name: 'Relevé de banque releve.120' })
  await dialog
    .getByText(
      spaced(`3 sûrs (${total} €), 4 à vérifier, 1 virement revenu, 1 sans rapport`.replace(/[()]/g, '\\$&')),
    )
    .waitFor()
  await dialog.getByText('Virements revenus', { exact: false }).waitFor()
  expect(await violationsIn(page, everyLook)).toEqual([])
  await dialog.getByRole('button', { name: /^Noter les 3 paiements sûrs/ }).click()
  await dialog.getByText('Notés (3)').waitFor()

  // One key each: the first line is of the member that is named, the second is of somebody who is not.
  const lines = dialog.getByRole('region', { name: 'À vérifier (4)' }).getByRole('listitem')
  await lines.first().getByText('ce n’est pas ce qui est dû', { exact: false }).waitFor()
  await lines.first().getByRole('button').first().focus()
  await page.keyboard.press('1')
  await dialog.getByText('Notés (4)').waitFor()
  const last = dialog.getByRole('region', { name: 'À vérifier (3)' }).getByRole('listitem').first()
  await last.getByRole('button', { name: 'Choisir l’adhérent…' }).click()
  await last.getByRole('searchbox').fill(e.name)
  await last.getByRole('button', { name: e.name }).first().waitFor()
  expect(await violationsIn(page, everyLook)).toEqual([])
  await last.getByRole('button', { name: e.name }).first().click()
  await dialog.getByText('Notés (5)').waitFor()
  const both = dialog.getByRole('region', { name: 'À vérifier (2)' }).getByRole('listitem').first()
  await both.getByRole('button', { name: 'Répartir…' }).click()
  const split = both.getByRole('form', { name: 'Répartir le virement' })
  await split.getByText('Tout est réparti.').waitFor()
  await split.getByLabel(`Part : ${h.name}`).fill('1')
  await split.getByText('à répartir', { exact: false }).waitFor()
  expect(await violationsIn(page, everyLook)).toEqual([])
  await split.getByLabel(`Part : ${h.name}`).fill(String(h.cents / 100))
  await split.getByRole('button', { name: 'Noter 2 paiements' }).click()
  await dialog.getByText('Notés (7)').waitFor()

  // A debit of the member is under way: the payment is recorded beside it only once that is confirmed.
  const beside = dialog.getByRole('region', { name: 'À vérifier (1)' }).getByRole('listitem')
  await beside.getByRole('button', { name: 'Choisir l’adhérent…' }).click()
  await beside.getByRole('searchbox').fill(inDebit.name)
  await beside.getByRole('button', { name: inDebit.name }).first().click()
  const confirm = dialog.getByRole('button', { name: 'Noter quand même, en plus du prélèvement' })
  await confirm.waitFor()
  expect(await violationsIn(page, [LOOKS.phone, LOOKS.desk])).toEqual([])
  const recorded = async () => {
    const { rows: found } = await sql<{ payments: number; pending: boolean }>`
      select (select count(*)::int from dues_payments p
          where p.scheme_id = 'ac63' and p.member_id = ${inDebit.id} and p.amount_cents = 4321) as payments,
        exists (select from dues_debits d where d.scheme_id = 'ac63' and d.member_id = ${inDebit.id}
          and d.state = 'pending') as pending`.execute(demo.deps.db)
    return found
  }
  expect(await recorded()).toEqual([{ payments: 0, pending: true }])
  await confirm.click()
  await dialog.getByText('Notés (8)').waitFor()
  expect(await recorded()).toEqual([{ payments: 1, pending: true }])

  const { rows: after } = await sql<{ cents: number }>`
    select sum(debit_cents - credit_cents)::int as cents from ledger_lines
    where scheme_id = 'ac63' and member_id = any (${[a, b, c, d, e, f, g, h].map(({ id }) => id)}::uuid[])
    group by member_id order by 1`.execute(demo.deps.db)
  expect(after.map(({ cents }) => cents)).toEqual([-500, 0, 0, 0, 0, 0, 0, f.cents])

  // The file again changes nothing; what it became is undone as a whole.
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await give('encore.120', cfonbOf(movements))
  await page.getByText('étaient déjà connues', { exact: false }).first().waitFor()
  await dialog.getByText('Notés (8)').waitFor()
  await dialog.getByRole('button', { name: /^Annuler les paiements de ce relevé/ }).click()
  await dialog.getByRole('button', { name: /^Noter les 3 paiements sûrs/ }).waitFor()
  expect(await violationsIn(page, everyLook)).toEqual([])
})

test('in English too', async () => {
  const page = await demo.enter('chamber', '/cotisations/paiements', { locale: 'en-GB' })
  const panel = page.getByRole('region', { name: 'Bank statements' })
  const on = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
  // A file with a fault is mended in its place and chosen again: browsers report no change of such a field.
  const directory = await mkdtemp(join(tmpdir(), 'tocsin-statement-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const file = join(directory, 'ca.csv')
  await writeFile(file, 'Date;Libellé;Montant\n31/02/2026;a;10,00')
  await panel.locator('input[type=file]').setInputFiles(file)
  await panel.getByRole('alert').waitFor()
  await writeFile(file, bankCsvOf('ca', [{ on, cents: 77_700, text: 'dons' }]))
  await panel.locator('input[type=file]').setInputFiles(file)
  const dialog = page.getByRole('dialog', { name: 'Bank statement ca.csv' })
  await dialog.getByText('None certain, 0 to check, 1 unrelated').waitFor()
  // The unrelated lines are set aside in one act, which the next key undoes; the statement is then done.
  await dialog.getByText('Unrelated to dues (1)').click()
  await dialog.getByRole('button', { name: 'Set this line aside' }).click()
  await dialog.getByText('1 line set aside.').waitFor()
  expect(await violationsIn(page, [LOOKS.lightPhone, LOOKS.darkDesk])).toEqual([])
  await page.keyboard.press('Enter')
  await dialog.getByText('Unrelated to dues (1)').click()
  await dialog.getByRole('button', { name: 'Set aside', exact: true }).click()
  await dialog.getByText('Set aside (1)').click()
  await dialog.getByRole('button', { name: 'Reopen this line' }).waitFor()
  expect(await violationsIn(page, [LOOKS.phone])).toEqual([])
  await page.keyboard.press('Escape')
  await panel.getByRole('listitem').filter({ hasText: 'ca.csv' }).getByText('Done', { exact: true }).waitFor()
})

test('the chamber types cheques by reference in one act, deposits them on a slip, and undoes both', {
  tags: 'long',
}, async () => {
  const { rows } = await sql<{ id: string; name: string }>`
    select m.id, m.name from members m join ledger_lines l on l.scheme_id = m.scheme_id and l.member_id = m.id
    where m.scheme_id = 'ac63' and m.status = 'active' and m.merged_into is null
      and not exists (select from dues_debits d where d.scheme_id = m.scheme_id and d.member_id = m.id and d.state = 'pending')
    group by m.id, m.name having sum(l.debit_cents - l.credit_cents) > 0 order by m.id desc limit 2`.execute(
    demo.deps.db,
  )
  const page = await demo.enter('chamber', '/cotisations/paiements')
  const panel = page.getByRole('region', { name: 'Saisir des paiements' })
  const find = panel.getByLabel('Référence ou nom de l’adhérent')
  for (const [i, { id, name }] of rows.entries()) {
    await find.fill(paymentReference('ac63', id))
    await page.keyboard.press('Enter')
    const row = panel.getByRole('group', { name })
    // The number takes the focus; Enter leads to the next payment, as a scanner does.
    await row.getByLabel('N° du chèque').fill('0098123')
    await row.getByLabel('Banque').fill('Crédit agricole')
    await row.getByLabel('Banque').press('Enter')
    if (i === 0) await panel.getByRole('button', { name: /^Enregistrer le paiement/ }).waitFor()
  }
  // They are not lost by a click in the rail.
  await page.getByRole('link', { name: 'Messages', exact: true }).click()
  const leaving = page.getByRole('dialog', { name: 'Quitter sans enregistrer ?' })
  await leaving.getByRole('button', { name: 'Rester' }).click()
  await leaving.waitFor({ state: 'detached' })
  await panel.getByRole('button', { name: /^Enregistrer les 2 paiements/ }).click()
  await panel.getByText('déjà sur une autre ligne', { exact: false }).waitFor()
  expect(await violationsIn(page, everyLook)).toEqual([])
  await panel.getByLabel('C’est un autre chèque').check()
  await panel.getByRole('button', { name: /^Enregistrer les 2 paiements/ }).click()
  await panel.getByText('2 paiements (Chèque)', { exact: false }).waitFor()

  const deposits = page.getByRole('region', { name: 'Remises de chèques' })
  await deposits.getByLabel('Tous').uncheck()
  for (const { name } of rows)
    await deposits.getByLabel(`${name} · Chèque n° 0098123`, { exact: false }).check()
  await deposits.getByRole('button', { name: /^Faire le bordereau \(2 chèques/ }).click()
  const paper = deposits.getByRole('link', { name: /^Imprimer le bordereau/ })
  await paper.waitFor()
  expect(await violationsIn(page, everyLook)).toEqual([])
  const slip = await page.request.get(new URL((await paper.getAttribute('href')) ?? '', demo.url).href)
  expect([slip.status(), slip.headers()['content-type']]).toEqual([200, 'application/pdf'])
  // Cheques on a slip stay until it is cancelled.
  await panel.getByRole('button', { name: /^Annuler cette saisie/ }).click()
  await panel.getByText('Annulez d’abord ce bordereau', { exact: false }).waitFor()
  await deposits.getByRole('button', { name: /^Annuler le bordereau/ }).click()
  await deposits.getByText('attendront un autre bordereau', { exact: false }).waitFor()
  await deposits.getByRole('button', { name: /^Annuler le bordereau/ }).click()
  await deposits.getByText('Annulé').waitFor()
  await panel.getByRole('button', { name: /^Annuler cette saisie/ }).click()
  await panel.getByText('Annulée').waitFor()
})

test('a member pays by card on the demo’s stand-in page, and the chamber sees the payment', async () => {
  const door = await demo.visit('merchant')
  const { shops } = await demo.call<{ shops: { member: { id: string } }[] }>(
    door,
    'GET',
    '/api/portal/session',
  )
  const memberId = shops[0]?.member.id ?? ''
  const year = new Date().getFullYear() + 1
  const fees = { year, feeCents: 2_000, tradeFees: {}, proRata: false, dueOn: `${year}-12-31` }
  await openCampaign(demo.deps, actorOf('chamber', 'ac63'), 'ac63', fees)
  const page = await demo.enter('merchant', '/portail/cotisation', { look: LOOKS.phone })
  // The server of a test is asked for any free port, which the addresses that it writes do not know.
  await page.route(/\/(?:card|pay)$/, async (route) => {
    const response = await route.fetch()
    const body = (await response.text()).replaceAll(/http:\/\/localhost:\d+/g, new URL(demo.url).origin)
    await route.fulfill({ response, body })
  })
  await page.getByRole('button', { name: /par carte/ }).click()
  await page.waitForURL(/\/demo\/carte\//)
  await page.getByRole('heading', { name: 'Payer par carte (démonstration)' }).waitFor()
  expect(await violationsIn(page, everyLook)).toEqual([])
  await page.getByRole('button', { name: /^Payer/ }).click()
  await page.getByText('votre paiement est enregistré', { exact: false }).waitFor()
  const { rows } = await sql<{ way: string; cents: number }>`
    select way, amount_cents as cents from dues_payments where scheme_id = 'ac63' and member_id = ${memberId}
    order by recorded_at desc limit 1`.execute(demo.deps.db)
  expect(rows[0]?.way).toBe('card')
  const desk = await demo.enter('chamber', `/cotisations?annee=${year}&membre=${memberId}`)
  await desk.getByRole('dialog').getByText('Carte bancaire').first().waitFor()
})
