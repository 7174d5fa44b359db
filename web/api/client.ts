import type { z } from 'zod'
import type { ErrorView } from '../../src/identity/contract.ts'
import { currentLang, formatMessage } from '../ui/format/text.ts'
import { noteServerDate } from './clock.ts'
import { wasFactorGiven } from './factor.ts'
import { type Operations, operations } from './operations.ts'

/** A refusal of the server, with a text for users. Status 0: the server could not be reached. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly problems: ErrorView['problems']
  constructor(status: number, view: ErrorView) {
    super(view.message)
    this.name = 'ApiError'
    this.status = status
    this.code = view.code
    this.problems = view.problems
  }
}

export type OperationId = keyof Operations

type Part<Id extends OperationId, Name extends string> =
  Operations[Id] extends Readonly<Record<Name, infer Schema extends z.ZodType>> ? Schema : never

/** The keys whose value may be absent. */
type Optional<T> = { [Key in keyof T]-?: object extends Pick<T, Key> ? Key : never }[keyof T]

/** A value of a path or a query, before it becomes text from which the server reads numbers and booleans. */
type Sent<Schema extends z.ZodType, Key> = Key extends keyof z.input<Schema> & keyof z.output<Schema>
  ? unknown extends z.input<Schema>[Key]
    ? z.output<Schema>[Key]
    : z.input<Schema>[Key] | z.output<Schema>[Key]
  : never

type Params<Schema extends z.ZodType> = { readonly [Key in keyof z.output<Schema>]: Sent<Schema, Key> }

/** The values of a query; null, undefined and empty values are not sent. */
type Query<Schema extends z.ZodType> = {
  readonly [Key in Exclude<keyof z.input<Schema>, Optional<z.input<Schema>>>]: Sent<Schema, Key>
} & { readonly [Key in Optional<z.input<Schema>>]?: Sent<Schema, Key> | null | undefined }

/** The path parameters and query of an operation, as declared. */
export type Address<Id extends OperationId> = ([Part<Id, 'params'>] extends [never]
  ? { readonly params?: never }
  : { readonly params: Params<Part<Id, 'params'>> }) &
  ([Part<Id, 'query'>] extends [never]
    ? { readonly query?: never }
    : object extends Query<Part<Id, 'query'>>
      ? { readonly query?: Query<Part<Id, 'query'>> }
      : { readonly query: Query<Part<Id, 'query'>> })

/** A value that the client may send: its lists and objects may be read-only. */
type Sendable<T> = T extends readonly (infer Item)[]
  ? readonly Sendable<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Sendable<T[Key]> }
    : T

/** The body of an operation: JSON, or a file. */
export type Body<Id extends OperationId> = Operations[Id] extends { readonly consumes: readonly string[] }
  ? Blob
  : Sendable<z.input<Part<Id, 'body'>>>

type Input<Id extends OperationId> = Address<Id> &
  ([Part<Id, 'body'>] extends [never] ? { readonly body?: never } : { readonly body: Body<Id> }) & {
    readonly signal?: AbortSignal
  }

/** The response of an operation, as declared; undefined if it has no content. */
export type Answer<Id extends OperationId> = [Part<Id, 'answer'>] extends [never]
  ? undefined
  : z.output<Part<Id, 'answer'>>

/** The input may be omitted if none of its parts is required. */
export type Arguments<T> = object extends T ? [input?: T] : [input: T]

/** Returns the path of an operation with the names of its parameters: /api/schemes/:scheme/members.csv */
export function patternOf(id: OperationId): string {
  return operations[id].slice(operations[id].indexOf(' ') + 1)
}

/** Returns the path of an operation with its query, for a request, a link to a file or an event stream. */
export function urlOf<Id extends OperationId>(id: Id, ...[address]: Arguments<Address<Id>>): string {
  const { params = {}, query = {} } = (address ?? {}) as Readonly<Record<string, Record<string, unknown>>>
  const path = patternOf(id).replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params[name])))
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') search.set(key, String(value))
  }
  return search.size > 0 ? `${path}?${search}` : path
}

/** Operations of the console, within a session. */
const OF_SESSION = /^\w+ \/api\/(?:schemes|session|account)\b/
/** Milliseconds after which a request that the former token of a session was refused is sent once more. */
const RENEWED_MS = 400
/** Milliseconds for which it waits, at most, for acts on their way: one of them may be changing the token. */
const RENEWED_AT_MOST_MS = 10_000
const pendingActs = new Set<Promise<unknown>>()
/** Whether the last operation within a session was accepted. */
let isSignedIn = false

/**
 * Waits and returns true when a refused request should be sent once more: the token of the session changes when its user proves
 * who they are, also in another tab, while requests with the former one are on their way. They changed nothing.
 */
async function mayBeRenewed(id: OperationId, response: Response): Promise<boolean> {
  if (response.status !== 401 || !isSignedIn || !OF_SESSION.test(operations[id])) return false
  const { code } = await errorOf(response.clone())
  if (code !== 'not_signed_in') return false
  const after = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
  const acts = Promise.all(pendingActs)
  await after(RENEWED_MS)
  await Promise.race([acts, after(RENEWED_AT_MOST_MS)])
  return true
}

async function errorOf(response: Response): Promise<ApiError> {
  const view = (await response.json().catch(() => null)) as Partial<ErrorView> | null
  return new ApiError(response.status, {
    code: view?.code ?? 'internal',
    message: view?.message ?? formatMessage('error.broken', { status: response.status }),
    problems: view?.problems ?? [],
  })
}

/**
 * Calls an operation of the HTTP API. Its input and its response have the types that the server declares.
 * @throws ApiError with the refusal of the server, or `unreachable` when it did not respond.
 */
export async function callApi<Id extends OperationId>(
  id: Id,
  ...[input]: Arguments<Input<Id>>
): Promise<Answer<Id>> {
  const { body, signal, ...address } = (input ?? {}) as Readonly<{ body?: unknown; signal?: AbortSignal }>
  const method = operations[id].slice(0, operations[id].indexOf(' '))
  const headers: Record<string, string> = { accept: 'application/json', 'accept-language': currentLang() }
  const init: RequestInit = { method, headers }
  if (signal) init.signal = signal
  if (body instanceof Blob) {
    // Browsers and systems name the same file type differently, so the server examines the content instead.
    headers['content-type'] = 'application/octet-stream'
    init.body = body
  } else if (body !== undefined) {
    headers['content-type'] = 'application/json'
    init.body = JSON.stringify(body)
  }
  const arrived = async <Arrived>(part: Promise<Arrived>): Promise<Arrived> => {
    try {
      return await part
    } catch (error) {
      if (signal?.aborted) throw error
      throw new ApiError(0, {
        code: 'unreachable',
        message: formatMessage('error.unreachable'),
        problems: [],
      })
    }
  }
  const send = () => {
    const response = arrived(fetch(urlOf(id, address as Address<Id>), init))
    if (method === 'GET') return response
    const act = response.catch(() => {}).finally(() => pendingActs.delete(act))
    pendingActs.add(act)
    return response
  }
  let response = await send()
  if (await mayBeRenewed(id, response)) response = await send()
  // One that the browser may have kept carries the date of an earlier response.
  if (response.headers.get('cache-control')?.includes('no-store')) {
    noteServerDate(response.headers.get('date'))
  }
  if (!response.ok) {
    const error = await errorOf(response)
    if (error.code === 'not_signed_in') isSignedIn = false
    // The act is repeated as it was once the user has proved who they are.
    if (await wasFactorGiven(error)) return callApi(id, input as Input<Id>)
    throw error
  }
  isSignedIn ||= OF_SESSION.test(operations[id])
  if (response.status === 204) return undefined as Answer<Id>
  // The connection may be cut in the middle of a response.
  return arrived(response.json() as Promise<Answer<Id>>)
}
