import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { AlertPage, AlertView } from '../../src/alerts/contract.ts'
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
  await page.getByText(/Pas de commune du territoire\s: Nulle-Part/).waitFor()
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
  await page.getByText(/«\sGorges de l’essai\s» est enregistré/).waitFor()

  const scheme = await demo.call<SchemeView>(page, 'GET', '/api/schemes/ac63')
  const sector = scheme.sectors.find(({ name }) => name === 'Gorges de l’essai')
  expect(sector?.communeCodes).toEqual(['63178', '63287'])
  const view = await demo.call<SectorsView>(page, 'GET', '/api/schemes/ac63/sectors')
  expect(view.sectors).toHaveLength(scheme.sectors.length)

  // An alert to it goes to its communes, and to no other; while it is open the sector stays.
  const operator = await demo.visit('operator')
  const post = <T>(path: string, data: object) =>
    demo.call<T>(operator, 'POST', `/api/schemes/ac63${path}`, data)
  const report = await post<{ id: string }>('/reports', {
    categoryCode: 'counterfeit-notes',
    communeCode: '63178',
  })
  const draft = await post<AlertView>('/alerts', {
    reportId: report.id,
    text: 'Faux billets à Issoire. Ne pas intervenir.',
    area: { kind: 'sector', id: sector?.id },
    doctrine: { offence: true, arrested: false, level: 'established' },
  })
  await post(`/alerts/${draft.id}/broadcast`, { version: draft.version })
  const alertNow = async () =>
    (await demo.call<AlertPage>(operator, 'GET', `/api/schemes/ac63/alerts/${draft.id}`)).alert
  await expect
    .poll(async () => (await alertNow()).progress?.delivered, { timeout: 30_000 })
    .toBeGreaterThan(0)
  const { rows } = await sql<{ commune: string }>`
    select distinct d.commune_code as commune from deliveries d join broadcasts b on b.id = d.broadcast_id
    where b.alert_id = ${draft.id}::uuid and b.kind = 'first'`.execute(demo.deps.db)
  expect(rows.map(({ commune }) => commune).filter((code) => !['63178', '63287'].includes(code))).toEqual([])
  const removal = await page.request.delete(
    `/api/schemes/ac63/sectors/${sector?.id}?version=${view.sectors.find(({ id }) => id === sector?.id)?.version}`,
    {
      headers: { origin: demo.url },
    },
  )
  expect(await removal.json()).toMatchObject({ code: 'sector_in_use' })
  const english = await demo.enter('chamber', '/secteurs', { locale: 'en-GB' })
  await english.getByRole('heading', { level: 1, name: 'Sectors' }).waitFor()
  expect(await violationsIn(english, [LOOKS.lightPhone, LOOKS.darkDesk])).toEqual([])
}, 90_000)
