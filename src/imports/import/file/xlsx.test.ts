import { zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import writeWorkbook from 'write-excel-file/node'
import { AppError } from '../../../errors.ts'
import { readXlsx, writeXlsx } from './xlsx.ts'

const MB = 1024 * 1024
const text = (content: string) => new TextEncoder().encode(content)

/** Builds a workbook of sheets ("A", "B"…) from their rows. */
function workbook(...sheets: readonly string[]): Uint8Array {
  const xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
  const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
  const packages = 'http://schemas.openxmlformats.org/package/2006'
  const nameOf = (n: number) => String.fromCharCode(65 + n)
  return zipSync({
    '[Content_Types].xml': text(
      `${xml}<Types xmlns="${packages}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>`,
    ),
    '_rels/.rels': text(
      `${xml}<Relationships xmlns="${packages}/relationships"><Relationship Id="rId1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    ),
    'xl/workbook.xml': text(
      `${xml}<workbook xmlns="${main}" xmlns:r="${office}"><sheets>${sheets.map((_, n) => `<sheet name="${nameOf(n)}" sheetId="${n + 1}" r:id="rId${n + 1}"/>`).join('')}</sheets></workbook>`,
    ),
    'xl/_rels/workbook.xml.rels': text(
      `${xml}<Relationships xmlns="${packages}/relationships">${sheets.map((_, n) => `<Relationship Id="rId${n + 1}" Type="${office}/worksheet" Target="worksheets/sheet${n + 1}.xml"/>`).join('')}</Relationships>`,
    ),
    ...Object.fromEntries(
      sheets.map((rows, n) => [
        `xl/worksheets/sheet${n + 1}.xml`,
        text(`${xml}<worksheet xmlns="${main}"><sheetData>${rows}</sheetData></worksheet>`),
      ]),
    ),
  })
}

/** Smaller than those of the product, and exceeded sooner. */
const limits = { unpackedBytes: 6 * MB, heapMegabytes: 128, milliseconds: 30_000 }

const refusal = async (bytes: Uint8Array) => {
  const error = await readXlsx(bytes, 'liste.xlsx', limits).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(AppError)
  return (error as AppError).problems.map(({ code }) => code)
}

describe('a workbook', () => {
  test('returns its cells as text: digits as written, without empty rows, lines as the sheet numbers them', async () => {
    const cell = (at: string, value: string) => `<c r="${at}"><v>${value}</v></c>`
    const bytes = workbook(
      `<row r="1"><c r="A1" t="inlineStr"><is><t>SIRET</t></is></c><c r="B1" t="inlineStr"><is><t>Mobile</t></is></c></row>
       <row r="3">${cell('A3', '73282932000074')}${cell('B3', '6.39980001E8')}</row>`,
    )
    expect((await readXlsx(bytes, 'liste.xlsx')).rows).toEqual([
      { line: 1, cells: ['SIRET', 'Mobile'] },
      { line: 3, cells: ['73282932000074', '639980001'] },
    ])
  })

  test('is read from its first sheet that is a list, and names the others', async () => {
    const row = (r: number, ...values: string[]) =>
      `<row r="${r}">${values.map((value, n) => `<c r="${String.fromCharCode(65 + n)}${r}" t="inlineStr"><is><t>${value}</t></is></c>`).join('')}</row>`
    const cover = row(1, 'Liste des adhérents', 'à jour en janvier')
    const list = row(2, 'Enseigne', 'Mobile') + row(3, 'Le Fournil', '0639980001')
    const read = await readXlsx(workbook(cover, list, cover, list), 'liste.xlsx')
    expect(read).toMatchObject({ sheet: 'B', isFirst: false, others: ['A', 'C', 'D'] })
    expect(read.rows.map(({ line }) => line)).toEqual([2, 3])
    expect(await readXlsx(workbook(cover), 'liste.xlsx')).toMatchObject({
      sheet: 'A',
      isFirst: true,
      others: [],
    })
    const untitled =
      row(1, 'A', 'Issoire', '0639980001', 'Tabac') + row(2, 'B', 'Issoire', '0639980002', 'Tabac')
    const board = row(1, 'Nom', 'Téléphone') + row(2, 'Mme Durand', '0639980003')
    expect(await readXlsx(workbook(untitled, board), 'liste.xlsx')).toMatchObject({
      sheet: 'A',
      others: ['B'],
    })
    const unusual = row(1, 'Qui', 'Où', 'Joindre') + row(2, 'A', 'Issoire', '0639980001')
    expect(await readXlsx(workbook(cover, unusual, board), 'liste.xlsx')).toMatchObject({ sheet: 'B' })
  })

  test('gives a cell that is merged downwards to each of its rows, but no amount, and to no row that is empty otherwise', async () => {
    const over = (rowSpan: number, value: string) => ({ value, rowSpan })
    const file = await writeWorkbook(
      [
        [{ value: 'Adhérents de la rue', columnSpan: 3, rowSpan: 2 }, null, null],
        [null, null, null],
        ['Commune', 'Enseigne', 'Mobile', 'Cotisation'].map((value) => ({ value })),
        [over(3, '63500 ISSOIRE'), { value: 'Le Fournil' }, over(2, '0639980001'), over(2, '60 €')],
        [null, { value: 'Presse & <Cie>' }, null],
        [null, { value: 'Tabac' }, { value: '0639980002' }],
        [over(3, '63400 CHAMALIERES'), { value: 'Fleurs' }, { value: '0639980003' }],
        [null, null, null],
        [null, { value: 'Pharmacie' }, { value: '0639980004' }],
      ],
      { sheet: 'Rue & halle' },
    ).toBuffer()
    expect((await readXlsx(new Uint8Array(file), 'liste.xlsx')).rows).toEqual([
      { line: 1, cells: ['Adhérents de la rue'] },
      { line: 3, cells: ['Commune', 'Enseigne', 'Mobile', 'Cotisation'] },
      { line: 4, cells: ['63500 ISSOIRE', 'Le Fournil', '0639980001', '60 €'] },
      { line: 5, cells: ['63500 ISSOIRE', 'Presse & <Cie>', '0639980001'] },
      { line: 6, cells: ['63500 ISSOIRE', 'Tabac', '0639980002'] },
      { line: 7, cells: ['63400 CHAMALIERES', 'Fleurs', '0639980003'] },
      { line: 9, cells: ['63400 CHAMALIERES', 'Pharmacie', '0639980004'] },
    ])
  })

  test('is read back as it was written', async () => {
    const rows = [
      ['Enseigne', 'Mobile'],
      ['L’Épi d’or & fils <SARL>', '06 39 98 00 01'],
      ['', '=1+1'],
    ]
    const { rows: read } = await readXlsx(await writeXlsx('Adhérents', rows), 'liste.xlsx')
    expect(read.map(({ cells }) => cells)).toEqual(rows)
  })

  test('is refused if invalid, empty, or another archive', async () => {
    expect(await refusal(text('PK\u0003\u0004 and no more'))).toEqual(['import.spreadsheet'])
    expect(await refusal(zipSync({ 'content.xml': text('<ods/>') }))).toEqual(['import.spreadsheet'])
    expect(await refusal(workbook(''))).toEqual(['import.empty'])
  })

  test('is refused in bounded memory if it unpacks beyond the limit or declares a false size', async () => {
    // 8 MB of spaces in 8 KB.
    const huge = zipSync({ 'xl/workbook.xml': new Uint8Array(8 * MB).fill(32) })
    expect(huge.length).toBeLessThan(MB / 50)
    expect(await refusal(huge)).toEqual(['import.spreadsheet_too_large'])
    // The directory declares a smaller size: unpacking stops there.
    const lying = Uint8Array.from(huge)
    const view = new DataView(lying.buffer)
    for (let at = lying.length - 4; at >= 0; at--) {
      if (view.getUint32(at, true) === 0x02014b50) view.setUint32(at + 24, 1000, true)
    }
    expect(await refusal(lying)).toEqual(['import.spreadsheet'])
  })

  test('with one cell at the far end of the sheet blocks nothing', async () => {
    const far = workbook(
      '<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row><row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>',
    )
    expect(await refusal(far)).toHaveLength(1)
  })
})
