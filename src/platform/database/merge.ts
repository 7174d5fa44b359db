import { type RawBuilder, sql } from 'kysely'
import { type Db, majorVersionOf } from '../db.ts'

/**
 * Ends a MERGE that inserts nothing. It makes the join of source and target an outer join, whose source cannot be the inner
 * side of a nested loop. Whatever PostgreSQL estimates, it then never reads a batch once for each row of the table. UPDATE …
 * FROM does not rule this out: with an estimate of one row, a batch of 1,000 took 1,000,000 comparisons.
 */
export const INSERTS_NOTHING = sql.raw('when not matched and false then insert default values')

/** The parts of an update of the rows that match a row of a batch. */
interface MatchedUpdate {
  /** The table and its alias. */
  readonly table: string
  /** The batch that the table is joined with, and its alias. */
  readonly source: RawBuilder<unknown>
  /**
   * Condition by which a row of the table matches one of the source: by its whole key. PostgreSQL 16 needs columns of the source
   * here, not constants, and a source that it cannot merge into the statement (see `updateMatched`).
   */
  readonly on: RawBuilder<unknown>
  readonly when?: RawBuilder<unknown>
  readonly set: RawBuilder<unknown>
  readonly returning?: RawBuilder<unknown>
}

/**
 * Returns the update of the rows that match a row of a batch, for use in a WITH query or with RETURNING. It is a MERGE that
 * inserts nothing, but on PostgreSQL 16, which has neither of the two for MERGE: there it is UPDATE … FROM. Its join is
 * estimated well when all columns of the key come from a WITH query or a subquery that locks rows: the table alone then
 * counts with the rows that its size says, never with one.
 */
export function updateMatched(db: Db, parts: MatchedUpdate): RawBuilder<unknown> {
  const { source, on, set } = parts
  const table = sql.raw(parts.table)
  const when = parts.when === undefined ? sql`` : sql`and ${parts.when}`
  const returning = parts.returning === undefined ? sql`` : sql`returning ${parts.returning}`
  return majorVersionOf(db) >= 17
    ? sql`merge into ${table} using ${source} on ${on}
      when matched ${when} then update set ${set}
      ${INSERTS_NOTHING}
      ${returning}`
    : sql`update ${table} set ${set} from ${source} where ${on} ${when} ${returning}`
}
