import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
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
import { findSessionById, type Holder, holderOf, listShops } from './store.ts'

// A passkey (WebAuthn) stands for the phone or the mailbox that its holder proved once by a code: it opens what a code would
// open, and nothing once that is somebody else's.

/** Passkeys of one number or address at most. */
export const MAX_PASSKEYS = 10
/** COSE: EdDSA, ES256, RS256, which every authenticator has one of. */
const ALGORITHMS = [-8, -7, -257]
const CHALLENGE_MS = 5 * 60_000

/** Where passkeys are valid: those of one site open no other. */
export interface Site {
  readonly origin: string
  /** The host, as the relying party's id. */
  readonly id: string
}

/**
 * The site of this installation: its setting, or this machine for a demo.
 * @param reached by which address the request came
 * @returns undefined where it has no address of its own: a passkey would be bound to whatever name it is reached by
 */
export function siteOf({ baseUrl }: Pick<Config, 'baseUrl'>, reached: string): Site | undefined {
  const url = URL.parse(baseUrl ?? reached)
  if (url === null || (baseUrl === undefined && url.hostname !== 'localhost')) return undefined
  return { origin: url.origin, id: url.hostname }
}

function requireSite(site: Site | undefined): Site {
  if (site === undefined) throw new AppError('passkey_refused')
  return site
}

/** A challenge that nobody has seen, kept until it is answered or too old. */
async function keepChallenge(
  deps: Pick<Deps, 'db' | 'now'>,
  challenge: string,
  sessionId: string | null,
): Promise<void> {
  const expiresAt = new Date(deps.now().getTime() + CHALLENGE_MS)
  await deps.db.insertInto('passkeyChallenges').values({ challenge, sessionId, expiresAt }).execute()
}

/** Whether it was given, for this use, and is not over; used up then. */
async function takeChallenge(
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

function ofHolder(db: Db | Tx, holder: Holder) {
  const query = db.selectFrom('contactPasskeys').selectAll()
  return 'phone' in holder ? query.where('phone', '=', holder.phone) : query.where('mail', '=', holder.mail)
}

/** @throws AppError `not_signed_in` */
async function holderOfActor(db: Db | Tx, actor: ContactActor): Promise<Holder> {
  const session = await findSessionById(db, actor.sessionId)
  if (session === undefined) throw new AppError('not_signed_in')
  return holderOf(session)
}

/** The passkeys of whoever is signed in, the last one first. */
export async function listPasskeys(deps: Pick<Deps, 'db'>, actor: ContactActor): Promise<PasskeyList> {
  const holder = await holderOfActor(deps.db, actor)
  const rows = await ofHolder(deps.db, holder).orderBy('createdAt', 'desc').orderBy('id').execute()
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
 * What a browser needs to make a passkey: on a device that asks for its finger, face or code.
 * @throws AppError `passkey_refused` without a site; `too_many_passkeys`
 */
export async function offerPasskey(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: ContactActor,
  place: Site | undefined,
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const site = requireSite(place)
  const holder = await holderOfActor(deps.db, actor)
  const known = await ofHolder(deps.db, holder).execute()
  if (known.length >= MAX_PASSKEYS) {
    throw new AppError('too_many_passkeys', { values: { maximum: MAX_PASSKEYS } })
  }
  const options = await generateRegistrationOptions({
    rpName: 'Tocsin',
    rpID: site.id,
    // Shown by the device to whoever chooses between passkeys: their own number or address.
    userName: 'phone' in holder ? holder.phone : holder.mail,
    attestationType: 'none',
    supportedAlgorithmIDs: ALGORITHMS,
    excludeCredentials: known.map(({ id, transports }) => ({ id, transports })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  })
  await keepChallenge(deps, options.challenge, actor.sessionId)
  return options
}

/**
 * Keeps the passkey that a browser made.
 * @throws AppError `invalid_input` without a name; `passkey_refused` for what was not asked for, or does not hold
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
  const made = await verified(() =>
    verifyRegistrationResponse({
      response: input.response,
      expectedChallenge: (challenge) => takeChallenge(deps, challenge, actor.sessionId),
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
    // Ids are made by authenticators: one that is another's already is no accident.
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

/** Takes a passkey away; one of somebody else's is none. @throws AppError `not_found` */
export async function removePasskey(
  deps: Pick<Deps, 'db' | 'now'>,
  actor: ContactActor,
  id: string,
): Promise<PasskeyList> {
  await asOwner(deps.db, async (tx) => {
    const holder = await holderOfActor(tx, actor)
    const own = await ofHolder(tx, holder).where('id', '=', id).executeTakeFirst()
    if (own === undefined) throw new AppError('not_found')
    await tx.deleteFrom('contactPasskeys').where('id', '=', id).execute()
    const subject = `contact-session:${actor.sessionId}`
    await recordAudit(tx, NO_SCHEME, deps.now(), { actor: subject, action: 'passkey.remove', subject })
  })
  return listPasskeys(deps, actor)
}

/**
 * What a browser needs to sign in with a passkey: it names none, so it tells nobody whose they are.
 * @throws AppError `passkey_refused` without a site
 */
export async function askPasskey(
  deps: Pick<Deps, 'db' | 'now'>,
  place: Site | undefined,
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const site = requireSite(place)
  const options = await generateAuthenticationOptions({ rpID: site.id, userVerification: 'required' })
  await keepChallenge(deps, options.challenge, null)
  return options
}

/**
 * Signs in by a passkey.
 * @returns what the browser holds from then on
 * @throws AppError `passkey_refused`, without saying why: unknown, taken away, too late, or its number is another's by now
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
  const answer = await verified(() =>
    verifyAuthenticationResponse({
      response,
      expectedChallenge: (challenge) => takeChallenge(deps, challenge, null),
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
  const holder = holderOf(known)
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

/** @throws AppError `passkey_refused` for whatever the library finds wrong: it throws, and says in words what. */
async function verified<T>(check: () => Promise<T>): Promise<T> {
  try {
    return await check()
  } catch (cause) {
    throw new AppError('passkey_refused', { cause })
  }
}

/** Challenges that are over, and passkeys of numbers and addresses that nobody has any more. As the owner. */
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
