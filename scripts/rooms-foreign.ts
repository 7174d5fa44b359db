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

/** Functions of the database that touch tables of another room than those that run them, with the reason to keep each. */
export const FOREIGN_FUNCTIONS: readonly (ForeignSql & { readonly name: string })[] = [
  {
    name: 'contacts_departed',
    room: 'members',
    how: 'writes',
    tables: ['departures', 'former_numbers'],
    reason:
      'A trigger, so that no statement that takes a number from a contact leaves its pending deliveries: the engine withdraws them by the departure.',
  },
  {
    name: 'members_departed',
    room: 'members',
    how: 'writes',
    tables: ['departures'],
    reason: 'The same for members that leave or are suspended.',
  },
  {
    name: 'keep_numbers',
    room: 'platform',
    how: 'writes',
    tables: ['pseudonyms'],
    reason: 'The connection replaces numbers by pseudonyms in every statement, below all rooms.',
  },
  {
    name: 'sealed_numbers',
    room: 'platform',
    how: 'reads',
    tables: ['pseudonyms'],
    reason: 'The connection opens the numbers of every row that it reads.',
  },
  {
    name: 'role_accounts',
    room: 'settings',
    how: 'reads',
    tables: ['agencies', 'schemes'],
    reason: 'Who may decide a change is shown with the name of the service.',
  },
  {
    name: 'scheme_time_zone',
    room: 'platform',
    how: 'reads',
    tables: ['schemes'],
    reason: 'Rooms below the schemes count days in the time zone of a scheme.',
  },
]

interface DynamicSql {
  readonly file: string
  readonly how: 'reads' | 'writes'
  /** Tables that its statements may name; read like any other. `all`: those that the catalogue of the database lists. */
  readonly tables: readonly string[] | 'all'
  readonly reason: string
}

/** Files with statements whose table is known at run time only. */
export const DYNAMIC_SQL: readonly DynamicSql[] = [
  {
    file: 'src/backup/load.ts',
    how: 'writes',
    tables: 'all',
    reason: 'Restoring a backup fills every table of an empty database, before the program works.',
  },
  {
    file: 'src/backup/read.ts',
    how: 'reads',
    tables: 'all',
    reason: 'A backup reads every table of the catalogue, and the jobs that wait.',
  },
  {
    file: 'src/encryption/first.ts',
    how: 'writes',
    tables: 'all',
    reason: 'Numbers of every table, from the catalogue, are replaced before the program works.',
  },
  {
    file: 'src/encryption/unused.ts',
    how: 'reads',
    tables: 'all',
    reason: 'A number is deleted when no table has its pseudonym.',
  },
  {
    file: 'src/schemes/sectors/store.ts',
    how: 'reads',
    tables: ['arrondissements', 'epcis'],
    reason: 'One list of communes by either kind of group.',
  },
  {
    file: 'src/territory/store/areas.ts',
    how: 'reads',
    tables: ['arrondissements', 'communes', 'departements', 'epcis', 'regions'],
    reason: 'A name in an area is looked up in the table of its kind.',
  },
  {
    file: 'src/changes/undo.ts',
    how: 'reads',
    tables: 'all',
    reason:
      'Undoing an import asks every table of the catalogue that names a member whether it has a history.',
  },
  {
    file: 'src/encryption/sealed-columns.ts',
    how: 'writes',
    tables: 'all',
    reason: 'Sealed values of every table are counted, and sealed with another key.',
  },
  {
    file: 'src/reports/journal.ts',
    how: 'reads',
    tables: [],
    reason: 'Names of its own subqueries.',
  },
]
