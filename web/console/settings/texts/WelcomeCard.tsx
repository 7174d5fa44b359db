import { Button, Skeleton, Textarea } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type Dispatch, type FormEvent, type SetStateAction, useEffect, useState } from 'react'
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

/** What says to members of an imported list why they are in it, by SMS and by mail: the standard texts, or those of the scheme. */
export function WelcomeCard(props: { scheme: SchemeView; onDirty: (isDirty: boolean) => void }) {
  const { t } = useText()
  const { scheme, onDirty } = props
  const view = useQuery(serviceTextsQuery(scheme.id))
  const [dirty, setDirty] = useState<Readonly<Record<Field, boolean>>>({ welcome: false, welcomeMail: false })
  const isDirty = dirty.welcome || dirty.welcomeMail
  useEffect(() => onDirty(isDirty), [isDirty, onDirty])
  return (
    <>
      {FIELDS.map((field) => (
        <section key={field} className={settings.card} aria-labelledby={WORDS[field].id}>
          <h3 id={WORDS[field].id} className={settings.cardTitle}>
            {t(WORDS[field].title)}
          </h3>
          <p className={settings.mute}>{t(WORDS[field].what)}</p>
          {view.isError && <Failure error={view.error} retry={() => void view.refetch()} />}
          {view.isPending && <Skeleton height={240} />}
          {view.data !== undefined && (
            <Form scheme={scheme} view={view.data} field={field} onDirty={setDirty} />
          )}
        </section>
      ))}
    </>
  )
}

const FIELDS = ['welcome', 'welcomeMail'] as const
type Field = (typeof FIELDS)[number]

const WORDS = {
  welcome: {
    id: 'bienvenue',
    title: 'texts.welcome',
    what: 'texts.welcome.what',
    text: 'texts.welcome.text',
    hint: 'texts.welcome.text.what',
    saved: 'texts.welcome.saved',
    setting: 'texts.welcome',
    most: 500,
  },
  welcomeMail: {
    id: 'bienvenue-courriel',
    title: 'texts.welcomeMail',
    what: 'texts.welcomeMail.what',
    text: 'texts.welcomeMail.text',
    hint: 'texts.welcomeMail.text.what',
    saved: 'texts.welcomeMail.saved',
    setting: 'texts.welcomeMail',
    most: 2000,
  },
} as const

function Form(props: {
  scheme: SchemeView
  view: ServiceTextsView
  field: Field
  onDirty: Dispatch<SetStateAction<Readonly<Record<Field, boolean>>>>
}) {
  const { t } = useText()
  const { scheme, view, field, onDirty } = props
  const { standard, example } = view
  const words = WORDS[field]
  const known = view.texts[field] || standard[field]
  const [draft, setDraft] = useState<string | null>(null)
  const [reason, setReason] = useState('')
  const text = draft ?? known
  const isDirty = text !== known
  useEffect(() => onDirty((dirty) => ({ ...dirty, [field]: isDirty })), [field, isDirty, onDirty])
  const save = useAction(
    () => callApi('setServiceTexts', { params: { scheme: scheme.id }, body: { [field]: text, reason } }),
    {
      fields: [field, 'reason'],
      refresh: [serviceTextsQuery(scheme.id).queryKey, settingChangesQuery(scheme.id).queryKey],
      success: ({ proposed }) => t(proposed === null ? words.saved : 'settingChange.proposed'),
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
  const isMail = field === 'welcomeMail'
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
          label={t(words.text)}
          description={t(words.hint)}
          autosize
          minRows={3}
          maxRows={isMail ? 20 : 8}
          maxLength={words.most}
          value={text}
          error={save.problemAt(field)}
          onChange={(event) => change(event.currentTarget.value)}
        />
        <Variables words={WELCOME_WORDS} onInsert={insertion.insert} />
      </div>
      {isMail ? (
        <blockquote className={classes.mail} aria-label={t('texts.welcomeMail.preview')}>
          {shown}
        </blockquote>
      ) : (
        <TextPreview sender={scheme.sender} text={shown} />
      )}
      {!isMail && example.telephone === '' && (
        <p className={classes.warn}>{t('texts.welcome.withoutPhone')}</p>
      )}
      {isDirty && (
        <SecondPerson
          subject="texts"
          settings={[words.setting]}
          reason={reason}
          onReason={setReason}
          error={save.problemAt('reason')}
        />
      )}
      {text !== standard[field] && (
        <Button variant="subtle" className={classes.standard ?? ''} onClick={() => change(standard[field])}>
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
