import { sql } from 'kysely'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { exportCsv } from '../../src/imports/export/actions.ts'
import { writeXlsx } from '../../src/imports/import/file/xlsx.ts'
import { importMembers } from '../../src/imports/import/import.ts'
import { LOOKS, type Look, violationsIn, withDemo } from '../support/demo.ts'
import { actorOf } from '../support/deps.ts'

const demo = withDemo()

/** At a desk in light mode and on a phone in dark mode; the rest is at the desk. */
const everywhere = (page: Page, looks: readonly Look[] = [LOOKS.phone, LOOKS.desk]) =>
  violationsIn(page, looks)
const ALL = [LOOKS.lightPhone, LOOKS.darkDesk, LOOKS.phone, LOOKS.desk]

const ROWS = 2000
/** Lines of the file with an invalid row, counting the header as the first. */
const NO_PHONE = 12
const NO_COMMUNE = 700
const DOUBLE = 1500
const LEFT_OUT = 1999

/** Writes a list as chambers have them: Windows-1252, headers of their own, a column of notes, invalid rows. */
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

test('importing the exported list of all members changes nothing, and has no errors', {
  tags: 'long',
}, async () => {
  const chamber = actorOf('chamber', 'ac63')
  let text = ''
  for await (const piece of await exportCsv(demo.deps, chamber, 'ac63', {})) text += piece
  const bytes = new TextEncoder().encode(text)
  const report = await importMembers(demo.deps, chamber, 'ac63', bytes, { dryRun: true })
  expect(report.problems).toEqual([])
  expect(report).toMatchObject({ created: 0, updated: 0, unchanged: report.rows, leaving: 0, undecided: 0 })
  expect(report.rows).toBeGreaterThan(1000)
})

test('one answer is that of all equal cells, is remembered for the next list, and is undone', {
  tags: 'long',
}, async () => {
  const list = (from: number) =>
    [
      'Enseigne;Métier;Ville;Mobile',
      ...['Isoire', 'ISOIRE', 'isoire'].map((town, n) => `Tabac ${n};Tabac;${town};06 20 11 77 ${from + n}`),
      `Mixte;Boulangerie épicerie;Issoire;06 20 11 77 ${from + 3}`,
    ].join('\n')
  const page = await demo.enter('chamber', '/importer')
  const drop = async (name: string, text: string) => {
    const chooser = page.waitForEvent('filechooser')
    await page.getByRole('button', { name: 'Choisir un fichier…' }).click()
    await (await chooser).setFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) })
  }
  const figure = (name: string) =>
    page.locator('dl > div', { has: page.getByText(name, { exact: true }) }).locator('dd')
  await drop('avril.csv', list(10))
  const cells = page.getByRole('region', { name: /^Cellules/ })
  const group = (name: RegExp) => cells.getByRole('group', { name })
  await group(/^3 cellules «.Isoire.»$/).waitFor()
  expect(await everywhere(page, ALL)).toEqual([])
  await group(/Isoire/)
    .getByRole('button', { name: 'Issoire', exact: true })
    .click()
  await expect.poll(() => figure('Nouveaux').textContent()).toBe('3')
  await cells.getByText(/^3 cellules «.Isoire.» → Issoire$/).waitFor()
  // The other one is a trade, chosen from the list.
  await group(/Boulangerie épicerie/i)
    .getByLabel('Métier')
    .selectOption('Alimentation et supermarchés')
  // Moving in the list answers nothing yet.
  await expect.poll(() => figure('Nouveaux').textContent()).toBe('3')
  await group(/Boulangerie épicerie/i)
    .getByRole('button', { name: 'Choisir', exact: true })
    .click()
  await expect.poll(() => figure('Nouveaux').textContent()).toBe('4')
  expect(await everywhere(page, ALL)).toEqual([])

  // The next list asks nothing, and says that its answers are those for later lists too; undone, it asks again.
  await page.goto(`${new URL(page.url()).origin}/importer`)
  await drop('mai.csv', list(30))
  await cells
    .getByRole('list', { name: 'Réponses pour cette liste et les prochaines' })
    .getByText(/^3 cellules «.Isoire.» → Issoire$/)
    .waitFor()
  await expect.poll(() => figure('Nouveaux').textContent()).toBe('4')
  await cells.getByRole('button', { name: /^Annuler la réponse pour «.Isoire.»$/ }).click()
  await group(/^3 cellules «.Isoire.»$/).waitFor()
  await expect.poll(() => figure('Nouveaux').textContent()).toBe('1')
})

test('rows that only share a number are decided one by one or all at once; members who lose alerts must be confirmed', {
  tags: 'long',
}, async () => {
  const { rows: shops } = await sql<{ id: string; name: string; phone: string; commune: string }>`
    select m.id, m.name, c.mobile as phone, k.name as commune from members m
    join contacts c on c.scheme_id = m.scheme_id and c.member_id = m.id and c.position = 0 and c.sms and not c.shared
    join communes k on k.code = m.commune_code
    where m.scheme_id = 'ac63' and m.status = 'active' and m.trade = 'tobacco-press' and m.commune_code <> '63178'
    order by m.id limit 5`.execute(demo.deps.db)
  const [first, second, third, , leaver] = shops
  if (first === undefined || second === undefined || third === undefined || leaver === undefined)
    throw new Error('The demo has no tobacconists.')
  const state = async () =>
    (
      await sql<{ id: string; name: string; status: string }>`
        select id, name, status from members where scheme_id = 'ac63' order by id`.execute(demo.deps.db)
    ).rows
  const before = await state()
  const lines = [
    'Enseigne;Métier;Commune;Mobile;Statut',
    `Bijouterie Une;Bijouterie;Issoire;${first.phone};`,
    `Bijouterie Deux;Bijouterie;Issoire;${second.phone};`,
    `Bijouterie Trois;Bijouterie;Issoire;${third.phone};`,
    `${leaver.name};Tabac;${leaver.commune};${leaver.phone};Suspendu`,
    `Joaillerie Deux;Bijouterie;Issoire;${second.phone};`,
  ]
  const page = await demo.enter('chamber', '/importer')
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Choisir un fichier…' }).click()
  await (await chooser).setFiles({
    name: 'mois.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(lines.join('\n')),
  })

  // Nothing is preselected.
  const row = (line: number) => page.getByRole('form', { name: new RegExp(`^Ligne ${line}\\s`) })
  await page.getByText('À décider (4)').waitFor()
  await row(2).getByText(first.name, { exact: false }).waitFor()
  await expect
    .poll(() => page.getByRole('radio', { name: /^(Le même|Un autre)/, checked: true }).count())
    .toBe(0)
  await page.getByRole('button', { name: 'Importer sans les 4 lignes à décider ou à corriger' }).waitFor()
  expect(await everywhere(page, ALL)).toEqual([])

  // One by keyboard; then the others at once.
  await row(2)
    .getByRole('radio', { name: /^Un autre/ })
    .focus()
  await page.keyboard.press('Space')
  await page.getByText('À décider (3)').waitFor()
  await row(2)
    .getByRole('radio', { name: /^Un autre/, checked: true })
    .waitFor()
  await page.getByRole('button', { name: 'Les mêmes commerces' }).click()
  await page.getByText('À décider (0)').waitFor()
  await expect.poll(() => page.getByRole('radio', { name: /^Le même/, checked: true }).count()).toBe(3)
  // Two rows cannot be one member: the second says so beside its question, and is left out.
  await row(6)
    .getByText(/^Une autre ligne est déjà/)
    .waitFor()
  await row(6)
    .getByText(/^Même numéro/)
    .waitFor()
  expect(await everywhere(page, ALL)).toEqual([])
  await row(6).getByRole('button', { name: 'Laisser de côté' }).click()
  // The decision is changed.
  await row(4)
    .getByRole('radio', { name: /^Un autre/ })
    .click()
  const figure = (name: string) =>
    page.locator('dl > div', { has: page.getByText(name, { exact: true }) }).locator('dd')
  await expect.poll(() => figure('Nouveaux').textContent()).toBe('2')
  await expect.poll(() => figure('Sortiront des alertes').textContent()).toBe('1')

  // Members who lose alerts are named, and require a confirmation.
  const gone = page.getByRole('region', { name: 'Sortiront des alertes' })
  await gone.getByText(leaver.name, { exact: false }).waitFor()
  const apply = page.getByRole('button', { name: 'Importer', exact: true })
  await expect.poll(() => apply.isDisabled()).toBe(true)
  expect(await everywhere(page, ALL)).toEqual([])
  await gone.getByRole('checkbox').check()
  // Another user suspends it meanwhile, and reactivates it: each time the screen shows the new effects of the list.
  const setStatus = (status: string) =>
    sql`update members set status = ${status} where scheme_id = 'ac63' and id = ${leaver.id}`.execute(
      demo.deps.db,
    )
  await setStatus('suspended')
  await apply.click()
  await page.getByText(/^Cette liste ne fait sortir personne des alertes/).waitFor()
  await gone.waitFor({ state: 'detached' })
  await setStatus('active')
  await apply.click()
  await page.getByText(/^Cette liste fait sortir des alertes un adhérent/).waitFor()
  await gone.getByRole('checkbox').check()
  await apply.click()
  await page
    .getByText(/2 adhérents créés, 2 mis à jour/)
    .first()
    .waitFor()
  await page.getByText('1 adhérent à prévenir').waitFor()
  expect(await everywhere(page, ALL)).toEqual([])
  const after = new Map((await state()).map((one) => [one.id, one]))
  expect([first, second, third, leaver].map(({ id }) => after.get(id))).toMatchObject([
    { name: first.name, status: 'active' },
    { name: 'Bijouterie Deux', status: 'active' },
    { name: third.name, status: 'active' },
    { name: leaver.name, status: 'suspended' },
  ])
  expect(after.size).toBe(before.length + 2)
  // The added members are informed once why they are in the list; the undo withdraws the message.
  const welcome = page.getByRole('region', { name: 'Prévenir les adhérents ajoutés' })
  await welcome.getByText(/^2 SMS, /).waitFor()
  await expect.poll(() => welcome.getByRole('radio', { name: 'Par courriel' }).isDisabled()).toBe(true)
  await welcome.getByRole('radio', { name: 'Par SMS' }).check()
  await welcome.getByText(/votre chambre a inscrit Bijouterie (Une|Deux|Trois) aux alertes/).waitFor()
  expect(await everywhere(page, ALL)).toEqual([])
  await welcome.getByRole('button', { name: 'Prévenir 2 adhérents' }).click()
  await page.getByText('3 adhérents à prévenir').waitFor()
  await welcome.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: 'Annuler l’import' }).click()
  await page
    .getByText(/^Modification annulée/)
    .first()
    .waitFor()
  await page.getByText('3 adhérents à qui rien n’a été envoyé').waitFor()
  expect(await state()).toEqual(before)
})

test('a list of 2,000 rows with errors is corrected in place, imported and undone', {
  tags: 'long',
}, async () => {
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

  // A file that is not a list is refused, with what to do.
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

  // All columns except one are recognised.
  await page.getByText('Mobile, Téléphone', { exact: false }).waitFor()
  expect(await everywhere(page, ALL)).toEqual([])
  await page.getByRole('combobox', { name: 'Portable du patron' }).click()
  await page.getByRole('option', { name: 'Mobile', exact: true }).click()

  const row = (line: number) => page.getByRole('form', { name: new RegExp(`^Ligne ${line}\\s`) })
  await row(NO_PHONE).waitFor()
  await page.getByRole('button', { name: 'Importer sans les 4 lignes à corriger' }).waitFor()
  expect(await everywhere(page, ALL)).toEqual([])

  // Corrected in place, by keyboard; remaining errors are shown.
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
  // A duplicate row shows its other line, and can be corrected in any cell.
  await row(DOUBLE).getByText('ligne 2', { exact: false }).waitFor()
  // One line a row; its other cells open below it.
  await row(DOUBLE).getByRole('button', { name: 'Toute la ligne' }).click()
  await row(DOUBLE).getByRole('textbox', { name: 'Nom du commerce' }).fill('Épicerie bis')
  await row(DOUBLE).getByRole('textbox', { name: 'Portable du patron' }).fill('06 30 00 97 13')
  await page.keyboard.press('Enter')
  await page.getByText('À corriger (1)').waitFor()
  await row(LEFT_OUT).getByRole('button', { name: 'Laisser de côté' }).click()
  await page.getByText('Aucune ligne à corriger').waitFor()
  await page.getByText('Laissées de côté (1)').click()
  await row(LEFT_OUT).getByText('Laissée de côté').first().waitFor()
  expect(await everywhere(page)).toEqual([])

  // Still there after leaving the page and coming back.
  await page.goto('/importer')
  await page.getByRole('link', { name: 'liste 2026.csv' }).click()
  const figure = (name: string) =>
    page.locator('dl > div', { has: page.getByText(name, { exact: true }) }).locator('dd')
  await expect.poll(() => figure('Nouveaux').textContent()).toBe(`1\u202f${String(ROWS - 1).slice(1)}`)
  expect(await names()).toBe(before)
  await page.getByRole('button', { name: 'Importer', exact: true }).click()
  // A long import goes on by itself: left, and come back to.
  await page.getByText('Import de liste 2026.csv en cours').waitFor()
  await page.goto('/importer')
  await page.getByRole('link', { name: 'liste 2026.csv' }).click()
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
})

test('a code that no trade claims is kept, and its trade typed after it; both codes of a member are on its page', {
  tags: 'long',
}, async () => {
  const page = await demo.enter('chamber', '/importer')
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Choisir un fichier…' }).click()
  const lines = [
    'Enseigne;Code APE;Code NAF 2025;Commune;Mobile',
    'Tabac des Deux Codes;4726Z;47.92H;Issoire;06 21 00 00 01',
    'Tabac Sans Métier;47.26Q;;Issoire;06 21 00 00 02',
  ]
  await (await chooser).setFiles({
    name: 'janvier.csv',
    mimeType: 'text/csv',
    buffer: Buffer.from(lines.join('\n')),
  })
  const row = page.getByRole('form', { name: /^Ligne 3\s/ })
  await row.getByText('Aucun métier ne répond au code NAF 47.26Q.', { exact: false }).waitFor()
  expect(await everywhere(page)).toEqual([])
  await row.getByRole('textbox', { name: 'Code APE' }).fill('47.26Q tabac')
  await page.keyboard.press('Enter')
  await page.getByText('Aucune ligne à corriger').waitFor()
  await page.getByRole('button', { name: 'Importer', exact: true }).click()
  await page.getByText('2 adhérents créés', { exact: false }).first().waitFor()
  const { rows } = await sql<{ id: string; name: string; naf: string | null; naf2025: string | null }>`
    select id, name, naf, naf2025 from members where scheme_id = 'ac63' and naf2025 in ('47.92H', '47.26Q') order by naf2025`.execute(
    demo.deps.db,
  )
  expect(rows).toMatchObject([
    { name: 'Tabac Sans Métier', naf: null, naf2025: '47.26Q' },
    { name: 'Tabac des Deux Codes', naf: '47.26Z', naf2025: '47.92H' },
  ])
  await page.goto(`/adherents?membre=${rows[1]?.id}`)
  await page.getByText(/47\.26Z \(NAF rév\.\s2\), 47\.92H \(NAF\s2025\)/).waitFor()
  await page.getByText(/^Commerce de détail de produits à base de tabac en magasin spécialisé$/).waitFor()
  expect(await everywhere(page)).toEqual([])
})

test('a workbook, in English; deleted when given up', { tags: 'long' }, async () => {
  const page = await demo.enter('chamber', '/importer', { locale: 'en-GB' })
  const buffer = Buffer.from(
    await writeXlsx('Adhérents', [
      ['Members, March 2026'],
      ['Enseigne', 'SIRET', 'Métier', 'Commune', 'Mobile'],
      ['Le Narval', '', 'Tabac', 'Issoire', '06 39 98 97 14'],
      ['Le Cachalot', '123', 'Tabac', 'Issoire', '06 39 98 97 15'],
    ]),
  )
  const chooser = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Choose a file…' }).click()
  await (await chooser).setFiles({ name: 'members.xlsx', mimeType: '', buffer })
  const row = page.getByRole('form', { name: /^Row 4/ })
  await row.getByRole('textbox', { name: 'SIRET' }).waitFor()
  // The title above the header is skipped; another line can be chosen as the header.
  const lines = page.getByRole('combobox', { name: 'Header row' })
  await expect.poll(() => lines.inputValue()).toContain('Row 2: Enseigne')
  await lines.click()
  await page.getByRole('option', { name: 'Row 1: Members, March 2026' }).click()
  await page.getByRole('combobox', { name: 'Column 5' }).waitFor()
  await page.getByText('Mobile, Téléphone', { exact: false }).waitFor()
  await lines.click()
  await page.getByRole('option', { name: /^Row 2: Enseigne/ }).click()
  await row.getByRole('textbox', { name: 'SIRET' }).waitFor()
  await page.getByRole('button', { name: 'Import without the row to correct' }).waitFor()
  expect(await everywhere(page, ALL)).toEqual([])
  await row.getByRole('button', { name: 'Show whole row' }).click()
  await row.getByRole('textbox', { name: 'Commune' }).waitFor()
  await page.getByRole('button', { name: 'Discard this import' }).click()
  await page.getByText('Drop a CSV or XLSX file here').waitFor()
  await expect.poll(() => page.getByRole('link', { name: 'members.xlsx' }).count()).toBe(0)
  const operator = await demo.enter('operator', '/salle')
  await expect.poll(() => operator.getByRole('link', { name: 'Importer' }).count()).toBe(0)
})
