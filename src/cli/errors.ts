import type { AppError, Problem } from '../errors.ts'
import { type Lang, sayError, sayProblem } from '../messages/say.ts'

/** A refusal as the terminal shows it: its sentence, then every problem on a line of its own. */
export function describeError(lang: Lang, error: AppError): string {
  const lines = error.problems.map((problem) => `  - ${describeProblem(lang, problem)}`)
  return `${[sayError(lang, error), ...lines].join('\n')}\n`
}

function describeProblem(lang: Lang, problem: Problem): string {
  const text = sayProblem(lang, problem)
  return problem.path === undefined || text.includes(problem.path)
    ? text
    : `${problem.path}${lang === 'fr' ? ' :' : ':'} ${text}`
}
