import { errorCodes } from '../../src/errors.ts'
import { ApiError } from './client.ts'

/** Failures that only the browser sees: no answer came, or none that could have changed anything. */
const UNANSWERED: ReadonlySet<string> = new Set(['unreachable', 'nothing_left'])
const CODES: Readonly<Record<string, { readonly retry: boolean }>> = errorCodes

/** Whether asking the very same again can succeed. What the server refuses otherwise, it refuses again. */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof ApiError)) return true
  return UNANSWERED.has(error.code) || CODES[error.code]?.retry === true
}
