import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import type { GuardInput } from '../guard/guard.ts'
import { listMemberNames } from '../members/store.ts'
import { type Actor, authorize } from '../permissions.ts'
import { inScheme } from '../platform/db.ts'
import { findScheme } from '../schemes/store.ts'
import { getAreaContext, resolveArea } from '../territory/store/areas.ts'
import { MAX_PARTS } from './contract.ts'

/** What the guard must know of a scheme: the names not to be told, its places, its advice, its limit. */
export type GuardFacts = Required<Pick<GuardInput, 'memberNames' | 'places' | 'advice' | 'maxParts'>>

/**
 * Reads those facts. The arrays are new at each call: keep them for as long as the list of members stays, since the
 * guard indexes each array once.
 * @throws AppError `unknown_scheme`, `forbidden`
 */
export function getGuardFacts(deps: Pick<Deps, 'db'>, actor: Actor, schemeId: string): Promise<GuardFacts> {
  authorize(actor, 'alert.compose', schemeId)
  return inScheme(deps.db, schemeId, async (tx) => {
    const scheme = await findScheme(tx, schemeId)
    if (scheme === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
    const { communes } = await resolveArea(tx, await getAreaContext(tx, schemeId), { kind: 'scheme' })
    return {
      memberNames: await listMemberNames(tx, schemeId),
      places: [...communes, ...scheme.sectors].map(({ name }) => name),
      advice: scheme.closingAdvice,
      maxParts: MAX_PARTS,
    }
  })
}
