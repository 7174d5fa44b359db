import type { MemberCorrections } from '../../../src/members/contract.ts'
import { callApi } from '../../api/client.ts'
import { useAction } from '../../api/useAction.ts'
import { useText } from '../../ui/text.ts'
import { toast } from '../../ui/toast.ts'
import { correctionsQuery } from '../enrolments/queries.ts'
import { useCurrent } from '../shell/current.tsx'
import { AnswerActs, type Decision } from './AnswerActs.tsx'
import type { FormValues } from './form/values.ts'
import { membersChanged } from './queries.ts'
import { useUndo } from './useUndo.ts'

type Correction = MemberCorrections['corrections'][number]

/** Returns the asked values as the form of a member has them. */
function typedOf({ siret, trade, place }: Correction['asked']): Partial<FormValues> {
  return {
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
  const undo = useUndo(scheme.id)
  const waiting = correctionsQuery(scheme.id).queryKey
  const decide = useAction(
    ({ accept, reason }: Decision) =>
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
    <AnswerActs
      memberId={memberId}
      decide={decide}
      confirm={t('corrections.decline.confirm')}
      answers={{ values: typedOf(asked), answersRequest: askedAt }}
      onUndo={(id) => undo.mutate(id)}
    />
  )
}
