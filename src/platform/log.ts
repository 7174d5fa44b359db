import { type Logger, pino } from 'pino'

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

export function createLog(level: string): Log {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: PERSONAL.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
      censor: '[redacted]',
    },
  })
}
