import { setTimeout as sleep } from 'node:timers/promises'
import { type RawBuilder, sql } from 'kysely'
import type { Cipher, SealedField } from '../cipher/cipher.ts'
import { createMarkedValues, keysIn, type MarkedValues, markForSealing } from '../cipher/marked.ts'
import { createPseudonyms, type Pseudonyms } from '../cipher/pseudonyms.ts'
import { AS_STORED } from '../platform/database/client.ts'
import { acrossSchemes, type Db } from '../platform/db.ts'
import type { Schema } from '../schema.ts'

/** A column whose values are sealed, so that replacing the key seals them anew. */
export interface SealedColumn {
  readonly table: keyof Schema
  /** Name of the column in SQL. */
  readonly column: string
  readonly field: SealedField
  /** The column with the scheme, when it is not `scheme_id`. */
  readonly scheme?: string
  /** The keys of a JSON object whose texts are sealed; `all`: every text; `whole`: the value as one, by `markJsonForSealing`. */
  readonly json?: readonly string[] | 'all' | 'whole'
  /** Condition for the rows that are sealed; by default every one with a value. */
  readonly only?: RawBuilder<unknown>
}

/** Values of a column by the key that sealed them; `clear`: not sealed yet. */
export type SealedCounts = Readonly<Record<string, number>>

/** Values read and written by one statement. */
const PAGE = 500
/** Maximum number of tries for rows that other transactions hold, and the time between two of them. */
const MAX_TRIES = 50
const RETRY_EVERY_MS = 200

interface StoredRow {
  readonly at: string
  readonly scheme: string
  readonly stored: string
}

/**
 * Reads the values of a column as they are stored, page by page.
 * @param after the place of the last row of the page before
 */
async function readPage(db: Db, one: SealedColumn, after: string): Promise<StoredRow[]> {
  const { rows } = await acrossSchemes(db, (tx) =>
    sql<StoredRow>`${AS_STORED} select ctid::text as at, ${sql.ref(one.scheme ?? 'scheme_id')} as scheme,
        ${sql.ref(one.column)}::text as stored
      from ${sql.table(one.table)}
      where ctid > ${after}::tid and ${sql.ref(one.column)}::text <> ''
        and (strpos(${sql.ref(one.column)}::text, '.e1.') > 0 or ${one.only ?? sql`true`})
      order by ctid limit ${PAGE}`.execute(tx),
  )
  return rows
}

async function* pagesOf(db: Db, one: SealedColumn): AsyncGenerator<StoredRow[]> {
  let after = '(0,0)'
  for (;;) {
    const rows = await readPage(db, one, after)
    if (rows.length > 0) yield rows
    if (rows.length < PAGE) return
    after = rows.at(-1)?.at ?? after
  }
}

/** Counts the values of each column by the key that sealed them. */
export async function countSealed(
  db: Db,
  columns: readonly SealedColumn[],
): Promise<{ readonly column: string; readonly counts: SealedCounts }[]> {
  const found: { column: string; counts: SealedCounts }[] = []
  for (const one of columns) {
    const counts: Record<string, number> = {}
    for await (const rows of pagesOf(db, one)) {
      for (const { stored } of rows) {
        const keys = new Set(keysIn(stored))
        if (keys.size === 0 && (one.json === undefined || one.json === 'whole')) keys.add('clear')
        for (const key of keys) counts[key] = (counts[key] ?? 0) + 1
      }
    }
    found.push({ column: `${one.table}.${one.column}`, counts })
  }
  return found
}

/**
 * Seals with the current key what is in clear or sealed with an earlier key, while the installation works: each page is a statement of
 * its own, which waits for nobody. Rows that others hold or changed meanwhile are looked at again. It can be stopped and run again.
 * @returns how many values were sealed
 */
export async function sealAnew(db: Db, cipher: Cipher, columns: readonly SealedColumn[]): Promise<number> {
  if (cipher.currentKey === undefined) return 0
  let count = 0
  for (const one of columns) {
    for (let looks = 0; looks < MAX_TRIES; looks++) {
      if (looks > 0) await sleep(RETRY_EVERY_MS)
      const { sealed: written, left } = await sealColumn(db, cipher, one)
      count += written
      if (left === 0) break
    }
  }
  return count
}

/** @returns how many values were sealed, and how many were left since others held or changed them */
async function sealColumn(
  db: Db,
  cipher: Cipher,
  one: SealedColumn,
): Promise<{ readonly sealed: number; readonly left: number }> {
  const values = createMarkedValues(cipher)
  const pseudonyms = createPseudonyms(cipher)
  let count = 0
  let left = 0
  for await (const rows of pagesOf(db, one)) {
    const learned = await learnNumbers(db, pseudonyms, rows)
    const clearOf = (text: string) => {
      const cell = { text }
      pseudonyms.restore([cell], learned)
      return cell.text
    }
    const due = rows.flatMap((row) => {
      const keys = keysIn(row.stored)
      if (keys.length > 0 && keys.every((key) => key === cipher.currentKey)) return []
      const written = sealedAnew(values, one, row, clearOf)
      return written === row.stored ? [] : [{ ...row, written }]
    })
    if (due.length === 0) continue
    const { numAffectedRows } = await acrossSchemes(db, (tx) =>
      sql`${AS_STORED} with free as (
            select ctid as at from ${sql.table(one.table)} where ctid = any (${due.map(({ at }) => at)}::tid[])
            for update skip locked
          )
          update ${sql.table(one.table)} t
          set ${sql.ref(one.column)} = n.written::${one.json === undefined ? sql`text` : sql`jsonb`}
          from free f, unnest(${due.map(({ at }) => at)}::text[], ${due.map(({ stored }) => stored)}::text[],
            ${due.map(({ written }) => written)}::text[]) as n (at, stored, written)
          where t.ctid = f.at and f.at = n.at::tid and t.${sql.ref(one.column)}::text = n.stored`.execute(tx),
    )
    count += Number(numAffectedRows ?? 0n)
    left += due.length - Number(numAffectedRows ?? 0n)
  }
  return { sealed: count, left }
}

/** Opens the numbers whose pseudonyms a page has: the first encryption gave them to values that are sealed in their columns later. */
async function learnNumbers(
  db: Db,
  pseudonyms: Pseudonyms,
  rows: readonly StoredRow[],
): Promise<Map<string, string>> {
  const names = pseudonyms.restore(rows.map(({ stored }) => ({ stored })))
  if (names.size === 0) return new Map()
  const { rows: kept } = await acrossSchemes(db, (tx) =>
    sql<{ pseudonym: string; sealed: string }>`${AS_STORED}
      select pseudonym, sealed from sealed_numbers(${[...names]})`.execute(tx),
  )
  return pseudonyms.learnNumbers(names, new Map(kept.map((row) => [row.pseudonym, row.sealed])))
}

/** @param clearOf puts numbers in the place of pseudonyms */
function sealedAnew(
  values: MarkedValues,
  one: SealedColumn,
  { scheme, stored }: StoredRow,
  clearOf: (text: string) => string,
): string {
  if (keysIn(stored).length > 0) return values.sealAnew(stored)
  const seal = (text: string) => String(values.seal(markForSealing(scheme, one.field, clearOf(text))))
  if (one.json === undefined) return seal(stored)
  if (one.json === 'whole') return JSON.stringify(seal(stored[0] === '"' ? JSON.parse(stored) : stored))
  const content: Record<string, unknown> = JSON.parse(stored)
  const entries = Object.entries(content)
  const isSealed = (name: string) => one.json === 'all' || one.json?.includes(name) === true
  if (!entries.some(([name, value]) => typeof value === 'string' && isSealed(name))) return stored
  return JSON.stringify(
    Object.fromEntries(
      entries.map(([name, value]) => [
        name,
        typeof value === 'string' && isSealed(name) ? seal(value) : value,
      ]),
    ),
  )
}
