import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { AlertView } from '../../src/alerts/contract.ts'
import type { CharterList, PublicSchemeView } from '../../src/enrolment/contract.ts'
import type { DoctrineView, EnrolmentSettings, SchemeView } from '../../src/schemes/contract.ts'
import type { TradeSettings } from '../../src/schemes/trade-settings/contract.ts'
import { LOOKS, violations, violationsIn, withDemo } from '../support/demo.ts'
import { saveInDemo } from '../support/two-persons.ts'

const demo = withDemo()
const API = '/api/schemes/ac63'

const AGENCY = 'Parquet de Clermont-Ferrand'

const doctrineOf = (page: Page) => demo.call<DoctrineView>(page, 'GET', `${API}/doctrine`)

/** At a desk in light mode and on a phone in dark mode; the rest is at the desk. */
const everywhere = (page: Page) => violationsIn(page, [LOOKS.phone, LOOKS.desk])

const hasFocus = (of: Locator) => of.evaluate((one) => one === one.ownerDocument.activeElement)

/** Enters a call in the room, up to the area. */
async function compose(page: Page, category: string): Promise<void> {
  await page.getByRole('radio', { name: category }).check({ force: true })
  await page.getByRole('combobox', { name: 'Où' }).fill('Issoire')
  await page
    .getByRole('option', { name: /^Issoire/ })
    .first()
    .click()
  await page.locator('input[id^="zone-"]').first().waitFor({ state: 'attached' })
}

/** Submits an alert of a category to a second person, away from those of other tests. */
async function submitAlert(categoryCode: string): Promise<void> {
  const operator = await demo.visit('operator')
  const post = <T>(path: string, data: object) => demo.call<T>(operator, 'POST', `${API}${path}`, data)
  const report = await post<{ id: string }>('/reports', { categoryCode, communeCode: '63113' })
  const draft = await post<AlertView>('/alerts', {
    reportId: report.id,
    text: 'Faux billets à Clermont-Ferrand. Ne pas intervenir, ne pas transférer SMS.',
    area: { kind: 'commune', code: '63113' },
    doctrine: { offence: true, arrested: false, level: 'established' },
  })
  await post(`/alerts/${draft.id}/submit`, { version: draft.version })
}

test('the chamber requires a second person for a category: an open room applies it at once', async () => {
  const room = await demo.enter('operator', '/salle')
  await compose(room, 'Faux billets')
  await room.getByRole('button', { name: /^Diffuser à/ }).waitFor()

  const page = await demo.enter('chamber', '/adherents')
  await page.getByRole('link', { name: 'Réglages' }).click()
  await page.getByRole('link', { name: 'Doctrine', exact: true }).click()
  await page.getByRole('heading', { name: 'Doctrine', exact: true, level: 2 }).waitFor()
  const row = page.getByRole('row', { name: /^Faux billets/ })
  const alone = () => row.getByText('l’opérateur seul').count()
  await expect.poll(alone).toBe(2)
  await page.getByRole('button', { name: 'Ajouter une règle' }).click()
  const rule = page.getByRole('group', { name: /^Règle 3/ })
  await rule.getByRole('checkbox', { name: 'Faux billets' }).focus()
  await page.keyboard.press('Space')
  // The effect is shown before it is saved.
  await rule.getByText('Faux billets, toutes les gravités, tous les niveaux').waitFor()
  await expect.poll(alone).toBe(0)
  await page.getByText('Non enregistré : Deuxième personne.').waitFor()
  expect(await everywhere(page)).toEqual([])
  // Before the click: who puts it in force. Without a reason, nothing is proposed.
  await page.getByText('Proposé à Marc Vidal : rien ne change avant sa mise en vigueur.').waitFor()
  await page.getByRole('button', { name: 'Proposer' }).click()
  const reason = page.getByRole('textbox', { name: 'Motif' })
  await expect.poll(() => reason.getAttribute('aria-invalid')).toBe('true')
  await reason.fill('Deux fausses alertes en mars.')
  await page.getByRole('button', { name: 'Proposer' }).click()
  const waiting = (of: Page) =>
    of.getByRole('article', { name: 'Doctrine' }).filter({ hasText: 'Deux fausses alertes en mars.' })
  await waiting(page).getByText('Attend Marc Vidal.', { exact: false }).waitFor()
  await waiting(page).getByRole('button', { name: 'Retirer la proposition' }).waitFor()
  await expect.poll(() => waiting(page).getByRole('button', { name: 'Mettre en vigueur' }).count()).toBe(0)
  await expect.poll(alone).toBe(2)
  expect(await everywhere(page)).toEqual([])
  await room.getByRole('button', { name: /^Diffuser à/ }).waitFor()

  // The chief reads the difference and puts it in force: an open room applies it at once.
  const chief = await demo.enter('chief', '/salle')
  await chief.getByRole('link', { name: /Réglages.*2 changements attendent votre décision/ }).click()
  await chief.getByRole('link', { name: /^Changements proposés/ }).click()
  await waiting(chief)
    .getByText(/Après\s:.*Faux billets, toutes les gravités/)
    .waitFor()
  expect(await everywhere(chief)).toEqual([])
  await waiting(chief).getByRole('button', { name: 'Mettre en vigueur' }).click()
  await waiting(chief).getByText('Mis en vigueur par Marc Vidal', { exact: false }).waitFor()
  await page.getByText(/Dernier changement\s: Sophie Lambert, Marc Vidal/).waitFor()
  await expect.poll(alone).toBe(0)

  await room.getByRole('button', { name: /^Soumettre/ }).waitFor()
  await room.keyboard.press('Control+Enter')
  const sheet = room.getByRole('dialog')
  await sheet.getByRole('button', { name: 'Oui, constatée' }).click()
  await sheet.getByRole('button', { name: 'Soumettre', exact: true }).click()
  await room.getByText('Alerte soumise.', { exact: false }).waitFor()
})

test('the messages that a rule affects are named, its removal is refused, and a rule for nothing is reported', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('chamber', '/reglages?partie=doctrine')
  const { approval } = (await doctrineOf(page)).doctrine
  // The test before adds the same rule.
  if (approval.length === 2)
    await saveInDemo(demo, 'doctrine', {
      approval: [...approval, { categories: ['counterfeit-notes'], severities: 'all' }],
    })
  await submitAlert('counterfeit-notes')
  await page.reload()
  const chief = await demo.enter('chief', '/reglages?partie=changements')
  const reason = page.getByRole('textbox', { name: 'Motif' })
  const affected = page.getByText(/^Ce changement touche /)
  await page.getByRole('button', { name: 'Retirer la règle 3' }).click()
  await affected.waitFor()
  await page
    .getByRole('listitem')
    .getByRole('link', { name: /^63-26-/ })
    .first()
    .waitFor()
  expect(await violations(page)).toEqual([])
  await reason.fill('Finalement non.')
  await page.getByRole('button', { name: 'Proposer' }).click()
  const second = chief.getByRole('article').filter({ hasText: 'Finalement non.' })
  await second.getByRole('button', { name: 'Refuser' }).click()
  const why = chief.getByRole('dialog', { name: 'Refuser ce changement' })
  await why.getByRole('textbox').fill('Attendons un mois.')
  await why.getByRole('button', { name: 'Refuser' }).click()
  await second.getByText('Refusé par Marc Vidal', { exact: false }).waitFor()
  expect((await doctrineOf(page)).doctrine.approval).toHaveLength(3)

  // A rule that would apply to nothing is reported; an existing one is opened, changed and removed.
  await page.getByRole('button', { name: 'Modifier la règle 2' }).click()
  const empty = page.getByRole('group', { name: /^Règle 2/ })
  await empty.getByRole('checkbox', { name: 'Vitale' }).focus()
  await page.keyboard.press('Space')
  await page.getByRole('button', { name: 'Proposer' }).click()
  await empty.getByText('Cette règle ne s’applique à rien', { exact: false }).waitFor()
  await expect.poll(() => hasFocus(empty.getByRole('group', { name: 'Gravités' }))).toBe(true)
  expect(await everywhere(page)).toEqual([])
  await page.getByRole('button', { name: 'Retirer la règle 2' }).click()
  await reason.fill('Une règle de moins.')
  await page.getByRole('button', { name: 'Proposer' }).click()
  const own = page.getByRole('article').filter({ hasText: 'Une règle de moins.' })
  await own.getByRole('button', { name: 'Retirer la proposition' }).click()
  await own.waitFor({ state: 'detached' })
  expect((await doctrineOf(page)).doctrine.approval).toHaveLength(3)
})

test("errors are shown at once, and so are another user's changes", {
  tags: 'long',
}, async () => {
  const page = await demo.enter('chamber', '/reglages?partie=doctrine')
  const late = page.getByLabel('Âge des faits')
  const cancel = page.getByLabel('Délai pour reprendre l’ordre')
  await late.fill('0')
  await cancel.fill('')
  await page.getByText('Âge des faits et Délai pour reprendre l’ordre').waitFor()
  await page.getByRole('button', { name: 'Proposer' }).click()
  await page.getByText('Trop petit : 1 au moins.').waitFor()
  await page.getByText('Écrivez un nombre.').waitFor()
  await expect.poll(() => hasFocus(late)).toBe(true)
  expect(await violationsIn(page, Object.values(LOOKS))).toEqual([])
  await page.setViewportSize(LOOKS.desk)
  await late.fill('45')
  await cancel.fill('5')
  await expect.poll(() => page.locator('[aria-invalid=true]').count()).toBe(0)

  // Another user changes a setting meanwhile: it is shown, and not overwritten.
  await saveInDemo(demo, 'doctrine', { emergencyOverride: false })
  await page.getByText(/vient de changer\s: Diffusion en urgence/).waitFor()
  await page.getByRole('button', { name: 'C’est lu, continuer' }).click()
  // Values that need no second person apply at once.
  await page.getByText('Le reste vaut tout de suite.', { exact: false }).waitFor()
  await page.getByRole('textbox', { name: 'Motif' }).fill('Convention de mars.')
  await page.getByRole('button', { name: 'Proposer' }).click()
  await page.getByRole('article').filter({ hasText: 'Convention de mars.' }).waitFor()
  expect((await doctrineOf(page)).doctrine).toMatchObject({
    lateAfterMinutes: 60,
    cancelWindowSeconds: 5,
    emergencyOverride: false,
  })

  // Unsaved changes are kept between sections, and confirmed before leaving.
  await late.fill('50')
  await page.getByRole('link', { name: 'Fréquence des alertes' }).click()
  await page.getByRole('checkbox', { name: 'Simples avis, par numéro : Sans limite' }).check({ force: true })
  await page.getByRole('link', { name: /^Doctrine/ }).click()
  await expect.poll(() => late.inputValue()).toBe('50')
  await page.getByRole('link', { name: 'Adhérents' }).click()
  const leaving = page.getByRole('dialog', { name: 'Quitter sans enregistrer ?' })
  await leaving.waitFor()
  expect(await violations(page)).toEqual([])
  await leaving.getByRole('button', { name: 'Rester' }).click()
  await page.getByRole('button', { name: 'Abandonner' }).click()
  await page.getByRole('link', { name: 'Fréquence des alertes' }).click()
  await page.getByRole('textbox', { name: 'Motif' }).fill('Peu d’avis.')
  await page.getByRole('button', { name: 'Proposer' }).click()
  await page
    .getByRole('region', { name: 'Fréquence des alertes' })
    .getByRole('article')
    .filter({ hasText: 'Peu d’avis.' })
    .waitFor()
  await page.getByRole('link', { name: 'Adhérents' }).click()
  await page.waitForURL('**/adherents')
})

test('a person is on call at weekly hours, replaced while away, and removed; every error is shown at once', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('chamber', '/reglages?partie=astreintes')
  await page.getByRole('button', { name: 'Ajouter une personne' }).click()
  const form = page.getByRole('dialog', { name: 'Ajouter une personne' })
  await form.getByLabel('Courriel').fill('sans-arobase')
  await form.getByRole('button', { name: 'Enregistrer' }).click()
  // Each at its field.
  await expect.poll(() => form.locator('[aria-invalid=true]').count()).toBe(2)
  await form.getByLabel('Mobile').fill('04 73 00 00 01')
  await form.getByRole('button', { name: 'Enregistrer' }).click()
  await expect.poll(() => form.locator('[aria-invalid=true]').count()).toBe(3)
  expect(await everywhere(page)).toEqual([])
  await form.getByLabel('Nom').fill('Cdt Anne Roy')
  await form.getByLabel('Mobile').fill('06 39 98 10 31')
  await form.getByLabel('Courriel').fill('')
  // Nights are proposed; the weekend is taken out of them.
  const hours = form.getByRole('group', { name: 'Heures d’astreinte' }).last()
  for (const day of ['sam.', 'dim.']) await hours.getByText(day, { exact: true }).click()
  await hours.getByLabel('Ordre').selectOption('3')
  await form.getByRole('button', { name: 'Enregistrer' }).click()
  await form.waitFor({ state: 'detached' })
  const person = page.getByRole('listitem').filter({ hasText: 'Cdt Anne Roy' }).last()
  await person.getByText(/lundi, mardi, mercredi, jeudi, vendredi de 20:00 à 08:00, 3e prévenu/).waitFor()
  await person.getByText('06 39 98 10 31', { exact: false }).waitFor()

  // The same name twice, and a change.
  await page.getByRole('button', { name: 'Changer Cdt Anne Roy' }).click()
  const change = page.getByRole('dialog', { name: 'Changer une personne' })
  await change.getByLabel('Nom').fill('Marc Vidal')
  await change.getByRole('button', { name: 'Enregistrer' }).click()
  await expect.poll(() => change.locator('[aria-invalid=true]').count()).toBe(1)
  await change.getByLabel('Nom').fill('Cdt Anne Roy')
  await change.getByLabel('Courriel').fill('anne.roy@demo.invalid')
  await change.getByRole('button', { name: 'Enregistrer' }).click()
  await person.getByText('anne.roy@demo.invalid', { exact: false }).waitFor()

  // Away, with a substitute.
  await page.getByRole('button', { name: 'Absence de Cdt Anne Roy' }).click()
  const away = page.getByRole('dialog', { name: 'Absence de Cdt Anne Roy' })
  await away.getByLabel('Au').fill('2020-01-01T08:00')
  await away.getByRole('button', { name: 'Enregistrer' }).click()
  await expect.poll(() => away.locator('[aria-invalid=true]').count()).toBe(1)
  // An unreadable value is not replaced by the one before it: the form is not sent.
  for (const typed of ['01/01/2099 8', '']) {
    await away.getByLabel('Au').fill(typed)
    await away.getByRole('button', { name: 'Enregistrer' }).click()
    await away.getByText('À écrire ainsi').waitFor()
    await expect.poll(() => away.getByLabel('Au').inputValue()).toBe(typed)
  }
  await away.getByLabel('Au').fill('2099-01-01T08:00')
  await away.getByLabel('Remplacement').selectOption({ label: 'Lt Paul Garnier' })
  expect(await violations(page)).toEqual([])
  await away.getByRole('button', { name: 'Enregistrer' }).click()
  await person.getByText(/^Absence\s: .*Lt Paul Garnier/).waitFor()
  await person.getByRole('button', { name: 'Retirer l’absence' }).click()
  await person.getByText(/^Absence\s: /).waitFor({ state: 'detached' })

  await page.getByRole('button', { name: 'Retirer Cdt Anne Roy' }).click()
  await page.getByText('Cdt Anne Roy n’est plus dans la liste, ni son numéro.').waitFor()
  await expect.poll(() => person.count()).toBe(0)
})

test('the card of a new magistrate says for what, from where, and with which account they answer', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('chamber', '/reglages?partie=astreintes')
  await page.getByRole('button', { name: 'Ajouter une personne' }).click()
  const form = page.getByRole('dialog', { name: 'Ajouter une personne' })
  await form.getByLabel('Pour', { exact: true }).selectOption({ label: 'Valider une alerte' })
  await form.getByLabel('Compte').selectOption({ label: 'Marc Vidal' })
  await form.getByLabel('Pour', { exact: true }).selectOption({ label: 'Donner l’accord du parquet' })
  // The account of a chief is not kept for a magistrate.
  await expect.poll(() => form.getByLabel('Compte').inputValue()).toBe('')
  await form.getByLabel('Compte').selectOption({ label: 'Hélène Roche' })
  await form.getByLabel('Nom').fill('Mme Roche-Garde')
  await form.getByLabel('Mobile').fill('06 39 98 10 33')
  await form.getByLabel('Motif').fill('Nouvelle permanence.')
  await form.getByRole('button', { name: 'Proposer' }).click()
  await form.waitFor({ state: 'detached' })
  await page.getByRole('link', { name: /^Changements proposés/ }).click()
  // The section that it was proposed in shows it too, until this one is open.
  const card = page
    .getByRole('region', { name: 'Changements proposés' })
    .getByRole('article', { name: 'Magistrats' })
  await expect
    .poll(async () => (await card.textContent())?.replaceAll(/\s/g, ' '))
    .toMatch(/Mme Roche-Garde · Donner l’accord du parquet · .* · 06 39 98 10 33 · compte Hélène Roche/)
  await card.getByRole('button', { name: 'Retirer la proposition' }).click()
  await card.getByRole('button', { name: 'Retirer la proposition' }).waitFor({ state: 'detached' })
})

test('an observer is proposed, put in force by the chamber, seen by the operator, and removed', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('chief', '/reglages?partie=observateurs')
  await page.getByText('Préfecture du Puy-de-Dôme').first().waitFor()
  await page.getByRole('button', { name: 'Proposer', exact: true }).click()
  await expect.poll(() => page.locator('[aria-invalid=true]').count()).toBe(2)
  await page.getByLabel('Nom du service').fill('Parquet de permanence')
  await page.getByLabel('Mobile').fill('04 73 00 00 00')
  await page.getByRole('button', { name: 'Proposer', exact: true }).click()
  await page.getByText('Ce numéro est un fixe').waitFor()
  expect(await everywhere(page)).toEqual([])
  await page.getByLabel('Mobile').fill('06 39 98 89 20')
  await page.getByLabel('Rattaché à').selectOption({ label: AGENCY })
  await page.getByLabel('Motif').fill('Demandé par le procureur.')
  await page.getByRole('button', { name: 'Proposer' }).click()
  const waiting = (of: Page) => of.getByRole('article', { name: 'Services en copie' })
  await waiting(page).getByText(`Parquet de permanence · 06 39 98 89 20 · ${AGENCY}`).waitFor()
  await waiting(page).getByText('Attend Sophie Lambert.', { exact: false }).waitFor()

  const chamber = await demo.enter('chamber', '/reglages?partie=observateurs')
  await waiting(chamber).getByRole('button', { name: 'Mettre en vigueur' }).click()
  await chamber.getByRole('button', { name: 'Retirer Parquet de permanence' }).waitFor()

  const room = await demo.enter('operator', '/salle')
  await compose(room, 'Cambriolage')
  await room.getByText('En copie, non comptés : Parquet de permanence, Préfecture du Puy-de-Dôme').waitFor()

  // A removal applies at once, after a question: adding again needs a second person.
  for (const name of ['Préfecture du Puy-de-Dôme', 'Parquet de permanence']) {
    await page.getByRole('button', { name: `Retirer ${name}` }).click()
    const question = page.getByRole('group', { name })
    await expect.poll(() => hasFocus(question.getByRole('button', { name: 'Retirer' }))).toBe(true)
    expect(await violations(page)).toEqual([])
    await question.getByRole('button', { name: 'Retirer' }).click()
  }
  await page.getByText('Aucun service en copie').waitFor()
  expect(await everywhere(page)).toEqual([])
})

test('tracing is switched on: messages have a mark from then on', { tags: 'long' }, async () => {
  const room = await demo.enter('operator', '/salle')
  await compose(room, 'Escroquerie')
  await room.getByText(/Réf\. 63-\d\d-\?{4}$/).waitFor()
  const page = await demo.enter('chamber', '/reglages?partie=tracage')
  await page.getByText('Ce qu’elle ne prouve pas').waitFor()
  await page.getByRole('switch', { name: 'Une marque par exemplaire' }).focus()
  await page.keyboard.press('Space')
  await page.getByRole('textbox', { name: 'Motif' }).fill('Une fuite en mars.')
  await page.getByRole('button', { name: 'Proposer' }).click()
  await page.getByRole('article').filter({ hasText: 'Une fuite en mars.' }).waitFor()
  expect(await everywhere(page)).toEqual([])
  const chief = await demo.enter('chief', '/reglages?partie=tracage')
  await chief.getByRole('button', { name: 'Mettre en vigueur' }).click()
  await room.getByText(/Réf\. 63-\d\d-\?{4}-\?{5}$/).waitFor()
})

test('where codes may go is proposed by the chamber and put in force by a chief, with the list before and after', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('chamber', '/reglages?partie=adhesion')
  const card = page.getByRole('region', { name: 'Mobiles qui reçoivent un code' })
  await expect.poll(() => card.getByRole('checkbox', { checked: true }).count()).toBe(7)
  for (const place of ['Guyane', 'Mayotte', 'La Réunion', 'Martinique', 'Saint-Pierre-et-Miquelon'])
    await card.getByRole('checkbox', { name: place }).uncheck()
  await card.getByRole('textbox', { name: 'Motif' }).fill('Aucun membre là-bas.')
  expect(await everywhere(page)).toEqual([])
  await card.getByRole('button', { name: 'Proposer' }).click()
  const chief = await demo.enter('chief', '/reglages?partie=changements')
  const change = chief.getByRole('article').filter({ hasText: 'Aucun membre là-bas.' })
  await change.getByText('selon le territoire du dispositif').waitFor()
  await change.getByText('France métropolitaine et Guadeloupe, Saint-Martin, Saint-Barthélemy').waitFor()
  await change.getByRole('button', { name: 'Mettre en vigueur' }).click()
  await expect
    .poll(() => demo.call<EnrolmentSettings>(page, 'GET', `${API}/enrolment-settings`))
    .toMatchObject({ destinations: ['FR', 'GP'] })
})

test('a new charter is previewed, confirmed, and signed by those who join afterwards', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('chamber', '/reglages?partie=adhesion')
  await page.getByText('Version 2, publiée par Sophie Lambert', { exact: false }).waitFor()
  await page.getByRole('button', { name: 'Écrire une nouvelle version' }).click()
  const text = page.getByLabel('Nouvelle version')
  const written = await text.inputValue()
  const publish = page.getByRole('button', { name: 'Publier la version 3' })
  await expect.poll(() => publish.isDisabled()).toBe(true)
  await text.fill('Trop court.')
  await publish.click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Publier la version 3' }).click()
  await page.getByText('Ce texte est trop court pour une charte').waitFor()
  await text.fill(`${written}\n\n9. Marque. Chaque exemplaire d’une alerte porte sa marque.`)
  await page
    .getByRole('region', { name: 'Telle que le commerçant la lira' })
    .getByText(/^9\. Marque/)
    .waitFor()
  expect(await everywhere(page)).toEqual([])
  await publish.click()
  await dialog.getByText('Qui s’inscrit à partir de maintenant signe la version 3.').waitFor()
  await dialog.getByText(/Une version publiée ne se corrige ni ne s’efface/).waitFor()
  expect(await everywhere(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Publier la version 3' }).click()
  await page.getByText(/Version 3, publiée par Sophie Lambert/).waitFor()
  expect(await everywhere(page)).toEqual([])
  await page.getByRole('button', { name: 'Lire la version 1' }).click()
  await page
    .getByRole('dialog', { name: 'Lire la version 1' })
    .getByText('8. Partir', { exact: false })
    .waitFor()
  expect(await violations(page)).toEqual([])

  const { charter } = await demo.call<PublicSchemeView>(page, 'GET', '/api/public/schemes/ac63')
  expect(charter.version).toBe(3)
  expect(charter.text).toMatch(/9\. Marque\. Chaque exemplaire d’une alerte porte sa marque\.$/)
  const { versions } = await demo.call<CharterList>(page, 'GET', `${API}/charters`)
  expect(versions.map(({ version }) => version)).toEqual([3, 2, 1])
  expect(versions[0]?.signatures).toBe(0)
  for (const before of versions.slice(1)) expect(before.signatures).toBeGreaterThan(800)
})

test('users concerned by the settings can read them; a merchant cannot', { tags: 'long' }, async () => {
  const operator = await demo.enter('operator', '/reglages?partie=doctrine', { look: LOOKS.darkDesk })
  await operator.getByText('Vous lisez ces réglages').first().waitFor()
  const parts = (page: Page) =>
    page.getByRole('navigation', { name: 'Parties des réglages' }).getByRole('link').allInnerTexts()
  await expect
    .poll(() => parts(operator))
    .toEqual([
      'Dispositif',
      'Doctrine',
      'Catégories et textes',
      'Fréquence des alertes',
      'Réponses aux appelants',
      'Traçage des fuites',
      'Routes SMS',
      'Ordre de repli',
      'Astreintes et magistrats',
    ])
  for (const part of ['doctrine', 'sollicitation', 'reponses', 'tracage']) {
    await operator.goto(`/reglages?partie=${part}`)
    await operator.getByText('Vous lisez ces réglages').first().waitFor()
    await expect
      .poll(() => operator.locator('form').locator('input, textarea, select, button').count())
      .toBe(0)
    expect(await violations(operator)).toEqual([])
  }
  const chief = await demo.enter('chief', '/reglages?partie=doctrine')
  await chief.getByText('Vous lisez ces réglages').first().waitFor()
  await expect.poll(() => parts(chief)).toContain('Services en copie')
  expect(await parts(chief)).not.toContain('Adhésion')

  // Users without a console account are redirected to the sign-in.
  const merchant = await demo.enter('merchant', '/reglages')
  await merchant.waitForURL(({ pathname }) => pathname === '/')
  await expect.poll(() => merchant.getByRole('link', { name: 'Réglages' }).count()).toBe(0)
})

test("of two users changing the doctrine, the second sees the first one's changes and chooses field by field", {
  tags: 'long',
}, async () => {
  const [first, second] = [
    await demo.enter('chamber', '/reglages?partie=doctrine'),
    await demo.enter('chamber', '/reglages?partie=doctrine'),
  ]
  const late = (page: Page) =>
    page.getByRole('textbox', { name: 'Délai avant la personne d’astreinte suivante' })
  const cancel = (page: Page) => page.getByRole('textbox', { name: 'Délai pour reprendre l’ordre' })
  const save = (page: Page) => page.getByRole('button', { name: 'Enregistrer' })
  await late(second).fill('50')
  await cancel(second).fill('7')
  await late(first).fill('40')
  await cancel(first).fill('4')
  await save(first).click()
  await first.getByRole('button', { name: 'Annuler', exact: true }).waitFor()
  const shown = second.getByRole('alert').filter({ hasText: 'vient de changer' })
  await shown.getByText(/«\s40\ss\s», avant «\s\d+\ss\s»/).waitFor()
  // Saving is refused, since the other changes were not read.
  await save(second).click()
  await second.getByText('Quelqu’un a changé ces réglages', { exact: false }).waitFor()
  expect((await doctrineOf(second)).doctrine).toMatchObject({ nextCallSeconds: 40, cancelWindowSeconds: 4 })
  // Nothing typed is lost; one field is given up, the other kept.
  expect([await late(second).inputValue(), await cancel(second).inputValue()]).toEqual(['50', '7'])
  expect(await violations(second)).toEqual([])
  await shown.getByRole('button', { name: /Prendre le sien.*personne d’astreinte suivante/ }).click()
  await shown.getByRole('button', { name: 'Garder ce que j’ai saisi' }).click()
  await expect.poll(() => late(second).inputValue()).toBe('40')
  await save(second).click()
  await expect
    .poll(async () => (await doctrineOf(second)).doctrine)
    .toMatchObject({ nextCallSeconds: 40, cancelWindowSeconds: 7 })
})

test('the chamber adds a trade with a word of another one; the word moves, and undoing puts it back', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('chamber', '/reglages?partie=metiers')
  await page.getByRole('button', { name: 'Nouveau métier' }).click()
  await page.getByRole('textbox', { name: 'Nom', exact: true }).fill('Fleuristes')
  const search = page.getByRole('searchbox', { name: 'Chercher une activité par code ou par nom' })
  await search.fill('47.76Z')
  await page.getByRole('button', { name: 'Ajouter 47.76Z' }).click()
  await page.getByRole('button', { name: 'Retirer 47.76Z' }).waitFor()
  // A word that another trade has is not added before the user says that it moves.
  const words = page.getByRole('textbox', { name: 'Ajouter des mots' })
  await words.fill('fleuriste, bouquetier')
  await words.press('Enter')
  await page.getByText('« fleuriste » mène déjà à « Commerces divers ».').waitFor()
  expect(await violations(page)).toEqual([])
  await page.getByRole('button', { name: 'Prendre ce mot ici' }).click()
  await page.getByRole('button', { name: 'Retirer bouquetier' }).waitFor()
  await expect.poll(() => hasFocus(words)).toBe(true)
  await page.getByRole('button', { name: 'Enregistrer', exact: true }).click()
  await page.getByRole('heading', { name: '20 métiers utilisés' }).waitFor()
  const row = (name: string) => page.getByRole('listitem').filter({ hasText: name })
  await row('Fleuristes').getByText('1 activité, 2 mots').waitFor()
  const trades = async () => (await demo.call<TradeSettings>(page, 'GET', `${API}/trades`)).trades
  const wordsOf = async (code: string) => (await trades()).find((one) => one.code === code)?.words ?? []
  expect(await wordsOf('general-shops')).not.toContain('fleuriste')
  await page.getByRole('button', { name: 'Annuler', exact: true }).click()
  await page.getByRole('heading', { name: '19 métiers utilisés' }).waitFor()
  expect(await wordsOf('general-shops')).toContain('fleuriste')
  await row('Fleuristes').getByRole('button', { name: 'Utiliser' }).waitFor()

  // The order, by the keyboard: the button keeps the focus.
  const up = page.getByRole('button', { name: 'Monter « Pharmacies »' })
  await up.focus()
  await page.keyboard.press('Enter')
  await expect.poll(async () => (await trades()).map(({ code }) => code).indexOf('pharmacies')).toBe(3)
  await expect.poll(() => hasFocus(up)).toBe(true)

  // A trade with members stays; the link shows them.
  await row('Pharmacies')
    .getByRole('button', { name: /^Modifier/ })
    .click()
  await page.getByRole('link', { name: 'Les voir' }).click()
  await page.waitForURL(/adherents\?metier=pharmacies/)
})

test('a territory is proposed with what it changes, which the second person reads too', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('chamber', '/reglages?partie=dispositif')
  // The languages of names change at once.
  const languages = page.getByRole('combobox', { name: 'Langues des noms' })
  const stored = async () => (await demo.call<SchemeView>(page, 'GET', API)).languages
  for (const [choice, values] of [
    ['Français seulement', ['fr']],
    ['Français et anglais', ['fr', 'en']],
  ] as const) {
    await languages.selectOption(choice)
    await page.getByRole('button', { name: 'Enregistrer' }).click()
    await expect.poll(stored).toEqual(values)
    // The next choice changes what was saved.
    await page.reload()
  }
  const form = page.getByRole('form', { name: 'Territoire' })
  await form.getByRole('button', { name: 'Retirer Puy-de-Dôme' }).waitFor()
  await form.getByRole('combobox').fill('Vichy')
  await page.getByRole('option', { name: /^Vichy arrondissement/ }).waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await form.getByText(/communes ajoutées\s: Vichy,.* et \d+ autres$/).waitFor()
  expect(await everywhere(page)).toEqual([])
  await form.getByRole('textbox', { name: 'Motif' }).fill('La convention va jusqu’à Vichy.')
  await form.getByRole('button', { name: 'Proposer' }).click()

  const chief = await demo.enter('chief', '/reglages?partie=changements')
  const change = chief.getByRole('article').filter({ hasText: 'La convention va jusqu’à Vichy.' })
  await change.getByText(/^Composé de\s: Puy-de-Dôme, Vichy$/).waitFor()
  await change.getByText(/communes ajoutées\s: Vichy,/).waitFor()
  expect(await violations(chief)).toEqual([])
  await change.getByRole('button', { name: 'Mettre en vigueur' }).click()
  await form.getByRole('button', { name: 'Retirer Vichy' }).waitFor()
})
