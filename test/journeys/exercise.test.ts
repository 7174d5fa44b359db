import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axe from 'axe-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AlertPage, AlertView } from '../../src/alerts/contract.ts'
import { readConfig } from '../../src/config.ts'
import { type RunningServer, startServer } from '../../src/start/serve.ts'
import { launchBrowser } from '../support/browser.ts'

let directory: string
let server: RunningServer
let browser: Browser
const contexts: BrowserContext[] = []
const errors: string[] = []

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tocsin-exercise-'))
  const config = readConfig({ PORT: '0', TOCSIN_DATA_DIR: directory, TOCSIN_LOG_LEVEL: 'silent' })
  server = await startServer(config, { contours: false })
  browser = await launchBrowser()
}, 180_000)
afterAll(async () => {
  for (const context of contexts) await context.close()
  await browser?.close()
  await server?.stop()
  rmSync(directory, { recursive: true, force: true })
})

async function enter(door: string | null, path: string, width = 1440): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: width < 760 ? 'dark' : 'light',
    locale: 'fr-FR',
    reducedMotion: 'reduce',
    baseURL: server.url,
  })
  contexts.push(context)
  if (door !== null) {
    const answer = await context.request.post('/api/demo/sessions', {
      data: { as: door },
      headers: { origin: server.url },
    })
    expect(answer.ok()).toBe(true)
  }
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  page.on('pageerror', (error) => errors.push(error.message))
  await page.goto(path)
  return page
}

/** Everything that axe finds on the page as it stands. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  const result = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run({ resultTypes: ['violations'] }),
  )
  const overflow = await page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth)
  return [
    ...result.violations.map(
      ({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(' ')).join(' | ')}`,
    ),
    ...(overflow > 0 ? [`${overflow} px wider than the screen`] : []),
  ]
}

/** Confirms in the open sheet by two presses of Enter, once the doctrine is answered, and waits for the alert's page. */
async function send(page: Page): Promise<string> {
  await page.keyboard.press('Control+Enter')
  const sheet = page.getByRole('dialog')
  await sheet.getByRole('button', { name: 'Oui, constatée' }).click()
  const hold = sheet.getByRole('button', { name: /Maintenir pour diffuser/ })
  await hold.waitFor()
  await hold.focus()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/alertes\/[0-9a-f-]{36}$/)
  return page.url().split('/').at(-1) ?? ''
}

test('an exercise says so everywhere, rings simulated phones alone, and counts nowhere', async () => {
  const page = await enter('operator', '/salle')
  await page.getByRole('switch', { name: 'Exercice' }).check({ force: true })
  await page.getByText('EXERCICE : aucun message réel').waitFor()
  await page.getByRole('radio', { name: 'Faux billets' }).check({ force: true })
  await page.getByRole('combobox', { name: 'Où' }).fill('Issoire')
  await page
    .getByRole('option', { name: /^Issoire/ })
    .first()
    .click()
  // The phone shows what will leave: the word first.
  await page
    .getByText(/^EXERCICE Faux billets/)
    .first()
    .waitFor()
  expect(await violations(page)).toEqual([])
  const id = await send(page)

  await page.getByText('EXERCICE : aucun message réel').waitFor()
  const answer = await page.request.get(`/api/schemes/ac63/alerts/${id}`)
  const { alert } = (await answer.json()) as AlertPage
  expect(alert).toMatchObject({ exercise: true, simulated: true })
  expect(alert.sentText).toMatch(/^EXERCICE Faux billets/)
  await expect
    .poll(async () => {
      const { handsets } = (await (await page.request.get('/api/demo/handsets?limit=500')).json()) as {
        handsets: { messages: { text: string }[] }[]
      }
      return handsets.filter(({ messages }) => messages.some(({ text }) => text === alert.sentText)).length
    })
    .toBeGreaterThan(10)

  // Not among what really happened, in a list of its own.
  await page.goto('/journal')
  await page.getByText('Le journal est vide').waitFor()
  expect(await page.getByRole('article').count()).toBe(0)
  await page.getByRole('switch', { name: 'Exercices' }).click({ force: true })
  const entry = page.getByRole('article').first()
  await entry.getByText('Faux billets').waitFor()
  await entry.getByText('Exercice', { exact: true }).waitFor()
  expect(await violations(page)).toEqual([])
  await page.goto('/series')
  await page.getByText('Aucun fait ne se ressemble depuis 30 jours').waitFor()

  // No message reached the member in whose name it was planned.
  const member = await enter('member', '/mes-alertes')
  await member.getByRole('heading', { level: 1 }).waitFor()
  const { alerts } = (await (await member.request.get('/api/schemes/ac63/alerts')).json()) as {
    alerts: AlertView[]
  }
  expect(alerts).toEqual([])

  // Whoever doubts is told that it was one.
  const visitor = await enter(null, '/verifier', 390)
  await visitor.getByLabel('Le message reçu').fill(alert.sentText ?? '')
  await visitor.getByRole('button', { name: 'Vérifier', exact: true }).click()
  await visitor.getByText('Ce message est authentique').waitFor()
  await visitor.getByText('C’était un exercice : les faits sont inventés.').waitFor()
  expect(await violations(visitor)).toEqual([])
  expect(errors).toEqual([])
}, 120_000)

test('a drill of what needs two persons: its author may be the second, without a reason for the zone', async () => {
  const page = await enter('chief', '/salle')
  await page.getByRole('switch', { name: 'Exercice' }).check({ force: true })
  await page.getByRole('radio', { name: 'Vol à main armée' }).check({ force: true })
  await page.getByRole('combobox', { name: 'Où' }).fill('Clermont-Ferrand')
  await page
    .getByRole('option', { name: /^Clermont-Ferrand/ })
    .first()
    .click()
  await page.getByRole('button', { name: /Soumettre/ }).waitFor()
  // In the police’s zone, and he is of the gendarmerie: nobody is to be told of what happens nowhere.
  expect(await page.getByText('Motif hors zone').count()).toBe(0)
  await page.keyboard.press('Control+Enter')
  const sheet = page.getByRole('dialog')
  await sheet.getByRole('button', { name: 'Oui, constatée' }).click()
  await sheet.getByText('En exercice, ce peut être son auteur.', { exact: false }).waitFor()
  await sheet.getByRole('button', { name: 'Soumettre', exact: true }).click()
  await page.getByText('Alerte soumise.', { exact: false }).waitFor()

  await page.getByRole('link', { name: /À valider 1 alerte vous attend/ }).click()
  const card = page.getByRole('article').filter({ hasText: 'Vol à main armée' })
  await card.getByText('Exercice\u00a0: vous pouvez décider de ce que vous avez écrit.').waitFor()
  expect(await violations(page)).toEqual([])
  await card.getByRole('button', { name: /^Diffuser à/ }).click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /Maintenir pour diffuser/ })
    .waitFor()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/alertes\/[0-9a-f-]{36}$/)
  const id = page.url().split('/').at(-1)
  const { alert } = (await (await page.request.get(`/api/schemes/ac63/alerts/${id}`)).json()) as AlertPage
  expect(alert).toMatchObject({ exercise: true, approval: { decision: 'approved', overridden: false } })
  expect(alert.approval.authors).toContain(alert.approval.decidedById)
  expect(alert.sentText).toMatch(/^EXERCICE /)
  expect(errors).toEqual([])
}, 60_000)
