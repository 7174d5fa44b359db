import { Button, Skeleton, Textarea } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { type Dispatch, type FormEvent, type SetStateAction, useEffect, useState } from 'react'
import { fillText } from '../../../../src/i18n/fill.ts'
import type { SchemeView, ServiceTextsView } from '../../../../src/schemes/contract.ts'
import { SERVICE_SMS, type ServiceSms } from '../../../../src/schemes/texts/service-texts.ts'
import { callApi } from '../../../api/client.ts'
import { today } from '../../../api/clock.ts'
import { useAction } from '../../../api/useAction.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { settingChangesQuery } from '../changes/queries.ts'
import { SecondPerson } from '../changes/SecondPerson.tsx'
import { SettingActions } from '../SettingActions.tsx'
import settings from '../Settings.module.css'
import { useInForce } from '../useInForce.ts'
import { MailTextCard } from './MailTextCard.tsx'
import { serviceTextsQuery } from './queries.ts'
import { TextPreview } from './TextPreview.tsx'
import classes from './Texts.module.css'
import { useInsertion, Variables } from './Variables.tsx'
import { variableWords } from './words.ts'

/** A shop for the example. */
const SHOP = 'Boulangerie Martin'

/** The messages of service that a scheme may word, each with its preview: the standard texts, or those of the scheme. */
export function ServiceTextCards(props: { scheme: SchemeView; onDirty: (isDirty: boolean) => void }) {
  const { t } = useText()
  const { scheme, onDirty } = props
  const view = useQuery(serviceTextsQuery(scheme.id))
  const [dirty, setDirty] = useState<Dirty>({})
  const [mailDirty, setMailDirty] = useState(false)
  const isDirty = mailDirty || Object.values(dirty).includes(true)
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
      <MailTextCard scheme={scheme} onDirty={setMailDirty} />
      <section className={settings.card} aria-labelledby="textes-fixes">
        <h3 id="textes-fixes" className={settings.cardTitle}>
          {t('texts.fixed')}
        </h3>
        <ul className={classes.fixed}>
          {FIXED.map((key) => (
            <li key={key}>{t(key)}</li>
          ))}
        </ul>
      </section>
    </>
  )
}

const FIELDS = Object.keys(SERVICE_SMS) as ServiceSms[]
type Field = ServiceSms

/** Texts that no scheme may edit, each with its reason. */
const FIXED = ['texts.fixed.codes', 'texts.fixed.choices', 'texts.fixed.ends', 'texts.fixed.money'] as const
type Dirty = Readonly<Partial<Record<Field, boolean>>>

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
  duesCall: {
    id: 'appel',
    title: 'texts.duesCall',
    what: 'texts.duesCall.what',
    text: 'texts.welcome.text',
    hint: 'texts.duesCall.hint',
    saved: 'texts.welcome.saved',
    setting: 'texts.duesCall',
    most: 500,
  },
  duesReminder: {
    id: 'rappel',
    title: 'texts.duesReminder',
    what: 'texts.duesReminder.what',
    text: 'texts.welcome.text',
    hint: 'texts.duesReminder.hint',
    saved: 'texts.welcome.saved',
    setting: 'texts.duesReminder',
    most: 500,
  },
  yearlyQuestion: {
    id: 'question-annuelle',
    title: 'texts.yearlyQuestion',
    what: 'texts.yearlyQuestion.what',
    text: 'texts.welcome.text',
    hint: 'texts.yearlyQuestion.hint',
    saved: 'texts.welcome.saved',
    setting: 'texts.yearlyQuestion',
    most: 300,
  },
  left: {
    id: 'depart',
    title: 'texts.left',
    what: 'texts.left.what',
    text: 'texts.welcome.text',
    hint: 'texts.left.hint',
    saved: 'texts.welcome.saved',
    setting: 'texts.left',
    most: 300,
  },
} as const

/** The text of one field, by the path of the request. */
type TextsByField = Partial<Record<Field, string>>

function Form(props: {
  scheme: SchemeView
  view: ServiceTextsView
  field: Field
  onDirty: Dispatch<SetStateAction<Dirty>>
}) {
  const { t } = useText()
  const { scheme, view, field, onDirty } = props
  const { standard, example } = view
  const words = WORDS[field]
  const known = view.texts[field] || standard[field]
  const inForce: TextsByField = { [field]: known }
  const form = useForm({ initialValues: { ...inForce, reason: '' } })
  const { reason, [field]: text = known } = form.values
  const { base, changed, fillForm } = useInForce(form, inForce)
  const isDirty = changed.length > 0
  useEffect(() => onDirty((dirty) => ({ ...dirty, [field]: isDirty })), [field, isDirty, onDirty])
  const save = useAction(
    () => callApi('setServiceTexts', { params: { scheme: scheme.id }, body: form.values }),
    {
      form,
      refresh: [serviceTextsQuery(scheme.id).queryKey, settingChangesQuery(scheme.id).queryKey],
      success: ({ proposed }) => t(proposed === null ? words.saved : 'settingChange.proposed'),
      onRefreshed: (saved) => {
        fillForm({ [field]: saved[field] || standard[field] })
        form.setFieldValue('reason', '')
      },
    },
  )
  const change = (value: string) => {
    form.setFieldValue(field, value)
    save.reset()
  }
  const insertion = useInsertion(text, change)
  const shown = fillText(text, {
    ...example,
    annee: today().slice(0, 4),
    // As long as a real one.
    lien: `${window.location.origin}/numero/…………………………`,
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
          label={t(words.text)}
          description={t(words.hint)}
          autosize
          minRows={3}
          maxRows={8}
          maxLength={words.most}
          {...form.getInputProps(field)}
          onChange={(event) => change(event.currentTarget.value)}
        />
        <Variables words={variableWords(SERVICE_SMS[field].variables)} onInsert={insertion.insert} />
      </div>
      <TextPreview sender={scheme.sender} text={shown} />
      {field === 'welcome' && example.telephone === '' && (
        <p className={classes.warn}>{t('texts.welcome.withoutPhone')}</p>
      )}
      {isDirty && (
        <SecondPerson
          subject="texts"
          settings={[words.setting]}
          reason={reason}
          onReason={(value) => form.setFieldValue('reason', value)}
          error={form.errors.reason}
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
          form.setValues(base)
          save.reset()
        }}
      />
    </form>
  )
}
