import { readFile } from 'node:fs/promises'
import { getDocument } from 'pdfjs-dist/legacy/build/pdf.mjs'
import { expect, test } from 'vitest'
import type { AlertPage, AlertView } from '../../src/alerts/contract.ts'
import { LOOKS, violationsIn, withDemo } from '../support/demo.ts'

const demo = withDemo()
const EVERY_LOOK = [LOOKS.lightPhone, LOOKS.darkDesk, LOOKS.phone, LOOKS.desk]

test('the chamber reads the figures of its alerts by period, trade and category; exports CSV and PDF; publishes them', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('chamber', '/adherents')
  await page.getByRole('link', { name: 'Statistiques' }).click()
  const tile = (name: string) => page.locator('dl > div', { hasText: name }).locator('dd')
  await tile('Alertes diffusées').waitFor()
  const before = Number(await tile('Alertes diffusées').textContent())
  expect(before).toBeGreaterThan(40)
  const calls = Number(await tile('Appels signalés').textContent())
  expect(calls).toBeGreaterThan(before)

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
    area: { kind: 'commune', code: '63178' },
    doctrine: { offence: true, arrested: false, level: 'established' },
  })
  await post(`/alerts/${draft.id}/broadcast`, { version: draft.version })
  const planned = async () =>
    (await demo.call<AlertPage>(operator, 'GET', `/api/schemes/ac63/alerts/${draft.id}`)).alert.progress
  await expect.poll(async () => (await planned())?.delivered).toBeGreaterThan(0)

  await page.reload()
  await expect.poll(() => tile('Alertes diffusées').textContent()).toBe(String(before + 1))
  const figure = (name: string) => page.getByRole('region', { name })
  await figure('Alertes par catégorie').getByText('Voir les chiffres').click()
  await figure('Alertes par catégorie').getByRole('rowheader', { name: 'Faux billets' }).waitFor()
  await figure('Remise par passerelle').locator('.recharts-bar-rectangle').first().waitFor()
  expect(await violationsIn(page, EVERY_LOOK)).toEqual([])

  // Calls are not counted by trade; another category has no alerts, with a way back.
  await page.getByRole('combobox', { name: 'Métier' }).click()
  await page.getByRole('option', { name: /^Bureaux? de tabac|^Tabac|^Buraliste/i }).click()
  await expect.poll(() => page.getByText('Appels signalés').count()).toBe(0)
  await page.getByRole('combobox', { name: 'Catégorie' }).click()
  await page.getByRole('option', { name: 'Vol à main armée' }).click()
  await page.getByRole('button', { name: 'Retirer les filtres' }).click()
  await expect.poll(() => tile('Appels signalés').textContent()).toBe(String(calls + 1))

  // A custom period cannot end before it begins.
  await page.getByRole('combobox', { name: 'Période' }).click()
  await page.getByRole('option', { name: 'Du… au…' }).click()
  await page.getByLabel('Appels jusqu’au').fill('2001-01-01')
  await page.getByText('La période finit avant de commencer', { exact: false }).waitFor()
  await page.getByRole('combobox', { name: 'Période' }).click()
  await page.getByRole('option', { name: 'Trois mois' }).click()
  await expect.poll(() => tile('Alertes diffusées').textContent()).not.toBe(String(before + 1))

  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Alertes par catégorie, en CSV' }).click(),
  ])
  expect(await readFile((await file.path()) ?? '', 'utf8')).toMatch(/Faux billets;\d+/)
  const href = await page.getByRole('link', { name: 'Rapport PDF' }).getAttribute('href')
  const pdf = await page.request.get(new URL(href ?? '', page.url()).href)
  expect(pdf.headers()['content-type']).toBe('application/pdf')
  expect((await getDocument({ data: new Uint8Array(await pdf.body()) }).promise).numPages).toBeGreaterThan(1)

  // On the page of the scheme once published, for everybody.
  const visitor = await (await demo.visit(null)).newPage()
  await visitor.goto('/dispositif/ac63')
  await visitor.getByText('Adhérents').first().waitFor()
  await visitor.getByText('Douze mois en chiffres').waitFor()
  const publish = page.getByRole('switch', { name: 'Publier les délais', exact: false })
  await publish.click({ force: true })
  await expect.poll(() => publish.isChecked()).toBe(false)
  await expect
    .poll(async () => {
      await visitor.reload()
      await visitor.getByText('Adhérents').first().waitFor()
      return visitor.getByText('Douze mois en chiffres').count()
    })
    .toBe(0)
  await publish.click({ force: true })
  await page.getByText('Chiffres publiés').waitFor()
  await visitor.reload()
  await visitor.getByRole('region', { name: 'Douze mois en chiffres' }).getByText('SMS remis').waitFor()
  expect(await violationsIn(visitor, [LOOKS.phone, LOOKS.desk])).toEqual([])
})

test('a scheme without alerts, and a period without any, say so in place of empty charts', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('chamber', '/statistiques?periode=libre&du=2001-01-01&au=2001-01-31')
  const neighbour = await demo.enter('neighbour', '/statistiques')
  const titles = [
    'De l’appel au premier SMS',
    'Appels et alertes',
    'Alertes par catégorie',
    'Alertes par secteur',
    'Alertes selon l’heure de l’appel',
    'Remise par passerelle',
  ]
  for (const one of [page, neighbour]) {
    await one.getByText('Aucune alerte sur cette période').waitFor()
    for (const name of titles) {
      const figure = one.getByRole('region', { name, exact: true })
      await figure.getByText('Rien sur cette période.').waitFor()
      await expect.poll(() => figure.locator('svg.recharts-surface').count()).toBe(0)
    }
    // The figures of members and alert frequency are shown nonetheless.
    await one.getByRole('region', { name: 'Fréquence des alertes' }).getByText('Voir les chiffres').waitFor()
    expect(await violationsIn(one, EVERY_LOOK)).toEqual([])
    const href = await one.getByRole('link', { name: 'Rapport PDF' }).getAttribute('href')
    const pdf = await one.request.get(new URL(href ?? '', one.url()).href)
    expect((await getDocument({ data: new Uint8Array(await pdf.body()) }).promise).numPages).toBeGreaterThan(
      0,
    )
  }
})

test('in English', { tags: 'long' }, async () => {
  const page = await demo.enter('chamber', '/statistiques', { locale: 'en-GB' })
  await page.getByRole('heading', { level: 1, name: 'Statistics' }).waitFor()
  await page.getByRole('region', { name: 'Active members' }).getByText('Show the figures').waitFor()
})
