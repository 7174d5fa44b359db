import { Button, Checkbox, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import type { ReactNode } from 'react'
import type { MemberDues } from '../../../../src/dues/contract.ts'
import { isRefusal } from '../../../api/problems.ts'
import { useAction } from '../../../api/useAction.ts'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Dues.module.css'
import { memberDuesQuery } from '../queries.ts'

/** Asks for the reason of an action on an account, which is stored with it. */
export function ReasonForm(props: {
  memberId: string
  send: (why: { reason: string; besideDebit?: true }) => Promise<MemberDues>
  label: string
  hint: string
  confirm: string
  done: string
  /** The consequence for a pending debit, to be confirmed; absent: none. */
  besideDebit?: string
  /** Fields above the reason. */
  children?: ReactNode
  onClose: () => void
}) {
  const { t } = useText()
  const { scheme } = useCurrent()
  const form = useForm({ initialValues: { reason: '', besideDebit: false } })
  const { reason, besideDebit } = form.values
  const save = useAction(() => props.send({ reason, ...(besideDebit && { besideDebit }) }), {
    form,
    stores: memberDuesQuery(scheme.id, props.memberId).queryKey,
    success: props.done,
    refresh: [['dues', scheme.id]],
    onSuccess: () => props.onClose(),
  })
  const isUnderWay = isRefusal(save.error, 'debit_under_way')
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (!save.isPending) save.mutate()
      }}
    >
      {props.children}
      <TextInput
        label={props.label}
        description={props.hint}
        maxLength={200}
        required
        autoFocus
        {...form.getInputProps('reason')}
      />
      {props.besideDebit !== undefined && (isUnderWay || besideDebit) && (
        <Checkbox label={props.besideDebit} {...form.getInputProps('besideDebit', { type: 'checkbox' })} />
      )}
      <Failure error={save.failure} />
      <DialogButtons onBack={props.onClose} back={t('join.back')} disabled={save.isPending}>
        <Button type="submit" loading={save.isPending}>
          {props.confirm}
        </Button>
      </DialogButtons>
    </form>
  )
}
