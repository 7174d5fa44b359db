import type { Deps } from '../deps.ts'
import { watchBreakGlass } from './close.ts'

/** Registers the background work of the break-glass account. */
export async function registerBreakGlassJobs(deps: Deps): Promise<void> {
  await deps.jobs.work('break_glass.watch', 1, () => watchBreakGlass(deps))
}
