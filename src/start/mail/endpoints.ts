import { z } from 'zod'
import { declareEndpoints } from '../../platform/http/endpoints.ts'
import { MailSetup, MailTrial } from './contract.ts'

const params = z.object({ scheme: z.string().max(64) })

export const mailSettingEndpoints = declareEndpoints('deliveries', {
  getMail: {
    method: 'GET',
    path: '/api/schemes/:scheme/mail',
    permission: 'mail.check',
    summary: 'Get how mails leave: server, sender, records of its domain, last outcomes; no secret',
    params,
    answer: MailSetup,
    rateLimit: { max: 60, timeWindow: 60_000, groupId: 'mail' },
  },
  sendTestMail: {
    method: 'POST',
    path: '/api/schemes/:scheme/mail/test',
    permission: 'mail.check',
    summary: 'Send a test mail to the address of one’s own account, and get the answer of the mail server',
    params,
    answer: MailTrial,
    rateLimit: { max: 6, timeWindow: 60_000, groupId: 'mail-test' },
  },
})
