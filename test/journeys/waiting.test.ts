/**
 * Clocks of what waits; src/alerts and src/reports prove the times.
 * @module-tag long
 */
import { sql } from 'kysely'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { AlertPage, AlertView } from '../../src/alerts/contract.ts'
import { expireAlerts } from '../../src/alerts/order/expire.ts'
import type { ReportView } from '../../src/reports/contract.ts'
import { LOOKS, serverClockOf, violationsIn, withDemo } from '../support/demo.ts'
import { beat, gatewayReport } from '../support/routes.ts'

const demo = withDemo()
const SCHEME = '/api/schemes/ac63'
/** Far from each other, so that none of the alerts is near another. */
const THIERS = { code: '63430', name: 'Thiers' }
const ISSOIRE = { code: '63178', name: 'Issoire' }
const clock = { kind: 'system', name: 'clock' } as const

/** Records a call that came this many minutes ago. */
const reportCall = (page: Page, categoryCode: string, communeCode: string, minutes: number) => {
  const at = new Date(Date.now() - minutes * 60_000).toISOString()
  const call = { categoryCode, communeCode, calledAt: at, occurredAt: at }
  return demo.call<ReportView>(page, 'POST', `${SCHEME}/reports`, call)
}
const alertOf = async (page: Page, id: string) =>
  (await demo.call<AlertPage>(page, 'GET', `${SCHEME}/alerts/${id}`)).alert

/** Sends a robbery of 20 minutes ago, as the chief. */
async function sendRobbery(operator: Page, chief: Page, commune: typeof THIERS): Promise<AlertView> {
  const { id: reportId } = await reportCall(operator, 'armed-robbery', commune.code, 20)
  const draft = await demo.call<AlertView>(operator, 'POST', `${SCHEME}/alerts`, {
    reportId,
    text: `Vol à main armée à ${commune.name}. Ne pas intervenir, appeler le 17.`,
    area: { kind: 'commune', code: commune.code },
    trades: [],
    doctrine: { offence: true, arrested: false, level: 'established' },
  })
  const path = `${SCHEME}/alerts/${draft.id}`
  const { version } = draft
  await demo.call<AlertView>(operator, 'POST', `${path}/submit`, { version })
  return demo.call<AlertView>(chief, 'POST', `${path}/approve`, { version })
}

test('clocks warn about waiting calls only, and a call being entered is not counted as one', async () => {
  const page = await demo.enter('operator', '/salle')
  const chief = await demo.enter('chief', '/a-valider')
  const sent = await sendRobbery(page, chief, THIERS)
  const waiting = await reportCall(page, 'counterfeit-notes', THIERS.code, 20)
  const calls = page.getByRole('region', { name: /^Signalements/ })
  const clockOf = (region: 'Signalements' | 'Alertes en cours', text: string) =>
    page
      .getByRole('region', { name: new RegExp(`^${region}`) })
      .getByRole('listitem')
      .filter({ hasText: text })
      .first()
      .locator('time')
  await expect
    .poll(() => clockOf('Signalements', waiting.category.labelFr).getAttribute('data-level'))
    .toBe('amber')
  await expect.poll(() => clockOf('Alertes en cours', sent.reference).getAttribute('data-level')).toBe('calm')

  const heading = calls.getByRole('heading', { level: 2 })
  const before = await heading.textContent()
  await page.getByRole('radio', { name: 'Vol par ruse' }).check({ force: true })
  await calls.getByText('saisie en cours').waitFor()
  await expect.poll(() => heading.textContent()).toBe(before)
})

test('a pending correction holds the expiry: both users are notified at the time, and nothing says that it has ended', async () => {
  const operator = await demo.enter('operator', '/salle')
  const chief = await demo.enter('chief', '/a-valider')
  const sent = await sendRobbery(operator, chief, ISSOIRE)
  await demo.call<AlertView>(operator, 'POST', `${SCHEME}/alerts/${sent.id}/follow-ups/submit`, {
    kind: 'correction',
    text: 'Rectificatif : les auteurs sont partis à pied. Ne pas intervenir.',
    after: (await alertOf(operator, sent.id)).broadcasts.at(-1)?.id,
    key: crypto.randomUUID(),
  })
  const expiresIn = (minutes: number) =>
    sql`update alerts set expires_at = now() + ${minutes} * interval '1 minute' where id = ${sent.id}`.execute(
      demo.deps.db,
    )
  await expiresIn(10)
  // The screens know the time of expiry, and wait for it.
  const clocks = [await serverClockOf(operator), await serverClockOf(chief)]
  await operator.reload()
  await chief.reload()
  const card = chief.getByRole('article', { name: new RegExp(`^Rectificatif .*${sent.reference}`) })
  await card.waitFor()
  const row = operator.getByRole('listitem').filter({ hasText: sent.reference })
  await row.first().waitFor()
  const isOver = 'L’alerte est arrivée à son terme'
  await expect.poll(() => card.getByText(isOver, { exact: false }).count()).toBe(0)
  for (const setMinutesAhead of clocks) setMinutesAhead(11)
  // The next response carries the time.
  demo.deps.live.publish({ type: 'alert', schemeId: 'ac63', alertId: sent.id })
  await card.getByText(isOver, { exact: false }).waitFor()
  await row
    .getByText(/À son terme.*une suite attend/)
    .first()
    .waitFor()
  for (const page of [operator, chief]) {
    await page.getByText(`${sent.reference} : l’alerte est à son terme`, { exact: false }).first().waitFor()
  }
  expect(await violationsIn(chief, [LOOKS.desk, LOOKS.phone])).toEqual([])

  await expiresIn(-1)
  for (const setMinutesAhead of clocks) setMinutesAhead(0)
  await expireAlerts(demo.deps, clock)
  expect(await alertOf(operator, sent.id)).toMatchObject({ closedAt: null })
  await chief.setViewportSize(LOOKS.desk)
  await card.getByRole('button', { name: /^Envoyer à/ }).click()
  const hold = chief.getByRole('dialog').getByRole('button', { name: 'Maintenir pour envoyer' })
  await hold.focus()
  await chief.keyboard.press('Enter')
  await chief.keyboard.press('Enter')
  await expect
    .poll(async () => (await alertOf(operator, sent.id)).broadcasts.map(({ kind }) => kind))
    .toEqual(['first', 'correction'])
  // It is valid for an hour: the closing message comes afterwards.
  expect(Date.parse((await alertOf(operator, sent.id)).expiresAt)).toBeGreaterThan(Date.now() + 50 * 60_000)
})

test('one of two routes down is shown, in amber', async () => {
  const page = await demo.enter('operator', '/salle')
  await page.getByRole('link', { name: 'SMS opérationnel' }).waitFor()
  const simulator = gatewayReport({ name: 'simulator', simulated: true })
  const down = gatewayReport({ name: 'secours', simulated: true, state: 'down' })
  // Its heartbeat is in the future, so that it stays alive during the test.
  await beat(demo.deps.db, { id: 900, silentSeconds: -60, gateways: [simulator, down] })
  try {
    await page.reload()
    const status = page.getByRole('link', { name: '1 route sur 2' })
    await status.waitFor()
    await expect.poll(() => status.locator('[data-health]').getAttribute('data-health')).toBe('degraded')
    expect(await violationsIn(page, [LOOKS.desk, LOOKS.phone])).toEqual([])
  } finally {
    await sql`delete from workers where id = 900`.execute(demo.deps.db)
  }
})
