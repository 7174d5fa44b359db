import type { MemberRenames } from '../../../src/members/contract.ts'
import { callApi } from '../../api/client.ts'
import { useAction } from '../../api/useAction.ts'
import { useText } from '../../ui/text.ts'
import { toast } from '../../ui/toast.ts'
import { renamesQuery } from '../enrolments/queries.ts'
import { useCurrent } from '../shell/current.tsx'
import { AnswerActs, type Decision } from './AnswerActs.tsx'
import { membersChanged } from './queries.ts'
import { useUndo } from './useUndo.ts'

/**
 * Answers the name that a business asked for: accepted in one act that can be undone for a day, put into the form first, or declined
 * with a reason. The business is notified.
 */
export function RenameActs(props: { rename: MemberRenames['renames'][number] }) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const { memberId, name, wanted } = props.rename
  const undo = useUndo(scheme.id)
  const refresh = [...membersChanged(scheme.id), renamesQuery(scheme.id).queryKey, ['today', scheme.id]]
  const decide = useAction(
    ({ accept, reason }: Decision) =>
      callApi('decideRename', {
        params: { scheme: scheme.id, id: memberId },
        body: { accept, wanted, reason },
      }),
    {
      fields: ['reason'],
      refresh,
      refreshAfterFailure: [renamesQuery(scheme.id).queryKey],
      onSuccess: ({ change }) =>
        void toast(
          t(change === null ? 'renames.declined' : 'renames.accepted', { name, wanted }),
          change === null ? undefined : () => undo.mutate(change.id),
        ),
    },
  )
  return (
    <AnswerActs
      memberId={memberId}
      decide={decide}
      confirm={t('renames.decline.confirm')}
      answers={{ values: { name: wanted }, answersName: wanted }}
      onUndo={(id) => undo.mutate(id)}
    />
  )
}
