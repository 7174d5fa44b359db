import { sql } from 'kysely'
import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { AlertPage, AlertView } from '../../../src/alerts/contract.ts'
import type { ReportList } from '../../../src/reports/contract.ts'
import { type Handset, LOOKS, pressUntil, violations, withDemo } from '../../support/demo.ts'

const demo = withDemo({
  // The chamber allows sending what nobody on call answered.
  prepare: (database) =>
    database.query(
      `update schemes set doctrine = doctrine || '{"unansweredMinutes": {"vital": 5}}' where id = 'ac63'`,
    ),
})
const lineAt = (town: string) => `vma ${town} il y a 5 min tabac deux hommes scooter vers lezoux`
const LINE = lineAt('billom')
const ADVICE = 'Ne pas intervenir, ne pas transférer SMS.'

const lineOf = (page: Page) => page.getByRole('textbox', { name: 'L’appel en une ligne' })
const messageOf = (page: Page) => page.getByRole('textbox', { name: 'Message', exact: true })

/** Waits for the message that the line makes, and for everything that it fills. */
async function filled(page: Page, town = 'Billom'): Promise<void> {
  await expect
    .poll(() => messageOf(page).inputValue())
    .toMatch(
      /^Vol à main armée à (?:Billom|Ambert), dans un tabac, (?:hier )?vers \d+h(?:\d\d)? : deux hommes en scooter, direction Lezoux\. Ne pas/,
    )
  const chips = page.getByRole('list', { name: 'Compris' }).getByRole('button')
  const shown = async () => {
    const labels = await chips.evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')))
    return labels.map((label) => label?.replace(/\d+h(?:\d\d)?/, '…').replace('\u00a0', ' '))
  }
  await expect
    .poll(shown)
    .toEqual([
      'Catégorie : Vol à main armée',
      `Commune : ${town}`,
      'Lieu précis : tabac',
      'Heure : …',
      'Faits : deux hommes en scooter, direction Lezoux',
    ])
}

/** Finds the alert that was submitted, and checks what was recorded of the line. */
async function recorded(page: Page): Promise<Pick<AlertView, 'id' | 'reference'>> {
  await page.getByText('Alerte soumise.', { exact: false }).first().waitFor()
  const { reports } = await demo.call<ReportList>(page, 'GET', '/api/schemes/ac63/reports?state=waiting')
  const report = reports.find(
    ({ commune, alert }) => commune.name === 'Billom' && alert?.state === 'submitted',
  )
  expect(report).toMatchObject({ place: 'tabac', facts: 'deux hommes en scooter, direction Lezoux' })
  expect(Date.parse(report?.calledAt ?? '') - Date.parse(report?.occurredAt ?? '')).toBe(5 * 60_000)
  const { alert } = await demo.call<AlertPage>(page, 'GET', `/api/schemes/ac63/alerts/${report?.alert?.id}`)
  expect(alert.text).toContain('à Billom, dans un tabac, vers ')
  expect(alert.text.endsWith(ADVICE)).toBe(true)
  return alert
}

test('a robbery is typed in one line and submitted by four keys; nobody on call answers, it is sent, ended, handed over', async () => {
  const page = await demo.enter('chief', '/salle')
  // The line has the focus as soon as the room opens.
  await expect.poll(() => page.locator(':focus').getAttribute('id')).toBe('ligne')
  await page.keyboard.type(LINE)
  await filled(page)

  // A chip leads to its field; what is changed there by hand stays when the line changes.
  await page.getByRole('button', { name: 'Lieu précis : tabac' }).click()
  await page.keyboard.type('bar')
  await page.keyboard.press('Alt+l')
  await page.keyboard.press('End')
  await page.keyboard.type(' moto')
  await expect
    .poll(() => page.locator('#faits').inputValue())
    .toBe('deux hommes en scooter, direction Lezoux, moto')
  await expect.poll(() => page.locator('#lieu-precis').inputValue()).toContain('bar')
  expect(await violations(page)).toEqual([])

  // The same call from the beginning: the line, then the keys alone.
  await page.getByRole('button', { name: 'Effacer', exact: true }).click()
  await lineOf(page).fill(LINE)
  await filled(page)
  await page.keyboard.press('Control+Enter')
  await page.getByRole('button', { name: 'Oui, constatée' }).waitFor()
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Soumettre', exact: true }).waitFor()
  await page.keyboard.press('Enter')
  const { id, reference } = await recorded(page)

  // The room says who is on call, who was reached and when, and who is next.
  const onCall = page.getByRole('region', { name: /^Astreinte/ })
  await onCall.getByText('1. Marc Vidal').waitFor()
  const strip = page.getByRole('status').filter({ hasText: 'Validation demandée' })
  // The chief who wrote it is not called about it.
  await strip.getByText('Billom, ', { exact: false }).waitFor()
  await strip.getByText('Cne Julie Morel').waitFor()
  await expect.poll(() => strip.textContent()).toMatch(/SMS remis à \d\d:\d\d/)
  await page.getByText(/^Suivant.: tous à la fois dans/).waitFor()
  await page.getByRole('button', { name: 'Suivant maintenant' }).click()
  await page.getByText('Tous ont été prévenus.').waitFor()
  await page.getByText(/^Sans réponse, diffusion possible dans/).waitFor()

  // Nobody answers within the limit of the scheme.
  await sql`update alerts set submitted_at = submitted_at - interval '10 minutes' where id = ${id}`.execute(
    demo.deps.db,
  )
  await page.reload()
  await page.getByRole('button', { name: 'Diffuser sans réponse…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Diffuser sans réponse de l’astreinte' })
  await dialog.getByText('à Billom, dans un tabac', { exact: false }).waitFor()
  const hold = dialog.getByRole('button', { name: /^Maintenir pour diffuser à/ })
  await expect.poll(() => hold.isEnabled()).toBe(true)
  expect(await violations(page)).toEqual([])
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/unanswered.png` })
  await pressUntil(page, hold, () => dialog.isHidden())
  const read = async () => (await demo.call<AlertPage>(page, 'GET', `/api/schemes/ac63/alerts/${id}`)).alert
  expect(await read()).toMatchObject({ approval: { decision: 'overridden', review: 'open' } })

  // All-clear, by its proposed text alone, to exactly those who got the first.
  await expect.poll(async () => (await read()).state).toBe('active')
  await page.goto(`/alertes/${id}`)
  await page.getByRole('button', { name: 'Fin d’alerte' }).click()
  const ending = page.getByRole('dialog')
  await ending.getByRole('button', { name: /^Envoyer à/ }).click()
  const holdToEnd = ending.getByRole('button', { name: 'Maintenir pour envoyer' })
  await pressUntil(page, holdToEnd, () => ending.isHidden())
  const { planned } = (await read()).progress ?? { planned: 0 }
  const threads = async () => {
    const { handsets } = await demo.call<{ handsets: Handset[] }>(page, 'GET', '/api/demo/handsets?limit=500')
    return handsets
      .map(({ messages }) => messages.filter(({ text }) => text.includes(reference)).map(({ text }) => text))
      .filter((texts) => texts.some((text) => text.startsWith("Fin d'alerte : vol à main armée à Billom")))
  }
  await expect.poll(async () => (await threads()).length).toBeGreaterThanOrEqual(planned)
  expect((await threads()).filter((texts) => texts.length !== 2)).toEqual([])

  // At six the next operator reads what is open, what waits for whom and what was refused, on one page.
  await page.goto('/releve')
  await page.getByRole('heading', { name: 'Relève' }).waitFor()
  await page.getByRole('link', { name: reference }).first().waitFor()
  await page.getByText('attend une relecture', { exact: false }).waitFor()
  expect(await violations(page)).toEqual([])
  if (process.env.SHOTS) {
    await page.emulateMedia({ media: 'print' })
    await page.screenshot({ path: `${process.env.SHOTS}/handover.png`, fullPage: true })
  }
})

test('the same on a phone, by the thumb', { tags: 'long' }, async () => {
  const page = await demo.enter('chief', '/salle', { look: LOOKS.lightPhone, touch: true })
  await lineOf(page).tap()
  await lineOf(page).fill(lineAt('ambert'))
  await filled(page, 'Ambert')
  expect(await violations(page)).toEqual([])
  await page.getByRole('button', { name: /^Soumettre à validation/ }).tap()
  await page.getByRole('button', { name: 'Oui, constatée' }).tap()
  await page.getByRole('button', { name: 'Soumettre', exact: true }).tap()
  await page.getByText('Alerte soumise.', { exact: false }).first().waitFor()
})

test('drafts are one line, and three rows of remarks leave the recipients in view', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('chief', '/salle')
  for (const note of [1, 2]) {
    const id = `0199000${note}-0000-7000-8000-000000000001`
    const content = { categoryCode: 'fraud', commune: null, facts: 'x', calledAt: new Date().toISOString() }
    await demo
      .call(page, 'PUT', `/api/schemes/ac63/call-notes/${id}`, { content, version: 0 })
      .catch(() => {})
  }
  await page.reload()
  // Drafts are one line, apart from the calls that wait.
  const drafts = page.getByRole('group', { name: 'Brouillons' })
  await drafts.getByText(/^[2-9] brouillons$/).waitFor()
  expect((await drafts.boundingBox())?.height).toBeLessThan(48)

  await lineOf(page).fill(
    'vma billom tabac xyz, Kevin Durand, 0612345678, clio noire AB-123-CD, arabe, salaud, voleur, www.x.fr',
  )
  const remarks = page.getByRole('group', { name: 'Relecture du message' })
  await remarks.waitFor()
  await expect.poll(() => remarks.getByRole('listitem').count()).toBeGreaterThan(3)
  for (const [width, height] of [
    [1440, 900],
    [1920, 1080],
  ] as const) {
    await page.setViewportSize({ width, height })
    const rows = await remarks.getByRole('list').evaluate((list) => ({
      list: list.getBoundingClientRect().height,
      row: list.querySelector('li')?.getBoundingClientRect().height ?? 0,
    }))
    expect(rows.list, `${width}`).toBeLessThanOrEqual(3 * rows.row + 1)
    for (const seen of ['#pour-qui', 'input[id^="zone-"]', 'button[aria-keyshortcuts="Control+Enter"]'])
      expect(await isInView(page, page.locator(seen).first()), `${seen} at ${width}`).toBe(true)
    const count = page.getByText(/^commerçants?$/).first()
    expect(await isInView(page, count), `count at ${width}`).toBe(true)
  }
})

async function isInView(page: Page, of: Locator): Promise<boolean> {
  const box = await of.boundingBox()
  return box !== null && box.y >= 0 && box.y + box.height <= (page.viewportSize()?.height ?? 0)
}
