import { sql } from 'kysely'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { sendDueNotices } from '../../../src/changes/notices.ts'
import { demoBusinesses } from '../../../src/demo/companies.ts'
import type { Handset } from '../../../src/demo/contract.ts'
import { paymentReference } from '../../../src/dues/rules.ts'
import { METROPOLITAN_ZONE } from '../../../src/message/clock.ts'
import { MESSAGE_HOURS, nextWithinHours } from '../../../src/schemes/settings/hours.ts'
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

/** Downloads what a link of the page leads to. */
async function fileOf(page: Page, name: string | RegExp): Promise<{ type: string; text: string }> {
  const href = (await page.getByRole('link', { name }).getAttribute('href')) ?? ''
  const answer = await page.request.get(new URL(href, demo.url).href)
  expect(answer.status(), href).toBe(200)
  return { type: answer.headers()['content-type'] ?? '', text: await answer.text() }
}

/** Reads the address of a member, and its people with their numbers. */
async function storedOf(page: Page, id: string): Promise<string[]> {
  const { address, contacts } = await demo.call<{
    address: string
    contacts: { person: string; phone: string }[]
  }>(page, 'GET', `/api/schemes/ac63/members/${id}`)
  return [address, ...contacts.map(({ person, phone }) => `${phone} ${person}`)]
}

/** Undoes what a notification says was done. */
async function undo(page: Page, said: string): Promise<void> {
  await page.getByText(said).locator('..').getByRole('button', { name: 'Annuler' }).click()
  await page
    .getByText(/^Modification annulée/)
    .first()
    .waitFor()
}

/** Sends the notices to those added now, in place of some minutes later, in the hours of messages. */
async function sendWelcomes(): Promise<void> {
  await sql`update member_notices set due_at = now() where scheme_id = 'ac63' and kind = 'welcome'`.execute(
    demo.deps.db,
  )
  // In the hours of such messages, whenever the test runs.
  const at = nextWithinHours(MESSAGE_HOURS, new Date(), METROPOLITAN_ZONE)
  await sendDueNotices({ ...demo.deps, now: () => at })
}

/** Reads the SMS of a phone of the demo, latest first. */
async function smsOf(page: Page, phone: string): Promise<string[]> {
  const { handsets } = await demo.call<{ handsets: Handset[] }>(
    page,
    'GET',
    `/api/demo/handsets?q=${phone.slice(-9)}`,
  )
  return handsets.flatMap(({ messages }) => messages.map(({ text }) => text))
}

/** The SMS that informs those imported where their number comes from, and how to leave. */
const WELCOME = /inscrit Zaugan Fleurs aux alertes par SMS.*Pour ne plus en recevoir.*appelez-la/

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

/** A list as an association keeps it: codes beside names, abbreviations, two numbers in a cell, trades as people say them. */
const UGLY = [
  'Enseigne;Activité;Rue;Ville;Tél',
  'Zaugan Fleurs;fleuriste;2 rue du Pont;63500 ISSOIRE;06 39 98 73 01',
  'Zaugan Tabac;Tabac Presse;4 rue du Pont;ISOIRE;06 39 98 73 02 / 04 73 00 00 00',
  'Zaugan Auto;Garage automobile;6 rue du Pont;Isoire;0639987303',
  'Zaugan Pain;Boulangerie artisanale;8 rue du Pont;CLERMONT FD;+33 6 39 98 73 04',
  'Zaugan Livres;librairie;10 rue du Pont;Chamalières (63400);06.39.98.73.05',
]
const ADDED = [
  'bakeries Clermont-Ferrand',
  'garages Issoire',
  'general-shops Chamalières',
  'general-shops Issoire',
  'tobacco-press Issoire',
]

test('the two hours of the chamber: what waits, a shop that calls, a new member, the bank’s statement', async () => {
  const page = await demo.enter('chamber', '/aujourdhui')
  const before = await demo.call<Today>(page, 'GET', '/api/schemes/ac63/today')

  // 1. Each line leads to its work by one button; a request is decided, and the line counts one less.
  await lineOf(page, /Demandes? à examiner/)
    .getByText(String(before.requests.count), { exact: true })
    .waitFor()
  await lineOf(page, /Demandes? à examiner/)
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
  await lineOf(page, /Demandes? à examiner/)
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
  expect(await storedOf(page, id)).toEqual(['14 rue des Fours', '+33639987204 Martine Vachez'])
  await undo(page, 'Modifications enregistrées : Quincaillerie Vachez')
  expect(await storedOf(page, id)).toEqual([
    '1 rue Haute',
    '+33639987202 Martine Vachez',
    '+33639987203 Julien Roche',
  ])

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
  // Members without mail get a letter: folded calls, or a table for a mail merge.
  await page.getByText('Appels à imprimer').click()
  await page.getByText(/^\d+ lettres\.$/).waitFor()
  expect((await fileOf(page, 'Appels en un PDF')).type).toBe('application/pdf')
  const [head = '', ...letters] = (await fileOf(page, 'Tableau de publipostage (CSV)')).text
    .trim()
    .split(/\r?\n/)
  expect(head).toMatch(/Nom;Adresse;Code postal;Commune;Montant dû;.*Référence;/)
  for (const letter of letters)
    expect(letter).toMatch(/^[^;]+;[^;]+;63\d{3};[^;]+;\d+,\d\d;.*;AC63 [0-9A-F]{8};/)
  await page.getByRole('link', { name: 'Paiements' }).click()
  const on = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
  const buffer = bankCsvOf('ca', [
    { on, cents: late.cents, text: `VIR COTISATION ${paymentReference('ac63', late.id)}` },
  ])
  await page
    .getByRole('region', { name: 'Relevés de banque' })
    .locator('input[type=file]')
    .setInputFiles({ name: 'releve.csv', mimeType: 'text/csv', buffer })
  const statement = page.getByRole('dialog', { name: 'Relevé de banque releve.csv' })
  await statement.getByRole('button', { name: /^Noter le paiement sûr/ }).click()
  await statement.getByText('Notés (1)').waitFor()
  await page.keyboard.press('Escape')
  // A cheque: the reference on its back, its number, and the slip for the bank.
  const typed = page.getByRole('region', { name: 'Saisir des paiements' })
  await typed
    .getByLabel('Référence ou nom de l’adhérent')
    .fill(paymentReference('ac63', (await lateMember()).id))
  await page.keyboard.press('Enter')
  await typed.getByLabel('N° du chèque').fill('0098123')
  await typed.getByRole('button', { name: /^Enregistrer le paiement/ }).click()
  await typed.getByText('1 paiement (Chèque)', { exact: false }).waitFor()
  const deposits = page.getByRole('region', { name: 'Remises de chèques' })
  await deposits.getByText('Chèque n° 0098123', { exact: false }).waitFor()
  await deposits.getByRole('button', { name: /^Faire le bordereau/ }).click()
  await deposits.getByRole('link', { name: /^Imprimer le bordereau/ }).waitFor()
  expect((await fileOf(page, /^Imprimer le bordereau/)).type).toBe('application/pdf')
  await page.getByRole('link', { name: 'Aujourd’hui' }).click()
  await lineOf(page, /Cotisations? en retard/)
    .getByText(String((before.dues?.count ?? 0) - 2), { exact: true })
    .waitFor()
  expect(await violationsIn(page, [LOOKS.desk])).toEqual([])
})

test('a list as chambers have it, a letter about data, and the accounts of the year', async () => {
  const page = await demo.enter('chamber', '/importer')
  // 4. The list of an association: one correction is one answer, and those added are told so.
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Choisir un fichier…' }).click()
  await (await chooser).setFiles({
    name: 'union.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(UGLY.join('\n')),
  })
  const cells = page.getByRole('region', { name: 'Cellules à préciser' })
  await cells
    .getByRole('group', { name: /^2 cellules «.isoire.»$/i })
    .getByRole('button', { name: 'Issoire', exact: true })
    .click()
  // The button that changes a guess opens the field and gives it the focus.
  const guessed = page.getByRole('list', { name: 'Cellules devinées : à vérifier' })
  await guessed.getByRole('button', { name: /^Changer .*artisanale/ }).click()
  const trade = guessed.getByLabel('Métier')
  await expect.poll(() => trade.evaluate((one) => one === one.ownerDocument.activeElement)).toBe(true)
  await page.getByRole('button', { name: 'Importer', exact: true }).click()
  await page.getByRole('radio', { name: 'Par SMS' }).check()
  await page.getByRole('button', { name: 'Prévenir 5 adhérents' }).click()
  await page.getByRole('button', { name: 'Prévenir 5 adhérents' }).waitFor({ state: 'detached' })
  await sendWelcomes()
  await expect.poll(() => smsOf(page, '+33639987301')).toEqual([expect.stringMatching(WELCOME)])
  const { members } = await demo.call<{
    members: { id: string; trade: string; commune: { name: string } }[]
  }>(page, 'GET', '/api/schemes/ac63/members?q=zaugan')
  expect(members.map(({ trade, commune }) => `${trade} ${commune.name}`).sort()).toEqual(ADDED)

  // 5. What does the chamber have about me? Its file; then the erasure, which leaves what the forces hold.
  const [shop] = members
  const operator = await demo.visit('operator')
  const held = await demo.call<{ id: string }>(operator, 'POST', '/api/schemes/ac63/reports', {
    categoryCode: 'counterfeit-notes',
    communeCode: '63178',
    callerMemberId: shop?.id,
    facts: 'Billets de vingt euros à la caisse',
  })
  await page.goto(`/adherents/${shop?.id}`)
  await page.getByRole('link', { name: 'Demande sur ses données…' }).click()
  const form = page.getByRole('form', { name: 'Nouvelle demande' })
  await form.getByRole('button', { name: 'Inscrire la demande' }).click()
  const requests = page.getByRole('list', { name: 'Demandes sur les données' })
  await requests.getByText('À répondre').waitFor()
  expect((await fileOf(page, 'Dossier à imprimer (PDF)')).type).toBe('application/pdf')
  const file = await fileOf(page, 'Dossier (JSON)')
  expect(file.text).toContain('Zaugan')
  expect(file.text).not.toContain('Billets de vingt euros')
  await requests.getByRole('button', { name: 'Répondre…' }).click()
  await requests.getByLabel('Ce qui a été répondu').fill('Dossier envoyé par la poste')
  await requests.getByRole('button', { name: 'Marquer comme faite' }).click()
  await requests.getByText('Faite', { exact: true }).waitFor()
  await page.goto(`/reglages?partie=donnees&membre=${shop?.id}`)
  await form.getByLabel('Demande', { exact: true }).selectOption({ label: 'Effacement' })
  await form.getByRole('button', { name: 'Inscrire la demande' }).click()
  await requests.getByRole('button', { name: 'Effacer…' }).click()
  await requests.getByRole('button', { name: 'Effacer pour de bon' }).click()
  await requests.getByText('Données effacées').waitFor()
  const kept = await demo.call<{ state: string; caller: { name: string } }>(
    operator,
    'GET',
    `/api/schemes/ac63/reports/${held.id}`,
  )
  expect(kept).toMatchObject({ state: 'waiting', caller: { name: expect.stringContaining('Zaugan') } })

  // 6. The accounts of the year, in the words of the committee.
  await page.getByRole('link', { name: 'Statistiques' }).click()
  const accounts = page.getByRole('region', { name: 'Pour le comité' })
  for (const title of ['Pourquoi des appels n’ont pas donné d’alerte', 'Adhérents par métier'])
    await accounts.getByText(title, { exact: false }).first().waitFor()
  await accounts.getByText('Un an avant', { exact: true }).first().waitFor()
  // Each table says what its lines are.
  await expect
    .poll(() => accounts.locator('thead th:first-child').allTextContents())
    .toEqual(['Chiffre', 'Motif', 'Résultat', 'Catégorie', 'Métier'])
  await expect
    .poll(() => accounts.textContent())
    .not.toMatch(/médiane|passerelle|simulator|broadcast|[a-z]_[a-z]/i)
  expect((await fileOf(page, 'Rapport PDF')).type).toBe('application/pdf')
})

test('the delegate of a trade has the same day for its trade alone, but for the money, which is the chamber’s', {
  tags: 'long',
}, async () => {
  // The demo has no request of a tobacconist.
  await sql`update enrolments set trade = 'tobacco-press' where scheme_id = 'ac63' and state = 'submitted'`.execute(
    demo.deps.db,
  )
  const page = await demo.enter('trade_chamber', '/aujourdhui')
  const before = await demo.call<Today>(page, 'GET', '/api/schemes/ac63/today')

  // 1. A request of its trade is decided, and the line counts one less.
  const requests = lineOf(page, /Demandes? à examiner/)
  await requests.getByText(String(before.requests.count), { exact: true }).waitFor()
  await requests.getByRole('link').click()
  await page.waitForURL('**/demandes')
  await page.getByRole('table').getByRole('row').nth(1).getByRole('button').first().click()
  await page.getByRole('dialog').getByRole('button', { name: 'Approuver' }).click()
  await page
    .getByText(/est inscrit/)
    .first()
    .waitFor()
  const after = await demo.call<Today>(page, 'GET', '/api/schemes/ac63/today')
  expect(after.requests.count).toBe(before.requests.count - 1)

  // 2. A shop of its trade calls; and a new one, filled from the register, whose trade is its own.
  const business = demoBusinesses[0] ?? { name: '' }
  await page.goto('/adherents?nouveau=oui')
  const adding = page.getByRole('dialog', { name: 'Ajouter un adhérent' })
  const offered = adding.getByRole('combobox', { name: 'Métier' }).locator('option:not([value=""])')
  await expect.poll(() => offered.allTextContents()).toEqual(['Buralistes et presse'])
  await adding.getByRole('textbox', { name: 'SIRET ou nom' }).fill(business.name)
  await adding.getByRole('button', { name: business.name }).first().click()
  await adding.getByText(/^Rempli d’après le répertoire/).waitFor()
  await adding.getByRole('textbox', { name: 'Téléphone' }).fill('06 39 98 72 11')
  await page.keyboard.press('Enter')
  await page.getByText(`Adhérent ajouté : ${business.name}`).waitFor()
  const { members } = await demo.call<{ members: { id: string; name: string }[] }>(
    page,
    'GET',
    `/api/schemes/ac63/members?q=${encodeURIComponent(business.name)}`,
  )
  const id = members.find(({ name }) => name === business.name)?.id ?? ''
  await page.goto(`/adherents/${id}`)
  await page.getByRole('button', { name: 'Modifier', exact: true }).click()
  const form = page.getByRole('dialog', { name: `Modifier ${business.name}` })
  await form.getByRole('textbox', { name: 'Adresse' }).fill('3 rue Neuve')
  await form.getByRole('textbox', { name: 'Téléphone' }).first().fill('06 39 98 72 12')
  await form.getByRole('button', { name: 'Enregistrer' }).click()
  const saved = `Modifications enregistrées : ${business.name}`
  await page.getByText(saved).waitFor()
  expect((await storedOf(page, id)).join(' ')).toMatch(/^3 rue Neuve \+33639987212/)
  await undo(page, saved)
  expect((await storedOf(page, id)).join(' ')).toMatch(/^12 rue du Pont \+33639987211/)

  // 5. What does it have about me? The file of the member, from its card.
  expect((await fileOf(page, 'Dossier à imprimer (PDF)')).type).toBe('application/pdf')
  expect((await fileOf(page, 'Dossier (JSON)')).text).toContain(business.name)

  // 4. A list of its trade: one correction is one answer, and those added are told so.
  await page.goto('/importer')
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Choisir un fichier…' }).click()
  await (await chooser).setFiles({
    name: 'buralistes.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(
      [
        'Enseigne;Activité;Rue;Ville;Tél',
        'Vaugel Tabac;Tabac Presse;2 rue du Puits;ISSSOIRE;06 39 98 99 41',
        'Vaugel Presse;tabac;4 rue du Puits;Isssoire;0639989942',
      ].join('\n'),
    ),
  })
  await page
    .getByRole('region', { name: 'Cellules à préciser' })
    .getByRole('group', { name: /^2 cellules «.isssoire.»$/i })
    .getByRole('button', { name: 'Issoire', exact: true })
    .click()
  await page.getByRole('button', { name: 'Importer', exact: true }).click()
  await page.getByRole('radio', { name: 'Par SMS' }).check()
  await page.getByRole('button', { name: 'Prévenir 2 adhérents' }).click()
  await page.getByRole('button', { name: 'Prévenir 2 adhérents' }).waitFor({ state: 'detached' })
  await sendWelcomes()
  await expect
    .poll(() => smsOf(page, '+33639989942'))
    .toEqual([expect.stringMatching(/inscrit Vaugel Presse.*Pour ne plus en recevoir/)])

  // 6. The accounts of its trade, for its committee.
  await page.getByRole('link', { name: 'Statistiques' }).click()
  const accounts = page.getByRole('region', { name: 'Pour le comité' })
  await accounts.getByText('Adhérents par métier', { exact: false }).first().waitFor()
  await accounts.getByText('Un an avant', { exact: true }).first().waitFor()
  const trades = accounts
    .getByRole('table')
    .filter({ hasText: 'Métier' })
    .locator('tbody th, tbody td:first-child')
  expect([...new Set(await trades.allTextContents())]).toEqual(['Buralistes et presse'])
  expect((await fileOf(page, 'Rapport PDF')).type).toBe('application/pdf')
})

test('the delegate of a trade sees nothing of other trades, and records no payment', async () => {
  const { rows: others } = await sql<{ id: string; name: string }>`
    select id, name from members where scheme_id = 'ac63' and trade <> 'tobacco-press' and status = 'active'
    order by id limit 1`.execute(demo.deps.db)
  const [other] = others
  if (other === undefined) throw new Error('the demo has no members')
  const page = await demo.enter('trade_chamber', '/')
  await page.getByRole('link', { name: 'Reprendre' }).click()
  await page.waitForURL('**/aujourdhui')
  await page.getByRole('region', { name: 'Le mois en quatre chiffres' }).waitFor()
  await expect.poll(() => page.getByRole('region', { name: 'Dernières alertes' }).count()).toBe(0)
  const rail = page.getByRole('navigation').first()
  // Without the count of what waits.
  const entries = (await rail.getByRole('link').allTextContents()).map((text) => text.replace(/\d.*/, ''))
  expect(entries).toEqual(['Aujourd’hui', 'Adhérents', 'Cotisations', 'Messages', 'Statistiques'])
  await rail.getByRole('link', { name: 'Adhérents' }).click()
  await page.getByRole('table').getByRole('row').nth(1).waitFor()
  const { members } = await demo.call<{ members: { trade: string }[] }>(
    page,
    'GET',
    '/api/schemes/ac63/members?limit=100',
  )
  expect(new Set(members.map(({ trade }) => trade))).toEqual(new Set(['tobacco-press']))
  // The dues of its trade can be read, and no payment recorded.
  await page.getByRole('link', { name: 'Cotisations' }).first().click()
  await page
    .getByText(/^En retard/)
    .first()
    .waitFor()
  await expect.poll(() => page.getByRole('button', { name: /Ouvrir une campagne|Noter/ }).count()).toBe(0)
  // A member of another trade is not found, by its address neither.
  await page.goto(`/adherents/${other.id}`)
  await page
    .getByText(/n’existe pas|introuvable/)
    .first()
    .waitFor()
  await expect.poll(() => page.getByText(other.name).count()).toBe(0)
  for (const file of ['file.pdf', 'file.json']) {
    const answer = await page.request.get(`${demo.url}/api/schemes/ac63/members/${other.id}/${file}`)
    expect(answer.status(), file).toBe(404)
  }
})
