import type { Config, Role } from '../config.ts'
import { type Dispatcher, startDispatcher } from '../deliveries/dispatcher.ts'
import { demoBusinesses } from '../demo/companies.ts'
import { refuseRealInstallation } from '../demo/seed.ts'
import type { Deps } from '../deps.ts'
import { offlineRegistry } from '../enrolment/registry.ts'
import { AppError, type Problem } from '../errors.ts'
import { stripeCards } from '../gateways/card/stripe.ts'
import { rechercheEntreprises } from '../gateways/companies/recherche-entreprises.ts'
import { type KeptMailer, keptMailer } from '../gateways/mail/kept.ts'
import { smtpMailer } from '../gateways/mail/smtp.ts'
import type { Smsc } from '../gateways/sms/simulator/smsc.ts'
import { say } from '../i18n/say.ts'
import { startJobs } from '../jobs.ts'
import type { Database } from '../platform/db.ts'
import { type LiveOwner, shareLive } from '../platform/live.ts'
import { migrate } from '../platform/migrate.ts'
import { ensureReference } from '../territory/reference.ts'
import { type Cleanup, createCleanup } from './cleanup.ts'
import { type BaseDeps, createBaseDeps, openConfigured } from './deps.ts'
import { createGateway } from './gateways.ts'
import { keepDemoSecret } from './secret.ts'
import { isOfSimulator, startSimulator } from './simulator.ts'
import { startWork } from './work.ts'

/** How long what is in flight may take to end when the program stops. */
export const GRACE_MS = 10_000
/** A worker holds one for its lock; claims, outcomes and heartbeats share the others. */
const ENGINE_CONNECTIONS = 6
/** How long requests may take to end. */
export const REQUEST_GRACE_MS = 3000

export interface ProcessOptions {
  /** In place of the clock, ids, randomness and log of the program: for tests. */
  readonly base?: Partial<BaseDeps>
  /** Takes the lines for people; none are written by default. */
  readonly tell?: (line: string) => void
}

/** A process of the installation that starts: what its steps share. */
export interface Starting {
  readonly config: Config
  readonly base: BaseDeps
  readonly database: Database
  readonly cleanup: Cleanup
  /** Aborts when the process stops. */
  readonly stopped: AbortSignal
  readonly tell: (line: string) => void
  /** Tells a message in the language of the terminal. */
  say(key: string, values?: Readonly<Record<string, string | number>>): void
  /** Since the start, with one decimal. */
  seconds(): string
}

export interface Running {
  /** Finishes what is under way and leaves: nothing is sent twice because of it. Calling again waits for the same. */
  stop(): Promise<void>
}

/**
 * Opens the database, then starts the rest by `start`; when that fails, what was started is undone.
 * @throws AppError `config_invalid`, `directory_locked`, `database_down`, `directory_unusable`, and those of `start`
 */
export async function startProcess<Parts extends object>(
  config: Config,
  options: ProcessOptions,
  start: (starting: Starting) => Promise<Parts>,
): Promise<Parts & Running> {
  refuseRole(config)
  const base: BaseDeps = { ...createBaseDeps(config), ...options.base }
  const tell = options.tell ?? (() => {})
  const cleanup = createCleanup()
  const stopped = new AbortController()
  const startedAtMs = performance.now()

  async function undo(): Promise<void> {
    stopped.abort()
    await cleanup.run((error) => base.log.error({ err: error }, 'stopping failed'))
  }

  try {
    const database = await openConfigured(config)
    cleanup.add(() => database.close())
    const starting: Starting = {
      config,
      base,
      database,
      cleanup,
      stopped: stopped.signal,
      tell,
      say: (key, values) => tell(say(config.lang, key, values)),
      seconds: () => ((performance.now() - startedAtMs) / 1000).toFixed(1),
    }
    if (database.embedded) starting.say('start.embedded', { directory: config.dataDir })
    else starting.say('start.postgres', { host: new URL(config.databaseUrl ?? '').host })
    const parts = await start(starting)
    let stopping: Promise<void> | undefined
    return {
      ...parts,
      stop() {
        stopping ??= undo()
        return stopping
      },
    }
  } catch (error) {
    await undo()
    throw error
  }
}

/** @throws AppError `config_invalid` when the settings leave no room for other processes beside this one. */
function refuseRole({ role, databaseUrl, demo, gateways }: Config): void {
  if (role === 'all') return
  const problems: Problem[] = []
  const refuse = (code: 'config.role_embedded' | 'config.role_demo') =>
    problems.push({ code, path: 'TOCSIN_ROLE', values: { role } })
  if (databaseUrl === undefined) refuse('config.role_embedded')
  if (demo && gateways.some(isOfSimulator)) refuse('config.role_demo')
  if (problems.length > 0) throw new AppError('config_invalid', { problems })
}

/**
 * Migrates the database and fills its reference data.
 * @throws AppError `schema_newer`, `schema_differs`
 */
export async function prepareDatabase({ database: { db }, base, say }: Starting): Promise<void> {
  const migrated = await migrate(db, base.now)
  if (migrated.length > 0) say('start.migrated', { count: migrated.length })
  const known = await db.selectFrom('regions').select('code').limit(1).executeTakeFirst()
  if (known === undefined) say('start.reference')
  await ensureReference({ db, now: base.now })
}

/**
 * The dependencies of a process: jobs, events across processes, and for those that send their simulated SMS centre and the gateways, not
 * started.
 * @param owner of the events; absent: nobody follows them here.
 * @throws AppError `demo_refused`, `directory_unusable`
 */
export async function createDeps(
  starting: Starting,
  options: { readonly role: Role; readonly owner?: LiveOwner },
): Promise<
  Deps & {
    readonly secret: string
    readonly keptMails: KeptMailer | undefined
    readonly smsc: Smsc | undefined
  }
> {
  const { config, base, database, cleanup } = starting
  const { db } = database
  if (config.demo) await refuseRealInstallation({ db })
  const live = await shareLive(base.live, database, base, options.owner)
  cleanup.add(() => live.close())
  const jobs = await startJobs(database, base.log)
  cleanup.add(() => jobs.stop(GRACE_MS))
  const settings = options.role === 'web' ? [] : config.gateways
  const simulator = settings.some(isOfSimulator) ? await startSimulator(config, base) : undefined
  if (simulator !== undefined) cleanup.add(() => simulator.smsc.stop())
  const gateways = settings.map((one) => {
    if (simulator === undefined || !isOfSimulator(one)) return createGateway(one, base)
    return createGateway({ ...one, port: simulator.smsc.port, password: simulator.password }, base)
  })
  for (const gateway of gateways) cleanup.add(() => gateway.stop(GRACE_MS))
  const secret = config.secret ?? keepDemoSecret(config.dataDir)
  const companies =
    config.companyApi === undefined
      ? offlineRegistry(config.demo ? demoBusinesses : [])
      : rechercheEntreprises(config.companyApi)
  // A demo reaches nobody: it keeps its mails, whatever server is set.
  const keptMails = config.demo ? keptMailer(base.now) : undefined
  const mailer = keptMails ?? (config.mail && smtpMailer(config.mail.url, config.mail.from))
  if (mailer !== undefined) cleanup.add(async () => mailer.close())
  const cards = config.demo || config.stripe === undefined ? undefined : stripeCards(config.stripe)
  return {
    ...base,
    secret,
    live,
    database,
    db,
    jobs,
    gateways,
    companies,
    mailer,
    cards,
    keptMails,
    smsc: simulator?.smsc,
  }
}

/** Starts the gateways, the dispatcher and the background work. Tells which gateways are not ready, and why. */
export async function startSending(starting: Starting, deps: Deps): Promise<Dispatcher> {
  const { cleanup, config, database } = starting
  // Connections of its own: orders and screens must not stand before what is on its way.
  const engine = database.embedded ? database : await openConfigured(config, { poolSize: ENGINE_CONNECTIONS })
  if (engine !== database) cleanup.add(() => engine.close())
  const dispatcher = await startDispatcher({ ...deps, database: engine, db: engine.db })
  cleanup.add(() => dispatcher.stop(GRACE_MS))
  await startWork(deps)
  tellTroubles(starting, deps)
  await tellUnknownSchemes(starting, deps)
  return dispatcher
}

/**
 * A gateway that is not ready keeps nobody from starting: it may be the provider's hour of trouble, and the others
 * work. But a wrong password or an unknown host must not wait for the first alert to be seen.
 */
function tellTroubles({ config, say: tell }: Starting, { gateways, log }: Deps): void {
  let isAnyDown = false
  for (const gateway of gateways) {
    const { name, state, lastError } = gateway.state()
    if (state === 'bound') continue
    isAnyDown = true
    const reason = lastError ?? { key: 'start.gateway_silent' }
    tell('start.gateway_down', { name, reason: say(config.lang, reason.key, reason.values) })
    log.error({ gateway: name, reason: reason.key, ...reason.values }, 'gateway not ready')
  }
  if (isAnyDown) tell('start.gateway_check')
}

/** A route that names a scheme not loaded may be early, or misspelt: then the scheme's alerts take another route. */
async function tellUnknownSchemes({ config, say: tell }: Starting, { db, log }: Deps): Promise<void> {
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
  tell('start.route_schemes', { schemes })
  log.warn({ schemes }, 'routes name schemes that are not loaded')
}
