import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { hashEntry } from '../src/audit/record.ts'
import { tallyBroadcasts } from '../src/deliveries/settle/tallies.ts'
import type { Deps } from '../src/deps.ts'
import { dayIn, METROPOLITAN_ZONE } from '../src/message/clock.ts'
import { inScheme, type Tx } from '../src/platform/db.ts'
import { asTableOwner } from '../test/support/table-owner.ts'

export const AGED_SCHEME = 'ac63'
/** Token in the link of the yearly question; the database contains only its hash. */
export const NUMBER_TOKEN = 'b'.repeat(43)

export interface AgedSizes {
  readonly members: number
  readonly deliveries: number
  readonly reports: number
  readonly auditEntries: number
}

/** Sizes of a large scheme after a year. */
export const AGED: AgedSizes = {
  members: 20_000,
  deliveries: 1_000_000,
  reports: 500,
  auditEntries: 100_000,
}

/** Small sizes, to check that every request works. */
export const AGED_QUICK: AgedSizes = { members: 2000, deliveries: 20_000, reports: 100, auditEntries: 5000 }

/** Share of the reports that led to an alert. */
export const ALERTED = 0.6
/** Number of open alerts. */
const OPEN_ALERTS = 10
/** Number of undecided reports. */
const WAITING = 20
/** Rows written by one statement of the audit record. */
const ENTRIES = 5000

const uuid = (kind: string, n = sql`n`) =>
  sql`('00000000-0000-7000-${sql.raw(kind)}-' || lpad(to_hex(${n}), 12, '0'))::uuid`
const kinds = {
  member: 'a800',
  contact: 'a900',
  report: 'aa00',
  alert: 'ab00',
  broadcast: 'ac00',
  answer: 'ad00',
} as const

/** Returns the id of a row created here, counted from 1. */
export function agedId(kind: keyof typeof kinds, n: number): string {
  return `00000000-0000-7000-${kinds[kind]}-${n.toString(16).padStart(12, '0')}`
}

/** Returns the only number of a member created here. */
export const phoneOfMember = (n: number) => `+3376${String(n).padStart(7, '0')}`

/**
 * Fills a demo to the age and size of a scheme after a year: set-based, without the notices that its members would
 * have received. Everything belongs to the scheme `ac63`.
 */
export async function ageInstallation(
  deps: Pick<Deps, 'database' | 'db' | 'now'>,
  sizes: AgedSizes,
): Promise<void> {
  const steps = [fillMembers, fillReports, fillDeliveries, fillDesk, fillDues]
  for (const step of steps) await asTableOwner(deps.database, (tx) => step(tx, sizes, deps.now()))
  while ((await tallyBroadcasts(deps.db, 50, deps.now())) > 0);
  await fillAudit(deps, sizes.auditEntries)
  await analyzeTables(deps)
}

/** Analyses tables like autovacuum or the upkeep of the embedded database. */
async function analyzeTables({ db }: Pick<Deps, 'db'>): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    select c.oid::regclass::text as name from pg_class c
    where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace`.execute(db)
  for (const { name } of rows) await sql`vacuum (analyze) ${sql.raw(name)}`.execute(db)
}

async function fillMembers(tx: Tx, { members }: AgedSizes, now: Date): Promise<void> {
  const series = sql`generate_series(1, ${members}::int) n`
  const phone = sql`'+3376' || lpad(n::text, 7, '0')`
  const trades = sql`(select trades from schemes where id = ${AGED_SCHEME})`
  const statements = [
    // The counts of the triggers are known here: one distinct number per member.
    sql`alter table contacts disable trigger user`,
    sql`insert into members (scheme_id, id, name, search_name, trade, commune_code, address, status, created_at, updated_at, sms_contacts)
      select ${AGED_SCHEME}, ${uuid(kinds.member)}, 'Commerce ' || n, 'commerce ' || n, t.trades[n % cardinality(t.trades) + 1],
        k.codes[n % cardinality(k.codes) + 1], n || ' rue de la Paix',
        case when n % 97 = 0 then 'left' when n % 50 = 0 then 'suspended' else 'active' end,
        ${now}::timestamptz - interval '2 years', ${now}::timestamptz - n % 400 * interval '1 day', 1
      from ${series}, (select ${trades} as trades) t,
        (select array_agg(code order by code) as codes from communes where departement_code = '63') k`,
    sql`insert into contacts (scheme_id, id, member_id, commune_code, person, mobile, mail, sms)
      select m.scheme_id, ${uuid(kinds.contact)}, m.id, m.commune_code, 'Camille ' || n, ${phone}, 'c' || n || '@exemple.fr', true
      from ${series} join members m on m.scheme_id = ${AGED_SCHEME} and m.id = ${uuid(kinds.member)}`,
    sql`alter table contacts enable trigger user`,
    sql`insert into charter_signatures (scheme_id, version, sha256, signed_name, mobile, contact_id, session_id, signed_at, member_id)
      select c.scheme_id, c.version, c.sha256, 'Camille ' || n, ${phone}, ${uuid(kinds.contact)}, gen_random_uuid(),
        ${now}::timestamptz - interval '1 year', ${uuid(kinds.member)}
      from ${series}, lateral (select * from charters where scheme_id = ${AGED_SCHEME} order by version desc limit 1) c`,
    sql`insert into number_health (scheme_id, phone, state, since, delivered_at)
      select ${AGED_SCHEME}, ${phone}, case when n % 50 = 1 then 'dead' when n % 30 = 1 then 'doubtful' else 'ok' end,
        ${now}::timestamptz - interval '30 days', ${now}::timestamptz - interval '40 days'
      from ${series}`,
    sql`insert into opt_outs (scheme_id, id, member_id, contact_id, phone, takes, how, by, at)
      select ${AGED_SCHEME}, gen_random_uuid(), ${uuid(kinds.member)}, ${uuid(kinds.contact)}, ${phone}, n % 80 = 0, 'portal', 'x',
        ${now}::timestamptz - n % 300 * interval '1 day'
      from ${series} where n % 40 = 0`,
    sql`insert into reconfirmations (scheme_id, contact_id, phone, began_at, asks, asked_at, state, token_hash)
      select ${AGED_SCHEME}, ${uuid(kinds.contact)}, ${phone}, ${now}::timestamptz - interval '20 days', 1,
        ${now}::timestamptz - interval '20 days', case when n % 20 = 0 then 'silent' else 'open' end,
        case when n = 3 then ${createHash('sha256').update(NUMBER_TOKEN).digest('hex')} else n::text end
      from ${series} where n % 10 = 3 or n % 20 = 0`,
    sql`insert into member_accesses (scheme_id, member_id, user_id, name, role, what, at)
      select ${AGED_SCHEME}, ${uuid(kinds.member)}, 'u' || l, 'Camille', 'chamber', 'file', ${now}::timestamptz - l * interval '3 days'
      from ${series}, generate_series(1, 3) l`,
    sql`insert into member_counts (scheme_id, day, trade, commune_code, active)
      select ${AGED_SCHEME}, ${dayIn(METROPOLITAN_ZONE, now)}::date - d, m.trade, m.commune_code, count(*)
      from members m, generate_series(0, 365) d
      where m.scheme_id = ${AGED_SCHEME} and m.status = 'active' and (d < 62 or d % 30 = 0)
      group by d, m.trade, m.commune_code on conflict do nothing`,
  ]
  for (const statement of statements) await statement.execute(tx)
}

/** Inserts the reports of a year with their alerts; `n` counts from the oldest. */
async function fillReports(tx: Tx, { reports }: AgedSizes, now: Date): Promise<void> {
  const alerts = Math.floor(reports * ALERTED)
  const at = sql`(${now}::timestamptz - interval '1 hour' - (${reports}::int - n) * interval '350 days' / ${reports}::int)`
  const state = sql`case when n > ${reports - WAITING}::int then 'waiting' when n <= ${alerts}::int then 'broadcast' else 'refused' end`
  const category = sql`cross join (select array_agg(code order by code) as codes from categories where scheme_id = ${AGED_SCHEME}) g`
  const commune = sql`cross join (select array_agg(code order by code) as communes from communes where departement_code = '63') k`
  const codeOf = sql`g.codes[n % cardinality(g.codes) + 1]`
  await sql`insert into reports (scheme_id, id, category_code, commune_code, place, called_at, occurred_at, caller_name, caller_phone,
      caller_member_id, facts, state, refusal_code, decided_at, decided_by, answer_text, created_at, created_by)
    select ${AGED_SCHEME}, ${uuid(kinds.report)}, ${codeOf}, k.communes[n * 7 % cardinality(k.communes) + 1], 'place de la Halle',
      ${at}, ${at}, 'Camille ' || n, '+3376' || lpad(n::text, 7, '0'), ${uuid(kinds.member)}, 'Deux hommes, partis à pied. ' || n,
      ${state}, case when ${state} = 'refused' then 'no_offence' end,
      case when ${state} <> 'waiting' then ${at} + interval '4 minutes' end, case when ${state} <> 'waiting' then 'x' end,
      case when ${state} = 'refused' then 'Merci de votre appel.' end, ${at}, 'x'
    from generate_series(1, ${reports}::int) n ${category} ${commune}`.execute(tx)
  const isOpen = sql`n > ${alerts - OPEN_ALERTS}::int`
  await sql`insert into alerts (scheme_id, id, reference, report_id, category_code, severity, text, area, area_label, trades, simulated,
      state, expires_at, created_at, created_by, ordered_at, ordered_by, closed_at, closed_by)
    select ${AGED_SCHEME}, ${uuid(kinds.alert)}, '63-25-' || lpad((5000 + n)::text, 4, '0'), ${uuid(kinds.report)}, ${codeOf}, 'alert',
      'Faux billets à Issoire. Ne pas intervenir, ne pas transférer SMS.', '{"kind":"scheme"}', 'Puy-de-Dôme', '{}', true,
      case when ${isOpen} then 'active' else 'ended' end, case when ${isOpen} then ${now}::timestamptz + interval '1 day' else ${at} + interval '1 day' end,
      ${at}, 'x', ${at} + interval '4 minutes', 'x', case when not ${isOpen} then ${at} + interval '1 day' end, case when not ${isOpen} then 'x' end
    from generate_series(1, ${alerts}::int) n ${category}`.execute(tx)
  await sql`insert into alert_events (scheme_id, alert_id, at, kind, by)
    select ${AGED_SCHEME}, ${uuid(kinds.alert)}, ${at}, 'updated', 'x' from generate_series(1, ${alerts}::int) n, generate_series(1, 3)`.execute(
    tx,
  )
}

async function fillDeliveries(tx: Tx, { reports, members, deliveries }: AgedSizes): Promise<void> {
  const alerts = Math.floor(reports * ALERTED)
  const each = Math.floor(deliveries / alerts)
  const isOpen = sql`n > ${alerts - OPEN_ALERTS}::int`
  const series = sql`generate_series(1, ${alerts}::int) n`
  await sql`insert into broadcasts (scheme_id, id, alert_id, kind, text, encoding, parts, sender, lane, simulated, state, valid_until,
      ordered_at, ordered_by, planned, accepted, delivered, failed, first_submit_at, all_accepted_at, done_at, health_no)
    select a.scheme_id, ${uuid(kinds.broadcast)}, a.id, 'first', a.text, 'GSM-7', 1, 'ALERTE63', 'alert', true,
      case when ${isOpen} then 'settling' else 'done' end, a.expires_at, a.ordered_at, 'x', ${each}::int,
      case when ${isOpen} then ${each}::int / 50 else 0 end, ${each}::int - ${each}::int / 50,
      case when ${isOpen} then 0 else ${each}::int / 50 end, a.ordered_at, a.ordered_at + interval '9 seconds',
      case when not ${isOpen} then a.ordered_at + interval '1 minute' end, ${each}::int
    from ${series} join alerts a on a.scheme_id = ${AGED_SCHEME} and a.id = ${uuid(kinds.alert)}`.execute(tx)
  await sql`insert into deliveries (scheme_id, broadcast_id, no, contact_id, member_id, phone, commune_code, trade, state, gateway,
      message_ids, accepted_at, settled_at)
    select ${AGED_SCHEME}, b.id, r, ${uuid(kinds.contact, sql`who.n`)}, m.id, '+3376' || lpad(who.n::text, 7, '0'), m.commune_code, m.trade,
      case when r % 50 <> 0 then 'delivered' when b.state = 'done' then 'failed' else 'accepted' end, 'smsc', r::text,
      b.ordered_at + r * interval '1 millisecond', case when b.state = 'done' or r % 50 <> 0 then b.ordered_at + r * interval '4 milliseconds' end
    from ${series} join broadcasts b on b.scheme_id = ${AGED_SCHEME} and b.id = ${uuid(kinds.broadcast)}
    cross join generate_series(1, ${each}::int) r
    cross join lateral (select (n * 67 + r) % ${members}::int + 1 as n) who
    join members m on m.scheme_id = ${AGED_SCHEME} and m.id = ${uuid(kinds.member, sql`who.n`)}`.execute(tx)
  // The last alert has a follow-up waiting for approval.
  await sql`insert into follow_ups (scheme_id, id, alert_id, kind, text, level, after_id, order_key, state, created_at, created_by,
      submitted_at, submitted_by, submitted_hash)
    select a.scheme_id, gen_random_uuid(), a.id, 'update', 'Toujours en cours à Issoire.', 'established', ${uuid(kinds.broadcast)},
      gen_random_uuid(), 'submitted', a.ordered_at, 'x', a.ordered_at, 'x', repeat('0', 64)
    from generate_series(${alerts}::int, ${alerts}::int) n join alerts a on a.scheme_id = ${AGED_SCHEME} and a.id = ${uuid(kinds.alert)}`.execute(
    tx,
  )
  // Answers to the callers of refused reports.
  await sql`insert into broadcasts (scheme_id, id, report_id, kind, text, encoding, parts, sender, lane, simulated, state, valid_until,
      ordered_at, ordered_by, planned, delivered, done_at, health_no)
    select r.scheme_id, ${uuid(kinds.answer)}, r.id, 'answer', r.answer_text, 'GSM-7', 1, 'ALERTE63', 'service', true, 'done',
      r.decided_at + interval '1 day', r.decided_at, 'x', 1, 1, r.decided_at, 1
    from generate_series(1, ${reports}::int) n
    join reports r on r.scheme_id = ${AGED_SCHEME} and r.id = ${uuid(kinds.report)} and r.answer_text is not null`.execute(
    tx,
  )
  await sql`insert into deliveries (scheme_id, broadcast_id, no, contact_id, member_id, phone, commune_code, trade, state, gateway, settled_at)
    select b.scheme_id, b.id, 1, gen_random_uuid(), r.caller_member_id, r.caller_phone, r.commune_code, 'shop', 'delivered', 'smsc', b.ordered_at
    from broadcasts b join reports r on r.scheme_id = b.scheme_id and r.id = b.report_id
    where b.scheme_id = ${AGED_SCHEME} and b.id between ${uuid(kinds.answer, sql`1`)} and ${uuid(kinds.answer, sql`1000000`)}`.execute(
    tx,
  )
}

/** Inserts what users of the scheme did around the alerts. */
async function fillDesk(tx: Tx, { members, reports }: AgedSizes, now: Date): Promise<void> {
  const alerts = Math.floor(reports * ALERTED)
  const who = sql`((n * 67 + r) % ${members}::int + 1)`
  const statements = [
    sql`insert into alert_reads (scheme_id, alert_id, contact_id, member_id, read_at)
      select ${AGED_SCHEME}, ${uuid(kinds.alert)}, ${uuid(kinds.contact, who)}, ${uuid(kinds.member, who)}, ${now}
      from generate_series(1, ${alerts}::int) n, generate_series(1, 50) r`,
    sql`insert into held_back (scheme_id, alert_id, phone, contact_id, member_id, commune_code, trade, reason, held_at, due_at, notified_at)
      select ${AGED_SCHEME}, ${uuid(kinds.alert)}, '+3376' || lpad(${who}::text, 7, '0'), ${uuid(kinds.contact, who)}, m.id, m.commune_code,
        m.trade, 'quiet', ${now}::timestamptz - interval '2 days', ${now}::timestamptz - interval '1 day', ${now}::timestamptz - interval '1 day'
      from generate_series(1, ${alerts}::int) n, generate_series(4001, 4020) r
      join members m on m.scheme_id = ${AGED_SCHEME} and m.id = ${uuid(kinds.member, sql`((4001 * 67 + 1) % ${members}::int + 1)`)}`,
    sql`insert into solicitations (scheme_id, phone, latest, alert, notice)
      select ${AGED_SCHEME}, '+3376' || lpad(n::text, 7, '0'), array_fill(${now}::timestamptz - interval '2 days', array[3]),
        array_fill(${now}::timestamptz - interval '2 days', array[2]), '{}'
      from generate_series(1, ${members}::int) n on conflict do nothing`,
    sql`insert into series (scheme_id, id, title, created_at, created_by)
      select ${AGED_SCHEME}, ${uuid('ae00')}, 'Série ' || n, ${now}, 'x' from generate_series(1, 20) n`,
    sql`insert into series_reports (scheme_id, report_id, series_id, added_at, added_by)
      select ${AGED_SCHEME}, ${uuid(kinds.report)}, ${uuid('ae00', sql`n % 20 + 1`)}, ${now}, 'x' from generate_series(1, 100) n`,
    sql`insert into data_requests (scheme_id, id, kind, member_id, person, via, received_on, due_on, created_at, created_by)
      select ${AGED_SCHEME}, gen_random_uuid(), 'access', ${uuid(kinds.member)}, 'Camille ' || n, 'mail', ${dayIn(METROPOLITAN_ZONE, now)}::date - n % 20,
        ${dayIn(METROPOLITAN_ZONE, now)}::date + 10, ${now}, 'x' from generate_series(1, 100) n`,
    sql`insert into member_changes (scheme_id, id, kind, by, by_name, at, note, created, updated)
      select ${AGED_SCHEME}, ${uuid('af00')}, 'trade', 'x', 'x', ${now}::timestamptz - n * interval '1 day', 'food', 0, 200
      from generate_series(1, 100) n`,
    sql`insert into member_change_rows (scheme_id, change_id, member_id, created)
      select ${AGED_SCHEME}, ${uuid('af00')}, ${uuid(kinds.member, sql`(n * 200 + r) % ${members}::int + 1`)}, false
      from generate_series(1, 100) n, generate_series(1, 200) r`,
    sql`insert into enrolments (scheme_id, id, state, token_hash, name, search_name, trade, commune_code, verified, person, mobile,
        mobile_confirmed_at, created_at, touched_at, submitted_at, decided_at, decided_by, reason)
      select ${AGED_SCHEME}, gen_random_uuid(), case when n <= 50 then 'submitted' else 'refused' end, 'aged' || n, 'Boutique ' || n,
        'boutique ' || n, 'clothing', '63178', false, 'Camille', '+3377' || lpad(n::text, 7, '0'), ${now}, ${now}, ${now}, ${now},
        case when n > 50 then ${now}::timestamptz end, case when n > 50 then 'x' end, case when n > 50 then 'trade' end
      from generate_series(1, 500) n`,
  ]
  for (const statement of statements) await statement.execute(tx)
}

/** Makes the members owe the fee of the demo's campaign; most have paid it. */
async function fillDues(tx: Tx, { members }: AgedSizes, now: Date): Promise<void> {
  const series = sql`generate_series(1, ${members}::int) n`
  const { rows } = await sql<{ year: number; last: number }>`
    select c.year, (select max(no) from ledger_entries where scheme_id = ${AGED_SCHEME}) as last
    from dues_campaigns c where c.scheme_id = ${AGED_SCHEME} order by c.year desc limit 1`.execute(tx)
  const { year, last } = rows[0] ?? { year: 0, last: 0 }
  // The first members, so that the numbers of the ledger have no gaps.
  const paid = sql`n <= ${Math.floor(members * 0.9)}::int`
  const entry = (kind: string, from: number, account: string, where = sql`true`) => [
    sql`insert into ledger_entries (scheme_id, no, entered_on, kind, member_id, member, piece, written_at, written_by)
      select ${AGED_SCHEME}, ${from}::int + n, ${dayIn(METROPOLITAN_ZONE, now)}::date - 30, ${kind}, ${uuid(kinds.member)}, 'Commerce ' || n, n::text,
        ${now}, 'x' from ${series} where ${where}`,
    sql`insert into ledger_lines (scheme_id, no, line, account, member_id, debit_cents, credit_cents)
      select ${AGED_SCHEME}, ${from}::int + n, l, case when (l = 1) = (${kind} = 'call') then 'receivable' else ${account} end,
        case when (l = 1) = (${kind} = 'call') then ${uuid(kinds.member)} end, case when l = 1 then 1000 else 0 end,
        case when l = 2 then 1000 else 0 end
      from ${series}, generate_series(1, 2) l where ${where}`,
  ]
  const statements = [
    sql`insert into dues (scheme_id, year, member_id, amount_cents, due_on, assessed_at)
      select ${AGED_SCHEME}, ${year}::int, ${uuid(kinds.member)}, 1000, ${dayIn(METROPOLITAN_ZONE, now)}::date - 20, ${now} from ${series}`,
    ...entry('call', last, 'income'),
    ...entry('payment', last + members, 'bank', paid),
    sql`insert into dues_payments (scheme_id, id, member_id, way, amount_cents, received_on, reference, entry_no, recorded_at, recorded_by)
      select ${AGED_SCHEME}, gen_random_uuid(), ${uuid(kinds.member)}, 'transfer', 1000, ${dayIn(METROPOLITAN_ZONE, now)}::date - 10, '',
        ${last + members}::int + n, ${now}, 'x' from ${series} where ${paid}`,
    // Members who have not paid gave a mandate.
    sql`insert into dues_mandates (scheme_id, id, member_id, reference, iban, iban_end, holder, text, signed_name, signed_by, signed_at)
      select ${AGED_SCHEME}, gen_random_uuid(), ${uuid(kinds.member)}, 'AC63-' || n, 'FR7630001007941234567890185', '0185', 'Commerce ' || n,
        'x', 'Camille', ${uuid(kinds.contact)}, ${now}::timestamptz - interval '90 days' from ${series} where not (${paid}) and n < ${members - 1}::int`,
    sql`insert into dues_notices (scheme_id, id, year, member_id, kind, step, at, by, contacts)
      select ${AGED_SCHEME}, gen_random_uuid(), ${year}::int, ${uuid(kinds.member)}, 'call', 0, ${now}::timestamptz - interval '50 days', 'x',
        array[${uuid(kinds.contact)}] from ${series}`,
    sql`update dues_counters set last = (select max(no) from ledger_entries where scheme_id = ${AGED_SCHEME}) where scheme_id = ${AGED_SCHEME} and name = 'ledger'`,
  ]
  for (const statement of statements) await statement.execute(tx)
}

/** Writes audit entries with the code of the program, as a valid chain. */
async function fillAudit({ db, now }: Pick<Deps, 'db' | 'now'>, entries: number): Promise<void> {
  const actions = ['report.create', 'alert.compose', 'alert.broadcast', 'delivery.export', 'member.change']
  for (let done = 0; done < entries; done += ENTRIES) {
    await inScheme(db, AGED_SCHEME, async (tx) => {
      const head = await tx
        .selectFrom('auditHeads')
        .selectAll()
        .where('schemeId', '=', AGED_SCHEME)
        .executeTakeFirstOrThrow()
      let { seq, hash } = head
      const rows = Array.from({ length: Math.min(ENTRIES, entries - done) }, (_, i) => {
        seq += 1
        const n = done + i
        const entry = {
          schemeId: AGED_SCHEME,
          seq,
          at: new Date(now().getTime() - (entries - n)),
          actor: `user:${n % 40}`,
          action: actions[n % actions.length] ?? '',
          subject: `alert:${n % 300}`,
          details: n % 20 === 0 ? { member: agedId('member', n + 1) } : { planned: n, parts: 1 },
        }
        const prevHash = hash
        hash = hashEntry(entry, prevHash)
        return { ...entry, prevHash, hash }
      })
      await sql`insert into audit_entries (scheme_id, seq, at, actor, action, subject, details, prev_hash, hash)
        select "schemeId", seq, at, actor, action, subject, details, "prevHash", hash
        from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
          as r ("schemeId" text, seq bigint, at timestamptz, actor text, action text, subject text, details jsonb, "prevHash" text, hash text)`.execute(
        tx,
      )
      await tx.updateTable('auditHeads').set({ seq, hash }).where('schemeId', '=', AGED_SCHEME).execute()
    })
  }
}
