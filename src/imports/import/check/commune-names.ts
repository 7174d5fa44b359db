import { communeKey, parseInseeCode, parsePostalCode } from '../../../members/rules.ts'
import { splitAddress, splitCommuneCell } from '../cells/communes.ts'
import type { Columns } from '../columns/columns.ts'
import type { BusinessField } from '../columns/fields.ts'
import type { TableRow } from '../file/table.ts'

/** Collects every commune that some row may refer to. */
export class CommuneNames {
  readonly #columns: Columns
  readonly #codes = new Set<string>()
  readonly #names = new Set<string>()
  readonly #postalCodes = new Set<string>()
  constructor(columns: Columns) {
    this.#columns = columns
  }

  add(rows: readonly TableRow[]): void {
    const { business } = this.#columns
    const hasOwn = [business.insee, business.postalCode, business.commune].some((one) => one !== undefined)
    for (const { cells } of rows) {
      const cell = (field: BusinessField) => (cells[business[field] ?? -1] ?? '').trim()
      this.#take(this.#codes, parseInseeCode(cell('insee')))
      this.#take(this.#postalCodes, parsePostalCode(cell('postalCode')))
      const { name, code } = splitCommuneCell(
        hasOwn ? cell('commune') : splitAddress(cell('address')).commune,
      )
      this.#take(this.#names, communeKey(name))
      this.#take(this.#codes, code)
      this.#take(this.#postalCodes, code)
    }
  }

  #take(into: Set<string>, found: string | undefined): void {
    if (found !== undefined && found !== '') into.add(found)
  }

  all(): { codes: string[]; names: string[]; postalCodes: string[] } {
    return { codes: [...this.#codes], names: [...this.#names], postalCodes: [...this.#postalCodes] }
  }
}
