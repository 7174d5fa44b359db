import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError, refusalOf } from '../../errors.ts'
import { endCallOuts } from '../../on-call/call-outs.ts'
import { type Actor, actorName } from '../../permissions.ts'
import type { Tx } from '../../platform/db.ts'
import { signatureOf } from '../../reports/signature.ts'
import { getAlertRow } from '../compose/draft.ts'
import type { AlertView, AuthorisationRequest, VersionReason } from '../contract.ts'
import { recordAlertEvent } from '../order/events.ts'
import { withLockedMessage } from './actions.ts'
import { callForAuthorisation } from './calls.ts'
import type { LockedMessage, MessageOf } from './messages.ts'

type AskDeps = Pick<Deps, 'db' | 'now' | 'live' | 'newId' | 'jobs' | 'config'>

/**
 * Asks for the prosecutor's authorisation of the current content of a message: the magistrates on call are called, one after the
 * other, until one answers or the content changes. A message need not be submitted for it. Another request starts the calls again.
 * @throws AppError `not_found`, `alert_not_draft`, `wrong_state`, `alert_changed`, or every problem: a level that needs no
 * authorisation, one that is recorded already, no magistrate to call
 */
export function askAuthorisation(
  deps: AskDeps,
  actor: Actor,
  schemeId: string,
  of: MessageOf,
  { version, scope }: AuthorisationRequest,
): Promise<AlertView> {
  const act = { of, permission: 'alert.submit', decision: { event: 'discard', version } } as const
  return withLockedMessage(deps, actor, schemeId, act, async (tx, message, at) => {
    if (message.level !== 'precise') {
      const path = of.followUpId === null ? 'doctrine.level' : 'level'
      throw refusalOf([{ code: 'doctrine.authorisation_needless', path }])
    }
    if (await isAuthorised(tx, message)) throw refusalOf([{ code: 'doctrine.authorised_already' }])
    const alert = await getAlertRow(tx, schemeId, of.alertId)
    const askedBy = (await signatureOf(tx, actor, schemeId)).text
    const { authorIds } = message
    const called = await callForAuthorisation(tx, deps, message, { alert, authorIds, scope, askedBy, at })
    if (!called) throw refusalOf([{ code: 'on_call.no_magistrate' }])
    await recordAlertEvent(tx, schemeId, of.alertId, {
      at,
      kind: 'authorisation_asked',
      by: askedBy,
      reason: scope,
    })
    await recordAudit(tx, schemeId, at, {
      actor: actorName(actor),
      action: 'authorisation.ask',
      subject: `alert:${of.alertId}`,
      details: auditedOf(message),
    })
  })
}

/**
 * Declines a requested authorisation, as the signed-in magistrate. The message stays as it is, without an authorisation.
 * @throws AppError `forbidden` to other users; `not_found`, `alert_changed`; `wrong_state` when none is requested
 */
export function declineAuthorisation(
  deps: AskDeps,
  actor: Actor,
  schemeId: string,
  of: MessageOf,
  { version, reason }: VersionReason,
): Promise<AlertView> {
  const act = { of, permission: 'authorisation.record', decision: { event: 'discard', version } } as const
  return withLockedMessage(deps, actor, schemeId, act, async (tx, message, at) => {
    const isMagistrate =
      actor.kind === 'user' &&
      actor.grants.some((grant) => grant.schemeId === schemeId && grant.role === 'magistrate')
    if (!isMagistrate) throw new AppError('forbidden')
    const by = (await signatureOf(tx, actor, schemeId)).text
    await recordDecline(tx, message, { at, by, reason, auditedAs: actorName(actor) })
  })
}

/** Records that a magistrate declines, and ends the calls. @throws AppError `wrong_state` when no authorisation is requested */
export async function recordDecline(
  tx: Tx,
  message: LockedMessage,
  {
    at,
    by,
    reason,
    auditedAs,
  }: {
    readonly at: Date
    readonly by: string
    /** Empty: none. */
    readonly reason: string
    readonly auditedAs: string
  },
): Promise<void> {
  const note = reason === '' ? null : reason
  const wasAsked = await endCallOuts(tx, message, ['authorisation'], { at, why: 'declined', by, note })
  if (!wasAsked) throw new AppError('wrong_state')
  await recordAlertEvent(tx, message.schemeId, message.alertId, {
    at,
    kind: 'authorisation_declined',
    by,
    ...(note !== null && { reason: note }),
  })
  await recordAudit(tx, message.schemeId, at, {
    actor: auditedAs,
    action: 'authorisation.decline',
    subject: `alert:${message.alertId}`,
    details: auditedOf(message),
  })
}

const auditedOf = ({ followUpId, version, hash }: LockedMessage) => ({
  ...(followUpId !== null && { followUp: followUpId }),
  version,
  contentHash: hash,
})

async function isAuthorised(
  tx: Tx,
  { schemeId, alertId, followUpId, hash }: LockedMessage,
): Promise<boolean> {
  const row = await tx
    .selectFrom('authorisations')
    .select('id')
    .where('schemeId', '=', schemeId)
    .where('alertId', '=', alertId)
    .where('followUpId', followUpId === null ? 'is' : '=', followUpId)
    .where('contentHash', '=', hash)
    .where('voidAt', 'is', null)
    .executeTakeFirst()
  return row !== undefined
}
