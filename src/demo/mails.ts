import { AppError } from '../errors.ts'
import type { KeptMail, KeptMailer } from '../gateways/mail/kept.ts'
import { type App, addEndpoint } from '../platform/http/http.ts'
import type { MailSummary } from './contract.ts'
import { mailEndpoints } from './endpoints.ts'

/**
 * Registers the mailbox of the demo: the mails that a mail server would have received. Registered in demo mode
 * only.
 */
export function mailRoutes(app: App, mailer: KeptMailer): void {
  addEndpoint(app, mailEndpoints.listDemoMails, () => ({ mails: mailer.list().map(toMailSummary) }))

  addEndpoint(app, mailEndpoints.getDemoMail, ({ params }) => {
    const mail = findMail(params.id)
    return { ...toMailSummary(mail), text: mail.text, html: mail.html }
  })

  addEndpoint(app, mailEndpoints.getDemoAttachment, ({ params }, reply) => {
    const attachment = findMail(params.id).attachments[params.no]
    if (attachment === undefined) throw new AppError('not_found')
    return reply
      .type(attachment.type)
      .header('content-disposition', `inline; filename="${attachment.name}"`)
      .send(Buffer.from(attachment.content))
  })

  /** Finds a kept mail. @throws AppError `not_found` */
  function findMail(id: string): KeptMail {
    const mail = mailer.find(id)
    if (mail === undefined) throw new AppError('not_found')
    return mail
  }
}

function toMailSummary({ id, to, subject, at, attachments }: KeptMail): MailSummary {
  return {
    id,
    to,
    subject,
    at: at.toISOString(),
    attachments: attachments.map(({ name, content }) => ({ name, bytes: content.length })),
  }
}
