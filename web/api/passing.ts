import { ApiError } from './client.ts'

/** Refusals that may pass with no change of what is asked: the server, its database or a route was not there. */
const PASSING: ReadonlySet<string> = new Set([
  'unreachable',
  'nothing_left',
  'internal',
  'rate_limited',
  'database_down',
  'disk_full',
  'import_running',
  'undo_running',
  'no_route',
  'source_unreachable',
])

/** Whether asking the very same again can succeed. What the server refuses otherwise, it refuses again. */
export function mayPass(error: unknown): boolean {
  return !(error instanceof ApiError) || PASSING.has(error.code)
}
