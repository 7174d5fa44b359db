import type { BrowserContext, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { AlertPage, AlertView } from '../../src/alerts/contract.ts'
import { type Door, LOOKS, withDemo } from '../support/demo.ts'

const demo = withDemo()

const post = <T>(of: Page | BrowserContext, path: string, data: object = {}) =>
  demo.call<T>(of, 'POST', `/api/schemes/ac63${path}`, data)
const alertOf = async (of: Page | BrowserContext, id: string) =>
  (await demo.call<AlertPage>(of, 'GET', `/api/schemes/ac63/alerts/${id}`)).alert
const kindsOf = async (of: Page | BrowserContext, id: string) =>
  (await alertOf(of, id)).broadcasts.map(({ kind }) => kind)

/** Writes an alert of a place, as its author. */
async function write(author: BrowserContext, categoryCode: string, communeCode: string): Promise<AlertView> {
  const report = await post<{ id: string }>(author, '/reports', { categoryCode, communeCode })
  const names: Record<string, string> = { '63300': 'Riom', '63430': 'Thiers', '63003': 'Ambert' }
  return post<AlertView>(author, '/alerts', {
    reportId: report.id,
    text: `Alerte à ${names[communeCode] ?? communeCode}. Ne pas intervenir, appelez le 17.`,
    area: { kind: 'commune', code: communeCode },
    doctrine: { offence: true, arrested: false, level: 'established' },
    outsideZoneReason: 'Essai',
  })
}

/** Writes one that needs a second person, and submits it. */
async function submit(author: BrowserContext, communeCode: string): Promise<AlertView> {
  const draft = await write(author, 'armed-robbery', communeCode)
  return post<AlertView>(author, `/alerts/${draft.id}/submit`, { version: draft.version })
}

/** An alert that left, and whose author and second person may both follow it up. */
async function approved(communeCode: string): Promise<AlertView> {
  const draft = await submit(await demo.visit('operator'), communeCode)
  return post<AlertView>(await demo.visit('chief'), `/alerts/${draft.id}/approve`, { version: draft.version })
}

/** One that left without a second person. */
async function broadcast(communeCode: string): Promise<AlertView> {
  const operator = await demo.visit('operator')
  const draft = await write(operator, 'counterfeit-notes', communeCode)
  return post<AlertView>(operator, `/alerts/${draft.id}/broadcast`, { version: draft.version })
}

const phone = (door: Door, path: string) => demo.enter(door, path, { look: LOOKS.lightPhone, touch: true })

/** Enters a call in the room, up to its area. */
async function compose(page: Page, category: string, commune: string): Promise<void> {
  await page.getByRole('radio', { name: category }).check({ force: true })
  await page.getByRole('combobox', { name: 'Où' }).fill(commune)
  await page
    .getByRole('option', { name: new RegExp(`^${commune}`) })
    .first()
    .click()
  await page.locator('input[id^="zone-"]:checked').waitFor({ state: 'attached' })
  await page.locator('#infraction-yes').check({ force: true })
}

/**
 * Holds the button of the open sheet with a finger until it is confirmed, then lifts it.
 * @param where on the button, from its upper edge (0) to its lower (1)
 */
async function holdWithFinger(page: Page, name: RegExp, where: number): Promise<void> {
  const dialog = page.getByRole('dialog')
  const button = dialog.getByRole('button', { name })
  await expect.poll(() => button.isEnabled()).toBe(true)
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

const HOLD = /^Maintenir pour (diffuser|envoyer)/

/** Each sheet that sends, opened on a phone: who, where, and what has left once it is confirmed. */
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
      await dialog.locator('#suite-texte').fill('Mise à jour : Clio grise vue à Courpière.')
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

test.each(sheets)(
  'under a finger, on a phone: %s leaves once, and lifting the finger cancels nothing',
  async (_name, open) => {
    const { page, id, kinds } = await open()
    const dialog = page.getByRole('dialog')
    // In the middle, cancelled by its own button; then on the lower edge, and it leaves.
    await holdWithFinger(page, HOLD, 0.5)
    await dialog.getByText('L’alerte part…').waitFor()
    await dialog.getByRole('button', { name: /^Annuler le départ/ }).tap()
    await dialog.getByRole('button', { name: HOLD }).waitFor()
    await holdWithFinger(page, HOLD, 0.95)
    await dialog.waitFor({ state: 'hidden' })
    if (id === null) await page.waitForURL(/\/alertes\/[0-9a-f-]{36}$/)
    const left = id ?? new URL(page.url()).pathname.split('/').at(-1) ?? ''
    await expect.poll(() => kindsOf(page, left)).toEqual(kinds)
  },
  90_000,
)
