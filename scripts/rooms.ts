/**
 * Rooms (folders of `src/`) that each room uses: those named here, and those that they use in turn. Biome's import
 * rules are generated from it (`npm run docs`); `test/contracts/rooms.test.ts` checks types and SQL against it as
 * well.
 */
export const ROOMS = {
  message: [],
  guard: ['message'],
  i18n: ['guard'],
  cipher: ['i18n'],
  platform: ['cipher'],
  encryption: ['platform'],
  audit: ['encryption'],
  backup: ['audit'],
  identity: ['audit'],
  outbox: ['identity'],
  territory: ['audit'],
  settings: ['outbox'],
  schemes: ['settings', 'territory'],
  people: ['outbox', 'schemes'],
  'break-glass': ['people'],
  members: ['schemes'],
  dues: ['members'],
  enrolment: ['dues'],
  reports: ['members'],
  deliveries: ['members'],
  'on-call': ['deliveries'],
  messages: ['deliveries'],
  alerts: ['reports', 'on-call'],
  changes: ['enrolment', 'alerts'],
  imports: ['changes'],
  relays: ['alerts'],
  statistics: ['alerts'],
  history: ['changes', 'messages', 'alerts'],
  today: ['changes', 'statistics'],
  portal: ['enrolment', 'messages', 'alerts', 'changes'],
  privacy: ['imports', 'portal', 'relays'],
  gateways: ['enrolment', 'deliveries'],
  config: ['gateways'],
  demo: ['gateways', 'portal', 'statistics'],
  commands: ['gateways', 'imports', 'alerts', 'break-glass', 'backup'],
  start: ['commands', 'demo', 'history', 'privacy', 'today', 'break-glass'],
  cli: ['start'],
} as const satisfies Readonly<Record<string, readonly string[]>>

export type RoomName = keyof typeof ROOMS

/** Tables of each room. Only this room writes them; the rooms that use it may read them. */
export const TABLES: Readonly<Partial<Record<RoomName, readonly string[]>>> = {
  encryption: ['encryption', 'pseudonyms'],
  audit: [
    'audit_entries',
    'audit_heads',
    'audit_reasons',
    'audit_checks',
    'audit_anchors',
    'audit_seals',
    'audit_reads',
    'audit_networks',
  ],
  identity: [
    'user',
    'session',
    'account',
    'verification',
    'failure_counts',
    'sign_in_places',
    'wall_displays',
    'grants',
    'account_passkeys',
    'provider_links',
    'provider_sessions',
    'provider_visits',
    'provider_waiting',
    'two_factor',
    'passkey_challenges',
    'invitations',
    'one_time_codes',
  ],
  'break-glass': ['break_glass_seals', 'break_glass_openings'],
  outbox: ['mail_outcomes', 'outbox'],
  territory: [
    'regions',
    'departements',
    'arrondissements',
    'epcis',
    'communes',
    'former_communes',
    'contour_imports',
    'reference_loads',
  ],
  settings: ['setting_changes', 'decided_alone'],
  schemes: ['schemes', 'categories', 'agencies', 'sectors'],
  members: [
    'members',
    'contacts',
    'member_accesses',
    'member_views',
    'member_aliases',
    'members_apart',
    'member_corrections',
    'member_notes',
    'member_tags',
    'member_counts',
    'audience_cells',
    'member_names',
    'number_health',
    'reconfirmations',
    'opt_outs',
  ],
  dues: [
    'dues',
    'dues_campaigns',
    'dues_cheques',
    'dues_counters',
    'dues_debit_file_versions',
    'dues_debit_files',
    'dues_debits',
    'dues_deposits',
    'dues_mandates',
    'dues_notices',
    'dues_payment_batches',
    'dues_payments',
    'dues_receipts',
    'dues_invoices',
    'dues_refunds',
    'dues_statement_entries',
    'dues_statements',
    'dues_suspensions',
    'dues_withdrawn',
    'ledger_entries',
    'ledger_lines',
  ],
  changes: ['member_changes', 'member_change_rows', 'member_merges', 'member_notices'],
  imports: [
    'member_imports',
    'member_import_rows',
    'member_import_jobs',
    'member_import_job_rows',
    'import_answers',
  ],
  enrolment: ['enrolments', 'charters', 'charter_signatures'],
  reports: ['reports', 'call_notes', 'series', 'series_reports', 'series_apart'],
  deliveries: [
    'broadcasts',
    'deliveries',
    'delivery_attempts',
    'delivery_chunks',
    'delivery_tallies',
    'departures',
    'former_numbers',
    'provider_messages',
    'unknown_receipts',
    'workers',
  ],
  'on-call': ['on_call_people', 'on_call_absences', 'call_outs', 'call_out_calls'],
  messages: ['service_messages', 'service_message_mails', 'service_message_receivers'],
  alerts: [
    'alert_counters',
    'alert_events',
    'alerts',
    'authorisations',
    'follow_ups',
    'held_back',
    'observers',
    'solicitations',
    'solicited_broadcasts',
    'alert_reads',
  ],
  relays: ['relays'],
  privacy: ['data_requests'],
  portal: ['contact_passkeys', 'contact_sessions'],
}

export const ROOM_NAMES = Object.keys(ROOMS) as RoomName[]

/** Returns every room that a room may use, directly or indirectly. @throws Error when the rooms form a cycle */
export function roomsUsedBy(room: RoomName, above: readonly RoomName[] = []): ReadonlySet<RoomName> {
  if (above.includes(room)) throw new Error(`rooms in a circle: ${[...above, room].join(' uses ')}`)
  const used = new Set<RoomName>()
  for (const name of ROOMS[room]) {
    used.add(name)
    for (const further of roomsUsedBy(name, [...above, room])) used.add(further)
  }
  return used
}

/** Makes the overrides of biome.json that restrict imports to the table. */
export function biomeOverrides(): object[] {
  const rooms = ROOM_NAMES.map((room) => {
    const used = roomsUsedBy(room)
    const others = ROOM_NAMES.filter((name) => name !== room && !used.has(name))
    return forbid(
      [`src/${room}/**`, '!**/*.test.ts'],
      [...others.map((name) => `**/../${name}/**`), '**/main.ts'],
      {
        message: `${room} uses ${[...used].join(', ') || 'no other room'} (scripts/rooms.ts).`,
      },
    )
  })
  const web = forbid(
    ['web/**', '!web/api/useAction.ts'],
    ['actions', 'store', 'routes', 'endpoints', 'handlers']
      .map((name) => `**/src/**/${name}.ts`)
      .concat([
        '**/src/platform/**',
        '!**/src/platform/ids.ts',
        '**/src/start/**',
        '**/src/gateways/**',
        '**/src/cli/**',
        '**/src/deps.ts',
        '**/src/schema.ts',
      ]),
    {
      message: 'The web app sees contracts and the pure modules for messages.',
      paths: {
        '@tanstack/react-query': {
          importNames: ['useMutation'],
          message:
            'An action of the user is sent with useAction, which shows its failure and reads data again.',
        },
      },
    },
  )
  return [...rooms, web]
}

function forbid(
  includes: readonly string[],
  group: readonly string[],
  { message, paths }: { readonly message: string; readonly paths?: object },
) {
  const options = { patterns: [{ group, message }], paths }
  return {
    includes,
    linter: { rules: { style: { noRestrictedImports: { level: 'error', options } } } },
  }
}
