/**
 * The list of a large alert; src/alerts proves its pages.
 * @module-tag long
 */
import { expect, test } from 'vitest'
import type { AlertPage, AlertView } from '../../src/alerts/contract.ts'
import { LOOKS, violationsIn, withDemo } from '../support/demo.ts'
import { idOf, seedMembers } from '../support/fixtures.ts'

const demo = withDemo()
const RECIPIENTS = 10_000
const A_PAGE = 50

test('10,000 recipients: one page at a time, by pointer and by keyboard', async () => {
  await seedMembers(
    demo.deps.db,
    'ac63',
    Array.from({ length: RECIPIENTS }, (_, i) => ({
      id: idOf(i + 1),
      name: `Commerce ${i + 1}`,
      communeCode: '63430',
      // Not from the numbers reserved for fiction, which are too few: they only ever reach the simulator.
      phones: [`+336399${String(i).padStart(5, '0')}`],
    })),
  )
  const context = await demo.visit('operator')
  const post = <T>(path: string, data: object) =>
    demo.call<T>(context, 'POST', `/api/schemes/ac63${path}`, data)
  const report = await post<{ id: string }>('/reports', {
    categoryCode: 'counterfeit-notes',
    communeCode: '63430',
  })
  const draft = await post<AlertView>('/alerts', {
    reportId: report.id,
    text: 'Faux billets à Thiers. Ne pas intervenir.',
    area: { kind: 'commune', code: '63430' },
    doctrine: { offence: true, arrested: false, level: 'established' },
  })
  await post(`/alerts/${draft.id}/broadcast`, { version: draft.version })
  const alertNow = async () =>
    (await demo.call<AlertPage>(context, 'GET', `/api/schemes/ac63/alerts/${draft.id}`)).alert
  await expect.poll(async () => (await alertNow()).progress?.delivered).toBeGreaterThan(RECIPIENTS - 100)
  const planned = (await alertNow()).progress?.planned ?? 0
  const pages = Math.ceil(planned / A_PAGE)

  const page = await context.newPage()
  let asked = 0
  page.on('request', (request) => {
    if (request.url().includes('/deliveries?')) asked++
  })
  await page.goto(`/alertes/${draft.id}`)
  const ledger = page.getByRole('region', { name: /^Destinataires/ })
  const rows = ledger.locator('tbody tr:not([hidden])')
  const nav = ledger.getByRole('navigation', { name: 'Pages des destinataires' })
  const shown = nav.getByRole('status')
  const said = async () => (await shown.textContent())?.replaceAll(/\s/g, ' ')
  const count = (number: number) => new Intl.NumberFormat('fr').format(number).replaceAll(/\s/g, ' ')
  await expect.poll(said).toBe(`1 à 50 sur ${count(planned)}`)
  await expect.poll(() => rows.count()).toBe(A_PAGE)

  await nav.getByRole('button', { name: 'Page suivante' }).focus()
  await page.keyboard.press('Enter')
  await expect.poll(said).toBe(`51 à 100 sur ${count(planned)}`)
  // The focus stays, for the next page.
  await page.keyboard.press('Enter')
  await expect.poll(said).toBe(`101 à 150 sur ${count(planned)}`)
  await expect.poll(() => nav.locator('[aria-current=page]').textContent()).toBe('3')
  await rows.first().getByRole('button').click()
  await ledger.getByRole('list', { name: /^Ce qui est arrivé au message/ }).waitFor()
  await nav.getByRole('button', { name: `Page ${pages} sur ${pages}` }).click()
  await expect.poll(said).toBe(`${count((pages - 1) * A_PAGE + 1)} à ${count(planned)} sur ${count(planned)}`)
  await expect.poll(() => rows.count()).toBe(planned - (pages - 1) * A_PAGE)
  await expect.poll(() => ledger.locator('ol').count()).toBe(0)
  // No row is half hidden by the sticky bar.
  await page.locator('html').evaluate((html) => html.scrollTo(0, 0))
  expect(await violationsIn(page, Object.values(LOOKS))).toEqual([])

  // Each page is one request, however many were shown before.
  expect(asked).toBeLessThan(12)

  // Another state starts at its first page.
  await ledger.getByRole('combobox', { name: 'Filtrer les destinataires par état' }).click()
  await page.getByRole('option', { name: /^Remis/ }).click()
  await expect.poll(said).toMatch(/^1 à 50 sur /)
})
