/** Spreadsheets take the file for UTF-8 by its first character. */
export const BYTE_ORDER_MARK = '\uFEFF'

/** One line, semicolons between the cells as French spreadsheets expect. */
export function csvRow(cells: readonly (string | number)[]): string {
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

/** "2026-03-12 17:30:05", the time in France: every spreadsheet reads it as a date. */
export function csvTime(instant: string | null): string {
  return instant === null ? '' : paris.format(new Date(instant))
}
