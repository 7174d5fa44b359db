import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { copyDemo, removeDemo } from '../../test/support/demo.ts'
import { testDeps } from '../../test/support/deps.ts'
import { asEngine, withLogin } from '../../test/support/engine-login.ts'
import type { DemoCopy } from '../../test/support/global-setup.ts'
import { runsOf, sampleOf } from '../../test/support/random.ts'
import { asTableOwner } from '../../test/support/table-owner.ts'
import { createAuditKeys } from '../audit/keys.ts'
import { compareFactsIn, createSealRegister, sealDue } from '../audit/seals.ts'
import { readAgainst, verifyAudit, verifySchemeAudit } from '../audit/verify.ts'
import { createCipher } from '../cipher/cipher.ts'
import { SEALS } from '../commands/audit/seals.ts'
import type { Deps } from '../deps.ts'
import type { Actor } from '../permissions.ts'
import { acrossSchemes, type Database, openDatabase, type Tx } from '../platform/db.ts'
import { keepDemoSecret } from '../start/secrets/secret.ts'
import { getStatistics, makePublicFiguresReader } from '../statistics/actions.ts'
import { seedDemoAlerts } from './alerts.ts'
import { actorOfDoor } from './doors.ts'
import { seedDemoDues } from './dues.ts'
import { TABAC_DE_LA_HALLE } from './members.ts'

const system: Actor = { kind: 'system', name: 'test' }
let demo: DemoCopy
let database: Database
let deps: Deps
/** The time at which the demo was filled. */
let now: Date

// The first caller waits until it is filled, which has a timeout of its own.
beforeAll(async () => {
  demo = await copyDemo()
}, Number.POSITIVE_INFINITY)
beforeAll(async () => {
  const url = withLogin(demo.databaseUrl, 'tocsin_web')
  // One connection: what the last test runs beside the fill takes its turn between two transactions.
  database = await openDatabase({ kind: 'postgres', url, poolSize: 1 })
  const { at } = await database.db
    .selectFrom('auditEntries')
    .select('at')
    .where('action', '=', 'demo.seed')
    .executeTakeFirstOrThrow()
  now = at
  const auditKeys = createAuditKeys({ secret: { current: keepDemoSecret(demo.directory) } })
  // Filled by a server without a key of encryption, whatever the run has.
  deps = testDeps(database, { now: () => now, auditKeys, cipher: createCipher(undefined) })
})
afterAll(async () => {
  await database.close()
  await removeDemo(demo)
})

async function rows<T>(query: ReturnType<typeof sql<T>>): Promise<T[]> {
  return (await query.execute(database.db)).rows
}

test('spreads joining dates over three years, with a member count every month', async () => {
  const [joined] = await rows(sql<{ first: number; last: number; months: number }>`
    select max(extract(day from ${now}::timestamptz - created_at))::int as first,
      min(extract(day from ${now}::timestamptz - created_at))::int as last,
      count(distinct date_trunc('month', created_at))::int as months
    from members where scheme_id = 'ac63'`)
  expect(joined?.first).toBeGreaterThan(1000)
  expect(joined?.last).toBeGreaterThan(40)
  expect(joined?.months).toBeGreaterThan(30)
  const statistics = await getStatistics(deps, system, 'ac63', {})
  const members = statistics.months.slice(0, -1).map((month) => month.members ?? 0)
  expect(members.every((count, i) => count > 500 && count >= (members[i - 1] ?? 0))).toBe(true)
})

test('creates a year of finished alerts with consistent states, counts, references and audit record', async () => {
  const statistics = await getStatistics(deps, system, 'ac63', {})
  expect(statistics.alerts).toBeGreaterThan(50)
  expect(statistics.calls).toBeGreaterThan(statistics.alerts)
  expect(statistics.categories.length).toBeGreaterThan(5)
  expect(statistics.hours.filter((count) => count > 0).length).toBeGreaterThan(8)
  expect(await makePublicFiguresReader(deps)('ac63')).toMatchObject({ alerts: statistics.alerts })
  const states = await rows(sql<{ state: string }>`select distinct state from alerts order by 1`)
  expect(states.map(({ state }) => state)).toEqual(['ended', 'expired'])
  // Every broadcast is done, and its totals equal its deliveries or its tallies by trade.
  const wrong = await rows(sql`
    select b.id from broadcasts b left join lateral (
      select coalesce(sum(planned), 0) as planned, coalesce(sum(delivered), 0) as delivered from delivery_tallies t
      where t.scheme_id = b.scheme_id and t.broadcast_id = b.id
      union all
      select count(*), count(*) filter (where d.state = 'delivered') from deliveries d
      where d.scheme_id = b.scheme_id and d.broadcast_id = b.id
    ) c on c.planned > 0
    where b.alert_id is not null and (b.state <> 'done' or b.planned is distinct from c.planned
      or b.delivered is distinct from c.delivered or b.planned <> b.delivered + b.failed + b.expired)`)
  expect(wrong).toEqual([])
  expect(await rows(sql`select 1 from delivery_chunks where state <> 'done'`)).toEqual([])
  const [references] = await rows(sql<{ given: number; last: number }>`
    select count(distinct reference)::int as given, (select sum(last)::int from alert_counters where scheme_id = 'ac63') as last
    from alerts where scheme_id = 'ac63'`)
  expect(references?.given).toBe(references?.last)
  expect((await verifyAudit(database.db)).filter(({ broken }) => broken !== undefined)).toEqual([])
})

/** Changes that the owner of the database could make by SQL, with the kind of seal and the finding that must reveal each. */
const TAMPERING: readonly (readonly [kind: string, statement: string, reason: 'changed' | 'removed'])[] = [
  ['grants', `update grants set role = 'chief' where scheme_id = 'ac63' and role = 'operator'`, 'changed'],
  ['grants', `delete from grants where scheme_id = 'ac63' and role = 'magistrate'`, 'changed'],
  [
    'grants',
    `insert into grants (user_id, scheme_id, role) select user_id, scheme_id, 'chamber' from grants
     where scheme_id = 'ac63' and role = 'operator'`,
    'changed',
  ],
  [
    'reports',
    `update reports set facts = 'autre chose' where scheme_id = 'ac63' and state = 'refused'`,
    'changed',
  ],
  [
    'decisions',
    `update reports set refusal_note = 'autre chose' where scheme_id = 'ac63' and state = 'refused'`,
    'changed',
  ],
  [
    'payments',
    `update dues_payments set cancelled_at = null, cancel_entry_no = null, amount_cents = 1`,
    'changed',
  ],
  ['alerts', `update alerts set decided_by_id = 'x' where scheme_id = 'ac63'`, 'changed'],
  [
    'orders',
    `update broadcasts set text = text || '.' where scheme_id = 'ac63' and alert_id is not null`,
    'changed',
  ],
  [
    'recipients',
    `update deliveries set phone = '+33639980000' where scheme_id = 'ac63' and no = 1`,
    'changed',
  ],
  ['recipients', `delete from deliveries where scheme_id = 'ac63' and no = 2`, 'changed'],
  [
    'outcomes',
    `update deliveries set state = 'failed' where scheme_id = 'ac63' and state = 'delivered'`,
    'changed',
  ],
  [
    'payments',
    `update dues_payments set amount_cents = amount_cents + 100 where scheme_id = 'ac63'`,
    'changed',
  ],
  [
    'ledger',
    `update ledger_lines set debit_cents = debit_cents * 2, credit_cents = credit_cents * 2 where scheme_id = 'ac63'`,
    'changed',
  ],
  [
    'ledger',
    `delete from ledger_lines where scheme_id = 'ac63' and no = 3; delete from ledger_entries where scheme_id = 'ac63' and no = 3`,
    'removed',
  ],
]

test('seals every fact, and finds each that is changed or removed by SQL', async () => {
  const seal = () => asEngine(database, ({ db }) => sealDue({ ...deps, db }, SEALS), deps.cipher)
  // The facts of a filled demo were sealed once.
  expect(await seal()).toBe(0)
  const against = await readAgainst(deps, SEALS)
  const whole = await verifySchemeAudit(database.db, 'ac63', against)
  expect(whole).toEqual({ schemeId: 'ac63', entries: whole.entries })
  for (const [kind, statement, reason] of TAMPERING) {
    const faults = await undone(async (tx) => {
      await sql`set local session_replication_role = replica`.execute(tx)
      await sql.raw(statement).execute(tx)
      const register = createSealRegister('ac63', deps.auditKeys)
      const { rows } = await sql<{ details: unknown }>`select details from audit_entries
        where scheme_id = 'ac63' and action = 'audit.seal' order by seq`.execute(tx)
      for (const { details } of rows) register.take(details)
      const seals = SEALS.filter((one) => one.kind === kind)
      return compareFactsIn(tx, 'ac63', register, { ...against, seals })
    })
    expect(faults, statement).toContainEqual(expect.objectContaining({ kind, reason }))
  }
})

/** Runs work in a transaction that is rolled back, and returns its result. */
async function undone<T>(work: (tx: Tx) => Promise<T>): Promise<T | undefined> {
  let result: T | undefined
  const rollBack = new Error('rolled back')
  await asTableOwner(database, async (tx) => {
    result = await work(tx)
    throw rollBack
  }).catch((error: unknown) => {
    if (error !== rollBack) throw error
  })
  return result
}

test('gives the tobacconist an old charter and two alerts; asks no re-confirmation on the first day', async () => {
  const signed = await rows(sql<{ version: number }>`
    select s.version from charter_signatures s join members m on m.scheme_id = s.scheme_id and m.id = s.member_id
    where m.scheme_id = 'ac63' and m.name = ${TABAC_DE_LA_HALLE} and m.commune_code = '63178'`)
  expect(signed).toEqual([{ version: 1 }])
  const [got] = await rows(sql<{ alerts: number }>`
    select count(*)::int as alerts from deliveries d join members m on m.scheme_id = d.scheme_id and m.id = d.member_id
    where m.scheme_id = 'ac63' and m.name = ${TABAC_DE_LA_HALLE} and m.commune_code = '63178'`)
  expect(got?.alerts).toBe(2)
  const [asked] = await rows(sql<{
    due: number
    today: number
    numbers: { reconfirm: boolean; perDay: number }
  }>`
    select (select count(*)::int from contacts c where c.scheme_id = s.id and c.mobile_at < ${now}::timestamptz - interval '365 days'
        and not exists (select from reconfirmations r where r.scheme_id = c.scheme_id and r.contact_id = c.id)) as due,
      (select count(*)::int from reconfirmations r where r.scheme_id = s.id and r.state = 'open') as today, s.numbers
    from schemes s where s.id = 'ac63'`)
  expect(asked).toMatchObject({ due: 8, numbers: { reconfirm: true } })
  expect(asked?.today).toBe(asked?.numbers.perDay)
})

test('resumes a first start killed at any step, with the same result', async () => {
  const desk = {
    operator: await actorOfDoor(deps, 'operator'),
    chief: await actorOfDoor(deps, 'chief'),
    chamber: await actorOfDoor(deps, 'chamber'),
  }
  const figures = async () =>
    (
      await rows(sql<Record<string, number>>`
        select (select count(*)::int from alerts where state in ('ended', 'expired')) as over,
          (select count(*)::int from alerts) as alerts, (select count(*)::int from reports) as reports,
          (select count(*)::int from deliveries where state in ('delivered', 'failed')) as deliveries,
          (select count(*)::int from dues) as dues, (select count(*)::int from dues_notices) as notices,
          (select count(*)::int from dues_payments) as payments,
          (select count(*)::int from schemes where figures_published) as published,
          (select count(distinct commune_code)::int from member_counts where scheme_id = 'ac63') as communes`)
    )[0]
  const forget = async (tables: readonly string[]) => {
    await asTableOwner(database, async (tx) => {
      for (const table of tables) await sql`truncate ${sql.table(table)} cascade`.execute(tx)
      await sql`update schemes set figures_published = false, dues = default`.execute(tx)
    })
  }
  const PAST = [
    'alerts',
    'reports',
    'alert_counters',
    'broadcasts',
    'deliveries',
    'dues_campaigns',
    'dues',
    'ledger_entries',
    'dues_counters',
  ]
  /** Makes dependencies whose database fails as if the program was killed at the start of its n-th transaction. */
  const killedAt = (no: number): Deps => {
    let begun = 0
    const db: Deps['db'] = new Proxy(deps.db, {
      get(of, key) {
        if (key === 'transaction' && ++begun > no) throw new Error('killed')
        const value = Reflect.get(of, key, of)
        return typeof value === 'function' ? value.bind(of) : value
      },
    })
    return { ...deps, db }
  }
  const seed = async (with_: Deps) => {
    await seedDemoAlerts(with_, 'ac63', desk)
    await seedDemoDues(with_, 'ac63')
  }
  // Reference without a kill, on the current members.
  await forget(PAST)
  await seed(deps)
  const whole = await figures()
  expect(whole).toMatchObject({ over: whole?.alerts, published: 1 })
  expect(whole?.communes).toBeGreaterThan(50)
  // Killed later each time, until it completes.
  await forget(PAST)
  for (let no = 0, done = false; !done; no++) {
    done = await seed(killedAt(no)).then(
      () => true,
      (error: Error) => {
        expect(error.message).toBe('killed')
        return false
      },
    )
  }
  expect(await figures()).toEqual(whole)
  // Killed once.
  for (const no of sampleOf([1, 3, 6, 10, 15], runsOf(5)).some) {
    await forget(PAST)
    await expect(seed(killedAt(no))).rejects.toThrow('killed')
    await seed(deps)
    expect(await figures()).toEqual(whole)
  }
  // The clock job runs concurrently: active alerts past their end expire before each next step.
  const expire = () =>
    acrossSchemes(database.db, (tx) =>
      sql`update alerts set state = 'expired' where state = 'active'`.execute(tx),
    )
  let expired = 0n
  const beside: Deps['db'] = new Proxy(deps.db, {
    get(of, key) {
      if (key === 'transaction')
        void expire().then(({ numAffectedRows }) => (expired += numAffectedRows ?? 0n))
      const value = Reflect.get(of, key, of)
      return typeof value === 'function' ? value.bind(of) : value
    },
  })
  await forget(PAST)
  await seed({ ...deps, db: beside })
  expect(expired).toBeGreaterThan(0n)
  expect(await figures()).toEqual(whole)
  await seed(deps)
  expect(await figures()).toEqual(whole)
})
