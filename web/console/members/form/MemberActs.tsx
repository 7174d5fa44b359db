import { Button, Checkbox, Modal, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { BulkChange } from '../../../../src/changes/contract.ts'
import type { MemberView } from '../../../../src/members/contract.ts'
import { callApi } from '../../../api/client.ts'
import { today } from '../../../api/clock.ts'
import { useAction } from '../../../api/useAction.ts'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { DateField } from '../../../ui/fields/days/DateField.tsx'
import { dayOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { toast } from '../../../ui/toasts/toast.ts'
import { useCurrent } from '../../shell/current.tsx'
import { useUndo } from '../changes/useUndo.ts'
import { membersChanged } from '../queries.ts'
import classes from './MemberForm.module.css'
import { MemberForm } from './MemberForm.tsx'

/** The acts on one member: edit it, close it, reopen it. Each can be undone for a day. */
export function MemberActs(props: {
  member: MemberView
  /** Whether the form is open from the start; `onEdited`: it was closed. */
  isEditing?: boolean
  onEdited?: () => void
}) {
  const { t } = useText()
  const { scheme, may } = useCurrent()
  const { member } = props
  const [isOpen, setOpen] = useState<'form' | 'close' | null>(props.isEditing === true ? 'form' : null)
  const undo = useUndo(scheme.id)
  const reopen = useAction(
    () =>
      callApi('changeMembers', {
        params: { scheme: scheme.id },
        body: { action: { kind: 'resume', reopen: true }, members: { ids: [member.id] } },
      }),
    {
      refresh: membersChanged(scheme.id),
      onSuccess: ({ change }) => {
        if (change === null) void toast(t('memberForm.reopen.own', { name: member.name }))
        else void toast(t('memberForm.reopened', { name: member.name }), () => undo.mutate(change.id))
      },
      onError: (error) => void toast(error.message),
    },
  )
  if (!may('member.change') || member.mergedInto !== null) return null
  if (member.status === 'left') {
    return (
      <Button variant="default" loading={reopen.isPending} onClick={() => reopen.mutate()}>
        {t('memberForm.reopen')}
      </Button>
    )
  }
  return (
    <>
      <Button onClick={() => setOpen('form')}>{t('memberForm.open')}</Button>
      <Button variant="default" onClick={() => setOpen('close')}>
        {t('memberForm.close')}
      </Button>
      {isOpen === 'form' && (
        <MemberForm
          member={member}
          onClose={() => {
            setOpen(null)
            if (props.isEditing === true) props.onEdited?.()
          }}
          onUndo={(id) => undo.mutate(id)}
        />
      )}
      {isOpen === 'close' && (
        <CloseMember member={member} onClose={() => setOpen(null)} onUndo={(id) => undo.mutate(id)} />
      )}
    </>
  )
}

/** Removes a business that closed from the scheme, with the day, and the choice to notify its people. */
function CloseMember(props: { member: MemberView; onClose: () => void; onUndo: (changeId: string) => void }) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const { member } = props
  const [day, setDay] = useState(today)
  const [typed, setTyped] = useState<string | null>(null)
  const [notify, setNotify] = useState(true)
  const reason =
    typed ?? t('memberForm.close.reason', { day: day === '' ? '' : dayOf(lang, `${day}T12:00:00Z`) })
  const close = useAction(
    (action: BulkChange['action']) =>
      callApi('changeMembers', {
        params: { scheme: scheme.id },
        body: { action, members: { ids: [member.id] } },
      }),
    {
      fields: ['action.reason'],
      refresh: membersChanged(scheme.id),
      onSuccess: ({ change }) => {
        const done = t('memberForm.closed', { name: member.name })
        void toast(done, change === null ? undefined : () => props.onUndo(change.id))
        props.onClose()
      },
    },
  )
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={props.onClose}
      title={t('memberForm.close.title', { name: member.name })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form
        className={classes.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          if (!close.isPending) close.mutate({ kind: 'leave', reason: reason.trim(), notify })
        }}
      >
        <p className={classes.mute}>{t('memberForm.close.what')}</p>
        <DateField
          kind="day"
          label={t('memberForm.close.day')}
          max={today()}
          value={day}
          data-autofocus
          onChange={setDay}
        />
        <TextInput
          label={t('bulk.reason')}
          maxLength={200}
          required
          value={reason}
          error={close.problemAt('action.reason') ?? false}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Checkbox
          label={t('memberForm.close.notify')}
          checked={notify}
          onChange={(event) => setNotify(event.currentTarget.checked)}
        />
        <Failure error={close.failure} />
        <DialogButtons onBack={props.onClose} back={t('action.cancel')} disabled={close.isPending}>
          <Button type="submit" color="red" loading={close.isPending}>
            {t('memberForm.close.do')}
          </Button>
        </DialogButtons>
      </form>
    </Modal>
  )
}
