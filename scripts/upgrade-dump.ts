/**
 * Writes test/upgrades/VERSION.sql, from which a test starts every later version: `node scripts/upgrade-dump.ts`, once the
 * version of package.json is what its release will have. It fills a demo, keeps a few dozen members of one scheme and what
 * belongs to them, and dumps the tables of the program (the queue creates its own).
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { sql } from 'kysely'
import { changeMembers } from '../src/changes/actions.ts'
import { mergeMembers } from '../src/changes/merge/actions.ts'
import { readConfig } from '../src/config.ts'
import { actorOfDoor } from '../src/demo/doors.ts'
import type { Deps } from '../src/deps.ts'
import { writeServiceMessage } from '../src/messages/actions.ts'
import { type Db, openDatabase } from '../src/platform/db.ts'
import { enterDataRequest } from '../src/privacy/requests/actions.ts'
import { startServer } from '../src/start/serve.ts'
import { dumpDatabase } from '../test/support/dump.ts'

const SCHEME = 'ac63'
/** Numbers of rows to keep where the demo has thousands. */
const ALERTS = 8
const DELIVERIES = 6
const PAYMENTS = 8
const RECORDS = 40

const root = new URL('../', import.meta.url)
const { version } = JSON.parse(await readFile(new URL('package.json', root), 'utf8')) as { version: string }
const directory = await mkdtemp(join(tmpdir(), 'tocsin-dump-'))
try {
  const config = readConfig({
    PORT: '0',
    TOCSIN_DATA_DIR: directory,
    TOCSIN_DEMO: 'true',
    TOCSIN_LOG_LEVEL: 'error',
  })
  const server = await startServer(config, {
    webDirectory: null,
    printLine: (line) => process.stderr.write(`${line}\n`),
  })
  await act(server.deps)
  await server.stop()
  const database = await openDatabase({ kind: 'embedded', directory })
  await reduce(database.db)
  const text = await dumpDatabase(database.db)
  await database.close()
  await mkdir(new URL('test/upgrades/', root), { recursive: true })
  await writeFile(new URL(`test/upgrades/${version}.sql`, root), text)
  process.stderr.write(`test/upgrades/${version}.sql: ${(text.length / 1000).toFixed(0)} kB\n`)
} finally {
  await rm(directory, { recursive: true, force: true })
}

/** Does what the demo does not: a merge, a bulk change, a service message and a request about data. */
async function act(deps: Deps): Promise<void> {
  const chamber = await actorOfDoor(deps, 'chamber')
  const { rows } = await sql<{ kept: string; merged: string }>`
    select f.id as kept, s.id as merged from members f
    join members s on s.scheme_id = f.scheme_id and s.search_name = f.search_name and s.id <> f.id and s.siret is null
    where f.scheme_id = ${SCHEME} and f.siret is not null limit 1`.execute(deps.db)
  const [double] = rows
  if (double === undefined) throw new Error('the demo has no duplicate')
  await mergeMembers(deps, chamber, SCHEME, { ...double, take: {} })
  const members = await deps.db
    .selectFrom('members')
    .select('id')
    .where('schemeId', '=', SCHEME)
    .where('status', '=', 'active')
    .orderBy('id')
    .limit(2)
    .execute()
  const ids = members.map(({ id }) => id)
  await changeMembers(deps, chamber, SCHEME, {
    action: { kind: 'suspend', reason: 'Fermeture annuelle' },
    members: { ids },
  })
  await writeServiceMessage(deps, chamber, SCHEME, {
    id: deps.newId(),
    channel: 'mail',
    subject: 'Réunion du dispositif',
    text: 'La réunion annuelle aura lieu le 12 mars à 18 h, à la chambre de commerce.',
    filter: { trade: 'bakeries' },
  })
  await enterDataRequest(deps, chamber, SCHEME, {
    kind: 'access',
    memberId: ids[0],
    person: '',
    via: 'letter',
    receivedOn: '2026-11-02',
  })
  // The mails are with the demo's mailbox before the program stops.
  for (;;) {
    const waiting = await deps.db
      .selectFrom('outbox')
      .select('id')
      .where('channel', '=', 'mail')
      .where('sentAt', 'is', null)
      .limit(1)
      .executeTakeFirst()
    if (waiting === undefined) break
    await setTimeout(200)
  }
}

/** Deletes all but a sample whose counts, sums and sequences are those of a whole database. */
async function reduce(db: Db): Promise<void> {
  const run = async (...statements: string[]) => {
    for (const statement of statements) await sql.raw(statement).execute(db)
  }
  // Neither triggers nor foreign keys act on what follows, which the role of the program may not do.
  await run(
    'set role none',
    'set session_replication_role = replica',
    'create temporary table kept_alerts (id uuid primary key)',
    'create temporary table kept_members (id uuid primary key)',
    // The last alert of each state, the latest ones, and those with a follow-up, a second person or a relay.
    `insert into kept_alerts select id from (
      (select distinct on (state) id from alerts where scheme_id = '${SCHEME}' order by state, created_at desc)
      union (select id from alerts where scheme_id = '${SCHEME}' order by created_at desc limit ${ALERTS / 2})
      union (select alert_id from follow_ups where scheme_id = '${SCHEME}' limit 2)
      union (select from_alert_id from relays where from_scheme_id = '${SCHEME}' limit 1)) a`,
    `delete from deliveries where scheme_id <> '${SCHEME}' or no > ${DELIVERIES}
      or broadcast_id not in (select id from broadcasts b where alert_id in (select id from kept_alerts) or alert_id is null)`,
    `delete from broadcasts where scheme_id <> '${SCHEME}' or alert_id is not null and alert_id not in (select id from kept_alerts)`,
    // Some payments and what else was written for those members, numbered anew without gaps.
    `create temporary table kept_entries as
      select e.no, row_number() over (order by e.no)::int as as_no from ledger_entries e
      where e.scheme_id = '${SCHEME}' and e.member_id in (
        (select member_id from ledger_entries where scheme_id = '${SCHEME}' and kind = 'payment' order by no limit ${PAYMENTS})
        union (select member_id from ledger_entries where scheme_id = '${SCHEME}' and kind not in ('payment', 'call') limit ${PAYMENTS})
        union (select member_id from ledger_entries where scheme_id = '${SCHEME}' order by no limit ${PAYMENTS})
        union (select kept_member_id from member_merges))`,
    ...['ledger_entries', 'ledger_lines'].flatMap((table) => [
      `delete from ${table} where scheme_id <> '${SCHEME}' or no not in (select no from kept_entries)`,
      `update ${table} t set no = 1000000 + k.as_no from kept_entries k where k.no = t.no`,
      `update ${table} set no = no - 1000000`,
    ]),
    ...['dues_payments', 'dues_refunds'].flatMap((table) => [
      `delete from ${table} where scheme_id <> '${SCHEME}' or entry_no not in (select no from kept_entries)`,
      `update ${table} t set entry_no = k.as_no from kept_entries k where k.no = t.entry_no`,
      `update ${table} t set cancel_entry_no = k.as_no from kept_entries k where k.no = t.cancel_entry_no`,
    ]),
    `delete from held_back where alert_id not in (select id from kept_alerts)
      or phone not in (select phone from held_back order by phone limit ${DELIVERIES})`,
    `delete from member_change_rows where member_id not in (select member_id from member_change_rows order by 1 limit ${DELIVERIES})`,
    `insert into kept_members select distinct id from (
      select member_id from deliveries union select member_id from ledger_entries union select member_id from held_back
      union select member_id from member_change_rows
      union select caller_member_id from reports where scheme_id = '${SCHEME}' and id in (
        select report_id from alerts where id in (select id from kept_alerts))
      union (select member_id from enrolments where member_id is not null limit 2)
      union (select member_id from data_requests)
      union (select id from members where status <> 'active' and scheme_id = '${SCHEME}' order by id limit 3)
      union (select kept_member_id from member_merges) union (select merged_member_id from member_merges)
    ) found (id) where id is not null`,
    `delete from members where scheme_id <> '${SCHEME}' or id not in (select id from kept_members)`,
    `delete from alerts where id not in (select id from kept_alerts)`,
    `delete from reports where scheme_id <> '${SCHEME}' or id not in (select report_id from alerts) and id not in (
      select id from reports where scheme_id = '${SCHEME}' and state <> 'broadcast' order by created_at desc limit ${ALERTS})`,
    `delete from dues where (scheme_id, member_id) not in (select scheme_id, member_id from ledger_entries where kind = 'call')`,
    `delete from audit_entries where scheme_id = '${SCHEME}' and seq > ${RECORDS}`,
    `delete from schemes where id <> '${SCHEME}'`,
    `delete from session`,
    // Loaded again by the program that starts from the dump.
    'delete from reference_loads',
    'delete from former_communes',
    'delete from service_message_receivers where member_id not in (select id from kept_members)',
    `delete from charter_signatures where member_id not in (select id from kept_members)`,
  )
  const { rows: schemeTables } = await sql<{ name: string }>`
    select table_name as name from information_schema.columns where table_schema = 'public' and column_name = 'scheme_id'`.execute(
    db,
  )
  for (const { name } of schemeTables)
    await run(`delete from "${name}" where scheme_id not in ('${SCHEME}', '')`)
  await run(
    `delete from communes where code not in (
      select commune_code from members union select commune_code from reports union select commune_code from deliveries
      union select commune_code from enrolments)`,
    'update communes set contour = null',
    'delete from epcis where code not in (select epci_code from communes where epci_code is not null)',
    'delete from arrondissements where code not in (select arrondissement_code from communes where arrondissement_code is not null)',
    // Tables that name members without a foreign key.
    ...[
      'member_change_rows',
      'member_notices',
      'alert_reads',
      'held_back',
      'charter_signatures',
      'enrolments',
    ].map(
      (table) =>
        `delete from ${table} where member_id is not null and member_id not in (select id from members)`,
    ),
  )
  await deleteOrphans()
  await run(
    // Receipts are numbered without gaps.
    `update dues_receipts r set no = n.no from (
      select scheme_id, year, no as old, row_number() over (partition by scheme_id, year order by no) as no from dues_receipts) n
      where r.scheme_id = n.scheme_id and r.year = n.year and r.no = n.old`,
    `update dues_counters c set last = case when name = 'ledger'
      then coalesce((select max(no) from ledger_entries e where e.scheme_id = c.scheme_id), 0)
      else coalesce((select max(no) from dues_receipts r where r.scheme_id = c.scheme_id and c.name = 'receipts-' || r.year), 0) end
      where name not like 'deposits-%' and name not like 'invoices-%'`,
    `update audit_heads h set seq = e.seq, hash = e.hash from (
      select distinct on (scheme_id) scheme_id, seq, hash from audit_entries order by scheme_id, seq desc) e
      where e.scheme_id = h.scheme_id`,
    'delete from audit_checks',
    'delete from audit_anchors',
    'update audit_heads set anchored_seq = 0',
    'delete from audit_seals',
    'delete from delivery_tallies',
    'delete from delivery_attempts a where not exists (select from deliveries d where (d.scheme_id, d.broadcast_id, d.no) = (a.scheme_id, a.broadcast_id, a.no))',
    `delete from delivery_chunks where first_no > 1`,
    `update delivery_chunks c set last_no = (select max(no) from deliveries d where d.broadcast_id = c.broadcast_id)`,
    `update broadcasts b set (planned, accepted, delivered, in_doubt, failed, expired, withdrawn, possible_duplicates, health_no, tallied_at) = (
      select count(*), count(*) filter (where d.state = 'accepted'), count(*) filter (where d.state = 'delivered'),
        count(*) filter (where d.state = 'in_doubt'), count(*) filter (where d.state = 'failed'),
        count(*) filter (where d.state = 'expired'), count(*) filter (where d.state = 'withdrawn'),
        count(*) filter (where d.possible_duplicate), coalesce(max(d.no), 0), null::timestamptz
      from deliveries d where d.scheme_id = b.scheme_id and d.broadcast_id = b.id)`,
    `delete from solicitations where phone not in (select mobile from contacts where mobile is not null)`,
    `delete from number_health where phone not in (select mobile from contacts where mobile is not null)`,
    `delete from departures`,
    `delete from former_numbers`,
    'delete from member_counts',
    `insert into member_counts (scheme_id, day, trade, commune_code, active)
      select scheme_id, current_date, trade, commune_code, count(*) from members where status = 'active' group by 1, 2, 3, 4`,
    'delete from audience_cells',
    `update contacts c set shared = c.mobile is not null and 1 < (
      select count(distinct o.member_id) from contacts o where o.scheme_id = c.scheme_id and o.mobile = c.mobile and o.sms)`,
    `update members m set sms_contacts = (
      select count(*) from contacts c where c.scheme_id = m.scheme_id and c.member_id = m.id and c.sms and not c.shared)`,
    `select audience_add(array(
      select row (scheme_id, commune_code, trade, sum(sms_contacts), count(*) filter (where sms_contacts > 0), count(*))::audience_cells
      from members where status = 'active' group by scheme_id, commune_code, trade))`,
    'set session_replication_role = origin',
  )

  /** Deletes rows whose foreign keys lead to rows that are gone, until there is none. */
  async function deleteOrphans(): Promise<void> {
    const { rows: keys } = await sql<{ statement: string }>`
      select format('delete from %s c where %s and not exists (select from %s p where (%s) = (%s))', n.conrelid::regclass,
          string_agg(format('c.%I is not null', a.attname), ' and '), n.confrelid::regclass,
          string_agg(format('p.%I', b.attname), ', ' order by k.at), string_agg(format('c.%I', a.attname), ', ' order by k.at)) as statement
      from pg_constraint n cross join unnest(n.conkey, n.confkey) with ordinality k (mine, theirs, at)
      join pg_attribute a on a.attrelid = n.conrelid and a.attnum = k.mine
      join pg_attribute b on b.attrelid = n.confrelid and b.attnum = k.theirs
      where n.contype = 'f' and n.connamespace = 'public'::regnamespace group by n.oid`.execute(db)
    for (let deleted = 1; deleted > 0; ) {
      deleted = 0
      for (const { statement } of keys) {
        const { numAffectedRows } = await sql.raw(statement).execute(db)
        deleted += Number(numAffectedRows ?? 0)
      }
    }
  }
}
