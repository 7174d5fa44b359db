import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { LOOKS, withDemo } from '../support/demo.ts'

const demo = withDemo()

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
  await page.getByLabel('Actes à partir du').fill('2001-01-01')
  await page.getByLabel('Actes jusqu’au').fill('2001-01-02')
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
  expect(await operator.getByRole('link', { name: 'Journal d’audit' }).count()).toBe(0)
})
