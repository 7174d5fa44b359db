import type { AuditAction } from '../audit/list.ts'
import type { Deps } from '../deps.ts'
import {
  ABOVE_OPERATOR,
  hasGivenAccess,
  haveTakenAccess,
  listGivenAccess,
  listTakenAccess,
  listTakers,
  wasRoleRemoved,
} from '../identity/account-acts.ts'
import type { Role } from '../permissions.ts'
import type { Tx } from '../platform/db.ts'
import { isRoleSubject, type SettingSubject, SUBJECTS } from './rules.ts'
import { type Holder, listCountedDeciders, listRoleAccounts, wasRoleOpened } from './store.ts'

/** The accounts that decide on a change which one account proposes. */
export interface Deciders {
  /** The other accounts that may put it in force now. */
  readonly others: readonly Holder[]
  /** Whether another account with the role decides now, or will once its cooling time has passed. */
  readonly hasLater: boolean
  /** Whether the proposer and this account gave each other access within the cooling time. */
  isDependent(actor: string): boolean
  /**
   * Whether an account that has or had the role took access from another one within the cooling time. It may have removed those who
   * would decide.
   */
  readonly isUnsettled: boolean
  /** Whether no other active account has the role. */
  readonly hasNobody: boolean
  /** Whether the proposer may give no role: it has none above operator here, and took the access of others within 30 days. */
  readonly isBarred: boolean
  /** Whether the proposer decides alone: nobody else has the role, and neither `isUnsettled` nor `isBarred` says that this was arranged. */
  readonly isSurelyAlone: boolean
  /** Whether the scheme has nobody to decide, and nobody closed, changed or recovered an account within the cooling time. */
  readonly isVacant: boolean
  /** Whether a role is given at once, to the first people of a scheme: nobody ever opened an account with a role above operator. */
  readonly isFirst: boolean
}

/**
 * Returns the accounts that decide on a change.
 * @param given accounts that get a role by the change: they do not decide on it
 */
export type DecidersOf = (subject: SettingSubject, proposedBy: string, given?: readonly string[]) => Deciders

/** Acts on an account that its holder never opened, where no other account has the role. */
const OF_UNOPENED: readonly AuditAction[] = ['user.invite_again', 'user.withdraw']

/** Reads who decides on changes of some subjects that some accounts proposed: the same few statements for any number of changes. */
export async function readDeciders(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'config'>,
  schemeId: string,
  of: { readonly subjects: readonly SettingSubject[]; readonly proposers: readonly string[] },
): Promise<DecidersOf> {
  const roles = [
    ...new Set(
      of.subjects.flatMap((subject): readonly Role[] =>
        isRoleSubject(subject) ? ABOVE_OPERATOR : SUBJECTS[subject].inForceBy,
      ),
    ),
  ]
  const active = await listRoleAccounts(tx, roles)
  const counted = await listCountedDeciders(tx, roles, deps.now())
  const opened = await listCountedDeciders(tx, roles, 'infinity')
  const actors = [...of.proposers, ...active.map(({ actor }) => actor)]
  const given = await listGivenAccess(tx, deps, schemeId, actors)
  const taken = await listTakenAccess(tx, deps, schemeId)
  const isNew =
    of.subjects.some(isRoleSubject) &&
    !(await wasRoleOpened(tx, ABOVE_OPERATOR)) &&
    !(await wasRoleRemoved(tx, schemeId))
  const takers = isDeserted(of, opened)
    ? await listTakers(tx, deps, schemeId, of.proposers)
    : new Set<string>()
  return (subject, proposedBy, rolesGivenTo = []) => {
    const { inForceBy }: { inForceBy: readonly Role[] } = SUBJECTS[subject]
    const withRole = (accounts: readonly Holder[]) =>
      accounts.filter(
        ({ actor, role }) =>
          actor !== proposedBy && !rolesGivenTo.includes(actor) && inForceBy.includes(role),
      )
    const isDependent = (actor: string) => hasGivenAccess(given, actor, proposedBy)
    const everybody = withRole(active)
    const isUnsettled = haveTakenAccess(taken, [proposedBy, ...everybody.map(({ actor }) => actor)])
    const hasLater = withRole(opened).length > 0
    const hasNobody = everybody.length === 0
    const isBarred =
      isRoleSubject(subject) && takers.has(proposedBy) && !active.some(({ actor }) => actor === proposedBy)
    return {
      others: withRole(counted).filter(({ actor }) => !isDependent(actor)),
      hasLater,
      isDependent,
      isUnsettled,
      hasNobody,
      isBarred,
      isSurelyAlone: hasNobody && !isUnsettled && !isBarred,
      isVacant:
        hasNobody &&
        !isBarred &&
        taken.every(({ action, unopened }) => unopened || OF_UNOPENED.includes(action)),
      isFirst: isRoleSubject(subject) && isNew,
    }
  }
}

/** Returns whether nobody but the proposers ever decides on one of the roles among some subjects. */
function isDeserted(
  {
    subjects,
    proposers,
  }: { readonly subjects: readonly SettingSubject[]; readonly proposers: readonly string[] },
  opened: readonly Holder[],
): boolean {
  return subjects.filter(isRoleSubject).some((subject) => {
    const inForceBy: readonly Role[] = SUBJECTS[subject].inForceBy
    return !opened.some(({ actor, role }) => inForceBy.includes(role) && !proposers.includes(actor))
  })
}
