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

const formats = new Map<string, Intl.DateTimeFormat>()

/** Formats an instant in a time zone, "2026-03-12 17:30:05", which every spreadsheet reads as a date. */
export function csvTime(instant: string | null, timeZone: string): string {
  if (instant === null) return ''
  let format = formats.get(timeZone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
    formats.set(timeZone, format)
  }
  return format.format(new Date(instant))
}
