import type { NumberOutcomeKind } from '../../members/numbers/rules.ts'

/** A delivery that failed, as the ledger has it. */
export interface FailedDelivery {
  /** `expired`: by the word of the provider, at the end of its validity. */
  readonly state: 'failed' | 'expired'
  readonly errorCode: number | null
  /** Null: the provider never took it, so the code is its refusal (SMPP command_status); else it is of the receipt. */
  readonly acceptedAt: Date | null
  /** What the gateway that it left by speaks; undefined: a gateway that is set up no more. */
  readonly gatewayKind: string | undefined
}

/** Codes of failed receipts that speak of the number or its phone. Every other code may be the provider's own fault. */
interface Dialect {
  readonly unknown: readonly number[]
  readonly absent: readonly number[]
  /** Expired for another reason than an absent phone. */
  readonly expiredOtherwise?: readonly number[]
}

/**
 * By kind of gateway.
 * - SMPP 3.4 (appendix B, `err`; section 5.3.2.31, network_error_code) leaves the code to the network: what operators put
 *   there are the errors of MAP (3GPP TS 29.002, section 17.6: 1 unknownSubscriber, 5 unidentifiedSubscriber,
 *   6 absentSubscriberSM, 27 absentSubscriber), which 3GPP TS 23.040 (section 3.3.2) gives as the causes of a failed transfer.
 * - OVHcloud: `ptt` (23 number unknown or barred for good, 24 subscriber absent, 21 expired for want of credit).
 * - Twilio: 30003 unreachable handset, 30005 unknown handset. 30006 (landline or unreachable operator) says two things.
 * - Others document none.
 */
const DIALECTS: Readonly<Record<string, Dialect>> = {
  smpp: { unknown: [1, 5], absent: [6, 27] },
  ovh: { unknown: [23], absent: [24], expiredOtherwise: [21] },
  twilio: { unknown: [30005], absent: [30003] },
}
const NO_DIALECT: Dialect = { unknown: [], absent: [] }

/** ESME_RINVDSTADR (SMPP 3.4 table 5-2): the provider says that there is no such number. */
const INVALID_NUMBER = 0x0b

/** What a failure says of the number; undefined: nothing. */
export function evidenceOf({
  state,
  errorCode,
  acceptedAt,
  gatewayKind,
}: FailedDelivery): Exclude<NumberOutcomeKind, 'delivered'> | undefined {
  if (acceptedAt === null) return state === 'failed' && errorCode === INVALID_NUMBER ? 'unknown' : undefined
  const dialect = DIALECTS[gatewayKind ?? ''] ?? NO_DIALECT
  if (errorCode !== null && dialect.unknown.includes(errorCode)) return 'unknown'
  if (errorCode !== null && dialect.absent.includes(errorCode)) return 'absent'
  if (state === 'failed' || (errorCode !== null && dialect.expiredOtherwise?.includes(errorCode)))
    return undefined
  return 'absent'
}
