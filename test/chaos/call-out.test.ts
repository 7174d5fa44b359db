import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { submitAlert } from '../../src/alerts/approval/actions.ts'
import { createAlert } from '../../src/alerts/compose/draft.ts'
import { type Smsc, startSmsc } from '../../src/gateways/sms/simulator/smsc.ts'
import { CODE_PLACE } from '../../src/message/code.ts'
import { addOnCallPerson } from '../../src/on-call/actions.ts'
import { listCallOuts } from '../../src/on-call/call-outs.ts'
import { requestCode } from '../../src/outbox/actions.ts'
import { inScheme } from '../../src/platform/db.ts'
import { createReport } from '../../src/reports/actions.ts'
import { testDatabaseUrl } from '../support/database.ts'
import { actorOf } from '../support/deps.ts'
import { agencyId, idOf, phoneOf, seedMembers, seedSchemes } from '../support/fixtures.ts'
import { compareLedger } from '../support/ledger-against-smsc.ts'
import { type OrderDesk, openOrderDesk } from '../support/orders.ts'
import { startWorker } from '../support/workers.ts'
import { WORLD_SECRET } from '../support/world.ts'

const operator = actorOf('operator', 'ac63', { agencyId })
const chamber = actorOf('chamber', 'ac63')
const PEOPLE = ['Morel', 'Vidal', 'Garnier']
const WINDOW = 10
/** Seconds until the next person is called; a scheme sets 15 at least. */
const WAIT_SECONDS = 2

let url: string
let smsc: Smsc
let desk: OrderDesk

beforeAll(async () => {
  url = await testDatabaseUrl()
  smsc = await startSmsc({ receiptDelayMs: 20, faults: { latencyMs: 100 } })
  desk = await openOrderDesk(url, { window: WINDOW })
  await seedSchemes(desk.deps.database)
  await seedMembers(desk.deps.db, 'ac63', [{ id: idOf(1), phones: [phoneOf(1)] }])
  for (const [index, name] of PEOPLE.entries()) {
    await addOnCallPerson(desk.deps, chamber, 'ac63', {
      role: 'approver',
      name,
      service: '',
      userId: null,
      agencyId: null,
      phone: phoneOf(11 + index),
      mail: '',
      hours: [{ days: [0, 1, 2, 3, 4, 5, 6], from: '00:00', to: '00:00', rank: index + 1 }],
    })
  }
})
afterAll(async () => {
  await desk?.close()
  await smsc?.stop()
})

const start = () =>
  startWorker({
    world: {
      database: { kind: 'postgres', url, poolSize: 5 },
      smscPort: smsc.port,
      window: WINDOW,
      inDoubtSeconds: 1,
    },
    onCall: true,
  })

test('a kill of the server during a call-out: the next call is made once, none twice without saying so', async () => {
  const { deps } = desk
  const { id: reportId } = await createReport(deps, operator, 'ac63', {
    categoryCode: 'robbery',
    communeCode: '63178',
  })
  const { id, version } = await createAlert(deps, operator, 'ac63', {
    text: 'Vol à main armée à Issoire à 17h30. Ne pas intervenir.',
    area: { kind: 'commune', code: '63178' },
    trades: [],
    doctrine: { offence: true, arrested: false, level: 'established' },
    reportId,
  })
  await submitAlert(deps, operator, 'ac63', id, { version })
  await sql`update call_outs set wait_seconds = ${WAIT_SECONDS}`.execute(deps.db)
  const calls = async () =>
    (await listCallOuts(deps, operator, 'ac63', { alert: id })).callOuts[0]?.calls ?? []
  const until = (look: () => unknown) => expect.poll(look, { interval: 5 })

  // Killed when a call is written and its SMS not yet with the provider.
  const first = start()
  await until(async () => (await calls()).length).toBe(1)
  first.signal('SIGKILL')
  await first.ended
  // Killed when the provider has the SMS and its answer is not yet recorded.
  const second = start()
  await until(() => smsc.handset(phoneOf(12))?.messages.length ?? 0).toBe(1)
  second.signal('SIGKILL')
  await second.ended

  const third = start()
  await expect.poll(async () => (await calls()).length).toBe(6)
  await expect.poll(async () => (await calls()).filter(({ sms }) => sms !== 'delivered')).toEqual([])
  third.signal('SIGTERM')
  await third.ended
  const made = (await calls()).map(({ name, why, again }) => ({ name, why, again }))
  expect(made.slice(0, 3)).toEqual([
    { name: 'Morel', why: 'first', again: false },
    { name: 'Vidal', why: expect.stringMatching(/next|unreached/), again: false },
    { name: 'Garnier', why: expect.stringMatching(/next|unreached/), again: false },
  ])
  expect(made.slice(3)).toEqual(PEOPLE.map((name) => ({ name, why: 'all', again: true })))
  // A call that a phone got twice is marked as a possible duplicate; a reminder says that it is one.
  const found = await compareLedger(deps.db, smsc.log())
  expect(found.problems).toEqual([])
  expect(found.deliveries).toBe(6)
  const texts = (person: number) => smsc.handset(phoneOf(11 + person))?.messages.map(({ text }) => text) ?? []
  for (const person of PEOPLE.keys())
    expect(
      texts(person).filter((text) => text.startsWith('RAPPEL ')),
      PEOPLE[person],
    ).toHaveLength(1)
})

test('a kill of the server while a code is planned: it leaves at the restart, and twice only when that is said', async () => {
  const { deps } = desk
  const phone = phoneOf(31)
  const until = (look: () => unknown) => expect.poll(look, { interval: 5 })
  const first = start()
  await first.ready
  // The job cannot plan the message before the kill.
  const planning = await deps.database.pool.connect()
  try {
    // As long as a process takes to start on a busy machine.
    await planning.query(
      "begin; set local idle_in_transaction_session_timeout = '2min'; lock table broadcasts in share mode",
    )
    const asked = new Date()
    await inScheme(deps.db, 'ac63', (tx) =>
      requestCode(
        tx,
        { ...deps, secret: WORLD_SECRET },
        {
          schemeId: 'ac63',
          purpose: 'enrolment',
          subject: idOf(31),
          phone,
          address: '192.0.2.1',
          destinations: ['FR'],
          template: 'enrolment.sms.code',
          values: { scheme: 'Alerte', code: CODE_PLACE, minutes: 10 },
          isWanted: true,
        },
      ),
    )
    await until(async () => {
      // Not one that the kill of the test before left.
      const { rows } = await sql`select from pgboss.job
        where name = 'direct.send' and state = 'active' and created_on >= ${asked}`.execute(deps.db)
      return rows.length
    }).toBe(1)
  } finally {
    // A process that outlived this test would keep the run from ending.
    first.signal('SIGKILL')
    await first.ended
    await planning.query('rollback')
    planning.release()
  }

  // The job queue would retry the job of the killed process after a minute. Killed again before the answer is recorded.
  const second = start()
  await until(() => smsc.handset(phone)?.messages.length ?? 0).toBe(1)
  second.signal('SIGKILL')
  await second.ended
  const third = start()
  await until(async () => {
    const codes = deps.db.selectFrom('broadcasts').select('state').where('kind', '=', 'code')
    return (await codes.execute()).map(({ state }) => state)
  }).toEqual(['done'])
  third.signal('SIGTERM')
  await third.ended
  // The ledger has the place of the code, not the code.
  const log = [...smsc.log()].map(({ text, ...entry }) => ({
    ...entry,
    text: text.replace(/(?<=votre code est )\d+/, CODE_PLACE),
  }))
  const { problems } = await compareLedger(deps.db, log)
  expect(problems).toEqual([])
})
