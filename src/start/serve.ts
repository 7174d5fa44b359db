import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { dataCommands } from '../cli/data-commands.ts'
import { removeServerAddress, writeServerAddress } from '../cli/wire.ts'
import type { Config } from '../config.ts'
import { startDispatcher } from '../deliveries/dispatcher.ts'
import type { SmsGateway } from '../deliveries/gateway.ts'
import type { Deps } from '../deps.ts'
import { type Smsc, startSmsc } from '../gateways/sms/simulator/smsc.ts'
import { StateFileInUse } from '../gateways/sms/simulator/state-file.ts'
import { createSmppGateway } from '../gateways/sms/smpp/client.ts'
import { createAuth } from '../identity/auth.ts'
import { startJobs } from '../jobs.ts'
import { say } from '../messages/say.ts'
import { makeDirectory } from '../platform/directory.ts'
import { type App, closeEventStreams } from '../platform/http.ts'
import { migrate } from '../platform/migrate.ts'
import { ensureReference } from '../territory/reference.ts'
import { createCleanup } from './cleanup.ts'
import { cliDoor } from './cli-door.ts'
import { tryContours } from './demo/contours.ts'
import { doorRoutes } from './demo/doors.ts'
import { handsetRoutes } from './demo/handsets.ts'
import { refuseRealInstallation, seedDemo } from './demo/seed.ts'
import { asDirectoryError, type BaseDeps, createBaseDeps, openConfigured } from './deps.ts'
import { buildServer } from './http.ts'
import { listen } from './listen.ts'
import { keepDemoSecret } from './secret.ts'
import { ensureWeb, WEB_DIRECTORY } from './web-build.ts'
import { startWork } from './work.ts'

/** How long what is in flight may take to end when the program stops. */
const GRACE_MS = 10_000
/** How long requests may take to end. */
const REQUEST_GRACE_MS = 3000

export interface StartOptions {
  /** In place of the clock, ids, randomness and log of the program: for tests. */
  readonly base?: Partial<BaseDeps>
  /** Where the built web app is; null: the API alone. Built when needed, by default. */
  readonly webDirectory?: string | null
  /** Whether the demo asks for contours in the background. */
  readonly contours?: boolean
  /** Fills the demo, in place of its five schemes and their members. */
  readonly seed?: (deps: Deps) => Promise<void>
  /** Takes the lines for people; none are written by default. */
  readonly tell?: (line: string) => void
}

export interface RunningServer {
  readonly url: string
  readonly deps: Deps
  /** The simulator that a demo talks to. */
  readonly smsc: Smsc | undefined
  /** Finishes what is under way and leaves: nothing is sent twice because of it. Calling again waits for the same. */
  stop(): Promise<void>
}

/**
 * Starts everything in order: database, port, migrations, reference data, jobs, gateways, dispatcher, demo, web app.
 * When a step fails, those before are undone.
 * @throws AppError `directory_locked`, `database_down`, `directory_unusable`, `port_taken`, `cannot_listen`,
 * `schema_newer`, `schema_differs`, `demo_refused`
 */
export async function startServer(config: Config, options: StartOptions = {}): Promise<RunningServer> {
  const base: BaseDeps = { ...createBaseDeps(config), ...options.base }
  const { log, now } = base
  const tell = options.tell ?? (() => {})
  const t = (key: string, values?: Record<string, string | number>) => tell(say(config.lang, key, values))
  const cleanup = createCleanup()
  const stopped = new AbortController()
  const startedAtMs = performance.now()

  async function undo(): Promise<void> {
    stopped.abort()
    await cleanup.run((error) => log.error({ err: error }, 'stopping failed'))
  }

  try {
    const database = await openConfigured(config)
    cleanup.add(() => database.close())
    if (database.embedded) t('start.embedded', { directory: config.dataDir })
    else t('start.postgres', { host: new URL(config.databaseUrl ?? '').host })
    const { db } = database

    const door = await listen(config.host, config.port)
    cleanup.add(() => door.stop(REQUEST_GRACE_MS))
    // The longest step beside the database: both at once.
    const web =
      options.webDirectory === undefined ? buildWeb() : Promise.resolve(options.webDirectory ?? undefined)

    const migrated = await migrate(db, now)
    if (migrated.length > 0) t('start.migrated', { count: migrated.length })
    if (await isReferenceEmpty()) t('start.reference')
    await ensureReference({ db, now })

    const jobs = await startJobs(database, log)
    cleanup.add(() => jobs.stop(GRACE_MS))
    const { gateway, smsc } = await startGateway(config, base, cleanup)
    const deps: Deps = { ...base, database, db, jobs, gateways: [gateway] }

    const dispatcher = await startDispatcher(deps)
    cleanup.add(() => dispatcher.stop(GRACE_MS))
    cleanup.add(await startWork(deps))
    if (config.demo) await refuseRealInstallation(deps)
    if (options.seed) await options.seed(deps)
    else if (config.demo) await seedDemo(deps, tell)

    const auth = createAuth(deps, {
      secret: config.secret ?? keepDemoSecret(config.dataDir),
      baseUrl: config.baseUrl ?? door.url,
    })
    const token = randomBytes(32).toString('base64url')
    let isReady = false
    const app: App = await buildServer(deps, {
      auth,
      isReady: () => isReady && !stopped.signal.aborted,
      webDirectory: await web,
      moreRoutes(routes, identity) {
        if (config.demo) doorRoutes(routes, deps, identity)
        if (smsc) handsetRoutes(routes, deps, smsc)
        if (database.embedded) cliDoor(routes, deps, { token, commands: dataCommands })
      },
    })
    await app.ready()
    door.serve((request, response) => app.routing(request, response))
    // Before the port closes: what is open for long must end, or closing would wait for it.
    cleanup.add(async () => {
      isReady = false
      closeEventStreams(app)
      const closing = door.stop(REQUEST_GRACE_MS)
      await app.close()
      await closing
    })
    if (database.embedded) {
      writeServerAddress(config.dataDir, { url: door.localUrl, token })
      cleanup.add(() => removeServerAddress(config.dataDir))
    }
    isReady = true
    t('start.ready', { seconds: ((performance.now() - startedAtMs) / 1000).toFixed(1), url: door.url })
    if (config.demo) t('start.demo_note')

    if (config.demo && options.contours !== false) {
      const trying = tryContours(deps, stopped.signal).then(
        (found) => {
          if (stopped.signal.aborted) return
          if (found === undefined) t('start.contours_offline')
          else if (found.length > 0) t('start.contours', { departements: found.join(', ') })
        },
        (error: unknown) => log.warn({ err: error }, 'contours'),
      )
      cleanup.add(() => trying)
    }

    let stopping: Promise<void> | undefined
    return {
      url: door.url,
      deps,
      smsc,
      stop() {
        stopping ??= undo()
        return stopping
      },
    }

    async function isReferenceEmpty(): Promise<boolean> {
      return (await db.selectFrom('regions').select('code').limit(1).executeTakeFirst()) === undefined
    }
  } catch (error) {
    await undo()
    throw error
  }

  async function buildWeb(): Promise<string | undefined> {
    let output = ''
    const built = await ensureWeb(
      () => t('start.web'),
      (text) => {
        output += text
      },
    )
    if (built === 'failed') {
      log.error({ output: output.slice(-4000) }, 'web build')
      t('start.web_failed')
    }
    if (built === 'missing') t('start.web_missing')
    return WEB_DIRECTORY
  }
}

/** The SMS route: the provider of the settings, or in a demo the simulator, reached over TCP like any provider. */
async function startGateway(
  config: Config,
  deps: BaseDeps,
  cleanup: ReturnType<typeof createCleanup>,
): Promise<{ gateway: SmsGateway; smsc: Smsc | undefined }> {
  const { smpp } = config
  const smsc = config.demo ? await startSimulator(config, deps) : undefined
  if (smsc) cleanup.add(() => smsc.stop())
  const address = smsc
    ? { name: 'simulator', host: '127.0.0.1', port: smsc.port, tls: false as const, ...SIMULATOR_ACCOUNT }
    : {
        name: 'smpp',
        host: smpp.host ?? '',
        port: smpp.port,
        tls: smpp.tls && { servername: smpp.host ?? '' },
        systemId: smpp.systemId,
        password: smpp.password,
      }
  const { links, window, bindMode, concatenation } = smpp
  const gateway = createSmppGateway(
    { ...address, links, window, bindMode, concatenation, simulated: smsc !== undefined },
    { now: () => deps.now().getTime(), random: deps.random, log: deps.log },
  )
  cleanup.add(() => gateway.stop(GRACE_MS))
  return { gateway, smsc }
}

const SIMULATOR_ACCOUNT = { systemId: 'tocsin', password: 'tocsin' }
/** Long enough for a person to see messages handed over, then delivered. */
const SIMULATOR_RECEIPT_MS = 400

/**
 * The demo's SMS centre. Like a real one it outlives a crash of the server: what it accepted is in the demo's
 * directory, with the phones.
 * @throws AppError `directory_unusable`
 */
async function startSimulator({ dataDir }: Config, { log, random }: BaseDeps): Promise<Smsc> {
  // Its own, so that message ids differ between the servers of one database.
  const seed = Math.floor(random() * 4000)
  const settings = { account: SIMULATOR_ACCOUNT, receiptDelayMs: SIMULATOR_RECEIPT_MS, seed }
  try {
    makeDirectory(dataDir)
    return await startSmsc({ ...settings, stateFile: join(dataDir, 'smsc.ndjson') })
  } catch (error) {
    if (!(error instanceof StateFileInUse)) throw asDirectoryError(error, dataDir)
    // Demos on one PostgreSQL may share a directory: the phones of the others last as long as their process.
    log.warn({ err: error }, 'the simulated phones of this process will be forgotten when it ends')
    return startSmsc(settings)
  }
}
