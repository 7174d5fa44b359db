import { Skeleton, TextInput } from '@mantine/core'
import { type UseFormReturnType, useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { readablePhone } from '../../../../src/message/phone.ts'
import type { SchemeContact } from '../../../../src/schemes/contract.ts'
import { callApi } from '../../../api/client.ts'
import { useAction } from '../../../api/useAction.ts'
import { type TextKey, useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { schemeContactQuery } from '../queries.ts'
import { SettingActions } from '../SettingActions.tsx'
import classes from '../Settings.module.css'

/** Sets whom members and the public contact: at the chamber, and about their personal data. */
export function ContactCard(props: { schemeId: string; onDirty: (isDirty: boolean) => void }) {
  const { t } = useText()
  const contact = useQuery(schemeContactQuery(props.schemeId))
  return (
    <section className={classes.card} aria-labelledby="contact">
      <h3 id="contact" className={classes.cardTitle}>
        {t('settings.contact')}
      </h3>
      <p className={classes.mute}>{t('settings.contact.what')}</p>
      {contact.isError && <Failure error={contact.error} retry={() => void contact.refetch()} />}
      {contact.isPending && <Skeleton height={320} />}
      {contact.data !== undefined && <Form {...props} known={contact.data} />}
    </section>
  )
}

const FIELDS = [
  { path: 'chamber.phone', label: 'settings.contact.chamber.phone', maxLength: 30, type: 'tel' },
  { path: 'chamber.hours', label: 'settings.contact.chamber.hours', maxLength: 120, type: 'text' },
  { path: 'chamber.mail', label: 'settings.contact.chamber.mail', maxLength: 254, type: 'email' },
  { path: 'chamber.address', label: 'settings.contact.chamber.address', maxLength: 300, type: 'text' },
] as const satisfies readonly { path: string; label: TextKey; maxLength: number; type: string }[]
const OFFICER_FIELDS = [
  { path: 'dpo.name', label: 'settings.contact.dpo.name', maxLength: 120, type: 'text' },
  { path: 'dpo.phone', label: 'settings.contact.dpo.phone', maxLength: 30, type: 'tel' },
  { path: 'dpo.mail', label: 'settings.contact.dpo.mail', maxLength: 254, type: 'email' },
] as const satisfies readonly { path: string; label: TextKey; maxLength: number; type: string }[]

function Form(props: { schemeId: string; known: SchemeContact; onDirty: (isDirty: boolean) => void }) {
  const { t } = useText()
  const { schemeId, known, onDirty } = props
  const form = useForm<SchemeContact>({ initialValues: forReading(known) })
  const isDirty = form.isDirty()
  useEffect(() => onDirty(isDirty), [isDirty, onDirty])
  const save = useAction(
    () => callApi('setSchemeContact', { params: { scheme: schemeId }, body: form.values }),
    {
      form,
      fields: [...FIELDS, ...OFFICER_FIELDS].map(({ path }) => path),
      stores: schemeContactQuery(schemeId).queryKey,
      success: t('settings.contact.saved'),
      onSuccess: (saved) => {
        form.setValues(forReading(saved))
        form.resetDirty(forReading(saved))
      },
    },
  )
  return (
    <form
      className={classes.dues}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (!save.isPending && isDirty) save.mutate()
      }}
    >
      <Fields form={form} fields={FIELDS} />
      <h4 className={classes.cardTitle}>{t('settings.contact.dpo')}</h4>
      <p className={classes.mute}>{t('settings.contact.dpo.what')}</p>
      <Fields form={form} fields={OFFICER_FIELDS} />
      <SettingActions
        save={save}
        isDirty={isDirty}
        onDiscard={() => {
          form.reset()
          save.reset()
        }}
      />
    </form>
  )
}

function Fields(props: {
  form: UseFormReturnType<SchemeContact>
  fields: readonly (typeof FIELDS | typeof OFFICER_FIELDS)[number][]
}) {
  const { t } = useText()
  return props.fields.map(({ path, label, maxLength, type }) => (
    <TextInput
      key={path}
      label={t(label)}
      type={type}
      maxLength={maxLength}
      maw={480}
      {...props.form.getInputProps(path)}
    />
  ))
}

function forReading({ chamber, dpo }: SchemeContact): SchemeContact {
  return {
    chamber: { ...chamber, phone: readablePhone(chamber.phone) },
    dpo: { ...dpo, phone: readablePhone(dpo.phone) },
  }
}
