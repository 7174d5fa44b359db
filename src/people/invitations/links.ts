import { NO_SCHEME } from '../../audit/chain.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import { createInvitation, issueToken } from '../../identity/invitations.ts'
import { type Actor, actorName, type Grant } from '../../permissions.ts'
import type { Tx } from '../../platform/db.ts'
import { type PeopleDeps, type PersonId, refusedAct } from '../act.ts'
import { invitationLink, mailLink, sendsMail } from '../mails.ts'
import { mailValuesOf, type StoredGrant } from '../roles/grants.ts'
import { refusalForRole, rolesAboveOperator } from '../roles/rights.ts'
import type { PersonRow } from '../store.ts'

/**
 * Returns whether a link of an account is only shown on the machine: without a mail server, a user who asks for it on the screen gets
 * it in hand, and could become the second person of their own acts.
 */
export function isMachineLink(
  deps: Pick<Deps, 'mailer' | 'config'>,
  actor: Actor,
  grants: readonly Pick<Grant, 'role'>[],
): boolean {
  return actor.kind === 'user' && !sendsMail(deps) && isAboveOperator(grants)
}

/** @throws AppError `person_refused` where the link of the account is only shown on the machine */
export function requireLinkHere(deps: PeopleDeps, actor: Actor, person: PersonRow): void {
  if (isMachineLink(deps, actor, person.grants)) throw refusedAct('machine')
}

/** Creates a link for an account and mails it, or returns it where no mail can be sent and the actor may have it. */
export async function giveLink(
  tx: Tx,
  deps: PeopleDeps,
  actor: Actor,
  {
    person,
    purpose,
    grant,
  }: {
    readonly person: PersonRow
    readonly purpose: 'invite' | 'recover'
    readonly grant: Pick<StoredGrant, 'schemeId' | 'role' | 'agency'>
  },
): Promise<{ id: string; link: string | null; expiresAt: Date; isMailed: boolean }> {
  const createdBy = actorName(actor)
  const { id, expiresAt } = await createInvitation(tx, deps, { userId: person.id, purpose, createdBy })
  if (sendsMail(deps) && grant.schemeId !== NO_SCHEME) {
    await mailLink(tx, deps, grant.schemeId, { ...mailValuesOf(actor, grant), id, person, purpose })
    return { id, link: null, expiresAt, isMailed: true }
  }
  if (isMachineLink(deps, actor, [...person.grants, grant]))
    return { id, link: null, expiresAt, isMailed: false }
  const token = await issueToken(tx, deps, id)
  if (token === undefined) throw new AppError('internal')
  return { id, link: invitationLink(deps, token), expiresAt, isMailed: false }
}

/**
 * Returns whether a user may get a link of an account: it opens everything that the account was given so far, so only a user who may
 * give all of it gets one.
 */
export function mayHaveLink(actor: Actor, { grants }: PersonRow): boolean {
  return actor.kind !== 'user' || grants.every((one) => refusalForRole(actor.grants, 'invite', one) === null)
}

/**
 * Makes a new link in place of the one that was shown of an invitation. Returns null where the link is mailed, or only shown on the
 * machine.
 * @throws AppError `id_taken` when the invitation is over, another one took its place, or the account was given a role that the actor
 * may not give
 */
export async function replaceShownLink(
  tx: Tx,
  deps: PeopleDeps,
  actor: Actor,
  {
    person,
    grant,
    invitation,
  }: {
    readonly person: PersonRow
    readonly grant: Pick<StoredGrant, 'schemeId' | 'role'>
    readonly invitation: string | undefined
  },
): Promise<string | null> {
  const isMailed = sendsMail(deps) && grant.schemeId !== NO_SCHEME
  if (isMailed || isMachineLink(deps, actor, person.grants)) return null
  const token =
    invitation !== undefined && mayHaveLink(actor, person)
      ? await issueToken(tx, deps, invitation)
      : undefined
  if (token === undefined) throw new AppError('id_taken')
  return invitationLink(deps, token)
}

/**
 * Withdraws the link of an account that a role above operator raises, where links are shown and not mailed: the person who
 * requested it would open the raised account. The account waits for a link that the machine prints.
 * @param person the account as it was before
 */
export async function withdrawShownLink(
  tx: Tx,
  deps: PeopleDeps,
  giver: Actor,
  { person, grant }: { readonly person: PersonRow; readonly grant: Pick<StoredGrant, 'role'> },
): Promise<void> {
  const isRaised = !isAboveOperator(person.grants) && isAboveOperator([grant])
  if (person.waits === null || !isRaised || sendsMail(deps)) return
  const createdBy = actorName(giver)
  await createInvitation(tx, deps, { userId: person.id, purpose: person.waits, createdBy })
}

function isAboveOperator(grants: readonly Pick<Grant, 'role'>[]): boolean {
  return rolesAboveOperator(grants.map(({ role }) => role)).length > 0
}

/** Returns the role of a person that a mail about its account names. */
export function grantHere(person: PersonRow, { schemeId }: PersonId): PersonRow['grants'][number] {
  const found = person.grants.find((grant) => schemeId === undefined || grant.schemeId === schemeId)
  // An account without a role gets its link from whoever asks for it.
  return found ?? { schemeId: NO_SCHEME, role: 'operator', agencyId: null, agency: null }
}
