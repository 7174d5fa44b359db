import { type RawBuilder, sql } from 'kysely'
import type { SealedField } from '../../cipher/cipher.ts'
import { markForSearch } from '../../cipher/marked.ts'
import { containsTyped } from './search.ts'

/** SQL: whether a column holds exactly this value, sealed or in clear. */
export function isSealedAs(
  column: RawBuilder<unknown>,
  schemeId: string,
  field: SealedField,
  value: string,
): RawBuilder<boolean> {
  const found = markForSearch(schemeId, field, value)
  return sql`(${column} = ${found} or (starts_with(${column}, 's1.') and starts_with(${column}, ${found})))`
}

/** SQL: whether a column has a value in clear that contains what was typed, as `containsTyped`: what is sealed has no words. */
export function containsInClear(column: RawBuilder<unknown>, typed: string): RawBuilder<boolean> {
  return sql`(not starts_with(${column}, 's1.') and ${containsTyped(column, typed)})`
}
