import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Page } from 'playwright-core'
import { readConfig } from '../src/config.ts'
import { startServer } from '../src/start/serve.ts'
import { importContours } from '../src/territory/import.ts'
import { launchBrowser } from '../test/support/browser.ts'

/**
 * Takes the screenshots of docs/screenshots/ on a throw-away demo: `npm run screenshots`. With
 * `--contours FILE.geojson`, the map of département 63 shows contours instead of points.
 */
const { values } = parseArgs({ options: { contours: { type: 'string' } } })
const OUT = new URL('../docs/screenshots/', import.meta.url).pathname
const DESK = { width: 1440, height: 900 }
const PHONE = { width: 390, height: 844 }

const directory = mkdtempSync(join(tmpdir(), 'tocsin-screenshots-'))
const config = readConfig({ PORT: '0', TOCSIN_DATA_DIR: directory, TOCSIN_LOG_LEVEL: 'error' })
const server = await startServer(config, { contours: false, tell: console.error })
const browser = await launchBrowser()
try {
  mkdirSync(OUT, { recursive: true })
  if (values.contours !== undefined) {
    const system = { kind: 'system', name: 'screenshots' } as const
    const file = { departementCode: '63', bytes: readFileSync(values.contours), source: 'file' }
    await importContours(server.deps, system, file)
  }
  await take('start', DESK, 'light', null, (page) => page.goto('/'))
  await take('room-light', DESK, 'light', 'operator', fillRoom)
  await take('room-dark', DESK, 'dark', 'operator', fillRoom)
  await take('room-phone', PHONE, 'light', 'operator', fillRoom)
  await waiting()
  await take('approval-light', DESK, 'light', 'chief', (page) => page.goto('/a-valider'))
  await take('approval-dark', DESK, 'dark', 'chief', (page) => page.goto('/a-valider'))
  await take('approval-phone', PHONE, 'light', 'chief', (page) => page.goto('/a-valider'))
  await take('alert', DESK, 'light', 'operator', broadcast)
  await take('phones', DESK, 'light', null, (page) => page.goto('/telephones'))
  await take('members', DESK, 'light', 'chamber', (page) => page.goto('/adherents'))
  await take('routes', DESK, 'light', 'operator', whileSending)
  await take('journal', DESK, 'light', 'operator', (page) => page.goto('/journal'))
} finally {
  await browser.close()
  await server.stop()
  rmSync(directory, { recursive: true, force: true })
}

async function take(
  name: string,
  viewport: { width: number; height: number },
  colorScheme: 'light' | 'dark',
  door: string | null,
  visit: (page: Page) => Promise<unknown>,
): Promise<void> {
  const context = await browser.newContext({
    viewport,
    colorScheme,
    locale: 'fr-FR',
    baseURL: server.url,
    timezoneId: 'Europe/Paris',
  })
  if (door !== null) {
    await context.request.post('/api/demo/sessions', { data: { as: door }, headers: { origin: server.url } })
  }
  const page = await context.newPage()
  await visit(page)
  // The map and the figures settle.
  await page.waitForTimeout(2500)
  await page.screenshot({ path: join(OUT, `${name}.png`) })
  await context.close()
  console.error(name)
}

/** An alert that waits for a second person, with the prosecutor's word. */
async function waiting(): Promise<void> {
  const context = await browser.newContext({
    locale: 'fr-FR',
    baseURL: server.url,
    timezoneId: 'Europe/Paris',
  })
  await context.request.post('/api/demo/sessions', {
    data: { as: 'operator' },
    headers: { origin: server.url },
  })
  const page = await context.newPage()
  await page.goto('/salle')
  await page.getByRole('radio', { name: 'Vol par ruse' }).check({ force: true })
  await page.getByRole('combobox', { name: 'Où' }).fill('Riom')
  await page.getByRole('option', { name: /^Riom/ }).first().click()
  await page.getByRole('radio', { name: /Communes voisines/ }).check({ force: true })
  await page
    .locator('#message')
    .fill(
      'Vol par ruse à Riom à 17h30. Peugeot 208 grise immatriculée GH-482-LP. Ne pas intervenir, appeler le 17.',
    )
  await page.locator('#niveau-precise').check({ force: true })
  await page.getByLabel('Magistrat').fill('Mme Delmas')
  await page.getByLabel('Étendue').fill('plaque et couleur du véhicule')
  await page.getByRole('button', { name: 'Consigner l’autorisation' }).click()
  await page.getByText('Valable pour ce texte et ces destinataires.').waitFor()
  await page.keyboard.press('Control+Enter')
  await page.getByRole('button', { name: 'Oui, constatée' }).click()
  await page.getByRole('button', { name: 'Soumettre', exact: true }).click()
  await page.getByText('Alerte soumise.', { exact: false }).waitFor()
  await context.close()
}

/** The routes at work: an alert leaves in the same moment. */
async function whileSending(page: Page): Promise<void> {
  await page.goto('/routes')
  await page.getByRole('heading', { level: 2 }).first().waitFor()
  await page.waitForTimeout(8000)
  const other = await page.context().newPage()
  await broadcast(other)
  await other.close()
  await page.waitForTimeout(4000)
}

async function fillRoom(page: Page): Promise<void> {
  await page.goto('/salle')
  await page.getByRole('radio', { name: 'Faux billets' }).waitFor()
  await page.keyboard.press('2')
  await page.keyboard.type('iss')
  await page
    .getByRole('option', { name: /Issoire/ })
    .first()
    .waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('radio', { name: /Agglo/ }).waitFor()
  await page.keyboard.press('a')
}

async function broadcast(page: Page): Promise<void> {
  await fillRoom(page)
  await page.waitForTimeout(1000)
  await page.keyboard.press('Control+Enter')
  await page.getByRole('dialog').getByRole('button', { name: 'Oui, constatée' }).waitFor()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  await page.waitForURL(/alertes\/[0-9a-f-]{36}$/, { timeout: 15_000 })
}
