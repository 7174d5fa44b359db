import { sql } from 'kysely'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { writeXlsx } from '../../src/members/import/xlsx.ts'
import { LOOKS, type Look, violationsIn, withDemo } from '../support/demo.ts'

const demo = withDemo()

/** At a desk in daylight and on a phone in the dark; it goes on at the desk. */
const everywhere = (page: Page, looks: readonly Look[] = [LOOKS.phone, LOOKS.desk]) =>
  violationsIn(page, looks)
const ALL = [LOOKS.lightPhone, LOOKS.darkDesk, LOOKS.phone, LOOKS.desk]

const ROWS = 2000
/** Lines of the file whose row is wrong, the header being the first. */
const NO_PHONE = 12
const NO_COMMUNE = 700
const DOUBLE = 1500
const LEFT_OUT = 1999

/** A list as chambers have them: Windows-1252, headers of their own, a column for remarks, rows that are wrong. */
function dirtyList(): Buffer {
  const lines = ['Nom du commerce;Activité;Code INSEE;Portable du patron;Remarques']
  for (let line = 2; line < ROWS + 2; line++) {
    const phone = `06 ${String(20_000_000 + line).replace(/(..)(?=.)/g, '$1 ')}`
    const row = [`Épicerie ${line}`, 'Tabac', '63178', phone, line % 3 === 0 ? 'à rappeler' : '']
    if (line === NO_PHONE) row[3] = '06 12'
    if (line === NO_COMMUNE) row[2] = '99999'
    if (line === DOUBLE) [row[0], row[3]] = ['Épicerie 2', '06 20 00 00 02']
    if (line === LEFT_OUT) row[1] = 'Astronaute'
    lines.push(row.join(';'))
  }
  return Buffer.from(lines.join('\r\n'), 'latin1')
}

test('a dirty list of 2,000 rows is corrected in place, applied and taken back', async () => {
  const page = await demo.enter('chamber', '/adherents')
  const names = async () =>
    (
      await sql<{
        facts: string
      }>`select md5(string_agg(m.id::text || m.name || m.status, ',' order by m.id)) as facts
        from members m where scheme_id = 'ac63'`.execute(demo.deps.db)
    ).rows[0]?.facts
  const before = await names()
  await page.getByRole('link', { name: 'Importer' }).click()
  await page.getByText('Déposez ici', { exact: false }).waitFor()
  expect(await everywhere(page, ALL)).toEqual([])

  // What is no list is refused with what to do.
  const choose = async (name: string, buffer: Buffer) => {
    const chooser = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Choisir un fichier…' }).click()
    await (await chooser).setFiles({ name, mimeType: 'application/octet-stream', buffer })
  }
  await choose('photo.xlsx', Buffer.from('PK\u0003\u0004 no workbook'))
  await page.getByRole('alert').getByText('Ce classeur ne se lit pas', { exact: false }).waitFor()
  expect(await everywhere(page)).toEqual([])

  // Dropped with the mouse, as from the desktop.
  const data = await page.evaluateHandle(`(() => {
    const transfer = new DataTransfer()
    const bytes = Uint8Array.from(atob('${dirtyList().toString('base64')}'), (char) => char.charCodeAt(0))
    transfer.items.add(new File([bytes], 'liste 2026.csv', { type: 'text/csv' }))
    return transfer
  })()`)
  await page.getByRole('region', { name: 'Déposer une liste' }).dispatchEvent('drop', { dataTransfer: data })

  // All columns but one are recognised.
  await page.getByText('Mobile, Téléphone', { exact: false }).waitFor()
  expect(await everywhere(page, ALL)).toEqual([])
  await page.getByRole('combobox', { name: 'Portable du patron' }).click()
  await page.getByRole('option', { name: 'Mobile', exact: true }).click()

  const row = (line: number) => page.getByRole('form', { name: new RegExp(`^Ligne ${line}\\s`) })
  await row(NO_PHONE).waitFor()
  await page.getByRole('button', { name: 'Importer sans les 4 lignes à corriger' }).waitFor()
  expect(await everywhere(page, ALL)).toEqual([])

  // In place, by keyboard; what is still wrong says so.
  const phone = row(NO_PHONE).getByRole('textbox', { name: 'Portable du patron' })
  await phone.fill('06 12 34')
  await page.keyboard.press('Enter')
  await row(NO_PHONE).getByText('numéro', { exact: false }).first().waitFor()
  await phone.fill('06 30 00 97 12')
  await page.keyboard.press('Enter')
  await row(NO_PHONE).getByText('Corrigée').or(page.getByText('À corriger (3)')).first().waitFor()
  await row(NO_COMMUNE).getByRole('textbox', { name: 'Code INSEE' }).fill('63178')
  await page.keyboard.press('Enter')
  await page.getByText('À corriger (2)').waitFor()
  // A double is told with its other line, and any of its cells can be put right.
  await row(DOUBLE).getByText('ligne 2', { exact: false }).waitFor()
  await row(DOUBLE).getByRole('textbox', { name: 'Nom du commerce' }).fill('Épicerie bis')
  await row(DOUBLE).getByRole('textbox', { name: 'Portable du patron' }).fill('06 30 00 97 13')
  await page.keyboard.press('Enter')
  await page.getByText('À corriger (1)').waitFor()
  await row(LEFT_OUT).getByRole('button', { name: 'Laisser de côté' }).click()
  await page.getByText('Aucune ligne à corriger').waitFor()
  await page.getByText('Laissées de côté (1)').click()
  await row(LEFT_OUT).getByText('Laissée de côté').first().waitFor()
  expect(await everywhere(page)).toEqual([])

  // Left and come back to: it is there still.
  await page.goto('/importer')
  await page.getByRole('link', { name: 'liste 2026.csv' }).click()
  const figure = (name: string) =>
    page.locator('dl > div', { has: page.getByText(name, { exact: true }) }).locator('dd')
  await expect.poll(() => figure('Nouveaux').textContent()).toBe(`1\u202f${String(ROWS - 1).slice(1)}`)
  expect(await names()).toBe(before)
  await page.getByRole('button', { name: 'Importer', exact: true }).click()
  await page
    .getByText('1999 adhérents créés', { exact: false })
    .or(page.getByText(/1.999 adhérents créés/))
    .first()
    .waitFor()
  expect(await everywhere(page, ALL)).toEqual([])
  expect(await names()).not.toBe(before)

  await page.getByRole('button', { name: 'Annuler l’import' }).click()
  await page
    .getByText(/^Modification annulée/)
    .first()
    .waitFor()
  expect(await names()).toBe(before)
  await page.getByRole('link', { name: 'Importer une autre liste' }).click()
  await page.getByText('Déposez ici', { exact: false }).waitFor()
}, 120_000)

test('a workbook, in English; given up, it is gone', async () => {
  const page = await demo.enter('chamber', '/importer', { locale: 'en-GB' })
  const buffer = Buffer.from(
    await writeXlsx('Adhérents', [
      ['Enseigne', 'SIRET', 'Métier', 'Commune', 'Mobile'],
      ['Le Narval', '', 'Tabac', 'Issoire', '06 39 98 97 14'],
      ['Le Cachalot', '123', 'Tabac', 'Issoire', '06 39 98 97 15'],
    ]),
  )
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Choose a file…' }).click()
  await (await chooser).setFiles({ name: 'members.xlsx', mimeType: '', buffer })
  const row = page.getByRole('form', { name: /^Line 3/ })
  await row.getByRole('textbox', { name: 'SIRET' }).waitFor()
  await page.getByRole('button', { name: 'Import without the row to correct' }).waitFor()
  expect(await everywhere(page, ALL)).toEqual([])
  await row.getByRole('button', { name: 'The whole row' }).click()
  await row.getByRole('textbox', { name: 'Commune' }).waitFor()
  await page.getByRole('button', { name: 'Give up this import' }).click()
  await page.getByText('Drop a CSV or XLSX file here').waitFor()
  expect(await page.getByRole('link', { name: 'members.xlsx' }).count()).toBe(0)
  const operator = await demo.enter('operator', '/salle')
  expect(await operator.getByRole('link', { name: 'Importer' }).count()).toBe(0)
}, 60_000)
