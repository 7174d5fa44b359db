import { formatMessage, type Lang } from '../../i18n/format.ts'
import type { DeliveryState } from '../../schema.ts'

/** Message keys of the `command_status` values met when sending (SMPP 3.4 table 5-2). */
const refusals: Readonly<Record<number, `failure.${string}`>> = {
  8: 'failure.provider_error',
  10: 'failure.sender_refused',
  11: 'failure.number_refused',
  13: 'failure.account_refused',
  14: 'failure.account_refused',
  15: 'failure.account_refused',
  20: 'failure.queue_full',
  69: 'failure.submit_failed',
  80: 'failure.number_refused',
  81: 'failure.number_refused',
  88: 'failure.throttled',
  98: 'failure.validity_refused',
  100: 'failure.receiver_for_now',
  101: 'failure.receiver_refused',
  102: 'failure.receiver_refused',
  254: 'failure.not_delivered',
}

/** The fields of a delivery that explain its failure. */
export interface Failure {
  readonly state: DeliveryState
  readonly errorCode: number | null
  /** Null: the provider never accepted it, so the code is its refusal; else the code is of a failed receipt. */
  readonly acceptedAt: Date | null
  /** Whether its gateway says by that code that the memory of the phone is full. */
  readonly isMemoryFull?: boolean
}

/** Describes the failure of a delivery as text; null when it has none. */
export function describeFailure(
  lang: Lang,
  { state, errorCode, acceptedAt, isMemoryFull }: Failure,
): string | null {
  switch (state) {
    case 'delivered':
    case 'accepted':
      return null
    case 'in_doubt':
      return formatMessage(lang, 'failure.in_doubt')
    case 'expired':
      return formatMessage(lang, acceptedAt === null ? 'failure.expired_unsent' : 'failure.expired')
    case 'withdrawn':
      return formatMessage(lang, 'failure.withdrawn')
    case 'planned':
      // Refused temporarily: it will be retried.
      return errorCode === null ? null : describeRefusal(lang, errorCode)
    case 'failed':
      if (errorCode === null) return formatMessage(lang, 'failure.not_delivered')
      if (acceptedAt === null) return describeRefusal(lang, errorCode)
      if (isMemoryFull) return formatMessage(lang, 'failure.memory_full')
      return formatMessage(lang, 'failure.network', { code: errorCode })
  }
}

/** Describes a provider's refusal as text. */
export function describeRefusal(lang: Lang, code: number): string {
  const key = refusals[code]
  if (key !== undefined) return formatMessage(lang, key)
  return formatMessage(lang, 'failure.refused', { code: `0x${code.toString(16).toUpperCase()}` })
}

/** Refusals due to the number or its phone: another provider would refuse too. */
const OF_NUMBER: ReadonlySet<number> = new Set([11, 80, 81, 100, 101, 102])

/** True when a refusal (SMPP command_status) is due to the number and not to the provider. */
export function isOfNumber(code: number): boolean {
  return OF_NUMBER.has(code)
}
