import { type DestinationStream, type Logger, pino } from 'pino'

export type Log = Logger

/** Fields that may contain personal data; they are redacted in every log line. */
const PERSONAL = [
  'phone',
  'mobile',
  'mail',
  'email',
  'person',
  'name',
  'text',
  'facts',
  'callerPhone',
  'callerName',
  'password',
  'token',
]

/** @param to where lines are written; by default the standard output */
export function createLog(level: string, to?: DestinationStream): Log {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: PERSONAL.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
      censor: '[redacted]',
    },
  }
  return to === undefined ? pino(options) : pino(options, to)
}
