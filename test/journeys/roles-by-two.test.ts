import { expect, test } from 'vitest'
import type { MailSummary } from '../../src/demo/contract.ts'
import { LOOKS, violations, violationsIn, withDemo } from '../support/demo.ts'
import { openAccount } from '../support/server.ts'

let password = ''
const ADMIN = { mail: 'admin@demo.invalid', name: 'Ada Martin', schemeId: '', role: 'admin' } as const
const TRADE = {
  mail: 'trade@demo.invalid',
  name: 'Paul Métier',
  schemeId: 'ac63',
  role: 'trade_chamber',
  trades: ['tobacco-press'],
} as const
const demo = withDemo({
  async fill(deps) {
    password = (await openAccount(deps, ADMIN)).password
    await openAccount(deps, TRADE)
  },
})
const ALL = [LOOKS.desk, LOOKS.darkDesk, LOOKS.lightPhone, LOOKS.phone] as const

test('a chamber proposes a colleague, and a chief puts the role in force where the people are listed; then the link is sent', {
  tags: 'long',
}, async () => {
  const chamber = await demo.enter('chamber', '/reglages?partie=personnes')
  const mail = 'nadia.neuf@demo.invalid'
  const linksTo = async () => {
    const { mails } = await demo.call<{ mails: MailSummary[] }>(chamber, 'GET', '/api/demo/mails')
    return mails.filter(({ to }) => to === mail).length
  }
  const invite = async (reason: string) => {
    await chamber.getByRole('button', { name: 'Inviter une personne' }).click()
    const form = chamber.getByRole('dialog')
    await form.getByLabel('Adresse de messagerie').fill(mail)
    await form.getByLabel('Prénom et nom').fill('Nadia Neuf')
    await form.getByLabel('Rôle').selectOption('chamber')
    await form.getByText('rien ne change avant sa mise en vigueur', { exact: false }).waitFor()
    await form.getByRole('button', { name: 'Proposer l’invitation' }).click()
    await form.getByText('Ce champ est obligatoire', { exact: false }).waitFor()
    expect(await violationsIn(chamber, ALL)).toEqual([])
    await form.getByLabel('Motif').fill(reason)
    await form.getByRole('button', { name: 'Proposer l’invitation' }).click()
    await form.waitFor({ state: 'detached' })
  }
  await invite('Arrive lundi.')
  const waiting = chamber.getByRole('region', { name: 'En attente d’une autre personne' })
  await waiting.getByText(`Nadia Neuf (${mail})`).waitFor()
  await expect.poll(() => waiting.getByRole('button').allTextContents()).toEqual(['Retirer la proposition'])
  await expect.poll(() => chamber.getByRole('listitem').filter({ hasText: mail }).count()).toBe(0)
  expect(await linksTo()).toBe(0)

  // Refused once, with a reason; then proposed again.
  const chief = await demo.enter('chief', '/reglages?partie=personnes')
  const card = chief.getByRole('article', { name: 'Rôle : chambre' })
  await card.getByText('Arrive lundi.', { exact: false }).waitFor()
  expect(await violationsIn(chief, ALL)).toEqual([])
  await card.getByRole('button', { name: 'Refuser' }).click()
  const refusal = chief.getByRole('dialog')
  await refusal.getByRole('textbox').fill('Inconnue de la chambre.')
  await refusal.getByRole('button', { name: 'Refuser' }).click()
  await card.waitFor({ state: 'detached' })
  await chamber.goto(new URL('/reglages?partie=changements', chamber.url()).href)
  await chamber.getByText('Inconnue de la chambre.', { exact: false }).waitFor()
  await chamber.goto(new URL('/reglages?partie=personnes', chamber.url()).href)
  await invite('Mme Neuf remplace M. Roux.')

  await card.getByText('Mme Neuf remplace M. Roux.', { exact: false }).waitFor()
  expect(await linksTo()).toBe(0)
  await card.getByRole('button', { name: 'Mettre en vigueur' }).click()
  const row = chief.getByRole('listitem').filter({ hasText: mail })
  await row.getByText('invité', { exact: true }).waitFor()
  await expect.poll(linksTo, { interval: 100 }).toBe(1)

  // The screen of the proposer shows it without a reload.
  await chamber.getByRole('listitem').filter({ hasText: mail }).getByText('invité', { exact: true }).waitFor()

  // A role of an account that exists is raised the same way.
  const own = chamber.getByRole('listitem').filter({ hasText: TRADE.mail })
  await own.getByRole('button', { name: /Changer le rôle/ }).click()
  const form = chamber.getByRole('dialog')
  await form.getByLabel('Rôle').selectOption('chamber')
  await form.getByLabel('Motif').fill('Élargit sa mission.')
  expect(await violations(chamber)).toEqual([])
  await form.getByRole('button', { name: 'Proposer' }).click()
  await chamber.getByText('Changement proposé', { exact: false }).waitFor()
  await own.getByText('Chambre de métier').first().waitFor()
})

test('the administrator of the platform proposes a chief, and withdraws it', { tags: 'long' }, async () => {
  const page = await demo.enter(null, '/')
  await demo.call(page, 'POST', '/api/auth/sign-in/email', { email: ADMIN.mail, password })
  await page.goto(new URL('/reglages?partie=personnes', page.url()).href)
  // A scheme without anybody yet: the first role is given at once.
  await page.getByRole('button', { name: 'Inviter une personne' }).click()
  await page.getByRole('dialog').getByText('le rôle est donné tout de suite', { exact: false }).waitFor()
  await page.keyboard.press('Escape')
  await page.getByRole('combobox', { name: 'Dispositif', exact: true }).selectOption('Alerte Commerces 63')
  await page.getByRole('listitem').filter({ hasText: 'Marc Vidal' }).waitFor()
  await page.getByRole('button', { name: 'Inviter une personne' }).click()
  const form = page.getByRole('dialog')
  await form.getByLabel('Adresse de messagerie').fill('chef.neuf@demo.invalid')
  await form.getByLabel('Prénom et nom').fill('Carl Neuf')
  await form.getByLabel('Rôle').selectOption('chief')
  await form.getByLabel('Motif').fill('Nouveau service.')
  await form.getByRole('button', { name: 'Proposer l’invitation' }).click()
  const region = page.getByRole('region', { name: 'En attente d’une autre personne' })
  const waiting = region.getByRole('article').filter({ hasText: 'Carl Neuf (chef.neuf@demo.invalid)' })
  await waiting.waitFor()
  expect(await violationsIn(page, ALL)).toEqual([])
  await waiting.getByRole('button', { name: 'Retirer la proposition' }).click()
  await waiting.waitFor({ state: 'detached' })
  await page
    .getByRole('region', { name: 'Changements décidés' })
    .getByText('Retiré par Ada Martin', { exact: false })
    .waitFor()
})
