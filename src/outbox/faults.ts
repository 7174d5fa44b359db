import { MailRefused } from './contract.ts'

/**
 * Reasons for which a mail server did not accept a mail. `account`: it refuses our login. `sender`: it refuses the address of the
 * sender. `tls`: the connection cannot be encrypted. `unreachable`: no answer. `later`: it asks to try again. `refused`: it
 * refuses the recipient or the content.
 */
export const MAIL_FAULTS = ['account', 'sender', 'tls', 'unreachable', 'later', 'refused'] as const
export type MailFault = (typeof MAIL_FAULTS)[number]

export interface MailFailure {
  readonly fault: MailFault
  /** The reply code of the server (RFC 5321, section 4.2), or else the code of the connection's error. */
  readonly code: string | null
}

/** Codes that Node.js and nodemailer give to a certificate that does not match, or to a server without encryption. */
const TLS = /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_/

/** Sorts the error of a mailer. Returns codes only, because SMTP errors quote the address. */
export function failureOf(error: unknown): MailFailure {
  if (error instanceof MailRefused) return { fault: 'refused', code: String(error.replyCode) }
  const { code, responseCode, command, message } = error as {
    readonly code?: string
    readonly responseCode?: number
    readonly command?: string
    readonly message?: string
  }
  const known = responseCode === undefined ? (code ?? null) : String(responseCode)
  const faultOf = (): MailFault => {
    if (code === 'EAUTH') return 'account'
    if (code === 'ETLS' || TLS.test(code ?? '') || /certificate/i.test(message ?? '')) return 'tls'
    if (responseCode === undefined) return 'unreachable'
    if (responseCode < 500) return 'later'
    return command?.startsWith('MAIL FROM') ? 'sender' : 'refused'
  }
  return { fault: faultOf(), code: known }
}
