import { type RawBuilder, sql } from 'kysely'

/** Rows of any schemes, as a subquery to compare (scheme_id, id) with. */
export function pairs(
  rows: readonly { readonly schemeId: string; readonly id: string }[],
): RawBuilder<unknown> {
  return sql`(select * from unnest(${rows.map((row) => row.schemeId)}::text[], ${rows.map((row) => row.id)}::uuid[]))`
}
