import { errorCodes } from '../../src/errors.ts'
import { ApiError } from './client.ts'

/** Failures that only the browser sees: no response, or one that cannot have changed anything. */
const UNANSWERED: ReadonlySet<string> = new Set(['unreachable', 'order_not_received'])
const CODES: Readonly<Record<string, { readonly retry: boolean }>> = errorCodes

/** Returns whether repeating the same request can succeed. Other refusals are final. */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof ApiError)) return true
  return UNANSWERED.has(error.code) || CODES[error.code]?.retry === true
}
