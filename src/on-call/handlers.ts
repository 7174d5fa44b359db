import type { Deps } from '../deps.ts'
import { acrossSchemes } from '../platform/db.ts'
import { advanceCallOuts, type CallOutDeps } from './call-outs.ts'

/**
 * Registers the job that calls the next person. Each run asks for the next one at the instant found in the database; should
 * that process end, the period of the job does.
 */
export async function registerOnCallJobs(deps: CallOutDeps & Pick<Deps, 'log'>): Promise<void> {
  await deps.jobs.work('on_call.advance', 1, async () => {
    const next = await advanceCallOuts(deps)
    if (next !== null) deps.jobs.askLater('on_call.advance', next.getTime() - deps.now().getTime())
  })
  await acrossSchemes(deps.db, async (tx) => {
    // Calls that came due while no process ran do not wait for the period.
    await deps.jobs.enqueue(tx, 'on_call.advance', {}, 'first')
  })
}
