import { useEffect, useRef, useState } from 'react'
import type { AlertView } from '../../../../src/alerts/contract.ts'
import { callApi } from '../../../api/client.ts'
import { askUntilKnown } from '../../../api/doubt.ts'
import type { Draft, GivenOrder } from '../text/draft.ts'

/** Returns which notice above the form is about an order whose result is not known. */
export const ORDERS_ID = 'ordres'

/** Maximum difference between the clocks of the browser and the server; an older time belongs to another submission. */
const CLOCKS_APART_MS = 5000

/**
 * Reads the result of an order.
 * @returns the alert once the order was accepted; null: not so far
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
  // It may have been returned meanwhile.
  const { submittedAt } = alert.approval
  return (
    alert.state === 'submitted' || (submittedAt !== null && Date.parse(submittedAt) > at - CLOCKS_APART_MS)
  )
}

/** Returns when the alert was sent, or submitted. */
export function takenAt(verb: GivenOrder['verb'], alert: AlertView): string {
  return (verb === 'submit' ? alert.approval.submittedAt : alert.orderedAt) ?? alert.createdAt
}

/** An order whose response was lost, and its result as far as it is known. */
export interface Fate {
  readonly order: GivenOrder
  readonly reference: string
  /** When it was sent; null: nothing was sent; undefined: not known yet. */
  readonly at: string | null | undefined
}

/**
 * Asks for the result of orders whose response never reached this tab: the connection was cut, the page was reloaded,
 * the session ended.
 * @param busy the key of the draft whose order is in progress, or whose sheet asks for its result
 */
export function useLostOrders(room: {
  schemeId: string
  drafts: Readonly<Record<string, Draft>>
  busy: string | null
  settle: (key: string, patch: Partial<Draft>) => void
  /** Called when the draft is finished because its order was accepted. */
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
