import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { enterCall, type Handset, violations, withDemo } from '../support/demo.ts'

const CALLER = '+33639981234'

const demo = withDemo()

test('a refusal is answered: the caller’s phone receives the chosen text, and the journal shows it', async () => {
  const page = await demo.enter('operator', '/salle')
  await enterCall(page, '2', 'iss', /Issoire/)
  await page.getByRole('combobox', { name: /Appelant/ }).fill('06 39 98 12 34')

  await page.getByRole('button', { name: /Ne pas diffuser/ }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('radio', { name: 'Déjà diffusé' }).check({ force: true })
  const answer = dialog.getByRole('textbox', { name: 'Réponse' })
  await expect.poll(() => answer.inputValue()).toContain('une alerte est déjà partie')
  // Another reason has another text; a text written by hand is kept.
  await dialog.getByRole('radio', { name: 'Doute non levé' }).check({ force: true })
  await expect.poll(() => answer.inputValue()).toContain('les faits restent à vérifier')
  await answer.fill('Bonjour, billets vérifiés : ils sont bons. Merci de votre appel “rapide”.')
  await dialog.getByRole('radio', { name: 'Pas d’infraction' }).check({ force: true })
  const sent = 'Bonjour, billets vérifiés : ils sont bons. Merci de votre appel "rapide".'
  // The phone in the dialog shows the text as sent, after folding.
  await dialog.getByRole('figure').getByText(sent).waitFor()
  expect(await violations(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Classer sans diffuser' }).click()
  await dialog.waitFor({ state: 'hidden' })

  const received = async () => {
    const { handsets } = await demo.call<{ handsets: Handset[] }>(
      page,
      'GET',
      '/api/demo/handsets?q=639981234',
    )
    return handsets.find(({ phone }) => phone.replace('+', '') === CALLER.slice(1))?.messages ?? []
  }
  await expect.poll(async () => (await received()).map(({ text }) => text)).toEqual([sent])

  await page.goto('/journal?statistiques=oui')
  const entry = page.getByRole('article').first()
  const told = entry.getByText(/^Réponse remise à l’appelant/)
  await expect
    .poll(
      async () => {
        if ((await told.count()) > 0) return true
        await page.reload()
        await entry.waitFor()
        return false
      },
      { interval: 1000 },
    )
    .toBe(true)
  await told.click()
  await entry.getByText('ils sont bons').waitFor()
  await page.getByRole('row', { name: /Pas d’infraction/ }).waitFor()
  expect(await violations(page)).toEqual([])

  const download = page.waitForEvent('download')
  await page.getByRole('link', { name: 'Exporter (CSV)' }).click()
  const file = await (await download).path()
  const csv = readFileSync(file, 'utf8')
  expect(csv).toContain('pas d’infraction')
  expect(csv).toContain('ils sont bons')
  expect(csv).not.toContain('639981234')
  // Sent once, however often it is requested.
  expect(await received()).toHaveLength(1)
})

test('the chamber excludes a contact from SMS with a reason, and undoes it', { tags: 'long' }, async () => {
  const page = await demo.enter('chamber', '/adherents?q=Issoire')
  await page.setViewportSize({ width: 390, height: 844 })
  const last = page.locator('[aria-posinset] button').last()
  await last.waitFor()
  await last.click()
  const drawer = page.getByRole('dialog')
  await drawer.getByRole('button', { name: 'Ne plus envoyer de SMS…' }).first().click()
  await drawer.getByRole('button', { name: 'Ne plus envoyer', exact: true }).click()
  await drawer.getByText('Dites pourquoi', { exact: false }).waitFor()
  expect(await violations(page)).toEqual([])
  await drawer.getByLabel('Motif').fill('demandé par téléphone')
  await page.keyboard.press('Enter')
  await drawer.getByText('retiré par la chambre le').first().waitFor()
  await drawer.getByRole('button', { name: 'Revenir en arrière' }).click()
  await drawer.getByRole('button', { name: 'Ne plus envoyer de SMS…' }).first().waitFor()
  expect(await violations(page)).toEqual([])
})

test('quiet hours set by the chamber hold a shop back, and the preview says so', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('chamber', '/adherents?q=Issoire')
  const first = page.locator('tbody tr button').first()
  await first.waitFor()
  await first.click()
  const drawer = page.getByRole('dialog')
  await drawer.getByRole('radio', { name: 'Choisies' }).check({ force: true })
  // The whole day except a minute, whenever this test runs.
  const minute = new Date(Date.now() - 120_000)
  const clock = new Intl.DateTimeFormat('fr-FR', {
    timeZone: 'Europe/Paris',
    hour: '2-digit',
    minute: '2-digit',
  })
  const before = new Date(minute.getTime() - 60_000)
  await drawer.getByLabel(/^De\b/).fill(clock.format(minute))
  await drawer.getByLabel(/^À/).fill(clock.format(before))
  await drawer.getByRole('button', { name: 'Enregistrer' }).click()
  await page.getByText('Heures calmes enregistrées.').waitFor()
  expect(await violations(page)).toEqual([])

  const room = await demo.enter('operator', '/salle')
  await enterCall(room, '2', 'iss', /Issoire/)
  await room.getByText(/numéros? laissés? en paix/).waitFor()
  // Vital alerts reach it nonetheless.
  await room.keyboard.press('Escape')
  await room.getByRole('radio', { name: 'Vol à main armée' }).check({ force: true })
  await room.getByText(/numéros? laissés? en paix/).waitFor({ state: 'detached' })

  // Undone.
  await drawer.getByRole('button', { name: 'Revenir au choix précédent' }).click()
  await expect.poll(() => drawer.getByRole('radio', { name: 'Celles du dispositif' }).isChecked()).toBe(true)
})
