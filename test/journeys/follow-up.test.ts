import { sql } from 'kysely'
import type { BrowserContext, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { AlertPage, AlertView } from '../../src/alerts/contract.ts'
import { demoObserver } from '../../src/demo/seed.ts'
import { type Handset, LOOKS, pressUntil, violations, violationsIn, withDemo } from '../support/demo.ts'
import { saveInDemo } from '../support/two-persons.ts'

const FIRST = 'Faux billets commune de Thiers. Ne pas intervenir, ne pas transférer SMS.'

const demo = withDemo({ cancelSeconds: 3 })

const post = <T>(of: BrowserContext, path: string, data: object) =>
  demo.call<T>(of, 'POST', `/api/schemes/ac63${path}`, data)

/** Sends an alert of Thiers. */
async function broadcast(context: BrowserContext): Promise<AlertView> {
  const report = await post<{ id: string }>(context, '/reports', {
    categoryCode: 'counterfeit-notes',
    communeCode: '63430',
  })
  const draft = await post<AlertView>(context, '/alerts', {
    reportId: report.id,
    text: FIRST,
    area: { kind: 'commune', code: '63430' },
    doctrine: { offence: true, arrested: false, level: 'established' },
  })
  return post<AlertView>(context, `/alerts/${draft.id}/broadcast`, { version: draft.version })
}

/** Reads the texts of each handset that received the alert, oldest first. */
async function threads(context: BrowserContext, reference: string): Promise<string[][]> {
  const { handsets } = await demo.call<{ handsets: Handset[] }>(
    context,
    'GET',
    '/api/demo/handsets?limit=500',
  )
  return handsets
    .filter(({ phone }) => phone !== demoObserver.phone)
    .map(({ messages }) =>
      messages
        .filter(({ text }) => text.includes(reference))
        .toSorted((a, b) => a.receivedAt.localeCompare(b.receivedAt))
        .map(({ text }) => text),
    )
    .filter((texts) => texts.length > 0)
}

/** Confirms in the open dialog by pressing Enter twice, and waits until the order is accepted. */
async function leave(page: Page): Promise<void> {
  const dialog = page.getByRole('dialog')
  const hold = dialog.getByRole('button', { name: 'Maintenir pour envoyer' })
  await pressUntil(page, hold, () => dialog.isHidden())
}

/** Reads the messages of an alert, in order. */
async function sentOf(context: BrowserContext, id: string): Promise<string[]> {
  const { alert } = await demo.call<{ alert: AlertView }>(context, 'GET', `/api/schemes/ac63/alerts/${id}`)
  return alert.broadcasts.map(({ kind }) => kind)
}

test('an update, the all-clear, the outcome with thanks: on the phones of those who received the alert', async () => {
  const context = await demo.visit('operator')
  const alert = await broadcast(context)
  const reference = `Réf. ${alert.reference}`
  const page = await context.newPage()
  await page.goto(`/alertes/${alert.id}`)
  const planned = alert.progress?.planned ?? 0
  expect(planned).toBeGreaterThan(3)
  await page.getByText('En cours', { exact: true }).waitFor()

  // The update: characters typed right after the button are in the form, after its first words; the guard refuses a
  // plate and offers to remove it, or says what it requires.
  await page.getByRole('button', { name: 'Mise à jour' }).click()
  await page.keyboard.type('Voiture')
  const dialog = page.getByRole('dialog')
  await dialog.getByText(new RegExp(`^${planned} destinataires`)).waitFor()
  const field = dialog.locator('#suite-texte')
  await expect.poll(() => field.inputValue()).toBe('Mise à jour : faux billets à Thiers. Voiture')
  // Closed by mistake, nothing is lost.
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })
  await page.reload()
  await page.getByRole('button', { name: 'Mise à jour' }).click()
  await dialog.getByText('Votre texte d’avant est resté ici.').waitFor()
  await expect.poll(() => field.inputValue()).toBe('Mise à jour : faux billets à Thiers. Voiture')
  await dialog.getByText(new RegExp(`^${planned} destinataires`)).waitFor()
  const send = dialog.getByRole('button', { name: /^(Envoyer à|Soumettre)/ })
  await page.keyboard.type(' AB-123-CD vue à Courpière.')
  await dialog
    .getByText(/AB-123-CD/)
    .first()
    .waitFor()
  await expect.poll(() => send.isDisabled()).toBe(true)
  expect(await violations(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Passer aux éléments précis' }).click()
  await dialog.getByLabel('Magistrat').waitFor()
  await expect.poll(() => send.textContent()).toBe('Soumettre…')
  await expect.poll(() => send.isEnabled()).toBe(true)
  expect(await violations(page)).toEqual([])
  await dialog.getByRole('switch', { name: /^Éléments précis/ }).uncheck({ force: true })
  await field.focus()
  await page.keyboard.press('Alt+r')
  await expect.poll(() => send.isEnabled()).toBe(true)
  const update = 'Mise à jour : faux billets à Thiers. Voiture vue à Courpière.'
  await dialog.getByRole('figure').getByText(`${update} ${reference}`).waitFor()
  // One press sends nothing: a final check, two presses, and a few seconds to cancel.
  await page.keyboard.press('Control+Enter')
  const hold = dialog.getByRole('button', { name: 'Maintenir pour envoyer' })
  await hold.waitFor()
  expect(await violations(page)).toEqual([])
  await pressUntil(page, hold, () => dialog.getByRole('button', { name: /^Annuler le départ/ }).isVisible())
  await page.keyboard.press('Escape')
  await hold.waitFor()
  expect(await sentOf(context, alert.id)).toEqual(['first'])
  await page.keyboard.press('Escape')
  await expect.poll(() => field.inputValue()).toBe(update)
  await page.keyboard.press('Control+Enter')
  await leave(page)
  await page.getByText(`Mise à jour envoyée à ${planned} destinataires`).first().waitFor()

  // The text of the all-clear is prefilled.
  await page.getByRole('button', { name: 'Fin d’alerte' }).click()
  await dialog.getByText(/^Dernier message envoyé/).waitFor()
  // Ending it without a message requires a confirmation.
  await dialog.getByRole('button', { name: 'Terminer sans prévenir…' }).click()
  await dialog.getByText(/Cela ne peut pas être défait/).waitFor()
  expect(await violations(page)).toEqual([])
  await page.keyboard.press('Enter')
  await dialog.getByRole('button', { name: /^Envoyer à/ }).click()
  await leave(page)
  await page.getByText('Terminée', { exact: true }).waitFor()

  await page.getByRole('button', { name: 'Bilan' }).click()
  await dialog.getByRole('radio', { name: 'Interpellation' }).check({ force: true })
  await dialog.getByLabel('Note').fill('Deux personnes à Courpière.')
  await dialog.getByText(/une interpellation a eu lieu/).waitFor()
  expect(await violations(page)).toEqual([])
  await dialog.getByRole('button', { name: 'Enregistrer et remercier' }).click()
  await leave(page)

  // Four messages on the page, each with its figures and its recipients.
  const messages = page.getByRole('region', { name: /^Messages envoyés/ })
  await expect.poll(() => messages.getByRole('listitem').count()).toBe(4)
  await messages.getByRole('listitem').nth(1).getByRole('button', { name: 'Destinataires' }).click()
  await page
    .getByRole('region', { name: /^Destinataires/ })
    .getByText('Mise à jour')
    .waitFor()
  expect(await violationsIn(page, Object.values(LOOKS))).toEqual([])

  const words = [FIRST, update, "Fin d'alerte : faux billets", "Suite de l'alerte faux billets"]
  // At night, thanks wait for the morning: then there are three messages.
  const { broadcasts } = (await demo.call<AlertPage>(page, 'GET', `/api/schemes/ac63/alerts/${alert.id}`))
    .alert
  expect(broadcasts.map(({ kind, progress }) => [kind, progress?.planned])).toEqual([
    ['first', planned],
    ['update', planned],
    ['all_clear', planned],
    ['thanks', planned],
  ])
  await expect
    .poll(async () => (await threads(context, alert.reference)).filter((texts) => texts.length >= 3).length)
    .toBe(planned)
  for (const texts of await threads(context, alert.reference)) {
    for (const [i, text] of texts.entries()) {
      expect(text.startsWith(words[i] ?? '?'), text).toBe(true)
      expect(text.endsWith(reference)).toBe(true)
    }
  }
})

test('a correction of an alert for two persons: submitted, returned, corrected, sent by the other on a phone', {
  tags: 'long',
}, async () => {
  await saveInDemo(demo, 'doctrine', {
    approval: [{ categories: ['counterfeit-notes'], severities: 'all' }],
    unansweredMinutes: { vital: 5, alert: 5, notice: 5 },
  })
  const operator = await demo.visit('operator')
  const report = await post<{ id: string }>(operator, '/reports', {
    categoryCode: 'counterfeit-notes',
    communeCode: '63300',
  })
  const draft = await post<AlertView>(operator, '/alerts', {
    reportId: report.id,
    text: 'Faux billets à Riom. Ne pas intervenir.',
    area: { kind: 'commune', code: '63300' },
    doctrine: { offence: true, arrested: false, level: 'established' },
  })
  const version = { version: draft.version }
  await post(operator, `/alerts/${draft.id}/submit`, version)
  const chief = await demo.visit('chief')
  await post(chief, `/alerts/${draft.id}/approve`, version)

  const page = await operator.newPage()
  await page.goto(`/alertes/${draft.id}`)
  await page.getByRole('button', { name: 'Rectificatif' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.locator('#suite-texte:focus').waitFor()
  // The button waits for news, and says so.
  const unwritten = dialog.getByText('Écrivez ce qui est nouveau', { exact: false })
  await unwritten.waitFor()
  await page.keyboard.type('Lire Mozac, pas Riom.')
  await unwritten.waitFor({ state: 'detached' })
  await dialog.getByRole('button', { name: 'Soumettre…' }).click()
  await dialog.getByText(/^Ce message demande une deuxième personne/).waitFor()
  expect(await violations(page)).toEqual([])
  // Not available to an operator.
  await expect.poll(() => dialog.getByRole('button', { name: 'Diffuser sans attendre…' }).count()).toBe(0)
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'hidden' })
  await page.getByText(/veut l’envoyer \(soumis/).waitFor()
  expect(await sentOf(operator, draft.id)).toEqual(['first'])

  const other = await chief.newPage()
  await other.goto('/a-valider')
  const card = other.getByRole('article', { name: /^Rectificatif de l’alerte/ })
  await card
    .getByText(/Rectificatif : faux billets à Riom\. Lire Mozac, pas Riom\. Réf\./)
    .first()
    .waitFor()
  // The guard's remarks are shown beside it, as its author saw them.
  const says = card.getByRole('group', { name: 'Relecture du message' })
  await says.getByText('Aucune remarque : rien d’interdit à ce niveau.').waitFor()
  expect(await violationsIn(other, [LOOKS.desk, LOOKS.phone])).toEqual([])
  await other.setViewportSize({ width: 1440, height: 900 })
  await card.getByRole('button', { name: 'Renvoyer…' }).click()
  await other.getByRole('dialog').getByLabel('Motif').fill('Dites l’heure.')
  await other.getByRole('dialog').getByRole('button', { name: 'Renvoyer', exact: true }).click()

  // The author is notified on the open page, and edits it again.
  await page.getByText('Dites l’heure.').first().waitFor()
  await page
    .getByRole('button', { name: 'Reprendre' })
    .or(page.getByRole('link', { name: 'Reprendre' }))
    .click()
  const field = dialog.locator('#suite-texte')
  await expect
    .poll(() => field.inputValue())
    .toBe('Rectificatif : faux billets à Riom. Lire Mozac, pas Riom.')
  await field.fill('Rectificatif : à Mozac à 16h, pas à Riom.')
  await page.keyboard.press('Control+Enter')
  await dialog.getByText(/^Ce message demande une deuxième personne/).waitFor()
  await page.keyboard.press('Enter')
  await dialog.waitFor({ state: 'hidden' })

  await card
    .getByText(/à Mozac à 16h/)
    .first()
    .waitFor()
  // The second person now reads why it was returned, and what changed since.
  const returned = card.getByRole('region', { name: 'Renvoyée puis soumise de nouveau' })
  await returned.getByText('Dites l’heure.', { exact: false }).waitFor()
  await returned.getByText('Depuis : texte changé.').waitFor()
  await card.getByRole('button', { name: /^Envoyer à/ }).click()
  await other.getByRole('dialog').getByRole('button', { name: 'Maintenir pour envoyer' }).waitFor()
  await other.keyboard.press('Escape')

  // The same on the page that the SMS opens, by the thumb.
  const { alert: waiting } = await demo.call<AlertPage>(chief, 'GET', `/api/schemes/ac63/alerts/${draft.id}`)
  const magistrate = await demo.enter('magistrate', '/a-valider')
  await magistrate.getByRole('article', { name: /^Rectificatif de l’alerte/ }).waitFor()
  const path = `/valider/ac63/${draft.id}?suite=${waiting.followUps.at(-1)?.id}`
  const phone = await demo.enter('chief', path, { look: LOOKS.lightPhone })
  await phone.getByRole('heading', { name: 'Rectificatif, Riom' }).waitFor()
  await phone.getByText('Dites l’heure.', { exact: false }).waitFor()
  const hold = phone.getByRole('button', { name: /Maintenir pour envoyer/ })
  await expect.poll(() => hold.isEnabled()).toBe(true)
  const box = await hold.boundingBox()
  expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThan(844)
  expect(await violationsIn(phone, [LOOKS.lightPhone, LOOKS.phone])).toEqual([])
  if (process.env.SHOTS) await phone.screenshot({ path: `${process.env.SHOTS}/follow-up-phone.png` })
  await hold.focus()
  await phone.keyboard.press('Enter')
  await phone.keyboard.press('Enter')
  await phone.getByText(/validé et envoyé par/).waitFor()
  // A user with its card on screen reads who decided and when, once.
  const decided = magistrate.getByRole('status').filter({ hasText: draft.reference })
  await decided.getByText(/validé et envoyé par Marc Vidal/).waitFor()
  await decided.getByRole('button', { name: 'J’ai lu' }).click()
  await decided.waitFor({ state: 'detached' })
  await expect.poll(() => sentOf(chief, draft.id)).toEqual(['first', 'correction'])
  // On every phone that has the alert, in whatever order its messages arrived.
  await expect
    .poll(async () => {
      const all = await threads(operator, draft.reference)
      const correction = `Rectificatif : à Mozac à 16h, pas à Riom. Réf. ${draft.reference}`
      return all.length > 0 && all.every((texts) => texts.includes(correction))
    })
    .toBe(true)
  await page.getByText(/validé et envoyé par/).waitFor()

  // Nobody answers the next one: after the limit of the scheme its author sends it, and a review is open.
  const { alert: sent } = await demo.call<AlertPage>(operator, 'GET', `/api/schemes/ac63/alerts/${draft.id}`)
  await post(operator, `/alerts/${draft.id}/follow-ups/submit`, {
    kind: 'update',
    text: 'Mise à jour : vus à Volvic.',
    after: sent.broadcasts.at(-1)?.id,
    key: crypto.randomUUID(),
  })
  await page.getByText(/^Sans réponse, diffusion possible dans/).waitFor()
  await sql`update follow_ups set submitted_at = submitted_at - interval '5 minutes' where alert_id = ${draft.id}`.execute(
    demo.deps.db,
  )
  await page.reload()
  await page.getByRole('button', { name: 'Diffuser sans réponse…' }).click()
  await dialog.getByText('Mise à jour : vus à Volvic.', { exact: false }).waitFor()
  expect(await violations(page)).toEqual([])
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/unanswered-follow-up.png` })
  await leave(page)
  await expect.poll(() => sentOf(chief, draft.id)).toEqual(['first', 'correction', 'update'])
  await page.getByText('Astreinte sans réponse depuis', { exact: false }).first().waitFor()
})

test('a chief sends a follow-up without the second person, and its review stays open until another signs', {
  tags: 'long',
}, async () => {
  await saveInDemo(demo, 'doctrine', {
    approval: [{ categories: ['counterfeit-notes'], severities: 'all' }],
  })
  const operator = await demo.visit('operator')
  const report = await post<{ id: string }>(operator, '/reports', {
    categoryCode: 'counterfeit-notes',
    communeCode: '63003',
  })
  const draft = await post<AlertView>(operator, '/alerts', {
    reportId: report.id,
    text: 'Faux billets à Ambert. Ne pas intervenir.',
    area: { kind: 'commune', code: '63003' },
    doctrine: { offence: true, arrested: false, level: 'established' },
    outsideZoneReason: 'La brigade le demande.',
  })
  await post(operator, `/alerts/${draft.id}/submit`, { version: draft.version })
  const context = await demo.visit('chief')
  await post(context, `/alerts/${draft.id}/approve`, { version: draft.version })
  const chief = await context.newPage()
  await chief.goto(`/alertes/${draft.id}`)
  await chief.getByRole('button', { name: 'Mise à jour' }).click()
  const dialog = chief.getByRole('dialog')
  await dialog.locator('#suite-texte:focus').waitFor()
  await chief.keyboard.type('auteurs armés, fermez vos commerces.')
  await dialog.getByRole('button', { name: 'Soumettre…' }).click()
  await dialog.getByRole('button', { name: 'Diffuser sans attendre…' }).click()
  // A reason is required.
  const alone = dialog.getByRole('button', { name: 'Maintenir pour diffuser seul' })
  await alone.waitFor()
  await expect.poll(() => alone.isDisabled()).toBe(true)
  await dialog.getByLabel('Motif de l’urgence').fill('Arme vue, clients dans les commerces.')
  expect(await violationsIn(chief, [LOOKS.desk, LOOKS.phone])).toEqual([])
  await alone.focus()
  await chief.keyboard.press('Enter')
  await chief.keyboard.press('Enter')
  await dialog.waitFor({ state: 'hidden' })
  await expect.poll(() => sentOf(context, draft.id)).toEqual(['first', 'update'])
  // The chief who ordered it cannot sign, even after a reload.
  const toSign = chief.getByRole('article', { name: `Relecture de l’alerte ${draft.reference}` })
  for (const [path, place] of [
    [`/alertes/${draft.id}`, chief.getByRole('main')],
    ['/a-valider', toSign],
  ] as const) {
    await chief.goto(path)
    await place.waitFor()
    await chief.getByText('Arme vue, clients dans les commerces.').first().waitFor()
    await chief.getByText('Un autre chef ou un magistrat doit la signer.').first().waitFor()
    await expect.poll(() => place.getByRole('button', { name: 'Signer' }).count()).toBe(0)
  }
  const reviewOf = async () => {
    const { alert } = await demo.call<AlertPage>(context, 'GET', `/api/schemes/ac63/alerts/${draft.id}`)
    return alert.followUps.map(({ approval }) => [approval.review, approval.reviewNote])
  }
  expect(await reviewOf()).toEqual([['open', null]])

  // The alert may end meanwhile: the review is still open.
  const { alert } = await demo.call<AlertPage>(context, 'GET', `/api/schemes/ac63/alerts/${draft.id}`)
  await expect
    .poll(
      async () =>
        (await demo.call<AlertPage>(context, 'GET', `/api/schemes/ac63/alerts/${alert.id}`)).alert.state,
    )
    .toBe('updated')
  await post(operator, `/alerts/${draft.id}/end`, {})
  const magistrate = await demo.enter('magistrate', '/a-valider', { look: LOOKS.phone })
  const card = magistrate.getByRole('article', { name: `Relecture de l’alerte ${draft.reference}` })
  await magistrate.getByText('Arme vue, clients dans les commerces.').first().waitFor()
  await magistrate.getByText('auteurs armés, fermez vos commerces.', { exact: false }).first().waitFor()
  expect(await violations(magistrate)).toEqual([])
  await card.getByRole('radio', { name: 'Non justifiée', exact: true }).check({ force: true })
  await expect.poll(() => card.getByRole('button', { name: 'Signer' }).isDisabled()).toBe(true)
  await card.getByLabel('Observation').fill('Aucune arme : un second regard l’aurait vu.')
  await card.getByRole('button', { name: 'Signer' }).click()
  await card.waitFor({ state: 'detached' })
  expect(await reviewOf()).toEqual([['not_justified', 'Aucune arme : un second regard l’aurait vu.']])
  await chief.goto(`/alertes/${draft.id}`)
  await chief.getByText('Relecture signée par Hélène Roche', { exact: false }).waitFor()
  await chief.getByText('un second regard', { exact: false }).first().waitFor()
  expect(await violations(chief)).toEqual([])
})
