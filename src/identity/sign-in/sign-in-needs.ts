import { sql } from 'kysely'
import { AppError } from '../../errors.ts'
import type { Factor, Grant, SignInNeed } from '../../permissions.ts'
import type { Db } from '../../platform/db.ts'
import type { SignedIn } from '../passkeys/passkeys.ts'

/** Factors that prove more than a password; a passkey is used with the finger, the face or the code of its device. */
const SECOND_FACTORS: ReadonlySet<Factor> = new Set(['code', 'passkey', 'provider_mfa'])

/** Returns whether a session gives what a scheme requires of a role. */
export function meetsNeed(
  need: SignInNeed,
  { factor, provider }: { readonly factor: Factor; readonly provider: boolean },
): boolean {
  // The demo has no factors to give.
  if (need === 'any' || factor === 'demo') return true
  return need === 'provider' ? provider : SECOND_FACTORS.has(factor)
}

/** A role as stored, with the sign-in that its scheme requires of it. */
type NeedyGrant = Grant & { readonly need: SignInNeed }

/** Separates the roles that a session may use from those for which its user has to sign in otherwise. */
export function splitByNeed(
  grants: readonly NeedyGrant[],
  session: { readonly factor: Factor; readonly provider: boolean },
): {
  readonly grants: Grant[]
  readonly withheld: { readonly schemeId: string; readonly role: Grant['role']; readonly need: SignInNeed }[]
} {
  return {
    grants: grants
      .filter(({ need }) => meetsNeed(need, session))
      .map(({ schemeId, role, agencyId, trades }) => ({ schemeId, role, agencyId, trades: trades ?? null })),
    withheld: grants
      .filter(({ need }) => !meetsNeed(need, session))
      .map(({ schemeId, role, need }) => ({ schemeId, role, need })),
  }
}

/**
 * Checks that the user of a session may add or remove a second factor. An account that has one protects it from a person who
 * knows only the password, while a scheme requires a second factor of one of its roles: it would open that role by adding
 * another.
 * @throws AppError `second_factor_required`
 */
export async function requireOwnSecondFactor(db: Db, { userId, withheld = [] }: SignedIn): Promise<void> {
  if (!withheld.some(({ need }) => need === 'second_factor')) return
  const { rows } = await sql<{ has: boolean }>`
    select exists (select from account_passkeys where user_id = ${userId})
      or exists (select from two_factor where user_id = ${userId} and verified) as has`.execute(db)
  if (rows[0]?.has === true) throw new AppError('second_factor_required')
}
