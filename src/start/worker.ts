import type { Config } from '../config.ts'
import type { Deps } from '../deps.ts'
import { type Listening, listenOnPort } from './http/listen.ts'
import { printWebhookAddresses } from './http/webhooks.ts'
import {
  createDeps,
  openProcessDatabase,
  type ProcessOptions,
  prepareDatabase,
  REQUEST_GRACE_MS,
  type Running,
  startProcess,
  startSending,
} from './process.ts'

export interface RunningWorker extends Running {
  /** Undefined: it listens on no port. */
  readonly url: string | undefined
  readonly deps: Deps
}

/**
 * Starts a process that sends and does background work, without console or API. When PORT is set, or systemd passes a socket, it serves health
 * checks, metrics and the webhooks of HTTP providers.
 * @throws AppError `config_invalid`, `database_down`, `port_taken`, `cannot_listen`, `schema_newer`,
 * `schema_differs`, `schema_before_baseline`, `demo_refused`
 */
export function startWorkerProcess(config: Config, options: ProcessOptions = {}): Promise<RunningWorker> {
  return startProcess(config, options, async (beginning) => {
    const starting = await openProcessDatabase(beginning)
    const { cleanup, leaving, printMessage } = starting
    let door: Listening | undefined
    if (config.isPortSet || options.listenFd !== undefined) {
      const listening = await listenOnPort(config.host, config.port, {
        ...config,
        listenFd: options.listenFd,
      })
      door = listening
      cleanup.add(() => listening.stop(REQUEST_GRACE_MS))
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
    // Loaded when the first messages are on their way already.
    const { buildWorkerServer } = await import('./worker-server.ts')
    const app = await buildWorkerServer(
      deps,
      () => !leaving.aborted,
      () => leaving.aborted,
    )
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
