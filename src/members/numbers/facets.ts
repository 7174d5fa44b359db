import { type RawBuilder, sql } from 'kysely'
import type { NumberFacet, NumberHealth } from '../contract.ts'
import type { NumberState } from './rules.ts'

/** Health as the database gives it inside another row: instants as text. */
export interface KnownHealth {
  readonly state: NumberState
  readonly since: string
  readonly deliveredAt: string | null
  readonly toldAt: string | null
}

const iso = (at: string) => new Date(at).toISOString()

export function viewHealth({ state, since, deliveredAt, toldAt }: KnownHealth): NumberHealth {
  return {
    state,
    since: iso(since),
    deliveredAt: deliveredAt === null ? null : iso(deliveredAt),
    toldAt: toldAt === null ? null : iso(toldAt),
  }
}

/** What is known of the number of a contact, null when nothing is. @param contact how the statement calls it */
export function healthOfContact(contact: string): RawBuilder<KnownHealth | null> {
  return sql`(
    select jsonb_build_object('state', h.state, 'since', h.since, 'deliveredAt', h.delivered_at, 'toldAt', h.told_at)
    from number_health h where h.scheme_id = ${sql.ref(`${contact}.schemeId`)} and h.phone = ${sql.ref(`${contact}.mobile`)})`
}

const contactsOf = sql`select from contacts c where c.scheme_id = m.scheme_id and c.member_id = m.id`
const healthIs = (state: NumberState) => sql`exists (
  select from number_health h where h.scheme_id = c.scheme_id and h.phone = c.mobile and h.state = ${sql.lit(state)})`

/** What came of the yearly question to the number of `contacts c`. */
function saidOf(state: 'silent' | 'gone'): RawBuilder<boolean> {
  return sql`exists (
    select from reconfirmations r
    where r.scheme_id = c.scheme_id and r.contact_id = c.id and r.phone = c.mobile and r.state = ${sql.lit(state)})`
}

/** A dead or doubtful number that gets no SMS any more has been dealt with. */
const conditions: Readonly<Record<NumberFacet, RawBuilder<boolean>>> = {
  dead: sql`exists (${contactsOf} and c.sms and ${healthIs('dead')})`,
  doubtful: sql`exists (${contactsOf} and c.sms and (${healthIs('doubtful')} or ${saidOf('silent')}))`,
  gone: sql`exists (${contactsOf} and not c.sms and ${saidOf('gone')})`,
  unreachable: sql`not exists (${contactsOf} and c.sms and not ${healthIs('dead')})`,
  landline: sql`exists (${contactsOf} and is_landline(c.mobile))`,
  shared: sql`exists (${contactsOf} and c.sms and c.shared)`,
}

/**
 * The same conditions over the rows of one member: `contacts c` beside `number_health h` and `reconfirmations r` of their numbers.
 * To count all members, each table is read once; for a page of them, `isInFacet` looks at those alone.
 */
export const facetOfRows: Readonly<Record<NumberFacet, RawBuilder<boolean | null>>> = {
  dead: sql`bool_or(c.sms and h.state = 'dead')`,
  doubtful: sql`bool_or(c.sms and (h.state = 'doubtful' or r.state = 'silent'))`,
  gone: sql`bool_or(not c.sms and r.state = 'gone')`,
  unreachable: sql`bool_or(c.sms and h.state is distinct from 'dead') is not true`,
  landline: sql`bool_or(is_landline(c.mobile))`,
  shared: sql`bool_or(c.sms and c.shared)`,
}

/** A condition on `members m`. */
export function isInFacet(facet: NumberFacet): RawBuilder<boolean> {
  return conditions[facet]
}
