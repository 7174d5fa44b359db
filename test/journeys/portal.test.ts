import type { BrowserContext, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import type { AlertPage, AlertView, NearList } from '../../src/alerts/contract.ts'
import type { MemberPage, MemberView } from '../../src/members/contract.ts'
import { LOOKS, newCodeOn, receivedBy, violations, violationsIn, withDemo } from '../support/demo.ts'

const demo = withDemo()
const messagesOf = (of: Page | BrowserContext, phone: string) => receivedBy(demo, of, phone)
const until = <T>(read: () => Promise<T>) => expect.poll(read, { interval: 100 })

/** In both colour schemes, on a phone and at a desk; the rest is on the phone. */
const everywhere = (page: Page) => violationsIn(page, [LOOKS.desk, LOOKS.phone])

let tries = 0
/** Returns another shop of Issoire at each call, since a number gets one code a minute. */
async function merchant(): Promise<{ phone: string; name: string; memberId: string }> {
  const chamber = await demo.visit('chamber')
  const { members } = await demo.call<MemberPage>(
    chamber,
    'GET',
    '/api/schemes/ac63/members?commune=63178&status=active&limit=40',
  )
  const able = members.filter(({ smsContacts, phones }) => smsContacts === 1 && phones.length === 1)
  const one = able[tries++]
  return { phone: one?.phones[0]?.replace('+33', '0') ?? '', name: one?.name ?? '', memberId: one?.id ?? '' }
}

/** Lists the paths of what the service worker keeps. */
async function keptPaths(page: Page): Promise<string[]> {
  return page.evaluate(`(async () => {
    const urls = []
    for (const name of await caches.keys()) {
      for (const request of await (await caches.open(name)).keys()) urls.push(new URL(request.url).pathname)
    }
    return urls
  })()`)
}

/** Numbers of no member of the demo, nor its observer's, two at each call. */
const SPARE = ['0639981104', '0639981002', '0639981003', '0639981100', '0639981101', '0639981102']

/** Sends an alert, to Issoire by default; runs `meanwhile` while it is being sent. */
async function sendAlert(
  text: string,
  options: {
    readonly of?: { readonly categoryCode: string; readonly communeCode: string }
    readonly area?: object
    readonly meanwhile?: () => Promise<unknown>
  } = {},
): Promise<AlertView> {
  const operator = await demo.visit('operator')
  const post = <T>(path: string, data: object) =>
    demo.call<T>(operator, 'POST', `/api/schemes/ac63${path}`, data)
  const report = await post<{ id: string }>(
    '/reports',
    options.of ?? { categoryCode: 'counterfeit-notes', communeCode: '63178' },
  )
  const draft = await post<AlertView>('/alerts', {
    reportId: report.id,
    text,
    area: options.area ?? { kind: 'commune', code: '63178' },
    doctrine: { offence: true, arrested: false, level: 'established' },
  })
  const near = await post<NearList>('/alerts/near', { reportId: report.id, words: text })
  const sent = post<AlertView>(`/alerts/${draft.id}/broadcast`, {
    version: draft.version,
    confirmNear: near.alerts.map(({ id }) => id),
  })
  await Promise.all([sent, options.meanwhile?.()])
  return sent
}

test('a merchant signs in with the code on the handset, receives an alert and confirms that it was read', async () => {
  const { phone, name } = await merchant()
  const page = await demo.enter(null, '/portail', { look: LOOKS.phone })
  const number = page.getByLabel('Mobile')
  await page.getByRole('heading', { name: 'Espace commerçant' }).waitFor()
  expect(await everywhere(page)).toEqual([])

  // A landline is refused at its field; an unknown number gets the same response as any other.
  const send = page.getByRole('button', { name: 'Recevoir un code' })
  await number.fill('04 73 00 00 00')
  await send.click()
  await page.getByText('C’est un téléphone fixe').waitFor()
  await number.fill('06 39 98 99 98')
  await send.click()
  await page.getByText('Si ce numéro est celui d’un adhérent').waitFor()
  await page.getByRole('button', { name: 'Changer de numéro' }).click()

  const before = await messagesOf(page, phone)
  await number.fill(phone)
  await send.click()
  await page.getByText('Si ce numéro est celui d’un adhérent').waitFor()
  const code = await newCodeOn(demo, page, phone, before)
  const field = page.getByLabel('Code reçu par SMS')
  await field.fill(code === '000000' ? '000001' : '000000')
  const enter = page.getByRole('button', { name: 'Entrer', exact: true })
  await enter.click()
  await page.getByText('Ce code n’est pas le bon').waitFor()
  expect(await everywhere(page)).toEqual([])
  await field.fill(code)
  await enter.click()
  await page.getByRole('heading', { name: 'Alertes', level: 1 }).waitFor()
  await page.getByText(`${name} (Issoire), Alerte Commerces 63`).waitFor()
  await expect
    .poll(() => page.getByRole('link', { name: /Appeler le 17/ }).getAttribute('href'))
    .toBe('tel:17')
  expect(await everywhere(page)).toEqual([])

  // It arrives by itself, with the text of the SMS.
  const alert = await sendAlert('Faux billets commune d’Issoire. Ne pas intervenir, ne pas transférer SMS.')
  const card = page.getByRole('article', { name: alert.reference })
  await card.getByText("Faux billets commune d'Issoire.").waitFor()
  await card.getByText('En cours').waitFor()
  expect(await everywhere(page)).toEqual([])
  const reads = async () =>
    (await demo.call<AlertPage>(desk, 'GET', `/api/schemes/ac63/alerts/${alert.id}`)).reads
  const desk = await demo.enter('operator', `/alertes/${alert.id}`)
  await desk.getByText('Personne n’a encore dit l’avoir lu').waitFor()
  await card.getByRole('button', { name: /J’ai bien lu/ }).click()
  await card.getByText(/^Lu à/).waitFor()
  await desk.getByText('Lu par 1 personne').waitFor()
  expect(await reads()).toBe(1)

  // One confirmation for each contact, however often it is pressed; follow-ups are shown below it.
  await page.reload()
  await card.getByText(/^Lu à/).waitFor()
  expect(await reads()).toBe(1)
  await demo.call(desk, 'POST', `/api/schemes/ac63/alerts/${alert.id}/end`)
  await card.getByText('Terminée', { exact: true }).waitFor()
  // Neither this one nor the ended ones that nobody read ask for anything.
  await page.getByText('il n’y a rien à confirmer').waitFor()
  await expect.poll(() => page.getByRole('button', { name: /J’ai bien lu/ }).count()).toBe(0)
  expect(await everywhere(page)).toEqual([])

  await page.getByRole('button', { name: 'Se déconnecter' }).click()
  await page.getByRole('heading', { name: 'Espace commerçant' }).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: 'Espace commerçant' }).waitFor()
})

test('an answer from before the sign-in, which comes after it, does not sign the member out', async () => {
  const { phone } = await merchant()
  const page = await demo.enter(null, '/api/about', { look: LOOKS.phone, closed: true })
  // The service worker takes over when this test says so.
  await page.addInitScript(
    'ServiceWorkerContainer.prototype.register = () => Promise.reject(new Error("later"))',
  )
  await page.goto('/portail')
  const before = await messagesOf(page, phone)
  await page.getByLabel('Mobile').fill(phone)
  await page.getByRole('button', { name: 'Recevoir un code' }).click()
  const field = page.getByLabel('Code reçu par SMS')
  await field.waitFor()
  const held = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  await page.route('**/api/portal/session', async (route) => {
    if (route.request().method() !== 'GET') return route.continue()
    const response = await route.fetch()
    held.resolve()
    await release.promise
    // The page may have cancelled the request.
    await route.fulfill({ response }).catch(() => undefined)
  })
  await page.evaluate('navigator.serviceWorker.dispatchEvent(new Event("controllerchange"))')
  await held.promise
  await field.fill(await newCodeOn(demo, page, phone, before))
  await page.getByRole('button', { name: 'Entrer', exact: true }).click()
  await page.getByRole('heading', { name: 'Alertes', level: 1 }).waitFor()
  release.resolve()
  await page.waitForTimeout(300)
  expect(await page.getByText('Votre session est terminée').count()).toBe(0)
  expect(await page.getByRole('heading', { name: 'Alertes', level: 1 }).count()).toBe(1)
})

test('a page that a release has left without its files loads again: the portal behind its sign-in, and one without its styles', async () => {
  for (const [door, path, file, heading] of [
    ['merchant', '/portail', 'Inside-*.js', 'Alertes'],
    [null, '/invitation#unknown', 'InvitationPage-*.css', 'Ouvrir votre compte'],
  ] as const) {
    const page = await (await demo.visit(door, { look: LOOKS.phone, closed: true })).newPage()
    let loads = 0
    page.on('request', (request) => {
      if (request.isNavigationRequest()) loads++
    })
    await page.route(`**/assets/${file}`, (route) =>
      loads === 1 ? route.fulfill({ status: 404 }) : route.continue(),
    )
    await page.goto(`${demo.url}${path}`)
    await page.getByRole('heading', { name: heading, level: 1 }).waitFor()
    expect(loads).toBe(2)
  }
})

test('a merchant reports after calling 17: the operator finds it in the queue, the merchant follows it', async () => {
  const page = await demo.enter('merchant', '/portail/signaler', { look: LOOKS.phone })
  await expect
    .poll(() => page.getByRole('link', { name: /Appeler le 17/ }).getAttribute('href'))
    .toBe('tel:17')
  const desk = await demo.enter('operator', '/salle')
  await desk.getByRole('region', { name: /^Signalements/ }).waitFor()
  const form = page.getByRole('main')
  await form.getByRole('button', { name: 'Envoyer aux opérateurs' }).click()
  await page.locator('[aria-invalid=true]').waitFor()
  expect(await everywhere(page)).toEqual([])
  await page.getByLabel('Que se passe-t-il ?').selectOption({ label: 'Faux billets' })
  await expect.poll(() => page.getByLabel(/^Où/).inputValue()).toContain('Tabac de la Halle')
  await page.getByLabel('Quand ?').selectOption({ label: 'Il y a 10 minutes' })
  await page.getByLabel('Direction de fuite').fill('vers la gare, à pied')
  await page.getByLabel('Ce qui s’est passé').fill('Deux billets de 50 € sur un achat de tabac.')
  await page.getByLabel('Oui, j’ai appelé').check({ force: true })
  await form.getByRole('button', { name: 'Envoyer aux opérateurs' }).click()
  await page.getByRole('heading', { name: /^Signalement reçu à/ }).waitFor()
  await page.getByText('Reçu', { exact: true }).waitFor()
  expect(await everywhere(page)).toEqual([])

  // In the queue, without a reload, with the name of the shop.
  const waiting = desk
    .getByRole('region', { name: /^Signalements/ })
    .getByRole('button', { name: /Tabac de la Halle/ })
    .first()
  await waiting.getByText('Portail et appel au 17').waitFor()
  expect(await violations(desk)).toEqual([])
  await waiting.click()
  await desk.getByText(/^Signalé sur le portail par Tabac de la Halle/).waitFor()
  await desk.getByText(/fuite vers la gare, à pied$/).waitFor()
  await page.getByText('Pris en charge', { exact: true }).waitFor()
  await desk.getByRole('button', { name: /Ne pas diffuser/ }).click()
  const dialog = desk.getByRole('dialog')
  await dialog.getByRole('radio').first().check({ force: true })
  await dialog.getByRole('button', { name: 'Classer sans diffuser' }).click()
  await page.getByText('Sans suite', { exact: true }).waitFor()
  expect(await everywhere(page)).toEqual([])
})

test('a shop manages its people and phones, sets quiet hours, exports its data, and leaves during a broadcast', {
  tags: 'long',
}, async () => {
  const { phone, name, memberId } = await merchant()
  const page = await demo.enter(null, '/portail/commerce', { look: LOOKS.phone })
  const before = await messagesOf(page, phone)
  await page.getByLabel('Mobile').fill(phone)
  await page.getByRole('button', { name: 'Recevoir un code' }).click()
  await page.getByLabel('Code reçu par SMS').fill(await newCodeOn(demo, page, phone, before))
  await page.getByRole('button', { name: 'Entrer', exact: true }).click()
  await page.getByRole('heading', { name: 'Mon commerce', level: 1 }).waitFor()
  await page.getByText('Reçoit les alertes', { exact: true }).waitFor()
  expect(await everywhere(page)).toEqual([])

  // Another person is added with the code that their own phone received.
  const [colleague = '', moved = ''] = SPARE.splice(0, 2)
  await page.getByRole('button', { name: 'Ajouter une personne' }).click()
  await page.getByLabel('Prénom et nom').fill('Zoé Martin')
  await page.getByLabel('Mobile').fill(phone)
  await page.getByRole('button', { name: 'Recevoir un code' }).click()
  await page.getByText('Ce numéro est déjà celui d’une personne').waitFor()
  expect(await everywhere(page)).toEqual([])
  await page.getByLabel('Mobile').fill(colleague)
  await page.getByRole('button', { name: 'Recevoir un code' }).click()
  await page.getByLabel('Code reçu par SMS').fill(await newCodeOn(demo, page, colleague))
  await page.getByRole('button', { name: 'Confirmer' }).click()
  await page.getByRole('heading', { name: 'Zoé Martin' }).waitFor()

  // The user changes to another number; the old one is notified.
  await page.getByRole('button', { name: 'Changer mon numéro' }).click()
  await page.getByLabel('Nouveau mobile').fill(moved)
  await page.getByRole('button', { name: 'Recevoir un code' }).click()
  await page.getByLabel('Code reçu par SMS').fill(await newCodeOn(demo, page, moved))
  await page.getByRole('button', { name: 'Confirmer' }).click()
  await page.getByText(/C’est fait/).waitFor()
  await until(async () => (await messagesOf(page, phone)).join('\n')).toMatch(
    /vont maintenant à un autre numéro/,
  )

  // Quiet hours, and what overrides them; removing the last reachable person requires a confirmation.
  await page.getByText('Les alertes vitales passent toujours').waitFor()
  await page.getByText('Choisies', { exact: true }).click()
  await page.getByLabel(/^De\b/).fill('22:00')
  await page.getByRole('button', { name: 'Enregistrer' }).click()
  await page.getByText('Heures calmes enregistrées.').waitFor()
  const zoe = page.getByRole('listitem').filter({ hasText: 'Zoé Martin' })
  await zoe.getByRole('button', { name: 'Ne plus recevoir de SMS' }).click()
  expect(await everywhere(page)).toEqual([])
  await zoe.getByRole('button', { name: 'Arrêter les SMS' }).click()
  await zoe.getByText('Ne reçoit rien').waitFor()
  const me = page.getByRole('listitem').filter({ hasText: '(vous)' })
  await me.getByRole('button', { name: 'Retirer', exact: true }).click()
  await me.getByRole('button', { name: 'Retirer cette personne' }).click()
  await me.getByText('Plus personne de ce commerce ne recevrait').waitFor()
  expect(await everywhere(page)).toEqual([])
  await me.getByRole('button', { name: 'Annuler' }).click()

  // Its data.
  await page.getByRole('link', { name: 'Compte', exact: true }).click()
  await page.getByRole('link', { name: /^Données/ }).click()
  await page.getByRole('heading', { name: 'Mes données', level: 1 }).waitFor()
  expect(await everywhere(page)).toEqual([])
  for (const name of ['Attestation (PDF)', 'Autocollant (PDF)']) {
    const href = await page.getByRole('link', { name }).getAttribute('href')
    const paper = await page.request.get(href ?? '')
    expect(paper.headers()['content-type'], name).toBe('application/pdf')
  }
  const files = await Promise.all(
    ['json', 'csv'].map((format) =>
      page.request.get(`/api/portal/shops/ac63/${memberId}/data.${format}`).then((file) => file.text()),
    ),
  )
  for (const file of files) for (const kept of [name, 'Zoé Martin']) expect(file).toContain(kept)
  await page.getByRole('button', { name: 'Corriger ces données' }).click()
  await page.getByLabel('Adresse').fill('1 place de la République')
  await page.getByRole('button', { name: 'Enregistrer' }).click()
  await page.getByText('1 place de la République').waitFor()

  // It leaves while messages to it are still waiting: it receives none of them, nor their follow-ups.
  await page.getByRole('button', { name: 'Quitter…' }).click()
  await page.getByRole('button', { name: 'Quitter maintenant' }).click()
  await page.getByText('Cochez la case pour confirmer').waitFor()
  expect(await everywhere(page)).toEqual([])
  await page.getByLabel(/^Je retire/).check({ force: true })
  const alert = await sendAlert('Vol par ruse commune d’Issoire. Ne pas intervenir, ne pas transférer SMS.', {
    area: { kind: 'scheme' },
    meanwhile: () => page.getByRole('button', { name: 'Quitter maintenant' }).click(),
  })
  await page.getByRole('heading', { name: 'Espace commerçant' }).waitFor()
  await page.getByText('plus aucune alerte ne partira à ses numéros').waitFor()
  await until(async () => (await messagesOf(page, moved)).join(' ')).toMatch(/a quitté le dispositif/)
  const chamber = await demo.visit('chamber')
  await until(
    async () => (await demo.call<MemberView>(chamber, 'GET', `/api/schemes/ac63/members/${memberId}`)).status,
  ).toBe('left')
  const next = await sendAlert('Faux billets commune d’Issoire. Ne pas intervenir.')
  expect(next.reference).not.toBe(alert.reference)
  const desk = await demo.visit('operator')
  await until(
    async () =>
      (await demo.call<AlertPage>(desk, 'GET', `/api/schemes/ac63/alerts/${next.id}`)).alert.progress
        ?.waiting,
  ).toBe(0)
  // An SMS that was on its way while the shop left may still arrive.
  expect((await messagesOf(page, moved)).join(' ')).not.toContain('Faux billets')
})

test('the installed portal opens without a network with what it had received, and keeps nothing of the console', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('operator', '/salle', { look: LOOKS.phone })
  await demo.call(page, 'POST', '/api/demo/portal')
  const alert = await sendAlert('Faux billets commune d’Issoire. Ne pas intervenir, ne pas transférer SMS.')
  await page.goto('/portail')
  const card = page.getByRole('article', { name: alert.reference })
  await card.waitFor()
  const devtools = await page.context().newCDPSession(page)
  await until(async () => (await devtools.send('Page.getInstallabilityErrors')).installabilityErrors).toEqual(
    [],
  )
  expect((await devtools.send('Page.getAppManifest')).errors).toEqual([])

  // The first visit is enough: what was read before the service worker took over is read again through it.
  await until(async () => (await keptPaths(page)).some((path) => path.endsWith('/alerts'))).toBe(true)
  await page.context().setOffline(true)
  await page.reload()
  await card.waitFor()
  await page.getByText(/^Pas de liaison/).waitFor()
  await page.context().setOffline(false)
  await page.reload()
  await card.waitFor()
  await page.getByRole('link', { name: 'Commerce' }).click()
  await page.getByText('Les personnes et leurs téléphones').waitFor()
  // Pages of the console in the same tab are not cached.
  await page.goto('/alertes')
  await page.getByRole('heading', { level: 1 }).waitFor()
  const kept = await keptPaths(page)
  expect(kept).toContain('/portail')
  const data = kept.filter((path) => path.startsWith('/api/'))
  expect(data.length).toBeGreaterThan(3)
  expect(data.filter((path) => !/^\/api\/(about|portal\/)/.test(path))).toEqual([])
  expect(kept.filter((path) => /AlertRoom|AlertPage|Journal|Members|data\./.test(path))).toEqual([])

  // Live updates are cached as well as the initial data.
  await page.goto('/portail')
  await card.waitFor()
  const live = await sendAlert('Vol par ruse commune d’Issoire. Ne pas intervenir, ne pas transférer SMS.', {
    of: { categoryCode: 'trick-theft', communeCode: '63178' },
  })
  const newest = page.getByRole('article', { name: live.reference })
  await newest.waitFor()
  await page.context().setOffline(true)
  await page.reload()
  await card.getByText("Faux billets commune d'Issoire.").waitFor()
  await newest.getByText("Vol par ruse commune d'Issoire.").waitFor()
  await page.getByText(/^Pas de liaison/).waitFor()
  expect(await everywhere(page)).toEqual([])
  await page.getByRole('link', { name: 'Commerce' }).click()
  await page.getByText('Les personnes et leurs téléphones').waitFor()
  await page.getByText(/^Pas de réseau\s: cet écran/).waitFor()
  await page.goto('/portail/signaler')
  await page.getByText(/^Pas de réseau\s: un signalement/).waitFor()
  await expect
    .poll(() => page.getByRole('link', { name: /Appeler le 17/ }).getAttribute('href'))
    .toBe('tel:17')

  // Back online, it continues by itself; after signing out, nothing stays on the phone.
  await page.context().setOffline(false)
  await page.goto('/portail')
  await card.waitFor()
  await until(() => page.getByText(/^Pas de liaison/).count()).toBe(0)

  // Signing out erases at once, without a network too; the server learns of it later.
  const sessions = () =>
    demo.deps.db
      .selectFrom('contactSessions')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
  const { count } = await sessions()
  await page.context().setOffline(true)
  await page.getByRole('button', { name: 'Se déconnecter' }).click()
  await page.getByRole('heading', { name: 'Espace commerçant' }).waitFor()
  await until(async () =>
    ((await page.evaluate('caches.keys()')) as string[]).includes('tocsin-portal-data'),
  ).toBe(false)
  await page.getByText(/^Pas de réseau\s: il en faut un/).waitFor()
  // The page shows whom to call without a network too.
  await page.locator('a[href="tel:+33465716300"]').first().waitFor()
  await page.reload()
  await page.getByRole('heading', { name: 'Espace commerçant' }).waitFor()
  await expect.poll(() => card.count()).toBe(0)
  await page.context().setOffline(false)
  await until(async () => (await sessions()).count).toBe(Number(count) - 1)
  await page.reload()
  await page.getByRole('heading', { name: 'Espace commerçant' }).waitFor()
})
