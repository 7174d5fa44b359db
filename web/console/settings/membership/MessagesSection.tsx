import { Skeleton } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useEffect } from 'react'
import type { MessageSettings } from '../../../../src/schemes/contract.ts'
import { callApi } from '../../../api/client.ts'
import { useAction } from '../../../api/useAction.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { settingChangesQuery } from '../changes/queries.ts'
import { SecondPerson } from '../changes/SecondPerson.tsx'
import { messageSettingsQuery } from '../queries.ts'
import { NumberField, Setting } from '../Setting.tsx'
import { SettingActions } from '../SettingActions.tsx'
import classes from '../Settings.module.css'
import { useInForce } from '../useInForce.ts'

/** Sets the number of recipients from which a message requires a second person. */
export function MessagesSection(props: { schemeId: string; onDirty: (isDirty: boolean) => void }) {
  const settings = useQuery(messageSettingsQuery(props.schemeId))
  if (settings.isLoadingError) return <Failure error={settings.error} retry={() => void settings.refetch()} />
  if (settings.data === undefined) return <Skeleton height={120} />
  return <Form {...props} known={settings.data} />
}

function Form(props: { schemeId: string; known: MessageSettings; onDirty: (isDirty: boolean) => void }) {
  const { t } = useText()
  const { schemeId, known, onDirty } = props
  // As typed: invalid numbers are sent too, so that the server's message is shown.
  const inForce: { aloneMax: number | string } = { aloneMax: known.aloneMax }
  const form = useForm({ initialValues: { ...inForce, reason: '' } })
  const { base, changed, fillForm } = useInForce(form, inForce)
  const client = useQueryClient()
  const isDirty = changed.length > 0
  useEffect(() => onDirty(isDirty), [isDirty, onDirty])
  const save = useAction(
    () => callApi('setMessageSettings', { params: { scheme: schemeId }, body: form.values }),
    {
      form,
      refresh: [settingChangesQuery(schemeId).queryKey],
      success: ({ proposed }) => t(proposed === null ? 'messages.settings.saved' : 'settingChange.proposed'),
      onSuccess: ({ proposed: _, ...saved }) => {
        client.setQueryData(messageSettingsQuery(schemeId).queryKey, saved)
        fillForm({ aloneMax: saved.aloneMax })
        form.setFieldValue('reason', '')
      },
    },
  )
  return (
    <form
      className={classes.dues}
      noValidate
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        if (!save.isPending && isDirty) save.mutate()
      }}
    >
      <Setting name={t('messages.settings.alone')} what={t('messages.settings.alone.what')}>
        {(described) => (
          <NumberField
            {...described}
            data-path="aloneMax"
            value={form.values.aloneMax}
            error={form.errors.aloneMax}
            unit={t('messages.settings.alone.unit')}
            onChange={(value) => {
              form.setFieldValue('aloneMax', value)
              save.reset()
            }}
          />
        )}
      </Setting>
      {isDirty && (
        <SecondPerson
          subject="messages"
          settings={['messages.aloneMax']}
          reason={form.values.reason}
          onReason={(value) => form.setFieldValue('reason', value)}
          error={form.errors.reason}
        />
      )}
      <SettingActions
        save={save}
        isDirty={isDirty}
        isProposed
        onDiscard={() => {
          form.setValues(base)
          save.reset()
        }}
      />
    </form>
  )
}
