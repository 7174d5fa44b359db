import type { MailAttempt, SignInAttempt } from '../../../src/portal/contract.ts'
import type { TextKey } from '../../ui/format/text.ts'

export type Way = 'phone' | 'mail'

/** A code that was sent, and the address that the user typed for it. */
export type Attempt = (SignInAttempt & { readonly way: 'phone' }) | (MailAttempt & { readonly way: 'mail' })

/** The texts of each way to sign in by a code. */
export const WAY_TEXTS = {
  phone: {
    choose: 'portal.sign.byPhone',
    lead: 'portal.sign.lead',
    label: 'portal.sign.phone',
    how: 'portal.sign.phone.how',
    enterTitle: 'join.step.code',
    code: 'join.code',
    none: 'portal.sign.none',
    change: 'portal.sign.other',
    demo: 'portal.sign.demo',
    demoPage: 'nav.phones',
  },
  mail: {
    choose: 'portal.sign.byMail',
    lead: 'portal.sign.mail.lead',
    label: 'portal.sign.mail',
    how: 'portal.sign.mail.how',
    enterTitle: 'portal.sign.mail.confirm',
    code: 'portal.sign.mail.code',
    none: 'portal.sign.mail.none',
    change: 'portal.sign.mail.other',
    demo: 'portal.sign.mail.demo',
    demoPage: 'mails.title',
  },
} as const satisfies Record<Way, Record<string, TextKey>>
