import { NO_SCHEME } from '../../audit/chain.ts'
import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem } from '../../errors.ts'
import type { Auth } from '../../identity/auth.ts'
import { MAX_PASSWORD, MIN_PASSWORD } from '../../identity/contract.ts'
import { findInvitation, markInvitationUsed, requireOpenInvitation } from '../../identity/invitations.ts'
import { hashPassword } from '../../identity/passwords/password-hash.ts'
import { passwordProblems } from '../../identity/passwords/passwords.ts'
import { recordIdentity } from '../../identity/sessions/session.ts'
import {
  findAccountState,
  listGrants,
  namesOfActors,
  setPassword,
  setPasswordDue,
} from '../../identity/store.ts'
import { acrossSchemes } from '../../platform/db.ts'
import type { AcceptInvitation, InvitationView } from '../contract.ts'
import { lockPerson } from '../store.ts'

/**
 * Returns the invitation behind a link: whose account it opens, or why it no longer does.
 * @throws AppError `invitation_unknown`
 */
export async function readInvitation(deps: Pick<Deps, 'db' | 'now'>, token: string): Promise<InvitationView> {
  const invitation = await findInvitation(deps.db, deps, token)
  if (invitation === undefined) throw new AppError('invitation_unknown')
  const { purpose, state, expiresAt, createdBy, userId } = invitation
  const names = await namesOfActors(deps.db, [createdBy])
  const account = state === 'open' ? await findAccountState(deps.db, userId) : undefined
  const grants = account === undefined ? [] : await listGrants(deps.db, userId)
  return {
    purpose,
    state: account !== undefined && account.disabledAt !== null ? 'withdrawn' : state,
    expiresAt: expiresAt.toISOString(),
    by: names.get(createdBy) ?? null,
    account:
      account === undefined || account.disabledAt !== null
        ? null
        : {
            name: account.name,
            mail: account.email,
            roles: grants.map(({ schemeName, role, agencyName }) => ({
              scheme: schemeName,
              role,
              agency: agencyName,
            })),
          },
  }
}

/**
 * Sets the password of the account behind a link and opens a session of it. The link is then used up.
 * @returns the Set-Cookie lines of the session
 * @throws AppError `invalid_input` with every problem of the password; `invitation_unknown`, `invitation_expired`,
 * `invitation_used`, `invitation_withdrawn`
 */
export async function acceptInvitation(
  deps: Pick<Deps, 'db' | 'now' | 'newId'>,
  auth: Auth,
  { token, password }: AcceptInvitation,
  headers: Headers,
): Promise<string[]> {
  const { userId } = requireOpenInvitation(await findInvitation(deps.db, deps, token))
  const [account, grants] = await Promise.all([
    findAccountState(deps.db, userId),
    listGrants(deps.db, userId),
  ])
  if (account === undefined || account.disabledAt !== null) throw new AppError('invitation_withdrawn')
  const schemes = grants.flatMap(({ schemeId, schemeName }) => [schemeId, schemeName])
  const problems: Problem[] = []
  if (password.length < MIN_PASSWORD || password.length > MAX_PASSWORD) {
    const values = { minimum: MIN_PASSWORD, maximum: MAX_PASSWORD }
    problems.push({ code: 'user.password_length', path: 'password', values })
  }
  problems.push(
    ...passwordProblems(password, { mail: account.email, name: account.name, schemes }, 'password'),
  )
  if (problems.length > 0) throw new AppError('invalid_input', { problems })
  // The hash is slow by design, so it is computed outside the transaction.
  const hash = await hashPassword(password)
  await acrossSchemes(deps.db, async (tx) => {
    const at = deps.now()
    // The account first, as every act on it does: it may be closed, or get roles, while its holder chooses a password.
    const person = await lockPerson(tx, at, userId)
    if (person === undefined || person.disabledAt !== null) throw new AppError('invitation_withdrawn')
    const { id, purpose } = requireOpenInvitation(await findInvitation(tx, deps, token, { lock: true }))
    await setPassword(tx, { userId, accountId: deps.newId(), hash, at })
    await setPasswordDue(tx, userId, false)
    await markInvitationUsed(tx, id, at)
    const own = [...new Set(person.grants.map(({ schemeId }) => schemeId))].sort()
    for (const schemeId of own.length === 0 ? [NO_SCHEME] : own) {
      const of = `user:${userId}`
      await recordAudit(tx, schemeId, at, {
        actor: of,
        action: 'user.accept',
        subject: of,
        details: { purpose },
      })
    }
  })
  const cookies = await auth.openSession(userId, headers, 'password')
  await recordIdentity(deps, userId, 'session.open', { factor: 'password' })
  return cookies
}
