import type { NumberOutcomeKind } from '../../members/numbers/rules.ts'

/** A failed delivery, as stored in the ledger. */
export interface FailedDelivery {
  /** `expired`: reported by the provider, at the end of its validity. */
  readonly state: 'failed' | 'expired'
  readonly errorCode: number | null
  /**
   * Null: the provider never accepted it, so the code is its refusal (SMPP command_status); else the code is of the
   * receipt.
   */
  readonly acceptedAt: Date | null
  /** Kind of the gateway that sent it; undefined: the gateway is no longer configured. */
  readonly gatewayKind: string | undefined
}

/** Codes of failed receipts caused by the number or its phone. Any other code may be the provider's own fault. */
interface Dialect {
  readonly unknown: readonly number[]
  readonly absent: readonly number[]
  /** Expired for another reason than an absent phone. */
  readonly expiredOtherwise?: readonly number[]
  /** The phone has no memory left for the message: it may have some a while later. */
  readonly memoryFull: readonly number[]
}

/**
 * Codes differ by kind of gateway.
 * - SMPP 3.4 (appendix B, `err`; section 5.3.2.31, network_error_code) leaves the code to the network: what operators put
 *   there are the errors of MAP (3GPP TS 29.002, section 17.6: 1 unknownSubscriber, 5 unidentifiedSubscriber,
 *   6 absentSubscriberSM, 27 absentSubscriber, 32 sm-DeliveryFailure: the memory is full), which 3GPP TS 23.040 (section 3.3.2)
 *   gives as the causes of a failed transfer. A provider with a table of its own is set up with `memoryFullCodes`.
 * - OVHcloud: `ptt` (23 number unknown or barred for good, 24 subscriber absent, 21 expired for want of credit, 26 temporary
 *   error of the phone: full SIM card, busy, memory exceeded).
 * - Twilio: 30003 unreachable handset, 30005 unknown handset. 30006 (landline or unreachable operator) is ambiguous.
 * - Others document none.
 */
const DIALECTS: Readonly<Record<string, Dialect>> = {
  smpp: { unknown: [1, 5], absent: [6, 27], memoryFull: [32] },
  ovh: { unknown: [23], absent: [24], expiredOtherwise: [21], memoryFull: [26] },
  twilio: { unknown: [30005], absent: [30003], memoryFull: [] },
}
const NO_DIALECT: Dialect = { unknown: [], absent: [], memoryFull: [] }

/** A gateway, with the codes of its provider if they are set up. */
interface GatewayCodes {
  readonly name: string
  readonly kind: string
  readonly memoryFullCodes?: readonly number[] | undefined
}

/** Returns the codes by which the receipts of a gateway say that the memory of the phone is full. */
export function memoryFullCodesOf({ kind, memoryFullCodes }: GatewayCodes): readonly number[] {
  return memoryFullCodes ?? (DIALECTS[kind] ?? NO_DIALECT).memoryFull
}

/** Tells whether a failure of a gateway, by its name, says that the memory of the phone is full. */
export function isMemoryFull(
  gateways: readonly GatewayCodes[],
  { gateway, errorCode }: { readonly gateway: string | null; readonly errorCode: number | null },
): boolean {
  const used = gateways.find(({ name }) => name === gateway)
  return errorCode !== null && used !== undefined && memoryFullCodesOf(used).includes(errorCode)
}

/** ESME_RINVDSTADR (SMPP 3.4 table 5-2): the provider reports that there is no such number. */
const INVALID_NUMBER = 0x0b

/** Returns the evidence of a failure about the number; undefined: none. */
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
