import type { ImportRemark, ImportReport } from '../../members/contract.ts'
import type { ImportCheck } from '../contract.ts'
import { isQuestion } from './match/match.ts'

/** Summarises a dry run for a script. */
export function summarizeCheck({ rows, skipped, problems, ...of }: ImportReport): ImportCheck {
  const toDecide = of.toDecide ?? 0
  const listed = problems.map((one) => ({
    row: one.line,
    code: one.code,
    value: one.value,
    proposals: proposalsOf(one),
  }))
  const charters = countCharters(of)
  const more = of.problemCount - problems.length
  return {
    ...{ rows, ready: rows - skipped, toDecide, refused: skipped - toDecide, problems: listed },
    ...(more > 0 && { more }),
    ...(charters !== undefined && { charters }),
  }
}

/** Counts the charters that a list says are signed, but not when; undefined if there are none. */
export function countCharters({
  undatedCharters,
  datedCharters = [],
}: Pick<ImportReport, 'undatedCharters' | 'datedCharters'>): ImportCheck['charters'] {
  if (undatedCharters === undefined && datedCharters.length === 0) return undefined
  const dated = datedCharters.reduce((sum, { rows }) => sum + rows, 0)
  return { dated, undated: undatedCharters?.rows ?? 0 }
}

function proposalsOf(remark: ImportRemark): string[] {
  const { proposals = [] } = remark
  if (isQuestion(remark)) return proposals.length > 1 ? ['other'] : ['same', 'other']
  const names = proposals.map(({ name }) => name)
  return proposals.map((one) =>
    names.filter((name) => name === one.name).length === 1 ? one.name : `${one.name} (${one.code})`,
  )
}
