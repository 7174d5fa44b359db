import { Button, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useEffect, useState } from 'react'
import type { MessageSettings } from '../../../src/schemes/contract.ts'
import { callApi } from '../../api/client.ts'
import { useAction } from '../../api/useAction.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useText } from '../../ui/text.ts'
import { messageSettingsQuery } from './queries.ts'
import { NumberField, Setting } from './Setting.tsx'
import classes from './Settings.module.css'

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
  const isDirty = aloneMax !== known.aloneMax
  useEffect(() => onDirty(isDirty), [isDirty, onDirty])
  const save = useAction(
    () => callApi('setMessageSettings', { params: { scheme: schemeId }, body: { aloneMax } }),
    {
      fields: ['aloneMax'],
      stores: messageSettingsQuery(schemeId).queryKey,
      success: t('messages.settings.saved'),
      onSuccess: (saved) => setAloneMax(saved.aloneMax),
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
      <Failure error={save.failure} />
      <div className={classes.actions}>
        <Button type="submit" loading={save.isPending} disabled={!isDirty}>
          {t('settings.save')}
        </Button>
        {isDirty && (
          <Button
            variant="default"
            disabled={save.isPending}
            onClick={() => {
              setAloneMax(known.aloneMax)
              save.reset()
            }}
          >
            {t('settings.discard')}
          </Button>
        )}
      </div>
    </form>
  )
}
