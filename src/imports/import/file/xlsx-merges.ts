import { XMLParser } from 'fast-xml-parser'
import { hasAmount } from '../cells/paid.ts'

/** Cells of one column that a sheet shows as one; only the first has a value. Rows and columns are counted from 0. */
export interface MergedCells {
  readonly column: number
  readonly first: number
  readonly last: number
}

/** Entities are not replaced: nothing that is read here needs them. */
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '',
  removeNSPrefix: true,
  processEntities: false,
  isArray: (name) => name === 'sheet' || name === 'Relationship',
})

const MERGED = /<(?:\w+:)?mergeCell\s[^>]*\bref="([A-Z]{1,3})(\d{1,7}):[A-Z]{1,3}(\d{1,7})"/g

/**
 * Lists the cells of a sheet that are merged over several rows (`mergeCell`, ECMA-376 part 1, 18.3.1.55).
 * @param parts the files of the workbook by path
 * @param position of the sheet among those of the workbook, from 0
 */
export function listMergedCells(
  parts: Readonly<Record<string, Uint8Array>>,
  position: number,
): MergedCells[] {
  const path = pathOfSheet(parts, position)
  const part = path === undefined ? undefined : parts[path]
  if (part === undefined) return []
  const sheet = Buffer.from(part.buffer, part.byteOffset, part.byteLength)
  // They follow the rows, which may be a hundred megabytes.
  const end = sheet.toString('utf8', Math.max(0, sheet.lastIndexOf('sheetData>')))
  return [...end.matchAll(MERGED)].flatMap(([, letters = '', from, to]) =>
    from === to ? [] : [{ column: columnOf(letters), first: Number(from) - 1, last: Number(to) - 1 }],
  )
}

/**
 * Gives the value of merged cells to each of their rows, since the sheet shows it beside each. A row that is empty otherwise stays
 * empty: it belongs to a title over several rows, or to nothing. An amount is not repeated, since it may be that of all rows.
 */
export function fillMergedCells(
  data: readonly (readonly unknown[])[],
  merged: readonly MergedCells[],
): readonly (readonly unknown[])[] {
  if (merged.length === 0) return data
  const filled = data.map((row) => [...row])
  for (const { column, first, last } of merged) {
    const value = data[first]?.[column]
    if (isEmpty(value) || hasAmount(String(value))) continue
    for (let row = first + 1; row <= Math.min(last, data.length - 1); row++) {
      const cells = filled[row]
      if (cells && isEmpty(cells[column]) && !data[row]?.every(isEmpty)) cells[column] = value
    }
  }
  return filled
}

const isEmpty = (value: unknown) => value === null || value === undefined || value === ''

function pathOfSheet(parts: Readonly<Record<string, Uint8Array>>, position: number): string | undefined {
  const book = parse(parts['xl/workbook.xml'])?.workbook?.sheets?.sheet?.[position]
  const files = parse(parts['xl/_rels/workbook.xml.rels'])?.Relationships?.Relationship
  const target = files?.find(({ Id }) => Id === book?.id)?.Target
  return target?.startsWith('/') ? target.slice(1) : target && `xl/${target}`
}

interface Parsed {
  readonly workbook?: { readonly sheets?: { readonly sheet?: readonly { readonly id?: string }[] } }
  readonly Relationships?: {
    readonly Relationship?: readonly { readonly Id?: string; readonly Target?: string }[]
  }
}

function parse(part: Uint8Array | undefined): Parsed | undefined {
  return part && (parser.parse(new TextDecoder().decode(part)) as Parsed)
}

/** Returns the position of a column by its letters: A is 0, Z is 25, AA is 26. */
function columnOf(letters: string): number {
  return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1
}
