import type { Deps } from '../../deps.ts'
import { DAY_MS } from '../../message/clock.ts'
import { writeMessages } from '../../outbox/actions.ts'
import type { Tx } from '../../platform/db.ts'
import { findSchemeWithChamber } from '../../schemes/store.ts'
import { nameInSms } from '../rules.ts'

export type AnswerDeps = Pick<Deps, 'now' | 'newId' | 'jobs' | 'mailer'>

/** Days after which the answer by SMS is outdated. */
const ANSWER_DAYS = 2

/** The answer of the chamber to what a business asked to correct; `undone`: the chamber undid the change that accepted it. */
export interface AnswerToShop {
  readonly outcome: 'accepted' | 'declined' | 'undone'
  readonly reason: string
  /** Names its messages. */
  readonly cause?: string
}

/**
 * Reports the answer to a request to every mail address of the business; if it has none, by SMS to its numbers that receive SMS. The
 * portal shows it, too.
 * @returns the number of messages
 */
export async function reportAnswer(
  tx: Tx,
  deps: AnswerDeps,
  schemeId: string,
  memberId: string,
  answer: AnswerToShop,
): Promise<number> {
  const scheme = await findSchemeWithChamber(tx, schemeId)
  const member = await tx
    .selectFrom('members')
    .select('name')
    .where('schemeId', '=', schemeId)
    .where('id', '=', memberId)
    .executeTakeFirst()
  if (scheme === undefined || member === undefined) return 0
  const { name } = member
  const contacts = await tx
    .selectFrom('contacts')
    .select(['mail', 'mobile', 'sms'])
    .where('schemeId', '=', schemeId)
    .where('memberId', '=', memberId)
    .orderBy('position')
    .orderBy('id')
    .execute()
  const mails = [...new Set(contacts.flatMap(({ mail }) => mail ?? []))]
  const isMailed = deps.mailer !== undefined && mails.length > 0
  const phones = isMailed
    ? []
    : [...new Set(contacts.flatMap(({ mobile, sms }) => (sms && mobile ? mobile : [])))]
  const about = { memberId, ...(answer.cause !== undefined && { cause: answer.cause }) }
  await writeMessages(tx, deps, schemeId, {
    mails: mails.map((to) => ({
      to,
      ...about,
      template: `mail.correction.${answer.outcome}`,
      values: { scheme: scheme.name, chamber: scheme.chamber, name, reason: answer.reason },
    })),
    sms: phones.map((to) => ({
      to,
      ...about,
      template: answer.outcome === 'undone' ? 'correction.sms.undone' : 'correction.sms.answered',
      values: { scheme: scheme.name, shop: nameInSms(name) },
      lane: 'reminder',
      validUntil: new Date(deps.now().getTime() + ANSWER_DAYS * DAY_MS),
      createdBy: 'system:correction',
    })),
  })
  return isMailed ? mails.length : phones.length
}
