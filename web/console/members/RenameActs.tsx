import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { MemberRenames } from '../../../src/members/contract.ts'
import { callApi } from '../../api/client.ts'
import { memberQuery } from '../../api/queries.ts'
import { useAction } from '../../api/useAction.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useText } from '../../ui/text.ts'
import { toast } from '../../ui/toast.ts'
import { renamesQuery } from '../enrolments/queries.ts'
import { useCurrent } from '../shell/current.tsx'
import { DeclineForm } from './DeclineForm.tsx'
import { MemberForm } from './form/MemberForm.tsx'
import classes from './Members.module.css'
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
  const [act, setAct] = useState<'decline' | 'edit' | null>(null)
  const undo = useUndo(scheme.id)
  const refresh = [...membersChanged(scheme.id), renamesQuery(scheme.id).queryKey, ['today', scheme.id]]
  const decide = useAction(
    ({ accept, reason }: { accept: boolean; reason: string }) =>
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
  const member = useQuery({ ...memberQuery(scheme.id, memberId), enabled: act === 'edit' })
  return (
    <>
      <span className={classes.careActions}>
        <Button loading={decide.isPending} onClick={() => decide.mutate({ accept: true, reason: '' })}>
          {t('renames.accept')}
        </Button>
        <Button variant="default" onClick={() => setAct('edit')}>
          {t('renames.edit')}
        </Button>
        <Button
          variant="default"
          aria-expanded={act === 'decline'}
          onClick={() => setAct(act === 'decline' ? null : 'decline')}
        >
          {t('renames.decline')}
        </Button>
      </span>
      {act === 'decline' && (
        <DeclineForm
          confirm={t('renames.decline.confirm')}
          isPending={decide.isPending}
          error={decide.problemAt('reason')}
          onDecline={(reason) => decide.mutate({ accept: false, reason })}
        />
      )}
      <Failure error={decide.failure ?? member.error} />
      {act === 'edit' && member.data !== undefined && (
        <MemberForm
          member={member.data}
          answers={{ values: { name: wanted }, answersName: wanted }}
          onClose={() => setAct(null)}
          onUndo={(id) => undo.mutate(id)}
        />
      )}
    </>
  )
}
