import { expect, test } from 'vitest'
import { chooseInMenu, type Door, LOOKS, violationsIn, withDemo } from '../support/demo.ts'
import { openAccount } from '../support/server.ts'

let password = ''
const ADMIN = { mail: 'admin@demo.invalid', name: 'Ada Martin', schemeId: '', role: 'admin' } as const
const demo = withDemo({
  async fill(deps) {
    password = (await openAccount(deps, ADMIN)).password
  },
})
const ALL = [LOOKS.desk, LOOKS.darkDesk, LOOKS.lightPhone, LOOKS.phone] as const

const ended = '%s sees where the account is signed in and ends another session, whose screen closes at once'
test.each([['operator', '/alertes']] as const)(ended, endAnother)
// Its screens have no stream of alerts.
test.each([['chamber', '/adherents']] as const)(ended, { tags: 'long' }, endAnother)

async function endAnother(door: Door, path: string): Promise<void> {
  const left = await demo.enter(door, path, { closed: true })
  await left.getByRole('heading', { level: 1 }).waitFor()
  const page = await demo.enter(door, '/compte', { closed: true })
  const sessions = page.getByRole('region', { name: 'Sessions' })
  const rows = sessions.getByRole('listitem')
  await rows.nth(1).waitFor()
  await rows.first().getByText('cet appareil', { exact: false }).waitFor()
  await expect.poll(() => rows.first().getByRole('button').count()).toBe(0)
  expect(await violationsIn(page, ALL)).toEqual([])

  const before = await rows.count()
  await rows.nth(1).getByRole('button', { name: 'Fermer la session' }).click()
  const asked = left.getByRole('dialog', { name: 'Entrez de nouveau' })
  await asked.waitFor()
  await expect.poll(() => rows.count()).toBe(before - 1)
  // The screen before it is not readable meanwhile.
  await expect.poll(() => left.getByRole('heading', { level: 1 }).isVisible()).toBe(false)
  await page.reload()
  await rows.first().getByText('cet appareil', { exact: false }).waitFor()
}

test('the administrator of the platform, who has no scheme, reaches their own account', {
  tags: 'long',
}, async () => {
  const page = await demo.enter(null, '/')
  await demo.call(page, 'POST', '/api/auth/sign-in/email', { email: ADMIN.mail, password })
  await page.goto(new URL('/reglages', page.url()).href)
  await chooseInMenu(page, 'Ada Martin', page.getByRole('link', { name: 'Mon compte' }))
  await page.getByRole('region', { name: 'Codes d’une application' }).waitFor()
  await page.getByRole('region', { name: 'Sessions' }).getByText('cet appareil', { exact: false }).waitFor()
})

test('a link from a webmail opens its page signed in', async () => {
  const page = await demo.enter('chief', '/alertes', { closed: true })
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.context().route('http://mail.example/', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<a href="${demo.url}/a-valider">Alerte à valider</a>`,
    }),
  )
  await page.goto('http://mail.example/')
  await page.getByRole('link').click()
  await page.getByRole('heading', { name: 'À valider', level: 1 }).waitFor()
  const [session] = await page.context().cookies(demo.url)
  expect(session).toMatchObject({ name: 'tocsin.session_token', sameSite: 'Strict' })
})

test('a merchant signs another phone out of the portal, which asks for a code again at once', {
  tags: 'long',
}, async () => {
  const left = await demo.enter('merchant', '/portail', { look: LOOKS.phone, closed: true })
  await left.getByRole('heading', { level: 1 }).waitFor()
  const page = await demo.enter('merchant', '/portail/donnees', { look: LOOKS.phone, closed: true })
  const devices = page.getByRole('region', { name: 'Appareils connectés' })
  const rows = devices.getByRole('listitem')
  await rows.first().getByText('cet appareil', { exact: false }).waitFor()
  expect(await violationsIn(page, ALL)).toEqual([])
  await rows.nth(1).getByRole('button', { name: 'Fermer la session' }).waitFor()
  await devices.getByRole('button', { name: 'Fermer toutes les autres sessions' }).click()
  await left.getByText('Votre session est terminée', { exact: false }).waitFor()
  await expect.poll(() => rows.count()).toBe(1)
})
