import { expect, test } from 'vitest'
import { LOOKS, violationsIn, withDemo } from '../support/demo.ts'

const demo = withDemo()
/** Whether everything is on the screen, inside its parts as well. */
const FITS = `document.documentElement.scrollHeight <= innerHeight &&
  [...document.querySelectorAll('main, section')].every((one) => one.scrollHeight <= one.clientHeight + 1)`

test('the wall display of the room goes on without a session, says when it is outdated, and is closed from the list', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('operator', '/salle')
  await page.getByRole('link', { name: 'Écran mural' }).click()
  await page.getByText('Aucun écran mural n’est ouvert.').waitFor()
  const [wall] = await Promise.all([
    page.context().waitForEvent('page'),
    page.getByRole('button', { name: 'Ouvrir sur ce navigateur' }).click(),
  ])
  await wall.getByRole('heading', { level: 1, name: 'Alerte Commerces 63' }).waitFor()
  await wall.getByText('Signalements à décider').waitFor()
  await wall.getByText(/^À jour à \d\d:\d\d$/).waitFor()
  for (const [width, height] of [
    [1920, 1080],
    [1280, 720],
  ] as const) {
    await wall.setViewportSize({ width, height })
    expect(await wall.evaluate(FITS), `${width} × ${height}`).toBe(true)
  }
  expect(await violationsIn(wall, [LOOKS.darkDesk, LOOKS.phone])).toEqual([])
  await wall.setViewportSize({ width: 1280, height: 720 })

  await demo.call(page, 'POST', '/api/session/lock')
  await wall.reload()
  await wall.getByText('Signalements à décider').waitFor()

  const other = await demo.enter('chief', '/salle/mural')
  await wall.route('**/api/wall', (route) => route.abort())
  await wall.getByText(/^Connexion perdue\. Affichage de \d\d:\d\d/).waitFor()
  await wall.unroute('**/api/wall')
  await wall.getByText('Connexion perdue', { exact: false }).waitFor({ state: 'detached' })

  await other.getByRole('button', { name: 'Fermer cet écran' }).click()
  await other.getByText('Aucun écran mural n’est ouvert.').waitFor()
  await wall.getByRole('heading', { name: 'Cet écran mural est fermé' }).waitFor()
})
