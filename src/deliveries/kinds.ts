import { sql } from 'kysely'
import type { BroadcastKind } from '../schema.ts'

const PERSONAL = ['copy', 'answer', 'code', 'service'] as const satisfies readonly BroadcastKind[]
/**
 * Kinds that are not part of an alert to members: a group is written to about the scheme, a digest reports on past
 * alerts.
 */
const NO_ALERT = [...PERSONAL, 'group', 'digest'] as const satisfies readonly BroadcastKind[]

const listOf = (kinds: readonly BroadcastKind[]) =>
  sql.raw(`(${kinds.map((kind) => `'${kind}'`).join(', ')})`)

/** Kinds of broadcast sent to a person individually, member or not: no departure withdraws them. */
export const PERSONAL_KINDS = listOf(PERSONAL)
/**
 * Kinds that are not messages of an alert to members: statistics do not count them. Same list as in the index
 * `broadcasts_to_tally`.
 */
export const UNCOUNTED_KINDS = listOf(NO_ALERT)
