import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { AlertView, NearList } from '../../src/alerts/contract.ts'
import type { ReportView } from '../../src/reports/contract.ts'
import { atName } from '../../src/territory/places/naming.ts'
import { allViolations, BEHIND_DIALOG, LOOKS, setLook, violationsIn, withDemo } from '../support/demo.ts'

const demo = withDemo()

/** As in web/ui/dialog/dialogKey.ts. */
const MAIN_BUTTON = 'button.mantine-Button-root:is(:not([data-variant]), [data-variant="filled"]):visible'

/** Calls the API as the user of a page. */
const call = <T>(page: Page, method: string, path: string, data?: object) =>
  demo.call<T>(page, method, `/api/schemes/ac63${path}`, data)

async function report(page: Page, categoryCode: string, communeCode: string): Promise<ReportView> {
  return call(page, 'POST', '/reports', { categoryCode, communeCode })
}

/** Creates an alert of a report and submits it. */
async function submit(page: Page, categoryCode: string, communeCode: string): Promise<AlertView> {
  const { id: reportId, commune } = await report(page, categoryCode, communeCode)
  const draft = await call<AlertView>(page, 'POST', '/alerts', {
    reportId,
    text: `Vol à main armée ${atName(commune.name)} à l’instant. Ne pas intervenir, ne pas transférer SMS.`,
    area: { kind: 'commune', code: communeCode },
    doctrine: { offence: true, arrested: false, level: 'established' },
    outsideZoneReason: 'Essai',
  })
  return call(page, 'POST', `/alerts/${draft.id}/submit`, { version: draft.version })
}

/** Sends an alert, although others are near. */
async function broadcast(page: Page, draft: AlertView, reportId: string): Promise<void> {
  const { alerts } = await call<NearList>(page, 'POST', '/alerts/near', { reportId })
  const confirmNear = alerts.filter(({ mustConfirm }) => mustConfirm).map(({ id }) => id)
  await call(page, 'POST', `/alerts/${draft.id}/broadcast`, { version: draft.version, confirmNear })
}

async function compose(page: Page, category: string, commune: string): Promise<void> {
  await page.getByRole('radio', { name: category }).check({ force: true })
  await page.getByRole('combobox', { name: 'Où' }).fill(commune)
  await page
    .getByRole('option', { name: new RegExp(`^${commune}`) })
    .first()
    .click()
  await page.locator('input[id^="zone-"]').first().waitFor({ state: 'attached' })
  await page.getByRole('button', { name: /^(Diffuser à|Soumettre)/ }).waitFor()
}

async function shut(page: Page): Promise<void> {
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
}

test('every dialog of the room is accessible', async () => {
  const page = await demo.enter('chief', '/salle')
  const dialog = page.getByRole('dialog')
  const found: string[] = []
  const look = async (where: string) => {
    await setLook(page, LOOKS.phone)
    const all = [...(await allViolations(page, BEHIND_DIALOG)), ...(await violationsIn(page, [LOOKS.desk]))]
    found.push(...all.map((what) => `${where}: ${what}`))
    // The button that Ctrl+Enter presses, last in the order of all dialogs; a question has its answers instead.
    const buttons = await dialog.locator(MAIN_BUTTON).allInnerTexts()
    if (buttons.length > 1) found.push(`${where}: ${buttons.length} main buttons: ${buttons.join(', ')}`)
  }

  // An alert of the same place was just sent: the notice is beside the sheet.
  const first = await report(page, 'counterfeit-notes', '63040')
  const draft = await call<AlertView>(page, 'POST', '/alerts', {
    reportId: first.id,
    text: `Faux billets Billom. Ne pas intervenir, ne pas transférer SMS.`,
    area: { kind: 'commune', code: '63040' },
    doctrine: { offence: true, arrested: false, level: 'established' },
    outsideZoneReason: 'Essai',
  })
  await broadcast(page, draft, first.id)
  await compose(page, 'Faux billets', 'Billom')
  await page.getByRole('region', { name: 'Alertes proches', exact: true }).waitFor()
  await page.keyboard.press('Control+Enter')
  await dialog.getByRole('checkbox').waitFor()
  await look('confirm, near')
  await dialog.getByRole('checkbox').check({ force: true })
  await dialog.getByRole('button', { name: 'Oui, constatée' }).click()
  await dialog.getByRole('button', { name: /Maintenir pour diffuser/ }).waitFor()
  await look('confirm')
  await shut(page)
  await page.getByRole('button', { name: /^Ne pas diffuser/ }).click()
  await dialog.getByRole('radio', { name: 'Doute non levé' }).waitFor()
  await look('refuse')
  await shut(page)
  await page.getByRole('button', { name: 'Effacer', exact: true }).click()

  await compose(page, 'Vol à main armée', 'Courpière')
  await page.keyboard.press('Control+Enter')
  await dialog.getByRole('button', { name: 'Oui, constatée' }).waitFor()
  await look('submit, question')
  await dialog.getByRole('button', { name: 'Oui, constatée' }).click()
  await dialog.getByRole('button', { name: 'Soumettre', exact: true }).waitFor()
  await look('submit')
  await dialog.getByRole('button', { name: 'Diffuser sans attendre…' }).click()
  await dialog.getByLabel('Motif de l’urgence').fill('Auteurs armés.')
  await look('override')
  await shut(page)
  await page.getByRole('button', { name: 'Effacer', exact: true }).click()

  // Another user has claimed the report.
  const operator = await demo.enter('operator', '/alertes')
  const theirs = await report(operator, 'trick-theft', '63430')
  await call(operator, 'POST', `/reports/${theirs.id}/claim`, { take: false })
  // Waits until the screen shows it: before, a click would claim the report.
  await page
    .getByRole('button', { name: /Vol par ruse/ })
    .filter({ hasText: 'pris en charge par' })
    .first()
    .click()
  await dialog.getByRole('button', { name: 'Prendre le relais' }).waitFor()
  await look('take over')
  await page.keyboard.press('Control+Enter')
  await dialog.waitFor({ state: 'detached' })

  // To be returned and rejected.
  const { id, version } = await submit(operator, 'armed-robbery', '63113')
  await page.goto('/a-valider')
  for (const verb of ['Renvoyer…', 'Rejeter…']) {
    await page.getByRole('button', { name: verb }).first().click()
    await dialog.getByLabel('Motif').waitFor()
    await look(verb)
    await shut(page)
  }
  // Leaves only one card for the next test.
  await call(page, 'POST', `/alerts/${id}/reject`, { version, reason: 'Essai' })
  expect(found).toEqual([])
})
