import { Button, Modal, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { callApi } from '../../../api/client.ts'
import { useAction } from '../../../api/useAction.ts'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import classes from '../Dues.module.css'

/** Withdraws a campaign, with a reason. */
export function WithdrawCampaign(props: {
  schemeId: string
  year: number
  onClose: () => void
  onWithdrawn: () => void
}) {
  const { t } = useText()
  const { schemeId, year } = props
  const form = useForm({ initialValues: { reason: '' } })
  const withdraw = useAction(
    () => callApi('withdrawCampaign', { params: { scheme: schemeId, year }, body: form.values }),
    {
      form,
      success: ({ notified, restored, credited }) =>
        t('dues.withdrawn', { year: String(year), notified, restored, credited }),
      refresh: [
        ['dues', schemeId],
        ['debits', schemeId],
        ['member-dues', schemeId],
      ],
      onSuccess: () => props.onWithdrawn(),
    },
  )
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
          {...form.getInputProps('reason')}
        />
        <Failure error={withdraw.failure} />
        <DialogButtons onBack={props.onClose} back={t('dues.cancel')}>
          <Button type="submit" loading={withdraw.isPending}>
            {t('dues.withdraw.do')}
          </Button>
        </DialogButtons>
      </form>
    </Modal>
  )
}
