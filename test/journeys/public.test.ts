import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { LOOKS, violationsIn, withDemo } from '../support/demo.ts'

const demo = withDemo()
const BOTH = [LOOKS.desk, LOOKS.phone]

const callsOf = (page: Page) => page.locator('a[href="tel:17"]').allTextContents()

test('where one is told to call 17, it is one press away', async () => {
  const page = await demo.enter(null, '/dispositif/ac63', { look: LOOKS.phone })
  await page.getByRole('link', { name: 'Appeler le 17' }).waitFor()
  expect(await callsOf(page)).toEqual(['Appeler le 17', 'appelez le 17'])
  expect(await violationsIn(page, BOTH)).toEqual([])
  await page.goto('/verifier')
  await page.getByLabel('Le message reçu').fill('Bonjour, cliquez ici')
  await page.getByLabel('Référence').fill('63-26-9999')
  await page.getByRole('button', { name: 'Vérifier' }).click()
  await page.getByRole('link', { name: 'appelez le 17' }).waitFor()
  expect(await violationsIn(page, BOTH)).toEqual([])
  const english = await demo.enter(null, '/dispositif/ac63', { locale: 'en-GB' })
  await english.getByRole('link', { name: 'Call 17', exact: true }).first().waitFor()
  expect(await callsOf(english)).toEqual(['Call 17', 'call 17'])
})

test('the accessibility statement says what was tested, what was not, and whom to turn to', async () => {
  const page = await demo.enter(null, '/dispositif/ac63', { look: LOOKS.phone })
  await page.getByRole('link', { name: 'Accessibilité : non conforme' }).click()
  await page.getByRole('heading', { level: 1, name: 'Déclaration d’accessibilité' }).waitFor()
  await page.getByText('Tenue par CCI Puy-de-Dôme', { exact: false }).waitFor()
  expect(await page.getByRole('heading', { level: 2 }).allTextContents()).toEqual([
    'État de conformité',
    'Ce qui est vérifié à chaque version',
    'Ce qui ne l’est pas',
    'Ce qui est dit autrement',
    'Établissement de cette déclaration',
    'Signaler un défaut',
    'Voies de recours',
  ])
  const recourse = page.getByRole('link', { name: 'Écrire au Défenseur des droits' })
  expect(await recourse.getAttribute('href')).toMatch(/^https:\/\/formulaire\.defenseurdesdroits\.fr/)
  expect(await violationsIn(page, BOTH)).toEqual([])
  await page.getByRole('link', { name: 'Retour à la page du dispositif' }).click()
  await page.getByRole('heading', { name: 'Alerte Commerces 63' }).waitFor()

  // Where no scheme is said, and in English.
  const start = await demo.enter(null, '/', { locale: 'en-GB' })
  await start.getByRole('link', { name: 'Accessibility: not compliant' }).click()
  await start.getByRole('heading', { level: 1, name: 'Accessibility statement' }).waitFor()
  expect(await violationsIn(start, [LOOKS.lightPhone, LOOKS.darkDesk])).toEqual([])
  await start.goto('/dispositif/nowhere/accessibilite')
  await start.getByRole('heading', { level: 1 }).waitFor()

  const merchant = await demo.enter('merchant', '/portail', { look: LOOKS.phone })
  await merchant.getByRole('link', { name: 'Accessibilité : non conforme' }).click()
  await merchant.getByRole('heading', { level: 1, name: 'Déclaration d’accessibilité' }).waitFor()
})

test('the status page says whether SMS leave and when the last alert did, and loses its word with the server', async () => {
  const page = await demo.enter(null, '/dispositif/ac63', { look: LOOKS.phone })
  await page.getByRole('link', { name: 'État du service' }).click()
  await page.getByText('Le service répond').waitFor()
  await page.getByText('Les SMS partent', { exact: true }).waitFor()
  expect(await violationsIn(page, BOTH)).toEqual([])
  const shown = (await page.locator('main').textContent()) ?? ''
  const { routes } = await demo.call<{ routes: { name: string }[] }>(
    await demo.visit('operator'),
    'GET',
    '/api/schemes/ac63/routes',
  )
  expect(routes.length).toBeGreaterThan(0)
  for (const { name } of routes) expect(shown).not.toContain(name)

  await page.route('**/api/public/schemes/ac63/status', (route) => route.abort())
  await page.getByText('Le service ne répond pas').waitFor({ timeout: 30_000 })
  await page.getByText('Inconnu pour l’instant').waitFor()
  await page.unroute('**/api/public/schemes/ac63/status')
  await page.getByText('Le service répond').waitFor({ timeout: 30_000 })

  await page.goto('/dispositif/nowhere/etat')
  await page.getByRole('heading', { name: 'Dispositif inconnu' }).waitFor()
}, 120_000)
