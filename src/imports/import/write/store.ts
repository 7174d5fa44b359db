import type { CheckedImport } from '../check/rows.ts'
import type { Matches } from '../match/match.ts'
import type { ImportDeps } from '../options.ts'
import type { Parts } from '../parts.ts'
import { createPlanner, numbersGiven } from './planner.ts'
import type { PreparedRow } from './prepared.ts'

/** Stores the rows for a job, in the order in which they would be written. */
export async function storeRows(
  deps: ImportDeps,
  { schemeId, options, keys, packed }: CheckedImport,
  parts: Parts,
  { match, isGood }: { readonly match: Matches; readonly isGood: (line: number) => boolean },
): Promise<void> {
  const { matches, joined, aside, moves } = match
  const givenTo = numbersGiven(keys, match)
  const moveOf = new Map(moves.map((move) => [move.line, move]))
  parts.begin()
  for await (const { rows, isJoined } of createPlanner(schemeId, match, keys, deps.newId).batches(
    packed,
    isGood,
    parts.size,
  )) {
    const prepared = rows.map((row): PreparedRow => {
      const memberId = (isJoined ? joined : matches).get(row.line)?.id ?? null
      const given = givenTo.get(memberId ?? '')
      const move = moveOf.get(row.line)
      return {
        row,
        ...(given === undefined ? {} : { given: [...given] }),
        memberId,
        isJoined,
        isAside: aside.has(row.line),
        notice: move?.kind ?? null,
        isLeaving: move?.isLeaving === true,
      }
    })
    await parts.do(async (tx) => options.store?.storeRows(tx, prepared))
  }
}
