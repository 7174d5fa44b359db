import type { AlertView } from '../../../../src/alerts/contract.ts'
import { followUpNeedsApproval } from '../../../../src/alerts/follow-up/approval-rules.ts'
import type { FollowUpKind, FollowUpView } from '../../../../src/alerts/follow-up/contract.ts'
import type { SchemeView } from '../../../../src/schemes/contract.ts'
import type { ContentLevel } from '../../../../src/schemes/doctrine.ts'
import { callApi } from '../../../api/client.ts'
import type { FollowUpOrder } from './followUpDraft.ts'

/** Returns the follow-up of an alert that waits for a decision or a correction. */
export function waitingOf({ followUps }: Pick<AlertView, 'followUps'>): FollowUpView | undefined {
  return followUps.find(({ state }) => state === 'submitted' || state === 'returned')
}

/** Returns whether the scheme requires a second person for it. The server checks again when it is ordered. */
export function needsSecondPerson(
  { doctrine }: Pick<SchemeView, 'doctrine'>,
  alert: AlertView,
  followUp: { readonly kind: FollowUpKind; readonly text: string; readonly level: ContentLevel },
): boolean {
  const { category, placeWords, reference, traced } = alert
  return followUpNeedsApproval(
    doctrine,
    {
      categoryCode: category.code,
      severity: category.severity,
      doctrine: alert.doctrine,
      category,
      placeWords,
      reference,
      traced,
    },
    followUp,
  )
}

/**
 * Reads the result of a follow-up's order.
 * @returns the alert once it was accepted; null: not so far
 */
export async function findTakenFollowUp(
  schemeId: string,
  alertId: string,
  { how, kind, text, after }: FollowUpOrder,
  signal: AbortSignal,
): Promise<AlertView | null> {
  const { alert } = await callApi('getAlert', { params: { scheme: schemeId, id: alertId }, signal })
  const taken = alert.followUps.some(
    (one) =>
      one.kind === kind &&
      one.text === text &&
      one.after === after &&
      (one.state === 'ordered' || (how === 'submit' && one.state === 'submitted')),
  )
  return taken ? alert : null
}

/** Returns the kinds of follow-up that are possible in an alert's state. */
export function followUpsOf({ state, broadcasts }: AlertView): FollowUpKind[] {
  const isCleared = broadcasts.some(({ kind }) => kind === 'all_clear')
  switch (state) {
    case 'broadcasting':
      return ['update', 'correction']
    case 'active':
    case 'updated':
      return ['update', 'correction', 'all_clear']
    case 'cancelled':
      return isCleared ? ['correction'] : ['correction', 'all_clear']
    default:
      return []
  }
}

/** Returns whether the outcome of an alert can be recorded: it was sent, and is over. */
export function isOver({ state }: Pick<AlertView, 'state'>): boolean {
  return state === 'ended' || state === 'expired' || state === 'cancelled'
}

/** Creates a key by which the server recognises an order that it receives twice. Also works on pages without HTTPS. */
export function newKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return [8, 12, 16, 20, 32].map((end, i) => hex.slice([0, 8, 12, 16, 20][i], end)).join('-')
}
