import { Button, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { ContactView } from '../../../src/members/contract.ts'
import { callApi } from '../../api/client.ts'
import { memberQuery } from '../../api/queries.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useText } from '../../ui/text.ts'
import { toast } from '../../ui/toast.ts'
import { useCurrent } from '../shell/current.tsx'
import classes from './Members.module.css'

/** Excludes a contact from alerts by SMS, or includes it again, with a reason; the last change can be undone. */
export function ContactSms(props: { memberId: string; contact: ContactView }) {
  const { t } = useText()
  const { scheme, may } = useCurrent()
  const client = useQueryClient()
  const { memberId, contact } = props
  const [isAsking, setAsking] = useState(false)
  const [reason, setReason] = useState('')
  const [isMissing, setMissing] = useState(false)
  const [isJustChanged, setJustChanged] = useState(false)

  const save = useMutation({
    mutationFn: (body: { sms: boolean; reason: string }) =>
      callApi('setContactSms', { params: { scheme: scheme.id, id: memberId, contact: contact.id }, body }),
    onSuccess: (member, { sms }) => {
      setJustChanged(isAsking)
      setAsking(false)
      setReason('')
      client.setQueryData(memberQuery(scheme.id, memberId).queryKey, member)
      for (const list of ['numbers', 'members', 'audience', 'history']) {
        void client.invalidateQueries({ queryKey: [list, scheme.id] })
      }
      void toast(t(sms ? 'contact.sms.isOn' : 'contact.sms.isOff'))
    },
  })
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
        {save.isError && <Failure error={save.error} />}
      </div>
    )
  }
  return (
    <form
      className={classes.contactActions}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        setMissing(reason.trim() === '')
        if (reason.trim() !== '' && !save.isPending) save.mutate({ sms: !contact.sms, reason })
      }}
    >
      <TextInput
        label={t('contact.sms.reason')}
        description={t(contact.sms ? 'contact.sms.off.hint' : 'contact.sms.on.hint')}
        value={reason}
        maxLength={200}
        required
        autoFocus
        error={isMissing && reason.trim() === '' ? t('contact.sms.reason.missing') : false}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      {save.isError && <Failure error={save.error} />}
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
