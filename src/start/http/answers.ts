import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod'
import { AppError, errorCodes, isDiskFull, type Problem } from '../../errors.ts'
import { formatError, formatMessage, formatProblem, type Lang } from '../../i18n/format.ts'
import type { ErrorView } from '../../identity/contract.ts'
import { langOfRequest } from '../../platform/http/http.ts'
import { describeIssue } from '../../platform/http/issues.ts'
import { describeLoggedError } from '../../platform/telemetry/log.ts'

/** Larger bodies are refused; the import of members has its own limit. */
export const BODY_LIMIT_BYTES = 1024 * 1024

/**
 * Answers any error as an ErrorView in the reader's language. An error that is not a refusal is logged and
 * answered as `internal`.
 */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const refusal = toRefusal(error, request)
  if (refusal.code === 'internal' || refusal.code === 'disk_full') {
    request.log.error(
      { err: describeLoggedError(error, true), route: request.routeOptions.url },
      'request failed',
    )
  }
  const lang = langOfRequest(request)
  return reply
    .status(httpStatusOf(refusal, error))
    .headers({
      'content-language': lang,
      vary: 'accept-language',
      'cache-control': 'no-store',
      'x-request-id': request.id,
      ...(refusal.code === 'rate_limited' && { 'retry-after': String(refusal.values.seconds ?? 1) }),
    })
    .send(errorView(lang, refusal, request.id))
}

/** @param requestId by which the request is found in the log, shown to the user with an internal error; absent: no request was read */
export function errorView(lang: Lang, error: AppError, requestId?: string): ErrorView {
  const message = formatError(lang, error)
  const isReported = error.code === 'internal' && requestId !== undefined
  return {
    code: error.code,
    message: isReported ? `${message} ${formatMessage(lang, 'error.reference', { requestId })}` : message,
    problems: error.problems.map((problem) => ({
      code: problem.code,
      ...(problem.path === undefined ? {} : { path: problem.path }),
      message: formatProblem(lang, problem),
    })),
    ...(requestId !== undefined && { requestId }),
  }
}

function httpStatusOf(refusal: AppError, error: unknown): number {
  const given = (error as FastifyError).statusCode
  // Fastify's own refusals (415, 400, 414…) keep their more specific status; validation errors of Zod get ours.
  const isOurs = error instanceof AppError || hasZodFastifySchemaValidationErrors(error)
  if (!isOurs && given !== undefined && given >= 400 && given < 500) return given
  return errorCodes[refusal.code].status
}

function toRefusal(error: unknown, request: FastifyRequest): AppError {
  if (error instanceof AppError) return error
  if (hasZodFastifySchemaValidationErrors(error)) {
    return new AppError('invalid_input', { problems: error.validation.map(toProblem) })
  }
  const { code, statusCode } = error as Partial<FastifyError>
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    const limit = request.routeOptions.bodyLimit ?? BODY_LIMIT_BYTES
    return new AppError('file_too_large', { values: { limit: Math.floor(limit / 1024 / 1024) } })
  }
  if (code?.startsWith('FST_ERR_CTP') || error instanceof SyntaxError) {
    return new AppError('invalid_input', { problems: [{ code: 'input.json' }], cause: error })
  }
  if (isDiskFull(error)) return new AppError('disk_full', { cause: error })
  if (isDatabaseDown(error)) return new AppError('database_down', { cause: error })
  if (isUnstorable(error)) {
    return new AppError('invalid_input', { problems: [{ code: 'input.characters' }], cause: error })
  }
  if (statusCode === 404) return new AppError('not_found')
  if (statusCode !== undefined && statusCode < 500) return new AppError('invalid_input', { cause: error })
  return new AppError('internal', { cause: error })
}

/** An issue of Zod as fastify-type-provider-zod passes it. */
interface HandedIssue {
  readonly keyword: string
  readonly instancePath: string
  readonly message?: string
  readonly params: Readonly<Record<string, unknown>>
}

function toProblem({ keyword, instancePath, ...issue }: HandedIssue): Problem {
  const path = instancePath.slice(1).replaceAll('/', '.')
  return { ...describeIssue({ code: keyword, ...issue }, path), ...(path === '' ? {} : { path }) }
}

/**
 * Returns true for a character that PostgreSQL's text (22021) and JSON (22P05) cannot hold, U+0000, or an unpaired
 * surrogate in JSON (22P02). No person types one.
 */
function isUnstorable(error: unknown): boolean {
  const { code, detail } = error as { code?: unknown; detail?: unknown }
  return code === '22021' || code === '22P05' || (code === '22P02' && /surrogate/.test(String(detail)))
}

/**
 * Matches Node's connection errors, and PostgreSQL's classes 08 (connection), 57P (shutdown) and 53300 (too many
 * clients).
 */
const DOWN_CODES = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|08...|57P..|53300)$/
const DOWN_MESSAGES =
  /Connection terminated|timeout exceeded when trying to connect|Cannot use a pool after calling end|PGlite is closed/

export function isDatabaseDown(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (error instanceof AppError) return error.code === 'database_down'
  if (error instanceof AggregateError) return error.errors.some(isDatabaseDown)
  const { code } = error as { code?: unknown }
  if ((typeof code === 'string' && DOWN_CODES.test(code)) || DOWN_MESSAGES.test(error.message)) return true
  // better-auth wraps the error in one of its own.
  return isDatabaseDown(error.cause)
}
