import { z } from 'zod'
import { MAIL_FAULTS } from '../../outbox/faults.ts'
import { nameSchemas } from '../../platform/http/endpoints.ts'

/** Reason for which the mail server did not accept a mail. */
const MailFailure = z.object({
  fault: z.enum(MAIL_FAULTS),
  /** The reply code of the server, or that of the connection. */
  code: z.string().nullable(),
})

/** GET /api/schemes/:scheme/mail: how the mails of a scheme leave. */
export const MailSetup = z.object({
  at: z.iso.datetime(),
  /** `none`: the installation sends no mail. `demo`: mails are kept and shown. */
  mode: z.enum(['smtp', 'demo', 'none']),
  /** Without its account; null unless there is a server. */
  server: z
    .object({ host: z.string(), port: z.number(), security: z.enum(['tls', 'starttls', 'none']) })
    .nullable(),
  from: z.object({ name: z.string().nullable(), address: z.string() }).nullable(),
  /** SPF, DKIM and DMARC of the domain of the sender, as `tocsin doctor` says them. */
  records: z.array(
    z.object({
      code: z.string(),
      level: z.enum(['error', 'warning', 'ok']),
      what: z.string(),
      do: z.string(),
    }),
  ),
  /** Mails of the scheme that the server has not accepted yet. */
  waiting: z.number(),
  /** When the server last accepted a mail of the scheme; null: never since it is recorded. */
  acceptedAt: z.iso.datetime().nullable(),
  failure: MailFailure.extend({ at: z.iso.datetime() }).nullable(),
})
export type MailSetup = z.infer<typeof MailSetup>

/** POST /api/schemes/:scheme/mail/test */
export const MailTrial = z.object({
  /** The address of the account, to which the mail went. */
  to: z.string(),
  mode: z.enum(['smtp', 'demo']),
  /** Null: the server accepted it. */
  failure: MailFailure.nullable(),
})
export type MailTrial = z.infer<typeof MailTrial>

nameSchemas({ MailTrial, MailSetup })
