import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { withDemo } from '../support/demo.ts'

const demo = withDemo()

/** Goes to an address as a link of the screens does, without loading the page again. */
const follow = (page: Page, address: string) => page.evaluate(`history.pushState({}, '', '${address}')`)

test('the form of a new sector is empty though another sector is open, and going back leads to the list', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('chamber', '/secteurs')
  await page.getByRole('button', { name: 'Modifier Combrailles' }).click()
  await page.getByRole('heading', { level: 1, name: 'Combrailles' }).waitFor()
  await follow(page, '/secteurs?nouveau=oui')
  await page.getByRole('heading', { level: 1, name: 'Nouveau secteur' }).waitFor()
  await expect.poll(() => page.getByRole('textbox', { name: 'Nom du secteur' }).inputValue()).toBe('')
  await page.goBack()
  await page.getByRole('button', { name: 'Modifier Combrailles' }).waitFor()
})

test('a campaign proposes the fees of the settings or says why it cannot, and the settings show what it left there', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('chamber', '/reglages?partie=cotisations')
  const fee = page.getByRole('textbox', { name: 'Cotisation de l’année' })
  await fee.waitFor()
  await page.route('**/api/schemes/ac63/dues-settings', (route) => route.abort())
  await follow(page, '/cotisations?nouveau=oui')
  const dialog = page.getByRole('dialog', { name: 'Ouvrir une campagne…' })
  const retry = dialog.getByRole('button', { name: 'Réessayer' })
  await retry.waitFor()
  await expect.poll(() => fee.count()).toBe(0)
  await page.unroute('**/api/schemes/ac63/dues-settings')
  await retry.click()
  await dialog.getByRole('textbox', { name: 'Cotisation de l’année' }).fill('15')
  await dialog.getByRole('button', { name: 'Compter' }).click()
  await dialog.getByRole('button', { name: /^Ouvrir la campagne/ }).click()
  await dialog.waitFor({ state: 'detached' })
  await follow(page, '/reglages?partie=cotisations')
  await expect.poll(() => fee.inputValue()).toMatch(/^15/)
  await expect
    .poll(() =>
      page
        .getByRole('form', { name: 'Montants de la prochaine campagne' })
        .getByRole('button', { name: 'Abandonner' })
        .count(),
    )
    .toBe(0)
})

test('the same chosen members are written to as one group, and filters as a view that says so', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('chamber', '/adherents')
  const group = page.getByRole('combobox', { name: 'Vue ou groupe de la liste' })
  const names: string[] = []
  for (const _ of [1, 2]) {
    await page
      .getByRole('checkbox', { name: /^Choisir (?!tous)/ })
      .first()
      .check()
    await page.getByRole('button', { name: 'Écrire…' }).click()
    await page.waitForURL(/\/messages\?nouveau=oui&groupe=/)
    await expect.poll(() => group.inputValue()).toMatch(/^Message du .* \(1\)$/)
    names.push(await group.inputValue())
    await follow(page, '/adherents')
  }
  expect(names[1]).toBe(names[0])
  await page.getByRole('checkbox', { name: /^Choisir tous/ }).check()
  await page.getByRole('button', { name: 'Écrire…' }).click()
  await page.getByText(/garde les filtres, pas la liste/).waitFor()
})
