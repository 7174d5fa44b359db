import { useEffect, useRef, useState } from 'react'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import { callApi } from '../../../api/client.ts'
import { askUntilKnown } from '../../../api/doubt.ts'
import type { Draft, GivenOrder } from '../text/draft.ts'

/** Of what stands above the form while it is not known whether an order left. */
export const ORDERS_ID = 'ordres'

/** Clocks of a desk and of the server differ by less; what is older is another submission. */
const CLOCKS_APART_MS = 5000

/**
 * Reads what became of an order.
 * @returns the alert, once the order was taken; null: not so far
 */
export async function findTaken(
  schemeId: string,
  order: GivenOrder,
  signal: AbortSignal,
): Promise<AlertView | null> {
  const { alert } = await callApi('getAlert', { params: { scheme: schemeId, id: order.alertId }, signal })
  return wasTaken(order, alert) ? alert : null
}

export function wasTaken({ verb, at }: GivenOrder, alert: AlertView): boolean {
  if (alert.orderedAt !== null) return true
  if (verb !== 'submit') return false
  // It may have been sent back meanwhile.
  const { submittedAt } = alert.approval
  return (
    alert.state === 'submitted' || (submittedAt !== null && Date.parse(submittedAt) > at - CLOCKS_APART_MS)
  )
}

/** When the alert left, or was submitted. */
export function takenAt(verb: GivenOrder['verb'], alert: AlertView): string {
  return (verb === 'submit' ? alert.approval.submittedAt : alert.orderedAt) ?? alert.createdAt
}

/** An order whose answer was lost, and what is known of it now. */
export interface Fate {
  readonly order: GivenOrder
  readonly reference: string
  /** When it left; null: nothing left; undefined: not known yet. */
  readonly at: string | null | undefined
}

/**
 * Asks what became of orders whose answer never came to this tab: the link was cut, the page was loaded again, the
 * session ended.
 * @param busy the key of the draft whose order is on its way, or asked about by its sheet
 */
export function useLostOrders(room: {
  schemeId: string
  drafts: Readonly<Record<string, Draft>>
  busy: string | null
  settle: (key: string, patch: Partial<Draft>) => void
  /** The draft is done with: its order was taken. */
  drop: (key: string) => void
}): { fates: readonly Fate[]; dismiss: (alertId: string) => void } {
  const { schemeId, drafts, busy, settle, drop } = room
  const [known, setKnown] = useState<readonly Fate[]>([])
  const lost = Object.entries(drafts).flatMap(([key, { order, alert }]) =>
    order === null || key === busy ? [] : [{ key, order, reference: alert?.reference ?? '' }],
  )
  const latest = useRef({ settle, drop })
  useEffect(() => {
    latest.current = { settle, drop }
  })
  const names = lost.map(({ key, order }) => `${key} ${order.alertId}`).join()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the orders that are asked about are the reason
  useEffect(() => {
    if (lost.length === 0) return
    const ended = new AbortController()
    const { signal } = ended
    for (const { key, order, reference } of lost) {
      const learn = (at: string | null) => {
        if (signal.aborted) return
        setKnown((before) => [...before, { order, reference, at }])
        if (at === null) latest.current.settle(key, { order: null })
        else latest.current.drop(key)
      }
      askUntilKnown({ kind: 'alert', ask: (each) => findTaken(schemeId, order, each), signal }).then(
        (alert) => learn(takenAt(order.verb, alert)),
        () => learn(null),
      )
    }
    return () => ended.abort()
  }, [schemeId, names])
  return {
    fates: [...lost.map(({ order, reference }) => ({ order, reference, at: undefined })), ...known],
    dismiss: (alertId) => setKnown((before) => before.filter(({ order }) => order.alertId !== alertId)),
  }
}
