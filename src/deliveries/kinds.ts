import { sql } from 'kysely'
import type { BroadcastKind } from '../schema.ts'

const PERSONAL = ['copy', 'answer', 'code', 'service'] as const satisfies readonly BroadcastKind[]
/** What is part of no alert to members: a group is written to about the scheme, a digest tells of alerts that are over. */
const NO_ALERT = [...PERSONAL, 'group', 'digest'] as const satisfies readonly BroadcastKind[]

const listOf = (kinds: readonly BroadcastKind[]) =>
  sql.raw(`(${kinds.map((kind) => `'${kind}'`).join(', ')})`)

/** Kinds of broadcast that go to a person as such, whether or not a member: no departure withdraws them. */
export const PERSONAL_KINDS = listOf(PERSONAL)
/** Kinds that are no message of an alert to members: they are not counted in statistics. As the index `broadcasts_to_tally`. */
export const UNCOUNTED_KINDS = listOf(NO_ALERT)
