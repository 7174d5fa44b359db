import { rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRandom, NO_FAULTS, type SmscFaults } from '../../src/gateways/sms/simulator/faults.ts'
import { type Smsc, startSmsc } from '../../src/gateways/sms/simulator/smsc.ts'
import { type DatabaseSettings, type Db, openDatabase } from '../../src/platform/db.ts'
import { databaseKinds, testDatabaseUrl } from '../support/database.ts'
import { makeDatabaseDirectory } from '../support/directory.ts'
import { compareLedger } from '../support/ledger-against-smsc.ts'
import { pickFrom, SEED, sleep } from '../support/random.ts'
import { startWorker } from '../support/workers.ts'

const RECIPIENTS = 1500
const WINDOW = 100
const KILLS = Number(process.env.TOCSIN_KILLS ?? 2)
/** Additional faults: none, unless there is time for several at once. */
const FAULTS: readonly [Partial<SmscFaults>, ...Partial<SmscFaults>[]] = process.env.TOCSIN_SOAK
  ? [
      {},
      { receiptBeforeResponse: true, doubleReceipts: true, unknownReceipts: true },
      { dropResponses: 0.03, wrongSequence: 0.02 },
      { cutEvery: 300, garbagePdus: 0.01 },
      { throttlePerSecond: 3000 },
    ]
  : [{}]
/** One start, a life of up to half a second, and a margin for a busy machine. */
const PER_KILL_MS = 6000

/** A start on the embedded database takes seconds: server-kill.test.ts kills the whole program on it. */
const KINDS = process.env.TOCSIN_SOAK ? databaseKinds : (['postgres'] as const)

describe.each(KINDS)('killed on %s', (kind) => {
  let smsc: Smsc
  let directory: string
  let database: DatabaseSettings
  const random = createRandom(SEED)
  const faults = pickFrom(FAULTS, random)

  beforeAll(async () => {
    smsc = await startSmsc({ receiptDelayMs: 5, faults: { ...faults, latencyMs: 10 } })
    directory = makeDatabaseDirectory('tocsin-kill-')
    database = kind === 'embedded' ? { kind, directory } : { kind, url: await testDatabaseUrl(), poolSize: 6 }
  })
  afterAll(async () => {
    await smsc.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  /** Starts the engine: to be killed during a broadcast of its own, or to finish all that is left. */
  function startEngine(what: { order: number } | { finish: true }) {
    return startWorker({
      world: {
        database,
        smscPort: smsc.port,
        window: WINDOW,
        inDoubtSeconds: 0.3,
        // A lost response keeps its place in the window for this time: with the default of 10 s, the rest takes
        // over a minute.
        gateway: { responseTimeoutMs: 2000 },
      },
      fill: RECIPIENTS,
      ...what,
    })
  }

  /** Waits until the SMSC accepts another message. */
  async function untilSending(): Promise<void> {
    const { accepted } = smsc.state()
    await expect
      .poll(() => smsc.state().accepted, { timeout: 120_000, interval: 5 })
      .toBeGreaterThan(accepted)
  }

  async function read<T>(work: (db: Db) => Promise<T>): Promise<T> {
    const opened = await openDatabase(database)
    try {
      return await work(opened.db)
    } finally {
      await opened.close()
    }
  }

  test(
    `${KILLS} kill -9: lose nothing and mark every possible duplicate`,
    async () => {
      console.log(`${kind}: TOCSIN_SEED=${SEED} ${JSON.stringify(faults)}`)
      for (let kill = 0; kill < KILLS; kill++) {
        const engine = startEngine({ order: RECIPIENTS })
        // One in five is killed while starting, but not all of them: nothing would have been ordered.
        if (kill < KILLS - 1 && random() < 0.2) await sleep(random() * 2000)
        else {
          await untilSending()
          await sleep(random() * 500)
        }
        engine.signal('SIGKILL')
        await engine.ended
      }
      const last = startEngine({ finish: true })
      expect(await last.ended).toBe(0)

      const found = await read((db) => compareLedger(db, smsc.log()))
      console.log(
        `${kind}: ${found.deliveries} deliveries, ${found.marked} possible duplicates, ${found.doubles} received twice`,
      )
      expect(found.problems).toEqual([])
      expect(found.states).toEqual({ delivered: found.deliveries })
      expect(found.deliveries % RECIPIENTS).toBe(0)
      // At most one window of one link per crash, and one per cut link.
      if (!faults.cutEvery && !faults.dropResponses) expect(found.marked).toBeLessThanOrEqual(KILLS * WINDOW)
    },
    300_000 + KILLS * PER_KILL_MS,
  )

  test('duplicates nothing after a clean stop during a broadcast', async () => {
    smsc.setFaults({ ...NO_FAULTS, latencyMs: 10 })
    const sentBefore = [...smsc.log()].length
    const before = await read((db) => compareLedger(db, smsc.log()))
    const engine = startEngine({ order: RECIPIENTS })
    await untilSending()
    await sleep(150)
    engine.signal('SIGTERM')
    expect(await engine.ended).toBe(0)
    const last = startEngine({ finish: true })
    expect(await last.ended).toBe(0)
    const after = await read((db) => compareLedger(db, smsc.log()))
    expect(after).toEqual({
      ...before,
      deliveries: before.deliveries + RECIPIENTS,
      states: { delivered: before.deliveries + RECIPIENTS },
    })
    expect([...smsc.log()]).toHaveLength(sentBefore + RECIPIENTS)
  })
})
