import { Button, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import type { ServiceMessageView } from '../../../src/messages/contract.ts'
import type { SchemeView } from '../../../src/schemes/contract.ts'
import { serverNow } from '../../api/clock.ts'
import { isRefusal } from '../../api/problems.ts'
import { useAction } from '../../api/useAction.ts'
import { countOf, whenOf } from '../../ui/format/format.ts'
import { type FormatMessage, type Lang, useText } from '../../ui/format/text.ts'
import { Failure } from '../../ui/Notice.tsx'
import { RowHead, rowClass } from '../../ui/RowHead.tsx'
import { StateTag } from '../../ui/StateTag.tsx'
import { useCurrent } from '../shell/current.tsx'
import { describeGroup } from './group.ts'
import classes from './Messages.module.css'
import { decideMessage, isOnItsWay, stopMessage } from './queries.ts'

/**
 * Shows one message: its recipients, their delivery, and the beginning of its text; the whole once it is opened, as is one that the
 * user can decide on or stop.
 */
export function Message(props: {
  schemeId: string
  message: ServiceMessageView
  facts: SchemeView | undefined
}) {
  const { t, lang } = useText()
  const { may } = useCurrent()
  const { message, facts } = props
  const list = [['messages', props.schemeId]]
  const stop = useAction(() => stopMessage(props.schemeId, message.id), {
    success: t('messages.stopped'),
    refresh: list,
    // It may have been sent completely meanwhile, so its current state is shown.
    refreshAfterFailure: list,
  })
  const mayStop = isOnItsWay(message) && message.stopped === null && may('message.write')
  const mayDecide = message.state === 'waiting' && may('message.approve')
  const [isOpen, setOpen] = useState(mayStop || mayDecide)
  return (
    <li className={`${classes.message} ${rowClass}`}>
      <RowHead id={message.id} isOpen={isOpen} onToggle={() => setOpen(!isOpen)}>
        <b>{message.subject === '' ? t('messages.channel.sms') : message.subject}</b>
        <StateTag tone={message.state === 'waiting' ? 'warn' : message.state === 'sent' ? 'done' : 'neutral'}>
          {message.stopped !== null
            ? t('messages.state.stopped')
            : isOnItsWay(message)
              ? t('messages.state.going')
              : t(`messages.state.${message.state}`)}
        </StateTag>
      </RowHead>
      <p className={isOpen ? classes.text : classes.excerpt}>{message.text}</p>
      <p className={classes.about}>
        {[
          describeGroup(t, lang, message.filter, facts, message.ofView ? message.viewName : undefined),
          describeDelivery(t, lang, message),
          ...describePeople(t, lang, message),
        ].join(' · ')}
      </p>
      {message.reason !== null && <p>{message.reason}</p>}
      {isOpen && mayStop && (
        <div className={classes.acts}>
          <Button variant="default" loading={stop.isPending} onClick={() => stop.mutate()}>
            {t('messages.stop')}
          </Button>
        </div>
      )}
      <Failure error={stop.failure} />
      <Decision schemeId={props.schemeId} message={message} isOpen={isOpen} />
    </li>
  )
}

/** Tells how many recipients it has, or how far it was delivered to them. */
function describeDelivery(t: FormatMessage, lang: Lang, message: ServiceMessageView): string {
  const { recipients } = message
  if (message.state !== 'sent')
    return t('messages.count', { count: recipients, shown: countOf(lang, recipients) })
  if (message.channel !== 'mail')
    return t('messages.figures.sms', {
      delivered: countOf(lang, message.delivered ?? 0),
      recipients: countOf(lang, recipients),
      failed: message.failed ?? 0,
    })
  if (message.waiting !== 0) return t('messages.figures.waiting', { count: message.waiting ?? 0 })
  const handed = recipients - message.withdrawn
  return t('messages.figures.mail', { count: handed, shown: countOf(lang, handed) })
}

/** Tells how many recipients were withdrawn, and who wrote, decided and stopped it. */
function describePeople(t: FormatMessage, lang: Lang, message: ServiceMessageView): string[] {
  const { withdrawn, writer, decider, stopped } = message
  return [
    ...(withdrawn === 0 ? [] : [t('message.withdrawn', { count: withdrawn })]),
    t('messages.by', { name: writer, when: whenOf(lang, message.writtenAt, serverNow()) }),
    ...(decider === null || decider === writer
      ? []
      : [t(`messages.decided.${message.state}`, { name: decider })]),
    ...(stopped === null
      ? []
      : [t('messages.stopped.by', { name: stopped.by, when: whenOf(lang, stopped.at, serverNow()) })]),
  ]
}

/** Lets a second person send a waiting message, or refuse it with a reason. Its author can only refuse it. */
function Decision(props: { schemeId: string; message: ServiceMessageView; isOpen: boolean }) {
  const { t, lang } = useText()
  const { may } = useCurrent()
  const { message } = props
  const { recipients } = message
  const [isRefusing, setRefusing] = useState(false)
  const form = useForm({ initialValues: { reason: '' } })
  const list = [['messages', props.schemeId]]
  const decide = useAction(
    (outcome: 'send' | 'refuse') =>
      decideMessage(props.schemeId, message.id, { outcome, ...form.values, recipients }),
    {
      fields: ['reason'],
      success: ({ state }) => t(state === 'sent' ? 'messages.sent' : 'messages.refused'),
      refresh: list,
      // The group has changed meanwhile, so its current size is shown.
      refreshAfterFailure: (error) => (isRefusal(error, 'audience_changed') ? list : []),
    },
  )
  const isWaiting = props.isOpen && message.state === 'waiting'
  return (
    <>
      {isWaiting && may('message.approve') && !isRefusing && (
        <div className={classes.acts}>
          {message.own ? (
            <p className={classes.about}>{t('messages.own')}</p>
          ) : (
            <Button loading={decide.isPending} onClick={() => decide.mutate('send')}>
              {t('messages.send', { count: recipients, shown: countOf(lang, recipients) })}
            </Button>
          )}
          <Button variant="default" disabled={decide.isPending} onClick={() => setRefusing(true)}>
            {t('messages.refuse')}
          </Button>
        </div>
      )}
      {isWaiting && isRefusing && (
        <form
          className={classes.refusal}
          noValidate
          onSubmit={form.onSubmit(() => {
            if (!decide.isPending) decide.mutate('refuse')
          })}
        >
          <TextInput
            label={t('messages.why')}
            autoFocus
            required
            maxLength={300}
            {...form.getInputProps('reason')}
            error={decide.problemAt('reason') ?? false}
          />
          <div className={classes.acts}>
            <Button type="submit" loading={decide.isPending}>
              {t('messages.refuse.confirm')}
            </Button>
            <Button variant="default" disabled={decide.isPending} onClick={() => setRefusing(false)}>
              {t('messages.cancel')}
            </Button>
          </div>
        </form>
      )}
      <Failure error={decide.failure} />
    </>
  )
}
