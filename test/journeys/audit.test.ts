import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import fr from '../../web/messages/fr.json' with { type: 'json' }
import { LOOKS, violationsIn, withDemo } from '../support/demo.ts'
import { openAccount } from '../support/server.ts'

let password = ''
const ADMIN = { mail: 'admin@demo.invalid', name: 'Ada Martin', schemeId: '', role: 'admin' } as const
const demo = withDemo({
  async fill(deps) {
    password = (await openAccount(deps, ADMIN)).password
  },
})

test('the chamber and a chief read who did what, filter and export it, and see that it was not tampered with', async () => {
  const page = await demo.enter('chamber', '/audit')
  await page.getByText(/^Chaîne intacte, \d+ lignes?$/).waitFor()
  await page.getByText(/^Vérifiée à \d\d:\d\d/).waitFor()
  const list = page.getByRole('list', { name: 'Journal d’audit' })
  await list.getByRole('listitem').first().waitFor()
  for (const look of [LOOKS.desk, LOOKS.phone]) {
    await page.emulateMedia({ colorScheme: look.colorScheme })
    await page.setViewportSize(look)
    await page.locator(`html[data-mantine-color-scheme=${look.colorScheme}]`).waitFor()
    const isLinkColour = () =>
      page.evaluate(`(() => {
        const probe = document.body.appendChild(document.createElement('i'))
        probe.style.color = 'var(--accent)'
        const [link, accent] = [document.querySelector('main ol a'), probe].map((one) => getComputedStyle(one).color)
        probe.remove()
        return link === accent
      })()`)
    await expect.poll(isLinkColour).toBe(true)
  }
  await page.setViewportSize(LOOKS.desk)

  await page.getByRole('combobox', { name: 'Acte' }).fill('Dispositif chargé')
  await page.getByRole('option', { name: 'Dispositif chargé' }).click()
  await expect.poll(() => page.url()).toContain('acte=scheme.load')
  await expect.poll(() => list.getByRole('listitem').count()).toBe(1)
  await list.getByText('Détails', { exact: true }).click()
  await list.getByText('scheme:ac63', { exact: false }).waitFor()
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Exporter (CSV)' }).click(),
  ])
  const csv = await readFile((await file.path()) ?? '', 'utf8')
  expect(csv.split('\r\n')).toHaveLength(3)
  expect(csv).toContain('scheme.load')
  // Digits alone, in the order of the reader; the browser's own field would follow the browser's language.
  const from = page.getByLabel('Actes à partir du')
  await from.pressSequentially('01012001')
  await expect.poll(() => from.inputValue()).toBe('01/01/2001')
  await page.getByLabel('Actes jusqu’au').fill('2/1/2001')
  await page.waitForURL(/du=2001-01-01&au=2001-01-02/)
  await page.getByText('Aucun acte', { exact: true }).waitFor()

  const checkNow = page.getByRole('button', { name: 'Vérifier maintenant' })
  await page.route('**/audit/chain', (route) => route.abort())
  await checkNow.click()
  await page.getByRole('alert').filter({ hasText: 'Le serveur ne répond pas' }).waitFor()
  await page.unroute('**/audit/chain')
  const [checked] = await Promise.all([
    page.waitForResponse((answer) => answer.request().method() === 'POST'),
    checkNow.click(),
  ])
  expect(await checked.json()).toMatchObject({ broken: null })
  await page
    .getByRole('status')
    .filter({
      // Facts may be sealed meanwhile, each time by new lines.
      hasText:
        /^Chaîne intacte, \d+ lignes?Vérifiée à \d\d:\d\d(, \d+ lignes? ajoutées? depuis)?\.(Dernière signature .+\.)?$/,
    })
    .waitFor()
  await page.getByRole('alert').waitFor({ state: 'detached' })

  // The access to the log itself is recorded in it.
  await page.goto('/audit?acte=audit.export')
  await list.getByText('Journal d’audit exporté').waitFor()

  const chief = await demo.enter('chief', '/audit', { locale: 'en-GB' })
  await chief.getByText(/^Chain intact, \d+ entr(y|ies)$/).waitFor()
  await chief.getByRole('list', { name: 'Audit log' }).getByRole('listitem').first().waitFor()
  const operator = await demo.enter('operator', '/salle')
  await expect.poll(() => operator.getByRole('link', { name: 'Journal d’audit' }).count()).toBe(0)
})

test('the administrator of the platform reads, filters, checks and exports the log of the installation', {
  tags: 'long',
}, async () => {
  const page = await demo.enter(null, '/')
  const signIn = (secret: string) =>
    demo.call(page, 'POST', '/api/auth/sign-in/email', { email: ADMIN.mail, password: secret })
  await expect(signIn('not the password')).rejects.toThrow('401')
  await signIn(password)
  await page.goto(new URL('/reglages', page.url()).href)
  await page.getByRole('navigation').getByRole('link', { name: 'Journal de l’installation' }).press('Enter')
  await page.getByText(/^Chaîne intacte, \d+ lignes?$/).waitFor()
  const list = page.getByRole('list', { name: 'Journal de l’installation' })
  await list.getByText('Démonstration préparée').waitFor()
  await list.getByText('Configuration changée').first().waitFor()
  // Failures are recorded by a job. The program reports whose account they concern.
  await expect
    .poll(async () => {
      await page.reload()
      await list.getByRole('listitem').first().waitFor()
      return list.getByRole('listitem').filter({ hasText: 'Échecs de connexion' }).allInnerTexts()
    })
    .toEqual([expect.stringContaining('Le programme · compte de Ada Martin')])
  expect(await violationsIn(page, [LOOKS.desk, LOOKS.darkDesk, LOOKS.lightPhone, LOOKS.phone])).toEqual([])
  await page.setViewportSize(LOOKS.desk)

  await page.getByRole('combobox', { name: 'Acte' }).fill('Connexion')
  await page.getByRole('option', { name: 'Connexion', exact: true }).click()
  await expect.poll(() => page.url()).toContain('/audit-installation?acte=session.open')
  await page.getByRole('combobox', { name: 'Auteur' }).click()
  await page.getByRole('option', { name: 'Ada Martin' }).click()
  await expect.poll(() => list.getByRole('listitem').count()).toBe(1)
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Exporter (CSV)' }).click(),
  ])
  expect(file.suggestedFilename()).toBe('audit-installation.csv')
  const csv = await readFile((await file.path()) ?? '', 'utf8')
  expect(csv.split('\r\n')).toHaveLength(3)
  expect(csv).toContain('Ada Martin;session.open')
  // From which network, without its last part.
  await list.getByText('réseau 127.0.0.0/24').waitFor()
  expect(csv).toContain(';127.0.0.0/24\r\n')
  await page.getByLabel('Actes jusqu’au').fill('2001-01-02')
  await page.getByText('Aucun acte', { exact: true }).waitFor()
  const [checked] = await Promise.all([
    page.waitForResponse((answer) => answer.request().method() === 'POST'),
    page.getByRole('button', { name: 'Vérifier maintenant' }).click(),
  ])
  expect(await checked.json()).toMatchObject({ broken: null })
  await page.goto(new URL('/audit-installation?acte=audit.export', page.url()).href)
  await list.getByText('Journal d’audit exporté').waitFor()

  // Nobody else has it: not in the menu, nor by its address.
  const chief = await demo.enter('chief', '/audit-installation')
  await chief.getByRole('heading', { name: fr['forbidden.title'], level: 1 }).waitFor()
  await expect.poll(() => chief.getByRole('link', { name: 'Journal de l’installation' }).count()).toBe(0)
})
