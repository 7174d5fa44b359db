/**
 * Each step of the dues on its screens; `dues-year` is the path through them, and src/dues proves the rules.
 * @module-tag long
 */

import { sql } from 'kysely'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { runDailyDues } from '../../src/dues/reminders/work.ts'
import { DAY_MS } from '../../src/message/clock.ts'
import { LOOKS, type Look, violationsIn, withDemo } from '../support/demo.ts'
import { recordAccountAct } from '../support/two-persons.ts'

const demo = withDemo()

/** At a desk in light mode and on a phone in dark mode; the rest is at the desk. */
const everywhere = (page: Page, looks: readonly Look[] = [LOOKS.phone, LOOKS.desk]) =>
  violationsIn(page, looks)
const spaced = (text: string) => new RegExp(text.replaceAll(' ', '[\\s\\u00a0\\u202f]'))

test('the chamber opens a campaign, records a cheque, cancels it, and cancels an amount due', async () => {
  const page = await demo.enter('chamber', '/adherents')
  await page.getByRole('link', { name: 'Cotisations' }).click()
  await page.getByRole('region', { name: /^Campagne/ }).waitFor()
  await page.getByRole('radio', { name: /^En retard \(220\)/ }).waitFor()
  expect(await everywhere(page, [LOOKS.lightPhone, LOOKS.darkDesk, LOOKS.phone, LOOKS.desk])).toEqual([])

  // The late members; a cheque from one of them.
  await page.getByRole('radio', { name: /^En retard/ }).click({ force: true })
  const table = page.getByRole('region', { name: 'Cotisations' })
  await expect.poll(() => table.getByText('Payée').count()).toBe(0)
  const first = table.getByRole('button').first()
  const name = (await first.textContent()) ?? ''
  await first.click()
  const drawer = page.getByRole('dialog', { name })
  await drawer.getByText(spaced('10,00 €')).first().waitFor()
  expect(await everywhere(page)).toEqual([])
  await drawer.getByRole('button', { name: 'Noter un paiement…' }).click()
  await expect.poll(() => drawer.getByRole('textbox', { name: 'Montant' }).inputValue()).toBe('10')
  // Without its number, and for more than the amount due: the screen says what to do.
  await drawer.getByRole('textbox', { name: 'Montant' }).fill('12,50')
  await drawer.getByRole('button', { name: 'Enregistrer le paiement' }).click()
  await drawer.getByText('Écrivez le numéro du chèque.').waitFor()
  await drawer.getByRole('textbox', { name: 'Numéro du chèque' }).fill('0004217')
  await drawer.getByRole('button', { name: 'Enregistrer le paiement' }).click()
  await drawer.getByRole('alert').getByText('C’est plus que ce qui est dû', { exact: false }).waitFor()
  expect(await everywhere(page)).toEqual([])
  await drawer.getByRole('textbox', { name: 'Montant' }).fill('10')
  await drawer.getByRole('button', { name: 'Enregistrer le paiement' }).click()
  const receipt = drawer.getByRole('link', { name: /^Reçu AC63-/ })
  await receipt.waitFor()
  const pdf = await page.request.get((await receipt.getAttribute('href')) ?? '')
  expect(pdf.headers()['content-type']).toBe('application/pdf')
  expect((await pdf.body()).subarray(0, 5).toString()).toBe('%PDF-')
  await page.getByRole('radio', { name: /^En retard \(219\)/ }).waitFor()

  // A part of it is refunded by mistake.
  await drawer.getByRole('button', { name: 'Noter un remboursement…' }).click()
  await drawer.getByRole('textbox', { name: 'Montant' }).fill('2,50')
  await drawer.getByRole('textbox', { name: 'Motif du remboursement' }).fill('trop payé')
  expect(await everywhere(page)).toEqual([])
  await drawer.getByRole('button', { name: 'Enregistrer le remboursement' }).click()
  const note = drawer.getByRole('link', { name: /^Avoir AC63-/ })
  await note.waitFor()
  const avoir = await page.request.get((await note.getAttribute('href')) ?? '')
  expect(avoir.headers()['content-type']).toBe('application/pdf')
  await drawer.getByRole('button', { name: 'Annuler ce remboursement…' }).click()
  await drawer.getByRole('textbox', { name: 'Motif de l’annulation' }).fill('virement revenu')
  await drawer.getByRole('button', { name: 'Annuler le remboursement' }).click()
  await drawer.getByText('virement revenu', { exact: false }).waitFor()
  expect(await everywhere(page)).toEqual([])

  // The cheque bounced.
  await drawer.getByRole('button', { name: 'Annuler ce paiement…' }).click()
  await drawer.getByRole('button', { name: 'Annuler le paiement' }).click()
  await drawer
    .getByText('Champ obligatoire', { exact: false })
    .or(drawer.locator('[data-error]'))
    .first()
    .waitFor()
  await drawer.getByRole('textbox', { name: 'Motif de l’annulation' }).fill('chèque impayé')
  await drawer.getByRole('button', { name: 'Annuler le paiement' }).click()
  await drawer
    .getByRole('link', { name: /^Annulation AC63-/ })
    .first()
    .waitFor()
  await drawer.getByText('chèque impayé', { exact: false }).waitFor()
  await page.getByRole('radio', { name: /^En retard \(220\)/ }).waitFor()
  expect(await everywhere(page)).toEqual([])

  await drawer.getByRole('button', { name: 'Annuler le montant dû…' }).click()
  await drawer.getByRole('textbox', { name: 'Motif de l’annulation' }).fill('fermé six mois')
  await drawer.getByRole('button', { name: 'Annuler le montant dû', exact: true }).click()
  await drawer.getByText('fermé six mois').waitFor()
  await page.keyboard.press('Escape')
  await drawer.waitFor({ state: 'detached' })

  // The campaign of another year: previewed, then opened.
  await page.getByRole('button', { name: 'Ouvrir une campagne…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Ouvrir une campagne…' })
  await dialog.getByRole('textbox', { name: 'Cotisation de l’année' }).fill('dix')
  await dialog.getByRole('button', { name: 'Compter' }).click()
  await dialog.getByText('Écrivez un montant en euros', { exact: false }).waitFor()
  await dialog.getByRole('textbox', { name: 'Cotisation de l’année' }).fill('12')
  await dialog.getByRole('button', { name: 'Autre montant pour un métier' }).click()
  expect(await everywhere(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Compter' }).click()
  await dialog.getByText(spaced('1 100 adhérents'), { exact: false }).waitFor()
  await dialog.getByRole('button', { name: /^Ouvrir la campagne/ }).click()
  await dialog.waitFor({ state: 'detached' })
  await page.getByRole('radio', { name: /^Exempté \([1-9]/ }).waitFor()
  await page.getByText(/^Les appels partent/).waitFor()
  expect(await everywhere(page)).toEqual([])

  // The fee was wrong: withdrawn before anybody was notified.
  await page.getByRole('button', { name: 'Retirer cette campagne…' }).click()
  const withdrawal = page.getByRole('dialog', { name: /^Retirer la campagne/ })
  await withdrawal.getByRole('button', { name: 'Retirer la campagne', exact: true }).click()
  const why = withdrawal.getByRole('textbox', { name: 'Motif du retrait' })
  await expect.poll(() => why.getAttribute('aria-invalid')).toBe('true')
  await why.fill('mauvais montant')
  expect(await everywhere(page)).toEqual([])
  await withdrawal.getByRole('button', { name: 'Retirer la campagne', exact: true }).click()
  await page.getByText('Personne n’en avait été prévenu', { exact: false }).waitFor()
  await withdrawal.waitFor({ state: 'detached' })
})

test('in English too; a scheme without a campaign says what to do; an operator has no such screen', async () => {
  const page = await demo.enter('chamber', '/cotisations', { locale: 'en-GB' })
  await page.getByRole('heading', { name: 'Dues' }).waitFor()
  await page.getByRole('region', { name: / campaign$/ }).waitFor()
  expect(await everywhere(page, [LOOKS.lightPhone, LOOKS.darkDesk])).toEqual([])
  await page.goto('/cotisations?annee=2001')
  await page.getByText('No campaign in 2001').waitFor()
  expect(await everywhere(page)).toEqual([])
  const operator = await demo.enter('operator', '/cotisations')
  await operator.getByRole('heading').first().waitFor()
  await expect.poll(() => operator.getByRole('link', { name: 'Cotisations' }).count()).toBe(0)
})

test('a merchant sees what the shop owes, how to pay it, and the receipts; in both languages', async () => {
  const phone = await demo.enter('merchant', '/portail', { look: LOOKS.phone })
  await phone.getByRole('link', { name: 'Compte', exact: true }).click()
  await phone.getByRole('link', { name: /^Cotisation/ }).click()
  await phone.getByRole('heading', { name: 'Cotisation', exact: true }).waitFor()
  await phone.getByRole('region', { name: 'Ce qui est dû' }).waitFor()
  const looks = [LOOKS.phone, LOOKS.lightPhone, LOOKS.desk, LOOKS.darkDesk]
  expect(await violationsIn(phone, looks)).toEqual([])
  const english = await demo.enter('merchant', '/portail/cotisation', { look: LOOKS.phone, locale: 'en-GB' })
  await english.getByRole('heading', { name: 'Dues', exact: true }).waitFor()
  await english.getByRole('region', { name: 'Amount due' }).waitFor()
  expect(await violationsIn(english, [LOOKS.phone, LOOKS.desk])).toEqual([])
})

test('a merchant signs a mandate; the chamber collects by a bank file, and records a return', async () => {
  const phone = await demo.enter('merchant', '/portail/cotisation', { look: LOOKS.phone })
  await phone.getByRole('button', { name: 'Signer un mandat…' }).click()
  await phone.getByRole('button', { name: 'Signer le mandat' }).click()
  await phone.getByText('Cochez la case', { exact: false }).waitFor()
  expect(await violationsIn(phone, [LOOKS.phone, LOOKS.desk, LOOKS.lightPhone])).toEqual([])
  await phone.getByRole('textbox', { name: 'IBAN' }).fill('FR14 2004 1010 0505 0001 3M02 606')
  await phone.getByRole('textbox', { name: 'Titulaire du compte' }).fill('SARL du Tabac')
  await phone.getByRole('textbox', { name: 'Vos nom et prénom' }).fill('Paul Durand')
  await phone.getByRole('checkbox', { name: 'J’autorise ces prélèvements' }).check()
  await phone.getByRole('button', { name: 'Signer le mandat' }).click()
  await phone.getByText('qui finit par 2606', { exact: false }).waitFor()
  expect(await violationsIn(phone, [LOOKS.phone])).toEqual([])

  // Whether the demo's shop has paid varies: from here on it owes its fee.
  const { memberId } = await demo.deps.db
    .selectFrom('duesMandates')
    .select('memberId')
    .executeTakeFirstOrThrow()
  const chamber = await demo.visit('chamber')
  const owed = await demo.call<{ balanceCents: number; payments: { id: string }[] }>(
    chamber,
    'GET',
    `/api/schemes/ac63/members/${memberId}/dues`,
  )
  if (owed.balanceCents === 0) {
    const payment = owed.payments[0]?.id ?? ''
    const path = `/api/schemes/ac63/members/${memberId}/payments/${payment}/cancel`
    await demo.call(chamber, 'POST', path, { reason: 'chèque impayé' })
  }
  const page = await chamber.newPage()
  await page.goto('/cotisations/prelevements')
  const panel = page.getByRole('region', { name: 'Prélèvements SEPA' })
  await panel.getByText('1 mandat signé', { exact: false }).waitFor()
  await panel.getByRole('button', { name: 'Préparer le fichier' }).click()
  const dialog = page.getByRole('dialog', { name: 'Fichier n° 1' })
  const link = dialog.getByRole('link', { name: 'Télécharger pour la banque (pain.008)' })
  const xml = await page.request.get((await link.getAttribute('href')) ?? '')
  expect(await xml.text()).toContain('pain.008.001.08')
  expect(await everywhere(page)).toEqual([])
  await dialog.getByText('Remettez-le à votre banque', { exact: false }).waitFor()

  // The member pays by transfer meanwhile: the chamber sees the pending debit, and removes it from the file.
  await page.goto(`/cotisations?membre=${memberId}`)
  const drawer = page.getByRole('dialog')
  const underWay = drawer.getByText(/^Prélèvement de .* en cours/)
  await underWay.waitFor()
  await drawer.getByRole('button', { name: 'Noter un paiement…' }).click()
  await drawer.getByRole('combobox', { name: 'Moyen' }).selectOption('transfer')
  await drawer.getByRole('textbox', { name: 'Montant' }).fill('1')
  await drawer.getByRole('button', { name: 'Enregistrer le paiement' }).click()
  await drawer.getByRole('checkbox', { name: 'Ce paiement vient en plus du prélèvement en cours' }).waitFor()
  expect(await everywhere(page)).toEqual([])
  await drawer.getByRole('button', { name: 'Annuler', exact: true }).click()
  await drawer.getByRole('button', { name: 'Retirer du fichier…' }).click()
  await drawer.getByRole('button', { name: 'Retirer du fichier', exact: true }).click()
  await drawer.getByRole('checkbox', { name: 'La banque n’a pas l’ancien fichier' }).check()
  expect(await everywhere(page)).toEqual([])
  await drawer.getByRole('button', { name: 'Retirer du fichier', exact: true }).click()
  await drawer.getByText(/^Annonce.: pas de prélèvement$/).waitFor()
  await underWay.waitFor({ state: 'detached' })
  await page.goto('/cotisations/prelevements')
  await panel.getByText('Abandonné').waitFor()
  await panel.getByRole('button', { name: 'Préparer le fichier' }).click()
  const second = page.getByRole('dialog', { name: 'Fichier n° 2' })
  await second.getByRole('button', { name: 'La banque a le fichier' }).click()
  await second.getByText('À la banque depuis', { exact: false }).waitFor()
  expect(await everywhere(page)).toEqual([])
  // The member revokes the mandate while the bank has the file, so the chamber is told what to do.
  await phone.reload()
  await phone.getByRole('button', { name: 'Révoquer ce mandat…' }).click()
  await phone.getByRole('button', { name: 'Révoquer le mandat' }).click()
  await phone.getByRole('button', { name: 'Signer un mandat…' }).waitFor()
  await page.goto(`/cotisations?membre=${memberId}`)
  await drawer.getByText(/^Son mandat est révoqué depuis/).waitFor()
  expect(await everywhere(page)).toEqual([])
  await page.goto('/cotisations/prelevements')
  await panel.getByText('1 à rappeler').waitFor()
  await panel.getByRole('button', { name: 'Voir le fichier n° 2' }).click()
  await second.getByText(/^Mandat révoqué le .*, et la banque a le fichier/).waitFor()
  expect(await everywhere(page)).toEqual([])
  // The day of the debit has come.
  await sql`update dues_debit_files set collect_on = current_date`.execute(demo.deps.db)
  await page.reload()
  await panel.getByRole('button', { name: 'Voir le fichier n° 2' }).click()
  await second.getByRole('button', { name: 'La banque a encaissé' }).click()
  await second.getByText('Payé').waitFor()
  await second.getByRole('button', { name: /^Rejet/ }).click()
  await second.getByRole('combobox', { name: 'Motif de la banque' }).selectOption('MD06')
  expect(await everywhere(page)).toEqual([])
  await second.getByRole('button', { name: 'Noter le rejet' }).click()
  await second.getByText('remboursement demandé', { exact: false }).waitFor()
  await page.keyboard.press('Escape')
  await second.waitFor({ state: 'detached' })
  expect(await everywhere(page)).toEqual([])
})

/** Returns a Tuesday at ten in the morning, at least this many days from now. */
function tuesdayIn(days: number): Date {
  const at = new Date(Date.now() + days * DAY_MS)
  at.setUTCHours(9, 0, 0, 0)
  while (at.getUTCDay() !== 2) at.setTime(at.getTime() + DAY_MS)
  return at
}

test('the rule warns late payers, does not suspend members it could not reach, and reactivates members who pay', async () => {
  const page = await demo.enter('chamber', '/reglages?partie=cotisations')
  const fees = page.getByRole('form', { name: 'Montants de la prochaine campagne' })
  await fees.getByLabel('Cotisation de l’année').fill('12,5 euros')
  await fees.getByRole('button', { name: 'Enregistrer' }).click()
  await fees.getByText('Écrivez un montant en euros', { exact: false }).waitFor()
  await fees.getByLabel('Cotisation de l’année').fill('12,50')
  await fees.getByRole('button', { name: 'Enregistrer' }).click()
  await page.getByText('Les montants de la prochaine campagne sont enregistrés.').waitFor()
  const days = page.getByRole('textbox', { name: 'Suspendre, en jours après l’échéance' })
  await days.fill('5')
  await page.getByRole('textbox', { name: 'IBAN' }).fill('FR76 3000 6000 0112 3456 7890 188')
  await page.getByText('Personne d’autre n’a ce rôle', { exact: false }).waitFor()
  await page.getByText(/Délai de sécurité d’abord\s: 24\sheures/).waitFor()
  await page.getByRole('textbox', { name: /^Déclaration/ }).fill('La chambre n’a qu’un compte.')
  await page.getByRole('button', { name: 'Proposer' }).click()
  await expect.poll(() => days.getAttribute('aria-invalid')).toBe('true')
  await days.fill('60')
  await page.getByRole('button', { name: 'Proposer' }).click()
  await page.getByText('Ce n’est pas un IBAN valable', { exact: false }).waitFor()
  expect(await everywhere(page, [LOOKS.lightPhone, LOOKS.darkDesk, LOOKS.phone, LOOKS.desk])).toEqual([])
  await page.getByRole('textbox', { name: 'IBAN' }).fill('FR14 2004 1010 0505 0001 3M02 606')
  const sent = page.waitForRequest((request) => request.url().endsWith('/dues-settings'))
  await page.getByRole('button', { name: 'Proposer' }).click()
  // Unchanged values are not sent, so that they do not undo what another user changed meanwhile.
  const { creditor, ...others } = (await sent).postDataJSON()
  expect([Object.keys(creditor), Object.keys(others)]).toEqual([['iban'], ['ruleAfterDays', 'reason']])
  // The rule applies at once, as one person alone declared it; a new account for the money cools for a day even then.
  const waiting = page.getByRole('article', { name: 'Cotisations' })
  await waiting.getByText(/Délai de sécurité\s: encore/).waitFor()
  await expect.poll(() => waiting.getByRole('button', { name: 'Mettre en vigueur' }).isDisabled()).toBe(true)
  await expect.poll(() => page.getByRole('textbox', { name: 'IBAN' }).inputValue()).not.toContain('3M02')
  await expect.poll(() => days.inputValue()).toBe('60')

  // Weeks later all late members are warned, some at dead numbers.
  const work = async (at: Date) => {
    for (let run = 0; run < 3; run++) await runDailyDues({ ...demo.deps, now: () => at })
  }
  await work(tuesdayIn(10))
  // The days are simulated, so the results of the warnings are too: known by now, and failed at dead numbers.
  await sql`
    update dues_notices n set at = now() - interval '4 days', reached_at = case when exists (
      select from contacts c where c.scheme_id = n.scheme_id and c.id = any (n.contacts) and not exists (
        select from number_health h where h.scheme_id = c.scheme_id and h.phone = c.mobile and h.state <> 'ok')
    ) then now() - interval '4 days' end
    where kind = 'warning'`.execute(demo.deps.db)
  await page.goto('/cotisations?etat=unnotified')
  const table = page.getByRole('region', { name: 'Cotisations' })
  await table.waitFor()
  await page.getByText('n’a touché personne', { exact: false }).first().waitFor()
  const unnotified = await table.getByRole('button').count()
  expect(unnotified).toBeGreaterThan(0)
  expect(await everywhere(page)).toEqual([])
  await table.getByRole('button').first().click()
  const drawer = page.getByRole('dialog')
  await drawer.getByRole('button', { name: 'Je l’ai prévenu…' }).click()
  await drawer.getByRole('radio', { name: 'Par téléphone' }).waitFor()
  expect(await everywhere(page)).toEqual([])
  await drawer.getByRole('button', { name: 'Noter', exact: true }).click()
  await drawer.getByText('Par téléphone').waitFor()
  await page.keyboard.press('Escape')
  await expect.poll(() => table.getByRole('button').count()).toBe(unnotified - 1)

  // Two weeks after the warning they are suspended, except those it did not reach.
  await work(tuesdayIn(26))
  await page.goto('/cotisations?etat=suspended')
  await table.waitFor()
  const first = table.getByRole('button').first()
  const name = (await first.textContent()) ?? ''
  await first.click()
  const account = page.getByRole('dialog', { name })
  await account.getByText('faute de paiement', { exact: false }).first().waitFor()
  await account.getByText('Annonce de suspension').waitFor()
  expect(await everywhere(page)).toEqual([])
  await account.getByRole('button', { name: 'Noter un paiement…' }).click()
  await account.getByRole('combobox', { name: 'Moyen' }).selectOption('cash')
  await account.getByRole('button', { name: 'Enregistrer le paiement' }).click()
  await account.getByText('Annonce du retour').waitFor()
  await page.goto('/cotisations?etat=unnotified')
  await expect.poll(() => table.getByRole('button').count()).toBe(unnotified - 1)
})

test('shows before saving that a change waits when accounts were closed and only one is left', async () => {
  const chamber = await demo.deps.db
    .selectFrom('grants')
    .select('userId')
    .where('schemeId', '=', 'ac63')
    .where('role', '=', 'chamber')
    .executeTakeFirstOrThrow()
  const act = { by: chamber.userId, to: 'nobody', action: 'user.disable' } as const
  await recordAccountAct(demo.deps, new Date(), act)
  const page = await demo.enter('chamber', '/reglages?partie=cotisations')
  await page.getByRole('textbox', { name: 'Suspendre, en jours après l’échéance' }).fill('61')
  await page.getByText('un compte a été fermé ou changé il y a peu', { exact: false }).waitFor()
  await page.getByText(/Délai de sécurité d’abord\s: 24\sheures\. Qui peut décider alors/).waitFor()
  await page.getByRole('textbox', { name: /^Déclaration/ }).fill('La chambre n’a qu’un compte.')
  await page.getByRole('button', { name: 'Proposer' }).click()
  await page
    .getByRole('article', { name: 'Cotisations' })
    .filter({ hasText: '61' })
    .getByText(/Délai de sécurité\s: encore/)
    .waitFor()
})
