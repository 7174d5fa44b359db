import { Checkbox, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { OwnEnrolmentView, PublicSchemeView } from '../../src/enrolment/contract.ts'
import { ApiError, callApi } from '../api/client.ts'
import { problemAt } from '../api/problems.ts'
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
  const client = useQueryClient()
  const [accepted, setAccepted] = useState(false)
  const [name, setName] = useState(own.contact?.person ?? '')
  const { version, text } = scheme.charter
  const sign = useMutation({
    mutationFn: () =>
      callApi('signCharter', { params: { scheme: scheme.id }, body: { version, accepted, name } }),
    onSuccess: ({ enrolment }) => props.onDone(enrolment),
    onError: (error) => {
      if (error instanceof ApiError && error.code === 'charter_changed') {
        setAccepted(false)
        void client.invalidateQueries({ queryKey: publicSchemeQuery(scheme.id).queryKey })
      }
    },
  })
  const at = (path: string) => problemAt(sign.error, path)
  return (
    <StepForm
      step={sign}
      fields={FIELDS}
      next={t('join.charter.sign')}
      back={{ label: t('join.back'), go: props.onBack }}
    >
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
