import { type Config, isUnderNpm } from '../config.ts'
import { say } from '../messages/say.ts'
import { startServer } from '../start/serve.ts'
import type { CommandIo } from './command.ts'
import { usageError } from './usage.ts'

/** The API alone: while developing, Vite serves the web app. */
const NO_WEB = '--no-web'

/**
 * `tocsin serve`: runs until SIGINT or SIGTERM, then finishes what is under way; a second signal ends it at once.
 * @returns the exit code. @throws AppError when it cannot start.
 */
export async function serveCommand(config: Config, args: readonly string[], io: CommandIo): Promise<number> {
  if (args.some((arg) => arg !== NO_WEB)) throw usageError(io.lang, `tocsin serve [${NO_WEB}]`)
  const asked = untilAsked()
  // A signal during the start is obeyed when it has ended: half of it is never left behind.
  const server = await startServer(config, {
    tell: (line) => io.stdout(`${line}\n`),
    ...(args.includes(NO_WEB) ? { webDirectory: null } : {}),
  })
  await asked
  io.stdout(`${say(io.lang, 'start.stopping')}\n`)
  await server.stop()
  io.stdout(`${say(io.lang, 'start.stopped')}\n`)
  return 0
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
