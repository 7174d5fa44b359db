import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AlertPage, AlertView, NearList } from '../../src/alerts/contract.ts'
import { createRandom } from '../../src/gateways/sms/simulator/faults.ts'
import { Handsets } from '../../src/gateways/sms/simulator/handsets.ts'
import { StateFile } from '../../src/gateways/sms/simulator/state-file.ts'
import { type DatabaseSettings, openDatabase } from '../../src/platform/db.ts'
import { createCall } from '../support/client.ts'
import type { DatabaseKind } from '../support/database.ts'
import { copyDemo, copyFirstStart, removeDemo } from '../support/demo.ts'
import { established } from '../support/fixtures.ts'
import type { DemoCopy } from '../support/global-setup.ts'
import { type Program, runInProcess, startProgram } from '../support/program.ts'
import { SEED, sleep } from '../support/random.ts'

const WINDOW = 40
/** A start takes seconds: PostgreSQL has one kill, the embedded database one more; a soak has all. */
const BROADCASTS = {
  embedded: process.env.TOCSIN_SOAK
    ? { words: ['Premier essai', 'Second essai'], kills: 2 }
    : { words: ['Essai'], kills: 2 },
  postgres: { words: ['Essai'], kills: 1 },
}
/** Measured from the order, or from the start of the SMS centre that the next server restores. */
const MAX_LIFE_MS = 800
/**
 * Messages are delivered within seconds. When the job that activates the alert was running as the server was killed, the
 * alert is shown as being sent until the next periodic run (30 s, src/jobs.ts).
 */
const DELIVERED_MS = 30_000
const ACTIVATED_MS = 60_000

describe.each(['postgres'] as const)('a demo on %s', isKilled)
describe.each(['embedded'] as const)('a demo on %s', { tags: 'long' }, isKilled)

function isKilled(kind: DatabaseKind): void {
  const { words, kills } = BROADCASTS[kind]
  let directory = ''
  let stateFile = ''
  const env: Record<string, string> = {
    TOCSIN_DEMO: 'true',
    TOCSIN_LANG: 'fr',
    TOCSIN_IN_DOUBT_SECONDS: '1',
    TOCSIN_SMPP_WINDOW: String(WINDOW),
    PORT: '0',
  }
  let copy: DemoCopy | undefined
  let database: DatabaseSettings
  let program: Program | undefined
  beforeEach(async () => {
    if (kind === 'postgres') copy = await copyDemo()
    directory = copy?.directory ?? (await copyFirstStart()).directory
    stateFile = join(directory, 'smsc.ndjson')
    env.TOCSIN_DATA_DIR = directory
    database =
      copy === undefined
        ? { kind: 'embedded', directory }
        : { kind: 'postgres', url: copy.databaseUrl, poolSize: 2 }
    if (copy !== undefined) env.DATABASE_URL = copy.databaseUrl
  }, Number.POSITIVE_INFINITY)
  afterEach(async () => {
    program?.process.kill('SIGKILL')
    await program?.ended
    if (copy === undefined) rmSync(directory, { recursive: true, force: true })
    else await removeDemo(copy)
  })

  /** @param signal ends with the test: one that reached its time limit would go on, and start the next program */
  function startDemo(signal: AbortSignal): Program {
    signal.throwIfAborted()
    program = startProgram(['serve', '--no-web'], env)
    return program
  }

  /** Restarts the demo until its SMS centre has read and compacted its file. */
  async function startHalfway(signal: AbortSignal): Promise<void> {
    const before = statSync(stateFile).ino
    const { output } = startDemo(signal)
    // It replays the work of the last one, concurrently with two other test files.
    for (let i = 0; i < 9000; i++) {
      if (statSync(stateFile).ino !== before) return
      await sleep(10)
    }
    throw new Error(`the SMS centre does not start: ${output.stdout}${output.stderr}`)
  }

  /** Starts the demo and signs in as the operator. */
  async function start(signal: AbortSignal) {
    const [, address] = await startDemo(signal).says(/prêt en [\d.]+ s : (http:\S+)/)
    const call = createCall(address)
    await call('POST', '/api/demo/sessions', { as: 'operator' })
    return {
      get: <T>(path: string) => call<T>('GET', path),
      post: <T>(path: string, body: unknown) => call<T>('POST', `/api/schemes/ac63${path}`, body),
      alert: async (id: string) => (await call<AlertPage>('GET', `/api/schemes/ac63/alerts/${id}`)).alert,
    }
  }

  type Server = Awaited<ReturnType<typeof start>>

  async function killNow(): Promise<void> {
    program?.process.kill('SIGKILL')
    expect(await program?.ended).toBe(137)
  }

  async function order(server: Server, text: string): Promise<string> {
    const report = await server.post<{ id: string }>('/reports', {
      categoryCode: 'counterfeit-notes',
      communeCode: '63178',
    })
    const draft = await server.post<AlertView>('/alerts', {
      reportId: report.id,
      text: `${text} à Issoire. Ne pas intervenir.`,
      area: { kind: 'scheme' },
      doctrine: established,
    })
    const near = await server.post<NearList>('/alerts/near', { reportId: report.id })
    await server.post(`/alerts/${draft.id}/broadcast`, {
      version: draft.version,
      confirmNear: near.alerts.map((one) => one.id),
    })
    return draft.id
  }

  /** Waits until every delivery of the alerts is delivered and each alert shows it; fails with the last figures. */
  async function waitUntilDelivered(server: Server, ids: readonly string[]): Promise<AlertView[]> {
    let seen: AlertView[] = []
    const startMs = performance.now()
    for (;;) {
      seen = await Promise.all(ids.map(server.alert))
      const areDelivered = seen.every(({ progress }) => progress?.delivered === progress?.planned)
      if (areDelivered && seen.every(({ state }) => state !== 'broadcasting')) return seen
      if (performance.now() - startMs > (areDelivered ? ACTIVATED_MS : DELIVERED_MS)) break
      await sleep(100)
    }
    throw new Error(
      `not all delivered: ${JSON.stringify(seen.map(({ state, progress }) => ({ state, progress })))}`,
    )
  }

  /** Reads the recipients of each alert, with those in doubt after a crash. */
  async function readLedger(ids: readonly string[]) {
    const opened = await openDatabase(database)
    try {
      return await opened.db
        .selectFrom('deliveries as d')
        .innerJoin('broadcasts as b', (join) =>
          join.onRef('b.schemeId', '=', 'd.schemeId').onRef('b.id', '=', 'd.broadcastId'),
        )
        .where('b.alertId', 'in', ids)
        // Copies to observers are not counted, and not awaited here.
        .where('b.kind', '<>', 'copy')
        .select(['b.alertId', 'd.phone', 'd.state', 'd.possibleDuplicate', 'd.attempts'])
        .execute()
    } finally {
      await opened.close()
    }
  }

  /** Reads the messages on each phone of the demo's SMS centre, by E.164 number. */
  function readPhones(): Map<string, string[]> {
    const handsets = new Handsets()
    new StateFile(stateFile, handsets).close()
    return new Map(
      [...handsets.list()].map(({ number, messages }) => [
        `+${number}`,
        messages.map(({ texts }) => texts.map(({ value }) => value).join('')),
      ]),
    )
  }

  test('shows each alert on each phone after kills of the server and its SMS centre during broadcasts', async ({
    signal,
  }) => {
    const random = createRandom(SEED)
    console.log(`${kind}: TOCSIN_SEED=${SEED}`)
    const ids: string[] = []
    const lives: string[] = []
    let server = await start(signal)
    for (const word of words) {
      ids.push(
        await order(server, `${word} : faux billets de cinquante euros. Ne pas intervenir, appeler le 17.`),
      )
      for (let kill = 0; kill < kills; kill++) {
        if (kill > 0) await startHalfway(signal)
        const lifeMs = random() * MAX_LIFE_MS
        await sleep(lifeMs)
        await killNow()
        lives.push(`${lifeMs.toFixed(0)} ms`)
      }
      server = await start(signal)
      const { progress } = await server.alert(ids.at(-1) ?? '')
      lives.push(`then ${progress?.delivered} of ${progress?.planned}`)
    }
    console.log(lives.join(', '))

    const alerts = await waitUntilDelivered(server, ids)
    expect(alerts).toHaveLength(words.length)
    for (const { state, progress } of alerts) {
      expect(state).toBe('active')
      expect(progress?.planned).toBeGreaterThan(100)
      expect(progress).toMatchObject({
        delivered: progress?.planned,
        waiting: 0,
        accepted: 0,
        inDoubt: 0,
        failed: 0,
      })
    }
    // The wall of phones also shows messages from before the last start.
    const wall = await server.get<{ handsets: { messages: { text: string }[] }[] }>(
      '/api/demo/handsets?limit=500',
    )
    for (const { messages } of wall.handsets.slice(0, Math.min(500, alerts[0]?.progress?.planned ?? 0))) {
      for (const word of words) expect(messages.some(({ text }) => text.includes(word))).toBe(true)
    }
    program?.process.kill('SIGTERM')
    expect(await program?.ended, program?.output.stderr).toBe(0)

    expect(statSync(stateFile).mode & 0o777).toBe(0o600)
    const ledger = await readLedger(ids)
    const phones = readPhones()
    const missing: string[] = []
    const unsaid: string[] = []
    let doubles = 0
    for (const [no, word] of words.entries()) {
      const alert = alerts.find(({ id }) => id === ids[no])
      const deliveries = ledger.filter(({ alertId }) => alertId === ids[no])
      expect(deliveries).toHaveLength(alert?.progress?.planned ?? -1)
      expect(deliveries.filter(({ possibleDuplicate }) => possibleDuplicate)).toHaveLength(
        alert?.progress?.possibleDuplicates ?? -1,
      )
      for (const { phone, possibleDuplicate } of deliveries) {
        const times = phones.get(phone)?.filter((text) => text.includes(word)).length ?? 0
        if (times === 0) missing.push(`${word} ${phone}`)
        if (times <= 1) continue
        doubles++
        if (!possibleDuplicate || times > 1 + words.length * kills) unsaid.push(`${word} ${phone} ${times}`)
      }
    }
    console.log(`${ledger.length} deliveries, ${doubles} received more than once`)
    // At most the messages being submitted at each kill.
    expect(doubles).toBeLessThanOrEqual(words.length * kills * WINDOW)
    expect(missing).toEqual([])
    expect(unsaid).toEqual([])
    expect(await runInProcess(['audit', 'verify'], env)).toMatchObject({ code: 0 })
  }, 360_000)
}
