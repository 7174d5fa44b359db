import { expect, test } from 'vitest'
import type { ReportList } from '../../src/reports/contract.ts'
import { withDemo } from '../support/demo.ts'

const demo = withDemo()

/** Requests of the map, which loads after everything else. */
const MAP = /\/(?:map|maplibre|MapCanvas)[^/]*$|\/contours/

/** A screen reads again what it read within this time before its stream, if the server started listening later. */
const COVERED_MS = 1000

/** Less than the shortest time after which the room asks again for what has no event. */
const POLL_MS = 10_000

test('the room asks for nothing twice, and for few things before it can be used', async () => {
  const operator = await demo.visit('operator')
  const page = await operator.newPage()
  await page.addInitScript(`new MutationObserver((_, observer) => {
    if (document.querySelector('input[type=radio]') === null) return
    window.usableAt = performance.now()
    observer.disconnect()
  }).observe(document, { subtree: true, childList: true })`)
  const asked: { path: string; at: number }[] = []
  page.on('request', (request) => {
    const { pathname, search } = new URL(request.url())
    if (request.method() === 'GET' && pathname.startsWith('/api/'))
      asked.push({ path: pathname + search, at: Date.now() })
  })
  await expect.poll(() => demo.deps.live.recent('ac63').coversMs).toBeGreaterThan(COVERED_MS)
  await page.goto('/salle')
  await page.getByRole('radio').first().waitFor({ state: 'attached' })
  await expect.poll(() => asked.some(({ path }) => path.endsWith('/live'))).toBe(true)
  await expect.poll(() => asked.some(({ path }) => path.endsWith('/places/names'))).toBe(true)
  // The server is asked whether it responds before the rest of the texts is loaded.
  const once = asked.filter(({ path }) => path !== '/api/about')
  const isAgain = ({ path, at }: (typeof asked)[number]) =>
    once.some((earlier) => earlier.path === path && earlier.at < at && at - earlier.at < POLL_MS)
  expect(once.filter(isAgain), JSON.stringify(once)).toEqual([])
  const before = (await page.evaluate(`[
    ...performance.getEntriesByType('navigation'),
    ...performance.getEntriesByType('resource'),
  ].filter(({ startTime }) => startTime < window.usableAt).map(({ name }) => new URL(name).pathname)`)) as string[]
  expect(before.filter((path) => !MAP.test(path)).length).toBeLessThanOrEqual(25)
})

test('changes while the stream of a screen is being opened are read once it is open', async () => {
  const operator = await demo.visit('operator')
  const page = await operator.newPage()
  const opening = Promise.withResolvers<void>()
  await page.route('**/live', async (route) => {
    await opening.promise
    await route.continue().catch(() => undefined)
  })
  await page.goto('/salle')
  const waiting = page.getByRole('region', { name: /^Signalements/ }).getByRole('heading', { level: 2 })
  // Until the list is read, none are counted.
  const { reports } = await demo.call<ReportList>(operator, 'GET', '/api/schemes/ac63/reports?state=waiting')
  await expect.poll(() => waiting.textContent()).toContain(`${reports.length}`)
  const before = await waiting.textContent()
  await demo.call(operator, 'POST', '/api/schemes/ac63/reports', {
    categoryCode: 'counterfeit-notes',
    communeCode: '63300',
    facts: 'Un billet de 50 euros',
  })
  await expect.poll(() => waiting.textContent()).toBe(before)
  opening.resolve()
  await expect.poll(() => waiting.textContent()).not.toBe(before)
})

/** Longer than what was read stays fresh, and the pauses of two more tries. */
const READ_AGAIN_MS = 31_000
const TRIES_MS = 4000

test.each([
  ['chamber', '/reglages?partie=cotisations', 'dues-settings'],
  [null, '/dispositif/ac63/inscription', 'enrolment'],
] as const)(
  'what is typed stays when the page is read again without a network: %s, %s',
  async (role, path, read) => {
    const page = await demo.enter(role, path, { clock: true })
    const first = page.getByRole('main').getByRole('textbox').first()
    await first.fill('12')
    let failed = 0
    await page.route('**/api/**', (route) => {
      failed += Number(new URL(route.request().url()).pathname.endsWith(`/${read}`))
      return route.abort('internetdisconnected')
    })
    await page.clock.fastForward(READ_AGAIN_MS)
    // As when somebody comes back to the window.
    await page.evaluate(`window.dispatchEvent(new Event('visibilitychange'))`)
    await expect
      .poll(async () => {
        await page.clock.fastForward(TRIES_MS)
        return failed
      })
      .toBe(3)
    await page.clock.runFor(TRIES_MS)
    await expect.poll(() => first.inputValue()).toBe('12')
  },
)
