import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { testDatabase, testDatabaseUrl, usualKinds } from '../../test/support/database.ts'
import { dumpText } from '../../test/support/dump-text.ts'
import { TEST_KEYRING } from '../../test/support/encryption.ts'
import { asOwnerUrl, OWNER } from '../../test/support/owner-url.ts'
import { asTableOwner } from '../../test/support/table-owner.ts'
import {
  BENCH_SCHEME,
  fillScheme,
  orderBroadcast,
  startWorld,
  untilBroadcastDone,
} from '../../test/support/world.ts'
import { recordAudit } from '../audit/record.ts'
import { verifySchemeAudit } from '../audit/verify.ts'
import { createCipher } from '../cipher/cipher.ts'
import { addKey, createKeyring } from '../cipher/keyring.ts'
import { withdrawDeparted } from '../deliveries/claim/departures.ts'
import { takeInbound } from '../deliveries/receipt/inbound.ts'
import { findAccepted } from '../deliveries/receipt/receipt-lookup.ts'
import { readHealth } from '../deliveries/settle/health.ts'
import { type Smsc, startSmsc } from '../gateways/sms/simulator/smsc.ts'
import { AS_STORED } from '../platform/database/client.ts'
import { WAITING_TO_MIGRATE, withMigrationLock } from '../platform/database/migrate.ts'
import { acrossSchemes, type Database, inScheme, openDatabase } from '../platform/db.ts'
import { encryptNumbers } from './first.ts'
import { countNumbers, rotateNumbers } from './rotate.ts'
import { requireKeys } from './state.ts'
import { deleteUnusedNumbers } from './unused.ts'

const first = createCipher(TEST_KEYRING)
const nextKeyring = addKey(TEST_KEYRING)
const both = createCipher(nextKeyring)
const onlyNext = createCipher({ ...nextKeyring, keys: new Map([['k2', nextKeyring.keys.get('k2')!]]) })
const off = createCipher(undefined)

const MEMBERS = 300
const phoneOf = (n: number) => `+336${String(n).padStart(8, '0')}`
const reasonOf = (work: Promise<unknown>) =>
  work.then(
    () => 'accepted',
    (error: { code: string; values: { reason: string } }) => [error.code, error.values.reason],
  )

describe.each(usualKinds)('the first encryption on %s', (kind) => {
  let clear: Database
  let url: string | undefined
  beforeAll(async () => {
    url = kind === 'postgres' ? await testDatabaseUrl() : undefined
    clear =
      url === undefined
        ? await testDatabase(kind, { cipher: off })
        : await openDatabase({ kind: 'postgres', url, poolSize: 2 })
    await fillScheme({ database: clear, cipher: off }, 50)
    await inScheme(clear.db, BENCH_SCHEME, async (tx) => {
      await sql`update contacts set sms = false where mobile = ${phoneOf(7)}`.execute(tx)
      await sql`insert into opt_outs (scheme_id, id, member_id, contact_id, phone, takes, how, at, by)
        select scheme_id, gen_random_uuid(), member_id, id, mobile, false, 'chamber', now(), 'x' from contacts where mobile = ${phoneOf(7)}`.execute(
        tx,
      )
      await sql`insert into member_views (scheme_id, id, owner, name, shared, filter, created_at)
        values (${BENCH_SCHEME}, gen_random_uuid(), 'x', 'x', false, ${JSON.stringify({ q: phoneOf(8) })}, now())`.execute(
        tx,
      )
    })
  })
  afterAll(() => clear.close())

  test('replaces every number, in JSON too, keeps dates and consents, and is done once', async () => {
    const before = await facts(clear)
    let waiting: Promise<void> | undefined
    let replaced: number | undefined
    const owner =
      url === undefined ? clear : await openDatabase({ kind: 'postgres', url: asOwnerUrl(url), poolSize: 1 })
    if (url !== undefined) {
      const other = await openDatabase({ kind: 'postgres', url: named(url), poolSize: 1 })
      await other.db.selectFrom('schemes').select('id').execute()
      expect(await reasonOf(encryptNumbers(owner, first))).toEqual(['keys_refused', 'connected'])
      // An owner that is no superuser, as in service.
      const login = `owner_${randomUUID().slice(0, 8)}`
      const act = (text: string) => asTableOwner(clear, (tx) => sql.raw(text).execute(tx))
      await act(`create role ${login} login password '${login}' in role ${OWNER}, tocsin_service`)
      const lone = new URL(url)
      lone.username = lone.password = login
      const plain = await openDatabase({ kind: 'postgres', url: lone.href, poolSize: 1 })
      const found = await reasonOf(encryptNumbers(plain, first))
      await plain.close()
      await act(`drop role ${login}`)
      expect(found).toEqual(['keys_refused', 'connected'])
      expect(await reasonOf(encryptNumbers(clear, first))).toEqual(['keys_refused', 'owner'])
      // Another one waits to migrate, and begins after it.
      await withMigrationLock(clear, undefined, async () => {
        waiting = withMigrationLock(other, undefined, async () => {})
        const count = async () => (await WAITING_TO_MIGRATE.execute(owner.db)).rows.length
        await expect.poll(count).toBe(1)
        replaced = await encryptNumbers(owner, first)
      })
      await waiting
      await other.close()
    }
    // Members, the number that opted out, its departure, the number as a former one, and the search.
    expect(replaced ?? (await encryptNumbers(owner, first))).toBe(50 + 1 + 1 + 1 + 1)
    expect(await encryptNumbers(owner, first)).toBeUndefined()
    const dump = await dumpText(owner)
    for (const n of [1, 7, 8, 50]) expect(dump).not.toContain(phoneOf(n).slice(3))
    expect(dump).toContain('n1.')
    if (owner !== clear) await owner.close()
    if (url === undefined) return
    const database = await openDatabase({ kind: 'postgres', url, poolSize: 2 }, { cipher: first })
    expect(await facts(database)).toEqual(before)
    await database.close()
  })

  test('is not followed by a start without keys, or with other ones', async () => {
    expect(await requireKeys(clear.db, first)).toBe(true)
    expect(await requireKeys(clear.db, both)).toBe(true)
    expect(await reasonOf(requireKeys(clear.db, off))).toEqual(['keys_refused', 'missing'])
    expect(await reasonOf(requireKeys(clear.db, createCipher(createKeyring())))).toEqual([
      'keys_refused',
      'index',
    ])
  })
})

function named(url: string): string {
  const other = new URL(url)
  other.searchParams.set('application_name', 'another process')
  return other.href
}

async function facts(database: Database): Promise<unknown> {
  return inScheme(database.db, BENCH_SCHEME, async (tx) => ({
    contacts: (await sql`select id, mobile, sms, mobile_at, shared from contacts order by id`.execute(tx))
      .rows,
    optOuts: (await sql`select contact_id, phone, takes from opt_outs`.execute(tx)).rows,
    departures: (await sql`select phone from departures`.execute(tx)).rows,
    views: (await sql`select filter from member_views`.execute(tx)).rows,
    members: (await sql`select id, sms_contacts from members order by id`.execute(tx)).rows,
  }))
}

describe.each(usualKinds)('with encryption on, on %s', (kind) => {
  let smsc: Smsc
  let world: Awaited<ReturnType<typeof startWorld>>
  beforeAll(async () => {
    smsc = await startSmsc({ receiptDelayMs: 2 })
    world = await startWorld({
      database:
        kind === 'postgres'
          ? { kind, url: await testDatabaseUrl(), poolSize: 6 }
          : { kind, directory: undefined },
      cipher: both,
      smscPort: smsc.port,
      window: 20,
    })
    // Stored under the first key, as by a process that has not read the new one yet.
    await fillScheme({ database: world.deps.database, cipher: first }, MEMBERS)
  })
  afterAll(async () => {
    await world.stop()
    await smsc.stop()
  })
  const stored = <T>(query: ReturnType<typeof sql<T>>) =>
    acrossSchemes(world.deps.db, async (tx) => (await query.execute(tx)).rows)

  test('keys rotate while a broadcast is sent, stopped midway and resumed: each recipient gets it once', async () => {
    smsc.setFaults({ latencyMs: 30 } as never)
    const id = await orderBroadcast(world.deps, { limit: MEMBERS })
    await expect.poll(() => [...smsc.log()].length).toBeGreaterThan(20)
    // Stopped after a slice.
    const slice = 60
    const stopped = rotateNumbers(
      world.deps,
      () => {
        throw new Error('killed')
      },
      slice,
    )
    await expect(stopped).rejects.toThrow('killed')
    expect(await countNumbers(world.deps.db)).toEqual({ k1: MEMBERS - slice, k2: slice })
    expect(await rotateNumbers(world.deps, undefined, slice)).toBe(MEMBERS - slice)
    expect(await rotateNumbers(world.deps)).toBe(0)
    smsc.setFaults({ latencyMs: 0 } as never)
    expect(await untilBroadcastDone(world.deps, id)).toMatchObject({
      planned: MEMBERS,
      delivered: MEMBERS,
      possibleDuplicates: 0,
    })
    const sent = [...smsc.log()].map(({ destination }) => destination)
    expect(sent.toSorted()).toEqual(
      Array.from({ length: MEMBERS }, (_, n) => phoneOf(n + 1).slice(1)).toSorted(),
    )
    expect(await countNumbers(world.deps.db)).toEqual({ k2: MEMBERS })
    // The old key can be thrown away.
    const { url, poolSize } = { url: world.deps.database.pool.options.connectionString, poolSize: 1 }
    if (url !== undefined) {
      const later = await openDatabase({ kind: 'postgres', url, poolSize }, { cipher: onlyNext })
      const { rows } = await inScheme(later.db, BENCH_SCHEME, (tx) =>
        sql<{ mobile: string }>`select mobile from contacts order by id limit 1`.execute(tx),
      )
      expect(rows).toEqual([{ mobile: phoneOf(1) }])
      await later.close()
    }
  })

  test('STOP from a phone keeps the next broadcast from it', async () => {
    await takeInbound(world.deps, { gateway: 'bench', from: phoneOf(9), to: 'BENCH', text: 'STOP' })
    const optOuts = await world.deps.db.selectFrom('optOuts').select(['phone', 'takes']).execute()
    expect(optOuts).toEqual([{ phone: phoneOf(9), takes: false }])
    const next = await orderBroadcast(world.deps, { limit: MEMBERS })
    const phones = await world.deps.db
      .selectFrom('deliveries')
      .select('phone')
      .where('broadcastId', '=', next)
      .execute()
    expect(phones).toHaveLength(MEMBERS - 1)
    expect(phones.map(({ phone }) => phone)).not.toContain(phoneOf(9))
    await untilBroadcastDone(world.deps, next)
  })

  test('no number is in a dump, in any table', async () => {
    const dump = await dumpText(world.deps.database)
    for (let n = 1; n <= MEMBERS; n++) expect(dump, phoneOf(n)).not.toContain(phoneOf(n).slice(3))
  })

  test('a new number is kept with the statement that stores it, and a search keeps none', async () => {
    const before = await countNumbers(world.deps.db)
    const search = (phone: string) =>
      inScheme(world.deps.db, BENCH_SCHEME, (tx) =>
        tx.selectFrom('contacts').select('mobile').where('mobile', '=', phone).execute(),
      )
    expect(await search('+33700000001')).toEqual([])
    expect(await countNumbers(world.deps.db)).toEqual(before)
    const change = inScheme(world.deps.db, BENCH_SCHEME, async (tx) => {
      await tx
        .updateTable('contacts')
        .set({ mobile: '+33700000001' })
        .where('mobile', '=', phoneOf(3))
        .execute()
      throw new Error('undone')
    })
    await expect(change).rejects.toThrow('undone')
    expect(await search('+33700000001')).toEqual([])
    await inScheme(world.deps.db, BENCH_SCHEME, (tx) =>
      tx.updateTable('contacts').set({ mobile: '+33700000001' }).where('mobile', '=', phoneOf(3)).execute(),
    )
    expect(await search('+33700000001')).toEqual([{ mobile: '+33700000001' }])
  })

  test('a number that no row has any more is deleted, after two searches, and no other one', async () => {
    const { db } = world.deps
    const days = (n: number) => ({ db, now: () => new Date(Date.now() + n * 86_400_000) })
    const count = async () => (await countNumbers(db)).k2
    const before = (await count()) ?? 0
    // The member of the test above gets its former number back; its delivery still has it.
    await inScheme(db, BENCH_SCHEME, (tx) =>
      tx
        .updateTable('contacts')
        .set({ mobile: phoneOf(3) })
        .where('mobile', '=', '+33700000001')
        .execute(),
    )
    await sql`delete from departures`.execute(db)
    await sql`delete from former_numbers`.execute(db)
    expect(await deleteUnusedNumbers(days(0))).toBe(0)
    expect(await deleteUnusedNumbers(days(0.5))).toBe(0)
    expect(await deleteUnusedNumbers(days(2))).toBe(0)
    expect(await count()).toBe(before)
    expect(await deleteUnusedNumbers(days(3))).toBe(1)
    expect(await count()).toBe(before - 1)
    expect(await deleteUnusedNumbers(days(4))).toBe(0)
    // An entry of the record cannot be changed, and is read as long as there is one.
    const kept = '+33700000077'
    await inScheme(db, BENCH_SCHEME, (tx) =>
      recordAudit(tx, BENCH_SCHEME, new Date(), {
        actor: 'x',
        action: 'message.settings',
        subject: `scheme:${BENCH_SCHEME}`,
        details: { after: { phone: kept } },
      }),
    )
    for (const day of [8, 10, 12]) expect(await deleteUnusedNumbers(days(day))).toBe(0)
    const { rows: entries } = await sql<{ details: unknown }>`
      select details from audit_entries where action = 'message.settings'`.execute(db)
    expect(entries).toEqual([{ details: { after: { phone: kept } } }])
    const { rows } = await inScheme(db, BENCH_SCHEME, (tx) =>
      sql<{ n: number }>`select count(distinct mobile)::int as n from contacts`.execute(tx),
    )
    expect(rows).toEqual([{ n: MEMBERS }])
  })

  test('a changed number is an error, never another number or none', async () => {
    await stored(sql`${AS_STORED} update pseudonyms set sealed = (select sealed from pseudonyms where pseudonym = ${nameOf(phoneOf(5))})
      where pseudonym = ${nameOf(phoneOf(6))}`)
    // A process that does not know the number yet.
    const url = world.deps.database.pool.options.connectionString
    const other =
      url === undefined
        ? undefined
        : await openDatabase({ kind: 'postgres', url, poolSize: 1 }, { cipher: both })
    if (other === undefined) return
    onTestFinished(() => other.close())
    const read = inScheme(other.db, BENCH_SCHEME, (tx) =>
      sql`select mobile from contacts where id = '00000000-0000-7000-9000-000000000006'`.execute(tx),
    )
    expect(await reasonOf(read)).toEqual(['sealed_unreadable', 'changed'])
  })
})

test('numbers that are gone, changed or put in clear fail alone: the others get the alert', async () => {
  const smsc = await startSmsc({ receiptDelayMs: 2 })
  const world = await startWorld({
    database: { kind: 'postgres', url: await testDatabaseUrl(), poolSize: 6 },
    cipher: first,
    smscPort: smsc.port,
    window: 20,
  })
  const { deps } = world
  await fillScheme({ database: deps.database, cipher: first }, 12)
  const asStored = (statement: ReturnType<typeof sql>) =>
    acrossSchemes(deps.db, (tx) => statement.execute(tx))
  await asStored(sql`${AS_STORED} delete from pseudonyms where pseudonym = ${nameOf(phoneOf(3))}`)
  await asStored(sql`${AS_STORED} update pseudonyms set sealed = (select sealed from pseudonyms where pseudonym = ${nameOf(phoneOf(5))})
    where pseudonym = ${nameOf(phoneOf(4))}`)
  await asStored(
    sql`${AS_STORED} update pseudonyms set sealed = ${phoneOf(6)} where pseudonym = ${nameOf(phoneOf(7))}`,
  )
  const id = await orderBroadcast(deps, { limit: 12 })
  expect(await untilBroadcastDone(deps, id)).toMatchObject({ planned: 12, delivered: 9, failed: 3 })
  const sent = [...smsc.log()].map(({ destination }) => destination)
  const reached = [1, 2, 5, 6, 8, 9, 10, 11, 12].map((n) => phoneOf(n).slice(1))
  expect(sent.toSorted()).toEqual(reached)

  // Nor do they hold up the work of the engine on the other numbers.
  await readHealth(deps)
  const { rows: unread } = await sql`select from broadcasts where health_no < planned`.execute(deps.db)
  expect(unread).toEqual([])
  await findAccepted(deps, 3_600_000, 100)
  const phones = [3, 4, 5].map(phoneOf)
  await asTableOwner(deps.database, (tx) =>
    sql`delete from departures`.execute(tx).then(() =>
      sql`insert into departures (scheme_id, phone, at, check_at)
        select ${BENCH_SCHEME}, d.phone, now(), now() from deliveries d where d.no in (3, 4, 5)`.execute(tx),
    ),
  )
  await withdrawDeparted(deps.db, deps.now())
  const { rows: due } = await asStored(sql`${AS_STORED}
    select phone, check_at is null as is_over from departures`)
  expect(
    new Map((due as { phone: string; isOver: boolean }[]).map((one) => [one.phone, one.isOver])),
  ).toEqual(new Map(phones.map((phone) => [nameOf(phone), phone !== phoneOf(5)])))
  await world.stop()
  await smsc.stop()
})

test('addresses typed in capitals leave the audit record whole, also by the first encryption', async () => {
  const url = await testDatabaseUrl()
  const record = async ({ db }: Database) => {
    const mail = 'Contact@Tabac.example.FR'
    await inScheme(db, BENCH_SCHEME, (tx) =>
      recordAudit(tx, BENCH_SCHEME, new Date(), {
        actor: mail,
        action: 'message.settings',
        subject: mail,
        details: { after: { mail, of: { [mail]: 1, '+33700000078': [mail] } } },
        reason: mail,
        named: { names: [mail, `Zoe "${mail}`, `[x] "${mail}"`], name: mail },
      }),
    )
    await inScheme(db, BENCH_SCHEME, (tx) =>
      recordAudit(tx, BENCH_SCHEME, new Date(), {
        actor: 'x',
        action: 'message.settings',
        subject: 'x',
        reason: `[for] "${mail}"`,
      }),
    )
  }
  const before = await openDatabase({ kind: 'postgres', url, poolSize: 1 })
  await sql`insert into schemes (id, name, territory, reference_prefix, trades, sender, closing_advice, created_at)
    values (${BENCH_SCHEME}, 'x', '{}', '63', '{}', 'X', '', now())`.execute(before.db)
  await record(before)
  await before.close()
  const owner = await openDatabase({ kind: 'postgres', url: asOwnerUrl(url), poolSize: 1 }, { cipher: first })
  await encryptNumbers(owner, first)
  await owner.close()
  const after = await openDatabase({ kind: 'postgres', url, poolSize: 2 }, { cipher: first })
  onTestFinished(() => after.close())
  await record(after)
  expect(await verifySchemeAudit(after.db, BENCH_SCHEME)).toEqual({ schemeId: BENCH_SCHEME, entries: 4 })
  const { rows } = await sql<{ named: unknown; details: unknown }>`
    select r.named, e.details from audit_entries e join audit_reasons r using (scheme_id, seq) where e.actor <> 'x' order by seq`.execute(
    after.db,
  )
  const mail = 'contact@tabac.example.fr'
  const details = { after: { mail, of: { [mail]: 1, '+33700000078': [mail] } } }
  const named = {
    names: [mail, 'Zoe "Contact@Tabac.example.FR', '[x] "Contact@Tabac.example.FR"'],
    name: mail,
  }
  expect(rows).toEqual([
    { details, named },
    { details, named },
  ])
})

const nameOf = (phone: string) => `n1.${first.index('', 'phone', phone)}m`
