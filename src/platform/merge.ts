import { sql } from 'kysely'

/**
 * Ends a MERGE that inserts nothing. It makes the join of source and target an outer join, whose source cannot be the inner
 * side of a nested loop. Whatever PostgreSQL estimates, it then never reads a batch once for each row of the table. UPDATE …
 * FROM does not rule this out: with an estimate of one row, a batch of 1,000 took 1,000,000 comparisons.
 */
export const INSERTS_NOTHING = sql.raw('when not matched and false then insert default values')
