import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ComponentProps, useState } from 'react'
import { memberQuery } from '../../api/queries.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useText } from '../../ui/text.ts'
import { useCurrent } from '../shell/current.tsx'
import { DeclineForm } from './DeclineForm.tsx'
import { MemberForm } from './form/MemberForm.tsx'
import classes from './Members.module.css'

/** Whether a request of a business is accepted; the reason of a refusal, else empty. */
export interface Decision {
  readonly accept: boolean
  readonly reason: string
}

interface Decide {
  readonly isPending: boolean
  readonly failure: ComponentProps<typeof Failure>['error']
  readonly problemAt: (field: string) => string | undefined
  readonly mutate: (decision: Decision) => void
}

/** The three answers to a request of a business: accept it, put it into the form of the member first, decline it with a reason. */
export function AnswerActs(props: {
  memberId: string
  decide: Decide
  /** The text of the button that declines. */
  confirm: string
  answers: NonNullable<ComponentProps<typeof MemberForm>['answers']>
  onUndo: (change: string) => void
}) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const { decide } = props
  const [act, setAct] = useState<'decline' | 'edit' | null>(null)
  const member = useQuery({ ...memberQuery(scheme.id, props.memberId), enabled: act === 'edit' })
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
          confirm={props.confirm}
          isPending={decide.isPending}
          error={decide.problemAt('reason')}
          onDecline={(reason) => decide.mutate({ accept: false, reason })}
        />
      )}
      <Failure error={decide.failure ?? member.error} />
      {act === 'edit' && member.data !== undefined && (
        <MemberForm
          member={member.data}
          answers={props.answers}
          onClose={() => setAct(null)}
          onUndo={props.onUndo}
        />
      )}
    </>
  )
}
