import { setTimeout as sleep } from 'node:timers/promises'
import { createAuditKeys } from '../audit/keys.ts'
import type { Config, Role } from '../config.ts'
import { type Dispatcher, startDispatcher } from '../deliveries/dispatcher.ts'
import type { SmsGateway } from '../deliveries/gateway.ts'
import type { DemoCards } from '../demo/cards.ts'
import type { Deps } from '../deps.ts'
import { rememberNumbers } from '../encryption/remember.ts'
import { AppError, type Problem } from '../errors.ts'
import { createKeptMailer, type KeptMailer } from '../gateways/mail/kept.ts'
import type { Smsc } from '../gateways/sms/simulator/smsc.ts'
import { formatMessage } from '../i18n/format.ts'
import { startJobs } from '../jobs.ts'
import { followDatabaseClock } from '../platform/database/database-clock.ts'
import { createReplica } from '../platform/database/replica.ts'
import type { Database, Db } from '../platform/db.ts'
import { type LiveOwner, shareLive } from '../platform/http/live.ts'
import { endingSecrets, PREVIOUS_SECRET_DAYS, type Secrets } from '../platform/process/secrets.ts'
import { optionalPackages, version } from '../platform/process/version.ts'
import { startTracing } from '../platform/telemetry/tracing.ts'
import { ensureReference } from '../territory/reference/reference.ts'
import { type Cleanup, createCleanup } from './cleanup.ts'
import {
  createCompanyRegistry,
  createConfiguredCards,
  createConfiguredMailer,
  createConfiguredProvider,
} from './configured-services.ts'
import { type BaseDeps, createBaseDeps, openConfiguredDatabase, openConfiguredReplica } from './deps.ts'
import { createGateway } from './gateways.ts'
import { loadOptional } from './optional.ts'
import { findSecretChange, recordConfiguration } from './recorded.ts'
import { hasTables, prepareSchema, requireProcessLogin, requireSchema } from './schema.ts'
import { createRenewal, type RenewableParts, type Renewal } from './secrets/renewal.ts'
import { keepDemoSecret } from './secrets/secret.ts'
import { isSimulatorGateway, startSimulator } from './simulator.ts'

/** Time allowed for submissions in flight when the process stops. */
export const GRACE_MS = 10_000
/** A worker holds one for its lock; claims, outcomes and heartbeats share the others. */
const ENGINE_CONNECTIONS = 6
/** Time allowed for open requests when the process stops. */
export const REQUEST_GRACE_MS = 3000

export interface ProcessOptions {
  /** Replaces the clock, ids, randomness or log of the program, in tests. */
  readonly base?: Partial<BaseDeps>
  /** Takes the lines printed for people; default: none. */
  readonly printLine?: (line: string) => void
  /** File descriptor of a socket that listens already, in place of HOST and PORT. */
  readonly listenFd?: number | undefined
}

/** State that the steps of starting a process share before it has its database. */
export interface Beginning {
  readonly config: Config
  readonly base: BaseDeps
  readonly cleanup: Cleanup
  /** Parts that use secrets which can be replaced while the process runs. */
  readonly renewable: RenewableParts
  /** Aborts when the process stops. */
  readonly stopped: AbortSignal
  /** Aborts at the stop signal, `TOCSIN_DRAIN_SECONDS` before `stopped`: a proxy is to choose another process. */
  readonly leaving: AbortSignal
  readonly printLine: (line: string) => void
  /** Prints a message in the language of the terminal. */
  printMessage(key: string, values?: Readonly<Record<string, string | number>>): void
  /** Returns the seconds since the start, with one decimal. */
  seconds(): string
}

/** State that the later steps share. */
export interface Starting extends Beginning {
  readonly database: Database
}

export interface Running {
  /** Uses the secrets of settings that were read again, as far as that needs no start, and logs which. */
  renewSecrets(next: Config): Renewal
  /**
   * Finishes pending work and stops; no message is sent twice because of it. Another call waits for the same stop.
   */
  stop(): Promise<void>
}

/**
 * Calls `start`, whose first step is to open the database; when it fails, stops what was started.
 * @throws AppError `config_invalid`, and those of `start`
 */
export async function startProcess<Parts extends object>(
  config: Config,
  options: ProcessOptions,
  start: (beginning: Beginning) => Promise<Parts>,
): Promise<Parts & Running> {
  assertRoleAllowed(config)
  const base: BaseDeps = { ...createBaseDeps(config), ...options.base }
  const printLine = options.printLine ?? (() => {})
  const cleanup = createCleanup()
  const stopped = new AbortController()
  const leaving = new AbortController()
  const startedAtMs = performance.now()

  async function stopEverything(): Promise<void> {
    stopped.abort()
    await cleanup.run((error) => base.log.error({ err: error }, 'a part of the process failed to stop'))
  }

  try {
    const { tracesEndpoint: endpoint, tracesHeaders: headers, tracesService: service, role } = config
    const packages = Object.entries(optionalPackages)
      .filter(([name]) => name.startsWith('@opentelemetry/'))
      .map(([name, version]) => `${name}@${version}`)
    cleanup.add(
      await loadOptional('OTEL_EXPORTER_OTLP_ENDPOINT', packages, () =>
        startTracing({ endpoint, headers, service, role, version }, base.log),
      ),
    )
    const renewable: RenewableParts = { databases: [], replicas: [], gateways: [] }
    const renew = createRenewal(config, renewable)
    const parts = await start({
      config,
      renewable,
      base,
      cleanup,
      stopped: stopped.signal,
      leaving: leaving.signal,
      printLine,
      printMessage: (key, values) => printLine(formatMessage(config.lang, key, values)),
      seconds: () => ((performance.now() - startedAtMs) / 1000).toFixed(1),
    })
    let stopping: Promise<void> | undefined
    return {
      ...parts,
      renewSecrets(next) {
        const renewal = renew(next)
        base.log.info(renewal, 'the secrets were read again')
        return renewal
      },
      stop() {
        leaving.abort()
        stopping ??= sleep(config.drainSeconds * 1000).then(stopEverything)
        return stopping
      },
    }
  } catch (error) {
    await stopEverything()
    throw error
  }
}

/**
 * Opens the database of a process and prints which one it is.
 * @throws AppError `directory_locked`, `directory_moved`, `database_down`, `database_too_old`, `directory_unusable`, `disk_full`,
 * `no_data`
 */
export async function openProcessDatabase(beginning: Beginning): Promise<Starting> {
  const { config } = beginning
  const starting = await adoptDatabase(
    beginning,
    await openConfiguredDatabase(config, { mustExist: !config.demo }),
  )
  printDatabase(starting)
  return starting
}

/** Prints which database a process uses. */
export function printDatabase({ config, printMessage }: Beginning): void {
  if (config.databaseUrl === undefined) printMessage('start.embedded', { directory: config.dataDir })
  else printMessage('start.postgres', { host: new URL(config.databaseUrl).host })
}

/** Makes an open database the one of a process, which closes it. */
export async function adoptDatabase(beginning: Beginning, database: Database): Promise<Starting> {
  const { base, cleanup, renewable } = beginning
  cleanup.add(() => database.close())
  const clock = await followDatabaseClock(database, base.now, base.log)
  cleanup.add(async () => clock.stop())
  renewable.databases.push(database)
  return { ...beginning, base: { ...base, now: clock.now }, database }
}

/** @throws AppError `config_invalid` when the settings do not allow other processes beside this one. */
function assertRoleAllowed({ role, databaseUrl, demo, gateways }: Config): void {
  if (role === 'all') return
  const problems: Problem[] = []
  const refuse = (code: 'config.role_embedded' | 'config.role_demo') =>
    problems.push({ code, path: 'TOCSIN_ROLE', values: { role } })
  if (databaseUrl === undefined) refuse('config.role_embedded')
  if (demo && gateways.some(isSimulatorGateway)) refuse('config.role_demo')
  if (problems.length > 0) throw new AppError('config_invalid', { problems })
}

/**
 * Checks that the database is migrated, which a demo does itself, and fills its reference data.
 * @throws AppError `schema_older` outside demo mode, `schema_newer`, `schema_differs`, `schema_before_baseline`, `keys_refused`,
 * `database_login`
 */
export async function prepareDatabase({ config, database, base, printMessage }: Starting): Promise<void> {
  const { db } = database
  if (config.demo) {
    const { migrated, encrypted } = await prepareSchema(config, database, base)
    if (migrated.length > 0) printMessage('start.migrated', { count: migrated.length })
    if (encrypted) printMessage('start.encrypted', { count: encrypted })
  } else {
    // A login takes its role on a migrated database only.
    if (!database.embedded && (await hasTables(db))) await requireProcessLogin(database, config)
    const newer = await requireSchema(database, base)
    if (newer.length > 0) printMessage('start.newer', { count: newer.length })
  }
  const known = await db.selectFrom('regions').select('code').limit(1).executeTakeFirst()
  if (known === undefined) printMessage('start.reference')
  await ensureReference({ db, now: base.now })
}

/**
 * Creates the dependencies of a process: jobs, events across processes and, in processes that send, the simulated
 * SMS centre and the gateways, not started.
 * @param owner receives the events; absent: this process ignores them.
 * @throws AppError `demo_refused`, `directory_unusable`
 */
export async function createDeps(
  starting: Starting,
  options: { readonly role: Role; readonly owner?: LiveOwner },
): Promise<
  Deps & {
    readonly secret: Secrets
    readonly keptMails: KeptMailer | undefined
    readonly demoCards: DemoCards | undefined
    readonly smsc: Smsc | undefined
  }
> {
  const { config, base, database, cleanup } = starting
  const { db } = database
  if (config.demo) await (await import('../demo/seed.ts')).refuseRealInstallation({ db })
  const live = await shareLive(base.live, database, base, options.owner)
  cleanup.add(() => live.close())
  const jobs = await startJobs(database, base.log)
  cleanup.add(() => jobs.stop(GRACE_MS))
  const { gateways, smsc } = await createGateways(starting, options.role)
  // A demo sends no mail: it keeps them, even when a mail server is configured.
  const keptMails = config.demo ? createKeptMailer(base.now) : undefined
  const mailer = keptMails ?? (await createConfiguredMailer(config))
  if (mailer !== undefined) cleanup.add(async () => mailer.close())
  // Loaded only where it is used: each start would wait for its 200 files.
  const demoCards = config.demo
    ? (await import('../demo/cards.ts')).createDemoCards({ config, now: base.now })
    : undefined
  const cards = demoCards ?? (await createConfiguredCards(config))
  const identityProvider = await createConfiguredProvider(config)
  await recordConfiguration({ db, now: base.now, config })
  const secret = await prepareSecrets(base, db)
  const replica = await openConfiguredReplica(config, database.disk)
  if (replica !== undefined) {
    cleanup.add(() => replica.close())
    starting.renewable.replicas.push(replica)
  }
  return {
    ...base,
    secret,
    // Signatures of the previous secret are checked by its public part as long as it is configured.
    auditKeys: createAuditKeys({
      ...config.audit,
      secret: { current: secret.current, previous: config.previousSecret },
    }),
    live,
    database,
    db,
    replica: replica && createReplica(database, replica, base.log),
    jobs,
    gateways,
    companies: createCompanyRegistry(config),
    mailer,
    cards,
    identityProvider,
    keptMails,
    demoCards,
    smsc,
  }
}

/** Creates the gateways of a process that sends, not started, and starts the simulated SMS centre if one of them leads to it. */
async function createGateways(
  { config, base, cleanup, renewable }: Starting,
  role: Role,
): Promise<{ readonly gateways: readonly SmsGateway[]; readonly smsc: Smsc | undefined }> {
  const settings = role === 'web' ? [] : config.gateways
  const inside = settings.find(isSimulatorGateway)
  const simulator = inside && (await startSimulator(config, inside.systemId, base))
  if (simulator !== undefined) cleanup.add(() => simulator.smsc.stop())
  const gateways = settings.map((one) => {
    if (simulator === undefined || !isSimulatorGateway(one)) return createGateway(one, base)
    return createGateway({ ...one, port: simulator.smsc.port, password: simulator.password }, base)
  })
  for (const gateway of gateways) cleanup.add(() => gateway.stop(GRACE_MS))
  renewable.gateways.push(...gateways)
  return { gateways, smsc: simulator?.smsc }
}

/**
 * Returns the secrets, of which the previous one is accepted for some days from the start that recorded it on. Encrypts with the
 * current one what the previous one encrypted: the codes of applications.
 */
async function prepareSecrets({ config, now, log }: BaseDeps, db: Db): Promise<Secrets> {
  const current = config.secret ?? keepDemoSecret(config.dataDir)
  const previous = config.previousSecret
  if (previous === undefined) return { current }
  const replacedAt = (await findSecretChange({ db })) ?? now()
  const secret = endingSecrets({ current, previous }, { replacedAt, now })
  if (secret.previous === undefined) {
    log.warn({ replacedAt }, 'TOCSIN_SECRET_PREVIOUS is no longer accepted: remove it')
    return secret
  }
  const { renewAllCodes } = await import('../identity/replaced-secret.ts')
  const counts = await renewAllCodes({ db }, secret)
  log.warn(
    { ...counts, replacedAt, days: PREVIOUS_SECRET_DAYS },
    'TOCSIN_SECRET_PREVIOUS is accepted; codes of accounts are encrypted with TOCSIN_SECRET',
  )
  return secret
}

/** Starts the gateways, the dispatcher and the background work. Prints which gateways are not ready, and why. */
export async function startSending(starting: Starting, deps: Deps): Promise<Dispatcher> {
  const { cleanup, config, database } = starting
  // Sending has its own connections, so that orders and screens never delay it.
  const engine = database.embedded
    ? database
    : await openConfiguredDatabase(config, { poolSize: ENGINE_CONNECTIONS, disk: database.disk })
  if (engine !== database) {
    cleanup.add(() => engine.close())
    starting.renewable.databases.push(engine)
  }
  const dispatcher = await startDispatcher({ ...deps, database: engine, db: engine.db })
  cleanup.add(() => dispatcher.stop(GRACE_MS))
  // Loading the rooms takes longer than the first messages, which would wait for it.
  await dispatcher.underWay()
  const { startWork } = await import('./work.ts')
  await startWork(deps)
  if (deps.cipher.isOn) {
    rememberNumbers(engine.db, starting.stopped).catch((error: unknown) => {
      if (!starting.stopped.aborted) deps.log.warn({ err: error }, 'numbers are opened when they are needed')
    })
  }
  printGatewaysNotReady(starting, deps)
  await printUnknownSchemes(starting, deps)
  return dispatcher
}

/**
 * Prints the gateways that are not ready. They do not prevent the start, since the provider may be down for a
 * while and the others work. But a wrong password or an unknown host must be seen before the first alert.
 */
function printGatewaysNotReady({ config, printMessage }: Starting, { gateways, log }: Deps): void {
  let isAnyDown = false
  for (const gateway of gateways) {
    const { name, state, lastError } = gateway.state()
    if (state === 'bound') continue
    isAnyDown = true
    const reason = lastError ?? { key: 'start.gateway_silent' }
    printMessage('start.gateway_down', {
      name,
      reason: formatMessage(config.lang, reason.key, reason.values),
    })
    log.error({ gateway: name, reason: reason.key, ...reason.values }, 'gateway not ready')
  }
  if (isAnyDown) printMessage('start.gateway_check')
}

/**
 * Prints schemes named by routes but not loaded. They may be loaded later, or be misspelt: the alerts of the
 * scheme would then take another route.
 */
async function printUnknownSchemes({ config, printMessage }: Starting, { db, log }: Deps): Promise<void> {
  const named = new Set(config.routes.flatMap(({ schemes }) => schemes ?? []))
  if (named.size === 0) return
  const loaded = await db
    .selectFrom('schemes')
    .select('id')
    .where('id', 'in', [...named])
    .execute()
  for (const { id } of loaded) named.delete(id)
  if (named.size === 0) return
  const schemes = [...named].join(', ')
  printMessage('start.route_schemes', { schemes })
  log.warn({ schemes }, 'routes name schemes that are not loaded')
}
