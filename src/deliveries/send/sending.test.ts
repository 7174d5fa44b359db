import { sql } from 'kysely'
import { afterEach, describe, expect, test } from 'vitest'
import { testDatabaseUrl } from '../../../test/support/database.ts'
import { compareLedger } from '../../../test/support/ledger-against-smsc.ts'
import { asTableOwner } from '../../../test/support/table-owner.ts'
import { fillScheme, orderBroadcast, startWorld, untilBroadcastDone } from '../../../test/support/world.ts'
import { type Smsc, startSmsc } from '../../gateways/sms/simulator/smsc.ts'
import { precedeClaims } from '../claim/precedence.ts'
import { FIRST_CHUNK } from '../plan/plan.ts'
import { CLAIM_TIMEOUT_MS, ORDERS_FIRST_MS } from './run.ts'

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function startSmscs(count: number): Promise<Smsc[]> {
  const smscs = await Promise.all(
    Array.from({ length: count }, () => startSmsc({ receiptDelayMs: 5, faults: { latencyMs: 20 } })),
  )
  for (const smsc of smscs) ends.push(() => smsc.stop())
  return smscs
}

describe('a claim', () => {
  test('is released if its response took too long, since another worker may have it; all is sent once', async () => {
    const MEMBERS = 60
    const [smsc] = (await startSmscs(1)) as [Smsc]
    const url = await testDatabaseUrl()
    const world = await startWorld({
      database: { kind: 'postgres', url, poolSize: 6 },
      smscPort: smsc.port,
    })
    ends.push(() => world.stop())
    await fillScheme(world.deps, MEMBERS)
    // The first claim takes longer than its time-out.
    const slow = sql.raw(`
      create sequence claims_seen;
      grant usage on sequence claims_seen to public;
      create function wait_once() returns trigger language plpgsql as $$
      begin
        if nextval('claims_seen') = 1 then perform pg_sleep(${(CLAIM_TIMEOUT_MS + 500) / 1000}); end if;
        return new;
      end $$;
      create trigger wait_once before update on delivery_chunks for each row when (new.claims = 1) execute function wait_once()`)
    await asTableOwner(world.deps.database, (tx) => slow.execute(tx))
    const id = await orderBroadcast(world.deps, { limit: MEMBERS })
    expect(await untilBroadcastDone(world.deps, id)).toMatchObject({
      delivered: MEMBERS,
      possibleDuplicates: 0,
    })
    const chunks = await world.deps.db
      .selectFrom('deliveryChunks')
      .select('claims')
      .where('broadcastId', '=', id)
      .execute()
    expect(Math.max(...chunks.map(({ claims }) => claims))).toBeGreaterThan(1)
    expect((await compareLedger(world.deps.db, smsc.log())).problems).toEqual([])
  })
})

describe('a broadcast during an order', () => {
  test('sends its first messages at once, and the others a second later at most, however long the order takes', async () => {
    const MEMBERS = 200
    const [smsc] = (await startSmscs(1)) as [Smsc]
    const world = await startWorld({
      database: { kind: 'postgres', url: await testDatabaseUrl(), poolSize: 6 },
      smscPort: smsc.port,
    })
    ends.push(() => world.stop())
    await fillScheme(world.deps, MEMBERS)
    const order = Promise.withResolvers<void>()
    const inProgress = precedeClaims(() => order.promise)
    ends.push(() => {
      order.resolve()
      return inProgress
    })
    const id = await orderBroadcast(world.deps, { limit: MEMBERS })
    expect(await untilBroadcastDone(world.deps, id)).toMatchObject({
      delivered: MEMBERS,
      possibleDuplicates: 0,
    })
    const times = [...smsc.log()].map(({ at }) => Date.parse(at)).sort((a, b) => a - b)
    const timeOf = (n: number) => times.at(n) ?? Number.NaN
    const [first, next] = [timeOf(0), timeOf(FIRST_CHUNK)]
    expect(timeOf(FIRST_CHUNK - 1) - first).toBeLessThan(ORDERS_FIRST_MS / 2)
    expect(next - first).toBeGreaterThan(ORDERS_FIRST_MS / 2)
    expect(timeOf(-1) - next).toBeLessThan(ORDERS_FIRST_MS)
  })
})

describe('a separate route for some numbers', () => {
  test('keeps deliveries planned while it has no room, without delaying others; each is sent once by its route', async () => {
    const MEMBERS = 300
    /** Matches a hundred of the numbers +33600000001 to +33600000300. */
    const PREFIX = '+336000001'
    const WINDOW = 4
    const [main, own] = (await startSmscs(2)) as [Smsc, Smsc]
    const world = await startWorld({
      database: { kind: 'postgres', url: await testDatabaseUrl(), poolSize: 6 },
      smscPort: main.port,
      gateways: [
        { name: 'main', port: main.port, window: 100, simulated: false },
        { name: 'own', port: own.port, window: WINDOW, simulated: false },
      ],
      routes: [
        { prefixes: [PREFIX], order: 'first', gateways: [{ name: 'own', weight: 1 }] },
        { order: 'first', gateways: [{ name: 'main', weight: 1 }] },
      ],
    })
    ends.push(() => world.stop())
    await fillScheme(world.deps, MEMBERS)
    let most = 0
    const watch = setInterval(() => {
      const state = world.deps.gateways.find(({ name }) => name === 'own')?.state()
      most = Math.max(most, state?.inFlight ?? 0)
    }, 1)
    ends.push(async () => clearInterval(watch))
    const id = await orderBroadcast(world.deps, { limit: MEMBERS, simulated: false })
    expect(await untilBroadcastDone(world.deps, id)).toMatchObject({
      delivered: MEMBERS,
      possibleDuplicates: 0,
    })
    const isOwn = ({ destination }: { destination: string }) => `+${destination}`.startsWith(PREFIX)
    expect([...own.log()].filter(isOwn)).toHaveLength(100)
    expect([...own.log()]).toHaveLength(100)
    expect([...main.log()]).toHaveLength(MEMBERS - 100)
    expect(most).toBeLessThanOrEqual(WINDOW)
    const lastOf = (smsc: Smsc) => Math.max(...[...smsc.log()].map(({ at }) => Date.parse(at)))
    expect(lastOf(main)).toBeLessThan(lastOf(own))
    const rows = await world.deps.db
      .selectFrom('deliveries')
      .select(['attempts', 'gateway', 'phone'])
      .where('broadcastId', '=', id)
      .execute()
    for (const { attempts, gateway, phone } of rows)
      expect({ phone, attempts, gateway }).toEqual({
        phone,
        attempts: 1,
        gateway: phone.startsWith(PREFIX) ? 'own' : 'main',
      })
  })
})
