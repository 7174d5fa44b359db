import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axe from 'axe-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { type RunningServer, startServer } from '../../src/start/serve.ts'
import { launchBrowser } from '../support/browser.ts'

const CALLER = '+33639981234'

let directory: string
let server: RunningServer
let browser: Browser
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tocsin-refusal-'))
  const config = readConfig({ PORT: '0', TOCSIN_DATA_DIR: directory, TOCSIN_LOG_LEVEL: 'silent' })
  server = await startServer(config, { contours: false })
  browser = await launchBrowser()
}, 180_000)
afterAll(async () => {
  await browser?.close()
  await server?.stop()
  rmSync(directory, { recursive: true, force: true })
})

async function enter(door: string): Promise<{ context: BrowserContext; page: Page; errors: string[] }> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: 'fr-FR',
    timezoneId: 'Europe/Paris',
    reducedMotion: 'reduce',
    baseURL: server.url,
  })
  const answer = await context.request.post('/api/demo/sessions', {
    data: { as: door },
    headers: { origin: server.url },
  })
  expect(answer.ok()).toBe(true)
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  return { context, page, errors }
}

async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe.source)
  const found = await page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'],
    })
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)
  })
  expect(found).toEqual([])
}

test('a refusal is answered: the caller’s phone rings with the text chosen, and the journal says so', async () => {
  const { context, page, errors } = await enter('operator')
  await page.goto('/salle')
  await page.getByRole('radio', { name: 'Faux billets' }).waitFor()
  await page.keyboard.press('2')
  await page.keyboard.type('iss')
  await page
    .getByRole('option', { name: /Issoire/ })
    .first()
    .waitFor()
  await page.keyboard.press('Enter')
  await page
    .getByRole('radio', { name: /Issoire/ })
    .first()
    .waitFor()
  await page.getByRole('combobox', { name: /Appelant/ }).fill('06 39 98 12 34')

  await page.getByRole('button', { name: /Ne pas diffuser/ }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('radio', { name: 'Déjà diffusé' }).check({ force: true })
  const answer = dialog.getByRole('textbox', { name: 'Réponse' })
  await expect.poll(() => answer.inputValue()).toContain('une alerte est déjà partie')
  // Another reason, another text; one's own words stay.
  await dialog.getByRole('radio', { name: 'Doute non levé' }).check({ force: true })
  await expect.poll(() => answer.inputValue()).toContain('les faits restent à vérifier')
  await answer.fill('Bonjour, billets vérifiés : ils sont bons. Merci de votre appel “rapide”.')
  await dialog.getByRole('radio', { name: 'Pas d’infraction' }).check({ force: true })
  const sent = 'Bonjour, billets vérifiés : ils sont bons. Merci de votre appel "rapide".'
  // The phone in the dialog shows what will be sent, folded.
  await dialog.getByRole('figure').getByText(sent).waitFor()
  await expectAccessible(page)
  await dialog.getByRole('button', { name: 'Classer sans diffuser' }).click()
  await dialog.waitFor({ state: 'hidden' })

  const received = async () => {
    const { handsets } = (await (await context.request.get('/api/demo/handsets?q=639981234')).json()) as {
      handsets: { phone: string; messages: { text: string; from: string }[] }[]
    }
    return handsets.find(({ phone }) => phone.replace('+', '') === CALLER.slice(1))?.messages ?? []
  }
  await expect
    .poll(async () => (await received()).map(({ text }) => text), { timeout: 20_000 })
    .toEqual([sent])

  await page.goto('/journal?statistiques=oui')
  const entry = page.getByRole('article').first()
  const told = entry.getByText(/^Réponse remise à l’appelant/)
  await expect
    .poll(
      async () => {
        if ((await told.count()) > 0) return true
        await page.reload()
        await entry.waitFor()
        return false
      },
      { timeout: 20_000, interval: 1000 },
    )
    .toBe(true)
  await told.click()
  await entry.getByText('ils sont bons').waitFor()
  await page.getByRole('row', { name: /Pas d’infraction/ }).waitFor()
  await expectAccessible(page)

  const download = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Exporter (CSV)' }).click()
  const file = await (await download).path()
  const csv = readFileSync(file, 'utf8')
  expect(csv).toContain('pas d’infraction')
  expect(csv).toContain('ils sont bons')
  expect(csv).not.toContain('639981234')
  // Once, whatever is asked again.
  expect(await received()).toHaveLength(1)
  expect(errors).toEqual([])
  await context.close()
}, 120_000)

test('quiet hours chosen by the chamber leave a shop in peace, and the preview says so', async () => {
  const chamber = await enter('chamber')
  const { page } = chamber
  await page.goto('/adherents?q=Issoire')
  const first = page.locator('tbody tr button').first()
  await first.waitFor()
  await first.click()
  const drawer = page.getByRole('dialog')
  await drawer.getByRole('radio', { name: 'Choisies' }).check({ force: true })
  // The whole day but a minute, whenever this test runs.
  const minute = new Date(Date.now() - 120_000)
  const clock = new Intl.DateTimeFormat('fr-FR', {
    timeZone: 'Europe/Paris',
    hour: '2-digit',
    minute: '2-digit',
  })
  const before = new Date(minute.getTime() - 60_000)
  await drawer.getByLabel('De', { exact: false }).first().fill(clock.format(minute))
  await drawer.getByLabel('À', { exact: false }).first().fill(clock.format(before))
  await drawer.getByRole('button', { name: 'Enregistrer' }).click()
  await page.getByText('Heures calmes enregistrées.').waitFor()
  await expectAccessible(page)

  const { context, page: room, errors } = await enter('operator')
  await room.goto('/salle')
  await room.getByRole('radio', { name: 'Faux billets' }).waitFor()
  await room.keyboard.press('2')
  await room.keyboard.type('iss')
  await room
    .getByRole('option', { name: /Issoire/ })
    .first()
    .waitFor()
  await room.keyboard.press('Enter')
  await room.getByText(/numéros? laissés? en paix/).waitFor()
  // What is vital reaches it all the same.
  await room.keyboard.press('Escape')
  await room.getByRole('radio', { name: 'Vol à main armée' }).check({ force: true })
  await room.getByText(/numéros? laissés? en paix/).waitFor({ state: 'detached' })

  // One step back.
  await drawer.getByRole('button', { name: 'Revenir au choix précédent' }).click()
  await expect.poll(() => drawer.getByRole('radio', { name: 'Celles du dispositif' }).isChecked()).toBe(true)
  expect(errors).toEqual([])
  expect(chamber.errors).toEqual([])
  await context.close()
  await chamber.context.close()
}, 120_000)
