import { expect, test } from 'vitest'
import type { AlertView } from '../../../src/alerts/contract.ts'
import type { MagistrateList } from '../../../src/alerts/magistrates/contract.ts'
import type { ReportView } from '../../../src/reports/contract.ts'
import { LOOKS, receivedBy, violationsIn, withDemo } from '../../support/demo.ts'

const demo = withDemo()

test('a magistrate on a phone denies what an operator recorded under their name, with a one-time code', async () => {
  const operator = await demo.visit('operator')
  const post = <T>(path: string, data: object) =>
    demo.call<T>(operator, 'POST', `/api/schemes/ac63${path}`, data)
  const { magistrates } = await demo.call<MagistrateList>(operator, 'GET', '/api/schemes/ac63/magistrates')
  const delmas = magistrates.find(({ name }) => name === 'Mme Delmas')
  // An operator does not see where they are notified.
  expect(delmas).toMatchObject({ kind: 'contact' })
  expect(JSON.stringify(magistrates)).not.toContain('+33')
  const report = await post<ReportView>('/reports', { categoryCode: 'trick-theft', communeCode: '63178' })
  const alert = await post<AlertView>('/alerts', {
    reportId: report.id,
    text: 'Vol par ruse à Issoire, Clio grise GH-482-LP. Ne pas intervenir, appelez le 17.',
    area: { kind: 'commune', code: '63178' },
    trades: [],
    doctrine: { offence: true, arrested: false, level: 'precise' },
  })
  await post(`/alerts/${alert.id}/authorisation`, {
    version: alert.version,
    magistrateId: delmas?.id,
    scope: 'plaque et couleur du véhicule',
  })

  const phone = '+33639981006'
  const lastText = async () => (await receivedBy(demo, operator, phone)).at(-1) ?? ''
  await expect.poll(lastText, { timeout: 20_000, interval: 100 }).toContain('/parquet/ac63/')
  const path = new URL(/https?:\S+/.exec(await lastText())?.[0] ?? '').pathname

  const page = await demo.enter(null, path, { look: LOOKS.phone })
  const started = Date.now()
  await page.getByRole('button', { name: 'Recevoir un code' }).click()
  await page.getByText(/Un code part par SMS/).waitFor()
  expect(await page.getByText('GH-482-LP').count()).toBe(0)
  await expect.poll(lastText, { timeout: 20_000, interval: 100 }).toMatch(/code est \d{6}/)
  await page.getByLabel('Code reçu').fill(/code est (\d{6})/.exec(await lastText())?.[1] ?? '')
  await page.getByRole('button', { name: 'Ouvrir' }).click()
  await page.getByText(/GH-482-LP/).waitFor()
  await page.getByText('plaque et couleur du véhicule').waitFor()
  expect(await violationsIn(page, [LOOKS.phone])).toEqual([])
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/confirm.png`, fullPage: true })
  await page.getByRole('button', { name: 'Ce n’est pas moi' }).click()
  await page.getByRole('button', { name: 'Démentir' }).click()
  await page.getByText(/^Démentie /).waitFor()
  expect(Date.now() - started).toBeLessThan(30_000)
  // A reload needs no other code.
  await page.reload()
  await page.getByText(/^Démentie /).waitFor()

  const chief = await demo.enter('chief', `/alertes/${alert.id}`)
  await chief.getByText('Autorisation démentie par le magistrat nommé', { exact: false }).first().waitFor()
  await chief.getByText('Le magistrat nommé dément l’autorisation de ce message.').waitFor()
  if (process.env.SHOTS) await chief.screenshot({ path: `${process.env.SHOTS}/denied.png` })
}, 90_000)
