/**
 * Notes and labels; `messages` writes to a group, and src/members proves the rules.
 * @module-tag long
 */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { LOOKS, violationsIn, withDemo } from '../support/demo.ts'

const demo = withDemo()

const everywhere = (page: Page) => violationsIn(page, [LOOKS.phone, LOOKS.desk])

test('the chamber notes on a member, tags two of them, groups them, and may write to the group', async () => {
  const page = await demo.enter('chamber', '/adherents?metier=bakeries')
  const boxes = page.getByRole('table').getByRole('checkbox', { name: /^Choisir (?!tous)/ })
  await boxes.nth(1).waitFor()
  await boxes.nth(0).check()
  await boxes.nth(1).check()
  const bar = page.getByRole('region', { name: 'Adhérents choisis' })
  await bar.getByRole('button', { name: 'Étiqueter…' }).click()
  const tagging = page.getByRole('dialog', { name: 'Étiquettes de 2 adhérents' })
  await tagging.getByRole('combobox', { name: 'Ajouter' }).fill('Salon 2026')
  await page.keyboard.press('Enter')
  expect(await everywhere(page)).toEqual([])
  await tagging.getByRole('button', { name: 'Enregistrer' }).click()
  await page.getByText('Étiquettes de 2 adhérents changées').waitFor()
  await page.getByRole('table').getByText('Salon 2026').nth(1).waitFor()

  await boxes.nth(0).check()
  await boxes.nth(1).check()
  await bar.getByRole('button', { name: 'Grouper…' }).click()
  const grouping = page.getByRole('dialog', { name: 'Mettre 2 adhérents dans un groupe' })
  await grouping.getByRole('textbox', { name: 'Nom du groupe' }).fill('Bureau')
  expect(await everywhere(page)).toEqual([])
  await grouping.getByRole('button', { name: 'Créer le groupe' }).click()
  await page.getByText('2 adhérents ajoutés au groupe Bureau').waitFor()
  // One that is in the group and one that is not: the undo takes out the second only.
  await boxes.nth(1).check()
  await boxes.nth(2).check()
  await bar.getByRole('button', { name: 'Grouper…' }).click()
  await grouping.getByRole('button', { name: 'Ajouter au groupe' }).click()
  const added = page.getByText('1 adhérent ajouté au groupe Bureau')
  await page.getByRole('button', { name: 'Bureau (3)' }).waitFor()
  await added.locator('..').getByRole('button', { name: 'Annuler' }).click()
  await page.getByRole('button', { name: 'Bureau (2)' }).click()
  await expect.poll(() => boxes.count()).toBe(2)

  // The tag is renamed where it filters, and a note is added in the panel with the keyboard alone.
  await page.getByRole('button', { name: 'Étiquettes…' }).click()
  const managing = page.getByRole('dialog', { name: 'Étiquettes du dispositif' })
  await managing.getByRole('button', { name: /Renommer/ }).click()
  await managing.getByRole('textbox', { name: 'Nouveau nom' }).fill('Foire 2026')
  await page.keyboard.press('Enter')
  await managing.getByText('Foire 2026').waitFor()
  expect(await everywhere(page)).toEqual([])
  await page.keyboard.press('Escape')
  await managing.waitFor({ state: 'detached' })
  await page.keyboard.press('j')
  const panel = page.getByRole('dialog')
  await panel.getByText('Foire 2026').waitFor()
  await panel.getByRole('textbox', { name: 'Nouvelle note' }).fill('Fermé le lundi')
  await page.keyboard.press('Control+Enter')
  await panel.getByRole('button', { name: /^Modifier la note/ }).click()
  await panel.getByRole('textbox', { name: /^Modifier la note/ }).fill('Fermé le mardi')
  await page.keyboard.press('Control+Enter')
  await panel.getByText('Fermé le mardi').waitFor()
  expect(await everywhere(page)).toEqual([])
  await panel.getByRole('button', { name: /^Retirer la note/ }).click()
  const removed = page.getByText('Note retirée.')
  await removed.locator('..').getByRole('button', { name: 'Annuler' }).click()
  await panel.getByText('Fermé le mardi').waitFor()

  await page.goto('/messages')
  await page.getByRole('button', { name: 'Écrire un message' }).first().click()
  await page.getByRole('combobox', { name: 'Vue ou groupe de la liste' }).click()
  await page.getByRole('option', { name: 'Bureau (2)' }).click()
  await page.getByRole('textbox', { name: 'Message', exact: true }).fill('Réunion mardi à 19 h.')
  await page.getByRole('button', { name: 'Relire avant l’envoi' }).click()
  await page.getByText(/destinataires?.*Bureau/).waitFor()

  // An address with a group that was deleted shows the list without it, and says so.
  await page.goto('/adherents?groupe=019dc5de-a0f8-74ca-a7c1-acfeccdae677&metier=bakeries')
  await page.getByText(/^Le groupe demandé n’existe plus/).waitFor()
  await page.waitForURL(/\/adherents\?metier=bakeries$/)
  await page.getByRole('row').nth(1).waitFor()

  // The members that are chosen are written to as a group of their own.
  await page
    .getByRole('checkbox', { name: /^Choisir (?!tous)/ })
    .first()
    .check()
  await page.getByRole('button', { name: 'Écrire…' }).click()
  await page.waitForURL(/\/messages\?nouveau=oui&groupe=/)
  const group = page.getByRole('combobox', { name: 'Vue ou groupe de la liste' })
  await expect.poll(() => group.inputValue()).toMatch(/^Message du .* \(1\)$/)

  // A group that is shown whole is written to itself, not to a view of it.
  await page.goto('/adherents')
  await page.getByRole('button', { name: 'Bureau (2)' }).click()
  await expect.poll(() => boxes.count()).toBe(2)
  await page.getByRole('checkbox', { name: /^Choisir tous/ }).check()
  await page.getByRole('button', { name: 'Écrire…' }).click()
  await page.waitForURL(/\/messages\?nouveau=oui&groupe=/)
  await expect.poll(() => group.inputValue()).toBe('Bureau (2)')
})
