import { TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import type { OwnEnrolmentView, PublicSchemeView } from '../../../src/enrolment/contract.ts'
import { readablePhone } from '../../../src/message/phone.ts'
import { callApi } from '../../api/client.ts'
import { useAction } from '../../api/useAction.ts'
import { StepForm } from '../../ui/fields/StepForm.tsx'
import { useText } from '../../ui/format/text.ts'
import type { JoinStep } from './JoinPage.tsx'

/** Second step: the contact and their mobile number. */
export function ContactForm(props: {
  scheme: PublicSchemeView
  own: OwnEnrolmentView
  onDone: (enrolment: OwnEnrolmentView | null, next?: JoinStep) => void
  onBack: () => void
}) {
  const { t } = useText()
  const { scheme, own } = props
  const form = useForm({
    initialValues: {
      person: own.contact?.person ?? '',
      phone: own.contact === null ? '' : readablePhone(own.contact.phone),
      mail: own.contact?.mail ?? '',
    },
  })
  const save = useAction(
    () => callApi('enterContact', { params: { scheme: scheme.id }, body: form.values }),
    {
      form,
      onSuccess: ({ enrolment }) => props.onDone(enrolment),
    },
  )
  return (
    <StepForm step={save} next={t('join.next')} back={{ label: t('join.back'), go: props.onBack }}>
      <TextInput
        size="md"
        label={t('join.person')}
        autoComplete="name"
        maxLength={200}
        required
        {...form.getInputProps('person')}
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
        {...form.getInputProps('phone')}
      />
      <TextInput
        size="md"
        type="email"
        inputMode="email"
        label={t('join.mail')}
        autoComplete="email"
        maxLength={254}
        {...form.getInputProps('mail')}
      />
    </StepForm>
  )
}
