import type { Config } from '../config.ts'
import { AppError } from '../errors.ts'
import { say } from '../messages/say.ts'
import { startServer } from '../start/serve.ts'
import type { CommandIo } from './command.ts'

/** The API alone: while developing, Vite serves the web app. */
const NO_WEB = '--no-web'

/**
 * `tocsin serve`: runs until SIGINT or SIGTERM, then finishes what is under way; a second signal ends it at once.
 * @returns the exit code. @throws AppError when it cannot start.
 */
export async function serveCommand(config: Config, args: readonly string[], io: CommandIo): Promise<number> {
  if (args.some((arg) => arg !== NO_WEB))
    throw new AppError('usage', { values: { usage: `tocsin serve [${NO_WEB}]` } })
  let isTold = false
  const asked = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.on(signal, () => {
        if (isTold) process.exit(1)
        isTold = true
        resolve()
      })
    }
  })
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
