import { Button, Switch } from '@mantine/core'
import { type FocusEvent, type KeyboardEvent, useRef } from 'react'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import type { FollowUpKind, FollowUpView } from '../../../../src/alerts/follow-up/contract.ts'
import { PhonePreview } from '../../../ui/alert/PhonePreview.tsx'
import { DialogButtons } from '../../../ui/dialog/DialogButtons.tsx'
import { countOf, timeOf } from '../../../ui/format/format.ts'
import { useMinute } from '../../../ui/format/now.ts'
import { useText } from '../../../ui/format/text.ts'
import { AuthorisationFields } from '../../approval/authorisation/AuthorisationFields.tsx'
import { AuthorisationSeal } from '../../approval/authorisation/AuthorisationSeal.tsx'
import { MAX_PARTS } from '../../room/text/limits.ts'
import { MarkedTextarea } from '../../room/text/MarkedTextarea.tsx'
import { Remarks } from '../../room/text/Remarks.tsx'
import { Cost, Recipients } from './FormParts.tsx'
import classes from './Forms.module.css'
import type { Writing } from './useFollowUpDraft.ts'

export const TEXT_ID = 'suite-texte'

/** The step in which the text is written, with its remarks, its look on a phone, its authorisation and its reach. */
export function FollowUpWriting(props: {
  kind: FollowUpKind
  alert: AlertView
  from: FollowUpView | null
  writing: Writing
  hidden: boolean
  /** An order of an earlier visit: its result is being asked for, or nothing was sent. */
  lost: 'no' | 'asking' | 'nothing'
  typed: () => string
  onLook: () => void
  onRestart: () => void
  onQuiet: () => void
  onClose: () => void
}) {
  const { t, lang } = useText()
  const { kind, alert, from, writing } = props
  const { isPrecise, parts, guard, preview, needed, missing } = writing
  const { word, isWordBegun, standing, set, setText } = writing
  const last = alert.broadcasts.at(-1)
  const onKeyDown = (event: KeyboardEvent<HTMLFormElement>) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault()
      const refused = event.currentTarget.querySelector<HTMLElement>('[data-refused]')
      if (refused === null) props.onLook()
      else refused.focus()
    } else if (event.altKey && event.code === 'KeyR' && guard.first !== null) {
      event.preventDefault()
      setText(event.shiftKey ? guard.fixAll() : guard.first.fix.text)
    }
  }
  const recipients = preview.data?.recipients
  const sendLabel =
    recipients === undefined
      ? t('followUp.send.plain')
      : t('followUp.send', { count: recipients, shown: countOf(lang, recipients) })
  const label = needed ? t('followUp.submit') : sendLabel
  return (
    <form
      hidden={props.hidden}
      onKeyDown={onKeyDown}
      onSubmit={(event) => {
        event.preventDefault()
        props.onLook()
      }}
    >
      <p className={classes.what}>{t(`followUp.${kind}.what`)}</p>
      <DraftNotes from={from} writing={writing} lost={props.lost} onRestart={props.onRestart} />
      <MessageField sender={alert.sender} writing={writing} typed={props.typed} />
      {last !== undefined && (
        <p className={classes.before}>
          <small>
            {t('followUp.before', { time: timeOf(lang, last.orderedAt), kind: t(`message.${last.kind}`) })}
          </small>
          {last.text}
        </p>
      )}
      <Switch
        label={t('followUp.precise')}
        description={t('followUp.precise.why')}
        checked={isPrecise}
        onChange={(event) => set({ isPrecise: event.currentTarget.checked })}
      />
      {standing !== null && <AuthorisationSeal authorisation={standing} valid />}
      {isPrecise && standing === null && (
        <div className={classes.word}>
          <AuthorisationFields value={word} onChange={(entry) => set({ word: entry })} />
          {needed && !isWordBegun && <p className={classes.under}>{t('submit.unauthorised')}</p>}
        </div>
      )}
      <Recipients preview={preview} parts={parts} />
      {writing.isUnwritten && <p className={classes.under}>{t('followUp.unwritten')}</p>}
      <DialogButtons
        onBack={props.onClose}
        lead={
          kind === 'all_clear' &&
          alert.state !== 'cancelled' && (
            <Button variant="subtle" className={classes.quiet ?? ''} onClick={props.onQuiet}>
              {t('followUp.endQuietly')}…
            </Button>
          )
        }
      >
        <Button type="submit" disabled={missing} aria-keyshortcuts="Control+Enter">
          {label}
        </Button>
      </DialogButtons>
    </form>
  )
}

/** Says what is known of the draft: returned, another one waits, the result of a lost order, resumed. */
function DraftNotes(props: {
  from: FollowUpView | null
  writing: Writing
  lost: 'no' | 'asking' | 'nothing'
  onRestart: () => void
}) {
  const { t } = useText()
  const { from, writing } = props
  const { waiting } = writing
  return (
    <>
      {from?.state === 'returned' && from.approval.reason !== null && (
        <p className={classes.returned}>
          <b>{t('followUp.returnedBy', { who: from.approval.decidedBy ?? '' })}</b>
          {t('text.quote', { text: from.approval.reason })}
        </p>
      )}
      {waiting !== undefined && waiting.id !== from?.id && (
        <p className={classes.waits}>
          {t('followUp.waits', { kind: t(`message.${waiting.kind}`), who: waiting.createdBy })}
        </p>
      )}
      {props.lost !== 'no' && (
        <p className={classes.waits} role="status">
          {t(props.lost === 'asking' ? 'doubt.asking' : 'doubt.nothing', { kind: 'message' })}
        </p>
      )}
      {writing.isResumed && (
        <p className={classes.resumed} role="status">
          {t('followUp.resumed')}
          <Button
            variant="subtle"
            size="compact-sm"
            onClick={() => {
              writing.restart()
              props.onRestart()
            }}
          >
            {t('followUp.afresh')}
          </Button>
        </p>
      )}
    </>
  )
}

/** The field of the text, with its remarks, beside its look on a phone. */
function MessageField(props: { sender: string; writing: Writing; typed: () => string }) {
  const { t, lang } = useText()
  const now = useMinute()
  const { writing } = props
  const { text, segments, parts, guard, set, setText } = writing
  // Puts the caret after the initial words and after keys typed while the form was loading.
  const isPlaced = useRef(false)
  const placeCaret = ({ currentTarget }: FocusEvent<HTMLTextAreaElement>) => {
    if (isPlaced.current) return
    isPlaced.current = true
    const typed = props.typed()
    if (typed !== '') writing.appendText(typed)
    currentTarget.setSelectionRange(currentTarget.value.length, currentTarget.value.length)
  }
  return (
    <div className={classes.message}>
      <div>
        <label htmlFor={TEXT_ID} className={classes.label}>
          {t('room.message')}
        </label>
        <MarkedTextarea
          id={TEXT_ID}
          data-autofocus
          onFocus={placeCaret}
          autosize
          minRows={4}
          maxRows={8}
          maxLength={1000}
          value={text}
          marks={guard.remarks ?? []}
          aria-describedby="suite-compte"
          error={parts > MAX_PARTS}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <p className={classes.under} id="suite-compte">
          <Cost segments={segments} />
        </p>
        {guard.remarks !== null && guard.remarks.length > 0 && (
          <Remarks
            text={text}
            remarks={guard.remarks}
            fixing={{ guard, undo: null, onFix: setText }}
            passing={writing.passing}
          />
        )}
        {writing.wantsPrecise && (
          <Button variant="light" size="compact-sm" mt={8} onClick={() => set({ isPrecise: true })}>
            {t('followUp.precise.go')}
          </Button>
        )}
      </div>
      <PhonePreview
        label={t('room.preview')}
        sender={props.sender}
        time={timeOf(lang, now)}
        text={segments.parts.join('')}
        empty={t('room.preview.empty')}
      />
    </div>
  )
}
