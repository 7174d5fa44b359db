import { sql } from 'kysely'
import type { Page } from 'playwright-core'
import { afterAll, expect, test } from 'vitest'
import type { SessionView } from '../../src/identity/contract.ts'
import { authenticatorOf } from '../support/browser.ts'
import { chooseInMenu, LOOKS, violationsIn, withDemo } from '../support/demo.ts'
import { startIdentityProvider } from '../support/identity-provider.ts'
import { openAccount } from '../support/server.ts'

const SIRET = '17630001200017'
const CHIEF = {
  mail: 'chef@demo.invalid',
  name: 'Ada Martin',
  schemeId: 'ac63',
  role: 'chief',
  agencyCode: 'corg-63',
} as const
const OTHER = { ...CHIEF, mail: 'cheffe@demo.invalid', name: 'Lise Petit' } as const
const ALL = [LOOKS.desk, LOOKS.darkDesk, LOOKS.lightPhone, LOOKS.phone] as const

const origins: string[] = []
const provider = await startIdentityProvider({ origins, signed: true })
let password = ''
const demo = withDemo({
  env: {
    TOCSIN_OIDC_ISSUER: provider.issuer,
    TOCSIN_OIDC_KIND: 'proconnect',
    TOCSIN_OIDC_CLIENT_ID: provider.settings.clientId,
    TOCSIN_OIDC_CLIENT_SECRET: provider.settings.clientSecret,
  },
  async fill(deps) {
    const { userId } = await openAccount(deps, CHIEF)
    // Invited, and never opened.
    await sql`delete from account where user_id = ${userId}`.execute(deps.db)
    password = (await openAccount(deps, OTHER)).password
    const access = { organisations: [{ agency: CHIEF.agencyCode, siret: SIRET }] }
    await sql`update schemes set access = ${JSON.stringify(access)}::jsonb where id = 'ac63'`.execute(deps.db)
  },
})
afterAll(() => provider.close())

/** Opens a page as in an installation in service, whose start page has no doors. */
async function open(path: string): Promise<Page> {
  if (origins.length === 0) origins.push(demo.url)
  const context = await demo.visit(null, { closed: true })
  await context.route('**/api/about', async (route) => {
    try {
      const answer = await route.fetch()
      await route.fulfill({ response: answer, json: { ...(await answer.json()), demo: false } })
    } catch {
      // The page was left meanwhile.
    }
  })
  const page = await context.newPage()
  await page.goto(path)
  return page
}

test('a chief signs in at the identity provider, gives a factor there again, unlocks the screen, and signs out', {
  tags: 'long',
}, async () => {
  provider.people.splice(0)
  provider.people.push(
    { id: 'ada', mail: CHIEF.mail, siret: SIRET, amr: ['pwd', 'mfa'] },
    { id: 'zoe', mail: 'zoe@demo.invalid', siret: SIRET, amr: ['pwd', 'mfa'] },
  )
  const page = await open('/journal')
  const enter = page.getByRole('button', { name: 'S’identifier avec ProConnect' })
  await enter.waitFor()
  expect(await violationsIn(page, ALL)).toEqual([])
  await enter.click()
  await page.getByRole('heading', { name: 'Qui êtes-vous ?' }).waitFor()
  // Somebody without an account learns what to do.
  await page.getByRole('link', { name: 'zoe@demo.invalid' }).click()
  await page.getByRole('alert').getByText('Aucun compte n’a l’adresse zoe@demo.invalid').waitFor()
  await page.getByRole('heading', { level: 1, name: 'Connexion avec ProConnect', exact: true }).waitFor()
  expect(new URL(page.url()).search).toBe('')
  expect(await violationsIn(page, ALL)).toEqual([])
  await page.getByRole('link', { name: 'Revenir à la connexion' }).click()
  await enter.click()
  await page.getByRole('link', { name: CHIEF.mail }).click()
  await page.getByRole('button', { name: CHIEF.name }).waitFor()

  // A factor in a window of its own; the screen stays.
  await demo.deps.db
    .updateTable('session')
    .set({ factorAt: new Date(0) })
    .execute()
  // The server keeps its view of a session for three seconds.
  await expect.poll(async () => (await page.request.get('/api/account/factor')).status()).toBe(403)
  await authenticatorOf(page)
  await page.goto(new URL('/compte', demo.url).href)
  await page.getByRole('button', { name: 'Ajouter une clé sur cet appareil' }).click()
  await page.getByLabel('Nom de l’appareil').fill('Poste 1')
  await page.keyboard.press('Enter')
  const dialog = page.getByRole('dialog')
  const [asked] = await Promise.all([
    page.context().waitForEvent('page'),
    dialog.getByRole('button', { name: 'S’identifier avec ProConnect' }).click(),
  ])
  await asked.getByRole('link', { name: CHIEF.mail }).click()
  await dialog.waitFor({ state: 'detached' })
  await page.getByRole('list', { name: 'Clés d’accès' }).getByText('Poste 1').waitFor()

  // The lock screen as well.
  await page.goto(new URL('/alertes', demo.url).href)
  await chooseInMenu(page, CHIEF.name, page.getByRole('button', { name: 'Verrouiller l’écran' }))
  const lock = page.getByRole('dialog', { name: 'Écran verrouillé' })
  const [unlocking] = await Promise.all([
    page.context().waitForEvent('page'),
    lock.getByRole('button', { name: 'S’identifier avec ProConnect' }).click(),
  ])
  expect(await violationsIn(page, ALL)).toEqual([])
  await unlocking.getByRole('link', { name: CHIEF.mail }).click()
  await lock.waitFor({ state: 'detached' })

  await chooseInMenu(page, CHIEF.name, page.getByRole('button', { name: 'Se déconnecter' }))
  // The page of the provider, which asks before it ends the session there.
  await page.waitForURL((url) => url.origin === provider.issuer)
  await page.getByRole('button', { name: /Yes/ }).click()
  await enter.waitFor()
})

test('a scheme asks for a second factor, then for the identity provider: the screens say so and lead there', {
  tags: 'long',
}, async () => {
  provider.people.splice(0)
  provider.people.push({ id: 'lise', mail: OTHER.mail, siret: SIRET, amr: ['pwd'] })
  const page = await open('/')
  await demo.call(page, 'POST', '/api/auth/sign-in/email', { email: OTHER.mail, password })
  await page.goto(new URL('/alertes', demo.url).href)
  await page.getByRole('heading', { level: 1, name: 'Alertes' }).waitFor()
  await sql`update schemes set access = access || '{"signIn":{"chief":"second_factor"}}' where id = 'ac63'`.execute(
    demo.deps.db,
  )
  await page.getByRole('heading', { level: 1, name: 'Un second facteur est demandé' }).waitFor()
  await page.getByText('Votre compte n’en a pas encore', { exact: false }).waitFor()
  expect(await violationsIn(page, ALL)).toEqual([])
  await page.getByRole('link', { name: 'Ajouter un second facteur' }).click()
  await page.getByRole('heading', { name: 'Clés d’accès' }).waitFor()

  await sql`update schemes set access = access || '{"signIn":{"chief":"provider"}}' where id = 'ac63'`.execute(
    demo.deps.db,
  )
  await expect
    .poll(async () => (await demo.call<SessionView>(page, 'GET', '/api/session')).schemes[0]?.needs)
    .toBe('provider')
  await page.goto(new URL('/alertes', demo.url).href)
  await page.getByRole('heading', { level: 1, name: 'Une autre connexion est demandée' }).waitFor()
  expect(await violationsIn(page, ALL)).toEqual([])
  const [asked] = await Promise.all([
    page.context().waitForEvent('page'),
    page.getByRole('button', { name: 'S’identifier avec ProConnect' }).click(),
  ])
  await asked.getByRole('link', { name: OTHER.mail }).click()
  await page.getByRole('heading', { level: 1, name: 'Alertes' }).waitFor()
})

test('the chamber proposes which sign-in each role needs, and a chief reads it before putting it in force', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('chamber', '/reglages?partie=acces', { closed: true })
  const section = page.getByRole('region', { name: 'Connexion' })
  await section.getByLabel('Chef de salle').selectOption('Avec un second facteur')
  await section.getByLabel(/Parquet/).fill('176 300 012 0001')
  await section.getByLabel(/seul|Pourquoi|Motif/).fill('Décidé en comité.')
  await section.getByRole('button', { name: 'Proposer' }).click()
  await section
    .getByLabel(/Parquet/)
    .and(page.locator('[aria-invalid=true]'))
    .waitFor()
  expect(await violationsIn(page, ALL)).toEqual([])
  await section.getByLabel(/Parquet/).fill('176 300 012 00025')
  await section.getByRole('button', { name: 'Proposer' }).click()
  await page.getByText('Changement proposé.', { exact: false }).first().waitFor()
  const chief = await demo.enter('chief', '/reglages?partie=changements', { closed: true })
  await chief.getByText('Avec un second facteur').first().waitFor()
  await chief.getByText('17630001200025', { exact: false }).first().waitFor()
  expect(await violationsIn(chief, ALL)).toEqual([])
})
