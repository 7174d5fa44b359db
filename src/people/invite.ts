import { z } from 'zod'
import { AppError, type Problem } from '../errors.ts'
import { withdrawInvitations } from '../identity/invitations.ts'
import {
  DEMO_MAIL_DOMAIN,
  deleteGrant,
  deleteSessions,
  deleteUser,
  findUserByMail,
  insertUser,
  upsertGrant,
} from '../identity/store.ts'
import { type Actor, authorize } from '../permissions.ts'
import { acrossSchemes, type Tx } from '../platform/db.ts'
import { announceEvent } from '../platform/live.ts'
import {
  accountEvent,
  changePerson,
  type PeopleDeps,
  type PersonId,
  recordPerson,
  requireProgram,
} from './act.ts'
import type { InvitePerson, LinkView } from './contract.ts'
import { coolRoles, countsFrom, factsOf, readGrant, type StoredGrant, wordsOf } from './grants.ts'
import { giveLink, grantHere } from './links.ts'
import { mailHolders, mailRole } from './mails.ts'
import { refusalForRole } from './rights.ts'
import { lockActing, lockPerson, type PersonRow } from './store.ts'

/**
 * Invites a person to a role: a new account gets a link, by mail or to hand over, with which its holder sets the password. An
 * address that has an account gets the role, and its holder a notice.
 * @param schemeId the scheme; undefined for the role `admin`, which only the command line gives
 * @throws AppError `invalid_input` with every problem, `unknown_scheme`, `person_refused`
 */
export async function invitePerson(
  deps: PeopleDeps,
  actor: Actor,
  schemeId: string | undefined,
  input: InvitePerson,
): Promise<LinkView> {
  if (schemeId !== undefined) authorize(actor, 'people.manage', schemeId)
  else requireProgram(actor)
  const mail = input.mail.trim()
  const problems: Problem[] = []
  if (!z.email().safeParse(mail).success) problems.push({ code: 'user.mail', path: 'mail' })
  // The demo refuses to start on a database with real accounts; an account added here would prevent its next start.
  else if (deps.config.demo && !mail.toLowerCase().endsWith(`@${DEMO_MAIL_DOMAIN}`)) {
    problems.push({ code: 'user.demo_mail', path: 'mail', values: { domain: DEMO_MAIL_DOMAIN } })
  }
  if (input.name.trim() === '') problems.push({ code: 'input.required', path: 'name' })
  const link = await acrossSchemes(deps.db, async (tx) => {
    const { grant, person, isNew } = await openInvited(tx, deps, actor, {
      schemeId,
      input: { ...input, mail },
      problems,
    })
    await upsertGrant(tx, { ...grant, userId: person.id, countsFrom: countsFrom(deps, actor) })
    // The privileges changed: the screens ask to sign in again, over what is typed in them.
    const sessionsEnded = await deleteSessions(tx, person.id)
    const needsLink = isNew || person.waits === 'invite'
    const words = wordsOf(actor, grant)
    if (needsLink && !isNew) {
      // The new link opens what the account had before, too.
      await coolRoles(tx, deps, actor, person)
      await mailHolders(tx, deps, { by: words.by, grants: person.grants, person, act: 'invite_again' })
    }
    const given = needsLink
      ? await giveLink(tx, deps, actor, { person, purpose: 'invite', grant })
      : { link: null, expiresAt: null }
    if (!needsLink && schemeId !== undefined) {
      await mailRole(tx, deps, schemeId, { ...words, person, act: 'added' })
    }
    await mailHolders(tx, deps, { by: words.by, grants: [grant], person, act: 'invite' })
    await recordPerson(
      tx,
      deps,
      actor,
      { schemes: [grant.schemeId], userId: person.id },
      {
        action: 'user.invite',
        details: {
          ...factsOf(grant),
          created: isNew,
          sessionsEnded,
          mailed: given.link === null && given.expiresAt !== null,
        },
      },
    )
    await announceEvent(tx, deps, accountEvent(person.id))
    return {
      userId: person.id,
      outcome: needsLink ? ('invited' as const) : ('added' as const),
      link: given.link,
      expiresAt: given.expiresAt?.toISOString() ?? null,
    }
  })
  deps.live.publish(accountEvent(link.userId))
  return link
}

/**
 * Finds and locks the account of an invited address, or creates it. Of two invitations at once, the second one finds the account
 * of the first.
 * @throws AppError `invalid_input` with every problem
 */
async function openInvited(
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
): Promise<{ grant: StoredGrant; person: PersonRow; isNew: boolean }> {
  const { mail } = input
  const known = await findUserByMail(tx, mail)
  const { actor, person: found } = await lockActing(tx, deps.now(), caller, known?.id)
  if (schemeId !== undefined) authorize(actor, 'people.manage', schemeId)
  const grant = await readGrant(tx, actor, schemeId, input, { path: '', problems })
  const requireRight = (person: PersonRow | undefined): StoredGrant => {
    if (person !== undefined) problems.push(...refusedInvitation(actor, person, grant))
    if (problems.length > 0 || grant === undefined) throw new AppError('invalid_input', { problems })
    return grant
  }
  const checked = requireRight(found)
  if (found !== undefined) return { grant: checked, person: found, isNew: false }
  const isNew = await insertUser(tx, {
    id: deps.newId(),
    name: input.name.trim(),
    mail,
    at: deps.now(),
  })
  const made = await findUserByMail(tx, mail)
  const person = made && (await lockPerson(tx, deps.now(), made.id))
  if (person === undefined) throw new AppError('internal')
  if (!isNew) requireRight(person)
  return { grant: checked, person, isNew }
}

/** Finds why an existing account cannot be invited to a role. */
function refusedInvitation(actor: Actor, person: PersonRow, grant: StoredGrant | undefined): Problem[] {
  if (actor.kind === 'user' && actor.userId === person.id) return [{ code: 'person.self', path: 'mail' }]
  if (person.disabledAt !== null) return [{ code: 'person.disabled', path: 'mail' }]
  if (grant === undefined) return []
  const has = person.grants.some(({ schemeId, role }) => schemeId === grant.schemeId && role === grant.role)
  if (has) return [{ code: 'person.has_role', path: 'mail' }]
  // A new link opens everything that the account was given so far, so only somebody who may do all that gets one.
  const isTheirs =
    actor.kind === 'user' &&
    person.grants.some((given) => refusalForRole(actor.grants, 'invite', given) !== null)
  return person.waits === 'invite' && isTheirs ? [{ code: 'person.invited_elsewhere', path: 'mail' }] : []
}

/** Sends the link of a person who has not used it yet again, with 72 more hours; the earlier one is no longer valid. */
export async function inviteAgain(deps: PeopleDeps, actor: Actor, of: PersonId): Promise<LinkView> {
  return changePerson(deps, actor, of, 'invite', async (tx, person) => {
    if (person.waits === null || person.disabledAt !== null) throw new AppError('wrong_state')
    const grant = grantHere(person, of)
    const given = await giveLink(tx, deps, actor, { person, purpose: person.waits, grant })
    await coolRoles(tx, deps, actor, person)
    return {
      record: { action: 'user.invite_again', details: { mailed: given.link === null } },
      notice: 'invite_again',
      result: {
        userId: person.id,
        outcome: 'invited' as const,
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
