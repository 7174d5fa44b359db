import { z } from 'zod'
import { AppError } from '../errors.ts'
import type { KeptMail, KeptMailer } from '../gateways/mail/kept.ts'
import type { App } from '../platform/http.ts'

const MailSummary = z.object({
  id: z.uuid(),
  to: z.string(),
  subject: z.string(),
  at: z.iso.datetime(),
  attachments: z.array(z.object({ name: z.string(), bytes: z.number() })),
})

/** A mail with both bodies; the reader's program shows one of them. */
const MailView = MailSummary.extend({ text: z.string(), html: z.string() })

/**
 * Registers the mailbox of the demo: the mails that a mail server would have received. Registered in demo mode
 * only.
 */
export function mailRoutes(app: App, mailer: KeptMailer): void {
  const config = { permission: 'public' } as const
  const tags = ['demo']

  app.get(
    '/api/demo/mails',
    {
      config,
      schema: {
        tags,
        summary: 'The mails of the demo, the last one first',
        response: { 200: z.object({ mails: z.array(MailSummary) }) },
      },
    },
    () => ({ mails: mailer.list().map(toMailSummary) }),
  )

  app.get(
    '/api/demo/mails/:id',
    {
      config,
      schema: {
        tags,
        summary: 'A mail of the demo',
        params: z.object({ id: z.uuid() }),
        response: { 200: MailView },
      },
    },
    ({ params }) => {
      const mail = findMail(params.id)
      return { ...toMailSummary(mail), text: mail.text, html: mail.html }
    },
  )

  app.get(
    '/api/demo/mails/:id/attachments/:no',
    {
      config,
      schema: {
        tags,
        summary: 'What is attached to a mail of the demo',
        params: z.object({ id: z.uuid(), no: z.coerce.number().int().min(0).max(20) }),
      },
    },
    ({ params }, reply) => {
      const attachment = findMail(params.id).attachments[params.no]
      if (attachment === undefined) throw new AppError('not_found')
      return reply
        .type(attachment.type)
        .header('content-disposition', `inline; filename="${attachment.name}"`)
        .send(Buffer.from(attachment.content))
    },
  )

  /** Finds a kept mail. @throws AppError `not_found` */
  function findMail(id: string): KeptMail {
    const mail = mailer.find(id)
    if (mail === undefined) throw new AppError('not_found')
    return mail
  }
}

function toMailSummary({ id, to, subject, at, attachments }: KeptMail): z.infer<typeof MailSummary> {
  return {
    id,
    to,
    subject,
    at: at.toISOString(),
    attachments: attachments.map(({ name, content }) => ({ name, bytes: content.length })),
  }
}
