import { parseArgs } from 'node:util'
import type { CommandIo } from '../commands/command.ts'
import { usageError } from '../commands/usage.ts'
import { type Config, isUnderNpm, ROLES, type Role } from '../config.ts'
import { say } from '../i18n/say.ts'
import { startServer } from '../start/serve.ts'
import { startWorkerProcess } from '../start/worker.ts'

interface ServeCall {
  readonly role: Role | undefined
  /** The API alone: while developing, Vite serves the web app. */
  readonly isApiOnly: boolean
}

/**
 * `tocsin serve [--role all|web|worker]`: runs until SIGINT or SIGTERM, then finishes what is under way; a second signal ends it at once.
 * @returns the exit code. @throws AppError when it cannot start.
 */
export async function serveCommand(config: Config, args: readonly string[], io: CommandIo): Promise<number> {
  const call = parse(args)
  if (call === undefined) throw usageError(io.lang, `tocsin serve [--role ${ROLES.join('|')}] [--no-web]`)
  const asked = untilAsked()
  const role = call.role ?? config.role
  const settings: Config = { ...config, role }
  const tell = (line: string) => io.stdout(`${line}\n`)
  // A signal during the start is obeyed when it has ended: half of it is never left behind.
  const server =
    role === 'worker'
      ? await startWorkerProcess(settings, { tell })
      : await startServer(settings, { tell, ...(call.isApiOnly ? { webDirectory: null } : {}) })
  await asked
  io.stdout(`${say(io.lang, 'start.stopping')}\n`)
  await server.stop()
  io.stdout(`${say(io.lang, 'start.stopped')}\n`)
  return 0
}

function parse(args: readonly string[]): ServeCall | undefined {
  try {
    const options = { role: { type: 'string' }, 'no-web': { type: 'boolean', default: false } } as const
    const { values } = parseArgs({ args: [...args], options })
    const role = ROLES.find((name) => name === values.role)
    if (values.role !== undefined && role === undefined) return undefined
    return { role, isApiOnly: values['no-web'] }
  } catch {
    return undefined
  }
}

/** Resolves at the first signal to stop; the next one ends the process at once. */
function untilAsked(): Promise<void> {
  return new Promise((resolve) => {
    let isTold = false
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (isTold) process.exit(1)
        isTold = true
        resolve()
      })
    }
    if (isUnderNpm(process.env)) whenParentEnds(resolve)
  })
}

const PARENT_CHECK_MS = 500

/** A shell between npm and this process dies of the signal that npm passes on, and tells nobody. */
function whenParentEnds(then: () => void): void {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    then()
  }, PARENT_CHECK_MS)
  timer.unref()
}
