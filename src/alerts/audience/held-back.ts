import { type RawBuilder, sql } from 'kysely'
import { isUnreadable } from '../../cipher/pseudonyms.ts'
import { LEAVE_UNREADABLE } from '../../platform/database/client.ts'
import type { Db, Tx } from '../../platform/db.ts'
import type { HoldReason } from '../../schema.ts'
import { heldBackOf, isUsuallyQuiet, quietOf, type ResolvedAudience, tiredOf } from './audience.ts'
import type { Care } from './care.ts'

/**
 * Stores the recipients that an alert holds back and why, in the transaction of the order. It stores none if
 * `mayHoldBack` is false.
 * @returns number of rows stored
 */
export async function holdBack(
  tx: Tx,
  schemeId: string,
  alertId: string,
  { audience, care, now }: { readonly audience: ResolvedAudience; readonly care: Care; readonly now: Date },
): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    insert into held_back (scheme_id, alert_id, contact_id, member_id, phone, commune_code, trade, reason, held_at, due_at)
    select ${schemeId}, ${alertId}::uuid, h.contact_id, h.member_id, h.phone, h.commune_code, h.trade, h.reason,
      ${now}::timestamptz, h.due_at
    from (${heldBackOf(audience, care, now)}) h`.execute(tx)
  return Number(numAffectedRows)
}

/** A number held back, with its member. */
export interface HeldBackRow {
  readonly memberId: string
  readonly name: string
  readonly commune: string
  readonly phone: string
  readonly reason: HoldReason
  readonly alerts: number | null
  readonly dueAt: Date
  readonly notifiedAt: Date | null
  /** Number of rows on all pages. */
  readonly total: number
}

interface Page {
  readonly offset: number
  readonly limit: number
}

/** Lists a page of the recipients that an alert ordered now would hold back. Call `countSolicitations` first. */
export async function listWouldBeHeldBack(
  tx: Tx,
  audience: ResolvedAudience,
  care: Care,
  now: Date,
  { offset, limit }: Page,
): Promise<HeldBackRow[]> {
  const { schemeId } = audience
  // Vital alerts hold back no recipient, so they have no column of their own.
  const counted = care.severity === 'notice' ? sql.ref('s.notice') : sql.ref('s.alert')
  const { rows } = await sql<HeldBackRow>`
    select m.id as member_id, m.name, k.name as commune, h.phone, h.reason, h.due_at, null as notified_at,
      (select count(*) from unnest(${counted}) at where at >= ${care.since}::timestamptz)::integer as alerts,
      (count(*) over ())::integer as total
    from (${heldBackOf(audience, care, now)}) h
    join members m on m.scheme_id = ${schemeId} and m.id = h.member_id
    join communes k on k.code = h.commune_code
    left join solicitations s on s.scheme_id = ${schemeId} and s.phone = h.phone
    order by m.search_name, h.phone limit ${limit} offset ${offset}`.execute(tx)
  return rows
}

/** Lists a page of the recipients that an alert held back; the number is empty if it was erased since. */
export async function listHeldBack(
  tx: Tx,
  schemeId: string,
  alertId: string,
  { offset, limit }: Page,
): Promise<HeldBackRow[]> {
  const { rows } = await sql<HeldBackRow>`
    select h.member_id, m.name, k.name as commune, case when m.erased_at is null then h.phone else '' end as phone, h.reason,
      h.due_at, null::integer as alerts,
      case when h.broadcast_id is not null then h.notified_at end as notified_at, (count(*) over ())::integer as total
    from held_back h
    join members m on m.scheme_id = h.scheme_id and m.id = h.member_id
    join communes k on k.code = h.commune_code
    where h.scheme_id = ${schemeId} and h.alert_id = ${alertId}::uuid
    order by m.search_name, h.phone limit ${limit} offset ${offset}`.execute(tx)
  return rows
}

/**
 * Returns the condition that any recipient of a scheme would be held back now. If it is false, an order reads its
 * audience once and skips the quiet hours and budgets of the members.
 */
export function mayHoldBack(schemeId: string, care: Care): RawBuilder<boolean> {
  if (isUsuallyQuiet(care)) return sql`true`
  const quiet = sql`exists (
    select from members m
    where m.scheme_id = ${schemeId} and m.status = 'active' and m.quiet_from is not null and ${quietOf(care, 'm')})`
  // The index on the second latest alert finds the numbers with several alerts.
  const tired = sql`exists (
    select from solicitations s
    where s.scheme_id = ${schemeId} and s.latest[${sql.lit(Math.min(2, care.budget ?? 1))}] >= ${care.since}::timestamptz
      and ${tiredOf(care, 's')})`
  return sql`(${care.quiet === null ? sql`false` : quiet} or ${care.budget === null ? sql`false` : tired})`
}

/** Lists the schemes in which digests are due, across schemes. */
export async function listSchemesWithDueDigests(db: Db | Tx, now: Date): Promise<string[]> {
  const rows = await db
    .selectFrom('heldBack')
    .select('schemeId')
    .distinct()
    .where('notifiedAt', 'is', null)
    .where('dueAt', '<=', now)
    .orderBy('schemeId')
    .execute()
  return rows.map((row) => row.schemeId)
}

/** A held-back alert of a number whose digest is pending. */
export interface PendingDigestRow {
  readonly alertId: string
  readonly phone: string
  readonly contactId: string
  readonly memberId: string
  readonly communeCode: string
  readonly trade: string
  readonly reason: HoldReason
  readonly heldAt: Date
  readonly reference: string
  readonly labelFr: string
  readonly template: string
  readonly communeName: string
  readonly formerName: string | null
  readonly areaLabel: string
  readonly closed: boolean
  /** False if no digest is to be sent: the member or its number left, or the alert was stopped or an exercise. */
  readonly notifiable: boolean
}

/**
 * Locks all pending rows of the numbers whose digest is due, for at most `numbers` numbers, oldest alert first. A
 * concurrent run waits and then finds them marked as sent.
 */
export async function lockPendingDigests(
  tx: Tx,
  schemeId: string,
  now: Date,
  numbers: number,
): Promise<PendingDigestRow[]> {
  const { rows } = await sql<PendingDigestRow>`${LEAVE_UNREADABLE}
    select h.alert_id, h.phone, h.contact_id, h.member_id, h.commune_code, h.trade, h.reason, h.held_at, a.reference,
      g.label_fr, g.template, k.name as commune_name, r.former_name, a.area_label, a.state in ('ended', 'expired') as closed,
      a.state <> 'cancelled' and not a.exercise and exists (
        select from members m join contacts c on c.scheme_id = m.scheme_id and c.member_id = m.id
        where m.scheme_id = h.scheme_id and m.id = h.member_id and m.status = 'active' and c.mobile = h.phone and c.sms
      ) as notifiable
    from held_back h
    join alerts a on a.scheme_id = h.scheme_id and a.id = h.alert_id
    join reports r on r.scheme_id = a.scheme_id and r.id = a.report_id
    join categories g on g.scheme_id = a.scheme_id and g.code = a.category_code
    join communes k on k.code = r.commune_code
    where h.scheme_id = ${schemeId} and h.notified_at is null and h.phone in (
      select phone from held_back where scheme_id = ${schemeId} and notified_at is null and due_at <= ${now}::timestamptz
      order by due_at limit ${numbers})
    order by h.held_at, a.reference, h.phone
    for update of h`.execute(tx)
  // A number that cannot be read gets no digest, and does not hold up those of others.
  const unreadable = rows.filter(({ phone }) => isUnreadable(phone))
  if (unreadable.length > 0)
    await sql`
      update held_back h set notified_at = ${now}::timestamptz
      from unnest(${unreadable.map((row) => row.alertId)}::uuid[], ${unreadable.map((row) => row.contactId)}::uuid[])
        as t (alert_id, contact_id)
      where h.scheme_id = ${schemeId} and h.alert_id = t.alert_id and h.contact_id = t.contact_id`.execute(tx)
  return rows.filter(({ phone }) => !isUnreadable(phone))
}

/**
 * Marks rows as notified.
 * @param broadcastId the digest that was sent; null if none was
 */
export async function markNotified(
  tx: Tx,
  schemeId: string,
  rows: readonly { readonly alertId: string; readonly phone: string }[],
  at: Date,
  broadcastId: string | null,
): Promise<void> {
  if (rows.length === 0) return
  await sql`
    update held_back h set notified_at = ${at}::timestamptz, broadcast_id = ${broadcastId}::uuid
    from unnest(${rows.map((row) => row.alertId)}::uuid[], ${rows.map((row) => row.phone)}::text[]) as t (alert_id, phone)
    where h.scheme_id = ${schemeId} and h.alert_id = t.alert_id and h.phone = t.phone`.execute(tx)
}

/** Counts the recipients that an alert held back, by reason, and how many of them got their digest. */
export async function countHeldBack(
  tx: Tx,
  schemeId: string,
  alertId: string,
): Promise<{ quiet: number; fatigue: number; notified: number }> {
  const { rows } = await sql<{ quiet: number; fatigue: number; notified: number }>`
    select (count(*) filter (where reason = 'quiet'))::integer as quiet,
      (count(*) filter (where reason = 'fatigue'))::integer as fatigue,
      (count(*) filter (where broadcast_id is not null))::integer as notified
    from held_back where scheme_id = ${schemeId} and alert_id = ${alertId}::uuid`.execute(tx)
  return rows[0] ?? { quiet: 0, fatigue: 0, notified: 0 }
}
