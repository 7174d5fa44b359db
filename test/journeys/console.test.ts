import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axe from 'axe-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '../../src/config.ts'
import { type RunningServer, startServer } from '../../src/start/serve.ts'
import { launchBrowser } from '../support/browser.ts'

const SENT = "Faux billets agglomération d'Issoire. Ne pas intervenir, ne pas transférer SMS."

let directory: string
let server: RunningServer
let browser: Browser

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tocsin-console-'))
  const config = readConfig({ PORT: '0', TOCSIN_DATA_DIR: directory, TOCSIN_LOG_LEVEL: 'silent' })
  server = await startServer(config, { contours: false })
  browser = await launchBrowser()
}, 180_000)
afterAll(async () => {
  await browser?.close()
  await server?.stop()
  rmSync(directory, { recursive: true, force: true })
})

interface Look {
  readonly width: number
  readonly height: number
  readonly colorScheme: 'light' | 'dark'
}
const DESK: Look = { width: 1440, height: 900, colorScheme: 'light' }

async function open(
  look: Look = DESK,
  locale = 'fr-FR',
): Promise<{ context: BrowserContext; page: Page; errors: string[] }> {
  const context = await browser.newContext({
    viewport: { width: look.width, height: look.height },
    colorScheme: look.colorScheme,
    locale,
    reducedMotion: 'reduce',
    baseURL: server.url,
  })
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  return { context, page, errors }
}

async function enter(context: BrowserContext, door: string): Promise<void> {
  const answer = await context.request.post('/api/demo/sessions', {
    data: { as: door },
    headers: { origin: server.url },
  })
  expect(answer.ok()).toBe(true)
}

/** Orders an alert by keyboard alone, and counts what it takes. */
async function alertByKeyboard(page: Page): Promise<{ interactions: number; ms: number }> {
  let interactions = 0
  const press = async (key: string) => {
    interactions += 1
    await page.keyboard.press(key)
  }
  await page.getByRole('radio', { name: 'Faux billets' }).waitFor()
  const start = performance.now()
  await press('2')
  interactions += 1
  await page.keyboard.type('iss')
  await page
    .getByRole('option', { name: /Issoire/ })
    .first()
    .waitFor()
  await press('Enter')
  await page.getByRole('radio', { name: /Agglo/ }).waitFor()
  await press('a')
  await page.getByText(SENT).first().waitFor()
  await press('Control+Enter')
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /Maintenir pour diffuser/ })
    .waitFor()
  await press('Enter')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/alertes\/[0-9a-f-]{36}$/, { timeout: 15_000 })
  return { interactions, ms: performance.now() - start }
}

test('the call to 17, by keyboard: the phones ring and the bar reaches 100 %', async () => {
  const { context, page, errors } = await open()
  const phones = await context.newPage()
  await phones.goto('/telephones')
  await page.goto('/')
  await page.getByRole('button', { name: /Opératrice/ }).click()
  await page.waitForURL('**/salle')
  const { interactions, ms } = await alertByKeyboard(page)
  // U1: at most 6 interactions (the confirming double Enter is one) and 20 s.
  expect(interactions).toBeLessThanOrEqual(6)
  expect(ms).toBeLessThan(20_000)

  const bar = page.getByRole('progressbar').first()
  await expect
    .poll(async () => Number(await bar.getAttribute('aria-valuenow')), { timeout: 15_000 })
    .toBeGreaterThan(0)
  const planned = Number(await bar.getAttribute('aria-valuemax'))
  expect(planned).toBeGreaterThan(50)
  await expect
    .poll(async () => Number(await bar.getAttribute('aria-valuenow')), { timeout: 15_000 })
    .toBe(planned)
  await page.getByText(SENT).first().waitFor()

  await phones.getByText(SENT).first().waitFor()
  const { handsets } = (await (await context.request.get('/api/demo/handsets?limit=500')).json()) as {
    handsets: { messages: { text: string }[] }[]
  }
  const rang = handsets.filter((handset) => handset.messages.some((message) => message.text === SENT))
  expect(rang).toHaveLength(planned)
  expect(errors).toEqual([])
  await context.close()
}, 90_000)

test('a report that is not broadcast is logged with its reason', async () => {
  const { context, page, errors } = await open()
  await enter(context, 'operator')
  await page.goto('/salle')
  await page.getByRole('radio', { name: 'Vol par ruse' }).waitFor()
  await page.keyboard.press('3')
  await page.keyboard.type('thie')
  await page
    .getByRole('option', { name: /Thiers/ })
    .first()
    .waitFor()
  await page.keyboard.press('Enter')
  await page
    .getByRole('radio', { name: /Thiers/ })
    .first()
    .waitFor()
  await page.getByRole('button', { name: /Ne pas diffuser/ }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('radio').first().check({ force: true })
  await dialog.getByRole('button', { name: 'Classer sans diffuser' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await page.goto('/journal')
  await page.getByText('Vol par ruse').first().waitFor()
  await page.getByText('Thiers').first().waitFor()
  expect(errors).toEqual([])
  await context.close()
}, 60_000)

test('each role lands on its own screen and sees only its own', async () => {
  const doors = [
    ['operator', '/salle', true],
    ['chamber', '/adherents', false],
    ['magistrate', '/alertes', false],
    ['member', '/mes-alertes', false],
  ] as const
  for (const [door, path, room] of doors) {
    const { context, page, errors } = await open()
    await enter(context, door)
    await page.goto(path)
    await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' })
    expect(await page.getByRole('link', { name: 'Salle d’alerte' }).count(), door).toBe(room ? 1 : 0)
    expect(errors).toEqual([])
    await context.close()
  }
}, 60_000)

test('English from one click, kept after a reload', async () => {
  const { context, page } = await open()
  await enter(context, 'operator')
  await page.goto('/salle')
  await page
    .getByRole('button', { name: /English|EN/ })
    .first()
    .click()
  await page.getByRole('link', { name: 'Alert room' }).waitFor()
  await page.reload()
  await page.getByRole('link', { name: 'Alert room' }).waitFor()
  expect(await page.locator('html').getAttribute('lang')).toBe('en')
  await context.close()
}, 60_000)

describe('accessibility: no axe violation', () => {
  const looks: [string, Look][] = [
    ['1440 px, light', DESK],
    ['1440 px, dark', { ...DESK, colorScheme: 'dark' }],
    ['390 px, light', { width: 390, height: 844, colorScheme: 'light' }],
    ['390 px, dark', { width: 390, height: 844, colorScheme: 'dark' }],
  ]
  const screens: [door: string | null, path: string][] = [
    [null, '/'],
    ['operator', '/salle'],
    ['operator', '/alertes'],
    ['operator', 'first alert'],
    ['operator', '/journal'],
    ['chamber', '/adherents'],
    ['operator', '/telephones'],
    ['member', '/mes-alertes'],
    ['operator', '/nowhere'],
  ]
  test.each(looks)(
    '%s',
    async (_name, look) => {
      const found: string[] = []
      for (const [door, screen] of screens) {
        const { context, page, errors } = await open(look)
        if (door !== null) await enter(context, door)
        let path = screen
        if (screen === 'first alert') {
          const { alerts } = (await (await context.request.get('/api/schemes/ac63/alerts')).json()) as {
            alerts: { id: string }[]
          }
          path = `/alertes/${alerts[0]?.id}`
        }
        await page.goto(path)
        await page.getByRole('heading', { level: 1 }).first().waitFor({ state: 'attached' })
        await page.waitForLoadState('load')
        await page.waitForTimeout(400)
        await page.evaluate(axe.source)
        const { violations } = await page.evaluate(() =>
          (globalThis as unknown as { axe: typeof axe }).axe.run({ resultTypes: ['violations'] }),
        )
        for (const { id, nodes } of violations) {
          found.push(
            `${screen}: ${id}: ${nodes
              .map((node) => node.target.join(' '))
              .slice(0, 3)
              .join(' | ')}`,
          )
        }
        // Nothing to the right of the screen.
        const overflow = await page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth)
        if (overflow > 0) found.push(`${screen}: ${overflow} px wider than the screen`)
        found.push(...errors.map((error) => `${screen}: ${error}`))
        await context.close()
      }
      expect(found).toEqual([])
    },
    120_000,
  )
})
