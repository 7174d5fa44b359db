import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server'
import type { Config } from '../../config.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import type { Tx } from '../../platform/db.ts'

// Passkeys (WebAuthn) of console accounts and of members share the site, the challenges and the checks of the library.

/** Maximum number of passkeys per account, or per number or address of a member. */
export const MAX_PASSKEYS = 10
/** COSE: EdDSA, ES256, RS256; every authenticator supports one of them. */
const ALGORITHMS = [-8, -7, -257]
const CHALLENGE_MS = 5 * 60_000

/** Loaded when a passkey is first used: each start would wait for its 200 files. */
const loadWebAuthn = () => import('@simplewebauthn/server')

type Needs = Pick<Deps, 'db' | 'now'>

/** The site that passkeys are bound to; another site cannot use them. */
export interface Site {
  readonly origin: string
  /** The host, as the relying party's id. */
  readonly id: string
}

/** A stored passkey, as the library needs it to check a response. */
export interface KnownPasskey {
  /** The id of the credential, base64url. */
  readonly id: string
  readonly publicKey: Buffer
  readonly signCount: number
  readonly transports: readonly string[]
}

/** A passkey that a browser created. */
export interface MadePasskey {
  readonly id: string
  readonly publicKey: Buffer
  readonly signCount: number
  readonly transports: string[]
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

/**
 * Returns the options to create a passkey on a device that checks a finger, a face or a code.
 * @param sessionId the session that adds it
 * @param owner `name` is shown by the device when its user chooses between passkeys; `handle` identifies the owner to the device
 * @throws AppError `passkey_refused` without a site; `too_many_passkeys`
 */
export async function startCreation(
  deps: Needs,
  place: Site | undefined,
  sessionId: string,
  owner: { readonly name: string; readonly handle?: string; readonly known: readonly KnownPasskey[] },
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const site = requireSite(place)
  if (owner.known.length >= MAX_PASSKEYS) {
    throw new AppError('too_many_passkeys', { values: { maximum: MAX_PASSKEYS } })
  }
  const { generateRegistrationOptions } = await loadWebAuthn()
  const options = await generateRegistrationOptions({
    rpName: 'Tocsin',
    rpID: site.id,
    userName: owner.name,
    ...(owner.handle !== undefined && { userID: new TextEncoder().encode(owner.handle) }),
    attestationType: 'none',
    supportedAlgorithmIDs: ALGORITHMS,
    excludeCredentials: owner.known.map(({ id, transports }) => ({ id, transports: [...transports] })),
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
  })
  await createChallenge(deps, options.challenge, sessionId)
  return options
}

/** Checks the passkey that a browser created. @throws AppError `passkey_refused` if it was not requested or is not valid */
export async function checkCreation(
  deps: Needs,
  place: Site | undefined,
  sessionId: string,
  response: RegistrationResponseJSON,
): Promise<MadePasskey> {
  const site = requireSite(place)
  const { verifyRegistrationResponse } = await loadWebAuthn()
  const made = await requireVerified(() =>
    verifyRegistrationResponse({
      response,
      expectedChallenge: (challenge) => consumeChallenge(deps, challenge, sessionId),
      expectedOrigin: site.origin,
      expectedRPID: site.id,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    }),
  )
  const { credential } = made.registrationInfo ?? {}
  if (!made.verified || credential === undefined) throw new AppError('passkey_refused')
  return {
    id: credential.id,
    publicKey: Buffer.from(credential.publicKey),
    signCount: credential.counter,
    transports: credential.transports ?? [],
  }
}

/**
 * Returns the options to answer with a passkey.
 * @param sessionId the session that proves its user once more; null to sign in
 * @param known the passkeys to choose from; without them the options do not reveal whose exist
 * @throws AppError `passkey_refused` without a site
 */
export async function startAnswer(
  deps: Needs,
  place: Site | undefined,
  sessionId: string | null,
  known: readonly KnownPasskey[] = [],
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const site = requireSite(place)
  const { generateAuthenticationOptions } = await loadWebAuthn()
  const options = await generateAuthenticationOptions({
    rpID: site.id,
    userVerification: 'required',
    ...(known.length > 0 && {
      allowCredentials: known.map(({ id, transports }) => ({ id, transports: [...transports] })),
    }),
  })
  await createChallenge(deps, options.challenge, sessionId)
  return options
}

/**
 * Checks a response made with a known passkey.
 * @returns the new count of signatures, to be stored
 * @throws AppError `passkey_refused`
 */
export async function checkAnswer(
  deps: Needs,
  place: Site | undefined,
  sessionId: string | null,
  known: KnownPasskey,
  response: AuthenticationResponseJSON,
): Promise<number> {
  const site = requireSite(place)
  const { verifyAuthenticationResponse } = await loadWebAuthn()
  const answer = await requireVerified(() =>
    verifyAuthenticationResponse({
      response,
      expectedChallenge: (challenge) => consumeChallenge(deps, challenge, sessionId),
      expectedOrigin: site.origin,
      expectedRPID: site.id,
      requireUserVerification: true,
      credential: {
        id: known.id,
        publicKey: new Uint8Array(known.publicKey),
        counter: known.signCount,
        transports: [...known.transports],
      },
    }),
  )
  if (!answer.verified) throw new AppError('passkey_refused')
  return answer.authenticationInfo.newCounter
}

/** Creates a challenge and stores it until it is answered or expires. */
async function createChallenge(deps: Needs, challenge: string, sessionId: string | null): Promise<void> {
  const expiresAt = new Date(deps.now().getTime() + CHALLENGE_MS)
  await deps.db.insertInto('passkeyChallenges').values({ challenge, sessionId, expiresAt }).execute()
}

/** Consumes a challenge: returns whether it was issued for this use and has not expired. */
async function consumeChallenge(deps: Needs, challenge: string, sessionId: string | null): Promise<boolean> {
  const { numDeletedRows } = await deps.db
    .deleteFrom('passkeyChallenges')
    .where('challenge', '=', challenge)
    .where('sessionId', 'is not distinct from', sessionId)
    .where('expiresAt', '>', deps.now())
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** Runs a check of the library, which reports failures by throwing. @throws AppError `passkey_refused` for any failure */
async function requireVerified<T>(check: () => Promise<T>): Promise<T> {
  try {
    return await check()
  } catch (cause) {
    throw new AppError('passkey_refused', { cause })
  }
}

/** Deletes expired challenges. Runs across schemes. */
export async function purgeChallenges(tx: Tx, now: Date): Promise<void> {
  await tx.deleteFrom('passkeyChallenges').where('expiresAt', '<=', now).execute()
}
