import { Checkbox, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import type { OwnEnrolmentView, PublicSchemeView } from '../../../src/enrolment/contract.ts'
import { callApi } from '../../api/client.ts'
import { isRefusal } from '../../api/problems.ts'
import { useAction } from '../../api/useAction.ts'
import { StepForm } from '../../ui/fields/StepForm.tsx'
import { useText } from '../../ui/format/text.ts'
import { CharterText } from '../../ui/membership/CharterText.tsx'
import { feeOf } from '../fee.ts'
import { publicSchemeQuery } from '../queries.ts'
import type { JoinStep } from './JoinPage.tsx'

/** Third step: the charter is read and signed, and the request is submitted. */
export function CharterForm(props: {
  scheme: PublicSchemeView
  own: OwnEnrolmentView
  onDone: (enrolment: OwnEnrolmentView | null, next?: JoinStep) => void
  onBack: () => void
}) {
  const { t, lang } = useText()
  const { scheme, own } = props
  const form = useForm({ initialValues: { accepted: false, name: own.contact?.person ?? '' } })
  const { version, text } = scheme.charter
  const sign = useAction(
    () => callApi('signCharter', { params: { scheme: scheme.id }, body: { version, ...form.values } }),
    {
      form,
      onSuccess: ({ enrolment }) => props.onDone(enrolment),
      onError: (error) => {
        if (isRefusal(error, 'charter_changed')) form.setFieldValue('accepted', false)
      },
      refreshAfterFailure: (error) =>
        isRefusal(error, 'charter_changed') ? [publicSchemeQuery(scheme.id).queryKey] : [],
    },
  )
  return (
    <StepForm step={sign} next={t('join.charter.sign')} back={{ label: t('join.back'), go: props.onBack }}>
      {scheme.fee !== null && (
        <p>
          {t(scheme.fee.planned ? 'join.fee.yours.planned' : 'join.fee.yours', {
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
        {...form.getInputProps('accepted', { type: 'checkbox' })}
      />
      <TextInput
        size="md"
        label={t('join.charter.name')}
        description={t('join.charter.proof')}
        autoComplete="name"
        maxLength={200}
        required
        {...form.getInputProps('name')}
      />
    </StepForm>
  )
}
