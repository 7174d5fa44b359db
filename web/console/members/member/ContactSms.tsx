import { Button, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import type { ContactView } from '../../../../src/members/contract.ts'
import { callApi } from '../../../api/client.ts'
import { useAction } from '../../../api/useAction.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { useCurrent } from '../../shell/current.tsx'
import classes from '../Members.module.css'
import { memberQuery } from '../queries.ts'

/** Excludes a contact from alerts by SMS, or includes it again, with a reason; the last change can be undone. */
export function ContactSms(props: { memberId: string; contact: ContactView }) {
  const { t } = useText()
  const { scheme, may } = useCurrent()
  const { memberId, contact } = props
  const [isAsking, setAsking] = useState(false)
  const form = useForm({
    initialValues: { reason: '' },
    validate: { reason: (reason) => (reason.trim() === '' ? t('contact.sms.reason.missing') : null) },
  })
  const [isJustChanged, setJustChanged] = useState(false)

  const save = useAction(
    (body: { sms: boolean; reason: string }) =>
      callApi('setContactSms', { params: { scheme: scheme.id, id: memberId, contact: contact.id }, body }),
    {
      form,
      stores: memberQuery(scheme.id, memberId).queryKey,
      success: (_, { sms }) => t(sms ? 'contact.sms.isOn' : 'contact.sms.isOff'),
      refresh: [
        ['numbers', scheme.id],
        ['members', scheme.id],
        ['audience', scheme.id],
        ['history', scheme.id],
      ],
      onSuccess: () => {
        setJustChanged(isAsking)
        setAsking(false)
        form.reset()
      },
    },
  )
  if (!may('member.care') || !contact.mobile) return null
  const question = t(contact.sms ? 'contact.sms.off' : 'contact.sms.on')

  if (!isAsking) {
    return (
      <div className={classes.contactActions}>
        <Button variant="default" onClick={() => setAsking(true)} disabled={save.isPending}>
          {question}
        </Button>
        {isJustChanged && (
          <Button
            variant="subtle"
            loading={save.isPending}
            onClick={() => save.mutate({ sms: !contact.sms, reason: t('contact.sms.undone') })}
          >
            {t('contact.sms.undo')}
          </Button>
        )}
        <Failure error={save.failure} />
      </div>
    )
  }
  return (
    <form
      className={classes.contactActions}
      noValidate
      onSubmit={form.onSubmit(({ reason }) => {
        if (!save.isPending) save.mutate({ sms: !contact.sms, reason })
      })}
    >
      <TextInput
        label={t('contact.sms.reason')}
        description={t(contact.sms ? 'contact.sms.off.hint' : 'contact.sms.on.hint')}
        maxLength={200}
        required
        autoFocus
        {...form.getInputProps('reason')}
      />
      <Failure error={save.failure} />
      <div className={classes.careActions}>
        <Button type="submit" loading={save.isPending}>
          {t(contact.sms ? 'contact.sms.off.confirm' : 'contact.sms.on.confirm')}
        </Button>
        <Button variant="default" disabled={save.isPending} onClick={() => setAsking(false)}>
          {t('contact.sms.cancel')}
        </Button>
      </div>
    </form>
  )
}
