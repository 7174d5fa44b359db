import { AppError, type Problem } from '../../errors.ts'
import { withdrawInvitations } from '../../identity/invitations.ts'
import { closeDisplaysOf } from '../../identity/sessions/displays.ts'
import { deleteGrant, deleteSessions, deleteUser, upsertGrant } from '../../identity/store.ts'
import type { Actor, Role } from '../../permissions.ts'
import { acrossSchemes, type Tx } from '../../platform/db.ts'
import { announceEvent } from '../../platform/http/live.ts'
import {
  accountEvent,
  authorizePeople,
  type PeopleDeps,
  type PersonId,
  type PersonRecord,
  recordPerson,
  refusedAct,
  requireReasonForLast,
} from '../act.ts'
import type { ChangeRole, RemoveRole, RoleSaved } from '../contract.ts'
import { withdrawShownLink } from '../invitations/links.ts'
import { mailHolders, mailRole } from '../mails.ts'
import { lockActing, type PersonRow } from '../store.ts'
import {
  auditFactsOf,
  countsFrom,
  mailValuesOf,
  readGrant,
  type StoredGrant,
  unopenedFacts,
} from './grants.ts'
import {
  bypassFacts,
  findRepeatedRole,
  isSameRole,
  markRole,
  proposeRole,
  type RoleDecision,
  requestFacts,
} from './propose.ts'
import { refusalForRole } from './rights.ts'

/**
 * Replaces a role of a person in a scheme, or its agency or trades. The sessions of the account end. A role above operator is
 * proposed, and the former one stays until another account puts the change in force. The same request with the same id again
 * changes nothing and is answered as the first one.
 * @throws AppError `invalid_input` with every problem, `not_found`, `person_refused`, `last_holder` without a reason; as `proposeRole`
 */
export async function changeRole(
  deps: PeopleDeps,
  caller: Actor,
  { schemeId, userId }: PersonId & { readonly schemeId: string },
  { id, from, to, reason }: ChangeRole,
): Promise<RoleSaved & Pick<RoleDecision, 'bypasses'>> {
  let decision: RoleDecision = { by: {}, proposed: null, bypasses: false }
  await changeGrant(deps, caller, { schemeId, userId }, async (tx, { actor, person }) => {
    const problems: Problem[] = []
    const grant = await readGrant(tx, actor, schemeId, to, { path: 'to.', problems })
    const { mail, name } = person
    // The role that an earlier request with the same id replaced is gone once its change is in force.
    const repeated = grant && (await findRepeatedRole(tx, actor, { id, grant, mail, from, userId }))
    if (repeated !== undefined) {
      decision = { ...decision, proposed: repeated.proposed }
      return undefined
    }
    const before = requireChangeable(actor, person, { schemeId, role: from })
    if (problems.length > 0 || grant === undefined) throw new AppError('invalid_input', { problems })
    const given = { grant, mail, name, person, before, reason, id }
    decision = await proposeRole(tx, deps, actor, given, 'to.role')
    if (decision.proposed !== null) return undefined
    return replaceRole(tx, deps, { giver: actor, person, before, grant, reason, id, ...decision })
  })
  if (decision.proposed !== null) deps.live.publish({ type: 'scheme', schemeId })
  return { proposed: decision.proposed, bypasses: decision.bypasses }
}

/** Replaces a role of an account, with its notices. @returns the record */
export async function replaceRole(
  tx: Tx,
  deps: PeopleDeps,
  of: {
    readonly giver: Actor
    readonly person: PersonRow
    readonly before: PersonRow['grants'][number]
    readonly grant: StoredGrant
    readonly reason: string | undefined
    /** Id of the request that replaces it at once. */
    readonly id?: string | undefined
  } & Pick<RoleDecision, 'by' | 'bypasses'>,
): Promise<PersonRecord> {
  const { giver, person, before, grant, reason, by } = of
  const { schemeId } = grant
  const userId = person.id
  if (grant.role !== before.role) {
    await requireReasonForLast(tx, person, [before], reason)
    await deleteGrant(tx, { userId, schemeId, role: before.role })
  }
  await upsertGrant(tx, { ...grant, userId, countsFrom: countsFrom(deps, giver) })
  await withdrawShownLink(tx, deps, giver, of)
  if (!isSameRole(before, grant)) await markRole(tx, deps, person, of)
  const sessionsEnded = await deleteSessions(tx, userId)
  if (grant.role !== before.role) await closeDisplaysOf(tx, userId, deps.now(), schemeId)
  const words = { ...mailValuesOf(giver, grant), person }
  if (person.waits !== 'invite') await mailRole(tx, deps, schemeId, { ...words, act: 'changed' })
  if (grant.role !== before.role) {
    const notice = { by: words.by, person }
    // The holders of the new role were notified of the change.
    if (by.change === undefined) await mailHolders(tx, deps, { ...notice, grants: [grant], act: 'change' })
    await mailHolders(tx, deps, { ...notice, grants: [before], act: 'remove' })
  }
  return {
    action: 'user.role',
    details: {
      from: auditFactsOf({ ...before, trades: before.trades ?? null }),
      ...auditFactsOf(grant),
      sessionsEnded,
      ...unopenedFacts(person),
      ...bypassFacts(of),
      ...requestFacts(of.id),
    },
    by,
    ...(reason === undefined ? {} : { reason }),
  }
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
  await changeGrant(deps, caller, { schemeId, userId }, async (tx, { actor, person }) => {
    const before = requireChangeable(actor, person, { schemeId, role })
    await requireReasonForLast(tx, person, [before], reason)
    await deleteGrant(tx, { userId, schemeId, role })
    const sessionsEnded = await deleteSessions(tx, userId)
    await closeDisplaysOf(tx, userId, deps.now(), schemeId)
    if (person.grants.length === 1) {
      await withdrawInvitations(tx, userId, deps.now())
      if (person.waits === 'invite') await deleteUser(tx, userId)
    }
    const words = { ...mailValuesOf(actor, before), person }
    if (person.waits !== 'invite') await mailRole(tx, deps, schemeId, { ...words, act: 'removed' })
    await mailHolders(tx, deps, { by: words.by, grants: [before], person, act: 'remove' })
    return {
      action: 'user.role_remove',
      details: {
        ...auditFactsOf({ ...before, trades: before.trades ?? null }),
        sessionsEnded,
        ...unopenedFacts(person),
      },
      ...(reason === undefined ? {} : { reason }),
    }
  })
}

/**
 * Runs a change of a role of a person in a scheme, with its record and its event.
 * @param apply checks it, and returns undefined when nothing changes now
 */
async function changeGrant(
  deps: PeopleDeps,
  caller: Actor,
  { schemeId, userId }: PersonId & { readonly schemeId: string },
  apply: (
    tx: Tx,
    of: { readonly actor: Actor; readonly person: PersonRow },
  ) => Promise<PersonRecord | undefined>,
): Promise<void> {
  authorizePeople(caller, schemeId)
  const work = async (tx: Tx) => {
    const { actor, person } = await lockActing(tx, deps.now(), caller, userId)
    authorizePeople(actor, schemeId)
    if (person === undefined) throw new AppError('not_found')
    const record = await apply(tx, { actor, person })
    if (record === undefined) return false
    await recordPerson(tx, deps, actor, { schemes: [schemeId], userId }, record)
    await announceEvent(tx, deps, accountEvent(userId))
    return true
  }
  const isDone = await acrossSchemes(deps.db, work, { schemeId })
  if (isDone) deps.live.publish(accountEvent(userId))
}

/**
 * Returns a role of a person in a scheme.
 * @throws AppError `not_found` without it; `person_refused` when the actor may not change or remove it
 */
function requireChangeable(
  actor: Actor,
  person: PersonRow,
  { schemeId, role }: { readonly schemeId: string; readonly role: Role },
): PersonRow['grants'][number] {
  const before = person.grants.find((grant) => grant.schemeId === schemeId && grant.role === role)
  if (before === undefined) throw new AppError('not_found')
  if (actor.kind === 'user') {
    const refusal = actor.userId === person.id ? 'self' : refusalForRole(actor.grants, 'change', before)
    if (refusal !== null) throw refusedAct(refusal)
  }
  return before
}
