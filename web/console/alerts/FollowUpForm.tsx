import { Button, Modal, Switch, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { type FocusEvent, type KeyboardEvent, useRef, useState } from 'react'
import type { AlertView } from '../../../src/alerts/contract.ts'
import type { FollowUpKind, NewFollowUp } from '../../../src/alerts/follow-up-contract.ts'
import { openingText } from '../../../src/alerts/follow-up-texts.ts'
import type { Remark } from '../../../src/guard/guard.ts'
import { inScheme, post } from '../../api/client.ts'
import { followUpPreviewQuery } from '../../api/queries.ts'
import { countOf, timeOf } from '../../ui/format.ts'
import { Failure } from '../../ui/Notice.tsx'
import { useNow } from '../../ui/now.ts'
import { PhonePreview } from '../../ui/PhonePreview.tsx'
import { useText } from '../../ui/text.ts'
import { useGuardOf } from '../room/guard.ts'
import { MAX_PARTS } from '../room/limits.ts'
import { MarkedTextarea } from '../room/MarkedTextarea.tsx'
import { Remarks } from '../room/Remarks.tsx'
import { useCurrent } from '../shell/current.tsx'
import { Cost, Recipients } from './FormParts.tsx'
import classes from './Forms.module.css'
import { newKey, sentAs } from './followUp.ts'

const TEXT_ID = 'suite-texte'

/** What follows an alert need not say again where and when it was, nor give the advice. */
const concernsFollowUp = ({ severity, code }: Remark) =>
  (severity === 'block' && code !== 'too_long') || code === 'capitals'

/** A message to exactly those who got the alert: what it says, how a phone shows it, whom it reaches. */
export function FollowUpForm(props: {
  kind: FollowUpKind
  alert: AlertView
  onDone: (said: string) => Promise<void>
  onClose: () => void
}) {
  const { t, lang } = useText()
  const now = useNow()
  const { scheme, may } = useCurrent()
  const { kind, alert } = props
  const opening = openingText(kind, alert)
  const [text, setText] = useState(opening)
  const [isPrecise, setPrecise] = useState(false)
  const [word, setWord] = useState({ magistrate: '', service: '', scope: '' })
  // One order, however often it has to be sent.
  const [key] = useState(newKey)
  const preview = useQuery(followUpPreviewQuery(scheme.id, alert.id))
  const segments = sentAs(alert, text)
  const guard = useGuardOf(
    scheme.id,
    true,
    (facts) => ({ text, level: isPrecise ? 'precise' : 'established', ...facts }),
    concernsFollowUp,
  )
  const last = alert.broadcasts.at(-1)
  const parts = segments.parts.length
  const isUnwritten = text.trim() === '' || text.trim() === opening.trim()
  const missing =
    (kind === 'all_clear' ? text.trim() === '' : isUnwritten) ||
    parts > MAX_PARTS ||
    guard.blocked ||
    preview.data?.recipients === 0 ||
    (isPrecise && Object.values(word).some((one) => one.trim() === ''))

  const order = useMutation({
    mutationFn: () =>
      post<AlertView>(inScheme(scheme.id, `/alerts/${alert.id}/follow-ups`), {
        kind,
        text,
        level: isPrecise ? 'precise' : 'established',
        ...(isPrecise && { authorisation: word }),
        after: last?.id ?? alert.id,
        key,
      } satisfies NewFollowUp),
    onSuccess: (view) =>
      props.onDone(t(`followUp.${kind}.done`, { count: view.broadcasts.at(-1)?.progress?.planned ?? 0 })),
  })
  const end = useMutation({
    mutationFn: () => post<AlertView>(inScheme(scheme.id, `/alerts/${alert.id}/end`)),
    onSuccess: () => props.onDone(t('followUp.endedQuietly')),
  })
  const isBusy = order.isPending || end.isPending

  // The caret behind the first words.
  const isPlaced = useRef(false)
  const placeCaret = ({ currentTarget }: FocusEvent<HTMLTextAreaElement>) => {
    if (isPlaced.current) return
    isPlaced.current = true
    currentTarget.setSelectionRange(currentTarget.value.length, currentTarget.value.length)
  }

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault()
      if (!missing && !isBusy) order.mutate()
    } else if (event.altKey && event.code === 'KeyF' && guard.first !== null) {
      event.preventDefault()
      setText(event.shiftKey ? guard.fixAll() : guard.first.fix.text)
    }
  }

  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={props.onClose}
      size={720}
      title={t(`followUp.${kind}.title`)}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form
        onKeyDown={onKeyDown}
        onSubmit={(event) => {
          event.preventDefault()
          if (!missing && !isBusy) order.mutate()
        }}
      >
        <p className={classes.what}>{t(`followUp.${kind}.what`)}</p>
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
              <Remarks text={text} guard={guard} undo={null} onFix={setText} />
            )}
          </div>
          <PhonePreview
            label={t('room.preview')}
            sender={alert.sender}
            time={timeOf(lang, now)}
            text={segments.parts.join('')}
            empty={t('room.preview.empty')}
          />
        </div>
        {last !== undefined && (
          <p className={classes.before}>
            <small>
              {t('followUp.before', { time: timeOf(lang, last.orderedAt), kind: t(`message.${last.kind}`) })}
            </small>
            {last.text}
          </p>
        )}
        {may('alert.follow_up_precise') && (
          <Switch
            label={t('followUp.precise')}
            description={t('followUp.precise.why')}
            checked={isPrecise}
            onChange={(event) => setPrecise(event.currentTarget.checked)}
          />
        )}
        {isPrecise && (
          <div className={classes.word}>
            <TextInput
              label={t('followUp.magistrate')}
              required
              maxLength={120}
              value={word.magistrate}
              onChange={(event) => setWord({ ...word, magistrate: event.currentTarget.value })}
            />
            <TextInput
              label={t('followUp.service')}
              required
              maxLength={120}
              value={word.service}
              onChange={(event) => setWord({ ...word, service: event.currentTarget.value })}
            />
            <Textarea
              className={classes.wide ?? ''}
              label={t('followUp.scope')}
              required
              autosize
              minRows={1}
              maxLength={500}
              value={word.scope}
              onChange={(event) => setWord({ ...word, scope: event.currentTarget.value })}
            />
          </div>
        )}
        <Recipients preview={preview} parts={parts} />
        {order.isError && <Failure error={order.error} />}
        {end.isError && <Failure error={end.error} />}
        <div className={classes.actions}>
          {kind === 'all_clear' && alert.state !== 'cancelled' && (
            <Button
              variant="subtle"
              className={classes.quiet ?? ''}
              loading={end.isPending}
              disabled={order.isPending}
              onClick={() => end.mutate()}
            >
              {t('followUp.endQuietly')}
            </Button>
          )}
          <Button variant="default" onClick={props.onClose}>
            {t('confirm.back')}
          </Button>
          <Button
            type="submit"
            disabled={missing || end.isPending}
            loading={order.isPending}
            aria-keyshortcuts="Control+Enter"
          >
            {preview.data === undefined
              ? t('followUp.send.plain')
              : t('followUp.send', {
                  count: preview.data.recipients,
                  shown: countOf(lang, preview.data.recipients),
                })}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
