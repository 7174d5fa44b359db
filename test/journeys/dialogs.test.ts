import axe from 'axe-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { AlertView, NearList } from '../../src/alerts/contract.ts'
import type { ReportView } from '../../src/reports/contract.ts'
import type { RunningServer } from '../../src/start/serve.ts'
import { atName } from '../../src/territory/naming.ts'
import { launchBrowser } from '../support/browser.ts'
import { copyDemo, removeDemo, startOn } from '../support/demo.ts'
import type { DemoCopy } from '../support/global-setup.ts'

let copy: DemoCopy
let server: RunningServer
let browser: Browser
const contexts: BrowserContext[] = []
const errors: string[] = []
beforeEach(() => {
  errors.length = 0
})

beforeAll(async () => {
  copy = await copyDemo()
  server = await startOn(copy)
  browser = await launchBrowser({ maps: false })
}, 180_000)
afterAll(async () => {
  for (const context of contexts) await context.close()
  await browser?.close()
  await server?.stop()
  await removeDemo(copy)
})

type Door = 'operator' | 'chief' | 'magistrate'
interface Look {
  readonly width: number
  readonly colorScheme: 'light' | 'dark'
}
const DESK: Look = { width: 1440, colorScheme: 'light' }
const PHONE: Look = { width: 390, colorScheme: 'dark' }

async function enter(door: Door, path: string, look = DESK): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: look.width, height: 900 },
    colorScheme: look.colorScheme,
    locale: 'fr-FR',
    reducedMotion: 'reduce',
    baseURL: server.url,
  })
  contexts.push(context)
  await context.grantPermissions(['notifications'], { origin: server.url })
  // What the page asks of the desktop is noted, and done.
  await context.addInitScript(`{
    globalThis.seen = []
    globalThis.tones = 0
    globalThis.Notification = new Proxy(Notification, {
      construct(target, [title, options]) {
        seen.push({ title, body: options.body })
        return new target(title, options)
      },
    })
    const { start } = OscillatorNode.prototype
    OscillatorNode.prototype.start = function (at) {
      globalThis.tones += 1
      start.call(this, at)
    }
  }`)
  const answer = await context.request.post('/api/demo/sessions', {
    data: { as: door },
    headers: { origin: server.url },
  })
  expect(answer.ok()).toBe(true)
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  page.on('pageerror', (error) => errors.push(error.message))
  await page.goto(path)
  return page
}

/** Asks the API as the person of a page. */
async function call<T>(page: Page, method: string, path: string, data?: object): Promise<T> {
  const answer = await page.request.fetch(`/api/schemes/ac63${path}`, {
    method,
    maxRetries: 2,
    ...(data && { data }),
    headers: { origin: server.url },
  })
  expect(answer.ok(), `${method} ${path} ${await answer.text()}`).toBe(true)
  return (await answer.json()) as T
}

async function report(page: Page, categoryCode: string, communeCode: string): Promise<ReportView> {
  return call(page, 'POST', '/reports', { categoryCode, communeCode })
}

/** An alert of a report, as somebody submits it. */
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

/** Sends an alert; one is near it when its test is tried again. */
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

/** Everything that axe finds on the page as it stands, with the dialog in which it stands. */
async function violations(page: Page, where: string): Promise<string[]> {
  await page.evaluate(axe.source)
  const result = await page.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run({ resultTypes: ['violations'] }),
  )
  const overflow = await page.locator('html').evaluate((html) => html.scrollWidth - html.clientWidth)
  return [
    ...result.violations.map(
      ({ id, nodes }) => `${where}: ${id}: ${nodes.map((node) => node.target.join(' ')).join(' | ')}`,
    ),
    ...(overflow > 0 ? [`${where}: ${overflow} px wider than the screen`] : []),
  ]
}

async function shut(page: Page): Promise<void> {
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
}

test.each([
  [
    '1440 px, light',
    DESK,
    { near: ['Faux billets', 'Billom'], twice: '63040', held: '63430', laid: '63113' },
  ],
  ['390 px, dark', PHONE, { near: ['Faux billets', 'Ambert'], twice: '63003', held: '63125', laid: '63178' }],
] as const)(
  'every dialog of the room is accessible: %s',
  async (_name, look, { near, twice, held, laid }) => {
    const page = await enter('chief', '/salle', look)
    const dialog = page.getByRole('dialog')
    const found: string[] = []
    const look1 = async (where: string) => found.push(...(await violations(page, where)))
    const [category, commune] = near

    // An alert of the same place just left: the notice stands beside the sheet.
    const first = await report(page, 'counterfeit-notes', twice)
    const draft = await call<AlertView>(page, 'POST', '/alerts', {
      reportId: first.id,
      text: `Faux billets ${commune}. Ne pas intervenir, ne pas transférer SMS.`,
      area: { kind: 'commune', code: twice },
      doctrine: { offence: true, arrested: false, level: 'established' },
      outsideZoneReason: 'Essai',
    })
    await broadcast(page, draft, first.id)
    await compose(page, category, commune)
    await page.getByRole('region', { name: 'Alertes proches', exact: true }).waitFor()
    await page.keyboard.press('Control+Enter')
    await dialog.getByRole('checkbox').waitFor()
    await look1('confirm, near')
    await dialog.getByRole('checkbox').check({ force: true })
    await dialog.getByRole('button', { name: 'Oui, constatée' }).click()
    await dialog.getByRole('button', { name: /Maintenir pour diffuser/ }).waitFor()
    await look1('confirm')
    await shut(page)
    await page.getByRole('button', { name: /^Ne pas diffuser/ }).click()
    await dialog.getByRole('radio', { name: 'Doute non levé' }).waitFor()
    await look1('refuse')
    await shut(page)
    await page.getByRole('button', { name: 'Effacer', exact: true }).click()

    await compose(page, 'Vol à main armée', 'Courpière')
    await page.keyboard.press('Control+Enter')
    await dialog.getByRole('button', { name: 'Oui, constatée' }).waitFor()
    await look1('submit, question')
    await dialog.getByRole('button', { name: 'Oui, constatée' }).click()
    await dialog.getByRole('button', { name: 'Soumettre', exact: true }).waitFor()
    await look1('submit')
    await dialog.getByRole('button', { name: 'Diffuser sans attendre…' }).click()
    await dialog.getByLabel('Motif de l’urgence').fill('Auteurs armés.')
    await look1('override')
    await shut(page)
    await page.getByRole('button', { name: 'Effacer', exact: true }).click()

    // Somebody else is on a report.
    const operator = await enter('operator', '/alertes')
    const theirs = await report(operator, 'trick-theft', held)
    await call(operator, 'POST', `/reports/${theirs.id}/claim`, { take: false })
    // Once the screen has it: before, it would be theirs who click.
    await page
      .getByRole('button', { name: /Vol par ruse/ })
      .filter({ hasText: 'pris en charge par' })
      .first()
      .click()
    await dialog.getByRole('button', { name: 'Prendre le relais' }).waitFor()
    await look1('take over')
    await shut(page)

    // To send back and to reject.
    const { id, version } = await submit(operator, 'armed-robbery', laid)
    await page.goto('/a-valider')
    for (const verb of ['Renvoyer…', 'Rejeter…']) {
      await page.getByRole('button', { name: verb }).first().click()
      await dialog.getByLabel('Motif').waitFor()
      await look1(verb)
      await shut(page)
    }
    // One card alone for whoever looks next.
    await call(page, 'POST', `/alerts/${id}/reject`, { version, reason: 'Essai' })
    expect(found).toEqual([])
    expect(errors).toEqual([])
  },
  180_000,
)

test('the magistrate is told of an alert to decide on: sound, desktop and tab; muted, none of them', async () => {
  const magistrate = await enter('magistrate', '/journal')
  const chief = await enter('chief', '/journal')
  const operator = await enter('operator', '/alertes')
  const seen = (page: Page) => page.evaluate<{ title: string; body: string }[]>('globalThis.seen')
  const tones = (page: Page) => page.evaluate<number>('globalThis.tones')
  for (const page of [magistrate, chief]) {
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.getByRole('button', { name: 'Être prévenu' }).click()
    await page.getByRole('switch', { name: 'Notification du bureau' }).click()
    await expect
      .poll(() => page.getByRole('switch', { name: 'Notification du bureau' }).isChecked())
      .toBe(true)
    await page.keyboard.press('Escape')
  }
  const before = Number(/^\((\d+)\)/.exec(await magistrate.title())?.[1] ?? 0)
  const alert = await submit(operator, 'armed-robbery', '63284')
  await expect
    .poll(() => seen(magistrate), { timeout: 15_000 })
    .toEqual([
      {
        title: `L’alerte ${alert.reference} attend votre décision.`,
        body: `Vol à main armée · ${alert.commune.name}`,
      },
    ])
  expect(await tones(magistrate)).toBe(2)
  await expect.poll(() => magistrate.title()).toMatch(new RegExp(`^\\(${before + 1}\\) `))
  await magistrate.getByText(`L’alerte ${alert.reference} attend votre décision.`).waitFor()

  await magistrate.getByRole('button', { name: 'Être prévenu' }).click()
  await magistrate.getByRole('switch', { name: 'Prévenir' }).click()
  await magistrate.keyboard.press('Escape')
  await expect.poll(() => magistrate.title()).toMatch(/^Journal/)
  const next = await submit(operator, 'armed-robbery', '63236')
  // On the screen all the same.
  await magistrate.getByText(`L’alerte ${next.reference} attend votre décision.`).waitFor()
  await magistrate.waitForTimeout(500)
  expect(await seen(magistrate)).toHaveLength(1)
  expect(await tones(magistrate)).toBe(2)
  expect(await magistrate.title()).toMatch(/^Journal/)
  expect(errors).toEqual([])
}, 90_000)

test('the agency in whose zone another gives an alert is told, and counted until it was looked at', async () => {
  const chief = await enter('chief', '/journal')
  await chief.getByRole('heading', { level: 1 }).waitFor()
  const operator = await enter('operator', '/alertes')
  const { id: reportId } = await report(operator, 'trick-theft', '63338')
  const draft = await call<AlertView>(operator, 'POST', '/alerts', {
    reportId,
    text: 'Vol par ruse à Saint-Éloy. Ne pas intervenir, ne pas transférer SMS.',
    area: { kind: 'departement', code: '63' },
    doctrine: { offence: true, arrested: false, level: 'established' },
    outsideZoneReason: 'Appel reçu au CIC',
  })
  if (draft.zone.inside) throw new Error(`${draft.commune.name} is in the zone of the police`)
  const links = chief.getByRole('link', { name: /^À valider/ })
  const countOf = async () => Number(/(\d+)\1 alerte/.exec((await links.textContent()) ?? '')?.[1] ?? 0)
  // The count comes after the page: the same twice.
  let before = -1
  const isStill = async () => {
    const seen = await countOf()
    const isSame = seen === before
    before = seen
    return isSame
  }
  await expect.poll(isStill, { interval: 1500 }).toBe(true)
  await broadcast(operator, draft, reportId)
  await chief.getByText(`Un autre service a donné l’alerte ${draft.reference} dans votre zone.`).waitFor()
  await expect.poll(countOf).toBe(before + 1)
  await links.click()
  await chief.getByRole('heading', { name: /^Dans votre zone/ }).waitFor()
  await expect.poll(countOf).toBe(before)
  expect(errors).toEqual([])
}, 60_000)
