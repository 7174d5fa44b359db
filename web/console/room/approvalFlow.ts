import type { AlertView, AudienceView } from '../../../src/alerts/contract.ts'
import { ApiError, call, inScheme, post } from '../../api/client.ts'
import { serverNow } from '../../api/clock.ts'
import type { AuthorisationEntry } from '../approval/AuthorisationFields.tsx'
import type { Draft } from './draft.ts'
import { mayHaveBeenDone, type Progressing, recordAlert, recordReport } from './flow.ts'
import { named } from './seen.ts'

/** Records the report and the draft as they are, each once. */
async function recordDraft(schemeId: string, draft: Draft, text: string, keep: Progressing) {
  const report = await recordReport(schemeId, draft, keep)
  return recordAlert(schemeId, draft, report, text, keep)
}

/** Takes a step with the recorded draft; a lost answer is made up for by looking whether it was taken. */
async function step(
  schemeId: string,
  recorded: { id: string; version: number },
  verb: 'submit' | 'override',
  body: object,
): Promise<string> {
  try {
    await post<AlertView>(inScheme(schemeId, `/alerts/${recorded.id}/${verb}`), {
      version: recorded.version,
      ...body,
    })
  } catch (error) {
    // Done already, by the try whose answer was lost or by somebody else: then there is nothing left to do.
    if (!mayHaveBeenDone(error) && !(error instanceof ApiError && error.status === 409)) throw error
    const { alert } = await call<{ alert: AlertView }>(inScheme(schemeId, `/alerts/${recorded.id}`))
    const taken = verb === 'submit' ? alert.state === 'submitted' : alert.orderedAt !== null
    if (!taken) throw error
  }
  return recorded.id
}

/** What the operator said of the alerts nearby. */
function nearOf(draft: Draft): { confirmNear?: string[] } {
  return draft.confirmedNear.length > 0 ? { confirmNear: draft.confirmedNear } : {}
}

/** Hands the alert to a second person. @returns its id. */
export async function submitForApproval(
  schemeId: string,
  draft: Draft,
  text: string,
  keep: Progressing,
  seen?: AudienceView,
): Promise<string> {
  return step(schemeId, await recordDraft(schemeId, draft, text, keep), 'submit', {
    ...named(seen),
    ...nearOf(draft),
  })
}

/** A chief sends without the second person, with the reason; a review is owed. @returns the id of the alert. */
export async function broadcastAlone(
  schemeId: string,
  draft: Draft,
  text: string,
  reason: string,
  keep: Progressing,
  seen?: AudienceView,
): Promise<string> {
  return step(schemeId, await recordDraft(schemeId, draft, text, keep), 'override', {
    reason,
    ...named(seen),
    ...nearOf(draft),
  })
}

/** Puts the magistrate's word on record for the draft as it is. */
export async function recordAuthorisation(
  schemeId: string,
  draft: Draft,
  text: string,
  entry: AuthorisationEntry,
  keep: Progressing,
): Promise<AlertView> {
  const recorded = await recordDraft(schemeId, draft, text, keep)
  return post<AlertView>(inScheme(schemeId, `/alerts/${recorded.id}/authorisation`), {
    version: recorded.version,
    magistrate: entry.magistrate.trim(),
    service: entry.service.trim(),
    givenAt: entry.givenAt ?? new Date(serverNow()).toISOString(),
    scope: entry.scope.trim(),
  })
}
