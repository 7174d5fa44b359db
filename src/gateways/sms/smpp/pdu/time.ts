/** Time in SMPP 3.4 section 7.1.1. */

const MAX_RELATIVE_SECONDS = 30 * 86_400

function pad(value: number): string {
  return value < 10 ? `0${value}` : String(value)
}

/**
 * Formats a duration as `YYMMDDhhmmss000R` (section 7.1.1.2), limited to 1 second to 30 days, since months have no
 * fixed length and no operator keeps an SMS longer.
 */
export function formatRelativeTime(seconds: number): string {
  const whole = Math.min(Math.max(Math.floor(seconds), 1), MAX_RELATIVE_SECONDS)
  const days = Math.floor(whole / 86_400)
  return `0000${pad(days)}${pad(Math.floor(whole / 3600) % 24)}${pad(Math.floor(whole / 60) % 60)}${pad(whole % 60)}000R`
}

/** Returns the seconds from `nowMs` to a relative or absolute SMPP time, or undefined. */
export function parseTimeSeconds(text: string, nowMs: number): number | undefined {
  const match = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d)(\d\d)([-+R])$/.exec(text)
  if (match === null) return undefined
  const [years, months, days, hours, minutes, seconds, tenths, quarters] = match.slice(1, 9).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  if (match[9] === 'R') {
    return ((years * 365 + months * 30 + days) * 24 + hours) * 3600 + minutes * 60 + seconds
  }
  const offsetMs = quarters * 900_000 * (match[9] === '+' ? 1 : -1)
  const instant = Date.UTC(2000 + years, months - 1, days, hours, minutes, seconds, tenths * 100) - offsetMs
  return (instant - nowMs) / 1000
}
