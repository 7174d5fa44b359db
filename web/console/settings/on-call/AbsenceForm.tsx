import { Button, Modal, NativeSelect } from '@mantine/core'
import { useForm } from '@mantine/form'
import { type FormEvent, useState } from 'react'
import { instantOfField, toFieldValue, WEEK_MS } from '../../../../src/message/clock.ts'
import type { OnCallPerson } from '../../../../src/on-call/contract.ts'
import { callApi } from '../../../api/client.ts'
import { serverNow } from '../../../api/clock.ts'
import { newId } from '../../../api/ids.ts'
import { useAction } from '../../../api/useAction.ts'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { DateField } from '../../../ui/fields/days/DateField.tsx'
import { useText } from '../../../ui/format/text.ts'
import { KeepFocus } from '../../../ui/KeepFocus.tsx'
import { Failure } from '../../../ui/Notice.tsx'
import { rotaQuery } from '../../on-call/queries.ts'
import classes from './OnCall.module.css'

/** Records when a person is away, and who takes their place. */
export function AbsenceForm(props: {
  schemeId: string
  person: OnCallPerson
  people: readonly OnCallPerson[]
  /** The zone in which the hours are typed: that of the scheme. */
  timeZone: string
  onClose: () => void
}) {
  const { t } = useText()
  const { schemeId, person, people, timeZone, onClose } = props
  const [id] = useState(newId)
  const others = people.filter(({ id, role }) => id !== person.id && role === person.role)
  const form = useForm({
    initialValues: {
      from: toFieldValue(serverNow(), timeZone),
      until: toFieldValue(serverNow() + WEEK_MS, timeZone),
      substituteId: others[0]?.id ?? '',
    },
  })
  const save = useAction(
    ({ from, until, substituteId }: typeof form.values) => {
      const instant = (field: string) => new Date(instantOfField(field, timeZone) ?? Number.NaN).toISOString()
      return callApi('addOnCallAbsence', {
        params: { scheme: schemeId },
        body: {
          id,
          personId: person.id,
          substituteId: substituteId || null,
          from: instant(from),
          until: instant(until),
        },
      })
    },
    { form, stores: rotaQuery(schemeId).queryKey, onSuccess: onClose },
  )
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!save.isPending) save.mutate(form.values)
  }
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={onClose}
      size={480}
      title={t('settings.onCall.away.title', { name: person.name })}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <KeepFocus />
      <form className={classes.form} noValidate onSubmit={submit}>
        <DateField
          kind="moment"
          alwaysSet
          label={t('settings.onCall.away.from')}
          required
          {...form.getInputProps('from')}
        />
        <DateField
          kind="moment"
          alwaysSet
          label={t('settings.onCall.away.until')}
          required
          {...form.getInputProps('until')}
        />
        <NativeSelect
          label={t('settings.onCall.away.substitute')}
          data={[
            ...others.map(({ id, name }) => ({ value: id, label: name })),
            { value: '', label: t('settings.onCall.absence.nobody') },
          ]}
          {...form.getInputProps('substituteId')}
        />
        <Failure error={save.failure} />
        <DialogButtons onBack={onClose} back={t('action.cancel')}>
          <Button type="submit" loading={save.isPending}>
            {t('settings.onCall.save')}
          </Button>
        </DialogButtons>
      </form>
    </Modal>
  )
}
