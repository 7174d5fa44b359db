import { Checkbox, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { OwnEnrolmentView, PublicSchemeView } from '../../src/enrolment/contract.ts'
import { callApi } from '../api/client.ts'
import { isRefusal } from '../api/problems.ts'
import { useAction } from '../api/useAction.ts'
import { CharterText } from '../ui/CharterText.tsx'
import { StepForm } from '../ui/StepForm.tsx'
import { useText } from '../ui/text.ts'
import { feeOf } from './fee.ts'
import type { JoinStep } from './JoinPage.tsx'
import { publicSchemeQuery } from './queries.ts'

const FIELDS = ['name', 'accepted']

/** Third step: the charter is read and signed, and the request is submitted. */
export function CharterForm(props: {
  scheme: PublicSchemeView
  own: OwnEnrolmentView
  onDone: (enrolment: OwnEnrolmentView | null, next?: JoinStep) => void
  onBack: () => void
}) {
  const { t, lang } = useText()
  const { scheme, own } = props
  const [accepted, setAccepted] = useState(false)
  const [name, setName] = useState(own.contact?.person ?? '')
  const { version, text } = scheme.charter
  const sign = useAction(
    () => callApi('signCharter', { params: { scheme: scheme.id }, body: { version, accepted, name } }),
    {
      fields: FIELDS,
      onSuccess: ({ enrolment }) => props.onDone(enrolment),
      onError: (error) => {
        if (isRefusal(error, 'charter_changed')) setAccepted(false)
      },
      refreshAfterFailure: (error) =>
        isRefusal(error, 'charter_changed') ? [publicSchemeQuery(scheme.id).queryKey] : [],
    },
  )
  const at = sign.problemAt
  return (
    <StepForm step={sign} next={t('join.charter.sign')} back={{ label: t('join.back'), go: props.onBack }}>
      {scheme.fee !== null && (
        <p>
          {t('join.fee.yours', {
            fee: feeOf(t, lang, scheme.fee, own.business.trade),
            year: String(scheme.fee.year),
          })}
          {scheme.fee.proRata && ` ${t('join.fee.proRata')}`}
        </p>
      )}
      <CharterText text={text} label={t('join.charter')} />
      <Checkbox
        size="md"
        label={t('join.charter.accept')}
        checked={accepted}
        onChange={(event) => setAccepted(event.currentTarget.checked)}
        error={at('accepted')}
      />
      <TextInput
        size="md"
        label={t('join.charter.name')}
        description={t('join.charter.proof')}
        autoComplete="name"
        maxLength={200}
        required
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={at('name')}
      />
    </StepForm>
  )
}
