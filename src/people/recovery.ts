import { AppError } from '../errors.ts'
import { closeDisplaysOf } from '../identity/sessions/displays.ts'
import { removeSignInMeans } from '../identity/sign-in/factors.ts'
import { deleteSessions, setPasswordDue } from '../identity/store.ts'
import type { Actor } from '../permissions.ts'
import { changePerson, type PeopleDeps, type PersonId } from './act.ts'
import type { LinkView } from './contract.ts'
import { giveLink, grantHere, requireLinkHere } from './invitations/links.ts'
import { coolRoles } from './roles/grants.ts'

/**
 * Lets a person who lost password or phone back in: what the account signed in with is removed, its sessions end, and its
 * holder gets a link to set a new password. The devices it signed in on are forgotten, because they no longer prove who uses it.
 * @throws AppError `person_refused`; `wrong_state` for a disabled account
 */
export function recoverPerson(
  deps: PeopleDeps,
  actor: Actor,
  of: PersonId,
): Promise<LinkView & { readonly sessionsEnded: number }> {
  return changePerson(deps, actor, of, 'recover', async (tx, person) => {
    if (person.disabledAt !== null) throw new AppError('wrong_state')
    requireLinkHere(deps, actor, person)
    const grant = grantHere(person, of)
    await removeSignInMeans(tx, person.id)
    await setPasswordDue(tx, person.id, false)
    const sessionsEnded = await deleteSessions(tx, person.id)
    await closeDisplaysOf(tx, person.id, deps.now())
    const given = await giveLink(tx, deps, actor, { person, purpose: person.waits ?? 'recover', grant })
    await coolRoles(tx, deps, actor, person)
    return {
      record: { action: 'user.reset', details: { sessionsEnded, mailed: given.isMailed } },
      notice: 'recover',
      result: {
        userId: person.id,
        outcome: 'invited' as const,
        proposed: null,
        link: given.link,
        expiresAt: given.expiresAt.toISOString(),
        sessionsEnded,
      },
    }
  })
}
