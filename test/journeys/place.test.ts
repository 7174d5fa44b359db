import { expect, test } from 'vitest'
import { hourOf, METROPOLITAN_ZONE, toFieldValue } from '../../src/message/clock.ts'
import type { ReportList } from '../../src/reports/contract.ts'
import { withDemo } from '../support/demo.ts'

const demo = withDemo()
const ADVICE = 'Ne pas intervenir, ne pas transférer SMS.'

/** The time in metropolitan France, as a message writes it, now and a minute ago. */
function hoursNow(): string[] {
  return [0, 60_000].map((ago) => {
    return hourOf(Date.now() - ago, METROPOLITAN_ZONE)
  })
}

test("a robbery names its place and the scheme's time, from a browser in La Réunion", {
  tags: 'long',
}, async () => {
  const page = await demo.enter('operator', '/salle', { timeZone: 'Indian/Reunion' })
  const message = page.getByRole('textbox', { name: 'Message', exact: true })
  await page.getByRole('radio', { name: 'Vol à main armée' }).check({ force: true })
  await page.getByRole('combobox', { name: 'Où' }).fill('billom')
  await page.getByRole('option', { name: /^Billom/ }).click()
  await page.getByRole('radio', { name: /Tout le dispositif/ }).check({ force: true })
  const said = async () => message.inputValue()
  await expect.poll(said).toMatch(/^Vol à main armée à Billom vers /)
  const hour = /vers (\d+h(?:\d\d)?)\./.exec(await said())?.[1]
  expect(hoursNow()).toContain(hour)

  await page.getByRole('textbox', { name: 'Lieu précis' }).fill('Tabac Le Khédive, 3 place de la Halle')
  await expect
    .poll(said)
    .toMatch(
      /^Vol à main armée à Billom, dans un tabac place de la Halle, (?:hier )?vers \d+h(?:\d\d)?\. Ne pas/,
    )

  // A typed hour is in the scheme's time zone too.
  await page.getByRole('radio', { name: 'Autre…' }).check({ force: true })
  const exact = page.getByRole('textbox', { name: 'Date et heure des faits' })
  const day = (await exact.inputValue()).slice(0, 10)
  await exact.fill(`${day} 0h`)
  await expect.poll(said).toContain('vers 0h')

  // A place other than that of the facts prevents sending; the fix inserts the right one.
  await message.fill(`Vol à main armée département du Puy-de-Dôme. ${ADVICE}`)
  await page.getByText('La commune des faits n’est pas nommée.').waitFor()
  await page.getByRole('button', { name: /Ajouter le lieu/ }).click()
  await expect.poll(said).toBe(`Vol à main armée département du Puy-de-Dôme à Billom. ${ADVICE}`)

  // So is a place that is neither the commune nor the area; the fix replaces it.
  await message.fill(`Vol à main armée à Thiers vers 0h. ${ADVICE}`)
  await page.getByText('Ce n’est ni la commune des faits ni la zone alertée.').waitFor()
  await page
    .getByRole('button', { name: /Écrire le lieu du message/ })
    .first()
    .click()
  await expect.poll(said).toBe(`Vol à main armée à Billom vers 0h. ${ADVICE}`)

  // The journal says the hours of the scheme as well.
  const { reports } = await demo.call<ReportList>(page, 'GET', '/api/schemes/ac63/reports?limit=1')
  const hourOfCall = toFieldValue(Date.parse(reports[0]!.calledAt), METROPOLITAN_ZONE).slice(11)
  await page.goto('/journal')
  await page.getByRole('article').first().locator('time', { hasText: hourOfCall }).waitFor()
})

test('a former commune is found by its name, which the text and the report keep', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('operator', '/salle')
  await page.getByRole('radio', { name: 'Vol par ruse' }).check({ force: true })
  await page.getByRole('combobox', { name: 'Où' }).fill('dallet')
  await page.getByRole('option', { name: /^Dallet \(Mur-sur-Allier\)/ }).click()
  const message = page.getByRole('textbox', { name: 'Message', exact: true })
  await expect.poll(() => message.inputValue()).toMatch(/^Vol par ruse à Dallet vers /)
  await page.setViewportSize({ width: 390, height: 844 })
  await page.getByRole('button', { name: /^Consigner/ }).click()
  // The line of the next call is on the screen again, though the button is at the foot of the form.
  const line = page.getByRole('textbox', { name: 'L’appel en une ligne' })
  const placeOfLine = () => line.evaluate((field) => field.getBoundingClientRect().top)
  await expect.poll(placeOfLine).toBeGreaterThan(0)
  expect(await placeOfLine()).toBeLessThan(700)
  await page.getByRole('button', { name: /Dallet \(Mur-sur-Allier\)/ }).waitFor()
  const { reports } = await demo.call<ReportList>(page, 'GET', '/api/schemes/ac63/reports?state=waiting')
  expect(reports.map(({ commune }) => commune)).toContainEqual({
    code: '63226',
    name: 'Mur-sur-Allier',
    formerName: 'Dallet',
  })
})
