import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { EnrolmentSettings } from '../../../src/schemes/contract.ts'
import { callApi } from '../../api/client.ts'
import { useAction } from '../../api/useAction.ts'
import { useText } from '../../ui/format/text.ts'
import { settingChangesQuery } from '../settings/changes/queries.ts'
import { enrolmentSettingsQuery } from './queries.ts'

/** The settings of enrolments that two persons change. */
type Governed = 'autoApprove' | 'destinations'

export type EnrolmentProposal = ReturnType<typeof useEnrolmentSetting>['proposal']

/**
 * One setting of enrolments: what is in force, what the user wants instead, and its proposal.
 * @param saved the words for a change that is in force at once
 */
export function useEnrolmentSetting<Key extends Governed>(
  schemeId: string,
  key: Key,
  saved: (settings: EnrolmentSettings) => string,
) {
  const { t } = useText()
  const client = useQueryClient()
  const settings = useQuery(enrolmentSettingsQuery(schemeId))
  const [wanted, setWanted] = useState<NonNullable<EnrolmentSettings[Key]> | null>(null)
  const [reason, setReason] = useState('')
  const discard = () => {
    setWanted(null)
    setReason('')
  }
  const save = useAction(
    (value: NonNullable<EnrolmentSettings[Key]>) =>
      callApi('setEnrolmentSettings', { params: { scheme: schemeId }, body: { [key]: value, reason } }),
    {
      fields: ['reason'],
      refresh: [settingChangesQuery(schemeId).queryKey],
      success: ({ proposed, ...settings }) =>
        proposed === null ? saved(settings) : t('settingChange.proposed'),
      onSuccess: ({ proposed: _, ...settings }) => {
        client.setQueryData(enrolmentSettingsQuery(schemeId).queryKey, settings)
        discard()
      },
    },
  )
  return {
    settings,
    wanted,
    setWanted,
    proposal: {
      setting: `enrolment.${key}` as const,
      reason,
      setReason,
      isPending: save.isPending,
      failure: save.failure,
      reasonError: save.problemAt('reason'),
      discard,
      submit: () => {
        if (wanted !== null && !save.isPending) save.mutate(wanted)
      },
    },
  }
}
