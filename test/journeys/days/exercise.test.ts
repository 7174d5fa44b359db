import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { AlertPage, CurrentAlerts } from '../../../src/alerts/contract.ts'
import type { OwnAlertList } from '../../../src/portal/alerts/contract.ts'
import type { PortalSession } from '../../../src/portal/contract.ts'
import { type Handset, LOOKS, sendByKeyboard, settled, violations, withDemo } from '../../support/demo.ts'

const demo = withDemo()

test('an exercise is marked everywhere, rings simulated phones only, and is counted nowhere', async () => {
  const page = await demo.enter('operator', '/salle')
  await page.getByRole('switch', { name: 'Exercice' }).check({ force: true })
  await page.getByText('EXERCICE : aucun message réel').waitFor()
  await page.getByRole('radio', { name: 'Faux billets' }).check({ force: true })
  await page.getByRole('combobox', { name: 'Où' }).fill('Issoire')
  await page
    .getByRole('option', { name: /^Issoire/ })
    .first()
    .click()
  // The phone preview shows the message as sent, with the mark first.
  await page
    .getByText(/^EXERCICE Faux billets/)
    .first()
    .waitFor()
  expect(await violations(page)).toEqual([])
  const id = await sendByKeyboard(page)

  await page.getByText('EXERCICE : aucun message réel').waitFor()
  const { alert } = await demo.call<AlertPage>(page, 'GET', `/api/schemes/ac63/alerts/${id}`)
  expect(alert).toMatchObject({ exercise: true, simulated: true })
  expect(alert.sentText).toMatch(/^EXERCICE Faux billets/)
  await expect
    .poll(async () => {
      const { handsets } = await demo.call<{ handsets: Handset[] }>(
        page,
        'GET',
        '/api/demo/handsets?limit=500',
      )
      return handsets.filter(({ messages }) => messages.some(({ text }) => text === alert.sentText)).length
    })
    .toBeGreaterThan(10)

  // Not listed with real alerts, but in a list of its own.
  await page.goto('/journal')
  await page.getByRole('article').first().waitFor()
  await expect.poll(() => page.getByRole('article').filter({ hasText: alert.reference }).count()).toBe(0)
  await page.getByRole('switch', { name: 'Exercices' }).click({ force: true })
  const entry = page.getByRole('article').filter({ hasText: alert.reference })
  await entry.getByText('Faux billets').waitFor()
  await entry.getByText('Exercice', { exact: true }).waitFor()
  expect(await violations(page)).toEqual([])
  await page.goto('/series')
  await page.getByText('Aucun fait ne se ressemble depuis 30 jours').waitFor()

  // The member under whose name it was planned received no message.
  const merchant = await demo.enter('merchant', '/portail')
  await merchant.getByText('Aucune alerte en cours').waitFor()
  const { shops } = await demo.call<PortalSession>(merchant, 'GET', '/api/portal/session')
  const own = `/api/portal/shops/ac63/${shops[0]?.member.id}/alerts`
  const { alerts } = await demo.call<OwnAlertList>(merchant, 'GET', own)
  expect(alerts.length).toBeGreaterThan(0)
  expect(alerts.map(({ reference }) => reference)).not.toContain(alert.reference)

  // The public check says that it was an exercise.
  const visitor = await demo.enter(null, '/verifier', { look: LOOKS.phone })
  await visitor.getByLabel('Le message reçu').fill(alert.sentText ?? '')
  await visitor.getByRole('button', { name: 'Vérifier', exact: true }).click()
  await visitor.getByText('Ce message est authentique').waitFor()
  await visitor.getByText('C’était un exercice : les faits sont inventés.').waitFor()
  expect(await violations(visitor)).toEqual([])
})

test('an exercise that needs two persons: its author may be the second, without a reason for the zone', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('chief', '/salle')
  await page.getByRole('switch', { name: 'Exercice' }).check({ force: true })
  await page.getByRole('radio', { name: 'Vol à main armée' }).check({ force: true })
  await page.getByRole('combobox', { name: 'Où' }).fill('Clermont-Ferrand')
  await page
    .getByRole('option', { name: /^Clermont-Ferrand/ })
    .first()
    .click()
  await page.getByRole('button', { name: /^Soumettre l’exercice/ }).waitFor()
  // In the zone of the police, while the user is of the gendarmerie: an exercise has no real place, so nobody is
  // notified.
  await expect.poll(() => page.getByText('Motif hors zone').count()).toBe(0)
  await settled(page)
  await page.keyboard.press('Control+Enter')
  const sheet = page.getByRole('dialog')
  await sheet.getByRole('button', { name: 'Oui, constatée' }).click()
  await sheet.getByText('En exercice, ce peut être son auteur.', { exact: false }).waitFor()
  await sheet.getByRole('button', { name: 'Soumettre', exact: true }).click()
  await page.getByText('Alerte soumise.', { exact: false }).waitFor()

  await page.getByRole('link', { name: /À valider 1 alerte vous attend/ }).click()
  const card = page.getByRole('article').filter({ hasText: 'Vol à main armée' })
  await card.getByText('Exercice\u00a0: vous pouvez décider de ce que vous avez écrit.').waitFor()
  expect(await violations(page)).toEqual([])
  await card.getByRole('button', { name: /^Diffuser l’exercice à/ }).waitFor()

  // The person on call is called on the simulator; the same decision on a phone, marked as an exercise.
  const reference = (await card.getAttribute('aria-label')) ?? ''
  const { alerts } = await demo.call<CurrentAlerts>(page, 'GET', '/api/schemes/ac63/alerts/current')
  const id = alerts.find((one) => one.reference === reference)?.id ?? ''
  const { rows } = await sql<{ simulated: boolean; exercise: boolean }>`
    select o.exercise, coalesce(m.simulated, true) as simulated from call_outs o
    join call_out_calls c on c.scheme_id = o.scheme_id and c.call_out_id = o.id
    left join outbox m on m.scheme_id = c.scheme_id and m.id = c.sms_id
    where o.alert_id = ${id}`.execute(demo.deps.db)
  expect(rows.length).toBeGreaterThan(0)
  expect(rows.filter(({ simulated, exercise }) => !simulated || !exercise)).toEqual([])
  const phone = await demo.enter('chief', `/valider/ac63/${id}`, { look: LOOKS.lightPhone })
  await phone.getByText('EXERCICE : aucun message réel').waitFor()
  const hold = phone.getByRole('button', { name: /Maintenir pour diffuser l’exercice/ })
  await expect.poll(() => hold.isEnabled()).toBe(true)
  expect(await violations(phone)).toEqual([])
  await hold.focus()
  await phone.keyboard.press('Enter')
  await phone.keyboard.press('Enter')
  await phone.getByText(/^Diffusée par .+ \(\d\d:\d\d:\d\d\)/).waitFor()
  const { alert } = await demo.call<AlertPage>(page, 'GET', `/api/schemes/ac63/alerts/${id}`)
  expect(alert).toMatchObject({ exercise: true, approval: { decision: 'approved', overridden: false } })
  expect(alert.approval.authors).toContain(alert.approval.decidedById)
  expect(alert.sentText).toMatch(/^EXERCICE /)
})
