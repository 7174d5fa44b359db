import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import fr from '../../web/messages/fr.json' with { type: 'json' }
import { LOOKS, settled, violationsIn, withDemo } from '../support/demo.ts'

const demo = withDemo()
const ALL = [LOOKS.desk, LOOKS.darkDesk, LOOKS.phone, LOOKS.lightPhone]

const LOOKING = fr['palette.looking']
const palette = (page: Page) => page.getByRole('dialog', { name: 'Rechercher' })

async function find(page: Page, typed: string) {
  await page.keyboard.press('Control+k')
  const field = palette(page).getByRole('combobox', { name: 'Rechercher partout' })
  await field.fill(typed)
  // It asks the server after a pause, and lists the answers before what it has found itself.
  await expect.poll(() => palette(page).getByRole('status').textContent()).not.toBe(LOOKING)
  return palette(page).getByRole('option')
}

test('Ctrl+K finds members, alerts, communes, screens, settings and actions, by keyboard alone', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('chamber', '/aujourdhui')
  await page.getByRole('heading', { level: 1 }).waitFor()
  // Typed at once, before the code of the search has come: no letter is lost.
  await page.keyboard.press('Control+k')
  await page.keyboard.type('tabac')
  const field = palette(page).getByRole('combobox', { name: 'Rechercher partout' })
  await expect.poll(() => field.inputValue()).toBe('tabac')
  await expect.poll(() => palette(page).getByRole('status').textContent()).not.toBe(LOOKING)
  const member = palette(page).getByRole('option').first()
  await expect.poll(() => member.textContent()).toMatch(/tabac/i)
  const name = (await member.locator('span').textContent()) ?? ''
  expect(await violationsIn(page, ALL)).toEqual([])
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/adherents\/[0-9a-f-]{36}$/)
  await page.getByRole('heading', { level: 1, name }).waitFor()

  // The reference that a call prints opens the dues of its member.
  const id = new URL(page.url()).pathname.split('/').at(-1) ?? ''
  await (await find(page, `ac63 ${id.slice(-8)}`)).filter({ hasText: 'Cotisation ·' }).click()
  await page.waitForURL(`**/cotisations?membre=${id}`)
  await page.getByRole('dialog', { name }).waitFor()
  await page.keyboard.press('Escape')

  // Without accents or capitals.
  await (await find(page, 'THIERS')).filter({ hasText: 'ses adhérents' }).first().click()
  await page.waitForURL(/\/adherents\?commune=(%22)?63430/)
  await (await find(page, 'riom')).first().waitFor()
  await page.keyboard.press('Escape')
  await palette(page).waitFor({ state: 'detached' })
  await (await find(page, 'faux billets')).first().click()
  await page.waitForURL(/\/alertes\/[0-9a-f-]{36}$/)
  await (await find(page, 'astrei')).filter({ hasText: 'Astreintes et magistrats' }).click()
  await page.waitForURL('**/reglages?partie=astreintes')
  // It finds a screen by a word that is not on it.
  await (await find(page, 'dpo')).filter({ hasText: 'Données' }).click()
  await page.waitForURL('**/reglages?partie=donnees')
  // An action opens the form itself, by its address: the back key closes it.
  await (await find(page, 'dessiner')).filter({ hasText: 'Dessiner un secteur' }).click()
  await page.waitForURL('**/secteurs?nouveau=oui')
  await page.getByRole('textbox', { name: 'Nom du secteur' }).waitFor()
  await (await find(page, 'inviter')).filter({ hasText: 'Inviter une personne' }).click()
  await page.getByRole('dialog', { name: 'Inviter une personne' }).waitFor()
  await page.goBack()
  await page.waitForURL('**/secteurs?nouveau=oui')
  await (await find(page, 'noter')).filter({ hasText: 'Noter un paiement' }).click()
  await page.waitForURL('**/cotisations/paiements?nouveau=oui')
  await (await find(page, 'ajout adh')).filter({ hasText: 'Ajouter un adhérent' }).click()
  await page.waitForURL('**/adherents?nouveau=oui')
  await page.getByRole('dialog', { name: 'Ajouter un adhérent' }).waitFor()
  await page.goBack()
  await (await find(page, 'modif')).filter({ hasText: 'Modifications des adhérents' }).click()
  await page.waitForURL('**/adherents?modifications=oui')
  await page.getByRole('dialog', { name: 'Modifications' }).waitFor()
  await page.keyboard.press('Escape')
  await (await find(page, 'retard')).filter({ hasText: 'Cotisations en retard' }).click()
  await page.waitForURL('**/cotisations?etat=late')
  const downloaded = page.waitForEvent('download')
  await (await find(page, 'excel')).filter({ hasText: 'Exporter les adhérents' }).click()
  expect((await downloaded).suggestedFilename()).toMatch(/\.xlsx$/)
  await (await find(page, 'ajout adh')).filter({ hasText: 'Ajouter un adhérent' }).click()
  await page.getByRole('dialog', { name: 'Ajouter un adhérent' }).waitFor()
  // A dialog that is open is answered first.
  await page.keyboard.press('Control+k')
  await expect.poll(() => palette(page).count()).toBe(0)
})

test('Enter pressed at once follows the first result when it is there', async () => {
  const page = await demo.enter('chamber', '/aujourdhui')
  await page.getByRole('heading', { level: 1 }).waitFor()
  const options = await find(page, 'tabac')
  const name = (await options.first().locator('span').textContent()) ?? ''
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+k')
  await page.keyboard.type(name)
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/adherents\/[0-9a-f-]{36}$/)
  await page.getByRole('heading', { level: 1, name, exact: true }).waitFor()
})

test('each role finds what it may open, and no more', { tags: 'long' }, async () => {
  const magistrate = await demo.enter('magistrate', '/a-valider')
  await magistrate.getByRole('heading', { level: 1 }).waitFor()
  const asked: string[] = []
  magistrate.on('request', (request) => asked.push(new URL(request.url()).pathname))
  const options = await find(magistrate, 'iss')
  await options.filter({ hasText: 'ses alertes' }).first().waitFor()
  expect(asked.some((path) => /\/members$/.test(path))).toBe(false)
  await magistrate.keyboard.press('Escape')
  await (await find(magistrate, 'adherent')).first().waitFor({ state: 'detached' })
  await palette(magistrate).getByRole('status').getByText('Rien de ce nom', { exact: false }).waitFor()
})

test('J and K walk the rows of a list, and the panels of one that is open', { tags: 'long' }, async () => {
  const page = await demo.enter('chamber', '/alertes')
  const focused = () => page.evaluate<string | null>('document.activeElement?.getAttribute("data-row")')
  const ids = () =>
    page.evaluate<string[]>('[...document.querySelectorAll("main [data-row]")].map((row) => row.dataset.row)')
  await expect.poll(async () => (await ids()).length).toBeGreaterThan(2)
  const [first, second] = await ids()
  for (const [key, at] of [
    ['j', first],
    ['j', second],
    ['k', first],
  ] as const) {
    await page.keyboard.press(key)
    expect(await focused()).toBe(at)
  }
  await page.keyboard.press('Enter')
  await page.waitForURL(`**/alertes/${first}`)

  await page.goto('/cotisations')
  await expect.poll(async () => (await ids()).length).toBeGreaterThan(2)
  const [, next] = await ids()
  await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await settled(page)
  await page.keyboard.press('j')
  await page.waitForURL(`**/cotisations?*membre=${next}*`)
})

test('? shows the keys of the screen; in a field it is a letter', { tags: 'long' }, async () => {
  const page = await demo.enter('chamber', '/aujourdhui')
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.keyboard.press('?')
  const keys = page.getByRole('dialog', { name: 'Les touches' })
  await keys.getByRole('heading', { name: 'Sur cet écran' }).waitFor()
  await keys.getByText('D’une ligne à l’autre').waitFor()
  expect(await violationsIn(page, ALL)).toEqual([])
  await page.keyboard.press('Escape')
  await keys.waitFor({ state: 'detached' })

  const room = await demo.enter('operator', '/salle')
  const line = room.getByRole('combobox', { name: /L’appel en une ligne/ }).or(room.locator('#ligne'))
  await room.getByRole('radio', { name: 'Faux billets' }).waitFor()
  await line.first().focus()
  await room.keyboard.press('?')
  await expect.poll(() => room.getByRole('dialog').count()).toBe(0)
  // From the field as well, by the list of actions.
  await room.keyboard.press('Control+k')
  await palette(room).getByRole('combobox').fill('touches')
  await palette(room).getByRole('option', { name: 'Touches de cet écran' }).click()
  await room.getByRole('dialog', { name: 'Les touches' }).getByText('Corriger toutes les remarques').waitFor()
})

test('the search is not part of what a screen loads first', async () => {
  const page = await (await demo.visit('operator', { closed: true })).newPage()
  const loaded: string[] = []
  page.on('request', (request) => loaded.push(new URL(request.url()).pathname))
  await page.goto('/salle')
  await page.getByRole('radio', { name: 'Faux billets' }).waitFor()
  await settled(page)
  const isPalette = (path: string) => /\/assets\/Palette-.*\.js$/.test(path)
  expect(loaded.filter(isPalette)).toEqual([])
  await page.getByRole('button', { name: /^Rechercher/ }).click()
  await palette(page).waitFor()
  expect(loaded.filter(isPalette)).toHaveLength(1)
})
