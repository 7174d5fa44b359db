import { TextInput } from '@mantine/core'
import { useState } from 'react'
import type { OwnEnrolmentView, PublicSchemeView } from '../../src/enrolment/contract.ts'
import { callApi } from '../api/client.ts'
import { useAction } from '../api/useAction.ts'
import { readablePhone } from '../ui/format.ts'
import { StepForm } from '../ui/StepForm.tsx'
import { useText } from '../ui/text.ts'
import type { JoinStep } from './JoinPage.tsx'

const FIELDS = ['person', 'phone', 'mail']

/** Second step: the contact and their mobile number. */
export function ContactForm(props: {
  scheme: PublicSchemeView
  own: OwnEnrolmentView
  onDone: (enrolment: OwnEnrolmentView | null, next?: JoinStep) => void
  onBack: () => void
}) {
  const { t } = useText()
  const { scheme, own } = props
  const [person, setPerson] = useState(own.contact?.person ?? '')
  const [phone, setPhone] = useState(own.contact === null ? '' : readablePhone(own.contact.phone))
  const [mail, setMail] = useState(own.contact?.mail ?? '')
  const save = useAction(
    () => callApi('enterContact', { params: { scheme: scheme.id }, body: { person, phone, mail } }),
    {
      fields: FIELDS,
      onSuccess: ({ enrolment }) => props.onDone(enrolment),
    },
  )
  const at = save.problemAt
  return (
    <StepForm step={save} next={t('join.next')} back={{ label: t('join.back'), go: props.onBack }}>
      <TextInput
        size="md"
        label={t('join.person')}
        autoComplete="name"
        maxLength={200}
        required
        value={person}
        onChange={(event) => setPerson(event.currentTarget.value)}
        error={at('person')}
      />
      <TextInput
        size="md"
        type="tel"
        inputMode="tel"
        label={t('join.phone')}
        description={t('join.phone.how')}
        autoComplete="tel"
        maxLength={40}
        required
        value={phone}
        onChange={(event) => setPhone(event.currentTarget.value)}
        error={at('phone')}
      />
      <TextInput
        size="md"
        type="email"
        inputMode="email"
        label={t('join.mail')}
        autoComplete="email"
        maxLength={254}
        value={mail}
        onChange={(event) => setMail(event.currentTarget.value)}
        error={at('mail')}
      />
    </StepForm>
  )
}
