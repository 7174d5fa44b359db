import { sql } from 'kysely'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { demoBusinesses } from '../../../src/demo/companies.ts'
import { paymentReference } from '../../../src/dues/rules.ts'
import type { Today } from '../../../src/today/contract.ts'
import { LOOKS, violationsIn, withDemo } from '../../support/demo.ts'
import { bankCsvOf } from '../../support/statements.ts'

const demo = withDemo()

const lineOf = (page: Page, name: RegExp) =>
  page.getByRole('region', { name: 'Ce qui attend' }).getByRole('listitem').filter({ hasText: name })

/** Opens the page of a member by its name alone, as while on the phone. */
async function findMember(page: Page, name: string): Promise<void> {
  await page.keyboard.press('Control+k')
  const palette = page.getByRole('dialog', { name: 'Rechercher' })
  await palette.getByRole('combobox').fill(name)
  await palette.getByRole('option').filter({ hasText: name }).first().click()
  await page.getByRole('heading', { level: 1, name }).waitFor()
}

/** A member whose name nobody else has, and what it owes. */
async function lateMember(): Promise<{ id: string; name: string; cents: number }> {
  const { rows } = await sql<{ id: string; name: string; cents: number }>`
    select m.id, m.name, sum(l.debit_cents - l.credit_cents)::int as cents from members m
    join ledger_lines l on l.scheme_id = m.scheme_id and l.member_id = m.id
    where m.scheme_id = 'ac63' and m.status = 'active' and m.merged_into is null
      and not exists (select from dues_debits d where d.scheme_id = m.scheme_id and d.member_id = m.id and d.state = 'pending')
      and not exists (select from members o where o.scheme_id = 'ac63' and o.id <> m.id and o.search_name = m.search_name)
    group by m.id, m.name having sum(l.debit_cents - l.credit_cents) > 0 order by m.id limit 1`.execute(
    demo.deps.db,
  )
  const [member] = rows
  if (member === undefined) throw new Error('nobody of the demo owes dues')
  return member
}

test('the two hours of the chamber: what waits, a shop that calls, a new member, the bank’s statement', async () => {
  const page = await demo.enter('chamber', '/aujourdhui')
  const before = await demo.call<Today>(page, 'GET', '/api/schemes/ac63/today')

  // 1. Each line leads to its work by one button; a request is decided, and the line counts one less.
  await lineOf(page, /Demandes? d’adhésion/)
    .getByText(String(before.requests.count), { exact: true })
    .waitFor()
  await lineOf(page, /Demandes? d’adhésion/)
    .getByRole('link')
    .click()
  await page.waitForURL('**/demandes')
  await page.getByRole('table').getByRole('row').nth(1).getByRole('button').first().click()
  await page.getByRole('dialog').getByRole('button', { name: 'Approuver' }).click()
  await page
    .getByText(/est inscrit/)
    .first()
    .waitFor()
  await page.getByRole('link', { name: 'Aujourd’hui' }).click()
  await lineOf(page, /Demandes? d’adhésion/)
    .getByText(String(before.requests.count - 1), { exact: true })
    .waitFor()

  // 2. A shop calls: new street, new mobile of the owner, the employee left. In one form, undone by one act.
  const { id } = await demo
    .call<{ member: { id: string } }>(page, 'POST', '/api/schemes/ac63/members', {
      id: crypto.randomUUID(),
      name: 'Quincaillerie Vachez',
      trade: 'bakeries',
      commune: '63178',
      address: '1 rue Haute',
      contacts: [
        { id: crypto.randomUUID(), person: 'Martine Vachez', phone: '06 39 98 72 02' },
        { id: crypto.randomUUID(), person: 'Julien Roche', phone: '06 39 98 72 03' },
      ],
    })
    .then(({ member }) => member)
  await findMember(page, 'Quincaillerie Vachez')
  await page.getByRole('button', { name: 'Modifier', exact: true }).click()
  const form = page.getByRole('dialog', { name: 'Modifier Quincaillerie Vachez' })
  await form.getByRole('textbox', { name: 'Adresse' }).fill('14 rue des Fours')
  await form.getByRole('textbox', { name: 'Téléphone' }).first().fill('06 39 98 72 04')
  await form.getByRole('button', { name: 'Retirer Julien Roche' }).click()
  await form.getByRole('button', { name: 'Enregistrer' }).click()
  await page.getByText('Modifications enregistrées : Quincaillerie Vachez').waitFor()
  const after = await demo.call<{ address: string; contacts: { person: string }[] }>(
    page,
    'GET',
    `/api/schemes/ac63/members/${id}`,
  )
  expect(after.address).toBe('14 rue des Fours')
  expect(after.contacts.map(({ person }) => person)).toEqual(['Martine Vachez'])

  // A new member: the register fills the form from the name, and one number is missing.
  const business = demoBusinesses[1] ?? { name: '' }
  await page.keyboard.press('Control+k')
  const palette = page.getByRole('dialog', { name: 'Rechercher' })
  await palette.getByRole('combobox').fill('ajouter un adh')
  await palette.getByRole('option').filter({ hasText: 'Ajouter un adhérent' }).click()
  const adding = page.getByRole('dialog', { name: 'Ajouter un adhérent' })
  await adding.getByRole('textbox', { name: 'SIRET ou nom' }).fill(business.name)
  await adding.getByRole('button', { name: business.name }).first().click()
  await adding.getByText(/^Rempli d’après le répertoire/).waitFor()
  await adding.getByRole('textbox', { name: 'Téléphone' }).fill('06 39 98 72 05')
  await page.keyboard.press('Enter')
  await page.getByText(`Adhérent ajouté : ${business.name}`).waitFor()

  // 3. The bank's statement: the payment with the printed reference is noted, and the line counts one less.
  const late = await lateMember()
  await page.getByRole('link', { name: 'Cotisations' }).first().click()
  await page.getByRole('link', { name: 'Paiements' }).click()
  const on = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
  const buffer = bankCsvOf('ca', [
    { on, cents: late.cents, text: `VIR COTISATION ${paymentReference('ac63', late.id)}` },
  ])
  await page
    .getByRole('region', { name: 'Relevés de banque' })
    .locator('input[type=file]')
    .setInputFiles({ name: 'releve.csv', mimeType: 'text/csv', buffer })
  const statement = page.getByRole('dialog', { name: 'Relevés de banque' })
  await statement.getByRole('button', { name: /^Noter le paiement sûr/ }).click()
  await statement.getByText('Notés (1)').waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('link', { name: 'Aujourd’hui' }).click()
  await lineOf(page, /Cotisations? en retard/)
    .getByText(String((before.dues?.count ?? 0) - 1), { exact: true })
    .waitFor()
  expect(await violationsIn(page, [LOOKS.desk])).toEqual([])
}, 180_000)

test('a chamber of one trade has the same day for its trade alone', { tags: 'long' }, async () => {
  // The account of the demo's chamber becomes a trade chamber.
  await sql`update grants set role = 'trade_chamber', trades = '{tobacco-press}', agency_id = null
    where role = 'chamber' and scheme_id = 'ac63'`.execute(demo.deps.db)
  const { rows: others } = await sql<{ id: string; name: string }>`
    select id, name from members where scheme_id = 'ac63' and trade <> 'tobacco-press' and status = 'active'
    order by id limit 1`.execute(demo.deps.db)
  const [other] = others
  const page = await demo.enter('chamber', '/')
  await page.getByRole('link', { name: 'Reprendre' }).click()
  await page.waitForURL('**/aujourdhui')
  await page.getByRole('region', { name: 'Le mois en quatre chiffres' }).waitFor()
  expect(await page.getByRole('region', { name: 'Dernières alertes' }).count()).toBe(0)
  await page.getByRole('link', { name: 'Adhérents' }).first().click()
  await page.getByRole('table').getByRole('row').nth(1).waitFor()
  const { members } = await demo.call<{ members: { trade: string }[] }>(
    page,
    'GET',
    '/api/schemes/ac63/members?limit=100',
  )
  expect(new Set(members.map(({ trade }) => trade))).toEqual(new Set(['tobacco-press']))
  // A member of another trade is not found, by its address neither.
  await page.goto(`/adherents/${other?.id}`)
  await page
    .getByText(/n’existe pas|introuvable/)
    .first()
    .waitFor()
  expect(await page.getByText(other?.name ?? '').count()).toBe(0)
})
