import type { RoomName } from './rooms.ts'

interface ForeignUse {
  readonly room: RoomName
  readonly how: 'reads' | 'writes'
  readonly reason: string
}

interface ForeignSql extends ForeignUse {
  /** Tables of other rooms, with the number of times that statements of the room name them. */
  readonly tables: Readonly<Record<string, number>>
}

interface ForeignFunction extends ForeignUse {
  readonly name: string
  /** Tables of other rooms. */
  readonly tables: readonly string[]
}

/**
 * SQL that writes tables of another room, or reads those of a room that its own does not use, with the reason to
 * keep it. The number of statements is part of the list, so that none is added under a table that is on it.
 */
export const FOREIGN_SQL: readonly ForeignSql[] = [
  {
    room: 'audit',
    how: 'reads',
    tables: { schemes: 2 },
    reason:
      'Each scheme has a chain: verifying reports one without, and the nightly check goes through them.',
  },
  {
    room: 'identity',
    how: 'reads',
    tables: { agencies: 2, schemes: 4 },
    reason:
      'An account belongs to an agency of a scheme, and is shown with their names; the SIRETs that the identity provider may give are in the access settings of the scheme; a seal covers the roles of each scheme.',
  },
  {
    room: 'outbox',
    how: 'reads',
    tables: { agencies: 1, schemes: 5 },
    reason:
      'Each mail is worded by the mail texts of its scheme and signed with its names and contact, as they are when the mail leaves.',
  },
  {
    room: 'outbox',
    how: 'reads',
    tables: { contacts: 1 },
    reason: 'A message is in the language of the contact that has its number or address.',
  },
  {
    room: 'settings',
    how: 'reads',
    tables: { schemes: 1 },
    reason: 'The mail about a change names its scheme.',
  },
  {
    room: 'settings',
    how: 'reads',
    tables: { observers: 1, on_call_people: 1 },
    reason:
      'Exports name what one person added alone until it is removed; the rooms that remove it are above, and rows marked before it was removed are still there.',
  },
  {
    room: 'territory',
    how: 'reads',
    tables: { schemes: 1, sectors: 4 },
    reason: 'An area by name may be a sector or the whole of a scheme.',
  },
  {
    room: 'schemes',
    how: 'reads',
    tables: { alerts: 2, enrolments: 1, members: 4, reports: 1, service_messages: 1 },
    reason:
      'Schemes, communes, trades and parts of a territory are listed with their number of members or requests; a sector, a trade or a category that is used cannot be removed.',
  },
  {
    room: 'members',
    how: 'reads',
    tables: { charter_signatures: 6, charters: 5, dues: 1, dues_suspensions: 2, ledger_lines: 4 },
    reason:
      'The list of members filters and shows dues, suspensions and charters, in one statement; the papers of a member hold what it signed.',
  },
  {
    room: 'members',
    how: 'reads',
    tables: { member_changes: 1 },
    reason: 'The lock of the list of members refuses while a change is unfinished or is being undone.',
  },
  {
    room: 'members',
    how: 'reads',
    tables: { member_notices: 2 },
    reason:
      'The list of members filters those whose notice of suspension may not have arrived, in one statement.',
  },
  {
    room: 'dues',
    how: 'writes',
    tables: { member_merges: 1 },
    reason: 'A fee waived after a merge is noted for its undo.',
  },
  {
    room: 'dues',
    how: 'reads',
    tables: { member_change_rows: 1, member_changes: 2 },
    reason:
      'An undone payment suspends nobody again whom the chamber reactivated since; a batch of payments is not undone while its import runs.',
  },
  {
    room: 'changes',
    how: 'writes',
    tables: { contacts: 7, members: 7 },
    reason: 'One act changes, merges or restores many members with their contacts.',
  },
  {
    room: 'reports',
    how: 'reads',
    tables: { alerts: 4, broadcasts: 1, deliveries: 1, relays: 1 },
    reason: 'The list of reports shows the alert, its figures and its relays, in one statement.',
  },
  {
    room: 'messages',
    how: 'reads',
    tables: { ledger_lines: 1 },
    reason: 'A group of members may be those who owe.',
  },
  {
    room: 'portal',
    how: 'reads',
    tables: { data_requests: 1 },
    reason:
      'The file of a merchant holds its requests about data, read with its other rows as a contact, by row-level security.',
  },
  {
    room: 'demo',
    how: 'writes',
    tables: {
      alert_counters: 1,
      alert_events: 1,
      alerts: 1,
      broadcasts: 2,
      charter_signatures: 2,
      contacts: 2,
      deliveries: 1,
      delivery_chunks: 1,
      delivery_tallies: 1,
      dues: 1,
      dues_campaigns: 1,
      dues_cheques: 1,
      dues_notices: 1,
      enrolments: 1,
      member_counts: 1,
      members: 3,
      reconfirmations: 3,
      reports: 2,
      schemes: 1,
    },
    reason: 'The demo lays down a past that no act of the product makes.',
  },
]

/** Functions of the database that touch tables of another room than those that run them, with the reason to keep each. */
export const FOREIGN_FUNCTIONS: readonly ForeignFunction[] = [
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
