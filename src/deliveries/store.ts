import { type Selectable, sql } from 'kysely'
import type { Tx } from '../platform/db.ts'
import type { BroadcastKind, Schema } from '../schema.ts'
import type { ContentLevel } from '../schemes/doctrine.ts'
import type { Progress } from './contract.ts'

export interface BroadcastProgress {
  readonly broadcastId: string
  readonly alertId: string
  readonly kind: BroadcastKind
  /** Content level of its text; null: that of its alert. */
  readonly level: ContentLevel | null
  readonly afterBroadcastId: string | null
  readonly orderKey: string | null
  readonly text: string
  readonly parts: number
  readonly sender: string
  /** Hash of the ordered content; null: an older or an automatic message. */
  readonly contentHash: string | null
  readonly orderedBy: string
  /** When phones whose memory was full were last tried again; null: never. */
  readonly resentAt: Date | null
  readonly progress: Progress
}

/** Lists all broadcasts of these alerts, by alert id: the first message, its follow-ups in order, then the others. */
export async function listBroadcasts(
  tx: Tx,
  schemeId: string,
  alertIds: readonly string[],
): Promise<Map<string, BroadcastProgress[]>> {
  if (alertIds.length === 0) return new Map()
  const rows = await tx
    .selectFrom('broadcasts')
    .selectAll()
    .where('schemeId', '=', schemeId)
    .where('alertId', 'in', alertIds)
    .$narrowType<{ alertId: string }>()
    .orderBy('orderedAt')
    .orderBy('id')
    .execute()
  const byAlert = Map.groupBy(rows.map(progressOf), ({ alertId }) => alertId)
  return new Map([...byAlert].map(([alertId, all]) => [alertId, inOrder(all)]))
}

/** Orders broadcasts along their chain, whatever their instants; those outside the chain come last. */
function inOrder(broadcasts: readonly BroadcastProgress[]): BroadcastProgress[] {
  const next = new Map(
    broadcasts.filter(({ kind }) => kind !== 'copy').map((one) => [one.afterBroadcastId, one]),
  )
  const chain: BroadcastProgress[] = []
  let last = broadcasts.find(({ kind }) => kind === 'first')
  for (; last !== undefined; last = next.get(last.broadcastId)) chain.push(last)
  return [...chain, ...broadcasts.filter((one) => !chain.includes(one))]
}

/** Returns the progress of the first message of each of these alerts, by alert id. */
export async function findProgress(
  tx: Tx,
  schemeId: string,
  alertIds: readonly string[],
): Promise<Map<string, BroadcastProgress>> {
  const broadcasts = await listBroadcasts(tx, schemeId, alertIds)
  return new Map(
    [...broadcasts].flatMap(([alertId, all]) => {
      const first = all.find(({ kind }) => kind === 'first')
      return first === undefined ? [] : [[alertId, first] as const]
    }),
  )
}

/** A broadcast just planned, with nothing sent yet. */
export type FreshBroadcast = Pick<
  Selectable<Schema['broadcasts']>,
  | 'id'
  | 'alertId'
  | 'kind'
  | 'level'
  | 'afterBroadcastId'
  | 'orderKey'
  | 'text'
  | 'parts'
  | 'sender'
  | 'contentHash'
  | 'orderedAt'
  | 'orderedBy'
  | 'planned'
>

/** Returns the progress of a broadcast planned in this transaction, without reading it again. */
export function progressOfFresh(broadcast: FreshBroadcast, alertId: string): BroadcastProgress {
  return progressOf({
    ...broadcast,
    alertId,
    state: 'running',
    accepted: 0,
    delivered: 0,
    inDoubt: 0,
    failed: 0,
    expired: 0,
    withdrawn: 0,
    possibleDuplicates: 0,
    resent: 0,
    resentAt: null,
    firstSubmitAt: null,
    allAcceptedAt: null,
    doneAt: null,
  })
}

type ProgressRow = FreshBroadcast & {
  readonly alertId: string
} & Pick<
    Selectable<Schema['broadcasts']>,
    | 'state'
    | 'accepted'
    | 'delivered'
    | 'inDoubt'
    | 'failed'
    | 'expired'
    | 'withdrawn'
    | 'possibleDuplicates'
    | 'resent'
    | 'resentAt'
    | 'firstSubmitAt'
    | 'allAcceptedAt'
    | 'doneAt'
  >

function progressOf(row: ProgressRow): BroadcastProgress {
  const since = (at: Date | null) => (at === null ? null : at.getTime() - row.orderedAt.getTime())
  const settled = row.accepted + row.delivered + row.inDoubt + row.failed + row.expired + row.withdrawn
  return {
    broadcastId: row.id,
    alertId: row.alertId,
    kind: row.kind,
    level: row.level,
    afterBroadcastId: row.afterBroadcastId,
    orderKey: row.orderKey,
    text: row.text,
    parts: row.parts,
    sender: row.sender,
    contentHash: row.contentHash,
    orderedBy: row.orderedBy,
    resentAt: row.resentAt,
    progress: {
      planned: row.planned,
      waiting: row.planned - settled,
      accepted: row.accepted,
      delivered: row.delivered,
      inDoubt: row.inDoubt,
      failed: row.failed,
      expired: row.expired,
      withdrawn: row.withdrawn,
      possibleDuplicates: row.possibleDuplicates,
      resent: row.resent,
      state: row.state,
      orderedAt: row.orderedAt.toISOString(),
      firstSubmitMs: since(row.firstSubmitAt),
      allAcceptedMs: since(row.allAcceptedAt),
      doneMs: since(row.doneAt),
    },
  }
}

export interface DeliveryRow {
  no: number
  memberId: string
  memberName: string
  communeCode: string
  communeName: string
  trade: string
  phone: string
  state: 'planned' | 'accepted' | 'delivered' | 'in_doubt' | 'failed' | 'expired' | 'withdrawn'
  possibleDuplicate: boolean
  attempts: number
  errorCode: number | null
  acceptedAt: Date | null
  settledAt: Date | null
  gateway: string | null
  /** When its phone refused the first sending, because its memory was full; null: it did not, or it was not sent again. */
  refusedFirstAt: Date | null
  /** Whether phones of its broadcast wait to be tried again. */
  isRetrying: boolean
}

/**
 * Lists a page of the ledger of one broadcast, ordered by `no`. The phone is unmasked: mask it before returning it to a
 * client.
 */
export async function listDeliveries(
  tx: Tx,
  schemeId: string,
  broadcastId: string,
  query: {
    state?: DeliveryRow['state'] | undefined
    after: number
    offset?: number | undefined
    limit: number
  },
): Promise<DeliveryRow[]> {
  const { state, after, offset = 0, limit } = query
  // The page is selected first, so that names are looked up only for its rows.
  let page = tx
    .selectFrom('deliveries')
    .select(['schemeId', 'no', 'memberId', 'communeCode', 'trade', 'phone', 'state', 'possibleDuplicate'])
    .select(['broadcastId', 'attempts', 'errorCode', 'acceptedAt', 'settledAt', 'gateway'])
    .where('schemeId', '=', schemeId)
    .where('broadcastId', '=', broadcastId)
    .where('no', '>', after)
    .orderBy('no')
    .offset(offset)
    .limit(limit)
  if (state !== undefined) page = page.where('state', '=', state)
  return tx
    .selectFrom(page.as('d'))
    .innerJoin('members', (join) =>
      join.onRef('members.schemeId', '=', 'd.schemeId').onRef('members.id', '=', 'd.memberId'),
    )
    .innerJoin('communes', 'communes.code', 'd.communeCode')
    .select([
      'd.no',
      'd.memberId',
      'members.name as memberName',
      'd.communeCode',
      'communes.name as communeName',
      'd.trade',
      'd.phone',
      'd.state',
      'd.possibleDuplicate',
      'd.attempts',
      'd.errorCode',
      'd.acceptedAt',
      'd.settledAt',
      'd.gateway',
      sql<Date | null>`(select a.at from delivery_attempts a where a.scheme_id = d.scheme_id
        and a.broadcast_id = d.broadcast_id and a.no = d.no and a.outcome = 'memory_full')`.as(
        'refusedFirstAt',
      ),
      sql<boolean>`exists (select from broadcasts b where b.scheme_id = d.scheme_id and b.id = d.broadcast_id
        and b.retry_at is not null)`.as('isRetrying'),
    ])
    .orderBy('d.no')
    .execute()
}

/** Counts planned and delivered by commune, most planned first. */
export async function countByCommune(tx: Tx, schemeId: string, broadcastId: string) {
  const { rows } = await sql<{ code: string; name: string; planned: number; delivered: number }>`
    select c.code, c.name, count(*)::int as planned, (count(*) filter (where d.state = 'delivered'))::int as delivered
    from deliveries d join communes c on c.code = d.commune_code
    where d.scheme_id = ${schemeId} and d.broadcast_id = ${broadcastId}
    group by c.code, c.name order by planned desc, c.name`.execute(tx)
  return rows
}

/**
 * Lists the progress of a broadcast over time: accepted, delivered and failed so far at up to `points` instants, in
 * milliseconds from the order.
 */
export async function listCurve(tx: Tx, schemeId: string, broadcastId: string, points = 60) {
  const { rows } = await sql<{ ms: number; accepted: number; delivered: number; failed: number }>`
    with moments as (
      select extract(epoch from accepted_at - b.ordered_at) * 1000 as ms, 'accepted' as kind
      from deliveries d join broadcasts b on b.scheme_id = d.scheme_id and b.id = d.broadcast_id
      where d.scheme_id = ${schemeId} and d.broadcast_id = ${broadcastId} and d.accepted_at is not null
      union all
      select extract(epoch from settled_at - b.ordered_at) * 1000, d.state
      from deliveries d join broadcasts b on b.scheme_id = d.scheme_id and b.id = d.broadcast_id
      where d.scheme_id = ${schemeId} and d.broadcast_id = ${broadcastId} and d.settled_at is not null
    ), scale as (
      select greatest(max(ms), 1) / ${points} as step from moments
    ), steps as (
      select ceil(greatest(ms, 0) / step)::int as n,
        count(*) filter (where kind = 'accepted') as accepted,
        count(*) filter (where kind = 'delivered') as delivered,
        count(*) filter (where kind in ('failed', 'expired')) as failed
      from moments, scale group by 1
    )
    select round(n * step)::int as ms,
      (sum(accepted) over w)::int as accepted, (sum(delivered) over w)::int as delivered, (sum(failed) over w)::int as failed
    from steps, scale window w as (order by n) order by n`.execute(tx)
  return rows
}
