import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { MailSummary } from '../../../src/demo/contract.ts'
import { LOOKS, violations, violationsIn, withDemo } from '../../support/demo.ts'
import { ROOT } from '../../support/program.ts'
import { openAccount } from '../../support/server.ts'

const ADMIN = { mail: 'admin@demo.invalid', name: 'Ada Martin', schemeId: '', role: 'admin' } as const
const CHAMBER = 'chambre48@demo.invalid'
const FILE = join(ROOT, 'docs/examples/ac48.json')
let password = ''
const demo = withDemo({
  async fill(deps) {
    password = (await openAccount(deps, ADMIN)).password
  },
})

test('the administrator creates the scheme of a new département from one file, and invites its chamber', async () => {
  const page = await demo.enter(null, '/')
  await demo.call(page, 'POST', '/api/auth/sign-in/email', { email: ADMIN.mail, password })
  await page.goto(new URL('/dispositifs', page.url()).href)
  const list = page.getByRole('list', { name: 'Dispositifs' })
  await expect.poll(() => list.getByRole('listitem').count()).toBe(5)
  expect(await violationsIn(page, [LOOKS.desk, LOOKS.phone])).toEqual([])
  await page.setViewportSize(LOOKS.desk)

  // A file is dropped; what the form changes of it is checked before anything is created.
  await page.getByRole('button', { name: 'Créer un dispositif' }).click()
  await page.getByRole('radio', { name: 'd’un fichier' }).check()
  await page.locator('input[type=file]').setInputFiles(FILE)
  await expect.poll(() => page.getByLabel('Nom').inputValue()).toBe('Alerte Lozère')
  await expect.poll(() => page.getByLabel('Départements').inputValue()).toBe('48')
  await page.getByLabel('Expéditeur des SMS').fill('ALERTE')
  await page.getByLabel('Préfixe des références').fill('63')
  await page.getByRole('button', { name: 'Vérifier' }).click()
  await page.getByText('est un mot générique', { exact: false }).waitFor()
  await page.getByText('« 63 » est déjà le préfixe de référence', { exact: false }).waitFor()
  expect(await violations(page)).toEqual([])
  await page.getByLabel('Expéditeur des SMS').fill('LOZERE48')
  await page.getByText('est déjà le préfixe', { exact: false }).waitFor({ state: 'detached' })
  await page.getByLabel('Préfixe des références').fill('48')
  await page.getByRole('button', { name: 'Vérifier' }).click()
  await page
    .getByText('152 communes, 9 métiers, 5 catégories, 5 services, 2 secteurs', { exact: false })
    .waitFor()
  await page.getByRole('button', { name: 'Créer le dispositif' }).click()
  await page.getByRole('heading', { name: 'Alerte Lozère est créé' }).waitFor()

  // Its file is what was dropped, with what was typed.
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Télécharger le fichier de Alerte Lozère' }).first().click(),
  ])
  const exported = JSON.parse(await readFile((await file.path()) ?? '', 'utf8'))
  const given = JSON.parse(await readFile(FILE, 'utf8'))
  expect(exported).toMatchObject({ id: 'ac48', sender: 'LOZERE48', categories: given.categories })

  await page.getByRole('button', { name: 'Personnes et droits de Alerte Lozère' }).first().click()
  await page.getByRole('button', { name: 'Inviter une personne' }).click()
  await page.getByLabel('Adresse de messagerie').fill(CHAMBER)
  await page.getByLabel('Prénom et nom').fill('Lise Roux')
  await page.getByLabel('Rôle', { exact: true }).selectOption('chamber')
  await page.getByRole('button', { name: 'Inviter', exact: true }).click()
  await page.getByRole('listitem').filter({ hasText: CHAMBER }).getByText('invité', { exact: true }).waitFor()

  // The chamber opens its account: its trades and its categories are those of the file.
  let link: URL | undefined
  await expect
    .poll(async () => {
      const { mails } = await demo.call<{ mails: MailSummary[] }>(page, 'GET', '/api/demo/mails')
      const mail = mails.find(({ to }) => to === CHAMBER)
      if (mail === undefined) return false
      const { text } = await demo.call<{ text: string }>(page, 'GET', `/api/demo/mails/${mail.id}`)
      link = new URL(/https?:\S+invitation#\S+/.exec(text)?.[0] ?? '')
      return true
    })
    .toBe(true)
  const chamber = await demo.enter(null, `${link?.pathname}${link?.hash}`)
  await chamber.locator('input[name=password]').fill('gravier lune tambour')
  await chamber.locator('input[name=again]').fill('gravier lune tambour')
  await chamber.getByRole('button', { name: 'Ouvrir mon compte' }).click()
  await chamber.waitForURL(/\/aujourdhui/)
  await chamber.getByText('Alerte Lozère').first().waitFor()
})
