import { Button, Modal, Textarea } from '@mantine/core'
import { useForm } from '@mantine/form'
import { type FormEvent, useState } from 'react'
import type { PeopleView, PersonRole, PersonView } from '../../../../src/people/contract.ts'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import { settingOfRole } from '../../../../src/settings/rules.ts'
import { callApi } from '../../../api/client.ts'
import { newId } from '../../../api/ids.ts'
import { isRefusal } from '../../../api/problems.ts'
import { useAction } from '../../../api/useAction.ts'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { useText } from '../../../ui/format/text.ts'
import { KeepFocus } from '../../../ui/KeepFocus.tsx'
import { Failure } from '../../../ui/Notice.tsx'
import { settingChangesQuery } from '../changes/queries.ts'
import { SecondPerson } from '../changes/SecondPerson.tsx'
import classes from './People.module.css'
import { peopleQuery } from './queries.ts'
import { RoleFields, toGivenRole } from './RoleFields.tsx'
import { useSecondForRole } from './useSecondForRole.ts'

/** Changes a role of a person, its agency or trades, or removes it. */
export function RoleForm(props: {
  scheme: SchemeView
  view: PeopleView
  person: PersonView
  of: PersonRole
  onClose: () => void
}) {
  const { t } = useText()
  const { scheme, view, person, of, onClose } = props
  /** The same values again, after a lost answer, are the same request. */
  const [id, setId] = useState(newId)
  const form = useForm({
    initialValues: {
      role: { role: of.role, agency: of.agency ?? '', trades: of.trades ?? [] },
      reason: '',
    },
    onValuesChange: () => setId(newId()),
  })
  const { role, reason } = form.values
  const given = reason.trim() === '' ? {} : { reason: reason.trim() }
  const isOther = role.role !== of.role || role.agency !== (of.agency ?? '')
  const second = useSecondForRole(scheme.id, role.role)
  const isGoverned = isOther && second.isNeeded
  const params = { scheme: scheme.id, user: person.id }
  const done = {
    refresh: [peopleQuery(scheme.id).queryKey, settingChangesQuery(scheme.id).queryKey],
    onSuccess: onClose,
  }
  const change = useAction(
    () => callApi('changeRole', { params, body: { id, from: of.role, to: toGivenRole(role), ...given } }),
    {
      ...done,
      fields: ['to.role', 'to.agency', 'to.trades', ...(isGoverned ? ['reason'] : [])],
      success: ({ proposed }) =>
        proposed === null ? t('people.role.changed', { name: person.name }) : t('settingChange.proposed'),
    },
  )
  const remove = useAction(() => callApi('removeRole', { params, body: { role: of.role, ...given } }), {
    ...done,
    success: t('people.role.removed', { name: person.name }),
  })
  const isLast = [change, remove].some(({ error }) => isRefusal(error, 'last_holder'))
  const roles = [...new Set([of.role, ...view.given.map((one) => one.role)])]
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!change.isPending) change.mutate()
  }
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={onClose}
      size={480}
      title={t('people.role.change.title', { name: person.name })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <KeepFocus />
      <form className={classes.form} noValidate onSubmit={submit}>
        <RoleFields
          scheme={scheme}
          given={view.given}
          roles={roles}
          value={role}
          problemAt={(field) => change.problemAt(`to.${field}`)}
          onChange={(next) => form.setFieldValue('role', next)}
        />
        {isOther && second.subject !== undefined && (
          <SecondPerson
            subject={second.subject}
            settings={[settingOfRole(second.subject)]}
            reason={reason}
            onReason={(next) => form.setFieldValue('reason', next)}
            error={change.problemAt('reason')}
          />
        )}
        <Failure error={change.failure ?? remove.failure} />
        {isLast && !isGoverned && (
          <Textarea
            autoFocus
            label={t('people.last.reason')}
            maxLength={500}
            {...form.getInputProps('reason')}
          />
        )}
        <DialogButtons
          onBack={onClose}
          back={t('action.cancel')}
          lead={
            <Button variant="subtle" color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
              {t('people.role.remove')}
            </Button>
          }
        >
          <Button type="submit" loading={change.isPending}>
            {t(isOther && second.waits ? 'settingChange.propose' : 'people.role.save')}
          </Button>
        </DialogButtons>
      </form>
    </Modal>
  )
}
