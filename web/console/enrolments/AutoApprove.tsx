import { Button, Group, Switch } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { EnrolmentSettings } from '../../../src/schemes/contract.ts'
import { callApi } from '../../api/client.ts'
import { useAction } from '../../api/useAction.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useText } from '../../ui/text.ts'
import { settingChangesQuery } from '../settings/changes/queries.ts'
import { SecondPerson } from '../settings/changes/SecondPerson.tsx'
import { enrolmentSettingsQuery } from './queries.ts'

/** The scheme's rule on whether requests confirmed by the register are approved automatically. */
export function AutoApprove(props: { schemeId: string }) {
  const { t } = useText()
  const { schemeId } = props
  const client = useQueryClient()
  const settings = useQuery(enrolmentSettingsQuery(schemeId))
  const inForce = settings.data?.autoApprove
  const [wanted, setWanted] = useState<EnrolmentSettings['autoApprove'] | null>(null)
  const [reason, setReason] = useState('')
  const isChanged = wanted !== null && wanted !== inForce
  const discard = () => {
    setWanted(null)
    setReason('')
  }
  const save = useAction(
    (autoApprove: EnrolmentSettings['autoApprove']) =>
      callApi('setEnrolmentSettings', { params: { scheme: schemeId }, body: { autoApprove, reason } }),
    {
      fields: ['reason'],
      refresh: [settingChangesQuery(schemeId).queryKey],
      success: ({ proposed, autoApprove }) =>
        t(
          proposed !== null
            ? 'settingChange.proposed'
            : autoApprove === 'verified'
              ? 'enrolments.auto.isOn'
              : 'enrolments.auto.isOff',
        ),
      onSuccess: ({ proposed: _, ...saved }) => {
        client.setQueryData(enrolmentSettingsQuery(schemeId).queryKey, saved)
        discard()
      },
    },
  )
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (wanted !== null && !save.isPending) save.mutate(wanted)
      }}
    >
      <Switch
        label={t('enrolments.auto')}
        description={t('enrolments.auto.what')}
        checked={(wanted ?? inForce) === 'verified'}
        disabled={!settings.isSuccess || save.isPending}
        onChange={(event) => setWanted(event.currentTarget.checked ? 'verified' : 'never')}
      />
      {isChanged && (
        <>
          <SecondPerson
            subject="enrolment"
            settings={['enrolment.autoApprove']}
            reason={reason}
            onReason={setReason}
            error={save.problemAt('reason')}
          />
          <Group gap={8} mt={8}>
            <Button type="submit" loading={save.isPending}>
              {t('settingChange.propose')}
            </Button>
            <Button variant="default" disabled={save.isPending} onClick={discard}>
              {t('settings.discard')}
            </Button>
          </Group>
        </>
      )}
      <Failure error={save.failure} />
    </form>
  )
}
