import { Button, Group } from '@mantine/core'
import type { ReactNode } from 'react'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import { SecondPerson } from '../settings/changes/SecondPerson.tsx'
import type { EnrolmentProposal } from './useEnrolmentSetting.ts'

/** The fields of one setting of enrolments, and below them its proposal to a second person once it was changed. */
export function EnrolmentProposalForm(props: {
  proposal: EnrolmentProposal
  isChanged: boolean
  children: ReactNode
}) {
  const { t } = useText()
  const { proposal } = props
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        proposal.submit()
      }}
    >
      {props.children}
      {props.isChanged && (
        <>
          <SecondPerson
            subject="enrolment"
            settings={[proposal.setting]}
            reason={proposal.reason}
            onReason={proposal.setReason}
            error={proposal.reasonError}
          />
          <Group gap={8} mt={8}>
            <Button type="submit" loading={proposal.isPending}>
              {t('settingChange.propose')}
            </Button>
            <Button variant="default" disabled={proposal.isPending} onClick={proposal.discard}>
              {t('settings.discard')}
            </Button>
          </Group>
        </>
      )}
      <Failure error={proposal.failure} />
    </form>
  )
}
