import { sql } from 'kysely'
import { listRowsAbout } from '../../imports/uploads/about.ts'
import { createWholeNameMatcher } from '../retention/words.ts'
import { type Row, rowsOf, type Section } from './section.ts'

/** Accesses to the data, changes of it, actions of the person on the portal, and their requests. */
export const TRACES: readonly Section[] = [
  {
    name: 'requests',
    tables: ['data_requests'],
    columns: {
      receivedOn: [26, 'day'],
      kind: [30, { words: 'own.csv.request' }],
      person: [40, 'text'],
      state: [26, { words: 'own.csv.request' }],
      answer: [48, 'text'],
    },
    read: async (tx, { schemeId, memberIds, isWhole, people, phones, mails }) => {
      const isNamed = createWholeNameMatcher({
        shops: [],
        sirets: [],
        addresses: [],
        people: memberIds.length === 0 ? [] : people,
        phones,
        mails,
      })
      const { rows } = await sql<Row & { memberId: string | null; person: string }>`
        select kind, member_id, person, via, received_on::text as received_on, due_on::text as due_on, state, answer, decided_at
        from data_requests where scheme_id = ${schemeId} order by received_on, id`.execute(tx)
      return rows
        .filter(({ memberId, person }) =>
          memberId !== null && memberIds.includes(memberId)
            ? isWhole || isNamed(person)
            : memberId === null && isNamed(person),
        )
        .map(({ memberId: _, ...row }) => row)
    },
  },
  {
    name: 'accesses',
    tables: ['member_accesses'],
    columns: {
      at: [40, 'moment'],
      role: [50, { words: 'own.csv.role' }],
      what: [80, { words: 'own.csv.look' }],
    },
    // A search for a caller is left out: its time would tell the chamber who called 17.
    read: rowsOf(
      ({ scheme, business }) => sql<Row>`
        select at, role, what from member_accesses
        where scheme_id = ${scheme} and member_id = ${business} and what <> 'caller' order by at`,
    ),
  },
  {
    name: 'changes',
    tables: ['member_changes', 'member_change_rows', 'member_merges'],
    columns: {
      at: [34, 'moment'],
      kind: [46, { words: 'file.change' }],
      note: [60, 'text'],
      undoneAt: [30, 'moment'],
    },
    read: rowsOf(
      ({ scheme, business }) => sql<Row>`
        select c.at, c.kind, c.note, c.undone_at, r.before, r.correction from member_change_rows r
        join member_changes c on c.scheme_id = r.scheme_id and c.id = r.change_id
        where r.scheme_id = ${scheme} and r.member_id = ${business}
        union all
        select merged_at, 'merge', null, undone_at, null, null from member_merges
        where scheme_id = ${scheme} and (kept_member_id = ${business} or merged_member_id = ${business}) order by 1`,
    ),
  },
  {
    name: 'reasons',
    tables: ['audit_reasons'],
    columns: { at: [40, 'moment'], reason: [130, 'text'] },
    read: rowsOf(
      ({ scheme, business }) => sql<Row>`
        select e.at, e.action, r.reason from audit_entries e
        join audit_reasons r on r.scheme_id = e.scheme_id and r.seq = e.seq
        where e.scheme_id = ${scheme} and r.reason <> '' and e.subject in (
          select 'member:' || id from members where scheme_id = ${scheme} and id = ${business}) order by e.seq`,
    ),
  },
  {
    name: 'lists',
    tables: ['member_imports', 'member_import_rows', 'member_import_job_rows'],
    columns: { createdAt: [34, 'day'], line: [18, 'text'], text: [118, 'text'] },
    read: async (tx, { schemeId, memberIds, isWhole, phones, mails, isOfTrades }) => {
      const of = { memberIds: isWhole ? memberIds : [], phones, mails, isBySiret: isOfTrades }
      const rows = await listRowsAbout(tx, schemeId, of)
      return rows.map((row) => ({ ...row, text: row.cells.filter(Boolean).join(' | ') }))
    },
  },
  {
    name: 'devices',
    tables: ['contact_sessions', 'contact_passkeys'],
    columns: {
      createdAt: [32, 'moment'],
      usedAt: [32, 'moment'],
      device: [70, 'text'],
      network: [36, 'text'],
    },
    // A person signs in once for all schemes.
    isOfNoScheme: true,
    isOfChamber: true,
    read: rowsOf(
      ({ contacts, phones, mails }) => sql<Row>`
        select created_at, used_at, user_agent as device, network from contact_sessions where phone = ${phones} or mail = ${mails}
        union all
        select created_at, used_at, name, null from contact_passkeys
        where exists (select from unnest(contact_ids) one where one = ${contacts}) order by 1`,
    ),
  },
  {
    name: 'acts',
    tables: ['audit_networks'],
    columns: { at: [60, 'moment'], network: [110, 'text'] },
    isOfChamber: true,
    // A report to the forces is an act on the portal too, which the chamber does not see.
    read: rowsOf(
      ({ scheme, contacts }) => sql<Row>`
        select e.at, e.action, n.network from audit_entries e
        left join audit_networks n on n.scheme_id = e.scheme_id and n.seq = e.seq
        where e.scheme_id = ${scheme} and e.action not like 'report.%' and e.actor in (
          select 'contact:' || id from contacts where scheme_id = ${scheme} and id = ${contacts}) order by e.seq`,
    ),
  },
]
