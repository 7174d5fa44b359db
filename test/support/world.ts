import { randomFillSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type RawBuilder, sql } from 'kysely'
import { createAuditKeys } from '../../src/audit/keys.ts'
import type { Cipher } from '../../src/cipher/cipher.ts'
import { type Config, readConfig } from '../../src/config.ts'
import { type Dispatcher, startDispatcher } from '../../src/deliveries/dispatcher.ts'
import type { SmsGateway } from '../../src/deliveries/gateway.ts'
import type { Lane } from '../../src/deliveries/lanes.ts'
import { planBroadcast } from '../../src/deliveries/plan/plan.ts'
import { PlannedBroadcasts } from '../../src/deliveries/plan/planned.ts'
import type { RouteRule } from '../../src/deliveries/send/routing.ts'
import type { Deps } from '../../src/deps.ts'
import { offlineRegistry } from '../../src/enrolment/registry.ts'
import { createSmppGateway } from '../../src/gateways/sms/smpp/client.ts'
import type { SmppGatewaySettings } from '../../src/gateways/sms/smpp/settings.ts'
import { installJobs, startJobs } from '../../src/jobs.ts'
import { segmentMessage } from '../../src/message/segment.ts'
import { migrate } from '../../src/platform/database/migrate.ts'
import { type DatabaseSettings, inScheme, openDatabase, type Tx } from '../../src/platform/db.ts'
import { createLive } from '../../src/platform/http/live.ts'
import { createIds } from '../../src/platform/ids.ts'
import { createLog } from '../../src/platform/telemetry/log.ts'
import { encryptFixture, testCipher } from './encryption.ts'
import { createTestLog } from './log-scan.ts'
import type { PostgresServer } from './postgres.ts'
import { asTableOwner } from './table-owner.ts'

/** The secret of every engine of the tests, from which codes are derived. */
export const WORLD_SECRET = { current: 'a secret of more than thirty-two characters, for tests only' }

export type DatabaseKind = 'embedded' | 'postgres'

/** The engine as run by the server, over a real database and a gateway to an SMSC, without HTTP. */
export interface World {
  readonly deps: Deps
  stop(): Promise<void>
}

export interface WorldOptions {
  readonly database: DatabaseSettings
  /** Default: that of the run. */
  readonly cipher?: Cipher
  readonly smscPort: number
  readonly window?: number
  readonly links?: number
  readonly inDoubtSeconds?: number
  readonly gateway?: Partial<SmppGatewaySettings>
  /** Several gateways in order of preference, in place of the one to `smscPort`. */
  readonly gateways?: readonly (Partial<SmppGatewaySettings> & {
    readonly name: string
    readonly port: number
  })[]
  /** Gateways made by the caller, in place of those to SMSCs. */
  readonly sendBy?: readonly SmsGateway[]
  /** Routes of broadcasts that are not simulated. */
  readonly routes?: readonly RouteRule[]
  /** Default: silent. */
  readonly logLevel?: Config['logLevel']
  /** Seconds in doubt by lane, in place of `inDoubtSeconds`. */
  readonly inDoubt?: Partial<Config['inDoubt']>
}

export async function startWorld(
  options: WorldOptions,
): Promise<World & { readonly dispatcher: Dispatcher }> {
  const now = () => new Date()
  const settings = readConfig({
    TOCSIN_SMPP_WINDOW: String(options.window ?? 1000),
    TOCSIN_SMPP_LINKS: String(options.links ?? 1),
    TOCSIN_IN_DOUBT_SECONDS: String(options.inDoubtSeconds ?? 20),
    TOCSIN_DEMO: 'true',
  })
  const [simulator] = settings.gateways
  const named = options.gateways ?? [{ name: 'bench', port: options.smscPort }]
  const links = options.links ?? 1
  const window = options.window ?? 1000
  const gateways =
    options.sendBy ??
    named.map((own) =>
      createSmppGateway({
        host: '127.0.0.1',
        systemId: 'tocsin',
        password: 'tocsin',
        links,
        window,
        simulated: true,
        ...options.gateway,
        ...own,
      }),
    )
  const config: Config = {
    ...settings,
    gateways: gateways.map((gateway) => ({
      ...(simulator as Config['gateways'][number]),
      name: gateway.name,
      simulated: gateway.simulated,
      ...contractOf(gateway),
    })),
    routes: options.routes ?? [
      { order: 'first', gateways: gateways.map(({ name }) => ({ name, weight: 1 })) },
    ],
    inDoubt: { ...settings.inDoubt, ...options.inDoubt },
  }
  const cipher = options.cipher ?? testCipher()
  const database = await openDatabase(options.database, { cipher })
  await migrate(database.db, now)
  await installJobs(database)
  const log = options.logLevel === undefined ? createTestLog() : createLog(options.logLevel)
  const deps: Deps = {
    config,
    secret: WORLD_SECRET,
    auditKeys: createAuditKeys({ secret: WORLD_SECRET }),
    cipher,
    database,
    db: database.db,
    now,
    newId: createIds(now, randomFillSync),
    random: Math.random,
    log,
    jobs: await startJobs(database, log),
    live: createLive(),
    planned: new PlannedBroadcasts(),
    gateways,
    companies: offlineRegistry(),
    mailer: undefined,
    cards: undefined,
    identityProvider: undefined,
  }
  // Separate connections, as in the program.
  const engine =
    options.database.kind === 'postgres' ? await openDatabase(options.database, { cipher }) : database
  const dispatcher = await startDispatcher({ ...deps, database: engine, db: engine.db })
  return {
    deps,
    dispatcher,
    async stop() {
      await dispatcher.stop(5000)
      await deps.jobs.stop(1000)
      await Promise.all(gateways.map((gateway) => gateway.stop(1000)))
      if (engine !== database) await engine.close()
      await database.close()
    },
  }
}

function contractOf(gateway: SmsGateway): { window: number; partsPerSecond: number | undefined } {
  const { window, partsPerSecond } = gateway.state()
  return { window, partsPerSecond }
}

/** Creates a temporary database: a directory for the embedded one, or a new database on a server of the run. */
export async function freshDatabase(
  kind: DatabaseKind,
  server: PostgresServer | undefined,
): Promise<{ settings: DatabaseSettings; remove(): Promise<void> }> {
  if (kind === 'embedded') {
    const directory = mkdtempSync(join(tmpdir(), 'tocsin-bench-'))
    return {
      settings: { kind, directory },
      remove: async () => rmSync(directory, { recursive: true, force: true }),
    }
  }
  if (server === undefined) throw new Error('a PostgreSQL server is needed')
  const { default: pg } = await import('pg')
  const name = `bench_${process.pid}_${Math.floor(performance.now() * 1000)}`
  const admin = async (statement: string) => {
    const client = new pg.Client({ connectionString: server.url })
    await client.connect()
    await client.query(statement)
    await client.end()
  }
  await admin(`create database ${name}`)
  return {
    settings: { kind, url: server.urlOf(name), poolSize: 8 },
    remove: () => admin(`drop database ${name} with (force)`),
  }
}

export const BENCH_SCHEME = 'bench'

/** Inserts a scheme with `members` members of one contact each, over the communes of a fictional département. */
export async function fillScheme(
  { database, cipher }: Pick<Deps, 'database'> & Partial<Pick<Deps, 'cipher'>>,
  members: number,
  schemeId = BENCH_SCHEME,
): Promise<void> {
  await asTableOwner(database, async (tx) => {
    const statements = [
      sql`insert into regions values ('00', 'Bench') on conflict do nothing`,
      sql`insert into departements (code, name, region_code) values ('00', 'Bench', '00') on conflict do nothing`,
      sql`insert into communes (code, name, search_name, departement_code, region_code)
        select '00' || lpad(n::text, 3, '0'), 'Commune ' || n, 'commune ' || n, '00', '00' from generate_series(1, 400) n on conflict do nothing`,
      sql`insert into schemes (id, name, territory, reference_prefix, trades, sender, closing_advice, created_at)
        values (${schemeId}, 'Bench', '{"kind":"departement","code":"00"}', '00', '{shop}', 'BENCH', 'x', now())`,
      sql`insert into categories (scheme_id, code, label_fr, label_en, severity, template, position)
        values (${schemeId}, 'notes', 'Faux billets', 'Counterfeit notes', 'alert', 'x', 1)`,
      // The counts and communes of the triggers are known here: one distinct number per member.
      sql`alter table contacts disable trigger user`,
      sql`insert into members (scheme_id, id, name, search_name, trade, commune_code, status, created_at, updated_at, sms_contacts)
        select ${schemeId}, ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'Shop ' || n, 'shop ' || n,
          'shop', '00' || lpad((n % 400 + 1)::text, 3, '0'), 'active', now(), now(), 1
        from generate_series(1, ${members}::int) n`,
      sql`insert into contacts (scheme_id, id, member_id, commune_code, person, mobile, sms)
        select ${schemeId}, ('00000000-0000-7000-9000-' || lpad(to_hex(n), 12, '0'))::uuid,
          ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, '00' || lpad((n % 400 + 1)::text, 3, '0'), 'Contact', '+336' || lpad(n::text, 8, '0'), true
        from generate_series(1, ${members}::int) n`,
      sql`alter table contacts enable trigger user`,
    ]
    for (const statement of statements) await statement.execute(tx)
  })
  await encryptFixture(database, cipher)
  await sql`analyze members, contacts`.execute(database.db)
}

export const BENCH_TEXT = "Faux billets agglomération d'Issoire. Ne pas intervenir, ne pas transférer SMS."

/** Orders a broadcast to the first `limit` members in one transaction, like the alert action. @returns its id. */
export async function orderBroadcast(
  deps: Deps,
  options: {
    limit: number
    schemeId?: string
    validMinutes?: number
    text?: string
    lane?: Lane
    simulated?: boolean
    /** A further message of this alert; default: of an alert of its own. */
    alertId?: string
    /** Runs in the same transaction after everything is written. */
    alsoDo?: (tx: Tx, broadcastId: string) => Promise<unknown>
    /** Follows up this broadcast: recipients that may have received it and for whom `isStillRecipient` is true. */
    after?: string
    /** The broadcast of the chain that precedes it; default: `after`. */
    last?: string
    isStillRecipient?: RawBuilder<boolean>
    /** Nothing of it is sent before this time. */
    notBefore?: Date
  },
): Promise<string> {
  const schemeId = options.schemeId ?? BENCH_SCHEME
  return inScheme(deps.db, schemeId, async (tx) => {
    const reportId = deps.newId()
    const alertId = options.alertId ?? deps.newId()
    const at = deps.now()
    const validUntil = new Date(at.getTime() + (options.validMinutes ?? 60) * 60_000)
    if (options.alertId === undefined) {
      await sql`insert into reports (scheme_id, id, category_code, commune_code, called_at, occurred_at, state, decided_at, created_at, created_by)
      values (${schemeId}, ${reportId}, 'notes', '00001', ${at}, ${at}, 'broadcast', ${at}, ${at}, 'bench')`.execute(
        tx,
      )
      await sql`insert into alerts (scheme_id, id, reference, report_id, category_code, severity, text, area, area_label, trades,
        simulated, state, expires_at, created_at, created_by)
      values (${schemeId}, ${alertId}, ${alertId}, ${reportId}, 'notes', 'alert', ${BENCH_TEXT}, '{"kind":"scheme"}', 'bench', '{}',
        ${options.simulated ?? true}, 'broadcasting', ${validUntil}, ${at}, 'bench')`.execute(tx)
    }
    const { broadcastId, running } = await planBroadcast(tx, deps, {
      schemeId,
      alertId,
      kind: options.after === undefined ? 'first' : 'update',
      segmentation: segmentMessage(options.text ?? BENCH_TEXT),
      sender: 'BENCH',
      lane: options.lane ?? 'alert',
      simulated: options.simulated ?? true,
      validUntil,
      orderedBy: 'bench',
      ...(options.notBefore === undefined ? {} : { notBefore: options.notBefore }),
      recipients:
        options.after === undefined
          ? sql`
        select c.id as contact_id, c.member_id, c.mobile as phone, m.commune_code, m.trade
        from members m join contacts c on c.scheme_id = m.scheme_id and c.member_id = m.id
        where m.scheme_id = ${schemeId} and m.status = 'active' and c.sms
        order by m.id limit ${options.limit}`
          : {
              first: options.after,
              after: options.last ?? options.after,
              isStillRecipient: options.isStillRecipient ?? sql`true`,
              movedTo: sql`null::text`,
            },
    })
    if (running !== undefined) deps.planned.addBroadcast(running)
    await options.alsoDo?.(tx, broadcastId)
    return broadcastId
  })
}

export interface BroadcastRow {
  state: string
  planned: number
  accepted: number
  delivered: number
  inDoubt: number
  failed: number
  expired: number
  withdrawn: number
  possibleDuplicates: number
  resent: number
  retryAt: Date | null
  orderedAt: Date
  firstSubmitAt: Date | null
  allAcceptedAt: Date | null
  doneAt: Date | null
}

/**
 * Waits until a broadcast is done. @throws when it is not within `timeoutMs`, by default somewhat less than a test has, so
 * that the error shows its row.
 */
export async function untilBroadcastDone(
  deps: Deps,
  broadcastId: string,
  timeoutMs = 110_000,
): Promise<BroadcastRow> {
  const end = performance.now() + timeoutMs
  for (;;) {
    const row = await deps.db
      .selectFrom('broadcasts')
      .selectAll()
      .where('id', '=', broadcastId)
      .executeTakeFirstOrThrow()
    if (row.state === 'done') return row
    if (performance.now() > end) throw new Error(`broadcast not done: ${JSON.stringify(row)}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
