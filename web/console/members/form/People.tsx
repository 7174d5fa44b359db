import { ActionIcon, Button, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import IconArrowUp from '@tabler/icons-react/icons/IconArrowUp'
import IconTrash from '@tabler/icons-react/icons/IconTrash'
import { useState } from 'react'
import type { MemberChecked } from '../../../../src/imports/by-hand/contract.ts'
import { useText } from '../../../ui/format/text.ts'
import { MAX_FORM_PEOPLE } from './limits.ts'
import classes from './MemberForm.module.css'
import { type FormPerson, type FormValues, newPerson } from './values.ts'

/** The people of a member, in the order in which they are called: changed, added, removed, moved up. */
export function People(props: {
  form: UseFormReturnType<FormValues>
  before: readonly FormPerson[]
  phones: MemberChecked['phones']
}) {
  const { t } = useText()
  const { form, before } = props
  const { contacts } = form.values
  const [removed, setRemoved] = useState<readonly FormPerson[]>([])
  const set = (next: readonly FormPerson[]) => {
    form.setFieldValue('contacts', next)
    form.clearErrors()
  }
  return (
    <fieldset className={classes.people}>
      <legend>{t('memberForm.people')}</legend>
      {contacts.map((one, i) => (
        <PersonFields
          key={one.id}
          form={form}
          at={i}
          before={before.find(({ id }) => id === one.id)}
          phone={props.phones[i]}
          onUp={
            i === 0
              ? undefined
              : () =>
                  set([
                    ...contacts.slice(0, i - 1),
                    one,
                    ...contacts.slice(i - 1, i),
                    ...contacts.slice(i + 1),
                  ])
          }
          onRemove={
            contacts.length === 1
              ? undefined
              : () => {
                  if (before.some(({ id }) => id === one.id)) setRemoved([...removed, one])
                  set(contacts.filter(({ id }) => id !== one.id))
                }
          }
        />
      ))}
      {form.errors.contacts !== undefined && (
        <p role="alert" className={classes.problem}>
          {form.errors.contacts}
        </p>
      )}
      {props.phones.length > 0 && props.phones.every(({ kind }) => kind === 'landline') && (
        <p role="status" className={classes.problem}>
          {t('memberForm.noMobile')}
        </p>
      )}
      {removed.map((one) => (
        <p key={one.id} className={classes.removed}>
          <span>
            <s>{[one.person, one.phone].filter(Boolean).join(' ')}</s> · {t('memberForm.person.removed')}
          </span>
          <Button
            variant="default"
            size="sm"
            onClick={() => {
              setRemoved(removed.filter(({ id }) => id !== one.id))
              set([...contacts, one])
            }}
          >
            {t('memberForm.person.restore')}
          </Button>
        </p>
      ))}
      {contacts.length < MAX_FORM_PEOPLE && (
        <Button variant="default" size="sm" onClick={() => set([...contacts, newPerson()])}>
          {t('memberForm.person.add')}
        </Button>
      )}
    </fieldset>
  )
}

function PersonFields(props: {
  form: UseFormReturnType<FormValues>
  at: number
  before: FormPerson | undefined
  phone: MemberChecked['phones'][number] | undefined
  onUp: (() => void) | undefined
  onRemove: (() => void) | undefined
}) {
  const { t } = useText()
  const { form, at, before, phone } = props
  const one = form.values.contacts[at]
  const name = one?.person.trim() || t('memberForm.person.no', { no: at + 1 })
  const changed = before !== undefined && one !== undefined && before.phone !== one.phone
  const notes = [
    changed && before.phone !== '' ? t('memberForm.before', { value: before.phone }) : '',
    phone?.optedOut === true && (before === undefined || changed) ? t('memberForm.phone.optedOut') : '',
    phone?.kind === 'landline' || phone?.kind === 'foreign' ? t(`memberForm.phone.${phone.kind}`) : '',
  ].filter(Boolean)
  return (
    <fieldset className={classes.person} aria-label={name}>
      <TextInput
        label={t('memberForm.person')}
        autoComplete="off"
        maxLength={200}
        {...form.getInputProps(`contacts.${at}.person`)}
      />
      <TextInput
        type="tel"
        label={t('memberForm.phone')}
        autoComplete="off"
        maxLength={40}
        description={notes.length > 0 ? notes.join(' ') : undefined}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        {...form.getInputProps(`contacts.${at}.phone`)}
      />
      <TextInput
        type="email"
        label={t('memberForm.mail')}
        autoComplete="off"
        maxLength={254}
        {...form.getInputProps(`contacts.${at}.mail`)}
      />
      <span className={classes.personActs}>
        {props.onUp !== undefined && (
          <ActionIcon
            variant="default"
            size={36}
            aria-label={t('memberForm.person.up', { name })}
            onClick={props.onUp}
          >
            <IconArrowUp size={18} aria-hidden />
          </ActionIcon>
        )}
        {props.onRemove !== undefined && (
          <ActionIcon
            variant="default"
            size={36}
            aria-label={t('memberForm.person.remove', { name })}
            onClick={props.onRemove}
          >
            <IconTrash size={18} aria-hidden />
          </ActionIcon>
        )}
      </span>
    </fieldset>
  )
}
