import { type RawBuilder, sql } from 'kysely'
import type { SealedField } from '../cipher/cipher.ts'
import { findable } from '../cipher/marked.ts'
import { contains } from './search.ts'

/** SQL: whether a column holds exactly this value, sealed or in clear. */
export function isSealedAs(
  column: RawBuilder<unknown>,
  schemeId: string,
  field: SealedField,
  value: string,
): RawBuilder<boolean> {
  const found = findable(schemeId, field, value)
  return sql`(${column} = ${found} or (starts_with(${column}, 's1.') and starts_with(${column}, ${found})))`
}

/** SQL: whether a column has a value in clear that contains what was typed, as `contains`: what is sealed has no words. */
export function containsInClear(column: RawBuilder<unknown>, typed: string): RawBuilder<boolean> {
  return sql`(not starts_with(${column}, 's1.') and ${contains(column, typed)})`
}
