import { type RawBuilder, sql } from 'kysely'
import type { SealedField } from '../cipher/cipher.ts'
import { findable } from '../cipher/marked.ts'

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
