import { sql } from 'kysely'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import type { Tx } from '../platform/db.ts'
import type { AccountSecurity } from './contract.ts'
import { listAccountPasskeys, type SignedIn } from './passkeys.ts'
import { findAccountState } from './store.ts'

/** Returns the factors of the signed-in account. */
export async function getAccountSecurity(
  deps: Pick<Deps, 'db'>,
  { userId }: SignedIn,
): Promise<AccountSecurity> {
  const account = await findAccountState(deps.db, userId)
  if (account === undefined) throw new AppError('not_signed_in')
  return { mail: account.email, passkeys: await listAccountPasskeys(deps.db, userId) }
}

/**
 * Removes every factor of an account but its password, so that somebody who lost phone and keys can sign in again. Runs as the
 * owner, within the act that decides it and records it.
 */
export async function removeFactors(tx: Tx, userId: string): Promise<void> {
  await tx.deleteFrom('accountPasskeys').where('userId', '=', userId).execute()
}

/** Removes all that an account signs in with, and the devices on which it did: they no longer prove who uses it. */
export async function removeSignInMeans(tx: Tx, userId: string): Promise<void> {
  await sql`delete from account where user_id = ${userId} and provider_id = 'credential'`.execute(tx)
  await tx.deleteFrom('signInPlaces').where('userId', '=', userId).execute()
  await removeFactors(tx, userId)
}
