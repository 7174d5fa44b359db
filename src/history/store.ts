import { sql } from 'kysely'
import type { AuditedEdit, MemberState } from '../changes/fields.ts'
import { auditedEdit } from '../changes/store.ts'
import { deliveriesTo, findReceiver } from '../deliveries/plan/receivers.ts'
import { type NoticeKind, type NoticeState, noticeState } from '../members/notices.ts'
import type { InstantCursor } from '../platform/database/cursor.ts'
import type { Tx } from '../platform/db.ts'
import type { ContentLevel } from '../schemes/doctrine.ts'

export interface DeedRow {
  readonly id: string
  readonly at: Date
  readonly kind: 'created' | 'change' | 'record' | 'charter'
  /** Actor of an audit entry (an id), or name of the person recorded on a change or charter. */
  readonly by: string | null
  /** Kind of the change, or action of the audit entry. */
  readonly what: string | null
  readonly note: string | null
  readonly made: boolean
  readonly undone: boolean
  readonly version: number | null
  /** Changes only: notices sent to the member about it. */
  readonly notified: readonly {
    readonly kind: NoticeKind
    readonly channel: 'sms' | 'mail'
    readonly state: NoticeState
  }[]
  /** Changes only: the states of the member around it, as long as they are stored, otherwise the audit entry of an edit. */
  readonly before: MemberState | null
  readonly after: MemberState | null
  readonly audited: AuditedEdit | null
}

/**
 * Lists the acts of people and of the program on a member, latest first. Instants are truncated to milliseconds,
 * the precision of the cursor.
 */
export async function listDeeds(
  tx: Tx,
  schemeId: string,
  memberId: string,
  {
    before,
    limit,
    hidden,
    now,
  }: {
    readonly before: InstantCursor | undefined
    readonly limit: number
    /** Audit actions and kinds of change to leave out. */
    readonly hidden: readonly string[]
    readonly now: Date
  },
): Promise<DeedRow[]> {
  const { rows } = await sql<DeedRow>`
    select id, date_trunc('milliseconds', at) as at, kind, by, what, note, made, undone, version,
      case when kind = 'change' then (
        select coalesce(jsonb_agg(jsonb_build_object('kind', n.kind, 'channel', n.channel, 'state',
          ${noticeState(sql`${now}::timestamptz`)}) order by n.due_at, n.kind, n.channel), '[]')
        from member_notices n where n.scheme_id = ${schemeId} and n.change_id = substr(deeds.id, 8)::uuid
          and n.member_id = ${memberId}::uuid) else '[]' end as notified,
      before, after,
      case when kind = 'change' and not made and before is null
        then ${auditedEdit(schemeId, sql`${memberId}`, sql`substr(deeds.id, 8)`)} end as audited
    from (
      select 'created' as id, created_at as at, 'created' as kind, null as by, null as what, null as note, false as made,
        false as undone, null::integer as version, null::jsonb as before, null::jsonb as after
      from members where scheme_id = ${schemeId} and id = ${memberId}::uuid
      union all
      select 'change-' || c.id, c.at, 'change', c.by_name, c.kind, c.note, r.created, r.undoing is not distinct from 'restored', null,
        r.before, r.after
      from member_change_rows r join member_changes c on c.scheme_id = r.scheme_id and c.id = r.change_id
      where r.scheme_id = ${schemeId} and r.member_id = ${memberId}::uuid
      union all
      select 'record-' || seq, at, 'record', actor, action, null, false, false, null, null, null
      from audit_entries
      where scheme_id = ${schemeId} and (subject = 'member:' || ${memberId} or details ? 'member' and details->>'member' = ${memberId})
        -- The change shows it.
        and details->>'change' is null
      union all
      select 'charter-' || id, signed_at, 'charter', signed_name, null, null, false, false, version, null, null
      from charter_signatures where scheme_id = ${schemeId} and member_id = ${memberId}::uuid
    ) deeds
    where coalesce(what, '') <> all (${hidden}::text[])
      and ${before === undefined ? sql`true` : sql`(date_trunc('milliseconds', at), id collate "C") < (${before.at}, ${before.id})`}
    order by date_trunc('milliseconds', at) desc, id collate "C" desc limit ${limit}`.execute(tx)
  return rows
}

/** Finds the names of communes, by code. */
export async function findCommuneNames(tx: Tx, codes: readonly string[]): Promise<Map<string, string>> {
  if (codes.length === 0) return new Map()
  const found = await tx.selectFrom('communes').select(['code', 'name']).where('code', 'in', codes).execute()
  return new Map(found.map(({ code, name }) => [code, name]))
}

export interface AlertMessageRow {
  readonly id: string
  readonly at: Date
  readonly alertId: string
  readonly reference: string
  readonly message: 'first' | 'update' | 'correction' | 'all_clear' | 'closing' | 'thanks'
  readonly labelFr: string
  readonly labelEn: string
  readonly text: string
  /** Level of this message; `alertLevel` is that of its alert. */
  readonly level: ContentLevel | null
  readonly alertLevel: ContentLevel | null
  readonly readAt: Date | null
}

/** Lists the messages of alerts addressed to a member, latest first, without exercises. */
export async function listAlertMessages(
  tx: Tx,
  schemeId: string,
  memberId: string,
  { before, limit }: { readonly before: InstantCursor | undefined; readonly limit: number },
): Promise<AlertMessageRow[]> {
  const receiver = await findReceiver(tx, schemeId, memberId)
  if (receiver === undefined) return []
  // LIMIT makes the database probe the deliveries of each broadcast by index; as a join it would read all
  // deliveries. The order is that of an index, so that only as many broadcasts are probed as a page takes.
  const { rows } = await sql<AlertMessageRow>`
    select 'message-' || b.id as id, date_trunc('milliseconds', b.ordered_at) as at, a.id as alert_id, a.reference, b.kind as message, g.label_fr, g.label_en,
      b.text, b.level, a.doctrine->>'level' as alert_level,
      case when b.kind = 'first' then (
        select min(r.read_at) from alert_reads r
        where r.scheme_id = a.scheme_id and r.alert_id = a.id and r.member_id = ${memberId}::uuid) end as read_at
    from broadcasts b
    join alerts a on a.scheme_id = b.scheme_id and a.id = b.alert_id and a.ordered_at is not null and not a.exercise
    cross join lateral (
      (select ${deliveriesTo(receiver)} and d.state <> 'withdrawn' limit 1)
      union all
      (select from held_back h where h.scheme_id = a.scheme_id and h.alert_id = a.id and h.member_id = ${memberId}::uuid limit 1)
      limit 1) got
    join categories g on g.scheme_id = a.scheme_id and g.code = a.category_code
    where b.scheme_id = ${schemeId} and b.kind in ('first', 'update', 'correction', 'all_clear', 'closing', 'thanks')
      and ${before === undefined ? sql`true` : sql`b.ordered_at < ${new Date(before.at.getTime() + 1)} and (date_trunc('milliseconds', b.ordered_at), ('message-' || b.id) collate "C") < (${before.at}, ${before.id})`}
    order by b.ordered_at desc, ('message-' || b.id) collate "C" desc limit ${limit}`.execute(tx)
  return rows
}
