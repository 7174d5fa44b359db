import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRandom } from '../../src/gateways/sms/simulator/faults.ts'
import { type Smsc, startSmsc } from '../../src/gateways/sms/simulator/smsc.ts'
import { makeDatabaseDirectory } from '../support/directory.ts'
import { compareLedger } from '../support/ledger-against-smsc.ts'
import {
  type PostgresPair,
  type PostgresServer,
  startPostgresPair,
  startRestartablePostgres,
} from '../support/postgres.ts'
import { SEED, sleep } from '../support/random.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'
import { fillScheme, orderBroadcast, startWorld, untilBroadcastDone } from '../support/world.ts'

const RECIPIENTS = Number(process.env.TOCSIN_RECIPIENTS ?? 1500)
const RESTARTS = Number(process.env.TOCSIN_RESTARTS ?? 2)
const PROMOTIONS = Number(process.env.TOCSIN_PROMOTIONS ?? 1)
const WINDOW = 100
const DOWN_MS = 700

/** Starts the engine in this process, which sends some 800 per second to an SMSC in this process. */
async function startEngine(url: string) {
  const smsc = await startSmsc({ receiptDelayMs: 20, faults: { latencyMs: 120 } })
  const world = await startWorld({
    database: { kind: 'postgres', url, poolSize: 6 },
    smscPort: smsc.port,
    window: WINDOW,
    inDoubtSeconds: 1,
  })
  return { smsc, world }
}

type World = Awaited<ReturnType<typeof startWorld>>

/** Waits until this process can read its broadcasts again. */
async function untilDatabaseIsBack(world: World, broadcasts: number): Promise<void> {
  const read = () => world.deps.db.selectFrom('broadcasts').select('id').execute()
  await expect.poll(read).toHaveLength(broadcasts)
}

/** Expects every message to be delivered once, and the ledger to agree. */
async function expectAllDelivered(world: World, smsc: Smsc, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    const done = await untilBroadcastDone(world.deps, id)
    expect(done).toMatchObject({ planned: RECIPIENTS, delivered: RECIPIENTS })
  }
  const found = await compareLedger(world.deps.db, smsc.log())
  console.log(
    `${found.deliveries} deliveries, ${found.marked} possible duplicates, ${found.doubles} received twice`,
  )
  expect(found.problems).toEqual([])
}

/** Directory of a server whose scheme has its members: each test has a copy. */
let filled: string
beforeAll(async () => {
  filled = makeDatabaseDirectory('tocsin-filled-')
  const server = await startRestartablePostgres()
  const { smsc, world } = await startEngine(server.url)
  await fillScheme(world.deps, RECIPIENTS)
  await world.stop()
  await smsc.stop()
  await server.saveTo(join(filled, 'data'))
  await server.stop()
})
afterAll(() => rmSync(filled, { recursive: true, force: true }))

const from = () => ({ from: join(filled, 'data') })

describe('PostgreSQL restarted in the middle of broadcasts', () => {
  let server: PostgresServer
  let smsc: Smsc
  let world: World

  beforeAll(async () => {
    server = await startRestartablePostgres(from())
    const engine = await startEngine(server.url)
    smsc = engine.smsc
    world = engine.world
  })
  afterAll(async () => {
    await world?.stop()
    await smsc?.stop()
    await server?.stop()
  })

  test(
    `${RESTARTS} restarts by an administrator or a crash lose nothing`,
    async () => {
      const random = createRandom(SEED)
      console.log(`TOCSIN_SEED=${SEED}`)
      const ids: string[] = []
      for (let restart = 0; restart < RESTARTS; restart++) {
        ids.push(await orderBroadcast(world.deps, { limit: RECIPIENTS }))
        await sleep(random() * 1500)
        await server.halt(random() < 0.5 ? 'fast' : 'immediate')
        await sleep(random() * DOWN_MS)
        await server.start()
        // The next order is made by a person, who sees that the database is down.
        await untilDatabaseIsBack(world, ids.length)
      }
      await expectAllDelivered(world, smsc, ids)
    },
    60_000 + RESTARTS * 20_000,
  )
})

/** End of the former primary: its connections are reset, or stop passing data. */
const ENDS = ['crashed', 'vanished'] as const

describe.each(
  Array.from({ length: PROMOTIONS }, (_, no) => no).flatMap((no) => ENDS.map((end) => [end, no] as const)),
)('a standby promoted in the middle of a broadcast, the primary %s (%i)', (end, no) => {
  let pair: PostgresPair
  let proxy: TcpProxy
  let smsc: Smsc
  let world: World

  beforeAll(async () => {
    pair = await startPostgresPair(from())
    proxy = await startTcpProxy(pair.primary.port)
    const url = new URL(pair.primary.url)
    url.port = String(proxy.port)
    const engine = await startEngine(url.href)
    smsc = engine.smsc
    world = engine.world
  })
  afterAll(async () => {
    await world?.stop()
    await smsc?.stop()
    await proxy?.stop()
    await pair?.stop()
  })

  test('loses nothing', async () => {
    const random = createRandom(SEED + no)
    console.log(`TOCSIN_SEED=${SEED}`)
    const ids = [await orderBroadcast(world.deps, { limit: RECIPIENTS })]
    await sleep(300 + random() * 1200)
    if (end === 'vanished') proxy.freeze()
    await pair.primary.halt('immediate')
    await sleep(random() * DOWN_MS)
    await pair.promote()
    if (end === 'vanished') proxy.abandonFor(pair.standby.port)
    else proxy.switchTo(pair.standby.port)
    await untilDatabaseIsBack(world, ids.length)
    ids.push(await orderBroadcast(world.deps, { limit: RECIPIENTS }))
    await expectAllDelivered(world, smsc, ids)
  })
})
