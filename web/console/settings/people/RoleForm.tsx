import { Button, Modal, Textarea } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { PeopleView, PersonRole, PersonView } from '../../../../src/people/contract.ts'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import { callApi } from '../../../api/client.ts'
import { isRefusal } from '../../../api/problems.ts'
import { useAction } from '../../../api/useAction.ts'
import { DialogButtons } from '../../../ui/DialogButtons.tsx'
import { KeepFocus } from '../../../ui/KeepFocus.tsx'
import { Failure } from '../../../ui/Notice.tsx'
import { useText } from '../../../ui/text.ts'
import classes from './People.module.css'
import { peopleQuery } from './queries.ts'
import { RoleFields, toGivenRole } from './RoleFields.tsx'

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
  const [role, setRole] = useState({ role: of.role, agency: of.agency ?? '', trades: of.trades ?? [] })
  const [reason, setReason] = useState('')
  const given = reason.trim() === '' ? {} : { reason: reason.trim() }
  const params = { scheme: scheme.id, user: person.id }
  const done = { refresh: [peopleQuery(scheme.id).queryKey], onSuccess: onClose }
  const change = useAction(
    () => callApi('changeRole', { params, body: { from: of.role, to: toGivenRole(role), ...given } }),
    {
      ...done,
      fields: ['to.role', 'to.agency', 'to.trades'],
      success: t('people.role.changed', { name: person.name }),
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
          onChange={setRole}
        />
        <Failure error={change.failure ?? remove.failure} />
        {isLast && (
          <Textarea
            autoFocus
            label={t('people.last.reason')}
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
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
            {t('people.role.save')}
          </Button>
        </DialogButtons>
      </form>
    </Modal>
  )
}
