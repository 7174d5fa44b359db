import { sql } from 'kysely'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { sendYearlyQuestions } from '../../src/members/numbers/reconfirm.ts'
import { LOOKS, type Look, violationsIn, withDemo } from '../support/demo.ts'

const demo = withDemo()

/** At a desk in light mode and on a phone in dark mode; the rest is at the desk. */
const everywhere = (page: Page, looks: readonly Look[] = [LOOKS.phone, LOOKS.desk]) =>
  violationsIn(page, looks)

const counted = async (page: Page, facet: string) => {
  const label = await page.getByRole('radio', { name: new RegExp(`^${facet} \\(`) }).getAttribute('id')
  const text = await page.locator(`label[for="${label}"]`).textContent()
  return Number(/\((\d+)\)/.exec(text ?? '')?.[1])
}

test('the chamber finds dead numbers, corrects one and removes one; the list follows', async () => {
  const page = await demo.enter('chamber', '/adherents')
  await page.getByRole('link', { name: 'Numéros' }).click()
  const list = page.getByRole('list', { name: 'Hors service' })
  await list.waitFor()
  const dead = await counted(page, 'Hors service')
  expect(dead).toBeGreaterThan(2)
  await expect.poll(() => list.getByText('Numéro hors service').count()).toBe(dead)
  await list
    .getByText(/depuis le .* · dernier SMS remis le/)
    .first()
    .waitFor()
  expect(await everywhere(page, [LOOKS.lightPhone, LOOKS.darkDesk, LOOKS.phone, LOOKS.desk])).toEqual([])

  // A number that is not a mobile is refused, with what to do; a valid one is saved at once.
  const first = list.getByRole('button').first()
  const name = (await first.textContent()) ?? ''
  await first.click()
  const drawer = page.getByRole('dialog', { name })
  await drawer.getByText('Numéro hors service').waitFor()
  await drawer.getByRole('button', { name: 'Corriger le numéro…' }).first().click()
  const field = drawer.getByRole('textbox', { name: 'Nouveau numéro' })
  await expect.poll(() => field.evaluate((one) => one === one.ownerDocument.activeElement)).toBe(true)
  await page.keyboard.type('12')
  await page.keyboard.press('Enter')
  await drawer.getByRole('alert').waitFor()
  await expect.poll(() => field.getAttribute('aria-invalid')).toBe('true')
  expect(await everywhere(page)).toEqual([])
  // A change that ends the alerts of the business requires a confirmation, with all its consequences.
  await field.fill('+41 22 700 00 00')
  await page.keyboard.press('Enter')
  await drawer.getByText(/Plus aucune alerte n’arrivera à ce commerce/).waitFor()
  await drawer.getByText(/Ce numéro n’est pas du plan de numérotation français/).waitFor()
  await drawer.getByRole('button', { name: 'Corriger quand même' }).waitFor()
  expect(await everywhere(page, [LOOKS.lightPhone, LOOKS.darkDesk, LOOKS.phone, LOOKS.desk])).toEqual([])
  await drawer.getByRole('button', { name: 'Revenir à la saisie' }).click()
  // The question is no fault of the number.
  await expect.poll(() => field.inputValue()).toBe('+41 22 700 00 00')
  await expect.poll(() => field.getAttribute('aria-invalid')).toBeNull()
  await expect.poll(() => drawer.getByRole('alert').count()).toBe(0)
  await field.fill('06 39 98 97 01')
  await drawer.getByRole('button', { name: 'Enregistrer le numéro' }).click()
  await drawer.getByText('06 39 98 97 01'.replaceAll(' ', '\u00a0')).waitFor()
  await expect.poll(() => drawer.getByText('Numéro hors service').count()).toBe(0)
  await page.keyboard.press('Escape')
  await drawer.waitFor({ state: 'detached' })
  await expect.poll(() => counted(page, 'Hors service')).toBe(dead - 1)

  // Another one cannot be corrected: it is excluded, and the member receives no SMS.
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
  await expect.poll(() => counted(page, 'Hors service')).toBe(dead - 2)
  // It had no other working number before either.
  expect(await counted(page, 'Sans SMS possible')).toBe(unreachable)

  // Landlines have their own facet; an empty search says so; arrow keys move between facets.
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
  await expect.poll(() => new URL(page.url()).searchParams.get('facette')).toBe('shared')
})

test('the list of members marks them too; the tobacconists’ chamber sees its own; other roles do not have the screen', {
  tags: 'long',
}, async () => {
  const members = await demo.enter('chamber', '/adherents?numeros=doubtful')
  await members.getByText('Numéro douteux').first().waitFor()
  expect(await everywhere(members)).toEqual([])

  const page = await demo.enter('chamber', '/numeros?facette=doubtful')
  const list = page.getByRole('list', { name: 'Douteux' })
  await list.waitFor()
  const all = await counted(page, 'Douteux')
  const trade = await demo.enter('trade_chamber', '/numeros?facette=doubtful')
  const own = trade.getByRole('list', { name: 'Douteux' })
  await own.waitFor()
  expect(await counted(trade, 'Douteux')).toBeLessThan(all)
  await own.getByRole('button').first().click()
  const drawer = trade.getByRole('dialog')
  await drawer.getByRole('button', { name: 'Corriger le numéro…' }).first().waitFor()
  // Only the chamber that manages the list may exclude a number.
  await expect.poll(() => drawer.getByRole('button', { name: 'Ne plus envoyer de SMS…' }).count()).toBe(0)

  const operator = await demo.enter('operator', '/salle')
  await expect.poll(() => operator.getByRole('link', { name: 'Numéros' }).count()).toBe(0)
})

test('once a year a number is re-confirmed by SMS: its link confirms it, or removes it while the chamber watches', {
  tags: 'long',
}, async () => {
  const chamber = await demo.enter('chamber', '/numeros')
  await chamber.getByText('Demander une fois par an', { exact: false }).waitFor()
  const asks = chamber.getByRole('switch', { name: 'Demander une fois par an', exact: false })
  // The switch is disabled until the settings are read and while they are saved. A click may miss it, as the page
  // moves.
  const turn = async () => {
    await expect.poll(() => asks.isEnabled()).toBe(true)
    await asks.press('Space')
  }
  await turn()
  await chamber.getByText('Plus aucun numéro n’est demandé.').waitFor()
  await turn()
  await chamber.getByText('Les numéros sont demandés, 20 par jour au plus.').waitFor()
  const perDay = chamber.getByRole('textbox', { name: 'SMS par jour, au plus' })
  await perDay.fill('2')
  await perDay.blur()
  await chamber.getByText('Les numéros sont demandés, 2 par jour au plus.').waitFor()
  expect(await everywhere(chamber)).toEqual([])

  await sql`update contacts set mobile_at = now() - interval '13 months' where scheme_id = 'ac63'`.execute(
    demo.deps.db,
  )
  // A future Tuesday morning, whenever the test runs.
  const tuesday = new Date('2030-03-05T09:00:00Z')
  await sendYearlyQuestions({ ...demo.deps, now: () => tuesday })
  const links = async () => {
    const { rows } = await sql<{ text: string }>`
      select text from broadcasts where lane = 'reminder' and text like '%/numero/%' order by id`.execute(
      demo.deps.db,
    )
    return rows.flatMap(({ text }) => /\/numero\/[\w-]+/.exec(text) ?? [])
  }
  await expect.poll(async () => (await links()).length).toBe(2)
  // As if it had just been sent.
  await sql`update reconfirmations set asked_at = now(), began_at = now()`.execute(demo.deps.db)
  const [mine = '', gone = ''] = await links()

  const phone = await demo.enter(null, mine, { look: LOOKS.phone })
  await phone.getByRole('heading', { name: /^Le numéro qui finit par/ }).waitFor()
  expect(await everywhere(phone)).toEqual([])
  await phone.getByRole('button', { name: 'C’est toujours mon numéro et mon commerce' }).click()
  await phone.getByRole('heading', { name: 'C’est noté, merci' }).waitFor()
  expect(await everywhere(phone)).toEqual([])

  await phone.goto(gone)
  await phone.getByRole('button', { name: 'Ce n’est plus mon commerce' }).click()
  await phone.getByRole('heading', { name: 'Ce n’est plus votre commerce' }).waitFor()
  expect(await everywhere(phone)).toEqual([])
  await phone.getByRole('button', { name: 'Oui, arrêter les alertes' }).click()
  await phone.getByRole('button', { name: 'Annuler : c’est toujours mon commerce' }).waitFor()
  await phone.getByText('ne reçoit plus les alertes de ce commerce', { exact: false }).waitFor()

  // A used link and an invented one show the same page.
  const over = []
  for (const path of [mine, '/numero/AAAAAAAAAAAAAAAA']) {
    await phone.goto(path)
    await phone.getByRole('heading', { name: 'Ce lien ne demande plus rien' }).waitFor()
    over.push(await phone.locator('main').textContent())
  }
  expect(over[0]).toBe(over[1])
  expect(await everywhere(phone)).toEqual([])

  await chamber.reload()
  await expect.poll(() => counted(chamber, 'Réattribués')).toBe(1)
  await chamber.getByRole('radio', { name: /^Réattribués/ }).click({ force: true })
  await chamber.getByRole('list', { name: 'Réattribués' }).getByText('Numéro réattribué').waitFor()
  expect(await everywhere(chamber)).toEqual([])
})
