import type { ImportRemark } from '../../../members/contract.ts'
import type { Steps } from '../turns.ts'
import { createRemark, numberKeys, type RowKeys } from './keys.ts'

/**
 * Finds, in steps, rows that repeat a business: the same SIRET, or the same number, name and commune. Each is reported from its second
 * occurrence.
 */
export function* findDuplicates(rows: readonly RowKeys[]): Steps<Map<number, ImportRemark>> {
  const found = new Map<number, ImportRemark>()
  const seen = new SeenRows()
  for (const row of rows) {
    yield
    const remark = seen.findRepeated(row)
    if (remark !== undefined) found.set(row.line, remark)
    seen.add(row)
  }
  return found
}

/** The rows so far, by what identifies a business; of several alike, the first. */
class SeenRows {
  readonly #bySiret = new Map<string, RowKeys>()
  readonly #byNumber = new Map<string, RowKeys>()
  /** Only rows without SIRET: one with another SIRET is another business. */
  readonly #byNumberAlone = new Map<string, RowKeys>()

  /** Returns the remark about a row whose business an earlier row names; undefined if none does. */
  findRepeated(row: RowKeys): ImportRemark | undefined {
    const sameSiret = row.siret === null ? undefined : this.#bySiret.get(row.siret)
    if (sameSiret !== undefined) return createRemark(row, 'import.duplicate_siret', { other: sameSiret.line })
    const known = row.siret === null ? this.#byNumber : this.#byNumberAlone
    const samePhone = numberKeys(row)
      .map((key) => known.get(key))
      .find((other) => other !== undefined)
    return samePhone && createRemark(row, 'import.duplicate_phone', { other: samePhone.line })
  }

  add(row: RowKeys): void {
    if (row.siret !== null) addFirst(this.#bySiret, row.siret, row)
    for (const key of numberKeys(row)) {
      addFirst(this.#byNumber, key, row)
      if (row.siret === null) addFirst(this.#byNumberAlone, key, row)
    }
  }
}

function addFirst(rows: Map<string, RowKeys>, key: string, row: RowKeys): void {
  if (!rows.has(key)) rows.set(key, row)
}
