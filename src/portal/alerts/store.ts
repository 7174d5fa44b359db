import { sql } from 'kysely'
import { insertRead } from '../../alerts/live/reads.ts'
import type { ShopTx } from '../../platform/db.ts'
import type { AlertState, Severity } from '../../schema.ts'

export interface OwnAlertRow {
  readonly id: string
  readonly reference: string
  readonly state: AlertState
  readonly categoryCode: string
  readonly labelFr: string
  readonly labelEn: string
  readonly severity: Severity
  readonly areaLabel: string
  readonly communeName: string
  readonly formerName: string | null
  readonly template: string
  readonly orderedAt: Date
  readonly closedAt: Date | null
  readonly expiresAt: Date
  readonly readAt: Date | null
  /** Timestamps as in JSON. The first message is the alert itself. */
  readonly messages: readonly {
    readonly id: string
    readonly kind: 'first' | 'update' | 'correction' | 'all_clear' | 'closing' | 'thanks'
    readonly text: string
    readonly at: string
  }[]
}

function selectOwnAlerts({ schemeId, contactId }: { readonly schemeId: string; readonly contactId: string }) {
  return sql`
    select a.id, a.reference, a.state, a.category_code, g.label_fr, g.label_en, a.severity, a.area_label, a.ordered_at,
      p.commune_name, p.former_name, p.template, a.closed_at, a.expires_at, r.read_at, (
        select jsonb_agg(jsonb_build_object('id', b.id, 'kind', b.kind, 'text', b.text, 'at', b.ordered_at)
          order by b.kind <> 'first', b.ordered_at, b.id)
        from broadcasts b where b.scheme_id = a.scheme_id and b.alert_id = a.id) as messages
    from alerts a
    join categories g on g.scheme_id = a.scheme_id and g.code = a.category_code
    cross join lateral alert_place(a.id) p
    left join alert_reads r on r.scheme_id = a.scheme_id and r.alert_id = a.id and r.contact_id = ${contactId}::uuid
    where a.scheme_id = ${schemeId} and a.ordered_at is not null`
}

/** Lists the alerts sent to this transaction's member, latest first; row-level security policies select them. */
export async function listOwnAlertRows(
  tx: ShopTx,
  shop: { readonly schemeId: string; readonly contactId: string },
  { after, limit }: { readonly after: string | undefined; readonly limit: number },
): Promise<OwnAlertRow[]> {
  const { rows } = await sql<OwnAlertRow>`${selectOwnAlerts(shop)} ${
    after === undefined
      ? sql``
      : sql`and (a.ordered_at, a.id) < (
          select q.ordered_at, q.id from alerts q where q.scheme_id = ${shop.schemeId} and q.id = ${after}::uuid)`
  }
    order by a.ordered_at desc, a.id desc limit ${limit}`.execute(tx)
  return rows
}

/** Finds one of these alerts; undefined if it was not sent to this transaction's member. */
export async function findOwnAlertRow(
  tx: ShopTx,
  shop: { readonly schemeId: string; readonly contactId: string },
  alertId: string,
): Promise<OwnAlertRow | undefined> {
  const { rows } = await sql<OwnAlertRow>`${selectOwnAlerts(shop)} and a.id = ${alertId}::uuid`.execute(tx)
  return rows[0]
}

/**
 * Records that a contact read an alert; the first time counts.
 * @returns the message that alerted it; undefined if the alert was not sent to this transaction's member
 */
export async function recordRead(
  tx: ShopTx,
  read: {
    readonly schemeId: string
    readonly alertId: string
    readonly contactId: string
    readonly memberId: string
    readonly at: Date
  },
): Promise<{ readonly broadcastId: string; readonly isNew: boolean } | undefined> {
  const { schemeId, alertId, contactId, memberId, at } = read
  const { rows } = await sql<{ broadcastId: string }>`
    select b.id as broadcast_id from alerts a
    join broadcasts b on b.scheme_id = a.scheme_id and b.alert_id = a.id and b.kind = 'first'
    where a.scheme_id = ${schemeId} and a.id = ${alertId}::uuid`.execute(tx)
  const [own] = rows
  if (own === undefined) return undefined
  const isNew = await insertRead(tx, { schemeId, alertId, contactId, memberId, readAt: at })
  return { ...own, isNew }
}
