import { sql } from 'kysely'
import type { Deps } from '../deps.ts'
import { AppError } from '../errors.ts'
import type { MailContent } from '../i18n/mail.ts'
import { withCode } from '../message/code.ts'
import { asOwner, inScheme, type Tx } from '../platform/db.ts'
import { admitCode, deriveCodeDigits } from './codes.ts'

export interface MailAttachment {
  readonly name: string
  /** MIME type */
  readonly type: string
  readonly content: Uint8Array
}

/** A mail as handed to the mail server. */
export interface OutgoingMail extends MailContent {
  /** Stays the same when the mail is sent again, so that a recipient who gets it twice can tell. */
  readonly id: string
  readonly to: string
  readonly attachments: readonly MailAttachment[]
}

/** The mail server of the installation; in the demo, a mailbox that keeps the mails. */
export interface Mailer {
  readonly name: string
  /**
   * Hands a mail over to the server.
   * @throws MailRefused when the server refuses it permanently; other errors may be temporary
   */
  send(mail: OutgoingMail): Promise<void>
  close(): void
}

/** A permanent refusal, such as an unknown address or a mail that is too large. */
export class MailRefused extends Error {
  override readonly name = 'MailRefused'
  /** SMTP reply code (RFC 5321, section 4.2) */
  readonly replyCode: number

  constructor(replyCode: number, options?: ErrorOptions) {
    super(`the mail server refused permanently: ${replyCode}`, options)
    this.replyCode = replyCode
  }
}

/** Days after which a mail that could not be handed over is dropped, because its content is outdated. */
const KEPT_DAYS = 3
/** Longer than the retries of a job last (jobs.ts). */
const RESUME_AFTER_MS = 40 * 60_000

/**
 * Queues a mail in the transaction of the change that it reports; it is sent after the commit. Does nothing without a mail
 * server or an address, because no step may depend on a mail.
 * @returns its id, or undefined if no mail was queued
 */
export async function writeMail(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId' | 'jobs' | 'mailer'>,
  mail: {
    readonly schemeId: string
    readonly to: string | null
    readonly content: MailContent
    readonly attachments?: readonly MailAttachment[]
    /** A code to insert at CODE_PLACE when the mail is sent, and when it expires. */
    readonly code?: { readonly id: string; readonly expiresAt: Date }
    /** Whether to record in `handed_mails` that the server accepted the mail; false by default. */
    readonly noted?: boolean
  },
): Promise<string | undefined> {
  const { schemeId, to, content, attachments = [], code, noted = false } = mail
  if (deps.mailer === undefined || to === null || to === '') return undefined
  const id = deps.newId()
  const now = deps.now()
  await tx
    .insertInto('mails')
    .values({
      schemeId,
      id,
      address: to,
      subject: content.subject,
      bodyText: content.text,
      bodyHtml: content.html,
      attachments: JSON.stringify(
        attachments.map(({ name, type, content: bytes }) => ({
          name,
          type,
          base64: Buffer.from(bytes).toString('base64'),
        })),
      ),
      createdAt: now,
      validUntil: code?.expiresAt ?? new Date(now.getTime() + KEPT_DAYS * 86_400_000),
      codeId: code?.id ?? null,
      noted,
    })
    .execute()
  await deps.jobs.enqueue(tx, 'mail.send', { schemeId, mailId: id }, code === undefined ? undefined : 'first')
  return id
}

/**
 * Queues many mails of one scheme, all without codes and attachments, in one statement.
 * @param messageId the service message to which they belong
 * @returns their ids, in the same order; empty without a mail server
 */
export async function writeMails(
  tx: Tx,
  deps: Pick<Deps, 'now' | 'newId' | 'jobs' | 'mailer'>,
  schemeId: string,
  mails: readonly { readonly to: string; readonly content: MailContent; readonly noted: boolean }[],
  messageId: string | null = null,
): Promise<string[]> {
  if (deps.mailer === undefined || mails.length === 0) return []
  const now = deps.now()
  const rows = mails.map(({ to, content, noted }) => ({ ...content, id: deps.newId(), to, noted }))
  await sql`
    insert into mails (scheme_id, id, address, subject, body_text, body_html, attachments, created_at, valid_until, noted,
      message_id)
    select ${schemeId}, id, "to", subject, text, html, '[]', ${now}, ${new Date(now.getTime() + KEPT_DAYS * 86_400_000)}, noted,
      ${messageId}::uuid
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as m (id uuid, "to" text, subject text, text text, html text,
      noted boolean)`.execute(tx)
  await deps.jobs.enqueueAll(
    tx,
    'mail.send',
    rows.map(({ id }) => ({ schemeId, mailId: id })),
  )
  return rows.map(({ id }) => id)
}

/**
 * Hands a mail to the server and deletes it. Does nothing if it was already sent or has expired. A process that dies between
 * the two steps leaves the mail to be sent again under the same Message-ID.
 * @throws AppError `source_unreachable` when the server does not accept it now, so that the job is retried
 */
export async function sendMail(
  deps: Pick<Deps, 'db' | 'now' | 'log' | 'mailer' | 'secret'>,
  schemeId: string,
  mailId: string,
): Promise<void> {
  const { mailer, log } = deps
  if (mailer === undefined) {
    const waiting = await deps.db
      .selectFrom('mails')
      .select('id')
      .where('schemeId', '=', schemeId)
      .where('id', '=', mailId)
      .executeTakeFirst()
    if (waiting === undefined) return
    log.error({ mailId }, 'mail not sent: this process has no mail server configured')
    throw new AppError('source_unreachable', { values: { source: 'SMTP' } })
  }
  // No transaction here: a mail server takes seconds, and the embedded database has one connection.
  const row = await deps.db
    .updateTable('mails')
    .set({ handingAt: deps.now() })
    .where('schemeId', '=', schemeId)
    .where('id', '=', mailId)
    .returningAll()
    .executeTakeFirst()
  if (row === undefined) return
  const { codeId } = row
  let isHanded = false
  if (codeId !== null && !(await mayCodeBeSent(deps, schemeId, codeId))) {
    // No one has the address, or there were too many codes. Nothing may reveal which.
  } else if (row.validUntil > deps.now()) {
    const renderText = (text: string) =>
      codeId === null ? text : withCode(text, deriveCodeDigits(deps, codeId))
    try {
      await mailer.send({
        id: row.id,
        to: row.address,
        subject: row.subject,
        text: renderText(row.bodyText),
        html: renderText(row.bodyHtml),
        attachments: row.attachments.map(({ name, type, base64 }) => ({
          name,
          type,
          content: Buffer.from(base64, 'base64'),
        })),
      })
      isHanded = true
    } catch (error) {
      if (!(error instanceof MailRefused)) {
        await releaseMail(deps, schemeId, mailId)
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
  // One statement, so that the mail is deleted and the hand-over recorded together.
  await sql`
    with gone as (delete from mails where scheme_id = ${schemeId} and id = ${mailId} returning scheme_id, id, noted)
    insert into handed_mails (scheme_id, id, at) select scheme_id, id, ${deps.now()} from gone
    where noted and ${isHanded}::boolean`.execute(deps.db)
}

/** Marks a mail as not being handed over, so that it can be withdrawn again. */
async function releaseMail({ db }: Pick<Deps, 'db'>, schemeId: string, mailId: string): Promise<void> {
  await db
    .updateTable('mails')
    .set({ handingAt: null })
    .where('schemeId', '=', schemeId)
    .where('id', '=', mailId)
    .execute()
}

/**
 * Withdraws the mails of a message that still wait for the mail server, except those being handed over right now.
 * @returns the addresses of the withdrawn mails
 */
export async function withdrawMails(tx: Tx, schemeId: string, messageId: string): Promise<string[]> {
  const { rows } = await sql<{ address: string }>`
    delete from mails where scheme_id = ${schemeId} and message_id = ${messageId}::uuid and handing_at is null
    returning address`.execute(tx)
  return rows.map(({ address }) => address)
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
    return code.sentAt !== null || (await admitCode(tx, deps, schemeId, codeId)) === 'sent'
  })
}

/** Returns only the codes of an error, because SMTP errors quote the address. */
function errorCodesOf(error: unknown): unknown {
  const { code, responseCode } = error as { code?: unknown; responseCode?: unknown }
  return { code, responseCode }
}

/** Days for which the hand-over of a mail stays recorded; callers that need it must read it before. */
const NOTED_DAYS = 30

/** Deletes records of mails that were handed over more than NOTED_DAYS ago. */
async function purgeHandedMails(deps: Pick<Deps, 'db' | 'now'>): Promise<void> {
  await deps.db
    .deleteFrom('handedMails')
    .where('at', '<', new Date(deps.now().getTime() - NOTED_DAYS * 86_400_000))
    .execute()
}

/** Queues jobs for mails that no job handles any more because the server was away for longer than a job is retried. */
export async function resumeMails(deps: Pick<Deps, 'db' | 'jobs' | 'now'>): Promise<void> {
  await purgeHandedMails(deps)
  const waiting = await deps.db
    .selectFrom('mails')
    .select(['schemeId', 'id'])
    .where('createdAt', '<', new Date(deps.now().getTime() - RESUME_AFTER_MS))
    .limit(500)
    .execute()
  if (waiting.length === 0) return
  await asOwner(deps.db, async (tx) => {
    for (const { schemeId, id } of waiting) await deps.jobs.enqueue(tx, 'mail.send', { schemeId, mailId: id })
  })
}
