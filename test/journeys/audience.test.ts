import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { AlertPage, AlertView, AudienceView } from '../../src/alerts/contract.ts'
import type { ReportView } from '../../src/reports/contract.ts'
import type { SectorView } from '../../src/schemes/sectors/contract.ts'
import { confirmTwice, enterCall, LOOKS, settled, violationsIn, withDemo } from '../support/demo.ts'

const demo = withDemo()
const SCHEME = '/api/schemes/ac63'
const THIERS = '63430'
const CLERMONT = '63113'

const membersOf = async (page: Page, id: string) => {
  const body = { area: { kind: 'sector', id }, trades: [], severity: 'vital' }
  return (await demo.call<AudienceView>(page, 'POST', `${SCHEME}/audience/preview`, body)).members
}
const alertOf = async (page: Page, id: string) =>
  (await demo.call<AlertPage>(page, 'GET', `${SCHEME}/alerts/${id}`)).alert

/** Draws a sector of one commune, on the chamber's screen. */
const draw = (chamber: Page, name: string) =>
  demo.call<SectorView>(chamber, 'POST', `${SCHEME}/sectors`, { name, communeCodes: [THIERS] })
const enlarge = (chamber: Page, { id, name, version }: SectorView) =>
  demo.call<SectorView>(chamber, 'PUT', `${SCHEME}/sectors/${id}`, {
    name,
    version,
    communeCodes: [THIERS, CLERMONT],
  })

test('a sector enlarged while the approver’s sheet is open: both see the difference, and it can only be returned', {
  tags: 'long',
}, async () => {
  const chamber = await demo.enter('chamber', '/reglages')
  const sector = await draw(chamber, 'Secteur de la Durolle')
  const operator = await demo.enter('operator', '/salle')
  const report = await demo.call<ReportView>(operator, 'POST', `${SCHEME}/reports`, {
    categoryCode: 'armed-robbery',
    communeCode: THIERS,
  })
  const draft = await demo.call<AlertView>(operator, 'POST', `${SCHEME}/alerts`, {
    reportId: report.id,
    text: 'Vol à main armée à Thiers. Ne pas intervenir, appeler le 17.',
    area: { kind: 'sector', id: sector.id },
    trades: [],
    doctrine: { offence: true, arrested: false, level: 'established' },
  })
  const { id } = await demo.call<AlertView>(operator, 'POST', `${SCHEME}/alerts/${draft.id}/submit`, {
    version: draft.version,
  })
  const before = await membersOf(operator, sector.id)
  await operator.goto(`/alertes/${id}`)

  const chief = await demo.enter('chief', `/alertes/${id}`)
  await chief.getByRole('button', { name: `Diffuser à ${before}` }).click()
  const sheet = chief.getByRole('dialog')
  await sheet.getByRole('button', { name: 'Maintenir pour diffuser' }).waitFor()

  await enlarge(chamber, sector)
  const after = await membersOf(operator, sector.id)
  expect(after).toBeGreaterThan(before)
  const said = `${before} → ${after} commerçants depuis la soumission.`
  await sheet.getByText(said).waitFor()
  await operator.getByText(said).waitFor()
  await operator.getByRole('link', { name: 'Reprendre pour modifier' }).waitFor()
  await expect.poll(() => sheet.getByRole('button', { name: /Maintenir/ }).count()).toBe(0)
  expect(await violationsIn(chief, [LOOKS.desk, LOOKS.phone])).toEqual([])

  await sheet.getByRole('button', { name: 'Renvoyer' }).click()
  const reason = chief.getByRole('dialog').getByLabel('Motif')
  await reason.fill('Le secteur a été agrandi depuis : à relire.')
  await chief.getByRole('dialog').getByRole('button', { name: 'Renvoyer' }).click()
  await expect.poll(async () => (await alertOf(operator, id)).state).toBe('returned')
  expect((await alertOf(operator, id)).orderedAt).toBeNull()
})

test('a sector enlarged while the author’s sheet is open: nothing is sent before the new figures are confirmed', {
  tags: 'long',
}, async () => {
  const chamber = await demo.enter('chamber', '/reglages')
  const sector = await draw(chamber, 'Secteur des coutelleries')
  const operator = await demo.enter('operator', '/salle')
  await enterCall(operator, '4', 'thiers', /^Thiers/)
  await operator.getByRole('radio', { name: /Secteur des coutelleries/ }).check({ force: true })
  const before = await membersOf(operator, sector.id)
  await operator.keyboard.press('Control+Enter')
  const sheet = operator.getByRole('dialog')
  await sheet.getByRole('button', { name: 'Oui, constatée' }).click()
  await sheet.getByRole('heading', { name: `Diffuser à ${before} commerçants` }).waitFor()

  await enlarge(chamber, sector)
  const after = await membersOf(operator, sector.id)
  await sheet.getByText(`${before} → ${after} commerçants depuis que cette fenêtre est ouverte.`).waitFor()
  await expect.poll(() => sheet.getByRole('button', { name: /Maintenir/ }).count()).toBe(0)
  expect(await violationsIn(operator, [LOOKS.phone, LOOKS.desk])).toEqual([])

  await sheet.getByRole('button', { name: 'Relire avec ces destinataires' }).click()
  await sheet.getByRole('heading', { name: `Diffuser à ${after} commerçants` }).waitFor()
  const id = await confirmTwice(operator, /Maintenir pour diffuser/)
  const alert = await alertOf(operator, id)
  expect(alert.area).toEqual({ kind: 'sector', id: sector.id })
  expect(alert.progress?.planned).toBeGreaterThanOrEqual(after)
})

test('on the map of the room a click is the place and a drag the area, by keyboard and by finger too, and each is undone', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('operator', '/salle', { maps: true })
  await enterCall(page, '1', 'bill', /Billom/)
  const where = page.getByRole('combobox', { name: 'Où' })
  const chip = page.getByRole('button', { name: /^\+? ?(Sur la carte : )?\d+ communes? Renoncer au dessin/ })
  const undo = page.getByRole('button', { name: 'Annuler le dernier geste' })
  await page.getByRole('radio', { name: '10 km' }).check({ force: true })
  const ring = page.locator('[data-place="63040"]')
  /** Returns the position of the place of the facts on the screen. */
  const middle = async () => {
    const box = await ring.boundingBox()
    if (box === null) throw new Error('no place on the map')
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
  }
  await page.getByText('Clic : lieu des faits. Glisser : zone prévenue.').waitFor()

  // From the place to the edge of the map, across the limit of the area.
  const from = await middle()
  await page.mouse.move(from.x, from.y)
  await page.mouse.down()
  await page.mouse.move(from.x - 165, from.y, { steps: 4 })
  await page.mouse.up()
  await chip.waitFor()
  await expect.poll(() => where.inputValue()).toMatch(/^Billom/)
  // The named area stays selected beside what was added to it.
  await expect.poll(() => page.getByRole('radio', { name: '10 km' }).isChecked()).toBe(true)
  await undo.click()
  await chip.waitFor({ state: 'hidden' })

  await page.mouse.click(from.x - 60, from.y)
  await expect.poll(() => where.inputValue()).not.toMatch(/^Billom/)
  await page.locator('canvas').focus()
  await page.keyboard.press('Control+z')
  await expect.poll(() => where.inputValue()).toMatch(/^Billom/)

  // The same by keyboard: the first arrow starts at the place, the next ones lead to its neighbours.
  const said = page.getByRole('status').filter({ hasText: /dans la zone/ })
  await page.keyboard.press('ArrowUp')
  await said.filter({ hasText: /^Billom · .*, dans la zone, lieu des faits$/ }).waitFor()
  await page.keyboard.press('ArrowUp')
  await said.filter({ hasNotText: 'Billom' }).waitFor()
  await page.keyboard.press('Space')
  await chip.filter({ hasText: 'Sur la carte' }).waitFor()
  await page.keyboard.press('Control+z')
  await chip.waitFor({ state: 'hidden' })
  await page.keyboard.press('Enter')
  await expect.poll(() => where.inputValue()).not.toMatch(/^Billom/)
  await page.keyboard.press('Control+z')

  const phone = await demo.enter('operator', '/salle', { look: LOOKS.phone, touch: true, maps: true })
  await enterCall(phone, '1', 'bill', /Billom/)
  // Before it is drawn and has moved to the area, a finger would meet another commune, or none.
  const canvas = phone.locator('[data-ready=true] canvas')
  await canvas.scrollIntoViewIfNeeded()
  await phone.locator('[data-place="63040"]').waitFor()
  await phone.getByText('Toucher : lieu des faits. Deux doigts : déplacer la carte.').waitFor()
  await settled(phone)
  const box = await canvas.boundingBox()
  if (box === null) throw new Error('no map')
  await phone.touchscreen.tap(box.x + box.width / 2, box.y + box.height / 2 - 90)
  await expect.poll(() => phone.getByRole('combobox', { name: 'Où' }).inputValue()).not.toMatch(/^Billom/)
  await phone.getByRole('button', { name: 'Annuler le dernier geste' }).tap()
  await expect.poll(() => phone.getByRole('combobox', { name: 'Où' }).inputValue()).toMatch(/^Billom/)
  await phone.getByRole('button', { name: 'Ajouter', exact: true }).tap()
  await phone.getByText('Toucher : lieu des faits. Glisser : zone prévenue.').waitFor()
  expect(await violationsIn(phone, [LOOKS.phone, LOOKS.lightPhone])).toEqual([])
})
