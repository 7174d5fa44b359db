import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { AlertList } from '../../src/alerts/contract.ts'
import { type Door, LOOKS, violationsIn, withDemo } from '../support/demo.ts'

const demo = withDemo()

/** What those who judge, decide and look over see, and what shows that a screen is there. */
const screens: readonly [Door, Record<string, (page: Page) => Promise<void>>][] = [
  [
    'operator',
    {
      async '/salle'(page) {
        await page.getByRole('radio').first().waitFor()
      },
      async '/alertes'(page) {
        await page.getByRole('table').or(page.getByRole('list')).first().waitFor()
      },
      async '/alertes/:alert'(page) {
        await page.getByRole('heading', { level: 2 }).first().waitFor()
      },
      async '/journal'() {},
      async '/series'() {},
    },
  ],
  ['chief', { async '/a-valider'() {}, async '/reglages'() {}, async '/routes'() {} }],
  ['magistrate', { async '/a-valider'() {}, async '/journal'() {} }],
]

test.each(screens)(
  'screens of the %s in English can be used by everybody',
  async (door, paths) => {
    const page = await demo.enter(door, '/', { locale: 'en-GB' })
    const { alerts } = await demo.call<AlertList>(page, 'GET', '/api/schemes/ac63/alerts')
    for (const [path, shown] of Object.entries(paths)) {
      await page.setViewportSize(LOOKS.desk)
      await page.goto(path.replace(':alert', alerts[0]?.id ?? ''))
      await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' })
      await shown(page)
      expect(await page.locator('html').getAttribute('lang')).toBe('en')
      expect(await violationsIn(page, [LOOKS.desk, LOOKS.phone]), path).toEqual([])
    }
  },
  120_000,
)

test('what has the focus is seen to have it, whatever it is', async () => {
  for (const [door, path] of [
    ['operator', '/salle'],
    ['chamber', '/adherents?commune=63178'],
    ['merchant', '/portail/commerce'],
  ] as const) {
    const page = await demo.enter(door, path)
    await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' })
    await violationsIn(page, [LOOKS.desk])
    const unseen: string[] = []
    let stops = 0
    for (; stops < 30; stops++) {
      await page.keyboard.press('Tab')
      const focused = page.locator(':focus')
      if ((await focused.count()) === 0) break
      const box = await focused.boundingBox()
      if (box === null) continue
      const clip = {
        x: Math.max(0, box.x - 8),
        y: Math.max(0, box.y - 8),
        width: box.width + 16,
        height: box.height + 16,
      }
      const name = await focused.evaluate(
        (one) => one.getAttribute('aria-label') ?? one.textContent ?? one.id,
      )
      const handle = await focused.elementHandle()
      const on = await page.screenshot({ clip, animations: 'disabled' })
      await handle?.evaluate((one) => one.blur())
      const off = await page.screenshot({ clip, animations: 'disabled' })
      if (on.equals(off)) unseen.push(`${path}: ${name}`)
      await handle?.evaluate((one) => one.focus({ preventScroll: true }))
    }
    expect(stops, path).toBeGreaterThan(10)
    expect(unseen).toEqual([])
  }
}, 120_000)

test('nothing moves for whom motion is too much', async () => {
  for (const [door, path] of [
    ['operator', '/salle'],
    ['chamber', '/statistiques'],
    ['merchant', '/portail'],
  ] as const) {
    const page = await demo.enter(door, path)
    await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' })
    await violationsIn(page, [LOOKS.desk])
    const moving = () =>
      page.locator('*').evaluateAll((all) =>
        all
          .filter((one) => {
            const style = one.computedStyleMap()
            const seconds = (name: string) => Number.parseFloat(String(style.get(name)))
            const isAnimated = String(style.get('animation-name')) !== 'none'
            return (
              (isAnimated && seconds('animation-duration') > 0.01) || seconds('transition-duration') > 0.01
            )
          })
          .map(({ tagName, className }) => `${tagName}.${className}`),
      )
    expect(await moving(), path).toEqual([])
    // Whoever asked for nothing has what moves.
    await page.emulateMedia({ reducedMotion: 'no-preference' })
    expect(await moving(), path).not.toEqual([])
  }
}, 60_000)
