import { Switch } from '@mantine/core'
import { useText } from '../../ui/format/text.ts'
import { EnrolmentProposalForm } from './EnrolmentProposalForm.tsx'
import { useEnrolmentSetting } from './useEnrolmentSetting.ts'

/** The scheme's rule on whether requests confirmed by the register are approved automatically. */
export function AutoApprove(props: { schemeId: string }) {
  const { t } = useText()
  const { settings, wanted, setWanted, proposal } = useEnrolmentSetting(
    props.schemeId,
    'autoApprove',
    ({ autoApprove }) => t(autoApprove === 'verified' ? 'enrolments.auto.isOn' : 'enrolments.auto.isOff'),
  )
  const inForce = settings.data?.autoApprove
  return (
    <EnrolmentProposalForm proposal={proposal} isChanged={wanted !== null && wanted !== inForce}>
      <Switch
        label={t('enrolments.auto')}
        description={t('enrolments.auto.what')}
        checked={(wanted ?? inForce) === 'verified'}
        disabled={!settings.isSuccess || proposal.isPending}
        onChange={(event) => setWanted(event.currentTarget.checked ? 'verified' : 'never')}
      />
    </EnrolmentProposalForm>
  )
}
