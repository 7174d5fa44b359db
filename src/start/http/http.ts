import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyRequest,
  LogController,
  type RouteOptions,
} from 'fastify'
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { z } from 'zod'
import { type WallDisplays, wallDisplays } from '../../alerts/wall/cookie.ts'
import { NO_SCHEME } from '../../audit/chain.ts'
import { breakGlassRoutes } from '../../break-glass/routes.ts'
import type { Config } from '../../config.ts'
import type { Deps } from '../../deps.ts'
import { AppError } from '../../errors.ts'
import type { Auth } from '../../identity/auth.ts'
import { authHeaders, identityRoutes } from '../../identity/routes.ts'
import { isLocked } from '../../identity/sessions/idle-limits.ts'
import { createSessions, type Sessions } from '../../identity/sessions/session.ts'
import { hasFreshFactor } from '../../identity/sign-in/step-up.ts'
import { peopleRoutes } from '../../people/routes.ts'
import {
  type Actor,
  authorize,
  authorizeInstallation,
  authorizeOwn,
  isBreakGlass,
  isOfInstallation,
  type OwnPermission,
} from '../../permissions.ts'
import { makeStrict } from '../../platform/http/bodies.ts'
import { runFromNetwork } from '../../platform/http/caller-network.ts'
import {
  type Endpoint,
  isCallerPermission,
  isOwnPermission,
  type RoutePermission,
} from '../../platform/http/endpoints.ts'
import {
  type App,
  addEndpoint,
  closeEventStreams,
  renewEventStreams,
  reopenConsoleStreams,
} from '../../platform/http/http.ts'
import { InFlight } from '../../platform/http/in-flight.ts'
import { networkOf, truncatedNetworkOf } from '../../platform/http/network.ts'
import { version } from '../../platform/process/version.ts'
import { type ContactSessions, contactSessions } from '../../portal/session/cookie.ts'
import { makeChambersReader } from '../../schemes/actions.ts'
import { generalEndpoints } from '../endpoints.ts'
import { metricsRoutes } from '../metrics/metrics.ts'
import { answerError, BODY_LIMIT_BYTES } from './answers.ts'
import { compressAnswers } from './compress.ts'
import { markExports } from './exports.ts'
import { healthRoutes } from './health.ts'
import { makeOpenApi, type OpenApiDocument } from './openapi.ts'
import { createRequestIds } from './request-ids.ts'
import { domainRoutes } from './routes.ts'
import { type BodyTimes, limitBodyTime } from './slow-bodies.ts'
import { trimJsonHeaders, webRoutes } from './web.ts'
import { webhookRoutes } from './webhooks.ts'

/** Parts of the server beside the dependencies of the actions. */
export interface ServerParts {
  readonly auth: Auth
  /** Returns true once everything has started, until the stop begins. */
  readonly isReady: () => boolean
  /** Whether the process got the signal to stop, so that it is no longer ready. Default: false. */
  readonly isLeaving?: () => boolean
  /** Directory of the built web app; without it only the API is served. */
  readonly webDirectory?: string | undefined
  /** Called with every route as it is registered, so that rules for all routes can be checked. */
  readonly onRoute?: (route: RouteOptions) => void
  /** Registers routes that only some installations have: the demo, the command-line endpoint. */
  readonly moreRoutes?: (app: App, identity: { readonly auth: Auth; readonly sessions: Sessions }) => void
}

/** Requests per minute allowed to one account, or to one address without an account. */
const REQUESTS_A_MINUTE = 1200

/**
 * Builds the HTTP server without listening. Access is denied by default: a route that does not declare its
 * permission prevents the start.
 */
export async function buildServer(deps: Deps, parts: ServerParts): Promise<App> {
  const { config } = deps
  const app = createApp(deps)
  app.setNotFoundHandler({ preHandler: [] }, (request, reply) =>
    answerError(new AppError('not_found'), request, reply),
  )

  const sessions = createSessions(deps, parts.auth)
  app.addHook('onRoute', assertPermissionDeclared)
  app.addHook('onRoute', refuseUnknownKeys)
  const endpoints: Endpoint[] = []
  app.addHook('onRoute', ({ method, config }) => {
    // Fastify adds a HEAD route to each GET route.
    if (method !== 'HEAD' && config?.endpoint !== undefined) endpoints.push(config.endpoint)
  })
  if (parts.onRoute) app.addHook('onRoute', parts.onRoute)
  keepOutOfCaches(app)
  markExports(app, deps)
  await app.register(helmet, securityHeaders(config))
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('permissions-policy', PERMISSIONS_POLICY)
  })
  guardRoutes(app, deps, { sessions, contacts: contactSessions(deps), displays: wallDisplays(deps) })
  // An account or its sessions ended, in this process or another: cached sessions are no longer valid.
  const unsubscribe = deps.live.subscribe(NO_SCHEME, (event) => {
    if (event.type === 'contact_session') closeEventStreams(app, event.sessionId)
    if (event.type === 'break_glass') reopenConsoleStreams(app)
    if (event.type !== 'account') return
    sessions.forgetAll()
    if (event.sessionId === undefined) closeEventStreams(app, event.userId)
    else renewEventStreams(app, event.sessionId)
  })
  app.addHook('onClose', async () => unsubscribe())
  await app.register(rateLimit, {
    max: REQUESTS_A_MINUTE,
    timeWindow: 60_000,
    keyGenerator: (request: FastifyRequest) => {
      const actor = actors.get(request)
      return (actor === undefined ? undefined : accountOf(actor)) ?? networkOf(request.ip)
    },
    allowList: (request: FastifyRequest) => !request.url.startsWith('/api/') || isOfProvider(request),
    // Until the limit is reached, how much is left says enough.
    addHeadersOnExceeding: { 'x-ratelimit-limit': false, 'x-ratelimit-reset': false },
    errorResponseBuilder: (_request, { ttl }) =>
      new AppError('rate_limited', { values: { seconds: Math.max(1, Math.ceil(ttl / 1000)) } }),
  })
  trimJsonHeaders(app)
  compressAnswers(app)
  metricsRoutes(app, deps)
  await app.register(async (scope) => {
    const routes = scope as unknown as App
    generalRoutes(routes, deps, parts, endpoints)
    identityRoutes(routes, deps, { auth: parts.auth, sessions })
    peopleRoutes(routes, deps, { auth: parts.auth, sessions })
    breakGlassRoutes(routes, deps, { auth: parts.auth, sessions })
    domainRoutes(routes, deps)
    parts.moreRoutes?.(routes, { auth: parts.auth, sessions })
    await webRoutes(routes, parts.webDirectory)
  })
  return app
}

/** Creates a server without routes, with its limits, error responses in the reader's language, and log. */
export function createApp({ log, config }: Pick<Deps, 'log' | 'config'>, bodyTimes?: BodyTimes): App {
  const app = Fastify({
    loggerInstance: log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT_BYTES,
    genReqId: createRequestIds(),
    // Only these proxies may report the client's address.
    trustProxy: [...config.trustedProxies],
    routerOptions: { maxParamLength: 200 },
  }).withTypeProvider<ZodTypeProvider>() as unknown as App
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.setErrorHandler(answerError)
  acceptEmptyJson(app)
  limitBodyTime(app, bodyTimes)
  logRequests(app)
  return app
}

function generalRoutes(app: App, deps: Deps, parts: ServerParts, endpoints: readonly Endpoint[]): void {
  healthRoutes(app, deps, parts)
  webhookRoutes(app, deps.gateways)
  const readChambers = makeChambersReader(deps)
  addEndpoint(app, generalEndpoints.getAbout, async () => ({
    version,
    demo: deps.config.demo,
    mapTiles: deps.config.mapTiles ?? null,
    mails: deps.mailer !== undefined,
    provider: deps.identityProvider?.label ?? null,
    chambers: await readChambers(),
  }))
  let openApi: OpenApiDocument | undefined
  app.get('/api/openapi.json', { config: { permission: 'public' } }, async () => {
    openApi ??= makeOpenApi(endpoints, version)
    return openApi
  })
}

/**
 * Refuses a route that does not declare its permission.
 * @throws Error also when the permission requires a scheme or a member that the path does not contain
 */
function assertPermissionDeclared(route: RouteOptions): void {
  const permission = route.config?.permission
  if (permission === undefined) {
    throw new Error(`route ${route.method} ${route.url} does not declare its permission`)
  }
  if (isCallerPermission(permission)) return
  if (!isOwnPermission(permission) && isOfInstallation(permission)) return
  if (!route.url.includes('/:scheme')) {
    throw new Error(
      `route ${route.method} ${route.url} requires ${permission} but has no :scheme in its path`,
    )
  }
  if (isOwnPermission(permission) && !route.url.includes('/:member')) {
    throw new Error(
      `route ${route.method} ${route.url} requires ${permission} but has no :member in its path`,
    )
  }
}

/**
 * Makes the body of every route strict: a key that its schema does not name is refused at any depth, never dropped
 * silently. Bodies from providers have no schema here: their handlers parse them, since providers add keys without
 * notice. Query strings stay tolerant: mails and links add parameters of their own.
 */
function refuseUnknownKeys(route: RouteOptions): void {
  const body = route.schema?.body
  if (body instanceof z.ZodType && route.schema !== undefined) route.schema.body = makeStrict(body)
}

/**
 * Keeps every response of the API out of caches: it may depend on the user, and computers are shared. A public
 * route may override this; so may a route of public data behind a sign-in, by its `config`.
 */
function keepOutOfCaches(app: App): void {
  app.addHook('onSend', async (request, reply, payload) => {
    const { config, url = '' } = request.routeOptions
    if (!url.startsWith('/api/')) return payload
    const isOwnChoice = config.permission === 'public' || config.cacheable === true
    if (!isOwnChoice || !reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
    return payload
  })
}

const actors = new WeakMap<FastifyRequest, Actor>()

/** Accounts that signed their request in, whether it is then permitted or refused. */
const callers = new WeakMap<FastifyRequest, string>()

/** Providers send one request per receipt, thousands per minute; each is authenticated. */
function isOfProvider(request: FastifyRequest): boolean {
  return request.url.startsWith('/api/gateways/')
}

/** Returns what the requests of a caller are counted by; undefined for a program. */
function accountOf(actor: Actor): string | undefined {
  if (actor.kind === 'contact') return actor.sessionId
  if (actor.kind === 'display') return actor.displayId
  return actor.kind === 'user' ? actor.userId : undefined
}

/** Identifies the caller and checks the permission before the body is read. */
function guardRoutes(
  app: App,
  { config, now }: Pick<Deps, 'config' | 'now'>,
  {
    sessions,
    contacts,
    displays,
  }: {
    readonly sessions: Sessions
    readonly contacts: ContactSessions
    readonly displays: WallDisplays
  },
): void {
  app.decorateRequest('actor', {
    getter(this: FastifyRequest) {
      const actor = actors.get(this)
      if (!actor) throw new AppError('not_signed_in')
      return actor
    },
  })
  app.decorateRequest('stillAllowed', async function (this: FastifyRequest) {
    try {
      await authenticateRequest(this)
      return true
    } catch (error) {
      if (error instanceof AppError && error.code !== 'database_down') return false
      throw error
    }
  })
  const inFlight = new InFlight()
  app.addHook('onRequest', async (request, reply) => {
    // The not-found handler answers 404.
    if (request.is404) return
    if (!isOfProvider(request)) inFlight.beginOfNetwork(request, reply)
    refuseOtherSites(request, config.baseUrl)
    const actor = await authenticateRequest(request)
    if (actor === undefined) return
    actors.set(request, actor)
    const account = accountOf(actor)
    if (account !== undefined) inFlight.beginOfAccount(request, reply, account)
  })

  // After the body is read, whose events do not belong to the request.
  app.addHook('preHandler', (request, _reply, done) => {
    // Providers and the command line report what others did elsewhere.
    const isOfCaller = request.routeOptions.config.endpoint !== undefined
    // A client that is gone already has no address any more.
    const address = request.ip as string | undefined
    runFromNetwork(isOfCaller && address !== undefined ? truncatedNetworkOf(address) : undefined, done)
  })

  /**
   * Finds the actor of a request; undefined for a public route. @throws AppError `not_signed_in`, `session_locked`,
   * `password_due`, `factor_due`, `unknown_scheme`, `forbidden`, `not_found`
   */
  function authenticateRequest(request: FastifyRequest): Actor | undefined | Promise<Actor> {
    const permission = request.routeOptions.config.permission as RoutePermission
    if (permission === 'public') return undefined
    if (permission === 'wall') return authenticateWall(request)
    if (permission === 'portal' || isOwnPermission(permission))
      return authenticateContact(request, permission)
    return authenticateUser(request, permission)
  }

  async function authenticateWall(request: FastifyRequest): Promise<Actor> {
    const display = await displays.actorOf(request)
    if (!display) throw new AppError('not_signed_in')
    callers.set(request, display.displayId)
    return display
  }

  /** Finds the person of a shop, whose own rights are limited to that shop. */
  async function authenticateContact(
    request: FastifyRequest,
    permission: 'portal' | OwnPermission,
  ): Promise<Actor> {
    const contact = await contacts.actorOf(request)
    if (!contact) throw new AppError('not_signed_in')
    callers.set(request, contact.sessionId)
    if (permission === 'portal') return contact
    const { scheme, member } = request.params as { scheme: string; member: string }
    authorizeOwn(contact, permission, { schemeId: scheme, memberId: member })
    return contact
  }

  /** Finds the holder of an account, with the permission of the route and whatever a session has to prove first. */
  async function authenticateUser(
    request: FastifyRequest,
    permission: Exclude<RoutePermission, 'public' | 'wall' | 'portal' | OwnPermission>,
  ): Promise<Actor> {
    const actor = await sessions.actorOf(authHeaders(request))
    if (!actor) throw new AppError('not_signed_in')
    callers.set(request, actor.userId)
    if (actor.passwordDue && request.routeOptions.config.beforePasswordChange !== true) {
      throw new AppError('password_due')
    }
    await requireUnlocked(request, actor)
    if (permission === 'signedIn') refuseBreakGlass(request, actor)
    else if (isOfInstallation(permission)) authorizeInstallation(actor, permission)
    else authorize(actor, permission, (request.params as { scheme: string }).scheme)
    await requireFreshFactor(request, actor)
    return actor
  }

  /** @throws AppError `session_locked` unless the endpoint serves locked sessions */
  async function requireUnlocked(request: FastifyRequest, actor: Actor): Promise<void> {
    if (request.routeOptions.config.whileLocked === true || !isLocked({ config }, actor, now())) return
    // Its user may have been active on another node a moment ago.
    const headers = authHeaders(request)
    sessions.forget(headers)
    const known = await sessions.actorOf(headers)
    if (known === undefined) throw new AppError('not_signed_in')
    if (isLocked({ config }, known, now())) throw new AppError('session_locked')
  }

  /** @throws AppError `factor_due` when the endpoint needs a factor given more recently */
  async function requireFreshFactor(request: FastifyRequest, actor: Actor): Promise<void> {
    const { endpoint } = request.routeOptions.config
    if (endpoint === undefined || hasFreshFactor(actor, endpoint, now())) return
    // It may have been given on another node a moment ago.
    const headers = authHeaders(request)
    sessions.forget(headers)
    const known = await sessions.actorOf(headers)
    if (known === undefined) throw new AppError('not_signed_in')
    if (!hasFreshFactor(known, endpoint, now())) throw new AppError('factor_due')
  }
}

/**
 * Keeps the break-glass account from what every account may do for itself: it belongs to nobody, so it gets no password, passkey or
 * identity that would outlive it.
 * @throws AppError `forbidden`
 */
function refuseBreakGlass({ routeOptions: { config } }: FastifyRequest, actor: Actor): void {
  if (isBreakGlass(actor) && config.endpoint?.inBreakGlass !== true)
    throw new AppError('forbidden', { values: { permission: 'signedIn' } })
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Refuses a change requested by a page of another site on behalf of the signed-in user (CSRF). Browsers send the
 * origin of a request; programs that send none need no such protection.
 */
function refuseOtherSites(request: FastifyRequest, baseUrl: string | undefined): void {
  if (SAFE_METHODS.has(request.method)) return
  const site = request.headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin' && site !== 'none') throw new AppError('cross_site')
  const { origin } = request.headers
  if (origin === undefined) return
  const host = URL.parse(origin)?.host
  const own = baseUrl === undefined ? undefined : new URL(baseUrl).host
  if (host === undefined || (host !== request.host && host !== own)) throw new AppError('cross_site')
}

/**
 * Logs one line per request: method, route, status, time, and who was refused by their permissions. The URL is never logged,
 * since it may contain a number or a name.
 */
function logRequests(app: App): void {
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? '(none)'
    const facts = {
      method: request.method,
      route,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      ...(reply.statusCode === 403 && { refused: callers.get(request) ?? 'nobody signed in' }),
    }
    if (route.startsWith('/api/')) request.log.info(facts, 'request')
    else request.log.debug(facts, 'request')
  })
}

/** Accepts an empty body with a JSON content type as no input. */
function acceptEmptyJson(app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined)
    else parse(request, body as string, done)
  })
}

/** Features of browsers that no screen uses; passkeys are for this site alone. */
const PERMISSIONS_POLICY = [
  ...[
    ...['accelerometer', 'camera', 'display-capture', 'geolocation', 'gyroscope', 'hid'],
    ...[
      'idle-detection',
      'magnetometer',
      'microphone',
      'midi',
      'payment',
      'serial',
      'usb',
      'xr-spatial-tracking',
    ],
  ].map((feature) => `${feature}=()`),
  'publickey-credentials-create=(self)',
  'publickey-credentials-get=(self)',
].join(', ')

/** Makes the security headers: browsers may load only this program's own files and the map tiles. */
function securityHeaders(config: Config) {
  const https = config.baseUrl?.startsWith('https:') ?? false
  const tiles = config.mapTiles === undefined ? [] : [new URL(config.mapTiles.replaceAll(/[{}]/g, '')).origin]
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        // The page adds a nonce for the style elements of its components (web.ts).
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:', 'blob:', ...tiles],
        connectSrc: ["'self'", ...tiles],
        fontSrc: ["'self'", 'data:'],
        // MapLibre runs its worker from a blob.
        workerSrc: ["'self'", 'blob:'],
        manifestSrc: ["'self'"],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        ...(https ? { upgradeInsecureRequests: [] } : {}),
      },
    },
    strictTransportSecurity: https,
    frameguard: { action: 'deny' as const },
    referrerPolicy: { policy: 'same-origin' as const },
  }
}
