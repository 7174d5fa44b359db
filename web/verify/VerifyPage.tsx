import { Button, Textarea, TextInput } from '@mantine/core'
import IconCircleCheck from '@tabler/icons-react/icons/IconCircleCheck'
import IconHelpHexagon from '@tabler/icons-react/icons/IconHelpHexagon'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react'
import type { VerifyQuestion, VerifyView } from '../../src/alerts/proof/contract.ts'
import { callApi } from '../api/client.ts'
import { setTimeZone } from '../api/clock.ts'
import { isAboutFields, problemsByPath } from '../api/problems.ts'
import { aboutQuery } from '../api/queries.ts'
import { useAction } from '../api/useAction.ts'
import { Frame } from '../start/Frame.tsx'
import { Calls17 } from '../ui/alert/Call17.tsx'
import { momentOf } from '../ui/format/format.ts'
import { useMinute } from '../ui/format/now.ts'
import { useText } from '../ui/format/text.ts'
import { Failure } from '../ui/Notice.tsx'
import { usePageTitle } from '../ui/Page.tsx'
import classes from './Verify.module.css'

const FIELDS = ['text', 'reference'] as const

/** The public page on which the recipient of an SMS checks whether it is genuine. */
export function VerifyPage() {
  const { t } = useText()
  usePageTitle(t('verify.title'))
  const demo = useQuery(aboutQuery).data?.demo ?? false
  const [asked, setAsked] = useState<VerifyQuestion>({ reference: '', text: '' })
  const ask = useAction((question: VerifyQuestion) => callApi('verifyMessage', { body: question }))
  const result = useRef<HTMLDivElement>(null)
  const { data } = ask
  const problems = problemsByPath(ask.failure)
  const isUnmarked = problems.reference !== undefined && problems.text === undefined
  useEffect(() => {
    if (data !== undefined || isUnmarked) result.current?.focus()
  }, [data, isUnmarked])

  const change = (patch: Partial<VerifyQuestion>) => {
    setAsked({ ...asked, ...patch })
    // The result belongs to the submitted text, not to the text being typed.
    ask.reset()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    ask.mutate({ reference: asked.reference.trim(), text: asked.text.trim() })
  }
  return (
    <Frame demo={demo}>
      <div className={classes.page}>
        <div>
          <h1>{t('verify.title')}</h1>
          <p className={classes.lead}>{t('verify.lead')}</p>
        </div>
        <form className={classes.form} onSubmit={submit}>
          <Textarea
            size="md"
            label={t('verify.text')}
            description={t('verify.text.how')}
            autosize
            minRows={4}
            maxRows={10}
            maxLength={2000}
            value={asked.text}
            error={problems.text}
            onChange={(event) => change({ text: event.currentTarget.value })}
          />
          <TextInput
            size="md"
            label={t('verify.reference')}
            description={t('verify.reference.how')}
            placeholder="63-26-0142"
            maxLength={60}
            autoComplete="off"
            value={asked.reference}
            error={problems.reference}
            onChange={(event) => change({ reference: event.currentTarget.value })}
          />
          <Button type="submit" size="md" loading={ask.isPending}>
            {t('verify.ask')}
          </Button>
        </form>
        {!isAboutFields(ask.failure, FIELDS) && <Failure error={ask.failure} />}
        <div ref={result} tabIndex={-1} role="status" className={classes.answer}>
          {data !== undefined && (data.genuine ? <Genuine answer={data} /> : <Unknown />)}
          {isUnmarked && (
            <Doubtful title={t('verify.unmarked')}>
              <p>{t('verify.unmarked.means')}</p>
            </Doubtful>
          )}
        </div>
        <section aria-labelledby="preuve" className={classes.proof}>
          <h2 id="preuve">{t('verify.proof')}</h2>
          <p>{t('verify.proof.yes')}</p>
          <p>{t('verify.proof.no')}</p>
          <ul>
            <li>{t('verify.proof.no.sender')}</li>
            <li>{t('verify.proof.no.still')}</li>
          </ul>
          <p>{t('verify.proof.kept')}</p>
        </section>
      </div>
    </Frame>
  )
}

function Genuine(props: { answer: VerifyView }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { answer } = props
  if (answer.timeZone !== null) setTimeZone(answer.timeZone)
  return (
    <div className={classes.card} data-answer="genuine">
      <IconCircleCheck size={32} stroke={1.6} aria-hidden />
      <div>
        <h2>{t('verify.whole')}</h2>
        <p>
          {t('verify.sent', {
            scheme: answer.scheme ?? '',
            time: answer.sentAt === null ? '' : momentOf(lang, answer.sentAt, now),
          })}
        </p>
        <p>{t('verify.whole.means')}</p>
        <p className={classes.strong}>
          {answer.exercise
            ? t('verify.exercise')
            : answer.state === 'over'
              ? t('verify.over')
              : t('verify.current')}
        </p>
        {answer.followed && <p>{t('verify.followed')}</p>}
      </div>
    </div>
  )
}

function Unknown() {
  const { t } = useText()
  return (
    <Doubtful title={t('verify.unknown')} again={t('verify.unknown.again')}>
      <p>{t('verify.unknown.means')}</p>
    </Doubtful>
  )
}

/** Says what to do with a message that was not confirmed. */
function Doubtful(props: { title: string; again?: string; children: ReactNode }) {
  const { t } = useText()
  return (
    <div className={classes.card} data-answer="unknown">
      <IconHelpHexagon size={32} stroke={1.6} aria-hidden />
      <div>
        <h2>{props.title}</h2>
        {props.children}
        <ul>
          {props.again !== undefined && <li>{props.again}</li>}
          <li>{t('verify.unknown.beware')}</li>
          <li>
            <p>
              <Calls17 text={t('verify.unknown.call')} />
            </p>
          </li>
        </ul>
      </div>
    </div>
  )
}
