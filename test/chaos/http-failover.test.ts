import { afterEach, beforeEach, expect, test } from 'vitest'
import { createHttpGateway } from '../../src/gateways/sms/http/gateway.ts'
import { HttpGatewaySettings } from '../../src/gateways/sms/http/settings.ts'
import { type FakeProvider, startFake } from '../../src/gateways/sms/http/testing/fake.ts'
import { ovhRules } from '../../src/gateways/sms/http/testing/ovh.ts'
import { twilioRules } from '../../src/gateways/sms/http/testing/twilio.ts'
import { testDatabaseSettings } from '../support/database.ts'
import { describeSideBySide } from '../support/side-by-side.ts'
import { fillScheme, orderBroadcast, startWorld } from '../support/world.ts'

// An HTTP provider that accepts requests but stops answering: the next route takes over (L4) before its requests time
// out.

const MEMBERS = 60
const WINDOW = 12
/** Longer than a takeover takes: half a second on an idle machine, several on one that is busy with other tests. */
const RESPONSE_SECONDS = 6
const IN_DOUBT_SECONDS = 1

const providers = [
  { kind: 'ovh', rules: ovhRules },
  { kind: 'twilio', rules: twilioRules },
]

describeSideBySide('$kind', providers, ({ rules }) => {
  let fakes: FakeProvider[]
  let world: Awaited<ReturnType<typeof startWorld>>

  beforeEach(async () => {
    fakes = [await startFake(rules), await startFake(rules)]
    const sendBy = fakes.map((fake, index) =>
      createHttpGateway(
        HttpGatewaySettings.parse({
          ...rules.settings(fake.url),
          name: `provider${index}`,
          window: WINDOW,
          responseSeconds: RESPONSE_SECONDS,
        }),
        { timing: { probeMs: 50, lateMs: 400 } },
      ),
    )
    world = await startWorld({
      database: await testDatabaseSettings('postgres'),
      smscPort: 0,
      sendBy,
      inDoubtSeconds: IN_DOUBT_SECONDS,
    })
    await fillScheme(world.deps, MEMBERS)
  })
  afterEach(async () => {
    await world?.stop()
    for (const fake of fakes ?? []) await fake.stop()
  })

  test('stops answering: the next one takes over before its requests time out, and possible duplicates are marked', async () => {
    const [first, second] = fakes as [FakeProvider, FakeProvider]
    let hungAt: number | undefined
    let takenOverAt: number | undefined
    let submissions = 0
    first.fault = () => {
      submissions += 1
      if (submissions === 1) return undefined
      hungAt ??= Date.now()
      return 'hang'
    }
    second.onTaken = () => {
      takenOverAt ??= Date.now()
    }
    const id = await orderBroadcast(world.deps, { limit: MEMBERS, simulated: false })
    const read = () =>
      world.deps.db
        .selectFrom('broadcasts')
        .select(['planned', 'accepted', 'inDoubt', 'possibleDuplicates', 'failed'])
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
    await expect.poll(async () => (await read()).accepted, { interval: 50 }).toBe(MEMBERS)
    expect(takenOverAt).toBeGreaterThanOrEqual(hungAt as number)
    expect((takenOverAt as number) - (hungAt as number)).toBeLessThan(RESPONSE_SECONDS * 1000)
    const row = await read()
    expect(row).toMatchObject({ planned: MEMBERS, inDoubt: 0, failed: 0 })
    expect(row.possibleDuplicates).toBeGreaterThan(0)
    expect(row.possibleDuplicates).toBeLessThanOrEqual(WINDOW)
    const copies = Map.groupBy([...first.taken, ...second.taken], ({ phone }) => phone)
    expect(copies.size).toBe(MEMBERS)
    const doubled = [...copies].flatMap(([phone, taken]) => (taken.length > 1 ? [phone] : []))
    const marked = await world.deps.db
      .selectFrom('deliveries')
      .select('phone')
      .where('broadcastId', '=', id)
      .where('possibleDuplicate', '=', true)
      .execute()
    expect(marked.map(({ phone }) => phone)).toEqual(expect.arrayContaining(doubled))
  })
})
