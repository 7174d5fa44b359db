import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openCampaign } from '../../../test/support/campaigns.ts'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, testDeps } from '../../../test/support/deps.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import { runsOf } from '../../../test/support/random.ts'
import { asTableOwner } from '../../../test/support/table-owner.ts'
import { recordAudit } from '../../audit/record.ts'
import { verifyAudit } from '../../audit/verify.ts'
import { pruneDeliveries } from '../../deliveries/settle/prune.ts'
import { tallyBroadcasts } from '../../deliveries/settle/tallies.ts'
import type { Deps } from '../../deps.ts'
import { getMemberDues } from '../../dues/actions.ts'
import { exportCsv } from '../../imports/export/actions.ts'
import { findCaller, getMember, listMemberAccesses, listMembers } from '../../members/actions.ts'
import { listNumbers } from '../../members/numbers/actions.ts'
import { DAY_MS, dayIn, METROPOLITAN_ZONE } from '../../message/clock.ts'
import { acrossSchemes, type Database } from '../../platform/db.ts'
import { createReport, getReport } from '../../reports/actions.ts'
import { getRegister } from '../papers/actions.ts'
import { answerDataRequest, enterDataRequest, listDataRequests } from '../requests/actions.ts'
import { getPrivacyFacts, getRetention } from './actions.ts'
import { eraseMembers } from './erase.ts'
import { purgeOld } from './purge.ts'

const chamber = actorOf('chamber', 'ac63')
const operator = actorOf('operator', 'ac63')
const NOW = new Date('2026-06-01T12:00:00Z')
const ago = (days: number) => new Date(NOW.getTime() - days * DAY_MS)

describe.each(usualKinds)('retention on %s', (kind) => {
  let database: Database
  let deps: Deps
  let clock = NOW
  let serial = 1000
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    deps = testDeps(database, { now: () => clock })
  })
  afterAll(() => database.close())

  /** A report called so many days ago, with an alert and all that may come of one. @returns their ids */
  async function told(days: number, options: { readonly running?: boolean } = {}) {
    const [report, alert, broadcast] = [idOf(serial++), idOf(serial++), idOf(serial++)]
    const at = ago(days)
    const db = database.db
    const statements = [
      sql`insert into reports (scheme_id, id, category_code, commune_code, called_at, occurred_at, state, decided_at, created_at, created_by, caller_name)
        values ('ac63', ${report}::uuid, 'counterfeit', '63178', ${at}, ${at}, 'broadcast', ${at}, ${at}, 'x', 'Mme Petit')`,
      sql`insert into alerts (scheme_id, id, reference, report_id, category_code, severity, text, area, area_label, trades, simulated, state,
          expires_at, created_at, created_by)
        values ('ac63', ${alert}::uuid, ${alert}, ${report}::uuid, 'counterfeit', 'alert', 'x', '{"kind":"scheme"}', 'x', '{}', true, 'active', ${at}, ${at}, 'x')`,
      sql`insert into broadcasts (scheme_id, id, alert_id, kind, text, encoding, parts, sender, lane, simulated, state, valid_until, ordered_at, ordered_by,
          planned, delivered, tallied_at, done_at)
        values ('ac63', ${broadcast}::uuid, ${alert}::uuid, 'first', 'x', 'GSM-7', 1, 'X', 'alert', true, ${options.running ? 'running' : 'done'}, ${at}, ${at}, 'x',
          1, 1, ${at}, ${at})`,
      sql`insert into deliveries (scheme_id, broadcast_id, no, contact_id, member_id, phone, commune_code, trade, state)
        values ('ac63', ${broadcast}::uuid, 1, ${idOf(1)}, ${idOf(1)}, ${phoneOf(1)}, '63178', 'bakery', 'delivered')`,
      sql`insert into delivery_chunks (scheme_id, broadcast_id, first_no, last_no, state) values ('ac63', ${broadcast}::uuid, 1, 1, 'done')`,
      sql`insert into delivery_tallies (scheme_id, broadcast_id, trade, gateway, planned, delivered, failed, expired, withdrawn)
        values ('ac63', ${broadcast}::uuid, 'bakery', 'a', 1, 1, 0, 0, 0)`,
    ]
    for (const statement of statements) await statement.execute(db)
    return { report, alert, broadcast }
  }

  const count = async (table: string, column: string, id: string) => {
    const { rows } = await sql<{ n: number }>`
      select count(*)::int as n from ${sql.table(table)} where ${sql.ref(column)} = ${id}::uuid`.execute(
      database.db,
    )
    return rows[0]?.n
  }
  const tracesOf = async ({ report, alert, broadcast }: Awaited<ReturnType<typeof told>>) =>
    Promise.all([
      count('reports', 'id', report),
      count('alerts', 'id', alert),
      count('broadcasts', 'id', broadcast),
      count('deliveries', 'broadcast_id', broadcast),
      count('delivery_chunks', 'broadcast_id', broadcast),
      count('delivery_tallies', 'broadcast_id', broadcast),
    ])

  test('deletes reports and their dependent rows after two years, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ days: fc.integer({ min: 700, max: 760 }), running: fc.boolean() }), {
          minLength: 1,
          maxLength: 6,
        }),
        async (cases) => {
          const made = []
          for (const one of cases) made.push({ ...one, ids: await told(one.days, one) })
          await purgeOld(deps)
          for (const { days, running, ids } of made) {
            // A broadcast that is still running is not deleted under its sender.
            const stays = days <= 730 || running ? 1 : 0
            expect(await tracesOf(ids)).toEqual(Array.from({ length: 6 }, () => stays))
          }
          await sql`update broadcasts set state = 'done'`.execute(database.db)
        },
      ),
      { numRuns: runsOf(8) },
    )
  })

  test('deletes more than one batch per run and records it in an intact audit log that the chamber can read', async () => {
    await purgeOld(deps)
    for (let i = 0; i < 205; i++) await told(800)
    const fresh = await told(10)
    const before = (await getRetention(deps, chamber, 'ac63')).purges.length
    expect(await purgeOld(deps)).toMatchObject({ reports: 205 })
    expect(await tracesOf(fresh)).toEqual([1, 1, 1, 1, 1, 1])
    const view = await getRetention(deps, chamber, 'ac63')
    expect(view.purges.length - before).toBe(2)
    expect(view.purges.slice(0, 2).map(({ kind, removed }) => [kind, removed])).toEqual([
      ['reports', 5],
      ['reports', 200],
    ])
    expect(view.purges[0]?.before).toBe(ago(730).toISOString())
    expect(view.kinds).toContainEqual({ kind: 'deliveries', days: 180 })
    const chain = (await verifyAudit(database.db)).find(({ schemeId }) => schemeId === 'ac63')
    expect(chain?.entries).toBeGreaterThan(1)
    expect(chain?.broken).toBeUndefined()
    await expect(getRetention(deps, operator, 'ac63')).rejects.toMatchObject({ code: 'forbidden' })
    expect((await getRetention(deps, actorOf('chamber', 'ac39'), 'ac39')).purges).toEqual([])
    expect(await purgeOld(deps)).toEqual({
      reports: 0,
      messages: 0,
      member: 0,
      look: 0,
      request: 0,
      mandate: 0,
      statement: 0,
      dues: 0,
      notice: 0,
      reason: 0,
      network: 0,
      on_call: 0,
    })
  })

  test('deletes an alert with an authorised follow-up', async () => {
    const { alert, report, broadcast } = await told(800)
    const followUp = idOf(serial++)
    await sql`insert into follow_ups (scheme_id, id, alert_id, kind, text, level, after_id, order_key, state, created_at, created_by)
      values ('ac63', ${followUp}::uuid, ${alert}::uuid, 'update', 'x', 'precise', ${broadcast}::uuid, ${followUp}::uuid, 'discarded',
        ${ago(800)}, 'x')`.execute(database.db)
    await named(alert, { followUp })
    expect(await purgeOld(deps)).toMatchObject({ reports: 1 })
    expect(await count('reports', 'id', report)).toBe(0)
  })

  /** An authorisation recorded under a name. */
  async function named(
    alert: string,
    { magistrate = null, followUp = null }: { magistrate?: string | null; followUp?: string | null },
  ): Promise<void> {
    await sql`insert into authorisations (scheme_id, id, alert_id, follow_up_id, magistrate_id, magistrate, service, given_at, scope, content_hash,
        recorded_at, recorded_by)
      values ('ac63', ${idOf(serial++)}::uuid, ${alert}::uuid, ${followUp}::uuid, ${magistrate}, 'Mme Delmas', 'Parquet', ${ago(300)}, 'x', 'x',
        ${ago(300)}, 'x')`.execute(database.db)
  }

  test('erases where a removed person is reached after half a year, unless an alert that is not over needs it', async () => {
    const people: Record<string, string> = {}
    const removed = async (who: string, days: number | null, role = 'magistrate') => {
      people[who] = idOf(serial++)
      const phone = role === 'magistrate' || days === null ? phoneOf(700) : null
      await sql`insert into on_call_people (scheme_id, id, role, name, phone, mail, created_at, removed_at)
        values ('ac63', ${people[who]}::uuid, ${role}, ${who}, ${phone}, ${phone && 'x@justice.example'}, ${ago(400)}, ${days === null ? null : ago(days)})`.execute(
        database.db,
      )
      return people[who]
    }
    await removed('never named', 181)
    await removed('still in the list', null)
    await removed('removed lately', 179)
    await removed('approver', 181, 'approver')
    const over = await told(300)
    await sql`update alerts set state = 'ended' where id = ${over.alert}::uuid`.execute(database.db)
    await named(over.alert, { magistrate: await removed('named', 181) })
    const open = await told(300)
    await named(open.alert, { magistrate: await removed('needed', 181) })

    const left = async () => {
      const rows = await database.db.selectFrom('onCallPeople').select(['name', 'phone', 'mail']).execute()
      return Object.fromEntries(rows.map(({ name, phone, mail }) => [name, phone !== null || mail !== null]))
    }
    expect(await purgeOld(deps)).toMatchObject({ on_call: 3 })
    expect(await left()).toEqual({
      'still in the list': true,
      'removed lately': true,
      // The name stays: an authorisation has it.
      named: false,
      needed: true,
    })
    // Nothing is left to do for these.
    expect(await purgeOld(deps)).toMatchObject({ on_call: 0 })
    await sql`update alerts set state = 'ended' where id = ${open.alert}::uuid`.execute(database.db)
    expect(await purgeOld(deps)).toMatchObject({ on_call: 1 })
    expect(await left()).toMatchObject({ needed: false })
    expect(await getRegister(deps, chamber, 'ac63')).toContain('180\u00a0jours après son retrait')
    expect((await getRetention(deps, chamber, 'ac63')).kinds).toContainEqual({ kind: 'on_call', days: 180 })
  })

  test('empties a former member after thirty days and leaves active members unchanged', async () => {
    const [gone, recent, here] = [idOf(1), idOf(2), idOf(3)]
    await seedMembers(database.db, 'ac63', [
      { id: gone, name: 'Tabac Durand', phones: [phoneOf(1)] },
      { id: recent, name: 'Fleurs Martin', phones: [phoneOf(2)] },
      { id: here, name: 'Boulangerie', phones: [phoneOf(3)] },
    ])
    const { report } = await told(20)
    await sql`update reports set caller_member_id = ${gone}::uuid, caller_phone = ${phoneOf(1)} where id = ${report}::uuid`.execute(
      database.db,
    )
    await sql`update members set siret = '12345678900011', address = '1 rue Haute', status = 'left', updated_at = ${ago(31)} where id = ${gone}::uuid`.execute(
      database.db,
    )
    await sql`update members set status = 'left', updated_at = ${ago(29)} where id = ${recent}::uuid`.execute(
      database.db,
    )
    expect(await purgeOld(deps)).toMatchObject({ member: 1 })
    const member = await database.db
      .selectFrom('members')
      .selectAll()
      .where('id', '=', gone)
      .executeTakeFirstOrThrow()
    expect(member).toMatchObject({ name: 'Adhérent effacé', siret: null, address: null, status: 'left' })
    expect(member.erasedAt).not.toBeNull()
    expect(await count('contacts', 'member_id', gone)).toBe(0)
    expect(await count('contacts', 'member_id', recent)).toBe(1)
    expect(await count('contacts', 'member_id', here)).toBe(1)
    const caller = await database.db
      .selectFrom('reports')
      .select(['callerMemberId', 'callerName', 'callerPhone'])
      .where('id', '=', report)
      .executeTakeFirstOrThrow()
    // The chamber may not remove the record of a call, which belongs to the forces.
    expect(caller).toEqual({
      callerMemberId: null,
      callerName: 'Mme Petit, Tabac Durand',
      callerPhone: phoneOf(1),
    })
    const { members } = await listMembers(deps, chamber, 'ac63', { status: 'left', limit: 50 })
    expect(members.map(({ id }) => id)).toEqual([recent])
    // Not a trace of it in the list of members.
    const { rows } = await sql<{ found: number }>`
      select count(*)::int as found from members where name ilike '%durand%' or search_name ilike '%durand%'`.execute(
      database.db,
    )
    expect(rows[0]?.found).toBe(0)
  })

  test('keeps the caller of a waiting report when the member is erased', async () => {
    const gone = idOf(serial++)
    await seedMembers(database.db, 'ac63', [
      { id: gone, name: 'Tabac Mercier', phones: [phoneOf(11), phoneOf(12)] },
    ])
    const { id: owner } = await database.db
      .selectFrom('contacts')
      .select('id')
      .where('mobile', '=', phoneOf(12))
      .executeTakeFirstOrThrow()
    await sql`update contacts set person = 'Odile Mercier' where id = ${owner}::uuid`.execute(database.db)
    const called = await createReport(deps, operator, 'ac63', {
      categoryCode: 'counterfeit',
      communeCode: '63178',
      callerMemberId: gone,
      callerPhone: '06 39 98 00 99',
      callerName: 'Jean Mercier',
    })
    const fromPortal = idOf(serial++)
    await sql`insert into reports (scheme_id, id, category_code, commune_code, called_at, occurred_at, state, created_at, created_by,
        caller_member_id, caller_contact_id, called17, place)
      values ('ac63', ${fromPortal}, 'counterfeit', '63178', ${NOW}, ${NOW}, 'waiting', ${NOW}, 'Odile Mercier (Tabac Mercier)', ${gone}, ${owner},
        false, 'Tabac Mercier, 1 rue Haute')`.execute(database.db)
    const request = await enterDataRequest(deps, chamber, 'ac63', {
      kind: 'erasure',
      via: 'mail',
      receivedOn: '2026-06-01',
      memberId: gone,
      person: '',
    })
    await answerDataRequest(deps, chamber, 'ac63', request.id, { outcome: 'done', answer: '' })
    const member = await database.db
      .selectFrom('members')
      .select('name')
      .where('id', '=', gone)
      .executeTakeFirstOrThrow()
    expect(member.name).toBe('Adhérent effacé')
    const kept = await database.db
      .selectFrom('reports')
      .select(['callerName', 'callerPhone', 'callerMemberId', 'callerContactId', 'place', 'createdBy'])
      .where('id', 'in', [called.id, fromPortal])
      .orderBy('callerPhone')
      .execute()
    const nobody = { callerMemberId: null, callerContactId: null }
    expect(kept).toMatchObject([
      {
        ...nobody,
        callerName: 'Odile Mercier, Tabac Mercier',
        callerPhone: phoneOf(12),
        place: 'Tabac Mercier, 1 rue Haute',
        createdBy: 'Odile Mercier (Tabac Mercier)',
      },
      { ...nobody, callerName: 'Jean Mercier, Tabac Mercier', callerPhone: '+33639980099' },
    ])
    expect((await getReport(deps, operator, 'ac63', called.id)).caller).toMatchObject({ answerable: true })
    expect(await getReport(deps, operator, 'ac63', called.id)).toMatchObject({
      portal: false,
      called17: null,
    })
    expect(await getReport(deps, operator, 'ac63', fromPortal)).toMatchObject({
      portal: true,
      called17: false,
    })
    for (const actor of [chamber, actorOf('trade_chamber', 'ac63')])
      await expect(getReport(deps, actor, 'ac63', called.id)).rejects.toMatchObject({ code: 'forbidden' })
  })

  test('keeps the caller of a decided report of an erased member until the purge of reports, but not of a drill', async () => {
    const gone = idOf(serial++)
    await seedMembers(database.db, 'ac63', [{ id: gone, name: 'Tabac Vidal', phones: [phoneOf(13)] }])
    const insert = async (exercise: boolean) => {
      const id = idOf(serial++)
      await sql`insert into reports (scheme_id, id, category_code, commune_code, called_at, occurred_at, state, decided_at, created_at,
          created_by, caller_member_id, caller_phone, place, exercise, refusal_code)
        values ('ac63', ${id}, 'counterfeit', '63178', ${ago(700)}, ${ago(700)}, 'refused', ${ago(700)}, ${ago(700)}, 'x', ${gone},
          ${phoneOf(13)}, 'Tabac Vidal, 2 rue Basse', ${exercise}, 'doubt')`.execute(database.db)
      return id
    }
    const [real, drill] = [await insert(false), await insert(true)]
    const note = idOf(serial++)
    await sql`insert into call_notes (scheme_id, user_id, id, content, saved_at)
      values ('ac63', 'u', ${note}, ${JSON.stringify({ callerPhone: phoneOf(13) })}::jsonb, ${NOW})`.execute(
      database.db,
    )
    await acrossSchemes(database.db, (tx) => eraseMembers(tx, deps, [{ schemeId: 'ac63', id: gone }], NOW))
    const caller = async (id: string) => (await getReport(deps, operator, 'ac63', id)).caller
    expect(await caller(real)).toMatchObject({ name: 'Dominique, Tabac Vidal', member: null })
    expect((await getReport(deps, operator, 'ac63', real)).place).toBe('Tabac Vidal, 2 rue Basse')
    expect(await caller(drill)).toBeNull()
    expect(await count('call_notes', 'id', note)).toBe(1)
    await sql`update reports set called_at = ${ago(731)} where id in (${real}, ${drill})`.execute(database.db)
    expect(await purgeOld(deps)).toMatchObject({ reports: 2 })
    expect(await count('reports', 'id', real)).toBe(0)
  })

  test('deletes a message to a group with its deliveries, without holding up other kinds', async () => {
    const [message, broadcast] = [idOf(serial++), idOf(serial++)]
    const at = ago(200)
    await sql`insert into broadcasts (scheme_id, id, alert_id, kind, text, encoding, parts, sender, lane, simulated, state, valid_until, ordered_at,
        ordered_by, planned, delivered, done_at)
      values ('ac63', ${broadcast}::uuid, null, 'group', 'x', 'GSM-7', 1, 'X', 'service', true, 'done', ${at}, ${at}, 'x', 1, 1, ${at})`.execute(
      database.db,
    )
    await sql`insert into deliveries (scheme_id, broadcast_id, no, contact_id, member_id, phone, commune_code, trade, state)
      values ('ac63', ${broadcast}::uuid, 1, ${idOf(3)}, ${idOf(3)}, ${phoneOf(3)}, '63178', 'bakery', 'delivered')`.execute(
      database.db,
    )
    await sql`insert into delivery_chunks (scheme_id, broadcast_id, first_no, last_no, state) values ('ac63', ${broadcast}::uuid, 1, 1, 'done')`.execute(
      database.db,
    )
    await sql`insert into service_messages (scheme_id, id, channel, subject, text, filter, state, recipients, written_at, written_by, writer,
        decided_at, broadcast_id)
      values ('ac63', ${message}::uuid, 'sms', '', 'x', '{}', 'sent', 1, ${at}, 'x', 'x', ${at}, ${broadcast}::uuid)`.execute(
      database.db,
    )
    // As the workers do, each minute: it is counted nowhere.
    while ((await tallyBroadcasts(database.db, 100, NOW)) > 0);
    while ((await pruneDeliveries(database.db, ago(180), 100, NOW)) > 0);
    await pruneDeliveries(database.db, ago(180), 100, NOW)
    expect(await count('delivery_tallies', 'broadcast_id', broadcast)).toBe(0)
    expect(await purgeOld(deps)).toMatchObject({ messages: 2 })
    expect(await count('broadcasts', 'id', broadcast)).toBe(0)
    expect(await count('service_messages', 'id', message)).toBe(0)
  })

  test('deletes an undecided message to a group at the end of its retention period', async () => {
    const [old, young] = [idOf(serial++), idOf(serial++)]
    await sql`insert into service_messages (scheme_id, id, channel, subject, text, filter, state, recipients, written_at, written_by, writer)
      values ('ac63', ${old}::uuid, 'sms', '', 'x', '{}', 'waiting', 1, ${ago(181)}, 'x', 'x'),
        ('ac63', ${young}::uuid, 'sms', '', 'x', '{}', 'waiting', 1, ${ago(179)}, 'x', 'x')`.execute(
      database.db,
    )
    expect(await purgeOld(deps)).toMatchObject({ messages: 1 })
    expect(await count('service_messages', 'id', old)).toBe(0)
    expect(await count('service_messages', 'id', young)).toBe(1)
  })

  test('deletes the reasons of audit entries after two years and keeps the chain valid', async () => {
    const record = (days: number, reason: string) =>
      acrossSchemes(database.db, (tx) =>
        recordAudit(tx, 'ac63', ago(days), {
          actor: 'user:x',
          action: 'dues.withdraw',
          subject: 'dues:2026',
          reason,
        }),
      )
    await record(731, 'demandé par Mme Martin')
    await record(729, 'mauvais montant')
    await record(1, '')
    expect(await purgeOld(deps)).toMatchObject({ reason: 1 })
    const { rows } = await sql<{ reason: string }>`select reason from audit_reasons`.execute(database.db)
    expect(rows).toEqual([{ reason: 'mauvais montant' }])
    const chain = (await verifyAudit(database.db)).find(({ schemeId }) => schemeId === 'ac63')
    expect(chain?.broken).toBeUndefined()
  })

  test('deletes the networks of audit entries after a year and keeps the chain valid', async () => {
    for (const days of [366, 364])
      await acrossSchemes(database.db, (tx) =>
        recordAudit(tx, 'ac63', ago(days), {
          actor: 'user:x',
          action: 'member.export',
          subject: 'scheme:ac63',
          network: `192.0.${days - 300}.0/24`,
        }),
      )
    expect(await purgeOld(deps)).toMatchObject({ network: 1 })
    const { rows } = await sql`select network from audit_networks`.execute(database.db)
    expect(rows).toEqual([{ network: '192.0.64.0/24' }])
    const chain = (await verifyAudit(database.db)).find(({ schemeId }) => schemeId === 'ac63')
    expect(chain?.broken).toBeUndefined()
  })

  test('purges the other kinds when one kind fails', async () => {
    await asTableOwner(database, (tx) =>
      sql
        .raw(`
        create function no_deletion() returns trigger language plpgsql as 'begin raise exception ''not now''; end';
        create trigger no_deletion before delete on reports for each row execute function no_deletion()`)
        .execute(tx),
    )
    const old = await told(800)
    const leaving = idOf(serial++)
    await seedMembers(database.db, 'ac63', [{ id: leaving, name: 'Tabac Leroy', phones: [] }])
    await sql`update members set status = 'left', updated_at = ${ago(31)} where id = ${leaving}::uuid`.execute(
      database.db,
    )
    expect(await purgeOld(deps)).toMatchObject({ reports: 0, member: 1 })
    await asTableOwner(database, (tx) => sql`drop trigger no_deletion on reports`.execute(tx))
    expect(await tracesOf(old)).toEqual([1, 1, 1, 1, 1, 1])
    expect(await purgeOld(deps)).toMatchObject({ reports: 1 })
  })

  test('erases the members merged into an erased one and texts that name its contacts', async () => {
    const [kept, pointer, merge] = [idOf(serial++), idOf(serial++), idOf(serial++)]
    await seedMembers(database.db, 'ac63', [
      { id: kept, name: 'Garage Blanc', phones: [phoneOf(71)] },
      { id: pointer, name: 'Garage Blanc SARL', phones: [] },
    ])
    const db = database.db
    await sql`update members set status = 'left', merged_into = ${kept}::uuid, siret = '12345678900099' where id = ${pointer}::uuid`.execute(
      db,
    )
    await sql`update members set status = 'left', updated_at = ${ago(31)} where id = ${kept}::uuid`.execute(
      db,
    )
    await sql`insert into member_merges (scheme_id, id, kept_member_id, merged_member_id, merged_at, merged_by, undo)
      values ('ac63', ${merge}::uuid, ${kept}::uuid, ${pointer}::uuid, ${ago(40)}, 'x', '{"name":"Garage Blanc SARL"}')`.execute(
      db,
    )
    await sql`insert into member_aliases (scheme_id, merge_id, of_kept, member_id, siret, search_name, commune_code)
      values ('ac63', ${merge}::uuid, false, ${pointer}::uuid, '12345678900099', 'garage blanc sarl', '63178')`.execute(
      db,
    )
    await sql`insert into contact_sessions (id, token_hash, phone, created_at, used_at, expires_at)
      values (${idOf(serial++)}::uuid, 'x', ${phoneOf(71)}, ${NOW}, ${NOW}, ${NOW})`.execute(db)
    expect(await purgeOld(deps)).toMatchObject({ member: 1 })
    const { rows } = await sql<{ found: number }>`
      select (select count(*) from members where search_name like '%blanc%' or siret = '12345678900099')::int
        + (select count(*) from member_aliases where search_name like '%blanc%')::int
        + (select count(*) from member_merges where undo::text ilike '%blanc%')::int
        + (select count(*) from contact_sessions where phone = ${phoneOf(71)})::int as found`.execute(db)
    expect(rows[0]?.found).toBe(0)
  })

  test('records each access to a file once in ten minutes, readable by the chamber, for a year', async () => {
    const id = idOf(3)
    clock = NOW
    await acrossSchemes(database.db, (tx) => tx.deleteFrom('memberAccesses').execute())
    for (const minutes of [0, 5, 12]) {
      clock = new Date(NOW.getTime() + minutes * 60_000)
      await getMember(deps, operator, 'ac63', id)
    }
    await getMember(deps, chamber, 'ac63', id)
    const { accesses } = await listMemberAccesses(deps, chamber, 'ac63', id)
    expect(accesses.map(({ role, at }) => [role, at.slice(11, 16)]).sort()).toEqual([
      ['chamber', '12:12'],
      ['operator', '12:00'],
      ['operator', '12:12'],
    ])
    await expect(listMemberAccesses(deps, operator, 'ac63', id)).rejects.toMatchObject({ code: 'forbidden' })
    const others = actorOf('trade_chamber', 'ac63', { trades: ['pharmacy'] })
    await expect(listMemberAccesses(deps, others, 'ac63', id)).rejects.toMatchObject({ code: 'not_found' })
    clock = new Date(NOW.getTime() + 366 * DAY_MS)
    expect(await purgeOld(deps)).toMatchObject({ look: 3 })
    clock = NOW
  })

  test('records accesses through lists, dues and caller search once an hour per member', async () => {
    clock = new Date('2027-03-01T09:00:00Z')
    const [id, masked] = [idOf(3), idOf(80)]
    const kinds = async (of: string) =>
      (await listMemberAccesses(deps, chamber, 'ac63', of)).accesses.map(({ what }) => what)
    const searches = async (of: string) => {
      const rows = await database.db
        .selectFrom('memberAccesses')
        .select('role')
        .where('memberId', '=', of)
        .where('what', '=', 'caller')
        .execute()
      return rows.map(({ role }) => role)
    }
    await seedMembers(database.db, 'ac63', [{ id: masked, name: 'Zinc', phones: [phoneOf(80)] }])
    const [page, later] = [
      { status: 'active', limit: 50 },
      { q: 'boul', limit: 50 },
    ] as const
    for (let i = 0; i < 3; i++) await listMembers(deps, chamber, 'ac63', page)
    // Masked numbers are no access to personal data.
    await listMembers(deps, operator, 'ac63', page)
    expect([await kinds(id), await kinds(masked)]).toEqual([['list'], ['list']])
    clock = new Date('2027-03-01T10:01:00Z')
    await listMembers(deps, chamber, 'ac63', later)
    expect([(await kinds(id)).length, (await kinds(masked)).length]).toEqual([2, 1])
    clock = new Date('2027-03-01T12:00:00Z')
    expect((await findCaller(deps, operator, 'ac63', 'boulang')).length).toBe(1)
    // The search for a caller is recorded for the member alone: its minute would tell who called 17.
    expect(await searches(id)).toEqual(['operator'])
    expect(await kinds(id)).not.toContain('caller')
    await getMemberDues(deps, chamber, 'ac63', id)
    await listNumbers(deps, chamber, 'ac63', { facet: 'unreachable', limit: 50 })
    for await (const piece of await exportCsv(deps, chamber, 'ac63', {})) expect(piece).not.toBe('')
    await enterDataRequest(deps, chamber, 'ac63', {
      kind: 'access',
      memberId: id,
      person: '',
      via: 'mail',
      receivedOn: '2027-02-27',
    })
    await listDataRequests(deps, chamber, 'ac63')
    expect((await kinds(id)).slice(0, 3).sort()).toEqual(['dues', 'export', 'request'])
    expect(await kinds(id)).not.toContain('caller')
    expect((await kinds(masked))[0]).toBe('export')
    expect(await purgeOld(deps)).toMatchObject({ look: 0 })
    clock = new Date(clock.getTime() + 366 * DAY_MS)
    expect((await purgeOld(deps)).look).toBeGreaterThan(7)
    clock = NOW
  })

  test('writes the real settings into the notice and the register', async () => {
    const facts = await getPrivacyFacts(deps, 'ac63')
    expect(facts).toMatchObject({
      days: { reports: 730, deliveries: 180, member: 30, look: 365 },
      leakTracing: false,
    })
    expect(facts.forces.length).toBeGreaterThan(0)
    const register = await getRegister(deps, chamber, 'ac63')
    for (const text of [facts.chamber, '2\u00a0ans', 'art. 35'.slice(0, 4), 'Analyse d’impact'])
      expect(register).toContain(text)
    // Dues, once a campaign was opened: whatever the scheme was made with.
    expect(facts.dues).toBe(false)
    expect(register).not.toContain('Cotisations')
    await openCampaign(deps, chamber, 'ac63', {
      year: Number(dayIn(METROPOLITAN_ZONE, deps.now()).slice(0, 4)),
      feeCents: 0,
      tradeFees: { bakeries: 1000 },
      proRata: false,
      dueOn: `${dayIn(METROPOLITAN_ZONE, deps.now()).slice(0, 4)}-12-31`,
    })
    expect((await getPrivacyFacts(deps, 'ac63')).dues).toBe(true)
    expect(await getRegister(deps, chamber, 'ac63')).toContain('Cotisations')
    expect(register).not.toMatch(/undefined|\[object/)
    for (const text of ['Messages de service', 'Demandes sur les données', '3\u00a0ans après la réponse'])
      expect(register).toContain(text)
    expect(register).not.toMatch(/IBAN|Stripe/)
    // The record names the bank and the provider of payments only while these ways to pay are on.
    const creditor = { creditor: { sepaId: 'FR72ZZZ123456', iban: 'FR7630006000011234567890189' } }
    await sql`update schemes set dues = ${JSON.stringify(creditor)}::jsonb where id = 'ac63'`.execute(
      database.db,
    )
    const stripe = { key: 'k', webhookSecret: 's', api: 'https://api.stripe.com' }
    const paying = { ...deps, config: { ...deps.config, demo: false, stripe } }
    expect(await getPrivacyFacts(paying, 'ac63')).toMatchObject({
      dues: true,
      debit: true,
      card: true,
      days: { mandate: 426, notice: 1095, request: 1095 },
    })
    expect(await getPrivacyFacts(deps, 'ac63')).toMatchObject({ debit: true, card: false })
    const whole = await getRegister(paying, chamber, 'ac63')
    for (const text of [
      'titulaire, IBAN, mandat SEPA',
      'Stripe',
      '14\u00a0mois après le dernier prélèvement',
    ])
      expect(whole).toContain(text)
    await sql`update schemes set dues = '{}' where id = 'ac63'`.execute(database.db)
    await expect(getPrivacyFacts(deps, 'nowhere')).rejects.toMatchObject({ code: 'not_found' })
    await expect(getRegister(deps, operator, 'ac63')).rejects.toMatchObject({ code: 'forbidden' })
  })
})
