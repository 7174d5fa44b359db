import type { AlertView, AudienceView } from '../../../../src/alerts/contract.ts'
import { callApi } from '../../../api/client.ts'
import { serverNow } from '../../../api/clock.ts'
import type { InDoubt } from '../../../api/doubt.ts'
import type { AuthorisationEntry } from '../../approval/authorisation/AuthorisationFields.tsx'
import { seenAudienceBody } from '../audience/seen.ts'
import type { Draft } from '../text/draft.ts'
import { type Progressing, recordAlert, recordReport, submitOrder } from './flow.ts'

/** Records the report and the alert of a draft, each once. */
export async function recordDraft(schemeId: string, draft: Draft, text: string, keep: Progressing) {
  const report = await recordReport(schemeId, draft, keep)
  return recordAlert(schemeId, draft, report, text, keep)
}

/** The near alerts that the operator confirmed. */
function nearOf(draft: Draft): { confirmNear?: string[] } {
  return draft.confirmedNear.length > 0 ? { confirmNear: draft.confirmedNear } : {}
}

/**
 * Submits the alert to a second person.
 * @returns the submitted alert
 */
export async function submitForApproval(
  schemeId: string,
  draft: Draft,
  text: string,
  {
    keep,
    seen,
    doubt,
  }: { readonly keep: Progressing; readonly seen: AudienceView | undefined; readonly doubt: InDoubt },
): Promise<AlertView> {
  const recorded = await recordDraft(schemeId, draft, text, keep)
  const params = { scheme: schemeId, id: recorded.id }
  const body = { version: recorded.version, ...seenAudienceBody(seen), ...nearOf(draft) }
  const send = (signal: AbortSignal) => callApi('submitAlert', { params, body, signal })
  return submitOrder(schemeId, recorded, 'submit', send, { keep, doubt })
}

/**
 * Sends it without the second person, as a chief may with a reason; it must be reviewed afterwards.
 * @returns the alert
 */
export async function broadcastAlone(
  schemeId: string,
  draft: Draft,
  text: string,
  {
    reason,
    keep,
    seen,
    doubt,
  }: {
    readonly reason: string
    readonly keep: Progressing
    readonly seen: AudienceView | undefined
    readonly doubt: InDoubt
  },
): Promise<AlertView> {
  const recorded = await recordDraft(schemeId, draft, text, keep)
  const params = { scheme: schemeId, id: recorded.id }
  const body = { version: recorded.version, reason, ...seenAudienceBody(seen), ...nearOf(draft) }
  const send = (signal: AbortSignal) => callApi('overrideAlert', { params, body, signal })
  return submitOrder(schemeId, recorded, 'override', send, { keep, doubt })
}

/** Records the prosecutor's authorisation for the draft as it is. */
export async function recordAuthorisation(
  schemeId: string,
  draft: Draft,
  text: string,
  entry: AuthorisationEntry,
  keep: Progressing,
): Promise<AlertView> {
  const recorded = await recordDraft(schemeId, draft, text, keep)
  return callApi('recordAuthorisation', {
    params: { scheme: schemeId, id: recorded.id },
    body: {
      version: recorded.version,
      magistrateId: entry.magistrateId,
      givenAt: entry.givenAt ?? new Date(serverNow()).toISOString(),
      scope: entry.scope.trim(),
    },
  })
}

/** Asks the magistrates on call for the authorisation of the draft as it is. */
export async function askAuthorisation(
  schemeId: string,
  draft: Draft,
  text: string,
  scope: string,
  keep: Progressing,
): Promise<AlertView> {
  const recorded = await recordDraft(schemeId, draft, text, keep)
  return callApi('askAuthorisation', {
    params: { scheme: schemeId, id: recorded.id },
    body: { version: recorded.version, scope: scope.trim() },
  })
}
