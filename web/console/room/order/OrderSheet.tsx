import { Modal } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { AudienceView, NearAlert } from '../../../../src/alerts/contract.ts'
import type { AreaChoice } from '../../../../src/territory/contract.ts'
import { ExerciseBanner } from '../../../ui/alert/Exercise.tsx'
import { PhonePreview } from '../../../ui/alert/PhonePreview.tsx'
import { countOf, moneyOf, timeOf } from '../../../ui/format/format.ts'
import { useNow } from '../../../ui/format/now.ts'
import { type FormatMessage, useText } from '../../../ui/format/text.ts'
import { KeepFocus } from '../../../ui/KeepFocus.tsx'
import { Failure } from '../../../ui/Notice.tsx'
import { ofArea } from '../audience/areas.ts'
import { finishOf, secondsOf } from '../audience/Consequences.tsx'
import { NearNotice } from '../desk/notices/NearNotice.tsx'
import type { Message } from '../text/message.ts'
import classes from './ConfirmSheet.module.css'

/** An order as it is read before it is given. */
export interface OrderRead {
  area: AreaChoice
  trades: readonly string[]
  audience: UseQueryResult<AudienceView>
  message: Message
  exercise: boolean
  sender: string
  routeDown: boolean
  /** Warnings to consider before confirming; null: none. */
  caution: string | null
  near: readonly NearAlert[]
  /** Whether the operator confirmed all near alerts that were sent. */
  nearTicked: boolean
  onNearTick: (done: boolean) => void
  /** Seconds in which the order can be cancelled; 0: it is sent at once. */
  cancelSeconds: number
}

/** The sheet of a final check: what is read before the order, the near alerts to confirm, and below them how it is given. */
export function OrderSheet(
  props: OrderRead & {
    title: string
    /** False while the order is leaving or being sent. */
    mayClose: boolean
    closesOutside: boolean
    onClose: () => void
    children: ReactNode
  },
) {
  const { t } = useText()
  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={props.onClose}
      size={620}
      title={props.title}
      closeOnClickOutside={props.closesOutside}
      closeButtonProps={{
        'aria-label': t('action.close'),
        className: props.mayClose ? '' : (classes.away ?? ''),
      }}
      classNames={{ title: classes.title ?? '', content: classes.content ?? '', inner: classes.inner ?? '' }}
    >
      <KeepFocus />
      {props.exercise && <ExerciseBanner />}
      <Reading {...props} />
      <NearNotice alerts={props.near} tick={{ done: props.nearTicked, onChange: props.onNearTick }} />
      {props.children}
    </Modal>
  )
}

/** Asks for the confirmation, with the exact number of recipients. */
export function titleOf(
  t: FormatMessage,
  lang: 'fr' | 'en',
  question: 'confirm.title' | 'override.ask',
  audience: OrderRead['audience'],
  area: AreaChoice,
): string {
  if (audience.data === undefined) return t(audience.isError ? 'room.send.plain' : 'confirm.counting')
  const { members } = audience.data
  const words = lang === 'fr' ? ofArea(area.words) : area.words
  return t(question, { count: members, shown: countOf(lang, members), area: words })
}

/** Shows the text, the area, the number of recipients and the time. */
function Reading(props: OrderRead) {
  const { t, lang } = useText()
  const now = useNow()
  const { audience, message } = props
  const parts = message.segments.parts.length
  const figures = audience.data
  const seconds = figures === undefined ? null : secondsOf(figures, parts)
  return (
    <div className={classes.reading}>
      <PhonePreview
        label={t('room.preview')}
        sender={props.sender}
        time={timeOf(lang, now)}
        text={message.sent}
        empty=""
      />
      <dl className={classes.figures}>
        <Line name={t('confirm.area')} value={props.area.name} />
        <Line
          name={t('room.trades')}
          value={props.trades.length === 0 ? t('room.trades.all') : props.trades.join(', ')}
        />
        <Line
          name={t('figure.sms')}
          value={figures && t('confirm.sms', { sms: countOf(lang, figures.channels.sms * parts), parts })}
        />
        {figures !== undefined && figures.leftOut.quiet + figures.leftOut.fatigue > 0 && (
          <Line
            name={t('confirm.leftOut.name')}
            value={t('confirm.leftOut', {
              count: figures.leftOut.quiet + figures.leftOut.fatigue,
              ...figures.leftOut,
            })}
          />
        )}
        <Line name={t('figure.cost')} value={figures && moneyOf(lang, figures.costCents * parts)} />
        <Line
          name={t('figure.finish')}
          value={
            figures &&
            (seconds === null
              ? t('figure.unknown')
              : t('confirm.finish', {
                  span: finishOf(t, lang, seconds),
                  time: timeOf(lang, now + (seconds + props.cancelSeconds) * 1000),
                }))
          }
        />
      </dl>
      {audience.isError && <Failure error={audience.error} retry={() => void audience.refetch()} />}
      {props.caution !== null && <p className={classes.warn}>{props.caution}</p>}
      {props.routeDown && <p className={classes.warn}>{t('confirm.routeDown')}</p>}
    </div>
  )
}

function Line(props: { name: string; value: string | undefined }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.value ?? '…'}</dd>
    </div>
  )
}
