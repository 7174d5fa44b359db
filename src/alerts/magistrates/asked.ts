import { type Selectable, sql } from 'kysely'
import { countFollowing } from '../../deliveries/plan/plan.ts'
import type { Deps } from '../../deps.ts'
import { withReference } from '../../message/reference.ts'
import { segmentMessage } from '../../message/segment.ts'
import type { Tx } from '../../platform/db.ts'
import type { Schema } from '../../schema.ts'
import { countAudience } from '../audience/audience-count.ts'
import { careFor } from '../audience/care.ts'
import { countSolicitations } from '../audience/solicitations.ts'
import { getAlertRow, getSchemeFacts } from '../compose/draft.ts'
import { markIfExercise } from '../follow-up/follow-ups.ts'
import { findSent, whereRecipientsAreNow } from '../follow-up/order.ts'
import type { AlertRow } from '../store.ts'
import type { AuthorisationAsked } from './contract.ts'

/** The call by which a magistrate is asked for an authorisation. */
export interface AuthorisationRequestRow
  extends Pick<
    Selectable<Schema['callOuts']>,
    | 'alertId'
    | 'followUpId'
    | 'exercise'
    | 'scope'
    | 'askedBy'
    | 'startedAt'
    | 'endedAt'
    | 'endedWhy'
    | 'endedBy'
  > {
  readonly personId: string
}

/** Finds the request of which a link has the call. */
export async function findAuthorisationRequest(
  tx: Tx,
  schemeId: string,
  callId: string,
): Promise<AuthorisationRequestRow | undefined> {
  const { rows } = await sql<AuthorisationRequestRow>`
    select c.person_id, o.alert_id, o.follow_up_id, o.exercise, o.scope, o.asked_by, o.started_at, o.ended_at, o.ended_why, o.ended_by
    from call_out_calls c join call_outs o on o.scheme_id = c.scheme_id and o.id = c.call_out_id
    where c.scheme_id = ${schemeId} and c.id = ${callId}::uuid and o.subject = 'authorisation'`.execute(tx)
  return rows[0]
}

/** Shows what a magistrate is asked to authorise; the text only as long as the answer is open. */
export async function authorisationRequestViewOf(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  request: AuthorisationRequestRow,
): Promise<AuthorisationAsked> {
  const alert = await getAlertRow(tx, schemeId, request.alertId)
  const followUp = alert.followUps.find(({ id }) => id === request.followUpId)
  const isOpen = request.endedAt === null
  const content = followUp === undefined ? alert.text : markIfExercise(alert, followUp.text)
  const text = segmentMessage(withReference(content, alert.reference, alert.traced), {
    fold: true,
  }).parts.join('')
  const { recipients, sms, communes } = await countRecipients(tx, deps, schemeId, {
    alert,
    isFollowUp: followUp !== undefined,
  })
  const { endedWhy } = request
  return {
    state: isOpen ? 'open' : endedWhy === 'authorised' || endedWhy === 'declined' ? endedWhy : 'over',
    reference: alert.reference,
    category: { fr: alert.labelFr, en: alert.labelEn },
    commune: alert.communeName,
    occurredAt: alert.occurredAt.toISOString(),
    text: isOpen ? text : null,
    area: alert.areaLabel,
    communes,
    recipients: isOpen ? recipients : null,
    sms: isOpen ? sms : null,
    scope: request.scope,
    askedBy: request.askedBy ?? followUp?.submittedBy ?? alert.submittedBy ?? alert.createdBy,
    askedAt: request.startedAt.toISOString(),
    version: (followUp ?? alert).version,
    endedBy: request.endedBy,
    endedAt: request.endedAt?.toISOString() ?? null,
  }
}

async function countRecipients(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  schemeId: string,
  { alert, isFollowUp }: { readonly alert: AlertRow; readonly isFollowUp: boolean },
): Promise<{ recipients: number; sms: number; communes: number }> {
  const scheme = await getSchemeFacts(tx, schemeId)
  const { timeZone, territory } = scheme
  const care = careFor(scheme.doctrine.care, alert.severity, { now: deps.now(), timeZone })
  await countSolicitations(tx, schemeId, care)
  const { members, sms, communes } = await countAudience(tx, alert, { schemeId, territory }, care)
  if (!isFollowUp) return { recipients: members, sms, communes }
  const { first } = await findSent(tx, schemeId, alert.id)
  const following = { first: first.broadcastId, ...whereRecipientsAreNow() }
  const { recipients } = await countFollowing(tx, schemeId, following)
  return { recipients, sms: recipients, communes }
}
