import { NO_SCHEME } from '../audit/chain.ts'
import type { AuditAction } from '../audit/list.ts'
import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { formatMessage } from '../i18n/format.ts'
import { type Actor, actorName, authorize, type Grant, isBreakGlass, personName } from '../permissions.ts'
import { acrossSchemes, type Tx } from '../platform/db.ts'
import { announceEvent } from '../platform/http/live.ts'
import { auditBy, type ChangedBy } from '../settings/propose.ts'
import { type MailDeps, mailHolders, type NoticedAct } from './mails.ts'
import { NEEDED_ROLES, type PersonAct, refusalForAccount } from './roles/rights.ts'
import { listHolders, lockActing, lockHolders, type PersonRow } from './store.ts'

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

export interface PersonRecord {
  readonly action: AuditAction
  readonly details: Readonly<Record<string, unknown>>
  readonly reason?: string
  /** Names a person whose account is deleted. */
  readonly named?: Readonly<Record<string, string>>
  /** The people of a change that was put in force. */
  readonly by?: Partial<ChangedBy>
}

/** An act on an account as it was done: its record, and whether the other holders of its roles are notified. */
export interface AppliedAct<T> {
  /** Undefined for an act without effect, which is not recorded. */
  readonly record: PersonRecord | undefined
  readonly notice?: NoticedAct | undefined
  readonly result: T
}

/** Runs an act on an account with its right, its record, its notices, and the end of what other processes know of the account. */
export async function changePerson<T>(
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
export async function changeAccount<T>(
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

/**
 * Refuses to leave a scheme without an active holder of a role that it needs, unless the person says why.
 * @param grants the roles that would be lost
 */
export async function requireReasonForLast(
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

export function requireAllowed(
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

export function refusedAct(refusal: string): AppError {
  return new AppError('person_refused', {
    problems: [{ code: `person.refused_${refusal}` as `${string}.${string}` }],
  })
}

/** Records an act on a person in the audit logs of schemes. */
export async function recordPerson(
  tx: Tx,
  deps: Pick<Deps, 'now'>,
  actor: Actor,
  { schemes, userId }: { readonly schemes: readonly string[]; readonly userId: string },
  { action, details, reason, named, by = {} }: PersonRecord,
): Promise<void> {
  const claimed = actor.kind === 'system' ? actor.claimed : undefined
  // Acts of the break-glass account are in the log of the installation too.
  const chains = isBreakGlass(actor) ? [...schemes, NO_SCHEME] : schemes
  for (const schemeId of chains.length === 0 ? [NO_SCHEME] : [...new Set(chains)].sort()) {
    const people = {
      actor: actorName(actor),
      name: personName(actor),
      ...(reason !== undefined && { reason }),
      ...by,
    }
    await recordAudit(
      tx,
      schemeId,
      deps.now(),
      auditBy(people, {
        action,
        subject: `user:${userId}`,
        details,
        named: { ...named, ...(claimed === undefined ? {} : { claimed }) },
      }),
    )
  }
}

/** Returns the name of the actor for a mail: on the command line the one that the person gave. */
export function nameOf(actor: Actor): string {
  if (actor.kind === 'user') return actor.name
  const claimed = actor.kind === 'system' ? actor.claimed : undefined
  return claimed ?? formatMessage('fr', 'person.platform')
}

export function holderOf({ id, grants }: PersonRow) {
  return { userId: id, grants }
}

export function grantsOf(actor: Actor): readonly Grant[] {
  return actor.kind === 'user' ? actor.grants : []
}

/** Builds the event that makes every process drop what it cached about an account and close its streams. */
export function accountEvent(userId: string) {
  return { type: 'account', schemeId: NO_SCHEME, userId } as const
}

export function authorizePeople(actor: Actor, schemeId: string | undefined): void {
  if (schemeId === undefined) requireProgram(actor)
  else authorize(actor, 'people.manage', schemeId)
}

/** @throws AppError `forbidden` unless the caller is the program itself: only the command line acts outside the schemes */
export function requireProgram(actor: Actor): void {
  if (actor.kind !== 'system') throw new AppError('forbidden', { values: { permission: 'people.manage' } })
}
