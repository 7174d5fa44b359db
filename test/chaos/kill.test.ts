import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Smsc, startSmsc } from '../../src/gateways/sms/simulator/smsc.ts'
import { openDatabase } from '../../src/platform/db.ts'
import { databaseKinds, testDatabaseUrl } from '../support/database.ts'

const RECIPIENTS = 2000
const WINDOW = 100
const KILLS = Number(process.env.TOCSIN_KILLS ?? 10)
const SEED = Number(process.env.TOCSIN_SEED ?? Date.now() % 1_000_000)

/** Park-Miller: the kills of a seed can be played again. */
function randomFrom(seed: number): () => number {
  let state = (seed % 2147483646) + 1
  return () => {
    state = (state * 48271) % 2147483647
    return state / 2147483647
  }
}

describe.each(databaseKinds)('killed at any instant of a broadcast, on %s', (kind) => {
  let smsc: Smsc
  let directory: string
  let database: { directory: string } | { url: string }
  const children = new Set<ChildProcess>()

  beforeAll(async () => {
    smsc = await startSmsc({ receiptDelayMs: 5, faults: { latencyMs: 10 } })
    directory = mkdtempSync(join(tmpdir(), 'tocsin-kill-'))
    database = kind === 'embedded' ? { directory } : { url: await testDatabaseUrl() }
  })
  afterAll(async () => {
    for (const child of children) child.kill('SIGKILL')
    await smsc.stop()
    rmSync(directory, { recursive: true, force: true })
  })

  async function startEngine(finish: boolean) {
    const options = {
      database,
      smscPort: smsc.port,
      recipients: RECIPIENTS,
      window: WINDOW,
      inDoubtSeconds: 0.3,
      finish,
    }
    const child = spawn(process.execPath, ['test/support/engine-process.ts', JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.add(child)
    const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
    const ready = new Promise<void>((resolve) =>
      createInterface({ input: child.stdout }).once('line', () => resolve()),
    )
    await Promise.race([ready, ended])
    return { child, ended }
  }

  interface Row {
    no: number
    phone: string
    state: string
    possibleDuplicate: boolean
    broadcastId: string
  }

  /** The ledger, held against all that the SMSC accepted. */
  async function compare() {
    const opened = await openDatabase(
      'url' in database
        ? { kind: 'postgres', url: database.url, poolSize: 2 }
        : { kind: 'embedded', directory },
    )
    try {
      const deliveries: Row[] = await opened.db
        .selectFrom('deliveries')
        .select(['no', 'phone', 'state', 'possibleDuplicate', 'broadcastId'])
        .execute()
      const broadcasts = await opened.db.selectFrom('broadcasts').selectAll().execute()
      const chunks = await opened.db
        .selectFrom('deliveryChunks')
        .select('state')
        .where('state', '<>', 'done')
        .execute()
      const planned = new Map<string, number>()
      for (const { phone } of deliveries) planned.set(phone, (planned.get(phone) ?? 0) + 1)
      const sent = new Map<string, number>()
      for (const { destination } of smsc.log()) {
        const phone = `+${destination.replace(/^\+/, '')}`
        sent.set(phone, (sent.get(phone) ?? 0) + 1)
      }
      return { deliveries, broadcasts, chunks, planned, sent }
    } finally {
      await opened.close()
    }
  }

  test(`${KILLS} kill -9: nothing lost, every possible duplicate said`, async () => {
    const random = randomFrom(SEED)
    console.log(`${kind}: TOCSIN_SEED=${SEED}`)
    for (let kill = 0; kill < KILLS; kill++) {
      const { child, ended } = await startEngine(false)
      await new Promise((resolve) => setTimeout(resolve, random() * 500))
      child.kill('SIGKILL')
      await ended
    }
    const { ended } = await startEngine(true)
    expect(await ended).toBe(0)

    const { deliveries, broadcasts, chunks, planned, sent } = await compare()
    expect(deliveries).toHaveLength(broadcasts.length * RECIPIENTS)
    expect(deliveries.filter((delivery) => delivery.state !== 'delivered')).toEqual([])
    expect(chunks).toEqual([])
    const marked = new Map<string, number>()
    for (const { phone, possibleDuplicate } of deliveries) {
      if (possibleDuplicate) marked.set(phone, (marked.get(phone) ?? 0) + 1)
    }
    const lost = [...planned].filter(([phone, times]) => (sent.get(phone) ?? 0) < times)
    expect(lost).toEqual([])
    expect([...sent.keys()].filter((phone) => !planned.has(phone))).toEqual([])
    // A phone may have got more than was planned only as often as a crash put its delivery in doubt.
    const unsaid = [...sent].filter(
      ([phone, times]) => times > (planned.get(phone) ?? 0) && !marked.has(phone),
    )
    expect(unsaid).toEqual([])
    // At most one window of one link a crash.
    const possibleDuplicates = deliveries.filter((delivery) => delivery.possibleDuplicate).length
    expect(possibleDuplicates).toBeLessThanOrEqual(KILLS * WINDOW)
    for (const broadcast of broadcasts) {
      expect(broadcast).toMatchObject({
        state: 'done',
        planned: RECIPIENTS,
        delivered: RECIPIENTS,
        accepted: 0,
        inDoubt: 0,
        failed: 0,
      })
    }
    expect(broadcasts.reduce((sum, broadcast) => sum + broadcast.possibleDuplicates, 0)).toBe(
      possibleDuplicates,
    )
  }, 180_000)

  test('a clean stop in the middle doubles nothing', async () => {
    smsc.clearLog()
    const before = (await compare()).broadcasts.length
    const { child, ended } = await startEngine(false)
    await new Promise((resolve) => setTimeout(resolve, 150))
    child.kill('SIGTERM')
    expect(await ended).toBe(0)
    const { ended: finished } = await startEngine(true)
    expect(await finished).toBe(0)
    const { deliveries, broadcasts, sent } = await compare()
    const newest = broadcasts.sort((a, b) => a.orderedAt.getTime() - b.orderedAt.getTime()).at(-1)
    expect(broadcasts).toHaveLength(before + 1)
    const own = deliveries.filter((delivery) => delivery.broadcastId === newest?.id)
    expect(own.filter((delivery) => delivery.state !== 'delivered' || delivery.possibleDuplicate)).toEqual([])
    expect([...sent.values()].filter((times) => times !== 1)).toEqual([])
    expect(sent.size).toBe(RECIPIENTS)
  }, 60_000)
})
