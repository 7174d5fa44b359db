import { randomUUID } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { createRandom } from '../../src/gateways/sms/simulator/faults.ts'
import { type Smsc, startSmsc } from '../../src/gateways/sms/simulator/smsc.ts'
import { compareLedger } from '../../test/support/ledger-against-smsc.ts'
import { PRODUCTION } from '../../test/support/server.ts'
import { Cluster, newPassword } from './cluster.ts'
import { Installation } from './installation.ts'
import { requirePrograms } from './installed.ts'
import { Probe } from './probe.ts'
import { Processes, type Started, until } from './processes.ts'
import { findBroken, type Happening, type Result, writeReport } from './report.ts'

export interface RehearsalOptions {
  readonly members: number
  readonly seed: number
  /** File for the report; undefined: it is printed only. */
  readonly report: string | undefined
  /** Date written in the report. */
  readonly date: string | undefined
  /** Keeps the temporary folder. */
  readonly keep: boolean
}

const WINDOW = 50
/** Seconds in which the broadcast would leave undisturbed. */
const BROADCAST_SECONDS = 150
/** Longer than a worker may be silent. */
const FREEZE_MS = 12_000
/** Between two disturbances, so that each is measured alone. */
const REST_MS = 5000
const FORBEARANCE_MS = 300_000
const TEXT = 'Faux billets de cinquante euros à Commune 1. Ne pas intervenir, appeler le 17.'

/**
 * Brings up the whole installation, disturbs it during a broadcast, and compares what the ledger says with what the SMS centre
 * received.
 * @returns the promises that were broken
 * @throws MissingPrograms
 */
export async function rehearse(options: RehearsalOptions): Promise<readonly string[]> {
  const versions = requirePrograms()
  const directory = mkdtempSync(join(tmpdir(), 'tocsin-rehearsal-'))
  // The user of the databases reads its own folders in it.
  chmodSync(directory, 0o711)
  const logs = join(directory, 'logs')
  mkdirSync(logs)
  const processes = new Processes(logs)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
  let smsc: Smsc | undefined
  let rehearsal: Rehearsal | undefined
  try {
    smsc = await startSmsc({
      answersAs: 'PROVIDER',
      account: {
        systemId: PRODUCTION.TOCSIN_SMPP_SYSTEM_ID,
        password: PRODUCTION.TOCSIN_SMPP_PASSWORD,
      },
      receiptDelayMs: 500,
      seed: options.seed,
      faults: { latencyMs: 50 },
    })
    rehearsal = new Rehearsal(processes, directory, smsc, options)
    const result = await rehearsal.run()
    const problems = findBroken(result)
    const report = writeReport(result, { ...options, versions, machine: describeMachine() })
    console.log(`\n${report}`)
    if (options.report !== undefined) writeFileSync(options.report, report)
    return problems
  } finally {
    rehearsal?.killDatabases()
    await processes.endAll()
    await smsc?.stop()
    if (options.keep) console.log(`logs: ${logs}`)
    else rmSync(directory, { recursive: true, force: true })
  }
}

const describeMachine = () =>
  `${cpus().length} processors, ${Math.round(totalmem() / 2 ** 30)} GB of memory for all nodes together`

class Rehearsal {
  readonly #cluster: Cluster
  readonly #installation: Installation
  readonly #smsc: Smsc
  readonly #options: RehearsalOptions
  readonly #superuser = newPassword()
  readonly #random: () => number
  readonly #happenings: Happening[] = []
  readonly #beganMs = performance.now()

  constructor(processes: Processes, directory: string, smsc: Smsc, options: RehearsalOptions) {
    this.#installation = new Installation(processes, directory)
    this.#cluster = new Cluster(processes, directory, {
      superuser: this.#superuser,
      web: this.#installation.webPassword,
    })
    this.#smsc = smsc
    this.#options = options
    this.#random = createRandom(options.seed)
  }

  async run(): Promise<Result> {
    const workers = await this.#bringUp()
    const send = await this.#installation.signIn()
    const probe = new Probe((id, signal) =>
      send('POST', '/reports', { id, categoryCode: 'notes', communeCode: '00001' }, signal),
    )
    probe.start()
    await sleep(REST_MS)
    const broadcastId = await this.#order(send)
    const orderedMs = performance.now()
    await this.#disturb(workers)
    await this.#untilDone(broadcastId)
    const seconds = (performance.now() - orderedMs) / 1000
    await probe.stop()
    // Read from a replica, of those that were exchanged meanwhile.
    const { status } = await send('GET', '/statistics')
    if (status !== 200) throw new Error(`statistics: ${status}`)
    this.#say('comparing the ledger with what the SMS centre received')
    return this.#installation.withDatabase(async (database) => ({
      members: this.#options.members,
      seconds,
      happenings: this.#happenings,
      acts: probe.acts,
      confirmed: probe.confirmed.length,
      missing: await countMissing(database.db, probe.confirmed),
      received: this.#smsc.state().accepted,
      ledger: await compareLedger(database.db, this.#smsc.log()),
    }))
  }

  killDatabases(): void {
    this.#cluster.killAll()
  }

  async #bringUp(): Promise<Started[]> {
    const { members } = this.#options
    this.#say('three nodes of etcd, Patroni and PostgreSQL, and HAProxy')
    await this.#cluster.startDatabases()
    this.#say(`tables, and ${members} members`)
    const rate = Math.ceil(members / BROADCAST_SECONDS)
    await this.#installation.install(this.#superuser, members, {
      port: this.#smsc.port,
      window: WINDOW,
      rate,
    })
    await this.#cluster.untilWhole(120_000)
    this.#say('PgBouncer, three workers and two web nodes')
    this.#cluster.startPooler()
    const workers = this.#installation.startWorkers()
    this.#installation.startWeb('web1')
    this.#installation.startWeb('web2')
    await until('every process to be ready', 180_000, async () => {
      const statuses = await Promise.all(this.#installation.readiness.map((url) => statusOf(url)))
      return statuses.every((status) => status === 200)
    })
    // HAProxy has seen them too.
    await sleep(3000)
    return workers
  }

  /** Orders a broadcast to all members as an operator does. @returns its id */
  async #order(send: Awaited<ReturnType<Installation['signIn']>>): Promise<string> {
    const post = async (path: string, body: unknown) => {
      const response = await send('POST', path, body)
      const text = await response.text()
      if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`)
      return JSON.parse(text) as { id: string; version: number; alerts: { id: string }[] }
    }
    const id = randomUUID()
    const report = await post('/reports', { id, categoryCode: 'notes', communeCode: '00001' })
    const draft = await post('/alerts', {
      reportId: report.id,
      text: TEXT,
      area: { kind: 'scheme' },
      doctrine: { offence: true, arrested: false, level: 'established' },
    })
    const near = await post('/alerts/near', { reportId: report.id })
    await post(`/alerts/${draft.id}/broadcast`, {
      version: draft.version,
      confirmNear: near.alerts.map((one) => one.id),
    })
    this.#say('the broadcast is ordered')
    const row = await this.#installation.withDatabase(({ db }) =>
      db
        .selectFrom('broadcasts')
        .select(['id', 'planned'])
        .where('alertId', '=', draft.id)
        .executeTakeFirstOrThrow(),
    )
    if (row.planned !== this.#options.members) throw new Error(`${row.planned} recipients are planned`)
    return row.id
  }

  async #disturb(workers: readonly Started[]): Promise<void> {
    const cluster = this.#cluster
    await this.#at(0.1, 'primary', async () => {
      const primary = await cluster.primary()
      if (primary !== undefined) cluster.killPostgres(primary)
    })
    const frozen = workers[Math.floor(this.#random() * workers.length)]
    await this.#at(0.3, 'worker', async () => {
      frozen?.signal('SIGSTOP')
      await sleep(FREEZE_MS)
      frozen?.signal('SIGCONT')
    })
    await this.#at(0.45, 'web', () => this.#installation.restartWeb(this.#random() < 0.5 ? 'web1' : 'web2'))
    await this.#at(0.6, 'pooler', () => cluster.restartPooler())
    // The first primary is a replica by then; without two replicas there would be nothing to promote.
    await cluster.untilWhole(FORBEARANCE_MS)
    await this.#at(0.75, 'machine', async () => {
      const lost = await cluster.primary()
      if (lost === undefined) throw new Error('there is no primary')
      cluster.killNode(lost)
      await until(
        'another primary',
        120_000,
        async () => ![undefined, lost].includes(await cluster.primary()),
      )
      await sleep(REST_MS)
      cluster.startNode(lost)
    })
    await cluster.untilWhole(FORBEARANCE_MS)
  }

  /** Disturbs once this share of the messages, and a little more by chance, is out; the service then gets a rest. */
  async #at(share: number, kind: Happening['kind'], disturb: () => Promise<unknown>): Promise<void> {
    const count = (share + this.#random() * 0.05) * this.#options.members
    await until(
      `${Math.round(count)} messages`,
      FORBEARANCE_MS,
      async () => this.#smsc.state().accepted >= count,
    )
    this.#say(`${kind}, after ${this.#smsc.state().accepted} messages`)
    this.#happenings.push({ kind, atMs: performance.now() })
    await disturb()
    await sleep(REST_MS)
  }

  async #untilDone(broadcastId: string): Promise<void> {
    this.#say('waiting for the last receipts')
    await until('the end of the broadcast', FORBEARANCE_MS, () =>
      this.#installation.withDatabase(async ({ db }) => {
        const { state } = await db
          .selectFrom('broadcasts')
          .select('state')
          .where('id', '=', broadcastId)
          .executeTakeFirstOrThrow()
        return state === 'done'
      }),
    )
  }

  #say(what: string): void {
    console.log(`${((performance.now() - this.#beganMs) / 1000).toFixed(0).padStart(4)} s  ${what}`)
  }
}

async function statusOf(url: string): Promise<number> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2000) })
  await response.arrayBuffer()
  return response.status
}

/** Counts the calls that were answered as recorded and are not in the database. */
async function countMissing(
  db: Parameters<typeof compareLedger>[0],
  confirmed: readonly string[],
): Promise<number> {
  const { rows } = await sql<{ missing: number }>`
    select count(*)::int as missing from unnest(${[...confirmed]}::uuid[]) id
    where not exists (select from reports r where r.id = id)`.execute(db)
  return rows[0]?.missing ?? confirmed.length
}
