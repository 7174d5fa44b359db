import { type RawBuilder, sql } from 'kysely'
import { endingOf } from '../../cipher/pseudonyms.ts'
import type { Deps } from '../../deps.ts'
import { DAY_MS } from '../../message/clock.ts'
import { LEAVE_UNREADABLE } from '../../platform/database/client.ts'
import type { Db } from '../../platform/db.ts'
import type { DeliveryState } from '../../schema.ts'
import type { Lane } from '../lanes.ts'
import { NATIONAL_DIGITS } from './message-ids.ts'

interface LedgerRow {
  readonly schemeId: string
  readonly id: string
  readonly alertId: string | null
  readonly lane: Lane
  readonly no: number
  readonly phone: string
  readonly state: DeliveryState
  readonly parts: number
  readonly deliveredIds: readonly string[] | null
}
/** A delivery accepted by the provider, one row per id. */
export interface AcceptedRow extends LedgerRow {
  readonly gateway: string
  readonly messageIds: readonly string[]
  readonly messageId: string
  readonly acceptedAt: Date | null
}
/** A delivery that may have left, to a phone named in receipts. */
export interface SentRow extends LedgerRow {
  readonly gateway: string | null
  readonly orderedAt: Date
  /** `unanswered`: its answer is lost or gave no id; `inFlight`: its answer may still come; `answered`: it has ids. */
  readonly answer: 'unanswered' | 'inFlight' | 'answered'
}
/** Time for which a receipt may correct an expiry. */
const EXPIRED_MS = 3 * DAY_MS
type LookupDeps = Pick<Deps, 'db' | 'now'>

/** Lists deliveries waiting for their receipts, and those of broadcasts that ended less than `overMs` ago. */
export function findAccepted(deps: LookupDeps, overMs: number, limit: number): Promise<AcceptedRow[]> {
  return readAccepted(deps, sql`m.state = 'accepted'`, overMs, limit)
}

/**
 * Lists deliveries by the provider's ids, whatever their state.
 * @param plainForms results of `plainFormsOf` for these ids
 */
export function findByIds(
  deps: LookupDeps,
  plainForms: readonly string[],
  overMs: number,
  limit: number,
): Promise<AcceptedRow[]> {
  return readAccepted(deps, sql`ltrim(lower(m.message_id), '0') = any (${plainForms}::text[])`, overMs, limit)
}

async function readAccepted(
  { db, now }: LookupDeps,
  condition: RawBuilder<unknown>,
  overMs: number,
  limit: number,
): Promise<AcceptedRow[]> {
  const { rows } = await sql<AcceptedRow>`${LEAVE_UNREADABLE}
    select m.scheme_id, m.id, m.alert_id, m.lane, m.no, m.phone, m.gateway, m.parts, m.delivered_ids, m.message_ids, m.message_id, m.state, m.accepted_at
    from (
      select b.scheme_id, b.id, b.alert_id, b.lane, b.ordered_at, d.no, d.phone, d.gateway, b.parts, d.delivered_ids, d.state, d.accepted_at,
        string_to_array(d.message_ids, ' ') as message_ids, unnest(string_to_array(d.message_ids, ' ')) as message_id
      from broadcasts b join deliveries d on d.scheme_id = b.scheme_id and d.broadcast_id = b.id
      -- Includes broadcasts that ended recently: a provider repeats receipts whose acknowledgement it missed.
      where b.state <> 'done' or b.done_at > ${new Date(now().getTime() - overMs)}
        or d.state = 'expired' and b.expired > 0 and b.done_at > ${new Date(now().getTime() - EXPIRED_MS)}
    ) m
    where ${condition}
    order by m.ordered_at desc limit ${limit}`.execute(db)
  return rows
}

/**
 * Lists deliveries to these phones that may have left and have not arrived.
 * @param phones as written in receipts: a national number may match deliveries to phones with the same end
 */
export async function findSent(db: Db, phones: readonly string[]): Promise<SentRow[]> {
  const national = phones.filter((phone) => !phone.startsWith('+'))
  const ends = [...new Set(national.map((phone) => phone.slice(-NATIONAL_DIGITS)))]
  const { rows } = await sql<SentRow>`${LEAVE_UNREADABLE}
    select b.scheme_id, b.id, b.alert_id, b.lane, b.parts, b.ordered_at, d.no, d.phone, d.gateway, d.state, d.delivered_ids,
      case when d.state = 'accepted' and d.message_ids is not null then 'answered'
        when d.state = 'planned' and not d.possible_duplicate then 'inFlight' else 'unanswered' end as answer
    from broadcasts b join deliveries d on d.scheme_id = b.scheme_id and d.broadcast_id = b.id
    where b.state <> 'done'
      and (d.phone = any (${phones}::text[]) or right(d.phone, ${NATIONAL_DIGITS}::int) = any (${ends}::text[])
        or d.phone = any (array(select numbers_ending(e) from unnest(${ends.map(endingOf)}::text[]) e)))
      and (d.state in ('in_doubt', 'accepted')
        or d.state = 'planned' and (d.possible_duplicate or exists (
          select from delivery_chunks c
          where c.scheme_id = d.scheme_id and c.broadcast_id = d.broadcast_id and c.state = 'claimed'
            and d.no between c.first_no and c.last_no)))`.execute(db)
  return rows
}
