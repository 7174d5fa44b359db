import type { Deps } from '../deps.ts'
import { acrossSchemes } from '../platform/db.ts'
import { purgeUploads } from './uploads/store.ts'

/** Registers the background jobs of uploaded lists. Each handler may run twice for the same job. */
export async function registerImportJobs(deps: Pick<Deps, 'db' | 'now' | 'jobs'>): Promise<void> {
  await deps.jobs.work('upload.purge', 1, () => acrossSchemes(deps.db, (tx) => purgeUploads(tx, deps.now())))
}
