import { expect, test } from 'vitest'
import { settled, withDemo } from '../support/demo.ts'

const demo = withDemo()

const screens = [
  ['operator', '/salle'],
  ['chamber', '/adherents?commune=63178'],
  ['merchant', '/portail/commerce'],
] as const
test('the focus is visible on every element', { tags: 'long' }, async () => {
  for (const [door, path] of screens) {
    const page = await demo.enter(door, path)
    await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' })
    await settled(page)
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
      // Data that arrives may move the focus meanwhile: the next stop is another one.
      if (!(await handle?.evaluate((one) => one.matches(':focus')))) continue
      await handle?.evaluate((one) => one.blur())
      const off = await page.screenshot({ clip, animations: 'disabled' })
      if (on.equals(off)) unseen.push(`${path}: ${name}`)
      await handle?.evaluate((one) => one.focus({ preventScroll: true }))
    }
    expect(stops, path).toBeGreaterThan(10)
    expect(unseen).toEqual([])
  }
})

test('nothing moves for users who prefer reduced motion', { tags: 'long' }, async () => {
  for (const [door, path] of [
    ['operator', '/salle'],
    ['chamber', '/statistiques'],
    ['merchant', '/portail'],
  ] as const) {
    const page = await demo.enter(door, path)
    await page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' })
    await settled(page)
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
    // Users without this preference see the animations.
    await page.emulateMedia({ reducedMotion: 'no-preference' })
    expect(await moving(), path).not.toEqual([])
  }
})
