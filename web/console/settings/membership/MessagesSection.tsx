import { Skeleton } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useEffect, useState } from 'react'
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

/** Sets the number of recipients from which a message requires a second person. */
export function MessagesSection(props: { schemeId: string; onDirty: (isDirty: boolean) => void }) {
  const settings = useQuery(messageSettingsQuery(props.schemeId))
  if (settings.isError) return <Failure error={settings.error} retry={() => void settings.refetch()} />
  if (settings.data === undefined) return <Skeleton height={120} />
  return <Form {...props} known={settings.data} />
}

function Form(props: { schemeId: string; known: MessageSettings; onDirty: (isDirty: boolean) => void }) {
  const { t } = useText()
  const { schemeId, known, onDirty } = props
  // As typed: invalid numbers are sent too, so that the server's message is shown.
  const [aloneMax, setAloneMax] = useState<number | string>(known.aloneMax)
  const [reason, setReason] = useState('')
  const client = useQueryClient()
  const isDirty = aloneMax !== known.aloneMax
  useEffect(() => onDirty(isDirty), [isDirty, onDirty])
  const save = useAction(
    () => callApi('setMessageSettings', { params: { scheme: schemeId }, body: { aloneMax, reason } }),
    {
      fields: ['aloneMax', 'reason'],
      refresh: [settingChangesQuery(schemeId).queryKey],
      success: ({ proposed }) => t(proposed === null ? 'messages.settings.saved' : 'settingChange.proposed'),
      onSuccess: ({ proposed: _, ...saved }) => {
        client.setQueryData(messageSettingsQuery(schemeId).queryKey, saved)
        setAloneMax(saved.aloneMax)
        setReason('')
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
            value={aloneMax}
            unit={t('messages.settings.alone.unit')}
            error={save.problemAt('aloneMax')}
            onChange={(value) => {
              setAloneMax(value)
              save.reset()
            }}
          />
        )}
      </Setting>
      {isDirty && (
        <SecondPerson
          subject="messages"
          settings={['messages.aloneMax']}
          reason={reason}
          onReason={setReason}
          error={save.problemAt('reason')}
        />
      )}
      <SettingActions
        save={save}
        isDirty={isDirty}
        isProposed
        onDiscard={() => {
          setAloneMax(known.aloneMax)
          save.reset()
        }}
      />
    </form>
  )
}
