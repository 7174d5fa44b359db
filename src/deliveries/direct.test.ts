import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabaseSettings, usualKinds } from '../../test/support/database.ts'
import {
  BENCH_SCHEME,
  fillScheme,
  orderBroadcast,
  startWorld,
  untilBroadcastDone,
} from '../../test/support/world.ts'
import { type Smsc, startSmsc } from '../gateways/sms/simulator/smsc.ts'
import { deriveCodeDigits, openCode, requestCode } from '../identity/codes.ts'
import { writeDirectMessage } from '../identity/direct-messages.ts'
import { CODE_PLACE } from '../message/code.ts'
import { inScheme, type Tx } from '../platform/db.ts'
import { sendDirectMessage } from './direct.ts'
import { registerDeliveryJobs } from './handlers.ts'

const PHONE = '+33639981234'

describe.each(usualKinds)('direct messages on %s', (kind) => {
  let smsc: Smsc
  let world: Awaited<ReturnType<typeof startWorld>>
  beforeAll(async () => {
    smsc = await startSmsc({ receiptDelayMs: 2 })
    world = await startWorld({
      database: await testDatabaseSettings(kind),
      smscPort: smsc.port,
      window: 40,
      gateway: { partsPerSecond: 40 },
    })
    await fillScheme(world.deps, 400)
    await registerDeliveryJobs(world.deps)
  })
  afterAll(async () => {
    await world.stop()
    await smsc.stop()
  })
  beforeEach(() => smsc.clearLog())

  const textsTo = (phone: string) =>
    [...smsc.log()]
      .filter(({ destination }) => `+${destination.replace(/^\+/, '')}` === phone)
      .map(({ text }) => text)
  /** A code that may be sent, which belongs to a number at home. */
  const anyCode = async (tx: Tx) => {
    const request = { schemeId: BENCH_SCHEME, purpose: 'enrolment', subject: randomUUID() } as const
    const opened = { ...request, phone: '+33639981240', address: '192.0.2.3', isWanted: true }
    return (await openCode(tx, world.deps, opened)).id
  }
  const ask = (phone: string, subject = randomUUID()) =>
    inScheme(world.deps.db, BENCH_SCHEME, (tx) =>
      requestCode(tx, world.deps, {
        schemeId: BENCH_SCHEME,
        purpose: 'enrolment',
        subject,
        phone,
        address: '192.0.2.1',
        text: `Bench : votre code est ${CODE_PLACE}.`,
        isWanted: true,
      }),
    )

  test('a code overtakes an alert to many, with its digits; the ledger holds none', async () => {
    const { deps } = world
    // Ten seconds at this rate.
    await orderBroadcast(deps, { limit: 400, lane: 'alert' })
    await expect.poll(() => [...smsc.log()].length, { timeout: 10_000, interval: 20 }).toBeGreaterThan(20)
    await ask(PHONE)
    await expect.poll(() => textsTo(PHONE), { timeout: 6000, interval: 20 }).toHaveLength(1)
    expect([...smsc.log()].length).toBeLessThan(390)
    const row = await deps.db
      .selectFrom('broadcasts')
      .selectAll()
      .where('kind', '=', 'code')
      .executeTakeFirstOrThrow()
    expect(textsTo(PHONE)).toEqual([`Bench : votre code est ${deriveCodeDigits(deps, row.codeId ?? '')}.`])
    expect(row.text).toBe(`Bench : votre code est ${CODE_PLACE}.`)
    expect(await untilBroadcastDone(deps, row.id, 10_000)).toMatchObject({ planned: 1, delivered: 1 })
    expect(await deps.db.selectFrom('directMessages').selectAll().execute()).toEqual([])
  })

  test('a code made with another secret is left to the process that has it', async () => {
    const { deps } = world
    const phone = '+33639981235'
    const foreign = { ...deps, secret: 'another secret of more than thirty-two characters' }
    const messageId = await inScheme(deps.db, BENCH_SCHEME, async (tx) => {
      // As another process writes it, before any takes it up.
      const jobs = { ...deps.jobs, enqueue: async () => {} }
      await requestCode(
        tx,
        { ...foreign, jobs },
        {
          schemeId: BENCH_SCHEME,
          purpose: 'enrolment',
          subject: randomUUID(),
          phone,
          address: '192.0.2.2',
          text: `Bench : votre code est ${CODE_PLACE}.`,
          isWanted: true,
        },
      )
      return (await tx.selectFrom('directMessages').select('id').executeTakeFirstOrThrow()).id
    })
    await sendDirectMessage(foreign, BENCH_SCHEME, messageId)
    await new Promise((resolve) => setTimeout(resolve, 600))
    expect(textsTo(phone)).toEqual([])
  })

  test('a message of service goes out once, folded; what is out of date does not', async () => {
    const { deps } = world
    const phone = '+33639981236'
    const write = (validUntil: Date, text: string) =>
      inScheme(deps.db, BENCH_SCHEME, (tx) =>
        writeDirectMessage(tx, deps, {
          schemeId: BENCH_SCHEME,
          phone,
          text,
          codeId: null,
          memberId: null,
          validUntil,
          createdBy: 'test',
        }),
      )
    await write(new Date(Date.now() - 1000), 'Trop tard.')
    await write(new Date(Date.now() + 60_000), 'Votre commerce est inscrit : bienvenue à la fête.')
    await expect.poll(() => textsTo(phone), { timeout: 20_000 }).toHaveLength(1)
    expect(textsTo(phone)).toEqual(['Votre commerce est inscrit : bienvenue à la fete.'])
    const [row] = await deps.db.selectFrom('broadcasts').selectAll().where('kind', '=', 'service').execute()
    expect(row).toMatchObject({ lane: 'service', alertId: null, reportId: null, codeId: null })
  })

  test.each([
    ['+881612345678', 'service', 0],
    ['+33890123456', 'service', 0],
    ['+41791234567', 'code', 0],
    ['+41791234567', 'service', 1],
    ['+262692123456', 'service', 1],
  ] as const)('the last gate, to %s with a message of %s: %i sent', async (phone, what, sent) => {
    const { deps } = world
    const { id } = await inScheme(deps.db, BENCH_SCHEME, async (tx) => {
      // As another release wrote it, before any process takes it up.
      const jobs = { ...deps.jobs, enqueue: async () => {} }
      const codeId = what === 'code' ? await anyCode(tx) : null
      const message = { schemeId: BENCH_SCHEME, phone, text: `Bonjour ${CODE_PLACE}`, codeId, memberId: null }
      const validUntil = new Date(Date.now() + 60_000)
      return {
        id: await writeDirectMessage(tx, { ...deps, jobs }, { ...message, validUntil, createdBy: 'test' }),
      }
    })
    await sendDirectMessage(deps, BENCH_SCHEME, id)
    const planned = await deps.db.selectFrom('broadcasts').select('id').where('orderKey', '=', id).execute()
    expect(planned).toHaveLength(sent)
    expect(await deps.db.selectFrom('directMessages').select('id').where('id', '=', id).execute()).toEqual([])
  })

  test('reminders that wait are sent one after the other, and let a code pass', async () => {
    const { deps } = world
    const phones = Array.from({ length: 60 }, (_, n) => `+336399${String(83_000 + n)}`)
    const ids: string[] = []
    await inScheme(deps.db, BENCH_SCHEME, async (tx) => {
      for (const phone of phones)
        ids.push(
          await writeDirectMessage(tx, deps, {
            schemeId: BENCH_SCHEME,
            phone,
            text: 'Votre cotisation reste à payer.',
            codeId: null,
            memberId: null,
            validUntil: new Date(deps.now().getTime() + 3_600_000),
            createdBy: 'test',
            lane: 'reminder',
          }),
        )
    })
    const phone = '+33639981239'
    await ask(phone)
    await expect.poll(() => textsTo(phone), { timeout: 6000, interval: 20 }).toHaveLength(1)
    // Queued behind all of them, taken up before most.
    const { rows } = await sql<{ before: number }>`
      select count(*)::int as before from broadcasts b where b.kind = 'service' and b.lane = 'reminder'
        and b.ordered_at < (select max(ordered_at) from broadcasts where kind = 'code')`.execute(deps.db)
    expect(rows[0]?.before).toBeLessThan(40)
    const told = () => phones.filter((one) => textsTo(one).length > 0).length
    await expect.poll(told, { timeout: 25_000, interval: 200 }).toBe(60)
    // Each is found by the id that its writer has.
    const found = await deps.db
      .selectFrom('broadcasts as b')
      .innerJoin('deliveries as d', 'd.broadcastId', 'b.id')
      .select(['b.orderKey', 'd.phone'])
      .where('b.orderKey', 'in', ids)
      .execute()
    expect(new Map(found.map(({ orderKey, phone: to }) => [orderKey, to]))).toEqual(
      new Map(ids.map((id, n) => [id, phones[n]])),
    )
  }, 40_000)
})
