import type { UndoResult } from '../../../../src/changes/contract.ts'
import { callApi } from '../../../api/client.ts'
import { useAction } from '../../../api/useAction.ts'
import { useText } from '../../../ui/format/text.ts'
import { toast } from '../../../ui/toasts/toast.ts'
import { membersChanged } from '../queries.ts'

/** Undoes a change of members, and shows the result. */
export function useUndo(schemeId: string, onUndone: (result: UndoResult) => void = () => {}) {
  const { t } = useText()
  return useAction(
    (changeId: string) => callApi('undoMemberChange', { params: { scheme: schemeId, id: changeId } }),
    {
      success: ({ change }) => {
        const { restored = 0, kept = 0, partly = 0 } = change.undone ?? {}
        return t('changes.undone', { restored, kept, partly })
      },
      // The undo of an accepted correction restores the request.
      refresh: [...membersChanged(schemeId), ['corrections', schemeId], ['today', schemeId]],
      onSuccess: (result) => onUndone(result),
      onError: (error) => void toast(error.message),
    },
  )
}
