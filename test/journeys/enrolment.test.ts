/**
 * Ways to join beside that of the day of the merchant; src/enrolment proves the rules.
 * @module-tag long
 */
import type { BrowserContext, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { AlertView } from '../../src/alerts/contract.ts'
import { demoBusinesses } from '../../src/demo/companies.ts'
import type { MemberView } from '../../src/members/contract.ts'
import { nameInSms } from '../../src/members/rules.ts'
import { LOOKS, receivedBy, violations, violationsIn, withDemo } from '../support/demo.ts'

const [SHOP] = demoBusinesses
/** U3: a merchant joins on a phone in under two minutes. */
const JOIN_MS = 120_000

const demo = withDemo()

/** On a phone in dark mode, and at a desk in light mode; the rest is on the phone. */
const everywhere = (page: Page) => violationsIn(page, [LOOKS.desk, LOOKS.phone])

const messagesOf = (of: Page | BrowserContext, phone: string) => receivedBy(demo, of, phone)
const until = <T>(read: () => Promise<T>) => expect.poll(read, { interval: 100 })

/** A number of no member of the demo. A number gets one code a minute, so each try has its own. */
const NUMBERS = ['06 39 98 66 49', '06 39 98 45 68']
const NUMBERS_OF_STRANGERS = ['0639986650', '0639984569']
let tries = 0
let strangers = 0

test('a tobacconist joins on a phone, the chamber approves, and the next alert arrives', async () => {
  const shown = NUMBERS[tries++ % NUMBERS.length] ?? ''
  const number = shown.replaceAll(' ', '')
  const chamber = await demo.enter('chamber', '/adherents')
  const { counts } = await demo.call<{ counts: { submitted: number } }>(
    chamber.context(),
    'GET',
    '/api/schemes/ac63/enrolments',
  )
  const startedAt = performance.now()
  const page = await demo.enter(null, '/', { look: LOOKS.phone })
  const context = page.context()
  await page.getByRole('link', { name: /Inscrire un commerce/ }).click()
  await page.getByRole('heading', { name: 'Alerte Commerces 63' }).waitFor()
  await page.getByText('Appelez toujours le 17 d’abord').waitFor()
  expect(await everywhere(page)).toEqual([])
  await page.getByRole('link', { name: 'Inscrire mon commerce' }).click()

  // The business: empty fields show errors, then the register fills them in by the name and the commune.
  const next = page.getByRole('button', { name: 'Continuer' })
  await next.click()
  await until(() => page.locator('[aria-invalid=true]').count()).toBe(3)
  await page.getByLabel('Nom du commerce').fill('tabac rempart')
  const commune = page.getByRole('combobox', { name: 'Commune' })
  // A phone has no Tab: the name is taken when another field is touched, also where a longer one has it in it.
  await commune.fill('riom')
  await page.getByLabel('Adresse', { exact: true }).click()
  await until(() => commune.inputValue()).toBe('Riom')
  await commune.fill('issoi')
  await commune.press('Tab')
  await until(() => commune.inputValue()).toBe('Issoire')
  await page.getByRole('button', { name: 'Chercher mon commerce' }).click()
  await page.getByRole('button', { name: /Tabac des Remparts/ }).click()
  await page.getByText('Commerce trouvé').waitFor()
  await expect.poll(() => page.getByLabel('SIRET (facultatif)').inputValue()).toBe(SHOP?.siret)
  await expect.poll(() => page.getByLabel('Nom du commerce').inputValue()).toBe('Tabac des Remparts')
  expect(await everywhere(page)).toEqual([])
  await next.click()

  // The browser's Back leads to the step before.
  await page.getByRole('heading', { name: 'Vous' }).waitFor()
  await page.goBack()
  await page.getByRole('heading', { name: 'Votre commerce' }).waitFor()
  await next.click()

  // The person, and a landline that is refused at its field.
  await page.getByRole('heading', { name: 'Vous' }).waitFor()
  await page.getByLabel('Vos prénom et nom').fill('Paul Durand')
  const phone = page.getByLabel('Mobile')
  await phone.fill('04 73 00 00 00')
  await next.click()
  await page.getByText('C’est un téléphone fixe').waitFor()
  await until(() => phone.evaluate((one) => one === one.ownerDocument.activeElement)).toBe(true)
  await phone.fill(shown)
  await page.getByLabel(/Adresse électronique/).fill('paul@example.org')
  expect(await everywhere(page)).toEqual([])
  await next.click()

  // The code arrives on the phone; after a reload it continues where it was.
  await page.getByRole('heading', { name: 'Confirmez votre mobile' }).waitFor()
  await until(() => messagesOf(context, number)).toHaveLength(1)
  const [sms = ''] = await messagesOf(context, number)
  const code = /code est (\d{6}),/.exec(sms)?.[1] ?? ''
  await page.reload()
  const field = page.getByLabel('Code reçu par SMS')
  await expect.poll(() => field.getAttribute('autocomplete')).toBe('one-time-code')
  await field.fill(code === '000000' ? '000001' : '000000')
  await page.getByRole('button', { name: 'Confirmer' }).click()
  await page.getByText('Ce code n’est pas le bon').waitFor()
  expect(await everywhere(page)).toEqual([])
  await field.fill(`${code.slice(0, 3)} ${code.slice(3)}`)
  await page.getByRole('button', { name: 'Confirmer' }).click()

  // Back to the entered data, and forward again without another code.
  await page.getByRole('heading', { name: 'La charte' }).waitFor()
  await page.getByRole('button', { name: 'Retour' }).click()
  await page.getByRole('heading', { name: 'Vous' }).waitFor()
  await expect.poll(() => phone.inputValue()).toBe(shown.replaceAll(' ', '\u00a0'))
  await next.click()
  await page.getByRole('heading', { name: 'La charte' }).waitFor()
  const sign = page.getByRole('button', { name: 'Signer et envoyer' })
  await sign.click()
  await page.getByText('Cochez la case').waitFor()
  expect(await everywhere(page)).toEqual([])
  await page.getByLabel('J’ai lu la charte').check({ force: true })
  await sign.click()
  await page.getByRole('heading', { name: 'Demande envoyée' }).waitFor()
  await page.getByText('examine votre demande').waitFor()
  expect(performance.now() - startedAt).toBeLessThan(JOIN_MS)
  expect(await everywhere(page)).toEqual([])

  // The chamber: the menu shows the number of pending requests; the code is never shown.
  await chamber.reload()
  const link = chamber.getByRole('link', { name: /^Demandes/ })
  await chamber.getByText(`${counts.submitted + 1} demandes d’adhésion`).waitFor({ state: 'attached' })
  await link.click()
  await chamber.getByRole('button', { name: 'Tabac des Remparts', exact: true }).waitFor()
  expect(await violations(chamber)).toEqual([])
  await chamber.getByRole('button', { name: 'Tabac des Remparts', exact: true }).click()
  const drawer = chamber.getByRole('dialog')
  await drawer.getByText('Ouvert, même commune').waitFor()
  await drawer.getByText(/Signée par Paul Durand/).waitFor()
  expect(await violations(chamber)).toEqual([])
  await drawer.getByRole('button', { name: 'Approuver' }).click()
  await chamber.getByText(/Tabac des Remparts est inscrit/).waitFor()
  await chamber.getByText(`${counts.submitted} demandes d’adhésion`).waitFor({ state: 'attached' })
  await until(() => messagesOf(context, number)).toContainEqual(
    expect.stringMatching(/^Alerte Commerces 63 : Tabac des Remparts est inscrit\./),
  )

  // A mail confirms it too, with the documents, each of which opens.
  const mailbox = await demo.enter(null, '/courriels')
  await mailbox.getByRole('heading', { name: /votre commerce est inscrit/ }).waitFor()
  await mailbox.frameLocator('iframe').getByText('Tabac des Remparts est inscrit').waitFor()
  expect(await everywhere(mailbox)).toEqual([])
  await mailbox.getByText('Texte seul').click()
  await mailbox.getByText('Victime ou témoin').waitFor()
  for (const name of ['attestation.pdf', 'autocollant.pdf']) {
    const href = await mailbox.getByRole('link', { name }).getAttribute('href')
    const answer = await mailbox.request.get(new URL(href ?? '', mailbox.url()).href)
    expect(answer.headers()['content-type']).toBe('application/pdf')
    expect((await answer.body()).toString('latin1', 0, 5)).toBe('%PDF-')
  }
  await mailbox
    .getByRole('button', { name: /votre demande est arrivée/ })
    .first()
    .click()
  await mailbox.frameLocator('iframe').getByText('Vous avez signé la charte').waitFor()

  const operator = await demo.visit('operator')
  const post = <T>(path: string, data: object) =>
    demo.call<T>(operator, 'POST', `/api/schemes/ac63${path}`, data)
  const report = await post<{ id: string }>('/reports', {
    categoryCode: 'counterfeit-notes',
    communeCode: SHOP?.communeCode,
  })
  const draft = await post<AlertView>('/alerts', {
    reportId: report.id,
    text: 'Faux billets commune d’Issoire. Ne pas intervenir, ne pas transférer SMS.',
    area: { kind: 'commune', code: SHOP?.communeCode },
    doctrine: { offence: true, arrested: false, level: 'established' },
  })
  await post(`/alerts/${draft.id}/broadcast`, { version: draft.version })
  await until(() => messagesOf(context, number)).toContainEqual(
    expect.stringMatching(/^Faux billets commune d'Issoire\./),
  )

  await page.reload()
  await page.getByRole('heading', { name: 'Vous êtes inscrit' }).waitFor()
  await page.getByText('Dites-le dans les 15 jours', { exact: false }).waitFor()
  expect(await everywhere(page)).toEqual([])
})

test('a request with the SIRET of an existing shop replaces nothing unless the chamber chooses to', async () => {
  const { db } = demo.deps
  const member = await db
    .selectFrom('members as m')
    .innerJoin('communes as k', 'k.code', 'm.communeCode')
    .innerJoin('contacts as c', (on) =>
      on.onRef('c.schemeId', '=', 'm.schemeId').onRef('c.memberId', '=', 'm.id'),
    )
    .select(['m.id', 'm.name', 'm.siret', 'm.address', 'm.communeCode', 'k.name as commune', 'c.mobile'])
    .where('m.schemeId', '=', 'ac63')
    .where('m.status', '=', 'active')
    .where('m.siret', 'is not', null)
    .where('m.communeCode', '<>', '63178')
    .where('c.sms', '=', true)
    .where('c.position', '=', 0)
    .orderBy('m.id')
    .executeTakeFirstOrThrow()
  const mobile = member.mobile ?? ''
  await db.updateTable('members').set({ status: 'suspended' }).where('id', '=', member.id).execute()

  // Anybody could do this: a public SIRET, any name, a number of their own.
  const phone = NUMBERS_OF_STRANGERS[strangers++ % NUMBERS_OF_STRANGERS.length] ?? ''
  const stranger = await demo.visit(null)
  const step = (method: string, path: string, data: object) =>
    demo.call(stranger, method, `/api/public/schemes/ac63/enrolment/${path}`, data)
  const typed = { siret: member.siret, name: 'Autre nom', trade: 'tobacco-press', commune: '63178' }
  await step('PUT', 'business', { ...typed, address: '' })
  await step('PUT', 'contact', { person: 'Jean Inconnu', phone, mail: '' })
  await until(() => messagesOf(stranger, phone)).toHaveLength(1)
  const [sms = ''] = await messagesOf(stranger, phone)
  await step('POST', 'confirm', { code: /code est (\d{6}),/.exec(sms)?.[1] })
  const { charter } = await demo.call<{ charter: { version: number } }>(
    stranger,
    'GET',
    '/api/public/schemes/ac63',
  )
  await step('POST', 'sign', { version: charter.version, accepted: true, name: 'Jean Inconnu' })

  const page = await demo.enter('chamber', '/demandes')
  await page.getByRole('button', { name: 'Autre nom', exact: true }).first().click()
  const drawer = page.getByRole('dialog')
  await drawer.getByText('Ressemble à la demande : même SIRET').waitFor()
  const approve = drawer.getByRole('button', { name: 'Approuver' })
  const known = drawer.getByRole('radio', { name: `L’adhérent ${member.name} (${member.commune})` })
  await expect.poll(() => known.isChecked()).toBe(false)
  await expect.poll(() => approve.isDisabled()).toBe(true)
  await expect.poll(() => drawer.getByRole('radio', { name: 'Un nouvel adhérent' }).isDisabled()).toBe(true)
  const table = drawer.getByRole('table')
  for (const text of [member.commune, 'Issoire', 'Suspendu', `•• •• •• •• ${mobile.slice(-2)}`]) {
    await table.getByText(text, { exact: false }).first().waitFor()
  }
  await expect.poll(() => table.textContent()).not.toContain(mobile)
  await table.getByRole('row', { name: /^Doit/ }).waitFor()
  expect(await violationsIn(page, [LOOKS.phone, LOOKS.lightPhone, LOOKS.darkDesk, LOOKS.desk])).toEqual([])

  await known.check({ force: true })
  await expect.poll(() => drawer.getByRole('checkbox', { checked: true }).count()).toBe(0)
  await approve.click()
  await page.getByText(/Autre nom est approuvée/).waitFor()
  const after = await demo.call<MemberView>(page, 'GET', `/api/schemes/ac63/members/${member.id}`)
  expect(after).toMatchObject({
    ...{ name: member.name, status: 'suspended', address: member.address },
    commune: { code: member.communeCode },
  })
  await until(async () => (await messagesOf(stranger, mobile)).join('\n')).toContain(
    `une demande au nom de ${nameInSms(member.name)}`.normalize('NFC').slice(0, 30),
  )
  expect((await messagesOf(stranger, mobile)).join(' ')).not.toContain('Autre nom')
})

test('a request is refused by keyboard, in English, on a phone; an unknown scheme says what to do', async () => {
  const page = await demo.enter('chamber', '/demandes', { look: LOOKS.phone, locale: 'en-GB' })
  await page.getByRole('button', { name: 'Fleurs du Beffroi' }).focus()
  await page.keyboard.press('Enter')
  const drawer = page.getByRole('dialog')
  await drawer.getByRole('button', { name: 'Refuse…' }).focus()
  await page.keyboard.press('Enter')
  await drawer.getByRole('radio', { name: 'Trade not accepted' }).focus()
  await page.keyboard.press('ArrowDown')
  await until(() => drawer.getByRole('radio', { name: 'Outside the territory' }).isChecked()).toBe(true)
  // Back to the choice, and again to the refusal as it was.
  const note = drawer.getByRole('textbox', { name: 'Internal note' })
  await note.fill('Shop in Moulins.')
  await drawer.getByRole('button', { name: 'Back' }).click()
  await drawer.getByRole('button', { name: 'Refuse…' }).click()
  await expect.poll(() => drawer.getByRole('radio', { name: 'Outside the territory' }).isChecked()).toBe(true)
  await expect.poll(() => note.inputValue()).toBe('Shop in Moulins.')
  expect(await everywhere(page)).toEqual([])
  await drawer.getByRole('button', { name: 'Refuse the request' }).focus()
  await page.keyboard.press('Enter')
  await page.getByText(/The request of Fleurs du Beffroi is refused/).waitFor()
  await until(() => messagesOf(page.context(), '0639988730')).toContainEqual(
    expect.stringMatching(/n'est pas retenue : hors du territoire\.$/),
  )
  await page.goto('/demandes?etat=approved')
  await page.getByText('No approved requests').or(page.getByRole('table')).first().waitFor()
  expect(await everywhere(page)).toEqual([])

  await page.goto('/dispositif/zz99')
  await page.getByRole('heading', { name: 'Unknown scheme' }).waitFor()
  expect(await everywhere(page)).toEqual([])
})
