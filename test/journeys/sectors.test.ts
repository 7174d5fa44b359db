import { expect, test } from 'vitest'
import type { SchemeView } from '../../src/schemes/contract.ts'
import type { SectorsView } from '../../src/schemes/sectors/contract.ts'
import { LOOKS, violationsIn, withDemo } from '../support/demo.ts'

const demo = withDemo({ maps: true })
const ALL = [LOOKS.lightPhone, LOOKS.darkDesk, LOOKS.phone, LOOKS.desk]

test('the chamber draws a sector by lists and on the map, and the scheme has it', async () => {
  const page = await demo.enter('chamber', '/adherents')
  await page.getByRole('link', { name: 'Secteurs' }).click()
  await page.getByRole('list', { name: 'Secteurs du dispositif' }).waitFor()
  expect(await violationsIn(page, ALL)).toEqual([])

  await page.getByRole('button', { name: 'Dessiner un secteur' }).click()
  await page.getByRole('textbox', { name: 'Nom du secteur' }).fill('Gorges de l’essai')
  await page.getByRole('textbox', { name: 'Liste de communes' }).fill('Issoire, 63287\nNulle-Part')
  await page.getByRole('button', { name: 'Ajouter ces communes' }).click()
  await page.getByText('Pas de commune du territoire : Nulle-Part', { exact: false }).waitFor()
  const chosen = page.getByRole('list', { name: 'Communes choisies' })
  await expect.poll(() => chosen.getByRole('listitem').count()).toBe(2)
  await chosen.getByText('aussi dans', { exact: false }).first().waitFor()
  expect(await violationsIn(page, ALL)).toEqual([])

  // A click on the map does as the list does; undone, it is as before.
  const canvas = page.locator('canvas')
  await page.locator('[data-ready="true"]').waitFor()
  const box = (await canvas.boundingBox()) ?? { width: 0, height: 0 }
  await canvas.click({ position: { x: box.width / 2, y: box.height / 2 } })
  await expect.poll(() => chosen.getByRole('listitem').count()).not.toBe(2)
  const undo = page.getByRole('button', { name: 'Annuler le dernier geste' })
  while ((await chosen.getByRole('listitem').count()) !== 2) await undo.click()

  // Not saved: asked before it is left.
  await page.getByRole('link', { name: 'Numéros' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Rester' }).click()
  await page.getByRole('button', { name: 'Enregistrer' }).click()
  await page.getByText('« Gorges de l’essai » est enregistré.').waitFor()

  const scheme = await demo.call<SchemeView>(page, 'GET', '/api/schemes/ac63')
  const sector = scheme.sectors.find(({ name }) => name === 'Gorges de l’essai')
  expect(sector?.communeCodes).toEqual(['63178', '63287'])
  const view = await demo.call<SectorsView>(page, 'GET', '/api/schemes/ac63/sectors')
  expect(view.sectors).toHaveLength(scheme.sectors.length)
}, 90_000)
