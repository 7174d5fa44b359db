import { readFileSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { pathToFileURL } from 'node:url'
import { loadDataCommands, plainCommands } from './cli/commands.ts'
import { createTerminal } from './cli/terminal.ts'
import { describeError } from './commands/errors.ts'
import { isHelpRequest } from './commands/usage.ts'
import { readConfig, readLang } from './config.ts'
import { AppError } from './errors.ts'
import { say } from './i18n/say.ts'
import { version } from './start/version.ts'

/** Runs a command of `tocsin` and ends the process with an exit code: 0 done, 1 refused or failed, 2 wrong usage. */
export async function main(args: string[]): Promise<void> {
  // Saves half a second at each start but the first.
  enableCompileCache()
  const lang = readLang(process.env)
  const io = createTerminal(lang)
  const [name, ...rest] = args

  async function runCommandLine(): Promise<number> {
    if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
      io.stdout(say(lang, 'cli.help'))
      return name === undefined ? 2 : 0
    }
    if (name === '--version' || name === '-V') {
      io.stdout(`${version}\n`)
      return 0
    }
    for (const words of [2, 1]) {
      const called = args.slice(0, words).join(' ')
      const plain = Object.hasOwn(plainCommands, called) ? plainCommands[called] : undefined
      if (plain) return (await plain())(args.slice(words), io, readSettings)
    }
    const data = await loadDataCommands()
    const command = Object.hasOwn(data.commands, name) ? data.commands[name] : undefined
    if (command) return data.run(readSettings(), name, command, rest, io)
    const unknown = new AppError('usage', { values: { usage: say(lang, 'cli.unknown', { name }) } })
    io.stderr(describeError(lang, unknown))
    return 2
  }

  let code: number
  try {
    code = await runCommandLine()
  } catch (error) {
    io.close()
    const refusal = error instanceof AppError ? error : new AppError('internal', { cause: error })
    if (refusal.code === 'usage' && isHelpRequest(rest)) {
      io.stdout(`${refusal.values.usage}\n`)
      code = 0
    } else {
      io.stderr(describeError(lang, refusal))
      if (refusal.code === 'internal' || refusal.code === 'database_down')
        io.stderr(`${describeCause(refusal)}\n`)
      code = refusal.code === 'usage' ? 2 : 1
    }
  }
  io.close()
  // Flushed first, since a pipe is written asynchronously.
  await Promise.all(
    [process.stdout, process.stderr].map((stream) => new Promise((done) => stream.write('', done))),
  )
  process.exit(code)
}

function readSettings() {
  return readConfig(process.env, (path) => readFileSync(path, 'utf8'))
}

/** Describes the cause for the administrator: the whole stack of an unexpected error, one line of an expected one. */
function describeCause({ code, cause }: AppError): string {
  if (!(cause instanceof Error)) return ''
  if (code === 'internal') return cause.stack ?? cause.message
  const { code: reason } = cause as NodeJS.ErrnoException
  return [reason, cause.message].filter(Boolean).join(' ')
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(process.argv.slice(2))
}
