import { Button, NativeSelect, SegmentedControl, Skeleton, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { type Dispatch, type FormEvent, type SetStateAction, useEffect, useState } from 'react'
import { fillText } from '../../../../src/i18n/fill.ts'
import {
  MAIL_BODY_LENGTH,
  MAIL_SUBJECT_LENGTH,
  MEMBER_MAIL_NAMES,
  MEMBER_MAILS,
  type MemberMail,
} from '../../../../src/i18n/member-mails.ts'
import type { MailTexts, SchemeView, ServiceTextsView } from '../../../../src/schemes/contract.ts'
import { callApi } from '../../../api/client.ts'
import { problemsByPath } from '../../../api/problems.ts'
import { useAction } from '../../../api/useAction.ts'
import { useText } from '../../../ui/format/text.ts'
import { Failure } from '../../../ui/Notice.tsx'
import { settingChangesQuery } from '../changes/queries.ts'
import { SecondPerson } from '../changes/SecondPerson.tsx'
import { SettingActions } from '../SettingActions.tsx'
import settings from '../Settings.module.css'
import { serviceTextsQuery } from './queries.ts'
import classes from './Texts.module.css'
import { useInsertion, Variables } from './Variables.tsx'
import { variableWords } from './words.ts'

const GROUPS = {
  'texts.mails.joining': ['welcomeMail', 'requestMail', 'approvedMail', 'joinedMail', 'refusedMail'],
  'texts.mails.file': ['correctedMail', 'declinedMail', 'uncorrectedMail', 'deadNumberMail', 'resumedMail'],
  'texts.mails.dues': ['duesCallMail', 'duesReminderMail', 'duesRestoredMail'],
} as const satisfies Record<string, readonly MemberMail[]>

type Language = keyof MailTexts
type Part = keyof MailTexts[Language]
type Dirty = Readonly<Partial<Record<MemberMail, boolean>>>

/** The mails to members that a scheme may word, one at a time, in each language, with a preview. */
export function MailTextCard(props: { scheme: SchemeView; onDirty: (isDirty: boolean) => void }) {
  const { t } = useText()
  const { scheme, onDirty } = props
  const view = useQuery(serviceTextsQuery(scheme.id))
  const [chosen, setChosen] = useState<MemberMail>('welcomeMail')
  const [dirty, setDirty] = useState<Dirty>({})
  const isDirty = Object.values(dirty).includes(true)
  useEffect(() => onDirty(isDirty), [isDirty, onDirty])
  const texts = view.data?.texts
  const nameOf = (mail: MemberMail) => {
    const name = t(`texts.${mail}`)
    if (dirty[mail] === true) return t('texts.mail.changed', { name })
    return texts !== undefined && isWorded(texts[mail]) ? t('texts.mail.own', { name }) : name
  }
  return (
    <section className={settings.card} aria-labelledby="courriels">
      <h3 id="courriels" className={settings.cardTitle}>
        {t('texts.mails')}
      </h3>
      <p className={settings.mute}>{t('texts.mails.what')}</p>
      {view.isError && <Failure error={view.error} retry={() => void view.refetch()} />}
      {view.isPending && <Skeleton height={320} />}
      {view.data !== undefined && (
        <>
          <NativeSelect
            label={t('texts.mail.which')}
            description={t(`texts.${chosen}.what`)}
            value={chosen}
            onChange={(event) => {
              const mail = MEMBER_MAIL_NAMES.find((name) => name === event.currentTarget.value)
              if (mail !== undefined) setChosen(mail)
            }}
            data={Object.entries(GROUPS).map(([group, mails]) => ({
              group: t(group as keyof typeof GROUPS),
              items: mails.map((mail) => ({ value: mail, label: nameOf(mail) })),
            }))}
          />
          {/* A form with unsaved text stays mounted when another mail is chosen. */}
          {MEMBER_MAIL_NAMES.filter((mail) => mail === chosen || dirty[mail] === true).map((mail) => (
            <div key={mail} hidden={mail !== chosen}>
              <MailForm scheme={scheme} view={view.data} mail={mail} onDirty={setDirty} />
            </div>
          ))}
        </>
      )}
    </section>
  )
}

const isWorded = ({ fr, en }: MailTexts) =>
  [fr.subject, fr.body, en.subject, en.body].some((text) => text !== '')

/** Returns the words that are sent: those of the scheme, the standard ones for the others. */
function inForce(own: MailTexts, standard: MailTexts): MailTexts {
  const words = (lang: Language) => ({
    subject: own[lang].subject || standard[lang].subject,
    body: own[lang].body || standard[lang].body,
  })
  return { fr: words('fr'), en: words('en') }
}

/** Names the fields by the paths of the request. */
function initialValuesOf(
  mail: MemberMail,
  texts: MailTexts,
): Partial<Record<MemberMail, MailTexts>> & { reason: string } {
  return { [mail]: texts, reason: '' }
}

function MailForm(props: {
  scheme: SchemeView
  view: ServiceTextsView
  mail: MemberMail
  onDirty: Dispatch<SetStateAction<Dirty>>
}) {
  const { t } = useText()
  const { scheme, view, mail, onDirty } = props
  const standard = view.standard[mail]
  const known = inForce(view.texts[mail], standard)
  const form = useForm({ initialValues: initialValuesOf(mail, known) })
  const { reason } = form.values
  const [lang, setLang] = useState<Language>('fr')
  const [part, setPart] = useState<Part>('body')
  const isDirty = form.isDirty(mail)
  useEffect(() => onDirty((dirty) => ({ ...dirty, [mail]: isDirty })), [mail, isDirty, onDirty])
  const at = (language: Language, one: Part) => `${mail}.${language}.${one}`
  const paths = (['fr', 'en'] as const).flatMap((one) => [at(one, 'subject'), at(one, 'body')])
  const save = useAction(
    () => callApi('setServiceTexts', { params: { scheme: scheme.id }, body: form.values }),
    {
      form,
      fields: [...paths, 'reason'],
      refresh: [serviceTextsQuery(scheme.id).queryKey, settingChangesQuery(scheme.id).queryKey],
      success: ({ proposed }) => t(proposed === null ? 'texts.mail.saved' : 'settingChange.proposed'),
      onSuccess: (saved) => {
        // A proposed change is not in force: the form goes back to what is.
        const stored = initialValuesOf(mail, inForce(saved[mail], standard))
        form.setValues(stored)
        form.resetDirty(stored)
      },
      onError: (error) => {
        const [first] = Object.keys(problemsByPath(error)).filter((path) => paths.includes(path))
        if (first !== undefined) setLang(first.startsWith(`${mail}.en.`) ? 'en' : 'fr')
      },
    },
  )
  const { subject, body } = (form.values[mail] ?? known)[lang]
  const change = (one: Part, text: string) => {
    form.setFieldValue(at(lang, one), text)
    save.reset()
  }
  const inSubject = useInsertion<HTMLInputElement>(subject, (text) => change('subject', text))
  const inBody = useInsertion(body, (text) => change('body', text))
  const isStandard = subject === standard[lang].subject && body === standard[lang].body
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event: FormEvent) => {
        event.preventDefault()
        if (!save.isPending && isDirty) save.mutate()
      }}
    >
      <SegmentedControl
        className={classes.standard ?? ''}
        aria-label={t('texts.mail.lang')}
        value={lang}
        onChange={(value) => setLang(value === 'en' ? 'en' : 'fr')}
        data={[
          { value: 'fr', label: 'Français' },
          { value: 'en', label: 'English' },
        ]}
      />
      <TextInput
        ref={inSubject.field}
        label={t('texts.mail.subject')}
        description={t('texts.mail.subject.what')}
        lang={lang}
        maxLength={MAIL_SUBJECT_LENGTH}
        {...form.getInputProps(at(lang, 'subject'))}
        onFocus={() => setPart('subject')}
        onChange={(event) => change('subject', event.currentTarget.value)}
      />
      <div>
        <Textarea
          ref={inBody.field}
          label={t('texts.mail.body')}
          description={t('texts.mail.body.what', { names: MEMBER_MAILS[mail].required.join(', ') })}
          lang={lang}
          autosize
          minRows={5}
          maxRows={20}
          maxLength={MAIL_BODY_LENGTH}
          {...form.getInputProps(at(lang, 'body'))}
          onFocus={() => setPart('body')}
          onChange={(event) => change('body', event.currentTarget.value)}
        />
        <Variables
          words={variableWords(Object.keys(MEMBER_MAILS[mail].variables))}
          onInsert={(part === 'subject' ? inSubject : inBody).insert}
        />
      </div>
      <Preview scheme={scheme} view={view} mail={mail} lang={lang} words={{ subject, body }} />
      {isDirty && (
        <SecondPerson
          subject="texts"
          settings={[`texts.${mail}`]}
          reason={reason}
          onReason={(value) => form.setFieldValue('reason', value)}
          error={form.errors.reason}
        />
      )}
      {!isStandard && (
        <Button
          variant="subtle"
          className={classes.standard ?? ''}
          onClick={() => {
            form.setFieldValue(`${mail}.${lang}`, standard[lang])
            save.reset()
          }}
        >
          {t('texts.welcome.standard')}
        </Button>
      )}
      <SettingActions
        save={save}
        isDirty={isDirty}
        isProposed
        onDiscard={() => {
          const texts = { ...initialValuesOf(mail, known), reason }
          form.setValues(texts)
          form.resetDirty(texts)
          save.reset()
        }}
      />
    </form>
  )
}

/** Shows a mail as a member would receive it. */
function Preview(props: {
  scheme: SchemeView
  view: ServiceTextsView
  mail: MemberMail
  lang: Language
  words: Record<Part, string>
}) {
  const { t } = useText()
  const { scheme, view, mail, lang, words } = props
  const { values, actions, signature } = view.mails[lang]
  const fill = (text: string) =>
    fillText(text, {
      ...view.example,
      ...values,
      telephone: view.example.telephone || t('texts.welcome.noPhone'),
      commerce: SHOP,
      expediteur: scheme.sender,
    })
  return (
    <blockquote className={classes.mail} aria-label={t('texts.welcomeMail.preview')} lang={lang}>
      <strong>{fill(words.subject)}</strong>
      {'\n\n'}
      {fill(words.body)}
      {actions[mail] !== undefined && (
        <>
          {'\n\n'}
          <u>{actions[mail]}</u>
        </>
      )}
      {'\n\n'}
      <small>{signature}</small>
    </blockquote>
  )
}

/** A shop for the example. */
const SHOP = 'Boulangerie Martin'
