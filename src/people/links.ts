import { NO_SCHEME } from '../audit/chain.ts'
import { AppError } from '../errors.ts'
import { createInvitation, issueToken } from '../identity/invitations.ts'
import { type Actor, actorName } from '../permissions.ts'
import type { Tx } from '../platform/db.ts'
import type { PeopleDeps, PersonId } from './act.ts'
import { type StoredGrant, wordsOf } from './grants.ts'
import { invitationLink, mailLink, sendsMail } from './mails.ts'
import type { PersonRow } from './store.ts'

/** Creates a link for an account and mails it, or returns it where no mail can be sent. */
export async function giveLink(
  tx: Tx,
  deps: PeopleDeps,
  actor: Actor,
  {
    person,
    purpose,
    grant,
    isShown = true,
  }: {
    readonly person: PersonRow
    readonly purpose: 'invite' | 'recover'
    readonly grant: Pick<StoredGrant, 'schemeId' | 'role' | 'agency'>
    /** Whether a link that is not mailed is returned; otherwise it is asked for again. */
    readonly isShown?: boolean
  },
): Promise<{ link: string | null; expiresAt: Date; isMailed: boolean }> {
  const createdBy = actorName(actor)
  const { id, expiresAt } = await createInvitation(tx, deps, { userId: person.id, purpose, createdBy })
  if (sendsMail(deps) && grant.schemeId !== NO_SCHEME) {
    await mailLink(tx, deps, grant.schemeId, { ...wordsOf(actor, grant), id, person, purpose })
    return { link: null, expiresAt, isMailed: true }
  }
  if (!isShown) return { link: null, expiresAt, isMailed: false }
  const token = await issueToken(tx, deps, id)
  if (token === undefined) throw new AppError('internal')
  return { link: invitationLink(deps, token), expiresAt, isMailed: false }
}

/** Returns the role of a person that a mail about its account names. */
export function grantHere(person: PersonRow, { schemeId }: PersonId): PersonRow['grants'][number] {
  const found = person.grants.find((grant) => schemeId === undefined || grant.schemeId === schemeId)
  // An account without a role gets its link from whoever asks for it.
  return found ?? { schemeId: NO_SCHEME, role: 'operator', agencyId: null, agency: null }
}
