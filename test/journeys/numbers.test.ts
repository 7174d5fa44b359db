import { sql } from 'kysely'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { LOOKS, violations, withDemo } from '../support/demo.ts'

const demo = withDemo()

type Look = (typeof LOOKS)[keyof typeof LOOKS]

/** At a desk in daylight and on a phone in the dark; it goes on at the desk. */
async function everywhere(page: Page, looks: readonly Look[] = [LOOKS.phone, LOOKS.desk]): Promise<string[]> {
  const found: string[] = []
  for (const { colorScheme, ...size } of looks) {
    await page.setViewportSize(size)
    await page.emulateMedia({ colorScheme })
    await page.locator(`html[data-mantine-color-scheme=${colorScheme}]`).waitFor()
    found.push(...(await violations(page)))
  }
  return found
}

const counted = async (page: Page, facet: string) => {
  const label = await page.getByRole('radio', { name: new RegExp(`^${facet} \\(`) }).getAttribute('id')
  const text = await page.locator(`label[for="${label}"]`).textContent()
  return Number(/\((\d+)\)/.exec(text ?? '')?.[1])
}

test('the chamber finds dead numbers, puts one right and takes one off; the list follows', async () => {
  const page = await demo.enter('chamber', '/adherents')
  await page.getByRole('link', { name: 'Numéros' }).click()
  const list = page.getByRole('list', { name: 'Morts' })
  await list.waitFor()
  const dead = await counted(page, 'Morts')
  expect(dead).toBeGreaterThan(2)
  expect(await list.getByText('Numéro mort').count()).toBe(dead)
  await list
    .getByText(/depuis le .* · dernier SMS remis le/)
    .first()
    .waitFor()
  expect(await everywhere(page, [LOOKS.lightPhone, LOOKS.darkDesk, LOOKS.phone, LOOKS.desk])).toEqual([])

  // What is no mobile is refused with what to do; the right one is taken at once.
  const first = list.getByRole('button').first()
  const name = (await first.textContent()) ?? ''
  await first.click()
  const drawer = page.getByRole('dialog', { name })
  await drawer.getByText('Numéro mort').waitFor()
  await drawer.getByRole('button', { name: 'Corriger le numéro…' }).first().click()
  const field = drawer.getByRole('textbox', { name: 'Nouveau numéro' })
  await expect.poll(() => field.evaluate((one) => one === one.ownerDocument.activeElement)).toBe(true)
  await page.keyboard.type('12')
  await page.keyboard.press('Enter')
  await drawer.getByRole('alert').waitFor()
  expect(await everywhere(page)).toEqual([])
  await field.fill('06 39 98 97 01')
  await drawer.getByRole('button', { name: 'Enregistrer le numéro' }).click()
  await drawer.getByText('06 39 98 97 01'.replaceAll(' ', '\u00a0')).waitFor()
  expect(await drawer.getByText('Numéro mort').count()).toBe(0)
  await page.keyboard.press('Escape')
  await drawer.waitFor({ state: 'detached' })
  await expect.poll(() => counted(page, 'Morts')).toBe(dead - 1)

  // Another one cannot be put right: taken off, the member is without SMS.
  const unreachable = await counted(page, 'Sans SMS possible')
  const second = list.getByRole('button').first()
  const other = (await second.textContent()) ?? ''
  await second.click()
  const dialog = page.getByRole('dialog', { name: other })
  await dialog.getByRole('button', { name: 'Ne plus envoyer de SMS…' }).first().click()
  await dialog.getByRole('textbox', { name: 'Motif' }).fill('numéro abandonné')
  await dialog.getByRole('button', { name: 'Ne plus envoyer', exact: true }).click()
  await dialog.getByText('Ne reçoit pas les SMS').first().waitFor()
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
  await expect.poll(() => counted(page, 'Morts')).toBe(dead - 2)
  // It had no other number that answers, before as after.
  expect(await counted(page, 'Sans SMS possible')).toBe(unreachable)

  // Landlines are told apart; a search that finds none says so; the keyboard goes from one facet to the next.
  await page.getByRole('radio', { name: /^Fixes/ }).click({ force: true })
  await page.getByRole('list', { name: 'Fixes' }).getByText('Fixe', { exact: true }).first().waitFor()
  await page.getByRole('searchbox').fill('zzzz')
  await page.getByRole('button', { name: 'Retirer les filtres' }).waitFor()
  expect(await everywhere(page)).toEqual([])
  await page.getByRole('button', { name: 'Retirer les filtres' }).click()
  await page.getByRole('list', { name: 'Fixes' }).waitFor()
  await page.getByRole('radio', { name: /^Fixes/ }).focus()
  await page.keyboard.press('ArrowRight')
  await page
    .getByRole('list', { name: 'Partagés' })
    .getByText('aussi celui de', { exact: false })
    .first()
    .waitFor()
  expect(new URL(page.url()).searchParams.get('facette')).toBe('shared')
}, 60_000)

test('the list of members marks them too; the tobacconists’ chamber sees its own; nobody else the screen', async () => {
  const members = await demo.enter('chamber', '/adherents?numeros=doubtful')
  await members.getByText('Numéro douteux').first().waitFor()
  expect(await everywhere(members)).toEqual([])

  const page = await demo.enter('chamber', '/numeros?facette=doubtful')
  const list = page.getByRole('list', { name: 'Douteux' })
  await list.waitFor()
  const all = await counted(page, 'Douteux')
  // The demo has no door of a trade chamber: the same person, of the tobacconists only.
  await sql`update grants set role = 'trade_chamber', trades = '{tobacco-press}', agency_id = null
    where role = 'chamber' and scheme_id = 'ac63'`.execute(demo.deps.db)
  const asked = async () => {
    await page.reload()
    await list.waitFor()
    return counted(page, 'Douteux')
  }
  // Who somebody is, is known for three seconds.
  await expect.poll(asked, { timeout: 15_000, interval: 1000 }).toBeLessThan(all)
  await list.getByRole('button').first().click()
  const drawer = page.getByRole('dialog')
  await drawer.getByRole('button', { name: 'Corriger le numéro…' }).first().waitFor()
  // Taking off is the chamber's that keeps the list.
  expect(await drawer.getByRole('button', { name: 'Ne plus envoyer de SMS…' }).count()).toBe(0)

  const operator = await demo.enter('operator', '/salle')
  expect(await operator.getByRole('link', { name: 'Numéros' }).count()).toBe(0)
})
