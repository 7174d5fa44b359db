import { Button, Modal, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { type FormEvent, useState } from 'react'
import type { LinkView, PeopleView } from '../../../../src/people/contract.ts'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import { settingOfRole } from '../../../../src/settings/rules.ts'
import { callApi } from '../../../api/client.ts'
import { newId } from '../../../api/ids.ts'
import { useAction } from '../../../api/useAction.ts'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { useText } from '../../../ui/format/text.ts'
import { KeepFocus } from '../../../ui/KeepFocus.tsx'
import { Failure } from '../../../ui/Notice.tsx'
import { settingChangesQuery } from '../changes/queries.ts'
import { SecondPerson } from '../changes/SecondPerson.tsx'
import classes from './People.module.css'
import { peopleQuery } from './queries.ts'
import { proposeRole, RoleFields, toGivenRole } from './RoleFields.tsx'
import { useSecondForRole } from './useSecondForRole.ts'

/** Invites a person to a role. */
export function InviteForm(props: {
  scheme: SchemeView
  view: PeopleView
  onClose: () => void
  onLink: (name: string, link: LinkView) => void
}) {
  const { t } = useText()
  const { scheme, view, onClose, onLink } = props
  const roles = view.given.map(({ role }) => role)
  /** The same values again, after a lost answer, are the same request. */
  const [id, setId] = useState(newId)
  const form = useForm({
    onValuesChange: () => setId(newId()),
    initialValues: {
      mail: '',
      name: '',
      reason: '',
      role: proposeRole(scheme, view.given, roles[0] ?? 'operator'),
    },
  })
  const { mail, name, reason, role } = form.values
  const second = useSecondForRole(scheme.id, role.role)
  const invite = useAction(
    () =>
      callApi('invitePerson', {
        params: { scheme: scheme.id },
        body: {
          id,
          mail: mail.trim(),
          name: name.trim(),
          ...toGivenRole(role),
          ...(second.isNeeded && { reason: reason.trim() }),
        },
      }),
    {
      form,
      fields: ['mail', 'name', 'role', 'agency', 'trades', ...(second.isNeeded ? ['reason'] : [])],
      refresh: [peopleQuery(scheme.id).queryKey, settingChangesQuery(scheme.id).queryKey],
      success: ({ outcome, link }) =>
        link !== null
          ? undefined
          : t(outcome === 'invited' && !view.mails ? 'people.invite.machine' : `people.invite.${outcome}`, {
              mail: mail.trim(),
            }),
      onSuccess: (answer) => {
        if (answer.link !== null) onLink(name.trim(), answer)
        onClose()
      },
    },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!invite.isPending) invite.mutate()
  }
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={onClose}
      size={480}
      title={t('people.invite')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <KeepFocus />
      <form className={classes.form} noValidate onSubmit={submit}>
        <TextInput
          data-autofocus
          type="email"
          label={t('people.mail')}
          required
          maxLength={254}
          autoComplete="off"
          {...form.getInputProps('mail')}
        />
        <TextInput
          label={t('people.name')}
          required
          maxLength={120}
          autoComplete="off"
          {...form.getInputProps('name')}
        />
        <RoleFields
          scheme={scheme}
          given={view.given}
          roles={roles}
          value={role}
          problemAt={invite.problemAt}
          onChange={(value) => form.setFieldValue('role', value)}
        />
        {second.subject !== undefined && (
          <SecondPerson
            subject={second.subject}
            settings={[settingOfRole(second.subject)]}
            reason={reason}
            onReason={(value) => form.setFieldValue('reason', value)}
            error={invite.problemAt('reason')}
          />
        )}
        <p className={classes.mute}>
          {second.waits
            ? t(view.mails ? 'people.invite.second.byMail' : 'people.invite.second.byHand')
            : view.mails
              ? t('people.invite.byMail')
              : t(second.subject === undefined ? 'people.invite.byHand' : 'people.invite.onMachine')}
        </p>
        <Failure error={invite.failure} />
        <DialogButtons onBack={onClose} back={t('action.cancel')}>
          <Button type="submit" loading={invite.isPending}>
            {t(second.waits ? 'people.invite.do.propose' : 'people.invite.do')}
          </Button>
        </DialogButtons>
      </form>
    </Modal>
  )
}
