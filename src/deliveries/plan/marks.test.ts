import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabaseSettings, usualKinds } from '../../../test/support/database.ts'
import { fillScheme, orderBroadcast, startWorld, untilBroadcastDone } from '../../../test/support/world.ts'
import { type Smsc, startSmsc } from '../../gateways/sms/simulator/smsc.ts'
import { markOf } from '../marks.ts'

const MEMBERS = 300
const MARKED = "Faux billets agglomération d'Issoire. Ne pas transférer SMS. Réf. 63-26-0142-?????"

describe.each(usualKinds)('marked broadcasts on %s', (kind) => {
  let smsc: Smsc
  let world: Awaited<ReturnType<typeof startWorld>>

  beforeAll(async () => {
    smsc = await startSmsc({ receiptDelayMs: 2 })
    world = await startWorld({
      database: await testDatabaseSettings(kind),
      smscPort: smsc.port,
      window: 40,
      inDoubtSeconds: 0.5,
      gateway: { responseTimeoutMs: 2000, reconnect: { minMs: 20, maxMs: 100 }, noLinkWaitMs: 300 },
    })
    await fillScheme(world.deps, MEMBERS)
  })
  afterAll(async () => {
    await world.stop()
    await smsc.stop()
  })
  beforeEach(() => smsc.clearLog())

  async function textsByPhone(id: string) {
    const rows = await world.deps.db
      .selectFrom('deliveries')
      .innerJoin('broadcasts', 'broadcasts.id', 'deliveries.broadcastId')
      .select(['deliveries.no', 'deliveries.phone'])
      .select(sql<string | null>`mark_key::text`.as('markKey'))
      .where('broadcastId', '=', id)
      .execute()
    return new Map(
      rows.map(({ no, phone, markKey }) => [phone, markKey === null ? null : markOf(BigInt(markKey), no)]),
    )
  }

  test('give every phone its own mark once, with any number of parts, and follow-ups keep it', async () => {
    for (const text of [MARKED, `${'Vol à la roulotte. '.repeat(9)}${MARKED}`]) {
      smsc.clearLog()
      const id = await orderBroadcast(world.deps, { limit: MEMBERS, text })
      expect(await untilBroadcastDone(world.deps, id)).toMatchObject({
        planned: MEMBERS,
        delivered: MEMBERS,
        possibleDuplicates: 0,
      })
      const marks = await textsByPhone(id)
      expect(new Set(marks.values()).size).toBe(MEMBERS)
      expect(textsAt(smsc)).toEqual(
        new Map([...marks].map(([phone, mark]) => [phone, [text.replace('?????', mark ?? 'none')]])),
      )

      smsc.clearLog()
      const after = await orderBroadcast(world.deps, { limit: MEMBERS, text, after: id })
      await untilBroadcastDone(world.deps, after)
      expect(await textsByPhone(after)).toEqual(marks)
      expect(textsAt(smsc).size).toBe(MEMBERS)
    }
  })

  test('send a text without a placeholder unchanged to all recipients', async () => {
    const id = await orderBroadcast(world.deps, { limit: 20, text: 'Vraiment ????? Réf. 63-26-0142' })
    await untilBroadcastDone(world.deps, id)
    expect([...(await textsByPhone(id)).values()].every((mark) => mark === null)).toBe(true)
    expect(new Set([...textsAt(smsc).values()].flat())).toEqual(new Set(['Vraiment ????? Réf. 63-26-0142']))
  })
})

/** Returns the texts that each phone received, by its number, with the parts of a message joined. */
function textsAt(smsc: Smsc): Map<string, string[]> {
  const parts = Map.groupBy(smsc.log(), ({ destination }) => `+${destination.replace(/^\+/, '')}`)
  return new Map(
    [...parts].map(([phone, entries]) => {
      const inOrder = entries.toSorted((a, b) => (a.part?.number ?? 1) - (b.part?.number ?? 1))
      const total = inOrder[0]?.part?.total ?? 1
      const text = inOrder.map((entry) => entry.text).join('')
      return [phone, inOrder.length === total ? [text] : inOrder.map((entry) => entry.text)]
    }),
  )
}
