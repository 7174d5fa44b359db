import { AppError } from '../../errors.ts'
import { memberScopeOf } from '../../members/actions.ts'
import type { CorrectionDecision, MemberCorrections } from '../../members/contract.ts'
import {
  declineCorrection,
  findWaitingCorrection,
  findWaitingCorrections,
  settleCorrection,
} from '../../members/corrections/corrections.ts'
import { type Actor, actorName, authorize } from '../../permissions.ts'
import { inScheme } from '../../platform/db.ts'
import { type ByHandDeps, findEditable, lockToEdit, planEdit, writeEdit } from './actions.ts'
import type { CorrectionDecided } from './contract.ts'

/** Lists what businesses asked to correct and that waits, oldest first; a trade chamber sees those of its trades. */
export async function listCorrections(
  deps: Pick<ByHandDeps, 'db'>,
  actor: Actor,
  schemeId: string,
): Promise<MemberCorrections> {
  const only = memberScopeOf(authorize(actor, 'member.change', schemeId))
  return inScheme(deps.db, schemeId, async (tx) => ({
    corrections: await findWaitingCorrections(tx, schemeId, only),
  }))
}

/**
 * Puts what a business asked to correct in force, by the rules of an edit and as one that can be undone for a day, or declines it with
 * a reason, which stays on the portal until the business asks again. The business is notified of either.
 * @throws AppError `not_found` when none waits, or another one than the user read; `invalid_input` without a reason, and with the
 * problems of the values, as of an edit; `import_running`, `undo_running`
 */
export async function decideCorrection(
  deps: ByHandDeps,
  actor: Actor,
  schemeId: string,
  memberId: string,
  { accept, askedAt, reason }: CorrectionDecision,
): Promise<CorrectionDecided> {
  const only = memberScopeOf(authorize(actor, 'member.change', schemeId))
  if (!accept && reason === '')
    throw new AppError('invalid_input', { problems: [{ code: 'input.required', path: 'reason' }] })
  const by = actorName(actor)
  return inScheme(deps.db, schemeId, async (tx) => {
    await lockToEdit(tx, schemeId)
    const asked = (await findWaitingCorrection(tx, schemeId, only, { memberId, askedAt }))?.asked
    if (asked === undefined) throw new AppError('not_found')
    const now = deps.now()
    const answer = async (change: CorrectionDecided['change']) => ({
      corrections: await findWaitingCorrections(tx, schemeId, only),
      change,
    })
    if (!accept) {
      await declineCorrection(tx, deps, schemeId, memberId, { reason, by, at: now })
      return answer(null)
    }
    const { name, siret, trade, place } = asked
    const typed = {
      ...(name !== null && { name }),
      ...(siret !== null && { siret }),
      ...(trade !== null && { trade }),
      ...(place !== null && {
        commune: place.commune.code,
        address: place.address ?? '',
        postalCode: place.postalCode ?? '',
      }),
    }
    const found = await findEditable(tx, schemeId, only, memberId)
    const edit = await planEdit(tx, schemeId, only, found, { typed, contacts: undefined, now })
    const { version } = found.member
    const change = await writeEdit(tx, deps, actor, schemeId, {
      ...found,
      ...edit,
      version,
      answersRequest: askedAt,
    })
    // An edit that changes nothing writes nothing: the values were in force already.
    const given = { values: edit.after, at: now, by, answers: askedAt }
    await settleCorrection(tx, deps, schemeId, memberId, given)
    return answer(change)
  })
}
