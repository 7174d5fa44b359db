import type { Deps } from '../deps.ts'
import { acrossSchemes } from '../platform/db.ts'
import { resumeImports, runImportJob } from './jobs/run.ts'
import { purgeUploads } from './uploads/store.ts'

/** Registers the background jobs of uploaded lists. Each handler may run twice for the same job. */
export async function registerImportJobs(
  deps: Pick<Deps, 'database' | 'db' | 'now' | 'newId' | 'log' | 'jobs' | 'mailer' | 'config'>,
): Promise<void> {
  await deps.jobs.work('upload.purge', 1, () => acrossSchemes(deps.db, (tx) => purgeUploads(tx, deps.now())))
  await deps.jobs.work('import.run', 1, (key, signal) => runImportJob(deps, key, signal))
  // The embedded database has one process, which just started: whatever is unfinished was stopped with the last one.
  let startedAt = deps.database.embedded ? deps.now() : undefined
  await deps.jobs.work('import.resume', 1, async (_, signal) => {
    const since = startedAt
    startedAt = undefined
    await resumeImports(deps, since === undefined ? { signal } : { signal, startedAt: since })
  })
}
