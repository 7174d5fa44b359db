import { sql } from 'kysely'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { Today } from '../../src/today/contract.ts'
import { type Door, LOOKS, settled, violationsIn, withDemo } from '../support/demo.ts'

const demo = withDemo()
const ALL = [LOOKS.desk, LOOKS.darkDesk, LOOKS.phone, LOOKS.lightPhone]

const rail = (page: Page) => page.getByRole('navigation', { name: 'Écrans' })
const groups = (page: Page) => rail(page).locator('a[href]').locator('> span:nth-of-type(1)')

/** Checks that texts of the top bar are shown whole at 1280 px, and within the window. */
async function uncutAt1280(page: Page, texts: readonly (string | RegExp)[]): Promise<void> {
  await page.setViewportSize({ width: 1280, height: 900 })
  await settled(page)
  for (const text of texts) {
    const one = page.getByRole('banner').getByText(text).filter({ visible: true }).first()
    await one.waitFor()
    const { cut, right } = await one.evaluate((element) => ({
      // An inline element has no width of its own to be cut at.
      cut: [element, element.parentElement ?? element].map((box) => box.scrollWidth - box.clientWidth),
      right: element.getBoundingClientRect().right,
    }))
    expect(cut, String(text)).toEqual([0, 0])
    expect(right, String(text)).toBeLessThanOrEqual(1280)
  }
}

/** The entries of the rail on a screen where none of them is unfolded. */
const RAILS: readonly (readonly [Door, string, readonly string[]])[] = [
  [
    'operator',
    '/alertes',
    [
      'Salle d’alerte',
      'À valider',
      'Alertes',
      'Journal',
      'Statistiques',
      'Adhérents',
      'Règles du dispositif',
    ],
  ],
  [
    'chief',
    '/alertes',
    ['Salle d’alerte', 'À valider', 'Alertes', 'Journal', 'Statistiques', 'Adhérents', 'Réglages'],
  ],
  ['magistrate', '/alertes', ['À valider', 'Alertes', 'Journal', 'Statistiques', 'Règles du dispositif']],
  [
    'chamber',
    '/alertes',
    [
      'Aujourd’hui',
      'Adhérents',
      'Cotisations',
      'Messages',
      'Territoire',
      'Alertes',
      'Statistiques',
      'Réglages',
    ],
  ],
]

test('each role has a rail of its work, eight groups at most, whose screens unfold under the current one', {
  tags: 'long',
}, async () => {
  for (const [door, path, expected] of RAILS) {
    const page = await demo.enter(door, path)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await expect.poll(() => groups(page).allInnerTexts(), { message: door }).toEqual(expected)
    expect(expected.length).toBeLessThanOrEqual(8)
    await expect
      .poll(() => rail(page).locator('[aria-current=page]').allInnerTexts(), { message: door })
      .toEqual(['Alertes'])
  }
  const chamber = await demo.enter('chamber', '/numeros')
  await rail(chamber).getByRole('link', { name: 'Numéros' }).and(chamber.locator('[aria-current]')).waitFor()
  for (const [name, url] of [
    ['Doublons', '**/adherents/doublons'],
    ['Importer', '**/importer'],
    [/^Demandes/, '**/demandes'],
    ['Liste', '**/adherents'],
  ] as const) {
    await rail(chamber).getByRole('link', { name }).click()
    await chamber.waitForURL(url)
    await rail(chamber).getByRole('link', { name }).and(chamber.locator('[aria-current=page]')).waitFor()
  }
})

test('the scheme and the agency are never cut, and the content never wider than the screen', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('operator', '/alertes')
  const place = page.getByRole('banner').getByText('Police nationale', { exact: false })
  await place.waitFor()
  for (const [width, shape] of [
    [1440, 216],
    [1280, 216],
    [768, 56],
  ] as const) {
    await page.setViewportSize({ width, height: 900 })
    await settled(page)
    const { cut, over } = await place.evaluate((one) => ({
      cut: one.scrollWidth - one.clientWidth,
      over: one.ownerDocument.documentElement.scrollWidth - one.ownerDocument.documentElement.clientWidth,
    }))
    expect([cut, over], String(width)).toEqual([0, 0])
    expect((await rail(page).boundingBox())?.width).toBe(shape)
  }
  // At 1280 px nor is anything else of the top bar, also for a delegate of several trades.
  await uncutAt1280(page, ['Alerte Commerces 63', /Police nationale/, /^SMS/, 'Claire Fabre'])
  const delegate = await demo.enter('trade_chamber', '/adherents')
  await uncutAt1280(delegate, ['Alerte Commerces 63', 'Buralistes et presse', 'Bernard Chazal'])
  await sql`update grants set trades = ${['tobacco-press', 'bakeries', 'jewellers']}::text[]
    where scheme_id = 'ac63' and role = 'trade_chamber'`.execute(demo.deps.db)
  await delegate.reload()
  await uncutAt1280(delegate, ['3 métiers', 'Bernard Chazal'])
  await delegate.getByRole('button', { name: /\(compte\)/ }).press('Enter')
  await delegate.getByText('Boulangeries', { exact: false }).first().waitFor()
  // The room has no width to spare.
  await page.setViewportSize({ width: 1440, height: 900 })
  await rail(page).getByRole('link', { name: 'Salle d’alerte' }).click()
  await page.getByRole('radio', { name: 'Faux billets' }).waitFor()
  expect((await rail(page).boundingBox())?.width).toBe(56)
  await rail(page).getByRole('button', { name: 'Déplier le menu' }).press('Enter')
  await page.getByRole('dialog').getByRole('link', { name: 'Séries' }).press('Enter')
  await page.waitForURL('**/series')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
})

test('on a phone the rail is a bar at the bottom, whose last button opens the rest', async () => {
  const page = await demo.enter('chamber', '/aujourdhui', { look: LOOKS.lightPhone })
  await page.getByRole('heading', { level: 1, name: 'Aujourd’hui' }).waitFor()
  const box = await rail(page).boundingBox()
  expect((box?.y ?? 0) + (box?.height ?? 0)).toBe(844)
  await expect.poll(() => rail(page).getByRole('link').count()).toBe(4)
  await rail(page).getByRole('button', { name: 'Plus' }).click()
  const all = page.getByRole('dialog')
  await all.getByRole('link', { name: 'Doublons' }).waitFor()
  expect(await violationsIn(page, [LOOKS.lightPhone])).toEqual([])
  await all.getByRole('link', { name: 'Réglages' }).click()
  await page.getByRole('heading', { level: 1, name: 'Réglages' }).waitFor()

  // A menu holds the actions for which the head of the members has no room.
  await rail(page).getByRole('link', { name: 'Adhérents' }).click()
  const menu = page.getByRole('main').getByRole('button', { name: 'Plus' })
  await menu.press('Enter')
  // The exports are there once the members are.
  await expect.poll(() => page.getByRole('menuitem').count()).toBe(5)
  expect(await violationsIn(page, [LOOKS.lightPhone])).toEqual([])
  await page.keyboard.press('Escape')
  await expect.poll(() => menu.evaluate((one) => one === one.ownerDocument.activeElement)).toBe(true)
})

test('on a phone the settings show their list or one part, and keep what is not saved', async () => {
  const page = await demo.enter('chamber', '/reglages', { look: LOOKS.lightPhone })
  const list = page.getByRole('navigation', { name: 'Parties des réglages' })
  const part = page.getByRole('heading', { level: 2, name: 'Fréquence des alertes' })
  const focused = page.locator(':focus')
  await list.waitFor()
  await expect.poll(() => page.getByRole('heading', { level: 2 }).count()).toBe(0)
  expect(await violationsIn(page, [LOOKS.lightPhone])).toEqual([])

  // A screen of its own is left by its link, or by the back key.
  await list.getByRole('link', { name: 'Routes SMS' }).click()
  await page.waitForURL('**/routes')
  await page.getByRole('main').getByRole('link', { name: 'Réglages' }).click()
  await expect.poll(() => focused.textContent()).toBe('Routes SMS')
  await list.getByRole('link', { name: 'Journal d’audit' }).click()
  await page.waitForURL('**/audit')
  await page.goBack()
  await expect.poll(() => focused.textContent()).toBe('Journal d’audit')

  await list.getByRole('link', { name: 'Fréquence des alertes' }).click()
  await part.waitFor()
  await expect.poll(() => focused.textContent()).toBe('Fréquence des alertes')
  await expect.poll(() => list.isVisible()).toBe(false)
  expect((await part.boundingBox())?.y).toBeLessThan(300)
  const field = page.getByRole('textbox').first()
  await field.fill('19')

  await page.getByRole('heading', { level: 1 }).getByRole('link', { name: 'Réglages' }).click()
  await expect
    .poll(() => focused.textContent())
    .toMatch(/^Fréquence des alertes\s*modifications non enregistrées$/)
  await expect.poll(() => part.isVisible()).toBe(false)
  await page.goBack()
  await part.waitFor()
  await expect.poll(() => field.inputValue()).toBe('19')
  await page.goBack()
  await list.waitFor()
})

test('the settings have a list of their own, with the SMS routes and the audit log', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('chamber', '/reglages')
  const list = page.getByRole('navigation', { name: 'Parties des réglages' })
  // The first of the list is open.
  await list.locator('li:first-child > a[data-on]', { hasText: /^Dispositif$/ }).waitFor()
  for (const [group, item, url] of [
    ['Canaux', 'Routes SMS', '**/routes'],
    ['Contrôle', 'Journal d’audit', '**/audit'],
    ['Accès', 'Astreintes et magistrats', '**/reglages?partie=astreintes'],
  ] as const) {
    await list.getByRole('list', { name: group }).getByRole('link', { name: item }).click()
    await page.waitForURL(url)
    await expect.poll(() => list.locator('[aria-current=page]').allInnerTexts()).toEqual([item])
  }
})

test('a chamber begins with what waits: a number and one button a line, by keyboard too', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('chamber', '/')
  await page.getByRole('link', { name: 'Reprendre' }).click()
  await page.waitForURL('**/aujourdhui')
  const today = await demo.call<Today>(page, 'GET', '/api/schemes/ac63/today')
  const lines = page.getByRole('region', { name: 'Ce qui attend' }).getByRole('listitem')
  await lines.first().waitFor()
  const counts = [today.requests, today.numbers, today.duplicates, today.dues, today.charters].map(
    (one) => one?.count ?? 0,
  )
  expect(counts.filter((count) => count > 0).length).toBeGreaterThan(3)
  await expect.poll(() => lines.count()).toBe(counts.filter((count) => count > 0).length)
  await expect.poll(() => lines.first().getByRole('link').count()).toBe(1)

  // The list behind each button has as many.
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  await page.keyboard.press('k')
  await expect.poll(() => page.locator(':focus').getAttribute('aria-label')).toMatch(/^Vérifier/)
  await page.keyboard.press('Enter')
  await page.waitForURL('**/numeros?facette=dead')
  await page.goBack()
  await page.getByRole('link', { name: /^Suivre/ }).click()
  await page.waitForURL(/\/cotisations\?.*etat=late/)
  await page.getByText(`En retard (${today.dues?.count})`).waitFor()
  await page.goBack()
  await page.getByRole('link', { name: /^Voir\s: Chartes/ }).click()
  await page.getByText(`${today.charters.count} adhérents`, { exact: true }).waitFor()

  await page.goto('/aujourdhui')
  const alerts = page.getByRole('region', { name: 'Dernières alertes' })
  await alerts.getByRole('listitem').first().waitFor()
  await expect.poll(() => alerts.getByRole('listitem').count()).toBe(today.alerts?.length)
  await expect
    .poll(() => page.getByRole('region', { name: 'Le mois en quatre chiffres' }).getByRole('heading').count())
    .toBe(4)
  // Within one screen.
  const end = await alerts.boundingBox()
  expect((end?.y ?? 0) + (end?.height ?? 0)).toBeLessThanOrEqual(LOOKS.desk.height)
  expect(await violationsIn(page, ALL)).toEqual([])
})

test('says calmly that nothing waits', { tags: 'long' }, async () => {
  const page = await demo.enter('chamber', '/adherents')
  await page.route('**/api/schemes/*/today', async (route) => {
    const answer = await route.fetch()
    const today: Today = await answer.json()
    const none = { count: 0 }
    await route.fulfill({
      response: answer,
      json: {
        ...today,
        requests: { ...today.requests, ...none },
        numbers: { ...today.numbers, ...none },
        duplicates: none,
        dues: null,
        charters: { ...today.charters, ...none },
      },
    })
  })
  await rail(page).getByRole('link', { name: 'Aujourd’hui' }).click()
  await page.getByRole('heading', { name: 'Rien à faire' }).waitFor()
})

test('the exercise stripes the top bar, and the demo’s phones and mails are in its banner', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('operator', '/salle')
  await page.getByRole('switch', { name: 'Exercice' }).check({ force: true })
  await expect.poll(() => page.locator('html').getAttribute('data-exercise')).toBe('')
  await page.getByRole('link', { name: 'Courriels' }).click()
  await page.waitForURL('**/courriels')
  await expect.poll(() => page.locator('html').getAttribute('data-exercise')).toBeNull()
  await expect.poll(() => rail(page).locator('[aria-current=page]').count()).toBe(0)
  await page.getByRole('link', { name: 'Les téléphones' }).click()
  await page.waitForURL('**/telephones')
})
