import type { AlertView } from '../../../../src/alerts/contract.ts'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import { callApi } from '../../../api/client.ts'
import { alertQuery } from '../../../api/queries.ts'
import { useAction } from '../../../api/useAction.ts'
import { useCurrent } from '../../shell/current.tsx'
import { recordDraft } from '../order/approvalFlow.ts'
import type { Progressing } from '../order/flow.ts'
import type { Draft } from './draft.ts'

/** Lets words stand that the guard reports as the name of a member. */
export interface Passing {
  /** Only a chief may; others read that one can. */
  readonly isAllowed: boolean
  readonly isPending: boolean
  readonly failure: unknown
  readonly onPass: (words: string, reason: string) => void
}

/** Records the draft first, since the pass and its reason belong to its alert. */
export function usePassing(scheme: SchemeView, draft: Draft, text: string, keep: Progressing): Passing {
  return usePass(scheme.id, draft.alert?.id ?? '', async (words, reason) => {
    const { id } = await recordDraft(scheme.id, draft, text, keep)
    return callApi('passWords', { params: { scheme: scheme.id, id }, body: { words, reason } })
  })
}

/**
 * Lets words stand in a follow-up that is being written, or in a message that waits for its second person.
 * @param text absent: the text of the alert
 */
export function usePassingOf(schemeId: string, alertId: string, text?: string): Passing {
  return usePass(schemeId, alertId, (words, reason) =>
    callApi('passWords', {
      params: { scheme: schemeId, id: alertId },
      body: { words, reason, ...(text !== undefined && { text }) },
    }),
  )
}

function usePass(
  schemeId: string,
  alertId: string,
  pass: (words: string, reason: string) => Promise<AlertView>,
): Passing {
  const { may } = useCurrent()
  const { mutate, isPending, failure } = useAction(
    ({ words, reason }: { words: string; reason: string }) => pass(words, reason),
    { refresh: [alertQuery(schemeId, alertId).queryKey] },
  )
  return {
    isAllowed: may('guard.pass'),
    isPending,
    failure,
    onPass: (words, reason) => mutate({ words, reason }),
  }
}
