import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server'
import { NO_SCHEME } from '../../audit/chain.ts'
import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError, type Problem } from '../../errors.ts'
import {
  checkAnswer,
  checkCreation,
  type Site,
  startAnswer,
  startCreation,
} from '../../identity/passkeys/webauthn.ts'
import type { PasskeyList } from '../../identity/passkeys/webauthn-contract.ts'
import { requireLine } from '../../members/rules.ts'
import { acrossSchemes, type Db, type Tx } from '../../platform/db.ts'
import { type Holder, holderOfSession, listShops } from '../store.ts'
import { type ContactActor, holderOfActor, openContactSession } from './session.ts'

// A passkey (WebAuthn) replaces the code sent to the phone or mailbox that its holder once proved. It opens what that code
// would open, and nothing once the number or address belongs to another contact.

function heldByHolder(db: Db | Tx, holder: Holder) {
  const query = db.selectFrom('contactPasskeys').selectAll()
  return 'phone' in holder ? query.where('phone', '=', holder.phone) : query.where('mail', '=', holder.mail)
}

/** Lists the passkeys of the signed-in contact, latest first. */
export async function listPasskeys(deps: Pick<Deps, 'db'>, actor: ContactActor): Promise<PasskeyList> {
  const holder = await holderOfActor(deps.db, actor)
  const rows = await heldByHolder(deps.db, holder).orderBy('createdAt', 'desc').orderBy('id').execute()
  return {
    passkeys: rows.map(({ id, name, createdAt, usedAt }) => ({
      id,
      name,
      createdAt: createdAt.toISOString(),
      usedAt: usedAt?.toISOString() ?? null,
    })),
  }
}

/**
 * Returns the options to create a passkey on a device that checks a finger, a face or a code.
 * @throws AppError `passkey_refused` without a site; `too_many_passkeys`
 */
export async function startPasskeyCreation(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: ContactActor,
  place: Site | undefined,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const holder = await holderOfActor(deps.db, actor)
  const known = await heldByHolder(deps.db, holder).execute()
  return startCreation(deps, place, actor.sessionId, {
    // Their own number or address.
    name: 'phone' in holder ? holder.phone : holder.mail,
    known,
  })
}

/**
 * Stores the passkey that a browser created.
 * @throws AppError `invalid_input` without a name; `passkey_refused` if it was not requested or is not valid
 */
export async function addPasskey(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: ContactActor,
  place: Site | undefined,
  input: { readonly name: string; readonly response: RegistrationResponseJSON },
): Promise<PasskeyList> {
  const problems: Problem[] = []
  const name = requireLine('name', input.name, problems)
  if (problems.length > 0) throw new AppError('invalid_input', { problems })
  const holder = await holderOfActor(deps.db, actor)
  const made = await checkCreation(deps, place, actor.sessionId, input.response)
  const now = deps.now()
  await acrossSchemes(deps.db, async (tx) => {
    const shops = await listShops(tx, holder)
    if (shops.length === 0) throw new AppError('not_signed_in')
    const { numInsertedOrUpdatedRows = 0n } = await tx
      .insertInto('contactPasskeys')
      .values({
        ...made,
        phone: 'phone' in holder ? holder.phone : null,
        mail: 'mail' in holder ? holder.mail : null,
        contactIds: shops.map(({ contactId }) => contactId),
        name,
        createdAt: now,
        usedAt: null,
      })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst()
    // Authenticators create random ids: one that exists already is no coincidence.
    if (numInsertedOrUpdatedRows === 0n) throw new AppError('passkey_refused')
    const subject = `contact-session:${actor.sessionId}`
    await recordAudit(tx, NO_SCHEME, now, {
      actor: subject,
      action: 'passkey.add',
      subject,
      details: { contacts: shops.map(({ contactId }) => contactId) },
    })
  })
  return listPasskeys(deps, actor)
}

/** Deletes one of the contact's own passkeys. @throws AppError `not_found` */
export async function removePasskey(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: ContactActor,
  id: string,
): Promise<PasskeyList> {
  await acrossSchemes(deps.db, async (tx) => {
    const holder = await holderOfActor(tx, actor)
    const own = await heldByHolder(tx, holder).where('id', '=', id).executeTakeFirst()
    if (own === undefined) throw new AppError('not_found')
    await tx.deleteFrom('contactPasskeys').where('id', '=', id).execute()
    const subject = `contact-session:${actor.sessionId}`
    await recordAudit(tx, NO_SCHEME, deps.now(), { actor: subject, action: 'passkey.remove', subject })
  })
  return listPasskeys(deps, actor)
}

/**
 * Returns the options to sign in with a passkey. They name no passkey, so they do not reveal whose exist.
 * @throws AppError `passkey_refused` without a site
 */
export function startPasskeySignIn(
  deps: Pick<Deps, 'db' | 'now'>,
  place: Site | undefined,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  return startAnswer(deps, place, null)
}

/**
 * Signs in with a passkey.
 * @returns the session token for the browser
 * @throws AppError `passkey_refused`, without the reason: unknown, deleted, expired, or its number belongs to another contact
 * by now
 */
export async function signInByPasskey(
  deps: Pick<Deps, 'db' | 'now' | 'newId'>,
  place: Site | undefined,
  response: AuthenticationResponseJSON,
): Promise<string> {
  const known = await deps.db
    .selectFrom('contactPasskeys')
    .selectAll()
    .where('id', '=', response.id)
    .executeTakeFirst()
  if (known === undefined) throw new AppError('passkey_refused')
  const signCount = await checkAnswer(deps, place, null, known, response)
  const holder = holderOfSession(known)
  const shops = await listShops(deps.db, holder)
  if (!shops.some(({ contactId }) => known.contactIds.includes(contactId))) {
    throw new AppError('passkey_refused')
  }
  await deps.db
    .updateTable('contactPasskeys')
    .set({ signCount, usedAt: deps.now() })
    .where('id', '=', known.id)
    .execute()
  return openContactSession(deps, holder, 'passkey')
}

/** Deletes passkeys of numbers and addresses that no contact has any more. Runs across schemes. */
export async function purgePasskeys(tx: Tx): Promise<void> {
  await tx
    .deleteFrom('contactPasskeys as p')
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('schemes as s')
            .innerJoin('contacts as c', 'c.schemeId', 's.id')
            .select('c.id')
            .where((where) =>
              where.or([
                where('c.mobile', '=', where.ref('p.phone')),
                where('c.mail', '=', where.ref('p.mail')),
              ]),
            ),
        ),
      ),
    )
    .execute()
}
