import type { Deps } from '../../deps.ts'
import type { Problem } from '../../errors.ts'
import { hasGivenAccess, listGivenAccess } from '../../identity/account-acts.ts'
import { type Actor, userIdOf } from '../../permissions.ts'
import type { Tx } from '../../platform/db.ts'
import { listRoleAccounts } from '../../settings/store.ts'
import { approverRefusals, reviewerRefusals } from '../compose/doctrine.ts'
import type { LockedMessage } from './messages.ts'

type SecondPersonDeps = Pick<Deps, 'now' | 'config'>

/** Returns why an actor cannot approve, return or reject a message. */
export async function readApproverRefusals(
  tx: Tx,
  deps: SecondPersonDeps,
  actor: Actor,
  schemeId: string,
  message: Pick<LockedMessage, 'authorIds' | 'exercise'>,
): Promise<Problem[]> {
  const userId = userIdOf(actor)
  const dependent = await listDependent(tx, deps, schemeId, { of: message.authorIds, among: idsOf(userId) })
  return approverRefusals(userId, message, dependent)
}

/** Returns why an actor cannot review a message that left without a second person. */
export async function readReviewerRefusals(
  tx: Tx,
  deps: SecondPersonDeps,
  actor: Actor,
  schemeId: string,
  message: Pick<LockedMessage, 'authorIds' | 'decidedById' | 'exercise'>,
): Promise<Problem[]> {
  const userId = userIdOf(actor)
  const of = [...message.authorIds, ...idsOf(message.decidedById ?? undefined)]
  const dependent = await listDependent(tx, deps, schemeId, { of, among: idsOf(userId) })
  return reviewerRefusals(userId, message, dependent)
}

/** Adds to the authors of a message the accounts that cannot be their second person, so that these are not called. */
export async function withDependent(
  tx: Tx,
  deps: SecondPersonDeps,
  schemeId: string,
  authorIds: readonly string[],
): Promise<string[]> {
  const among = (await listRoleAccounts(tx, ['chief', 'magistrate'])).map(({ actor }) =>
    actor.replace('user:', ''),
  )
  return [...authorIds, ...(await listDependent(tx, deps, schemeId, { of: authorIds, among }))]
}

const idsOf = (id: string | undefined) => (id === undefined ? [] : [id])

/** Lists those of some accounts that gave access to one of the others within the cooling time, or got it from one. */
async function listDependent(
  tx: Tx,
  deps: SecondPersonDeps,
  schemeId: string,
  { of, among }: { readonly of: readonly string[]; readonly among: readonly string[] },
): Promise<string[]> {
  const actorOf = (id: string) => `user:${id}`
  const given = await listGivenAccess(tx, deps, schemeId, [...of, ...among].map(actorOf))
  return among.filter((id) => of.some((author) => hasGivenAccess(given, actorOf(id), actorOf(author))))
}
