import type { DeliveryState } from '../schema.ts'

/**
 * For each state, the states that a delivery may leave for it. Any other transition is refused: a final state stays, except
 * that a receipt may prove that what counted as expired has arrived, and that a phone whose memory was full is tried again.
 */
export const mayBecome: Readonly<Record<DeliveryState, readonly DeliveryState[]>> = {
  // A submission in doubt is sent again, marked as a possible duplicate; one that found the memory of the phone full, once.
  planned: ['in_doubt', 'failed'],
  accepted: ['planned', 'in_doubt'],
  // A receipt may come before the submit answer, or settle a submission in doubt.
  delivered: ['planned', 'accepted', 'in_doubt', 'expired'],
  in_doubt: ['planned'],
  failed: ['planned', 'accepted', 'in_doubt'],
  expired: ['planned', 'accepted', 'in_doubt'],
  // Accepted: the provider called it back (cancel_sm).
  withdrawn: ['planned', 'accepted', 'in_doubt'],
}

/** Final states. */
export const FINAL_STATES: readonly DeliveryState[] = ['delivered', 'failed', 'expired', 'withdrawn']
