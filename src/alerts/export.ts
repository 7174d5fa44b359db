import type { DeliveryView } from '../deliveries/contract.ts'
import { type Lang, say } from '../messages/say.ts'

/** The words of an export. */
export interface CsvLabels {
  readonly lang: Lang
  /** The name of a trade code. */
  readonly tradeName: (code: string) => string
}

const COLUMNS = [
  'no',
  'member',
  'commune',
  'commune_code',
  'trade',
  'phone',
  'state',
  'possible_duplicate',
  'attempts',
  'error',
  'accepted_at',
  'settled_at',
] as const

/** Spreadsheets take the file for UTF-8 by its first character. */
const BYTE_ORDER_MARK = '\uFEFF'

/** The first line, semicolons between the columns as French spreadsheets expect. */
export function csvHeader({ lang }: CsvLabels): string {
  return BYTE_ORDER_MARK + line(COLUMNS.map((column) => say(lang, `export.${column}`)))
}

export function csvLine(delivery: DeliveryView, { lang, tradeName }: CsvLabels): string {
  return line([
    delivery.no,
    delivery.member.name,
    delivery.commune.name,
    delivery.commune.code,
    tradeName(delivery.trade),
    delivery.phone,
    say(lang, `delivery.state.${delivery.state}`),
    say(lang, delivery.possibleDuplicate ? 'export.yes' : 'export.no_word'),
    delivery.attempts,
    delivery.error ?? '',
    localTime(delivery.acceptedAt),
    localTime(delivery.settledAt),
  ])
}

function line(cells: readonly (string | number)[]): string {
  return `${cells.map(csvCell).join(';')}\r\n`
}

/**
 * One cell. A text that a spreadsheet would run as a formula (= + - @, or after a tab or a line break) is led by an
 * apostrophe; quotes are doubled.
 */
export function csvCell(value: string | number): string {
  if (typeof value === 'number') return String(value)
  const safe = /^\s*[=+\-@\t\r\n＝＋－＠]/u.test(value) ? `'${value}` : value
  return /[";\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

const paris = new Intl.DateTimeFormat('sv', {
  timeZone: 'Europe/Paris',
  dateStyle: 'short',
  timeStyle: 'medium',
})

/** "2026-03-12 17:30:05", the time of the shopkeepers: every spreadsheet reads it as a date. */
function localTime(instant: string | null): string {
  return instant === null ? '' : paris.format(new Date(instant))
}
