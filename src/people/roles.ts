import { AppError, type Problem } from '../errors.ts'
import { withdrawInvitations } from '../identity/invitations.ts'
import { deleteGrant, deleteSessions, deleteUser, upsertGrant } from '../identity/store.ts'
import type { Actor, Role } from '../permissions.ts'
import { acrossSchemes, type Tx } from '../platform/db.ts'
import { announceEvent } from '../platform/live.ts'
import {
  accountEvent,
  authorizePeople,
  type PeopleDeps,
  type PersonId,
  type PersonRecord,
  recordPerson,
  refusedAct,
  requireReasonForLast,
} from './act.ts'
import type { ChangeRole, RemoveRole } from './contract.ts'
import { countsFrom, factsOf, readGrant, wordsOf } from './grants.ts'
import { mailHolders, mailRole } from './mails.ts'
import { refusalForRole } from './rights.ts'
import { lockActing, type PersonRow } from './store.ts'

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
