/** First character of the file, by which spreadsheets recognise UTF-8. */
export const BYTE_ORDER_MARK = '\uFEFF'

/** Formats one line, with semicolons between the cells as French spreadsheets expect. */
export function csvRow(cells: readonly (string | number)[]): string {
  return `${cells.map(csvCell).join(';')}\r\n`
}

/**
 * Formats one cell. A text that a spreadsheet would run as a formula (= + - @, or after a tab or a line break) gets an
 * apostrophe in front; quotes are doubled.
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

/** Formats an instant in French local time, "2026-03-12 17:30:05", which every spreadsheet reads as a date. */
export function csvTime(instant: string | null): string {
  return instant === null ? '' : paris.format(new Date(instant))
}
