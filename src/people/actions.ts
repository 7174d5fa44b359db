import { z } from 'zod'
import { NO_SCHEME } from '../audit/chain.ts'
import type { AuditAction } from '../audit/list.ts'
import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { AppError, type Problem } from '../errors.ts'
import { formatMessage } from '../i18n/format.ts'
import { type DeviceSession, type OwnSessions, RoleName } from '../identity/contract.ts'
import { describeSession } from '../identity/devices.ts'
import { removeSignInMeans } from '../identity/factors.ts'
import { createInvitation, issueToken, withdrawInvitations } from '../identity/invitations.ts'
import type { SignedIn } from '../identity/passkeys.ts'
import {
  DEMO_MAIL_DOMAIN,
  deleteGrant,
  deleteSessions,
  deleteUser,
  findUserByMail,
  insertUser,
  setCountsFrom,
  setDisabled,
  setPasswordDue,
  upsertGrant,
} from '../identity/store.ts'
import { type Actor, actorName, authorize, type Grant, type Role } from '../permissions.ts'
import { acrossSchemes, type Tx } from '../platform/db.ts'
import { announceEvent } from '../platform/live.ts'
import type {
  ChangeRole,
  GivenRole,
  InvitePerson,
  LinkView,
  PeopleView,
  PersonView,
  RemoveRole,
} from './contract.ts'
import {
  invitationLink,
  type MailDeps,
  mailHolders,
  mailLink,
  mailRole,
  type NoticedAct,
  sendsMail,
} from './mails.ts'
import {
  NEEDED_ROLES,
  type PersonAct,
  refusalForAccount,
  refusalForRole,
  rolesAboveOperator,
  rolesToGive,
} from './rights.ts'
import {
  findSchemeForGrant,
  listHolders,
  listPersonRows,
  listSessionRows,
  lockActing,
  lockHolders,
  lockPerson,
  type PersonRow,
} from './store.ts'

export type PeopleDeps = Pick<Deps, 'db' | 'database' | 'live'> & MailDeps

/**
 * A person of a scheme, as an account of that scheme names it. On the command line the scheme is undefined, and every account
 * can be named.
 */
export interface PersonId {
  readonly schemeId: string | undefined
  readonly userId: string
}

/** The effect of an act on an account. An act without effect is not recorded. */
export interface PersonChange {
  readonly changed: boolean
  readonly sessionsEnded: number
}

/** Lists everybody with a role in the scheme; their roles in other schemes are not shown. */
export async function listPeople(
  deps: Pick<Deps, 'db' | 'now' | 'mailer' | 'config'>,
  actor: Actor,
  schemeId: string,
): Promise<PeopleView> {
  authorize(actor, 'people.read', schemeId)
  const grants = grantsOf(actor)
  return acrossSchemes(deps.db, async (tx) => {
    const scheme = await findSchemeForGrant(tx, schemeId)
    if (scheme === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
    const rows = await listPersonRows(tx, deps.now(), { schemeId })
    const codeOf = (id: string | undefined) => scheme.agencies.find((one) => one.id === id)?.code ?? null
    return {
      people: rows.map((row) => viewOf(actor, row, schemeId)),
      given: rolesToGive(grants, schemeId).map(({ role, agencyId }) => ({ role, agency: codeOf(agencyId) })),
      mails: sendsMail(deps),
    }
  })
}

function viewOf(actor: Actor, row: PersonRow, schemeId: string): PersonView {
  const refusalOf = (act: PersonAct) =>
    actor.kind === 'user' ? refusalForAccount(actor, act, holderOf(row), schemeId) : null
  const roles = row.grants.filter((grant) => grant.schemeId === schemeId)
  return {
    id: row.id,
    name: row.name,
    mail: row.mail,
    state: stateOf(row),
    linkUntil: row.linkUntil?.toISOString() ?? null,
    roles: roles.map((grant) => ({
      role: grant.role,
      agency: grant.agency,
      trades: grant.trades == null ? null : [...grant.trades],
      mayChange:
        actor.kind !== 'user' ||
        (actor.userId !== row.id && refusalForRole(actor.grants, 'change', grant) === null),
    })),
    lastSignInAt: row.lastSignInAt?.toISOString() ?? null,
    openSessions: row.openSessions,
    mayDisable: refusalOf('disable') === null,
    mayEndSessions: refusalOf('sessions') === null,
    mayRecover: refusalOf('recover') === null,
    refusal: refusalOf('disable') ?? refusalOf('recover'),
  }
}

/** Returns the state of an account: disabled, waiting for its holder to use a link, or active. */
export function stateOf({ disabledAt, waits }: Pick<PersonRow, 'disabledAt' | 'waits'>): PersonView['state'] {
  if (disabledAt !== null) return 'disabled'
  return waits === 'invite' ? 'invited' : waits === 'recover' ? 'recovering' : 'active'
}

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

/**
 * Replaces a role of a person in a scheme, or its agency or trades. The sessions of the account end.
 * @throws AppError `invalid_input` with every problem, `not_found`, `person_refused`, `last_holder` without a reason
 */
export async function changeRole(
  deps: PeopleDeps,
  caller: Actor,
  { schemeId, userId }: PersonId & { readonly schemeId: string },
  { from, to, reason }: ChangeRole,
): Promise<void> {
  await changeGrant(deps, caller, { schemeId, userId }, from, async (tx, { actor, person, before }) => {
    const problems: Problem[] = []
    const grant = await readGrant(tx, actor, schemeId, to, { path: 'to.', problems })
    if (problems.length > 0 || grant === undefined) throw new AppError('invalid_input', { problems })
    if (grant.role !== from) {
      await requireReasonForLast(tx, person, [before], reason)
      await deleteGrant(tx, { userId, schemeId, role: from })
    }
    await upsertGrant(tx, { ...grant, userId, countsFrom: countsFrom(deps, actor) })
    const sessionsEnded = await deleteSessions(tx, userId)
    const words = { ...wordsOf(actor, grant), person }
    if (person.waits !== 'invite') await mailRole(tx, deps, schemeId, { ...words, act: 'changed' })
    if (grant.role !== from) {
      const { by } = words
      await mailHolders(tx, deps, { by, grants: [grant], person, act: 'change' })
      await mailHolders(tx, deps, { by, grants: [before], person, act: 'remove' })
    }
    return {
      action: 'user.role',
      details: {
        from: factsOf({ ...before, trades: before.trades ?? null }),
        ...factsOf(grant),
        sessionsEnded,
      },
      ...(reason === undefined ? {} : { reason }),
    }
  })
}

/**
 * Removes a role of a person in a scheme. The account stays, with its other roles; its sessions end.
 * @throws AppError `not_found`, `person_refused`, `last_holder` without a reason
 */
export async function removeRole(
  deps: PeopleDeps,
  caller: Actor,
  { schemeId, userId }: PersonId & { readonly schemeId: string },
  { role, reason }: RemoveRole,
): Promise<void> {
  await changeGrant(deps, caller, { schemeId, userId }, role, async (tx, { actor, person, before }) => {
    await requireReasonForLast(tx, person, [before], reason)
    await deleteGrant(tx, { userId, schemeId, role })
    const sessionsEnded = await deleteSessions(tx, userId)
    if (person.grants.length === 1) {
      await withdrawInvitations(tx, userId, deps.now())
      if (person.waits === 'invite') await deleteUser(tx, userId)
    }
    const words = { ...wordsOf(actor, before), person }
    if (person.waits !== 'invite') await mailRole(tx, deps, schemeId, { ...words, act: 'removed' })
    await mailHolders(tx, deps, { by: words.by, grants: [before], person, act: 'remove' })
    return {
      action: 'user.role_remove',
      details: { ...factsOf({ ...before, trades: before.trades ?? null }), sessionsEnded },
      ...(reason === undefined ? {} : { reason }),
    }
  })
}

/**
 * Disables an account: its sessions end on every node and no one can sign in to it. Its history stays.
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
    const changed = (await setDisabled(tx, person.id, deps.now())) || sessionsEnded > 0
    const record = {
      action: 'user.disable' as const,
      details: { sessionsEnded },
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

/** Ends the sessions of an account on every node, or one of them; the person may sign in again. */
export function endPersonSessions(
  deps: PeopleDeps,
  actor: Actor,
  of: PersonId,
  { id }: { readonly id?: string | undefined } = {},
): Promise<PersonChange> {
  return changePerson(deps, actor, of, 'sessions', (tx, person) =>
    endSessions(tx, person, id === undefined ? undefined : { id }),
  )
}

/** Lists the open sessions of the signed-in account, the latest first. */
export async function listOwnSessions(deps: Pick<Deps, 'db' | 'now'>, actor: SignedIn): Promise<OwnSessions> {
  const rows = await acrossSchemes(deps.db, (tx) => listSessionRows(tx, deps.now(), actor.userId))
  return { current: actor.session.id, sessions: rows.map(describeSession) }
}

/** Ends one session of the signed-in account on every node, or all but the one of the request. */
export function endOwnSessions(
  deps: PeopleDeps,
  actor: SignedIn,
  { id }: { readonly id?: string | undefined } = {},
): Promise<PersonChange> {
  return changeAccount(deps, actor, actor.userId, (tx, { person }) => {
    if (person === undefined) throw new AppError('not_signed_in')
    return endSessions(tx, person, id === undefined ? { except: actor.session.id } : { id })
  })
}

async function endSessions(
  tx: Tx,
  person: PersonRow,
  only: Parameters<typeof deleteSessions>[2],
): Promise<AppliedAct<PersonChange>> {
  const sessionsEnded = await deleteSessions(tx, person.id, only)
  const record = { action: 'user.end_sessions' as const, details: { sessionsEnded } }
  const changed = sessionsEnded > 0
  return { record: changed ? record : undefined, result: { changed, sessionsEnded } }
}

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
    const grant = grantHere(person, of)
    await removeSignInMeans(tx, person.id)
    await setPasswordDue(tx, person.id, false)
    const sessionsEnded = await deleteSessions(tx, person.id)
    const given = await giveLink(tx, deps, actor, { person, purpose: person.waits ?? 'recover', grant })
    await coolRoles(tx, deps, actor, person)
    return {
      record: { action: 'user.reset', details: { sessionsEnded, mailed: given.link === null } },
      notice: 'recover',
      result: {
        userId: person.id,
        outcome: 'invited' as const,
        link: given.link,
        expiresAt: given.expiresAt.toISOString(),
        sessionsEnded,
      },
    }
  })
}

/** Lists the open sessions of a person, the latest first. */
export async function listPersonSessions(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: Actor,
  of: PersonId,
): Promise<DeviceSession[]> {
  authorizePeople(actor, of.schemeId)
  return acrossSchemes(deps.db, async (tx) => {
    const [person] = await listPersonRows(tx, deps.now(), { userId: of.userId })
    requireAllowed(actor, 'sessions', person, of)
    return (await listSessionRows(tx, deps.now(), of.userId)).map(describeSession)
  })
}

const HOUR_MS = 3_600_000

/** Returns from when on a role that an actor gives counts as the second person; null for the program: at once. */
function countsFrom({ now, config }: Pick<Deps, 'now' | 'config'>, actor: Actor): Date | null {
  return actor.kind === 'system' ? null : new Date(now().getTime() + config.coolingHours * HOUR_MS)
}

/** Keeps a person whom another let in from deciding as the second person until the cooling time has passed. */
async function coolRoles(tx: Tx, deps: PeopleDeps, actor: Actor, { id, grants }: PersonRow): Promise<void> {
  const roles = rolesAboveOperator(grants.map(({ role }) => role))
  const from = countsFrom(deps, actor)
  if (from !== null && roles.length > 0) await setCountsFrom(tx, id, roles, from)
}

interface StoredGrant {
  readonly schemeId: string
  readonly role: Role
  readonly agencyId: string | null
  readonly agency: string | null
  readonly trades: readonly string[] | null
}

/** Reads a role as typed, and collects every problem with it. @returns undefined when the role does not exist */
async function readGrant(
  tx: Tx,
  actor: Actor,
  schemeId: string | undefined,
  input: GivenRole,
  { path, problems }: { readonly path: '' | 'to.'; readonly problems: Problem[] },
): Promise<StoredGrant | undefined> {
  const role = RoleName.safeParse(input.role)
  const isOutside = role.success && role.data === 'admin'
  if (!role.success || isOutside !== (schemeId === undefined)) {
    const code = isOutside ? 'user.admin_scheme' : role.success ? 'user.scheme' : 'user.role'
    problems.push({ code, path: `${path}role`, values: { role: input.role } })
  }
  if (schemeId === undefined) {
    const outside = { schemeId: NO_SCHEME, agencyId: null, agency: null, trades: null }
    return role.success ? { ...outside, role: role.data } : undefined
  }
  const scheme = await findSchemeForGrant(tx, schemeId)
  if (scheme === undefined) throw new AppError('unknown_scheme', { values: { scheme: schemeId } })
  const agency = scheme.agencies.find(({ code }) => code === input.agency)
  if (input.agency != null && agency === undefined) {
    const codes = scheme.agencies.map(({ code }) => code).join(', ')
    problems.push({ code: 'user.agency', path: `${path}agency`, values: { agency: input.agency, codes } })
  }
  problems.push(...tradeProblems(input, scheme.trades, `${path}trades`))
  if (!role.success || isOutside) return undefined
  const grant = {
    schemeId,
    role: role.data,
    agencyId: agency?.id ?? null,
    agency: agency?.name ?? null,
    trades: input.trades ?? null,
  }
  const refusal = actor.kind === 'user' ? refusalForRole(actor.grants, 'invite', grant) : null
  if (refusal === 'role') problems.push({ code: 'person.role', path: `${path}role` })
  if (refusal === 'service') problems.push({ code: 'person.service', path: `${path}agency` })
  return grant
}

function tradeProblems({ role, trades }: GivenRole, known: readonly string[], path: string): Problem[] {
  const values = { trades: known.join(', ') }
  if (role !== 'trade_chamber') {
    return trades == null ? [] : [{ code: 'user.trades_unused', path, values }]
  }
  const isRight = trades != null && trades.length > 0 && trades.every((code) => known.includes(code))
  return isRight ? [] : [{ code: 'user.trades', path, values }]
}

/** Creates a link for an account and mails it, or returns it where no mail can be sent. */
async function giveLink(
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
): Promise<{ link: string | null; expiresAt: Date }> {
  const createdBy = actorName(actor)
  const { id, expiresAt } = await createInvitation(tx, deps, { userId: person.id, purpose, createdBy })
  if (sendsMail(deps) && grant.schemeId !== NO_SCHEME) {
    await mailLink(tx, deps, grant.schemeId, { ...wordsOf(actor, grant), id, person, purpose })
    return { link: null, expiresAt }
  }
  const token = await issueToken(tx, deps, id)
  if (token === undefined) throw new AppError('internal')
  return { link: invitationLink(deps, token), expiresAt }
}

/** Returns the role of a person that a mail about its account names. */
function grantHere(person: PersonRow, { schemeId }: PersonId): PersonRow['grants'][number] {
  const found = person.grants.find((grant) => schemeId === undefined || grant.schemeId === schemeId)
  // An account without a role gets its link from whoever asks for it.
  return found ?? { schemeId: NO_SCHEME, role: 'operator', agencyId: null, agency: null }
}

interface PersonRecord {
  readonly action: AuditAction
  readonly details: Readonly<Record<string, unknown>>
  readonly reason?: string
  /** Names a person whose account is deleted. */
  readonly named?: Readonly<Record<string, string>>
}

/** An act on an account as it was done: its record, and whether the other holders of its roles are notified. */
interface AppliedAct<T> {
  /** Undefined for an act without effect, which is not recorded. */
  readonly record: PersonRecord | undefined
  readonly notice?: NoticedAct | undefined
  readonly result: T
}

/** Runs an act on an account with its right, its record, its notices, and the end of what other processes know of the account. */
async function changePerson<T>(
  deps: PeopleDeps,
  caller: Actor,
  of: PersonId,
  act: PersonAct,
  apply: (tx: Tx, person: PersonRow) => Promise<AppliedAct<T>>,
): Promise<T> {
  authorizePeople(caller, of.schemeId)
  return changeAccount(deps, caller, of.userId, (tx, { actor, person }) => {
    authorizePeople(actor, of.schemeId)
    requireAllowed(actor, act, person, of)
    return apply(tx, person)
  })
}

/** Runs an act on an account, whose right `apply` checks, with its record, its notices and the end of what is known of it. */
async function changeAccount<T>(
  deps: PeopleDeps,
  caller: Actor,
  userId: string,
  apply: (
    tx: Tx,
    of: { readonly actor: Actor; readonly person: PersonRow | undefined },
  ) => Promise<AppliedAct<T>>,
): Promise<T> {
  const { record, result } = await acrossSchemes(deps.db, async (tx) => {
    const { actor, person } = await lockActing(tx, deps.now(), caller, userId)
    const applied = await apply(tx, { actor, person })
    if (applied.notice !== undefined && person !== undefined) {
      const notice = { by: nameOf(actor), grants: person.grants, person, act: applied.notice }
      await mailHolders(tx, deps, notice)
    }
    if (applied.record !== undefined) {
      // The change is recorded in every scheme in which the account has a role, where those who run the scheme can read it.
      const schemes = person?.grants.map(({ schemeId }) => schemeId) ?? []
      await recordPerson(tx, deps, actor, { schemes, userId }, applied.record)
      await announceEvent(tx, deps, accountEvent(userId))
    }
    return applied
  })
  if (record !== undefined) deps.live.publish(accountEvent(userId))
  return result
}

/** Runs a change of one role of a person in a scheme. */
async function changeGrant(
  deps: PeopleDeps,
  caller: Actor,
  { schemeId, userId }: PersonId & { readonly schemeId: string },
  role: Role,
  apply: (
    tx: Tx,
    of: {
      readonly actor: Actor
      readonly person: PersonRow
      readonly before: PersonRow['grants'][number]
    },
  ) => Promise<PersonRecord>,
): Promise<void> {
  authorizePeople(caller, schemeId)
  await acrossSchemes(deps.db, async (tx) => {
    const { actor, person } = await lockActing(tx, deps.now(), caller, userId)
    authorizePeople(actor, schemeId)
    const before = person?.grants.find((grant) => grant.schemeId === schemeId && grant.role === role)
    if (person === undefined || before === undefined) throw new AppError('not_found')
    if (actor.kind === 'user') {
      const refusal = actor.userId === userId ? 'self' : refusalForRole(actor.grants, 'change', before)
      if (refusal !== null) throw refusedAct(refusal)
    }
    const record = await apply(tx, { actor, person, before })
    await recordPerson(tx, deps, actor, { schemes: [schemeId], userId }, record)
    await announceEvent(tx, deps, accountEvent(userId))
  })
  deps.live.publish(accountEvent(userId))
}

/**
 * Refuses to leave a scheme without an active holder of a role that it needs, unless the person says why.
 * @param grants the roles that would be lost
 */
async function requireReasonForLast(
  tx: Tx,
  person: PersonRow,
  grants: readonly Pick<Grant, 'schemeId' | 'role'>[],
  reason: string | undefined,
): Promise<void> {
  if (person.waits === 'invite' || person.disabledAt !== null || (reason ?? '').trim() !== '') return
  for (const { schemeId, role } of grants) {
    if (!NEEDED_ROLES.includes(role)) continue
    await lockHolders(tx, schemeId)
    const others = (await listHolders(tx, { schemeId, roles: [role] })).filter(({ id }) => id !== person.id)
    if (others.length === 0) throw new AppError('last_holder', { values: { role, scheme: schemeId } })
  }
}

function requireAllowed(
  actor: Actor,
  act: PersonAct,
  person: PersonRow | undefined,
  { schemeId }: PersonId,
): asserts person is PersonRow {
  const isHere =
    schemeId === undefined || person?.grants.some((grant) => grant.schemeId === schemeId) === true
  if (person === undefined || !isHere) throw new AppError('not_found')
  if (actor.kind !== 'user' || schemeId === undefined) return
  const refusal = refusalForAccount(actor, act, holderOf(person), schemeId)
  if (refusal !== null) throw refusedAct(refusal)
}

function refusedAct(refusal: string): AppError {
  return new AppError('person_refused', {
    problems: [{ code: `person.refused_${refusal}` as `${string}.${string}` }],
  })
}

/** Records an act on a person in the audit logs of schemes. */
async function recordPerson(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  actor: Actor,
  { schemes, userId }: { readonly schemes: readonly string[]; readonly userId: string },
  { action, details, reason, named }: PersonRecord,
): Promise<void> {
  const claimed = actor.kind === 'system' ? actor.claimed : undefined
  for (const schemeId of schemes.length === 0 ? [NO_SCHEME] : [...new Set(schemes)].sort()) {
    await recordAudit(tx, schemeId, deps.now(), {
      actor: actorName(actor),
      action,
      subject: `user:${userId}`,
      details,
      ...(reason === undefined ? {} : { reason }),
      named: { ...named, ...(claimed === undefined ? {} : { claimed }) },
    })
  }
}

function factsOf({ role, agencyId, trades }: Pick<StoredGrant, 'role' | 'agencyId' | 'trades'>) {
  return { role, agencyId, ...(trades === null ? {} : { trades }) }
}

function wordsOf(actor: Actor, { role, agency }: Pick<StoredGrant, 'role' | 'agency'>) {
  return { by: nameOf(actor), role, agency }
}

/** Returns the name of the actor for a mail: on the command line the one that the person gave. */
function nameOf(actor: Actor): string {
  if (actor.kind === 'user') return actor.name
  const claimed = actor.kind === 'system' ? actor.claimed : undefined
  return claimed ?? formatMessage('fr', 'person.platform')
}

function holderOf({ id, grants }: PersonRow) {
  return { userId: id, grants }
}

function grantsOf(actor: Actor): readonly Grant[] {
  return actor.kind === 'user' ? actor.grants : []
}

/** Builds the event that makes every process drop what it cached about an account and close its streams. */
function accountEvent(userId: string) {
  return { type: 'account', schemeId: NO_SCHEME, userId } as const
}

function authorizePeople(actor: Actor, schemeId: string | undefined): void {
  if (schemeId === undefined) requireProgram(actor)
  else authorize(actor, 'people.manage', schemeId)
}

/** @throws AppError `forbidden` unless the caller is the program itself: only the command line acts outside the schemes */
function requireProgram(actor: Actor): void {
  if (actor.kind !== 'system') throw new AppError('forbidden', { values: { permission: 'people.manage' } })
}
