import type { AppError, Problem } from '../errors.ts'
import { type Lang, say, sayError, sayProblem } from '../i18n/say.ts'

/**
 * A refusal as the terminal shows it: its sentence, every problem on a line of its own, and last what whoever runs
 * the machine can do about it, where there is more than the sentence says to everybody.
 */
export function describeError(lang: Lang, error: AppError): string {
  const lines = error.problems.map((problem) => `  - ${describeProblem(lang, problem)}`)
  return `${[sayError(lang, error), ...lines, ...hintOf(lang, error)].join('\n')}\n`
}

function describeProblem(lang: Lang, problem: Problem): string {
  const text = sayProblem(lang, problem)
  return problem.path === undefined || text.includes(problem.path)
    ? text
    : `${problem.path}${lang === 'fr' ? ' :' : ':'} ${text}`
}

function hintOf(lang: Lang, { code, values }: AppError): string[] {
  const key = `error.${code}.hint`
  const hint = say(lang, key, values)
  return hint === key ? [] : [`→ ${hint}`]
}
