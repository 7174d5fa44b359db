import type { SmsReceipt } from '../gateway.ts'

/**
 * Returns the final state that a receipt gives its delivery; undefined for an intermediate state, which decides
 * nothing.
 */
export function finalKindOf({
  state,
}: SmsReceipt): 'delivered' | 'failed' | 'expired' | 'deleted' | undefined {
  switch (state) {
    case 'delivered':
    case 'expired':
    case 'deleted':
      return state
    case 'undeliverable':
    case 'rejected':
      return 'failed'
    default:
      return undefined
  }
}

/** Returns the error code of a receipt as a field; none when it has no code. */
export const codeOf = ({ errorCode }: SmsReceipt) => (errorCode === undefined ? {} : { errorCode })
