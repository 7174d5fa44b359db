import { join } from 'node:path'
import type { Deps } from '../deps.ts'
import { HOUR_MS } from '../message/clock.ts'
import { makeDirectory } from '../platform/process/directory.ts'
import { isBeingMade, listKept, makeBackup, nameOf, pruneKept, writeWhole } from './store.ts'

/** The job runs four times an hour: a backup is not put off for having ended some minutes later than the one before. */
const EARLY_MS = 10 * 60_000

type TimerDeps = Pick<Deps, 'config' | 'db' | 'database' | 'now' | 'log'>

/** Makes backups by timer, in processes whose settings name a directory for them. */
export async function registerBackupJobs(
  deps: TimerDeps & Pick<Deps, 'jobs'>,
  version: string,
): Promise<void> {
  if (deps.config.backup.directory === undefined) return
  await deps.jobs.work('backup.make', 1, async () => {
    try {
      await backUpIfDue(deps, version)
    } catch (error) {
      deps.log.error({ err: error, directory: deps.config.backup.directory }, 'backup failed')
      throw error
    }
  })
}

/**
 * Makes a backup in the directory of the settings when the last one is old enough, and deletes those beyond the number to keep.
 * @returns the path of the backup; undefined when none was due, or another process is making one
 */
export async function backUpIfDue(deps: TimerDeps, version: string): Promise<string | undefined> {
  const { directory, hours, keep, recipients } = deps.config.backup
  if (directory === undefined) return undefined
  makeDirectory(directory)
  const now = deps.now()
  const [last] = listKept(directory)
  if (last !== undefined && now.getTime() - last.at.getTime() < hours * HOUR_MS - EARLY_MS) return undefined
  if (isBeingMade(directory, now)) return undefined
  const path = join(directory, nameOf(now))
  const made = await writeWhole(path, (write) =>
    makeBackup(deps, { recipients, version, by: 'system:backup' }, write),
  )
  const deleted = pruneKept(directory, keep, deps.now())
  deps.log.info({ ...made, deleted: deleted.length }, 'backup made')
  return path
}
