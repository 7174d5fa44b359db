import type { ErrorCode } from '../../src/errors.ts'
import { ApiError } from './client.ts'

/**
 * Failures after which the same request may succeed: refusals of the server, and failures that only the browser sees (no
 * response, or one that cannot have changed anything).
 */
const PASSING: ReadonlySet<string> = new Set<ErrorCode | 'unreachable' | 'order_not_received'>([
  'unreachable',
  'order_not_received',
  'provider_unreachable',
  'import_running',
  'undo_running',
  'no_route',
  'rate_limited',
  'database_down',
  'disk_full',
  'source_unreachable',
  'internal',
])

/** Returns whether repeating the same request can succeed. Other refusals are final. */
export function mayPass(error: unknown): boolean {
  if (!(error instanceof ApiError)) return true
  return PASSING.has(error.code)
}
