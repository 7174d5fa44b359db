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
  const agencyId = agencyIdOf(actor, schemeId)
  const agency =
    agencyId === null
      ? undefined
      : await tx
          .selectFrom('agencies')
          .select('name')
          .where('schemeId', '=', schemeId)
          .where('id', '=', agencyId)
          .executeTakeFirst()
  return signatureFor(actor, schemeId, agency?.name ?? null)
}

/** The agency for which an actor acts in a scheme; null: none. */
export function agencyIdOf(actor: Actor, schemeId: string): string | null {
  if (actor.kind !== 'user') return null
  return actor.grants.find((one) => one.schemeId === schemeId && one.agencyId !== null)?.agencyId ?? null
}

/** The signature, where the name of the actor's agency is known; null: there is no such agency. */
export function signatureFor(actor: Actor, schemeId: string, agencyName: string | null): Signature {
  if (actor.kind !== 'user') return { agencyId: null, agencyName: null, text: actorName(actor) }
  return agencyName === null
    ? { agencyId: null, agencyName: null, text: actor.name }
    : { agencyId: agencyIdOf(actor, schemeId), agencyName, text: `${actor.name} (${agencyName})` }
}

/** Whose a claim or a note is: the account, or the program's own name. */
export function userIdOf(actor: Actor): string {
  return actor.kind === 'user' ? actor.userId : actorName(actor)
}
