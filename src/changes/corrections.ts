import { sql } from 'kysely'
import { type AnswerDeps, reportAnswer } from '../members/corrections/answers.ts'
import { restoreCorrection, type SettledCorrection } from '../members/corrections/corrections.ts'

import { withdrawMessages } from '../outbox/store.ts'
import type { Tx } from '../platform/db.ts'

interface ChangedMember {
  readonly changeId: string
  readonly memberId: string
}

/** Names the answer to a request that a change settled, so that its undo withdraws it. */
export const answerCauseOf = ({ changeId, memberId }: ChangedMember) => `correction:${changeId}:${memberId}`

/** Keeps the request of a member that a change settled, so that its undo restores it. */
export async function keepSettledCorrection(
  tx: Tx,
  schemeId: string,
  { changeId, memberId }: ChangedMember,
  settled: SettledCorrection,
): Promise<void> {
  await sql`
    update member_change_rows set correction = ${JSON.stringify(settled)}::jsonb
    where scheme_id = ${schemeId} and change_id = ${changeId}::uuid and member_id = ${memberId}::uuid`.execute(
    tx,
  )
}

/**
 * Restores the requests of members that an undone change settled. An answer that was not sent yet is withdrawn; otherwise the business is
 * notified.
 */
export async function restoreCorrections(
  tx: Tx,
  deps: AnswerDeps,
  schemeId: string,
  changeId: string,
  memberIds: readonly string[],
): Promise<void> {
  const { rows } = await sql<{ memberId: string; correction: SettledCorrection }>`
    select member_id, correction from member_change_rows
    where scheme_id = ${schemeId} and change_id = ${changeId}::uuid and member_id = any (${memberIds}::uuid[])
      and correction is not null
    order by member_id`.execute(tx)
  for (const { memberId, correction } of rows) {
    if (!(await restoreCorrection(tx, schemeId, memberId, correction))) continue
    const withdrawn = await withdrawMessages(
      tx,
      schemeId,
      [answerCauseOf({ changeId, memberId })],
      deps.now(),
    )
    if (withdrawn.length < correction.answers) await reportAnswer(tx, deps, schemeId, memberId, UNDONE)
  }
}

const UNDONE = { outcome: 'undone', reason: '' } as const
