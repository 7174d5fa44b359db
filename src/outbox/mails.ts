import { NO_SCHEME } from '../audit/chain.ts'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import { admitCode, deriveCodeDigits } from '../identity/codes/codes.ts'
import { completeLink } from '../identity/invitations.ts'
import { withCode } from '../message/code.ts'
import { inScheme } from '../platform/db.ts'
import { MailRefused } from './contract.ts'
import { failureOf, type MailFailure } from './faults.ts'
import {
  claimMail,
  finishMessage,
  isMailWaiting,
  mailContentOf,
  recordMailOutcome,
  releaseMail,
} from './store.ts'

/**
 * Hands a mail to the server and ends its row. Does nothing if it was already sent or withdrawn, or if another job is handing it
 * over. A process that dies between the two steps leaves the mail to be sent again under the same Message-ID.
 * @throws AppError `source_unreachable` when the server does not accept it now, so that the job is retried
 */
export async function sendMail(
  deps: Pick<Deps, 'db' | 'now' | 'log' | 'mailer' | 'secret'>,
  schemeId: string,
  mailId: string,
): Promise<void> {
  const { mailer, log } = deps
  if (mailer === undefined) {
    if (!(await isMailWaiting(deps.db, schemeId, mailId))) return
    log.error({ mailId }, 'mail not sent: this process has no mail server configured')
    throw new AppError('source_unreachable', { values: { source: 'SMTP' } })
  }
  // No transaction here: a mail server takes seconds, and the embedded database has one connection.
  const mail = await claimMail(deps.db, schemeId, mailId, deps.now())
  if (mail === undefined) return
  const { codeId } = mail
  const link = await completeLink(deps.db, deps, mail)
  // Null: it was accepted.
  let failure: MailFailure | null | undefined
  if (link === undefined) {
    // The invitation was used or withdrawn meanwhile.
  } else if (codeId !== null && !(await mayCodeBeSent(deps, schemeId, codeId))) {
    // No one has the address, or there were too many codes. Nothing may reveal which.
  } else if (mail.validUntil > deps.now()) {
    const insertCode = (text: string) =>
      codeId === null ? text : withCode(text, deriveCodeDigits(deps, codeId))
    const { subject, text, html } = mailContentOf({ ...mail, link })
    try {
      await mailer.send({
        id: mail.id,
        to: mail.address,
        subject,
        text: insertCode(text),
        html: insertCode(html),
        attachments: mail.attachments.map(({ name, type, base64 }) => ({
          name,
          type,
          content: Buffer.from(base64, 'base64'),
        })),
      })
      failure = null
    } catch (error) {
      failure = failureOf(error)
      if (!(error instanceof MailRefused)) {
        await releaseMail(deps.db, schemeId, mailId)
        await reportMailOutcome(deps, schemeId, failure)
        log.warn(
          { mailId, reason: errorCodesOf(error) },
          'the mail server did not accept the mail, will retry',
        )
        throw new AppError('source_unreachable', { values: { source: mailer.name }, cause: error })
      }
      log.warn({ mailId, replyCode: error.replyCode }, 'the mail server refused the mail permanently')
    }
  } else {
    log.warn({ mailId }, 'mail dropped: the mail server did not accept it in time')
  }
  const at = deps.now()
  await finishMessage(deps.db, schemeId, mailId, { at, reachedAt: failure === null ? at : null })
  if (failure !== undefined) await reportMailOutcome(deps, schemeId, failure)
}

/** Records an outcome for the settings of the scheme; the installation itself has none. */
export async function reportMailOutcome(
  deps: Pick<Deps, 'db' | 'now'>,
  schemeId: string,
  failure: MailFailure | null,
): Promise<void> {
  if (schemeId === NO_SCHEME) return
  await inScheme(deps.db, schemeId, (tx) => recordMailOutcome(tx, schemeId, deps.now(), failure))
}

/** Decides whether this mail may send its code: it is admitted now, or was on an earlier attempt that failed. */
async function mayCodeBeSent(
  deps: Pick<Deps, 'db' | 'now'>,
  schemeId: string,
  codeId: string,
): Promise<boolean> {
  return inScheme(deps.db, schemeId, async (tx) => {
    const code = await tx
      .selectFrom('oneTimeCodes')
      .select(['sentAt', 'usedAt'])
      .where('schemeId', '=', schemeId)
      .where('id', '=', codeId)
      .executeTakeFirst()
    if (code === undefined || code.usedAt !== null) return false
    return code.sentAt !== null || (await admitCode(tx, deps, { schemeId, id: codeId })).outcome === 'sent'
  })
}

/** Returns only the codes of an error, because SMTP errors quote the address. */
function errorCodesOf(error: unknown): unknown {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown }
  return { code, responseCode }
}
