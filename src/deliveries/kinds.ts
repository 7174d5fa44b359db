import { sql } from 'kysely'

/** Kinds of broadcast that go to a person as such, whether or not a member: no departure withdraws them, none is counted. */
export const PERSONAL_KINDS = sql`('copy', 'answer', 'code', 'service')`
