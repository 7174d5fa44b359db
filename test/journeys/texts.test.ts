/**
 * The path of a text between two persons; src/schemes proves it, and `settings` shows one on the screens.
 * @module-tag long
 */
import { expect, test } from 'vitest'
import { LOOKS, violationsIn, withDemo } from '../support/demo.ts'

const demo = withDemo()

test('the chamber rewrites a text, the chief puts it in force, and an open room proposes it', async () => {
  const room = await demo.enter('operator', '/salle')
  await room.getByRole('radio', { name: 'Faux billets' }).check({ force: true })
  const message = room.getByRole('textbox', { name: 'Message' })

  const page = await demo.enter('chamber', '/reglages?partie=textes')
  await page.getByRole('button', { name: 'Modifier Faux billets' }).click()
  const form = page.getByRole('dialog', { name: 'Modifier la catégorie' })
  const text = form.getByRole('textbox', { name: 'Texte proposé' })
  await text.fill('Faux billets de 50 euros {endroit}')
  await form.getByText(/Rien ne remplit la variable «.endroit/).waitFor()
  await text.fill('Faux billets de 50 € ')
  await page.keyboard.press('End')
  await form.getByRole('button', { name: '{lieu} lieu des faits' }).click()
  // The example is of the largest commune, with the reference that the alert will have.
  await form.getByText(/^Faux billets de 50 € à Clermont-Ferrand Réf\. 63-/).waitFor()
  await form.getByText(/ \/ 160 · 1 SMS · GSM-7$/).waitFor()
  expect(await violationsIn(page, [LOOKS.phone, LOOKS.desk])).toEqual([])
  await form.getByRole('button', { name: 'Proposer' }).click()
  const reason = form.getByRole('textbox', { name: 'Motif' })
  await expect.poll(() => reason.getAttribute('aria-invalid')).toBe('true')
  await reason.fill('Le montant aide les commerçants.')
  await page.keyboard.press('Control+Enter')
  await form.waitFor({ state: 'detached' })
  const waiting = page.getByRole('article', { name: 'Catégories et textes' })
  await waiting.getByText('Faux billets : Texte proposé', { exact: true }).waitFor()

  const chief = await demo.enter('chief', '/reglages?partie=textes')
  await expect.poll(() => chief.getByRole('button', { name: /^Modifier / }).count()).toBe(0)
  await chief
    .getByRole('article', { name: 'Catégories et textes' })
    .getByRole('button', { name: 'Mettre en vigueur' })
    .click()
  await chief.getByText('Faux billets de 50 € {lieu}', { exact: true }).last().waitFor()
  await expect.poll(() => message.inputValue()).toBe('Faux billets de 50 €')

  // Down the list and up again, by keyboard: the digits of the room follow.
  const down = page.getByRole('button', { name: 'Descendre Vol à main armée' })
  await down.focus()
  await page.keyboard.press('Enter')
  await expect
    .poll(() => page.getByRole('heading', { level: 4 }).first().textContent())
    .toContain('Faux billets')
  await page.getByRole('button', { name: 'Monter Vol à main armée' }).click()
  await expect
    .poll(() => page.getByRole('heading', { level: 4 }).first().textContent())
    .toContain('Vol à main armée')

  await page.getByRole('link', { name: 'Dispositif', exact: true }).click()
  const sender = page.getByRole('textbox', { name: 'Expéditeur des SMS' })
  await sender.fill('Alerte')
  await page.getByRole('textbox', { name: 'Motif' }).fill('Plus court.')
  await page.getByRole('button', { name: 'Proposer' }).click()
  await expect.poll(() => sender.getAttribute('aria-invalid')).toBe('true')
  await page.getByRole('button', { name: 'Abandonner' }).click()
})

test('the chamber words a mail: variables go where the cursor was, and a refusal opens its language', async () => {
  const page = await demo.enter('chamber', '/reglages?partie=textes')
  const card = page.locator('section[aria-labelledby=courriels]')
  await card.getByRole('combobox', { name: 'Courriel' }).selectOption('refusedMail')
  const subject = card.getByRole('textbox', { name: 'Objet' })
  await subject.fill('Refus ')
  await card.getByRole('button', { name: '{motif} motif du refus' }).click()
  await expect.poll(() => subject.inputValue()).toBe('Refus {motif}')
  expect(await violationsIn(page, [LOOKS.phone, LOOKS.desk])).toEqual([])
  await card.getByRole('textbox', { name: 'Motif' }).fill('Plus clair.')
  await card.getByText('English', { exact: true }).click()
  await card.getByRole('button', { name: 'Proposer' }).click()
  await card.getByText(/La variable .*dispositif.* manque/).waitFor()
  await expect.poll(() => subject.inputValue()).toBe('Refus {motif}')
  await subject.fill('{dispositif} : réponse')
  await card.getByRole('button', { name: 'Proposer' }).click()
  await page.getByText('Courriel de demande refusée : objet en français').waitFor()
})
