import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import type { NumberAnswer, NumberQuestion } from '../../src/members/numbers/contract.ts'
import { callApi } from '../api/client.ts'
import { aboutQuery } from '../api/queries.ts'
import { useAction } from '../api/useAction.ts'
import { Frame } from '../start/Frame.tsx'
import { useText } from '../ui/format/text.ts'
import { Failure } from '../ui/Notice.tsx'
import { usePageTitle } from '../ui/Page.tsx'
import classes from './Number.module.css'

type Asked = NonNullable<NumberQuestion['question']>

/** The page behind the link of the re-confirmation SMS: asks whether the number still belongs to the business. */
export function NumberPage() {
  const { t } = useText()
  usePageTitle(t('number.title'))
  const { token } = useParams({ from: '/numero/$token' })
  const demo = useQuery(aboutQuery).data?.demo ?? false
  const question = useQuery({
    queryKey: ['number-link', token],
    queryFn: ({ signal }) => callApi('getNumberQuestion', { params: { token }, signal }),
    // Once answered, it is not refetched, and the answer stays on the screen.
    staleTime: Number.POSITIVE_INFINITY,
  })
  const send = useAction((answer: NumberAnswer['answer']) =>
    callApi('recordNumberAnswer', { params: { token }, body: { answer } }),
  )
  const [isAsking, setAsking] = useState(false)
  const statusRegion = useRef<HTMLDivElement>(null)
  const { data: sent, variables: answer } = send
  const asked = question.data?.question ?? null
  // After a reload, the answer given before is on the screen.
  const done = sent?.stored === true ? answer : asked?.gone === true ? 'gone' : undefined
  const isOver = sent?.stored === false || (question.isSuccess && asked === null)
  useEffect(() => {
    if (sent !== undefined || isAsking) statusRegion.current?.focus()
  }, [sent, isAsking])
  return (
    <Frame demo={demo} {...(asked !== null && { schemeId: asked.schemeId })}>
      <div className={classes.page}>
        <h1>{t('number.title')}</h1>
        {question.isError && <Failure error={question.error} retry={() => void question.refetch()} />}
        <Failure error={send.failure} />
        <div ref={statusRegion} tabIndex={-1} role="status" className={classes.said}>
          {isOver && (
            <>
              <h2>{t('number.over')}</h2>
              <p>{t('number.over.what')}</p>
            </>
          )}
          {!isOver && done !== undefined && asked !== null && <Done asked={asked} answer={done} />}
          {done === undefined && isAsking && asked !== null && <Sure asked={asked} />}
        </div>
        {!isOver && asked !== null && (
          <Choices
            asked={asked}
            done={done}
            isAsking={isAsking}
            isSending={send.isPending}
            onAnswer={send.mutate}
            onAsk={setAsking}
          />
        )}
        {(asked !== null || isOver) && (
          <p className={classes.other}>
            {t('number.portal')} <Link to="/portail">{t('number.portal.link')}</Link>
          </p>
        )}
      </div>
    </Frame>
  )
}

function Sure({ asked }: { asked: Asked }) {
  const { t } = useText()
  const { end, business, chamber } = asked
  return (
    <>
      <h2>{t('number.sure')}</h2>
      <p>{t('number.sure.what', { end, business, chamber })}</p>
    </>
  )
}

/** Offers what can be chosen now: the undo of "gone", or an answer, of which "gone" is confirmed first. */
function Choices(props: {
  asked: Asked
  done: NumberAnswer['answer'] | undefined
  isAsking: boolean
  isSending: boolean
  onAnswer: (answer: NumberAnswer['answer']) => void
  onAsk: (isAsking: boolean) => void
}) {
  const { t } = useText()
  const { done, isSending, onAnswer, onAsk } = props
  if (done === 'gone')
    return (
      <div className={classes.question}>
        <p>{t('number.gone.undo.what')}</p>
        <Button size="lg" variant="default" loading={isSending} onClick={() => onAnswer('undo')}>
          {t('number.gone.undo')}
        </Button>
      </div>
    )
  if (done !== undefined) return null
  if (props.isAsking)
    return (
      <div className={classes.question}>
        <Button size="lg" loading={isSending} onClick={() => onAnswer('gone')}>
          {t('number.sure.yes')}
        </Button>
        <Button size="lg" variant="default" disabled={isSending} onClick={() => onAsk(false)}>
          {t('number.sure.back')}
        </Button>
      </div>
    )
  return (
    <Question
      asked={props.asked}
      isSending={isSending}
      onMine={() => onAnswer('mine')}
      onGone={() => onAsk(true)}
    />
  )
}

function Done(props: { asked: Asked; answer: NumberAnswer['answer'] }) {
  const { t } = useText()
  const { asked, answer } = props
  if (answer === 'undo')
    return (
      <>
        <h2>{t('number.undo.done')}</h2>
        <p>{t('number.undo.done.what')}</p>
      </>
    )
  if (answer === 'mine')
    return (
      <>
        <h2>{t('number.mine.done')}</h2>
        <p>{t('number.mine.done.what', { chamber: asked.chamber })}</p>
      </>
    )
  return (
    <>
      <h2>{asked.gone ? t('number.gone.was', { business: asked.business }) : t('number.gone.done')}</h2>
      <p>{t('number.gone.done.what', { chamber: asked.chamber })}</p>
    </>
  )
}

function Question(props: { asked: Asked; isSending: boolean; onMine: () => void; onGone: () => void }) {
  const { t } = useText()
  const { asked, isSending } = props
  return (
    <section className={classes.question} aria-labelledby="question">
      <h2 id="question">{t('number.question', { end: asked.end, business: asked.business })}</h2>
      <p>{t('number.why', { scheme: asked.scheme })}</p>
      <Button size="lg" disabled={isSending} onClick={props.onMine}>
        {t('number.mine')}
      </Button>
      <Button size="lg" variant="default" disabled={isSending} onClick={props.onGone}>
        {t('number.gone')}
      </Button>
      <p className={classes.mute}>{t('number.gone.means')}</p>
      <p>{t('number.days', { chamber: asked.chamber })}</p>
    </section>
  )
}
