import { Switch } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { EnrolmentSettings } from '../../../src/schemes/contract.ts'
import { callApi } from '../../api/client.ts'
import { useAction } from '../../api/useAction.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useText } from '../../ui/text.ts'
import { enrolmentSettingsQuery } from './queries.ts'

/** The scheme's rule on whether requests confirmed by the register are approved automatically. */
export function AutoApprove(props: { schemeId: string }) {
  const { t } = useText()
  const settings = useQuery(enrolmentSettingsQuery(props.schemeId))
  const save = useAction(
    (autoApprove: EnrolmentSettings['autoApprove']) =>
      callApi('setEnrolmentSettings', { params: { scheme: props.schemeId }, body: { autoApprove } }),
    {
      stores: enrolmentSettingsQuery(props.schemeId).queryKey,
      success: (saved) =>
        t(saved.autoApprove === 'verified' ? 'enrolments.auto.isOn' : 'enrolments.auto.isOff'),
    },
  )
  return (
    <div>
      <Switch
        label={t('enrolments.auto')}
        description={t('enrolments.auto.what')}
        checked={settings.data?.autoApprove === 'verified'}
        disabled={!settings.isSuccess || save.isPending}
        onChange={(event) => save.mutate(event.currentTarget.checked ? 'verified' : 'never')}
      />
      <Failure error={save.failure} />
    </div>
  )
}
