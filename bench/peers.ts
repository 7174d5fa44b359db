import { startSmscProcess } from '../test/support/smsc-process.ts'
import { BENCH_TEXT, fillScheme, freshDatabase, startWorld } from '../test/support/world.ts'
import type { BenchContext } from './context.ts'
import { measureFanOut } from './fan-out.ts'
import { kannelMissing, startKannel } from './peers/kannel.ts'
import { measureQueue } from './peers/queue.ts'
import { type BenchResults, median, result } from './result.ts'

/** Messages per run of a peer as a share of ours, since peers are slower. */
const KANNEL_SHARE = 0.4
const RECEIPTS_SHARE = 0.1
const QUEUE_SHARE = 0.3
/**
 * Maximum unanswered submissions: the fastest value for each, on a provider without limits. Ours is also measured
 * with the window of the others.
 */
const PEER_WINDOW = 1000
const OUR_WINDOW = 4000
const TIMEOUT_MS = 120_000

interface PeersRun {
  readonly ours: number
  readonly oursSameWindow: number
  readonly kannel?: number
  readonly kannelReceipts?: number
  readonly queue: number
}

/**
 * Measures F7: ours on PostgreSQL with every state of every recipient on disk, then Kannel without and with
 * receipts, then one job per recipient on pg-boss, one after the other in each run, to the same SMSC, which
 * counts.
 */
export async function benchPeers(context: BenchContext): Promise<BenchResults> {
  const server = await context.postgres()
  const missing = kannelMissing()
  if (missing !== undefined) for (const key of ['F7.kannel', 'F7.kannel.receipts']) context.skip(key, missing)
  const fresh = await freshDatabase('postgres', server)
  const queueDatabase = await freshDatabase('postgres', server)
  const smsc = await startSmscProcess(['--sink'])
  const phones = Array.from({ length: context.large }, (_, no) => `+336${String(no + 1).padStart(8, '0')}`)
  const runs: PeersRun[] = []
  try {
    await withWorld(OUR_WINDOW, async (world) => {
      await fillScheme(world.deps, context.large)
    })
    await queue(context.large / 20)
    for (let no = 0; no < context.runs; no++) {
      // Each has the SMSC and the database for itself while measured.
      const run: PeersRun = {
        ours: await ours(OUR_WINDOW),
        oursSameWindow: await ours(PEER_WINDOW),
        ...(missing === undefined
          ? { kannel: await kannel(false, KANNEL_SHARE), kannelReceipts: await kannel(true, RECEIPTS_SHARE) }
          : {}),
        queue: await queue(context.large * QUEUE_SHARE),
      }
      context.print(
        `F7: ours ${run.ours}/s (${run.oursSameWindow} with their window), Kannel ${run.kannel ?? 'skipped'}, with receipts ${run.kannelReceipts ?? 'skipped'}, queue ${run.queue}`,
      )
      runs.push(run)
    }
  } finally {
    await smsc.stop()
    await fresh.remove()
    await queueDatabase.remove()
  }

  async function ours(window: number): Promise<number> {
    const { perSecond } = await withWorld(window, async (world) => {
      await measureFanOut(world.deps, context.large / 10)
      return measureFanOut(world.deps, context.large)
    })
    return perSecond
  }

  async function withWorld<T>(
    window: number,
    work: (world: Awaited<ReturnType<typeof startWorld>>) => Promise<T>,
  ): Promise<T> {
    const world = await startWorld({ database: fresh.settings, smscPort: smsc.port, window })
    try {
      return await work(world)
    } finally {
      await world.stop()
    }
  }

  async function kannel(receipts: boolean, share: number): Promise<number> {
    const peer = await startKannel({ smscPort: smsc.port, window: PEER_WINDOW, receipts })
    try {
      await send(Math.min(2000, context.large / 20))
      return await send(context.large * share)
    } finally {
      await peer.stop()
    }

    async function send(messages: number): Promise<number> {
      const before = await readCounts(smsc.http)
      const told = peer.told()
      const startedAt = performance.now()
      await peer.send(BENCH_TEXT, phones.slice(0, messages))
      for (;;) {
        const now = await readCounts(smsc.http)
        const isSent = now.accepted - before.accepted >= messages
        if (isSent && (!receipts || peer.told() - told >= messages)) break
        if (performance.now() - startedAt > TIMEOUT_MS)
          throw new Error(`Kannel sent ${now.accepted - before.accepted} of ${messages}, told ${peer.told()}`)
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      return Math.round(messages / ((performance.now() - startedAt) / 1000))
    }
  }

  async function queue(messages: number): Promise<number> {
    if (queueDatabase.settings.kind !== 'postgres') throw new Error('a PostgreSQL server is needed')
    const before = await readCounts(smsc.http)
    const perSecond = await measureQueue({
      databaseUrl: queueDatabase.settings.url,
      smscPort: smsc.port,
      window: PEER_WINDOW,
      text: BENCH_TEXT,
      phones: phones.slice(0, messages),
    })
    const { accepted } = await readCounts(smsc.http)
    if (accepted - before.accepted !== messages) throw new Error('the queue lost or doubled messages')
    return Math.round(perSecond)
  }

  const ratio = (peer: 'kannel' | 'kannelReceipts' | 'queue') =>
    median(runs.map((run) => run.ours / (run[peer] ?? Number.NaN)))
  const numbers = runs.map((run) => ({ ...run }))
  return {
    ...(missing === undefined
      ? {
          'F7.kannel': result(ratio('kannel'), 'x Kannel without receipts', 3, 'atLeast', numbers),
          'F7.kannel.receipts': result(
            ratio('kannelReceipts'),
            'x Kannel with receipts',
            8,
            'atLeast',
            numbers,
          ),
        }
      : {}),
    'F7.queue': result(ratio('queue'), 'x a job a recipient', 3, 'atLeast', numbers),
  }
}

/** Reads the counters of the SMSC since its start. */
async function readCounts(http: string): Promise<{ accepted: number; receipts: number }> {
  return (await (await fetch(`${http}/state`)).json()) as { accepted: number; receipts: number }
}
