import { existsSync, statfsSync, statSync } from 'node:fs'
import { listKept } from '../../backup/store.ts'
import { type Config, type Environment, settings } from '../../config.ts'
import { fileVariableOf, reasonOf } from '../../platform/process/secret-file.ts'
import { addBackupAge, type Findings } from './findings.ts'

/** Examines the disk and the files of this machine. */
export function examineMachine(config: Config, env: Environment, found: Findings, now: Date): void {
  examineDirectory(config, found)
  examineBackups(config, found, now)
  examineFiles(config, env, found)
}

const GIGABYTE = 1e9
/** Below the first a warning is due, below the second an error: the embedded database needs room to write what it changes. */
const WARNING_BYTES = 5 * GIGABYTE
const ERROR_BYTES = GIGABYTE

/** Examines the data directory and its disk. */
export function examineDirectory({ dataDir, databaseUrl }: Config, found: Findings): void {
  if (!existsSync(dataDir)) {
    if (databaseUrl !== undefined) found.add('ok', 'disk_elsewhere')
    return
  }
  if (databaseUrl === undefined) examineDisk(dataDir, found)
  else found.add('ok', 'disk_elsewhere')
  if (isOpenToOthers(dataDir)) found.add('error', 'directory_open', { directory: dataDir })
}

/** Compares the free space of the disk that holds a directory with what is needed. */
export function examineDisk(directory: string, found: Findings): void {
  const { bavail, blocks, bsize } = statfsSync(directory)
  const free = bavail * bsize
  const values = {
    directory,
    gigabytes: Math.round((free / GIGABYTE) * 10) / 10,
    percent: Math.round((bavail / blocks) * 100),
  }
  if (free < ERROR_BYTES) found.add('error', 'disk_full', values)
  else if (free < WARNING_BYTES) found.add('warning', 'disk_low', values)
  else found.add('ok', 'disk', values)
}

/** Examines the backups that the timer made. Those of a command are on the record, which the database has. */
export function examineBackups({ backup: { directory, hours } }: Config, found: Findings, now: Date): void {
  if (directory === undefined) return
  try {
    const [last] = listKept(directory)
    examineDisk(directory, found)
    addBackupAge(found, last?.at, now, hours)
  } catch (error) {
    found.add('warning', 'backup_directory', { directory, reason: reasonOf(error) })
  }
}

const OTHERS = 0o007
/** Windows has no such bits. */
const isOpenToOthers = (path: string) =>
  process.platform !== 'win32' && ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & OTHERS) !== 0

function examineFiles({ audit }: Config, env: Environment, found: Findings): void {
  const secret = Object.entries(settings)
    .filter(([, setting]) => 'secret' in setting)
    .map(([name]) => fileVariableOf(name))
  const named = [
    ...secret,
    'TOCSIN_KEYS_FILE',
    ...(audit.pem === undefined ? [] : ['TOCSIN_AUDIT_KEY_FILE']),
    'TOCSIN_CONFIG',
  ]
  let count = 0
  for (const name of named) {
    const file = env[name]
    if (!file || !existsSync(file)) continue
    if (isOpenToOthers(file)) found.add('error', 'file_open', { name, file })
    else count += 1
  }
  if (count > 0) found.add('ok', 'files', { count })
}
