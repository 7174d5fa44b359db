import { Button, Skeleton, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useEffect, useState } from 'react'
import type { SchemeView, ServiceTextsView } from '../../../../src/schemes/contract.ts'
import { fillWelcome } from '../../../../src/schemes/service-texts.ts'
import { callApi } from '../../../api/client.ts'
import { useAction } from '../../../api/useAction.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { useText } from '../../../ui/text.ts'
import { settingChangesQuery } from '../changes/queries.ts'
import { SecondPerson } from '../changes/SecondPerson.tsx'
import { SettingActions } from '../SettingActions.tsx'
import settings from '../Settings.module.css'
import { serviceTextsQuery } from './queries.ts'
import { TextPreview } from './TextPreview.tsx'
import classes from './Texts.module.css'
import { useInsertion, Variables } from './Variables.tsx'
import { WELCOME_WORDS } from './words.ts'

/** A shop for the example. */
const SHOP = 'Boulangerie Martin'

/** The SMS that says to members of an imported list why they are in it: the standard text, or that of the scheme. */
export function WelcomeCard(props: { scheme: SchemeView; onDirty: (isDirty: boolean) => void }) {
  const { t } = useText()
  const view = useQuery(serviceTextsQuery(props.scheme.id))
  return (
    <section className={settings.card} aria-labelledby="bienvenue">
      <h3 id="bienvenue" className={settings.cardTitle}>
        {t('texts.welcome')}
      </h3>
      <p className={settings.mute}>{t('texts.welcome.what')}</p>
      {view.isError && <Failure error={view.error} retry={() => void view.refetch()} />}
      {view.isPending && <Skeleton height={240} />}
      {view.data !== undefined && <Form {...props} view={view.data} />}
    </section>
  )
}

function Form(props: { scheme: SchemeView; view: ServiceTextsView; onDirty: (isDirty: boolean) => void }) {
  const { t } = useText()
  const { scheme, view, onDirty } = props
  const { standard, example } = view
  const known = view.texts.welcome || standard.welcome
  const [draft, setDraft] = useState<string | null>(null)
  const [reason, setReason] = useState('')
  const text = draft ?? known
  const isDirty = text !== known
  useEffect(() => onDirty(isDirty), [isDirty, onDirty])
  const save = useAction(
    () => callApi('setServiceTexts', { params: { scheme: scheme.id }, body: { welcome: text, reason } }),
    {
      fields: ['welcome', 'reason'],
      refresh: [serviceTextsQuery(scheme.id).queryKey, settingChangesQuery(scheme.id).queryKey],
      success: ({ proposed }) => t(proposed === null ? 'texts.welcome.saved' : 'settingChange.proposed'),
      onRefreshed: () => {
        setDraft(null)
        setReason('')
      },
    },
  )
  const change = (value: string) => {
    setDraft(value)
    save.reset()
  }
  const insertion = useInsertion(text, change)
  const shown = fillWelcome(text, {
    ...example,
    telephone: example.telephone || t('texts.welcome.noPhone'),
    commerce: SHOP,
  })
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        if (!save.isPending && isDirty) save.mutate()
      }}
    >
      <div>
        <Textarea
          ref={insertion.field}
          label={t('texts.welcome.text')}
          description={t('texts.welcome.text.what')}
          autosize
          minRows={3}
          maxRows={8}
          maxLength={500}
          value={text}
          error={save.problemAt('welcome')}
          onChange={(event) => change(event.currentTarget.value)}
        />
        <Variables words={WELCOME_WORDS} onInsert={insertion.insert} />
      </div>
      <TextPreview sender={scheme.sender} text={shown} />
      {example.telephone === '' && <p className={classes.warn}>{t('texts.welcome.withoutPhone')}</p>}
      {isDirty && (
        <SecondPerson
          subject="texts"
          settings={['texts.welcome']}
          reason={reason}
          onReason={setReason}
          error={save.problemAt('reason')}
        />
      )}
      {text !== standard.welcome && (
        <Button variant="subtle" className={classes.standard ?? ''} onClick={() => change(standard.welcome)}>
          {t('texts.welcome.standard')}
        </Button>
      )}
      <SettingActions
        save={save}
        isDirty={isDirty}
        isProposed
        onDiscard={() => {
          setDraft(null)
          save.reset()
        }}
      />
    </form>
  )
}
