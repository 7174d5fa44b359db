import { ApiError } from './client.ts'

/**
 * Failures after which the same request may succeed: those of the browser alone (no response, or one that cannot have changed
 * anything), and those that src/errors.ts declares so; its table is six times as long as this list.
 */
const PASSING: ReadonlySet<string> = new Set([
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
