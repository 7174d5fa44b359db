import type { ImportRemark, ImportReport } from '../../members/contract.ts'
import type { ImportCheck } from '../contract.ts'
import { isQuestion } from './match.ts'

/** Summarises a dry run for a script. */
export function summarizeCheck({ rows, skipped, problems, ...of }: ImportReport): ImportCheck {
  const toDecide = of.toDecide ?? 0
  const listed = problems.map((one) => ({
    row: one.line,
    code: one.code,
    value: one.value,
    proposals: proposalsOf(one),
  }))
  const more = of.problemCount - problems.length
  return {
    ...{ rows, ready: rows - skipped, toDecide, refused: skipped - toDecide, problems: listed },
    ...(more > 0 && { more }),
  }
}

function proposalsOf(remark: ImportRemark): string[] {
  const { proposals = [] } = remark
  if (isQuestion(remark)) return proposals.length > 1 ? ['other'] : ['same', 'other']
  const names = proposals.map(({ name }) => name)
  return proposals.map((one) =>
    names.filter((name) => name === one.name).length === 1 ? one.name : `${one.name} (${one.code})`,
  )
}
