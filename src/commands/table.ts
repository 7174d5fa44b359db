import type { Lang } from '../i18n/format.ts'

/** Formats rows under their titles; each column is as wide as its longest cell, and the last is not padded. */
export function formatTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  return [titles, ...rows]
    .map(
      (row) =>
        `${row
          .map((cell, column) => (column === titles.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

const formats = new Map<string, Intl.DateTimeFormat>()

/**
 * Formats an instant as "25/11/2026 10:02:13,120".
 * @param timeZone of the scheme that it is about; undefined: that of this machine
 */
export function formatInstant(lang: Lang, at: string, timeZone?: string): string {
  const id = `${lang} ${timeZone ?? ''}`
  let format = formats.get(id)
  if (format === undefined) {
    format = new Intl.DateTimeFormat(lang === 'fr' ? 'fr-FR' : 'en-GB', {
      day: '2-digit',
      month: '2-digit',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      fractionalSecondDigits: 3,
      timeZone,
    })
    formats.set(id, format)
  }
  return format.format(new Date(at)).replace(', ', ' ')
}

/** Formats an instant to the minute: "25/11/2026 10:02". */
export function formatMinute(lang: Lang, at: string): string {
  return formatInstant(lang, at).replace(/:\d\d[.,]\d+$/, '')
}
