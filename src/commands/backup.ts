import { parseArgs } from 'node:util'
import { makeBackup } from '../backup/store.ts'
import { formatMessage } from '../i18n/format.ts'
import { dataCommand } from './command.ts'

interface Call {
  readonly recipients: readonly string[]
  readonly version: string
}

/**
 * Hands out the bytes of a backup, encrypted to the public keys of `--to-key` if there are any: the part of `tocsin backup` that
 * a running server does when it holds the embedded database. The caller writes the file.
 */
export const backupCommand = dataCommand<Call>({
  usage: (lang) => formatMessage(lang, 'cli.backup.usage'),
  parse(args) {
    try {
      const { values } = parseArgs({
        args: [...args],
        options: { 'to-key': { type: 'string', multiple: true, default: [] }, version: { type: 'string' } },
      })
      const { version, 'to-key': recipients } = values
      return version === undefined ? undefined : { recipients, version }
    } catch {
      return undefined
    }
  },
  reads: () => true,
  takesAnySchema: true,
  async run(deps, { recipients, version }, _files, io) {
    const { bytes: write } = io
    if (write === undefined) throw new Error('a backup needs a place for its bytes')
    const { rows } = await makeBackup(deps, { recipients, version, by: 'system:command' }, write)
    io.stdout(`${formatMessage(io.lang, 'cli.backup.rows', { rows })}\n`)
    return 0
  },
})
