import { expect, test } from 'vitest'
import { withDemo } from '../support/demo.ts'

const demo = withDemo()

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
  const before = await waiting.textContent()
  await demo.call(operator, 'POST', '/api/schemes/ac63/reports', {
    categoryCode: 'counterfeit-notes',
    communeCode: '63300',
    facts: 'Un billet de 50 euros',
  })
  expect(await waiting.textContent()).toBe(before)
  opening.resolve()
  await expect.poll(() => waiting.textContent()).not.toBe(before)
})
