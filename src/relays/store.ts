import { sql } from 'kysely'
import { acrossSchemes, type Db, type Tx } from '../platform/db.ts'
import type { AlertState, RelayState, Severity } from '../schema.ts'
import type { ContentLevel } from '../schemes/doctrine.ts'
import { sealedText } from '../schemes/texts/sealed-texts.ts'
import type { Area } from '../territory/contract.ts'
import type { RelayQuery } from './contract.ts'

/** Everything that two schemes see of a relay; it refers to no other row of either scheme. */
export interface RelayRow {
  readonly id: string
  readonly fromSchemeId: string
  readonly fromAlertId: string
  readonly fromName: string
  readonly toSchemeId: string
  readonly state: RelayState
  readonly note: string | null
  readonly reference: string
  readonly text: string
  readonly categoryCode: string
  readonly labelFr: string
  readonly labelEn: string
  readonly severity: Severity
  readonly level: ContentLevel
  readonly communeCode: string
  readonly calledAt: Date
  readonly occurredAt: Date
  readonly exercise: boolean
  readonly proposedAt: Date
  readonly proposedBy: string
  readonly decidedAt: Date | null
  readonly decidedBy: string | null
  readonly declineReason: string | null
  readonly toReportId: string | null
}

/** Maximum number of relays listed. */
const MAX_RELAYS = 200

/** Lists relays that the scheme proposed or received, latest first, under its row-level security. */
export async function listRelayRows(
  tx: Tx,
  schemeId: string,
  query: RelayQuery,
): Promise<(RelayRow & { communeName: string })[]> {
  let rows = tx
    .selectFrom('relays')
    .innerJoin('communes', 'communes.code', 'relays.communeCode')
    .selectAll('relays')
    .select('communes.name as communeName')
    .orderBy('relays.proposedAt', 'desc')
    .orderBy('relays.id')
    .limit(MAX_RELAYS)
  if (query.state !== undefined) rows = rows.where('relays.state', '=', query.state)
  if (query.direction !== undefined) {
    rows = rows.where(query.direction === 'out' ? 'fromSchemeId' : 'toSchemeId', '=', schemeId)
  }
  if (query.alertId !== undefined) {
    const { alertId } = query
    rows = rows.where((where) =>
      where.or([
        where.and([where('fromSchemeId', '=', schemeId), where('fromAlertId', '=', alertId)]),
        where.and([
          where('toSchemeId', '=', schemeId),
          where(
            'toReportId',
            'in',
            where
              .selectFrom('alerts')
              .select('reportId')
              .where('alerts.schemeId', '=', schemeId)
              .where('alerts.id', '=', alertId),
          ),
        ]),
      ]),
    )
  }
  return rows.execute()
}

/** Locks a relay of the scheme until the transaction ends. */
export async function lockRelay(tx: Tx, id: string): Promise<RelayRow | undefined> {
  return tx.selectFrom('relays').selectAll().where('id', '=', id).forUpdate().executeTakeFirst()
}

export async function insertRelay(tx: Tx, row: RelayRow): Promise<void> {
  const text = sealedText(row.fromSchemeId, row.level, row.text)
  await tx
    .insertInto('relays')
    .values({ ...row, text })
    .execute()
}

export async function updateRelay(
  tx: Tx,
  id: string,
  decision: {
    readonly state: RelayState
    readonly decidedAt: Date
    readonly decidedBy: string
    readonly declineReason?: string
    readonly toReportId?: string
  },
): Promise<void> {
  await tx.updateTable('relays').set(decision).where('id', '=', id).execute()
}

/**
 * The reader's own alert behind a relay: the relayed alert, or the one made from the report that the relay
 * created.
 */
export interface OwnAlert {
  readonly relayId: string
  readonly id: string
  readonly reference: string
  readonly state: AlertState
}

/** Finds the reader's own alert of each relay, under the row-level security of its scheme. */
export async function listOwnAlerts(
  tx: Tx,
  schemeId: string,
  relayIds: readonly string[],
): Promise<OwnAlert[]> {
  const { rows } = await sql<OwnAlert>`
    select distinct on (r.id) r.id as relay_id, a.id, a.reference, a.state
    from relays r join alerts a on a.scheme_id = ${schemeId} and case when r.from_scheme_id = ${schemeId}
      then a.id = r.from_alert_id else a.report_id = r.to_report_id end
    where r.id = any (${[...relayIds]}::uuid[]) and a.state <> 'discarded'
    order by r.id, a.created_at desc`.execute(tx)
  return rows
}

/** The data of an alert at either end of a relay that both schemes see once it was sent. */
export interface SharedAlert {
  readonly relayId: string
  readonly schemeId: string
  readonly reference: string
  readonly state: AlertState
  readonly orderedAt: Date
  readonly closedAt: Date | null
}

export interface SharedMessage {
  readonly relayId: string
  readonly schemeId: string
  readonly kind: 'first' | 'update' | 'correction' | 'all_clear' | 'closing'
  readonly orderedAt: Date
  readonly text: string
}

/**
 * Reads what both schemes of the relays did about the incident. This is the only query across schemes: callers
 * pass ids of relays that they read under their own row-level security, and it returns only the columns named
 * here.
 */
export async function readShared(
  db: Db,
  relayIds: readonly string[],
): Promise<{ alerts: SharedAlert[]; messages: SharedMessage[]; schemes: Map<string, string> }> {
  if (relayIds.length === 0) return { alerts: [], messages: [], schemes: new Map() }
  return acrossSchemes(db, async (tx) => {
    const sides = sql`
      select r.id as relay_id, a.scheme_id, a.id as alert_id, a.reference, a.state, a.ordered_at, a.closed_at
      from relays r join alerts a on a.scheme_id = r.from_scheme_id and a.id = r.from_alert_id
      where r.id = any (${[...relayIds]}::uuid[])
      union all
      select r.id, a.scheme_id, a.id, a.reference, a.state, a.ordered_at, a.closed_at
      from relays r join alerts a on a.scheme_id = r.to_scheme_id and a.report_id = r.to_report_id
      where r.id = any (${[...relayIds]}::uuid[]) and r.state = 'accepted'`
    const { rows: alerts } = await sql<SharedAlert>`
      select relay_id, scheme_id, reference, state, ordered_at, closed_at from (${sides}) s
      where ordered_at is not null order by ordered_at`.execute(tx)
    const { rows: messages } = await sql<SharedMessage>`
      select s.relay_id, s.scheme_id, b.kind, b.ordered_at, b.text
      from (${sides}) s join broadcasts b on b.scheme_id = s.scheme_id and b.alert_id = s.alert_id
      where b.kind in ('first', 'update', 'correction', 'all_clear', 'closing') order by b.ordered_at`.execute(
      tx,
    )
    const { rows: names } = await sql<{ id: string; name: string }>`
      select distinct s.id, s.name from schemes s join relays r on s.id in (r.from_scheme_id, r.to_scheme_id)
      where r.id = any (${[...relayIds]}::uuid[])`.execute(tx)
    return { alerts, messages, schemes: new Map(names.map(({ id, name }) => [id, name])) }
  })
}

/** Filters the ids of existing schemes. The existence of a scheme is no secret; its content is. */
export async function findSchemes(db: Db, ids: readonly string[]): Promise<string[]> {
  const rows = await acrossSchemes(db, (tx) =>
    tx.selectFrom('schemes').select('id').where('id', 'in', ids).execute(),
  )
  return rows.map(({ id }) => id)
}

/** Lists all schemes of the installation with their territories, which are public. */
export function listTerritories(db: Db): Promise<{ id: string; name: string; territory: Area }[]> {
  return acrossSchemes(db, (tx) => tx.selectFrom('schemes').select(['id', 'name', 'territory']).execute())
}
