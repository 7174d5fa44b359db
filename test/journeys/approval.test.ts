import { sql } from 'kysely'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { AlertPage } from '../../src/alerts/contract.ts'
import { confirmTwice, LOOKS, violations, violationsIn, withDemo } from '../support/demo.ts'
import { saveInDemo } from '../support/two-persons.ts'

const demo = withDemo()

/** Enters a call in the room, up to the area. */
async function compose(page: Page, category: string, commune: string): Promise<void> {
  await page.getByRole('radio', { name: category }).check({ force: true })
  await page.getByRole('combobox', { name: 'Où' }).fill(commune)
  await page
    .getByRole('option', { name: new RegExp(`^${commune}`) })
    .first()
    .click()
  await page.getByRole('radio', { name: /Communes voisines/ }).check({ force: true })
  await page.getByText(/^\d+$/).first().waitFor()
}

async function submitted(page: Page): Promise<void> {
  await page.keyboard.press('Control+Enter')
  const sheet = page.getByRole('dialog')
  await sheet.getByRole('button', { name: 'Oui, constatée' }).click()
  const drafts: string[] = []
  page.on('request', (request) => {
    const isDraft = /\/alerts(?:\/[\da-f-]{36})?$/.test(request.url())
    if (isDraft && request.method() !== 'GET') drafts.push(request.url())
  })
  // Twice before the screen shows that it is being submitted.
  await sheet
    .getByRole('button', { name: 'Soumettre', exact: true })
    .evaluate((button: { click(): void }) => {
      button.click()
      button.click()
    })
  await page.getByText('Alerte soumise.', { exact: false }).first().waitFor()
  expect(drafts).toHaveLength(1)
}

const alertOf = (page: Page, id: string) =>
  demo.call<AlertPage>(page, 'GET', `/api/schemes/ac63/alerts/${id}`)

test('level 1: a prevention message requires no doctrine answers and is sent at once', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('operator', '/salle')
  await compose(page, 'Message de prévention', 'Thiers')
  // It starts as a prevention message, and cannot be sent before it gives advice.
  await page.getByRole('radio', { name: /Prévention/, checked: true }).waitFor()
  await page.keyboard.press('Control+Enter')
  await page.getByText(/Il manque.*ce dont il faut se méfier/).waitFor()
  await page
    .locator('#message')
    .fill('Vérifiez les billets de 50 euros au toucher et à la lumière. Ne pas intervenir.')
  await page.keyboard.press('Control+Enter')
  const id = await confirmTwice(page, /Maintenir pour diffuser/)
  const { alert } = await alertOf(page, id)
  expect(alert.doctrine).toEqual({ offence: null, arrested: null, level: 'prevention' })
  expect(alert.approval.needed).toBe(false)
  expect(alert.orderedAt).not.toBeNull()
})

test('level 3: an authorisation covers one text, and a second person sends exactly that text', async () => {
  const chief = await demo.enter('chief', '/a-valider')
  await chief.getByText('Rien à valider').waitFor()

  const page = await demo.enter('operator', '/salle')
  await compose(page, 'Vol par ruse', 'Issoire')
  const text =
    'Vol par ruse à Issoire. Voiture grise immatriculée GH-482-LP. Ne pas intervenir, appeler le 17.'
  await page.locator('#message').fill('Voiture grise immatriculée GH-482-LP.')
  await page.locator('#niveau-precise').check({ force: true })
  await page.getByLabel('Magistrat').selectOption({ label: 'Mme Delmas · Parquet de Clermont-Ferrand' })
  await page.getByLabel('Étendue').fill('plaque et couleur du véhicule')
  await page.getByRole('button', { name: 'Consigner l’autorisation' }).click()
  await page.getByText('Valable pour ce texte et ces destinataires.').waitFor()

  // With another text the authorisation is void, and is asked for again.
  await page.locator('#message').fill(text)
  const fallen = page.getByText('L’autorisation de Mme Delmas est caduque', { exact: false })
  await fallen.waitFor()
  await page.getByRole('button', { name: 'Consigner l’autorisation' }).click()
  await page.getByText('Valable pour ce texte et ces destinataires.').waitFor()
  await submitted(page)
  // The call is now a report: no note of it is left.
  await expect.poll(() => page.getByRole('group', { name: 'Brouillons' }).count()).toBe(0)

  // The chief sees it without a reload, counted in the navigation too.
  const card = chief.getByRole('article').filter({ hasText: 'Vol par ruse' })
  await card.getByText(text, { exact: false }).first().waitFor()
  await card.getByText('Infraction constatée').waitFor()
  await card.getByText('Auteurs non interpellés').waitFor()
  // The guard's remarks, and the alert frequency of the recipients.
  await card.getByRole('group', { name: 'Relecture du message' }).waitFor()
  await card
    .getByText(/Personne n’a reçu 2 alertes|Alertes déjà reçues/)
    .first()
    .waitFor()
  await card.getByText('Autorisation de Mme Delmas', { exact: false }).waitFor()
  await chief.getByRole('link', { name: /À valider 1 alerte vous attend/ }).waitFor()
  expect(await violations(chief)).toEqual([])
  await card.getByRole('button', { name: /^Diffuser à/ }).click()
  const id = await confirmTwice(chief, /Maintenir pour diffuser/)

  const { alert, events } = await alertOf(chief, id)
  expect(alert.sentText).toContain('GH-482-LP')
  expect(alert.approval).toMatchObject({ needed: true, decision: 'approved', overridden: false })
  const kinds = events.map(({ kind }) => kind)
  for (const kind of ['authorised', 'authorisation_void', 'submitted', 'approved', 'ordered'] as const) {
    expect(kinds).toContain(kind)
  }
  await chief.getByText('Validée et diffusée par Marc Vidal', { exact: false }).waitFor()
  expect(await violations(chief)).toEqual([])
})

test('returned with a reason, corrected by its author, then sent by the magistrate', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('operator', '/salle')
  await compose(page, 'Vol à main armée', 'Riom')
  await submitted(page)

  const chief = await demo.enter('chief', '/a-valider')
  const card = chief.getByRole('article').filter({ hasText: 'Vol à main armée' })
  await card.getByRole('button', { name: 'Renvoyer…' }).click()
  await chief.getByLabel('Motif').fill('Dites dans quelle direction ils sont partis.')
  await chief.getByRole('dialog').getByRole('button', { name: 'Renvoyer', exact: true }).click()
  await chief.getByText('Rien à valider').waitFor()

  // Its author reads the reason in the room, without leaving it.
  await page.getByRole('button', { name: /Vol à main armée.*renvoyée/ }).click()
  await page.getByText('Dites dans quelle direction ils sont partis.', { exact: false }).waitFor()
  const message = page.locator('#message')
  await expect.poll(() => message.inputValue()).toContain('. ')
  const before = await message.inputValue()
  await message.fill(before.replace('. ', '. Fuite vers Clermont. '))
  await page.keyboard.press('Control+Enter')
  await page.getByRole('dialog').getByRole('button', { name: 'Soumettre', exact: true }).click()
  await page.getByText('Alerte soumise.', { exact: false }).first().waitFor()

  const magistrate = await demo.enter('magistrate', '/a-valider')
  const again = magistrate.getByRole('article').filter({ hasText: 'Fuite vers Clermont' })
  await again.getByRole('button', { name: /^Diffuser à/ }).click()
  const id = await confirmTwice(magistrate, /Maintenir pour diffuser/)
  const { alert, events } = await alertOf(page, id)
  expect(alert.sentText).toContain('Fuite vers Clermont')
  expect(events.find(({ kind }) => kind === 'returned')?.reason).toBe(
    'Dites dans quelle direction ils sont partis.',
  )
  await magistrate.getByText('Dites dans quelle direction ils sont partis.', { exact: false }).waitFor()
})

test('rejected: its author is notified, reads the reason everywhere, uses the text again, and submits another alert', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('operator', '/salle')
  await compose(page, 'Vol à main armée', 'Thiers')
  const message = page.locator('#message')
  const text = 'Vol à main armée à Thiers à l’instant, deux auteurs à pied. Ne pas intervenir.'
  await message.fill(text)
  await submitted(page)

  const chief = await demo.enter('chief', '/a-valider')
  const card = chief.getByRole('article').filter({ hasText: 'deux auteurs à pied' })
  await card.getByRole('button', { name: 'Rejeter…' }).click()
  await chief.getByLabel('Motif').fill('Faits non établis : la patrouille est sur place.')
  await chief.getByRole('dialog').getByRole('button', { name: 'Rejeter', exact: true }).click()
  await chief.getByText('Rien à valider').waitFor()

  // Without asking: as a passing message, in the navigation, and on the report.
  await page.getByText(/est rejetée.: lisez le motif/).waitFor()
  await page.getByRole('link', { name: /À valider 1 alerte vous attend/ }).waitFor()
  await page.getByRole('button', { name: /Vol à main armée.*Thiers.*rejetée/ }).click()
  const note = page.getByRole('region', { name: 'Alerte rejetée' })
  await note.getByText(/rejetée par Marc Vidal/).waitFor()
  await note.getByText('la patrouille est sur place', { exact: false }).waitFor()
  expect(await violations(page)).toEqual([])
  await note.getByRole('button', { name: 'Repartir de ce texte' }).click()
  await expect.poll(() => message.inputValue()).toBe(text)
  await page.getByRole('radio', { name: /Communes voisines/, checked: true }).waitFor()

  // If the text is unchanged, the author is warned before submitting, and so is the second person.
  await note.getByText('C’est le texte rejeté', { exact: false }).waitFor()
  await page.keyboard.press('Control+Enter')
  const sheet = page.getByRole('dialog')
  await sheet.getByText('C’est mot pour mot le texte de', { exact: false }).waitFor()
  await page.keyboard.press('Escape')
  await sheet.waitFor({ state: 'detached' })
  await message.fill(text.replace('deux auteurs', 'trois auteurs'))
  await page.keyboard.press('Control+Enter')
  await sheet.getByRole('button', { name: 'Soumettre', exact: true }).click()
  await page.getByText('Alerte soumise.', { exact: false }).first().waitFor()
  const again = chief.getByRole('article').filter({ hasText: 'trois auteurs' })
  await again.getByText(/Une première alerte, .*, a été rejetée par Marc Vidal/).waitFor()
  await again.getByRole('button', { name: /^Diffuser à/ }).click()
  await confirmTwice(chief, /Maintenir pour diffuser/)
  await page.getByText(/est validée et part/).waitFor()

  // In the lists, and on its page.
  await page.goto('/journal')
  const entry = page
    .getByRole('article')
    .filter({ hasText: 'Thiers' })
    .filter({ hasText: 'Vol à main armée' })
  await entry.getByText('la patrouille est sur place', { exact: false }).waitFor()
  await page.goto('/alertes?etat=rejected')
  await page.getByText('la patrouille est sur place', { exact: false }).waitFor()
  expect(await violations(page)).toEqual([])
  await page.getByRole('link', { name: /deux auteurs à pied/ }).click()
  await page
    .getByText(/^Rejetée par Marc Vidal/)
    .first()
    .waitFor()
})

test('a chief sends without the second person, with a reason, and another signs the review', {
  tags: 'long',
}, async () => {
  const chief = await demo.enter('chief', '/salle')
  await compose(chief, 'Vol à main armée', 'Ambert')
  await chief.keyboard.press('Control+Enter')
  const sheet = chief.getByRole('dialog')
  await sheet.getByRole('button', { name: 'Oui, constatée' }).click()
  await sheet.getByRole('button', { name: 'Diffuser sans attendre…' }).click()
  // The question is not whether to submit, and names the number of recipients.
  await chief.getByRole('dialog', { name: /^Diffuser à \d+ commerçants .* sans deuxième personne/ }).waitFor()
  await sheet.getByLabel('Motif de l’urgence').fill('Auteurs armés en fuite vers le centre-ville.')
  const id = await confirmTwice(chief, /Maintenir pour diffuser seul/)
  expect((await alertOf(chief, id)).alert.approval).toMatchObject({ overridden: true, review: 'open' })
  // The chief who ordered it cannot sign.
  await chief.getByText('Un autre chef ou un magistrat doit la signer.').waitFor()

  const magistrate = await demo.enter('magistrate', '/a-valider', { look: LOOKS.phone })
  const card = magistrate.getByRole('article', { name: /^Relecture/ })
  await card.getByText('Auteurs armés en fuite vers le centre-ville.', { exact: false }).waitFor()
  expect(await violations(magistrate)).toEqual([])
  await card.getByRole('radio', { name: 'Justifiée', exact: true }).check({ force: true })
  await card.getByLabel('Observation').fill('Urgence réelle, texte conforme.')
  await card.getByRole('button', { name: 'Signer' }).click()
  await card.waitFor({ state: 'detached' })
  const { alert, events } = await alertOf(chief, id)
  expect(alert.approval).toMatchObject({ review: 'justified', reviewNote: 'Urgence réelle, texte conforme.' })
  expect(events.map(({ kind }) => kind)).toContain('overridden')
  await chief.getByText('Relecture signée par Hélène Roche', { exact: false }).waitFor()
})

test('an alert that became old while it waited is sent once the second person gives a reason', {
  tags: 'long',
}, async () => {
  const operator = await demo.visit('operator')
  const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString()
  const post = <T>(path: string, data: object) =>
    demo.call<T>(operator, 'POST', `/api/schemes/ac63${path}`, data)
  const report = await post<{ id: string }>('/reports', {
    categoryCode: 'armed-robbery',
    communeCode: '63124',
    occurredAt: ago(70),
    calledAt: ago(65),
  })
  const draft = await post<AlertPage['alert']>('/alerts', {
    reportId: report.id,
    text: 'Vol à main armée à Cournon en fin de journée, boulangerie du centre. Ne pas intervenir, appelez le 17.',
    area: { kind: 'commune', code: '63124' },
    doctrine: { offence: true, arrested: false, level: 'established' },
  })
  // Nobody can be called, so the card itself says when its author may send it without an answer.
  await sql`update on_call_people set removed_at = now() where role = 'approver'`.execute(demo.deps.db)
  await saveInDemo(demo, 'doctrine', {
    unansweredMinutes: { vital: 5, alert: 5, notice: null },
  })
  await post(`/alerts/${draft.id}/submit`, { version: draft.version })
  const own = await operator.newPage()
  await own.goto('/a-valider')
  await own
    .getByRole('article', { name: draft.reference })
    .getByText(/^Sans réponse, diffusion possible dans/)
    .waitFor()

  const chief = await demo.enter('chief', '/a-valider')
  const card = chief.getByRole('article', { name: draft.reference })
  await card.getByText('Depuis les faits').waitFor()
  await card.getByText('Les faits datent de plus de 60\u00a0minutes.').waitFor()
  const send = card.getByRole('button', { name: /^Diffuser à/ })
  await send.waitFor()
  await expect.poll(() => send.isDisabled()).toBe(true)
  expect(await violationsIn(chief, Object.values(LOOKS))).toEqual([])
  await chief.setViewportSize({ width: 1440, height: 900 })
  // The server requires it too, whatever the screen does.
  await expect(
    demo.call(chief, 'POST', `/api/schemes/ac63/alerts/${draft.id}/approve`, { version: draft.version }),
  ).rejects.toThrow(/doctrine\.grown_old.*écrivez pourquoi l’alerte part encore/)
  await card.getByLabel('Pourquoi l’alerte part encore').fill('Véhicule revu à Lempdes il y a cinq minutes.')
  // A member has that name: it stays until the chief says why it is not meant. The operator could submit it all the same.
  await card.getByText(/boulangerie du centre.*nomme un adhérent/).waitFor()
  await expect.poll(() => send.isDisabled()).toBe(true)
  await card.getByRole('button', { name: 'Laisser…' }).click()
  await chief.keyboard.type('Celle du centre commercial, qui n’est pas adhérente.')
  expect(await violations(chief)).toEqual([])
  await chief.keyboard.press('Enter')
  await card.getByText('Laissé par un chef.').waitFor()
  await send.click()
  await confirmTwice(chief, /Maintenir pour diffuser/)
  const { alert, events } = await alertOf(chief, draft.id)
  expect(alert.approval).toMatchObject({
    decision: 'approved',
    reason: 'Véhicule revu à Lempdes il y a cinq minutes.',
  })
  expect(events.find(({ kind }) => kind === 'approved')?.reason).toBe(alert.approval.reason)
  await chief.getByText('Véhicule revu à Lempdes il y a cinq minutes.', { exact: false }).first().waitFor()
})

test('shows all refusals of the server together, and each at its field', { tags: 'long' }, async () => {
  const page = await demo.enter('operator', '/salle')
  await compose(page, 'Vol à main armée', 'Clermont-Ferrand')
  const problems = [
    { code: 'doctrine.arrested', path: 'doctrine.arrested', message: 'Auteurs interpellés entre-temps.' },
    { code: 'guard.blocked', path: 'text', message: 'Un nom de personne.' },
    { code: 'unknown_trade', path: 'trades.0', message: 'Ce métier n’est plus du dispositif.' },
  ]
  await page.route('**/submit', (route) =>
    route.fulfill({
      status: 422,
      json: { code: 'doctrine_refused', message: 'La doctrine s’y oppose.', problems },
    }),
  )
  await page.keyboard.press('Control+Enter')
  const sheet = page.getByRole('dialog')
  await sheet.getByRole('button', { name: 'Oui, constatée' }).click()
  // The keyboard focus moves from the answer to the action.
  await page.keyboard.press('Enter')
  for (const { message } of problems) await sheet.getByText(message).waitFor()
  await page.keyboard.press('Escape')
  await sheet.waitFor({ state: 'detached' })
  const form = page.getByRole('region', { name: 'Signalement et message' })
  for (const { message } of problems) await form.getByText(message).waitFor()
  expect(await violations(page)).toEqual([])
  // Changing the answer removes the error about it, and no other.
  await page.locator('#infraction-arrested').check({ force: true })
  await form.getByText('Auteurs interpellés entre-temps.').waitFor({ state: 'detached' })
  await form.getByText('Un nom de personne.').waitFor()
})
