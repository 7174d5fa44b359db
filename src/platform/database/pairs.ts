import { type RawBuilder, sql } from 'kysely'

/** The key of a row of any scheme. */
export interface SchemeRow {
  readonly schemeId: string
  readonly id: string
}

/** Returns rows of any schemes as a subquery to compare (scheme_id, id) with. */
export function rowKeysSql(rows: readonly SchemeRow[]): RawBuilder<unknown> {
  return sql`(select * from unnest(${rows.map((row) => row.schemeId)}::text[], ${rows.map((row) => row.id)}::uuid[]))`
}
