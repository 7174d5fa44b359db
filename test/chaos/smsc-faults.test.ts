import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRandom, NO_FAULTS, type SmscFaults } from '../../src/gateways/sms/simulator/faults.ts'
import { type Smsc, startSmsc } from '../../src/gateways/sms/simulator/smsc.ts'
import { testDatabaseSettings } from '../support/database.ts'
import { compareLedger } from '../support/ledger-against-smsc.ts'
import { SEED, sleep } from '../support/random.ts'
import { fillScheme, orderBroadcast, startWorld, untilBroadcastDone } from '../support/world.ts'

// PROMISES L3 with the whole engine: each fault of an SMS centre during a broadcast, then repaired; in a soak, two
// at once. TOCSIN_FAULT_MEMBERS recipients, TOCSIN_FAULT_ROUNDS pairs of faults: `npm run soak -- --only L3`.

const MEMBERS = Number(process.env.TOCSIN_FAULT_MEMBERS ?? 60)
const ROUNDS = Number(process.env.TOCSIN_FAULT_ROUNDS ?? 0)
const WINDOW = 20
/** Duration of a fault: several windows, and with lost responses longer than their timeout. */
const FAULT_MS = 600
const DOUBTFUL_MS = 1200
const RESPONSE_MS = 1000
const IN_DOUBT_SECONDS = 2
const TWO_PARTS = 'Vol par ruse à la boulangerie de Montech. '.repeat(5)

interface Case {
  readonly name: string
  readonly faults: Partial<SmscFaults>
  /** True: some submissions may get no response. */
  readonly leavesDoubt: boolean
}

const sure = (name: string, faults: Partial<SmscFaults>): Case => ({ name, faults, leavesDoubt: false })
const doubtful = (name: string, faults: Partial<SmscFaults>): Case => ({ name, faults, leavesDoubt: true })

const CASES: readonly Case[] = [
  sure('throttled', { throttlePerSecond: 30 }),
  sure('queue full', { queueFull: true }),
  sure('slow', { latencyMs: 50 }),
  sure('responses to unknown requests', { wrongSequence: 0.3 }),
  sure('unreadable PDUs', { garbagePdus: 0.3 }),
  sure('receipts before responses', { receiptBeforeResponse: true, latencyMs: 50 }),
  sure('doubled receipts', { doubleReceipts: true }),
  sure('receipts for unknown ids', { unknownReceipts: true }),
  sure('intermediate receipts', { intermediateReceipts: true }),
  sure('responses out of order', { reorderMs: 150 }),
  doubtful('responses after the timeout', { latencyMs: 2 * RESPONSE_MS }),
  doubtful('lost responses', { dropResponses: 0.5 }),
  doubtful('misnumbered responses', { misnumbered: 0.3 }),
  doubtful('half-open links', { silent: true }),
  doubtful('connections reset', { cutEvery: 15 }),
  doubtful('bytes that are not a PDU', { garbageBytes: 0.1 }),
]

describe('an SMS centre with faults', () => {
  const random = createRandom(SEED)
  let smsc: Smsc
  let world: Awaited<ReturnType<typeof startWorld>>

  beforeAll(async () => {
    smsc = await startSmsc({ receiptDelayMs: 20, seed: SEED })
    world = await startWorld({
      database: await testDatabaseSettings('postgres'),
      smscPort: smsc.port,
      window: WINDOW,
      inDoubtSeconds: IN_DOUBT_SECONDS,
      gateway: {
        responseTimeoutMs: RESPONSE_MS,
        enquireLinkSeconds: 1,
        reconnect: { minMs: 20, maxMs: 200 },
      },
    })
    await fillScheme(world.deps, MEMBERS)
  })
  afterAll(async () => {
    await world?.stop()
    await smsc?.stop()
  })

  async function broadcastUnder(faults: Partial<SmscFaults>, text: string, faultMs = DOUBTFUL_MS) {
    smsc.setFaults({ ...NO_FAULTS, ...faults })
    const id = await orderBroadcast(world.deps, { limit: MEMBERS, text })
    await sleep(faultMs)
    smsc.setFaults({ ...NO_FAULTS })
    const row = await untilBroadcastDone(world.deps, id)
    expect(row).toMatchObject({ delivered: MEMBERS, inDoubt: 0, failed: 0, expired: 0 })
    const { problems } = await compareLedger(world.deps.db, smsc.log())
    expect(problems).toEqual([])
    // Expects no trace of the fault: the whole window is free, and no silent link counts as up.
    const [gateway] = world.deps.gateways
    const state = () => gateway?.state()
    await expect.poll(state).toMatchObject({ state: 'bound', inFlight: 0, silentMs: 0 })
    return row
  }

  test.each(CASES)('$name', async ({ name, faults, leavesDoubt }) => {
    const row = await broadcastUnder(faults, `Alerte : ${name}.`, leavesDoubt ? DOUBTFUL_MS : FAULT_MS)
    if (!leavesDoubt) expect(row.possibleDuplicates).toBe(0)
  })

  test.each(Array.from({ length: ROUNDS }, (_, round) => round))(
    `two faults at once, long messages, round %i of seed ${SEED}`,
    async (round) => {
      const pick = () => CASES[Math.floor(random() * CASES.length)]?.faults
      await broadcastUnder({ ...pick(), ...pick() }, `${TWO_PARTS} ${round}`)
    },
  )
})
