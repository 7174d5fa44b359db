import { sql } from 'kysely'
import type { SealedColumn } from '../../encryption/sealed-columns.ts'

const PRECISE = sql`level = 'precise'`
const ABOUT_AUTHORISATIONS = sql`kind like 'authoris%' and kind <> 'authorisation_void'`

/** Every column whose values are sealed. Numbers are not among them: `cipher/pseudonyms.ts` replaces them in all columns. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: 'reports', column: 'caller_name', field: 'caller' },
  { table: 'authorisations', column: 'magistrate', field: 'authorisation' },
  { table: 'authorisations', column: 'service', field: 'authorisation' },
  { table: 'authorisations', column: 'scope', field: 'authorisation' },
  { table: 'authorisations', column: 'answer_note', field: 'authorisation' },
  { table: 'callOuts', column: 'scope', field: 'authorisation' },
  { table: 'callOuts', column: 'ended_note', field: 'authorisation' },
  { table: 'alertEvents', column: 'reason', field: 'authorisation', only: ABOUT_AUTHORISATIONS },
  {
    table: 'alertEvents',
    column: 'details',
    field: 'authorisation',
    json: 'all',
    only: ABOUT_AUTHORISATIONS,
  },
  { table: 'alerts', column: 'text', field: 'text', only: sql`doctrine ->> 'level' = 'precise'` },
  {
    table: 'alerts',
    column: 'returned',
    field: 'text',
    json: ['text'],
    only: sql`returned ->> 'level' = 'precise'`,
  },
  { table: 'followUps', column: 'text', field: 'text', only: PRECISE },
  {
    table: 'followUps',
    column: 'returned',
    field: 'text',
    json: ['text'],
    only: sql`returned ->> 'level' = 'precise'`,
  },
  {
    table: 'broadcasts',
    column: 'text',
    field: 'text',
    only: sql`(level = 'precise' or exists (select from alerts a where a.scheme_id = broadcasts.scheme_id
      and a.id = broadcasts.alert_id and a.doctrine ->> 'level' = 'precise'))`,
  },
  { table: 'relays', column: 'text', field: 'text', scheme: 'from_scheme_id', only: PRECISE },
  { table: 'callNotes', column: 'content', field: 'note', json: 'whole' },
  { table: 'memberImportRows', column: 'cells', field: 'upload', json: 'whole' },
  { table: 'memberImportJobRows', column: 'content', field: 'upload', json: 'whole' },
  { table: 'duesStatementEntries', column: 'details', field: 'statement', json: 'whole' },
  { table: 'duesMandates', column: 'iban', field: 'iban' },
  { table: 'duesDebitFiles', column: 'xml', field: 'iban' },
  { table: 'duesDebitFileVersions', column: 'xml', field: 'iban' },
]
