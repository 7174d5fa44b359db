import { Radio, Stack } from '@mantine/core'
import type { NewMember } from '../../../../src/imports/by-hand/contract.ts'
import { useText } from '../../../ui/format/text.ts'
import type { FormPerson } from './values.ts'

/** Offers to send a new member, by SMS or by mail, why it is in the list and how to leave it. */
export function WelcomeChoice(props: {
  people: readonly FormPerson[]
  value: NewMember['welcome']
  onChoose: (channel: NewMember['welcome']) => void
}) {
  const { t } = useText()
  const has = (field: 'phone' | 'mail') => props.people.some((person) => person[field].trim() !== '')
  return (
    <Radio.Group
      label={t('memberForm.welcome')}
      description={t('memberForm.welcome.why')}
      value={props.value ?? 'none'}
      onChange={(value) => props.onChoose(value === 'sms' || value === 'mail' ? value : null)}
    >
      <Stack gap={10} mt={10}>
        <Radio value="none" label={t('memberForm.welcome.none')} />
        <Radio value="sms" label={t('import.welcome.sms')} disabled={!has('phone')} />
        <Radio value="mail" label={t('import.welcome.mail')} disabled={!has('mail')} />
      </Stack>
    </Radio.Group>
  )
}
