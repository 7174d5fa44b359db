import type { Tx } from '../platform/db.ts'

const NOT_SUBMITTED = { submittedAt: null, submittedBy: null, submittedHash: null } as const

/** Lays a draft before a second person; what another answered before is over (the steps keep it). */
export async function updateSubmission(
  tx: Tx,
  schemeId: string,
  id: string,
  submission: {
    readonly at: Date
    readonly by: string
    readonly hash: string
    readonly authorIds: readonly string[]
  },
): Promise<void> {
  const { at, by, hash, authorIds } = submission
  await tx
    .updateTable('alerts')
    .set({
      state: 'submitted',
      submittedAt: at,
      submittedBy: by,
      submittedHash: hash,
      authorIds: [...authorIds],
    })
    .set({ decision: null, decidedAt: null, decidedBy: null, decidedById: null, decisionReason: null })
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .execute()
}

/** The second person sends it back, or refuses it for good: what was submitted holds no longer. */
export async function updateAnswer(
  tx: Tx,
  schemeId: string,
  id: string,
  answer: {
    readonly decision: 'returned' | 'rejected'
    readonly at: Date
    readonly by: string
    readonly byId: string | null
    readonly reason: string
  },
): Promise<void> {
  const { decision, at, by, byId, reason } = answer
  await tx
    .updateTable('alerts')
    .set({
      state: decision,
      decision,
      decidedAt: at,
      decidedBy: by,
      decidedById: byId,
      decisionReason: reason,
    })
    .set(NOT_SUBMITTED)
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .execute()
}

export async function updateReview(
  tx: Tx,
  schemeId: string,
  id: string,
  review: {
    readonly verdict: 'justified' | 'not_justified'
    readonly note: string
    readonly at: Date
    readonly by: string
  },
): Promise<void> {
  await tx
    .updateTable('alerts')
    .set({ review: review.verdict, reviewNote: review.note, reviewedAt: review.at, reviewedBy: review.by })
    .where('schemeId', '=', schemeId)
    .where('id', '=', id)
    .execute()
}
