import { type DestinationStream, type Logger, pino } from 'pino'

import { formatLogLine } from './log-words.ts'

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

/** Matches SQLSTATE class 22: the message of the error quotes a value. */
const QUOTES_VALUE = /^22/

/**
 * Describes an error for the log without the values that it was about: PostgreSQL quotes them in `detail` and `where`, and in
 * class 22 in the message; PGlite adds the parameters of the statement; a JSON parser quotes what it read, and a mail server the
 * address.
 * @param isInput true: the input of a request may be quoted by any message, which is left out
 */
export function describeLoggedError(error: unknown, isInput = false): unknown {
  if (!(error instanceof Error)) return typeof error === 'object' ? error : { message: 'not an Error' }
  const { name, message, stack, cause, code, constraint, table, errors } = error as Error &
    Record<'code' | 'constraint' | 'table' | 'errors', unknown>
  const isQuoting =
    isInput || error instanceof SyntaxError || 'responseCode' in error || QUOTES_VALUE.test(String(code))
  return {
    name,
    message: isQuoting ? undefined : message,
    code,
    constraint,
    table,
    stack: (stack ?? '')
      .split('\n')
      .filter((line) => /^\s+at /.test(line))
      .join('\n'),
    cause: cause instanceof Error && cause !== error ? describeLoggedError(cause, isInput) : undefined,
    errors: Array.isArray(errors) ? errors.map((one) => describeLoggedError(one, isInput)) : undefined,
  }
}

/** Tells whether what a process writes on its standard output is JSON, for a program that collects it. */
export function isLogJson(format: 'json' | 'words' | undefined): boolean {
  return (format ?? (process.stdout.isTTY ? 'words' : 'json')) === 'json'
}

/** Returns the output that writes lines of the log as words; undefined: the standard output takes them as JSON. */
export function logOutput(format: 'json' | 'words' | undefined): DestinationStream | undefined {
  return isLogJson(format) ? undefined : { write: (line) => process.stdout.write(formatLogLine(line)) }
}

/** @param to where lines are written; by default the standard output */
export function createLog(level: string, to?: DestinationStream): Log {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: (error: unknown) => describeLoggedError(error) },
    redact: {
      paths: PERSONAL.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
      censor: '[redacted]',
    },
  }
  return to === undefined ? pino(options) : pino(options, to)
}
