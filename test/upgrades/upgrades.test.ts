import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { verifySchemeAudit } from '../../src/audit/verify.ts'
import { forVersion, listMigrations, migrate, requireMigrated } from '../../src/platform/database/migrate.ts'
import { type Database, inScheme, majorVersionOf, openDatabase } from '../../src/platform/db.ts'
import { version } from '../../src/platform/process/version.ts'
import { findDecidedAlone } from '../../src/settings/alone.ts'
import { startServer } from '../../src/start/serve.ts'
import { databaseKinds, testDatabase, testDatabaseUrl, usualKinds } from '../support/database.ts'
import { readSchema } from '../support/dump.ts'
import { createTestLog } from '../support/log-scan.ts'
import { runInProcess } from '../support/program.ts'
import { testConfig } from '../support/server.ts'

const now = () => new Date('2027-03-01T09:00:00Z')
const folder = new URL('./', import.meta.url)
/** Each release's database, as `node scripts/upgrade-dump.ts` wrote it. */
const releases = readdirSync(folder)
  .flatMap((name) => /^(\d+\.\d+\.\d+)\.sql$/.exec(name)?.[1] ?? [])
  .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
/** The releases that installations upgrade from; `npm test` leaves the others to the long set. */
const RECENT = 2

/** Territories of schemes, with their time zones. */
const OVERSEAS = [
  [{ kind: 'departement', code: '974' }, 'Indian/Reunion'],
  [
    {
      kind: 'union',
      areas: [
        { kind: 'communes', codes: ['97302'] },
        { kind: 'commune', code: '97304' },
      ],
    },
    'America/Cayenne',
  ],
  [{ kind: 'arrondissement', code: '9721' }, 'America/Martinique'],
] as const

/** Reads a dump, without what the server of the test does not know. */
const readDump = ({ db }: Database, release: string): string =>
  forVersion(majorVersionOf(db), readFileSync(new URL(`${release}.sql`, folder), 'utf8'))

const count = async (database: Database, table: string): Promise<number> => {
  const { rows } = await sql<{ n: number }>`select count(*)::int as n from ${sql.table(table)}`.execute(
    database.db,
  )
  return rows[0]?.n ?? 0
}

describe.each(databaseKinds)('on %s', (kind) => {
  const testOnUsual = usualKinds.includes(kind) ? test : test.skip
  const opened: Database[] = []
  afterAll(() => Promise.all(opened.map((database) => database.close())))

  let newSchema: ReturnType<typeof readSchema> | undefined
  /** Reads the catalog of a new database, once for all releases. */
  function readNewSchema(): ReturnType<typeof readSchema> {
    newSchema ??= testDatabase(kind, { poolSize: 2 }).then((fresh) => {
      opened.push(fresh)
      return readSchema(fresh.db, 'name')
    })
    return newSchema
  }

  async function restore(release: string): Promise<Database> {
    const database = await testDatabase(kind, { migrated: false, poolSize: 2 })
    opened.push(database)
    await database.pool.query(readDump(database, release))
    return database
  }

  test('there is a dump of each release to start from', () => {
    expect(releases).toContain('0.1.0')
  })

  // On the embedded database, the same statements take three times as long; src/platform/database/migrate.test.ts runs them there.
  const isRecent = (release: string) =>
    kind === 'postgres' && releases.indexOf(release) >= releases.length - RECENT
  describe.each(releases.filter(isRecent))('a database of %s', startFrom)
  describe.each(releases.filter((release) => !isRecent(release)))(
    'a database of %s',
    { tags: 'long' },
    startFrom,
  )

  function startFrom(release: string): void {
    let database: Database
    let rowsBefore: Record<string, number>
    /** The refusal of a read-only command before the migrations. */
    let refusal: unknown
    let applied: readonly number[]

    beforeAll(async () => {
      database = await restore(release)
      refusal = await requireMigrated(database.db).catch((error: unknown) => error)
      await sql`
        insert into schemes (id, name, territory, reference_prefix, trades, sender, closing_advice, created_at)
        select 'overseas-' || no, 'Overseas', area::jsonb, '97', '{}', 'ALERTE97', 'Appelez le 17.', ${now()}
        from unnest(${OVERSEAS.map(([area]) => JSON.stringify(area))}::text[]) with ordinality as o (area, no)`.execute(
        database.db,
      )
      const { rows } = await sql<{ name: string }>`
        select relname as name from pg_class
        where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'schema_migrations'`.execute(
        database.db,
      )
      rowsBefore = {}
      for (const { name } of rows) rowsBefore[name] = await count(database, name)
      applied = await migrate(database.db, now)
    })

    test('has the catalog of a new one', async () => {
      expect(await readSchema(database.db, 'name')).toEqual(await readNewSchema())
    })

    // 0.3.0 and later have time zones: a scheme is created with its own.
    const TIME_ZONES = 5
    test('gives an overseas scheme the time zone of its territory, and no other', async ({ skip }) => {
      skip(!applied.includes(TIME_ZONES))
      const schemes = await database.db
        .selectFrom('schemes')
        .select(['id', 'timeZone'])
        .orderBy('id')
        .execute()
      const overseas = schemes.filter(({ id }) => id.startsWith('overseas-'))
      expect(overseas.map(({ timeZone }) => timeZone)).toEqual(OVERSEAS.map(([, zone]) => zone))
      expect(schemes.filter(({ timeZone }) => timeZone !== null)).toHaveLength(OVERSEAS.length)
    })

    test('keeps every row', async () => {
      const rows: Record<string, number> = {}
      const { rows: found } = await sql<{ name: string }>`
        select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'`.execute(
        database.db,
      )
      const tables = new Set(found.map(({ name }) => name))
      // A table that a later version replaced is empty in the dumps before it: a test of its own fills it.
      for (const name of Object.keys(rowsBefore))
        rows[name] = tables.has(name) ? await count(database, name) : 0
      expect(rows).toEqual(rowsBefore)
      for (const name of [
        'members',
        'contacts',
        'alerts',
        'broadcasts',
        'deliveries',
        'dues',
        'ledger_entries',
      ])
        expect(rows[name], name).toBeGreaterThan(0)
    })

    test('has intact audit chains, a balanced ledger, and counts that its triggers continue', async () => {
      for (const scheme of ['', 'ac63'])
        expect(await verifySchemeAudit(database.db, scheme), scheme).not.toHaveProperty('broken')
      const { rows } = await sql<{ difference: number }>`
        select sum(debit_cents - credit_cents)::int as difference from ledger_lines`.execute(database.db)
      expect(rows).toEqual([{ difference: 0 }])
      const cells = () =>
        sql<{ members: number }>`
          select coalesce(sum(members), 0)::int as members from audience_cells where commune_code <> '' and trade <> ''`
          .execute(database.db)
          .then((result) => result.rows[0]?.members)
      const active = () =>
        sql<{ n: number }>`select count(*)::int as n from members where status = 'active'`
          .execute(database.db)
          .then((result) => result.rows[0]?.n)
      expect(await cells()).toBe(await active())
      await inScheme(database.db, 'ac63', (tx) =>
        sql`update members set status = 'suspended' where id = (select id from members where status = 'active' limit 1)`.execute(
          tx,
        ),
      )
      expect(await cells()).toBe(await active())
    })

    test('is pending to a read-only command until the program has taken it', async () => {
      const isCurrent = release === version && applied.length === 0
      if (isCurrent) expect(refusal).toBeUndefined()
      else {
        expect(refusal).toMatchObject({ code: 'schema_older' })
        expect(applied.length).toBeGreaterThan(0)
      }
      const [first] = await database.db
        .selectFrom('schemaMigrations')
        .select('name')
        .orderBy('version')
        .execute()
      expect(first).toEqual({ name: '0001_baseline.sql' })
      // The baseline is taken for the migrations of 0.1.0.
      if (release === '0.1.0') expect(applied).toContain(1)
    })

    test('is left unchanged by a second start', async () => {
      expect(await migrate(database.db, now)).toEqual([])
      await requireMigrated(database.db)
    })
  }

  testOnUsual('what 0.1.0 had stored in older forms is completed', { tags: 'long' }, async () => {
    const database = await restore('0.1.0')
    await sql
      .raw(`
      update alerts set audience_hash = null;
      insert into one_time_codes (scheme_id, id, purpose, subject, phone_hash, address_hash, created_at, expires_at)
        values ('ac63', '00000000-0000-7000-8000-0000000000c1', 'sign_in', gen_random_uuid(), 'p', 'a', '2026-05-01', '2026-05-02');
      insert into member_merges (scheme_id, id, kept_member_id, merged_member_id, merged_at, merged_by, undo)
        select 'ac63', ids[n], (select id from members order by id limit 1), (select id from members order by id offset n limit 1),
          '2026-05-01', 'user:x', ('{"before": {}}'::jsonb || coalesce(jsonb_build_object('waived', (array[null, '{"cents": 500, "entryNo": 3}', '[{"cents": 700, "entryNo": 4}]'])[n]::jsonb), '{}'))
        from generate_series(1, 3) n, (select array['00000000-0000-7000-8000-0000000000d1', '00000000-0000-7000-8000-0000000000d2',
          '00000000-0000-7000-8000-0000000000d3']::uuid[] as ids) named`)
      .execute(database.db)
    await migrate(database.db, now)
    const hashes = await database.db.selectFrom('alerts').select('audienceHash').distinct().execute()
    expect(hashes).toEqual([{ audienceHash: '' }])
    const code = await database.db.selectFrom('oneTimeCodes').select('nextAt').executeTakeFirstOrThrow()
    expect(code.nextAt).toEqual(new Date('2026-05-01T00:00:00Z'))
    const { rows } = await sql<{ waived: unknown }>`
      select undo->'waived' as waived from member_merges
      where id::text like '00000000-0000-7000-8000-0000000000d_' order by id`.execute(database.db)
    expect(rows.map(({ waived }) => waived)).toEqual([
      [],
      [{ cents: 500, entryNo: 3 }],
      [{ cents: 700, entryNo: 4 }],
    ])
  })

  testOnUsual('the welcome mail of a scheme stays what its members read, in both languages', async () => {
    const MAIL_TEXTS = 107
    const database = await restore('0.4.1')
    const before = listMigrations().map((name) => Number(name.slice(0, 4)))
    await migrate(database.db, now, { only: new Set(before.filter((number) => number < MAIL_TEXTS)) })
    const day = '2026-10-01T08:00:00.000Z'
    const { rows } = await sql<{ id: string }>`
      update schemes set texts = '{"left": "{dispositif}", "welcomeMail": "Bonjour {commerce}"}' returning id`.execute(
      database.db,
    )
    const scheme = rows[0]?.id ?? ''
    const parts = [
      { setting: 'texts.left', before: '{dispositif}', after: '' },
      { setting: 'texts.welcomeMail', before: 'Bonjour {commerce}', after: '' },
    ]
    await sql`
      insert into setting_changes (scheme_id, id, subject, parts, reason, proposed_by, proposed_name, proposed_at, ready_at, expires_at)
      values (${scheme}, gen_random_uuid(), 'texts', ${JSON.stringify(parts)}::jsonb, 'x', 'user:x', 'X', ${day}, ${day}, ${day})`.execute(
      database.db,
    )
    await sql`
      insert into outbox (scheme_id, id, channel, address, template, "values", created_at, created_by, valid_until)
      values (${scheme}, gen_random_uuid(), 'mail', 'welcomed@example.org', 'mail.change.own', '{}', ${day}, 'x', ${day})`.execute(
      database.db,
    )

    await migrate(database.db, now)
    const words = (body: string) => ({ fr: { subject: '', body }, en: { subject: '', body } })
    const stored = await database.db
      .selectFrom('schemes')
      .select('texts')
      .where('id', '=', scheme)
      .executeTakeFirstOrThrow()
    expect(stored.texts).toEqual({ left: '{dispositif}', welcomeMail: words('Bonjour {commerce}') })
    const change = await database.db
      .selectFrom('settingChanges')
      .select('parts')
      .where('subject', '=', 'texts')
      .executeTakeFirstOrThrow()
    expect(change.parts).toEqual([
      parts[0],
      { setting: 'texts.welcomeMail', before: words('Bonjour {commerce}'), after: words('') },
    ])
    const mail = await database.db
      .selectFrom('outbox')
      .select('template')
      .where('address', '=', 'welcomed@example.org')
      .executeTakeFirstOrThrow()
    expect(mail.template).toBe('mail.change.welcome')
  })

  testOnUsual('names and other corrections that businesses asked for become one request each', async () => {
    const ONE_REQUEST = 102
    const database = await restore('0.4.1')
    const before = listMigrations().map((name) => Number(name.slice(0, 4)))
    await migrate(database.db, now, { only: new Set(before.filter((number) => number < ONE_REQUEST)) })
    const { rows: members } = await sql<{ schemeId: string; id: string }>`
      select scheme_id, id from members where status = 'active' order by id limit 6`.execute(database.db)
    expect(members).toHaveLength(6)
    // One member for each case: [day asked, day declined] of the name and of the SIRET.
    const cases = [
      { name: [3, null], siret: null },
      { name: [3, null], siret: [2, null] },
      { name: [3, null], siret: [4, 5] },
      { name: [3, 4], siret: [2, null] },
      { name: [3, 6], siret: [4, 5] },
      { name: [3, 4], siret: [2, 5] },
    ] as const
    const day = (n: number) => `2026-10-0${n}T08:00:00.000Z`
    for (const [at, { name, siret }] of cases.entries()) {
      const member = members[at]
      for (const [table, column, asked] of [
        ['member_renames', 'name', name],
        ['member_corrections', 'siret', siret],
      ] as const) {
        if (asked === null) continue
        const [askedOn, declinedOn] = asked
        const declinedAt = declinedOn === null ? null : day(declinedOn)
        await sql`
          insert into ${sql.table(table)} (scheme_id, member_id, ${sql.ref(column)}, asked_at, asked_by, declined_at, reason)
          values (${member?.schemeId}, ${member?.id}::uuid, ${column}, ${day(askedOn)}, ${`contact:${column}`}, ${declinedAt},
            ${declinedAt === null ? null : `no ${column}`})`.execute(database.db)
      }
    }
    const [first] = members
    const outbox = ['mail.rename.accepted', 'mail.rename.declined', 'rename.sms.answered', 'mail.code']
    await sql`
      insert into outbox (scheme_id, id, channel, address, template, "values", created_at, created_by, valid_until)
      select ${first?.schemeId}, gen_random_uuid(), 'mail', 'a@example.org', template, '{}', ${day(1)}, 'x', ${day(9)}
      from unnest(${outbox}::text[]) template`.execute(database.db)
    const settled = { siret: 'siret', askedAt: day(1), askedBy: 'contact:siret', answers: 1 }
    await sql`
      with change as (
        insert into member_changes (scheme_id, id, kind, by, by_name, at, created, updated)
        values (${first?.schemeId}, gen_random_uuid(), 'edit', 'user:x', 'X', ${day(1)}, 0, 1) returning scheme_id, id)
      insert into member_change_rows (scheme_id, change_id, member_id, created, before, correction)
      select scheme_id, id, ${first?.id}::uuid, false, '{}', ${JSON.stringify(settled)}::jsonb from change`.execute(
      database.db,
    )

    await migrate(database.db, now)
    const requests = await database.db
      .selectFrom('memberCorrections')
      .select(['name', 'siret', 'askedAt', 'askedBy', 'declinedAt', 'reason'])
      .orderBy('memberId')
      .execute()
    const request = (name: string | null, siret: string | null, asked: readonly [number, string]) => ({
      ...{ name, siret, askedAt: new Date(day(asked[0])), askedBy: `contact:${asked[1]}` },
      ...{ declinedAt: null as Date | null, reason: null as string | null },
    })
    expect(requests).toEqual([
      request('name', null, [3, 'name']),
      request('name', 'siret', [3, 'name']),
      // The declined one was answered, and the other waits alone.
      request('name', null, [3, 'name']),
      request(null, 'siret', [2, 'siret']),
      { ...request('name', 'siret', [4, 'siret']), declinedAt: new Date(day(6)), reason: 'no name' },
      { ...request('name', 'siret', [3, 'name']), declinedAt: new Date(day(5)), reason: 'no siret' },
    ])
    const { rows: templates } = await sql<{ template: string }>`
      select template from outbox where address = 'a@example.org' order by template`.execute(database.db)
    expect(templates.map(({ template }) => template)).toEqual([
      'correction.sms.answered',
      'mail.code',
      'mail.correction.accepted',
      'mail.correction.declined',
    ])
    const { rows: kept } = await sql<{ correction: unknown }>`
      select correction from member_change_rows where correction is not null`.execute(database.db)
    expect(kept).toEqual([{ correction: { ...settled, name: null } }])
  })

  testOnUsual('what one person decided alone under 0.4.0 and is in force stands on exports', async () => {
    const database = await restore('0.4.0')
    const observer = { name: 'Préfecture', phone: '+33639980077', agency: null }
    await sql
      .raw(`
      insert into "user" (id, name, email, email_verified, created_at, updated_at)
        values ('u1', 'Neuf', 'neuf@example.fr', true, now(), now()), ('u2', 'Roux', 'roux@example.fr', true, now(), now());
      insert into grants (user_id, scheme_id, role) values ('u1', 'ac63', 'chief'), ('u2', 'ac63', 'chief');
      insert into observers (scheme_id, id, name, phone)
        values ('ac63', '00000000-0000-7000-8000-0000000000a1', '${observer.name}', '${observer.phone}');
      insert into setting_changes (scheme_id, id, subject, parts, reason, alone, proposed_by, proposed_name, proposed_at, ready_at,
          expires_at, state, decided_by, decided_name, decided_at)
        select 'ac63', gen_random_uuid(), subject, parts::jsonb, 'Seule.', alone, 'user:a', 'A', day, day, day + interval '14 days',
          'in_force', by, 'B', day
        from (values
          ('doctrine', '[{"setting": "doctrine.approval", "before": [], "after": []},
            {"setting": "doctrine.care", "before": {}, "after": {}}]', true, 'user:a', timestamptz '2026-05-01'),
          ('doctrine', '[{"setting": "doctrine.care", "before": {}, "after": {}}]', false, 'user:b', '2026-05-02'),
          ('messages', '[{"setting": "messages.aloneMax", "before": 1, "after": 2}]', true, 'user:b', '2026-05-03'),
          ('observers', '${JSON.stringify([{ setting: 'observers.add', before: null, after: observer }])}', true, 'user:a', '2026-05-04'),
          ('role_chief', '[{"setting": "role_chief.given", "before": null, "after": {"userId": null, "mail": "Neuf@example.fr"}}]',
            true, 'user:a', '2026-05-05'),
          ('role_chief', '[{"setting": "role_chief.given", "before": null, "after": {"userId": "u2", "mail": "roux@example.fr"}}]',
            false, 'user:b', '2026-05-06')
        ) as changes (subject, parts, alone, by, day);
      insert into "user" (id, name, email, email_verified, created_at, updated_at)
        select id, id, id || '@example.fr', true, now(), now() from unnest(array['u3', 'u4', 'u5', 'u6']) id;
      insert into grants (user_id, scheme_id, role) values ('u3', 'ac63', 'chamber'), ('u4', 'ac63', 'chamber'), ('u6', 'ac63', 'operator');
      insert into audit_entries (scheme_id, seq, at, actor, action, subject, details, prev_hash, hash)
        select 'ac63', 1000000 + n, day, 'system:cli', action, 'user:' || account, details::jsonb, '', '' from (values
          (1, timestamptz '2026-05-07', 'user.invite', 'u3', '{"role": "chamber", "bypasses": "second_person"}'),
          (2, '2026-05-07', 'user.role', 'u4', '{"role": "chamber", "from": {"role": "trade_chamber"}, "bypasses": "second_person"}'),
          (3, '2026-05-07', 'user.invite', 'u5', '{"role": "chief", "bypasses": "second_person"}'),
          (4, '2026-05-07', 'user.invite', 'u6', '{"role": "chief", "bypasses": "second_person"}'),
          (5, '2026-05-08', 'user.role', 'u3', '{"role": "chamber", "from": {"role": "chamber"}}'),
          (6, '2026-05-08', 'user.role', 'u4', '{"role": "chamber", "from": {"role": "chief"}, "proposedBy": "user:a"}')
        ) as entries (n, day, action, account, details)`)
      .execute(database.db)
    await migrate(database.db, now)
    const { rows } = await sql<{ item: string }>`
      select item from decided_alone order by decided_at`.execute(database.db)
    expect(rows.map(({ item }) => item)).toEqual([
      'doctrine.approval',
      '00000000-0000-7000-8000-0000000000a1',
      'u1',
      // Given on the machine, and neither removed nor given again by two.
      'u3',
    ])
    const alone = await inScheme(database.db, 'ac63', (tx) => findDecidedAlone(tx, 'ac63'))
    expect(alone?.subjects).toEqual(['role_chamber', 'role_chief', 'observers', 'doctrine'])
  })

  testOnUsual(
    'messages that 0.1.0 left waiting, and what its messages reached, are in the outbox',
    { tags: 'long' },
    async () => {
      const database = await restore('0.1.0')
      const [change, mailed, texted, phone] = ['e1', 'e2', 'e3', '+33639980001']
      const id = (end: string | undefined) => `00000000-0000-7000-8000-0000000000${end}`
      await sql
        .raw(`
      insert into mails (scheme_id, id, address, subject, body_text, body_html, attachments, created_at, valid_until, noted, message_id)
        values ('ac63', '${id('f1')}', 'a@example.org', 'Objet', 'Texte', '<p>Texte</p>', '[]', now(), now() + interval '3 days', true, null),
          ('ac63', '${id('f2')}', 'b@example.org', 'Réunion', 'Le 12', '<p>Le 12</p>', '[]', now(), now() + interval '3 days', false, '${id('e9')}');
      insert into handed_mails (scheme_id, id, at) values ('ac63', '${id('f3')}', now());
      insert into direct_messages (scheme_id, id, phone, text, valid_until, created_at, created_by, lane)
        values ('ac63', '${id('f4')}', '${phone}', 'Bonjour', now() + interval '1 day', now(), 'x', 'reminder');
      insert into member_notices (scheme_id, change_id, member_id, kind, channel, due_at, sent_at, sent)
        values ('ac63', '${id(change)}', '${id(mailed)}', 'suspend', 'mail', now(), now(), '{${id('f1')},${id('f3')}}'),
          ('ac63', '${id(change)}', '${id(texted)}', 'suspend', 'sms', now(), now(), '{${id('f4')}}')`)
        .execute(database.db)
      await migrate(database.db, now)
      const { rows } = await sql<{ id: string }>`
      select right(id::text, 2) as id, channel, address, "values", cause, kept, lane, sent_at is not null as sent,
        reached_at is not null as reached
      from outbox where id::text like '00000000-0000-7000-8000-0000000000f_' order by id`.execute(database.db)
      const suspended = (member: string | undefined, channel: string) =>
        `suspend:${id(change)}:${id(member)}:${channel}`
      const waiting = { sent: false, reached: false }
      expect(rows).toMatchObject([
        {
          ...{ ...waiting, id: 'f1', channel: 'mail', address: 'a@example.org', kept: true },
          values: { subject: 'Objet', text: 'Texte', html: '<p>Texte</p>' },
          cause: suspended(mailed, 'mail'),
        },
        { ...waiting, id: 'f2', address: 'b@example.org', cause: `group:${id('e9')}`, kept: false },
        {
          id: 'f3',
          channel: 'mail',
          address: '',
          cause: suspended(mailed, 'mail'),
          sent: true,
          reached: true,
        },
        {
          ...{
            ...waiting,
            id: 'f4',
            channel: 'sms',
            address: phone,
            values: { text: 'Bonjour' },
            lane: 'reminder',
          },
          cause: suspended(texted, 'sms'),
        },
      ])
      const notices = await database.db
        .selectFrom('memberNotices')
        .select('messages')
        .where('changeId', '=', id(change))
        .orderBy('memberId')
        .execute()
      expect(notices).toEqual([{ messages: 2 }, { messages: 1 }])
    },
  )

  testOnUsual(
    'a database with some of the migrations of 0.1.0 is refused and left as it is',
    { tags: 'long' },
    async () => {
      const database = await restore('0.1.0')
      await sql`delete from schema_migrations where version > 40`.execute(database.db)
      const refusal = { code: 'schema_before_baseline', values: { release: '0.1.0' } }
      await expect(migrate(database.db, now)).rejects.toMatchObject(refusal)
      await expect(requireMigrated(database.db)).rejects.toMatchObject(refusal)
      expect(await count(database, 'schema_migrations')).toBe(40)
    },
  )

  testOnUsual('a database of another build of 0.1.0 is refused', { tags: 'long' }, async () => {
    const database = await restore('0.1.0')
    await sql`update schema_migrations set hash = 'other' where version = 40`.execute(database.db)
    await expect(migrate(database.db, now)).rejects.toMatchObject({
      code: 'schema_differs',
      values: { name: '0001_foundation.sql' },
    })
    await expect(migrate(database.db, now)).rejects.toMatchObject({ code: 'schema_differs' })
  })
})

async function listDeliveries(database: Database): Promise<string[]> {
  const { rows } = await database.pool.query<{ id: string }>(
    `select broadcast_id || ' ' || no as id from deliveries`,
  )
  return rows.map(({ id }) => id)
}

const served = 'the program starts on a database of %s and serves it'
test.each(releases.slice(-1))(served, servesDatabaseOf)
test.each(releases.slice(0, -1))(served, { tags: 'long' }, servesDatabaseOf)

async function servesDatabaseOf(release: string): Promise<void> {
  const url = await testDatabaseUrl({ migrated: false })
  const database = await openDatabase({ kind: 'postgres', url, poolSize: 1 })
  await database.pool.query(readDump(database, release))
  const [before, members] = [await listDeliveries(database), await count(database, 'members')]
  expect(before).not.toEqual([])
  const directory = mkdtempSync(join(tmpdir(), 'tocsin-upgrade-'))
  const env = { DATABASE_URL: url, TOCSIN_DATA_DIR: directory, TOCSIN_DEMO: 'true', TOCSIN_LANG: 'fr' }
  const server = await startServer(testConfig({ ...env, PORT: '0' }), {
    webDirectory: null,
    base: { log: createTestLog() },
  })
  try {
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
    expect(await count(database, 'communes')).toBeGreaterThan(34_000)
    expect(await count(database, 'members')).toBe(members)
    // Due messages are planned and sent meanwhile, on a slow machine before this line.
    expect(await listDeliveries(database)).toEqual(expect.arrayContaining(before))
    const audit = await runInProcess(['audit', 'verify'], env)
    expect(audit, audit.stdout + audit.stderr).toMatchObject({ code: 0 })
  } finally {
    await server.stop()
    await database.close()
    rmSync(directory, { recursive: true, force: true })
  }
}
