import type { Page } from 'playwright-core'
import { afterEach, expect, test } from 'vitest'
import type { AlertView } from '../../src/alerts/contract.ts'
import type { ReportView } from '../../src/reports/contract.ts'
import { confirmTwice, enterCall, pressUntil, violations, withDemo } from '../support/demo.ts'

const demo = withDemo({ cancelSeconds: 3 })

// Runs before the browsers of a test close, since vitest runs the last hook first.
afterEach(async () => {
  // Each test finds a room without pending reports.
  const anyone = await demo.visit('operator')
  const call = <T>(method: string, path: string, data?: object) =>
    demo.call<T>(anyone, method, `/api/schemes/ac63${path}`, data)
  for (const { id } of (await call<{ notes: { id: string }[] }>('GET', '/call-notes')).notes)
    await call('DELETE', `/call-notes/${id}`)
  for (const { id } of (await call<{ reports: ReportView[] }>('GET', '/reports?state=waiting')).reports)
    await call('POST', `/reports/${id}/refuse`, { reason: 'doubt' })
})

/** Reads what a screen shows once it is up to date. */
const soon = <T>(read: () => T) => expect.poll(read, { interval: 250 })

interface Desk {
  readonly page: Page
  readonly call: <T>(method: string, path: string, data?: object) => Promise<T>
}

/** Opens the alert room for a user of the demo at a desk of their own. */
async function sit(door: 'operator' | 'chief'): Promise<Desk> {
  const page = await demo.enter(door, '/salle')
  await page.getByRole('radio', { name: 'Faux billets' }).waitFor()
  return {
    page,
    call: (method, path, data) => demo.call(page, method, `/api/schemes/ac63${path}`, data),
  }
}

const take = (desk: Desk, communeCode: string, categoryCode = 'trick-theft', facts = 'Deux femmes.') =>
  desk.call<ReportView>('POST', '/reports', { communeCode, categoryCode, facts })

const message = (page: Page) => page.locator('#message')

test('two operators on one report: who has it, taking over, and two texts of which one is kept', async () => {
  const camille = await sit('operator')
  const karim = await sit('chief')
  const report = await take(camille, '63124')
  const row = (desk: Desk) => desk.page.getByRole('button', { name: /Vol par ruse.*Cournon/ })
  await row(camille).click()
  await camille.page.getByRole('region', { name: 'Signalement enregistré' }).waitFor()
  await camille.page.getByText('pris en charge par vous').waitFor()
  // Live, on the other desk.
  await karim.page.getByText(/^pris en charge par /).waitFor()

  await message(camille.page).fill('Vol par ruse à Cournon vers 14h. Ne pas intervenir.')
  await camille.page.getByText(/^Enregistré à /).waitFor()

  await row(karim).click()
  const asked = karim.page.getByRole('dialog')
  await asked.getByText(/a ce signalement en charge/).waitFor()
  await asked.getByRole('button', { name: 'Le lui laisser' }).click()
  await asked.waitFor({ state: 'hidden' })
  await row(karim).click()
  await asked.getByRole('button', { name: 'Prendre le relais' }).click()
  await soon(() => message(karim.page).inputValue()).toMatch(/^Vol par ruse à Cournon vers 14h/)
  await camille.page.getByText(/a pris le relais de ce signalement/).waitFor()

  // Camille's unsaved text does not overwrite it; when she takes the report back, both texts are shown.
  await message(camille.page).fill('Vol par ruse à Cournon, centre commercial. Ne pas intervenir.')
  await message(karim.page).fill('Vol par ruse à Cournon vers 14h15. Ne pas intervenir.')
  await karim.page.getByText(/^Enregistré à /).waitFor()
  await camille.page.getByRole('button', { name: 'Reprendre', exact: true }).click()
  await camille.page.getByText(/a changé ce message pendant que vous l’écriviez/).waitFor()
  await camille.page.getByText('Vol par ruse à Cournon vers 14h15. Ne pas intervenir.').first().waitFor()
  await camille.page.getByRole('button', { name: 'Garder le mien' }).click()
  await camille.page.getByText(/a changé ce message/).waitFor({ state: 'detached' })
  await soon(async () => {
    const { alert } = await camille.call<ReportView>('GET', `/reports/${report.id}`)
    const page = await camille.call<{ alert: { text: string } }>('GET', `/alerts/${alert?.id}`)
    return page.alert.text
  }).toBe('Vol par ruse à Cournon, centre commercial. Ne pas intervenir.')
  // Karim, who changed nothing since, sees the new text without a reload.
  await soon(() => message(karim.page).inputValue()).toMatch(/centre commercial/)
})

test('an alert of the same half hour and place is shown, and a new one is sent only after it is confirmed', async () => {
  const { page, call } = await sit('operator')
  const order = async (area: string) => {
    await page.keyboard.press(`Alt+${area}`)
    await page.keyboard.press('Control+Enter')
    await page.getByRole('dialog').getByRole('button', { name: 'Oui, constatée' }).waitFor()
  }
  const reported = await call<ReportView>('POST', '/reports', {
    categoryCode: 'counterfeit-notes',
    communeCode: '63300',
  })
  const draft = await call<AlertView>('POST', '/alerts', {
    reportId: reported.id,
    text: 'Faux billets à Riom. Ne pas intervenir, ne pas transférer SMS.',
    area: { kind: 'commune', code: '63300' },
    doctrine: { offence: true, arrested: false, level: 'established' },
  })
  const { reference } = await call<AlertView>('POST', `/alerts/${draft.id}/broadcast`, {
    version: draft.version,
  })

  // The neighbouring village.
  await enterCall(page, '2', 'mozac', /Mozac/)
  const notice = page.getByRole('region', { name: 'Alertes proches' })
  await notice.getByRole('link', { name: reference, exact: true }).waitFor()
  await notice.getByText(/est-ce le même fait/).waitFor()
  // It is the same incident after all: send its recipients a follow-up, or refuse the report for that reason.
  await notice.getByRole('link', { name: `Mise à jour de ${reference}` }).click()
  await page.getByRole('dialog', { name: /mise à jour/i }).waitFor()
  await page.keyboard.press('Escape')
  await page.goto('/salle')
  await notice.getByRole('button', { name: /^Classer/ }).click()
  await page.getByRole('dialog').getByRole('radio', { name: 'Déjà diffusé', checked: true }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  // The area changes the words, which are compared again on the server: the near alerts stay on screen, to be
  // confirmed, until it responds.
  const answered = Promise.withResolvers<void>()
  await page.route('**/alerts/near', (route) => answered.promise.then(() => route.continue()))
  const asked = page.waitForRequest('**/alerts/near')
  await order('c')
  await asked
  const dialog = page.getByRole('dialog')
  const tick = dialog.getByRole('checkbox')
  await soon(() => dialog.locator('input[type=checkbox]:focus').count()).toBe(1)
  await dialog.getByRole('button', { name: 'Oui, constatée' }).click()
  const send = dialog.getByRole('button', { name: /Maintenir pour diffuser/ })
  await expect.poll(() => send.isDisabled()).toBe(true)
  answered.resolve()
  await tick.focus()
  await page.keyboard.press('Space')
  await soon(() => send.isEnabled()).toBe(true)
  await pressUntil(page, send, () => dialog.getByText('L’alerte part…').isVisible())
  // Escape cancels the order before it is sent.
  await page.keyboard.press('Escape')
  await confirmTwice(page, /Maintenir pour diffuser/)
})

test("a call survives a reload, a lost connection and another machine; a key applies the guard's fix", {
  tags: 'long',
}, async () => {
  const { page, call } = await sit('operator')
  const context = page.context()
  await enterCall(page, '3', 'thie', /^Thiers/)
  await message(page).fill('Vol par ruse à Thiers, AB-123-CD. Ne pas intervenir.')
  await page.getByText(/1 à corriger|une à corriger/).waitFor()
  await expect.poll(() => page.locator('mark[data-severity="block"]').textContent()).toBe('AB-123-CD')
  await page.keyboard.press('Control+Enter')
  await page.getByText(/Il manque.*les corrections du message/).waitFor()
  await page.keyboard.press('Alt+R')
  await soon(() => message(page).inputValue()).toBe('Vol par ruse à Thiers. Ne pas intervenir.')
  await page.getByRole('button', { name: 'Annuler la correction' }).click()
  await soon(() => message(page).inputValue()).toContain('AB-123-CD')
  await page.keyboard.press('Alt+Shift+R')
  await page.getByText('Aucune remarque', { exact: false }).waitFor()
  await soon(() => message(page).inputValue()).toMatch(
    /^Vol par ruse à Thiers vers \d{1,2}h(\d\d)?\. Ne pas intervenir\.$/,
  )
  const mended = await message(page).inputValue()
  await page.getByText(/^Enregistré à /).waitFor()

  await context.setOffline(true)
  await page.getByText(/^Hors ligne/).waitFor()
  await page
    .getByRole('textbox', { name: /Lieu précis|Lieu/ })
    .last()
    .fill('place Lafayette')
  await page.getByText(/^Gardé sur ce poste/).waitFor()
  await context.setOffline(false)
  await page.getByText(/^Enregistré à /).waitFor()
  await page.getByText(/^Hors ligne/).waitFor({ state: 'detached' })

  await page.reload()
  await soon(() => message(page).inputValue()).toBe(mended)

  // On another machine, the call can be continued.
  const other = await sit('operator')
  await other.page.getByRole('button', { name: 'Reprendre', exact: true }).click()
  await other.page.getByRole('menuitem', { name: /Vol par ruse.*Thiers/ }).click()
  await soon(() => message(other.page).inputValue()).toContain('à Thiers')
  await soon(() => other.page.locator('input[value="place Lafayette"]').count()).toBe(1)
  await other.page.getByRole('button', { name: 'Effacer', exact: true }).click()
  await soon(async () => (await call<{ notes: unknown[] }>('GET', '/call-notes')).notes).toEqual([])
})

test('a call cleared while its note is being saved leaves nothing', { tags: 'long' }, async () => {
  const { page, call } = await sit('operator')
  const notes = async () => (await call<{ notes: unknown[] }>('GET', '/call-notes')).notes
  expect(await notes()).toEqual([])
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  let held = 0
  await page.route('**/call-notes/*', async (route) => {
    if (route.request().method() === 'PUT') {
      held += 1
      await released
    }
    await route.continue()
  })
  const place = page.getByRole('textbox', { name: /Lieu précis|Lieu/ }).last()
  await place.fill('place de Jaude')
  await soon(() => held).toBe(1)
  await page.getByRole('button', { name: 'Effacer', exact: true }).click()
  await soon(() => place.inputValue()).toBe('')
  const removed = page.waitForResponse((response) => response.request().method() === 'DELETE')
  release()
  await removed
  expect(await notes()).toEqual([])

  // The next call has a note of its own.
  await page.unroute('**/call-notes/*')
  await place.fill('place Delille')
  await soon(async () => (await notes()).length).toBe(1)
  // An empty form misses nothing yet.
  await page.keyboard.press('Control+Enter')
  await page.getByText(/^Il manque/).waitFor()
  await page.getByRole('button', { name: 'Effacer', exact: true }).click()
  await page.getByText(/^Il manque/).waitFor({ state: 'detached' })
  await soon(notes).toEqual([])
})

test('a new report is counted in the title of the tab and makes a sound; muted, it does neither', {
  tags: 'long',
}, async () => {
  const camille = await sit('operator')
  const karim = await sit('chief')
  const { page } = camille
  await page.evaluate(`{
    globalThis.chimes = 0
    const { start } = OscillatorNode.prototype
    OscillatorNode.prototype.start = function (at) {
      globalThis.chimes += 1
      start.call(this, at)
    }
  }`)
  const chimes = () => page.evaluate('globalThis.chimes')
  await take(karim, '63300')
  await soon(() => page.title()).toMatch(/^\(1\) /)
  await soon(chimes).toBe(2)
  // The user's own reports are not announced.
  await take(camille, '63003')
  await soon(() => page.title()).toMatch(/^\(2\) /)
  expect(await chimes()).toBe(2)

  await page.getByRole('button', { name: 'Être prévenu' }).click()
  await page.getByRole('switch', { name: 'Prévenir' }).click()
  await page.keyboard.press('Escape')
  await soon(() => page.title()).toMatch(/^Salle/)
  await take(karim, '63430')
  await page.getByRole('button', { name: /Vol par ruse.*Thiers/ }).waitFor()
  // Nothing happens: the sound and the title come with the report, or not at all.
  await page.waitForTimeout(300)
  expect(await chimes()).toBe(2)
  expect(await page.title()).toMatch(/^Salle/)
})

test('old facts are sent with a written reason only', { tags: 'long' }, async () => {
  const { page, call } = await sit('operator')
  const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString()
  const report = await call<ReportView>('POST', '/reports', {
    categoryCode: 'trick-theft',
    communeCode: '63075',
    occurredAt: ago(70),
    calledAt: ago(65),
  })
  // Another screen names it. A failure is said, with the way to try again.
  const read = `**/api/schemes/ac63/reports/${report.id}`
  await page.route(read, (route) => route.abort())
  await page.goto(`/salle?signalement=${report.id}`)
  await page.getByText('Ce signalement n’a pas pu être ouvert', { exact: false }).waitFor()
  await page.unroute(read)
  await page.getByRole('button', { name: 'Ouvrir', exact: true }).click()
  await page.getByRole('region', { name: 'Signalement enregistré' }).waitFor()
  await page.getByRole('radio', { name: /Communes voisines/ }).check({ force: true })
  await message(page).fill('Vol par ruse à Chamalières en fin de journée. Ne pas intervenir.')
  await page.getByText(/^Enregistré à /).waitFor()
  await page.getByRole('button', { name: /^Diffuser à/ }).click()
  const sheet = page.getByRole('dialog')
  await sheet.getByRole('button', { name: 'Oui, constatée' }).click()
  await sheet.getByText('Les faits datent de plus de 60\u00a0minutes.').waitFor()
  await expect
    .poll(() => sheet.getByRole('button', { name: 'Écrivez d’abord le motif' }).isDisabled())
    .toBe(true)
  expect(await violations(page)).toEqual([])
  // A usual reason is one key away.
  const why = sheet.getByLabel('Pourquoi l’alerte part encore')
  await why.focus()
  await page.keyboard.press('2')
  await expect.poll(() => why.inputValue()).toBe('Série en cours')
  await sheet.getByRole('radio', { name: 'Auteurs encore dans le secteur' }).check({ force: true })
  await confirmTwice(page, /Maintenir pour diffuser/)
  await page.waitForURL(/alertes\/[0-9a-f-]{36}$/)
  const { reports } = await call<{ reports: ReportView[] }>('GET', '/reports?state=broadcast')
  expect(reports.find(({ id }) => id === report.id)?.lateReason).toBe('Auteurs encore dans le secteur')
})

test('a description in the facts raises the level at once; one key removes it, one goes to the prosecutor', {
  tags: 'long',
}, async () => {
  const { page } = await sit('operator')
  await enterCall(page, '1', 'billo', /^Billom/)
  const level = (name: string) => page.getByRole('radio', { name })
  const facts = page.locator('#faits')
  await facts.fill('Deux hommes à scooter vers Lezoux')
  await soon(() => message(page).inputValue()).toContain('à scooter vers Lezoux')
  await expect.poll(() => level('Faits établis').isChecked()).toBe(true)

  await facts.fill('Deux hommes, scooter noir vers Lezoux')
  await page.getByText(/scooter noir.*est un signalement/).waitFor()
  await soon(() => level('Éléments précis').isChecked()).toBe(true)
  await page.getByRole('button', { name: /^Soumettre/ }).waitFor()
  await page.keyboard.press('Alt+F')
  await page.locator('#magistrat:focus').waitFor()
  expect(await violations(page)).toEqual([])

  await page.keyboard.press('Alt+R')
  await soon(() => facts.inputValue()).toBe('Deux hommes, scooter vers Lezoux')
  await soon(() => level('Faits établis').isChecked()).toBe(true)
  await soon(() => message(page).inputValue()).toContain('Deux hommes, scooter vers Lezoux')
})
