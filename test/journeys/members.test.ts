import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { LOOKS, type Look, violationsIn, withDemo } from '../support/demo.ts'

const demo = withDemo()

/** At a desk in light mode and on a phone in dark mode; the rest is at the desk. */
const everywhere = (page: Page, looks: readonly Look[] = [LOOKS.phone, LOOKS.desk]) =>
  violationsIn(page, looks)
const ALL = [LOOKS.lightPhone, LOOKS.darkDesk, LOOKS.phone, LOOKS.desk]

interface Members {
  counts: { total: number; byStatus: Record<string, number> }
}

test('the chamber saves a view, suspends all its members, and undoes that', async () => {
  const page = await demo.enter('chamber', '/adherents')
  const counts = async () =>
    (await demo.call<Members>(page, 'GET', '/api/schemes/ac63/members?trade=bakeries')).counts
  const before = await counts()
  // Left by a failed run.
  await demo.deps.database.pool.query(
    `delete from member_views where name in ('Mes boulangeries', 'Boulangers')`,
  )
  await page.reload()
  await page.getByRole('combobox', { name: 'Métier' }).click()
  await page.getByRole('option', { name: /^Boulangeries/ }).click()
  await page.getByRole('button', { name: 'Enregistrer cette vue…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Enregistrer' }).click()
  await dialog.getByText('Donnez un nom à cette vue.').waitFor()
  expect(await everywhere(page)).toEqual([])
  await dialog.getByRole('textbox', { name: 'Nom de la vue' }).fill('Boulangers')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Renommer…' }).click()
  await dialog.getByRole('textbox', { name: 'Nom de la vue' }).fill('Mes boulangeries')
  await page.keyboard.press('Enter')
  await page.getByText('La vue s’appelle maintenant', { exact: false }).first().waitFor()
  await dialog.waitFor({ state: 'detached' })
  const view = page.getByRole('button', { name: 'Mes boulangeries' })
  await view.waitFor()
  await expect.poll(() => view.getAttribute('aria-pressed')).toBe('true')
  // Pressed again, it clears its filters.
  await view.click()
  await expect.poll(() => page.url()).toMatch(/\/adherents$/)
  await view.click()
  await expect.poll(() => page.url()).toMatch(/metier=/)
  // Rows of the previous result cannot be selected.
  await page.getByText(`${before.total} adhérents`, { exact: true }).first().waitFor()
  await expect.poll(() => page.locator('[aria-busy="true"]').count()).toBe(0)
  // Each view says how many it has.
  await page.getByRole('button', { name: /^Tous\D*[1-9]/ }).waitFor()
  // A member opens beside the list, which stays usable: another row opens in its place, Escape closes it.
  const names = page.locator('tbody td:nth-child(2) button')
  await names.nth(0).click()
  const beside = page.getByRole('dialog', { name: (await names.nth(0).textContent()) ?? '' })
  await beside.getByRole('link', { name: 'Ouvrir la fiche et l’historique' }).waitFor()
  expect(await everywhere(page, [LOOKS.desk])).toEqual([])
  await names.nth(1).click()
  await page
    .getByRole('dialog', { name: (await names.nth(1).textContent()) ?? '' })
    .getByText('2 sur ', { exact: false })
    .waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })

  // Selected by keyboard: one, then all that match the filters.
  const first = page.getByRole('checkbox', { name: /^Choisir (?!tous)/ }).first()
  await first.focus()
  await page.keyboard.press('Space')
  await page.getByText('1 adhérent choisi').waitFor()
  expect(await everywhere(page, ALL)).toEqual([])
  await page.getByRole('button', { name: `Choisir les ${before.total}` }).click()
  await page.getByRole('button', { name: 'Suspendre…' }).click()
  const suspend = page.getByRole('dialog')
  await suspend.getByRole('button', { name: 'Suspendre' }).click()
  await suspend
    .getByText('Écrivez', { exact: false })
    .or(suspend.getByText('motif', { exact: false }))
    .first()
    .waitFor()
  expect(await everywhere(page)).toEqual([])
  await suspend.getByRole('textbox', { name: 'Motif' }).fill('cotisation impayée')
  // The message is shown beforehand, with its price.
  const sent = suspend.getByRole('status', { name: 'Ce qui sera envoyé' })
  await sent.getByText(/\d+ SMS, \d+,\d\d\s€/).waitFor()
  await sent.getByText(/n'aura plus aucune alerte, grave ou non\. Motif\s: cotisation impayée\./).waitFor()
  await page.keyboard.press('Enter')
  await page
    .getByText(/adhérents suspendus/)
    .first()
    .waitFor()
  expect((await counts()).byStatus.suspended).toBe(
    (before.byStatus.suspended ?? 0) + (before.byStatus.active ?? 0),
  )

  // From the list of changes, as from the passing message.
  await page.getByRole('button', { name: 'Modifications' }).click()
  const drawer = page.getByRole('dialog', { name: 'Modifications' })
  await drawer.getByText('cotisation impayée', { exact: false }).waitFor()
  await drawer.getByText(/\d+ adhérents à prévenir/).waitFor()
  expect(await everywhere(page, ALL)).toEqual([])
  await drawer.getByRole('button', { name: 'Annuler cette modification' }).click()
  await drawer.getByText(/^Modification annulée/).waitFor()
  // Undone before anything was sent.
  await drawer.getByText(/\d+ adhérents à qui rien n’a été envoyé/).waitFor()
  expect(await counts()).toEqual(before)
  await page.keyboard.press('Escape')
  await drawer.waitFor({ state: 'detached' })

  await page.getByRole('button', { name: 'Supprimer la vue' }).click()
  const deleted = page.getByText(/^Vue .* supprimée/).locator('..')
  await deleted.getByRole('button', { name: 'Annuler' }).click()
  await view.waitFor()
})

test('in English, an action that concerns no selected member says so', { tags: 'long' }, async () => {
  const page = await demo.enter('chamber', '/adherents?etat=active', { locale: 'en-GB' })
  await page.getByRole('checkbox', { name: 'Select all members of the list' }).click()
  await page.getByRole('button', { name: 'Reactivate…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Reactivate' }).click()
  await page.getByText('Nothing has changed', { exact: false }).waitFor()
  expect(await everywhere(page)).toEqual([])
  const operator = await demo.enter('operator', '/adherents')
  await operator.getByRole('table').waitFor()
  await expect.poll(() => operator.getByRole('checkbox').count()).toBe(0)
})

test('a member on a page of its own: its data, and its history', { tags: 'long' }, async () => {
  const page = await demo.enter('chamber', '/adherents')
  const name = page.locator('tbody').getByRole('button').first()
  const called = (await name.textContent()) ?? ''
  await name.click()
  const drawer = page.getByRole('dialog', { name: called })
  await drawer.getByRole('link', { name: 'Ouvrir la fiche et l’historique' }).click()
  await page.getByRole('heading', { level: 1, name: called }).waitFor()
  await page.getByText('Inscrit dans la liste').waitFor()
  expect(await everywhere(page, ALL)).toEqual([])
  // Changes of it appear there at once.
  await page.getByRole('button', { name: 'Ne plus envoyer de SMS…' }).first().click()
  await page.getByRole('textbox', { name: 'Motif' }).fill('fermé en été')
  await page.getByRole('button', { name: 'Ne plus envoyer', exact: true }).click()
  await page.getByText('Ne reçoit plus les SMS').waitFor()
  await page.goto('/adherents/00000000-0000-4000-8000-000000000000')
  await page.getByText('Cet adhérent n’existe pas, ou plus').waitFor()
  expect(await everywhere(page)).toEqual([])
  const english = await demo.enter('chamber', '/adherents?cotisation=owing', { locale: 'en-GB' })
  await english.locator('tbody').getByRole('button').first().click()
  await english.getByRole('link', { name: 'Open page and history' }).click()
  await english.getByText('Added to the list').waitFor()
  expect(await everywhere(english)).toEqual([])
})

test('a list of 20,000 members keeps few rows in the page, and its last row is reached without fetching those between', {
  tags: 'long',
}, async () => {
  const total = 20_000
  const visitor = await demo.visit('chamber', { closed: true })
  const skips = new Set<number>()
  // The server is asked for one page, of which all others are made.
  await visitor.route('**/api/schemes/ac63/members?*', async (route) => {
    const asked = new URL(route.request().url())
    const skip = Number(asked.searchParams.get('skip'))
    const limit = Number(asked.searchParams.get('limit'))
    skips.add(skip)
    asked.searchParams.set('skip', '0')
    const answer = await route.fetch({ url: asked.href })
    const page = (await answer.json()) as Members & { members: { id: string; name: string }[] }
    const members = Array.from({ length: Math.min(limit, total - skip) }, (_, n) => ({
      ...page.members[n % page.members.length],
      id: `00000000-0000-4000-8000-${String(skip + n).padStart(12, '0')}`,
      name: `Commerce ${skip + n + 1}`,
    }))
    await route.fulfill({ response: answer, json: { counts: { ...page.counts, total }, members } })
  })
  const page = await visitor.newPage()
  await page.goto('/adherents')
  const rows = page.locator('tbody tr')
  const nameOf = (n: number) => page.getByText(`Commerce ${n}`, { exact: true })
  await nameOf(1).waitFor()
  await expect.poll(() => page.getByRole('table').getAttribute('aria-rowcount')).toBe(String(total + 1))
  await page
    .getByRole('region', { name: 'Adhérents' })
    .evaluate((list) => list.scrollTo(0, list.scrollHeight))
  await nameOf(total).waitFor()
  await expect.poll(() => rows.count()).toBeLessThan(60)

  // Cards on a phone, where the page itself scrolls.
  await page.setViewportSize(LOOKS.phone)
  await page.evaluate('scrollTo(0, 0)')
  await nameOf(1).waitFor()
  await expect
    .poll(async () => {
      await page.evaluate('scrollTo(0, document.documentElement.scrollHeight)')
      return nameOf(total).count()
    })
    .toBe(1)
  await expect.poll(() => page.locator('li[aria-posinset]').count()).toBeLessThan(60)
  // The first and the last pages, and at most those beside the last.
  expect(skips.size).toBeLessThan(8)
  await visitor.close()
})

test('the panel walks the list by J and K, beyond the loaded rows too, and choosing members moves no row', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('chamber', '/adherents')
  const rows = page.getByRole('table').getByRole('row')
  await rows.nth(3).waitFor()
  const names = await page.locator('tbody td:nth-child(2) button').allInnerTexts()
  const panel = page.getByRole('dialog')
  const shows = async (index: number) => {
    await panel.getByText(`${index + 1} sur `, { exact: false }).waitFor()
    await panel.getByRole('heading', { name: names[index] ?? '' }).waitFor()
  }
  await page.keyboard.press('j')
  await shows(0)
  await expect.poll(() => panel.getByRole('button', { name: 'Adhérent précédent' }).isDisabled()).toBe(true)
  await page.keyboard.press('j')
  await shows(1)
  await panel.getByRole('button', { name: 'Adhérent suivant' }).click()
  await shows(2)
  expect(await everywhere(page)).toEqual([])
  await page.keyboard.press('k')
  await shows(1)
  await page.keyboard.press('Escape')
  await panel.waitFor({ state: 'detached' })

  // From the last fetched row on, the next page is fetched.
  const row = (index: number) => page.locator(`tr[aria-rowindex="${index + 2}"]`)
  const scrollTo = (pixels: number) =>
    page.evaluate(`document.querySelector('section[aria-label="Adhérents"]').scrollTo(0, ${pixels})`)
  await scrollTo(44 * 96)
  await row(99).getByRole('button').click()
  await panel.getByText('100 sur ', { exact: false }).waitFor()
  await page.keyboard.press('j')
  await panel.getByText('101 sur ', { exact: false }).waitFor()
  await page.keyboard.press('Escape')
  await panel.waitFor({ state: 'detached' })

  // The last row is reached by scrolling, without those in between.
  const table = page.getByRole('table')
  const total = Number(await table.getAttribute('aria-rowcount')) - 1
  // Not while the panel that closes gives the focus back to its row.
  await expect
    .poll(async () => {
      await scrollTo(total * 44)
      return row(total - 1)
        .getByRole('button')
        .count()
    })
    .toBe(1)
  await expect.poll(() => page.locator('tbody tr').count()).toBeLessThan(60)
  // The head stays, and sorts by any column.
  const head = page.getByRole('columnheader', { name: 'Cotisation' })
  await head.getByRole('button').click()
  await head.getByRole('button').click()
  await expect.poll(() => head.getAttribute('aria-sort')).toBe('descending')
  await expect.poll(() => row(0).textContent()).toMatch(/Retard\s: |Doit /)
  await page.getByRole('button', { name: 'Colonnes' }).click()
  await page.getByRole('checkbox', { name: 'SIRET' }).check()
  await page.keyboard.press('Escape')
  await page.reload()
  await page.getByRole('columnheader', { name: 'SIRET' }).waitFor()
  await row(0).getByRole('button').focus()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('x')
  await row(1).getByRole('checkbox', { checked: true }).waitFor()
  await row(1).getByRole('checkbox').uncheck({ force: true })

  await page.evaluate('scrollTo(0, 0)')
  const before = await rows.nth(2).boundingBox()
  await page
    .getByRole('checkbox', { name: /^Choisir (?!tous)/ })
    .nth(1)
    .check({ force: true })
  const bar = page.getByRole('region', { name: 'Adhérents choisis' })
  await bar.waitFor()
  expect(await rows.nth(2).boundingBox()).toEqual(before)
  const box = await bar.boundingBox()
  expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(LOOKS.desk.height)
})
