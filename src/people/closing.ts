import { closeDisplaysOf } from '../identity/sessions/displays.ts'
import { deleteSessions, setDisabled } from '../identity/store.ts'
import type { Actor } from '../permissions.ts'
import {
  changePerson,
  type PeopleDeps,
  type PersonChange,
  type PersonId,
  requireReasonForLast,
} from './act.ts'
import { coolRoles, unopenedFacts } from './roles/grants.ts'

/**
 * Disables an account: its sessions and wall displays end on every node and no one can sign in to it. Its history stays.
 * @throws AppError `person_refused`; `last_holder` for the last active chief or chamber of a scheme, without a reason
 */
export function disablePerson(
  deps: PeopleDeps,
  actor: Actor,
  of: PersonId,
  { reason }: { readonly reason?: string | undefined } = {},
): Promise<PersonChange> {
  return changePerson(deps, actor, of, 'disable', async (tx, person) => {
    if (person.disabledAt === null) await requireReasonForLast(tx, person, person.grants, reason)
    const sessionsEnded = await deleteSessions(tx, person.id)
    const displaysClosed = await closeDisplaysOf(tx, person.id, deps.now())
    const isNew = await setDisabled(tx, person.id, deps.now())
    const changed = isNew || sessionsEnded > 0 || displaysClosed > 0
    const record = {
      action: 'user.disable' as const,
      details: { sessionsEnded, ...unopenedFacts(person) },
      ...(reason === undefined ? {} : { reason }),
    }
    const notice = person.disabledAt === null ? 'disable' : undefined
    return { record: changed ? record : undefined, notice, result: { changed, sessionsEnded } }
  })
}

/** Enables a disabled account again, with what it signed in with before. */
export function enablePerson(deps: PeopleDeps, actor: Actor, of: PersonId): Promise<PersonChange> {
  return changePerson(deps, actor, of, 'disable', async (tx, person) => {
    const changed = await setDisabled(tx, person.id, null)
    if (changed) await coolRoles(tx, deps, actor, person)
    const record = { action: 'user.enable' as const, details: { sessionsEnded: 0 } }
    const notice = changed ? 'enable' : undefined
    return { record: changed ? record : undefined, notice, result: { changed, sessionsEnded: 0 } }
  })
}
