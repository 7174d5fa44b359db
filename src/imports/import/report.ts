import { AppError } from '../../errors.ts'
import type { ImportReport } from '../../members/contract.ts'
import type { CheckedImport } from './check/rows.ts'
import { isQuestion, type Matches, type Move } from './match/match.ts'

/** The decision whether an import is written, and which of its rows. */
export interface Verdict {
  readonly outcome: ImportReport['outcome']
  /** Tells whether a row has no problem. */
  readonly isGood: (line: number) => boolean
  /** Good rows that end or resume a member's alerts. */
  readonly moves: readonly Move[]
  /** Number of members whose alerts end. */
  readonly leaving: number
}

/**
 * Decides whether the rows of an import are written, once all of its problems are known.
 * @throws AppError `import_leaving` if another number of members would leave than the user agreed to
 */
export function judgeImport({ options, problems }: CheckedImport, match: Matches): Verdict {
  const isRefused = problems.lines.size > 0 && options.skipBad !== true
  const outcome = options.dryRun === true ? 'checked' : isRefused ? 'refused' : 'applied'
  const isGood = (line: number) => !problems.lines.has(line)
  const moves = match.moves.filter(({ line }) => isGood(line))
  const leaving = moves.filter(({ isLeaving }) => isLeaving).length
  if (outcome === 'applied' && leaving !== (options.leaving ?? 0))
    throw new AppError('import_leaving', { values: { leaving } })
  return { outcome, isGood, moves, leaving }
}

/** Makes the report of an import. */
export function createReport(
  run: CheckedImport,
  {
    verdict: { outcome, leaving },
    match,
    figures,
    paid,
  }: {
    readonly verdict: Verdict
    readonly match: Matches
    readonly figures: Pick<ImportReport, 'created' | 'updated' | 'unchanged'>
    readonly paid: ImportReport['paid']
  },
): ImportReport {
  const { problems, warnings } = run
  return {
    outcome,
    rows: run.rows,
    ...figures,
    leaving,
    skipped: problems.lines.size,
    undecided: match.problems.filter(isQuestion).length,
    toDecide: problems.lines.size - problems.closed.size,
    answered: run.answered.listed(),
    guessed: run.guessed.listed(),
    ...run.charters.listed(),
    paid,
    problems: problems.listed(),
    problemCount: problems.count,
    warnings: warnings.listed(),
    warningCount: warnings.count,
  }
}
