import {
  AuthorizationResponseError,
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  ClientError,
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  calculatePKCECodeChallenge,
  discovery,
  enableNonRepudiationChecks,
  fetchUserInfo,
  type IDToken,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client'
import { z } from 'zod'
import type { IdentityProviderSettings } from '../../config.ts'
import { AppError } from '../../errors.ts'
import type { IdentityProvider, ProvenIdentity, ProviderRequest } from '../../identity/provider/provider.ts'
import { HOUR_MS } from '../../message/clock.ts'

/** A person is waiting; the code of ProConnect is valid for 30 seconds. */
const TIMEOUT_SECONDS = 10
/** Time for which the description of the provider is used; its keys are read again whenever an unknown one signs. */
const DESCRIBED_MS = HOUR_MS
/** `amr` of a sign-in with a second factor (RFC 8176). */
const SECOND_FACTOR = 'mfa'

/** The claims that count, as far as a provider sends them. */
const Claims = z.object({
  sub: z.string().min(1).max(255),
  uid: z.string().max(255).optional(),
  email: z.email().max(254).optional().catch(undefined),
  email_verified: z.boolean().optional(),
  siret: z
    .string()
    .regex(/^\d{14}$/)
    .optional()
    .catch(undefined),
})
const Amr = z.array(z.string()).catch([])

/**
 * Signs agents in by an OpenID Connect provider through openid-client: code flow with PKCE, one algorithm for every signature, and
 * the signatures checked against the keys of the provider although they arrive over TLS.
 */
export function createIdentityProvider(settings: IdentityProviderSettings): IdentityProvider {
  const isProConnect = settings.kind === 'proconnect'
  let described: { readonly atMs: number; readonly client: Promise<Configuration> } | undefined

  function connect(): Promise<Configuration> {
    if (described === undefined || performance.now() - described.atMs > DESCRIBED_MS) {
      const client = describe(settings)
      described = { atMs: performance.now(), client }
      client.catch(() => {
        described = undefined
      })
    }
    return described.client
  }

  return {
    issuer: settings.issuer,
    label: settings.label,
    needsOrganisation: isProConnect,
    begin: (request) =>
      withProviderErrors(async () => (await authorizationAddress(await connect(), settings, request)).href),
    readAnswer: (answer, { state, nonce, codeVerifier, redirectUri }) =>
      withProviderErrors(async () => {
        const client = await connect()
        const address = new URL(redirectUri)
        address.search = answer.toString()
        const tokens = await authorizationCodeGrant(client, address, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: codeVerifier,
        })
        const claims = tokens.claims()
        if (claims === undefined || tokens.id_token === undefined) throw new AppError('provider_answer')
        requireLevel(settings, claims)
        const userinfo = await fetchUserInfo(client, tokens.access_token, claims.sub)
        return toIdentity(userinfo, claims, { idToken: tokens.id_token, isProConnect })
      }),
    async signOutAddress({ idToken, state, backTo }) {
      try {
        const client = await connect()
        if (client.serverMetadata().end_session_endpoint === undefined) return undefined
        const parameters = { id_token_hint: idToken, state, post_logout_redirect_uri: backTo }
        const address = buildEndSessionUrl(client, parameters)
        // ProConnect refuses parameters that it does not know; the token names the client.
        address.searchParams.delete('client_id')
        return address.href
      } catch {
        return undefined
      }
    },
  }
}

/** Reads the description of the provider, and fixes by which algorithm and with which authentication it is talked to. */
async function describe(settings: IdentityProviderSettings): Promise<Configuration> {
  const { issuer, clientId, clientSecret, alg, kind } = settings
  const options = {
    timeout: TIMEOUT_SECONDS,
    execute: issuer.startsWith('http:') ? [allowInsecureRequests] : [],
  }
  const found = await discovery(new URL(issuer), clientId, undefined, undefined, options)
  const server = found.serverMetadata()
  const isPosted = server.token_endpoint_auth_methods_supported?.includes('client_secret_post') === true
  const client = new Configuration(
    server,
    clientId,
    {
      client_secret: clientSecret,
      id_token_signed_response_alg: alg,
      // With it, a userinfo that is not signed is refused.
      ...(kind === 'proconnect' && { userinfo_signed_response_alg: alg }),
    },
    isPosted ? ClientSecretPost(clientSecret) : ClientSecretBasic(clientSecret),
  )
  client.timeout = TIMEOUT_SECONDS
  if (issuer.startsWith('http:')) allowInsecureRequests(client)
  enableNonRepudiationChecks(client)
  return client
}

async function authorizationAddress(
  client: Configuration,
  { scopes, acr }: IdentityProviderSettings,
  { state, nonce, codeVerifier, redirectUri }: ProviderRequest,
): Promise<URL> {
  const idToken = {
    amr: { essential: true },
    auth_time: { essential: true },
    ...(acr.length > 0 && { acr: { essential: true, values: acr } }),
  }
  return buildAuthorizationUrl(client, {
    redirect_uri: redirectUri,
    scope: scopes,
    state,
    nonce,
    code_challenge: await calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    prompt: 'login',
    claims: JSON.stringify({ id_token: idToken }),
  })
}

/** @throws AppError `provider_level` */
function requireLevel({ acr }: IdentityProviderSettings, claims: IDToken): void {
  if (acr.length > 0 && (typeof claims.acr !== 'string' || !acr.includes(claims.acr)))
    throw new AppError('provider_level')
}

function toIdentity(
  userinfo: unknown,
  { amr, auth_time: authTime }: IDToken,
  { idToken, isProConnect }: { readonly idToken: string; readonly isProConnect: boolean },
): ProvenIdentity {
  const read = Claims.safeParse(userinfo)
  if (!read.success) throw new AppError('provider_answer')
  const { sub, uid, email, email_verified: isVerified, siret } = read.data
  return {
    subject: sub,
    uid: uid ?? null,
    mail: email?.toLowerCase() ?? null,
    // ProConnect takes professional addresses from its identity providers, and has no claim that says so.
    isMailProven: email !== undefined && (isVerified ?? isProConnect),
    siret: siret ?? null,
    hasSecondFactor: Amr.parse(amr).includes(SECOND_FACTOR),
    authenticatedAt: typeof authTime === 'number' ? new Date(authTime * 1000) : null,
    idToken,
  }
}

/** Errors of an authorization response by which the person, or a rule of the provider, refused. */
const REFUSALS: Readonly<Record<string, 'provider_cancelled' | 'provider_level'>> = {
  access_denied: 'provider_cancelled',
  unmet_authentication_requirements: 'provider_level',
}

/** Codes of openid-client for a provider that does not answer, or with another status than it should. */
const SILENT: ReadonlySet<string> = new Set(['OAUTH_TIMEOUT', 'OAUTH_ABORT', 'OAUTH_RESPONSE_IS_NOT_CONFORM'])

async function withProviderErrors<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (error instanceof AppError) throw error
    if (error instanceof AuthorizationResponseError)
      throw new AppError(REFUSALS[error.error] ?? 'provider_answer', { cause: error })
    const isAnswer =
      error instanceof ResponseBodyError ||
      error instanceof WWWAuthenticateChallengeError ||
      (error instanceof ClientError && !SILENT.has(error.code ?? ''))
    throw new AppError(isAnswer ? 'provider_answer' : 'provider_unreachable', { cause: error })
  }
}
