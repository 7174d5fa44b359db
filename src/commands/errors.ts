import type { AppError, Problem } from '../errors.ts'
import { formatError, formatMessage, formatProblem, type Lang } from '../i18n/format.ts'

/**
 * Formats a refusal for the terminal: its message, each problem on its own line, and a hint for the administrator
 * of the machine when there is one.
 */
export function describeError(lang: Lang, error: AppError): string {
  const lines = error.problems.map((problem) => `  - ${describeProblem(lang, problem)}`)
  return `${[formatError(lang, error), ...lines, ...describeHint(lang, error)].join('\n')}\n`
}

/** Formats a problem, with the place where it is when its text does not name it. */
export function describeProblem(lang: Lang, problem: Problem): string {
  const text = formatProblem(lang, problem)
  return problem.path === undefined || text.includes(problem.path)
    ? text
    : `${problem.path}${lang === 'fr' ? ' :' : ':'} ${text}`
}

function describeHint(lang: Lang, { code, values }: AppError): string[] {
  const key = `error.${code}.hint`
  const hint = formatMessage(lang, key, values)
  return hint === key ? [] : [`→ ${hint}`]
}
