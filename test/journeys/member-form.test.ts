/**
 * Cases of the form that the day of the chamber walks through; src/members proves the rules.
 * @module-tag long
 */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { demoBusinesses } from '../../src/demo/companies.ts'
import { LOOKS, violationsIn, withDemo } from '../support/demo.ts'

const demo = withDemo()

const everywhere = (page: Page) => violationsIn(page, [LOOKS.phone, LOOKS.desk])

const open = async (page: Page) => {
  await page.getByRole('button', { name: 'Ajouter un adhérent' }).first().click()
  return page.getByRole('dialog', { name: 'Ajouter un adhérent' })
}
const undo = async (page: Page, said: RegExp) => {
  await page.getByText(said).locator('..').getByRole('button', { name: 'Annuler' }).click()
  await page
    .getByText(/^Modification annulée/)
    .first()
    .waitFor()
}
const found = async (page: Page, name: string) =>
  (
    await demo.call<{ members: { id: string; name: string }[] }>(
      page,
      'GET',
      `/api/schemes/ac63/members?q=${encodeURIComponent(name)}`,
    )
  ).members

test('the chamber adds a member by SIRET: the register fills it, Enter saves it, and it is undone', async () => {
  const page = await demo.enter('chamber', '/adherents')
  const dialog = await open(page)
  const [business] = demoBusinesses
  await dialog.getByRole('textbox', { name: 'SIRET ou nom' }).fill(business?.siret ?? '')
  await dialog.getByRole('button', { name: /Tabac des Remparts/ }).waitFor()
  await page.keyboard.press('Enter')
  await dialog.getByText(/^Rempli d’après le répertoire/).waitFor()
  await expect
    .poll(() => dialog.getByRole('textbox', { name: 'Adresse' }).inputValue())
    .toBe('12 rue du Pont')
  await expect.poll(() => dialog.getByRole('combobox', { name: 'Métier' }).inputValue()).toBe('tobacco-press')
  // Everything that is wrong is said at once, and nothing typed is lost.
  await dialog.getByRole('button', { name: 'Ajouter l’adhérent' }).click()
  await dialog.getByText('Aucun numéro de téléphone.').waitFor()
  expect(await everywhere(page)).toEqual([])
  await dialog.getByRole('textbox', { name: 'Téléphone' }).fill('06 39 98 71 01')
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'detached' })
  await page.getByText('Adhérent ajouté : Tabac des Remparts').waitFor()
  expect(await found(page, business?.siret ?? '')).toHaveLength(1)
  await undo(page, /^Adhérent ajouté/)
  expect(await found(page, business?.siret ?? '')).toEqual([])
})

test('adds one by hand, with its possible duplicate pointed out; Esc asks when something is typed', async () => {
  const page = await demo.enter('chamber', '/adherents')
  const { members } = await demo.call<{ members: { id: string; name: string; phones: string[] }[] }>(
    page,
    'GET',
    '/api/schemes/ac63/members?trade=bakeries&limit=1',
  )
  const [other] = members
  const dialog = await open(page)
  // A name that the register does not know is not typed twice.
  await dialog.getByRole('textbox', { name: 'SIRET ou nom' }).fill('Boulangerie de l’Essai')
  await dialog.getByText('Rien de tel dans le répertoire').waitFor()
  await page.keyboard.press('Tab')
  await expect
    .poll(() => dialog.getByRole('textbox', { name: 'Commerce' }).inputValue())
    .toBe('Boulangerie de l’Essai')
  await page.keyboard.press('Escape')
  const asked = page
    .getByRole('dialog', { name: 'Quitter sans enregistrer' })
    .or(page.getByRole('dialog').filter({ hasText: 'ne sera pas enregistré' }))
  await asked.last().waitFor()
  await page.getByRole('button', { name: 'Rester' }).click()
  await expect
    .poll(() => dialog.getByRole('textbox', { name: 'Commerce' }).inputValue())
    .toBe('Boulangerie de l’Essai')
  await dialog.getByRole('combobox', { name: 'Métier' }).selectOption('bakeries')
  // Enter at once takes the first one, when it is there.
  const commune = dialog.getByRole('combobox', { name: 'Commune' })
  await commune.fill('iss')
  await page.keyboard.press('Enter')
  await expect.poll(() => commune.inputValue()).toBe('Issoire')
  await dialog.getByRole('textbox', { name: 'Nom', exact: true }).fill('Zoé Faure')
  await dialog.getByRole('textbox', { name: 'Téléphone' }).fill(other?.phones[0] ?? '')
  const doubles = dialog.getByRole('region', { name: 'Est-ce le même commerce' })
  await doubles
    .getByText(other?.name ?? '', { exact: false })
    .first()
    .waitFor()
  await doubles.getByText('même numéro', { exact: false }).first().waitFor()
  expect(await everywhere(page)).toEqual([])
  // An owner of two shops: it is not refused.
  await dialog.getByRole('button', { name: 'Ajouter l’adhérent' }).click()
  await page.getByText('Adhérent ajouté : Boulangerie de l’Essai').waitFor()
  await undo(page, /^Adhérent ajouté/)
})

test('edits an address and a number, sees what another user changed, closes and reopens', async () => {
  const page = await demo.enter('chamber', '/adherents')
  const created = await demo.call<{ member: { id: string; version: string } }>(
    page,
    'POST',
    '/api/schemes/ac63/members',
    {
      id: crypto.randomUUID(),
      name: 'Fleurs du Test',
      trade: 'bakeries',
      commune: '63178',
      address: '1 rue Haute',
      contacts: [
        { id: crypto.randomUUID(), person: 'Martine Chassaing', phone: '06 39 98 71 02' },
        { id: crypto.randomUUID(), person: 'Julien Roche', phone: '06 39 98 71 03' },
      ],
    },
  )
  const { id } = created.member
  await page.goto(`/adherents/${id}`)
  await page.getByRole('button', { name: 'Modifier', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Modifier Fleurs du Test' })
  await dialog.getByRole('textbox', { name: 'Adresse' }).fill('14, rue des Fours')
  await dialog.getByLabel('Charte signée sur papier le').fill('2019-02-01')
  await dialog.getByText('Avant : 1 rue Haute').waitFor()
  await dialog.getByRole('textbox', { name: 'Téléphone' }).first().fill('06 39 98 71 04')
  await dialog.getByRole('button', { name: 'Retirer Julien Roche' }).click()
  await dialog.getByText('ne sera plus averti', { exact: false }).waitFor()
  expect(await everywhere(page)).toEqual([])

  // A colleague corrects the name meanwhile: it is shown, and not overwritten.
  await demo.call(page, 'PATCH', `/api/schemes/ac63/members/${id}`, {
    version: created.member.version,
    name: 'Fleurs du Pont',
  })
  await dialog.getByRole('button', { name: 'Enregistrer' }).click()
  const after = page.getByRole('dialog', { name: 'Modifier Fleurs du Pont' })
  await after.getByText('Nom : Fleurs du Test → Fleurs du Pont').waitFor()
  expect(await everywhere(page)).toEqual([])
  await after.getByRole('button', { name: 'Enregistrer' }).click()
  await page.getByText('Modifications enregistrées : Fleurs du Pont').waitFor()
  await page.getByText('14, rue des Fours').first().waitFor()
  await page.getByText('06 39 98 71 04').first().waitFor()
  await page.getByText('Fiche modifiée').first().waitFor()
  await undo(page, /^Modifications enregistrées/)
  await page.getByText('1 rue Haute').first().waitFor()
  await page.getByText('Julien Roche').first().waitFor()

  await page.getByRole('button', { name: 'Fermer ce commerce…' }).click()
  const closing = page.getByRole('dialog', { name: 'Fermer Fleurs du Pont' })
  await closing.getByRole('checkbox').uncheck()
  expect(await everywhere(page)).toEqual([])
  await closing.getByRole('button', { name: 'Fermer le commerce' }).click()
  await page.getByText('Fleurs du Pont a quitté le dispositif').waitFor()
  await page
    .getByText(/^Parti le .*\s: ses contacts ne reçoivent plus rien, ni alerte ni message\.$/)
    .waitFor()
  await page.getByText('Ne reçoit plus rien', { exact: true }).first().waitFor()
  await expect.poll(() => page.getByText('Reçoit les SMS', { exact: true }).count()).toBe(0)
  await page.getByRole('button', { name: 'Rouvrir ce commerce' }).click()
  await page.getByText('Fleurs du Pont est de nouveau adhérent').waitFor()
  await page.getByRole('button', { name: 'Modifier', exact: true }).waitFor()
})
