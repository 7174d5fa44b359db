import { type RawBuilder, type Selectable, sql } from 'kysely'
import type { Tx } from '../../platform/db.ts'
import type { FollowUpState, Schema } from '../../schema.ts'
import { sealedText } from '../../schemes/texts/sealed-texts.ts'
import { WAITING } from '../states.ts'
import type { AuthorisationRow } from '../store.ts'

/** A follow-up as read with its alert; instants are JSON strings. */
export interface FollowUpRow
  extends Pick<
    Selectable<Schema['followUps']>,
    | 'id'
    | 'kind'
    | 'text'
    | 'level'
    | 'afterId'
    | 'orderKey'
    | 'version'
    | 'createdBy'
    | 'authorIds'
    | 'submittedBy'
    | 'submittedHash'
    | 'decision'
    | 'decidedBy'
    | 'decidedById'
    | 'decisionReason'
    | 'review'
    | 'reviewedBy'
    | 'reviewNote'
    | 'broadcastId'
    | 'returned'
  > {
  readonly state: Exclude<FollowUpState, 'discarded'>
  readonly createdAt: string
  readonly submittedAt: string | null
  readonly decidedAt: string | null
  readonly reviewedAt: string | null
  /** The last recorded authorisation. */
  readonly authorisation: AuthorisationRow | null
}

/** Returns an expression: the follow-ups of an alert as a JSON array, oldest first, without discarded ones. */
export function followUpsOf(schemeId: RawBuilder<unknown>, alertId: RawBuilder<unknown>) {
  return sql`coalesce((select jsonb_agg(jsonb_build_object('id', f.id, 'kind', f.kind, 'text', f.text,
        'level', f.level, 'afterId', f.after_id, 'orderKey', f.order_key, 'state', f.state, 'version', f.version, 'createdAt', f.created_at,
        'createdBy', f.created_by, 'authorIds', f.author_ids, 'submittedAt', f.submitted_at,
        'submittedBy', f.submitted_by, 'submittedHash', f.submitted_hash, 'decision', f.decision,
        'decidedAt', f.decided_at, 'decidedBy', f.decided_by, 'decidedById', f.decided_by_id,
        'decisionReason', f.decision_reason, 'review', f.review, 'reviewedAt', f.reviewed_at,
        'reviewedBy', f.reviewed_by, 'reviewNote', f.review_note, 'broadcastId', f.broadcast_id, 'returned', f.returned,
        'authorisation', (select jsonb_build_object('magistrate', u.magistrate, 'service', u.service,
            'givenAt', u.given_at, 'scope', u.scope, 'contentHash', u.content_hash, 'recordedAt', u.recorded_at,
            'recordedBy', u.recorded_by, 'voidAt', u.void_at,
        'confirmation', u.confirmation, 'answeredAt', u.answered_at)
          from authorisations u
          where u.scheme_id = f.scheme_id and u.alert_id = f.alert_id and u.follow_up_id = f.id
          order by u.void_at is not null, u.recorded_at desc limit 1))
      order by f.created_at, f.id)
    from follow_ups f
    where f.scheme_id = ${schemeId} and f.alert_id = ${alertId} and f.state <> 'discarded'), '[]')`
}

/** Inserts a follow-up as a draft; the same transaction then submits or orders it. */
export interface FollowUpContentRow
  extends Pick<Selectable<Schema['followUps']>, 'kind' | 'text' | 'level' | 'afterId' | 'orderKey'> {
  readonly authorIds: readonly string[]
}

export async function insertFollowUp(
  tx: Tx,
  row: FollowUpContentRow & {
    readonly schemeId: string
    readonly id: string
    readonly alertId: string
    readonly createdAt: Date
    readonly createdBy: string
  },
): Promise<void> {
  await tx
    .insertInto('followUps')
    .values({
      ...row,
      text: sealedText(row.schemeId, row.level, row.text),
      authorIds: [...row.authorIds],
      state: 'draft',
    })
    .execute()
}

/** Rewrites a follow-up under the next version, which invalidates its submission. */
export async function updateFollowUp(
  tx: Tx,
  schemeId: string,
  id: string,
  content: FollowUpContentRow,
): Promise<void> {
  await tx
    .updateTable('followUps')
    .set({
      ...content,
      text: sealedText(schemeId, content.level, content.text),
      authorIds: [...content.authorIds],
      state: 'draft',
    })
    .set({ submittedAt: null, submittedBy: null, submittedHash: null })
    .set((row) => ({ version: row('version', '+', 1) }))
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .execute()
}

export async function updateOrderedFollowUp(
  tx: Tx,
  schemeId: string,
  id: string,
  order: { readonly broadcastId: string } & Pick<
    Selectable<Schema['followUps']>,
    'decision' | 'decidedAt' | 'decidedBy' | 'decidedById' | 'decisionReason' | 'review'
  >,
): Promise<void> {
  await tx
    .updateTable('followUps')
    .set({ ...order, state: 'ordered' })
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .execute()
}

/**
 * Drops the pending follow-up of an alert, which is then never sent.
 * @returns its id and kind; undefined when none was pending
 */
export async function discardWaiting(tx: Tx, schemeId: string, alertId: string) {
  return tx
    .updateTable('followUps')
    .set({ state: 'discarded' })
    .where('schemeId', '=', schemeId)
    .where('alertId', '=', alertId)
    .where('state', 'in', WAITING)
    .returning(['id', 'kind'])
    .executeTakeFirst()
}

/** Returns whether a follow-up of an alert is pending. The caller has locked the alert. */
export async function isFollowUpWaiting(tx: Tx, schemeId: string, alertId: string): Promise<boolean> {
  const row = await tx
    .selectFrom('followUps')
    .select('id')
    .where('schemeId', '=', schemeId)
    .where('alertId', '=', alertId)
    .where('state', 'in', WAITING)
    .executeTakeFirst()
  return row !== undefined
}

/** Returns whether a follow-up with this key exists. The caller has locked its alert. */
export async function hasFollowUpKey(
  tx: Tx,
  schemeId: string,
  alertId: string,
  key: string,
): Promise<boolean> {
  const row = await tx
    .selectFrom('followUps')
    .select('id')
    .where('schemeId', '=', schemeId)
    .where('alertId', '=', alertId)
    .where('orderKey', '=', key)
    .executeTakeFirst()
  return row !== undefined
}
