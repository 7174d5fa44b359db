import type { Grant, Role } from '../../permissions.ts'

/**
 * Operations on the account of another person: `invite` gives a role, `change` replaces or removes it, `disable` closes the
 * account and opens it again, `sessions` lists and ends its sessions, `recover` sends a link for a new password.
 */
export const PERSON_ACTS = ['invite', 'change', 'disable', 'sessions', 'recover'] as const
export type PersonAct = (typeof PERSON_ACTS)[number]

const ALL = PERSON_ACTS
/** Closing is never a risk to what others entrusted, so the administrator of the platform may close every account. */
const CLOSE = ['disable', 'sessions'] as const

const OF_INSTALLATION = {
  chief: ALL,
  chamber: ALL,
  magistrate: ALL,
  operator: CLOSE,
  trade_chamber: CLOSE,
} as const

/**
 * Operations that each role may perform on the holders of each role. Roles that are not listed may do nothing. A chief with an
 * agency acts on the operators of that agency only. Administrators of the platform are managed on the machine (`tocsin users`).
 */
export const PERSON_RIGHTS: Readonly<Partial<Record<Role, Partial<Record<Role, readonly PersonAct[]>>>>> = {
  chief: { operator: ALL },
  chamber: { chamber: ALL, trade_chamber: ALL },
  admin: OF_INSTALLATION,
  // It lets in those who let others in. Administrators outlive it, so it makes none.
  break_glass: OF_INSTALLATION,
}

/** An account with its roles in all schemes. */
export interface Holder {
  readonly userId: string
  readonly grants: readonly Grant[]
}

/**
 * Reasons for refusing an operation: the account is one's own; `service`: an operator of another agency; `role`: a role that one
 * does not manage; `elsewhere`: the person also has a role in another scheme, or outside the schemes.
 */
export type PersonRefusal = 'self' | 'service' | 'role' | 'elsewhere'

/**
 * Decides whether an account may do something to the holder of a role.
 * @param of the role, with its scheme and agency
 * @returns why not, or null if it may
 */
export function refusalForRole(
  grants: readonly Grant[],
  act: PersonAct,
  of: Pick<Grant, 'schemeId' | 'role' | 'agencyId'>,
): Extract<PersonRefusal, 'service' | 'role'> | null {
  const managing = grants.filter(
    ({ schemeId, role }) =>
      schemeId === of.schemeId && PERSON_RIGHTS[role]?.[of.role]?.includes(act) === true,
  )
  if (managing.length === 0) return 'role'
  const isWithin = managing.some(
    ({ role, agencyId }) => role !== 'chief' || agencyId === null || agencyId === of.agencyId,
  )
  return isWithin ? null : 'service'
}

/**
 * Decides whether an account may do something that concerns the whole account of another person, such as disabling it: every
 * role of that person must be one that it manages, because the act reaches all of them.
 * @returns why not, or null if it may
 */
export function refusalForAccount(
  actor: Holder,
  act: PersonAct,
  person: Holder,
  schemeId: string,
): PersonRefusal | null {
  if (actor.userId === person.userId) return 'self'
  const refusals = person.grants.map((grant) => ({
    isHere: grant.schemeId === schemeId,
    refusal: refusalForRole(actor.grants, act, grant),
  }))
  const here = refusals.find(({ isHere, refusal }) => isHere && refusal !== null)?.refusal
  if (here != null) return here
  return refusals.some(({ refusal }) => refusal !== null) ? 'elsewhere' : null
}

/** Lists the roles that an account may give in a scheme, and the agency to which it is bound: undefined for any. */
export function rolesToGive(grants: readonly Grant[], schemeId: string): { role: Role; agencyId?: string }[] {
  const mine = grants.filter((grant) => grant.schemeId === schemeId)
  const roles = new Set(
    mine.flatMap(({ role }) =>
      Object.entries(PERSON_RIGHTS[role] ?? {}).flatMap(([given, acts]) =>
        acts.includes('invite') ? [given as Role] : [],
      ),
    ),
  )
  return [...roles].map((role) => {
    const managing = mine.filter(({ role: own }) => PERSON_RIGHTS[own]?.[role]?.includes('invite') === true)
    const isFree = managing.some(({ role: own, agencyId }) => own !== 'chief' || agencyId === null)
    const agencyId = isFree ? null : managing[0]?.agencyId
    return agencyId == null ? { role } : { role, agencyId }
  })
}

/** Roles that decide on alerts, on rules or on money. */
const ABOVE_OPERATOR: ReadonlySet<Role> = new Set(['chief', 'magistrate', 'chamber', 'admin'])

/**
 * Returns the roles above operator among some. A user who gives one, or reactivates its holder, could otherwise be their own second
 * person: all holders of the role are notified, and the holder counts as the second person only after the cooling time.
 */
export function rolesAboveOperator(roles: readonly Role[]): Role[] {
  return roles.filter((role) => ABOVE_OPERATOR.has(role))
}

/** Roles without which a scheme can no longer work: the last active holder is not closed without a reason. */
export const NEEDED_ROLES: readonly Role[] = ['chief', 'chamber']
