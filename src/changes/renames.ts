import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { memberScopeOf } from '../members/actions.ts'
import type { RenameDecision } from '../members/contract.ts'
import { declineName, findWaitingName, listRenames, settleAskedName } from '../members/renames.ts'
import { lockMemberList, lockMemberWrites } from '../members/store.ts'
import { type Actor, actorName, authorize } from '../permissions.ts'
import { inScheme } from '../platform/db.ts'
import { searchName } from '../territory/spelling.ts'
import type { RenameDecided } from './contract.ts'
import { openChange } from './record.ts'
import { findChange, toChangeView } from './store.ts'

/**
 * Puts the name that a business asked for in force, as a change that can be undone for a day, or declines it with a reason, which stays
 * on the portal until the business asks for another. The business is notified of either.
 * @throws AppError `not_found` when none waits, or another one than the user read; `invalid_input` without a reason;
 * `import_running`, `undo_running`
 */
export async function decideRename(
  deps: Pick<Deps, 'db' | 'now' | 'newId' | 'jobs' | 'mailer'>,
  actor: Actor,
  schemeId: string,
  memberId: string,
  { accept, wanted, reason }: RenameDecision,
): Promise<RenameDecided> {
  const only = memberScopeOf(authorize(actor, 'member.rename', schemeId))
  if (!accept && reason === '')
    throw new AppError('invalid_input', { problems: [{ code: 'input.required', path: 'reason' }] })
  const by = actorName(actor)
  const change = await inScheme(deps.db, schemeId, async (tx) => {
    await lockMemberList(tx, schemeId)
    await lockMemberWrites(tx, schemeId)
    const rename = await findWaitingName(tx, schemeId, only, { memberId, wanted })
    if (rename === undefined) throw new AppError('not_found')
    if (!accept) {
      await declineName(tx, deps, schemeId, memberId, { reason, by, at: deps.now() })
      return null
    }
    const made = await openChange(tx, deps, schemeId, { kind: 'edit', actor, note: wanted })
    await made.before(tx, [memberId])
    await tx
      .updateTable('members')
      .set({ name: wanted, searchName: searchName(wanted), updatedAt: made.at })
      .where('schemeId', '=', schemeId)
      .where('id', '=', memberId)
      .execute()
    await made.after(tx, { touched: [memberId], created: [] })
    await made.finish(tx)
    await settleAskedName(tx, deps, schemeId, memberId, { name: wanted, at: made.at, by })
    const row = await findChange(tx, schemeId, made.id)
    return row === undefined ? null : toChangeView(row, deps.now(), undefined)
  })
  return { ...(await listRenames(deps, actor, schemeId)), change }
}
