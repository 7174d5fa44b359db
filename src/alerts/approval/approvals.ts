import type { Tx } from '../../platform/db.ts'

/** The subject of a second person's decision. Both tables store the decision in columns of the same names. */
export interface Judged {
  readonly table: 'alerts' | 'followUps'
  readonly schemeId: string
  readonly id: string
}

/** Types both tables as one of them: the columns written here exist in both. */
function update(tx: Tx, { table, schemeId, id }: Judged) {
  return tx
    .updateTable(table as 'alerts')
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
}

const NOT_SUBMITTED = { submittedAt: null, submittedBy: null, submittedHash: null } as const

/** Submits a draft to a second person and clears an earlier decision, which the recorded steps keep. */
export async function updateSubmission(
  tx: Tx,
  judged: Judged,
  submission: {
    readonly at: Date
    readonly by: string
    readonly hash: string
    readonly authorIds: readonly string[]
  },
): Promise<void> {
  const { at, by, hash, authorIds } = submission
  await update(tx, judged)
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

/** Returns or rejects a submission for the second person; the submission is no longer valid. */
export async function updateAnswer(
  tx: Tx,
  judged: Judged,
  answer: {
    readonly decision: 'returned' | 'rejected'
    readonly at: Date
    readonly by: string
    readonly byId: string | null
    readonly reason: string
  },
): Promise<void> {
  const { decision, at, by, byId, reason } = answer
  await update(tx, judged)
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
  judged: Judged,
  review: {
    readonly verdict: 'justified' | 'not_justified'
    readonly note: string
    readonly at: Date
    readonly by: string
  },
): Promise<void> {
  await update(tx, judged)
    .set({ review: review.verdict, reviewNote: review.note, reviewedAt: review.at, reviewedBy: review.by })
    .execute()
}
