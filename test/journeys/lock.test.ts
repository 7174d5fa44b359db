import { expect, test } from 'vitest'
import { MINUTE_MS } from '../../src/message/clock.ts'
import { chooseInMenu, enterCall, LOOKS, violationsIn, withDemo } from '../support/demo.ts'
import { openAccount } from '../support/server.ts'

const CHIEF = { mail: 'chef@demo.invalid', name: 'Ada Martin', schemeId: 'ac63', role: 'chief' } as const
let password = ''
const demo = withDemo({
  env: { TOCSIN_IDLE_MINUTES: 'operator=30,chief=30' },
  async fill(deps) {
    password = (await openAccount(deps, CHIEF)).password
  },
})
const ALL = [LOOKS.desk, LOOKS.darkDesk, LOOKS.lightPhone, LOOKS.phone] as const

test('a room left alone is locked after its time, keeps what is typed, and goes on after one gesture', async () => {
  const page = await demo.enter('operator', '/salle', { clock: true, closed: true })
  const lock = page.getByRole('dialog', { name: 'Écran verrouillé' })
  await enterCall(page, '1', 'gerzat', /Gerzat/)
  await page.locator('#faits').fill('deux billets de 50 euros')
  // A user who types is active, whatever the clock of the browser says.
  const report = async () =>
    (await page.waitForRequest((request) => request.url().endsWith('/api/session/activity'))).response()
  await page.clock.fastForward(20 * MINUTE_MS)
  const typed = report()
  await page.locator('#faits').press('End')
  await typed
  await page.clock.fastForward(20 * MINUTE_MS)
  await expect.poll(() => lock.count()).toBe(0)

  // A menu of the screen is hidden as well. Its opening is activity too, stored before the session ages here.
  const opened = report()
  await page
    .getByRole('button', { name: 'Mon compte' })
    .or(page.getByRole('button', { name: /Claire Fabre/ }))
    .first()
    .click()
  await opened
  await demo.deps.db
    .updateTable('session')
    .set({ activeAt: new Date(Date.now() - 31 * MINUTE_MS) })
    .execute()
  await page.clock.fastForward(31 * MINUTE_MS)
  await lock.waitFor()
  await expect.poll(() => page.locator('#faits').isVisible()).toBe(false)
  await expect.poll(() => page.getByRole('button', { name: 'Se déconnecter' }).count()).toBe(1)
  await page.keyboard.press('Escape')
  await lock.getByText('30 minutes sans activité', { exact: false }).waitFor()
  expect(await violationsIn(page, ALL)).toEqual([])

  await page.keyboard.press('Enter')
  await lock.waitFor({ state: 'detached' })
  await expect.poll(() => page.locator('#faits').inputValue()).toBe('deux billets de 50 euros')
})

test('a chief locks the screen, also without a network; it asks for the password in every tab, and after a reload', {
  tags: 'long',
}, async () => {
  const page = await demo.enter(null, '/')
  await demo.call(page, 'POST', '/api/auth/sign-in/email', { email: CHIEF.mail, password })
  const url = new URL('/alertes', page.url()).href
  await page.goto(url)
  const other = await page.context().newPage()
  await other.goto(url)
  await other.getByRole('heading', { level: 1 }).waitFor()
  // Without a network nothing reaches the server, which each of the two says; the screen is hidden all the same.
  await page.context().setOffline(true)
  await chooseInMenu(page, CHIEF.name, page.getByRole('button', { name: 'Se déconnecter' }))
  await page.getByRole('alert').getByText('Le serveur ne répond pas', { exact: false }).waitFor()
  await page.getByRole('button', { name: 'Verrouiller l’écran' }).click()
  const hidden = page.getByRole('dialog', { name: 'Écran masqué' })
  await hidden.getByText('n’est pas encore verrouillée', { exact: false }).waitFor()
  await hidden.getByRole('alert').waitFor()
  await expect.poll(() => page.getByRole('heading', { level: 1 }).isVisible()).toBe(false)
  expect(await violationsIn(page, ALL)).toEqual([])
  await page.context().setOffline(false)
  // A reload before the server has confirmed the lock does not lose it.
  await page.reload()
  for (const tab of [page, other]) {
    await tab.getByRole('dialog', { name: 'Écran verrouillé' }).waitFor()
    await expect.poll(() => tab.getByRole('heading', { level: 1 }).isVisible()).toBe(false)
  }
  const lock = page.getByRole('dialog', { name: 'Écran verrouillé' })
  // The page that an SMS opens is behind the lock as well.
  await page.goto(new URL('/valider/ac63/01900000-0000-7000-8000-000000000001', url).href)
  await lock.waitFor()
  await page.goto(url)
  await lock.getByLabel('Votre mot de passe').fill('not the password')
  await page.keyboard.press('Enter')
  await lock.getByRole('alert').waitFor()
  expect(await violationsIn(page, ALL)).toEqual([])
  await lock.getByLabel('Votre mot de passe').fill(password)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1 }).waitFor()
  await lock.waitFor({ state: 'detached' })
})

test('a chief changes the password, which ends the other sessions of the account', {
  tags: 'long',
}, async () => {
  const page = await demo.enter(null, '/')
  const other = await demo.enter(null, '/', { closed: true })
  for (const one of [page, other])
    await demo.call(one, 'POST', '/api/auth/sign-in/email', { email: CHIEF.mail, password })
  await other.goto(new URL('/alertes', page.url()).href)
  await other.getByRole('heading', { level: 1 }).waitFor()
  await page.goto(new URL('/compte', page.url()).href)
  const section = page.getByRole('region', { name: 'Mot de passe' })
  await section.getByRole('button', { name: 'Changer le mot de passe' }).click()
  await section.getByLabel('Mot de passe actuel').fill(password)
  await section.getByLabel('Nouveau mot de passe').fill('Ada Martin 63')
  await page.keyboard.press('Enter')
  await section.getByText('contient', { exact: false }).first().waitFor()
  expect(await violationsIn(page, ALL)).toEqual([])
  await section.getByLabel('Nouveau mot de passe').fill('gravier lune tambour')
  await page.keyboard.press('Enter')
  await page.getByText('Votre mot de passe est changé', { exact: false }).first().waitFor()
  password = 'gravier lune tambour'
  await other.getByText('Votre session a pris fin', { exact: false }).waitFor()
  const rows = page.getByRole('region', { name: 'Sessions' }).getByRole('listitem')
  await expect.poll(() => rows.count()).toBe(1)
})
