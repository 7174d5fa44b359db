import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config, Environment } from '../../config.ts'
import { isDemoFilled } from '../../demo/seed.ts'
import { AppError } from '../../errors.ts'
import type { Database } from '../../platform/db.ts'
import { openConfiguredDatabase } from '../deps.ts'
import { adoptDatabase, type Beginning, printDatabase, type Starting } from '../process.ts'
import { hasTables } from '../schema.ts'
import type { FillMessage } from './fill-process.ts'

/** The source file in a checkout, the built one in the package. */
const PROGRAM = import.meta.url.endsWith('.ts') ? './fill-process.ts' : './fill-process.js'

/**
 * Opens the embedded database of a demo, unless it does not exist or its filling was interrupted.
 * @param env the environment of the settings
 * @returns a function that returns what the process shares from then on, after filling the database if it has to; it takes the
 * port of the web server, for the links in the messages of the demo
 * @throws AppError as `openConfiguredDatabase`
 */
export async function openOrFill(
  beginning: Beginning,
  env: Environment,
): Promise<(port: number) => Promise<Starting>> {
  const database = await openIfFilled(beginning.config)
  if (database === undefined) return (port) => fillAndOpen(beginning, { ...env, PORT: String(port) })
  printDatabase(beginning)
  const starting = await adoptDatabase(beginning, database)
  return async () => starting
}

async function openIfFilled(config: Config): Promise<Database | undefined> {
  if (!existsSync(join(config.dataDir, 'pgdata'))) return undefined
  const database = await openConfiguredDatabase(config)
  try {
    if ((await hasTables(database.db)) && (await isDemoFilled(database))) return database
  } catch (error) {
    await database.close()
    throw error
  }
  await database.close()
  return undefined
}

/**
 * Fills the embedded database of a demo in a process of its own, then opens it in this one: the memory of the engine and of what
 * filling compiles never shrinks, and ends with that process. It is killed with this one, so that the directory is free at once.
 * @throws AppError as `openConfiguredDatabase`, `prepareDatabase` and `createDeps`
 */
async function fillAndOpen(beginning: Beginning, env: Environment): Promise<Starting> {
  const { config, printLine } = beginning
  // The settings of the engine that keep a server small would slow it down.
  const child = fork(new URL(PROGRAM, import.meta.url), { env: withoutWatching(env), execArgv: [] })
  let failure: AppError | undefined
  child.on('message', (message: FillMessage) => {
    if (message.kind === 'line') printLine(message.line)
    if (message.kind === 'refused')
      failure = new AppError(message.code, { ...message, cause: new Error(message.cause) })
  })
  const ended = once(child, 'close')
  // Meanwhile this process loads what it needs afterwards.
  await Promise.all([import('../work.ts'), import('../answering.ts')])
  const [code, signal] = await ended
  if (failure !== undefined) throw failure
  if (code !== 0) throw new Error(`the process that fills the demo ended with ${code ?? signal}`)
  return adoptDatabase(beginning, await openConfiguredDatabase(config, { mustExist: true }))
}

/** Returns an environment in which Node.js does not send its parent each file that it imports, as it does below `node --watch`. */
function withoutWatching({
  WATCH_REPORT_DEPENDENCIES: _,
  ...env
}: Environment): Record<string, string | undefined> {
  return env
}
