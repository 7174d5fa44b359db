import { expect, test } from 'vitest'
import type { AlertView } from '../../../src/alerts/contract.ts'
import type { MagistrateList } from '../../../src/alerts/magistrates/contract.ts'
import type { ReportView } from '../../../src/reports/contract.ts'
import { LOOKS, newCodeOn, receivedBy, violations, violationsIn, withDemo } from '../../support/demo.ts'
import { saveInDemo } from '../../support/two-persons.ts'

const demo = withDemo()

test('a magistrate on a phone denies what an operator recorded under their name, with a one-time code', async () => {
  const operator = await demo.visit('operator')
  const post = <T>(path: string, data: object) =>
    demo.call<T>(operator, 'POST', `/api/schemes/ac63${path}`, data)
  // A number of their own: the next test asks for a code too, and a number gets one a minute.
  const phone = '+33639981016'
  const person = {
    role: 'magistrate',
    name: 'M. Vidal',
    service: 'Parquet de Clermont-Ferrand',
    phone: '06 39 98 10 16',
  }
  // Nobody chooses alone whose authorisation may be recorded.
  await saveInDemo(demo, 'on-call/people', person, { method: 'POST', second: 'magistrate' })
  const { magistrates } = await demo.call<MagistrateList>(operator, 'GET', '/api/schemes/ac63/magistrates')
  const vidal = magistrates.find(({ name }) => name === 'M. Vidal')
  // An operator does not see where they are notified.
  expect(vidal).toMatchObject({ kind: 'contact' })
  expect(JSON.stringify(magistrates)).not.toContain('+33')
  const report = await post<ReportView>('/reports', { categoryCode: 'trick-theft', communeCode: '63178' })
  const alert = await post<AlertView>('/alerts', {
    reportId: report.id,
    text: 'Vol par ruse à Issoire, Clio grise GH-482-LP. Ne pas intervenir, appelez le 17.',
    area: { kind: 'commune', code: '63178' },
    trades: [],
    doctrine: { offence: true, arrested: false, level: 'precise' },
  })
  const links = async () =>
    (await receivedBy(demo, operator, phone)).flatMap(
      (text) => /https?:\S+\/parquet\/ac63\/\S+/.exec(text) ?? [],
    )
  // The second replaces the first, which stays in the list of uses. Messages in transit may overtake one another.
  const followed: string[] = []
  for (const scope of ['plaque', 'plaque et couleur du véhicule']) {
    await post(`/alerts/${alert.id}/authorisation`, {
      version: alert.version,
      magistrateId: vidal?.id,
      scope,
    })
    const unknown = async () => (await links()).find((link) => !followed.includes(link))
    await expect.poll(unknown, { interval: 100 }).toBeDefined()
    followed.push((await unknown()) ?? '')
  }
  const path = new URL(followed.at(-1) ?? '').pathname

  // The operator has it open meanwhile.
  const room = await demo.enter('operator', '/salle')
  await room
    .getByRole('region', { name: /^Signalements/ })
    .getByRole('button', { name: /Vol par ruse.*Issoire/ })
    .first()
    .click()
  const prosecutor = room.getByRole('region', { name: /Autorisation du parquet/ })
  await room.getByText(/^Autorisation de M\. Vidal/).waitFor()

  const page = await demo.enter(null, path, { look: LOOKS.phone })
  const started = Date.now()
  await page.getByRole('button', { name: 'Recevoir un code' }).click()
  await page.getByText(/Un code part par SMS/).waitFor()
  await expect.poll(() => page.getByText('GH-482-LP').count()).toBe(0)
  // The notice about the other use of the name may come after the code.
  const code = async () =>
    (await receivedBy(demo, operator, phone))
      .map((text) => /code est (\d{6})/.exec(text)?.[1])
      .findLast(Boolean)
  await expect.poll(code, { interval: 100 }).toBeDefined()
  await page.getByLabel('Code reçu').fill('000000')
  await page.getByRole('button', { name: 'Ouvrir' }).click()
  await page.getByText('Ce code n’ouvre rien', { exact: false }).waitFor()
  await page.getByLabel('Code reçu').fill((await code()) ?? '')
  await page.getByRole('button', { name: 'Ouvrir' }).click()
  const asked = page.getByRole('article').first()
  await asked.getByText(/GH-482-LP/).waitFor()
  await asked.getByText('plaque et couleur du véhicule').waitFor()
  await asked.getByText(/^\d+ commerçants · \d+ téléphones$/).waitFor()
  await page.getByRole('heading', { name: 'Un autre usage de votre nom' }).waitFor()
  await page.getByText('celle-ci ne vaut plus', { exact: false }).waitFor()
  expect(await violationsIn(page, [LOOKS.phone])).toEqual([])
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/confirm.png`, fullPage: true })
  await asked.getByRole('button', { name: 'Ce n’est pas moi' }).click()
  // The whole of the answer comes into view.
  const deny = asked.getByRole('button', { name: 'Démentir' })
  const place = await deny.boundingBox()
  expect((place?.y ?? 0) + (place?.height ?? 0)).toBeLessThanOrEqual(844)
  await deny.click()
  await page.getByText(/^Démentie /).waitFor()
  expect(Date.now() - started).toBeLessThan(30_000)
  // The operator must ask again, without a reload.
  await prosecutor.getByText('Démentie : M. Vidal dit ne pas l’avoir donnée', { exact: false }).waitFor()
  // A reload needs no other code.
  await page.reload()
  await page.getByText(/^Démentie /).waitFor()

  const chief = await demo.enter('chief', `/alertes/${alert.id}`)
  await chief.getByText('Autorisation démentie par le magistrat nommé', { exact: false }).first().waitFor()
  await chief.getByText('Le magistrat nommé dément l’autorisation de ce message.').waitFor()
  if (process.env.SHOTS) await chief.screenshot({ path: `${process.env.SHOTS}/denied.png` })
})

test('an operator asks for the authorisation; one magistrate declines by a code, the next gives it by holding', async () => {
  const page = await demo.enter('operator', '/salle')
  await page
    .getByRole('textbox', { name: 'L’appel en une ligne' })
    .fill('vpr thiers il y a 5 min bijouterie deux hommes clio grise GH-482-LP')
  const prosecutor = page.getByRole('region', { name: /Autorisation du parquet/ })
  await expect.poll(() => prosecutor.getByLabel('Étendue').inputValue()).toContain('clio grise')
  await page.locator('#infraction-yes').check({ force: true })
  await prosecutor.getByRole('button', { name: 'Demander l’accord du parquet' }).click()
  // The operator sees each step.
  await prosecutor.getByText(/^Demandé par Claire Fabre/).waitFor()
  const steps = prosecutor.getByRole('list')
  await steps.getByText('Hélène Roche').waitFor()
  await steps.getByText(/SMS (parti|remis)/).waitFor()
  expect(await violations(page)).toEqual([])
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/asked-room.png` })
  // It is asked of magistrates, not of the operator who asks.
  await expect.poll(() => page.getByText('Votre accord est demandé', { exact: false }).count()).toBe(0)
  await expect.poll(() => page.getByRole('link', { name: /^À valider/ }).textContent()).not.toMatch(/\d/)
  await page.getByRole('button', { name: 'Suivant maintenant' }).click()

  // The magistrate with an account finds it under À valider as well.
  const desk = await demo.enter('magistrate', '/a-valider')
  const asking = desk.getByRole('region', { name: 'Accords demandés' }).getByRole('article')
  await asking.getByText(/^Claire Fabre.* demande votre accord/).waitFor()
  await asking.getByText(/^Vol par ruse.*GH-482-LP/).waitFor()
  await expect.poll(() => desk.getByText('Rien à valider').count()).toBe(0)
  expect(await violations(desk)).toEqual([])
  await asking.getByRole('link', { name: 'Lire et répondre' }).click()
  await desk.getByRole('button', { name: /Maintenir pour autoriser/ }).waitFor()

  // A magistrate without an account: the link, a code, no.
  const phone = '+33639981006'
  const texts = () => receivedBy(demo, page, phone)
  const asked = async () => (await texts()).findLast((text) => text.includes('votre accord est demandé'))
  await expect.poll(asked, { interval: 100 }).toContain('/parquet/ac63/')
  const path = new URL(/https?:\S+/.exec((await asked()) ?? '')?.[0] ?? '').pathname
  const delmas = await demo.enter(null, path, { look: LOOKS.phone })
  const before = await texts()
  await delmas.getByRole('button', { name: 'Recevoir un code' }).click()
  await delmas.getByLabel('Code reçu').fill(await newCodeOn(demo, page, phone, before))
  await delmas.getByRole('button', { name: 'Ouvrir' }).click()
  await delmas.getByText(/GH-482-LP/).waitFor()
  await delmas.getByRole('button', { name: 'Autoriser' }).waitFor()
  expect(await violationsIn(delmas, [LOOKS.phone, LOOKS.lightPhone])).toEqual([])
  if (process.env.SHOTS) await delmas.screenshot({ path: `${process.env.SHOTS}/asked-code.png` })
  await delmas.getByRole('button', { name: 'Refuser…' }).click()
  await delmas.getByLabel('Un mot, si vous voulez').fill('Plaque à vérifier d’abord.')
  await delmas.getByRole('button', { name: 'Refuser', exact: true }).click()
  await delmas.getByText(/^Accord refusé/).waitFor()

  await prosecutor.getByText('Refusé par Mme Delmas', { exact: false }).waitFor()
  // The page that was open says so in place of the button.
  await desk.getByText(/^Accord refusé.* par Mme Delmas/).waitFor()
  await prosecutor.getByText('Plaque à vérifier d’abord.', { exact: false }).waitFor()
  await prosecutor.getByRole('button', { name: 'Demander l’accord du parquet' }).click()
  await prosecutor.getByText('Refusé par Mme Delmas', { exact: false }).waitFor({ state: 'detached' })

  // The magistrate on call, signed in: text, map, counts and the decision on one screen.
  const link = async () =>
    (await receivedBy(demo, page, '+33639981005')).findLast((text) => text.includes('/valider/ac63/'))
  await expect.poll(link, { interval: 100 }).toBeDefined()
  const q = encodeURIComponent('+33639981005')
  const { handsets } = await demo.call<{ handsets: { owner: string | null }[] }>(
    page,
    'GET',
    `/api/demo/handsets?q=${q}`,
  )
  expect(handsets.map(({ owner }) => owner)).toEqual(['Hélène Roche'])
  const target = new URL(/https?:\S+/.exec((await link()) ?? '')?.[0] ?? '').pathname
  const roche = await demo.enter('magistrate', target, { look: LOOKS.lightPhone })
  const started = Date.now()
  const hold = roche.getByRole('button', { name: /Maintenir pour autoriser/ })
  await hold.waitFor()
  await roche
    .getByText(/GH-482-LP/)
    .first()
    .waitFor()
  await expect.poll(() => roche.getByLabel('Étendue').inputValue()).toContain('clio grise')
  const box = await hold.boundingBox()
  expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThan(844)
  expect(await violationsIn(roche, [LOOKS.lightPhone, LOOKS.phone])).toEqual([])
  if (process.env.SHOTS) await roche.screenshot({ path: `${process.env.SHOTS}/asked-phone.png` })
  await hold.focus()
  await roche.keyboard.press('Enter')
  await roche.keyboard.press('Enter')
  await roche.getByText(/^Accord donné/).waitFor()
  expect(Date.now() - started).toBeLessThan(30_000)
  // The room has it, bound to the text, without a key.
  await page.getByText('Autorisation de Hélène Roche', { exact: false }).waitFor()
  await page.getByText('Valable pour ce texte et ces destinataires.').waitFor()
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/asked-given.png` })
})
