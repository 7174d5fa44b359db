import type { Config } from '../config.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import type { App } from '../platform/http.ts'
import { answerError } from './answers.ts'
import { healthRoutes } from './health.ts'
import { createApp } from './http.ts'
import { type Listening, listenOnPort } from './listen.ts'
import { metricsRoutes } from './metrics.ts'
import {
  createDeps,
  type ProcessOptions,
  prepareDatabase,
  REQUEST_GRACE_MS,
  type Running,
  startProcess,
  startSending,
} from './process.ts'
import { printWebhookAddresses, webhookRoutes } from './webhooks.ts'

export interface RunningWorker extends Running {
  /** Undefined: it listens on no port. */
  readonly url: string | undefined
  readonly deps: Deps
}

/**
 * Starts a process that sends and does background work, without console or API. When PORT is set it serves health
 * checks, metrics and the webhooks of HTTP providers.
 * @throws AppError `config_invalid`, `database_down`, `port_taken`, `cannot_listen`, `schema_newer`,
 * `schema_differs`, `schema_before_baseline`, `demo_refused`
 */
export function startWorkerProcess(config: Config, options: ProcessOptions = {}): Promise<RunningWorker> {
  return startProcess(config, options, async (starting) => {
    const { cleanup, stopped, printMessage } = starting
    let door: Listening | undefined
    if (config.isPortSet) {
      const taken = await listenOnPort(config.host, config.port)
      door = taken
      cleanup.add(() => taken.stop(REQUEST_GRACE_MS))
    }
    await prepareDatabase(starting)
    const deps = await createDeps(starting, { role: 'worker' })
    await startSending(starting, deps)
    const seconds = starting.seconds()
    if (door === undefined) {
      printMessage('start.worker', { seconds })
      printWebhookAddresses(starting)
      return { url: undefined, deps }
    }
    const { url, serve, stop } = door
    const app = await buildWorkerServer(deps, () => !stopped.aborted)
    serve((request, response) => app.routing(request, response))
    cleanup.add(async () => {
      const closing = stop(REQUEST_GRACE_MS)
      await app.close()
      await closing
    })
    printMessage('start.worker_listens', { seconds, url })
    return { url, deps }
  })
}

/** Builds the HTTP server of a worker without listening. It has no sign-in: every route is public. */
export async function buildWorkerServer(deps: Deps, isReady: () => boolean): Promise<App> {
  const app = createApp(deps)
  app.addHook('onRoute', (route) => {
    if (route.config?.permission !== 'public') {
      throw new Error(`route ${route.method} ${route.url} of a worker is not public`)
    }
  })
  app.setNotFoundHandler((request, reply) => answerError(new AppError('not_found'), request, reply))
  metricsRoutes(app, deps)
  healthRoutes(app, deps, isReady)
  webhookRoutes(app, deps.gateways)
  await app.ready()
  return app
}
