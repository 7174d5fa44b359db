import nodemailer from 'nodemailer'
import { type Mailer, MailRefused } from '../../identity/mails.ts'

const TIMEOUT_MS = 20_000

/**
 * Any SMTP server (RFC 5321), by nodemailer, over two connections that are kept.
 * @param url smtp://user:password@host:587 (STARTTLS, required unless the host is this machine) or smtps://…:465
 * @param from the sender, as "Alerte commerces <alerte@cci.example>"
 */
export function smtpMailer(url: string, from: string): Mailer {
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
    // Contents come from the message files and the program alone: nothing is read from disk or fetched for them.
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
          // An address, never a list or a name that hides one.
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
        // 5xx to our sign-in is the installation's trouble and may be mended; to a recipient or a content it is for good.
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
