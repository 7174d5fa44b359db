import type { BrowserContext } from 'playwright-core'
import { expect, test } from 'vitest'
import type { AlertPage, AlertView } from '../../../src/alerts/contract.ts'
import type { ReportView } from '../../../src/reports/contract.ts'
import { LOOKS, violationsIn, withDemo } from '../../support/demo.ts'

const demo = withDemo()

const textOf = (commune: string, hour: string) =>
  `Vol à main armée à ${commune} vers ${hour}. Ne pas intervenir, ne pas transférer SMS.`
const BILLOM = { code: '63040', name: 'Billom' }
const AMBERT = { code: '63003', name: 'Ambert' }
/** The chief of the demo, who is first on call. */
const CHIEF_PHONE = '33639981002'

const call = <T>(of: BrowserContext, path: string, data: object = {}) =>
  demo.call<T>(of, 'POST', `/api/schemes/ac63${path}`, data)

async function submit(
  operator: BrowserContext,
  { code, name }: typeof BILLOM,
  text = textOf(name, '2h10'),
): Promise<AlertView> {
  const { id: reportId } = await call<ReportView>(operator, '/reports', {
    categoryCode: 'armed-robbery',
    communeCode: code,
  })
  const draft = await call<AlertView>(operator, '/alerts', {
    reportId,
    text,
    area: { kind: 'commune', code },
    doctrine: { offence: true, arrested: false, level: 'established' },
    outsideZoneReason: 'Essai',
  })
  return call(operator, `/alerts/${draft.id}/submit`, { version: draft.version })
}

/** Waits for the SMS to the person on call about an alert, and returns the path of its link. */
async function linkOf(of: BrowserContext, alert: AlertView): Promise<string> {
  let path: string | undefined
  await expect
    .poll(
      async () => {
        const { handsets } = await demo.call<{ handsets: { phone: string; messages: { text: string }[] }[] }>(
          of,
          'GET',
          '/api/demo/handsets',
        )
        const messages = handsets.find(({ phone }) => phone.endsWith(CHIEF_PHONE))?.messages ?? []
        path = messages
          .map(({ text }) => /\/valider\/\S+/.exec(text)?.[0])
          .find((one) => one?.includes(alert.id))
        return path
      },
      { interval: 100 },
    )
    .toBeDefined()
  return path ?? ''
}

test('the approver opens the link of the SMS on a phone, reads, holds, and the alert has left', async () => {
  const operator = await demo.visit('operator')
  // A member has the name: the operator submits it, and the chief says why these words may stand.
  const text = 'Vol à main armée à Billom vers 2h10, boulangerie du centre. Ne pas intervenir, appelez le 17.'
  const alert = await submit(operator, BILLOM, text)
  const path = await linkOf(operator, alert)

  // Not signed in: the start page leads back to the alert, and to nothing else.
  const page = await demo.enter(null, path, { look: LOOKS.lightPhone, closed: true })
  await page.getByRole('button', { name: /chef/i }).click()
  await page.getByRole('heading', { name: /Vol à main armée ?, Billom/ }).waitFor()
  expect(new URL(page.url()).pathname).toBe(path)
  await expect.poll(() => page.getByRole('navigation').count()).toBe(0)
  await page.getByText(text, { exact: false }).waitFor()
  await page.getByText('Infraction constatée').waitFor()
  const hold = page.getByRole('button', { name: /Maintenir pour diffuser/ })
  await hold.waitFor()
  // At the reach of a thumb, without scrolling.
  const box = await hold.boundingBox()
  expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThan(844)
  expect(box?.height).toBe(60)
  await expect.poll(() => hold.isDisabled()).toBe(true)
  await page.getByRole('button', { name: 'Laisser…' }).click()
  await page.keyboard.type('Celle du centre commercial, qui n’est pas adhérente.')
  expect(await violationsIn(page, [LOOKS.lightPhone, LOOKS.phone])).toEqual([])
  await page.getByRole('button', { name: 'Laisser ces mots' }).click()
  await page.getByText('Laissé par un chef.').waitFor()
  await expect.poll(() => hold.isEnabled()).toBe(true)
  await page.locator('main section[tabindex="0"]').evaluate((one) => one.scrollTo(0, 0))
  const answers = await page.getByText('Infraction constatée, auteurs non interpellés').boundingBox()
  expect((answers?.y ?? 844) + (answers?.height ?? 0)).toBeLessThan((await hold.boundingBox())?.y ?? 0)
  expect(await violationsIn(page, [LOOKS.lightPhone, LOOKS.phone])).toEqual([])
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/approver.png` })

  // The operator sees that the page was opened.
  const { callOuts } = await demo.call<{
    callOuts: { calls: { name: string; openedAt: string | null }[] }[]
  }>(operator, 'GET', `/api/schemes/ac63/call-outs?alert=${alert.id}`)
  expect(callOuts[0]?.calls[0]).toMatchObject({ name: 'Marc Vidal' })
  expect(callOuts[0]?.calls[0]?.openedAt).not.toBeNull()

  await hold.focus()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Enter')
  await page.getByText(/^Diffusée par .+ \(\d\d:\d\d:\d\d\)/).waitFor()
  await expect.poll(() => page.getByRole('button').count()).toBe(0)
  const { alert: sent } = await demo.call<AlertPage>(operator, 'GET', `/api/schemes/ac63/alerts/${alert.id}`)
  expect(sent).toMatchObject({ approval: { decision: 'approved' } })
  expect(sent.orderedAt).not.toBeNull()
})

test('what was taken back while the approver reads is said in place of the button; a return has its reason at once', {
  tags: 'long',
}, async () => {
  const operator = await demo.visit('operator')
  const alert = await submit(operator, AMBERT)
  const page = await demo.enter('chief', `/valider/ac63/${alert.id}`, { look: LOOKS.lightPhone })
  await page.getByRole('button', { name: /Maintenir pour diffuser/ }).waitFor()
  const { area, trades, doctrine, version } = alert
  const text = textOf('Ambert', '2h15')
  const change = { text, area, trades, doctrine, version, outsideZoneReason: 'Essai' }
  const changed = await demo.call<AlertView>(operator, 'PUT', `/api/schemes/ac63/alerts/${alert.id}`, change)
  await page.getByText('Reprise par son auteur', { exact: false }).waitFor()
  await expect.poll(() => page.getByRole('button', { name: /Maintenir/ }).count()).toBe(0)

  await call(operator, `/alerts/${alert.id}/submit`, { version: changed.version })
  await page.getByRole('button', { name: 'Renvoyer…' }).click()
  await page.getByRole('button', { name: 'Dites où cela s’est passé.' }).click()
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /Renvoyer/ })
    .click()
  await page.getByText(/^Renvoyée .* par /).waitFor()

  // Submitted again, the next one reads why it was returned and what changed since.
  await call(operator, `/alerts/${alert.id}/submit`, { version: changed.version })
  await page.getByText('Dites où cela s’est passé.', { exact: false }).waitFor()
  await page.getByText('Rien n’a changé depuis.').waitFor()
})
