import { useEffect, useRef, useState } from 'react'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import type { FollowUpKind, NewFollowUp } from '../../../../src/alerts/follow-up/contract.ts'
import { callApi } from '../../../api/client.ts'
import { askUntilKnown, type InDoubt, isGivenUp, postOrder, untilKnown } from '../../../api/doubt.ts'
import { useAction } from '../../../api/useAction.ts'
import { timeOf } from '../../../ui/format/format.ts'
import { useText } from '../../../ui/format/text.ts'
import { useCurrent } from '../../shell/current.tsx'
import { useDeparture } from './Departure.tsx'
import type { AloneForm } from './FollowUpLook.tsx'
import { findTakenFollowUp, newKey } from './followUp.ts'
import type { FollowUpOrder } from './followUpDraft.ts'
import type { Writing } from './useFollowUpDraft.ts'

/** Sends a follow-up, submits it, or sends it without a second person; asks for the result of an order whose answer is lost. */
export function useFollowUpOrder(props: {
  readonly kind: FollowUpKind
  readonly alert: AlertView
  readonly writing: Writing
  readonly form: AloneForm
  readonly cancelSeconds: number
  readonly onDone: (said: string) => Promise<void>
}) {
  const { t, lang } = useText()
  const { scheme } = useCurrent()
  const { kind, alert, writing, form, cancelSeconds } = props
  // One order with one key, however often it has to be sent.
  const [key, setKey] = useState(newKey)
  const done = async (said: string) => {
    writing.forgetDraft()
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
  /** The result of the order is known and nothing was sent, so the next order gets a new key. */
  const forgetOrder = () => {
    setKey(newKey())
    writing.set({ order: undefined })
  }
  const sendAs = (how: FollowUpOrder['how'], input: NewFollowUp, signal: AbortSignal) => {
    const params = { scheme: scheme.id, id: alert.id }
    if (how === 'override') {
      const reason = form.values.reason.trim()
      return callApi('overrideFollowUp', { params, body: { ...input, reason }, signal })
    }
    return callApi(how === 'order' ? 'orderFollowUp' : 'submitFollowUp', { params, body: input, signal })
  }
  /** The draft keeps the order until it is known whether it was accepted. */
  const submitOrder = async (how: FollowUpOrder['how'], input: NewFollowUp, { onDoubt, signal }: InDoubt) => {
    const order = { how, kind, text: writing.text.trim(), after: input.after }
    writing.set({ order })
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
      if (!isGivenUp(error)) forgetOrder()
      throw error
    }
  }
  const departure = useDeparture(cancelSeconds, (doubt) => submitOrder('order', writing.bodyOf(key), doubt))
  const alone = useDeparture(Math.max(1, cancelSeconds), (doubt) =>
    submitOrder('override', writing.bodyOf(key), doubt),
  )
  const [isAsking, setAsking] = useState(false)
  const asking = useRef<AbortController | null>(null)
  const submit = useAction(
    () => {
      asking.current = new AbortController()
      return submitOrder('submit', writing.bodyOf(key), {
        onDoubt: () => setAsking(true),
        signal: asking.current.signal,
      })
    },
    {
      onSettled: () => setAsking(false),
    },
  )
  // An order from before this tab was reloaded, whose response never arrived.
  const [lost, setLost] = useState<'no' | 'asking' | 'nothing'>(
    writing.keptOrder === undefined ? 'no' : 'asking',
  )
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, for what was kept
  useEffect(() => {
    if (writing.keptOrder === undefined) return
    const order = writing.keptOrder
    const ended = new AbortController()
    askUntilKnown({
      kind: 'message',
      ask: (each) => findTakenFollowUp(scheme.id, alert.id, order, each),
      signal: ended.signal,
    }).then(
      (view) => (order.how === 'submit' ? done(t('followUp.submitted')) : ordered(view, true)),
      (error: unknown) => {
        if (isGivenUp(error)) return
        forgetOrder()
        setLost('nothing')
      },
    )
    return () => ended.abort()
  }, [])
  return {
    departure,
    alone,
    submit,
    isAsking,
    lost,
    done,
    isSending: submit.isPending || departure.step === 'sending' || alone.step === 'sending',
    isInDoubt: isAsking || departure.step === 'asking' || alone.step === 'asking',
    /** Stops asking for the result; the next visit asks again. */
    leave: () => {
      for (const one of [departure, alone]) one.leave()
      asking.current?.abort()
    },
  }
}
