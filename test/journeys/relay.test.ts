/**
 * A relay to another scheme is rare; src/relays proves it.
 * @module-tag long
 */
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { AlertPage, AlertView } from '../../src/alerts/contract.ts'
import type { ReportView } from '../../src/reports/contract.ts'
import { enterCall, LOOKS, sendByKeyboard, violations, withDemo } from '../support/demo.ts'

const demo = withDemo()

const TEXT = 'Faux billets à Riom ce jour à 10h. Ne pas intervenir, ne pas transférer SMS.'

/** Sends an alert of the Puy-de-Dôme through the API, since other journeys show its screens. */
async function alertOfRiom(page: Page): Promise<AlertView> {
  const post = <T>(path: string, data: object) => demo.call<T>(page, 'POST', `/api/schemes/ac63${path}`, data)
  const report = await post<ReportView>('/reports', {
    categoryCode: 'counterfeit-notes',
    communeCode: '63300',
    facts: 'Billets de 50 euros, berline noire',
  })
  await post('/reports', {
    categoryCode: 'counterfeit-notes',
    communeCode: '63245',
    facts: 'Deux billets de 50 euros, même berline noire',
  })
  const alert = await post<AlertView>('/alerts', {
    reportId: report.id,
    text: TEXT,
    area: { kind: 'commune', code: '63300' },
    trades: [],
    doctrine: { offence: true, arrested: false, level: 'established' },
    outsideZoneReason: 'Appel reçu au CIC',
  })
  return post<AlertView>(`/alerts/${alert.id}/broadcast`, { version: alert.version })
}

test('63 relays to 03, which accepts, adapts and sends: one history on both sides', async () => {
  const page = await demo.enter('operator', '/series')
  const alert = await alertOfRiom(page)
  await page.reload()

  // Two similar incidents are linked, and the neighbours near them proposed.
  await page.getByRole('heading', { name: 'Rapprochements proposés' }).waitFor()
  await page.getByText('mots : ', { exact: false }).first().waitFor()
  expect(await violations(page)).toEqual([])
  await page.getByRole('button', { name: 'Lier en série' }).click()
  const near = page.getByRole('listitem').filter({ hasText: 'Alerte Buralistes 03, à' })
  await near.getByRole('button', { name: `Prévenir avec ${alert.reference}` }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('checkbox', { name: /Alerte Buralistes 03/ }).waitFor()
  await expect
    .poll(() => dialog.getByRole('checkbox', { name: /Alerte Buralistes 03/ }).isChecked())
    .toBe(true)
  await dialog.getByLabel(/Un mot à l’opérateur/).fill('Berline noire partie vers Gannat')
  expect(await violations(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Proposer le relais' }).click()
  await near.getByText('prévenu').waitFor()

  // In the other scheme, the room shows it, on a phone too.
  const phone = await demo.enter('neighbour', '/series', { look: LOOKS.phone })
  await phone.getByRole('button', { name: 'Accepter et adapter' }).waitFor()
  expect(await violations(phone)).toEqual([])
  const other = await demo.enter('neighbour', '/salle')
  await other.getByRole('link', { name: /1 relais à examiner/ }).click()
  const card = other.getByRole('article').filter({ hasText: 'Alerte Commerces 63 propose de relayer' })
  await card.getByText(TEXT, { exact: false }).waitFor()
  await card.getByText('Berline noire partie vers Gannat').waitFor()
  // The area is asked for: Riom is outside, so the smallest circle that reaches the scheme comes first, not all of it.
  const area = card.getByRole('combobox', { name: 'Qui prévenir dans votre dispositif' })
  await expect.poll(() => area.inputValue()).toBe('radius-30-63300')
  await card.getByText(/\d+ adhérents?\s; se change encore/).waitFor()
  await area.selectOption('radius-100-63300')
  await card.getByRole('button', { name: 'Accepter et adapter' }).click()
  await other.waitForURL('**/salle')
  await other.getByText(`Relais : Alerte Commerces 63, ${alert.reference}`, { exact: false }).waitFor()
  const message = other.locator('#message')
  await expect.poll(() => message.inputValue()).toBe(TEXT)
  await message.fill(
    'Faux billets à Riom (63), auteurs partis vers Gannat à 10h. Ne pas intervenir, ne pas transférer SMS.',
  )
  const id = await sendByKeyboard(other)

  const theirs = await demo.call<AlertPage>(other, 'GET', `/api/schemes/ab03/alerts/${id}`)
  expect(theirs.alert.reference).toMatch(/^03-/)
  expect(theirs.alert.sentText).toContain('vers Gannat')
  expect(theirs.alert.progress?.planned).toBeGreaterThan(100)
  await other.getByText('Reçu de : Alerte Commerces 63').waitFor()
  const steps = [
    'Alerte Commerces 63 a reçu l’appel',
    'Alerte Commerces 63 a diffusé l’alerte',
    'Alerte Commerces 63 a proposé le relais',
    'Alerte Buralistes 03 a accepté le relais',
    'Alerte Buralistes 03 a diffusé l’alerte',
  ]
  for (const step of steps) await other.getByText(step).waitFor()
  expect(await violations(other)).toEqual([])

  // A call whose area crosses into another scheme says so before it leaves, and proposes the relay as it leaves.
  await page.goto('/salle')
  await enterCall(page, '1', 'saint-p', /^Saint-Pourçain|^Saint-Priest-Bramefant/)
  await page.getByRole('radio', { name: 'Faux billets' }).check({ force: true })
  await page.getByRole('radio', { name: /20 km/ }).check({ force: true })
  const crossed = page.getByRole('region', { name: 'Zone à cheval sur un autre dispositif' })
  await crossed.getByText(/Alerte Buralistes 03\s: ses commerces ne sont pas prévenus/).waitFor()
  expect(await violations(page)).toEqual([])
  await crossed
    .getByRole('checkbox', { name: 'Proposer aussi le relais à Alerte Buralistes 03' })
    .check({ force: true })
  await page.getByRole('radio', { name: 'Appel reçu ici' }).check({ force: true })
  await sendByKeyboard(page)
  await page.getByText('Proposé à Alerte Buralistes 03').waitFor()

  // The relaying user sees the same history, and nothing else of the other scheme.
  await page.goto(`/alertes/${alert.id}`)
  await page.getByText('Proposé à Alerte Buralistes 03').waitFor()
  for (const step of steps) await page.getByText(step).waitFor()
  await page.getByText(theirs.alert.reference).first().waitFor()
  await expect.poll(() => page.getByText('auteurs partis vers Gannat', { exact: false }).count()).toBe(0)
  expect((await page.request.get(`/api/schemes/ab03/alerts/${id}`)).status()).toBe(404)
  expect(await violations(page)).toEqual([])
})
