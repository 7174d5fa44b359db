import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { testDatabaseSettings, usualKinds } from '../../../test/support/database.ts'
import {
  BENCH_SCHEME,
  fillScheme,
  orderBroadcast,
  startWorld,
  untilBroadcastDone,
} from '../../../test/support/world.ts'
import { type Smsc, startSmsc } from '../../gateways/sms/simulator/smsc.ts'
import { formatMessage } from '../../i18n/format.ts'
import { deriveCodeDigits, openCode } from '../../identity/codes/codes.ts'
import { CODE_PLACE } from '../../message/code.ts'
import { requestCode, writeMessages, writeSms } from '../../outbox/actions.ts'
import { inScheme, type Tx } from '../../platform/db.ts'
import type { CodePurpose } from '../../schema.ts'
import { registerDeliveryJobs } from '../handlers.ts'
import { recordReachedSms, sendDirectMessage } from './direct.ts'

const PHONE = '+33639981234'
const CODE = {
  template: 'portal.sms.code',
  values: { scheme: 'Bench', code: CODE_PLACE, minutes: 10 },
} as const
const codeText = (code: string) => formatMessage('fr', CODE.template, { ...CODE.values, code })

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
  let codes = 0
  /** Opens a code for a French number of its own, which may be sent. */
  const anyCode = async (tx: Tx, purpose: CodePurpose = 'enrolment') => {
    const request = { schemeId: BENCH_SCHEME, purpose, subject: randomUUID() } as const
    const opened = { ...request, phone: `+3363998${1240 + codes++}`, address: '192.0.2.3', isWanted: true }
    const { id, expiresAt } = await openCode(tx, world.deps, opened)
    return { id, expiresAt }
  }
  const ask = (phone: string, subject = randomUUID()) =>
    inScheme(world.deps.db, BENCH_SCHEME, (tx) =>
      requestCode(tx, world.deps, {
        schemeId: BENCH_SCHEME,
        purpose: 'enrolment',
        subject,
        phone,
        address: '192.0.2.1',
        destinations: ['FR'],
        ...CODE,
        isWanted: true,
      }),
    )

  test('sends a code before an alert to many, with its digits, which the ledger does not store', async () => {
    const { deps } = world
    // Takes ten seconds at this rate.
    await orderBroadcast(deps, { limit: 400, lane: 'alert' })
    await expect.poll(() => [...smsc.log()].length, { interval: 20 }).toBeGreaterThan(20)
    await ask(PHONE)
    await expect.poll(() => textsTo(PHONE), { interval: 20 }).toHaveLength(1)
    expect([...smsc.log()].length).toBeLessThan(390)
    const row = await deps.db
      .selectFrom('broadcasts')
      .selectAll()
      .where('kind', '=', 'code')
      .executeTakeFirstOrThrow()
    expect(textsTo(PHONE)).toEqual([codeText(deriveCodeDigits(deps, row.codeId ?? ''))])
    expect(row.text).toBe(codeText(CODE_PLACE))
    expect(await untilBroadcastDone(deps, row.id)).toMatchObject({ planned: 1, delivered: 1 })
    expect(await deps.db.selectFrom('outbox').selectAll().execute()).toEqual([])
  })

  test('leaves a code made with another secret to the process that has it', async () => {
    const { deps } = world
    const phone = '+33639981235'
    const foreign = { ...deps, secret: { current: 'another secret of more than thirty-two characters' } }
    const messageId = await inScheme(deps.db, BENCH_SCHEME, async (tx) => {
      // Written without a job, as if no process had taken it up yet.
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
          destinations: ['FR'],
          ...CODE,
          isWanted: true,
        },
      )
      return (await tx.selectFrom('outbox').select('id').executeTakeFirstOrThrow()).id
    })
    await sendDirectMessage(foreign, BENCH_SCHEME, messageId)
    await new Promise((resolve) => setTimeout(resolve, 600))
    expect(textsTo(phone)).toEqual([])
  })

  test('sends a service message once, folded to GSM-7, and drops an outdated one', async () => {
    const { deps } = world
    const phone = '+33639981236'
    const write = (validUntil: Date, scheme: string) =>
      inScheme(deps.db, BENCH_SCHEME, (tx) =>
        writeSms(tx, deps, BENCH_SCHEME, {
          to: phone,
          template: 'opt_out.sms.confirmed',
          values: { scheme },
          validUntil,
          createdBy: 'test',
        }),
      )
    await write(new Date(Date.now() - 1000), 'Trop tard')
    await write(new Date(Date.now() + 60_000), 'La fête')
    await expect.poll(() => textsTo(phone)).toHaveLength(1)
    expect(textsTo(phone)).toEqual([expect.stringMatching(/^La fete : STOP enregistré/)])
    const [row] = await deps.db.selectFrom('broadcasts').selectAll().where('kind', '=', 'service').execute()
    expect(row).toMatchObject({ lane: 'service', alertId: null, reportId: null, codeId: null })
  })

  test.each([
    ['+881612345678', 'service', 0],
    ['+33890123456', 'service', 0],
    ['+41791234567', 'enrolment', 0],
    ['+41791234567', 'service', 1],
    ['+262692123456', 'service', 1],
    ['+33639981230', 'enrolment', 1],
    // Outside the list of the scheme.
    ['+262692123457', 'enrolment', 0],
    ['+262692123458', 'sign_in', 0],
    ['+687751234', 'sign_in', 0],
    // Entered by two persons for a magistrate.
    ['+262692123459', 'authorisation', 1],
    ['+687751235', 'authorisation', 0],
  ] as const)('checks the number again: to %s as %s, %i sent', async (phone, what, sent) => {
    const { deps } = world
    const enrolment = JSON.stringify({ destinations: ['FR', 'MQ'] })
    await deps.db.updateTable('schemes').set({ enrolment }).where('id', '=', BENCH_SCHEME).execute()
    const { id } = await inScheme(deps.db, BENCH_SCHEME, async (tx) => {
      // Written without a job, as by another release.
      const jobs = { ...deps.jobs, enqueue: async () => {} }
      const code = what === 'service' ? {} : { code: await anyCode(tx, what) }
      const validUntil = new Date(Date.now() + 60_000)
      const message = { ...CODE, ...code, to: phone, validUntil, createdBy: 'test' }
      await writeSms(tx, { ...deps, jobs }, BENCH_SCHEME, message)
      return tx.selectFrom('outbox').select('id').where('address', '=', phone).executeTakeFirstOrThrow()
    })
    await sendDirectMessage(deps, BENCH_SCHEME, id)
    const planned = await deps.db.selectFrom('broadcasts').select('id').where('orderKey', '=', id).execute()
    expect(planned).toHaveLength(sent)
    expect(await deps.db.selectFrom('outbox').select('id').where('id', '=', id).execute()).toEqual([])
  })

  test('sends reminders one after the other, and a code before most of them', async () => {
    const { deps } = world
    const phones = Array.from({ length: 60 }, (_, n) => `+336399${String(83_000 + n)}`)
    const message = {
      template: 'opt_out.sms.confirmed',
      values: { scheme: 'Bench' },
      validUntil: new Date(deps.now().getTime() + 3_600_000),
      createdBy: 'test',
      lane: 'reminder',
      kept: true,
    } as const
    await inScheme(deps.db, BENCH_SCHEME, (tx) =>
      writeMessages(tx, deps, BENCH_SCHEME, { sms: phones.map((to) => ({ ...message, to })) }),
    )
    const phone = '+33639981239'
    await ask(phone)
    await expect.poll(() => textsTo(phone), { interval: 20 }).toHaveLength(1)
    // It was queued behind all of them, but taken up before most.
    const { rows } = await sql<{ before: number }>`
      select count(*)::int as before from broadcasts b where b.kind = 'service' and b.lane = 'reminder'
        and b.ordered_at < (select max(ordered_at) from broadcasts where kind = 'code')`.execute(deps.db)
    expect(rows[0]?.before).toBeLessThan(40)
    const told = () => phones.filter((one) => textsTo(one).length > 0).length
    await expect.poll(told, { interval: 200 }).toBe(60)
    const reached = async () => {
      await recordReachedSms(deps)
      return deps.db.selectFrom('outbox').select('address').where('reachedAt', 'is not', null).execute()
    }
    // The numbers are no longer stored once the messages are sent.
    await expect.poll(reached).toEqual(phones.map(() => ({ address: '' })))
  })
})
