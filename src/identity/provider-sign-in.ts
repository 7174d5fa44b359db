import { createHash, randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { NO_SCHEME } from '../audit/chain.ts'
import type { AuditAction } from '../audit/list.ts'
import { recordAudit } from '../audit/record.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import type { Factor } from '../permissions.ts'
import { acrossSchemes, type Db, type Tx } from '../platform/db.ts'
import type { Auth } from './auth.ts'
import { countFailure } from './failures.ts'
import { findInvitation, type Invitation, markInvitationUsed } from './invitations.ts'
import type { SignedIn } from './passkeys.ts'
import type { IdentityProvider, ProvenIdentity } from './provider.ts'
import {
  deleteVisits,
  findGrantOrganisations,
  findLink,
  findOpenInvitation,
  insertLink,
  insertVisit,
  type ProviderVisit,
  rememberIdToken,
  takeVisit,
} from './provider-store.ts'
import { recordIdentityIn } from './session.ts'
import { findAccountState, findUserByMail } from './store.ts'

// Sign-in of agents by the identity provider. The browser leaves with a state of one use that is bound to it by a cookie, and comes
// back to a page of this site, whose request carries the cookies that other sites cannot send.

/** Minutes that a person has at the provider. */
const VISIT_MINUTES = 10
/** Seconds by which the clock of the provider may differ. */
const SKEW_SECONDS = 60
/** Forged answers from one network that are recorded in a quarter of an hour: the first, the tenth, the hundredth. */
const RECORDED = new Set([1, 10, 100])

type Needs = Pick<Deps, 'db' | 'now' | 'newId' | 'secret' | 'identityProvider'>

/** The browser that visits the provider. */
export interface VisitingBrowser {
  /** The value of its cookie; undefined: it has none yet. */
  readonly cookie: string | undefined
  /** Address of this installation to which it comes back. */
  readonly redirectUri: string
}

/** What a visit is for: a sign-in, which may accept an invitation, or a factor of the session that is open. */
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
      ? requireInvitation(await findInvitation(deps.db, deps, visit.invitation))
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
 * `provider_not_fresh`, `second_factor_due`, `account_disabled`; those of an invitation
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
    const candidate = await acrossSchemes(deps.db, (tx) => findCandidate(tx, deps, proven))
    account = candidate.userId
    if (visit.purpose === 'factor' && back.actor?.userId !== account)
      throw new AppError('provider_other_account')
    await acrossSchemes(deps.db, (tx) => admit(tx, deps, { ...proven, ...candidate }))
    if (visit.purpose === 'factor') return await giveProviderFactor(deps, auth, { back, visit, identity })
    return await openProviderSession(deps, auth, { back, identity, userId: account })
  } catch (error) {
    if (error instanceof AppError) await recordRefusal(deps, back, error, account)
    throw error
  }
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
      : requireInvitation(await findOpenInvitation(tx, deps, { id: visit.invitationId }))
  if (invitation !== undefined && linked !== undefined && linked.userId !== invitation.userId)
    throw new AppError('provider_other_account')
  const userId = invitation?.userId ?? linked?.userId ?? (await findByMail(tx, identity))
  return { userId, isLinked: linked !== undefined, invitation }
}

/** Admits the identity to the account: its organisation has to be one of the account's services. Links the two the first time. */
async function admit(tx: Tx, deps: Needs, of: Proven & Candidate): Promise<void> {
  const { provider, identity, userId, isLinked, invitation } = of
  await sql`select from "user" where id = ${userId} for update`.execute(tx)
  const account = await findAccountState(tx, userId)
  if (account === undefined) throw new AppError('provider_unknown_account', mailValues(identity))
  if (account.disabledAt !== null) throw new AppError('account_disabled')
  await requireOrganisation(tx, of)
  if (!isLinked) {
    const { issuer } = provider
    const { subject, uid } = identity
    // The account may have another identity at this provider.
    if (!(await insertLink(tx, { issuer, subject, uid, userId, linkedAt: deps.now() })))
      throw new AppError('provider_other_identity')
    await recordIdentityIn(tx, deps, userId, 'provider.link')
  }
  // Without the link of its mail, the account is open from now on too: it no longer waits for its holder.
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
 * ProConnect, links an account by its invitation only.
 * @throws AppError `provider_unknown_siret`
 */
async function requireOrganisation(tx: Tx, of: Proven & Candidate): Promise<void> {
  const { provider, userId, isLinked, invitation } = of
  const { siret } = of.identity
  const { hasOnlyPlatform, sirets } = await findGrantOrganisations(tx, userId)
  // The administrator of the platform belongs to no agency: their invitation has to bring them here first.
  const needsNone = hasOnlyPlatform || (siret === null && !provider.needsOrganisation)
  if (needsNone && (isLinked || invitation !== undefined)) return
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
  await acrossSchemes(deps.db, (tx) => recordIdentityIn(tx, deps, userId, 'session.open'))
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
 * Notes that the user of the open session proved once more at the provider who they are, which unlocks it.
 * @throws AppError `provider_not_fresh` unless they did so during the visit; `second_factor_due` for an account with codes when no
 * second factor was reported
 */
async function giveProviderFactor(
  deps: Needs,
  auth: Auth,
  of: { readonly back: Return; readonly visit: ProviderVisit; readonly identity: ProvenIdentity },
): Promise<VisitOutcome> {
  const { back, visit, identity } = of
  const { actor } = back
  if (actor === undefined || actor.session.id !== visit.sessionId) throw new AppError('provider_visit_lost')
  const { userId } = actor
  const since = visit.createdAt.getTime() - SKEW_SECONDS * 1000
  if (identity.authenticatedAt === null || identity.authenticatedAt.getTime() < since)
    throw new AppError('provider_not_fresh')
  const hasCodes = (await auth.secondFactor.countRecoveryCodes(userId)) !== undefined
  if (hasCodes && !identity.hasSecondFactor) throw new AppError('second_factor_due')
  const wasLocked = actor.session.lockedAt != null
  const cookies = await auth.renewSession(
    {
      factorAt: factorTime(deps, identity),
      activeAt: deps.now(),
      lockedAt: null,
      provider: true,
      ...(identity.hasSecondFactor && { factor: 'provider_mfa' as const }),
    },
    back.headers,
  )
  await rememberIdToken(deps.db, cookies, identity.idToken)
  if (wasLocked) await acrossSchemes(deps.db, (tx) => recordIdentityIn(tx, deps, userId, 'session.unlock'))
  return { userId, purpose: 'factor', cookies, isComplete: true }
}

function factorOf({ hasSecondFactor }: ProvenIdentity): Extract<Factor, 'provider' | 'provider_mfa'> {
  return hasSecondFactor ? 'provider_mfa' : 'provider'
}

/** Returns when the factor was given, never in the future; without a time of the provider, long ago. */
function factorTime({ now }: Pick<Deps, 'now'>, { authenticatedAt }: ProvenIdentity): Date {
  return new Date(Math.min(now().getTime(), authenticatedAt?.getTime() ?? 0))
}

/** Returns the address that signs the session out at the provider, where it was opened by it. */
export async function findSignOutAddress(
  deps: Pick<Deps, 'db' | 'identityProvider'>,
  { session }: SignedIn,
  backTo: string,
): Promise<string | undefined> {
  const { identityProvider: provider } = deps
  if (provider === undefined) return undefined
  const row = await deps.db
    .selectFrom('providerSessions')
    .select('idToken')
    .where('sessionId', '=', session.id)
    .executeTakeFirst()
  return row && provider.signOutAddress({ idToken: row.idToken, state: randomToken(), backTo })
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

function requireInvitation(invitation: Invitation | undefined): Invitation {
  if (invitation === undefined) throw new AppError('invitation_unknown')
  if (invitation.state !== 'open') throw new AppError(`invitation_${invitation.state}`)
  return invitation
}

const mailValues = ({ mail }: ProvenIdentity) => ({ values: { mail: mail ?? '' } })

/** 43 characters, 256 bits: also a code verifier (RFC 7636). */
const randomToken = () => randomBytes(32).toString('base64url')
const hash = (value: string) => createHash('sha256').update(value).digest('base64url')
