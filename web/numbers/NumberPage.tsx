import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import type { NumberAnswer, NumberQuestion } from '../../src/members/numbers/contract.ts'
import { callApi } from '../api/client.ts'
import { aboutQuery } from '../api/queries.ts'
import { useAction } from '../api/useAction.ts'
import { Frame } from '../start/Frame.tsx'
import { Failure } from '../ui/Notice.tsx'
import { usePageTitle } from '../ui/Page.tsx'
import { useText } from '../ui/text.ts'
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
  const said = useRef<HTMLDivElement>(null)
  const { data: taken, variables: answer } = send
  useEffect(() => {
    if (taken !== undefined) said.current?.focus()
  }, [taken])
  const asked = question.data?.question ?? null
  const isOver = taken?.taken === false || (question.isSuccess && asked === null)
  return (
    <Frame demo={demo}>
      <div className={classes.page}>
        <h1>{t('number.title')}</h1>
        {question.isError && <Failure error={question.error} retry={() => void question.refetch()} />}
        <Failure error={send.failure} />
        <div ref={said} tabIndex={-1} role="status" className={classes.said}>
          {isOver && (
            <>
              <h2>{t('number.over')}</h2>
              <p>{t('number.over.what')}</p>
            </>
          )}
          {taken?.taken === true && asked !== null && (
            <>
              <h2>{t(answer === 'mine' ? 'number.mine.done' : 'number.gone.done')}</h2>
              <p>
                {t(answer === 'mine' ? 'number.mine.done.what' : 'number.gone.done.what', {
                  chamber: asked.chamber,
                })}
              </p>
            </>
          )}
        </div>
        {asked !== null && taken === undefined && (
          <Question asked={asked} isSending={send.isPending} onAnswer={(one) => send.mutate(one)} />
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

function Question(props: {
  asked: Asked
  isSending: boolean
  onAnswer: (answer: NumberAnswer['answer']) => void
}) {
  const { t } = useText()
  const { asked, isSending } = props
  return (
    <section className={classes.question} aria-labelledby="question">
      <h2 id="question">{t('number.question', { end: asked.end, business: asked.business })}</h2>
      <p>{t('number.why', { scheme: asked.scheme })}</p>
      <Button size="lg" disabled={isSending} onClick={() => props.onAnswer('mine')}>
        {t('number.mine')}
      </Button>
      <Button size="lg" variant="default" disabled={isSending} onClick={() => props.onAnswer('gone')}>
        {t('number.gone')}
      </Button>
      <p className={classes.mute}>{t('number.gone.means')}</p>
      <p>{t('number.days', { chamber: asked.chamber })}</p>
    </section>
  )
}
