import { Button, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { OwnEnrolmentView, PublicSchemeView } from '../../src/members/enrolment/contract.ts'
import { readablePhone } from '../ui/format.ts'
import { Failure } from '../ui/Notice.tsx'
import { useText } from '../ui/text.ts'
import classes from './Join.module.css'
import type { JoinStep } from './JoinPage.tsx'
import { problemAt, sendStep } from './queries.ts'
import { StepForm } from './StepForm.tsx'

/** A number gets one code a minute: a button that would do nothing is not offered. */
const AGAIN_SECONDS = 60

/** Still the second step: the number is confirmed by the code that it got. */
export function CodeForm(props: {
  scheme: PublicSchemeView
  own: OwnEnrolmentView
  onDone: (enrolment: OwnEnrolmentView | null, next?: JoinStep) => void
  onBack: () => void
}) {
  const { t } = useText()
  const { scheme, own } = props
  const [code, setCode] = useState('')
  const [wait, setWait] = useState(AGAIN_SECONDS)
  const isWaiting = wait > 0
  useEffect(() => {
    if (!isWaiting) return
    const timer = setInterval(() => setWait((seconds) => seconds - 1), 1000)
    return () => clearInterval(timer)
  }, [isWaiting])
  const confirm = useMutation({
    mutationFn: () => sendStep(scheme.id, 'POST', '/confirm', { code }),
    onSuccess: (enrolment) => props.onDone(enrolment),
  })
  const again = useMutation({
    mutationFn: () => sendStep(scheme.id, 'POST', '/code'),
    onSuccess: () => setWait(AGAIN_SECONDS),
  })
  return (
    <StepForm
      step={confirm}
      fields={['code']}
      next={t('join.code.confirm')}
      back={{ label: t('join.code.other'), go: props.onBack }}
      footer={
        <>
          {again.isError && <Failure error={again.error} />}
          <div>
            <Button
              variant="subtle"
              disabled={isWaiting}
              loading={again.isPending}
              onClick={() => again.mutate()}
            >
              {isWaiting ? t('join.code.wait', { seconds: wait }) : t('join.code.again')}
            </Button>
            <p role="status">{again.isSuccess && isWaiting ? t('join.code.again.done') : ''}</p>
          </div>
        </>
      }
    >
      <p>{t('join.code.sent', { phone: readablePhone(own.contact?.phone ?? '') })}</p>
      <TextInput
        size="lg"
        className={classes.code ?? ''}
        label={t('join.code')}
        description={t('join.code.how')}
        inputMode="numeric"
        autoComplete="one-time-code"
        pattern="[0-9 ]*"
        maxLength={12}
        required
        value={code}
        onChange={(event) => {
          setCode(event.currentTarget.value)
          confirm.reset()
        }}
        error={problemAt(confirm.error, 'code')}
      />
    </StepForm>
  )
}
