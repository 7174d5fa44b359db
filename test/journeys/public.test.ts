import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { WEB_DIRECTORY } from '../../src/start/http/web-build.ts'
import fr from '../../web/messages/fr.json' with { type: 'json' }
import { LOOKS, receivedBy, violationsIn, withDemo } from '../support/demo.ts'
import { runsOf, sampleOf } from '../support/random.ts'
import { excessOverRelease } from '../support/released-size.ts'

const demo = withDemo()
const BOTH = [LOOKS.desk, LOOKS.phone]

const callsOf = (page: Page) => page.locator('a[href="tel:17"]').allTextContents()

test('a text to call 17 is a link that calls it', async () => {
  const page = await demo.enter(null, '/dispositif/ac63', { look: LOOKS.phone })
  await page.getByRole('link', { name: 'Appeler le 17' }).waitFor()
  expect(await callsOf(page)).toEqual(['Appeler le 17', 'appelez le 17'])
  await page.goto('/verifier')
  await page.getByLabel('Le message reçu').fill('Bonjour, cliquez ici')
  // Without a reference it cannot be checked, which is no reason to trust it.
  await page.getByRole('button', { name: 'Vérifier' }).click()
  await page.getByText('Sans référence, ce message ne peut pas être vérifié ici').waitFor()
  await page.getByText('N’ouvrez aucun lien', { exact: false }).waitFor()
  await page.getByLabel('Référence').fill('63-26-9999')
  await page.getByText('Sans référence, ce message', { exact: false }).waitFor({ state: 'detached' })
  const asked = page.waitForRequest('**/api/public/verify**')
  await page.getByRole('button', { name: 'Vérifier' }).click()
  const request = await asked
  // A text must not be in the logs of a proxy or the history of a browser.
  expect([request.method(), new URL(request.url()).search, new URL(page.url()).search]).toEqual([
    'POST',
    '',
    '',
  ])
  await page.getByRole('link', { name: 'appelez le 17' }).waitFor()
  const english = await demo.enter(null, '/dispositif/ac63', { locale: 'en-GB' })
  await english.getByRole('link', { name: 'Call 17', exact: true }).first().waitFor()
  expect(await callsOf(english)).toEqual(['Call 17', 'call 17'])
})

/**
 * Kilobytes of 1024 octets as a release sends them, and requests, before the map, answers of the API included. Measured: 196 for the form to join,
 * 20 for the pages of an invitation and of the break-glass account.
 */
const BUDGET = { kilobytes: 198, requests: 20 }
interface PublicPage {
  readonly at: string
  readonly title?: string
  readonly desktop?: true
  /** True: measured in each run. */
  readonly largest?: true
}
/**
 * The public pages of router.tsx, each with an address, its title where that depends on the installation, and whether its desktop
 * layout is measured too.
 */
const PUBLIC_PAGES: Readonly<Record<string, PublicPage>> = {
  '/': { at: '/' },
  '/verifier': { at: '/verifier' },
  '/numero/$token': { at: '/numero/unknown' },
  '/demo/carte/$order': { at: '/demo/carte/unknown' },
  '/parquet/$scheme/$id': { at: '/parquet/ac63/00000000-0000-4000-8000-000000000001' },
  '/invitation': { at: '/invitation#unknown' },
  '/secours': { at: '/secours', desktop: true },
  // Without the name of a provider.
  '/connexion/depart': { at: '/connexion/depart', title: fr['provider.title.unknown'] },
  '/connexion/retour': { at: '/connexion/retour?code=unknown', title: fr['provider.title.unknown'] },
  '/dispositif/$scheme': { at: '/dispositif/ac63' },
  '/dispositif/$scheme/donnees': { at: '/dispositif/ac63/donnees' },
  '/accessibilite': { at: '/accessibilite' },
  '/dispositif/$scheme/accessibilite': { at: '/dispositif/ac63/accessibilite' },
  '/dispositif/$scheme/etat': { at: '/dispositif/ac63/etat', desktop: true },
  '/dispositif/$scheme/inscription': { at: '/dispositif/ac63/inscription', largest: true },
  // Its sign-in, which is shown at the address of any of its pages.
  '/portail': { at: '/portail/commerce' },
}
/** In `npm test`, a third of them by the seed of the run, and the one nearest to the budget. */
const measured = new Set(sampleOf(Object.values(PUBLIC_PAGES), runsOf(Object.keys(PUBLIC_PAGES).length)).some)
/** Files of the map, which is loaded after the rest of its page. */
const MAP = /\/(?:map|maplibre|MapCanvas)[^/]*$|\/contours/
const SUM_SHIFTS = `
  window.shifts = 0
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) window.shifts += value
  }).observe({ type: 'layout-shift', buffered: true })`

/** Collects the path and the octets of each response, in the order of their ends. */
async function watchLoad(
  page: Page,
): Promise<{ path: string; octets: number; sentAt: number; endedAt: number }[]> {
  const network = await page.context().newCDPSession(page)
  await network.send('Network.enable')
  const sent = new Map<string, { path: string; sentAt: number }>()
  const ended: { path: string; octets: number; sentAt: number; endedAt: number }[] = []
  network.on('Network.requestWillBeSent', ({ requestId, request, timestamp }) =>
    sent.set(requestId, { path: new URL(request.url).pathname, sentAt: timestamp }),
  )
  network.on('Network.loadingFinished', ({ requestId, encodedDataLength, timestamp }) => {
    const request = sent.get(requestId)
    if (request !== undefined) ended.push({ ...request, octets: encodedDataLength, endedAt: timestamp })
  })
  return ended
}

/** Sums responses as a release sends them, in units of 1024 octets: a run with `CI` set compresses the web less well. */
async function kilobytesOf(loaded: readonly { path: string; octets: number }[]): Promise<number> {
  const released = await Promise.all(
    loaded.map(async ({ path, octets }) =>
      path.startsWith('/assets/') ? octets - (await excessOverRelease(join(WEB_DIRECTORY, path))) : octets,
    ),
  )
  return released.reduce((sum, octets) => sum + octets, 0) / 1024
}

const CHAMBER = 'a[href="tel:+33465716300"]'

test('a public page names the contact at the chamber, loads within its budget, and nothing of it moves', async () => {
  const source = readFileSync('web/router.tsx', 'utf8')
  const routes = source.split('createRoute({').filter((route) => route.includes('component: publicPage('))
  const paths = routes.map((route) => /path: '([^']+)'/.exec(route)?.[1])
  expect([...paths, '/portail'].toSorted()).toEqual(Object.keys(PUBLIC_PAGES).toSorted())
  for (const shown of Object.values(PUBLIC_PAGES)) {
    const { at, desktop, title, largest } = shown
    if (!measured.has(shown) && !largest) continue
    for (const look of desktop ? BOTH : [LOOKS.phone]) {
      const visitor = await demo.visit(null, { look, closed: true })
      const page = await visitor.newPage()
      const loaded = await watchLoad(page)
      await page.addInitScript(SUM_SHIFTS)
      await page.goto(`${demo.url}${at}`, { waitUntil: 'networkidle' })
      const map = loaded.findIndex((one) => MAP.test(one.path))
      const before = loaded.slice(0, map < 0 ? loaded.length : map)
      expect(await page.evaluate('window.shifts'), `${at} moves`).toBeLessThanOrEqual(0.05)
      expect(before.length, at).toBeLessThanOrEqual(BUDGET.requests)
      expect(await kilobytesOf(before), at).toBeLessThanOrEqual(BUDGET.kilobytes)
      await expect.poll(() => page.locator(CHAMBER).count(), { message: at }).toBe(1)
      if (title !== undefined)
        await expect.poll(() => page.getByRole('heading', { level: 1 }).allTextContents()).toEqual([title])
      await visitor.close()
    }
  }
})

/** Until the form of the alert room can be used, its stream of events included. Measured: 249 and 25. */
const ROOM_BUDGET = { kilobytes: 250, requests: 25 }

test('the alert room can be used within its budget', async () => {
  const operator = await demo.visit('operator', { closed: true })
  const page = await operator.newPage()
  const loaded = await watchLoad(page)
  // The rest of the texts comes later, and what is shown before has its own.
  await page.route(`**/assets/${restOfTexts()}`, () => undefined)
  await page.goto(`${demo.url}/salle`)
  await page.locator('main input').first().waitFor()
  // The form is shown with the answer about its scheme.
  const scheme = loaded.find(({ path }) => path === '/api/schemes/ac63')
  const before = loaded.filter(({ sentAt }) => sentAt < (scheme?.endedAt ?? 0))
  expect(await kilobytesOf(before)).toBeLessThanOrEqual(ROOM_BUDGET.kilobytes)
  expect(before.length + 1).toBeLessThanOrEqual(ROOM_BUDGET.requests)
  await page.getByRole('radio', { name: 'Faux billets' }).waitFor()
  expect(await keysShown(page)).toEqual([])
})

/** Returns the file of the French texts that the alert room does not load first. */
function restOfTexts(): string {
  const assets = join(WEB_DIRECTORY, 'assets')
  const files = readdirSync(assets).filter((name) => /^fr-[\w-]+\.js$/.test(name))
  const [largest = ''] = files.toSorted(
    (a, b) => statSync(join(assets, b)).size - statSync(join(assets, a)).size,
  )
  return largest
}

/** Lists the keys that a page shows in place of their texts. */
async function keysShown(page: Page): Promise<string[]> {
  const shown = await page
    .locator('body')
    .evaluate((body) =>
      [...body.querySelectorAll('*')].flatMap((one) => [
        ...['placeholder', 'aria-label', 'title'].map((name) => one.getAttribute(name) ?? ''),
        one.children.length === 0 ? (one.textContent ?? '') : '',
      ]),
    )
  return [...new Set(shown)].filter((text) => Object.hasOwn(fr, text))
}

test('the accessibility statement says what was tested, what was not, and the contact', {
  tags: 'long',
}, async () => {
  const page = await demo.enter(null, '/dispositif/ac63', { look: LOOKS.phone })
  await page.getByRole('link', { name: 'Accessibilité : non conforme' }).click()
  await page.getByRole('heading', { level: 1, name: 'Déclaration d’accessibilité' }).waitFor()
  await page.getByText('Tenue par CCI Puy-de-Dôme', { exact: false }).waitFor()
  await expect
    .poll(() => page.getByRole('heading', { level: 2 }).allTextContents())
    .toEqual([
      'État de conformité',
      'Ce qui est vérifié à chaque version',
      'Ce qui ne l’est pas',
      'Ce qui est dit autrement',
      'Établissement de cette déclaration',
      'Signaler un défaut',
      'Voies de recours',
    ])
  const recourse = page.getByRole('link', { name: 'Écrire au Défenseur des droits' })
  await expect
    .poll(() => recourse.getAttribute('href'))
    .toMatch(/^https:\/\/formulaire\.defenseurdesdroits\.fr/)
  await page.getByRole('link', { name: 'Retour à la page du dispositif' }).click()
  await page.getByRole('heading', { name: 'Alerte Commerces 63' }).waitFor()

  // Without a scheme, and in English.
  const start = await demo.enter(null, '/', { locale: 'en-GB' })
  await start.getByRole('link', { name: 'Accessibility: not compliant' }).click()
  await start.getByRole('heading', { level: 1, name: 'Accessibility statement' }).waitFor()
  await start.goto('/dispositif/nowhere/accessibilite')
  await start.getByRole('heading', { level: 1 }).waitFor()

  const merchant = await demo.enter('merchant', '/portail', { look: LOOKS.phone })
  await merchant.getByRole('link', { name: 'Accessibilité : non conforme' }).click()
  await merchant.getByRole('heading', { level: 1, name: 'Déclaration d’accessibilité' }).waitFor()
})

/** The pause between two requests of the status page. */
const REREAD_MS = 10_000

test('the status page shows whether SMS are sent and when the last alert was, and says when the server does not respond', async () => {
  const page = await demo.enter(null, '/dispositif/ac63', { look: LOOKS.phone, clock: true })
  /** Skips the pauses between the requests of the page, until it shows a text. */
  const untilShown = (text: string) =>
    expect
      .poll(async () => {
        await page.clock.fastForward(REREAD_MS)
        return page.getByText(text).isVisible()
      })
      .toBe(true)
  await page
    .getByRole('img', { name: /^Carte du territoire\. Plus grandes communes : Clermont-Fe/ })
    .waitFor()
  await page.getByRole('link', { name: 'État du service' }).click()
  await page.getByText('Le service répond').waitFor()
  await page.getByText('Les SMS partent', { exact: true }).waitFor()
  const shown = (await page.locator('main').textContent()) ?? ''
  const { routes } = await demo.call<{ routes: { name: string }[] }>(
    await demo.visit('operator'),
    'GET',
    '/api/schemes/ac63/routes',
  )
  expect(routes.length).toBeGreaterThan(0)
  for (const { name } of routes) expect(shown).not.toContain(name)

  await page.route('**/api/public/schemes/ac63/status', (route) => route.abort())
  await untilShown('Le service ne répond pas')
  await page.getByText('Inconnu pour l’instant').waitFor()
  await page.unroute('**/api/public/schemes/ac63/status')
  await untilShown('Le service répond')

  await page.goto('/dispositif/nowhere/etat')
  await page.getByRole('heading', { name: 'Dispositif inconnu' }).waitFor()
})

/** A number gets one code a minute, so each try has its own. */
let tries = 0

test('a code requested within a minute of another one: the screen says that none is sent, and when the next may be', {
  tags: 'long',
}, async () => {
  const { rows } = await sql<{ mobile: string }>`
    select c.mobile from contacts c join members m on m.scheme_id = c.scheme_id and m.id = c.member_id
    where c.scheme_id = 'ac63' and m.status = 'active' and m.commune_code = '63178' and c.sms and not c.shared
    order by c.id desc offset ${tries++} limit 1`.execute(demo.deps.db)
  const known = rows[0]?.mobile ?? ''
  const readable = `0${known.slice(3)}`
  for (const phone of [readable, `06 39 98 99 9${tries}`]) {
    const page = await demo.enter(null, '/portail', { look: LOOKS.phone })
    await page.getByLabel('Mobile').fill(phone)
    await page.getByRole('button', { name: 'Recevoir un code' }).click()
    await page.getByText('Si ce numéro est celui d’un adhérent', { exact: false }).waitFor()

    await page.reload()
    await page.getByLabel('Mobile').fill(phone)
    await page.getByRole('button', { name: 'Recevoir un code' }).click()
    await page.getByText('Aucun code ne part cette fois', { exact: false }).waitFor()
    await expect.poll(() => page.getByText('Si ce numéro est celui d’un adhérent').count()).toBe(0)
    const again = page.getByRole('button', { name: /^Renvoyer un code dans \d+[ \u00a0]s$/ })
    await expect.poll(() => again.isDisabled()).toBe(true)
    expect(await violationsIn(page, BOTH)).toEqual([])
    await page.context().close()
  }
  const visitor = await demo.visit(null)
  const codes = async () =>
    (await receivedBy(demo, visitor, readable)).filter((text) => text.includes('votre code est'))
  await expect.poll(codes, { interval: 100 }).toHaveLength(1)
})
