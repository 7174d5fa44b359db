import { z } from 'zod'
import { NO_SCHEME } from '../../audit/chain.ts'
import { AppError, type Problem } from '../../errors.ts'
import { withdrawInvitations } from '../../identity/invitations.ts'
import {
  DEMO_MAIL_DOMAIN,
  deleteGrant,
  deleteSessions,
  deleteUser,
  findUserByMail,
  insertUser,
  upsertGrant,
} from '../../identity/store.ts'
import { type Actor, authorize } from '../../permissions.ts'
import { acrossSchemes, type Tx } from '../../platform/db.ts'
import { announceEvent } from '../../platform/http/live.ts'
import {
  accountEvent,
  changePerson,
  type PeopleDeps,
  type PersonId,
  recordPerson,
  requireProgram,
} from '../act.ts'
import type { InvitePerson, LinkView } from '../contract.ts'
import { mailHolders, mailRole } from '../mails.ts'
import {
  auditFactsOf,
  coolRoles,
  countsFrom,
  mailValuesOf,
  readGrant,
  type StoredGrant,
} from '../roles/grants.ts'
import {
  bypassFacts,
  findRepeatedRole,
  markRole,
  proposeRole,
  type RepeatedRole,
  type RoleDecision,
  requestFacts,
} from '../roles/propose.ts'
import { refusalForRole } from '../roles/rights.ts'
import { lockActing, lockPerson, type PersonRow } from '../store.ts'
import {
  giveLink,
  grantHere,
  mayHaveLink,
  replaceShownLink,
  requireLinkHere,
  withdrawShownLink,
} from './links.ts'

/**
 * Invites a person to a role: a new account gets a link, by mail or to hand over, with which its holder sets the password. An
 * address that has an account gets the role, and its holder a notice. A role above operator is proposed: neither account nor link
 * exists until another account puts it in force. A repeated request with the same id gives and proposes nothing, and is answered
 * as the first one.
 * @param schemeId the scheme; undefined for the role `admin`, which only the command line gives
 * @throws AppError `invalid_input` with every problem, `unknown_scheme`, `person_refused`; as `proposeRole`
 */
export async function invitePerson(
  deps: PeopleDeps,
  caller: Actor,
  schemeId: string | undefined,
  input: InvitePerson,
): Promise<LinkView & Pick<RoleDecision, 'bypasses'>> {
  if (schemeId !== undefined) authorize(caller, 'people.manage', schemeId)
  else requireProgram(caller)
  const mail = input.mail.trim()
  const problems: Problem[] = []
  if (!z.email().safeParse(mail).success) problems.push({ code: 'user.mail', path: 'mail' })
  // The demo refuses to start on a database with real accounts; an account added here would prevent its next start.
  else if (deps.config.demo && !mail.toLowerCase().endsWith(`@${DEMO_MAIL_DOMAIN}`)) {
    problems.push({ code: 'user.demo_mail', path: 'mail', values: { domain: DEMO_MAIL_DOMAIN } })
  }
  if (input.name.trim() === '') problems.push({ code: 'input.required', path: 'name' })
  const link = await acrossSchemes(
    deps.db,
    async (tx) => {
      const invited = await checkInvited(tx, deps, caller, { schemeId, input: { ...input, mail }, problems })
      const { actor, grant, found } = invited
      if ('repeated' in invited) return repeatedLink(tx, deps, invited)
      const { requireRight } = invited
      const name = input.name.trim()
      const { reason, id } = input
      const request = { grant, mail, name, person: found, before: undefined, reason, id }
      const decision = await proposeRole(tx, deps, actor, request, 'mail')
      if (decision.proposed !== null) return proposedLink(found, decision.proposed)
      const account =
        found === undefined ? await openAccount(tx, deps, { name, mail }) : { person: found, isNew: false }
      // Of two invitations at once, the second one finds the account of the first.
      if (found === undefined && !account.isNew) requireRight(account.person)
      const given = await giveRole(tx, deps, {
        ...account,
        grant,
        giver: actor,
        recordedAs: actor,
        id,
        ...decision,
      })
      await announceEvent(tx, deps, accountEvent(account.person.id))
      return { ...given, proposed: null, bypasses: decision.bypasses }
    },
    { schemeId },
  )
  if (link.proposed !== null && schemeId !== undefined) deps.live.publish({ type: 'scheme', schemeId })
  else if (link.userId !== null) deps.live.publish(accountEvent(link.userId))
  return link
}

function proposedLink(found: PersonRow | undefined, proposed: string): LinkView & { bypasses: false } {
  return {
    userId: found?.id ?? null,
    outcome: 'proposed',
    link: null,
    expiresAt: null,
    proposed,
    bypasses: false,
  }
}

/** A checked invitation, with the account of its address as it was before. */
interface Invited {
  readonly actor: Actor
  readonly grant: StoredGrant
  readonly found: PersonRow | undefined
}

/**
 * Answers an invitation whose first answer may have been lost. A link that was shown is replaced, because that answer had the only
 * copy of it; that is recorded.
 * @throws AppError `id_taken` when the role was given and removed since; as `replaceShownLink`
 */
async function repeatedLink(
  tx: Tx,
  deps: PeopleDeps,
  { actor, grant, found, repeated }: Invited & { readonly repeated: RepeatedRole },
): Promise<LinkView & { bypasses: false }> {
  if (repeated.proposed !== null) return proposedLink(found, repeated.proposed)
  if (found === undefined || findHeld(found, grant) === undefined) throw new AppError('id_taken')
  const isUnopened = found.waits === 'invite'
  const { invitation } = repeated
  const link = isUnopened
    ? await replaceShownLink(tx, deps, actor, { person: found, grant, invitation })
    : null
  if (link !== null) {
    const schemes = found.grants.map(({ schemeId }) => schemeId)
    const record = { action: 'user.invite_again' as const, details: { mailed: false } }
    await recordPerson(tx, deps, actor, { schemes, userId: found.id }, record)
  }
  return {
    userId: found.id,
    outcome: isUnopened ? 'invited' : 'added',
    link,
    expiresAt: isUnopened ? (found.linkUntil?.toISOString() ?? null) : null,
    proposed: null,
    bypasses: false,
  }
}

/**
 * Checks an invitation, and finds and locks the account of its address; or finds what the same request did before.
 * @throws AppError `invalid_input` with every problem
 */
async function checkInvited(
  tx: Tx,
  deps: PeopleDeps,
  caller: Actor,
  {
    schemeId,
    input,
    problems,
  }: {
    readonly schemeId: string | undefined
    readonly input: InvitePerson
    readonly problems: Problem[]
  },
): Promise<
  (Invited & { requireRight: (person: PersonRow) => void }) | (Invited & { repeated: RepeatedRole })
> {
  const known = await findUserByMail(tx, input.mail)
  const { actor, person: found } = await lockActing(tx, deps.now(), caller, known?.id)
  if (schemeId !== undefined) authorize(actor, 'people.manage', schemeId)
  const grant = await readGrant(tx, actor, schemeId, input, { path: '', problems })
  const { id, mail } = input
  const repeated =
    grant && (await findRepeatedRole(tx, actor, { id, grant, mail, from: null, userId: found?.id }))
  if (grant !== undefined && repeated !== undefined) return { actor, grant, found, repeated }
  const requireRight = (person: PersonRow | undefined): StoredGrant => {
    if (person !== undefined) problems.push(...refusedInvitation(actor, person, grant))
    if (problems.length > 0 || grant === undefined) throw new AppError('invalid_input', { problems })
    return grant
  }
  return { actor, grant: requireRight(found), found, requireRight }
}

/** Creates the account of an address, or returns the one that another transaction created meanwhile, locked. */
export async function openAccount(
  tx: Tx,
  deps: PeopleDeps,
  { name, mail }: { readonly name: string; readonly mail: string },
): Promise<{ person: PersonRow; isNew: boolean }> {
  const isNew = await insertUser(tx, { id: deps.newId(), name, mail, at: deps.now() })
  const made = await findUserByMail(tx, mail)
  const person = made && (await lockPerson(tx, deps.now(), made.id))
  if (person === undefined) throw new AppError('internal')
  return { person, isNew }
}

/** Gives a role to an account, with its link if it was never opened, its notices and its record. */
export async function giveRole(
  tx: Tx,
  deps: PeopleDeps,
  of: {
    readonly person: PersonRow
    readonly isNew: boolean
    readonly grant: StoredGrant
    /** The user who invites, as the mails name them. */
    readonly giver: Actor
    readonly recordedAs: Actor
    /** Id of the request that gives it at once. */
    readonly id?: string | undefined
  } & Pick<RoleDecision, 'by' | 'bypasses'>,
): Promise<Omit<LinkView, 'userId' | 'proposed'> & { userId: string }> {
  const { person, isNew, grant, giver, by } = of
  await upsertGrant(tx, { ...grant, userId: person.id, countsFrom: countsFrom(deps, giver) })
  await markRole(tx, deps, person, of)
  // The privileges changed: the screens ask to sign in again, over what is typed in them.
  const sessionsEnded = await deleteSessions(tx, person.id)
  const needsLink = isNew || person.waits === 'invite'
  const words = mailValuesOf(giver, grant)
  if (needsLink && !isNew) {
    // The new link opens what the account had before, too.
    await coolRoles(tx, deps, giver, person)
    await mailHolders(tx, deps, { by: words.by, grants: person.grants, person, act: 'invite_again' })
  }
  const given = needsLink
    ? await giveLink(tx, deps, giver, { person, purpose: 'invite', grant })
    : { id: null, link: null, expiresAt: null, isMailed: false }
  if (!needsLink) await withdrawShownLink(tx, deps, giver, of)
  if (!needsLink && grant.schemeId !== NO_SCHEME) {
    await mailRole(tx, deps, grant.schemeId, { ...words, person, act: 'added' })
  }
  // The holders were notified of the change.
  if (by.change === undefined)
    await mailHolders(tx, deps, { by: words.by, grants: [grant], person, act: 'invite' })
  const details = {
    ...auditFactsOf(grant),
    created: isNew,
    sessionsEnded,
    mailed: given.isMailed,
    ...bypassFacts(of),
    ...requestFacts(of.id, given.id),
  }
  await recordPerson(
    tx,
    deps,
    of.recordedAs,
    { schemes: [grant.schemeId], userId: person.id },
    { action: 'user.invite', details, by },
  )
  return {
    userId: person.id,
    outcome: needsLink ? 'invited' : 'added',
    link: given.link,
    expiresAt: given.expiresAt?.toISOString() ?? null,
  }
}

/** Finds why an existing account cannot be invited to a role. */
function refusedInvitation(actor: Actor, person: PersonRow, grant: StoredGrant | undefined): Problem[] {
  if (actor.kind === 'user' && actor.userId === person.id) return [{ code: 'person.self', path: 'mail' }]
  if (person.disabledAt !== null) return [{ code: 'person.disabled', path: 'mail' }]
  if (grant === undefined) return []
  const held = findHeld(person, grant)
  if (held !== undefined) {
    // The list of a chief has the people of the chief's own agency only.
    const isListed = actor.kind !== 'user' || refusalForRole(actor.grants, 'invite', held) === null
    return [{ code: isListed ? 'person.has_role' : 'person.has_role_elsewhere', path: 'mail' }]
  }
  const isUnopened = person.waits === 'invite'
  return isUnopened && !mayHaveLink(actor, person) ? [{ code: 'person.invited_elsewhere', path: 'mail' }] : []
}

/** Finds the role of a person in a scheme, whichever its agency. */
function findHeld({ grants }: PersonRow, { schemeId, role }: StoredGrant) {
  return grants.find((one) => one.schemeId === schemeId && one.role === role)
}

/**
 * Sends the link of a person who has not used it yet again, with 72 more hours; the earlier one is no longer valid.
 * @throws AppError `person_refused`; `wrong_state` without an unused link
 */
export async function inviteAgain(deps: PeopleDeps, actor: Actor, of: PersonId): Promise<LinkView> {
  return changePerson(deps, actor, of, 'invite', async (tx, person) => {
    if (person.waits === null || person.disabledAt !== null) throw new AppError('wrong_state')
    requireLinkHere(deps, actor, person)
    const grant = grantHere(person, of)
    const given = await giveLink(tx, deps, actor, { person, purpose: person.waits, grant })
    await coolRoles(tx, deps, actor, person)
    return {
      record: { action: 'user.invite_again', details: { mailed: given.isMailed } },
      notice: 'invite_again',
      result: {
        userId: person.id,
        outcome: 'invited' as const,
        proposed: null,
        link: given.link,
        expiresAt: given.expiresAt.toISOString(),
      },
    }
  })
}

/**
 * Withdraws the invitation of an account that was never opened: its roles in the scheme are removed and its link is no longer
 * valid. Without a role elsewhere the account is deleted.
 */
export async function withdrawInvitation(deps: PeopleDeps, actor: Actor, of: PersonId): Promise<void> {
  await changePerson(deps, actor, of, 'invite', async (tx, person) => {
    if (person.waits !== 'invite') throw new AppError('wrong_state')
    const here = person.grants.filter(({ schemeId }) => of.schemeId === undefined || schemeId === of.schemeId)
    for (const { schemeId, role } of here) await deleteGrant(tx, { userId: person.id, schemeId, role })
    await withdrawInvitations(tx, person.id, deps.now())
    if (here.length === person.grants.length) await deleteUser(tx, person.id)
    return {
      record: { action: 'user.withdraw', details: {}, named: { name: person.name } },
      result: undefined,
    }
  })
}
