import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { ServiceMessageView } from '../../../src/messages/contract.ts'
import type { SchemeView } from '../../../src/schemes/contract.ts'
import { serverNow } from '../../api/clock.ts'
import { isRefusal } from '../../api/problems.ts'
import { useAction } from '../../api/useAction.ts'
import { countOf, whenOf } from '../../ui/format/format.ts'
import { useText } from '../../ui/format/text.ts'
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
  const { message } = props
  const [isRefusing, setRefusing] = useState(false)
  const [reason, setReason] = useState('')
  const list = [['messages', props.schemeId]]
  const decide = useAction(
    (outcome: 'send' | 'refuse') =>
      decideMessage(props.schemeId, message.id, { outcome, reason, recipients: message.recipients }),
    {
      fields: ['reason'],
      success: ({ state }) => t(state === 'sent' ? 'messages.sent' : 'messages.refused'),
      refresh: list,
      // The group has changed meanwhile, so its current size is shown.
      refreshAfterFailure: (error) => (isRefusal(error, 'audience_changed') ? list : []),
    },
  )
  const stop = useAction(() => stopMessage(props.schemeId, message.id), {
    success: t('messages.stopped'),
    refresh: list,
    // It may have been sent completely meanwhile, so its current state is shown.
    refreshAfterFailure: list,
  })
  const mayStop = isOnItsWay(message) && message.stopped === null && may('message.write')
  const mayDecide = message.state === 'waiting' && may('message.approve')
  const [isOpen, setOpen] = useState(mayStop || mayDecide)
  const handed = message.recipients - message.withdrawn
  const figures =
    message.channel === 'mail'
      ? message.waiting === 0
        ? t('messages.figures.mail', { count: handed, shown: countOf(lang, handed) })
        : t('messages.figures.waiting', { count: message.waiting ?? 0 })
      : t('messages.figures.sms', {
          delivered: countOf(lang, message.delivered ?? 0),
          recipients: countOf(lang, message.recipients),
          failed: message.failed ?? 0,
        })
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
          describeGroup(t, lang, message.filter, props.facts, message.ofView ? message.viewName : undefined),
          message.state === 'sent'
            ? figures
            : t('messages.count', { count: message.recipients, shown: countOf(lang, message.recipients) }),
          ...(message.withdrawn === 0 ? [] : [t('message.withdrawn', { count: message.withdrawn })]),
          t('messages.by', { name: message.writer, when: whenOf(lang, message.writtenAt, serverNow()) }),
          ...(message.decider === null || message.decider === message.writer
            ? []
            : [t(`messages.decided.${message.state}`, { name: message.decider })]),
          ...(message.stopped === null
            ? []
            : [
                t('messages.stopped.by', {
                  name: message.stopped.by,
                  when: whenOf(lang, message.stopped.at, serverNow()),
                }),
              ]),
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
      {isOpen && mayDecide && !isRefusing && (
        <div className={classes.acts}>
          {message.own ? (
            <p className={classes.about}>{t('messages.own')}</p>
          ) : (
            <Button loading={decide.isPending} onClick={() => decide.mutate('send')}>
              {t('messages.send', { count: message.recipients, shown: countOf(lang, message.recipients) })}
            </Button>
          )}
          <Button variant="default" disabled={decide.isPending} onClick={() => setRefusing(true)}>
            {t('messages.refuse')}
          </Button>
        </div>
      )}
      {isOpen && isRefusing && message.state === 'waiting' && (
        <form
          className={classes.refusal}
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            if (!decide.isPending) decide.mutate('refuse')
          }}
        >
          <TextInput
            label={t('messages.why')}
            autoFocus
            required
            maxLength={300}
            value={reason}
            error={decide.problemAt('reason') ?? false}
            onChange={(event) => setReason(event.currentTarget.value)}
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
    </li>
  )
}
