import { useState } from 'react'
import type {
  DecideLine,
  StatementLineView,
  StatementView,
} from '../../../../src/dues/statements/contract.ts'
import { callApi } from '../../../api/client.ts'
import { useAction } from '../../../api/useAction.ts'
import { statementQuery } from '../queries.ts'

/** Sends the decision about one line. */
export type Decide = (line: StatementLineView, decision: DecideLine) => void

/** Sends the decisions about the lines of a statement, one at a time. */
export function useDecisions(schemeId: string, id: string) {
  const { queryKey } = statementQuery(schemeId, id)
  const params = { scheme: schemeId, statement: id }
  /** The last decision, which may be confirmed although a debit is under way. */
  const [asked, setAsked] = useState<{ line: StatementLineView; body: DecideLine } | null>(null)
  /** The lines that were just set aside in one act. */
  const [aside, setAside] = useState<readonly string[]>([])
  const act = useAction((send: () => Promise<StatementView>) => send(), {
    stores: queryKey,
    refresh: [
      ['statements', schemeId],
      ['dues', schemeId],
      ['member-dues', schemeId],
    ],
    // The amount owed by a member may have changed meanwhile.
    refreshAfterFailure: [queryKey],
  })
  const decide: Decide = (line, body) => {
    setAsked({ line, body })
    act.mutate(() => callApi('decideStatementLine', { params: { ...params, line: line.id }, body }))
  }
  const decideAll = (is: 'unrelated' | 'open', lines: readonly string[]) => {
    setAsked(null)
    act.mutate(() => callApi('decideStatementLines', { params, body: { is, lines: [...lines] } }), {
      onSuccess: () => setAside(is === 'unrelated' ? lines : []),
    })
  }
  const apply = (lines: readonly string[]) =>
    act.mutate(() => callApi('applyStatement', { params, body: { lines: [...lines] } }))
  const undo = () => act.mutate(() => callApi('undoStatement', { params }))
  return { act, asked, aside, decide, decideAll, apply, undo }
}

/** Returns the decision that records a payment beside a debit under way; undefined for one that records none. */
export function besideDebit(decision: DecideLine): DecideLine | undefined {
  return decision.is === 'payment' || decision.is === 'split' ? { ...decision, besideDebit: true } : undefined
}
