import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'

/** Reads the text of a keyring from a file or from a command. */
export interface ReadKeys {
  file(path: string): string
  /** Runs a program with its arguments, with spaces between, without a shell. */
  command(command: string): string
}

/** Keys exist and are not used: others may read their file (`mode`), or their command failed (`exit`). */
export class KeysRefused extends Error {
  readonly reason: 'mode' | 'exit'
  constructor(reason: 'mode' | 'exit') {
    super(reason)
    this.reason = reason
  }
}

/** For a process that has no keys, such as most tests. */
export const NO_KEYS: ReadKeys = {
  file() {
    throw Object.assign(new Error('no files here'), { code: 'ENOENT' })
  },
  command() {
    throw new KeysRefused('exit')
  },
}

const COMMAND_TIMEOUT_MS = 30_000
const OTHERS = 0o007

/** Reads keys from the file or the command that settings name. */
export const READ_KEYS: ReadKeys = {
  file(path) {
    // The group may read it: secrets of containers are mounted for a group. Windows has no such bits.
    if (process.platform !== 'win32' && (statSync(path).mode & OTHERS) !== 0) throw new KeysRefused('mode')
    return readFileSync(path, 'utf8')
  },
  command(command) {
    const [program = '', ...args] = command.split(/\s+/).filter(Boolean)
    try {
      return execFileSync(program, args, {
        encoding: 'utf8',
        timeout: COMMAND_TIMEOUT_MS,
        stdio: ['ignore', 'pipe', 'ignore'],
      })
    } catch {
      throw new KeysRefused('exit')
    }
  },
}
