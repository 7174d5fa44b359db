import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem, refusalOf } from '../../errors.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme } from '../../platform/db.ts'
import { type Signature, signatureOf } from '../../reports/signature.ts'
import { insertAuthorisation, voidAuthorisation } from '../authorisations.ts'
import { contentHash } from '../content.ts'
import type { AlertView, NewAuthorisation } from '../contract.ts'
import { recordAlertEvent } from '../events.ts'
import { UNSENT } from '../states.ts'
import { lockAlert } from '../store.ts'
import { getAlertRow } from './draft.ts'
import { getAlertView } from './read.ts'

/** How far the clock of a screen may be ahead of ours. */
const CLOCK_TOLERANCE_MS = 120_000

/**
 * Records what a magistrate agreed to, for the content as it is: changing it makes the authorisation void. Another one
 * takes the place of the first.
 * @throws AppError `not_found`, `alert_not_draft`, `wrong_state`, `alert_changed`, or every problem at once.
 */
export async function recordAuthorisation(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'live'>,
  actor: Actor,
  schemeId: string,
  id: string,
  input: NewAuthorisation,
): Promise<AlertView> {
  authorize(actor, 'authorisation.record', schemeId)
  const now = deps.now()
  const givenAt = input.givenAt === undefined ? now : new Date(input.givenAt)
  await inScheme(deps.db, schemeId, async (tx) => {
    const alert = await lockAlert(tx, schemeId, id)
    if (alert === undefined) throw new AppError('not_found')
    if (!(UNSENT as readonly string[]).includes(alert.state)) {
      throw new AppError(alert.orderedAt === null ? 'wrong_state' : 'alert_not_draft')
    }
    if (alert.version !== input.version) throw new AppError('alert_changed')
    const signature = await signatureOf(tx, actor, schemeId)
    const { magistrate, service } = whoGives(actor, schemeId, signature, input)
    const problems: Problem[] = []
    if (alert.doctrine.level !== 'precise') {
      problems.push({ code: 'doctrine.authorisation_needless', path: 'doctrine.level' })
    }
    if (!magistrate) problems.push({ code: 'input.required', path: 'magistrate' })
    if (!service) problems.push({ code: 'input.required', path: 'service' })
    if (givenAt.getTime() > now.getTime() + CLOCK_TOLERANCE_MS) {
      problems.push({ code: 'doctrine.authorisation_future', path: 'givenAt' })
    }
    if (!magistrate || !service || problems.length > 0) throw refusalOf(problems)
    const hash = contentHash(await getAlertRow(tx, schemeId, id))
    await voidAuthorisation(tx, schemeId, id, { at: now, why: 'replaced' })
    await insertAuthorisation(tx, {
      schemeId,
      id: deps.newId(),
      alertId: id,
      magistrate,
      service,
      givenAt,
      scope: input.scope,
      contentHash: hash,
      recordedAt: now,
      recordedBy: signature.text,
    })
    await recordAlertEvent(tx, schemeId, id, {
      at: now,
      kind: 'authorised',
      by: signature.text,
      reason: input.scope,
      details: { magistrate, service },
    })
    await recordAudit(tx, schemeId, now, {
      actor: actorName(actor),
      action: 'authorisation.record',
      subject: `alert:${id}`,
      details: { version: alert.version, contentHash: hash, service, givenAt: givenAt.toISOString() },
    })
  })
  deps.live.publish({ type: 'alert', schemeId, alertId: id })
  return getAlertView(deps, actor, schemeId, id)
}

/** A magistrate who is signed in speaks for themself; the others say whom they heard. */
function whoGives(
  actor: Actor,
  schemeId: string,
  signature: Signature,
  input: NewAuthorisation,
): { readonly magistrate: string | undefined; readonly service: string | undefined } {
  const isMagistrate =
    actor.kind === 'user' &&
    actor.grants.some((grant) => grant.schemeId === schemeId && grant.role === 'magistrate')
  if (!isMagistrate) return { magistrate: input.magistrate, service: input.service }
  return { magistrate: actor.name, service: signature.agencyName ?? input.service }
}
