import { AppError, refusalOf } from '../../errors.ts'
import { inScheme } from '../../platform/db.ts'
import { recordDecline } from '../approval/ask.ts'
import { recordAuthorisation, signatureOfMagistrate } from '../approval/authorise.ts'
import { lockMessage } from '../approval/messages.ts'
import { findAuthorisationRequest } from './asked.ts'
import { type ConfirmDeps, readView, requireKey } from './confirm.ts'
import type { AuthorisationDecision, ConfirmView } from './contract.ts'

/**
 * Records the yes or no of a magistrate without an account to an authorisation that is being asked.
 * @throws AppError `not_found`; `code_wrong` when the key has expired; `already_decided` when nobody asks any more;
 * `alert_changed`; or every problem at once
 */
export async function decideAuthorisation(
  deps: ConfirmDeps,
  schemeId: string,
  id: string,
  { key, version, answer, words }: AuthorisationDecision,
): Promise<ConfirmView> {
  const at = deps.now()
  const { view, alertId } = await inScheme(deps.db, schemeId, async (tx) => {
    const magistrate = await requireKey(tx, deps, schemeId, id, key)
    const request = await findAuthorisationRequest(tx, schemeId, id)
    if (request === undefined) throw new AppError('not_found')
    const message = await lockMessage(tx, schemeId, request, { event: 'discard', version })
    // Another magistrate may have answered while this one waited for the lock.
    const latest = await findAuthorisationRequest(tx, schemeId, id)
    if (latest === undefined || latest.endedAt !== null) throw new AppError('already_decided')
    const actor = { kind: 'system', name: `magistrate:${magistrate.id}` } as const
    if (answer === 'authorised') {
      if (words === '') throw refusalOf([{ code: 'input.required', path: 'words' }])
      const problems = await recordAuthorisation(tx, deps, actor, {
        of: message,
        word: { scope: words },
        now: at,
        self: magistrate,
      })
      if (problems.length > 0) throw refusalOf(problems)
    } else {
      const by = signatureOfMagistrate(magistrate).text
      await recordDecline(tx, message, { at, by, reason: words, auditedAs: `magistrate:${magistrate.id}` })
    }
    return { view: await readView(tx, deps, schemeId, id), alertId: request.alertId }
  })
  deps.live.publish({ type: 'alert', schemeId, alertId })
  return view
}
