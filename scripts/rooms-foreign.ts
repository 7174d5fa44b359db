import type { RoomName } from './rooms.ts'

interface ForeignSql {
  readonly room: RoomName
  readonly how: 'reads' | 'writes'
  /** Tables of other rooms. */
  readonly tables: readonly string[]
  readonly reason: string
}

/**
 * SQL that writes tables of another room, or reads those of a room that its own does not use, with the reason to
 * keep it.
 */
export const FOREIGN_SQL: readonly ForeignSql[] = [
  {
    room: 'audit',
    how: 'reads',
    tables: ['schemes'],
    reason:
      'Each scheme has a chain: verifying reports one without, and the nightly check goes through them.',
  },
  {
    room: 'identity',
    how: 'reads',
    tables: ['agencies', 'schemes'],
    reason:
      'An account belongs to an agency of a scheme, and is shown with their names; the SIRETs that the identity provider may give are in the access settings of the scheme; a seal covers the roles of each scheme.',
  },
  {
    room: 'outbox',
    how: 'reads',
    tables: ['agencies', 'schemes'],
    reason:
      'Each mail is worded by the mail texts of its scheme and signed with its names and contact, as they are when the mail leaves.',
  },
  {
    room: 'outbox',
    how: 'reads',
    tables: ['contacts'],
    reason: 'A message is in the language of the contact that has its number or address.',
  },
  {
    room: 'settings',
    how: 'reads',
    tables: ['schemes'],
    reason: 'The mail about a change names its scheme.',
  },
  {
    room: 'settings',
    how: 'reads',
    tables: ['observers', 'on_call_people'],
    reason: 'What one person added alone stands on exports until it is removed.',
  },
  {
    room: 'territory',
    how: 'reads',
    tables: ['schemes', 'sectors'],
    reason: 'An area by name may be a sector or the whole of a scheme.',
  },
  {
    room: 'schemes',
    how: 'reads',
    tables: ['alerts', 'enrolments', 'members', 'reports', 'service_messages'],
    reason:
      'Schemes, communes, trades and parts of a territory are listed with their number of members or requests; a sector, a trade or a category that is used cannot be removed.',
  },
  {
    room: 'members',
    how: 'reads',
    tables: ['charter_signatures', 'charters', 'dues', 'dues_suspensions', 'ledger_lines'],
    reason:
      'The list of members filters and shows dues, suspensions and charters, in one statement; the papers of a member hold what it signed.',
  },
  {
    room: 'members',
    how: 'reads',
    tables: ['member_changes'],
    reason: 'The lock of the list of members refuses while a change is unfinished or is being undone.',
  },
  {
    room: 'members',
    how: 'reads',
    tables: ['member_notices'],
    reason:
      'The list of members filters those whose notice of suspension may not have arrived, in one statement.',
  },
  {
    room: 'dues',
    how: 'writes',
    tables: ['member_merges'],
    reason: 'A fee waived after a merge is noted for its undo.',
  },
  {
    room: 'dues',
    how: 'reads',
    tables: ['member_change_rows', 'member_changes'],
    reason:
      'An undone payment suspends nobody again whom the chamber reactivated since; a batch of payments is not undone while its import runs.',
  },
  {
    room: 'changes',
    how: 'writes',
    tables: ['contacts', 'members'],
    reason: 'One act changes, merges or restores many members with their contacts.',
  },
  {
    room: 'reports',
    how: 'reads',
    tables: ['alerts', 'broadcasts', 'deliveries', 'relays'],
    reason: 'The list of reports shows the alert, its figures and its relays, in one statement.',
  },
  {
    room: 'messages',
    how: 'reads',
    tables: ['ledger_lines'],
    reason: 'A group of members may be those who owe.',
  },
  {
    room: 'portal',
    how: 'reads',
    tables: ['data_requests'],
    reason: 'What a merchant takes along holds its requests.',
  },
  {
    room: 'demo',
    how: 'writes',
    tables: [
      'alert_counters',
      'alert_events',
      'alerts',
      'broadcasts',
      'charter_signatures',
      'contacts',
      'deliveries',
      'delivery_chunks',
      'delivery_tallies',
      'dues',
      'dues_campaigns',
      'dues_cheques',
      'dues_notices',
      'enrolments',
      'member_counts',
      'members',
      'reconfirmations',
      'reports',
      'schemes',
    ],
    reason: 'The demo lays down a past that no act of the product makes.',
  },
]

interface DynamicSql {
  readonly file: string
  /** Tables that its statements may name; read like any other. */
  readonly tables: readonly string[]
  readonly reason: string
}

/** Files with statements whose table is known at run time only. */
export const DYNAMIC_SQL: readonly DynamicSql[] = [
  {
    file: 'src/encryption/first.ts',
    tables: [],
    reason: 'Numbers of every table, from the catalogue, are replaced before the program works.',
  },
  {
    file: 'src/encryption/unused.ts',
    tables: [],
    reason: 'A number is deleted when no table has its pseudonym.',
  },
  {
    file: 'src/schemes/sectors/store.ts',
    tables: ['arrondissements', 'epcis'],
    reason: 'One list of communes by either kind of group.',
  },
  {
    file: 'src/territory/store/areas.ts',
    tables: ['arrondissements', 'communes', 'departements', 'epcis', 'regions'],
    reason: 'A name in an area is looked up in the table of its kind.',
  },
  {
    file: 'src/changes/undo.ts',
    tables: [],
    reason:
      'Undoing an import asks every table of the catalogue that names a member whether it has a history.',
  },
  {
    file: 'src/encryption/sealed-columns.ts',
    tables: [],
    reason: 'Sealed values of every table are counted, and sealed with another key.',
  },
  {
    file: 'src/reports/journal.ts',
    tables: [],
    reason: 'Names of its own subqueries.',
  },
]
