import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { DEMO_MAIL_DOMAIN } from '../../src/identity/store.ts'
import { LOOKS, receivedBy, violationsIn, withDemo } from '../support/demo.ts'

const demo = withDemo()
/** Both widths in both colour schemes. */
const ALL = [LOOKS.desk, LOOKS.darkDesk, LOOKS.lightPhone, LOOKS.phone] as const

test('a contact of two shops signs in once, chooses between them by keyboard, and returns to the last one', {
  tags: 'long',
}, async () => {
  const { rows } = await sql<{ mobile: string; names: string[] }>`
    select c.mobile, array_agg(m.name || ' (' || k.name || '), ' || s.name order by m.search_name, s.id, m.id) as names
    from contacts c join members m on m.scheme_id = c.scheme_id and m.id = c.member_id
      join communes k on k.code = m.commune_code join schemes s on s.id = m.scheme_id
    where c.sms and m.status = 'active' and c.scheme_id = 'ac63'
    group by c.mobile having count(*) = 2 order by c.mobile limit 1`.execute(demo.deps.db)
  const [{ mobile, names } = { mobile: '', names: [] }] = rows
  const [first = '', second = ''] = names

  const page = await demo.enter(null, '/portail', { look: LOOKS.phone })
  await page.getByLabel('Mobile').fill(mobile.replace('+33', '0'))
  await page.getByRole('button', { name: 'Recevoir un code' }).click()
  const codes = async () =>
    (await receivedBy(demo, page, mobile)).flatMap((sms) => /code est (\d{6}),/.exec(sms)?.[1] ?? [])
  await expect.poll(codes, { interval: 200 }).toHaveLength(1)
  // The page shows whom to call if the code does not come.
  await page.locator('a[href="tel:+33465716300"]').first().waitFor()
  await page.getByLabel('Code reçu par SMS').fill((await codes())[0] ?? '')
  await page.getByRole('button', { name: 'Entrer', exact: true }).click()

  const shop = page.getByRole('combobox', { name: 'Commerce' })
  await shop.waitFor()
  await expect.poll(() => shop.locator('option').allTextContents()).toEqual(names)
  await expect.poll(() => shop.locator('option:checked').textContent()).toBe(first)
  expect(await violationsIn(page, [LOOKS.desk, LOOKS.phone])).toEqual([])

  // A shop that a new number adds may come first in the list: the one on screen stays.
  await page.context().route('**/api/portal/session', async (route) => {
    const answer = await route.fetch()
    const session = (await answer.json()) as { shops: unknown[] }
    await route.fulfill({ response: answer, json: { ...session, shops: session.shops.toReversed() } })
  })
  await page.getByRole('link', { name: 'Commerce', exact: true }).click()
  await page.getByRole('button', { name: 'Corriger' }).first().click()
  await page.getByRole('button', { name: 'Enregistrer' }).first().click()
  await expect.poll(() => shop.locator('option').allTextContents()).toEqual(names.toReversed())
  await expect.poll(() => shop.locator('option:checked').textContent()).toBe(first)
  await page.context().unroute('**/api/portal/session')
  await page.reload()
  await shop.waitFor()

  const nameOf = (named: string) => named.slice(0, named.lastIndexOf(' ('))
  const business = page.getByRole('region', { name: 'Ce qui est gardé de votre commerce' })
  await page.getByRole('link', { name: 'Compte', exact: true }).click()
  await page.getByRole('link', { name: /^Données/ }).click()
  await business.getByText(nameOf(first), { exact: true }).waitFor()
  await business.getByText('sont à signaler sous 15 jours', { exact: false }).waitFor()
  await shop.focus()
  await page.keyboard.press('ArrowDown')
  await business.getByText(nameOf(second), { exact: true }).waitFor()
  expect(await violationsIn(page, [LOOKS.desk, LOOKS.phone])).toEqual([])

  // A change applies to that shop only.
  await business.getByRole('button', { name: 'Corriger ces données' }).click()
  await business.getByLabel('Adresse').fill('3 place du Second')
  await business.getByLabel('Nom du commerce').fill('Tabac du Second')
  await business.getByLabel('SIRET').fill('00012345500024')
  // The chamber corrects the address while the form is open: it is shown, and replaced only once it was seen.
  await sql`update members set address = '1 rue du Lac' where scheme_id = 'ac63' and name = ${nameOf(second)}`.execute(
    demo.deps.db,
  )
  await business.getByRole('button', { name: 'Enregistrer' }).click()
  await business
    .getByText(/a changé pendant que vous la corrigiez\s: c’est maintenant «\s1 rue du Lac, /)
    .waitFor()
  await expect.poll(() => business.getByLabel('Adresse').inputValue(), { interval: 100 }).toBe('1 rue du Lac')
  expect(await violationsIn(page, [LOOKS.desk, LOOKS.phone])).toEqual([])
  await business.getByLabel('Adresse').fill('3 place du Second')
  await business.getByRole('button', { name: 'Enregistrer' }).click()
  await business.getByText('3 place du Second').waitFor()

  // Another name and SIRET wait for the chamber.
  await business.getByText('Correction demandée, en attente').waitFor()
  await business.getByText('Tabac du Second · SIRET').waitFor()
  await business.getByText(nameOf(second), { exact: true }).waitFor()
  const chamber = await demo.enter('chamber', '/demandes')
  const corrections = chamber.getByRole('region', { name: 'Corrections demandées par les commerces' })
  await corrections.getByText('Tabac du Second', { exact: true }).waitFor()
  await chamber.getByText(/1 correction demandée$/).waitFor({ state: 'attached' })
  await chamber.getByRole('heading', { name: 'Demandes d’adhésion' }).waitFor()
  await corrections.getByText('000 123 455 00024').waitFor()
  expect(await violationsIn(chamber, [LOOKS.desk, LOOKS.phone])).toEqual([])
  // One act on the card of the member puts both in force; undone, the request waits again.
  await corrections.getByRole('link', { name: nameOf(second) }).click()
  const correction = chamber.getByRole('region', { name: 'Ce commerce demande une correction' })
  await correction.getByRole('button', { name: 'Accepter' }).click()
  await chamber.getByText(/est corrigé. Le commerce en est prévenu/).waitFor()
  await correction.waitFor({ state: 'detached' })
  await chamber.getByRole('button', { name: 'Annuler', exact: true }).click()
  // Declined with a reason, which the shop reads.
  await correction.getByRole('button', { name: 'Refuser…' }).click()
  await correction.getByRole('textbox', { name: 'Raison du refus' }).fill('C’est le nom d’un autre')
  expect(await violationsIn(chamber, [LOOKS.desk, LOOKS.phone])).toEqual([])
  await chamber.keyboard.press('Enter')
  await chamber.getByText(/reste tel quel/).waitFor()
  await page.reload()
  await business.getByText('Correction demandée, non retenue').waitFor()
  await business.getByText('C’est le nom d’un autre').waitFor()
  await shop.selectOption({ label: first })
  await business.getByText(nameOf(first), { exact: true }).waitFor()
  await expect.poll(() => business.getByText('3 place du Second').count()).toBe(0)

  // The shop shown last is shown at the next visit, on every screen.
  await shop.selectOption({ label: second })
  await page.goto('/portail/commerce')
  await shop.waitFor()
  await expect.poll(() => shop.locator('option:checked').textContent()).toBe(second)
  await page.getByRole('heading', { name: 'Mon commerce', level: 1 }).waitFor()
  await page.getByText('à signaler sous 15 jours', { exact: false }).waitFor()
  expect(await violationsIn(page, [LOOKS.desk, LOOKS.phone])).toEqual([])
})

test('signing in with a code by mail, without the phone', { tags: 'long' }, async () => {
  const { rows } = await sql<{ mail: string; name: string }>`
    select c.mail, m.name from contacts c join members m on m.scheme_id = c.scheme_id and m.id = c.member_id
    where c.scheme_id = 'ac63' and c.mail is not null and m.status = 'active' and m.commune_code = '63178'
    order by c.id limit 1`.execute(demo.deps.db)
  const [{ mail, name } = { mail: '', name: '' }] = rows
  const page = await demo.enter(null, '/portail', { look: LOOKS.phone })
  await page.getByRole('button', { name: 'Entrer avec mon courriel' }).click()
  await page.getByLabel('Courriel').fill(mail.toUpperCase())
  await page.keyboard.press('Enter')
  await page.getByText(`un code vient de partir à ${mail}`).waitFor()
  const codeOf = async () => {
    const { mails } = await demo.call<{ mails: { id: string; to: string; subject: string }[] }>(
      page,
      'GET',
      '/api/demo/mails',
    )
    const got = mails.find(({ to, subject }) => to === mail && subject.includes('votre code pour entrer'))
    if (got === undefined) return undefined
    const { text } = await demo.call<{ text: string }>(page, 'GET', `/api/demo/mails/${got.id}`)
    return /\b\d{6}\b/.exec(text)?.[0]
  }
  await expect.poll(codeOf, { interval: 200 }).toMatch(/^\d{6}$/)
  const digits = (await codeOf()) ?? ''
  const field = page.getByLabel('Code reçu par courriel')
  await field.fill(digits === '000000' ? '000001' : '000000')
  await page.getByRole('button', { name: 'Entrer', exact: true }).click()
  await page.getByText('Ce code n’est pas le bon').waitFor()
  await field.fill(digits)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Alertes', level: 1 }).waitFor()
  await page.getByText(`${name} (Issoire), Alerte Commerces 63`).waitFor()
  await page.getByRole('link', { name: 'Commerce', exact: true }).click()
  await page.getByRole('heading', { name: /\(vous\)/, level: 3 }).waitFor()
  await page.reload()
  await page.getByRole('heading', { name: 'Mon commerce', level: 1 }).waitFor()
  await page.getByRole('button', { name: 'Se déconnecter' }).click()
  await page.getByRole('heading', { name: 'Espace commerçant' }).waitFor()
})

test('a new version of the charter is shown at the next visit, read and signed; the chamber sees who has not', {
  tags: 'long',
}, async () => {
  const chamber = await demo.visit('chamber')
  const url = '/api/schemes/ac63'
  const before = await demo.call<{ text: string; versions: { version: number; sha256: string }[] }>(
    chamber,
    'GET',
    `${url}/charters`,
  )
  const [first] = before.versions
  const page = await demo.enter('merchant', '/portail', { look: LOOKS.phone })
  const { shops } = await demo.call<{ shops: { member: { id: string; name: string } }[] }>(
    page,
    'GET',
    '/api/portal/session',
  )
  const [shop] = shops
  const memberId = shop?.member.id ?? ''
  // It signed the first version when it joined, and the second was published since.
  await page.getByText('La charte a changé').waitFor()
  await sql`insert into charter_signatures (scheme_id, id, contact_id, session_id, version, sha256, signed_name, mobile, signed_at, member_id)
    select 'ac63', id, id, id, ${first?.version}, ${first?.sha256}, 'Zoé Roux', mobile, '2026-01-05', member_id
    from contacts where member_id = ${memberId} order by position limit 1 on conflict do nothing`.execute(
    demo.deps.db,
  )
  await page.reload()
  await page.getByRole('heading', { name: 'Alertes', level: 1 }).waitFor()
  await expect.poll(() => page.getByText('La charte a changé').count()).toBe(0)
  await demo.call(chamber, 'POST', `${url}/charters`, {
    version: first?.version,
    text: `${before.text}\n\nTout changement de numéro se signale dans les 15 jours.`,
  })

  const card = await chamber.newPage()
  await card.goto('/reglages?partie=adhesion')
  await card.getByRole('link', { name: 'Voir lesquels' }).waitFor()
  expect(await violationsIn(card, [LOOKS.phone, LOOKS.desk])).toEqual([])
  await card.getByRole('link', { name: 'Voir lesquels' }).click()
  await card.waitForURL(/charte=older/)
  const file = card.getByRole('dialog', { name: shop?.member.name ?? '' })
  const olderOf = file.getByText('une plus récente est en vigueur')
  await card.goto(`/adherents?charte=older&membre=${memberId}`)
  await olderOf.waitFor()
  expect(await violationsIn(card, [LOOKS.phone, LOOKS.desk])).toEqual([])

  await page.reload()
  await page.getByText('La charte a changé').waitFor()
  expect(await violationsIn(page, ALL)).toEqual([])
  await page.getByRole('link', { name: 'Lire et signer' }).click()
  await page.getByRole('heading', { name: 'Charte', level: 1 }).waitFor()
  await page.getByText('Tout changement de numéro se signale dans les 15 jours.').waitFor()
  expect(await violationsIn(page, ALL)).toEqual([])
  await page.getByLabel('Vos prénom et nom, en signature').fill('')
  await page.getByRole('button', { name: 'Signer', exact: true }).click()
  await page.getByLabel('Vos prénom et nom, en signature').and(page.locator('[aria-invalid=true]')).waitFor()
  expect(await violationsIn(page, ALL)).toEqual([])
  await page.getByLabel('Vos prénom et nom, en signature').fill('Zoé Roux')
  await page.getByRole('checkbox', { name: 'J’ai lu la charte et je l’accepte' }).check()
  await page.getByRole('button', { name: 'Signer', exact: true }).click()
  await page.getByText('C’est la version en vigueur.').waitFor()
  await page.getByRole('link', { name: 'Compte', exact: true }).click()
  await page.getByRole('link', { name: /^Données/ }).click()
  await page.getByRole('region', { name: 'Charte' }).getByText('C’est la version en vigueur.').waitFor()
  await expect.poll(() => page.getByText('La charte a changé').count()).toBe(0)
  await card.goto(`/adherents?membre=${memberId}`)
  await file.getByText('Contacts').first().waitFor()
  await expect.poll(() => olderOf.count()).toBe(0)
})

/** Lists the texts of the page that are visible in letters below 16 px. */
const SMALL_TEXTS = `[...document.querySelectorAll('header, main, nav')].flatMap((area) => {
  const found = []
  const texts = document.createTreeWalker(area, NodeFilter.SHOW_TEXT)
  for (let node = texts.nextNode(); node !== null; node = texts.nextNode()) {
    const { parentElement: parent, textContent: text } = node
    if (text.trim() === '' || !parent.checkVisibility()) continue
    if (Number.parseFloat(getComputedStyle(parent).fontSize) < 16) found.push(text)
  }
  return found
})`

const DPO = `dpo@${DEMO_MAIL_DOMAIN}`

test('no letter of the portal is below 16 px, and each screen names the contact at the chamber', async () => {
  const page = await demo.enter('merchant', '/portail', { look: LOOKS.phone })
  for (const path of ['', '/signaler', '/commerce', '/compte', '/cotisation', '/donnees', '/charte']) {
    await page.evaluate(`history.pushState(null, '', '/portail${path}')`)
    await page.getByRole('heading', { level: 1 }).waitFor()
    await expect.poll(() => page.locator('main .mantine-Skeleton-root').count()).toBe(0)
    expect(await page.evaluate(SMALL_TEXTS), path).toEqual([])
    await expect
      .poll(() => page.getByRole('link', { name: /^Appeler le 04/ }).getAttribute('href'))
      .toBe('tel:+33465716300')
    await expect.poll(() => page.getByRole('link', { name: DPO }).count(), { message: path }).toBe(1)
  }
  await page.evaluate("history.pushState(null, '', '/portail/nulle-part')")
  const missing = page.getByRole('main').getByRole('heading', { level: 1, name: 'Page introuvable' })
  await missing.waitFor()
  // In line with what is above it, and inside the one landmark of the layout.
  expect((await missing.boundingBox())?.x).toBe(
    (await page.getByRole('link', { name: 'Appeler le 17' }).boundingBox())?.x,
  )
  await expect.poll(() => page.getByRole('main').count()).toBe(1)
  await page.getByRole('main').getByRole('link', { name: 'Aller à l’accueil' }).click()
  await page.waitForURL('**/portail')
  const visitor = await demo.enter(null, '/portail', { look: LOOKS.phone })
  const paths = ['/portail', '/verifier', '/dispositif/ac63/donnees', '/dispositif/ac63/inscription']
  for (const path of [...paths, '/numero/unknown']) {
    await visitor.goto(path)
    await visitor.getByRole('heading', { level: 1 }).waitFor()
    const call = visitor.locator('a[href="tel:+33465716300"]').first()
    await call.waitFor()
    // Pages of a scheme name its data protection officer too.
    if (path.startsWith('/dispositif/ac63/'))
      await visitor.getByRole('contentinfo').getByRole('link', { name: DPO }).waitFor()
    expect(await visitor.evaluate(SMALL_TEXTS), path).toEqual([])
  }
  // Links that were typed by hand end here.
  for (const path of ['/dispositif/unknown', '/nulle-part']) {
    await visitor.goto(path)
    await visitor.getByRole('contentinfo').locator('a[href="tel:+33465716300"]').waitFor()
    expect(await visitor.evaluate(SMALL_TEXTS), path).toEqual([])
  }
})
