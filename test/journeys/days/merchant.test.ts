import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { AlertView, NearList } from '../../../src/alerts/contract.ts'
import { assessJoined } from '../../../src/dues/reminders/campaign.ts'
import { inScheme } from '../../../src/platform/db.ts'
import { LOOKS, newCodeOn, receivedBy, violationsIn, withDemo } from '../../support/demo.ts'

const demo = withDemo()
const until = <T>(read: () => Promise<T>) => expect.poll(read, { interval: 100 })

/** Numbers of no member of the demo; a number gets one code a minute, so each try has its own. */
const NUMBERS = [
  ['0639984571', '0639984572'],
  ['0639984573', '0639984574'],
] as const
let tries = 0
/** Smallest letters, in pixels, that a merchant of 60 can read. */
const LEAST_PX = 16

/** Lists the texts of the page that are shown in smaller letters than a merchant reads. */
const smallTexts = (page: Page) =>
  page.evaluate(`[...document.querySelectorAll('main *')]
    .filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== ''))
    .filter((one) => one.checkVisibility() && parseFloat(getComputedStyle(one).fontSize) < ${LEAST_PX})
    .map((one) => one.textContent.trim())`)

async function sendAlert(text: string): Promise<AlertView> {
  const operator = await demo.visit('operator')
  const post = <T>(path: string, data: object) =>
    demo.call<T>(operator, 'POST', `/api/schemes/ac63${path}`, data)
  const of = { categoryCode: 'counterfeit-notes', communeCode: '63178' }
  const report = await post<{ id: string }>('/reports', of)
  const draft = await post<AlertView>('/alerts', {
    reportId: report.id,
    text,
    area: { kind: 'commune', code: '63178' },
    doctrine: { offence: true, arrested: false, level: 'established' },
  })
  const near = await post<NearList>('/alerts/near', { reportId: report.id, words: text })
  const confirmNear = near.alerts.map(({ id }) => id)
  return post<AlertView>(`/alerts/${draft.id}/broadcast`, { version: draft.version, confirmNear })
}

test('a tobacconist joins by the name of the shop, gets an alert and checks it, pays, and changes the number', async () => {
  const [first, next] = NUMBERS[tries++ % NUMBERS.length] ?? NUMBERS[0]
  const page = await demo.enter(null, '/dispositif/ac63/inscription', { look: LOOKS.phone })
  const messages = (phone: string) => receivedBy(demo, page, phone)

  // The shop by its name, the trade by the word that people use.
  await page.getByLabel('Nom du commerce').fill('tabac des remp')
  await page.getByLabel('Nom du commerce').press('Enter')
  await page.getByRole('button', { name: /Tabac des Remparts/ }).click()
  await page.getByText('Commerce trouvé').waitFor()
  const trade = page.getByRole('combobox', { name: 'Métier' })
  await expect.poll(() => trade.inputValue()).toBe('Buralistes et presse')
  await trade.fill('fleuriste')
  await page.getByRole('option', { name: /Commerces divers/ }).waitFor()
  await trade.fill('buraliste')
  await page.getByRole('option', { name: /Buralistes et presse/ }).click()
  await page.getByRole('button', { name: 'Continuer' }).click()
  await page.getByLabel('Vos prénom et nom').fill('Odile Mercier')
  await page.getByLabel('Mobile').fill(first)
  await page.getByRole('button', { name: 'Continuer' }).click()
  await page.getByLabel('Code reçu par SMS').fill(await newCodeOn(demo, page, first))
  await page.getByRole('button', { name: 'Confirmer' }).click()
  await page.getByLabel('J’ai lu la charte').check({ force: true })
  await page.getByRole('button', { name: 'Signer et envoyer' }).click()
  await page.getByRole('heading', { name: 'Demande envoyée' }).waitFor()
  const chamber = await demo.visit('chamber')
  const { enrolments } = await demo.call<{ enrolments: { id: string; name: string }[] }>(
    chamber,
    'GET',
    '/api/schemes/ac63/enrolments',
  )
  const mine = enrolments.find(({ name }) => name === 'Tabac des Remparts')
  await demo.call(chamber, 'POST', `/api/schemes/ac63/enrolments/${mine?.id}/approve`, { as: 'new' })
  await until(async () => (await messages(first)).join('\n')).toMatch(/Tabac des Remparts est inscrit/)

  // The first alert; in doubt, the whole SMS is checked.
  const { reference } = await sendAlert('Faux billets commune d’Issoire. Ne pas intervenir.')
  const alertSms = async () => (await messages(first)).find((text) => text.includes(reference))
  await until(alertSms).toBeDefined()
  const alert = (await alertSms()) ?? ''
  await page.goto('/verifier')
  await page.getByLabel('Le message reçu').fill(alert)
  await page.getByRole('button', { name: 'Vérifier' }).click()
  await page.getByRole('heading', { name: 'Ce message est authentique' }).waitFor()
  await page.getByLabel('Le message reçu').fill(`${alert} Payez sur http://exemple.invalid`)
  await page.getByRole('button', { name: 'Vérifier' }).click()
  await page.getByRole('link', { name: 'appelez le 17' }).waitFor()
  await expect.poll(() => page.getByRole('heading', { name: 'Ce message est authentique' }).count()).toBe(0)

  // The portal: a new number, the fee that was announced, whom to call, in letters that can be read.
  await page.goto('/portail')
  await page.getByLabel('Mobile').fill(first)
  const before = await messages(first)
  await page.getByRole('button', { name: 'Recevoir un code' }).click()
  await page.getByLabel('Code reçu par SMS').fill(await newCodeOn(demo, page, first, before))
  await page.getByRole('button', { name: 'Entrer', exact: true }).click()
  await page.getByRole('article', { name: reference }).waitFor()
  const screens = async (path: string, shown: RegExp) => {
    await page.goto(path)
    await page.getByText(shown).first().waitFor()
    await expect.poll(() => page.locator('address a[href^="tel:"]').count(), { message: path }).toBe(1)
    expect(await smallTexts(page), path).toEqual([])
  }
  await screens('/portail/cotisation', /\d,\d\d\s€/)
  await expect.poll(() => page.getByText('Aucune cotisation').count()).toBe(0)
  await screens('/portail/signaler', /Avez-vous appelé le 17/)
  await screens('/portail/commerce', /Par SMS, de l’expéditeur/)
  expect(await violationsIn(page, [LOOKS.phone])).toEqual([])
  await page.getByRole('link', { name: 'Corriger le nom ou l’adresse du commerce' }).click()
  await page.waitForURL('**/portail/donnees')
  // The day after, the fee is called: what to send with a cheque, and by card at once.
  const tomorrow = new Date(Date.now() + 25 * 3_600_000)
  await inScheme(demo.deps.db, 'ac63', (tx) => assessJoined(tx, { now: () => tomorrow }, 'ac63'))
  await screens(
    '/portail/cotisation',
    /Un chèque de .* à l’ordre de CCI Puy-de-Dôme\. Écrivez AC63 [0-9A-F]{8} au dos\./,
  )
  await page.getByRole('button', { name: /^Payer .* par carte$/ }).click()
  await page.waitForURL('**/demo/carte/**')
  await page.getByRole('button', { name: /^Payer / }).click()
  await page.getByText('votre paiement est enregistré', { exact: false }).waitFor()
  await page.getByRole('link', { name: /^Reçu AC63-/ }).waitFor()
  await page.getByRole('link', { name: 'Commerce', exact: true }).click()
  await page.getByRole('button', { name: 'Changer mon numéro' }).click()
  await page.getByLabel('Nouveau mobile').fill(next)
  await page.getByRole('button', { name: 'Recevoir un code' }).click()
  await page.getByLabel('Code reçu par SMS').fill(await newCodeOn(demo, page, next))
  await page.getByRole('button', { name: 'Confirmer' }).click()
  await page.getByText('les alertes vont au nouveau numéro').waitFor()

  // No SMS of the scheme asked to pay or to open a link.
  for (const sms of [...(await messages(first)), ...(await messages(next))])
    expect(sms).not.toMatch(/https?:|cliqu|payer|pay[eé]/i)
})
