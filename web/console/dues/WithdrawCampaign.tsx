import { Button, Modal, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { callApi } from '../../api/client.ts'
import { isAboutFields, problemAt } from '../../api/problems.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useText } from '../../ui/text.ts'
import { toast } from '../../ui/toast.ts'
import classes from './Dues.module.css'

/** Withdraws a campaign, with a reason. */
export function WithdrawCampaign(props: {
  schemeId: string
  year: number
  onClose: () => void
  onWithdrawn: () => void
}) {
  const { t } = useText()
  const { schemeId, year } = props
  const client = useQueryClient()
  const [reason, setReason] = useState('')
  const withdraw = useMutation({
    mutationFn: () => callApi('withdrawCampaign', { params: { scheme: schemeId, year }, body: { reason } }),
    onSuccess: async ({ told, restored }) => {
      void toast(t('dues.withdrawn', { year: String(year), told, restored }))
      props.onWithdrawn()
      await Promise.all(
        ['dues', 'debits', 'member-dues'].map((key) =>
          client.invalidateQueries({ queryKey: [key, schemeId] }),
        ),
      )
    },
  })
  return (
    <Modal
      opened
      onClose={props.onClose}
      size={520}
      title={t('dues.withdraw.title', { year: String(year) })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form
        className={classes.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (!withdraw.isPending) withdraw.mutate()
        }}
      >
        <p className={classes.about}>{t('dues.withdraw.what')}</p>
        <TextInput
          label={t('dues.withdraw.why')}
          required
          maxLength={200}
          data-autofocus
          value={reason}
          error={problemAt(withdraw.error, 'reason') ?? false}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {withdraw.isError && !isAboutFields(withdraw.error, ['reason']) && <Failure error={withdraw.error} />}
        <div className={classes.actions}>
          <Button variant="default" onClick={props.onClose}>
            {t('dues.cancel')}
          </Button>
          <Button type="submit" loading={withdraw.isPending}>
            {t('dues.withdraw.do')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
