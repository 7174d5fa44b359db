import nodemailer from 'nodemailer'
import { type Mailer, MailRefused } from '../../outbox/contract.ts'

const TIMEOUT_MS = 20_000

/**
 * Sends mails through an SMTP server (RFC 5321) with nodemailer, over two persistent connections.
 * @param url smtp://user:password@host:587 (STARTTLS, required unless the host is this machine) or smtps://…:465
 * @param from the sender, as "Alerte commerces <alerte@cci.example>"
 */
export function createSmtpMailer(url: string, from: string): Mailer {
  const { protocol, hostname, port, username, password } = new URL(url)
  const secure = protocol === 'smtps:'
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
  const transport = nodemailer.createTransport({
    pool: true,
    maxConnections: 2,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    requireTLS: !secure && !isLocal,
    ...(username === ''
      ? {}
      : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    // Contents come from the message files and the program only: nodemailer must not read files or URLs for them.
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const domain = /@([^\s>]+)/.exec(from)?.[1] ?? 'localhost'
  return {
    name: 'SMTP',
    async send({ id, to, subject, text, html, attachments }) {
      try {
        await transport.sendMail({
          messageId: `<${id}@${domain}>`,
          from,
          // A single address, so that a comma in it cannot add recipients.
          to: { name: '', address: to },
          subject,
          text,
          html,
          headers: { 'Auto-Submitted': 'auto-generated' },
          attachments: attachments.map(({ name, type, content }) => ({
            filename: name,
            contentType: type,
            content: Buffer.from(content),
          })),
        })
      } catch (error) {
        const { responseCode, command } = error as { responseCode?: number; command?: string }
        // A 5xx to our sign-in is a fault of the installation that may be fixed; for a recipient or a content it
        // is permanent.
        const isOfMail = command !== undefined && /^(RCPT TO|DATA|API)/.test(command)
        if (responseCode !== undefined && responseCode >= 500 && isOfMail) {
          throw new MailRefused(responseCode, { cause: error })
        }
        throw error
      }
    },
    close: () => transport.close(),
  }
}
