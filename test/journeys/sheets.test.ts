import type { BrowserContext, Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { AlertPage, AlertView, NearList } from '../../src/alerts/contract.ts'
import type { ReportList, ReportView } from '../../src/reports/contract.ts'
import {
  type Door,
  enterCall,
  FETCH,
  LOOKS,
  pressUntil,
  serverClockOf,
  settled,
  violations,
  withDemo,
} from '../support/demo.ts'

/** The default of the product. */
const CANCEL_SECONDS = 3
const demo = withDemo({ cancelSeconds: CANCEL_SECONDS })

const post = <T>(of: Page | BrowserContext, path: string, data: object = {}) =>
  demo.call<T>(of, 'POST', `/api/schemes/ac63${path}`, data)
const alertOf = async (of: Page | BrowserContext, id: string) =>
  (await demo.call<AlertPage>(of, 'GET', `/api/schemes/ac63/alerts/${id}`)).alert
const kindsOf = async (of: Page | BrowserContext, id: string) =>
  (await alertOf(of, id)).broadcasts.map(({ kind }) => kind)

/** Creates an alert about a place, as its author. */
async function write(author: BrowserContext, categoryCode: string, communeCode: string): Promise<AlertView> {
  const report = await post<ReportView>(author, '/reports', { categoryCode, communeCode })
  return post<AlertView>(author, '/alerts', {
    reportId: report.id,
    text: `Alerte à ${report.commune.name}. Ne pas intervenir, appelez le 17.`,
    area: { kind: 'commune', code: communeCode },
    doctrine: { offence: true, arrested: false, level: 'established' },
    outsideZoneReason: 'Essai',
  })
}

/** Creates an alert that requires a second person, and submits it. */
async function submit(author: BrowserContext, communeCode: string): Promise<AlertView> {
  const draft = await write(author, 'armed-robbery', communeCode)
  return order(author, draft, 'submit')
}

/** Orders or submits an alert, confirming any near alert of other tests. */
async function order(
  of: BrowserContext,
  draft: AlertView,
  verb: 'submit' | 'approve' | 'broadcast',
): Promise<AlertView> {
  const { alerts } = await post<NearList>(of, '/alerts/near', { reportId: draft.reportId })
  const confirmNear = alerts.filter(({ mustConfirm }) => mustConfirm).map(({ id }) => id)
  return post<AlertView>(of, `/alerts/${draft.id}/${verb}`, { version: draft.version, confirmNear })
}

/** Sends an alert whose author and second person may both write follow-ups. */
async function approved(communeCode: string): Promise<AlertView> {
  const draft = await submit(await demo.visit('operator'), communeCode)
  return order(await demo.visit('chief'), draft, 'approve')
}

/** Sends an alert without a second person. */
async function broadcast(communeCode: string): Promise<AlertView> {
  const operator = await demo.visit('operator')
  const draft = await write(operator, 'counterfeit-notes', communeCode)
  return order(operator, draft, 'broadcast')
}

const phone = (door: Door, path: string) =>
  demo.enter(door, path, { look: LOOKS.lightPhone, touch: true, clock: true })

/** Forwards the clock of a page past the time to cancel. */
const passCancelWindow = (page: Page) => page.clock.fastForward(CANCEL_SECONDS * 1000)

/** Enters a call in the room, up to its area. */
async function compose(page: Page, category: string, commune: string): Promise<void> {
  // The click is forced, so that it does not wait by itself until the room stands still.
  await settled(page)
  await page.getByRole('radio', { name: category }).check({ force: true })
  await page.getByRole('combobox', { name: 'Où' }).fill(commune)
  await page
    .getByRole('option', { name: new RegExp(`^${commune}`) })
    .first()
    .click()
  await page.locator('input[id^="zone-"]:checked').waitFor({ state: 'attached' })
  await page.locator('#infraction-yes').check({ force: true })
}

/** Waits until the open sheet can send, and confirms the near alerts of other tests. */
async function ready(page: Page, hold: Locator): Promise<void> {
  // The near alerts may arrive after the button, and disable it again.
  await settled(page)
  const tick = dialogOf(page).getByRole('checkbox')
  await expect
    .poll(async () => {
      if ((await tick.count()) > 0) await tick.check({ force: true })
      return hold.isEnabled()
    })
    .toBe(true)
}

/**
 * Holds the button of the open sheet with a finger until it is confirmed, then releases it.
 * @param where on the button, from its upper edge (0) to its lower (1)
 */
async function holdWithFinger(page: Page, name: RegExp, where: number): Promise<void> {
  const dialog = page.getByRole('dialog')
  const button = dialog.getByRole('button', { name })
  await ready(page, button)
  await button.scrollIntoViewIfNeeded()
  const box = await button.boundingBox()
  if (box === null) throw new Error('the button is not drawn')
  const finger = { x: box.x + box.width / 2, y: box.y + box.height * where }
  const input = await page.context().newCDPSession(page)
  const touch = (type: 'touchStart' | 'touchEnd') =>
    input.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchStart' ? [finger] : [] })
  await touch('touchStart')
  const cancel = dialog.getByRole('button', { name: /^Annuler le départ/ })
  await cancel.waitFor()
  const way = await cancel.boundingBox()
  await touch('touchEnd')
  expect(
    way !== null && finger.y >= way.y && finger.y <= way.y + way.height,
    'cancel is under the finger',
  ).toBe(false)
}

/** The requests that send something. */
const ORDER =
  /\/alerts\/[0-9a-f-]{36}\/(broadcast|override|approve|outcome|follow-ups(\/override|\/[0-9a-f-]{36}\/approve)?)$/
const dialogOf = (page: Page) => page.getByRole('dialog')
const HOLD = /^Maintenir pour (diffuser|envoyer|réessayer)/

/** Each sheet that sends, opened on a phone: who, where, and what was sent after the confirmation. */
const sheets: readonly (readonly [
  name: string,
  open: () => Promise<{ page: Page; id: string | null; kinds: readonly string[] }>,
])[] = [
  [
    'the order',
    async () => {
      const page = await phone('operator', '/salle')
      await compose(page, 'Faux billets', 'Chamalières')
      await page.getByRole('button', { name: /^Diffuser à/ }).click()
      return { page, id: null, kinds: ['first'] }
    },
  ],
  [
    'an order without the second person',
    async () => {
      const page = await phone('chief', '/salle')
      await compose(page, 'Vol à main armée', 'Courpière')
      await page.getByRole('button', { name: /^Soumettre/ }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('button', { name: 'Diffuser sans attendre…' }).click()
      await dialog.getByLabel('Motif de l’urgence').fill('Auteurs armés.')
      return { page, id: null, kinds: ['first'] }
    },
  ],
  [
    'the order of the second person',
    async () => {
      const { id, reference } = await submit(await demo.visit('operator'), '63300')
      const page = await phone('chief', '/a-valider')
      const card = page.getByRole('article', { name: reference })
      await card.getByRole('button', { name: /^Diffuser à/ }).click()
      return { page, id, kinds: ['first'] }
    },
  ],
  [
    'a follow-up',
    async () => {
      const { id } = await broadcast('63430')
      const page = await phone('operator', `/alertes/${id}`)
      await page.getByRole('button', { name: 'Mise à jour' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.locator('#suite-texte').fill('Mise à jour : billets de 50 euros à Courpière aussi.')
      await dialog.getByRole('button', { name: /^Envoyer à/ }).click()
      return { page, id, kinds: ['first', 'update'] }
    },
  ],
  [
    'a follow-up without the second person',
    async () => {
      const { id } = await approved('63003')
      const page = await phone('chief', `/alertes/${id}`)
      await page.getByRole('button', { name: 'Mise à jour' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.locator('#suite-texte').fill('Mise à jour : fermez vos commerces.')
      await dialog.getByRole('button', { name: 'Soumettre…' }).click()
      await dialog.getByRole('button', { name: 'Diffuser sans attendre…' }).click()
      await dialog.getByLabel('Motif de l’urgence').fill('Arme vue.')
      return { page, id, kinds: ['first', 'update'] }
    },
  ],
  [
    'a follow-up sent by the second person',
    async () => {
      const alert = await approved('63178')
      await post(await demo.visit('operator'), `/alerts/${alert.id}/follow-ups/submit`, {
        kind: 'update',
        text: 'Mise à jour : deux hommes en scooter vers la gare.',
        after: alert.broadcasts[0]?.id,
        key: crypto.randomUUID(),
      })
      const page = await phone('chief', '/a-valider')
      const card = page.getByRole('article', { name: `Mise à jour de l’alerte ${alert.reference}` })
      await card.getByRole('button', { name: /^Envoyer à/ }).click()
      return { page, id: alert.id, kinds: ['first', 'update'] }
    },
  ],
  [
    'the thanks of an outcome',
    async () => {
      const { id } = await broadcast('63124')
      const operator = await demo.visit('operator')
      await expect.poll(async () => (await alertOf(operator, id)).state).toBe('active')
      await post(operator, `/alerts/${id}/end`)
      const page = await phone('operator', `/alertes/${id}`)
      await page.getByRole('button', { name: 'Bilan' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByRole('radio', { name: 'Interpellation' }).check({ force: true })
      await dialog.getByRole('button', { name: 'Enregistrer et remercier' }).click()
      return { page, id, kinds: ['first', 'thanks'] }
    },
  ],
]

/** Describes where the focus is: in the sheet, or behind it. */
const isInSheet = (page: Page) => page.locator('[role=dialog]:focus, [role=dialog] :focus').count()

test('by keyboard: only Enter confirms, and accidental typing sends nothing', async () => {
  const page = await demo.enter('operator', '/salle')
  await compose(page, 'Faux billets', 'Issoire')
  await page.keyboard.press('Control+Enter')
  const dialog = page.getByRole('dialog')
  await dialog.locator('button:focus', { hasText: 'Maintenir pour diffuser' }).waitFor()
  // Words with spaces, followed by Enter; and the shortcuts of the room behind.
  await page.keyboard.type('deux  auteurs à  pied')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Space')
  await page.keyboard.press('Space')
  await page.keyboard.press('3')
  await page.keyboard.press('Alt+e')
  await dialog.getByRole('button', { name: 'Maintenir pour diffuser' }).waitFor()
  await expect.poll(() => dialog.getByText('L’alerte part…').count()).toBe(0)
  await expect.poll(() => page.getByRole('combobox', { name: 'Où' }).inputValue()).toMatch(/^Issoire/)
  await expect.poll(() => page.getByRole('radio', { name: 'Faux billets' }).isChecked()).toBe(true)
  await expect.poll(() => page.locator('#niveau-established').isChecked()).toBe(true)
  // A second after the typing, Enter twice is intended.
  await expect
    .poll(async () => {
      await page.keyboard.press('Enter')
      return dialog.getByRole('button', { name: /^Entrée encore une fois/ }).count()
    })
    .toBe(1)
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/alertes\/[0-9a-f-]{36}$/)
})

test('by keyboard: Enter does not close the sheet while its audience is being counted', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('operator', '/salle')
  let release = () => {}
  const counted = new Promise<void>((resolve) => {
    release = resolve
  })
  await page.route('**/audience/preview', async (route) => {
    await counted
    await route.continue()
  })
  await enterCall(page, '2', 'thie', /Thiers/)
  await page
    .getByText(/^Faux billets .*Thiers/)
    .first()
    .waitFor()
  await page.keyboard.press('Control+Enter')
  const dialog = page.getByRole('dialog')
  await dialog.locator('button:focus', { hasText: 'Oui, constatée' }).waitFor()
  await page.keyboard.press('Enter')
  await dialog.getByRole('button', { name: 'Maintenir pour diffuser', disabled: true }).waitFor()
  await page.locator('[role=dialog]:focus').waitFor()
  await page.keyboard.press('Enter')
  release()
  await dialog.locator('button:focus', { hasText: 'Maintenir pour diffuser' }).waitFor()
})

test('by keyboard: text typed after “without waiting” is its reason, and Tab stays in the sheet', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('chief', '/salle')
  await compose(page, 'Vol à main armée', 'Lezoux')
  const where = await page.getByRole('combobox', { name: 'Où' }).inputValue()
  await page.keyboard.press('Control+Enter')
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Diffuser sans attendre…' }).press('Enter')
  const reason = dialog.getByLabel('Motif de l’urgence')
  await reason.waitFor()
  await page.keyboard.type('Auteurs  armés en  fuite.')
  await expect.poll(() => reason.inputValue()).toBe('Auteurs  armés en  fuite.')
  for (let tabs = 0; tabs < 8; tabs++) {
    await page.keyboard.press('Tab')
    expect(await isInSheet(page)).toBe(1)
  }
  await expect.poll(() => dialog.getByText('L’alerte part…').count()).toBe(0)
  await expect.poll(() => page.getByRole('combobox', { name: 'Où' }).inputValue()).toBe(where)
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'detached' })
})

test('in the room: what is typed outside a field goes to the line, even before it is there, and shortcuts need Alt', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('operator', '/salle')
  const line = page.getByRole('textbox', { name: 'L’appel en une ligne' })
  await line.waitFor()
  const opened = Promise.withResolvers<void>()
  await page.route(/\/api\/schemes\/ac63$/, async (route) => {
    await opened.promise
    await route.continue()
  })
  await page.reload()
  await page.getByRole('heading', { name: 'Salle', level: 1 }).waitFor({ state: 'attached' })
  await page.keyboard.type('vma amc')
  await page.keyboard.press('Backspace')
  opened.resolve()
  await expect.poll(() => line.inputValue()).toBe('vma am')
  await page.keyboard.type('bert')
  const where = page.getByRole('combobox', { name: 'Où' })
  await expect.poll(() => where.inputValue()).toMatch(/^Ambert/)
  await expect.poll(() => page.getByRole('radio', { name: 'Vol à main armée' }).isChecked()).toBe(true)
  await expect.poll(() => page.locator('#niveau-established').isChecked()).toBe(true)
  // From a chip too, since it is not a text field.
  await page.locator('#niveau-established').focus()
  await page.keyboard.type('tabac')
  await expect.poll(() => line.inputValue()).toBe('vma ambert tabac')
  await expect.poll(() => page.locator('input[id^="infraction-"]:checked').count()).toBe(0)
  for (const [key, field] of [
    ['Alt+e', '#niveau-precise'],
    ['Alt+s', '#niveau-established'],
    ['Alt+o', '#infraction-yes'],
    ['Alt+t', '#zone-scheme'],
  ] as const) {
    await page.keyboard.press(key)
    await expect.poll(() => page.locator(field).isChecked(), { message: key }).toBe(true)
  }
  await expect.poll(() => page.locator('#niveau-precise').getAttribute('aria-keyshortcuts')).toBe('Alt+E')
})

/** Maximum time until a page sends another request, whose response carries the server's time. */
const REREAD_MS = 30_000
const GREW_OLD = 'Les faits datent de plus de 60\u00a0minutes.'
const WHY = 'Pourquoi l’alerte part encore'

test('an open sheet asks for the reason when the facts become old meanwhile: author and second person', {
  tags: 'long',
}, async () => {
  const operator = await demo.visit('operator', { clock: true })
  const at = new Date(Date.now() - 50 * 60_000).toISOString()
  const report = (categoryCode: string, communeCode: string) =>
    post<{ id: string }>(operator, '/reports', { categoryCode, communeCode, occurredAt: at, calledAt: at })
  const { id: reportId } = await report('armed-robbery', '63284')
  const draft = await post<AlertView>(operator, '/alerts', {
    reportId,
    text: 'Vol à main armée à Pont-du-Château. Ne pas intervenir, appelez le 17.',
    area: { kind: 'commune', code: '63284' },
    doctrine: { offence: true, arrested: false, level: 'established' },
    outsideZoneReason: 'Essai',
  })
  await post(operator, `/alerts/${draft.id}/submit`, { version: draft.version })
  const chief = await demo.visit('chief', { clock: true })
  const page = await chief.newPage()
  const setMinutesAhead = await serverClockOf(page)
  await page.goto('/a-valider')
  const card = page.getByRole('article', { name: draft.reference })
  await card.getByRole('button', { name: /^Diffuser à/ }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Maintenir pour diffuser' }).waitFor()
  await expect.poll(() => dialog.getByText(GREW_OLD).count()).toBe(0)
  setMinutesAhead(11)
  await page.clock.fastForward(REREAD_MS)
  await post(operator, '/reports', { categoryCode: 'trick-theft', communeCode: '63300' })
  await dialog.getByText(GREW_OLD).waitFor()
  const waits = dialog.getByRole('button', { name: 'Écrivez d’abord le motif' })
  await expect.poll(() => waits.isDisabled()).toBe(true)
  // The typed text is the reason.
  await page.keyboard.type('Véhicule revu  à Lempdes.')
  await expect.poll(() => dialog.getByLabel(WHY).inputValue()).toBe('Véhicule revu  à Lempdes.')
  await confirm(page)
  await expect
    .poll(async () => (await alertOf(operator, draft.id)).approval.reason)
    .toBe('Véhicule revu  à Lempdes.')

  const room = await operator.newPage()
  const setAhead = await serverClockOf(room)
  const { id: mine } = await report('trick-theft', '63075')
  await room.goto(`/salle?signalement=${mine}`)
  await room.getByRole('region', { name: 'Signalement enregistré' }).waitFor()
  await room.locator('#infraction-yes').check({ force: true })
  await room.getByRole('button', { name: /^Diffuser à/ }).click()
  await dialogOf(room).getByRole('button', { name: 'Maintenir pour diffuser' }).waitFor()
  setAhead(11)
  await room.clock.fastForward(REREAD_MS)
  await post(operator, '/reports', { categoryCode: 'trick-theft', communeCode: '63113' })
  await dialogOf(room).getByText(GREW_OLD).waitFor()
  await room.keyboard.type('Toujours en fuite.')
  await expect.poll(() => dialogOf(room).getByLabel(WHY).inputValue()).toBe('Toujours en fuite.')
  await confirm(room)
  await room.waitForURL(/\/alertes\/[0-9a-f-]{36}$/)
  const left = new URL(room.url()).pathname.split('/').at(-1) ?? ''
  expect((await alertOf(operator, left)).orderedAt).not.toBeNull()
})

const NOT_KNOWN = /On ne sait pas encore si/
const NOTHING = /Rien n’est parti/
const UNREACHABLE = /Le serveur ne répond pas/

/** Confirms in the open sheet by pressing Enter twice, and lets the time to cancel pass. */
async function confirm(page: Page): Promise<void> {
  const hold = dialogOf(page).getByRole('button', { name: /^Maintenir pour/ })
  await ready(page, hold)
  await pressUntil(page, hold, () => dialogOf(page).getByText('L’alerte part…').isVisible())
  await passCancelWindow(page)
}

/** Skips the pauses between the requests about a lost response, until the result is shown. */
async function askAtOnce(page: Page, told: Locator): Promise<void> {
  await expect
    .poll(async () => {
      await page.clock.fastForward(2000)
      return told.isVisible()
    })
    .toBe(true)
}

/** The requests that read alerts, single or lists. */
const READ = /\/alerts(\/current|\/[0-9a-f-]{36})?(\?.*)?$/

/** Blocks the requests of a page that read alerts, until released. */
async function cutReads(page: Page): Promise<() => Promise<void>> {
  await page.route(READ, (route) => (route.request().method() === 'GET' ? route.abort() : route.fallback()))
  return () => page.unroute(READ)
}

/** Lets orders through to the server, and loses their responses. */
async function loseAnswers(page: Page): Promise<() => number> {
  let orders = 0
  await page.route(ORDER, async (route) => {
    orders += 1
    await route.fetch(FETCH)
    await route.abort('connectionreset')
  })
  return () => orders
}

/** Lets creations through to the server and loses their responses, until it is stopped. */
async function loseCreations(page: Page, path: RegExp) {
  const ids: string[] = []
  await page.route(path, async (route) => {
    if (route.request().method() !== 'POST') return route.fallback()
    ids.push((route.request().postDataJSON() as { id: string }).id)
    await route.fetch(FETCH)
    await route.abort('connectionreset')
  })
  return { ids: () => ids, stop: () => page.unroute(path) }
}

/** Checks that the focus stays inside the sheet while it is open, counting down, in progress and refused. */
async function refuseByKeyboard(page: Page): Promise<void> {
  const dialog = dialogOf(page)
  await expect.poll(() => isInSheet(page)).toBe(1)
  const asked = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<void>()
  await page.route(ORDER, async (route) => {
    asked.resolve()
    await answer.promise
    await route.fulfill({
      status: 422,
      json: { code: 'no_route', message: 'Aucune liaison SMS.', problems: [] },
    })
  })
  const hold = dialog.getByRole('button', { name: HOLD })
  await ready(page, hold)
  await pressUntil(page, hold, () => dialog.getByText('L’alerte part…').isVisible())
  expect(await isInSheet(page)).toBe(1)
  await passCancelWindow(page)
  await asked.promise
  await dialog.getByText('Diffusion en cours…').waitFor()
  await page.keyboard.type('xe')
  expect(await isInSheet(page)).toBe(1)
  answer.resolve()
  await dialog.getByText('Aucune liaison SMS.').filter({ visible: true }).waitFor()
  expect(await isInSheet(page)).toBe(1)
  await page.unroute(ORDER)
}

/** Checks that the order is cancelled by its own button, and not by releasing the finger that confirmed it. */
async function cancelThenLeave(page: Page): Promise<void> {
  const dialog = dialogOf(page)
  await holdWithFinger(page, HOLD, 0.5)
  await dialog.getByText('L’alerte part…').waitFor()
  await dialog.getByRole('button', { name: /^Annuler le départ/ }).tap()
  await dialog.getByRole('button', { name: HOLD }).waitFor()
  await holdWithFinger(page, HOLD, 0.95)
  await passCancelWindow(page)
}

const [theOrder, ...otherSheets] = sheets
const sent =
  'the sheet that sends %s: refused by keyboard, cancelled and sent by finger, and its lost response recovered'
test.each(theOrder ? [theOrder] : [])(sent, sendFromSheet)
test.each(otherSheets)(sent, { tags: 'long' }, sendFromSheet)

async function sendFromSheet(_name: string, open: (typeof sheets)[number][1]): Promise<void> {
  const { page, id, kinds } = await open()
  await refuseByKeyboard(page)
  const letRead = await cutReads(page)
  const orders = await loseAnswers(page)
  await cancelThenLeave(page)
  await page.getByText(NOT_KNOWN).first().waitFor()
  await dialogOf(page).getByText('On le demande au serveur…').waitFor()
  expect(await isInSheet(page)).toBe(1)
  await expect.poll(() => page.getByText(NOTHING).count()).toBe(0)
  await letRead()
  // Thanks are sent or planned: at night they wait for the morning.
  const told = kinds.includes('thanks')
    ? /destinataires remerciés|Bilan|remerci/
    : /(partie|parti) à \d\d:\d\d\./
  await askAtOnce(page, page.getByText(told).first())
  await dialogOf(page).waitFor({ state: 'hidden' })
  if (id === null) await page.waitForURL(/\/alertes\/[0-9a-f-]{36}$/)
  const left = id ?? new URL(page.url()).pathname.split('/').at(-1) ?? ''
  await expect.poll(() => kindsOf(page, left)).toEqual(kinds)
  expect(orders()).toBe(1)
}

test('a submission whose response is lost: unknown, then submitted', { tags: 'long' }, async () => {
  const page = await demo.enter('operator', '/salle', { clock: true })
  await compose(page, 'Vol à main armée', 'Aubière')
  const letRead = await cutReads(page)
  await page.route('**/submit', async (route) => {
    await route.fetch(FETCH)
    await route.abort('connectionreset')
  })
  await page.keyboard.press('Control+Enter')
  await dialogOf(page).getByRole('button', { name: 'Soumettre', exact: true }).click()
  await dialogOf(page).getByText('On ne sait pas encore si l’alerte est soumise', { exact: false }).waitFor()
  await letRead()
  await askAtOnce(page, page.getByText(/Votre alerte est soumise depuis \d\d:\d\d\./).first())
  await dialogOf(page).waitFor({ state: 'hidden' })
})

test('the connection is cut while an order can still be cancelled: nothing is sent, as the screen then shows; the next try sends once', async () => {
  const page = await demo.enter('operator', '/salle', { clock: true })
  await compose(page, 'Faux billets', 'Clermont-Ferrand')
  await page.getByText(/^Enregistré à /).waitFor()
  await page.keyboard.press('Control+Enter')
  // The first try recorded the report and the alert; only the order was cut.
  await page.route(ORDER, (route) => route.abort('connectionreset'))
  const letRead = await cutReads(page)
  await confirm(page)
  await dialogOf(page).getByText(NOT_KNOWN).waitFor()
  await letRead()
  await page.unroute(ORDER)
  await askAtOnce(
    page,
    dialogOf(page).getByText('Rien n’est parti\u00a0: la demande n’est pas arrivée au serveur.'),
  )
  await dialogOf(page).getByRole('button', { name: 'Maintenir pour réessayer' }).waitFor()
  await confirm(page)
  await page.waitForURL(/\/alertes\/[0-9a-f-]{36}$/)
  expect(await kindsOf(page, new URL(page.url()).pathname.split('/').at(-1) ?? '')).toEqual(['first'])
})

test('the responses of the report and of the alert are lost: each try uses the same ids, and one alert is sent once', async () => {
  const page = await demo.enter('operator', '/salle', { clock: true })
  await compose(page, 'Faux billets', 'Gerzat')
  const reports = await loseCreations(page, /\/api\/schemes\/ac63\/reports$/)
  const alerts = await loseCreations(page, /\/api\/schemes\/ac63\/alerts$/)
  await page.keyboard.press('Control+Enter')
  await confirm(page)
  await dialogOf(page).getByText(UNREACHABLE).filter({ visible: true }).waitFor()
  await reports.stop()
  await confirm(page)
  await expect.poll(() => alerts.ids().length).toBeGreaterThan(0)
  await dialogOf(page).getByText(UNREACHABLE).filter({ visible: true }).waitFor()
  await alerts.stop()
  await confirm(page)
  await page.waitForURL(/\/alertes\/[0-9a-f-]{36}$/)
  const id = new URL(page.url()).pathname.split('/').at(-1) ?? ''
  const alert = await alertOf(page, id)
  expect([...new Set(reports.ids())]).toEqual([alert.reportId])
  expect([...new Set(alerts.ids())]).toEqual([id])
  expect(alert.broadcasts.map(({ kind }) => kind)).toEqual(['first'])
  const of = (communeCode: string) => (one: ReportView) => one.commune.code === communeCode
  const { reports: all } = await demo.call<ReportList>(
    page,
    'GET',
    '/api/schemes/ac63/reports?categoryCode=counterfeit-notes&limit=100&q=Gerzat',
  )
  expect(all.filter(of('63164')).filter(({ id: one }) => one === alert.reportId)).toHaveLength(1)
  expect(all.filter(of('63164')).filter(({ state }) => state === 'waiting')).toEqual([])
})

test('the session ends over the room: the sign-in opens over it, and draft and order are there afterwards', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('operator', '/salle', { clock: true })
  const ended = page.getByText('Votre session a pris fin', { exact: false })
  const signIn = async () => {
    await ended.waitFor()
    expect(new URL(page.url()).pathname).toBe('/salle')
    // Nothing of the room can be read meanwhile.
    await expect.poll(() => page.getByRole('combobox', { name: 'Où' }).isVisible()).toBe(false)
    await page.getByRole('button', { name: /^Entrer de nouveau/ }).click()
    await ended.waitFor({ state: 'detached' })
  }
  await compose(page, 'Faux billets', 'Cébazat')
  await page.context().clearCookies()
  // The draft is stored as it is typed: the next request notices.
  await page.locator('#faits').fill('deux billets de 50 euros')
  await ended.waitFor()
  expect(await violations(page)).toEqual([])
  await signIn()
  await expect.poll(() => page.locator('#faits').inputValue()).toBe('deux billets de 50 euros')
  await expect.poll(() => page.getByRole('radio', { name: 'Faux billets' }).isChecked()).toBe(true)

  await page.keyboard.press('Control+Enter')
  await page.route(ORDER, async (route) => {
    await route.fetch(FETCH)
    await page.context().clearCookies()
    await route.abort('connectionreset')
  })
  await confirm(page)
  await ended.waitFor()
  await expect.poll(() => page.getByText(NOTHING).count()).toBe(0)
  await page.unroute(ORDER)
  await signIn()
  // The room finds that the alert left, and opens its page.
  await page.waitForURL(/\/alertes\/[0-9a-f-]{36}$/)
  await expect.poll(() => page.getByText(NOTHING).count()).toBe(0)
  expect(await kindsOf(page, new URL(page.url()).pathname.split('/').at(-1) ?? '')).toEqual(['first'])
  await page.goto('/salle')
  await page.getByRole('radio', { name: 'Faux billets' }).waitFor()
  await expect.poll(() => page.getByRole('combobox', { name: 'Où' }).inputValue()).toBe('')
})

test('a page reloaded while a follow-up is being sent: its form shows that it was sent, and does not send it twice', async () => {
  const { id } = await broadcast('63295')
  const page = await demo.enter('operator', `/alertes/${id}`, { clock: true })
  await page.getByRole('button', { name: 'Mise à jour' }).click()
  await dialogOf(page).locator('#suite-texte').fill('Mise à jour : vu à Volvic.')
  await dialogOf(page)
    .getByRole('button', { name: /^Envoyer à/ })
    .click()
  const sent = Promise.withResolvers<void>()
  let orders = 0
  // Kept until the end: a route removed while a page is loading can leave a request of that page unanswered.
  await page.route(ORDER, async (route) => {
    orders += 1
    await route.fetch(FETCH)
    sent.resolve()
  })
  await confirm(page)
  await sent.promise
  await page.reload()
  await page.getByRole('button', { name: 'Mise à jour' }).waitFor()
  const letRead = await cutReads(page)
  await page.getByRole('button', { name: 'Mise à jour' }).click()
  await dialogOf(page).getByText(NOT_KNOWN).waitFor()
  await expect
    .poll(() =>
      dialogOf(page)
        .getByRole('button', { name: /^Envoyer/ })
        .isDisabled(),
    )
    .toBe(true)
  await letRead()
  await askAtOnce(page, page.getByText(/Votre message est parti à \d\d:\d\d\./).first())
  await dialogOf(page).waitFor({ state: 'hidden' })
  expect(orders).toBe(1)
  expect(await kindsOf(page, id)).toEqual(['first', 'update'])
})
