import { type RawBuilder, sql } from 'kysely'
import type { NumberFacet, NumberHealth } from '../contract.ts'
import type { NumberState } from './rules.ts'

/** Number health as the database returns it inside a JSON object, with timestamps as text. */
export interface KnownHealth {
  readonly state: NumberState
  readonly since: string
  readonly deliveredAt: string | null
  readonly notifiedAt: string | null
}

const iso = (at: string) => new Date(at).toISOString()

export function toNumberHealth({ state, since, deliveredAt, notifiedAt }: KnownHealth): NumberHealth {
  return {
    state,
    since: iso(since),
    deliveredAt: deliveredAt === null ? null : iso(deliveredAt),
    notifiedAt: notifiedAt === null ? null : iso(notifiedAt),
  }
}

/**
 * Selects the health of a contact's number, null if nothing is known. @param contact alias of the contact's table in the
 * statement
 */
export function healthOfContact(contact: string): RawBuilder<KnownHealth | null> {
  return sql`(
    select jsonb_build_object('state', h.state, 'since', h.since, 'deliveredAt', h.delivered_at, 'notifiedAt', h.notified_at)
    from number_health h where h.scheme_id = ${sql.ref(`${contact}.schemeId`)} and h.phone = ${sql.ref(`${contact}.mobile`)})`
}

const contactsOf = sql`select from contacts c where c.scheme_id = m.scheme_id and c.member_id = m.id`
const healthIs = (state: NumberState) => sql`exists (
  select from number_health h where h.scheme_id = c.scheme_id and h.phone = c.mobile and h.state = ${sql.lit(state)})`

/** Condition: the yearly question to the number of `contacts c` ended in this state. */
function questionEndedAs(state: 'silent' | 'gone'): RawBuilder<boolean> {
  return sql`exists (
    select from reconfirmations r
    where r.scheme_id = c.scheme_id and r.contact_id = c.id and r.phone = c.mobile and r.state = ${sql.lit(state)})`
}

/** Conditions on `members m`. A dead or doubtful number that no longer receives SMS has been dealt with. */
const facetConditions: Readonly<Record<NumberFacet, RawBuilder<boolean>>> = {
  dead: sql`exists (${contactsOf} and c.sms and ${healthIs('dead')})`,
  doubtful: sql`exists (${contactsOf} and c.sms and (${healthIs('doubtful')} or ${questionEndedAs('silent')}))`,
  gone: sql`exists (${contactsOf} and not c.sms and ${questionEndedAs('gone')})`,
  unreachable: sql`not exists (${contactsOf} and c.sms and not ${healthIs('dead')})`,
  landline: sql`exists (${contactsOf} and is_landline(c.mobile))`,
  shared: sql`exists (${contactsOf} and c.sms and c.shared)`,
}

/**
 * The same conditions, aggregated over the rows of one member: `contacts c` joined with `number_health h` and
 * `reconfirmations r`. To count all members each table is read once; for one page of members `isInFacet` reads only their
 * rows.
 */
export const facetOfJoinedRows: Readonly<Record<NumberFacet, RawBuilder<boolean | null>>> = {
  dead: sql`bool_or(c.sms and h.state = 'dead')`,
  doubtful: sql`bool_or(c.sms and (h.state = 'doubtful' or r.state = 'silent'))`,
  gone: sql`bool_or(not c.sms and r.state = 'gone')`,
  unreachable: sql`bool_or(c.sms and h.state is distinct from 'dead') is not true`,
  landline: sql`bool_or(is_landline(c.mobile))`,
  shared: sql`bool_or(c.sms and c.shared)`,
}

/** Returns the facet as a condition on `members m`. */
export function isInFacet(facet: NumberFacet): RawBuilder<boolean> {
  return facetConditions[facet]
}
