import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import type { Actor } from '../../permissions.ts'
import { acrossSchemes, type Db, type Tx } from '../../platform/db.ts'
import type { Auth } from '../auth.ts'
import { recordIdentity, recordIdentityIn } from '../sessions/session.ts'
import { requireOwnSecondFactor } from '../sign-in/sign-in-needs.ts'
import { findAccountState } from '../store.ts'
import { checkAnswer, checkCreation, type Site, startAnswer, startCreation } from './webauthn.ts'

// A passkey of a console account proves its holder as a password and a second factor do together: the device has the key, and
// checks a finger, a face or its own code.

/** The signed-in user of a request, with the session. */
export type SignedIn = Extract<Actor, { kind: 'user' }> & {
  readonly session: NonNullable<Extract<Actor, { kind: 'user' }>['session']>
}

/** @throws AppError `not_signed_in` unless the actor is a user with a session */
export function requireSession(actor: Actor): SignedIn {
  if (actor.kind !== 'user' || actor.session === undefined) throw new AppError('not_signed_in')
  return { ...actor, session: actor.session }
}

function passkeysOf(db: Db | Tx, userId: string) {
  return db.selectFrom('accountPasskeys').selectAll().where('userId', '=', userId)
}

/** A passkey as its holder sees it. */
export interface PasskeyView {
  readonly id: string
  readonly name: string
  readonly createdAt: string
  readonly usedAt: string | null
}

/** Lists the passkeys of an account, latest first. */
export async function listAccountPasskeys(db: Db | Tx, userId: string): Promise<PasskeyView[]> {
  const rows = await passkeysOf(db, userId).orderBy('createdAt', 'desc').orderBy('id').execute()
  return rows.map(({ id, name, createdAt, usedAt }) => ({
    id,
    name,
    createdAt: createdAt.toISOString(),
    usedAt: usedAt?.toISOString() ?? null,
  }))
}

/** Returns the options to create a passkey. @throws AppError `passkey_refused` without a site; `too_many_passkeys` */
export async function startAccountPasskeyCreation(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: SignedIn,
  place: Site | undefined,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const [account, known] = await Promise.all([
    findAccountState(deps.db, actor.userId),
    passkeysOf(deps.db, actor.userId).execute(),
  ])
  if (account === undefined) throw new AppError('not_signed_in')
  return startCreation(deps, place, actor.session.id, { name: account.email, handle: actor.userId, known })
}

/**
 * Stores the passkey that a browser created.
 * @throws AppError `invalid_input` without a name; `passkey_refused` if it was not requested or is not valid;
 * `second_factor_required`
 */
export async function addAccountPasskey(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: SignedIn,
  place: Site | undefined,
  input: { readonly name: string; readonly response: RegistrationResponseJSON },
): Promise<void> {
  const name = input.name.trim()
  if (name === '')
    throw new AppError('invalid_input', { problems: [{ code: 'input.required', path: 'name' }] })
  await requireOwnSecondFactor(deps.db, actor)
  const made = await checkCreation(deps, place, actor.session.id, input.response)
  await acrossSchemes(deps.db, async (tx) => {
    const { numInsertedOrUpdatedRows = 0n } = await tx
      .insertInto('accountPasskeys')
      .values({ ...made, userId: actor.userId, name, createdAt: deps.now(), usedAt: null })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst()
    // Authenticators create random ids: one that exists already is no coincidence.
    if (numInsertedOrUpdatedRows === 0n) throw new AppError('passkey_refused')
    await recordIdentityIn(tx, deps, actor.userId, 'passkey.add')
  })
}

/** Deletes one of the account's own passkeys. @throws AppError `not_found`, `second_factor_required` */
export async function removeAccountPasskey(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: SignedIn,
  id: string,
): Promise<void> {
  await requireOwnSecondFactor(deps.db, actor)
  await acrossSchemes(deps.db, async (tx) => {
    const { numDeletedRows } = await tx
      .deleteFrom('accountPasskeys')
      .where('id', '=', id)
      .where('userId', '=', actor.userId)
      .executeTakeFirst()
    if (numDeletedRows === 0n) throw new AppError('not_found')
    await recordIdentityIn(tx, deps, actor.userId, 'passkey.remove')
  })
}

/** Returns the options to sign in with a passkey, which do not reveal whose exist. @throws AppError `passkey_refused` */
export function startAccountPasskeySignIn(
  deps: Pick<Deps, 'db' | 'now'>,
  place: Site | undefined,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  return startAnswer(deps, place, null)
}

/**
 * Signs in with a passkey.
 * @returns the cookies of the session
 * @throws AppError `passkey_refused`, without the reason; `account_disabled`
 */
export async function signInByAccountPasskey(
  deps: Pick<Deps, 'db' | 'now'>,
  auth: Auth,
  place: Site | undefined,
  response: AuthenticationResponseJSON,
  headers: Headers,
): Promise<string[]> {
  const userId = await checkAccountPasskey(deps, place, null, response)
  const cookies = await auth.openSession(userId, headers, 'passkey')
  await recordIdentity(deps, userId, 'session.open', { factor: 'passkey' })
  return cookies
}

/** Returns the options to answer with a passkey of the signed-in account. @throws AppError `passkey_refused` without a site */
export async function startAccountPasskeyProof(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: SignedIn,
  place: Site | undefined,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  return startAnswer(deps, place, actor.session.id, await passkeysOf(deps.db, actor.userId).execute())
}

/**
 * Checks a response made with a passkey of an account, and notes its use.
 * @param prover the session that proves its user once more; null to sign in
 * @returns the account
 * @throws AppError `passkey_refused`, also for a passkey of another account than the session's
 */
export async function checkAccountPasskey(
  deps: Pick<Deps, 'db' | 'now'>,
  place: Site | undefined,
  prover: SignedIn | null,
  response: AuthenticationResponseJSON,
): Promise<string> {
  const known = await deps.db
    .selectFrom('accountPasskeys')
    .selectAll()
    .where('id', '=', response.id)
    .executeTakeFirst()
  if (known === undefined || (prover !== null && prover.userId !== known.userId)) {
    throw new AppError('passkey_refused')
  }
  const signCount = await checkAnswer(deps, place, prover?.session.id ?? null, known, response)
  await deps.db
    .updateTable('accountPasskeys')
    .set({ signCount, usedAt: deps.now() })
    .where('id', '=', known.id)
    .execute()
  return known.userId
}
