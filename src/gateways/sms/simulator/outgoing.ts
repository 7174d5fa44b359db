import type { AppendedPart, ReceivedText } from './message-log.ts'

/** An accepted part to deliver to a phone, and its receipt. */
export interface Delivery {
  readonly id: number
  readonly systemId: string
  readonly source: string
  readonly destination: string
  /** `user_message_reference` of the submission, or -1. */
  readonly reference: number
  readonly part: AppendedPart | undefined
  readonly text: ReceivedText
  readonly wantsReceipt: boolean
  readonly submittedAtMs: number
  readonly validUntilMs: number
  /** SMPP 3.4 section 5.2.28; 0 until it is final. */
  messageState: number
  errorCode: number
  /** Time of the receipt, `performance.now()`. */
  dueAt: number
  timer: NodeJS.Timeout | undefined
}

/** A message from a phone to an account. */
export interface PhoneMessage {
  readonly no: number
  readonly systemId: string
  readonly from: string
  readonly to: string
  readonly body: string
}

/** An item that a client must acknowledge. */
export type Outgoing = Delivery | PhoneMessage
