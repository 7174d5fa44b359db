import { z } from 'zod'
import { findRepeated } from '../../audit/repeat.ts'
import { AppError, type Problem } from '../../errors.ts'
import { RoleName } from '../../identity/contract.ts'
import { type Actor, actorName, isBreakGlass } from '../../permissions.ts'
import type { Tx } from '../../platform/db.ts'
import { markDecided } from '../../settings/alone.ts'
import { readDeciders } from '../../settings/deciders.ts'
import { type ChangedBy, findRepeatedProposal, proposeOrApply } from '../../settings/propose.ts'
import type { SettingPart } from '../../settings/rules.ts'
import { isSame, settingOfRole, subjectOfRole } from '../../settings/rules.ts'
import { listWaitingValues } from '../../settings/store.ts'
import type { PeopleDeps } from '../act.ts'
import { findRoleEntry, listAdministrators, type PersonRow } from '../store.ts'
import { auditFactsOf, type StoredGrant } from './grants.ts'

/** A role above operator as a change of settings stores it. */
export const StoredRole = z.object({
  /** Null: the address had no account when the role was proposed. */
  userId: z.string().nullable(),
  mail: z.string(),
  name: z.string(),
  role: RoleName,
  agencyId: z.string().nullable(),
  /** The role that it replaces; null: it is given in addition. */
  from: RoleName.nullable(),
})
export type StoredRole = z.infer<typeof StoredRole>

type PlainRole = Pick<StoredGrant, 'role' | 'agencyId'>

/** Returns what a change of a role says of the one that it replaces. */
export function replacedRole({ role, agencyId }: PlainRole) {
  return { role, agencyId }
}

/** Returns whether a role is the one that it replaces: nothing is given. */
export function isSameRole(before: PlainRole, after: PlainRole): boolean {
  return isSame(replacedRole(before), replacedRole(after))
}

/** A role that an account or the program gives to a person. */
interface RoleGiven {
  readonly grant: StoredGrant
  readonly mail: string
  readonly name: string
  readonly person: PersonRow | undefined
  /** The role that it replaces. */
  readonly before: PlainRole | undefined
  readonly reason: string | undefined
  /** Chosen by the client: of the change that waits, or in the audit entry of the role given at once. */
  readonly id: string | undefined
}

/** The decision on a requested role: granted now, or proposed to another account. */
export interface RoleDecision {
  /** The people to be recorded when it is given now. */
  readonly by: Partial<ChangedBy>
  /** The change that waits for another account; null: it is given now. */
  readonly proposed: string | null
  /** Whether the program gives it, although other accounts could have decided, or are administrators too. */
  readonly bypasses: boolean
}

/**
 * Decides whether a role is given now: one above operator is proposed, and another account puts it in force. The program gives it
 * at once, and the audit log says what that bypasses. The break-glass account does so only where no account could decide: one
 * person may have kept both of its codes.
 * @throws AppError `person.proposed` at `path` when the same role of the person waits already; as `proposeOrApply`
 */
export async function proposeRole(
  tx: Tx,
  deps: PeopleDeps,
  actor: Actor,
  { grant, mail, name, person, before, reason, id }: RoleGiven,
  path: string,
): Promise<RoleDecision> {
  const now = { by: {}, proposed: null, bypasses: false }
  const subject = subjectOfRole(grant.role)
  const { schemeId, role, agencyId } = grant
  if (role === 'admin') {
    const others = (await listAdministrators(tx)).filter(({ id }) => id !== person?.id)
    return { ...now, bypasses: others.length > 0 }
  }
  if (subject === undefined || (before !== undefined && isSameRole(before, grant))) return now
  const after: StoredRole = {
    userId: person?.id ?? null,
    mail,
    name,
    role,
    agencyId,
    from: before?.role ?? null,
  }
  if (actor.kind === 'system' || isBreakGlass(actor)) {
    const me = actorName(actor)
    const decidersOf = await readDeciders(tx, deps, schemeId, { subjects: [subject], proposers: [me] })
    const { others, hasLater, isFirst, isVacant } = decidersOf(subject, me)
    if (actor.kind === 'system') return { ...now, bypasses: others.length > 0 || hasLater }
    if (isFirst) return { ...now, by: { first: true } }
    if (isVacant) return { ...now, by: { alone: true } }
  }
  const waiting = await listWaitingValues(tx, schemeId, { subject, now: deps.now() })
  if (waiting.some((value) => isForSame(StoredRole.parse(value), after))) {
    const problems: Problem[] = [{ code: 'person.proposed', path }]
    throw new AppError('invalid_input', { problems })
  }
  const part: SettingPart = {
    setting: settingOfRole(subject),
    before: before === undefined ? null : replacedRole(before),
    after,
  }
  const saving = await proposeOrApply(tx, deps, actor, { schemeId, subject, parts: [part], reason, id })
  return { by: saving.by, proposed: saving.proposed, bypasses: false }
}

/** Describes what an earlier request for a role did. */
export type RepeatedRole = Pick<RoleDecision, 'proposed'> & {
  /** The invitation that it created when it gave the role at once; undefined: none. */
  readonly invitation: string | undefined
}

/** A request for a role, as an earlier one with the same id is compared with it. */
type RoleRequest = Pick<RoleGiven, 'id' | 'grant' | 'mail'> & {
  readonly from: StoredRole['from']
  /** Undefined: the address has no account. */
  readonly userId: string | undefined
}

/**
 * Finds what an earlier request with the same id did: the change that it proposed, whatever was decided on it since, or the role
 * that it gave at once.
 * @returns `proposed` null: that request gave the role at once
 * @throws AppError `id_taken`
 */
export async function findRepeatedRole(
  tx: Tx,
  actor: Actor,
  of: RoleRequest,
): Promise<RepeatedRole | undefined> {
  const { id, grant, mail, from } = of
  const proposal = await findRepeatedProposal(tx, grant.schemeId, {
    ...{ id, actor, subject: subjectOfRole(grant.role) },
    isSame: (value) => {
      const { data } = StoredRole.safeParse(value)
      return (
        data !== undefined &&
        isForSame(data, { mail, role: grant.role }) &&
        data.agencyId === grant.agencyId &&
        data.from === from
      )
    },
  })
  if (proposal !== undefined) return { ...proposal, invitation: undefined }
  const given = await findGivenAtOnce(tx, actor, of)
  return given && { proposed: null, invitation: given.details.invitation }
}

/** Finds the role that an earlier request with the same id gave at once: only the audit log has the id of such a request. */
function findGivenAtOnce(tx: Tx, actor: Actor, of: RoleRequest) {
  const { grant, from } = of
  return findRepeated(tx, grant.schemeId, {
    id: of.id,
    creator: actorName(actor),
    find: (id) => findRoleEntry(tx, grant.schemeId, id),
    isSame: ({ subject, details }) => {
      const { role, agencyId, trades = null, from: replaced } = details
      return (
        subject === `user:${of.userId}` &&
        isSame(auditFactsOf({ role, agencyId, trades }), auditFactsOf(grant)) &&
        (replaced?.role ?? null) === from
      )
    },
    creatorOf: (one) => one.actor,
  })
}

/** Returns what the audit entry of a role says of the request that gave it at once, and of the invitation that it created. */
export function requestFacts(
  id: string | undefined,
  invitation?: string | null,
): { request?: string; invitation?: string } {
  return id === undefined ? {} : { request: id, ...(invitation != null && { invitation }) }
}

function isForSame(one: StoredRole, other: Pick<StoredRole, 'mail' | 'role'>): boolean {
  return one.mail.toLowerCase() === other.mail.toLowerCase() && one.role === other.role
}

/** Returns what the audit entry of a role says when the program gave it without a second person. */
export function bypassFacts({ bypasses }: Pick<RoleDecision, 'bypasses'>): { bypasses?: 'second_person' } {
  return bypasses ? { bypasses: 'second_person' } : {}
}

/** Stores whether a role that was just given was decided without a second person who could have, as exports of the scheme say. */
export async function markRole(
  tx: Tx,
  deps: PeopleDeps,
  person: PersonRow,
  { grant, by, bypasses }: Pick<RoleDecision, 'by' | 'bypasses'> & { readonly grant: StoredGrant },
): Promise<void> {
  const subject = subjectOfRole(grant.role)
  if (subject === undefined) return
  const alone = by.alone === true || bypasses
  await markDecided(tx, grant.schemeId, { subject, items: [person.id], alone, at: deps.now() })
}
