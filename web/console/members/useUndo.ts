import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { UndoResult } from '../../../src/changes/contract.ts'
import { callApi } from '../../api/client.ts'
import { useText } from '../../ui/text.ts'
import { toast } from '../../ui/toast.ts'
import { membersChanged } from './queries.ts'

/** Undoes a change of members, and shows the result. */
export function useUndo(schemeId: string, onUndone: (result: UndoResult) => void = () => {}) {
  const { t } = useText()
  const client = useQueryClient()
  return useMutation({
    mutationFn: (changeId: string) =>
      callApi('undoMemberChange', { params: { scheme: schemeId, id: changeId } }),
    onSuccess: (result) => {
      for (const queryKey of membersChanged(schemeId)) void client.invalidateQueries({ queryKey })
      const { restored = 0, kept = 0 } = result.change.undone ?? {}
      void toast(t('changes.undone', { restored, kept }))
      onUndone(result)
    },
    onError: (error) => void toast(error.message),
  })
}
