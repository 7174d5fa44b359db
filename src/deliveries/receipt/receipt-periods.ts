import { DAY_MS } from '../../message/clock.ts'

/** Time for which unknown receipts are looked up again, and receipts of ended broadcasts still matched. */
export const KEEP_MS = 600_000
/** Time for which a provider may repeat the receipt of an ended broadcast: it must not settle another message to its phone. */
export const REPEATED_MS = 3 * DAY_MS
