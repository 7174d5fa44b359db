import { Button, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useRef, useState } from 'react'
import type { OwnEnrolmentView, PublicSchemeView } from '../../src/members/enrolment/contract.ts'
import { readablePhone } from '../ui/format.ts'
import { Failure } from '../ui/Notice.tsx'
import { useText } from '../ui/text.ts'
import { focusFirstProblem } from './focus.ts'
import classes from './Join.module.css'
import type { JoinStep } from './JoinPage.tsx'
import { isAboutFields, problemAt, sendStep } from './queries.ts'

const FIELDS = ['person', 'phone', 'mail']

/** Second step: who, and on which mobile. */
export function ContactForm(props: {
  scheme: PublicSchemeView
  own: OwnEnrolmentView
  onDone: (enrolment: OwnEnrolmentView | null, next?: JoinStep) => void
  onBack: () => void
}) {
  const { t } = useText()
  const { scheme, own } = props
  const form = useRef<HTMLFormElement>(null)
  const [person, setPerson] = useState(own.contact?.person ?? '')
  const [phone, setPhone] = useState(own.contact === null ? '' : readablePhone(own.contact.phone))
  const [mail, setMail] = useState(own.contact?.mail ?? '')
  const save = useMutation({
    mutationFn: () => sendStep(scheme.id, 'PUT', '/contact', { person, phone, mail }),
    onSuccess: (enrolment) => props.onDone(enrolment),
    onError: () => focusFirstProblem(form.current),
  })
  const at = (path: string) => problemAt(save.error, path)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    save.mutate()
  }
  return (
    <form ref={form} className={classes.form} onSubmit={submit} noValidate>
      <TextInput
        size="md"
        label={t('join.person')}
        autoComplete="name"
        maxLength={200}
        required
        value={person}
        onChange={(event) => setPerson(event.currentTarget.value)}
        error={at('person')}
      />
      <TextInput
        size="md"
        type="tel"
        inputMode="tel"
        label={t('join.phone')}
        description={t('join.phone.how')}
        autoComplete="tel"
        maxLength={40}
        required
        value={phone}
        onChange={(event) => setPhone(event.currentTarget.value)}
        error={at('phone')}
      />
      <TextInput
        size="md"
        type="email"
        inputMode="email"
        label={t('join.mail')}
        autoComplete="email"
        maxLength={254}
        value={mail}
        onChange={(event) => setMail(event.currentTarget.value)}
        error={at('mail')}
      />
      {save.isError && !isAboutFields(save.error, FIELDS) && <Failure error={save.error} />}
      <div className={classes.actions}>
        <Button size="md" variant="default" onClick={props.onBack}>
          {t('join.back')}
        </Button>
        <Button type="submit" size="md" loading={save.isPending}>
          {t('join.next')}
        </Button>
      </div>
    </form>
  )
}
