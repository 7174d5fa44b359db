import { type RawBuilder, sql } from 'kysely'
import { markForSealing } from '../../cipher/marked.ts'
import type { Deps } from '../../deps.ts'
import { markPlaceIn } from '../../message/mark.ts'
import type { Segmentation } from '../../message/segment.ts'
import { PREPARED } from '../../platform/database/client.ts'
import type { Tx } from '../../platform/db.ts'
import { traceOrder } from '../../platform/telemetry/tracing.ts'
import type { BroadcastKind } from '../../schema.ts'
import type { ContentLevel } from '../../schemes/doctrine.ts'
import type { GatewayContract } from '../gateway.ts'
import type { Lane } from '../lanes.ts'
import { markKeyFrom } from '../marks.ts'
import { mayHaveArrived } from '../settle/arrival.ts'
import type { FreshBroadcast } from '../store.ts'
import type { RunningBroadcast } from './planned.ts'

/** One row per distinct phone, in sending order. */
export interface PlannedRecipient {
  contactId: string
  memberId: string
  phone: string
  communeCode: string
  trade: string
}

export interface BroadcastPlan {
  readonly schemeId: string
  /** Null: the message belongs to no alert. */
  readonly alertId: string | null
  /** The report whose caller is answered. */
  readonly reportId?: string
  readonly kind: BroadcastKind
  /** Content level of its text, where it differs from that of the alert. */
  readonly level?: ContentLevel
  /** Whether its text may identify a person; it is then stored sealed. */
  readonly isPrecise?: boolean
  /**
   * The one-time code put at CODE_PLACE for its only recipient, and the fingerprint of the secret it is derived from.
   */
  readonly code?: { readonly id: string; readonly key: string }
  /** Idempotency key of the caller: a second order with it breaks a unique index. */
  readonly orderKey?: string
  readonly segmentation: Segmentation
  readonly sender: string
  readonly lane: Lane
  readonly simulated: boolean
  readonly validUntil: Date
  /** Earliest time of sending; absent: at once. */
  readonly notBefore?: Date
  readonly orderedBy: string
  /** Hash of the ordered content of an alert; absent: the text is not such content. */
  readonly contentHash?: string
  /**
   * A SELECT of the columns contact_id, member_id, phone, commune_code, trade: the audience, each phone once. It runs
   * inside this transaction, so under the row-level security of the scheme.
   *
   * For a follow-up, the broadcasts that it follows.
   */
  readonly recipients: RawBuilder<PlannedRecipient> | Following
  /**
   * True when the best plan for its recipients depends on no value, so that a connection may keep it; default false.
   */
  readonly keepsPlan?: boolean
  /** Other writes of the same operation that run within the same statement: `name as (update …)`. */
  readonly alongside?: readonly RawBuilder<unknown>[]
}

/** The recipients of a follow-up: those who got or may have got a broadcast, at their current numbers. */
export interface Following {
  /** The first broadcast of the alert, which they got. */
  readonly first: string
  /** The last broadcast of the alert: each recipient gets the follow-up after it, and so after all earlier ones. */
  readonly after: string
  /** A condition on the delivery `d` of the first, false when no contact takes messages on its number any more. */
  readonly isStillRecipient: RawBuilder<boolean>
  /** An expression on the delivery `d` of the first: the corrected number of its contact; null: none. */
  readonly movedTo: RawBuilder<string | null>
}

/**
 * Deliveries per chunk: an eighth of the smallest window of the gateways, or of their parts per second. So several
 * chunks are in progress at once, even where workers share the window, and the claimed deliveries, which a crash puts
 * in doubt, fit in it.
 */
export function chunkSizeFor(contracts: readonly GatewayContract[]): number {
  const narrowest = Math.min(
    ...contracts.map(({ window, partsPerSecond }) => Math.min(window, partsPerSecond ?? window)),
  )
  return Math.min(500, Math.max(1, Math.floor(narrowest / 8)))
}

/** The first chunk of a broadcast is smaller, so that of many ordered at once each starts early. */
export const FIRST_CHUNK = 20

/** A broadcast as it was planned. */
export interface PlannedBroadcast {
  readonly broadcastId: string
  /** Number of its recipients. */
  readonly planned: number
  readonly broadcast: FreshBroadcast
  /** Its columns for the dispatcher; undefined for a follow-up, whose marks are those of the first broadcast. */
  readonly running: RunningBroadcast | undefined
}

/**
 * Writes a broadcast in the caller's transaction, in one statement: the approved text, the snapshot of its audience as
 * one delivery per recipient, and the chunks to claim; notifies the workers. Nothing is sent before the transaction
 * commits.
 * @returns the planned broadcast; without a recipient only the broadcast row is written, so refuse it.
 */
export async function planBroadcast(
  tx: Tx,
  deps: Pick<Deps, 'config' | 'newId' | 'now'>,
  plan: BroadcastPlan,
): Promise<PlannedBroadcast> {
  const { schemeId, segmentation, notBefore = null } = plan
  const id = deps.newId()
  const chunkSize = chunkSizeFor(
    deps.config.gateways.filter((gateway) => gateway.simulated === plan.simulated),
  )
  const firstSize = Math.min(FIRST_CHUNK, chunkSize)
  const following = 'after' in plan.recipients ? plan.recipients : undefined
  const text = segmentation.parts.join('')
  const broadcast = {
    id,
    alertId: plan.alertId,
    kind: plan.kind,
    level: plan.level ?? null,
    orderKey: plan.orderKey ?? null,
    text,
    parts: segmentation.parts.length,
    sender: plan.sender,
    orderedAt: deps.now(),
    orderedBy: plan.orderedBy,
    contentHash: plan.contentHash ?? null,
    afterBroadcastId: following?.after ?? null,
  }
  const place = markPlaceIn(text)
  const mark =
    place === undefined ? { key: null, at: null } : { key: `${markKeyFrom(deps.newId())}`, at: place }
  const { rows } = await sql<{ planned: number }>`${plan.keepsPlan === true ? PREPARED : sql``}
    with planned as (
      insert into deliveries (scheme_id, broadcast_id, no, contact_id, member_id, phone, commune_code, trade)
      ${following === undefined ? numbered(schemeId, id, plan.recipients as RawBuilder<PlannedRecipient>) : numberedAs(schemeId, id, following)}
      returning ${following === undefined ? sql`1` : sql`no`}
    ), counted as (
      select count(*)::int as planned, ${following === undefined ? sql`count(*)::int` : sql`max(no)`} as last from planned
    ), chunks as (
      insert into delivery_chunks (scheme_id, broadcast_id, first_no, last_no, not_before)
      select ${schemeId}, ${id}::uuid, first_no, least(last_no, last), ${notBefore}::timestamptz
      from (
        select 1 as first_no, ${firstSize}::int as last_no, last from counted
        union all
        select no, no + ${chunkSize}::int - 1, last
        from (select generate_series(${firstSize}::int + 1, last, ${chunkSize}::int) as no, last from counted) as next
      ) as cut
      where first_no <= last
    ), broadcast as (
      insert into broadcasts (scheme_id, id, alert_id, report_id, kind, level, order_key, text, encoding, parts, sender,
        lane, simulated, state, valid_until, ordered_at, ordered_by, content_hash, code_id, code_key, after_broadcast_id,
        mark_key, mark_at, planned)
      select ${schemeId}, ${id}::uuid, ${broadcast.alertId}::uuid, ${plan.reportId ?? null}::uuid, ${broadcast.kind}::text,
        ${broadcast.level}::text, ${broadcast.orderKey}::uuid, ${plan.isPrecise === true ? markForSealing(schemeId, 'text', text) : text}::text, ${segmentation.encoding}::text,
        ${broadcast.parts}::smallint, ${broadcast.sender}::text, ${plan.lane}::text, ${plan.simulated}::boolean, 'running',
        ${plan.validUntil}::timestamptz, ${broadcast.orderedAt}::timestamptz, ${broadcast.orderedBy}::text,
        ${broadcast.contentHash}::text, ${plan.code?.id ?? null}::uuid, ${plan.code?.key ?? null}::text,
        ${broadcast.afterBroadcastId}::uuid, ${markKeyOf(schemeId, mark.key, following)}, ${mark.at}::integer, planned
      from counted
    )${sql.join(
      (plan.alongside ?? []).map((write) => sql`, ${write}`),
      sql``,
    )}
    -- Notifies every worker once the transaction commits.
    select planned, pg_notify(${DISPATCH_CHANNEL}, ${`${schemeId} ${id}`}) from counted`.execute(tx)
  const planned = rows[0]?.planned ?? 0
  const { kind, lane, simulated } = plan
  traceOrder(id, broadcast.orderedAt, { scheme: schemeId, kind, lane, simulated, planned })
  return {
    broadcastId: id,
    planned,
    broadcast: { ...broadcast, planned },
    running:
      following === undefined
        ? {
            ...broadcast,
            schemeId,
            lane,
            simulated,
            validUntil: plan.validUntil,
            markKey: mark.key,
            markAt: mark.at,
            codeId: plan.code?.id ?? null,
            codeKey: plan.code?.key ?? null,
          }
        : undefined,
  }
}

/**
 * Returns the key of the recipients' marks, for a text with a place for them. A follow-up keeps the numbering of the first
 * broadcast, and so its marks.
 */
function markKeyOf(
  schemeId: string,
  own: string | null,
  following: Following | undefined,
): RawBuilder<unknown> {
  if (own === null || following === undefined) return sql`${own}::bigint`
  const first = sql`select mark_key from broadcasts where scheme_id = ${schemeId} and id = ${following.first}::uuid`
  return sql`coalesce((${first}), ${own}::bigint)`
}

/** Notifies workers of a scheme and broadcast to send, as "ac63 01994f…". */
export const DISPATCH_CHANNEL = 'tocsin_dispatch'

function numbered(
  schemeId: string,
  broadcastId: string,
  recipients: RawBuilder<PlannedRecipient>,
): RawBuilder<unknown> {
  return sql`
    select ${schemeId}, ${broadcastId}::uuid, row_number() over (), a.contact_id, a.member_id, a.phone, a.commune_code, a.trade
    from (${recipients}) a`
}

/**
 * Selects the recipients of a follow-up, each number once. A contact whose number was corrected is reached at the new
 * one. When another contact still takes messages on the old number, both are reached: the moved contact is numbered
 * after all others, the same in each follow-up.
 */
function numberedAs(schemeId: string, broadcastId: string, following: Following): RawBuilder<unknown> {
  return sql`
    with ${reachedBy(schemeId, following)}
    select ${schemeId}, ${broadcastId}::uuid, no, contact_id, member_id, phone, commune_code, trade from reached where stays
    union all
    select ${schemeId}, ${broadcastId}::uuid,
      case when stays then no + (select max(no) from deliveries where scheme_id = ${schemeId} and broadcast_id = ${following.first}::uuid)
        else no end,
      contact_id, member_id, moved_to, commune_code, trade
    from moved`
}

/**
 * Common table expressions of a follow-up: `reached`, the deliveries of the first that may have arrived, and `moved`,
 * those redirected to a corrected number that gets no other copy.
 */
function reachedBy(
  schemeId: string,
  { first, isStillRecipient, movedTo }: Pick<Following, 'first' | 'isStillRecipient' | 'movedTo'>,
): RawBuilder<unknown> {
  return sql`reached as materialized (
      select d.no, d.contact_id, d.member_id, d.phone, d.commune_code, d.trade, ${isStillRecipient} as stays, ${movedTo} as moved_to
      from deliveries d join broadcasts f on f.scheme_id = d.scheme_id and f.id = d.broadcast_id
      where d.scheme_id = ${schemeId} and d.broadcast_id = ${first}::uuid and ${mayHaveArrived()}
    ), moved as (
      select distinct on (moved_to) * from reached
      where moved_to is not null and moved_to not in (select phone from reached where stays)
      order by moved_to, no
    )`
}

/** Counts the current recipients of a follow-up, and those who got the first message and left the scheme since. */
export async function countFollowing(
  tx: Tx,
  schemeId: string,
  following: Pick<Following, 'first' | 'isStillRecipient' | 'movedTo'>,
): Promise<{ recipients: number; left: number }> {
  const { rows } = await sql<{ recipients: number; left: number }>`
    with ${reachedBy(schemeId, following)}
    select (count(*) filter (where stays))::int + (select count(*)::int from moved) as recipients,
      (count(*) filter (where not stays and moved_to is null))::int as left
    from reached`.execute(tx)
  return rows[0] ?? { recipients: 0, left: 0 }
}
