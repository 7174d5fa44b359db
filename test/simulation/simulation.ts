import { sql } from 'kysely'
import { createAuditKeys } from '../../src/audit/keys.ts'
import { createCipher } from '../../src/cipher/cipher.ts'
import { type Config, readConfig } from '../../src/config.ts'
import { stopBroadcast } from '../../src/deliveries/claim/stop.ts'
import { type Dispatcher, startDispatcher } from '../../src/deliveries/dispatcher.ts'
import { LANES } from '../../src/deliveries/lanes.ts'
import { DISPATCH_CHANNEL } from '../../src/deliveries/plan/plan.ts'
import { PlannedBroadcasts } from '../../src/deliveries/plan/planned.ts'
import type { Deps } from '../../src/deps.ts'
import { offlineRegistry } from '../../src/enrolment/registry.ts'
import { createRandom } from '../../src/gateways/sms/simulator/faults.ts'
import { acrossSchemes, type Database } from '../../src/platform/db.ts'
import { createLive } from '../../src/platform/http/live.ts'
import { createIds } from '../../src/platform/ids.ts'
import { noteJobs } from '../support/deps.ts'
import { compareLedger } from '../support/ledger-against-smsc.ts'
import { createTestLog } from '../support/log-scan.ts'
import { asTableOwner } from '../support/table-owner.ts'
import { BENCH_SCHEME, fillScheme, orderBroadcast } from '../support/world.ts'
import {
  type DatabaseFaults,
  databaseOf,
  hideServer,
  type Listeners,
  type SimulatedServer,
} from './killable-database.ts'
import { Provider, WINDOW } from './provider.ts'
import { newOwner, type Owner, runAs, type TimeMutation, VirtualTime } from './virtual-time.ts'

/** A rule of the engine that is broken on purpose: the checks have to find it. */
export interface Mutation extends TimeMutation {
  /** Changes the statements of the engine. */
  readonly sql?: (text: string) => string
}

/** Result of one seed. */
export interface Run {
  /** Promises that were broken; empty: none. */
  readonly problems: readonly string[]
  readonly virtualMs: number
  readonly crashes: number
  readonly messages: number
}

const MEMBERS = 24
const IN_DOUBT_SECONDS = 20
/** When every seed starts, in virtual time. */
const START_MS = Date.UTC(2026, 10, 28, 2, 0, 0)
/** Virtual time after which a run that has not ended is broken. */
const MAX_RUN_MS = 12 * 3_600_000
/** Longest wait for the database, in real time. */
const STUCK_MS = 20_000
const FIRST_LEAP_MS = 1500
const LONGEST_LEAP_MS = 600_000
/** An alert that was stopped sends nothing more after this. */
const STOP_MS = 1000
/**
 * A phone that left gets nothing more after this: what a worker had claimed may still leave, as long as the slowest answers
 * keep the window full.
 */
const LEFT_MS = 60_000
/** A provider that fails is replaced by the next route within this. */
const REPLACED_MS = 2000
/** Processes that have run this long know each other, and share the contracts. */
const SETTLED_MS = 5000
/** The most workers of a run. */
const WORKERS = 3

/** Prepares a migrated database for runs: one after the other, each on what `prepare` left. */
export async function prepareSimulation(database: Database): Promise<void> {
  // An idle connection of the embedded database would be replaced after ten virtual seconds.
  database.pool.options.idleTimeoutMillis = 0
  await hideServer(database)
  await fillScheme({ database }, MEMBERS)
}

async function clear(database: Database): Promise<void> {
  await asTableOwner(database, async (tx) => {
    await sql`truncate broadcasts, deliveries, delivery_chunks, delivery_attempts, delivery_tallies, alerts, reports, unknown_receipts, workers cascade`.execute(
      tx,
    )
    await sql`update contacts set sms = true where not sms`.execute(tx)
    await sql`truncate departures`.execute(tx)
  })
}

interface Process {
  readonly owner: Owner
  readonly startedMs: number
  readonly faults: DatabaseFaults
  readonly deps: Deps
  readonly listeners: Listeners
  dispatcher: Dispatcher | undefined
}

interface Ordered {
  readonly id: string
  readonly text: string
  readonly isSimulated: boolean
  readonly validUntilMs: number
  stoppedAtMs: number | undefined
}

/**
 * Runs hours of virtual time from one seed: the real engine and its SQL, over providers, receipts, faults, crashes and a
 * clock that the seed decides. Then checks the promises.
 */
export async function simulate(database: Database, seed: number, mutation: Mutation = {}): Promise<Run> {
  await clear(database)
  const random = createRandom(seed)
  const realTimeout = { set: globalThis.setTimeout, clear: globalThis.clearTimeout }
  const { pool } = database
  const isBusy = () => pool.waitingCount > 0 || pool.idleCount < pool.totalCount
  function released(): Promise<void> {
    return new Promise((resolve, reject) => {
      const stuck = realTimeout.set(() => reject(new Error('the database does not rest')), STUCK_MS)
      pool.once('release', () => {
        realTimeout.clear(stuck)
        resolve()
      })
    })
  }
  /** Waits until the database rests, and everything that follows from its answers. */
  async function settle(): Promise<void> {
    for (let calm = 0; calm < 2; ) {
      await new Promise<void>((resolve) => setImmediate(resolve))
      calm++
      while (isBusy()) {
        await released()
        calm = 0
      }
    }
  }
  const time = new VirtualTime(START_MS, settle, mutation)
  const providers = [
    new Provider('first', false, time, random),
    new Provider('second', false, time, random),
    new Provider('simulator', true, time, random),
  ]
  const settings = readConfig({
    TOCSIN_DEMO: 'true',
    TOCSIN_SMPP_WINDOW: '10',
    TOCSIN_IN_DOUBT_SECONDS: String(IN_DOUBT_SECONDS),
  })
  const [template] = settings.gateways
  const config: Config = {
    ...settings,
    gateways: providers.map(({ name, isSimulated }) => ({
      ...(template as Config['gateways'][number]),
      name,
      simulated: isSimulated,
      window: WINDOW,
      partsPerSecond: undefined,
    })),
    routes: [
      {
        order: 'first',
        gateways: [
          { name: 'first', weight: 1 },
          { name: 'second', weight: 1 },
        ],
      },
    ],
    inDoubt: Object.fromEntries(LANES.map((lane) => [lane, IN_DOUBT_SECONDS])) as Config['inDoubt'],
  }
  const between = (least: number, most: number) => Math.floor(least + random() * (most - least))
  const ordered: Ordered[] = []
  /** When each phone left, by number. */
  const left = new Map<string, number>()
  let crashes = 0
  const problems: string[] = []
  const server: SimulatedServer = {
    now: time.now,
    startedAt: new Date(START_MS - 86_400_000),
    locks: new Map(),
  }
  // Alone, as on the embedded database, or several workers on one database (L6).
  const workers = random() < 0.7 ? 1 : WORKERS
  /** True: nothing ever fails at the second provider, so that it has to replace the first at once (L4). */
  const isSecondSound = random() < 0.5

  function depsOf(db: Database, gateways: Deps['gateways']): Deps {
    return {
      config,
      secret: { current: 'a secret of more than thirty-two characters, for tests only' },
      auditKeys: createAuditKeys({}),
      cipher: createCipher(undefined),
      database: db,
      db: db.db,
      now: time.now,
      newId: createIds(time.now, (bytes) => {
        for (let i = 0; i < bytes.length; i++) bytes[i] = Math.floor(random() * 256)
        return bytes
      }),
      random,
      log: createTestLog(),
      jobs: noteJobs(),
      live: createLive(),
      planned: new PlannedBroadcasts(),
      gateways,
      companies: offlineRegistry(),
      mailer: undefined,
      cards: undefined,
      identityProvider: undefined,
    }
  }

  async function startProcess(): Promise<Process> {
    const owner = newOwner()
    const faults: DatabaseFaults = {
      dieIn: undefined,
      failNext: 0,
      isAnswerLost: false,
      mutate: mutation.sql ?? ((text) => text),
    }
    const gateways = providers.map((provider) => provider.gatewayOf(owner))
    const listeners: Listeners = new Map()
    const isAlone = workers === 1
    const deps = depsOf(databaseOf(database, owner, faults, listeners, { server, isAlone }), gateways)
    const process: Process = { owner, startedMs: time.nowMs, faults, deps, listeners, dispatcher: undefined }
    await runAs(owner, async () => {
      process.dispatcher = await startDispatcher(deps)
    })
    return process
  }

  // Orders and stops come from another process, which does not fail.
  const desk = depsOf(database, [])
  /** One place a worker. */
  const places = Array.from({ length: workers }, () => ({
    process: undefined as Process | undefined,
    restartAtMs: 0,
  }))
  const running = () => places.flatMap(({ process }) => process ?? [])
  /** Any process that runs. */
  const anyone = () => {
    const all = running()
    return all.length > 1 ? all[between(0, all.length)] : all[0]
  }

  async function startMissing(): Promise<void> {
    for (const place of places) {
      if (place.process?.owner.isDead) {
        place.process = undefined
        crashes++
        place.restartAtMs = time.nowMs + between(500, 20_000)
      }
      if (place.process !== undefined || time.nowMs < place.restartAtMs) continue
      // It may die, or lose the database, before it has started.
      place.process = await startProcess().catch(() => undefined)
      if (place.process === undefined) place.restartAtMs = time.nowMs + 1000
    }
  }

  /** Runs virtual time for a while: exactly while messages are on their way, in leaps while all wait. */
  async function pass(ms: number): Promise<void> {
    const endMs = time.nowMs + ms
    let leapMs = FIRST_LEAP_MS
    while (time.nowMs < endMs) {
      await startMissing()
      const events = [
        ...providers.map((provider) => provider.nextInMs()),
        ...places.filter(({ process }) => process === undefined).map((one) => one.restartAtMs - time.nowMs),
        ...running()
          .filter(({ owner }) => time.isFrozen(owner))
          .map(({ owner }) => owner.frozenUntilMs - time.nowMs),
      ]
      const nextInMs = Math.max(1, Math.min(...events))
      const isActive = providers.some(({ open }) => open > 0)
      const leftMs = endMs - time.nowMs
      if (running().length === 0) await time.skip(Math.max(1, Math.min(leftMs, nextInMs)))
      else if (isActive) await time.step(Math.max(1, Math.min(leftMs, nextInMs)))
      else await time.skip(Math.max(1, Math.min(leftMs, nextInMs, leapMs)))
      // While nothing happens, the periodic work of the engine is done less and less often.
      leapMs = isActive || nextInMs < leapMs ? FIRST_LEAP_MS : Math.min(LONGEST_LEAP_MS, leapMs * 2)
      for (const provider of providers) provider.run()
      await settle()
    }
  }

  async function order(isSimulated = random() < 0.25, isHeard = false): Promise<Ordered> {
    const validMinutes = between(4, 45)
    const text = `Faux billets, essai ${ordered.length + 1}. Ne pas intervenir.`
    const validUntilMs = time.now().getTime() + validMinutes * 60_000
    const id = await orderBroadcast(desk, {
      limit: between(MEMBERS / 2, MEMBERS + 1),
      lane: LANES[between(0, LANES.length)] as (typeof LANES)[number],
      simulated: isSimulated,
      validMinutes,
      text,
      // Some wait for their hour: phones leave meanwhile.
      ...(random() < 0.2 ? { notBefore: new Date(time.now().getTime() + between(10_000, 180_000)) } : {}),
    })
    // A notification may be lost: it only wakes.
    for (const { owner, listeners } of running())
      if (!owner.isDead && !time.isFrozen(owner) && (isHeard || random() < 0.9))
        runAs(owner, () => listeners.get(DISPATCH_CHANNEL)?.(`${BENCH_SCHEME} ${id}`))
    const one = { id, text, isSimulated, validUntilMs, stoppedAtMs: undefined }
    ordered.push(one)
    return one
  }

  /** Lets the first provider fail before or while it sends, and checks that the second replaces it in time (L4). */
  async function failFirst(): Promise<void> {
    const [first, second] = providers as [Provider, Provider]
    await pass(SETTLED_MS)
    const isUsual = running().every(
      ({ owner, startedMs, faults }) =>
        !owner.isDead &&
        !time.isFrozen(owner) &&
        faults.dieIn === undefined &&
        faults.failNext === 0 &&
        time.nowMs - startedMs >= SETTLED_MS,
    )
    const isCut = random() < 0.5
    const isBefore = random() < 0.5
    let failedMs = 0
    const fail = () => {
      failedMs = time.nowMs
      first.faults[isCut ? 'downUntilMs' : 'silentUntilMs'] = time.nowMs + between(10_000, 60_000)
    }
    if (isBefore) fail()
    const { id, text } = await order(false, true)
    // It begins at once, and not after the next leap of time.
    await settle()
    if (!isBefore) {
      await pass(between(1, 300))
      fail()
    }
    if (!isUsual || running().length < workers || !isSecondSound) return
    await pass(REPLACED_MS)
    if (running().length < workers || running().some(({ owner }) => owner.isDead)) return
    // As long as it answers what it got before, it is not silent.
    if (first.answeredMs > failedMs) return
    const { rows } = await sql<{ phone: string }>`
      select d.phone from broadcasts b
      join deliveries d on d.scheme_id = b.scheme_id and d.broadcast_id = b.id
      join delivery_chunks c on c.scheme_id = d.scheme_id and c.broadcast_id = d.broadcast_id
        and d.no between c.first_no and c.last_no
      where b.id = ${id}::uuid and b.state = 'running' and d.state = 'planned' and not d.possible_duplicate
        and (c.not_before is null or c.not_before <= ${time.now()})`.execute(database.db)
    const by = (provider: Provider, { phone }: { phone: string }) =>
      provider.vanished.some((one) => one.phone === phone && one.text === text) ||
      provider.log.some((one) => one.destination === phone && one.text === text)
    const waiting = rows.filter((row) => !by(first, row) && !by(second, row))
    if (waiting.length > 0 && !second.log.some((one) => one.text === text))
      problems.push(
        `L4 ${waiting.length} wait for a provider that ${isCut ? 'is down' : 'is silent'}, none left by the other: “${text}”`,
      )
  }

  const acts: readonly (() => unknown)[] = [
    () => order(),
    () => order(),
    async function stop() {
      const one = ordered.at(-1)
      if (one === undefined || one.stoppedAtMs !== undefined) return
      await acrossSchemes(desk.db, (tx) => stopBroadcast(tx, BENCH_SCHEME, one.id, time.now()))
      one.stoppedAtMs = time.now().getTime()
    },
    function killInStatement() {
      const process = anyone()
      if (process) process.faults.dieIn = between(1, 40)
    },
    function killNow() {
      const process = anyone()
      if (process) process.owner.isDead = true
    },
    function loseDatabase() {
      const process = anyone()
      if (process === undefined) return
      process.faults.isAnswerLost = random() < 0.5
      process.faults.failNext = between(1, 12)
    },
    function cutLink() {
      const provider = providers[between(0, providers.length)]
      if (provider && !(isSecondSound && provider.name === 'second'))
        provider.faults.downUntilMs = time.nowMs + between(1000, 60_000)
    },
    async function leave() {
      const phone = `+336${String(between(1, MEMBERS)).padStart(8, '0')}`
      await sql`update contacts set sms = false where mobile = ${phone}`.execute(database.db)
      if (!left.has(phone)) left.set(phone, time.now().getTime())
    },
    failFirst,
    // Alone, nobody notices a process that is frozen.
    async function freeze() {
      const process = anyone()
      if (process === undefined || workers === 1) return
      if (random() < 0.7) await order(false)
      await pass(between(1, 400))
      time.freeze(process.owner, between(500, 40_000))
    },
  ]

  time.install()
  try {
    for (const { faults, name } of providers) {
      if (isSecondSound && name === 'second') continue
      const some = () => (random() < 0.4 ? random() * 0.3 : 0)
      Object.assign(faults, {
        latencyMs: random() < 0.5 ? 60 : 4000,
        lostAnswers: some(),
        lateAnswers: random(),
        lostRequests: some() / 2,
        refusals: some() / 2,
        doubledReceipts: some(),
        earlyReceipts: some(),
        unknownReceipts: some(),
        fullMemories: some(),
      })
    }
    await order()
    const count = between(3, 7)
    for (let i = 0; i < count; i++) {
      await pass(random() < 0.6 ? between(5, 3000) : between(3000, 240_000))
      await acts[between(0, acts.length)]?.()
    }
    // Everything works again; what is left ends by itself.
    for (const { faults } of providers)
      Object.assign(faults, {
        lostAnswers: 0,
        lostRequests: 0,
        refusals: 0,
        downUntilMs: 0,
        silentUntilMs: 0,
      })
    for (const { faults } of running()) faults.dieIn = undefined
    for (;;) {
      const { rows } = await sql<{ open: number }>`
        select count(*)::int as open from broadcasts where state <> 'done' or retry_at is not null`.execute(
        database.db,
      )
      if (rows[0]?.open === 0 || time.nowMs > MAX_RUN_MS) break
      await pass(time.nowMs < 300_000 ? 30_000 : 1_800_000)
    }
    return {
      problems: [...problems, ...(await check(database, providers, { ordered, left, workers }))],
      virtualMs: time.nowMs,
      crashes,
      messages: providers.reduce((sum, { log }) => sum + log.length, 0),
    }
  } finally {
    for (const { owner } of running()) owner.isDead = true
    await settle()
    time.uninstall()
  }
}

/** Checks the promises L1 to L9 of one run. @returns those that are broken */
async function check(
  { db }: Database,
  providers: readonly Provider[],
  {
    ordered,
    left,
    workers,
  }: {
    readonly ordered: readonly Ordered[]
    readonly left: ReadonlyMap<string, number>
    readonly workers: number
  },
): Promise<string[]> {
  const problems: string[] = []
  const logs = providers.map(({ log }) => log)
  // L1, L3, L5, L9, and of several workers L6: nothing lost, nothing sent that was not planned, no double without its mark,
  // figures true.
  const { problems: found } = await compareLedger(db, ...logs)
  problems.push(...found.map((one) => `${workers === 1 ? 'L1' : 'L6'} ${one}`))
  problems.push(...(await checkRefusals(db, providers)))
  const byText = new Map(ordered.map((one) => [one.text, one]))
  const firstAt = new Map<string, number>()
  for (const { destination, text, atMs, isSimulated } of logs.flat().toSorted((a, b) => a.atMs - b.atMs)) {
    const one = byText.get(text)
    const what = `${destination} “${text}”`
    if (one === undefined) {
      problems.push(`L9 sent without an order: ${what}`)
      continue
    }
    const leftAtMs = left.get(`+${destination.replace(/^\+/, '')}`)
    if (leftAtMs !== undefined && atMs > leftAtMs + LEFT_MS)
      problems.push(`L9 sent ${atMs - leftAtMs} ms after the phone had left: ${what}`)
    // L2: a second sending waits for a receipt of the first.
    const before = firstAt.get(what)
    if (before !== undefined && atMs - before < IN_DOUBT_SECONDS * 1000)
      problems.push(`L2 sent again after ${atMs - before} ms: ${what}`)
    firstAt.set(what, atMs)
    // L7, L8.
    if (atMs > one.validUntilMs + STOP_MS)
      problems.push(`L7 sent ${atMs - one.validUntilMs} ms too late: ${what}`)
    if (one.stoppedAtMs !== undefined && atMs > one.stoppedAtMs + STOP_MS)
      problems.push(`L7 sent ${atMs - one.stoppedAtMs} ms after the stop: ${what}`)
    if (one.isSimulated !== isSimulated) problems.push(`L8 sent by the wrong kind of gateway: ${what}`)
  }
  return problems
}

/** Checks that a number fails only when a provider has refused it for good, whatever becomes of the others (L4). */
async function checkRefusals(db: Database['db'], providers: readonly Provider[]): Promise<string[]> {
  const { rows } = await sql<{ phone: string; text: string }>`
    select d.phone, b.text from broadcasts b
    join deliveries d on d.scheme_id = b.scheme_id and d.broadcast_id = b.id
    where d.state = 'failed'`.execute(db)
  const refused = new Set(
    providers.flatMap(({ refusals }) =>
      refusals.filter(({ isPermanent }) => isPermanent).map(({ phone, text }) => `${phone} ${text}`),
    ),
  )
  return rows
    .filter(({ phone, text }) => !refused.has(`${phone} ${text}`))
    .map(({ phone, text }) => `L4 failed although no provider refused it: ${phone} “${text}”`)
}
