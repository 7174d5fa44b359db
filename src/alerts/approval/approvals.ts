import { sql } from 'kysely'
import type { Tx } from '../../platform/db.ts'
import type { ReturnedVersion } from './contract.ts'
import type { MessageVersion } from './messages.ts'

/** The key of a message in its table. */
export type MessageKey = Pick<MessageVersion, 'schemeId' | 'alertId' | 'followUpId'>

/** An alert and a follow-up store the decision of a second person in columns of the same names. */
function updateMessage(tx: Tx, { schemeId, alertId, followUpId }: MessageKey) {
  return tx
    .updateTable(followUpId === null ? 'alerts' : 'followUps')
    .where('schemeId', '=', schemeId)
    .where('id', '=', followUpId ?? alertId)
}

const NOT_SUBMITTED = { submittedAt: null, submittedBy: null, submittedHash: null } as const

/** Submits a draft to a second person and clears an earlier decision, which the recorded steps keep. */
export async function updateSubmission(
  tx: Tx,
  message: MessageKey,
  submission: {
    readonly at: Date
    readonly by: string
    readonly hash: string
    readonly authorIds: readonly string[]
  },
): Promise<void> {
  const { at, by, hash, authorIds } = submission
  await updateMessage(tx, message)
    .set({
      state: 'submitted',
      submittedAt: at,
      submittedBy: by,
      submittedHash: hash,
      authorIds: [...authorIds],
    })
    .set({ decision: null, decidedAt: null, decidedBy: null, decidedById: null, decisionReason: null })
    .execute()
}

/** Keeps what a second person returned, so that the next one sees what changed since. Runs before its submission is cleared. */
export async function keepReturned(
  tx: Tx,
  { schemeId, alertId, followUpId }: MessageKey,
  { at, by, reason }: { readonly at: Date; readonly by: string; readonly reason: string },
): Promise<void> {
  const entry = sql`jsonb_build_object('at', ${at.toISOString()}::text, 'by', ${by}::text, 'reason', ${reason}::text, 'text', text)`
  if (followUpId === null)
    await sql`
      update alerts set returned = ${entry} || jsonb_build_object('areaLabel', area_label, 'level', doctrine ->> 'level',
        'trades', to_jsonb(trades), 'members', submitted_members)
      where scheme_id = ${schemeId} and id = ${alertId}::uuid`.execute(tx)
  else
    await sql`
      update follow_ups set returned = ${entry} || jsonb_build_object('level', level, 'kind', kind)
      where scheme_id = ${schemeId} and id = ${followUpId}::uuid`.execute(tx)
}

/** Reads what `keepReturned` kept of an alert; undefined: there is no such alert. */
export async function findReturned(
  tx: Tx,
  schemeId: string,
  alertId: string,
): Promise<{ returned: ReturnedVersion | null } | undefined> {
  return tx
    .selectFrom('alerts')
    .select('returned')
    .where('schemeId', '=', schemeId)
    .where('id', '=', alertId)
    .executeTakeFirst()
}

/** Returns or rejects a submission for the second person; the submission is no longer valid. */
export async function updateAnswer(
  tx: Tx,
  message: MessageKey,
  answer: {
    readonly decision: 'returned' | 'rejected'
    readonly at: Date
    readonly by: string
    readonly byId: string | null
    readonly reason: string
  },
): Promise<void> {
  const { decision, at, by, byId, reason } = answer
  await updateMessage(tx, message)
    .set({
      state: decision,
      decision,
      decidedAt: at,
      decidedBy: by,
      decidedById: byId,
      decisionReason: reason,
    })
    .set(NOT_SUBMITTED)
    .execute()
}

export async function updateReview(
  tx: Tx,
  message: MessageKey,
  review: {
    readonly verdict: 'justified' | 'not_justified'
    readonly note: string
    readonly at: Date
    readonly by: string
  },
): Promise<void> {
  await updateMessage(tx, message)
    .set({ review: review.verdict, reviewNote: review.note, reviewedAt: review.at, reviewedBy: review.by })
    .execute()
}
