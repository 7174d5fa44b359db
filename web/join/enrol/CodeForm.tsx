import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { OwnEnrolmentView, PublicSchemeView } from '../../../src/enrolment/contract.ts'
import { readablePhone } from '../../../src/message/phone.ts'
import { callApi } from '../../api/client.ts'
import { useAction } from '../../api/useAction.ts'
import { CodeAgain, CodeField, CodeNotice } from '../../ui/fields/CodeField.tsx'
import { StepForm } from '../../ui/fields/StepForm.tsx'
import { useText } from '../../ui/format/text.ts'
import { ownEnrolmentQuery } from '../queries.ts'
import type { JoinStep } from './JoinPage.tsx'

/** Second step, continued: the number is confirmed by the code sent to it. */
export function CodeForm(props: {
  scheme: PublicSchemeView
  own: OwnEnrolmentView
  onDone: (enrolment: OwnEnrolmentView | null, next?: JoinStep) => void
  onBack: () => void
}) {
  const { t } = useText()
  const { scheme, own } = props
  const [code, setCode] = useState('')
  const confirm = useAction(
    () => callApi('confirmPhone', { params: { scheme: scheme.id }, body: { code } }),
    {
      fields: ['code'],
      onSuccess: ({ enrolment }) => props.onDone(enrolment),
    },
  )
  const client = useQueryClient()
  const again = useAction(() => callApi('sendEnrolmentCode', { params: { scheme: scheme.id } }), {
    onSuccess: ({ enrolment }) => client.setQueryData(ownEnrolmentQuery(scheme.id).queryKey, enrolment),
  })
  return (
    <StepForm
      step={confirm}
      next={t('join.code.confirm')}
      back={{ label: t('join.code.other'), go: props.onBack }}
      footer={<CodeAgain again={again} turn={own.turn} />}
    >
      <CodeNotice
        turn={own.turn}
        sent={t('join.code.sent', { phone: readablePhone(own.contact?.phone ?? '') })}
      />
      <CodeField
        value={code}
        onChange={(typed) => {
          setCode(typed)
          confirm.reset()
        }}
        error={confirm.problemAt('code')}
      />
    </StepForm>
  )
}
