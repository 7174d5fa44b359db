/** Names of the levels of pino. */
const LEVELS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
}

/** Formats a line of the log for a terminal: time of day, level, message, then the other fields. */
export function formatLogLine(line: string): string {
  const { level, time, msg, err, ...fields } = JSON.parse(line) as Readonly<Record<string, unknown>>
  const at = new Date(String(time))
  const clock = [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':')
  const rest = Object.entries(fields).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  const words = [clock, LEVELS[Number(level)] ?? String(level), msg, ...rest].filter(
    (word) => word !== undefined,
  )
  return `${words.join(' ')}\n${formatError(err)}`
}

function formatError(error: unknown, label = ''): string {
  if (typeof error !== 'object' || error === null) return ''
  const { name, message, code, stack, cause } = error as Readonly<Record<string, unknown>>
  // The name of an error is redacted like any other.
  const head = [name, code, message].filter((word) => word && word !== '[redacted]').join(' ')
  const trace = typeof stack === 'string' && stack !== '' ? `${stack}\n` : ''
  return `    ${label}${head}\n${trace}${formatError(cause, 'cause: ')}`
}
