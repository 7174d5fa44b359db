import type { Mailer, OutgoingMail } from '../../outbox/contract.ts'

const KEPT = 200

export interface KeptMail extends OutgoingMail {
  readonly at: Date
}

/** The mailbox of the demo: no mail is sent; the last 200 are kept in memory and shown. */
export interface KeptMailer extends Mailer {
  /** Lists mails, latest first. */
  list(): readonly KeptMail[]
  find(id: string): KeptMail | undefined
}

export function createKeptMailer(now: () => Date): KeptMailer {
  let kept: readonly KeptMail[] = []
  return {
    name: 'demo',
    async send(mail) {
      kept = [{ ...mail, at: now() }, ...kept.filter(({ id }) => id !== mail.id)].slice(0, KEPT)
    },
    list: () => kept,
    find: (id) => kept.find((mail) => mail.id === id),
    close() {},
  }
}
