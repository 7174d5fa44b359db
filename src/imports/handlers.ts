import type { Deps } from '../deps.ts'
import { asOwner } from '../platform/db.ts'
import { purgeUploads } from './uploads/store.ts'

/** Takes the background work on lists that were laid down. Each handler may run twice. */
export async function workImports(deps: Pick<Deps, 'db' | 'now' | 'jobs'>): Promise<void> {
  await deps.jobs.work('upload.purge', 1, () => asOwner(deps.db, (tx) => purgeUploads(tx, deps.now())))
}
