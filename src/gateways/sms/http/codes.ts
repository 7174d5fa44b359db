/**
 * A refusal of an HTTP provider as the SMPP 3.4 status of the same meaning (table 5-2), since the ledger and its
 * texts use only these codes.
 */
export interface Refusal {
  readonly code: number
  /** True when any provider will refuse the same message again. */
  readonly permanent: boolean
}

export const REFUSALS = {
  /** The number does not exist or receives no SMS (ESME_RINVDSTADR). */
  number: { code: 0x0b, permanent: true },
  /** The person opted out from this sender (ESME_RX_R_APPN). */
  receiver: { code: 0x66, permanent: true },
  /** The sender name is not allowed (ESME_RINVSRCADR). */
  sender: { code: 0x0a, permanent: true },
  /** The text is too long or not allowed (ESME_RINVMSGLEN). */
  message: { code: 0x01, permanent: true },
  /** ESME_RINVEXPIRY */
  validity: { code: 0x62, permanent: true },
  /** Wrong credentials, closed account or no credit (ESME_RBINDFAIL): another route may work. */
  account: { code: 0x0d, permanent: false },
  /** Refused without a known reason (ESME_RSUBMITFAIL). */
  refused: { code: 0x45, permanent: false },
  /** Temporarily refused (ESME_RX_T_APPN). */
  later: { code: 0x64, permanent: false },
  /** The provider's own fault (ESME_RSYSERR). */
  provider: { code: 0x08, permanent: false },
} as const satisfies Record<string, Refusal>

export type RefusalName = keyof typeof REFUSALS

/** ESME_RTHROTTLED */
export const THROTTLED = 0x58
/** ESME_RMSGQFUL */
export const QUEUE_FULL = 0x14
