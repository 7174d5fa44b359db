import { zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { AppError } from '../../errors.ts'
import { readXlsx, writeXlsx } from './xlsx.ts'

const MB = 1024 * 1024
const text = (content: string) => new TextEncoder().encode(content)

/** Builds a workbook of one sheet from its parts. */
function workbook(sheet: string): Uint8Array {
  const xml = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
  const main = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
  const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
  const packages = 'http://schemas.openxmlformats.org/package/2006'
  return zipSync({
    '[Content_Types].xml': text(
      `${xml}<Types xmlns="${packages}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>`,
    ),
    '_rels/.rels': text(
      `${xml}<Relationships xmlns="${packages}/relationships"><Relationship Id="rId1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    ),
    'xl/workbook.xml': text(
      `${xml}<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    ),
    'xl/_rels/workbook.xml.rels': text(
      `${xml}<Relationships xmlns="${packages}/relationships"><Relationship Id="rId1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    ),
    'xl/worksheets/sheet1.xml': text(
      `${xml}<worksheet xmlns="${main}"><sheetData>${sheet}</sheetData></worksheet>`,
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
    expect(await readXlsx(bytes, 'liste.xlsx')).toEqual([
      { line: 1, cells: ['SIRET', 'Mobile'] },
      { line: 3, cells: ['73282932000074', '639980001'] },
    ])
  })

  test('is read back as it was written', async () => {
    const rows = [
      ['Enseigne', 'Mobile'],
      ['L’Épi d’or & fils <SARL>', '06 39 98 00 01'],
      ['', '=1+1'],
    ]
    const read = await readXlsx(await writeXlsx('Adhérents', rows), 'liste.xlsx')
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
