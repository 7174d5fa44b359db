import { type Actor, actorName } from '../permissions.ts'
import type { Tx } from '../platform/db.ts'

export interface Signature {
  /** The agency for which the actor acts in the scheme. */
  readonly agencyId: string | null
  readonly agencyName: string | null
  /** "Camille Roche (CIC Clermont-Ferrand)". */
  readonly text: string
}

/**
 * How the actor signs in the "by" columns: the name people read, taken down at the time of the act. The accounts are
 * out of reach of a scheme's transaction, and a name that changes later must not rewrite who decided. The audit
 * record holds the id.
 */
export async function signatureOf(tx: Tx, actor: Actor, schemeId: string): Promise<Signature> {
  if (actor.kind !== 'user') return { agencyId: null, agencyName: null, text: actorName(actor) }
  const grant = actor.grants.find((one) => one.schemeId === schemeId && one.agencyId !== null)
  const agency = grant?.agencyId
    ? await tx
        .selectFrom('agencies')
        .select(['id', 'name'])
        .where('schemeId', '=', schemeId)
        .where('id', '=', grant.agencyId)
        .executeTakeFirst()
    : undefined
  return agency
    ? { agencyId: agency.id, agencyName: agency.name, text: `${actor.name} (${agency.name})` }
    : { agencyId: null, agencyName: null, text: actor.name }
}

/** Whose a claim or a note is: the account, or the program's own name. */
export function userIdOf(actor: Actor): string {
  return actor.kind === 'user' ? actor.userId : actorName(actor)
}
