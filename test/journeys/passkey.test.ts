import { expect, test } from 'vitest'
import { authenticatorOf } from '../support/browser.ts'
import { LOOKS, violationsIn, withDemo } from '../support/demo.ts'

const demo = withDemo()
const ALL = [LOOKS.desk, LOOKS.darkDesk, LOOKS.lightPhone, LOOKS.phone] as const

test('a merchant adds a passkey, signs in with it, and removes it: then it no longer signs in', async () => {
  const page = await demo.enter('merchant', '/portail/donnees', { look: LOOKS.phone, closed: true })
  const device = await authenticatorOf(page)
  const keys = page.getByRole('region', { name: 'Clés d’accès' })
  await keys
    .getByText('qui détourne votre numéro reçoit vos codes, jamais votre clé', { exact: false })
    .waitFor()
  await keys.getByText('Aucune clé d’accès.').waitFor()
  await keys.getByRole('button', { name: 'Ajouter une clé sur cet appareil' }).click()
  const name = keys.getByLabel('Nom de l’appareil')
  await name.fill('Téléphone de la caisse')

  await page.keyboard.press('Enter')
  const list = keys.getByRole('list', { name: 'Clés d’accès' })
  await list.getByText('Téléphone de la caisse').waitFor()
  await list.getByText('jamais utilisée', { exact: false }).waitFor()
  expect(await violationsIn(page, ALL)).toEqual([])
  // A device that has one gets no second one.
  await keys.getByRole('button', { name: 'Ajouter une clé sur cet appareil' }).click()
  await name.fill('Encore une')
  await keys.getByRole('button', { name: 'Créer la clé' }).click()
  await keys.getByText('Cet appareil a déjà une clé').waitFor()
  expect(await violationsIn(page, ALL)).toEqual([])
  await expect.poll(() => device.count()).toBe(1)

  await page.getByRole('button', { name: 'Se déconnecter' }).click()
  const enter = page.getByRole('button', { name: 'Entrer avec une clé d’accès' })
  await enter.waitFor()
  expect(await violationsIn(page, ALL)).toEqual([])
  await enter.focus()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Mes données', level: 1 }).waitFor()
  await list.getByText('dernière entrée', { exact: false }).waitFor()

  await list.getByRole('button', { name: 'Retirer la clé Téléphone de la caisse' }).click()
  await keys.getByText('Aucune clé d’accès.').waitFor()
  await page.getByRole('button', { name: 'Se déconnecter' }).click()
  await enter.click()
  await page.getByRole('alert').getByText('Cette clé d’accès n’a pas été reconnue').waitFor()
  expect(await violationsIn(page, ALL)).toEqual([])
})
