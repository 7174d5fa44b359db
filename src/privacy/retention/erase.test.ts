import { type KyselyPlugin, sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openCampaign } from '../../../test/support/campaigns.ts'
import { testDatabase, usualKinds } from '../../../test/support/database.ts'
import { actorOf, testDeps } from '../../../test/support/deps.ts'
import { testCipher } from '../../../test/support/encryption.ts'
import { idOf, phoneOf, seedMembers, seedSchemes } from '../../../test/support/fixtures.ts'
import { verifyAudit } from '../../audit/verify.ts'
import { changeMembers } from '../../changes/actions.ts'
import { mergeMembers } from '../../changes/merge/actions.ts'
import { undoChange } from '../../changes/undo.ts'
import { readSealedJson } from '../../cipher/marked.ts'
import type { Deps } from '../../deps.ts'
import { cancelPayment, recordPayment } from '../../dues/ledger/payments.ts'
import { paymentReference } from '../../dues/rules.ts'
import { getUpload } from '../../imports/uploads/actions.ts'
import { applyUpload } from '../../imports/uploads/apply.ts'
import { UploadRowQuery } from '../../imports/uploads/contract.ts'
import { openUpload } from '../../imports/uploads/open.ts'
import { listUploadRows } from '../../imports/uploads/rows.ts'
import { listMembers } from '../../members/actions.ts'
import { acrossSchemes, type Database } from '../../platform/db.ts'
import { getFileJson } from '../file/actions.ts'
import { SECTIONS } from '../file/sections.ts'
import { answerDataRequest, enterDataRequest, listDataRequests } from '../requests/actions.ts'
import { eraseMembers } from './erase.ts'
import { purgeOld } from './purge.ts'

const chamber = actorOf('chamber', 'ac63')
const whose = { actor: chamber, schemeId: 'ac63', lang: 'fr' } as const
const NOW = new Date('2026-06-01T12:00:00Z')
const [gone, pointer, here, other] = [idOf(1), idOf(2), idOf(3), idOf(4)]
const contact = idOf(11)
const phone = phoneOf(1)
const person = 'Aglaé Quincampoix'
const mail = 'aglae@joyaux.example'
const address = '17 impasse des Coquelicots'
const siret = '35600000000048'
/** Everything that tells who it was, however it is written. */
const TRACES: readonly RegExp[] = [
  /z[eé]bulon/i,
  /quincampoix/i,
  /639980001/,
  /6 39 98 00 01/,
  /aglae@joyaux/i,
  /coquelicots/i,
  new RegExp(siret),
  /FR7630006000011234567890189/,
]

/** Columns that the law requires to keep after an erasure, and why. All others must hold no trace. */
const KEPT: Readonly<Record<string, string>> = {
  'ledger_entries.member': 'books: ten years, Code de commerce L123-22',
  'dues_receipts.facts': 'vouchers of the books: ten years',
  'dues_invoices.facts': 'vouchers of the books: ten years',
  'dues_payments.reference': 'what an entry of the books stands on: ten years',
  'dues_payments.cancel_reason': 'what an entry of the books stands on: ten years',
  'dues_payments.outside_id': 'what an entry of the books stands on: ten years',
  'dues_refunds.reference': 'what an entry of the books stands on: ten years',
  'dues_refunds.reason': 'what an entry of the books stands on: ten years',
  'dues_refunds.cancel_reason': 'what an entry of the books stands on: ten years',
  'dues_mandates.iban': 'proof of the debits: 426 days after the last, EPC016-06',
  'dues_mandates.holder': 'proof of the debits: 426 days after the last, EPC016-06',
  'dues_mandates.signed_name': 'proof of the debits',
  'dues_mandates.text': 'proof of the debits',
  'dues_debit_files.xml': 'what the bank was asked for: 426 days',
  'dues_debit_file_versions.xml': 'what the bank was asked for before: 426 days',
  'reports.caller_name': 'who called 17, for the forces: directive (EU) 2016/680, two years',
  'reports.created_by': 'who reported an offence on the portal, for the forces',
  'reports.place': 'where an offence happened, for the forces',
  'reports.caller_phone': 'who called 17, for the forces',
  'call_notes.content': 'a call that an operator is writing down: a day',
  'reports.facts': 'what the forces wrote down of an offence: directive (EU) 2016/680, two years',
  'reports.late_reason': 'what the forces wrote down of an offence',
  'reports.refusal_note': 'what the forces wrote down of an offence',
  'reports.answer_text': 'what the forces wrote down of an offence',
  'unknown_receipts.phone': 'what a provider said of no known message; it leaves by itself',
  'opt_outs.phone': 'a number that wants no SMS is not written to again (article 21)',
  'departures.phone': 'withdraws what is on its way; it leaves by itself',
  'deliveries.phone': 'who was sent an alert: 180 days, withdrawn where it is on its way',
}

/** Tables in which nobody who can be erased is named, and what they hold. Columns of all others are filled by the test, or below. */
const TABLES_OF_NOBODY: Readonly<Record<string, readonly string[]>> = {
  'accounts, which are of the chamber and the forces': [
    'account',
    'account_passkeys',
    'break_glass_openings',
    'break_glass_seals',
    'grants',
    'invitations',
    'passkey_challenges',
    'provider_links',
    'provider_sessions',
    'provider_visits',
    'provider_waiting',
    'session',
    'sign_in_places',
    'two_factor',
    'user',
    'verification',
  ],
  'what the forces wrote of an alert and its text, which the guard reads': [
    'alert_events',
    'alerts',
    'authorisations',
    'follow_ups',
    'relays',
    'series',
    'series_apart',
    'series_reports',
  ],
  'who is on call for the forces and the prosecutor, and when they were called': [
    'call_out_calls',
    'call_outs',
    'on_call_absences',
    'on_call_people',
  ],
  'ids and figures': [
    'audit_anchors',
    'audit_checks',
    'audit_entries',
    'audit_heads',
    'audit_networks',
    'audit_reads',
    'audit_seals',
    'dues_campaigns',
    'dues_counters',
    'member_counts',
  ],
  'what is sent, by number': ['audience_cells', 'delivery_attempts', 'delivery_chunks', 'delivery_tallies'],
  'what the chamber wrote to all, and its rules': [
    'agencies',
    'categories',
    'charters',
    'decided_alone',
    'schemes',
    'sectors',
    'setting_changes',
  ],
  'numbers that no row refers to any more, until the second search': ['encryption', 'pseudonyms'],
  'places and the program itself': [
    'arrondissements',
    'communes',
    'contour_imports',
    'departements',
    'epcis',
    'former_communes',
    'reference_loads',
    'regions',
    'schema_migrations',
    'workers',
  ],
}

/**
 * Columns of the other tables that can name nobody: codes, states and kinds, ids, hashes, what the program writes of itself, and
 * who worked for the chamber or the forces.
 */
const NAMES_NOBODY: Readonly<Record<string, readonly string[]>> = {
  audit_reasons: ['salt'],
  broadcasts: [
    'code_key',
    'content_hash',
    'encoding',
    'kind',
    'lane',
    'level',
    'ordered_by',
    'sender',
    'state',
  ],
  call_notes: ['user_id'],
  dues_debit_file_versions: ['replaced_by'],
  dues_cheques: ['bank'],
  dues_invoices: ['issued_by'],
  dues_deposits: ['iban', 'holder', 'created_by', 'cancelled_by'],
  dues_payment_batches: ['list', 'recorded_by', 'undone_by'],
  dues_debit_files: ['created_by', 'handed_by', 'settled_by', 'state'],
  member_changes: ['by', 'by_name', 'kind', 'undoing_by', 'undoing_trades', 'undone_by'],
  import_answers: ['answer', 'answered_by', 'chamber', 'kind', 'written'],
  member_import_jobs: ['failure', 'payments'],
  member_import_job_rows: ['notice'],
  member_import_rows: ['charter_answer'],
  member_imports: ['fields', 'format', 'headers', 'owner', 'sha256'],
  member_views: ['member_ids', 'owner', 'trades'],
  failure_counts: ['subject'],
  members: ['commune_code', 'naf', 'naf2025', 'postal_code', 'status', 'tags', 'trade'],
  one_time_codes: ['address_hash', 'block_hash', 'budget', 'phone_hash', 'purpose'],
  charter_signatures: ['sha256'],
  contact_passkeys: ['id', 'contact_ids', 'transports'],
  contact_sessions: ['token_hash'],
  contacts: ['commune_code', 'lang'],
  data_requests: ['kind', 'via', 'state', 'traces', 'created_by', 'decided_by'],
  deliveries: ['commune_code', 'trade', 'state', 'gateway', 'message_ids', 'delivered_ids'],
  dues_debits: ['end_to_end', 'state', 'return_code', 'years'],
  dues_mandates: ['reference', 'iban_end', 'signed_by', 'revoked_by'],
  dues_notices: ['kind', 'by', 'contacts', 'in_person'],
  dues_payments: ['way', 'recorded_by', 'cancelled_by'],
  dues_refunds: ['way', 'recorded_by', 'cancelled_by'],
  enrolments: [
    'lang',
    'state',
    'token_hash',
    'naf',
    'naf2025',
    'trade',
    'commune_code',
    'postal_code',
    'decided_by',
    'reason',
  ],
  dues_statement_entries: ['digest', 'returned', 'state', 'decided_by'],
  dues_statements: ['file', 'format', 'uploaded_by'],
  held_back: ['commune_code', 'trade', 'reason'],
  ledger_entries: ['kind', 'piece', 'written_by'],
  ledger_lines: ['account'],
  member_aliases: ['commune_code'],
  member_change_rows: ['kept_fields', 'kept_why', 'print', 'undoing'],
  member_accesses: ['user_id', 'name', 'role', 'what'],
  member_merges: ['merged_by'],
  member_notices: ['kind', 'channel'],
  member_notes: ['author', 'author_name'],
  member_corrections: ['asked_by', 'commune_code', 'postal_code', 'trade'],
  members_apart: ['said_by'],
  number_health: ['state', 'unknown_at', 'absent_at'],
  // Services of the State.
  observers: ['name', 'phone'],
  outbox: ['channel', 'lang', 'template', 'link', 'lane', 'cause', 'created_by'],
  opt_outs: ['how', 'by', 'gateway', 'message_id'],
  reconfirmations: ['state', 'token_hash'],
  reports: [
    'category_code',
    'commune_code',
    'state',
    'refusal_code',
    'decided_by',
    'claimed_by_id',
    'claimed_by',
    'former_name',
  ],
  service_messages: [
    'channel',
    'filter',
    'trades',
    'state',
    'written_by',
    'writer',
    'decided_by',
    'decider',
    'stopped_by',
    'stopper',
  ],
  solicitations: ['latest', 'alert', 'notice'],
  mail_outcomes: ['outcome', 'fault', 'code'],
  wall_displays: ['token_hash', 'opened_by', 'user_id'],
  provider_messages: ['digest'],
  unknown_receipts: ['gateway', 'message_id', 'state'],
}

/** Tables with traces of a person that the file of the person leaves out, and why. */
const NOT_IN_FILE: Readonly<Record<string, string>> = {
  reports: 'the forces hold it: directive (EU) 2016/680, asked of them',
  call_notes: 'the forces hold it',
  unknown_receipts: 'what a provider said of no known message',
  departures: 'withdraws what is on its way, and leaves by itself',
  member_views: 'a search that somebody saved',
  broadcasts: 'texts of messages, which the file gives with the message',
}

describe.each(usualKinds)('erasing a member on %s', (kind) => {
  let database: Database
  let deps: Deps
  beforeAll(async () => {
    database = await testDatabase(kind)
    await seedSchemes(database)
    deps = testDeps(database, { now: () => NOW })
    await seedMembers(database.db, 'ac63', [
      { id: gone, name: 'Zébulon Joaillerie', trade: 'jewellers' },
      { id: pointer, name: 'Bijoux Zébulon', trade: 'jewellers', phones: [phoneOf(2)] },
      { id: here, name: 'Boulangerie du Pont', trade: 'bakeries', phones: [phoneOf(3)] },
      { id: other, name: 'Tabac Neuf', phones: [phoneOf(4)] },
    ])
    await sql`update members set siret = ${siret}, address = ${address}, search_name = 'zebulon joaillerie' where id = ${gone}`.execute(
      database.db,
    )
    await sql`insert into contacts (scheme_id, id, member_id, person, mobile, mail, sms, position)
      values ('ac63', ${contact}, ${gone}, ${person}, ${phone}, ${mail}, true, 0)`.execute(database.db)
  })
  afterAll(() => database.close())

  /** Every column of text that has a trace, as `table.column`. */
  async function traces(): Promise<string[]> {
    const { rows: columns } = await sql<{ schema: string; table: string; column: string }>`
      select c.table_schema as schema, c.table_name as table, c.column_name as column from information_schema.columns c
      join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
      where c.table_schema not in ('pg_catalog', 'information_schema') and t.table_type = 'BASE TABLE'
        and c.data_type in ('text', 'character varying', 'json', 'jsonb', 'ARRAY')
        -- A number is deleted from it a while after the last row that refers to it (src/encryption/unused.ts).
        and c.table_name <> 'pseudonyms' order by 2, 3`.execute(database.db)
    expect(columns.length).toBeGreaterThan(200)
    const found: string[] = []
    for (const { schema, table, column } of columns) {
      const { rows } = await sql<{ text: string | null }>`
        select ${sql.ref(column)}::text as text from ${sql.table(`${schema}.${table}`)}`.execute(database.db)
      if (rows.some(({ text }) => text !== null && TRACES.some((trace) => trace.test(text))))
        found.push(`${table}.${column}`)
    }
    return found
  }

  /** Columns of text, JSON and lists of every table but those of nobody, as `table.column`. */
  async function columnsAboutPeople(): Promise<string[]> {
    const { rows } = await sql<{ name: string }>`
      select c.table_name || '.' || c.column_name as name from information_schema.columns c
      where c.table_schema = 'public' and c.column_name <> 'scheme_id'
        and c.data_type in ('text', 'character varying', 'json', 'jsonb', 'ARRAY')
        and c.table_name in (
          select t.table_name from information_schema.tables t where t.table_schema = 'public' and t.table_type = 'BASE TABLE')
        and c.table_name <> all (${Object.values(TABLES_OF_NOBODY).flat()}::text[])
      order by 1`.execute(database.db)
    return rows.map(({ name }) => name)
  }

  /** Every table that names the person is in the file that the person gets, or is here with the reason why not. */
  async function holdsAll(traced: readonly string[]): Promise<void> {
    const inFile = SECTIONS.flatMap(({ tables }) => tables)
    const named = new Set(traced.map((column) => column.split('.')[0] ?? ''))
    const missing = [...named].filter((table) => !inFile.includes(table) && !(table in NOT_IN_FILE))
    expect(missing).toEqual([])
    const { id: request } = await enterDataRequest(deps, chamber, 'ac63', {
      kind: 'access',
      memberId: gone,
      person: '',
      via: 'mail',
      receivedOn: '2026-05-25',
    })
    const json = await getFileJson(deps, chamber, 'ac63', { of: { request }, lang: 'fr' })
    const { data } = JSON.parse(json) as { data: Record<string, readonly unknown[]> }
    // Everything of the member that the test filled is there, but nothing that the forces hold. The rest: file.test.ts.
    expect(Object.entries(data).flatMap(([name, rows]) => (rows.length === 0 ? [name] : []))).toEqual([
      'onCall',
      'alerts',
      'messages',
      'reasons',
      'acts',
    ])
    for (const secret of ['place du marché', 'dormait', 'Chez Zébulon', 'devant le', phoneOf(4)])
      expect(json, secret).not.toContain(secret)
    await answerDataRequest(deps, chamber, 'ac63', request, { outcome: 'done', answer: '' })
  }

  /** Fills every table that can tell who somebody is. */
  async function fill(): Promise<{ change: string; upload: string; alike: string }> {
    const { db } = database
    await sql`insert into member_corrections (scheme_id, member_id, name, siret, commune_code, address, postal_code, asked_at,
        asked_by, declined_at, reason)
      values ('ac63', ${gone}, 'Zébulon et fille', ${siret}, '63178', ${address}, '63500', ${NOW}, 'contact:x', ${NOW},
        'Zébulon n’a pas déménagé')`.execute(db)
    // On it, and on another member that names her; the last one names nobody.
    await sql`insert into member_notes (scheme_id, member_id, id, text, written_at, author, author_name)
      values ('ac63', ${gone}, ${idOf(72)}, 'Rappeler Zébulon', ${NOW}, 'x', 'x'),
        ('ac63', ${here}, ${idOf(73)}, ${`Voir avec ${person}`}, ${NOW}, 'x', 'x'),
        ('ac63', ${here}, ${idOf(74)}, 'Fermé le lundi', ${NOW}, 'x', 'x')`.execute(db)
    await sql`insert into member_tags (scheme_id, id, name, created_at)
      values ('ac63', ${idOf(75)}, 'Amis de Zébulon Joaillerie', ${NOW}), ('ac63', ${idOf(76)}, 'Salon', ${NOW})`.execute(
      db,
    )
    await sql`update members set tags = array[${idOf(75)}, ${idOf(76)}]::uuid[] where id in (${gone}, ${here})`.execute(
      db,
    )
    await mergeMembers(deps, chamber, 'ac63', { kept: gone, merged: pointer, take: {} })
    const { change } = await changeMembers(deps, chamber, 'ac63', {
      action: { kind: 'suspend', reason: 'travaux' },
      members: { ids: [gone, here] },
    })
    await changeMembers(deps, chamber, 'ac63', {
      action: { kind: 'resume' },
      members: { ids: [gone] },
    })
    await changeMembers(deps, chamber, 'ac63', {
      action: { kind: 'suspend', reason: `${person} ne veut plus` },
      members: { ids: [gone] },
    })
    // The reason of one change of several members names her by her family name; another does not.
    await changeMembers(deps, chamber, 'ac63', {
      action: { kind: 'resume' },
      members: { ids: [gone, here] },
    })
    await changeMembers(deps, chamber, 'ac63', {
      action: { kind: 'suspend', reason: 'vu avec Mme Quincampoix' },
      members: { ids: [gone, here] },
    })
    await changeMembers(deps, chamber, 'ac63', {
      action: { kind: 'suspend', reason: 'fermé pour travaux' },
      members: { ids: [other] },
    })
    await openCampaign(deps, chamber, 'ac63', {
      year: 2026,
      feeCents: 1000,
      tradeFees: {},
      proRata: false,
      dueOn: '2026-03-31',
    })
    const paid = await recordPayment(deps, chamber, 'ac63', gone, {
      way: 'cheque',
      amountCents: 1000,
      receivedOn: '2026-05-01',
      reference: `chèque de ${person}`,
      inAdvance: false,
    })
    await cancelPayment(
      deps,
      chamber,
      'ac63',
      { member: gone, payment: paid.payments[0]?.id ?? '' },
      { reason: `impayé, ${person} prévenue` },
    )
    const list = (fileName: string, ...lines: string[]) =>
      openUpload(
        deps,
        whose,
        new TextEncoder().encode(['Enseigne;Métier;Code INSEE;SIRET;Contact;Mobile', ...lines].join('\n')),
        fileName,
      )
    const upload = await list(
      'bijoutiers.csv',
      `Zébulon Joaillerie;Bijouterie;63178;${siret};${person};06 39 98 00 01`,
      `Épicerie Fine;Boulangerie;63178;;Paul;${phoneOf(20)}`,
    )
    // One row names it by name and commune alone, one by its number alone.
    const alike = await list(
      'zébulon.csv',
      `ZEBULON Joaillerie;Bijouterie;63178;;;${phoneOf(21)}`,
      `Autre;Bijouterie;63178;;${person};0033639980001`,
      `Horloger;Bijouterie;63178;;;${phoneOf(22)}`,
    )
    const sheets = JSON.stringify({ sheet: 'Feuil1', names: ['Bureau', `Mme ${person}`] })
    await sql`update member_imports set other_sheets = ${sheets}::jsonb where id = ${upload.id}`.execute(
      database.db,
    )
    await enterDataRequest(deps, chamber, 'ac63', {
      kind: 'access',
      memberId: gone,
      person,
      via: 'mail',
      receivedOn: '2026-05-20',
    })
    const statements = [
      sql`update data_requests set state = 'done', decided_at = ${NOW}, answer = ${`Envoyé à ${mail}`}`,
      sql`insert into data_requests (scheme_id, id, kind, person, via, received_on, due_on, created_at, created_by, state, decided_at, answer)
        values ('ac63', ${idOf(40)}, 'access', ${person}, 'mail', '2026-05-01', '2026-06-01', ${NOW}, 'x', 'refused', ${NOW}, 'Rappelée au 06 39 98 00 01')`,
      sql`insert into charters (scheme_id, version, text, sha256, published_at) values ('ac63', 1, 'x', ${'0'.repeat(64)}, ${NOW})
        on conflict do nothing`,
      sql`insert into enrolments (scheme_id, id, state, token_hash, name, search_name, siret, trade, commune_code, address, verified, person, mobile, mail,
          mobile_confirmed_at, created_at, touched_at, submitted_at, decided_at, member_id, note)
        values ('ac63', ${idOf(41)}, 'approved', 'x', 'Zébulon', 'zebulon', ${siret}, 'jewellers', '63178', ${address}, true, ${person}, ${phone}, ${mail},
          ${NOW}, ${NOW}, ${NOW}, ${NOW}, ${NOW}, ${gone}, ${person})`,
      sql`insert into enrolments (scheme_id, id, state, token_hash, name, search_name, siret, trade, commune_code, verified, created_at, touched_at)
        values ('ac63', ${idOf(42)}, 'draft', 'y', 'Zébulon', 'zebulon', ${siret}, 'jewellers', '63178', true, ${NOW}, ${NOW})`,
      // Rows with her number or her mail alone are erased, whatever their SIRET; that of another member stays.
      sql`insert into enrolments (scheme_id, id, state, token_hash, name, search_name, trade, commune_code, verified, person, mobile, mail,
          mobile_confirmed_at, created_at, touched_at, submitted_at, decided_at, member_id, reason, note)
        values ('ac63', ${idOf(64)}, 'refused', 'a', 'Autre', 'autre', 'jewellers', '63178', false, 'x', ${phone}, null,
            ${NOW}, ${NOW}, ${NOW}, ${NOW}, ${NOW}, null, 'other', 'x'),
          ('ac63', ${idOf(65)}, 'submitted', 'b', 'Autre', 'autre', 'jewellers', '63178', false, 'x', ${phoneOf(30)}, ${'AGLAE@joyaux.example'},
            ${NOW}, ${NOW}, ${NOW}, ${NOW}, null, null, null, null),
          ('ac63', ${idOf(66)}, 'approved', 'c', 'Du Pont', 'du pont', 'bakeries', '63178', false, 'Paul', ${phoneOf(3)}, null,
            ${NOW}, ${NOW}, ${NOW}, ${NOW}, ${NOW}, ${here}, null, null)`,
      // The name of the file of a change that did not touch it.
      sql`insert into member_changes (scheme_id, id, kind, by, by_name, at, note, created, updated)
        values ('ac63', ${idOf(67)}, 'import', 'x', 'x', ${NOW}, 'Aglaé QUINCAMPOIX.csv', 2, 0)`,
      sql`insert into charter_signatures (scheme_id, enrolment_id, version, sha256, signed_name, mobile, mail, signed_at, member_id)
        values ('ac63', ${idOf(41)}, 1, ${'0'.repeat(64)}, ${person}, ${phone}, ${mail}, ${NOW}, ${gone})`,
      sql`insert into reports (scheme_id, id, category_code, commune_code, called_at, occurred_at, state, created_at, created_by, caller_name,
          caller_phone, caller_member_id, caller_contact_id, place, late_reason, facts, refusal_code, refusal_note, answer_text, decided_at)
        values ('ac63', ${idOf(43)}, 'counterfeit', '63178', ${NOW}, ${NOW}, 'refused', ${NOW}, ${`${person} (Zébulon Joaillerie)`}, ${person}, ${phone},
            ${gone}, ${contact}, ${`Zébulon Joaillerie, ${address}`}, ${`${person} dormait`}, 'Chez Zébulon', 'doubt', ${`${person} hésite`}, ${person}, ${NOW}),
          ('ac63', ${idOf(55)}, 'counterfeit', '63178', ${NOW}, ${NOW}, 'refused', ${NOW}, 'L. Martin (PN)', ${person}, ${phone},
            ${gone}, null, ${`devant le ${address.toUpperCase()}`}, null, null, 'doubt', null, null, ${NOW}),
          ('ac63', ${idOf(56)}, 'counterfeit', '63178', ${NOW}, ${NOW}, 'refused', ${NOW}, 'L. Martin (PN)', ${person}, ${phone},
            ${gone}, null, 'place du marché', null, null, 'doubt', null, null, ${NOW}),
          ('ac63', ${idOf(71)}, 'counterfeit', '63178', ${NOW}, ${NOW}, 'refused', ${NOW}, 'L. Martin (PN)', ${person}, ${phone},
            null, null, 'gare', null, null, 'doubt', null, null, ${NOW})`,
      sql`insert into alerts (scheme_id, id, reference, report_id, category_code, severity, text, area, area_label, trades, simulated,
          state, expires_at, created_at, created_by, doctrine)
        values ('ac63', ${idOf(57)}, '63-26-0001', ${idOf(56)}, 'counterfeit', 'alert', 'x', '{"kind":"scheme"}', 'Tous', '{}',
          true, 'draft', ${NOW}, ${NOW}, 'x', '{"level":"established"}')`,
      sql`insert into held_back (scheme_id, alert_id, contact_id, member_id, phone, commune_code, trade, reason, held_at, due_at)
        values ('ac63', ${idOf(57)}, ${contact}, ${gone}, ${phone}, '63178', 'jewellers', 'quiet', ${NOW}, ${NOW}),
          ('ac63', ${idOf(57)}, ${idOf(12)}, ${here}, ${phoneOf(3)}, '63178', 'bakeries', 'quiet', ${NOW}, ${NOW})`,
      sql`insert into member_views (scheme_id, id, owner, name, shared, filter, created_at)
        values ('ac63', ${idOf(58)}, 'x', 'Zébulon', false, '{"q":"zébulon joaillerie"}', ${NOW}),
          ('ac63', ${idOf(59)}, 'x', 'À rappeler', true, '{"q":"06 39 98 00 01"}', ${NOW}),
          ('ac63', ${idOf(60)}, 'x', 'Bijoutiers', true, '{"trade":"jewellers"}', ${NOW}),
          ('ac63', ${idOf(68)}, 'x', 'Début', true, '{"q":"zebul"}', ${NOW}),
          ('ac63', ${idOf(69)}, 'x', 'Vu avec Mme Quincampoix', true, '{"commune":"63178"}', ${NOW}),
          ('ac63', ${idOf(70)}, 'x', 'Le pont', true, '{"q":"boulangerie"}', ${NOW})`,
      sql`insert into unknown_receipts (gateway, message_id, received_at, state, phone)
        values ('g', 'm', ${NOW}, 'delivered', ${phone})`,
      sql`insert into call_notes (scheme_id, user_id, id, content, saved_at)
        values ('ac63', 'u', ${idOf(44)}, ${JSON.stringify({ caller: '06 39 98 00 01' })}::jsonb, ${NOW}),
          ('ac63', 'v', ${idOf(71)}, ${JSON.stringify({ callerPhone: phone })}::jsonb, ${NOW})`,
      sql`insert into outbox (scheme_id, id, channel, address, member_id, template, "values", annex, attachments, valid_until, created_at, created_by)
        values ('ac63', ${idOf(45)}, 'sms', ${phone}, ${gone}, 'dues.sms.call', '{"shop":"Zébulon"}', null, '[]', ${NOW}, ${NOW}, 'x'),
          ('ac63', ${idOf(46)}, 'mail', ${'Aglae@joyaux.example'}, null, 'mail.opt_out', ${JSON.stringify({ name: person })}::jsonb, ${person},
            '[{"name":"Zébulon.pdf"}]', ${NOW}, ${NOW}, 'x')`,
      sql`insert into broadcasts (scheme_id, id, kind, text, encoding, parts, sender, lane, simulated, state, valid_until, ordered_at, ordered_by, planned,
          delivered, done_at)
        values ('ac63', ${idOf(47)}, 'service', 'Zébulon, votre cotisation', 'GSM-7', 1, 'X', 'service', true, 'done', ${NOW}, ${NOW}, 'x', 1, 1, ${NOW}),
          ('ac63', ${idOf(48)}, 'group', 'À tous', 'GSM-7', 1, 'X', 'service', true, 'done', ${NOW}, ${NOW}, 'x', 2, 2, ${NOW})`,
      sql`insert into deliveries (scheme_id, broadcast_id, no, contact_id, member_id, phone, commune_code, trade, state)
        values ('ac63', ${idOf(47)}, 1, ${idOf(45)}, ${gone}, ${phone}, '', '', 'delivered'),
          ('ac63', ${idOf(48)}, 1, ${contact}, ${gone}, ${phone}, '63178', 'jewellers', 'delivered'),
          ('ac63', ${idOf(48)}, 2, ${idOf(12)}, ${here}, ${phoneOf(3)}, '63178', 'bakeries', 'delivered')`,
      sql`insert into service_messages (scheme_id, id, channel, subject, text, filter, state, recipients, written_at, written_by, writer)
        values ('ac63', ${idOf(49)}, 'mail', 'x', 'x', '{}', 'waiting', 2, ${NOW}, 'x', 'x')`,
      sql`insert into service_messages (scheme_id, id, channel, subject, text, filter, state, recipients, written_at, written_by, writer, decided_at, reason)
        values ('ac63', ${idOf(72)}, 'mail', ${`Départ de ${person}`}, ${`${person} part`}, '{}', 'refused', 2, ${NOW}, 'x', 'x', ${NOW},
          ${`${person} ne le veut pas`})`,
      sql`insert into service_message_mails (scheme_id, message_id, address) values ('ac63', ${idOf(49)}, ${mail}), ('ac63', ${idOf(49)}, 'paul@pont.example')`,
      sql`insert into opt_outs (scheme_id, id, member_id, contact_id, phone, takes, how, by, reason, at)
        values ('ac63', ${idOf(50)}, ${gone}, ${contact}, ${phone}, false, 'chamber', 'x', ${`${person} a appelé`}, ${NOW})`,
      sql`insert into former_numbers (scheme_id, phone, at) values ('ac63', ${phone}, ${NOW})`,
      sql`insert into number_health (scheme_id, phone, since) values ('ac63', ${phone}, ${NOW}), ('ac63', ${phoneOf(3)}, ${NOW})`,
      sql`insert into solicitations (scheme_id, phone, latest, alert, notice) values ('ac63', ${phone}, '{}', '{}', '{}')`,
      sql`insert into reconfirmations (scheme_id, contact_id, phone, began_at, asks, asked_at, state, token_hash)
        values ('ac63', ${contact}, ${phone}, ${NOW}, 1, ${NOW}, 'open', 'z')`,
      sql`insert into contact_sessions (id, token_hash, phone, created_at, used_at, expires_at, user_agent, network) values (${idOf(51)}, 's', ${phone}, ${NOW}, ${NOW}, ${NOW}, ${phone}, ${phone})`,
      sql`insert into contact_sessions (id, token_hash, mail, created_at, used_at, expires_at) values (${idOf(61)}, 't', ${mail}, ${NOW}, ${NOW}, ${NOW})`,
      sql`insert into contact_passkeys (id, mail, contact_ids, public_key, sign_count, transports, name, created_at)
        values ('l', ${mail}, ${[contact]}::uuid[], '\\x00', 0, '{}', 'clé', ${NOW})`,
      sql`insert into contact_passkeys (id, phone, contact_ids, public_key, sign_count, transports, name, created_at)
        values ('k', ${phone}, ${[contact]}::uuid[], '\\x00', 0, '{}', ${`téléphone de ${person}`}, ${NOW})`,
      sql`insert into dues_notices (scheme_id, id, year, member_id, kind, at, by, in_person, note)
        values ('ac63', ${idOf(52)}, 2026, ${gone}, 'warning', ${NOW}, 'x', 'phone', ${`dit à ${person}`})`,
      sql`insert into dues_mandates (scheme_id, id, member_id, reference, iban, iban_end, holder, text, signed_name, signed_by, signed_at)
        values ('ac63', ${idOf(53)}, ${gone}, 'R1', 'FR7630006000011234567890189', '0189', ${person}, ${`Je, ${person}`}, ${person}, 'x', ${NOW})`,
      sql`insert into dues_debit_files (scheme_id, id, no, collect_on, xml, state, created_at, created_by)
        values ('ac63', ${idOf(54)}, 1, '2026-06-01', ${`<Nm>${person}</Nm>`}, 'created', ${NOW}, 'x')`,
      sql`insert into dues_debit_file_versions (scheme_id, file_id, version, xml, replaced_at, replaced_by, debit_id)
        values ('ac63', ${idOf(54)}, 1, ${`<Nm>${person}</Nm>`}, ${NOW}, 'x', ${idOf(62)})`,
      sql`insert into audit_reasons (scheme_id, seq, at, reason) values ('ac63', 900001, ${NOW}, ${`Appel de ${person}`}),
          ('ac63', 900002, ${NOW}, 'Zébulon joaillerie : mauvais tarif'), ('ac63', 900003, ${NOW}, 'Vu au 06.39.98.00.01'),
          ('ac63', 900004, ${NOW}, ${`Écrit par ${mail}`}), ('ac63', 900005, ${NOW}, 'Mauvais montant')`,
      sql`insert into audit_reasons (scheme_id, seq, at, reason, named) values
        ('ac63', 900006, ${NOW}, '', ${JSON.stringify({ creditor: { before: { name: 'CCI' }, after: { name: `Mme ${person}` } } })}::jsonb)`,
      sql`update dues_payments set outside_id = ${`de ${person}`}`,
      sql`insert into dues_cheques (scheme_id, payment_id, bank, drawer)
        select 'ac63', id, 'CCP', ${person} from dues_payments where member_id = ${gone} limit 1`,
      sql`insert into dues_invoices (scheme_id, year, no, member_id, dues_year, facts, issued_at, issued_by)
        values ('ac63', 2026, 1, ${gone}, 2026, ${JSON.stringify({ member: { name: person } })}::jsonb, ${NOW}, 'x')`,
      sql`insert into dues_statements (scheme_id, id, file, format, uploaded_at, uploaded_by, known, debits, old)
        values ('ac63', ${idOf(64)}, 'releve.csv', 'csv', ${NOW}, 'x', 0, 0, 0)`,
      sql`insert into dues_statement_entries (scheme_id, id, statement_id, line, digest, booked_on, amount_cents, state, details,
          payment_id, decided_at, decided_by)
        select 'ac63', ${idOf(65)}, ${idOf(64)}, 1, ${'d'.repeat(64)}, '2026-05-20', 1000, 'applied',
          ${JSON.stringify({ name: person, text: `cotisation de ${person}` })}::jsonb, id, ${NOW}, 'x'
        from dues_payments where member_id = ${gone} limit 1`,
      // Transfers that are no payment of the member: not decided, sent back, set aside; and one of another member.
      sql`insert into dues_statement_entries (scheme_id, id, statement_id, line, digest, booked_on, amount_cents, state, returned, details)
        values ('ac63', ${idOf(67)}, ${idOf(64)}, 2, ${'e'.repeat(64)}, '2026-05-20', 1000, 'open', null,
            ${JSON.stringify({ name: 'QUINCAMPOIX AGLAE', text: 'VIR COTISATION' })}::jsonb),
          ('ac63', ${idOf(68)}, ${idOf(64)}, 3, ${'f'.repeat(64)}, '2026-05-20', 1000, 'returned', 'debit',
            ${JSON.stringify({ name: '', text: 'REJET VIR ZEBULON JOAILLERIE' })}::jsonb),
          ('ac63', ${idOf(69)}, ${idOf(64)}, 4, ${'a'.repeat(64)}, '2026-05-20', 1000, 'set_aside', null,
            ${JSON.stringify({ name: '', text: `loyer ${siret}` })}::jsonb),
          ('ac63', ${idOf(70)}, ${idOf(64)}, 5, ${'b'.repeat(64)}, '2026-05-20', 1000, 'open', null,
            ${JSON.stringify({ name: 'BOULANGERIE DU PONT', text: 'cotisation' })}::jsonb),
          ('ac63', ${idOf(71)}, ${idOf(64)}, 6, ${'c'.repeat(64)}, '2026-05-20', 1000, 'open', null,
            ${JSON.stringify({ name: 'QUINCAMPOIX AGLAE', text: `IMPAYE ${paymentReference('ac63', here)}` })}::jsonb),
          ('ac63', ${idOf(72)}, ${idOf(64)}, 7, ${'9'.repeat(64)}, '2026-05-20', 1000, 'open', null,
            ${JSON.stringify({ name: 'QUINCAMPOIX AGLAE', text: paymentReference('ac63', gone) })}::jsonb)`,
      sql`insert into dues_refunds (scheme_id, id, member_id, way, amount_cents, paid_on, reference, reason, entry_no, recorded_at, recorded_by,
          cancelled_at, cancelled_by, cancel_reason, cancel_entry_no)
        select 'ac63', ${idOf(63)}, ${gone}, 'cheque', 100, '2026-05-20', ${`chèque à ${person}`}, ${`${person} a payé deux fois`}, min(entry_no), ${NOW}, 'x',
          ${NOW}, 'x', ${`${person} ne l’a pas reçu`}, min(entry_no) from dues_payments`,
    ]
    // As if the list were being imported.
    statements.push(
      sql`insert into member_import_jobs (scheme_id, import_id, change_id, state_no, is_ready, started_at, touched_at)
        select 'ac63', ${upload.id}, ${idOf(66)}, state_no, true, ${NOW}, ${NOW} from member_imports where id = ${upload.id}`,
      sql`insert into member_import_job_rows (scheme_id, import_id, position, content, is_joined, is_aside, is_leaving)
        select 'ac63', ${upload.id}, line, jsonb_build_object('row', cells), false, false, false from member_import_rows
        where import_id = ${upload.id}`,
    )
    for (const statement of statements) await statement.execute(db)
    // A check asked about another row, and the question names the member.
    await sql`update member_import_rows set decision = '"Zébulon Joaillerie"', problems = ${JSON.stringify([
      {
        line: 4,
        column: null,
        index: null,
        code: 'import.ambiguous_name',
        value: null,
        values: { name: 'Zébulon Joaillerie' },
      },
    ])}::jsonb where import_id = ${alike.id} and line = 4`.execute(db)
    await sql`update member_change_rows set correction = (select to_jsonb(r) from member_corrections r where r.member_id = ${gone})
      where member_id = ${gone}`.execute(db)
    return { change: change?.id ?? '', upload: upload.id, alike: alike.id }
  }

  test('leaves no trace in any column except those kept by law, and removes no data of other members', async () => {
    const { change, upload, alike } = await fill()
    const before = await traces()
    const silent = Object.entries(NAMES_NOBODY).flatMap(([table, columns]) =>
      columns.map((column) => `${table}.${column}`),
    )
    const asked = await columnsAboutPeople()
    expect(asked.length).toBeGreaterThan(100)
    // Each was filled, or can name nobody: a new column is thought of before it passes.
    expect(asked.filter((column) => !before.includes(column) && !silent.includes(column))).toEqual([])
    expect(silent.filter((column) => !asked.includes(column) || before.includes(column))).toEqual([])
    const ofNobody = Object.values(TABLES_OF_NOBODY).flat()
    expect(before.filter((column) => ofNobody.includes(column.split('.')[0] ?? ''))).toEqual([])
    const { rows: tables } = await sql<{ name: string }>`
      select table_name as name from information_schema.tables
      where table_schema = 'public' and table_name = any (${ofNobody}::text[])`.execute(database.db)
    expect(ofNobody.filter((table) => !tables.some(({ name }) => name === table))).toEqual([])
    expect(before).toEqual(
      expect.arrayContaining([
        ...Object.keys(KEPT),
        'audit_reasons.reason',
        'charter_signatures.signed_name',
        'contact_passkeys.name',
        'contact_sessions.phone',
        'contacts.mail',
        'data_requests.answer',
        'data_requests.person',
        'dues_notices.note',
        'enrolments.name',
        'former_numbers.phone',
        'member_aliases.search_name',
        'member_change_rows.before',
        'member_changes.note',
        'member_import_job_rows.content',
        'member_import_rows.cells',
        'member_imports.file_name',
        'member_merges.undo',
        'held_back.phone',
        'member_views.filter',
        'member_views.name',
        'members.name',
        'number_health.phone',
        'opt_outs.reason',
        'reconfirmations.phone',
        'service_message_mails.address',
        'solicitations.phone',
      ]),
    )

    await holdsAll(before)

    const open = await enterDataRequest(deps, chamber, 'ac63', {
      kind: 'rectification',
      memberId: gone,
      person,
      via: 'letter',
      receivedOn: '2026-05-25',
    })
    const twice = await enterDataRequest(deps, chamber, 'ac63', {
      kind: 'erasure',
      memberId: gone,
      person,
      via: 'letter',
      receivedOn: '2026-05-26',
    })
    const { id } = await enterDataRequest(deps, chamber, 'ac63', {
      kind: 'erasure',
      memberId: gone,
      person,
      via: 'mail',
      receivedOn: '2026-05-27',
    })
    const erase = () =>
      answerDataRequest(deps, chamber, 'ac63', id, { outcome: 'done', answer: '', erase: 'member' })
    // A member with an open request is answered first.
    await expect(erase()).rejects.toMatchObject({ problems: [{ code: 'request.other_open' }] })
    await answerDataRequest(deps, chamber, 'ac63', open.id, { outcome: 'done', answer: `${mail} corrigé` })
    expect(await erase()).toMatchObject({ state: 'done', erased: 1, person: '' })

    expect((await traces()).filter((column) => !(column in KEPT))).toEqual([])
    expect(await traces()).toContain('ledger_entries.member')
    const reasons = await sql<{ reason: string }>`select reason from audit_reasons`.execute(database.db)
    expect(reasons.rows).toEqual([{ reason: 'Mauvais montant' }])
    const { requests } = await listDataRequests(deps, chamber, 'ac63')
    expect(requests.find((one) => one.id === twice.id)).toMatchObject({ state: 'done', erased: 1 })
    expect(requests.find((one) => one.kind === 'access' && one.state === 'refused')).toMatchObject({
      person: '',
      answer: '…',
    })

    // Rows of others stay in the lists, which are checked again and import nobody who was erased.
    const cells = async (of: string) =>
      (await listUploadRows(deps, whose, of, UploadRowQuery.parse({ which: 'all' }))).rows.map(
        (row) => row.cells[0],
      )
    expect(await cells(upload)).toEqual(['Épicerie Fine'])
    expect(await cells(alike)).toEqual(['Horloger'])
    expect(await getUpload(deps, whose, upload)).toMatchObject({ rows: 1, erased: 1, report: null })
    expect(await getUpload(deps, whose, alike)).toMatchObject({ rows: 1, erased: 2, report: null })
    const applied = await applyUpload(deps, whose, upload, { skipBad: false })
    expect(applied.report).toMatchObject({ outcome: 'applied', created: 1, updated: 0 })

    // Undoing the change skips members without values.
    const undone = await undoChange(deps, chamber, 'ac63', change)
    expect(undone.kept).toEqual([{ id: gone, name: 'Adhérent effacé', why: 'changed', fields: [] }])
    const { rows: members } = await sql<{ id: string; name: string; status: string }>`
      select id, name, status from members where id in (${gone}, ${pointer}, ${here}, ${other}) order by id`.execute(
      database.db,
    )
    expect(members).toEqual([
      { id: gone, name: 'Adhérent effacé', status: 'left' },
      { id: pointer, name: 'Adhérent effacé', status: 'left' },
      { id: here, name: 'Boulangerie du Pont', status: 'active' },
      { id: other, name: 'Tabac Neuf', status: 'suspended' },
    ])
    const { rows: transfers } = await sql<{ line: number; state: string; emptied: boolean }>`
      select line, state, details is null as emptied from dues_statement_entries order by line`.execute(
      database.db,
    )
    expect(transfers).toEqual([
      { line: 1, state: 'applied', emptied: true },
      { line: 2, state: 'open', emptied: true },
      { line: 3, state: 'returned', emptied: true },
      { line: 4, state: 'set_aside', emptied: true },
      { line: 5, state: 'open', emptied: false },
      { line: 6, state: 'open', emptied: false },
      { line: 7, state: 'open', emptied: true },
    ])
    // The money of another member still finds it.
    const { details } = await database.db
      .selectFrom('duesStatementEntries')
      .select('details')
      .where('line', '=', 6)
      .executeTakeFirstOrThrow()
    expect(details && readSealedJson(details)).toEqual({
      ...{ name: '', text: `${paymentReference('ac63', here)} impayé` },
    })
    const { rows: remarks } = await sql<{ text: string }>`select text from member_notes`.execute(database.db)
    expect(remarks).toEqual([{ text: 'Fermé le lundi' }])
    const { rows: tagged } = await sql<{ id: string; tags: string[] }>`
      select id, tags from members where id in (${gone}, ${here}) order by id`.execute(database.db)
    expect(tagged.map(({ tags }) => tags)).toEqual([[], [idOf(76)]])
    const { rows: kept } = await sql<{ what: string }>`
      select phone as what from number_health where phone = ${phoneOf(3)} union all select address from service_message_mails
      union all select text from broadcasts`.execute(database.db)
    expect(kept.map(({ what }) => what)).toEqual([phoneOf(3), 'paul@pont.example', 'À tous'])
    // The number of skipped recipients is kept, and so is what the forces hold: caller and place of each report.
    const { rows: heldBack } = await sql<{ phone: string; notified: boolean }>`
      select phone, notified_at is not null as notified from held_back order by notified_at nulls first`.execute(
      database.db,
    )
    expect(heldBack).toEqual([
      { phone: phoneOf(3), notified: false },
      { phone: contact, notified: true },
    ])
    const { rows: reports } = await sql<Record<string, string | null>>`
      select caller_member_id, caller_contact_id, caller_name as name, caller_phone as phone, place, created_by as by
      from reports order by id`.execute(database.db)
    const caller = { callerMemberId: null, callerContactId: null, phone }
    const named = `${person}, Zébulon Joaillerie`
    expect(reports).toEqual([
      {
        ...caller,
        name: named,
        place: `Zébulon Joaillerie, ${address}`,
        by: `${person} (Zébulon Joaillerie)`,
      },
      { ...caller, name: named, place: `devant le ${address.toUpperCase()}`, by: 'L. Martin (PN)' },
      { ...caller, name: named, place: 'place du marché', by: 'L. Martin (PN)' },
      { ...caller, name: person, place: 'gare', by: 'L. Martin (PN)' },
    ])
    const { rows: views } = await sql<{ name: string }>`select name from member_views order by name`.execute(
      database.db,
    )
    expect(views).toEqual([{ name: 'Bijoutiers' }, { name: 'Le pont' }])
    const { rows: enrolments } = await sql<{ id: string }>`select id from enrolments`.execute(database.db)
    expect(enrolments).toEqual([{ id: idOf(66) }])
    const { rows: notes } = await sql<{ note: string }>`
      select note from member_changes where note is not null and kind = 'suspend' order by note`.execute(
      database.db,
    )
    expect(notes).toEqual([{ note: 'fermé pour travaux' }, { note: 'travaux' }])
    const { rows: files } = await sql<{ fileName: string }>`
      select file_name from member_imports order by file_name = '…'`.execute(database.db)
    expect(files).toEqual([{ fileName: 'bijoutiers.csv' }, { fileName: '…' }])
    const chain = (await verifyAudit(database.db)).find(({ schemeId }) => schemeId === 'ac63')
    expect(chain?.entries).toBeGreaterThan(5)
    expect(chain?.broken).toBeUndefined()
  })

  test('records no erasure for a person without data', async () => {
    const { id } = await enterDataRequest(deps, chamber, 'ac63', {
      kind: 'erasure',
      person: 'Mme Inconnue',
      via: 'mail',
      receivedOn: '2026-05-27',
    })
    const answered = await answerDataRequest(deps, chamber, 'ac63', id, { outcome: 'done', answer: '' })
    expect(answered).toMatchObject({ state: 'done', erased: 0, person: '' })
    const entry = await database.db
      .selectFrom('auditEntries')
      .select(['action', 'details'])
      .where('subject', '=', `request:${id}`)
      .orderBy('seq', 'desc')
      .executeTakeFirstOrThrow()
    expect(entry).toEqual({
      action: 'request.answer',
      details: { kind: 'erasure', outcome: 'done', erased: 0 },
    })
  })

  test('removes no text about others because of a word that names contain too', async () => {
    const petit = idOf(80)
    await seedMembers(database.db, 'ac63', [
      { id: petit, name: 'Roi des viandes', trade: 'butchers', phones: [phoneOf(80)] },
    ])
    const { db } = database
    await sql`update contacts set person = 'Paul Petit' where member_id = ${petit}`.execute(db)
    await sql`insert into audit_reasons (scheme_id, seq, at, reason) values ('ac63', 900011, ${NOW}, 'Un petit retard'),
        ('ac63', 900012, ${NOW}, 'Galette des rois, roi et viandes'), ('ac63', 900013, ${NOW}, 'PETIT Paul a appelé'),
        ('ac63', 900014, ${NOW}, 'Demandé par le Roi des Viandes')`.execute(db)
    const asked = async (no: number, person: string, answer: string) =>
      sql`insert into data_requests (scheme_id, id, kind, person, via, received_on, due_on, created_at, created_by, state, decided_at, answer)
        values ('ac63', ${idOf(no)}, 'access', ${person}, 'mail', '2026-05-01', '2026-06-01', ${NOW}, 'x', 'done', ${NOW}, ${answer})`.execute(
        db,
      )
    await asked(81, 'Jeanne Petit', 'Un petit dossier envoyé')
    await asked(82, 'M. Paul Petit', 'Envoyé')
    await asked(83, 'Jeanne Roux', `Envoyé comme à Paul Petit, ${phoneOf(80)}`)
    const { id } = await enterDataRequest(deps, chamber, 'ac63', {
      kind: 'erasure',
      memberId: petit,
      person: '',
      via: 'mail',
      receivedOn: '2026-05-27',
    })
    await answerDataRequest(deps, chamber, 'ac63', id, { outcome: 'done', answer: '' })
    const { rows: reasons } = await sql<{ reason: string }>`
      select reason from audit_reasons where seq > 900010 order by seq`.execute(db)
    expect(reasons.map(({ reason }) => reason)).toEqual([
      'Un petit retard',
      'Galette des rois, roi et viandes',
    ])
    const { rows: requests } = await sql<{ person: string; answer: string }>`
      select person, answer from data_requests where id in (${idOf(81)}, ${idOf(82)}, ${idOf(83)}) order by id`.execute(
      db,
    )
    expect(requests).toEqual([
      { person: 'Jeanne Petit', answer: 'Un petit dossier envoyé' },
      { person: '', answer: '' },
      { person: '', answer: '' },
    ])
  })

  test('keeps texts that name a kept person of the same name', async () => {
    const { db } = database
    const [going, staying] = [idOf(96), idOf(97)]
    await seedMembers(db, 'ac63', [
      { id: going, name: 'Tabac de la Gare', phones: [phoneOf(196)] },
      { id: staying, name: 'Tabac de la Gare', phones: [phoneOf(197)], communeCode: '63113' },
    ])
    await sql`update contacts set person = 'Luc Vasseur' where member_id in (${going}, ${staying})`.execute(
      db,
    )
    await sql`insert into audit_reasons (scheme_id, seq, at, reason) values ('ac63', 900021, ${NOW}, 'Voir le Tabac de la Gare'),
        ('ac63', 900022, ${NOW}, 'Vu avec Luc Vasseur'), ('ac63', 900023, ${NOW}, ${`Vu au ${phoneOf(196)}`})`.execute(
      db,
    )
    await sql`insert into member_views (scheme_id, id, owner, name, shared, filter, created_at)
      values ('ac63', ${idOf(98)}, 'z', 'Tabac de la gare', false, '{"trade":"tobacco-press"}', ${NOW})`.execute(
      db,
    )
    await acrossSchemes(db, (tx) => eraseMembers(tx, deps, [{ schemeId: 'ac63', id: going }], NOW))
    const { rows } = await sql<{ said: string }>`
      select reason as said from audit_reasons where seq > 900020 union all select name from member_views where owner = 'z'`.execute(
      db,
    )
    expect(rows.map(({ said }) => said).sort()).toEqual([
      'Tabac de la gare',
      'Voir le Tabac de la Gare',
      'Vu avec Luc Vasseur',
    ])
  })

  test('empties ended messages to groups that name the member and never sends a waiting one', async () => {
    const { db } = database
    const named = idOf(95)
    await seedMembers(db, 'ac63', [{ id: named, name: 'Verrerie Albinoni', phones: [phoneOf(195)] }])
    await sql`update contacts set person = 'Paule Grand' where member_id = ${named}`.execute(db)
    const [over, running] = [idOf(501), idOf(502)]
    await sql`insert into broadcasts (scheme_id, id, kind, text, encoding, parts, sender, lane, simulated, state, valid_until, ordered_at, ordered_by, planned)
      select 'ac63', id, kind, 'Paule Grand nous quitte', 'GSM-7', 1, 'X', 'service', true, state, ${NOW}, ${NOW}, 'x', 1
      from unnest(${[over, running, idOf(503)]}::uuid[], array['done', 'running', 'done'], array['group', 'group', 'digest']) as b (id, state, kind)`.execute(
      db,
    )
    const write = (no: number, message: Record<string, unknown>) =>
      sql`insert into service_messages
        select (jsonb_populate_record(null::service_messages, ${JSON.stringify({
          scheme_id: 'ac63',
          id: idOf(no),
          channel: 'sms',
          subject: '',
          text: 'Paule Grand nous quitte',
          filter: {},
          state: 'sent',
          recipients: 3,
          written_at: NOW,
          written_by: 'x',
          writer: 'x',
          decided_at: NOW,
          ...message,
        })}::jsonb)).*`.execute(db)
    await write(510, { broadcast_id: over })
    await write(511, { broadcast_id: running })
    await write(512, { channel: 'mail', subject: 'La verrerie ALBINONI ferme', text: 'Bonjour' })
    await write(513, { channel: 'mail', subject: 'Départ' })
    await sql`insert into service_message_mails (scheme_id, message_id, address) values ('ac63', ${idOf(513)}, 'a@b.example')`.execute(
      db,
    )
    await write(514, { state: 'waiting', decided_at: null })
    await write(515, { text: 'Grand nettoyage, grand choix', state: 'waiting', decided_at: null })
    await write(516, { text: 'Bonjour', state: 'refused', reason: `Vu avec Paule Grand` })
    await acrossSchemes(db, (tx) => eraseMembers(tx, deps, [{ schemeId: 'ac63', id: named }], NOW))
    const { rows } = await sql<{ no: number; said: string }>`
      select right(id::text, 3)::int as no, concat_ws(' | ', state, subject, text, reason) as said from service_messages
      where id::text like '%0000000005__' order by id`.execute(db)
    const why = 'Ce message nomme un adhérent effacé depuis : écrivez-en un autre.'
    expect(rows.map(({ no, said }) => [no, said])).toEqual([
      [510, 'sent |  | …'],
      [511, 'sent |  | Paule Grand nous quitte'],
      [512, 'sent | … | …'],
      [513, 'sent | Départ | Paule Grand nous quitte'],
      [514, `refused |  | … | ${why}`],
      [515, 'waiting |  | Grand nettoyage, grand choix'],
      [516, 'refused |  | Bonjour | …'],
    ])
    const { rows: texts } = await sql<{ text: string }>`
      select text from broadcasts where id in (${over}, ${running}) order by id`.execute(db)
    expect(texts.map(({ text }) => text)).toEqual(['…', 'Paule Grand nous quitte'])
    // No other text of a broadcast changes.
    for (const change of [
      sql`set text = 'Autre' where id = ${over}`,
      sql`set text = '…', sender = 'Y' where id = ${over}`,
      sql`set text = '…' where id = ${running}`,
      sql`set text = '…' where kind <> 'group'`,
    ])
      await expect(sql`update broadcasts ${change}`.execute(db)).rejects.toThrow(
        /content of a broadcast is fixed/,
      )
    const entries = await db
      .selectFrom('auditEntries')
      .select(['actor', 'action', 'details'])
      .where('subject', '=', `message:${idOf(514)}`)
      .execute()
    expect(entries).toEqual([
      { actor: 'system:erasure', action: 'message.refuse', details: { channel: 'sms', recipients: 3 } },
    ])
  })

  test('deletes saved filters that find only the member, in one statement', async () => {
    const [alone, another] = [idOf(90), idOf(91)]
    await seedMembers(database.db, 'ac63', [
      { id: alone, name: 'Brocante Vivaldi', phones: [phoneOf(90)] },
      { id: another, name: 'Brocante Verdi', phones: [phoneOf(181)], communeCode: '63113' },
    ])
    await sql`update members set siret = '73282932000074' where id = ${alone}`.execute(database.db)
    const gone = [
      'brocante viv',
      'issoire vivaldi',
      '06 39 98 00 90',
      // The beginning of a number that is stored under a pseudonym finds nothing.
      ...(testCipher().isOn ? [] : ['063998009']),
      '732 829 320 00074',
      'VIVALDI',
    ]
    const kept = ['brocante', '06 39 98 00', '06 39 98 01 81', 'verdi', 'brocante vi ve', '!', '0123']
    // Before the erasure, the list finds the member by each text of `gone`.
    const finds = async (q: string) =>
      (await listMembers(deps, chamber, 'ac63', { q, limit: 50 })).members.map(({ id }) => id)
    for (const q of gone) expect([q, await finds(q)]).toEqual([q, [alone]])
    for (const q of kept) expect([q, await finds(q)]).not.toEqual([q, [alone]])
    const save = (views: readonly string[], from: number) =>
      sql`insert into member_views (scheme_id, id, owner, name, shared, filter, created_at)
        select 'ac63', ('00000000-0000-4000-9000-' || lpad((n + ${from})::text, 12, '0'))::uuid, 'y', 'Vue ' || (n + ${from}), true, jsonb_build_object('q', q), ${NOW}
        from unnest(${views}::text[]) with ordinality as v (q, n)`.execute(database.db)
    await save([...gone, ...kept], 0)
    /** Statements that it takes to erase a member. */
    const erase = async (memberId: string) => {
      let statements = 0
      const counting: KyselyPlugin = {
        transformQuery: ({ node }) => {
          statements++
          return node
        },
        transformResult: async ({ result }) => result,
      }
      await acrossSchemes(database.db.withPlugin(counting), (tx) =>
        eraseMembers(tx, deps, [{ schemeId: 'ac63', id: memberId }], NOW),
      )
      return statements
    }
    const few = await erase(alone)
    const { rows } = await sql<{ q: string }>`
      select filter->>'q' as q from member_views where owner = 'y' order by id`.execute(database.db)
    expect(rows.map(({ q }) => q)).toEqual(kept)
    await save(
      Array.from({ length: 60 }, (_, n) => `tabac ${n}`),
      100,
    )
    expect(await erase(another)).toBe(few)
  })

  test('keeps a former member until its open request is answered', async () => {
    await sql`update members set status = 'left', updated_at = '2026-01-01' where id = ${other}`.execute(
      database.db,
    )
    const { id } = await enterDataRequest(deps, chamber, 'ac63', {
      kind: 'access',
      memberId: other,
      person: '',
      via: 'mail',
      receivedOn: '2026-05-27',
    })
    expect(await purgeOld(deps)).toMatchObject({ member: 0 })
    await answerDataRequest(deps, chamber, 'ac63', id, { outcome: 'done', answer: '' })
    expect(await purgeOld(deps)).toMatchObject({ member: 1 })
  })
})
