import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider, { type JWK } from 'oidc-provider'

/** A person at the test's identity provider. */
export interface ProviderPerson {
  /** Subject of its tokens. */
  readonly id: string
  readonly mail?: string
  readonly isMailVerified?: boolean
  readonly siret?: string
  /** Methods by which the person proved who they are; undefined: the provider does not say. */
  readonly amr?: readonly string[]
  readonly acr?: string
}

/** Changes an answer of the provider before it is sent: of the token endpoint, or of userinfo. */
export interface Tampering {
  token?: (answer: Record<string, unknown>) => Record<string, unknown>
  userinfo?: (answer: { readonly type: string; readonly body: string }) => { type: string; body: string }
}

/** An OpenID Connect provider (`oidc-provider`) over HTTP on this machine. */
export interface TestIdentityProvider {
  readonly issuer: string
  readonly settings: { readonly clientId: string; readonly clientSecret: string }
  readonly people: ProviderPerson[]
  /** The changes that it makes to its answers; empty: none. */
  tampering: Tampering
  /** Queries of the requests to its authorization endpoint. */
  readonly asked: URLSearchParams[]
  /** Signs claims with the key of the provider, or as said. */
  sign(claims: object, as?: { readonly alg: string; readonly key?: KeyObject | string }): string
  close(): Promise<void>
}

const CLIENT = { clientId: 'tocsin', clientSecret: 'a client secret for tests only' }
const KEY_ID = 'test'

/**
 * Starts a provider with a page where a person chooses who they are.
 * @param options `origins`: addresses of installations that may use it, read at the first request; `signed`: whether userinfo is a signed JWT, as ProConnect's
 */
export async function startIdentityProvider(options: {
  readonly origins: readonly string[]
  readonly signed: boolean
}): Promise<TestIdentityProvider> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const people: ProviderPerson[] = []
  const asked: URLSearchParams[] = []
  const running: TestIdentityProvider = {
    issuer,
    settings: CLIENT,
    people,
    tampering: {},
    asked,
    sign: (claims, as = { alg: 'RS256' }) => signJwt(claims, as.alg, as.key ?? privateKey),
    close: () => closeServer(server),
  }
  let made: { provider: Provider; answer: ReturnType<Provider['callback']> } | undefined
  server.on('request', async (request: IncomingMessage, response: ServerResponse) => {
    // The first request is later than the start of the installation, whose address may be known by then only.
    if (made === undefined) {
      const provider = createProvider(issuer, privateKey, people, options)
      made = { provider, answer: provider.callback() }
    }
    const { provider, answer } = made
    const { pathname, searchParams } = new URL(request.url ?? '/', issuer)
    if (pathname === '/auth' && request.headers['x-direct'] === undefined) asked.push(searchParams)
    const { token, userinfo } = running.tampering
    if (pathname.startsWith('/interaction/')) return chooseWho(provider, people, request, response)
    if (request.headers['x-direct'] !== undefined) return answer(request, response)
    if (pathname === '/token' && token !== undefined) {
      const { body, status } = await fetchDirect(issuer, request)
      response.writeHead(status, { 'content-type': 'application/json' })
      return response.end(JSON.stringify(token(JSON.parse(body))))
    }
    if (pathname === '/me' && userinfo !== undefined) {
      const forged = userinfo(await fetchDirect(issuer, request))
      response.writeHead(200, { 'content-type': forged.type })
      return response.end(forged.body)
    }
    return answer(request, response)
  })
  return running
}

function createProvider(
  issuer: string,
  key: KeyObject,
  people: readonly ProviderPerson[],
  { origins, signed }: { readonly origins: readonly string[]; readonly signed: boolean },
): Provider {
  const claims = ['email', 'email_verified', 'given_name', 'usual_name', 'siret', 'uid', 'idp_id']
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT.clientId,
        client_secret: CLIENT.clientSecret,
        redirect_uris: origins.map((origin) => `${origin}/connexion/retour`),
        post_logout_redirect_uris: origins.map((origin) => `${origin}/`),
        token_endpoint_auth_method: 'client_secret_post',
        ...(signed && { userinfo_signed_response_alg: 'RS256' as const }),
      },
    ],
    jwks: { keys: [{ ...(key.export({ format: 'jwk' }) as JWK), kid: KEY_ID, use: 'sig', alg: 'RS256' }] },
    cookies: { keys: ['a key of cookies for tests only'] },
    claims: {
      openid: ['sub'],
      acr: null,
      amr: null,
      auth_time: null,
      ...Object.fromEntries(claims.map((one) => [one, [one]])),
      email: ['email', 'email_verified'],
    },
    acrValues: ['eidas1', 'eidas2'],
    features: {
      devInteractions: { enabled: false },
      claimsParameter: { enabled: true },
      jwtUserinfo: { enabled: true },
    },
    ttl: { AccessToken: 60, IdToken: 60, Grant: 600, Interaction: 600, Session: 600 },
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    async findAccount(_ctx, id) {
      const person = people.find((one) => one.id === id)
      if (person === undefined) return undefined
      return {
        accountId: id,
        claims: async () => ({
          sub: id,
          email: person.mail,
          email_verified: person.isMailVerified,
          siret: person.siret,
          uid: `uid-${id}`,
          given_name: 'Anne',
          usual_name: 'Roy',
          idp_id: 'test',
        }),
      }
    },
    // Every client is trusted: nobody is asked to consent.
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({
        clientId: oidc.client?.clientId ?? '',
        accountId: oidc.session?.accountId ?? '',
      })
      grant.addOIDCScope(['openid', ...claims].join(' '))
      grant.addOIDCClaims(claims)
      await grant.save()
      return grant
    },
  })
  return provider
}

/** The page of the provider: a name for each person; the choice signs in. */
async function chooseWho(
  provider: Provider,
  people: readonly ProviderPerson[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { searchParams, pathname } = new URL(request.url ?? '/', provider.issuer)
  const id = searchParams.get('id')
  if (id === null) {
    const links = people.map((one) => `<p><a href="${pathname}?id=${one.id}">${one.mail ?? one.id}</a></p>`)
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
    response.end(`<!doctype html><html lang="fr"><title>Fournisseur d’essai</title><h1>Qui êtes-vous ?</h1>${links.join('')}
      <p><a href="${pathname}?id=">Annuler</a></p></html>`)
    return
  }
  const person = people.find((one) => one.id === id)
  const result =
    person === undefined
      ? { error: 'access_denied' }
      : {
          login: {
            accountId: id,
            ...(person.amr && { amr: [...person.amr] }),
            ...(person.acr !== undefined && { acr: person.acr }),
          },
        }
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false })
}

async function fetchDirect(issuer: string, request: IncomingMessage) {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const { authorization, 'content-type': type } = request.headers
  const answer = await fetch(`${issuer}${request.url}`, {
    method: request.method ?? 'GET',
    headers: {
      'x-direct': '1',
      ...(authorization !== undefined && { authorization }),
      ...(type !== undefined && { 'content-type': type }),
    },
    ...(chunks.length > 0 && { body: Buffer.concat(chunks) }),
  })
  return {
    status: answer.status,
    type: answer.headers.get('content-type') ?? '',
    body: await answer.text(),
  }
}

function signJwt(claims: object, alg: string, key: KeyObject | string): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = `${encode({ alg, kid: KEY_ID, typ: 'JWT' })}.${encode(claims)}`
  if (alg === 'none') return `${signed}.`
  const signature =
    alg === 'HS256'
      ? createHmac('sha256', key as string)
          .update(signed)
          .digest()
      : sign('sha256', Buffer.from(signed), key as KeyObject)
  return `${signed}.${signature.toString('base64url')}`
}

/** Reads the claims of a JWT without checking it. */
export function claimsOf(jwt: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString())
}

async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
}

/**
 * Goes from the authorization address to the page of the provider, chooses a person, and comes back, as a browser does.
 * @param id of the person; empty: the visit is cancelled
 * @returns the query with which the provider sends the browser back
 */
export async function visitProvider(address: string, id: string): Promise<string> {
  const jar = new Map<string, string>()
  let next = address
  for (let hop = 0; hop < 10; hop++) {
    const answer = await fetch(next, {
      redirect: 'manual',
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
    })
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
    }
    const location = answer.headers.get('location')
    if (location === null && !new URL(next).pathname.startsWith('/interaction/'))
      throw new Error(`the provider answered ${answer.status}: ${(await answer.text()).slice(0, 500)}`)
    next = location === null ? `${next}?id=${id}` : new URL(location, next).href
    if (new URL(next).pathname === '/connexion/retour') return new URL(next).search
  }
  throw new Error('the provider did not send the browser back')
}
