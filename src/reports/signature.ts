import { type Actor, actorName } from '../permissions.ts'
import type { Tx } from '../platform/db.ts'

export interface Signature {
  /** The agency that the actor represents in the scheme. */
  readonly agencyId: string | null
  readonly agencyName: string | null
  /** "Camille Roche (CIC Clermont-Ferrand)". */
  readonly text: string
}

/**
 * Returns the actor's name for the "by" columns, as displayed at the time of the action. It is stored because accounts are
 * not readable within a scheme's transaction, and because a later change of name must not alter past decisions. The audit
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

/** Returns the agency that an actor represents in a scheme; null if none. */
export function agencyIdOf(actor: Actor, schemeId: string): string | null {
  if (actor.kind !== 'user') return null
  return actor.grants.find((one) => one.schemeId === schemeId && one.agencyId !== null)?.agencyId ?? null
}

/** Builds the signature when the agency's name is known; null if there is no such agency. */
export function signatureFor(actor: Actor, schemeId: string, agencyName: string | null): Signature {
  if (actor.kind !== 'user') return { agencyId: null, agencyName: null, text: actorName(actor) }
  return agencyName === null
    ? { agencyId: null, agencyName: null, text: actor.name }
    : { agencyId: agencyIdOf(actor, schemeId), agencyName, text: `${actor.name} (${agencyName})` }
}

/** Returns the owner of a claim or note: the account's id, or the program's own name. */
export function ownerIdOf(actor: Actor): string {
  return actor.kind === 'user' ? actor.userId : actorName(actor)
}
