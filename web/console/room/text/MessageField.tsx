import { UnstyledButton } from '@mantine/core'
import { lazy, Suspense } from 'react'
import { listRareCharacters } from '../../../../src/message/fold.ts'
import { PART_UNITS } from '../../../../src/message/segment.ts'
import { PhonePreview } from '../../../ui/alert/PhonePreview.tsx'
import { timeOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import classes from '../call/Fields.module.css'
import type { Saved } from './autosave.ts'
import type { RoomGuard } from './guard.ts'
import { MAX_PARTS } from './limits.ts'
import { MarkedTextarea } from './MarkedTextarea.tsx'
import type { Message } from './message.ts'
import { SaveState } from './SaveState.tsx'
import type { Passing } from './usePassing.ts'

// Loaded with the guard, once a call begins.
const Remarks = lazy(() => import('./Remarks.tsx').then((module) => ({ default: module.Remarks })))

export const MESSAGE_ID = 'message'

/** Shows the text, its cost, and the message as a phone will show it. */
export function MessageField(props: {
  message: Message
  sender: string
  guard: RoomGuard
  saved: Saved
  undoFix: (() => void) | null
  passing: Passing
  onFix: (text: string) => void
  onChange: (text: string | null) => void
}) {
  const { t, lang } = useText()
  const now = useMinute()
  const { message } = props
  const { parts, units, encoding, replaced } = message.segments
  const limits = PART_UNITS[encoding]
  const room = parts.length === 1 ? limits.single : limits.multi * parts.length
  const over = parts.length > MAX_PARTS
  // A recorded reference has its number already.
  const numberless = /\S+-\?{4}/.exec(message.sent)?.[0]
  return (
    <div>
      <div className={classes.label}>
        <label htmlFor={MESSAGE_ID}>{t('room.message')}</label>
        <span className={classes.aside}>
          {message.byHand ? t('room.message.byHand') : t('room.message.proposed')}
        </span>
        {message.byHand && (
          <UnstyledButton className={`${classes.small}`} onClick={() => props.onChange(null)}>
            {t('room.message.again')}
          </UnstyledButton>
        )}
        {/* An empty form has nothing to save. */}
        {message.text.trim() !== '' && <SaveState saved={props.saved} />}
      </div>
      <div className={classes.message}>
        <div>
          <MarkedTextarea
            id={MESSAGE_ID}
            autosize
            minRows={2}
            maxRows={8}
            maxLength={1000}
            placeholder={t('room.message.placeholder')}
            value={message.text}
            marks={props.guard.remarks ?? []}
            aria-describedby="message-compte"
            error={over}
            onChange={(event) => props.onChange(event.currentTarget.value)}
          />
          <div className={classes.under} id="message-compte">
            {message.text !== '' && (
              <span data-over={over || undefined}>
                {t('room.message.count', { units, room, parts: parts.length, encoding })}
              </span>
            )}
            {numberless !== undefined && (
              <span>{t('room.message.reference', { reference: numberless })}</span>
            )}
            {over && <span data-over>{t('room.message.tooLong', { max: MAX_PARTS })}</span>}
          </div>
          {replaced.length > 0 && (
            <p className={classes.note}>
              {t('room.message.replaced')}{' '}
              {replaced.map(({ from, to }, index) => (
                <span key={from}>
                  {index > 0 && ', '}
                  <b>{from === '\n' ? '↵' : from}</b> → <b>{to === '' ? t('room.message.removed') : to}</b>
                </span>
              ))}
            </p>
          )}
          {encoding === 'UCS-2' && (
            <p className={classes.note}>
              {t('room.message.rare', { characters: listRareCharacters(message.text).join(' ') })}
            </p>
          )}
        </div>
        <PhonePreview
          label={t('room.preview')}
          sender={props.sender}
          time={timeOf(lang, now)}
          text={message.sent}
          empty={t('room.preview.empty')}
        />
      </div>
      {props.guard.remarks !== null && (
        <Suspense>
          <Remarks
            text={message.text}
            remarks={props.guard.remarks}
            fixing={{ guard: props.guard, undo: props.undoFix, onFix: props.onFix }}
            passing={props.passing}
          />
        </Suspense>
      )}
    </div>
  )
}
