import type { ImportRemark } from '../../../members/contract.ts'
import { isQuestion } from '../match/match.ts'

/** Maximum number of problems and warnings listed; the report still counts all. */
export const MAX_LISTED = 10_000

/** A list of remarks, limited in size, with full counts and the lines concerned. */
export class Remarks {
  readonly lines = new Set<number>()
  /** The lines with a remark that has no proposals and is no question. */
  readonly closed = new Set<number>()
  count = 0
  readonly #kept: ImportRemark[] = []

  add(remarks: readonly ImportRemark[]): void {
    for (const remark of remarks) {
      this.lines.add(remark.line)
      if (!isQuestion(remark) && (remark.proposals ?? []).length === 0) this.closed.add(remark.line)
      this.count++
      if (this.#kept.length < MAX_LISTED) this.#kept.push(remark)
    }
  }

  listed(): ImportRemark[] {
    return this.#kept.toSorted((a, b) => a.line - b.line)
  }
}
