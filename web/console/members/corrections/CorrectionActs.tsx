import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { MemberCorrections } from '../../../../src/members/contract.ts'
import { callApi } from '../../../api/client.ts'
import { useAction } from '../../../api/useAction.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { toast } from '../../../ui/toasts/toast.ts'
import { correctionsQuery } from '../../enrolments/queries.ts'
import { useCurrent } from '../../shell/current.tsx'
import { useUndo } from '../changes/useUndo.ts'
import { MemberForm } from '../form/MemberForm.tsx'
import type { FormValues } from '../form/values.ts'
import classes from '../Members.module.css'
import { memberQuery, membersChanged } from '../queries.ts'
import { DeclineForm } from './DeclineForm.tsx'

type Correction = MemberCorrections['corrections'][number]

/** Returns the asked values as the form of a member has them. */
function typedOf({ name, siret, trade, place }: Correction['asked']): Partial<FormValues> {
  return {
    ...(name !== null && { name }),
    ...(siret !== null && { siret }),
    ...(trade !== null && { trade }),
    ...(place !== null && {
      commune: place.commune,
      address: place.address ?? '',
      postalCode: place.postalCode ?? '',
    }),
  }
}

/**
 * Answers what a business asked to correct: accepted in one act that can be undone for a day, put into the form first, or declined with
 * a reason. The business is notified.
 */
export function CorrectionActs(props: { correction: Correction }) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const { memberId, name, askedAt, asked } = props.correction
  const [act, setAct] = useState<'decline' | 'edit' | null>(null)
  const member = useQuery({ ...memberQuery(scheme.id, memberId), enabled: act === 'edit' })
  const undo = useUndo(scheme.id)
  const waiting = correctionsQuery(scheme.id).queryKey
  const decide = useAction(
    ({ accept, reason }: { accept: boolean; reason: string }) =>
      callApi('decideCorrection', {
        params: { scheme: scheme.id, id: memberId },
        body: { accept, askedAt, reason },
      }),
    {
      fields: ['reason'],
      refresh: [...membersChanged(scheme.id), waiting, ['today', scheme.id]],
      refreshAfterFailure: [waiting],
      onSuccess: ({ change }, { accept }) =>
        void toast(
          t(accept ? 'corrections.accepted' : 'corrections.declined', { name }),
          change === null ? undefined : () => undo.mutate(change.id),
        ),
    },
  )
  return (
    <>
      <span className={classes.careActions}>
        <Button loading={decide.isPending} onClick={() => decide.mutate({ accept: true, reason: '' })}>
          {t('corrections.accept')}
        </Button>
        <Button variant="default" onClick={() => setAct('edit')}>
          {t('corrections.edit')}
        </Button>
        <Button
          variant="default"
          aria-expanded={act === 'decline'}
          onClick={() => setAct(act === 'decline' ? null : 'decline')}
        >
          {t('corrections.decline')}
        </Button>
      </span>
      {act === 'decline' && (
        <DeclineForm
          confirm={t('corrections.decline.confirm')}
          isPending={decide.isPending}
          error={decide.problemAt('reason')}
          onDecline={(reason) => decide.mutate({ accept: false, reason })}
        />
      )}
      <Failure error={decide.failure ?? member.error} />
      {act === 'edit' && member.data !== undefined && (
        <MemberForm
          member={member.data}
          answers={{ values: typedOf(asked), answersRequest: askedAt }}
          onClose={() => setAct(null)}
          onUndo={(id) => undo.mutate(id)}
        />
      )}
    </>
  )
}
