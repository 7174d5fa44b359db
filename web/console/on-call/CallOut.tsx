import { Button } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import type { CallOutView, CallView } from '../../../src/on-call/contract.ts'
import { callApi } from '../../api/client.ts'
import { useAction } from '../../api/useAction.ts'
import { clockOf, timeOf } from '../../ui/format/format.ts'
import { useAtTime } from '../../ui/format/now.ts'
import { useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useCurrent } from '../shell/current.tsx'
import classes from './CallOut.module.css'
import { SendUnanswered } from './SendUnanswered.tsx'

/** Shows who was called about a message, in order, by what and with which result, and who is next. */
export function CallOut(props: {
  callOut: CallOutView
  title?: string
  /** Whether another part of the screen holds the button for the next call. */
  stepsOnly?: boolean
}) {
  const { t, lang } = useText()
  const { callOut } = props
  return (
    <div className={classes.callOut}>
      <p className={classes.subject}>
        {props.title ?? t(`onCall.subject.${callOut.subject}`)}
        {callOut.endedAt !== null && (
          <span className={classes.mute}>
            {t('onCall.ended', {
              why: callOut.endedWhy ?? '',
              time: timeOf(lang, callOut.endedAt),
            })}
          </span>
        )}
      </p>
      {callOut.scope !== null && (
        <p className={classes.mute}>
          {t('onCall.scope', { scope: callOut.scope, who: callOut.askedBy ?? '' })}
        </p>
      )}
      {callOut.endedWhy === 'declined' && (
        <p>
          {t('onCall.declined', { who: callOut.endedBy ?? '' })}{' '}
          {callOut.endedNote !== null && t('text.quote', { text: callOut.endedNote })}
        </p>
      )}
      <ol className={classes.calls}>
        {callOut.calls.map((call) => (
          <li key={call.no} data-state={stateOf(call)}>
            <span className={classes.no} aria-hidden>
              {call.no}
            </span>
            <span>
              <b>{call.name}</b>
              <small>
                {t(call.again ? 'onCall.calledAgain' : 'onCall.called', { time: timeOf(lang, call.at) })}
                {' · '}
                <CallState call={call} />
              </small>
            </span>
          </li>
        ))}
      </ol>
      {callOut.endedAt === null && props.stepsOnly !== true && <Next callOut={callOut} />}
    </div>
  )
}

function stateOf({ openedAt, unreached, sms }: CallView): 'opened' | 'failed' | 'reached' | 'open' {
  if (openedAt !== null) return 'opened'
  if (unreached) return 'failed'
  return sms === 'delivered' ? 'reached' : 'open'
}

/** Says by what a person was called, and what became of it. */
export function CallState(props: { call: CallView }) {
  const { t, lang } = useText()
  const { sms, smsAt, mail, openedAt, unreached } = props.call
  const words = [
    sms !== null &&
      (unreached && sms !== 'failed'
        ? t('onCall.sms.late')
        : t(`onCall.sms.${sms}`, { time: smsAt === null ? '' : timeOf(lang, smsAt) })),
    mail && t('onCall.mail'),
    sms === null && !mail && t('onCall.screen'),
    openedAt !== null
      ? t('onCall.opened', { time: timeOf(lang, openedAt) })
      : sms === 'delivered' && t('onCall.notOpened'),
  ]
  return words.filter(Boolean).join(', ')
}

/** Says who is next and in how long, with a button to call them now. */
function Next(props: { callOut: CallOutView }) {
  const { callOut } = props
  return (
    <div className={classes.next}>
      <NextWords callOut={callOut} />
      <NextButton callOut={callOut} />
      {callOut.subject === 'approval' && <SendUnanswered callOut={callOut} />}
    </div>
  )
}

/** "Suivant : Cne Vidal dans 00:40". The clock is not read aloud each second. */
export function NextWords(props: { callOut: CallOutView }) {
  const { t, lang } = useText()
  const { next, calls } = props.callOut
  const at = next?.at == null ? null : Date.parse(next.at)
  const clock = useAtTime((now) => (at === null ? '' : clockOf(lang, Math.max(0, at - now))))
  if (next === null) return <span>{t(calls.length === 0 ? 'onCall.none' : 'onCall.allCalled')}</span>
  const who = next.everyone ? t('onCall.everyone') : (next.name ?? '')
  return (
    <span>
      {clock === '' ? t('onCall.nextNow', { who }) : t('onCall.next', { who })}
      {clock !== '' && (
        <span role="timer" className={classes.clock}>
          {' '}
          {clock}
        </span>
      )}
    </span>
  )
}

export function NextButton(props: { callOut: CallOutView }) {
  const { t } = useText()
  const { scheme, may } = useCurrent()
  const client = useQueryClient()
  const { callOut } = props
  const call = useAction(
    () =>
      callApi('callNextPerson', {
        params: { scheme: scheme.id, id: callOut.id },
        body: { after: callOut.calls.length },
      }),
    {
      refresh: [
        ['alerts', scheme.id, 'call-outs'],
        ['alert', scheme.id, callOut.alertId],
      ],
      onError: () => void client.invalidateQueries({ queryKey: ['alert', scheme.id, callOut.alertId] }),
    },
  )
  if (!may('alert.submit')) return null
  return (
    <>
      <Button
        variant="default"
        size="compact-sm"
        loading={call.isPending}
        onClick={(event) => {
          // The second click of a double click may come when the answer is there, and would call one more person.
          if (event.detail <= 1) call.mutate()
        }}
      >
        {t(callOut.next === null ? 'onCall.callAgain' : 'onCall.callNext')}
      </Button>
      <Failure error={call.failure} />
    </>
  )
}
