/**
 * A mistake about two reports, undone; src/reports proves the rule.
 * @module-tag long
 */
import { expect, test } from 'vitest'
import { LOOKS, violations, violationsIn, withDemo } from '../support/demo.ts'

const demo = withDemo()

test('reports marked as unrelated can be related again: at once, and from the list', async () => {
  const operator = await demo.visit('operator')
  for (const [communeCode, facts] of [
    ['63300', 'Deux billets de 50 euros, une berline noire'],
    ['63245', 'Un billet de 50 euros, la même berline noire'],
  ]) {
    await demo.call(operator, 'POST', '/api/schemes/ac63/reports', {
      categoryCode: 'counterfeit-notes',
      communeCode,
      facts,
    })
  }
  const page = await operator.newPage()
  await page.goto('/series')
  const proposed = page.getByRole('heading', { name: 'Rapprochements proposés' })
  const aside = page.getByRole('button', { name: 'Sans rapport' })
  const list = page.getByText('Mis à part\u00a0: 1 rapprochement')
  await proposed.waitFor()

  await aside.click()
  await page.getByText('Mis à part\u00a0: ce rapprochement n’est plus proposé.').waitFor()
  await proposed.waitFor({ state: 'detached' })
  await list.waitFor()
  expect(await violations(page)).toEqual([])
  await page.getByRole('button', { name: 'Annuler' }).click()
  await proposed.waitFor()
  await list.waitFor({ state: 'detached' })

  await aside.click()
  await list.waitFor()
  // Later, after the passing message: from the list, which shows who and what.
  await page.reload()
  await list.focus()
  await page.keyboard.press('Enter')
  await page.getByText(/^Mis à part par /).waitFor()
  expect(await violationsIn(page, Object.values(LOOKS))).toEqual([])
  // Read-only for users who may not link.
  const magistrate = await demo.enter('magistrate', '/series')
  await magistrate.getByText('Mis à part\u00a0: 1 rapprochement').click()
  await magistrate.getByText(/^Mis à part par /).waitFor()
  await expect.poll(() => magistrate.getByRole('button', { name: /^Proposer à nouveau/ }).count()).toBe(0)

  await page.getByRole('button', { name: /^Proposer à nouveau.: Faux billets/ }).click()
  await proposed.waitFor()

  // Removed from a series by mistake, and restored.
  await page.getByRole('button', { name: 'Lier en série' }).click()
  await page.getByRole('heading', { name: 'Séries', exact: true, level: 2 }).waitFor()
  const members = page.getByRole('button', { name: /^Retirer .* de la série$/ })
  await expect.poll(() => members.count()).toBe(2)
  // Its row is closed and opened by keyboard, as in other lists.
  await page.getByRole('heading', { name: 'Séries', exact: true, level: 1 }).click()
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await expect.poll(() => members.count()).toBe(0)
  await page.getByRole('article').filter({ hasText: '2 signalements, le dernier' }).click()
  await expect.poll(() => members.count()).toBe(2)
  await members.first().click()
  await expect.poll(() => members.count()).toBe(1)
  await page.getByRole('button', { name: 'Annuler' }).click()
  await expect.poll(() => members.count()).toBe(2)
})
