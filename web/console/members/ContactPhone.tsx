import { Button, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { ContactView, MemberView } from '../../../src/members/contract.ts'
import { call, inScheme } from '../../api/client.ts'
import { memberQuery } from '../../api/queries.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useText } from '../../ui/text.ts'
import { toast } from '../../ui/toast.ts'
import { useCurrent } from '../shell/current.tsx'
import classes from './Members.module.css'

/** Puts the number of a contact right, as its member told. */
export function ContactPhone(props: { memberId: string; contact: ContactView }) {
  const { t } = useText()
  const { scheme, may } = useCurrent()
  const client = useQueryClient()
  const { memberId, contact } = props
  const [isOpen, setOpen] = useState(false)
  const [phone, setPhone] = useState('')
  const save = useMutation({
    mutationFn: (typed: string) =>
      call<MemberView>(inScheme(scheme.id, `/members/${memberId}/contacts/${contact.id}/phone`), {
        method: 'PUT',
        body: { phone: typed },
      }),
    onSuccess: (member) => {
      setOpen(false)
      setPhone('')
      client.setQueryData(memberQuery(scheme.id, memberId).queryKey, member)
      for (const list of ['numbers', 'members', 'audience', 'history']) {
        void client.invalidateQueries({ queryKey: [list, scheme.id] })
      }
      void toast(t('contact.phone.saved'))
    },
  })
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
  return (
    <form
      className={classes.contactActions}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (!save.isPending) save.mutate(phone)
      }}
    >
      <TextInput
        type="tel"
        autoComplete="off"
        label={t('contact.phone.new')}
        description={t('contact.phone.hint')}
        value={phone}
        maxLength={40}
        required
        autoFocus
        onChange={(event) => setPhone(event.currentTarget.value)}
      />
      {save.isError && <Failure error={save.error} />}
      <div className={classes.careActions}>
        <Button type="submit" loading={save.isPending}>
          {t('contact.phone.save')}
        </Button>
        <Button variant="default" disabled={save.isPending} onClick={() => setOpen(false)}>
          {t('contact.sms.cancel')}
        </Button>
      </div>
    </form>
  )
}
