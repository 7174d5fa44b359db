import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { AlertView, NearList } from '../../src/alerts/contract.ts'
import type { ReportView } from '../../src/reports/contract.ts'
import { atName } from '../../src/territory/places/naming.ts'
import { type Door, settled, withDemo } from '../support/demo.ts'

const demo = withDemo()

async function enter(door: Door, path: string): Promise<Page> {
  const context = await demo.visit(door, { closed: true })
  await context.grantPermissions(['notifications'], { origin: demo.url })
  // The page's desktop notifications are recorded instead of shown.
  await context.addInitScript(`{
    globalThis.seen = []
    globalThis.tones = 0
    globalThis.Notification = new Proxy(Notification, {
      construct(target, [title, options]) {
        seen.push({ title, body: options.body })
        return new target(title, options)
      },
    })
    const { start } = OscillatorNode.prototype
    OscillatorNode.prototype.start = function (at) {
      globalThis.tones += 1
      start.call(this, at)
    }
  }`)
  const page = await context.newPage()
  await page.goto(path)
  return page
}

/** Calls the API as the user of a page. */
const call = <T>(page: Page, method: string, path: string, data?: object) =>
  demo.call<T>(page, method, `/api/schemes/ac63${path}`, data)

async function report(page: Page, categoryCode: string, communeCode: string): Promise<ReportView> {
  return call(page, 'POST', '/reports', { categoryCode, communeCode })
}

/** Creates an alert of a report and submits it. */
async function submit(page: Page, categoryCode: string, communeCode: string): Promise<AlertView> {
  const { id: reportId, commune } = await report(page, categoryCode, communeCode)
  const draft = await call<AlertView>(page, 'POST', '/alerts', {
    reportId,
    text: `Vol à main armée ${atName(commune.name)} à l’instant. Ne pas intervenir, ne pas transférer SMS.`,
    area: { kind: 'commune', code: communeCode },
    doctrine: { offence: true, arrested: false, level: 'established' },
    outsideZoneReason: 'Essai',
  })
  return call(page, 'POST', `/alerts/${draft.id}/submit`, { version: draft.version })
}

/** Sends an alert; a near one exists when its test is retried. */
async function broadcast(page: Page, draft: AlertView, reportId: string): Promise<void> {
  const { alerts } = await call<NearList>(page, 'POST', '/alerts/near', { reportId })
  const confirmNear = alerts.filter(({ mustConfirm }) => mustConfirm).map(({ id }) => id)
  await call(page, 'POST', `/alerts/${draft.id}/broadcast`, { version: draft.version, confirmNear })
}

test('the magistrate is notified of an alert to decide on by sound, desktop and tab; muted, by none of them', {
  tags: 'long',
}, async () => {
  const magistrate = await enter('magistrate', '/journal')
  const chief = await enter('chief', '/journal')
  const operator = await enter('operator', '/alertes')
  const seen = (page: Page) => page.evaluate<{ title: string; body: string }[]>('globalThis.seen')
  const tones = (page: Page) => page.evaluate<number>('globalThis.tones')
  for (const page of [magistrate, chief]) {
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.getByRole('button', { name: 'Être prévenu' }).click()
    await page.getByRole('switch', { name: 'Notification du bureau' }).click()
    await expect
      .poll(() => page.getByRole('switch', { name: 'Notification du bureau' }).isChecked())
      .toBe(true)
    await page.keyboard.press('Escape')
  }
  // The title counts nothing before the screen has read what waits.
  await settled(magistrate)
  const before = Number(/^\((\d+)\)/.exec(await magistrate.title())?.[1] ?? 0)
  const alert = await submit(operator, 'armed-robbery', '63284')
  await expect
    .poll(() => seen(magistrate))
    .toEqual([
      {
        title: `L’alerte ${alert.reference} attend votre décision.`,
        body: `Vol à main armée · ${alert.commune.name}`,
      },
    ])
  await expect.poll(() => tones(magistrate)).toBe(2)
  await expect.poll(() => magistrate.title()).toMatch(new RegExp(`^\\(${before + 1}\\) `))
  await magistrate.getByText(`L’alerte ${alert.reference} attend votre décision.`).waitFor()

  // An authorisation that is asked, before any submission, is announced in the same way, and opens the page of the decision.
  const { id: reportId } = await report(operator, 'trick-theft', '63178')
  const precise = await call<AlertView>(operator, 'POST', '/alerts', {
    reportId,
    text: 'Vol par ruse à Issoire, Clio grise GH-482-LP. Ne pas intervenir, appelez le 17.',
    area: { kind: 'commune', code: '63178' },
    doctrine: { offence: true, arrested: false, level: 'precise' },
  })
  await call(operator, 'POST', `/alerts/${precise.id}/ask-authorisation`, {
    version: precise.version,
    scope: 'Plaque et couleur',
  })
  const asked = magistrate.getByText(`Votre accord est demandé pour l’alerte ${precise.reference}`, {
    exact: false,
  })
  await asked.waitFor()
  await expect.poll(() => seen(magistrate)).toHaveLength(2)
  expect((await seen(magistrate))[1]?.body).toBe('Vol par ruse · Issoire')
  await expect.poll(() => tones(magistrate)).toBe(4)
  await expect.poll(() => magistrate.title()).toMatch(new RegExp(`^\\(${before + 2}\\) `))
  // The chief does not authorise.
  expect((await seen(chief)).filter(({ title }) => title.startsWith('Votre accord'))).toEqual([])

  await magistrate.getByRole('button', { name: 'Être prévenu' }).click()
  await magistrate.getByRole('switch', { name: 'Prévenir' }).click()
  await magistrate.keyboard.press('Escape')
  await expect.poll(() => magistrate.title()).toMatch(/^Journal/)
  const next = await submit(operator, 'armed-robbery', '63236')
  // It is on the screen nonetheless.
  await magistrate.getByText(`L’alerte ${next.reference} attend votre décision.`).waitFor()
  // Nothing happens: the sound and the title come with what shows it on the screen, or not at all.
  await magistrate.waitForTimeout(500)
  expect(await seen(magistrate)).toHaveLength(2)
  expect(await tones(magistrate)).toBe(4)
  expect(await magistrate.title()).toMatch(/^Journal/)
})

test("an agency is notified of another agency's alert in its zone, which is counted until it was seen", {
  tags: 'long',
}, async () => {
  const chief = await enter('chief', '/journal')
  await chief.getByRole('heading', { level: 1 }).waitFor()
  const operator = await enter('operator', '/alertes')
  // A user who approved an alert in their zone is not notified of it.
  const own = await submit(operator, 'armed-robbery', '63338')
  await call(chief, 'POST', `/alerts/${own.id}/approve`, { version: own.version })
  const { id: reportId } = await report(operator, 'trick-theft', '63338')
  const draft = await call<AlertView>(operator, 'POST', '/alerts', {
    reportId,
    text: 'Vol par ruse à Saint-Éloy. Ne pas intervenir, ne pas transférer SMS.',
    area: { kind: 'departement', code: '63' },
    doctrine: { offence: true, arrested: false, level: 'established' },
    outsideZoneReason: 'Appel reçu au CIC',
  })
  if (draft.zone.inside) throw new Error(`${draft.commune.name} is in the zone of the police`)
  const links = chief.getByRole('link', { name: /^À valider/ })
  const countOf = async () => Number(/(\d+)\1 alerte/.exec((await links.textContent()) ?? '')?.[1] ?? 0)
  // The count arrives after the page.
  let before = -1
  const isStill = async () => {
    const seen = await countOf()
    const isSame = seen === before
    before = seen
    return isSame
  }
  await expect.poll(isStill, { interval: 1500 }).toBe(true)
  await broadcast(operator, draft, reportId)
  await chief.getByText(`Un autre service a donné l’alerte ${draft.reference} dans votre zone.`).waitFor()
  await expect.poll(countOf).toBe(before + 1)
  await links.click()
  await chief.getByRole('heading', { name: /^Dans votre zone/ }).waitFor()
  await chief.getByRole('article', { name: draft.reference }).waitFor()
  await expect.poll(() => chief.getByRole('article', { name: own.reference }).count()).toBe(0)
  await expect.poll(countOf).toBe(before)
})
