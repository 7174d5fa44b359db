import type { ImportRemark } from '../../../members/contract.ts'
import type { MemberStatus } from '../../../schema.ts'
import type { MemberRow } from '../check/row.ts'

/** The data that identifies the member of a row, its duplicates and its conflicts: all that is kept of every row at once. */
export interface RowKeys {
  readonly line: number
  readonly siret: string | null
  readonly phones: readonly string[]
  readonly searchName: string
  readonly communeCode: string
  readonly trade: string
  readonly address: string | null
  readonly status: MemberStatus | null
}

export function keysOf({ line, siret, searchName, communeCode, trade, address, ...row }: MemberRow): RowKeys {
  const phones = row.contacts.map(({ phone }) => phone.e164)
  return { line, siret, searchName, communeCode, trade, address, status: row.status, phones }
}

/** Makes a problem or a warning about a row. */
export function createRemark(row: RowKeys, code: string, values: ImportRemark['values'] = {}): ImportRemark {
  return { line: row.line, column: null, index: null, code, value: null, values }
}

/** Combines the name and commune of a row or a member. */
export function placeKey(row: { readonly searchName: string; readonly communeCode: string }): string {
  return `${row.communeCode} ${row.searchName}`
}

/** Returns the numbers of a row or a member, each combined with its name and commune. */
export function numberKeys(of: Pick<RowKeys, 'phones' | 'searchName' | 'communeCode'>): string[] {
  return of.phones.map((phone) => `${phone} ${placeKey(of)}`)
}

/** Different SIRETs are different businesses, whatever else they share. */
export function haveDistinctSirets(
  a: { readonly siret: string | null },
  b: { readonly siret: string | null },
): boolean {
  return a.siret !== null && b.siret !== null && a.siret !== b.siret
}
