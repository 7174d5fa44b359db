/**
 * What HTTP providers say when they refuse, as the SMPP 3.4 status that means the same (table 5-2): the ledger and
 * its words for people know these only.
 */
export interface Refusal {
  readonly code: number
  /** The same message will be refused again, by any provider. */
  readonly permanent: boolean
}

export const REFUSALS = {
  /** No such number, or one that receives no SMS (ESME_RINVDSTADR). */
  number: { code: 0x0b, permanent: true },
  /** The person has asked this sender to stop (ESME_RX_R_APPN). */
  receiver: { code: 0x66, permanent: true },
  /** The sender's name is not allowed (ESME_RINVSRCADR). */
  sender: { code: 0x0a, permanent: true },
  /** The text is too long or not allowed (ESME_RINVMSGLEN). */
  message: { code: 0x01, permanent: true },
  /** ESME_RINVEXPIRY */
  validity: { code: 0x62, permanent: true },
  /** Wrong credentials, closed account, no credit left (ESME_RBINDFAIL): another route may do. */
  account: { code: 0x0d, permanent: false },
  /** Refused, without a reason that we know (ESME_RSUBMITFAIL). */
  refused: { code: 0x45, permanent: false },
  /** Not now (ESME_RX_T_APPN). */
  later: { code: 0x64, permanent: false },
  /** The provider's own fault (ESME_RSYSERR). */
  provider: { code: 0x08, permanent: false },
} as const satisfies Record<string, Refusal>

export type RefusalName = keyof typeof REFUSALS

/** ESME_RTHROTTLED */
export const THROTTLED = 0x58
/** ESME_RMSGQFUL */
export const QUEUE_FULL = 0x14
