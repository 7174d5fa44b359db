import { Button, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useText } from '../../../ui/format/text.ts'
import classes from '../Members.module.css'

/** Asks for the reason for which a request of a business is declined; the business reads it. */
export function DeclineForm(props: {
  confirm: string
  isPending: boolean
  error: string | undefined
  onDecline: (reason: string) => void
}) {
  const { t } = useText()
  const form = useForm({ initialValues: { reason: '' } })
  return (
    <form
      className={classes.tagForm}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (!props.isPending) props.onDecline(form.values.reason)
      }}
    >
      <TextInput
        label={t('corrections.reason')}
        description={t('corrections.reason.what')}
        maxLength={200}
        required
        autoFocus
        {...form.getInputProps('reason')}
        error={props.error}
      />
      <Button type="submit" loading={props.isPending}>
        {props.confirm}
      </Button>
    </form>
  )
}
