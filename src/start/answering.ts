import { randomBytes } from 'node:crypto'
import { dataCommands } from '../commands/data-commands.ts'
import { removeServerAddress, writeServerAddress } from '../commands/wire.ts'
import { cardPageRoutes } from '../demo/cards.ts'
import { doorRoutes } from '../demo/doors.ts'
import { handsetRoutes } from '../demo/handsets.ts'
import { mailRoutes } from '../demo/mails.ts'
import { seedDemo } from '../demo/seed.ts'
import { createAuth } from '../identity/auth.ts'
import { type App, closeEventStreams } from '../platform/http/http.ts'
import { cliEndpoint } from './http/cli-door.ts'
import { buildServer } from './http/http.ts'
import type { Listening } from './http/listen.ts'
import { type createDeps, REQUEST_GRACE_MS, type Starting } from './process.ts'
import type { StartOptions } from './serve.ts'

/**
 * Fills the demo and answers requests on the port: the part of a server that sending does not need. It is loaded after
 * the first messages have left.
 * @param webDirectory the built web app; undefined: only the API is served
 * @returns the server
 */
export async function startAnswering(
  starting: Starting,
  deps: Awaited<ReturnType<typeof createDeps>>,
  parts: {
    readonly door: Listening
    readonly webDirectory: Promise<string | undefined>
    readonly seed: StartOptions['seed']
  },
): Promise<App> {
  const { cleanup, config, database, leaving } = starting
  const { door, webDirectory, seed } = parts
  if (seed) await seed(deps)
  else if (config.demo) await seedDemo(deps, starting.printLine)
  const auth = createAuth(deps, {
    secret: deps.secret,
    baseUrl: config.baseUrl ?? door.url,
    sessionHours: config.sessionHours,
  })
  const token = randomBytes(32).toString('base64url')
  let isReady = false
  const server = await buildServer(deps, {
    auth,
    isReady: () => isReady && !leaving.aborted,
    isLeaving: () => leaving.aborted,
    webDirectory: await webDirectory,
    moreRoutes(routes, identity) {
      if (config.demo) doorRoutes(routes, deps, identity)
      if (config.demo && deps.smsc) handsetRoutes(routes, deps, deps.smsc)
      if (deps.keptMails) mailRoutes(routes, deps.keptMails)
      if (deps.demoCards) cardPageRoutes(routes, deps, deps.demoCards)
      if (database.embedded) cliEndpoint(routes, deps, { token, commands: dataCommands })
    },
  })
  await server.ready()
  door.serve((request, response) => server.routing(request, response))
  // Event streams end before the port closes, which would otherwise wait for them.
  cleanup.add(async () => {
    isReady = false
    closeEventStreams(server)
    const closing = door.stop(REQUEST_GRACE_MS)
    await server.close()
    await closing
  })
  if (database.embedded) {
    writeServerAddress(config.dataDir, { url: door.localUrl, token })
    cleanup.add(() => removeServerAddress(config.dataDir))
  }
  isReady = true
  return server
}
