import { Button, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { ContactView } from '../../../../src/members/contract.ts'
import type { NumberConsequence } from '../../../../src/members/numbers/contract.ts'
import { callApi } from '../../../api/client.ts'
import { toConfirm } from '../../../api/problems.ts'
import { useAction } from '../../../api/useAction.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { toast } from '../../../ui/toasts/toast.ts'
import { useCurrent } from '../../shell/current.tsx'
import { useUndo } from '../changes/useUndo.ts'
import classes from '../Members.module.css'
import { memberQuery, membersChanged } from '../queries.ts'

/** Corrects the number of a contact on its member's request; it is undone for a day. */
export function ContactPhone(props: { memberId: string; contact: ContactView }) {
  const { t } = useText()
  const { scheme, may } = useCurrent()
  const { memberId, contact } = props
  const [isOpen, setOpen] = useState(false)
  const form = useForm({ initialValues: { phone: '' } })
  const client = useQueryClient()
  const undo = useUndo(scheme.id)
  const save = useAction(
    (confirm: readonly NumberConsequence[]) =>
      callApi('correctNumber', {
        params: { scheme: scheme.id, id: memberId, contact: contact.id },
        body: { ...form.values, confirm },
      }),
    {
      form,
      refresh: [...membersChanged(scheme.id), ['today', scheme.id]],
      onSuccess: ({ member, change }) => {
        client.setQueryData(memberQuery(scheme.id, memberId).queryKey, member)
        void toast(t('contact.phone.saved'), change === null ? undefined : () => undo.mutate(change.id))
        setOpen(false)
        form.reset()
      },
    },
  )
  /** Returns to the field without the problems of the last try: those to confirm are no faults of the number. */
  const clear = () => {
    save.reset()
    form.clearErrors()
  }
  if (!may('number.correct')) return null
  if (!isOpen) {
    return (
      <div className={classes.contactActions}>
        <Button variant="default" onClick={() => setOpen(true)}>
          {t('contact.phone.correct')}
        </Button>
      </div>
    )
  }
  const confirm = toConfirm(save.error)
  if (confirm.length > 0) {
    return (
      <section className={classes.contactActions} aria-label={t('contact.phone.confirm')}>
        <Failure error={save.error} />
        <div className={classes.careActions}>
          <Button color="red" onClick={() => save.mutate(confirm)}>
            {t('contact.phone.anyway')}
          </Button>
          <Button variant="default" autoFocus onClick={clear}>
            {t('contact.phone.back')}
          </Button>
        </div>
      </section>
    )
  }
  return (
    <form
      className={classes.contactActions}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (!save.isPending) save.mutate([])
      }}
    >
      <TextInput
        type="tel"
        autoComplete="off"
        label={t('contact.phone.new')}
        description={t('contact.phone.hint')}
        maxLength={40}
        required
        autoFocus
        {...form.getInputProps('phone')}
      />
      <Failure error={save.failure} />
      <div className={classes.careActions}>
        <Button type="submit" loading={save.isPending}>
          {t('contact.phone.save')}
        </Button>
        <Button
          variant="default"
          disabled={save.isPending}
          onClick={() => {
            clear()
            setOpen(false)
          }}
        >
          {t('contact.sms.cancel')}
        </Button>
      </div>
    </form>
  )
}
