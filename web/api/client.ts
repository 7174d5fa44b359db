import type { ErrorView } from '../../src/identity/contract.ts'
import { say, spokenLang } from '../ui/text.ts'
import { noteServerDate } from './clock.ts'

/** A refusal of the server, in words for people. Status 0: the server could not be reached. */
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

type Query = Readonly<Record<string, string | number | boolean | null | undefined>>

export interface CallOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  query?: Query
  body?: unknown
  /** In place of a body: sent as it is. */
  file?: Blob
  signal?: AbortSignal
}

export function urlOf(path: string, query: Query = {}): string {
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') search.set(key, String(value))
  }
  return search.size > 0 ? `/api${path}?${search}` : `/api${path}`
}

/** The path of something inside a scheme. */
export function inScheme(schemeId: string, path: string): string {
  return `/schemes/${encodeURIComponent(schemeId)}${path}`
}

async function errorOf(response: Response): Promise<ApiError> {
  const view = (await response.json().catch(() => null)) as Partial<ErrorView> | null
  return new ApiError(response.status, {
    code: view?.code ?? 'internal',
    message: view?.message ?? say('error.broken', { status: response.status }),
    problems: view?.problems ?? [],
  })
}

/**
 * Calls the HTTP API. The shape of the answer is the caller's word, taken from the contracts.
 * @throws ApiError with what the server said, or `unreachable` when it did not answer.
 */
export async function call<T>(path: string, options: CallOptions = {}): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json', 'accept-language': spokenLang() }
  const init: RequestInit = { method: options.method ?? 'GET', headers }
  if (options.signal) init.signal = options.signal
  if (options.body !== undefined) {
    headers['content-type'] = 'application/json'
    init.body = JSON.stringify(options.body)
  }
  if (options.file !== undefined) {
    // Browsers and systems call one kind of file by several names: the server looks into it.
    headers['content-type'] = 'application/octet-stream'
    init.body = options.file
  }
  const arrived = async <Part>(part: Promise<Part>): Promise<Part> => {
    try {
      return await part
    } catch (error) {
      if (options.signal?.aborted) throw error
      throw new ApiError(0, { code: 'unreachable', message: say('error.unreachable'), problems: [] })
    }
  }
  const response = await arrived(fetch(urlOf(path, options.query), init))
  noteServerDate(response.headers.get('date'))
  if (!response.ok) throw await errorOf(response)
  if (response.status === 204) return undefined as T
  // A connection may be cut in the middle of an answer.
  return arrived(response.json() as Promise<T>)
}

export function post<T>(path: string, body: unknown = {}): Promise<T> {
  return call<T>(path, { method: 'POST', body })
}
