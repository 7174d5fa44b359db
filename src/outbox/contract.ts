import type { Lang, MessageValues } from '../i18n/format.ts'
import type { MailContent } from '../i18n/mail.ts'

export interface MailAttachment {
  readonly name: string
  /** MIME type */
  readonly type: string
  readonly content: Uint8Array
}

/** A mail as handed to the mail server. */
export interface OutgoingMail extends MailContent {
  /** Stays the same when the mail is sent again, so that a recipient who gets it twice can tell. */
  readonly id: string
  readonly to: string
  readonly attachments: readonly MailAttachment[]
}

/** The mail server of the installation; in the demo, a mailbox that keeps the mails. */
export interface Mailer {
  readonly name: string
  /**
   * Hands a mail over to the server.
   * @throws MailRefused when the server refuses it permanently; other errors may be temporary
   */
  send(mail: OutgoingMail): Promise<void>
  close(): void
}

/** A permanent refusal, such as an unknown address or a mail that is too large. */
export class MailRefused extends Error {
  override readonly name = 'MailRefused'
  /** SMTP reply code (RFC 5321, section 4.2) */
  readonly replyCode: number

  constructor(replyCode: number, options?: ErrorOptions) {
    super(`the mail server refused permanently: ${replyCode}`, options)
    this.replyCode = replyCode
  }
}

/** A code to insert at CODE_PLACE when the message is sent, and when it expires. */
interface MessageCode {
  readonly id: string
  readonly expiresAt: Date
}

interface MessageBase {
  /** Chosen by a caller that reads the state of the message by it; by default a new one. */
  readonly id?: string
  /** The values of the template, inserted when the message is sent. */
  readonly values: MessageValues
  /**
   * The language of the page on which the recipient is right now; absent: that of the account or contact with this address, else
   * French.
   */
  readonly lang?: Lang | null
  /** The member that the message concerns; absent: none. */
  readonly memberId?: string
  readonly code?: MessageCode
  /** The record that the message belongs to, by which its room withdraws it and reads whether it arrived. */
  readonly cause?: string
  /** Whether the row stays after the message was sent, so that its arrival can be recorded; false by default. */
  readonly kept?: boolean
}

/** A mail to one person. */
export interface MailMessage extends MessageBase {
  /** No mail is written without an address, because no step may depend on a mail. */
  readonly to: string | null
  /** Key of its texts: `KEY.subject`, `KEY.body` and `KEY.action` (i18n/mail.ts). */
  readonly template: `mail.${string}` | 'message.mail'
  /** The link of the single action below the body. */
  readonly link?: string
  /** Text below it in small print, such as a charter. */
  readonly annex?: string
  readonly attachments?: readonly MailAttachment[]
}

/** An SMS of service to one person that belongs to no alert. */
export interface SmsMessage extends MessageBase {
  /** A mobile number in E.164. */
  readonly to: string
  /** Key of its text, of one to three SMS parts; characters missing from GSM-7 are folded when it is planned. */
  readonly template: `${string}.sms.${string}`
  /** The message is not sent after this time. */
  readonly validUntil: Date
  /** The origin of the message, as the ledger shows it. */
  readonly createdBy: string
  /**
   * `service` by default; `reminder` is sent after everything else, `vital` before. A message with a code has the lane of codes.
   */
  readonly lane?: 'vital' | 'service' | 'reminder'
  /** Whether it takes simulated routes whatever routes the installation has, as in an exercise; false by default. */
  readonly simulated?: boolean
}
