import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server'
import { recordAudit } from '../audit/record.ts'
import type { Config } from '../config.ts'
import type { Deps } from '../deps.ts'
import { AppError, type Problem } from '../errors.ts'
import { NO_SCHEME } from '../identity/session.ts'
import { requireLine } from '../members/rules.ts'
import { asOwner, type Db, type Tx } from '../platform/db.ts'
import type { PasskeyList } from './contract.ts'
import { type ContactActor, openContactSession } from './session.ts'
import { findSessionById, type Holder, holderOfSession, listShops } from './store.ts'

// A passkey (WebAuthn) replaces the code sent to the phone or mailbox that its holder once proved. It opens what that code
// would open, and nothing once the number or address belongs to another contact.

/** Maximum number of passkeys per number or address. */
export const MAX_PASSKEYS = 10
/** COSE: EdDSA, ES256, RS256; every authenticator supports one of them. */
const ALGORITHMS = [-8, -7, -257]
const CHALLENGE_MS = 5 * 60_000

/** Loaded when a passkey is first used: each start would wait for its 200 files. */
const loadWebAuthn = () => import('@simplewebauthn/server')

/** The site that passkeys are bound to; another site cannot use them. */
export interface Site {
  readonly origin: string
  /** The host, as the relying party's id. */
  readonly id: string
}

/**
 * Returns the site of this installation: the configured one, or this machine for a demo.
 * @param reached the address that the request used
 * @returns undefined if no address is configured: a passkey would be bound to whatever name the request used
 */
export function passkeySite({ baseUrl }: Pick<Config, 'baseUrl'>, reached: string): Site | undefined {
  const url = URL.parse(baseUrl ?? reached)
  if (url === null || (baseUrl === undefined && url.hostname !== 'localhost')) return undefined
  return { origin: url.origin, id: url.hostname }
}

function requireSite(site: Site | undefined): Site {
  if (site === undefined) throw new AppError('passkey_refused')
  return site
}

/** Creates a challenge and stores it until it is answered or expires. */
async function createChallenge(
  deps: Pick<Deps, 'db' | 'now'>,
  challenge: string,
  sessionId: string | null,
): Promise<void> {
  const expiresAt = new Date(deps.now().getTime() + CHALLENGE_MS)
  await deps.db.insertInto('passkeyChallenges').values({ challenge, sessionId, expiresAt }).execute()
}

/** Consumes a challenge: returns whether it was issued for this use and has not expired. */
async function consumeChallenge(
  deps: Pick<Deps, 'db' | 'now'>,
  challenge: string,
  sessionId: string | null,
): Promise<boolean> {
  const { numDeletedRows } = await deps.db
    .deleteFrom('passkeyChallenges')
    .where('challenge', '=', challenge)
    .where('sessionId', 'is not distinct from', sessionId)
    .where('expiresAt', '>', deps.now())
    .executeTakeFirst()
  return numDeletedRows > 0n
}

function heldByHolder(db: Db | Tx, holder: Holder) {
  const query = db.selectFrom('contactPasskeys').selectAll()
  return 'phone' in holder ? query.where('phone', '=', holder.phone) : query.where('mail', '=', holder.mail)
}

/** @throws AppError `not_signed_in` */
async function holderOfActor(db: Db | Tx, actor: ContactActor): Promise<Holder> {
  const session = await findSessionById(db, actor.sessionId)
  if (session === undefined) throw new AppError('not_signed_in')
  return holderOfSession(session)
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
  const site = requireSite(place)
  const holder = await holderOfActor(deps.db, actor)
  const known = await heldByHolder(deps.db, holder).execute()
  if (known.length >= MAX_PASSKEYS) {
    throw new AppError('too_many_passkeys', { values: { maximum: MAX_PASSKEYS } })
  }
  const { generateRegistrationOptions } = await loadWebAuthn()
  const options = await generateRegistrationOptions({
    rpName: 'Tocsin',
    rpID: site.id,
    // The device shows this when its user chooses between passkeys: their own number or address.
    userName: 'phone' in holder ? holder.phone : holder.mail,
    attestationType: 'none',
    supportedAlgorithmIDs: ALGORITHMS,
    excludeCredentials: known.map(({ id, transports }) => ({ id, transports })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  })
  await createChallenge(deps, options.challenge, actor.sessionId)
  return options
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
  const site = requireSite(place)
  const problems: Problem[] = []
  const name = requireLine('name', input.name, problems)
  if (problems.length > 0) throw new AppError('invalid_input', { problems })
  const holder = await holderOfActor(deps.db, actor)
  const { verifyRegistrationResponse } = await loadWebAuthn()
  const made = await requireVerified(() =>
    verifyRegistrationResponse({
      response: input.response,
      expectedChallenge: (challenge) => consumeChallenge(deps, challenge, actor.sessionId),
      expectedOrigin: site.origin,
      expectedRPID: site.id,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    }),
  )
  const { credential } = made.registrationInfo ?? {}
  if (!made.verified || credential === undefined) throw new AppError('passkey_refused')
  const now = deps.now()
  await asOwner(deps.db, async (tx) => {
    const shops = await listShops(tx, holder)
    if (shops.length === 0) throw new AppError('not_signed_in')
    const { numInsertedOrUpdatedRows = 0n } = await tx
      .insertInto('contactPasskeys')
      .values({
        id: credential.id,
        phone: 'phone' in holder ? holder.phone : null,
        mail: 'mail' in holder ? holder.mail : null,
        contactIds: shops.map(({ contactId }) => contactId),
        publicKey: Buffer.from(credential.publicKey),
        signCount: credential.counter,
        transports: credential.transports ?? [],
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
  await asOwner(deps.db, async (tx) => {
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
export async function startPasskeySignIn(
  deps: Pick<Deps, 'db' | 'now'>,
  place: Site | undefined,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const site = requireSite(place)
  const { generateAuthenticationOptions } = await loadWebAuthn()
  const options = await generateAuthenticationOptions({ rpID: site.id, userVerification: 'required' })
  await createChallenge(deps, options.challenge, null)
  return options
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
  const site = requireSite(place)
  const known = await deps.db
    .selectFrom('contactPasskeys')
    .selectAll()
    .where('id', '=', response.id)
    .executeTakeFirst()
  if (known === undefined) throw new AppError('passkey_refused')
  const { verifyAuthenticationResponse } = await loadWebAuthn()
  const answer = await requireVerified(() =>
    verifyAuthenticationResponse({
      response,
      expectedChallenge: (challenge) => consumeChallenge(deps, challenge, null),
      expectedOrigin: site.origin,
      expectedRPID: site.id,
      requireUserVerification: true,
      credential: {
        id: known.id,
        publicKey: new Uint8Array(known.publicKey),
        counter: known.signCount,
        transports: known.transports,
      },
    }),
  )
  if (!answer.verified) throw new AppError('passkey_refused')
  const holder = holderOfSession(known)
  const shops = await listShops(deps.db, holder)
  if (!shops.some(({ contactId }) => known.contactIds.includes(contactId))) {
    throw new AppError('passkey_refused')
  }
  await deps.db
    .updateTable('contactPasskeys')
    .set({ signCount: answer.authenticationInfo.newCounter, usedAt: deps.now() })
    .where('id', '=', known.id)
    .execute()
  return openContactSession(deps, holder, 'passkey')
}

/** Runs a check of the library, which reports failures by throwing. @throws AppError `passkey_refused` for any failure */
async function requireVerified<T>(check: () => Promise<T>): Promise<T> {
  try {
    return await check()
  } catch (cause) {
    throw new AppError('passkey_refused', { cause })
  }
}

/** Deletes expired challenges, and passkeys of numbers and addresses that no contact has any more. Runs as the owner. */
export async function purgePasskeys(tx: Tx, now: Date): Promise<void> {
  await tx.deleteFrom('passkeyChallenges').where('expiresAt', '<=', now).execute()
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
