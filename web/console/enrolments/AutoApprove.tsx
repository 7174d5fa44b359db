import { Switch } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { EnrolmentSettings } from '../../../src/schemes/contract.ts'
import { callApi } from '../../api/client.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useText } from '../../ui/text.ts'
import { toast } from '../../ui/toast.ts'
import { enrolmentSettingsQuery } from './queries.ts'

/** The scheme's rule on whether requests confirmed by the register are approved automatically. */
export function AutoApprove(props: { schemeId: string }) {
  const { t } = useText()
  const client = useQueryClient()
  const settings = useQuery(enrolmentSettingsQuery(props.schemeId))
  const save = useMutation({
    mutationFn: (autoApprove: EnrolmentSettings['autoApprove']) =>
      callApi('setEnrolmentSettings', { params: { scheme: props.schemeId }, body: { autoApprove } }),
    onSuccess: (saved) => {
      client.setQueryData(enrolmentSettingsQuery(props.schemeId).queryKey, saved)
      void toast(t(saved.autoApprove === 'verified' ? 'enrolments.auto.isOn' : 'enrolments.auto.isOff'))
    },
  })
  return (
    <div>
      <Switch
        label={t('enrolments.auto')}
        description={t('enrolments.auto.what')}
        checked={settings.data?.autoApprove === 'verified'}
        disabled={!settings.isSuccess || save.isPending}
        onChange={(event) => save.mutate(event.currentTarget.checked ? 'verified' : 'never')}
      />
      {save.isError && <Failure error={save.error} />}
    </div>
  )
}
