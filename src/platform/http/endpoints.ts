import { z } from 'zod'
import type { OwnPermission, Permission } from '../../permissions.ts'

/** Permissions that name a kind of caller: anyone, any signed-in account, any signed-in contact, any open wall display. */
export const CALLER_PERMISSIONS = ['public', 'signedIn', 'portal', 'wall'] as const
export type CallerPermission = (typeof CALLER_PERMISSIONS)[number]

/**
 * Permission to call an endpoint. Every endpoint declares it, or the server does not start: a permission (checked in the scheme
 * named by `:scheme`), an own permission (checked for the shop named by `:scheme` and `:member`), or a kind of caller.
 */
export type RoutePermission = Permission | OwnPermission | CallerPermission

/** The cookies by which a caller signs in. */
export type CookieName = 'console' | 'portal' | 'wall'

/** Returns the cookie that an endpoint with this permission requires; undefined for a public one. */
export function cookieFor(permission: RoutePermission): CookieName | undefined {
  if (permission === 'public') return undefined
  if (permission === 'wall') return 'wall'
  return permission === 'portal' || isOwnPermission(permission) ? 'portal' : 'console'
}

export function isCallerPermission(permission: RoutePermission): permission is CallerPermission {
  return CALLER_PERMISSIONS.some((one) => one === permission)
}

export function isOwnPermission(permission: RoutePermission): permission is OwnPermission {
  return permission.startsWith('own.')
}

/**
 * The id of a record that the client chooses, so that a request whose answer was lost can be sent again: the answer is then
 * the record that the first one created. The server chooses an id if there is none. Version 7 keeps an index compact.
 */
export const ClientId = z.uuid().toLowerCase()

/** The parts of a request from which the key of a rate limit is made. */
export interface RateLimited {
  readonly body?: unknown
  readonly ip: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** A limit of requests, for each account or address unless a key is given. Endpoints of one group share it. */
export interface EndpointRateLimit {
  readonly max: number
  readonly timeWindow: number
  readonly groupId: string
  readonly hook?: 'preHandler'
  readonly keyGenerator?: (request: RateLimited) => string
}

/** All that is known of an endpoint without its code: the server, the OpenAPI document and the web client read it. */
export interface Declaration {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: `/${string}`
  readonly permission: RoutePermission
  /** One line of the OpenAPI document. */
  readonly summary: string
  readonly params?: z.ZodType
  readonly query?: z.ZodType
  readonly body?: z.ZodType
  /** Media types of a body that is not JSON. */
  readonly consumes?: readonly string[]
  /** The content of the response. */
  readonly answer?: z.ZodType
  /** Media type of a response whose handler writes it itself; by default the answer is sent as JSON. */
  readonly produces?: string
  /** Status of the response: by default 200, or 204 when it has no content. */
  readonly status?: 200 | 201 | 204
  /** Responses with another status; `null` for one without content. */
  readonly otherAnswers?: Readonly<Partial<Record<304 | 503, z.ZodType | null>>>
  readonly bodyLimit?: number
  readonly rateLimit?: EndpointRateLimit
  /** Whether an account may call it before changing its first password; false by default. */
  readonly beforePasswordChange?: boolean
  /** Whether it serves a session that is locked. */
  readonly whileLocked?: boolean
  /**
   * Whether its user must have proved who they are in the last minutes (identity/sign-in/step-up.ts). An operator's own order
   * does not need it, nor a follow-up, a stop or a review: a warning never waits for a proof.
   */
  readonly needsFactor?: true
  /** Whether the break-glass account may call it; of the endpoints that need a session only, it may call no other. */
  readonly inBreakGlass?: true
  /** The response is public data, the same for every caller with access, and sets its own `cache-control`. */
  readonly cacheable?: true
}

/** A declaration with its operation id, which is unique in the program, and its tag in the OpenAPI document. */
export type Endpoint<D extends Declaration = Declaration, Id extends string = string> = D & {
  readonly id: Id
  readonly tag: string
}

export type Endpoints<T extends Readonly<Record<string, Declaration>>> = {
  readonly [Id in keyof T & string]: Endpoint<T[Id], Id>
}

/** Declares the endpoints of one tag. The keys are the operation ids, named like the actions behind them. */
export function declareEndpoints<const T extends Readonly<Record<string, Declaration>>>(
  tag: string,
  declarations: T,
): Endpoints<T> {
  const named = Object.entries(declarations).map(([id, declaration]) => [id, { ...declaration, id, tag }])
  return Object.fromEntries(named) as Endpoints<T>
}

/** Names schemas, so that the OpenAPI document describes each of them once, under components. */
export function nameSchemas(schemas: Readonly<Record<string, z.ZodType>>): void {
  for (const [id, schema] of Object.entries(schemas)) {
    z.globalRegistry.add(schema, { ...z.globalRegistry.get(schema), id })
  }
}

/** Returns the status of the response when the call succeeds. */
export function successStatus({ status, answer, produces }: Declaration): 200 | 201 | 204 {
  return status ?? (answer === undefined && produces === undefined ? 204 : 200)
}
