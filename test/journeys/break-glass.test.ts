import { sql } from 'kysely'
import type { Page } from 'playwright-core'
import { beforeEach, expect, test } from 'vitest'
import { sealBreakGlass } from '../../src/break-glass/seal.ts'
import { LOOKS, violationsIn, withDemo } from '../support/demo.ts'
import { program } from '../support/deps.ts'
import { openAccount } from '../support/server.ts'

const ADMIN = { mail: 'admin@demo.invalid', name: 'Ada Martin', schemeId: '', role: 'admin' } as const
let password = ''
const demo = withDemo({
  async fill(deps) {
    password = (await openAccount(deps, ADMIN)).password
  },
})
const ALL = [LOOKS.desk, LOOKS.darkDesk, LOOKS.lightPhone, LOOKS.phone] as const
const OPEN = 'Le compte de secours est ouvert'

beforeEach(async () => {
  for (const table of ['break_glass_openings', 'break_glass_seals', 'failure_counts'])
    await sql`delete from ${sql.table(table)}`.execute(demo.deps.db)
})

const makeCodes = async () =>
  (await sealBreakGlass(demo.deps, program)).envelopes.map(({ code }) => code) as [string, string]

/** Types what two people type, at one keyboard. */
async function fillForm(page: Page, [first, second]: readonly [string, string]): Promise<void> {
  await page.getByRole('heading', { name: 'Compte de secours', level: 1 }).waitFor()
  const people = [
    ['Première personne', first, 'Anne Durand'],
    ['Seconde personne', second, 'Paul Petit'],
  ] as const
  for (const [group, code, name] of people) {
    const fields = page.getByRole('group', { name: group })
    await fields.getByLabel('Code de l’enveloppe').fill(code)
    await fields.getByLabel('Prénom et nom').fill(name)
  }
  await page.getByLabel('Motif').fill('ProConnect est en panne, la salle est vide.')
}

const bar = (page: Page) => page.getByRole('region', { name: 'Bandeau du compte de secours' })

test('two people open the account, every screen says so at once, and it lets people in again', {
  tags: 'long',
}, async () => {
  const { db } = demo.deps
  await sql`update schemes set access = '{"signIn": {"chief": "provider"}}' where id = 'ac63'`.execute(db)
  const codes = await makeCodes()
  // A screen with the stream of alerts, and one without.
  const room = await demo.enter('operator', '/salle', { closed: true })
  const chamber = await demo.enter('chamber', '/adherents', { closed: true })
  await room.getByRole('heading', { level: 1 }).first().waitFor({ state: 'attached' })
  await chamber.getByRole('heading', { level: 1 }).waitFor()

  const page = await demo.enter(null, '/secours', { closed: true })
  expect(await violationsIn(page, ALL)).toEqual([])
  const openIt = page.getByRole('button', { name: 'Ouvrir le compte de secours' })
  await openIt.click()
  await page.getByText('Ce champ est obligatoire.').first().waitFor()
  await page.locator('[aria-invalid="true"]:focus').waitFor()
  expect(await violationsIn(page, ALL)).toEqual([])
  // A slip of the hand is shown where it is.
  await fillForm(page, [codes[0], codes[0]])
  await openIt.click()
  await page.getByText('Les deux codes viennent de l’enveloppe A', { exact: false }).waitFor()
  // The second code, as hands type it; the keyboard alone.
  const second = page.getByRole('group', { name: 'Seconde personne' }).getByLabel('Code de l’enveloppe')
  await second.fill(codes[1].toLowerCase().replaceAll('-', ' '))
  await openIt.focus()
  await page.keyboard.press('Enter')

  await page.getByRole('heading', { name: OPEN, level: 1 }).waitFor()
  for (const screen of [room, chamber]) {
    const said = bar(screen)
    await said.waitFor()
    await said.getByText('Ouvert par Anne Durand et Paul Petit', { exact: false }).waitFor()
    await said.getByText('ProConnect est en panne', { exact: false }).waitFor()
    expect(await violationsIn(screen, ALL)).toEqual([])
  }
  // An operator reads it and cannot dismiss it; the chamber can close it.
  await expect.poll(() => bar(room).getByRole('button').count()).toBe(0)
  await expect
    .poll(() => bar(chamber).getByRole('button').allTextContents())
    .toEqual(['Fermer le compte de secours'])

  await page
    .getByRole('timer')
    .getByText(/Encore 59:\d\d|Encore 01:00:00/)
    .waitFor()
  const { name } = await db
    .selectFrom('schemes')
    .select('name')
    .where('id', '=', 'ac63')
    .executeTakeFirstOrThrow()
  const scheme = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name }) })
  await scheme.getByText('Par le fournisseur d’identité').waitFor()
  expect(await violationsIn(page, ALL)).toEqual([])
  await scheme.getByRole('button', { name: 'Lever la connexion exigée' }).click()
  const lift = page.getByRole('dialog')
  await lift.getByText('Chef de salle').waitFor()
  expect(await violationsIn(page, ALL)).toEqual([])
  await lift.getByRole('button', { name: 'Lever la connexion exigée' }).click()
  await scheme.getByText('Toute connexion ouvre chaque rôle.').waitFor()

  await scheme.getByRole('button', { name: 'Personnes et droits' }).click()
  await page.getByRole('heading', { name: 'Personnes et droits', level: 1 }).waitFor()
  await bar(page).getByText('Vous êtes dans le compte de secours', { exact: false }).waitFor()
  await page.getByRole('button', { name: 'Inviter' }).waitFor()
  expect(await violationsIn(page, ALL)).toEqual([])

  // The menu of the account asks first, as each place does that closes it.
  await page.getByRole('button', { name: /\(compte\)/ }).click()
  await page.getByRole('button', { name: 'Fermer le compte de secours' }).last().click()
  const asked = page.getByRole('dialog', { name: 'Fermer le compte de secours ?' })
  await asked.getByRole('button', { name: 'Annuler' }).last().click()
  await asked.waitFor({ state: 'detached' })

  // It is closed from the other screen: its session ends, and both say what became of it.
  await bar(chamber).getByRole('button', { name: 'Fermer le compte de secours' }).click()
  const close = chamber.getByRole('dialog', { name: 'Fermer le compte de secours ?' })
  expect(await violationsIn(chamber, ALL)).toEqual([])
  await close.getByRole('button', { name: 'Fermer le compte de secours' }).click()
  await page.getByText('Le compte de secours est fermé.', { exact: false }).waitFor()
  await bar(room).getByText('1 acte au journal', { exact: false }).waitFor()
  expect(await violationsIn(room, ALL)).toEqual([])
  await bar(room).getByRole('button', { name: 'J’ai lu' }).click()
  await bar(room).waitFor({ state: 'detached' })
  await room.reload()
  await room.getByRole('heading', { level: 1 }).first().waitFor({ state: 'attached' })
  await bar(chamber).getByText('Fermé par', { exact: false }).waitFor()
  await expect.poll(() => bar(room).count()).toBe(0)
})

test('wrong codes are refused, and an exercise shows itself on every screen and does nothing', {
  tags: 'long',
}, async () => {
  const codes = await makeCodes()
  const [, otherB] = await makeCodes()
  const page = await demo.enter(null, '/secours', { look: LOOKS.phone, closed: true })
  const chief = await demo.enter('chief', '/alertes', { closed: true })
  await chief.getByRole('heading', { level: 1 }).waitFor()
  await fillForm(page, [codes[0], otherB])
  await page.getByRole('button', { name: 'Ouvrir le compte de secours' }).click()
  await page.getByRole('alert').getByText('Ces codes n’ouvrent rien', { exact: false }).waitFor()
  expect(await violationsIn(page, ALL)).toEqual([])

  await fillForm(page, await makeCodes())
  await page.getByLabel('Exercice').check()
  await page.getByRole('button', { name: 'Ouvrir pour un exercice' }).click()
  await page.getByRole('heading', { name: 'Exercice : le compte de secours est ouvert' }).waitFor()
  await page.getByText('Cette session ne peut rien faire.', { exact: false }).waitFor()
  expect(await violationsIn(page, ALL)).toEqual([])
  await bar(chief).getByText('EXERCICE', { exact: false }).waitFor()
  expect(await violationsIn(chief, ALL)).toEqual([])
  await page.getByRole('button', { name: 'Fermer le compte de secours' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Fermer le compte de secours' }).click()
  await page.getByText('Ses enveloppes ne servent plus', { exact: false }).waitFor()
  await bar(chief).getByText('il n’a rien changé', { exact: false }).waitFor()
})

test('an administrator makes the envelopes, one code after the other', { tags: 'long' }, async () => {
  const page = await demo.enter(null, '/', { closed: true })
  await demo.call(page, 'POST', '/api/auth/sign-in/email', { email: ADMIN.mail, password })
  await page.goto(new URL('/reglages', page.url()).href)
  await page.getByRole('link', { name: 'Compte de secours' }).click()
  await page.getByRole('heading', { name: 'Compte de secours', level: 1 }).waitFor()
  await page.getByText('Jamais scellé').waitFor()
  expect(await violationsIn(page, ALL)).toEqual([])
  await page.getByRole('button', { name: 'Faire le scellé' }).click()
  await page.getByRole('button', { name: 'Montrer le premier code' }).click()
  const dialog = page.getByRole('dialog', { name: /Enveloppe A, scellé n°\s1/ })
  const readCode = async () =>
    /[AB](?:-[A-Z2-9]{5}){4}/.exec((await page.getByRole('dialog').textContent()) ?? '')?.[0]
  await dialog.waitFor()
  const first = await readCode()
  expect(first?.[0]).toBe('A')
  expect(await violationsIn(page, ALL)).toEqual([])
  // Nothing closes it but its button: the code is shown this once.
  await page.keyboard.press('Escape')
  await dialog.getByRole('button', { name: 'Copié : montrer le second code' }).click()
  await page.getByRole('dialog', { name: /Enveloppe B/ }).waitFor()
  const second = await readCode()
  expect(second?.[0]).toBe('B')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  await page.getByText(/Scellé n°\s1, fait à/).waitFor()
  expect(await violationsIn(page, ALL)).toEqual([])

  const chief = await demo.enter('chief', '/reglages?partie=secours', { closed: true })
  await chief.getByText('Un administrateur de la plateforme fait le scellé', { exact: false }).waitFor()
  await expect.poll(() => chief.getByRole('button', { name: /le scellé/ }).count()).toBe(0)
  expect(await violationsIn(chief, ALL)).toEqual([])
  const answer = await demo.call<{ user: { name: string } }>(
    await demo.enter(null, '/secours', { closed: true }),
    'POST',
    '/api/auth/break-glass',
    {
      first: { code: first, name: 'Anne Durand' },
      second: { code: second, name: 'Paul Petit' },
      reason: 'essai',
      drill: false,
    },
  )
  expect(answer.user.name).toBe('Compte de secours (Anne Durand, Paul Petit)')
})
