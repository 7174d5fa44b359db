import type { Config, Environment } from '../config.ts'
import type { Deps } from '../deps.ts'
import type { Smsc } from '../gateways/sms/simulator/smsc.ts'
import { type App, closeEventStreams } from '../platform/http/http.ts'
import { listenOnPort } from './http/listen.ts'
import { ensureWeb, WEB_DIRECTORY } from './http/web-build.ts'
import { printWebhookAddresses } from './http/webhooks.ts'
import {
  type Beginning,
  createDeps,
  openProcessDatabase,
  type ProcessOptions,
  prepareDatabase,
  REQUEST_GRACE_MS,
  type Running,
  type Starting,
  startProcess,
  startSending,
} from './process.ts'

export interface StartOptions extends ProcessOptions {
  /** Directory of the built web app; null: serve only the API; default: build it when needed. */
  readonly webDirectory?: string | null
  /** Fills the demo in place of its five schemes and their members. */
  readonly seed?: (deps: Deps) => Promise<void>
  /**
   * The environment of `config`, from which a process of its own fills a new embedded demo: what filling takes of memory ends with
   * it. Absent: this process fills it.
   */
  readonly fillFrom?: Environment
}

export interface RunningServer extends Running {
  readonly url: string
  readonly deps: Deps
  /** The simulator of a demo or of exercises. */
  readonly smsc: Smsc | undefined
}

/**
 * Starts everything in order: database, port, migrations, reference data, jobs, gateways, dispatcher, demo, web
 * app. With `fillFrom`, a new embedded demo is filled after the port is open, and its database opened then. With the role `web`,
 * starts neither gateways nor dispatcher: workers send. When a step fails, the previous ones are stopped.
 * @throws AppError `config_invalid`, `directory_locked`, `database_down`, `directory_unusable`, `port_taken`,
 * `cannot_listen`, `schema_newer`, `schema_differs`, `schema_before_baseline`, `demo_refused`
 */
export function startServer(config: Config, options: StartOptions = {}): Promise<RunningServer> {
  return startProcess(config, options, async (beginning) => {
    const { cleanup, printMessage } = beginning
    const { fillFrom } = options
    const finishOpening =
      fillFrom !== undefined && config.demo && config.databaseUrl === undefined
        ? await (await import('./demo/fill.ts')).openOrFill(beginning, fillFrom)
        : await openFirst(beginning)
    const door = await listenOnPort(config.host, config.port, { ...config, listenFd: options.listenFd })
    cleanup.add(() => door.stop(REQUEST_GRACE_MS))
    // The web build is the longest step beside the database: both run at once.
    const web =
      options.webDirectory === undefined
        ? buildWeb(beginning)
        : Promise.resolve(options.webDirectory ?? undefined)
    const starting = onPort(await finishOpening(door.port), door.port)
    await prepareDatabase(starting)

    let app: App | undefined
    const deps = await createDeps(starting, {
      role: config.role,
      // Clients reconnect and read everything again.
      owner: { missed: () => app && closeEventStreams(app) },
    })
    if (config.role === 'all') await startSending(starting, deps)
    // Loading it takes as long as everything before, and sending does not need it.
    const { startAnswering } = await import('./answering.ts')
    app = await startAnswering(starting, deps, { door, webDirectory: web, seed: options.seed })
    const isApiOnly = options.webDirectory === null
    printMessage(isApiOnly ? 'start.ready_api' : 'start.ready', {
      seconds: starting.seconds(),
      url: door.url,
    })
    if (config.role === 'web') {
      printMessage('start.web_note')
      printWebhookAddresses(starting)
    }
    if (config.demo) printMessage('start.demo_note')
    return { url: door.url, deps, smsc: deps.smsc }
  })
}

/** Configures the port that was taken; links name it when no base URL is set. */
function onPort(starting: Starting, port: number): Starting {
  const config = { ...starting.config, port }
  return { ...starting, config, base: { ...starting.base, config } }
}

async function openFirst(beginning: Beginning): Promise<(port: number) => Promise<Starting>> {
  const starting = await openProcessDatabase(beginning)
  return async () => starting
}

async function buildWeb({ base, printMessage }: Beginning): Promise<string | undefined> {
  let output = ''
  const built = await ensureWeb(
    () => printMessage('start.web'),
    (text) => {
      output += text
    },
  )
  if (built === 'failed') {
    base.log.error({ output: output.slice(-4000) }, 'build of the web app failed')
    printMessage('start.web_failed')
  }
  if (built === 'missing') printMessage('start.web_missing')
  return WEB_DIRECTORY
}
