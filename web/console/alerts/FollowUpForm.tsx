import { Button, Modal, Switch } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FocusEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react'
import type { AlertView } from '../../../src/alerts/contract.ts'
import type { FollowUpKind, FollowUpView, NewFollowUp } from '../../../src/alerts/follow-up/contract.ts'
import { concernsFollowUp } from '../../../src/alerts/follow-up/remarks.ts'
import { openingText } from '../../../src/alerts/follow-up/texts.ts'
import { callApi } from '../../api/client.ts'
import { serverNow } from '../../api/clock.ts'
import { askUntilKnown, isGivenUp, postOrder, untilKnown } from '../../api/doubt.ts'
import { followUpPreviewQuery, schemeQuery } from '../../api/queries.ts'
import { useAction } from '../../api/useAction.ts'
import { countOf, timeOf } from '../../ui/format.ts'
import { KeepFocus } from '../../ui/KeepFocus.tsx'
import { Failure } from '../../ui/Notice.tsx'
import { useNow } from '../../ui/now.ts'
import { PhonePreview } from '../../ui/PhonePreview.tsx'
import { useText } from '../../ui/text.ts'
import { type AuthorisationEntry, AuthorisationFields, isComplete } from '../approval/AuthorisationFields.tsx'
import { AuthorisationSeal } from '../approval/AuthorisationSeal.tsx'
import { prosecutorOf } from '../room/doctrine/doctrine.ts'
import sheet from '../room/order/ConfirmSheet.module.css'
import { sendingOf } from '../room/order/sent.ts'
import { useGuardOf } from '../room/text/guard.ts'
import { MAX_PARTS } from '../room/text/limits.ts'
import { MarkedTextarea } from '../room/text/MarkedTextarea.tsx'
import { Remarks } from '../room/text/Remarks.tsx'
import { useCurrent } from '../shell/current.tsx'
import { type InDoubt, useDeparture } from './Departure.tsx'
import { FollowUpLook } from './FollowUpLook.tsx'
import { Cost, Recipients } from './FormParts.tsx'
import classes from './Forms.module.css'
import { findTakenFollowUp, needsSecondPerson, newKey, waitingOf } from './followUp.ts'
import { type FollowUpDraft, type FollowUpOrder, keepDraft, keptDraft } from './followUpDraft.ts'

const TEXT_ID = 'suite-texte'

/**
 * `look`: the final check before it is sent or submitted; `alone`: a chief gives the reason to send it without a second
 * person; `quiet`: asks whether to end the alert without notifying the recipients.
 */
type Step = 'write' | 'look' | 'alone' | 'quiet'

/** A form for a message to exactly the recipients of the alert: its text, its look on a phone, its reach. */
export function FollowUpForm(props: {
  kind: FollowUpKind
  alert: AlertView
  /** A pending follow-up, opened to be changed. */
  from: FollowUpView | null
  /** Keys typed before the form had loaded. */
  typed: () => string
  onDone: (said: string) => Promise<void>
  onClose: () => void
}) {
  const { t, lang } = useText()
  const now = useNow()
  const { scheme, may } = useCurrent()
  const { kind, alert, from } = props
  const opening = from?.text ?? openingText(kind, alert)
  const base = from === null ? null : `${from.id}.${from.version}`
  const [kept] = useState(() => keptDraft(scheme.id, alert.id, kind, base))
  const [isResumed, setResumed] = useState(kept !== null)
  const fresh: FollowUpDraft = { text: opening, isPrecise: from?.level === 'precise', word: {}, from: base }
  const [draft, setDraft] = useState<FollowUpDraft>(kept ?? fresh)
  const [step, setStep] = useState<Step>('write')
  const [reason, setReason] = useState('')
  // One order with one key, however often it has to be sent.
  const [key, setKey] = useState(newKey)
  const preview = useQuery(followUpPreviewQuery(scheme.id, alert.id))
  const whole = useQuery(schemeQuery(scheme.id)).data
  const { text, isPrecise } = draft
  const level = isPrecise ? 'precise' : 'established'
  const word: AuthorisationEntry = {
    magistrate: '',
    service: whole === undefined ? '' : prosecutorOf(whole),
    givenAt: null,
    scope: '',
    ...draft.word,
  }
  const segments = sendingOf({ ...alert, text })
  const { occurredAt } = alert
  const guard = useGuardOf(
    scheme.id,
    true,
    (facts) => ({ text, level, occurredAt, place: alert.placeWords, ...facts }),
    concernsFollowUp,
  )
  const last = alert.broadcasts.at(-1)
  const parts = segments.parts.length
  const isUnwritten = from === null && kind !== 'all_clear' && text.trim() === opening.trim()
  const needed = whole !== undefined && needsSecondPerson(whole, alert, { kind, text, level })
  const waiting = waitingOf(alert)
  /** The recorded authorisation, if it is still valid for this very text. */
  const standing =
    from?.authorisation?.valid && isPrecise && text.trim() === from.text ? from.authorisation : null
  const isAuthorised = !isPrecise || standing !== null || isComplete(word)
  const isWordBegun = [word.magistrate, word.scope].some((one) => one.trim() !== '')
  const missing =
    whole === undefined ||
    draft.order !== undefined ||
    text.trim() === '' ||
    isUnwritten ||
    parts > MAX_PARTS ||
    guard.blocked ||
    preview.data?.recipients === 0 ||
    // When approval is required, the authorisation may be empty but not partially filled in.
    (!isAuthorised && (!needed || isWordBegun))

  const set = (patch: Partial<typeof draft>) => setDraft((before) => ({ ...before, ...patch }))
  const setText = (next: string) => set({ text: next })
  const isTouched = text !== opening || Object.keys(draft.word).length > 0 || draft.order !== undefined
  // After closing or reloading, the written text is restored.
  useEffect(() => {
    keepDraft(scheme.id, alert.id, kind, isTouched ? draft : null)
  }, [scheme.id, alert.id, kind, draft, isTouched])

  const body = (): NewFollowUp => ({
    kind,
    text,
    level,
    ...(isPrecise &&
      standing === null &&
      isComplete(word) && {
        authorisation: {
          magistrate: word.magistrate.trim(),
          service: word.service.trim(),
          scope: word.scope.trim(),
          givenAt: word.givenAt ?? new Date(serverNow()).toISOString(),
        },
      }),
    after: last?.id ?? alert.id,
    key,
    ...(waiting !== undefined &&
      (needed || waiting.id === from?.id) && {
        replaces: { id: waiting.id, version: waiting.version },
      }),
  })
  const done = async (said: string) => {
    keepDraft(scheme.id, alert.id, kind, null)
    await props.onDone(said)
  }
  const ordered = (view: AlertView, wasLost: boolean) =>
    done(
      wasLost
        ? t('doubt.left', {
            kind: 'message',
            time: timeOf(lang, view.broadcasts.at(-1)?.orderedAt ?? view.createdAt),
          })
        : t(`followUp.${kind}.done`, { count: view.broadcasts.at(-1)?.progress?.planned ?? 0 }),
    )
  const cancelSeconds = whole?.doctrine.cancelWindowSeconds ?? 0
  /** The result of the order is known and nothing was sent, so the next order gets a new key. */
  const forget = () => {
    setKey(newKey())
    set({ order: undefined })
  }
  const sendAs = (how: FollowUpOrder['how'], input: NewFollowUp, signal: AbortSignal) => {
    const params = { scheme: scheme.id, id: alert.id }
    if (how === 'override') {
      return callApi('overrideFollowUp', { params, body: { ...input, reason: reason.trim() }, signal })
    }
    return callApi(how === 'order' ? 'orderFollowUp' : 'submitFollowUp', { params, body: input, signal })
  }
  /** The draft keeps the order until it is known whether it was accepted. */
  const give = async (how: FollowUpOrder['how'], input: NewFollowUp, { onDoubt, signal }: InDoubt) => {
    const order = { how, kind, text: text.trim(), after: input.after }
    set({ order })
    let wasLost = false
    try {
      const view = await untilKnown(() => postOrder((signal) => sendAs(how, input, signal)), {
        kind: how === 'submit' ? 'submission' : 'message',
        ask: (each) => findTakenFollowUp(scheme.id, alert.id, order, each),
        onDoubt: () => {
          wasLost = true
          onDoubt?.()
        },
        signal,
      })
      await (how === 'submit' ? done(t('followUp.submitted')) : ordered(view, wasLost))
    } catch (error) {
      if (!isGivenUp(error)) forget()
      throw error
    }
  }
  const departure = useDeparture(cancelSeconds, (doubt) => give('order', body(), doubt))
  const alone = useDeparture(Math.max(1, cancelSeconds), (doubt) => give('override', body(), doubt))
  const [isAsking, setAsking] = useState(false)
  const asking = useRef<AbortController | null>(null)
  const submit = useAction(
    () => {
      asking.current = new AbortController()
      return give('submit', body(), { onDoubt: () => setAsking(true), signal: asking.current.signal })
    },
    {
      onSettled: () => setAsking(false),
    },
  )
  // An order from before this tab was reloaded, whose response never arrived.
  const [lost, setLost] = useState<'no' | 'asking' | 'nothing'>(kept?.order === undefined ? 'no' : 'asking')
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, for what was kept
  useEffect(() => {
    if (kept?.order === undefined) return
    const { order } = kept
    const ended = new AbortController()
    askUntilKnown({
      kind: 'message',
      ask: (each) => findTakenFollowUp(scheme.id, alert.id, order, each),
      signal: ended.signal,
    }).then(
      (view) => (order.how === 'submit' ? done(t('followUp.submitted')) : ordered(view, true)),
      (error: unknown) => {
        if (isGivenUp(error)) return
        forget()
        setLost('nothing')
      },
    )
    return () => ended.abort()
  }, [])
  const end = useAction(() => callApi('endAlert', { params: { scheme: scheme.id, id: alert.id } }), {
    onSuccess: () => done(t('followUp.endedQuietly')),
  })
  const isBusy = submit.isPending || end.isPending || departure.step === 'sending' || alone.step === 'sending'

  const isInDoubt = isAsking || departure.step === 'asking' || alone.step === 'asking'

  // Puts the caret after the initial words and after keys typed while the form was loading.
  const isPlaced = useRef(false)
  const placeCaret = ({ currentTarget }: FocusEvent<HTMLTextAreaElement>) => {
    if (isPlaced.current) return
    isPlaced.current = true
    const typed = props.typed()
    if (typed !== '') setDraft((before) => ({ ...before, text: before.text + typed }))
    currentTarget.setSelectionRange(currentTarget.value.length, currentTarget.value.length)
  }
  // Waits until the form is visible again, since a hidden element takes no focus.
  const isBack = useRef(false)
  useEffect(() => {
    if (step !== 'write' || !isBack.current) return
    isBack.current = false
    document.getElementById(TEXT_ID)?.focus()
  }, [step])
  const write = () => {
    isBack.current = true
    setStep('write')
  }
  const close = () => {
    if (isInDoubt) {
      for (const one of [departure, alone]) one.leave()
      asking.current?.abort()
      return props.onClose()
    }
    if (isBusy) return
    if (departure.step === 'leaving') departure.cancel()
    else if (alone.step === 'leaving') alone.cancel()
    else if (step === 'write') props.onClose()
    else if (step === 'alone') setStep('look')
    else write()
  }
  const look = () => {
    if (!missing && !isBusy) setStep('look')
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault()
      look()
    } else if (event.altKey && event.code === 'KeyF' && guard.first !== null) {
      event.preventDefault()
      setText(event.shiftKey ? guard.fixAll() : guard.first.fix.text)
    }
  }
  const wantsPrecise =
    !isPrecise &&
    guard.remarks?.some(({ severity, allowedFrom }) => severity === 'block' && allowedFrom === 'precise')

  return (
    <Modal
      opened
      transitionProps={{ duration: 0 }}
      onClose={close}
      size={720}
      title={step === 'look' && needed ? t('followUp.submit.title') : t(`followUp.${kind}.title`)}
      closeOnClickOutside={step === 'write'}
      closeButtonProps={{
        'aria-label': t('action.close'),
        className:
          isInDoubt || (!isBusy && departure.step !== 'leaving' && alone.step !== 'leaving')
            ? ''
            : (sheet.away ?? ''),
      }}
    >
      <KeepFocus />
      <form
        hidden={step !== 'write'}
        onKeyDown={onKeyDown}
        onSubmit={(event) => {
          event.preventDefault()
          look()
        }}
      >
        <p className={classes.what}>{t(`followUp.${kind}.what`)}</p>
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
        {lost !== 'no' && (
          <p className={classes.waits} role="status">
            {t(lost === 'asking' ? 'doubt.asking' : 'doubt.nothing', { kind: 'message' })}
          </p>
        )}
        {isResumed && (
          <p className={classes.resumed} role="status">
            {t('followUp.resumed')}
            <Button
              variant="subtle"
              size="compact-sm"
              onClick={() => {
                setResumed(false)
                setDraft(fresh)
                write()
              }}
            >
              {t('followUp.afresh')}
            </Button>
          </p>
        )}
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
              <Remarks text={text} remarks={guard.remarks} fixing={{ guard, undo: null, onFix: setText }} />
            )}
            {wantsPrecise && (
              <Button variant="light" size="compact-sm" mt={8} onClick={() => set({ isPrecise: true })}>
                {t('followUp.precise.go')}
              </Button>
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
        <div className={classes.actions}>
          {kind === 'all_clear' && alert.state !== 'cancelled' && (
            <Button variant="subtle" className={classes.quiet ?? ''} onClick={() => setStep('quiet')}>
              {t('followUp.endQuietly')}…
            </Button>
          )}
          <Button variant="default" onClick={props.onClose}>
            {t('confirm.back')}
          </Button>
          <Button type="submit" disabled={missing} aria-keyshortcuts="Control+Enter">
            {needed
              ? t('followUp.submit')
              : preview.data === undefined
                ? t('followUp.send.plain')
                : t('followUp.send', {
                    count: preview.data.recipients,
                    shown: countOf(lang, preview.data.recipients),
                  })}
          </Button>
        </div>
      </form>
      {(step === 'look' || step === 'alone') && (
        <FollowUpLook
          alert={alert}
          segments={segments}
          preview={preview}
          needed={needed}
          authorised={isAuthorised}
          cancelSeconds={cancelSeconds}
          departure={departure}
          submit={submit}
          isAsking={isAsking}
          alone={
            needed && may('alert.override') && whole?.doctrine.emergencyOverride === true && isAuthorised
              ? { departure: alone, isOpen: step === 'alone', reason, onReason: setReason, open: setStep }
              : null
          }
          onBack={isInDoubt ? close : write}
        />
      )}
      {step === 'quiet' && (
        <>
          <p>{t('followUp.endQuietly.what')}</p>
          <Failure error={end.failure} />
          <div className={classes.actions}>
            <Button variant="default" autoFocus onClick={write}>
              {t('confirm.back')}
            </Button>
            <Button color="red" variant="outline" loading={end.isPending} onClick={() => end.mutate()}>
              {t('followUp.endQuietly')}
            </Button>
          </div>
        </>
      )}
    </Modal>
  )
}
