import { AppError } from '../../errors.ts'
import { wasBreakGlass } from '../../identity/account-acts.ts'
import { findUserByMail, listGrants } from '../../identity/store.ts'
import type { Actor } from '../../permissions.ts'
import type { Tx } from '../../platform/db.ts'
import { announceEvent } from '../../platform/http/live.ts'
import type { ChangeDeps, SettingWriter } from '../../settings/actions.ts'
import type { ChangedBy } from '../../settings/propose.ts'
import { isSame, SUBJECTS, subjectOfRole } from '../../settings/rules.ts'
import { listCountedDeciders } from '../../settings/store.ts'
import { accountEvent, recordPerson } from '../act.ts'
import { giveRole, openAccount } from '../invitations/invite.ts'
import { findSchemeForGrant, listPersonRows, lockUsers, type PersonRow } from '../store.ts'
import type { StoredGrant } from './grants.ts'
import { replacedRole, StoredRole } from './propose.ts'
import { refusalForRole } from './rights.ts'
import { replaceRole } from './roles.ts'

/** Puts proposed roles in force: opens the account and sends its link, or gives the role to the account that exists. */
export const roleSettingWriter: SettingWriter = {
  acrossSchemes: true,
  async write(tx, deps, { schemeId, parts, by, publish }) {
    for (const { before, after } of parts) {
      const userId = await putRoleInForce(tx, deps, schemeId, { before, role: StoredRole.parse(after), by })
      await announceEvent(tx, deps, accountEvent(userId))
      publish(accountEvent(userId))
    }
  },
}

/**
 * Checks again what was proposed, and gives the role.
 * @returns the account
 * @throws AppError `settings_changed` when the account, its roles or the agency changed, or the proposer may no longer give the role;
 * `own_role` when the account of the address is that of the decider
 */
async function putRoleInForce(
  tx: Tx,
  deps: ChangeDeps,
  schemeId: string,
  of: { readonly before: unknown; readonly role: StoredRole; readonly by: ChangedBy },
): Promise<string> {
  const { before, role, by } = of
  const decider = userOf(by)
  const proposer = userOf(by.proposedBy ?? by)
  const known = role.userId ?? (await findUserByMail(tx, role.mail))?.id
  await lockUsers(tx, [decider.userId, proposer.userId, ...(known === undefined ? [] : [known])])
  if (known === decider.userId) throw new AppError('own_role')
  const grant = await findGrant(tx, schemeId, role)
  await requireActive(tx, decider.userId)
  if (by.proposedBy !== undefined) await requireCounted(tx, deps, decider.userId, role)
  await requireProposer(tx, proposer.userId, grant)
  const person = known === undefined ? undefined : await getOpenPerson(tx, deps, known)
  const common = { grant, giver: proposer, by, bypasses: false }
  if (role.from !== null) {
    const replaced = person && findReplaced(person, schemeId, role)
    if (person === undefined || replaced === undefined || !isSame(replacedRole(replaced), before))
      throw new AppError('settings_changed')
    const record = await replaceRole(tx, deps, { ...common, person, before: replaced, reason: by.reason })
    await recordPerson(tx, deps, decider, { schemes: [schemeId], userId: person.id }, record)
    return person.id
  }
  const account = person === undefined ? await openAccount(tx, deps, role) : { person, isNew: false }
  if (grantOf(account.person, schemeId, role.role) !== undefined) throw new AppError('settings_changed')
  await giveRole(tx, deps, { ...common, ...account, recordedAs: decider })
  return account.person.id
}

/** Returns the account that the audit log names, as an actor without rights. */
function userOf({ actor, name }: Pick<ChangedBy, 'actor' | 'name'>): Extract<Actor, { kind: 'user' }> {
  return { kind: 'user', userId: actor.slice('user:'.length), name, grants: [] }
}

const grantOf = ({ grants }: PersonRow, schemeId: string, role: string) =>
  grants.find((grant) => grant.schemeId === schemeId && grant.role === role)

/** Finds the grant that a proposed role replaces, unless the person has got that role in another way. */
function findReplaced(person: PersonRow, schemeId: string, { from, role }: StoredRole) {
  if (from === null || (from !== role && grantOf(person, schemeId, role) !== undefined)) return undefined
  return grantOf(person, schemeId, from)
}

/** Returns the grant of a proposed role. @throws AppError `settings_changed` when its agency is gone */
async function findGrant(tx: Tx, schemeId: string, { role, agencyId }: StoredRole): Promise<StoredGrant> {
  const scheme = await findSchemeForGrant(tx, schemeId)
  const agency = scheme?.agencies.find(({ id }) => id === agencyId)
  if (agencyId !== null && agency === undefined) throw new AppError('settings_changed')
  return { schemeId, role, agencyId, agency: agency?.name ?? null, trades: null }
}

async function isActive(tx: Tx, userId: string): Promise<boolean> {
  const row = await tx.selectFrom('user').select('disabledAt').where('id', '=', userId).executeTakeFirst()
  return row !== undefined && row.disabledAt === null
}

/** @throws AppError `settings_changed` when the account is closed or gone */
async function getOpenPerson(tx: Tx, { now }: Pick<ChangeDeps, 'now'>, userId: string): Promise<PersonRow> {
  const [person] = await listPersonRows(tx, now(), { userId })
  if (person === undefined || person.disabledAt !== null) throw new AppError('settings_changed')
  return person
}

/** @throws AppError `not_signed_in` when the account that decides was closed meanwhile */
async function requireActive(tx: Tx, userId: string): Promise<void> {
  if (!(await isActive(tx, userId))) throw new AppError('not_signed_in')
}

/** @throws AppError `forbidden` when the account that decides lost its role, or no longer counts, since it was authorized */
async function requireCounted(
  tx: Tx,
  { now }: Pick<ChangeDeps, 'now'>,
  userId: string,
  { role }: StoredRole,
): Promise<void> {
  const subject = subjectOfRole(role)
  const counted =
    subject === undefined ? [] : await listCountedDeciders(tx, SUBJECTS[subject].inForceBy, now())
  if (!counted.some(({ actor }) => actor === `user:${userId}`)) throw new AppError('forbidden')
}

/**
 * @throws AppError `settings_changed` when the account that proposed a role was closed, or may no longer give it. What the break-glass
 * account proposed can be decided once it is closed: it is open for an hour, and another account decides in any case
 */
async function requireProposer(tx: Tx, userId: string, grant: StoredGrant): Promise<void> {
  if (await wasBreakGlass(tx, grant.schemeId, userId)) return
  const grants = (await isActive(tx, userId)) ? await listGrants(tx, userId) : []
  if (refusalForRole(grants, 'invite', grant) !== null) throw new AppError('settings_changed')
}
