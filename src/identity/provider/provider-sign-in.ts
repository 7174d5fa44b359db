import { createHash, randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { NO_SCHEME } from '../../audit/chain.ts'
import type { AuditAction } from '../../audit/list.ts'
import { recordAudit } from '../../audit/record.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import type { Factor } from '../../permissions.ts'
import { acrossSchemes, type Db, type Tx } from '../../platform/db.ts'
import type { Auth } from '../auth.ts'
import { findInvitation, type Invitation, markInvitationUsed, requireOpenInvitation } from '../invitations.ts'
import type { SignedIn } from '../passkeys/passkeys.ts'
import { isLocked } from '../sessions/idle-limits.ts'
import { recordIdentity, recordIdentityIn } from '../sessions/session.ts'
import { countFailure } from '../sign-in/failures.ts'
import { findAccountState, findUserByMail } from '../store.ts'
import type { IdentityProvider, ProvenIdentity } from './provider.ts'
import {
  deleteVisits,
  findGrantOrganisations,
  findLink,
  findOpenInvitation,
  hasOwnSignIn,
  insertLink,
  insertVisit,
  type ProviderVisit,
  rememberIdToken,
  takeVisit,
} from './provider-store.ts'

// Sign-in of agents by the identity provider. The browser leaves with a state of one use that is bound to it by a cookie, and comes
// back to a page of this site, whose request carries the cookies that other sites cannot send.

/** Minutes that a person has at the provider. */
const VISIT_MINUTES = 10
/** Seconds by which the clock of the provider may be off. */
const SKEW_SECONDS = 60
/** Forged answers from one network that are recorded in a quarter of an hour: the first, the tenth, the hundredth. */
const RECORDED = new Set([1, 10, 100])

type Needs = Pick<Deps, 'db' | 'now' | 'secret' | 'config' | 'identityProvider'>

/** The browser that visits the provider. */
export interface VisitingBrowser {
  /** The value of its cookie; undefined: it has none yet. */
  readonly cookie: string | undefined
  /** Address of this installation to which it comes back. */
  readonly redirectUri: string
}

/** The purpose of a visit: a sign-in, which may accept an invitation, or a factor for the open session. */
export type VisitPurpose =
  | { readonly purpose: 'sign-in'; readonly invitation?: string | undefined }
  | { readonly purpose: 'factor'; readonly actor: SignedIn }

/**
 * Begins a visit to the identity provider.
 * @returns the address to go to, and the value of the cookie by which the browser is known on its return
 * @throws AppError `not_found` without a provider, `provider_unreachable`, `invitation_unknown`, `invitation_withdrawn`
 */
export async function beginVisit(
  deps: Needs,
  visit: VisitPurpose,
  { cookie, redirectUri }: VisitingBrowser,
): Promise<{ readonly address: string; readonly cookie: string }> {
  const provider = requireProvider(deps)
  const invitation =
    visit.purpose === 'sign-in' && visit.invitation !== undefined
      ? requireOpenInvitation(await findInvitation(deps.db, deps, visit.invitation))
      : undefined
  const browser = cookie ?? randomToken()
  const request = { state: randomToken(), nonce: randomToken(), codeVerifier: randomToken(), redirectUri }
  const address = await provider.begin(request)
  const now = deps.now()
  await insertVisit(deps.db, {
    stateHash: hash(request.state),
    browserHash: hash(browser),
    nonce: request.nonce,
    codeVerifier: request.codeVerifier,
    purpose: visit.purpose,
    sessionId: visit.purpose === 'factor' ? visit.actor.session.id : null,
    invitationId: invitation?.id ?? null,
    createdAt: now,
    expiresAt: new Date(now.getTime() + VISIT_MINUTES * 60_000),
  })
  return { address, cookie: browser }
}

/** The outcome of a visit: the cookies of a session, or a sign-in that waits for a code of the account. */
export interface VisitOutcome {
  readonly userId: string
  readonly purpose: ProviderVisit['purpose']
  readonly cookies: string[]
  readonly isComplete: boolean
}

/** The request with which the browser comes back. */
export interface Return {
  readonly answer: URLSearchParams
  readonly browser: VisitingBrowser
  readonly headers: Headers
  /** The first bits of its IP address. */
  readonly network: string
  /** The user of the session that is open in the browser. */
  readonly actor: SignedIn | undefined
}

/**
 * Ends a visit: checks the answer of the provider, finds the account, and opens its session or notes the factor. Every refusal of an
 * answer to a visit is recorded.
 * @throws AppError `provider_visit_lost` for a state that is unknown, used, too old or of another browser; those of `readAnswer`;
 * `provider_mail_unproven`, `provider_unknown_account`, `provider_unknown_siret`, `provider_other_identity`, `provider_other_account`,
 * `provider_not_linked`, `provider_not_fresh`, `provider_no_second_factor`, `account_disabled`; those of an invitation
 */
export async function endVisit(deps: Needs, auth: Auth, back: Return): Promise<VisitOutcome> {
  const provider = requireProvider(deps)
  const { answer, browser } = back
  const state = answer.get('state') ?? ''
  const visit = await takeVisit(deps.db, hash(state), deps.now())
  if (visit === undefined || browser.cookie === undefined || visit.browserHash !== hash(browser.cookie))
    throw new AppError('provider_visit_lost')
  let account: string | undefined
  try {
    const { nonce, codeVerifier } = visit
    const { redirectUri } = browser
    const identity = await provider.readAnswer(answer, { state, nonce, codeVerifier, redirectUri })
    const proven = { provider, visit, identity }
    const { userId } = await acrossSchemes(deps.db, (tx) => findCandidate(tx, deps, proven))
    account = userId
    const prover = visit.purpose === 'factor' ? requireProver(back, visit, userId) : undefined
    await acrossSchemes(deps.db, (tx) => admit(tx, deps, { ...proven, userId, prover }))
    if (prover !== undefined) return await giveProviderFactor(deps, auth, { back, visit, identity, prover })
    return await openProviderSession(deps, auth, { back, identity, userId })
  } catch (error) {
    if (error instanceof AppError) await recordRefusal(deps, back, error, account)
    throw error
  }
}

/**
 * Returns the user whose session began the visit.
 * @throws AppError `provider_other_account` when the identity is that of another account; `provider_visit_lost` when another session
 * is open by now
 */
function requireProver({ actor }: Return, { sessionId }: ProviderVisit, userId: string): SignedIn {
  if (actor?.userId !== userId) throw new AppError('provider_other_account')
  if (actor.session.id !== sessionId) throw new AppError('provider_visit_lost')
  return actor
}

/** A proven identity, and the visit in which it was proved. */
interface Proven {
  readonly provider: IdentityProvider
  readonly visit: ProviderVisit
  readonly identity: ProvenIdentity
}

/** The account that a proven identity would enter. */
interface Candidate {
  readonly userId: string
  readonly isLinked: boolean
  readonly invitation: Invitation | undefined
}

/** Finds the account of a proven identity: that of the invitation, the linked one, or the one with the proven mail address. */
async function findCandidate(tx: Tx, deps: Needs, { provider, visit, identity }: Proven): Promise<Candidate> {
  const linked = await findLink(tx, { issuer: provider.issuer, subject: identity.subject })
  const invitation =
    visit.invitationId === null
      ? undefined
      : requireOpenInvitation(await findOpenInvitation(tx, deps, { id: visit.invitationId }))
  if (invitation !== undefined && linked !== undefined && linked.userId !== invitation.userId)
    throw new AppError('provider_other_account')
  const userId = invitation?.userId ?? linked?.userId ?? (await findByMail(tx, identity))
  return { userId, isLinked: linked !== undefined, invitation }
}

/**
 * Admits the identity to the account: its organisation has to be one of the account's services. Links the two the first time.
 * @param of `prover`: the user whose session began the visit
 */
async function admit(
  tx: Tx,
  deps: Needs,
  of: Proven & { readonly userId: string; readonly prover: SignedIn | undefined },
): Promise<void> {
  const { provider, identity, userId, prover } = of
  await sql`select from "user" where id = ${userId} for update`.execute(tx)
  // Until the lock, the account could be recovered, which removes its links, and the invitation be withdrawn.
  const candidate = await findCandidate(tx, deps, of)
  if (candidate.userId !== userId) throw new AppError('provider_visit_lost')
  const { isLinked, invitation } = candidate
  const account = await findAccountState(tx, userId)
  if (account === undefined) throw new AppError('provider_unknown_account', mailValues(identity))
  if (account.disabledAt !== null) throw new AppError('account_disabled')
  const isOfHolder =
    isLinked || invitation !== undefined || (prover !== undefined && !isLocked(deps, prover, deps.now()))
  await requireOrganisation(tx, { ...of, isOfHolder })
  if (!isLinked) {
    // A mail address may be given to another person one day. Who has a password or a passkey proves with it whose account it is.
    if (!isOfHolder && (await hasOwnSignIn(tx, userId))) throw new AppError('provider_not_linked')
    const { issuer } = provider
    const { subject, uid } = identity
    // The account may have another identity at this provider.
    if (!(await insertLink(tx, { issuer, subject, uid, userId, linkedAt: deps.now() })))
      throw new AppError('provider_other_identity')
    await recordIdentityIn(tx, deps, userId, 'provider.link')
  }
  // A link that was not needed is used up too: the account no longer waits for its holder.
  const used = invitation ?? (await findOpenInvitation(tx, deps, { userId }))
  if (used !== undefined) await acceptByProvider(tx, deps, used)
}

async function acceptByProvider(tx: Tx, deps: Needs, { id, userId, purpose }: Invitation): Promise<void> {
  await markInvitationUsed(tx, id, deps.now())
  const grants = await tx
    .selectFrom('grants')
    .select('schemeId')
    .distinct()
    .where('userId', '=', userId)
    .orderBy('schemeId')
    .execute()
  const of = `user:${userId}`
  for (const { schemeId } of grants.length === 0 ? [{ schemeId: NO_SCHEME }] : grants)
    await recordAudit(tx, schemeId, deps.now(), {
      actor: of,
      action: 'user.accept',
      subject: of,
      details: { purpose, provider: true },
    })
}

/** @throws AppError `provider_mail_unproven`, `provider_unknown_account` */
async function findByMail(tx: Tx, identity: ProvenIdentity): Promise<string> {
  const { mail, isMailProven } = identity
  if (mail === null || !isMailProven) throw new AppError('provider_mail_unproven')
  const user = await findUserByMail(tx, mail)
  if (user === undefined) throw new AppError('provider_unknown_account', mailValues(identity))
  return user.id
}

/**
 * Requires that the organisation of the person is one of an agency of the account. A provider that names no organisation, other than
 * ProConnect, links no account by its mail address alone.
 * @param of `isOfHolder`: the identity is linked, or its holder was invited or has an open session
 * @throws AppError `provider_unknown_siret`
 */
async function requireOrganisation(
  tx: Tx,
  of: Proven & { readonly userId: string; readonly isOfHolder: boolean },
): Promise<void> {
  const { provider, userId, isOfHolder } = of
  const { siret } = of.identity
  const { hasOnlyPlatform, sirets } = await findGrantOrganisations(tx, userId)
  // The administrator of the platform belongs to no agency.
  const needsNone = hasOnlyPlatform || (siret === null && !provider.needsOrganisation)
  if (needsNone && isOfHolder) return
  if (siret !== null && sirets.includes(siret)) return
  throw new AppError('provider_unknown_siret', { values: { siret: siret ?? 'none' } })
}

/** Opens a session; of an account with codes, only if the provider reported a second factor, or after a code. */
async function openProviderSession(
  deps: Needs,
  auth: Auth,
  {
    back,
    identity,
    userId,
  }: { readonly back: Return; readonly identity: ProvenIdentity; readonly userId: string },
): Promise<VisitOutcome> {
  const { headers, browser } = back
  const { idToken, hasSecondFactor } = identity
  const hasCodes = (await auth.secondFactor.countRecoveryCodes(userId)) !== undefined
  if (hasCodes && !hasSecondFactor) {
    const cookies = await auth.awaitCode(userId, headers)
    await deps.db
      .insertInto('providerWaiting')
      .values({
        browserHash: hash(browser.cookie ?? ''),
        userId,
        idToken,
        expiresAt: new Date(deps.now().getTime() + VISIT_MINUTES * 60_000),
      })
      .onConflict((conflict) =>
        conflict.column('browserHash').doUpdateSet((eb) => ({
          userId: eb.ref('excluded.userId'),
          idToken: eb.ref('excluded.idToken'),
          expiresAt: eb.ref('excluded.expiresAt'),
        })),
      )
      .execute()
    return { userId, purpose: 'sign-in', cookies, isComplete: false }
  }
  const factorAt = factorTime(deps, identity)
  const cookies = await auth.openSession(userId, headers, factorOf(identity), { factorAt, provider: true })
  await rememberIdToken(deps.db, cookies, idToken)
  await recordIdentity(deps, userId, 'session.open', { factor: factorOf(identity) })
  return { userId, purpose: 'sign-in', cookies, isComplete: true }
}

/**
 * Marks the session that a code opened, when the identity provider had proved its user before in this browser.
 * @param cookies of the session
 */
export async function completeProviderSignIn(
  deps: Pick<Deps, 'db' | 'now'>,
  cookies: readonly string[],
  of: { readonly userId: string; readonly browser: string | undefined },
): Promise<void> {
  if (of.browser === undefined) return
  const waiting = await deps.db
    .deleteFrom('providerWaiting')
    .where('browserHash', '=', hash(of.browser))
    .where('userId', '=', of.userId)
    .where('expiresAt', '>', deps.now())
    .returning('idToken')
    .executeTakeFirst()
  if (waiting !== undefined) await rememberIdToken(deps.db, cookies, waiting.idToken)
}

/**
 * Notes that the user of the open session proved once more at the provider who they are, which unlocks it. For an account with codes
 * that takes a second factor at the provider; without one, an unlocked session is marked as proved there, and nothing else.
 * @throws AppError `provider_not_fresh` unless they did so during the visit; `provider_no_second_factor`
 */
async function giveProviderFactor(
  deps: Needs,
  auth: Auth,
  of: {
    readonly back: Return
    readonly visit: ProviderVisit
    readonly identity: ProvenIdentity
    readonly prover: SignedIn
  },
): Promise<VisitOutcome> {
  const { back, visit, identity, prover } = of
  const { userId, session } = prover
  const provenAt = factorTime(deps, identity)
  if (provenAt.getTime() < visit.createdAt.getTime() - SKEW_SECONDS * 1000)
    throw new AppError('provider_not_fresh')
  const wasLocked = isLocked(deps, prover, deps.now())
  const hasCodes = (await auth.secondFactor.countRecoveryCodes(userId)) !== undefined
  const isFactor = identity.hasSecondFactor || !hasCodes
  if (!isFactor && (wasLocked || session.provider === true)) throw new AppError('provider_no_second_factor')
  const proof = isFactor
    ? {
        factorAt: provenAt,
        lockedAt: null,
        ...(identity.hasSecondFactor && { factor: 'provider_mfa' as const }),
      }
    : { factorAt: session.factorAt }
  const cookies = await auth.renewSession({ ...proof, activeAt: deps.now(), provider: true }, back.headers)
  await rememberIdToken(deps.db, cookies, identity.idToken)
  if (wasLocked) await recordIdentity(deps, userId, 'session.unlock', { factor: factorOf(identity) })
  return { userId, purpose: 'factor', cookies, isComplete: true }
}

function factorOf({ hasSecondFactor }: ProvenIdentity): Extract<Factor, 'provider' | 'provider_mfa'> {
  return hasSecondFactor ? 'provider_mfa' : 'provider'
}

/**
 * Returns when the factor was given. Long ago if the provider names no time, or one that has not come yet by more than its clock may
 * be off.
 */
function factorTime({ now }: Pick<Deps, 'now'>, { authenticatedAt }: ProvenIdentity): Date {
  const nowMs = now().getTime()
  const atMs = authenticatedAt?.getTime() ?? 0
  return new Date(atMs > nowMs + SKEW_SECONDS * 1000 ? 0 : Math.min(nowMs, atMs))
}

/** Returns the address that ends the session at the provider which an ID token names; undefined when there is none. */
export async function findSignOutAddress(
  { identityProvider }: Pick<Deps, 'identityProvider'>,
  idToken: string | undefined,
  backTo: string,
): Promise<string | undefined> {
  if (identityProvider === undefined || idToken === undefined) return undefined
  return identityProvider.signOutAddress({ idToken, state: randomToken(), backTo })
}

/** Records that an answer was refused: each that the provider proved, and of others the first few of a network. */
async function recordRefusal(
  deps: Needs,
  { network }: Return,
  { code: reason, values: { siret } }: AppError,
  userId: string | undefined,
): Promise<void> {
  if (reason === 'provider_cancelled' || reason === 'provider_unreachable') return
  const action: AuditAction = 'provider.refuse'
  await acrossSchemes(deps.db, async (tx) => {
    if (reason === 'provider_answer' || userId === undefined) {
      const counted = { kind: 'provider', of: `${network} ${reason}`, seconds: 900 }
      const { failures } = await countFailure(tx, deps, counted)
      if (!RECORDED.has(failures)) return
    }
    const subject = userId === undefined ? 'provider' : `user:${userId}`
    await recordAudit(tx, NO_SCHEME, deps.now(), {
      actor: subject,
      action,
      subject,
      details: { reason, ...(siret !== undefined && { siret }) },
    })
  })
}

/** Deletes visits that nobody came back from. */
export async function purgeVisits(db: Db | Tx, now: Date): Promise<void> {
  await deleteVisits(db, now)
}

function requireProvider({ identityProvider }: Pick<Deps, 'identityProvider'>): IdentityProvider {
  if (identityProvider === undefined) throw new AppError('not_found')
  return identityProvider
}

const mailValues = ({ mail }: ProvenIdentity) => ({ values: { mail: mail ?? '' } })

/** 43 characters, 256 bits: also a code verifier (RFC 7636). */
const randomToken = () => randomBytes(32).toString('base64url')
const hash = (value: string) => createHash('sha256').update(value).digest('base64url')
