import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { SchemeView } from '../../src/schemes/contract.ts'
import { enterCall, settled, violations, withDemo } from '../support/demo.ts'

const demo = withDemo()

const MANY_REMARKS =
  'Vol à Billom par un black en blouson rouge, Clio noire AB-123-CD, 06 39 98 00 01, M. Durand, 12 rue de la Paix. ' +
  'Un arabe, suspect Jean Dupont, CD-456-EF, 06 39 98 00 02. Partagez ce SMS : https://exemple.fr'

/** Enters a robbery in Billom, for the whole scheme. */
async function robberyInBillom(): Promise<Page> {
  const page = await demo.enter('operator', '/salle')
  await enterCall(page, '1', 'billom', /Billom/)
  await page.getByRole('radio', { name: /Tout le dispositif/ }).check({ force: true })
  return page
}

test('the facts have a row wide enough to write in, whatever the category and the screen', {
  tags: 'long',
}, async () => {
  const page = await robberyInBillom()
  const { categories } = await demo.call<SchemeView>(page, 'GET', '/api/schemes/ac63')
  expect(categories.length).toBeGreaterThan(4)
  const narrow: string[] = []
  for (const [width, height] of [
    [1280, 800],
    [1280, 1100],
    [1440, 900],
    [1920, 1080],
  ] as const) {
    await page.setViewportSize({ width, height })
    for (const { code } of categories) {
      await page.locator(`#quoi-${code}`).check({ force: true })
      const box = await page.locator('#faits').boundingBox()
      if ((box?.width ?? 0) < 320) narrow.push(`${code} at ${width} × ${height}: ${box?.width} px`)
    }
  }
  expect(narrow).toEqual([])
})

test('many remarks never hide the recipients, and each is reached by keyboard', async () => {
  const page = await robberyInBillom()
  await page.locator('#message').fill(MANY_REMARKS)
  const remarks = page.getByRole('group', { name: 'Relecture du message' })
  const list = remarks.getByRole('list')
  await remarks
    .getByRole('status')
    .filter({ hasText: /^\d+ remarques/ })
    .waitFor()
  await expect.poll(() => list.getByRole('listitem').count()).toBeGreaterThan(6)

  for (const [width, height] of [
    [1440, 900],
    [1920, 1080],
  ] as const) {
    await page.setViewportSize({ width, height })
    const bar = await page.getByRole('button', { name: /Ne pas diffuser/ }).boundingBox()
    const audience = page.locator('#pour-qui, input[id^="zone-"], fieldset[aria-labelledby="metiers"] input')
    const boxes = await Promise.all((await audience.all()).map((one) => one.boundingBox()))
    expect(boxes.length).toBeGreaterThan(8)
    for (const box of boxes) {
      expect(box?.y ?? -1, `${width} px`).toBeGreaterThan(0)
      expect((box?.y ?? 0) + (box?.height ?? 0), `${width} px`).toBeLessThan(bar?.y ?? 0)
    }
    // No part of the audience is covered by the scrolling part.
    const covered = await audience.evaluateAll((elements) =>
      elements
        .map((one) => ({ one, box: one.getBoundingClientRect() }))
        .filter(({ one, box }) => {
          const top = one.ownerDocument.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)
          return top === null || !(one.contains(top) || one.parentElement?.contains(top))
        })
        .map(({ one }) => one.id),
    )
    expect(covered, `${width} px`).toEqual([])

    await list.focus()
    await page.keyboard.press('End')
    await expect
      .poll(() =>
        list.evaluate((scroller) => {
          const last = scroller.lastElementChild?.getBoundingClientRect()
          return (last?.bottom ?? Infinity) - scroller.getBoundingClientRect().bottom
        }),
      )
      .toBeLessThanOrEqual(1)
    expect(await violations(page), `${width} px`).toEqual([])
  }
})

test('the time of the facts follows the clock until something is entered', { tags: 'long' }, async () => {
  const page = await demo.enter('operator', '/salle', { clock: true })
  const when = page.locator('#quand')
  await page.getByRole('radio', { name: 'Faux billets' }).waitFor()
  const minutes = async () => {
    const [, hour, minute] = /(\d\d):(\d\d)/.exec((await when.textContent()) ?? '') ?? []
    return Number(hour) * 60 + Number(minute)
  }
  const before = await minutes()
  // The texts of the dialogs are loaded after a second.
  await page.clock.runFor(2000)
  await settled(page)
  // A response of the server would set the clock right again.
  await page.context().setOffline(true)
  await page.clock.fastForward('05:00')
  await expect.poll(async () => ((await minutes()) - before + 1440) % 1440).toBeGreaterThanOrEqual(5)
})

/** Enters an alert of the operator's own zone that nothing is missing of. */
async function counterfeitInChamalieres(page: Page): Promise<void> {
  await enterCall(page, '2', 'chamali', /Chamalières/)
  await page.locator('#infraction-yes').check({ force: true })
  await settled(page)
}

test('dialogs that could not be loaded with the room are loaded again when one is opened', {
  tags: 'long',
}, async () => {
  const page = await (await demo.visit('operator', { closed: true })).newPage()
  let isDown = false
  let checks = 0
  await page.route('**/api/about', (route) => {
    checks += isDown ? 1 : 0
    return isDown ? route.abort('connectionreset') : route.continue()
  })
  await page.route(/\/assets\/dialogs-/, (route) =>
    isDown ? route.abort('connectionreset') : route.continue(),
  )
  await page.goto('/salle')
  await page.getByRole('radio', { name: 'Faux billets' }).waitFor()
  // The server stops responding while the texts of the dialogs are loaded, and before their code is.
  isDown = true
  await counterfeitInChamalieres(page)
  await expect.poll(() => checks).toBeGreaterThan(0)
  await page.keyboard.press('Control+Enter')
  const failure = page.getByRole('alert').filter({ hasText: 'Le serveur ne répond pas.' })
  await failure.waitFor()
  // The room can still be used.
  await page.locator('#faits').fill('Deux billets de 50 euros.')
  isDown = false
  await failure.getByRole('button', { name: 'Réessayer' }).click()
  const dialog = page.getByRole('dialog', { name: /^Diffuser à/ })
  await dialog.getByRole('button', { name: /^Maintenir pour diffuser/ }).waitFor()
  await expect.poll(() => failure.count()).toBe(0)
})

test('a dialog whose code the browser cannot load any more offers to reload the page, which keeps what was entered', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('operator', '/salle', { closed: true })
  const code = /\/assets\/dialogs-[^/]+\.js$/
  await page.route(code, (route) => route.abort('connectionreset'))
  await counterfeitInChamalieres(page)
  await page.keyboard.press('Control+Enter')
  await page.unroute(code)
  await page.getByRole('button', { name: 'Recharger la page' }).click()
  await page.locator('#infraction-yes:checked').waitFor({ state: 'attached' })
  await settled(page)
  await page.keyboard.press('Control+Enter')
  await page.getByRole('dialog').waitFor()
})

test('without WebGL, the room says so in place of the map and does not load what would draw it', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('operator', '/salle')
  await page.getByText('La carte ne peut pas s’afficher ici', { exact: false }).waitFor()
  await settled(page)
  const loaded = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name))
  expect(loaded.some((url) => /\/assets\/AlertRoom-/.test(url))).toBe(true)
  expect(loaded.filter((url) => /\/assets\/(?:map|MapCanvas)-|\/api\/contours\//.test(url))).toEqual([])
})
